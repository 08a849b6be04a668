"""The leads of a fixture: Ids counted on, values in the form in which they are stored, keys that no two leads share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.partitions import DEFAULT_PARTITION, DEFAULT_WORKSPACE
from mockmkto.engine.sync import EMAIL_FIELD
from mockmkto.model import Field, FieldType, ForeignId, ForeignSysType, World
from mockmkto.store.database import FIRST_LEAD_ID
from mockmkto.store.lead_keys import cookie_key, cookie_shown
from mockmkto.worlds.checking import Findings, known_field, no_partition
from mockmkto.worlds.problems import Location, show_location, show_value
from mockmkto.worlds.schema import AnonymousLeadEntry, ForeignIdEntry, LeadEntry, WorldEntry, nearest
from mockmkto.worlds.world import FixtureLead

__all__ = ["MOMENT", "check_leads", "exactly"]

MAX_ID = 2**31 - 1  # xs:int, on the wire

MOMENT = Field("created_at, updated_at", FieldType.DATETIME)
# What is a part of the lead itself, and where a fixture says it.
_NOT_ATTRIBUTES = {
    "id": "Id:",
    "email": "Email:",
    "foreignsyspersonid": "foreign_ids:",
    "foreignsystype": "foreign_ids:",
    "createdat": "created_at:",
    "updatedat": "updated_at:",
}

_K = TypeVar("_K")


def check_leads(entry: WorldEntry, at: Location, world: World, findings: Findings) -> tuple[FixtureLead, ...]:
    """Every lead, known ones first, in the order of the file; what is wrong goes to the findings."""
    return _Leads(at, world, findings).check(entry)


def exactly(canonical: str, text: str) -> datetime:
    """The time that a canonical text says, with the fraction of a second that the text had which it was made of."""
    moment = datetime.fromisoformat(canonical)
    fraction = _FRACTION.search(text)
    return moment.replace(microsecond=int(fraction[1][:6].ljust(6, "0"))) if fraction else moment


_FRACTION = re.compile(r"\.([0-9]+)")


class _Leads:
    def __init__(self, at: Location, world: World, findings: Findings) -> None:
        self._at = at
        self._world = world
        self._findings = findings
        self._partitions = {name.casefold(): name for name in world.partitions}
        default = world.workspace(DEFAULT_WORKSPACE)
        self._partition = default.primary_partition if default else DEFAULT_PARTITION
        self._fields: dict[str, Field | str] = {}  # by name as written
        # Which lead has the key, for the message when another one has it, too.
        self._ids: dict[int, Location] = {}
        self._foreign_ids: dict[ForeignId, Location] = {}
        self._cookies: dict[str, Location] = {}

    def check(self, entry: WorldEntry) -> tuple[FixtureLead, ...]:
        entries: list[tuple[Location, AnonymousLeadEntry]] = [
            *(((*self._at, "leads", index), item) for index, item in enumerate(entry.leads or [])),
            *(((*self._at, "anonymous_leads", index), item) for index, item in enumerate(entry.anonymous_leads or [])),
        ]
        ids = self._ids_of(entries)
        return tuple(self._lead(item, next(ids), where) for where, item in entries)

    def _ids_of(self, entries: list[tuple[Location, AnonymousLeadEntry]]) -> Iterator[int]:
        """The Id of each lead: the one given, or one above the highest so far that no lead is given."""
        for where, item in entries:
            if item.Id is None:
                continue
            if not 1 <= item.Id <= MAX_ID:
                self._findings.add((*where, "Id"), f"expected 1 to {MAX_ID}, got {item.Id}")
            self._claim(self._ids, item.Id, where, ("Id",), "Id", str(item.Id))
        return self._count_on(entries)

    def _count_on(self, entries: list[tuple[Location, AnonymousLeadEntry]]) -> Iterator[int]:
        highest = FIRST_LEAD_ID - 1
        seen = False
        for where, item in entries:
            lead_id = item.Id
            if lead_id is None:
                lead_id = highest + 1
                while lead_id in self._ids:
                    lead_id += 1
                if lead_id > MAX_ID:
                    self._findings.add(where, f"expected an Id: none is left above {MAX_ID}")
            highest = max(highest, lead_id) if seen else lead_id
            seen = True
            yield lead_id

    def _lead(self, entry: AnonymousLeadEntry, lead_id: int, at: Location) -> FixtureLead:
        known = isinstance(entry, LeadEntry)
        created_at = self._moment(entry.created_at, (*at, "created_at"))
        updated_at = self._moment(entry.updated_at, (*at, "updated_at"))
        if (
            created_at is not None
            and updated_at is not None
            and updated_at < created_at
            and entry.updated_order is None  # whoever says the order knows that the clock was set back
        ):
            self._findings.add((*at, "updated_at"), "expected a time that is not before created_at")
        for name in ("created_order", "updated_order"):
            order = getattr(entry, name)
            if order is not None and not 1 <= order <= MAX_ID:
                self._findings.add((*at, name), f"expected 1 to {MAX_ID}, got {order}")
        return FixtureLead(
            id=lead_id,
            email=self._email(entry.Email, (*at, "Email")) if isinstance(entry, LeadEntry) else None,
            known=known,
            partition=self._partition_of(entry, at),
            foreign_ids=self._read_foreign_ids(entry.foreign_ids or [], at) if isinstance(entry, LeadEntry) else (),
            cookies=self._read_cookies(entry.cookies or [], at),
            attributes=self._attributes(entry.attributes or {}, at),
            created_at=created_at,
            updated_at=updated_at,
            created_order=entry.created_order,
            updated_order=entry.updated_order,
        )

    def _partition_of(self, entry: AnonymousLeadEntry, at: Location) -> str:
        if entry.partition is None:
            return self._partition
        partition = self._partitions.get(entry.partition.casefold())
        if partition is None:
            self._findings.add((*at, "partition"), no_partition(entry.partition, self._world.partitions))
            return self._partition
        return partition

    def _email(self, text: str | None, at: Location) -> str | None:
        stripped = (text or "").strip()
        return self._value(EMAIL_FIELD, stripped, at) or None if stripped else None

    def _moment(self, text: str | None, at: Location) -> datetime | None:
        canonical = self._value(MOMENT, text, at) if text else ""
        return exactly(canonical, text or "") if canonical else None

    def _read_foreign_ids(self, entries: list[ForeignIdEntry], at: Location) -> tuple[ForeignId, ...]:
        found = []
        for index, entry in enumerate(entries):
            where = (*at, "foreign_ids", index)
            if not entry.id:
                self._findings.add((*where, "id"), "expected an id, got an empty text")
                continue
            try:
                type_ = ForeignSysType(entry.type) if entry.type is not None else ForeignSysType.CUSTOM
            except ValueError:
                known = [item.value for item in ForeignSysType]
                shown = show_value(entry.type) + nearest(entry.type or "", known)
                self._findings.add((*where, "type"), f"expected one of {', '.join(known)}, got {shown}")
                continue
            key = ForeignId(type_, entry.id)
            self._claim(self._foreign_ids, key, at, ("foreign_ids", index), f"{type_.value} id", entry.id)
            found.append(key)
        return tuple(found)

    def _read_cookies(self, texts: list[str], at: Location) -> tuple[str, ...]:
        found = []
        for index, text in enumerate(texts):
            key = cookie_key(text)
            if not key:
                self._findings.add((*at, "cookies", index), "expected a cookie, got an empty text")
                continue
            self._claim(self._cookies, key, at, ("cookies", index), "cookie", text)
            found.append(cookie_shown(text))
        return tuple(found)

    def _attributes(self, given: Mapping[str, object], at: Location) -> dict[str, str]:
        values: dict[str, str] = {}
        written: set[str] = set()
        for name, text in given.items():
            field = self._fields.get(name)
            if field is None:
                field = self._fields[name] = self._attribute_field(name)
            if isinstance(field, str):
                self._findings.add((*at, "attributes", name), field)
                continue
            if field.name in written:
                self._findings.add((*at, "attributes", name), f"the field {field.name} is given twice")
            written.add(field.name)
            if not text:  # nothing, or an empty text: an empty field
                continue
            if not isinstance(text, str):
                self._findings.add((*at, "attributes", name), f"expected a single value, got {show_value(text)}")
                continue
            value = self._value(field, text, (*at, "attributes", name))
            if value:
                values[field.name] = value
        return values

    def _attribute_field(self, name: str) -> Field | str:
        elsewhere = _NOT_ATTRIBUTES.get(name.casefold())
        if elsewhere is not None:
            return f"{name} is a part of the lead, not an attribute: use `{elsewhere}` of the lead"
        return known_field(name, self._world.fields)

    def _value(self, field: Field, text: str, at: Location) -> str:
        """The form in which the value is stored; a value that does not fit is a problem, and empty."""
        try:
            return read_value(field, text, self._world.time_zone)
        except BadValue as error:
            self._findings.add(at, f"expected {error.expected}, got {show_value(text)}")
        except OverlongValue as error:
            self._findings.add(at, f"expected no more than {error.limit}")
        return ""

    def _claim(self, owners: dict[_K, Location], key: _K, lead: Location, at: Location, kind: str, text: str) -> None:
        """A key finds one lead: note whose it is, or that it is another's already."""
        if key in owners:
            message = f"the {kind} {show_value(text)} is already that of {show_location(owners[key])}"
            self._findings.add((*lead, *at), message)
        else:
            owners[key] = lead
