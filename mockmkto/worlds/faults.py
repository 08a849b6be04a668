"""The fault rules of a fixture, and one that the control API is given: the same keys, the same checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from math import isfinite
from typing import Any

from mockmkto.clock import system_now
from mockmkto.errors import Code, RestCode
from mockmkto.model import Effect, FaultRule
from mockmkto.search import SearchError, parse_search
from mockmkto.settings import parse_duration
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.schema import FaultEntry, WorldEntry, nearest

__all__ = ["AT_LEAST", "MAX_COUNT", "MAX_DELAY", "check_fault", "check_faults", "fault_entry", "free_name"]

MAX_COUNT = 2**31 - 1
MAX_DELAY = 3600.0  # seconds: a client that waits longer is not waiting any more

AT_LEAST = {"nth": 1, "after": 0, "times": 1, "seed": -MAX_COUNT, "bytes_per_second": 1, "seen": 0, "fired": 0}
_CODES = (*(item.value for item in Code), *(item.value for item in RestCode))
_DEFAULT = FaultRule("", Effect.DELAY)


def check_faults(entry: WorldEntry, at: Location, findings: Findings) -> tuple[FaultRule, ...]:
    """The rules in their order; one without a name gets one; what is wrong goes to the findings."""
    given = entry.faults or []
    names = {item.name for item in given if item.name is not None}
    first: dict[str, int] = {}
    rules = []
    for index, item in enumerate(given):
        where = (*at, "faults", index)
        if item.name is not None and first.setdefault(item.name, index) != index:
            findings.add(
                (*where, "name"), f"{show_value(item.name)} is given twice: also at faults[{first[item.name]}]"
            )
        name = item.name if item.name is not None else free_name(item.effect, names)
        names.add(name)
        rule = check_fault(item, name, where, findings)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def free_name(effect: str, taken: set[str]) -> str:
    """A name that no rule has: `fault-1`, `delay-2`."""
    number = 1
    while f"{effect}-{number}" in taken:
        number += 1
    return f"{effect}-{number}"


def check_fault(entry: FaultEntry, name: str, at: Location, findings: Findings) -> FaultRule | None:
    """The rule of an entry; what is wrong goes to the findings, and then there is none."""
    problems = list(_problems(entry, name))
    for key, message in problems:
        findings.add((*at, key), message)
    if problems:
        return None
    delay = _delay(entry.delay)
    values: dict[str, Any] = {
        key: value
        for key in (
            "match",
            "nth",
            "after",
            "times",
            "share",
            "seed",
            "code",
            "status",
            "bytes_per_second",
            "seen",
            "fired",
        )
        if (value := getattr(entry, key)) is not None
    }
    return FaultRule(name, Effect(entry.effect), delay=delay or 0.0, **values)


def _problems(entry: FaultEntry, name: str) -> Iterator[tuple[str, str]]:
    if not name or name != name.strip():
        yield "name", f"expected a name without space around it, got {show_value(name)}"
    effects = [item.value for item in Effect]
    if entry.effect not in effects:
        near = nearest(entry.effect, effects)
        yield "effect", f"expected one of {', '.join(effects)}{near}, got {show_value(entry.effect)}"
        return
    yield from _of_effect(entry, Effect(entry.effect))
    for key, least in AT_LEAST.items():
        number = getattr(entry, key)
        if number is not None and not least <= number <= MAX_COUNT:
            yield key, f"expected {least} to {MAX_COUNT}, got {number}"
    if entry.share is not None and not 0 <= entry.share <= 1:
        yield "share", f"expected a part of the calls, 0 to 1, got {entry.share}"
    if _delay(entry.delay) is None:
        yield (
            "delay",
            f"expected seconds up to {MAX_DELAY:.0f}, or a duration such as 250ms, got {show_value(entry.delay)}",
        )
    try:
        parse_search(entry.match or "", system_now())
    except SearchError as error:
        yield "match", f"expected a search such as 'op:syncLead email:ann@': {error}"


def _of_effect(entry: FaultEntry, effect: Effect) -> Iterator[tuple[str, str]]:
    """What only one effect takes."""
    if entry.code is None and effect is Effect.FAULT:
        yield "code", "expected a code of Marketo's such as 20015 or 606, which the effect fault needs, got nothing"
    elif entry.code is not None and effect is not Effect.FAULT:
        yield "code", f"expected no code: the effect is {effect}, not fault, got {entry.code}"
    elif entry.code is not None and entry.code not in _CODES:
        yield "code", f"expected one of {', '.join(map(str, _CODES))}, got {entry.code}"
    if entry.status is not None and effect is not Effect.HTTP_STATUS:
        yield "status", f"expected no status: the effect is {effect}, not http_status, got {entry.status}"
    elif entry.status is not None and not 100 <= entry.status <= 599:
        yield "status", f"expected an HTTP status, 100 to 599, got {entry.status}"


def _delay(text: str | None) -> float | None:
    """Seconds; `None` when the text is none."""
    if text is None:
        return 0.0
    seconds = None
    with suppress(ValueError):
        seconds = float(text)
    if seconds is None:
        with suppress(ValueError):
            seconds = parse_duration(text).total_seconds()
    return seconds if seconds is not None and isfinite(seconds) and 0 <= seconds <= MAX_DELAY else None


def fault_entry(rule: FaultRule) -> FaultEntry:
    """The entry that loads as this rule again."""

    def unless_default(key: str) -> Any:
        value = getattr(rule, key)
        return None if value == getattr(_DEFAULT, key) else value

    return FaultEntry(
        name=rule.name,
        effect=rule.effect.value,
        delay=repr(rule.delay) if rule.delay else None,
        **{
            key: unless_default(key)
            for key in (
                "match",
                "nth",
                "after",
                "times",
                "share",
                "seed",
                "code",
                "status",
                "bytes_per_second",
                "seen",
                "fired",
            )
        },
    )
