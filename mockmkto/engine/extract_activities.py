"""The rows of an extract of activities, so many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mockmkto.engine.bulk_files import EMPTY_CELL
from mockmkto.engine.extract_filters import ends_of, of_activities
from mockmkto.engine.log_showing import LogShower, types_by_number
from mockmkto.errors import RestError
from mockmkto.model import Activity, ActivityType
from mockmkto.model.bulk import BulkExport
from mockmkto.store import log
from mockmkto.store.activities import Place, seconds
from mockmkto.store.database import Session

__all__ = ["ACTIVITY_FIELDS", "next_activities", "spelled_activity_field"]

ACTIVITY_FIELDS = (
    "marketoGUID",
    "leadId",
    "activityDate",
    "activityTypeId",
    "campaignId",
    "primaryAttributeValueId",
    "primaryAttributeValue",
    "attributes",
)
"""What a file has where no fields are asked for, in this order (documented)."""

_RESULT = "actionResult"  # may be asked for beside those (documented)
_SUCCEEDED = "succeeded"  # of what is in the log: what failed never comes there


def spelled_activity_field(name: str) -> str | None:
    """A field as the API spells it, which is asked for in any case; `None` where it is none."""
    folded = name.strip().casefold()
    return next((field for field in (*ACTIVITY_FIELDS, _RESULT) if field.casefold() == folded), None)


def next_activities(session: Session, job: BulkExport, most: int) -> tuple[list[list[str]], tuple[int, ...] | None]:
    """The next rows, the oldest first, at most so many; behind which it goes on, `None` where it is done.

    Those of anonymous leads are left out, and that a lead was deleted (documented: another call tells of that).
    """
    span = ends_of(job.filter)
    if span is None:
        raise RestError.not_specified("filter 'createdAt'")
    asked = of_activities(job.filter)
    known = types_by_number(session)
    include = None if asked.types is None else tuple(known[number] for number in asked.types if number in known)
    query = log.Query(
        include=include, exclude=(ActivityType.DELETE_LEAD.value,), oldest=seconds(span[1]), latest=seconds(span[2])
    )
    found = (
        log.page(session, query, behind=Place(*job.place) if job.place else None, limit=most) if include != () else ()
    )
    anonymous = log.anonymous(session, {item.lead_id for item in found})
    shower = LogShower(session)
    rows = [
        _row(shower, item, job.fields)
        for item in found
        if item.lead_id not in anonymous
        and (asked.primary_ids is None or shower.primary_id(item) in asked.primary_ids)
        and (asked.primary_names is None or item.asset in asked.primary_names)
    ]
    return rows, (seconds(found[-1].at), found[-1].id) if len(found) == most else None


def _row(shower: LogShower, item: Activity, fields: Sequence[str]) -> list[str]:
    said = shower.head(item) | {
        "primaryAttributeValueId": shower.primary_id(item),
        "primaryAttributeValue": item.asset or None,
        "attributes": msgspec.json.encode(
            {attribute["name"]: attribute["value"] for attribute in shower.attributes(item)}
        ).decode(),
        _RESULT: _SUCCEEDED,
    }
    return [EMPTY_CELL if (value := said.get(name)) is None else str(value) for name in fields]
