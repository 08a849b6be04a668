"""Faults on demand: rules by which calls go wrong, taken back when a block ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mockmkto.model import Effect, FaultRule
from mockmkto.sandbox.expected import search_text
from mockmkto.sandbox.report import differences_report, read_calls, subscription_now
from mockmkto.sandbox.transport import Control, ControlError, segment
from mockmkto.search import parse_search

__all__ = ["Fault", "Faults"]

__tracebackhide__ = True  # a test's traceback ends in the test

_CONDITIONS = frozenset({"name", "nth", "after", "times", "share", "seed", "delay"})


@dataclass(frozen=True, slots=True)
class _Rules:
    faults: tuple[FaultRule, ...]


class Fault:
    """A fault rule that is set. As a context manager it is taken back at the end, and must have fired.

    Raises:
        AssertionError: at the end of the block, when the rule never fired and nothing else is being raised.
    """

    def __init__(self, control: Control, rule: FaultRule, after: int) -> None:
        self._control = control
        self._rule = rule
        self._after = after

    @property
    def name(self) -> str:
        """Its name: a rule of the same name replaces it."""
        return self._rule.name

    @property
    def rule(self) -> FaultRule:
        """The rule as it stands, with its counts; as it was set when it has been taken back."""
        return self._now() or self._rule

    @property
    def seen(self) -> int:
        """How many calls its match has found."""
        return self.rule.seen

    @property
    def fired(self) -> int:
        """How many of them went wrong."""
        return self.rule.fired

    def remove(self) -> None:
        """Take the rule back; nothing happens when it is gone already."""
        try:
            self._control.tell("DELETE", f"/faults/{segment(self.name)}")
        except ControlError as error:
            if error.status != 404:
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        rule = self._now()
        self.remove()
        if rule is not None:
            self._rule = rule
            if rule.fired == 0 and kind is None:
                raise AssertionError(self._never_fired(rule))

    def __repr__(self) -> str:
        return f"<Fault {self.name}: {_shown(self._rule)}>"

    def _now(self) -> FaultRule | None:
        try:
            return self._control.get(f"/faults/{segment(self.name)}", FaultRule)
        except ControlError as error:
            if error.status == 404:
                return None
            raise

    def _never_fired(self, rule: FaultRule) -> str:
        calls = [call for call in read_calls(self._control).calls if call.sequence > self._after]
        lines = [f"the fault rule {rule.name} ({_shown(rule)}) never fired"]
        if rule.seen:
            lines[0] += f": it saw {rule.seen} call{'s' if rule.seen > 1 else ''}, and its other conditions kept it"
        elif not calls:
            lines[0] += ": no call came"
        else:
            search = parse_search(rule.match, subscription_now(self._control))
            lines += differences_report(search, calls)
            lines += ["", "A rule sees a call before it is answered, and after its signature was found right."]
        return "\n".join(lines)


def _shown(rule: FaultRule) -> str:
    words = [rule.effect.value]
    words += [str(number) for number in (rule.code, rule.status) if number is not None]
    if rule.delay:
        words.append(f"{rule.delay:g} s")
    words.append(f"for {rule.match}" if rule.match else "for every call")
    if rule.nth is not None:
        words.append(f"nth={rule.nth}")
    if rule.after:
        words.append(f"after={rule.after}")
    if rule.times is not None:
        words.append(f"times={rule.times}")
    if rule.share is not None:
        words.append(f"share={rule.share:g}")
    return " ".join(words)


class Faults:
    """The fault rules of a subscription: `len()`, iteration, and one method for each effect.

    ```python
    with marketo.faults.add(20024, times=2, operation="syncLead"):
        app.sync_all()  # the first two calls are answered 20024
    with marketo.faults.lose_answer(times=1, Email="ann@example.com"):
        app.sync_all()  # Ann is written, and the answer is lost
    ```

    Every method takes the same conditions. Which calls: `match`, a search; `operation`; the names and values of
    `calls` (here a part of a value is enough). Which of those: `nth`, only the n-th; `after`, not the first so many;
    `times`, no more often; `share` of them (0 to 1), chosen by `seed`. And `delay`, seconds before the answer; `name`.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, code: int, /, *, match: str = "", **conditions: object) -> Fault:
        """Answers with a Marketo code; the operation does not run.

        A code of the SOAP API is said over REST by its twin there, and the reverse: 20023 and 606 are one. A token of
        which 601 or 602 was said does not live any more. The identity service is only meant by a rule that names it:
        `operation="identity.token"`.

        Raises:
            ControlError: there is no such code, or a condition cannot be used.
        """
        return self._set(Effect.FAULT, match, conditions, code=int(code))

    def delay(self, seconds: float, /, *, match: str = "", **conditions: object) -> Fault:
        """Answers, so many seconds later."""
        return self._set(Effect.DELAY, match, conditions, delay=seconds)

    def http_status(self, status: int, /, *, match: str = "", **conditions: object) -> Fault:
        """Answers with an HTTP status and a page, as a proxy would; the operation does not run."""
        return self._set(Effect.HTTP_STATUS, match, conditions, status=status)

    def empty(self, *, match: str = "", **conditions: object) -> Fault:
        """Answers 200 with nothing; the operation does not run."""
        return self._set(Effect.EMPTY, match, conditions)

    def malformed(self, *, match: str = "", **conditions: object) -> Fault:
        """Answers 200 with XML, or over REST with JSON, that breaks off; the operation does not run."""
        return self._set(Effect.MALFORMED, match, conditions)

    def reset_connection(self, *, midway: bool = False, match: str = "", **conditions: object) -> Fault:
        """Resets the connection before an answer, or in the middle of one; the operation does not run."""
        return self._set(Effect.RESET_MIDWAY if midway else Effect.RESET, match, conditions)

    def trickle(self, bytes_per_second: int = 100, /, *, match: str = "", **conditions: object) -> Fault:
        """Answers, so many bytes a second."""
        return self._set(Effect.TRICKLE, match, conditions, bytes_per_second=bytes_per_second)

    def lose_answer(self, *, match: str = "", **conditions: object) -> Fault:
        """Does what was asked, then resets the connection: the client cannot know."""
        return self._set(Effect.LOSE_ANSWER, match, conditions)

    def clear(self) -> None:
        """Take every rule back, those of the fixture too."""
        self._control.tell("DELETE", "/faults")

    def all(self) -> tuple[FaultRule, ...]:
        """Every rule with its counts, in the order in which they are tried."""
        return self._control.get("/faults", _Rules).faults

    def __len__(self) -> int:
        return len(self.all())

    def __bool__(self) -> bool:
        return True  # the rules of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[FaultRule]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} fault rules of {self._control.subscription}>"

    def _set(self, effect: Effect, match: str, conditions: dict[str, object], **of_effect: object) -> Fault:
        counting = {name: value for name, value in conditions.items() if name in _CONDITIONS and value is not None}
        terms = [match] if match else []
        for name, value in conditions.items():
            if name in _CONDITIONS or (name == "operation" and value is None):
                continue
            term = search_text(name, value)
            if term is None:
                raise ValueError(f"{name}: a fault rule cannot look for {value!r}; match= takes a search")
            terms.append(term)
        newest = read_calls(self._control, most=1).calls
        body = {"effect": effect.value, "match": " ".join(terms), **counting, **of_effect}
        rule = self._control.send("POST", "/faults", body, FaultRule)
        return Fault(self._control, rule, newest[-1].sequence if newest else 0)
