"""The activity log: page tokens, types, activities, changes of leads, deleted leads, activities of one's own types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from mockmkto.auth.timestamps import parse_timestamp
from mockmkto.engine.custom_activities import NewCustom, add_custom
from mockmkto.engine.forward_log import MOST_OF_A_PAGE, Forward, place_since, read_forward, read_place, token_of
from mockmkto.engine.lead_fields import lead_field, rest_name
from mockmkto.engine.log_showing import LogShower, types_by_number
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Activity, ActivityType, Field
from mockmkto.model.activity_types import STANDARD_TYPES
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered, reason
from mockmkto.rest.parameters import whole_number
from mockmkto.store import lists
from mockmkto.store.activities import Place

__all__ = ["add", "deleted_leads", "find", "lead_changes", "paging_token", "types"]

MOST_TYPES = 10  # of one call (documented)
MOST_LEADS = 30  # of one call (documented)
LARGE_LIST = 10_000  # members: of so large a list no activities are answered any more
LARGE_LISTS_END = datetime(2026, 12, 30, tzinfo=UTC)
"""From when on (documented on one page of the vendor's; another says three months earlier)."""

_BARE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def paging_token(call: RestCall) -> Answered:
    """The token of a moment, from which on activities are read; a bare date is its beginning in UTC (captured).

    Raises:
        RestError: 1003 no time was given; 704 it is none (documented; that it is this code is inferred).
    """
    given = call.parameters.required("sinceDatetime")
    text = f"{given.strip()}T00:00:00" if _BARE_DATE.fullmatch(given.strip()) else given.strip()
    read = parse_timestamp(text, UTC)
    if read is None:
        if re.search(r"[0-9] [0-9]{2}:?[0-9]{2}$", text):
            call.trace.warn("parameter", "a + in an address is a space: write %2B before the offset", "sinceDatetime")
        raise RestError(RestCode.INVALID_DATE)
    return Answered(next_token=token_of(place_since(read.instant)))


def types(call: RestCall) -> Answered:
    """The types of activities, the vendor's and those of the subscription that are approved (shape captured)."""
    shown: list[dict[str, Any]] = []
    for item in STANDARD_TYPES:
        said: dict[str, Any] = {"id": item.id, "name": item.name, "description": item.description}
        if item.primary is not None:
            said["primaryAttribute"] = _attribute(*item.primary)
        shown.append(said | {"attributes": [_attribute(name, kind) for name, kind in item.attributes]})
    for own in call.world.objects.activity_types:
        version = own.approved
        if version is None:
            continue
        said = {"id": own.id, "name": version.name, "description": version.description or ""}
        if version.primary is not None:
            said["primaryAttribute"] = _attribute(version.primary.name, version.primary.data_type)
        attributes = [
            {"apiName": one.api_name, "name": one.name, "dataType": one.data_type} for one in version.attributes
        ]
        shown.append(said | {"attributes": attributes, "apiName": own.api_name})
    return Answered(shown)


def find(call: RestCall) -> Answered:
    """What known leads did, from a token on, the oldest first: of some types, of some leads or of a list's members.

    Raises:
        RestError: in this order (assumed): 1003 no token, one that is none (captured), no types (assumed), more than
            ten of them, more than 30 leads (documented are the bounds); 1001 a number that is none; 1013 no such list;
            1003 a list of 10,000 members or more, from the end of 2026 on (documented).
    """
    start = _start(call)
    numbers = _numbers(call, "activityTypeIds", MOST_TYPES)
    if not numbers:
        raise RestError.not_specified("activityTypeIds")
    known = types_by_number(call.session)
    for number in numbers:
        if number not in known:
            call.trace.warn("activity_type", f"there is no type of activities with the id {number}", "activityTypeIds")
    names = [known[number] for number in numbers if number in known]
    shower = LogShower(call.session)
    assets = set(_numbers(call, "assetIds"))
    kept: Callable[[Activity], bool] = lambda _: True  # noqa: E731
    if assets:
        kept = lambda item: shower.primary_id(item) in assets  # noqa: E731
    page = _read(call, start, names, f"activities of the types {', '.join(names) or 'that there are not'}", kept)
    return _answered(page, [_shown(shower, item) for item in page.activities])


def lead_changes(call: RestCall) -> Answered:
    """New leads, and changes of some fields, from a token on (documented); the fields have their REST names.

    Raises:
        RestError: as `find`, but for the types; 1003 no fields; 1006 a field that there is not.
    """
    start = _start(call)
    fields = _fields(call)
    if not fields:
        raise RestError.not_specified("fields")
    shower = LogShower(call.session)
    wanted = {field.name for field in fields}

    def kept(item: Activity) -> bool:
        if item.type == ActivityType.NEW_LEAD:
            return True
        field = shower.field_of(item)
        return field is not None and field.name in wanted

    names = [ActivityType.NEW_LEAD, ActivityType.CHANGE_DATA_VALUE]
    page = _read(call, start, names, f"changes of {', '.join(rest_name(field) for field in fields)}", kept)
    return _answered(page, [_change(shower, item) for item in page.activities])


def deleted_leads(call: RestCall) -> Answered:
    """The leads that were deleted, from a token on (captured).

    Raises:
        RestError: 1003 no token, or one that is none.
    """
    page = _read(call, _start(call), [ActivityType.DELETE_LEAD], "deleted leads", lambda _: True)
    shower = LogShower(call.session)
    return _answered(page, [_shown(shower, item) for item in page.activities])


def add(call: RestCall) -> Answered:
    """Write activities of the subscription's own types (documented); a refused record says its `errors`, not reasons.

    Raises:
        RestError: 609, 612, 1001, 1002, 1003 of the whole request.
    """
    given = [
        NewCustom(
            item.get("leadId"),
            item.get("activityDate"),
            item.get("activityTypeId"),
            item.get("primaryAttributeValue"),
            _named_values(item.get("attributes")),
        )
        for item in call.records()
    ]
    result: list[dict[str, Any]] = []
    for became in add_custom(call.session, given, call.trace):
        if isinstance(became, RestError):
            result.append({"status": "skipped", "errors": [reason(became)]})
        else:
            result.append({"id": became, "marketoGUID": str(became), "status": "added"})
    return Answered(result)


# ---------------------------------------------------------------------------------------------------------------------
# What was asked


def _start(call: RestCall) -> Place:
    token = call.parameters.required("nextPageToken")
    place = read_place(token)
    if place is None:
        raise RestError.invalid_data(f"Invalid token value: [{token}]")
    return place


def _numbers(call: RestCall, name: str, most: int | None = None) -> list[int]:
    texts = call.parameters.texts(name)
    if most is not None and len(texts) > most:
        raise RestError.invalid_data(f"{len(texts)} {name}: {most} are the most")
    return list(dict.fromkeys(whole_number(text) for text in texts))


def _fields(call: RestCall) -> list[Field]:
    found = []
    for name in call.parameters.texts("fields"):
        field = lead_field(call.world, name)
        if field is None:
            raise RestError.field_not_found(name)
        found.append(field)
    return found


def _named_values(given: Any) -> Sequence[tuple[str, object]]:
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise RestError.invalid_type("attributes", "List")
    return [(str(item.get("apiName") or item.get("name") or ""), item.get("value")) for item in given]


def _read(call: RestCall, start: Place, names: Sequence[str], what: str, kept: Callable[[Activity], bool]) -> Forward:
    leads: Sequence[int] | None = _numbers(call, "leadIds", MOST_LEADS) or None
    size = call.parameters.whole("batchSize", MOST_OF_A_PAGE)
    list_id = None
    given = call.parameters.text("listId")
    if given is not None:
        list_id = whole_number(given)
        if lists.by_id(call.session, list_id) is None:
            raise RestError.not_found("List")
        if call.session.now >= LARGE_LISTS_END and lists.member_count(call.session, list_id) >= LARGE_LIST:
            raise RestError.invalid_data(f"List {list_id} has {LARGE_LIST} or more leads")
        if leads is not None:  # of these, those that are members
            leads = [lead_id for lead_id in leads if lists.is_member(call.session, list_id, lead_id)]
        else:
            few = lists.members(call.session, list_id, limit=MOST_OF_A_PAGE + 1)
            leads = few if len(few) <= MOST_OF_A_PAGE else None
        what += f" of list {list_id}"
    return read_forward(
        call.session,
        start,
        names,
        call.trace,
        leads=leads,
        list_id=list_id if leads is None else None,
        size=size,
        kept=kept,
        what=what,
    )


# ---------------------------------------------------------------------------------------------------------------------
# What is answered


def _answered(page: Forward, shown: list[dict[str, Any]]) -> Answered:
    """Without activities there is no `result` (captured); a token and whether there is more are always there."""
    return Answered(shown or None, next_token=token_of(page.next), more=page.more)


def _shown(shower: LogShower, item: Activity) -> dict[str, Any]:
    said = shower.head(item)
    primary_id = shower.primary_id(item)
    if primary_id is not None:
        said["primaryAttributeValueId"] = primary_id
    said["primaryAttributeValue"] = item.asset
    said["attributes"] = shower.attributes(item)
    return said


def _change(shower: LogShower, item: Activity) -> dict[str, Any]:
    fields = []
    field = shower.field_of(item)
    if field is not None:
        old, new = (dict(item.attributes).get(name) or None for name in ("Old Value", "New Value"))
        fields = [{"id": field.id, "name": rest_name(field), "newValue": new, "oldValue": old}]
    return shower.head(item) | {"fields": fields, "attributes": shower.attributes_of_change(item)}


def _attribute(name: str, kind: str) -> dict[str, str]:
    return {"name": name, "dataType": kind}
