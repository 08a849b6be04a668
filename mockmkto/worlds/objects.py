"""The opportunities, roles and custom objects of a fixture: checked, stored, and written as entries again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.object_fields import ROLE_PARTS, external_keys, fields_of
from mockmkto.engine.references import leads_with_value
from mockmkto.model import CustomObjectType, FieldCatalogue, World
from mockmkto.model.custom_objects import CustomObject
from mockmkto.model.objects import MObjectKind, NameValue, Opportunity, OpportunityRole
from mockmkto.store import custom_objects, objects
from mockmkto.store.database import Counter, Session
from mockmkto.worlds.checking import Findings, known_field
from mockmkto.worlds.lists import Leads
from mockmkto.worlds.object_entries import OpportunityEntry, RoleEntry
from mockmkto.worlds.problems import Location, show_location, show_value
from mockmkto.worlds.schema import WorldEntry
from mockmkto.worlds.values import OPEN, Values, counted_on
from mockmkto.worlds.world import FixtureLead, FixtureObjects, FixtureRecord

__all__ = ["ObjectChecks", "check_objects", "put_objects"]


def check_objects(
    entry: WorldEntry, at: Location, world: World, leads: Sequence[FixtureLead], findings: Findings
) -> FixtureObjects:
    """Opportunities, roles and records, in the order of the file; what is wrong goes to the findings."""
    checking = ObjectChecks(at, world, Values(world, findings), findings)
    opportunities = checking.opportunities(entry.opportunities or [])
    return FixtureObjects(
        opportunities,
        checking.roles(entry.opportunity_roles or [], opportunities, Leads(leads, checking.values)),
        tuple(
            record
            for index, item in enumerate(entry.custom_object_types or [])
            for record in checking.records(item.name, item.records or [], (*at, "custom_object_types", index))
        ),
    )


class ObjectChecks(Struct, frozen=True):
    """Reads what a fixture, or a request of the control API, says of objects; what is wrong goes to the findings."""

    at: Location
    world: World
    values: Values
    findings: Findings

    def opportunities(self, given: Sequence[OpportunityEntry]) -> tuple[Opportunity, ...]:
        """Every opportunity, in the order of the file."""
        place = (*self.at, "opportunities")
        fields = fields_of(MObjectKind.OPPORTUNITY, self.world)
        ids = counted_on([item.id for item in given], place, self.findings, 1)
        found = []
        for index, item in enumerate(given):
            where = (*place, index)
            created_at, updated_at = self.values.times(item.created_at, item.updated_at, where)
            found.append(
                Opportunity(
                    next(ids),
                    self.attributes(item.attributes, fields, (*where, "attributes")),
                    created_at,
                    updated_at,
                    self.external(item.external, where),
                    self.values.name(item.company, (*where, "company")) if item.company is not None else None,
                )
            )
        return tuple(found)

    def external(self, given: Mapping[str, object] | None, at: Location) -> NameValue | None:
        """The external key: one name and its value."""
        if given is None:
            return None
        where = (*at, "external")
        texts = self.values.texts(given, where)
        if len(texts) != 1 or not all(name.strip() and text.strip() for name, text in texts.items()):
            self.findings.add(where, "expected one name and its value, such as {Opp Id: O-1}")
            return None
        ((name, text),) = texts.items()
        return NameValue(name.strip(), text.strip())

    def roles(
        self, given: Sequence[RoleEntry], opportunities: Sequence[Opportunity], leads: Leads
    ) -> tuple[OpportunityRole, ...]:
        """Every role, in the order of the file; the three parts of one are there once."""
        place = (*self.at, "opportunity_roles")
        fields = fields_of(MObjectKind.ROLE, self.world)
        known = {item.id for item in opportunities}
        ids = counted_on([item.id for item in given], place, self.findings, 1)
        owners: dict[tuple[int, int, str], int] = {}
        found = []
        for index, item in enumerate(given):
            where = (*place, index)
            if item.opportunity not in known:
                message = f"there is no opportunity with the id {item.opportunity} in this file"
                self.findings.add((*where, "opportunity"), message)
            lead_id = leads.find(item.lead, (*where, "lead"))
            values = self.attributes(item.attributes, fields, (*where, "attributes"))
            for name in ROLE_PARTS:
                if name in values:
                    key = "`opportunity:`" if name == "OpportunityId" else "`lead:`"
                    self.findings.add(
                        (*where, "attributes", name), f"expected it under {key}, not among the attributes"
                    )
            role_id = next(ids)
            if lead_id is None:
                continue
            created_at, updated_at = self.values.times(item.created_at, item.updated_at, where)
            role = OpportunityRole(role_id, item.opportunity, lead_id, values, created_at, updated_at)
            same = (role.opportunity_id, role.lead_id, role.role.casefold())
            if owners.setdefault(same, index) != index:
                owner = show_location((*place, owners[same]))
                self.findings.add(where, f"the opportunity, the lead and the role are already those of {owner}")
            found.append(role)
        return tuple(found)

    def records(self, name: str, given: Sequence[Mapping[str, object]], at: Location) -> list[FixtureRecord]:
        """Every record of a type, in the order of the file."""
        kind = self.world.objects.custom_type(name)
        if kind is None:
            return []
        owners: dict[str, int] = {}
        found = []
        for index, record in enumerate(given):
            where = (*at, "records", index)
            values = self.attributes(record, kind.fields, where)
            missing = [key for key in kind.keys if not values.get(key)]
            if missing:
                self.findings.add(where, f"expected a value of every key; missing: {', '.join(missing)}")
                continue
            same = custom_objects.identity(kind, values)
            if owners.setdefault(same, index) != index:
                owner = show_location((*at, "records", owners[same]))
                self.findings.add(where, f"the keys are already those of {owner}")
            found.append(FixtureRecord(kind.name, values))
        return found

    def attributes(self, given: Mapping[str, object] | None, fields: FieldCatalogue, at: Location) -> dict[str, str]:
        """Values as they are stored, by the field's own name; empty ones are left out."""
        values: dict[str, str] = {}
        for name, text in self.values.texts(given, at).items():
            field = known_field(name, fields)
            if isinstance(field, str):
                self.findings.add((*at, name), field)
                continue
            if field.name in values:
                self.findings.add((*at, name), f"the field {field.name} is given twice")
            try:
                value = read_value(field, text, self.world.time_zone)
            except BadValue as error:
                self.findings.add((*at, name), f"expected {error.expected}, got {show_value(text)}")
            except OverlongValue as error:
                self.findings.add((*at, name), f"expected no more than {error.limit}")
            else:
                if value:
                    values[field.name] = value
        return values


