"""What a fixture's entries mean: names that must be known, values that must fit, keys that must be unique."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec.structs import replace

from mockmkto.engine.catalogue import STANDARD_FIELDS, closest_name, default_length
from mockmkto.engine.fields import BadValue, read_value
from mockmkto.engine.lookup import KEY_TYPES
from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.model import (
    AssignmentRule,
    Behaviour,
    Condition,
    Credential,
    Field,
    FieldCatalogue,
    FieldType,
    Limits,
    Operator,
    Workspace,
    World,
)
from mockmkto.settings import SWITCHES, SettingError, behaviour_from
from mockmkto.settings.texts import parse_host_name
from mockmkto.store.registry import DEFAULT_SUBSCRIPTION
from mockmkto.worlds.empty import DEFAULT_TIME_ZONE, built_in_credentials
from mockmkto.worlds.field_entry import GIVEN, FieldEntry
from mockmkto.worlds.field_ids import LARGEST, told_apart
from mockmkto.worlds.findings import Findings
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.schema import ConditionEntry, LimitsEntry, WorldEntry, nearest

__all__ = [
    "LEAD_KEY_TYPES",
    "Findings",
    "check_name",
    "check_world",
    "checked_field",
    "known_field",
    "no_partition",
    "no_two",
]

# The key types of getLead that look into a field: all but the three that have a rule of their own.
LEAD_KEY_TYPES = tuple(item for item in KEY_TYPES if item not in ("IDNUM", "COOKIE", "EMAIL"))

MAX_KEYS = 2  # two keys of a credential are live while one is being rotated

# A subscription's name is also a file's and a query parameter's.
_SUBSCRIPTION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Members of the record: never fields (spec: "never attributes in an answer").
_RECORD_MEMBERS = {
    "id": "Id",
    "email": "Email",
    "foreignsyspersonid": "ForeignSysPersonId",
    "foreignsystype": "ForeignSysType",
}

_ONCE_STANDARD = frozenset(("jigsawcontactid", "jigsawcontactstatus"))  # what older fixtures may take away

_T = TypeVar("_T")


def known_field(name: str, catalogue: FieldCatalogue) -> Field | str:
    """The field of that name in any case, in either API; else what to say about it."""
    found = catalogue.named(name)
    if found is not None:
        return found
    near = closest_name(name, catalogue)
    return f"there is no field {show_value(name)}" + (f" (did you mean {near!r}?)" if near else "")


def no_partition(name: str, known: Sequence[str]) -> str:
    """What to say about a partition that is not there."""
    return f"there is no partition {show_value(name)}{nearest(name, known)}; known here: {', '.join(known)}"


def check_world(entry: WorldEntry, at: Location, findings: Findings) -> tuple[str, tuple[Credential, ...], World]:
    """The subscription's name, its credentials and its world; what is wrong goes to the findings."""
    subscription = entry.subscription if entry.subscription is not None else DEFAULT_SUBSCRIPTION
    if not _SUBSCRIPTION_NAME.fullmatch(subscription):
        expected = "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit"
        findings.add((*at, "subscription"), f"expected {expected}, got {show_value(subscription)}")
    time_zone = _time_zone(entry, at, findings)
    partitions, workspaces = _places(entry, at, findings)
    catalogue = _catalogue(entry.fields or [], at, findings)
    world = World(
        fields=catalogue,
        workspaces=workspaces,
        partitions=tuple(partitions.values()),
        assignment_rules=_rules(entry, at, findings, catalogue, partitions, time_zone),
        behaviour=_behaviour(entry, at, findings),
        time_zone=time_zone,
        lead_keys=_lead_keys(entry, at, findings, catalogue),
        hosts=_hosts(entry, at, findings),
    )
    return subscription, _credentials(entry, at, findings, subscription), world


