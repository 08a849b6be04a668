"""What a failed assertion says: what was expected, the closest call and how it differs, why it was answered so."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from mockmkto.model import Call
from mockmkto.model.moments import Moment
from mockmkto.sandbox.transport import Control, ControlError
from mockmkto.search import Search, closest
from mockmkto.telling import describe, headline

__all__ = [
    "ClockState",
    "JournalPart",
    "differences_report",
    "journal_text",
    "last_calls",
    "last_sequence",
    "one_liners",
    "read_call",
    "read_calls",
    "strangers_report",
    "subscription_now",
]

__tracebackhide__ = True  # a test's traceback ends in the test

_PAGE = 500
_LISTED = 20  # calls in one message
_DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class JournalPart:
    """A part of a journal, oldest first, and how many calls were too many for it."""

    calls: tuple[Call, ...]
    dropped: int
    total: int


@dataclass(frozen=True, slots=True)
class _Page:
    calls: tuple[dict[str, Any], ...]
    dropped: int = 0
    total: int = 0
    next: str | None = None


def read_calls(control: Control, search: str = "", *, raw: bool = False, most: int | None = None) -> JournalPart:
    """The calls that a search finds; `most` of them, the newest."""
    found: list[Call] = []
    before: list[tuple[str, object]] = []
    while True:
        limit = _PAGE if most is None else min(_PAGE, most - len(found))
        page = control.get(
            "/calls", _Page, ("search", search), ("limit", limit), ("raw", "true" if raw else "false"), *before
        )
        found += [_call(item) for item in page.calls]
        if page.next is None or not page.calls or (most is not None and len(found) >= most):
            return JournalPart(tuple(reversed(found)), page.dropped, page.total)
        before = [("before", found[-1].sequence)]


def read_call(control: Control, sequence: int) -> Call:
    """One call, its raw request and answer included."""
    return _call(control.get(f"/calls/{sequence}", dict[str, Any]))


def _call(item: dict[str, Any]) -> Call:
    return msgspec.convert(
        {**item, "request": _bytes(item, "request"), "response": _bytes(item, "response")}, type=Call
    )


def _bytes(item: dict[str, Any], name: str) -> bytes:
    """What came or went: bytes that are no text are there in base64 as well."""
    exact = item.get(f"{name}_base64")
    return base64.b64decode(exact) if exact is not None else item.get(name, "").encode()


# ---------------------------------------------------------------------------------------------------------------------
# Calls as people read them


def one_liners(calls: Sequence[Call]) -> list[str]:
    """The calls, one a line, no more than can be read."""
    lines = [f"  {headline(call)}" for call in calls[-_LISTED:]]
    return [f"  {len(calls) - _LISTED} earlier calls", *lines] if len(calls) > _LISTED else lines


def differences_report(search: Search, calls: Sequence[Call]) -> list[str]:
    """The closest call and how it differs from what is looked for, then the others."""
    nearest = closest(search, calls)
    if nearest is None:
        return []
    call, differences = nearest
    others = [other for other in calls if other is not call]
    lines = ["", "The closest is", *_indented(describe(call, differences))]
    if others:
        lines += ["", "The others:", *one_liners(others)]
    return lines


def last_calls(control: Control) -> list[str]:
    """The last calls of the journal, in a line each: why a lead is not there."""
    journal = read_calls(control, most=5)
    if not journal.calls:
        return ["", "No call has come."]
    lines = ["", "The last calls:" if journal.total > len(journal.calls) else "The calls:"]
    for call in journal.calls:
        lines += _indented(describe(call)) if call.fault_code is not None or call.warnings else [f"  {headline(call)}"]
    return lines


def strangers_report(control: Control, after: int | None) -> list[str]:
    """The calls that opened no subscription since the handle was made: they stand in the journal of `default`."""
    if after is None:
        return []
    try:
        journal = read_calls(Control(control.transport, _DEFAULT), most=_PAGE)
    except ControlError:
        return []
    strangers = [call for call in journal.calls if call.subscription is None and call.sequence > after][-5:]
    if not strangers:
        return []
    lines = ["", "Calls that opened no subscription, since this test began (other tests' among them):"]
    for call in strangers:
        lines += _indented(describe(call))
    return lines


def last_sequence(control: Control) -> int | None:
    """The last call in the journal of `default`: strangers after it may be this handle's. `None`: nobody's are."""
    if control.subscription == _DEFAULT:
        return None
    try:
        journal = read_calls(Control(control.transport, _DEFAULT), most=1)
    except ControlError:
        return None
    return journal.calls[-1].sequence if journal.calls else 0


def journal_text(control: Control, after: int | None, most: int = _LISTED) -> str:
    """The journal, for the report of a failed test."""
    journal = read_calls(control, most=most)
    lines = [f"{journal.total - len(journal.calls)} earlier calls"] if journal.total > len(journal.calls) else []
    for call in journal.calls:
        lines += describe(call)
    if journal.dropped:
        lines.insert(0, f"{journal.dropped} calls were dropped: the journal is full")
    return "\n".join([*(lines or ["No call has come."]), *strangers_report(control, after)])


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock of a subscription, as the control API shows it."""

    mode: str
    now: Moment
    offset_seconds: float = 0.0
    frozen_at: Moment | None = None


def subscription_now(control: Control) -> datetime:
    """What time it is in the subscription."""
    return control.get("/clock", ClockState).now
