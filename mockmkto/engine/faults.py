"""Faults on demand: which rule fires for a call."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec.structs import replace

from mockmkto.model import Call, FaultRule
from mockmkto.search import parse_search
from mockmkto.store import faults
from mockmkto.store.database import Session

__all__ = ["choose_fault"]


def choose_fault(session: Session, call: Call, means: Callable[[FaultRule], bool]) -> FaultRule | None:
    """The first rule that fires for a call; every rule that matches and means it has seen it."""
    chosen: FaultRule | None = None
    changed: list[FaultRule] = []
    for rule in faults.all_rules(session):
        if not means(rule) or not parse_search(rule.match, session.now).matches(call):
            continue
        rule = replace(rule, seen=rule.seen + 1)
        if chosen is None and _fires(rule):
            rule = chosen = replace(rule, fired=rule.fired + 1)
        changed.append(rule)
    faults.count(session, changed)
    return chosen


def _fires(rule: FaultRule) -> bool:
    """Whether a rule that has just seen another call does something to it."""
    if rule.nth is not None and rule.seen != rule.nth:
        return False
    if rule.seen <= rule.after or (rule.times is not None and rule.fired >= rule.times):
        return False
    # By seed and number alone: the same calls go wrong in every run, whatever was restarted or restored in between.
    return rule.share is None or random.Random(f"{rule.seed}/{rule.seen}").random() < rule.share  # noqa: S311
