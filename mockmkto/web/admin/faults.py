"""`/faults`: which calls go wrong, and how."""

from __future__ import annotations

from mockmkto.model import FaultRule
from mockmkto.store import faults
from mockmkto.web.admin.calls import check_search
from mockmkto.web.admin.problems import not_found, of_fixture
from mockmkto.web.admin.resource import Body, Created, Subscription, View, in_path
from mockmkto.worlds import FixtureError
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.faults import check_fault, free_name
from mockmkto.worlds.reading import Document
from mockmkto.worlds.schema import FaultEntry

__all__ = ["FaultList", "NewFault", "add", "clear", "one", "remove", "show"]


class FaultList(View, frozen=True, kw_only=True):
    """Every fault rule, in the order in which they are tried."""

    faults: tuple[FaultRule, ...]


class NewFault(Body, frozen=True, kw_only=True):
    """A fault rule: an effect, a search for the calls that it is for, and which of them.

    `delay` is seconds, or a duration such as 250ms. `seen` and `fired` are only there so that an answer can be sent
    back: a new rule has seen nothing.
    """

    name: str | None = None
    effect: str
    match: str = ""
    nth: int | None = None
    after: int = 0
    times: int | None = None
    share: float | None = None
    seed: int = 0
    code: int | None = None
    status: int | None = None
    delay: float | str = 0.0
    bytes_per_second: int = 100
    seen: int = 0
    fired: int = 0


def show(asked: Subscription) -> FaultList:
    """Every fault rule, with how many calls it has seen and how often it fired."""
    with asked.database.transaction() as session:
        return FaultList(faults=faults.all_rules(session))


def add(asked: Subscription, body: NewFault) -> Created[FaultRule]:
    """Add a fault rule, in the place of one that has its name."""
    check_search(asked, body.match, "body.match")
    with asked.database.transaction() as session:
        taken = {item.name for item in faults.all_rules(session)}
        name = body.name if body.name is not None else free_name(body.effect, taken)
        rule = _rule(body, name)
        faults.add(session, rule)
    return Created(rule, asked.url(f"/faults/{in_path(name)}"))


def one(asked: Subscription, name: str) -> FaultRule:
    """One fault rule."""
    with asked.database.transaction() as session:
        rule = faults.one(session, name)
    if rule is None:
        raise not_found("path.name", "fault rule", name)
    return rule


def remove(asked: Subscription, name: str) -> None:
    """Take a fault rule away."""
    with asked.database.transaction() as session:
        if not faults.remove(session, name):
            raise not_found("path.name", "fault rule", name)


def clear(asked: Subscription) -> None:
    """Take every fault rule away."""
    with asked.database.transaction() as session:
        faults.clear(session)


def _rule(body: NewFault, name: str) -> FaultRule:
    entry = FaultEntry(
        name=name,
        effect=body.effect,
        match=body.match,
        nth=body.nth,
        after=body.after,
        times=body.times,
        share=body.share,
        seed=body.seed,
        code=body.code,
        status=body.status,
        delay=str(body.delay),
        bytes_per_second=body.bytes_per_second,
    )
    findings = Findings(Document("body", ""))
    try:
        rule = check_fault(entry, name, (), findings)
        findings.raise_if_any()
    except FixtureError as error:
        raise of_fixture(error) from None
    assert rule is not None
    return rule
