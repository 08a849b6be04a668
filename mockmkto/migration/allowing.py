"""What somebody allows to differ: a line a difference, each with its reason, and none that allows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from msgspec.structs import replace

from mockmkto.migration.model import Compared, Difference, Unused, Verdict

__all__ = ["Allowed", "BadAllowanceError", "allow", "allowance", "read_allowed"]

ALLOWED = "allowed"


class BadAllowanceError(ValueError):
    """A line of an allow file cannot be read: which, and what was expected."""


class Allowed(NamedTuple):
    """One line: `bob@example.com | Phone | the new form does not ask for it`."""

    line: int
    text: str
    whose: str
    what: str
    reason: str

    def matches(self, compared: Compared, difference: Difference) -> bool:
        """Whether it means this difference: by its item, or by item and values; `*` and `?` stand for anything."""
        if not fnmatchcase(compared.label.casefold(), self.whose):
            return False
        names = {difference.item, *difference.item.split(" / "), str(difference)}
        return any(fnmatchcase(name.casefold(), self.what) for name in names)


def read_allowed(text: str, name: str) -> tuple[Allowed, ...]:
    """The lines of an allow file: `WHOSE | WHAT | REASON`. Empty ones and those that begin with `#` are left out.

    Raises:
        BadAllowanceError: a line has no reason, or is none of these.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        parts = [part.strip() for part in stripped.split("|", 2)]
        if len(parts) != 3 or not all(parts):
            raise BadAllowanceError(
                f"{name}, line {number}: expected WHOSE | WHAT | REASON, such as "
                f"`bob@example.com | Phone | the new form does not ask for it`, got {stripped!r}"
            )
        found.append(allowance(number, *parts))
    return tuple(found)


def allowance(line: int, whose: str, what: str, reason: str) -> Allowed:
    """What may differ, and why."""
    return Allowed(line, f"{whose} | {what} | {reason}", whose.strip().casefold(), what.strip().casefold(), reason)


def allow(compared: Iterable[Compared], allowed: Sequence[Allowed]) -> tuple[tuple[Compared, ...], tuple[Unused, ...]]:
    """The same with what is allowed as expected, what follows from it too; and the lines that have allowed nothing."""
    used: set[int] = set()
    judged = tuple(_judged(item, allowed, used) for item in compared) if allowed else tuple(compared)
    return judged, tuple(Unused(item.line, item.text) for item in allowed if item.line not in used)


def _judged(compared: Compared, allowed: Sequence[Allowed], used: set[int]) -> Compared:
    differences: list[Difference] = []
    reasons: dict[str, str] = {}
    for item in compared.differences:
        entry = next((entry for entry in allowed if entry.matches(compared, item)), None)
        if entry is not None:
            used.add(entry.line)
        if item.verdict is Verdict.UNEXPLAINED and (entry is not None or item.follows in reasons):
            reason = entry.reason if entry is not None else reasons[item.follows or ""]
            reasons[item.item] = reason
            item = replace(item, verdict=Verdict.EXPECTED, rule=ALLOWED, why=reason)
        differences.append(item)
    return replace(compared, differences=tuple(differences))
