"""Forms of the operations on leads and their activities."""

from __future__ import annotations

from typing import Any

from mockmkto.soap.forms.arguments import (
    BATCH,
    EXCLUDE,
    FIELD,
    INCLUDE,
    KEYS,
    POSITION,
    SELECTOR,
    SINCE,
    UNTIL,
    activity_filter,
    attributes,
    lead_keys,
    need,
    selector,
    start_position,
    strings,
)
from mockmkto.soap.forms.form import Argument, Form, FormError, Given, Tree

__all__ = ["FORMS"]

_MEMBERS = {name.casefold(): name for name in ("Id", "Email", "ForeignSysPersonId", "ForeignSysType")}


def _records(given: Given) -> Tree:
    """`--lead Email=ann@example.com,FirstName=Ann`: members of the record by their names, all else as attributes."""
    need(given, "lead")
    records: list[tuple[str, Any]] = []
    for text in given["lead"]:
        pairs = [part.partition("=") for part in text.split(",")]
        if any(not name or not mark for name, mark, _ in pairs):
            raise FormError("--lead takes NAME=VALUE,NAME=VALUE")
        keys = {_MEMBERS[name.casefold()]: value for name, _, value in pairs if name.casefold() in _MEMBERS}
        rest = attributes((name, value) for name, _, value in pairs if name.casefold() not in _MEMBERS)
        ordered = [(name, keys.get(name)) for name in _MEMBERS.values()]
        records.append(("leadRecord", [*ordered, ("leadAttributeList", rest)]))
    dedup = "false" if given.get("no_dedup") else None
    return [("leadRecordList", records), ("dedupEnabled", dedup)]


def _multiple(given: Given) -> Tree:
    return [
        ("leadSelector", selector(given)),
        ("streamPosition", given.get("position")),
        ("batchSize", given.get("batch")),
        ("includeAttributes", strings(given.get("field"))),
    ]


def _merge(given: Given) -> Tree:
    need(given, "winner", "loser")
    return [
        ("winningLeadKeyList", attributes([_merge_key(given["winner"])])),
        ("losingLeadKeyLists", [("keyList", attributes([_merge_key(text)])) for text in given["loser"]]),
    ]


def _merge_key(text: str) -> tuple[str, str]:
    """`1001`, `ann@example.com` or `SFDCLEADID=42`."""
    name, mark, value = text.partition("=")
    if mark and name.isalpha():
        return name, value
    return ("EMAIL" if "@" in text else "IDNUM"), text


def _activity(given: Given) -> Tree:
    keys = lead_keys(given)
    if len(keys) != 1:
        raise FormError("exactly one of --id, --email, --cookie and --key must be given")
    start = start_position(given)
    return [
        ("leadKey", [("keyType", keys[0][0]), ("keyValue", keys[0][1])]),
        ("activityFilter", activity_filter(given)),
        ("startPosition", start if any(text for _, text in start) else None),
        ("batchSize", given.get("batch")),
    ]


def _changes(given: Given) -> Tree:
    names = strings(given.get("name"))
    return [
        ("startPosition", start_position(given)),
        ("activityFilter", activity_filter(given)),
        ("activityNameFilter", names),
        ("batchSize", given.get("batch")),
        ("leadSelector", selector(given)),
    ]


FORMS: tuple[Form, ...] = (
    Form(
        "syncMultipleLeads",
        "creates or updates many leads",
        (
            Argument("lead", "a lead: Email=ann@example.com,FirstName=Ann", "NAME=VALUE,...", many=True),
            Argument("no_dedup", "dedupEnabled=false: the e-mail finds nobody", switch=True),
        ),
        _records,
        "--lead Email=ann@example.com,FirstName=Ann --lead Email=ben@example.com",
    ),
    Form(
        "getMultipleLeads",
        "reads leads page by page",
        (*SELECTOR, POSITION, BATCH, FIELD),
        _multiple,
        "--email ann@example.com --email ben@example.com --field FirstName",
    ),
    Form(
        "mergeLeads",
        "merges leads into one",
        (
            Argument("winner", "the lead that stays: its Id, its e-mail, or TYPE=VALUE", "KEY"),
            Argument("loser", "a lead that goes", "KEY", many=True),
        ),
        _merge,
        "--winner 1001 --loser 1002",
    ),
    Form(
        "getLeadActivity",
        "reads the activities of a lead, newest first",
        (*KEYS, INCLUDE, EXCLUDE, SINCE, UNTIL, POSITION, BATCH),
        _activity,
        "--email ann@example.com --include ChangeDataValue",
    ),
    Form(
        "getLeadChanges",
        "reads the activities of all leads, oldest first",
        (
            SINCE,
            UNTIL,
            INCLUDE,
            EXCLUDE,
            Argument("name", "only activities of this name, such as 'Change Data Value'", "NAME", many=True),
            *SELECTOR,
            POSITION,
            BATCH,
        ),
        _changes,
        "--since 2014-01-01T00:00:00Z --name 'New Lead'",
    ),
)
