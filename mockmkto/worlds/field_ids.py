"""The ids and the REST names of the fields of leads, of which no two may be the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from mockmkto.engine.catalogue import FIRST_CUSTOM_ID, STANDARD_FIELDS
from mockmkto.model import Field
from mockmkto.worlds.field_entry import FieldEntry
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.problems import Location, show_value

__all__ = ["LARGEST", "STANDARD_BY_NAME", "is_own", "told_apart", "usual_ids"]

LARGEST = 2**31 - 1  # id or length of a field

STANDARD_BY_NAME = {item.name.casefold(): item for item in STANDARD_FIELDS}


def is_own(item: Field) -> bool:
    """Whether it is a field of the subscription's own, as a SOAP field with the name of one of REST alone is, too."""
    standard = STANDARD_BY_NAME.get(item.name.casefold())
    return standard is None or (item.soap and not standard.soap)


def told_apart(
    fields: Iterable[Field], entries: Sequence[FieldEntry], at: Location, findings: Findings
) -> tuple[Field, ...]:
    """The fields in the order of their ids, each with one; what has none is counted on, from 1001.

    A field of the subscription's own that has the REST name of a standard one takes its place in the REST API (assumed:
    a real subscription would not have let it be made).
    """
    numbered = []
    places = {entry.name.casefold(): index for index, entry in enumerate(entries)}
    last = FIRST_CUSTOM_ID - 1
    for item in fields:
        number = item.id if item.id is not None else last + 1
        if not 1 <= number <= LARGEST:
            where = (*at, "fields", places.get(item.name.casefold(), 0), "id")
            findings.add(where, f"expected 1 to {LARGEST}, got {number}")
        last = max(last, number)
        numbered.append(replace(item, id=number))
    by_id: dict[int | None, str] = {}
    by_rest: dict[str, str] = {}
    for item in sorted(numbered, key=is_own, reverse=True):
        where = (*at, "fields", places.get(item.name.casefold(), 0))
        if by_id.setdefault(item.id, item.name) != item.name:
            findings.add((*where, "id"), f"{item.id} is the id of {by_id[item.id]}, too")
        rest_name = item.rest_name or item.name
        if not item.rest or by_rest.setdefault(rest_name.casefold(), item.name) == item.name:
            continue
        if is_own(item):
            other = by_rest[rest_name.casefold()]
            findings.add((*where, "rest_name"), f"{show_value(rest_name)} is the REST name of {other}, too")
        numbered[numbered.index(item)] = replace(item, rest=False)
    return tuple(sorted(numbered, key=lambda item: item.id or 0))


def usual_ids(fields: Iterable[Field]) -> Iterator[int]:
    """The id that each of these fields has where an entry says none."""
    last = FIRST_CUSTOM_ID - 1
    for item in fields:
        yield last + 1
        last = max(last, item.id or 0)
