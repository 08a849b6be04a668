"""Fault rules, in their order, and how often each has seen a call and fired."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from mockmkto.model import Effect, FaultRule
from mockmkto.store.session import Session
from mockmkto.store.tables import fault_rule, state

__all__ = ["add", "all_rules", "clear", "count", "one", "remove"]

_all = select(fault_rule).order_by(fault_rule.c.position)
_one = select(fault_rule).where(fault_rule.c.name == bindparam("rule"))
_count = (
    update(fault_rule)
    .where(fault_rule.c.name == bindparam("rule"))
    .values(seen=bindparam("seen"), fired=bindparam("fired"))
)
_insert = insert(fault_rule)
_next_position = select(func.coalesce(func.max(fault_rule.c.position), 0) + 1)
_remove = delete(fault_rule).where(fault_rule.c.name == bindparam("rule"))
_clear = delete(fault_rule)
_how_many = select(func.count()).select_from(fault_rule)
_note_how_many = update(state).values(fault_rules=bindparam("fault_rules"))


def all_rules(session: Session) -> tuple[FaultRule, ...]:
    """Every rule, in the order in which they are tried."""
    return tuple(_rule(row) for row in session.rows(_all))


def one(session: Session, name: str) -> FaultRule | None:
    """The rule of that name, `None` when there is none."""
    row = session.first(_one, {"rule": name})
    return _rule(row) if row is not None else None


def add(session: Session, rule: FaultRule) -> None:
    """A rule behind the others, or in the place of the one that has its name; it has seen what it says it has."""
    there = session.first(_one, {"rule": rule.name})
    position = there.position if there is not None else session.rows(_next_position)[0][0]
    definition = {name: value for name, value in asdict(rule).items() if name not in ("name", "seen", "fired")}
    session.run(_remove, {"rule": rule.name})
    session.run(
        _insert,
        {
            "name": rule.name,
            "position": position,
            "definition": definition,
            "seen": rule.seen,
            "fired": rule.fired,
        },
    )
    _recount(session)


def count(session: Session, rules: Iterable[FaultRule]) -> None:
    """Store how often these rules have seen a call and fired."""
    session.run_many(_count, [{"rule": rule.name, "seen": rule.seen, "fired": rule.fired} for rule in rules])


def remove(session: Session, name: str) -> bool:
    """Take a rule away; whether it was there."""
    gone = session.run(_remove, {"rule": name})
    _recount(session)
    return bool(gone)


def clear(session: Session) -> int:
    """Take every rule away; how many there were."""
    gone = session.run(_clear)
    _recount(session)
    return gone


def _recount(session: Session) -> None:
    session.fault_rules = session.rows(_how_many)[0][0]
    session.run(_note_how_many, {"fault_rules": session.fault_rules})


def _rule(row: Row[Any]) -> FaultRule:
    definition = dict(row.definition)
    effect = Effect(definition.pop("effect"))
    return FaultRule(name=row.name, effect=effect, seen=row.seen, fired=row.fired, **definition)
