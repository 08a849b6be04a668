"""Steer: faults, limits, the clock, snapshots, reset. Each action says in a sentence what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from mockmkto.errors import Code, RestCode
from mockmkto.model import Effect, FaultRule
from mockmkto.web.admin import clock, faults, limits, state
from mockmkto.web.admin.problems import ProblemError, Wrong, wrong
from mockmkto.web.console.forms import sent_values
from mockmkto.web.console.page import Page

__all__ = ["act", "sentence_of", "show"]

_EFFECTS: dict[Effect, str] = {
    Effect.FAULT: "answers with a Marketo fault; nothing runs",
    Effect.HTTP_STATUS: "answers with an HTTP status, as a proxy would; nothing runs",
    Effect.EMPTY: "answers 200 with nothing; nothing runs",
    Effect.MALFORMED: "answers with XML or JSON that breaks off; nothing runs",
    Effect.RESET: "resets the connection; nothing runs",
    Effect.RESET_MIDWAY: "resets the connection in the middle of an answer; nothing runs",
    Effect.DELAY: "answers, later",
    Effect.TRICKLE: "answers, a few bytes at a time",
    Effect.LOSE_ANSWER: "does what was asked, then resets the connection",
}


# What a tester wants most, at one press.
_PRESETS: tuple[tuple[str, dict[str, str]], ...] = (
    ("The answer gets lost", {"effect": "lose_answer", "times": "1", "name": "lost-answer"}),
    ("Quota used up", {"effect": "fault", "code": "20015", "name": "quota-used-up"}),
    ("Slow mornings", {"effect": "delay", "delay": "3s", "share": "0.5", "name": "slow-mornings"}),
    ("Down for three calls", {"effect": "http_status", "status": "503", "times": "3", "name": "down"}),
)


def show(page: Page) -> Response:
    """Every lever, each with what it does."""
    asked = page.subscription
    rules = faults.show(asked).faults
    return page.render(
        "steer.html",
        status=400 if page.rejected else 200,
        rules=[(rule, sentence_of(rule)) for rule in rules],
        effects=_EFFECTS,
        presets=_PRESETS,
        codes=(*Code, *RestCode),
        limits=limits.show(asked),
        rest_limits=limits.show(asked, limits.LimitsQuery(api="rest")),
        clock_now=clock.show(asked),
        snapshots=state.snapshots(asked).snapshots,
        calls=asked.database.calls,
        has_baseline=asked.database.has_baseline,
    )


def act(page: Page, action: str) -> Response:
    """One change; what the control API has against it is said on the page."""
    found = _ACTIONS.get(action)
    if found is None:
        return page.problem(404, "There is no such action.")
    section, perform = found
    try:
        sentence = perform(page)
    except ProblemError as error:
        page.refused(error)
        return show(page)
    return page.done(sentence, f"steer#{section}")


def sentence_of(rule: FaultRule) -> str:
    """What a fault rule does, and to which calls."""
    match rule.effect:
        case Effect.FAULT:
            does = f"answers with fault {rule.code}"
        case Effect.HTTP_STATUS:
            does = f"answers with HTTP {rule.status or 503}"
        case Effect.TRICKLE:
            does = f"answers with {rule.bytes_per_second} bytes a second"
        case _:
            does = _EFFECTS[rule.effect].partition(";")[0]
    which = f"calls that match {rule.match}" if rule.match else "any call"
    conditions = []
    if rule.nth is not None:
        conditions.append(f"only number {rule.nth} of them")
    if rule.after:
        conditions.append(f"not the first {rule.after}")
    if rule.times is not None:
        conditions.append("once" if rule.times == 1 else f"{rule.times} times at most")
    if rule.share is not None:
        conditions.append(f"{rule.share:.0%} of them, by the seed {rule.seed}")
    if rule.delay:
        conditions.append(f"after {rule.delay:g} s")
    more = f" ({', '.join(conditions)})" if conditions else ""
    return f"To {which} it {does}{more}."


# ---------------------------------------------------------------------------------------------------------------------
# The actions, each with the sentence that says what was done


def _add_fault(page: Page) -> str:
    numbers = sent_values(page, "nth", "after", "times", "share", "seed", "code", "status", "bytes_per_second")
    body: dict[str, object] = {"effect": page.sent("effect"), "match": page.sent("match").strip(), **numbers}
    if page.sent("name").strip():
        body["name"] = page.sent("name").strip()
    # The form has every field of every effect, and shows those of the one that is chosen.
    late = body["effect"] == Effect.DELAY
    delay = page.sent("delay").strip() or ("2s" if late else page.sent("delay_too").strip())
    if delay:
        body["delay"] = delay
    for name, effect in (("code", Effect.FAULT), ("status", Effect.HTTP_STATUS), ("bytes_per_second", Effect.TRICKLE)):
        if body["effect"] != effect:
            body.pop(name, None)
    made = page.control(faults.add, body)
    return f"The fault rule {made.value.name} is there now. {sentence_of(made.value)}"


def _remove_fault(page: Page) -> str:
    page.control(faults.remove, name=page.sent("name"))
    return f"The fault rule {page.sent('name')} was taken away."


def _clear_faults(page: Page) -> str:
    page.control(faults.clear)
    return "Every fault rule was taken away."


def _set_limits(page: Page) -> str:
    chosen = page.sent("limits")
    if chosen == "own":
        chosen = "/".join(page.sent(name).strip() or "-" for name in ("per_day", "per_20_seconds", "at_once"))
    now = page.control(limits.change, {"limits": chosen}, query=_api(page))
    if now.limits == "off":
        return "Calls are not counted."
    shown = [
        f"{'any number' if number is None else number} {text}"
        for number, text in (
            (now.per_day, "a day"),
            (now.per_20_seconds, "in 20 seconds"),
            (now.at_once, "at once"),
        )
    ]
    return f"So many calls are let through: {', '.join(shown)}."


def _forget_counts(page: Page) -> str:
    page.control(limits.forget, query=_api(page))
    return "Counting begins anew."


def _api(page: Page) -> limits.LimitsQuery:
    return limits.LimitsQuery(api="rest" if page.sent("api") == "rest" else "soap")


def _freeze(page: Page) -> str:
    given = page.sent("at").strip()
    now = page.control(clock.freeze, {"at": _moment(page, given, "The time")} if given else {})
    return f"The clock stands still at {_shown(page, now)}."


def _advance(page: Page) -> str:
    by = page.sent("by").strip()
    now = page.control(clock.advance, {"by": by})
    return f"It is {_shown(page, now)} now."


def _set_clock(page: Page) -> str:
    now = page.control(clock.set_time, {"to": _moment(page, page.sent("to").strip(), "The time")})
    return f"It is {_shown(page, now)} now."


def _resume(page: Page) -> str:
    now = page.control(clock.resume)
    return f"The clock runs on from {_shown(page, now)}."


def _reset_clock(page: Page) -> str:
    page.control(clock.reset)
    return "The clock shows this machine's time."


def _take(page: Page) -> str:
    made = page.control(state.take, {"name": page.sent("name").strip()} if page.sent("name").strip() else {})
    return f"The snapshot {made.value.name} has {made.value.leads} leads."


def _restore(page: Page) -> str:
    page.control(state.restore, name=page.sent("name"))
    return f"The subscription is as the snapshot {page.sent('name')} has it. The journal is as it was."


def _forget_snapshot(page: Page) -> str:
    page.control(state.forget, name=page.sent("name"))
    return f"The snapshot {page.sent('name')} was deleted."


def _reset(page: Page) -> str:
    if page.sent("keep"):
        page.control(state.take, {"name": "before-reset"})
    if page.sent("to") == "empty":
        page.control(state.reset, query=state.ResetQuery(to="empty"))
        did = "There are no leads and no fault rules now; the world is as it was."
    else:
        page.control(state.reset, query=state.ResetQuery())
        did = "The subscription is as its fixture says again."
    return f"{did} What was before is the snapshot before-reset." if page.sent("keep") else did


_ACTIONS: dict[str, tuple[str, Callable[[Page], str]]] = {
    "add-fault": ("faults", _add_fault),
    "remove-fault": ("faults", _remove_fault),
    "clear-faults": ("faults", _clear_faults),
    "set-limits": ("limits", _set_limits),
    "forget-counts": ("limits", _forget_counts),
    "freeze": ("clock", _freeze),
    "advance": ("clock", _advance),
    "set-clock": ("clock", _set_clock),
    "resume": ("clock", _resume),
    "reset-clock": ("clock", _reset_clock),
    "take-snapshot": ("snapshots", _take),
    "restore-snapshot": ("snapshots", _restore),
    "forget-snapshot": ("snapshots", _forget_snapshot),
    "reset": ("reset", _reset),
}


def _moment(page: Page, text: str, where: str) -> str:
    """A time as a person types it: without an offset it is one of the subscription's zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise wrong(Wrong(where, "a time such as 2026-03-14 09:26:53", repr(text))) from None
    zone: ZoneInfo = page.zone
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).isoformat()


def _shown(page: Page, now: clock.ClockView) -> str:
    return f"{now.now.astimezone(page.zone):%Y-%m-%d %H:%M:%S %Z}"