def _credentials(entry: WorldEntry, at: Location, findings: Findings, subscription: str) -> tuple[Credential, ...]:
    if entry.credentials is None:
        return built_in_credentials(subscription)
    credentials = []
    for index, item in enumerate(entry.credentials):
        where = (*at, "credentials", index)
        if not item.user_id:
            findings.add((*where, "user_id"), "expected a user id, got an empty text")
        if not 1 <= len(item.encryption_keys) <= MAX_KEYS:
            findings.add(
                (*where, "encryption_keys"),
                f"expected one key, or two while one is being rotated, got {len(item.encryption_keys)}",
            )
        if "" in item.encryption_keys:
            findings.add((*where, "encryption_keys"), "expected a key, got an empty text")
        credentials.append(Credential(item.user_id, tuple(item.encryption_keys), subscription, bool(item.blocked)))
    no_two(credentials, lambda item: item.user_id, (*at, "credentials"), "user_id", findings, str)
    return tuple(credentials)


def _hosts(entry: WorldEntry, at: Location, findings: Findings) -> tuple[str, ...]:
    hosts: list[str] = []
    for index, text in enumerate(entry.hosts or []):
        try:
            hosts.append(parse_host_name(text))
        except ValueError as error:
            findings.add((*at, "hosts", index), f"expected {error}, got {show_value(text)}")
    no_two(hosts, lambda item: item, (*at, "hosts"), None, findings, str)
    return tuple(hosts)


def _time_zone(entry: WorldEntry, at: Location, findings: Findings) -> ZoneInfo:
    name = entry.time_zone if entry.time_zone is not None else DEFAULT_TIME_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name that is a folder, or leads out of the database
        near = nearest(name, sorted(available_timezones()))
        message = f"expected the name of a time zone, such as {DEFAULT_TIME_ZONE} or UTC, got {show_value(name)}{near}"
        findings.add((*at, "time_zone"), message)
        return ZoneInfo("UTC")


def _limits(entry: WorldEntry, at: Location, findings: Findings) -> str | None:
    """The limits as their switch says them; `None` when the entry says nothing."""
    if entry.limits is None:
        return None
    if "limits" in (entry.behaviour or {}):
        findings.add((*at, "limits"), "the limits are given under `behaviour` already: give them once")
        return None
    if isinstance(entry.limits, LimitsEntry):
        given = {name: getattr(entry.limits, name) for name in ("per_day", "per_20_seconds", "at_once")}
        for name, text in given.items():
            if text is not None and text != "-" and not (text.isascii() and text.isdigit()):
                findings.add((*at, "limits", name), f"expected a number, or - for no limit, got {show_value(text)}")
                return None
        documented = Limits()
        return "/".join(str(getattr(documented, name)) if text is None else text for name, text in given.items())
    try:
        behaviour_from({"limits": entry.limits})
    except SettingError as error:
        findings.add((*at, "limits"), f"expected {error.expected}, got {show_value(entry.limits)}")
        return None
    return entry.limits


def _behaviour(entry: WorldEntry, at: Location, findings: Findings) -> Behaviour:
    known = {switch.name: switch for switch in SWITCHES}
    texts: dict[str, str] = {}
    for name, text in (entry.behaviour or {}).items():
        where = (*at, "behaviour", name)
        if name not in known:
            findings.add(where, f"unknown switch{nearest(name, tuple(known))}; known here: {', '.join(known)}")
        elif not isinstance(text, str):
            findings.add(where, f"expected {' or '.join(known[name].choices)}, got {show_value(text)}")
        else:
            try:
                known[name].parse(text)
            except ValueError as error:
                findings.add(where, f"expected {error}, got {show_value(text)}")
            else:
                texts[name] = text
    duration = entry.imports.duration if entry.imports is not None else None
    if duration is not None:
        where = (*at, "imports", "duration")
        if "import_duration" in texts:
            findings.add(where, "`behaviour` has it already, as import_duration: give it once")
        else:
            try:
                known["import_duration"].parse(duration)
                texts["import_duration"] = duration
            except ValueError as error:
                findings.add(where, f"expected {error}, got {show_value(duration)}")
    limits = _limits(entry, at, findings)
    if limits is not None:
        texts["limits"] = limits
    return behaviour_from(texts)


# ---------------------------------------------------------------------------------------------------------------------
# Workspaces and partitions


