"""Which lead: the keys in their order, and the trace of how it was decided.

The steps are the decision: the chosen lead is derived from them (`Trace.lead_id`), never the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.model import Behaviour, ForeignId, Key, KeyStep, Verdict
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["RequestKeys", "match"]


class RequestKeys(Struct, frozen=True):
    """The keys that a request gives; those that it leaves out or empty are `None`."""

    id: int | float | None = None
    foreign_id: ForeignId | None = None
    cookie: str | None = None
    email: str | None = None

    @property
    def none_given(self) -> bool:
        """Whether there is nothing by which a lead could be found."""
        return self.id is None and self.foreign_id is None and self.cookie is None and self.email is None


def match(session: Session, keys: RequestKeys, *, by_email: bool = True) -> tuple[KeyStep, ...]:
    """One step for each key of the request, in the order Id, ForeignSysPersonId, marketoCookie, Email (documented).

    The first key that finds a lead decides. An Id that finds nothing fails, and no later key is tried (assumed). Keys
    behind the deciding one are looked up all the same: what they find is the other half of the explanation, and a
    foreign id or cookie found there is moved. Unless it is `by_email`, an e-mail is not tried.
    """
    behaviour = session.world.behaviour
    steps: list[KeyStep] = []
    decided: KeyStep | None = None
    failed = False
    for key, value, find in _candidates(session, keys, behaviour):
        if failed:
            steps.append(KeyStep(key, value, (), Verdict.NOT_TRIED, "an Id that finds nothing ends the call"))
            continue
        if key is Key.EMAIL and not by_email:
            steps.append(KeyStep(key, value, (), Verdict.NOT_TRIED, "e-mail skipped: dedupEnabled is false"))
            continue
        found = find()
        if found and decided is None:
            decided = KeyStep(key, value, found, Verdict.DECIDES, _why_this_one(found, behaviour))
            steps.append(decided)
        elif found:
            steps.append(KeyStep(key, value, found, Verdict.OUTRANKED, _outranked(decided, found)))
        elif key is Key.ID:
            failed = True
            steps.append(KeyStep(key, value, (), Verdict.FAILS, "no lead has this Id, and an Id is never created"))
        else:
            steps.append(KeyStep(key, value, (), Verdict.FINDS_NOTHING, "no lead has it"))
    if behaviour.anonymous_cookie == "merges" and decided is not None and decided.key is Key.COOKIE:
        return _merging(session, tuple(steps), behaviour)
    return tuple(steps)


def _candidates(
    session: Session, keys: RequestKeys, behaviour: Behaviour
) -> Iterator[tuple[Key, str, Callable[[], tuple[int, ...]]]]:
    lead_id, foreign_id, cookie, email = keys.id, keys.foreign_id, keys.cookie, keys.email
    if lead_id is not None:
        yield Key.ID, str(lead_id), lambda: _one(leads.existing_id(session, lead_id))
    if foreign_id is not None:
        shown = f"{foreign_id.type} {foreign_id.id}"
        yield Key.FOREIGN_ID, shown, lambda: _one(leads.id_by_foreign_id(session, foreign_id))
    if cookie is not None:
        yield Key.COOKIE, cookie, lambda: _one(leads.id_by_cookie(session, cookie))
    if email is not None:
        newest_created = behaviour.duplicate_email == "most_recently_created"
        yield Key.EMAIL, email, lambda: leads.ids_by_email(session, email, newest_created=newest_created)


def _one(lead_id: int | None) -> tuple[int, ...]:
    return (lead_id,) if lead_id is not None else ()


def _why_this_one(found: tuple[int, ...], behaviour: Behaviour) -> str:
    if len(found) == 1:
        return f"lead {found[0]} has it"
    choice = behaviour.duplicate_email.replace("_", " ")
    return f"{len(found)} leads have it; lead {found[0]} is the {choice}"


def _outranked(decided: KeyStep | None, found: tuple[int, ...]) -> str:
    if decided is None:
        return ""
    if decided.found[0] in found:
        return f"finds the same lead, but {decided.key} had decided"
    return f"finds lead {found[0]}, but {decided.key} had decided"


def _merging(session: Session, steps: tuple[KeyStep, ...], behaviour: Behaviour) -> tuple[KeyStep, ...]:
    """`anonymous_cookie: merges`: an anonymous lead yields to the known lead that the e-mail finds (as a form fill)."""
    by_cookie = next(step for step in steps if step.key is Key.COOKIE)
    by_email = next((step for step in steps if step.key is Key.EMAIL and step.found), None)
    anonymous = leads.by_id(session, by_cookie.found[0])
    if by_email is None or anonymous is None or anonymous.known or anonymous.id in by_email.found:
        return steps
    yields = replace(
        by_cookie,
        verdict=Verdict.YIELDS,
        reason=f"lead {anonymous.id} is anonymous, and is merged into lead {by_email.found[0]}",
    )
    reason = _why_this_one(by_email.found, behaviour)
    decides = replace(by_email, verdict=Verdict.DECIDES, reason=reason)
    return tuple({Key.COOKIE: yields, Key.EMAIL: decides}.get(step.key, step) for step in steps)
