"""Opportunities and roles as the REST API has them: the objects that SOAP knows by number, each with a marketoGUID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from mockmkto.engine.catalogue import standard_rest_name
from mockmkto.engine.object_fields import OPPORTUNITY_FIELDS, ROLE_FIELDS, ROLE_PARTS, external_keys, fields_of
from mockmkto.engine.object_kinds import KindField, ObjectKind, guid_field, moments
from mockmkto.engine.opportunity_objects import note_joined, note_updated, remove_opportunity, remove_role
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Field, FieldType, TraceBuilder, World
from mockmkto.model.objects import MObjectKind, NameValue, Opportunity, OpportunityRole
from mockmkto.store import leads
from mockmkto.store import objects as store
from mockmkto.store.database import Counter, Session

__all__ = ["OpportunityKind", "RoleKind", "opportunity_kind", "role_kind"]

# What the REST API alone knows of an opportunity (documented): whose it is, by the keys that other systems have.
_LINKS = tuple(Field(name, FieldType.STRING, 50) for name in ("externalCompanyId", "externalSalesPersonId"))
_EXTERNAL_ID = KindField(
    store.EXTERNAL_ID, Field(store.EXTERNAL_ID, FieldType.STRING, 50, display_name="External Opportunity Id")
)


def opportunity_kind(world: World) -> OpportunityKind:
    """Opportunities in this world."""
    return _opportunity_kind(fields_of(MObjectKind.OPPORTUNITY, world).every, external_keys(world))


def role_kind(world: World) -> RoleKind:
    """Roles in this world."""
    return _role_kind(fields_of(MObjectKind.ROLE, world).every)


@lru_cache(maxsize=64)
def _opportunity_kind(fields: tuple[Field, ...], keys: frozenset[str]) -> OpportunityKind:
    return OpportunityKind(fields, keys)


@lru_cache(maxsize=64)
def _role_kind(fields: tuple[Field, ...]) -> RoleKind:
    return RoleKind(fields)


def _named(fields: Sequence[Field], standard: Sequence[Field]) -> tuple[KindField, ...]:
    """Standard fields by their name with a small letter (documented), others by their own."""
    known = {item.name.casefold() for item in standard}
    return tuple(
        KindField(
            item.rest_name or (standard_rest_name(item.name) if item.name.casefold() in known else item.name),
            item,
            not item.rest_read_only,
        )
        for item in fields
        if item.rest
    )


class OpportunityKind(ObjectKind[Opportunity]):
    """Opportunities: told apart by their external key, whatever SOAP calls it."""

    name = "opportunity"
    label = "Opportunity"
    dedupe_fields = (store.EXTERNAL_ID,)

    def __init__(self, fields: tuple[Field, ...], keys: frozenset[str]) -> None:
        created, updated = moments()
        own = {item.name.casefold() for item in fields}
        links = tuple(KindField(item.name, item) for item in _LINKS if item.name.casefold() not in own)
        named = tuple(item for item in _named(fields, OPPORTUNITY_FIELDS) if item.name != store.EXTERNAL_ID)
        self.fields = (guid_field(), _EXTERNAL_ID, *links, *named, created, updated)
        self.searchable = tuple(item.name for item in named if item.field.name in keys)
        self._keys = keys
        super().__init__()

    def stored(self, item: Opportunity, name: str) -> str | None:
        """The canonical text of a field; the external key is that of SOAP."""
        if name == store.EXTERNAL_ID:
            return item.external_key.value if item.external_key is not None else None
        return super().stored(item, name)

    def by_number(self, session: Session, number: int) -> Opportunity | None:
        """The opportunity with that number."""
        return store.opportunity_by_id(session, number)

    def by_key(self, session: Session, key: Mapping[str, str]) -> Opportunity | None:
        """The opportunity with that external key: of several the most recently added (documented of SOAP)."""
        found = self._ids(session, store.EXTERNAL_ID, key[store.EXTERNAL_ID])
        return store.opportunity_by_id(session, found[0]) if found else None

    def with_values(
        self, session: Session, wanted: Mapping[str, Sequence[str]], skip: int, most: int
    ) -> Sequence[Opportunity]:
        """Opportunities in the order of their numbers."""
        ((name, values),) = wanted.items()
        field = self.field(name)
        assert field is not None
        numbers = sorted({number for value in values for number in self._ids(session, field.field.name, value)})
        found = (store.opportunity_by_id(session, number) for number in numbers[skip : skip + most])
        return [item for item in found if item is not None]

    def _ids(self, session: Session, name: str, value: str) -> tuple[int, ...]:
        return store.ids_by_external_key(session, NameValue(name, value)) if value else ()

    def create(
        self,
        session: Session,
        values: Mapping[str, str],
        trace: TraceBuilder,  # noqa: ARG002 - nobody has a role in it yet
    ) -> Opportunity:
        """A new opportunity, which has a name (documented). Raises RestError."""
        given = dict(values)
        key = NameValue(store.EXTERNAL_ID, given.pop(store.EXTERNAL_ID))
        stored = {name: value for name, value in self._own(given).items() if value}
        if not stored.get("Name") and self.field("name") is not None:
            raise RestError.missing_parameter("name")
        new = Opportunity(session.take_id(Counter.OPPORTUNITY), stored, session.now, session.now, key)
        store.add_opportunities(session, (new,), self._keys)
        return new

    def change(
        self, session: Session, there: Opportunity, values: Mapping[str, str], trace: TraceBuilder
    ) -> Opportunity:
        """Other values of an opportunity; its leads are told, as by SOAP. Raises RestError."""
        given = dict(values)
        key = there.external_key
        if store.EXTERNAL_ID in given:
            key = NameValue(key.name if key is not None else store.EXTERNAL_ID, given.pop(store.EXTERNAL_ID))
        own = self._own(given)
        if own.get("Name") == "":
            raise RestError.missing_parameter("name")
        merged = {name: value for name, value in {**there.values, **own}.items() if value}
        changed = replace(there, values=merged, external_key=key, updated_at=session.now)
        store.save_opportunity(session, changed, self._keys)
        note_updated(session, changed, trace)
        return changed

    def remove(self, session: Session, there: Opportunity, trace: TraceBuilder) -> None:
        """An opportunity is gone, and its roles with it, as by SOAP."""
        remove_opportunity(session, there, trace)

    def _own(self, values: Mapping[str, str]) -> dict[str, str]:
        return {field.field.name: values[name] for name in values if (field := self.field(name)) is not None}


_LEAD_ID = KindField("leadId", Field("leadId", FieldType.INTEGER, display_name="Lead Id"))
_ROLE = "role"


class _Role(OpportunityRole, frozen=True):
    """A role, and the external key of its opportunity."""

    opportunity_key: str = ""


class RoleKind(ObjectKind[OpportunityRole]):
    """Roles: told apart by opportunity, lead and role (documented)."""

    name = "opportunityRole"
    label = "Opportunity Role"
    dedupe_fields = (store.EXTERNAL_ID, _LEAD_ID.name, _ROLE)
    searchable = (store.EXTERNAL_ID, _LEAD_ID.name)

    def __init__(self, fields: tuple[Field, ...]) -> None:
        created, updated = moments()
        named = _named([item for item in fields if item.name not in ROLE_PARTS], ROLE_FIELDS)
        self.fields = (guid_field(), _EXTERNAL_ID, _LEAD_ID, *named, created, updated)
        self.relationships = (
            {"field": _LEAD_ID.name, "type": "child", "relatedTo": {"name": "Lead", "field": "id"}},
            {
                "field": store.EXTERNAL_ID,
                "type": "child",
                "relatedTo": {"name": "Opportunity", "field": store.EXTERNAL_ID},
            },
        )
        super().__init__()

    def stored(self, item: OpportunityRole, name: str) -> str | None:
        """The canonical text of a field, the two that say whose role it is among them."""
        if name == store.EXTERNAL_ID:
            return item.opportunity_key if isinstance(item, _Role) else None
        if name == _LEAD_ID.name:
            return str(item.lead_id)
        return super().stored(item, name)

    def by_number(self, session: Session, number: int) -> OpportunityRole | None:
        """The role with that number."""
        found = store.role_by_id(session, number)
        return self._with_key(session, found) if found is not None else None

    def by_key(self, session: Session, key: Mapping[str, str]) -> OpportunityRole | None:
        """The role with these three."""
        for number in store.ids_by_external_key(session, NameValue(store.EXTERNAL_ID, key[store.EXTERNAL_ID])):
            found = store.role_of(session, number, int(key[_LEAD_ID.name]), key[_ROLE])
            if found is not None:
                return self._with_key(session, found)
        return None

    def with_values(
        self, session: Session, wanted: Mapping[str, Sequence[str]], skip: int, most: int
    ) -> Sequence[OpportunityRole]:
        """Roles of leads, or in opportunities, in the order of their numbers. Raises RestError."""
        ((name, values),) = wanted.items()
        if name == _LEAD_ID.name:
            found = [role for value in values for role in store.roles_of_lead(session, int(value))]
        elif name == store.EXTERNAL_ID:
            keys = (NameValue(name, value) for value in values if value)
            numbers = (number for key in keys for number in store.ids_by_external_key(session, key))
            found = [role for number in numbers for role in store.roles_of_opportunity(session, number)]
        else:
            raise RestError.field_not_supported(name)
        ordered = sorted({role.id: role for role in found}.values(), key=lambda role: role.id)
        return [self._with_key(session, role) for role in ordered[skip : skip + most]]

    def create(self, session: Session, values: Mapping[str, str], trace: TraceBuilder) -> OpportunityRole:
        """A new role of a lead that is there, in an opportunity that is. Raises RestError."""
        given = dict(values)
        opportunity_id = self._opportunity(session, given.pop(store.EXTERNAL_ID))
        lead_id = self._lead(session, given.pop(_LEAD_ID.name))
        stored = {name: value for name, value in self._own(given).items() if value}
        new = OpportunityRole(session.take_id(Counter.ROLE), opportunity_id, lead_id, stored, session.now, session.now)
        store.add_roles(session, (new,))
        note_joined(session, new, trace)
        return new

    def change(
        self,
        session: Session,
        there: OpportunityRole,
        values: Mapping[str, str],
        trace: TraceBuilder,  # noqa: ARG002 - a change of a role is not logged, as by SOAP
    ) -> OpportunityRole:
        """Other values of a role. Raises RestError."""
        given = dict(values)
        key, lead = given.pop(store.EXTERNAL_ID, None), given.pop(_LEAD_ID.name, None)
        same_key = key is None or key == self.stored(there, store.EXTERNAL_ID)
        changed = OpportunityRole(
            there.id,
            there.opportunity_id if same_key or key is None else self._opportunity(session, key),
            there.lead_id if lead is None else self._lead(session, lead),
            {name: value for name, value in {**there.values, **self._own(given)}.items() if value},
            there.created_at,
            session.now,
        )
        store.save_role(session, changed)
        return changed

    def remove(self, session: Session, there: OpportunityRole, trace: TraceBuilder) -> None:
        """A role is gone; its lead is told, as by SOAP."""
        remove_role(session, there, trace)

    def lead_of(self, item: OpportunityRole) -> int | None:
        """Whose role it is."""
        return item.lead_id

    def _own(self, values: Mapping[str, str]) -> dict[str, str]:
        return {field.field.name: values[name] for name in values if (field := self.field(name)) is not None}

    def _opportunity(self, session: Session, key: str) -> int:
        found = store.ids_by_external_key(session, NameValue(store.EXTERNAL_ID, key))
        if not found:
            raise RestError(RestCode.OBJECT_NOT_FOUND, f"Opportunity '{key}' not found")
        return found[0]

    def _lead(self, session: Session, number: str) -> int:
        lead_id = leads.existing_id(session, int(number))
        if lead_id is None:
            raise RestError.lead_not_found(number)
        return lead_id

    def _with_key(self, session: Session, role: OpportunityRole) -> OpportunityRole:
        opportunity = store.opportunity_by_id(session, role.opportunity_id)
        key = opportunity.external_key if opportunity is not None else None
        return _Role(
            role.id,
            role.opportunity_id,
            role.lead_id,
            role.values,
            role.created_at,
            role.updated_at,
            (key.value or "") if key is not None else "",
        )
