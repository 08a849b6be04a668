"""The rows of an extract, so many at a time: leads, activities, custom objects, members of programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

from mockmkto.engine.bulk_files import EMPTY_CELL
from mockmkto.engine.extract_activities import ACTIVITY_FIELDS, next_activities, spelled_activity_field
from mockmkto.engine.extract_filters import ends_of, list_of
from mockmkto.engine.extract_members import next_members, spelled_member_field
from mockmkto.engine.guids import guid_of
from mockmkto.engine.lead_fields import lead_field, rest_name
from mockmkto.engine.lead_views import shown_leads
from mockmkto.engine.plain import PlainValue, shown_value, to_plain, utc
from mockmkto.errors import RestError
from mockmkto.model import CustomObjectType, Lead
from mockmkto.model.bulk import BulkExport, BulkKind
from mockmkto.model.custom_objects import CustomObject
from mockmkto.store import custom_objects, lead_windows, lists, streams
from mockmkto.store.database import Session

__all__ = ["Place", "next_rows", "read_fields"]

Place: TypeAlias = tuple[int, ...]
"""Behind which an extract goes on: the Id of a lead, or the time and the id of an activity."""

_WINDOW = 500  # leads that are looked at together
_MOST_WINDOWS = 5  # of a slice

_OF_A_RECORD = ("marketoGUID", "createdAt", "updatedAt")
"""What a custom object has beside its fields."""


def read_fields(session: Session, kind: BulkKind, target: str, fields: object) -> tuple[str, ...]:
    """The fields that are asked for, as the API spells them.

    Raises:
        RestError: 1003 none, or one that is no field (inferred: a client says that this call answers 1003 where others
            answer 1006); 1013 an unknown type of custom objects.
    """
    if kind is BulkKind.ACTIVITIES and fields is None:
        return ACTIVITY_FIELDS
    if not isinstance(fields, list) or not fields or not all(isinstance(name, str) for name in fields):
        raise RestError.not_specified("fields")
    spelled: dict[str, None] = {}
    for name in fields:
        found = _spelled(session, kind, target, name)
        if found is None:
            raise RestError.invalid_data(RestError.field_not_found(name).text)
        spelled[found] = None
    return tuple(spelled)


def _spelled(session: Session, kind: BulkKind, target: str, name: str) -> str | None:
    if kind is BulkKind.LEADS:
        field = lead_field(session.world, name)
        return rest_name(field) if field is not None else None
    if kind is BulkKind.ACTIVITIES:
        return spelled_activity_field(name)
    if kind is BulkKind.PROGRAM_MEMBERS:
        return spelled_member_field(session, name)
    folded = name.strip().casefold()
    own = next((item for item in _OF_A_RECORD if item.casefold() == folded), None)
    found = _type_of(session, target).fields.find(folded)
    return own or (found.name if found is not None else None)


def _type_of(session: Session, name: str) -> CustomObjectType:
    kind = session.world.objects.custom_type(name)
    if kind is None:
        raise RestError.not_found("Object")
    return kind


def next_rows(session: Session, job: BulkExport, most: int) -> tuple[list[list[str]], Place | None]:
    """The next rows of its file, at most so many or a few more; behind which it goes on, `None` where it is done.

    Raises:
        RestError: what it asks for is not there any more.
    """
    if job.kind is BulkKind.ACTIVITIES:
        return next_activities(session, job, most)
    if job.kind is BulkKind.PROGRAM_MEMBERS:
        members, behind = next_members(session, job, most)
        return [[_cell(value) for value in values] for values in members], behind
    found, place = _leads(session, job, most)
    if job.kind is BulkKind.LEADS:
        fields = [field for name in job.fields if (field := lead_field(session.world, name)) is not None]
        if len(fields) < len(job.fields):
            raise RestError.invalid_data("A field of the export is not there any more")
        return [[_cell(value) for value in shown.values()] for shown in shown_leads(session, found, fields)], place
    kind = _type_of(session, job.target)
    records = [record for lead in found for record in custom_objects.of_lead(session, lead.id)]
    return [_record(kind, record, job.fields) for record in records if record.type == kind.name], place


def _leads(session: Session, job: BulkExport, most: int) -> tuple[Sequence[Lead], Place | None]:
    after = job.place[0] if job.place else 0
    span = ends_of(job.filter)
    if span is None:
        ids = lists.known_members(session, list_of(session, job.filter), after=after, limit=most)
        return streams.many(session, ids), ((ids[-1],) if len(ids) == most else None)
    name, first, last_second = span
    by, until = name.removesuffix("At"), last_second + timedelta(seconds=1)
    found: list[Lead] = []
    last: int | None = after
    for _ in range(_MOST_WINDOWS):
        if last is None or len(found) >= most:
            break
        some, last = lead_windows.within(session, by, first, until, after=last, window=_WINDOW)
        found += some
    return found, ((last,) if last is not None else None)


def _record(kind: CustomObjectType, record: CustomObject, fields: Sequence[str]) -> list[str]:
    own: Mapping[str, str] = {
        "marketoGUID": guid_of(kind.name, record.id),
        "createdAt": utc(record.created_at),
        "updatedAt": utc(record.updated_at),
    }
    cells = []
    for name in fields:
        field = kind.fields.find(name)
        if field is not None:
            cells.append(_cell(to_plain(field, record.values.get(field.name))))
        elif name in own:
            cells.append(own[name])
        else:
            raise RestError.invalid_data("A field of the export is not there any more")
    return cells


def _cell(value: PlainValue) -> str:
    return EMPTY_CELL if value is None or value == "" else shown_value(value)