def _places(entry: WorldEntry, at: Location, findings: Findings) -> tuple[dict[str, str], tuple[Workspace, ...]]:
    """Every partition by its folded name, and the workspaces: none when they are not enabled."""
    listed = entry.partitions or []
    for index, name in enumerate(listed):
        check_name(name, (*at, "partitions", index), findings)
    no_two(listed, str, (*at, "partitions"), None, findings)
    given = entry.workspaces or []
    primary = [item.primary_partition if item.primary_partition is not None else DEFAULT_PARTITION for item in given]
    default = DEFAULT_PARTITION.casefold()
    partitions: dict[str, str] = {}
    for name in (*listed, *primary, DEFAULT_PARTITION):
        partitions.setdefault(name.casefold(), DEFAULT_PARTITION if name.casefold() == default else name)
    for index, item in enumerate(given):
        check_name(item.name, (*at, "workspaces", index, "name"), findings)
        check_name(primary[index], (*at, "workspaces", index, "primary_partition"), findings)
    no_two(given, lambda item: item.name, (*at, "workspaces"), "name", findings)
    workspaces = [Workspace(item.name, partitions[name.casefold()]) for item, name in zip(given, primary, strict=True)]
    if entry.workspaces is not None and all(item.name.casefold() != DEFAULT_WORKSPACE.casefold() for item in given):
        workspaces.insert(0, Workspace(DEFAULT_WORKSPACE, DEFAULT_PARTITION))
    return partitions, tuple(workspaces)


def check_name(name: str, at: Location, findings: Findings) -> None:
    """Note a name that is empty, or has space around it."""
    if not name or name != name.strip():
        findings.add(at, f"expected a name without space around it, got {show_value(name)}")


def _rules(
    entry: WorldEntry,
    at: Location,
    findings: Findings,
    catalogue: FieldCatalogue,
    partitions: dict[str, str],
    time_zone: ZoneInfo,
) -> tuple[AssignmentRule, ...]:
    rules = []
    given = entry.assignment_rules or []
    for index, item in enumerate(given):
        where = (*at, "assignment_rules", index)
        check_name(item.name, (*where, "name"), findings)
        partition = partitions.get(item.partition.casefold())
        if partition is None:
            findings.add((*where, "partition"), no_partition(item.partition, list(partitions.values())))
        conditions = [
            _condition(condition, (*where, "when", position), findings, catalogue, time_zone)
            for position, condition in enumerate(item.when or [])
        ]
        rules.append(
            AssignmentRule(item.name, tuple(filter(None, conditions)), partition if partition is not None else "")
        )
    no_two(given, lambda item: item.name, (*at, "assignment_rules"), "name", findings)
    return tuple(rules)


def _condition(
    entry: ConditionEntry, at: Location, findings: Findings, catalogue: FieldCatalogue, time_zone: ZoneInfo
) -> Condition | None:
    given = {
        Operator.IS: entry.is_,
        Operator.IS_NOT: entry.is_not,
        Operator.STARTS_WITH: entry.starts_with,
        Operator.ENDS_WITH: entry.ends_with,
        Operator.CONTAINS: entry.contains,
        Operator.IN: entry.in_,
        Operator.IS_EMPTY: entry.is_empty,
        Operator.IS_NOT_EMPTY: entry.is_not_empty,
    }
    used = {operator: operand for operator, operand in given.items() if operand is not None}
    if len(used) != 1:
        came = ", ".join(used) or "none"
        findings.add(at, f"expected exactly one of {', '.join(given)}, got {came}")
        return None
    operator, operand = used.popitem()
    if operand is False or operand == []:
        findings.add((*at, operator.value), "expected true" if operand is False else "expected at least one value")
        return None
    operands = tuple(operand) if isinstance(operand, list) else (operand,) if isinstance(operand, str) else ()
    if entry.field.casefold() == "email":
        return Condition("Email", operator, operands)
    field = known_field(entry.field, catalogue)
    if isinstance(field, str):
        findings.add((*at, "field"), field)
        return None
    if operator in (Operator.IS, Operator.IS_NOT, Operator.IN) and default_length(field.type) is None:
        for text in filter(None, operands):
            try:
                read_value(field, text, time_zone)
            except BadValue as error:
                findings.add((*at, operator.value), f"expected {error.expected}, got {show_value(text)}")
    return Condition(field.name, operator, operands)