# ---------------------------------------------------------------------------------------------------------------------
# Into a subscription


def put_objects(given: FixtureObjects, session: Session) -> None:
    """Store them; where the fixture has no time, as of the time of loading."""
    now = session.now
    if given.companies:
        from mockmkto.worlds.companies import put_companies

        put_companies(given.companies, session)
    objects.add_opportunities(
        session,
        (
            replace(item, created_at=_time(item.created_at, now), updated_at=_time(item.updated_at, now))
            for item in given.opportunities
        ),
        external_keys(session.world),
    )
    objects.add_roles(
        session,
        (
            replace(item, created_at=_time(item.created_at, now), updated_at=_time(item.updated_at, now))
            for item in given.roles
        ),
    )
    by_type: dict[str, list[CustomObject]] = {}
    for record in given.records:
        kind = session.world.objects.custom_type(record.type)
        if kind is None:
            raise LookupError(record.type)
        lead_id = _linked(session, kind, record.values)
        new = CustomObject(session.take_id(Counter.CUSTOM_OBJECT), kind.name, record.values, lead_id, now, now)
        by_type.setdefault(kind.name, []).append(new)
    for name, records in by_type.items():
        kind = session.world.objects.custom_type(name)
        if kind is not None:
            custom_objects.add_many(session, kind, records)


def _linked(session: Session, kind: CustomObjectType, values: Mapping[str, str]) -> int | None:
    """The lead that a record is linked to; one that several leads could be is nobody's."""
    value = values.get(kind.link.field, "") if kind.link is not None else ""
    found = leads_with_value(session, kind.link.to, value) if kind.link is not None and value else None
    return found[0] if found is not None and len(found) == 1 else None


def _time(at: datetime, now: datetime) -> datetime:
    return now if at == OPEN else at
