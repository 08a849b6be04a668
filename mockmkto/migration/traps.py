"""The traps of a migration by their names, and where the documentation explains each."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TRAPS", "Trap", "page_of"]

PAGE = "docs/migration/README.md"


class Trap(NamedTuple):
    """One trap. An expected one cannot be helped; any other is explained, and still fails."""

    title: str  # of the part of the page; its anchor is made from it
    expected: bool


TRAPS: dict[str, Trap] = {
    "source": Trap("The source of a change", True),
    "foreign-id": Trap("The identity of a foreign system", True),
    "updated-at": Trap("Created and updated times", True),
    "cookie": Trap("The cookie", True),
    "key": Trap("The order of keys", False),
    "several-leads": Trap("Several leads of one e-mail", False),
    "names": Trap("Names of fields", False),
    "empties": Trap("Empty values", False),
    "booleans": Trap("Booleans", False),
    "numbers-and-dates": Trap("Numbers and dates", False),
    "partial-failure": Trap("Partial failure", False),
    "partition": Trap("Partitions", False),
    "company": Trap("The company", True),
    "batch": Trap("Batches", False),
    "access": Trap("Access", False),
}


def page_of(rule: str) -> str | None:
    """Where the documentation explains a trap; `None` for another rule."""
    trap = TRAPS.get(rule)
    if trap is None:
        return None
    anchor = "".join(char for char in trap.title.lower() if char.isalnum() or char in " -").replace(" ", "-")
    return f"{PAGE}#{anchor}"
