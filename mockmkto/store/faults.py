"""Fault rules, in their order, and how often each has seen a call and fired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from mockmkto.model import Effect, FaultRule
from mockmkto.store.database import Session
from mockmkto.store.tables import fault_rule, state

__all__ = ["add", "all_rules", "clear", "count", "one", "remove"]

_all = select(fault_rule).order_by(fault_rule.c.position)
_one = select(fault_rule).where(fault_rule.c.name == bindparam("rule"))
_count = (
    update(fault_rule)
    .where(fault_rule.c.name == bindparam("rule"))
    .values(seen=bindparam("seen"), fired=bindparam("fired"))
)


def all_rules(session: Session) -> tuple[FaultRule, ...]:
    """Every rule, in the order in which they are tried."""
    return tuple(_rule(row) for row in session.connection.execute(_all))


def one(session: Session, name: str) -> FaultRule | None:
    """The rule of that name, `None` when there is none."""
    row = session.connection.execute(_one, {"rule": name}).first()
    return _rule(row) if row is not None else None


def add(session: Session, rule: FaultRule) -> None:
    """A rule behind the others, or in the place of the one that has its name; it has seen what it says it has."""
    position = session.connection.scalar(select(fault_rule.c.position).where(fault_rule.c.name == rule.name))
    if position is None:
        position = (session.connection.scalar(select(func.max(fault_rule.c.position))) or 0) + 1
    definition = {name: value for name, value in asdict(rule).items() if name not in ("name", "seen", "fired")}
    session.connection.execute(delete(fault_rule).where(fault_rule.c.name == rule.name))
    session.connection.execute(
        insert(fault_rule).values(
            name=rule.name, position=position, definition=definition, seen=rule.seen, fired=rule.fired
        )
    )
    _recount(session)


def count(session: Session, rules: Iterable[FaultRule]) -> None:
    """Store how often these rules have seen a call and fired."""
    rows = [{"rule": rule.name, "seen": rule.seen, "fired": rule.fired} for rule in rules]
    if rows:
        session.connection.execute(_count, rows)


def remove(session: Session, name: str) -> bool:
    """Take a rule away; whether it was there."""
    gone = session.connection.execute(delete(fault_rule).where(fault_rule.c.name == name)).rowcount
    _recount(session)
    return bool(gone)


def clear(session: Session) -> int:
    """Take every rule away; how many there were."""
    gone: int = session.connection.execute(delete(fault_rule)).rowcount
    _recount(session)
    return gone


def _recount(session: Session) -> None:
    session.fault_rules = session.connection.execute(select(func.count()).select_from(fault_rule)).scalar_one()
    session.connection.execute(update(state).values(fault_rules=session.fault_rules))


def _rule(row: Row[Any]) -> FaultRule:
    definition = dict(row.definition)
    effect = Effect(definition.pop("effect"))
    return FaultRule(name=row.name, effect=effect, seen=row.seen, fired=row.fired, **definition)