# ---------------------------------------------------------------------------------------------------------------------
# Fields


def _catalogue(entries: Sequence[FieldEntry], at: Location, findings: Findings) -> FieldCatalogue:
    by_folded = {item.name.casefold(): item for item in STANDARD_FIELDS}
    for index, entry in enumerate(entries):
        where = (*at, "fields", index)
        folded = entry.name.casefold()
        check_name(entry.name, (*where, "name"), findings)
        if folded in _RECORD_MEMBERS:
            findings.add((*where, "name"), f"{_RECORD_MEMBERS[folded]} is a part of every lead, not a field")
        elif entry.remove:
            if by_folded.pop(folded, None) is None and folded not in _ONCE_STANDARD:
                findings.add((*where, "name"), f"there is no field {show_value(entry.name)} to remove")
        else:
            field = checked_field(entry, by_folded.get(folded), where, findings)
            if field is not None:
                by_folded[folded] = field
    no_two(entries, lambda item: item.name, (*at, "fields"), "name", findings)
    return FieldCatalogue(told_apart(by_folded.values(), entries, at, findings))


def checked_field(entry: FieldEntry, standard: Field | None, at: Location, findings: Findings) -> Field | None:
    """The field that an entry makes: of its own with a type, else the standard one with what is given changed."""
    if entry.type is not None:
        try:
            type_ = FieldType(entry.type)
        except ValueError:
            known = [item.value for item in FieldType]
            findings.add(
                (*at, "type"),
                f"expected one of {', '.join(known)}, got {show_value(entry.type)}{nearest(entry.type, known)}",
            )
            return None
        base = Field(entry.name, type_, default_length(type_))
        if standard is not None and (standard.soap or entry.soap is False):
            base = replace(standard, name=entry.name, type=type_, length=default_length(type_), read_only=False)
    elif standard is not None:
        base = standard
    else:
        findings.add(at, "expected the key `type`, which only a change to a standard field may leave out")
        return None
    length = base.length
    if entry.length is not None:
        if default_length(base.type) is None:
            findings.add((*at, "length"), f"a field of type {base.type.value} has no length")
        elif not 1 <= entry.length <= LARGEST:
            findings.add((*at, "length"), f"expected 1 to {LARGEST}, got {entry.length}")
        length = entry.length
    given = {name: value for name in GIVEN if (value := getattr(entry, name)) is not None}
    return replace(base, length=length, **given)


def _lead_keys(entry: WorldEntry, at: Location, findings: Findings, catalogue: FieldCatalogue) -> dict[str, str]:
    lead_keys: dict[str, str] = {}
    for given, name in (entry.lead_keys or {}).items():
        where = (*at, "lead_keys", given)
        key_type = given.upper()
        if key_type not in LEAD_KEY_TYPES:
            message = f"unknown key type{nearest(given, LEAD_KEY_TYPES)}; known here: {', '.join(LEAD_KEY_TYPES)}"
            findings.add(where, message)
        elif key_type in lead_keys:
            findings.add(where, f"the key type {key_type} is given twice")
        elif not isinstance(name, str):
            findings.add(where, f"expected the name of a field, got {show_value(name)}")
        else:
            field = known_field(name, catalogue)
            if isinstance(field, str):
                findings.add(where, field)
            else:
                lead_keys[key_type] = field.name
    return lead_keys


# ---------------------------------------------------------------------------------------------------------------------


def no_two(
    items: Sequence[_T],
    name_of: Callable[[_T], str],
    at: Location,
    key: str | None,
    findings: Findings,
    fold: Callable[[str], str] = str.casefold,
) -> None:
    """Note every name that an earlier item has, too."""
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        name = name_of(item)
        earlier = first.setdefault(fold(name), index)
        if earlier != index:
            where = (*at, index) if key is None else (*at, index, key)
            findings.add(where, f"{show_value(name)} is given twice: also at {at[-1]}[{earlier}]")
