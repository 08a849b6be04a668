"""Single values of a fixture that stand in more than one place: names, numbers, times, texts by name, references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from mockmkto.engine.fields import BadValue, read_value
from mockmkto.model import Field, FieldType, World
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID, MOMENT, exactly
from mockmkto.worlds.problems import Location, show_location, show_value

__all__ = ["OPEN", "Values", "counted_on"]

OPEN: Final = datetime.min.replace(tzinfo=UTC)
"""A time that the file leaves open: it will be that of loading."""

_DATE = Field("date", FieldType.DATE)
_AMOUNT = Field("amount", FieldType.CURRENCY)


class Values:
    """Reads single values; what is wrong with one goes to the findings, with the place of it."""

    def __init__(self, world: World, findings: Findings) -> None:
        self._world = world
        self.findings = findings

    def name(self, text: str, at: Location) -> str:
        """A name, which has no space around it and is not empty."""
        if not text or text != text.strip():
            self.findings.add(at, f"expected a name without space around it, got {show_value(text)}")
        return text.strip()

    def number(self, number: int | None, at: Location, default: int = 0, least: int = 0) -> int:
        """A number of things, or the default."""
        if number is None:
            return default
        if not least <= number <= MAX_ID:
            self.findings.add(at, f"expected {least} to {MAX_ID}, got {number}")
        return number

    def moment(self, text: str | None, at: Location) -> datetime | None:
        """A time; without an offset it is read in the world's time zone."""
        canonical = self._value(MOMENT, text, at)
        return exactly(canonical, text or "").astimezone(UTC) if canonical else None

    def times(self, created_at: str | None, updated_at: str | None, at: Location) -> tuple[datetime, datetime]:
        """When a thing was made and changed; what is not said is `OPEN`."""
        created = self.moment(created_at, (*at, "created_at"))
        updated = self.moment(updated_at, (*at, "updated_at"))
        return created or updated or OPEN, updated or created or OPEN

    def day(self, text: str | None, at: Location) -> str | None:
        """A date: 2014-03-01."""
        return self._value(_DATE, text, at) or None

    def month(self, text: str, at: Location) -> str:
        """The first day of a month that was given as 2014-03, or as a day of it."""
        day = self._value(_DATE, f"{text}-01" if text.count("-") == 1 else text, at)
        return f"{day[:7]}-01" if day else ""

    def amount(self, text: str, at: Location) -> str:
        """An amount of money, as canonical text."""
        return self._value(_AMOUNT, text, at)

    def texts(self, given: Mapping[str, object] | None, at: Location) -> dict[str, str]:
        """Texts by name; one without a value is empty."""
        found = {}
        for name, text in (given or {}).items():
            if text is not None and not isinstance(text, str):
                self.findings.add((*at, name), f"expected a single value, got {show_value(text)}")
                continue
            found[name] = text or ""
        return found

    def _value(self, field: Field, text: str | None, at: Location) -> str:
        if not text:
            return ""
        try:
            return read_value(field, text, self._world.time_zone)
        except BadValue as error:
            self.findings.add(at, f"expected {error.expected}, got {show_value(text)}")
        except OverflowError:
            self.findings.add(at, f"expected a time of the calendar, got {show_value(text)}")
        return ""


def counted_on(
    given: Sequence[int | None], at: Location, findings: Findings, first: int, key: str = "id"
) -> Iterator[int]:
    """The Id of each: the one that is given, or one above the highest so far that nothing is given."""
    owners: dict[int, int] = {}
    for index, number in enumerate(given):
        if number is None:
            continue
        where = (*at, index, key)
        if not 1 <= number <= MAX_ID:
            findings.add(where, f"expected 1 to {MAX_ID}, got {number}")
        elif owners.setdefault(number, index) != index:
            findings.add(where, f"the id {number} is already that of {show_location((*at, owners[number]))}")
    highest = first - 1
    for number in given:
        taken = number
        if taken is None:
            taken = highest + 1
            while taken in owners:
                taken += 1
        highest = max(highest, taken)
        yield taken
