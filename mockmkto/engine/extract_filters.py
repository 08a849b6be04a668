"""Which records an extract is of: those of a span of time, or those of a static list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mockmkto.errors import RestCode, RestError
from mockmkto.model.bulk import BulkKind
from mockmkto.store import lists
from mockmkto.store.database import Session

__all__ = ["CREATED", "UPDATED", "OfActivities", "ends_of", "list_of", "of_activities", "read_filter", "read_span"]

CREATED, UPDATED = "createdAt", "updatedAt"
LONGEST_SPAN = timedelta(days=31)  # documented

_LISTS = ("staticListId", "staticListName")
_SMART_LISTS = ("smartListId", "smartListName")
_LIST = "list"  # as it is stored: by its Id, however it was named
_TYPES, _IDS, _NAMES = "activityTypeIds", "primaryAttributeValueIds", "primaryAttributeValues"
_MOST_PRIMARY = 50  # ids, or names (documented)
_ALLOWED = {
    BulkKind.LEADS: (CREATED, UPDATED, *_LISTS, *_SMART_LISTS),
    BulkKind.CUSTOM_OBJECTS: (UPDATED, *_LISTS, *_SMART_LISTS),
}


def read_filter(session: Session, kind: BulkKind, asked: object) -> dict[str, object]:
    """What a filter says: a span of time, or a list by its Id; of activities more beside the span.

    Raises:
        RestError: 1003 none, more than one of which only one may be (documented), or a span that is none or is longer
            than 31 days (documented); 1013 an unknown list; 1035 a smart list, of which there are none.
    """
    if not isinstance(asked, Mapping) or not asked:
        raise RestError.not_specified("filter")
    if kind is BulkKind.ACTIVITIES:
        return _read_filter_of_activities(asked)
    for name in asked:
        if name not in _ALLOWED[kind]:
            raise RestError.invalid_data(f"Invalid filter type '{name}'")
    if len(asked) != 1:
        raise RestError.invalid_data(f"Only one filter type may be specified: {', '.join(sorted(asked))}")
    ((name, value),) = asked.items()
    if name in _SMART_LISTS:
        raise RestError(RestCode.FILTER_NOT_SUPPORTED)
    if name in (CREATED, UPDATED):
        return {name: read_span(name, value)}
    return {_LIST: _list_id(session, name, value)}


def ends_of(chosen: Mapping[str, object]) -> tuple[str, datetime, datetime] | None:
    """Which time counts, and the first and the last second of the span that a filter is; `None` where it is a list."""
    for name in (CREATED, UPDATED):
        span = chosen.get(name)
        if isinstance(span, list):
            first, last = map(datetime.fromisoformat, span)
            return name, first, last
    return None


def list_of(session: Session, chosen: Mapping[str, object]) -> int:
    """The list that a filter is.

    Raises:
        RestError: 1013 it is not there any more.
    """
    list_id = chosen.get(_LIST)
    if not isinstance(list_id, int) or lists.by_id(session, list_id) is None:
        raise RestError.not_found("List")
    return list_id


def _read_filter_of_activities(asked: Mapping[str, object]) -> dict[str, object]:
    """A span of time, which must be there, and with it types and what the activities were about (documented)."""
    for name in asked:
        if name not in (CREATED, _TYPES, _IDS, _NAMES):
            raise RestError.invalid_data(f"Invalid filter type '{name}'")
    if CREATED not in asked:
        raise RestError.not_specified(f"filter '{CREATED}'")
    chosen: dict[str, object] = {CREATED: read_span(CREATED, asked[CREATED])}
    for name, wanted in ((_TYPES, int), (_IDS, int), (_NAMES, str)):
        values = asked.get(name)
        if values is None:
            continue
        if not isinstance(values, list) or not values or not all(type(value) is wanted for value in values):
            what = "integers" if wanted is int else "names"
            raise RestError.invalid_data(f"Invalid filter '{name}': expected a list of {what}")
        chosen[name] = values
    for name in (_IDS, _NAMES):
        values = chosen.get(name)
        if isinstance(values, list):
            if _TYPES not in chosen:
                raise RestError.not_specified(f"filter '{_TYPES}'")
            if len(values) > _MOST_PRIMARY:
                raise RestError.invalid_data(f"Invalid filter '{name}': {_MOST_PRIMARY} are the most")
    if _IDS in chosen and _NAMES in chosen:
        raise RestError.invalid_data(f"Only one filter type may be specified: {_IDS}, {_NAMES}")
    return chosen


def read_span(name: str, asked: object) -> list[str]:
    """The first and the last second of a span of time, as they are stored.

    Raises:
        RestError: 1003, it is none, or is longer than 31 days (documented).
    """
    if not isinstance(asked, Mapping):
        raise RestError.invalid_data(f"Invalid filter '{name}': expected startAt and endAt")
    ends = []
    for end in ("startAt", "endAt"):
        text = asked.get(end)
        if not isinstance(text, str):
            raise RestError.not_specified(f"{end} of filter '{name}'")
        ends.append(_moment(f"{name}.{end}", text))
    since, until = ends
    if until < since:
        raise RestError.invalid_data(f"Invalid filter '{name}': endAt is before startAt")
    if until - since > LONGEST_SPAN:
        raise RestError.invalid_data(f"Invalid filter '{name}': the date range is longer than {LONGEST_SPAN.days} days")
    return [since.isoformat(), until.isoformat()]


def _moment(name: str, text: str) -> datetime:
    """A moment in whole seconds, in UTC; without an offset it is read as UTC (assumed)."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise RestError.invalid_value(name, text) from None


def _list_id(session: Session, name: str, asked: object) -> int:
    if name == "staticListId":
        found = lists.by_id(session, asked) if isinstance(asked, int) and not isinstance(asked, bool) else None
    else:
        found = next(iter(lists.named(session, asked)), None) if isinstance(asked, str) else None
    if found is None:
        raise RestError.not_found("List")
    return found.id


class OfActivities(NamedTuple):
    """What a filter of activities says beside its span; `None` where it says nothing."""

    types: Sequence[int] | None
    primary_ids: Sequence[int] | None
    primary_names: Sequence[str] | None


def of_activities(chosen: Mapping[str, object]) -> OfActivities:
    """The same of a filter as it is stored."""
    types, ids, names = (chosen.get(name) for name in (_TYPES, _IDS, _NAMES))
    return OfActivities(*(value if isinstance(value, list) else None for value in (types, ids, names)))
