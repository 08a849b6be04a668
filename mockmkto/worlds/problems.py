"""What can be wrong in a fixture, said to the person who wrote it: file, line, key, and what was expected."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

__all__ = ["FixtureError", "Location", "Problem", "show_location", "show_value"]

# Where in a document something stands: keys of mappings and positions in lists, counted from 0.
Location = tuple[str | int, ...]


def show_location(location: Location) -> str:
    """`leads[3].attributes.FirstName`; empty for the document itself."""
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def show_value(value: object) -> str:
    """What came, for a message: `'x'`, its start when it is long, or what kind of thing it is."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHOWN else repr(value[:_SHOWN] + "...")
    return "a list" if isinstance(value, list) else "a mapping"


_SHOWN = 60  # characters


class Problem(Struct, frozen=True):
    """One thing that is wrong. `line` counts from 1; it is `None` when the problem is the file as a whole."""

    file: str
    line: int | None
    location: Location
    message: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = show_location(self.location)
        return f"{place}: {where}: {self.message}" if where else f"{place}: {self.message}"


class FixtureError(ValueError):
    """A fixture that cannot be used, with all that was found wrong: one problem a line, nothing was loaded."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
