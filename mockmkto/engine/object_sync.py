"""syncMObjects: opportunities, roles and programs, one after another."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.numbers import as_id
from mockmkto.engine.object_fields import ROLE_PARTS, external_keys, fields_of
from mockmkto.engine.object_statuses import DoneObject, FailedObjectError, each
from mockmkto.engine.objects import kind_of
from mockmkto.engine.opportunity_objects import COMPANY, note_joined, note_updated
from mockmkto.engine.program_objects import UnusableDetailError, changed_program
from mockmkto.engine.references import leads_with_value
from mockmkto.errors import MarketoError
from mockmkto.model import Change, TraceBuilder
from mockmkto.model.objects import (
    Association,
    MObject,
    MObjectKind,
    MObjectSyncStatus,
    NameValue,
    Opportunity,
    OpportunityRole,
    SyncMObjectsRequest,
    SyncMObjectsResult,
    SyncOperation,
)
from mockmkto.store import leads, programs
from mockmkto.store import objects as store
from mockmkto.store.database import Counter, Session

__all__ = ["MOST_OBJECTS", "sync_mobjects"]

MOST_OBJECTS = 100  # of one call (documented)


def sync_mobjects(session: Session, request: SyncMObjectsRequest, trace: TraceBuilder) -> SyncMObjectsResult:
    """A status for each object. They are done one after another: a role may name an opportunity of the same call.

    Raises:
        MarketoError: 20109 no list, no operation; 20110 an operation that there is not, more than 100 objects
            (documented as the most).
    """
    if request.objects is None:
        raise MarketoError.parameter_required("mObjectList")
    if request.operation is None or not request.operation.strip():
        raise MarketoError.parameter_required("operation")
    try:
        operation = SyncOperation(request.operation.strip())
    except ValueError:
        raise MarketoError.bad_parameter("operation", request.operation) from None
    if len(request.objects) > MOST_OBJECTS:
        said = f"{len(request.objects)} objects, and no more than {MOST_OBJECTS} are taken"
        raise MarketoError.bad_parameter("mObjectList", said)
    sync = _Sync(session, operation, trace, takes_tags=request.takes_tags)
    return SyncMObjectsResult(each(session, request.objects, sync.run, trace))


# ---------------------------------------------------------------------------------------------------------------------
# syncMObjects


class _Sync(Struct, frozen=True):
    """One syncMObjects call."""

    session: Session
    operation: SyncOperation
    trace: TraceBuilder
    takes_tags: bool

    def run(self, item: MObject) -> DoneObject:
        """Store one object, or raise `FailedObjectError`."""
        match kind_of(item.type):
            case MObjectKind.OPPORTUNITY:
                return self._opportunity(item)
            case MObjectKind.ROLE:
                return self._role(item)
            case MObjectKind.PROGRAM:
                return self._program(item)
        raise FailedObjectError(f"Object type is not valid: {item.type}" if item.type else "type is required")

    # -----------------------------------------------------------------------------------------------------------------

    def _opportunity(self, item: MObject) -> DoneObject:
        session, world = self.session, self.session.world
        there = self._opportunity_of(item)
        skipped = self._skipped(item, there.id if there is not None else None)
        if skipped is not None:
            return skipped
        values = self._values(MObjectKind.OPPORTUNITY, item)
        key = self._external_key(item)
        if key is not None:
            field = fields_of(MObjectKind.OPPORTUNITY, world).find(key.name or "")
            if field is not None:
                values.setdefault(field.name, self._value(MObjectKind.OPPORTUNITY, field.name, key.value or ""))
        company = self._company(item)
        before = there.values if there is not None else {}
        stored = _merged(before, values)
        changes = _changes(before, values)
        keys = external_keys(world)
        if there is None:
            new = Opportunity(
                session.take_id(Counter.OPPORTUNITY), stored, session.now, session.now, key, company or None
            )
            store.add_opportunities(session, (new,), keys)
            return DoneObject(MObjectSyncStatus.CREATED, new.id, changes)
        changed = replace(
            there,
            values=stored,
            external_key=key if key is not None else there.external_key,
            company=there.company if company is None else company,
        )
        if changed == replace(there, values=dict(there.values)):
            return self._unchanged(there.id, changes)
        store.save_opportunity(session, replace(changed, updated_at=session.now), keys)
        note_updated(session, changed, self.trace)
        return DoneObject(MObjectSyncStatus.UPDATED, there.id, changes)

    def _opportunity_of(self, item: MObject) -> Opportunity | None:
        """The opportunity that an id finds, or else an external key: the most recently added (documented)."""
        if item.id is not None:
            return store.opportunity_by_id(self.session, as_id(item.id))
        key = self._external_key(item)
        if key is None:
            return None
        found = store.ids_by_external_key(self.session, key)
        return store.opportunity_by_id(self.session, found[0]) if found else None

    def _external_key(self, item: MObject) -> NameValue | None:
        key = item.external_key
        if key is None:
            return None
        if not (key.name or "").strip() or not (key.value or "").strip():
            raise FailedObjectError("externalKey needs a name and a value")
        return NameValue((key.name or "").strip(), (key.value or "").strip())

    def _company(self, item: MObject) -> str | None:
        """The name of the company that is associated: as it is said, or that of the lead which a field finds."""
        name = None
        for association in item.associations:
            if (association.type or "").strip().casefold() != COMPANY.casefold():
                raise FailedObjectError(f"An opportunity has no association with {association.type}")
            key = association.external_key
            if key is None or not (key.value or "").strip():
                raise FailedObjectError("A company is named by an externalKey: a field of its leads, and a value")
            if (key.name or "").strip().casefold() in ("company", "name", "company name"):
                name = (key.value or "").strip()
                continue
            lead_id = self._lead_by_key(key, "company")
            lead = leads.by_id(self.session, lead_id)
            name = lead.attributes.get("Company") if lead is not None else None
            if not name:
                raise FailedObjectError(f"No company found with {key.name} = {key.value}")
        return name

    # -----------------------------------------------------------------------------------------------------------------

    def _role(self, item: MObject) -> DoneObject:
        session = self.session
        if item.external_key is not None:
            raise FailedObjectError("A role has no external key: it is found by PersonId, OpportunityId and Role")
        values = self._values(MObjectKind.ROLE, item)
        parts = {name: values.pop(name, "") for name in ROLE_PARTS}
        there = store.role_by_id(session, as_id(item.id)) if item.id is not None else None
        lead_id = self._person(item, parts["PersonId"])
        opportunity_id = self._opportunity_id(item, parts["OpportunityId"])
        if item.id is None:
            if lead_id is None or opportunity_id is None:
                missing = "PersonId" if lead_id is None else "OpportunityId"
                raise FailedObjectError(f"{missing} is required: as an attribute, or as an association")
            there = store.role_of(session, opportunity_id, lead_id, values.get("Role", ""))
        skipped = self._skipped(item, there.id if there is not None else None)
        if skipped is not None:
            return skipped
        before = there.values if there is not None else {}
        stored, changes = _merged(before, values), _changes(before, values)
        if there is None:
            if lead_id is None or opportunity_id is None:
                raise AssertionError("an id that finds no role is refused before")
            new = OpportunityRole(
                session.take_id(Counter.ROLE), opportunity_id, lead_id, stored, session.now, session.now
            )
            store.add_roles(session, (new,))
            note_joined(session, new, self.trace)
            return DoneObject(MObjectSyncStatus.CREATED, new.id, changes, lead_id=lead_id)
        changed = replace(
            there,
            values=stored,
            lead_id=there.lead_id if lead_id is None else lead_id,
            opportunity_id=there.opportunity_id if opportunity_id is None else opportunity_id,
        )
        clash = store.role_of(session, changed.opportunity_id, changed.lead_id, changed.role)
        if clash is not None and clash.id != there.id:
            raise FailedObjectError(f"Role {clash.id} has the same PersonId, OpportunityId and Role")
        if changed == replace(there, values=dict(there.values)):
            return replace(self._unchanged(there.id, changes), lead_id=there.lead_id)
        store.save_role(session, replace(changed, updated_at=session.now))
        return DoneObject(MObjectSyncStatus.UPDATED, there.id, changes, lead_id=changed.lead_id)

    def _person(self, item: MObject, said: str) -> int | None:
        """The lead of a role: by an association, or by the attribute PersonId (captured)."""
        association = _association(item, "lead")
        if association is not None and association.id is None and association.external_key is not None:
            return self._lead_by_key(association.external_key, "lead")
        number = association.id if association is not None else int(said) if said else None
        if number is None:
            return None
        if leads.existing_id(self.session, number) is None:
            raise FailedObjectError(f"No lead found with Id = {number}")
        return int(number)

    def _lead_by_key(self, key: NameValue, what: str) -> int:
        found = leads_with_value(self.session, key.name or "", key.value or "")
        if not found:
            raise FailedObjectError(f"No {what} found with {key.name} = {key.value}")
        return found[0]

    def _opportunity_id(self, item: MObject, said: str) -> int | None:
        association = _association(item, "opportunity")
        if association is not None and association.id is None and association.external_key is not None:
            key = association.external_key
            found = store.ids_by_external_key(self.session, key)
            if not found:
                raise FailedObjectError(f"No opportunity found with {key.name} = {key.value}")
            return found[0]
        number = association.id if association is not None else int(said) if said else None
        if number is None:
            return None
        if store.opportunity_by_id(self.session, as_id(number)) is None:
            raise FailedObjectError(f"No opportunity found with Id = {number}")
        return as_id(number)

    # -----------------------------------------------------------------------------------------------------------------

    def _program(self, item: MObject) -> DoneObject:
        """A program is only ever updated, by its id (documented)."""
        if self.operation is not SyncOperation.UPDATE:
            raise FailedObjectError(f"A program can only be updated: the operation is {self.operation.value}")
        if item.id is None:
            raise FailedObjectError("id is required")
        there = programs.by_id(self.session, as_id(item.id))
        if there is None:
            return DoneObject(MObjectSyncStatus.SKIPPED, reason="there is no program with this id")
        if item.attributes:
            raise FailedObjectError(f"Attribute of a program cannot be changed: {item.attributes[0].name}")
        try:
            changed = changed_program(
                self.session, there, item.type_attributes or (), self.trace, takes_tags=self.takes_tags
            )
        except UnusableDetailError as error:
            raise FailedObjectError(str(error)) from None
        if changed == there:
            return self._unchanged(there.id, ())
        programs.save(self.session, replace(changed, updated_at=self.session.now))
        return DoneObject(MObjectSyncStatus.UPDATED, there.id)

    # -----------------------------------------------------------------------------------------------------------------

    def _skipped(self, item: MObject, there: int | None) -> DoneObject | None:
        """INSERT of what is there and UPDATE of what is not do nothing (documented)."""
        if there is not None and self.operation is SyncOperation.INSERT:
            return DoneObject(
                MObjectSyncStatus.SKIPPED, there, reason="it is there already, and the operation is INSERT"
            )
        if there is None and self.operation is SyncOperation.UPDATE:
            return DoneObject(MObjectSyncStatus.SKIPPED, reason="it is not there, and the operation is UPDATE")
        if there is None and item.id is not None:
            raise FailedObjectError(f"No {item.type} found with Id = {item.id}")
        return None

    def _unchanged(self, object_id: int, changes: tuple[Change, ...]) -> DoneObject:
        if self.session.world.behaviour.unchanged_status == "updated":
            return DoneObject(MObjectSyncStatus.UPDATED, object_id, changes, reason="nothing differs")
        return DoneObject(MObjectSyncStatus.UNCHANGED, object_id, changes)

    def _values(self, kind: MObjectKind, item: MObject) -> dict[str, str]:
        """The attributes as they are stored; of one that is named twice the last counts."""
        fields = fields_of(kind, self.session.world)
        read: dict[str, str] = {}
        for attribute in item.attributes:
            if not attribute.name or not attribute.name.strip():
                raise FailedObjectError("An attribute has no name")
            field = fields.find(attribute.name.strip())
            if field is None:
                raise FailedObjectError(f"Unknown attribute: {attribute.name}")
            if attribute.value is None:
                raise FailedObjectError(f"Value of {field.name} is missing")
            if attribute.value.strip() == "NULL":
                self.trace.warn("null", f"the value NULL of {field.name} is a text of four letters", field.name)
            read[field.name] = self._value(kind, field.name, attribute.value)
        return read

    def _value(self, kind: MObjectKind, name: str, text: str) -> str:
        world = self.session.world
        field = fields_of(kind, world).find(name)
        assert field is not None
        try:
            return read_value(field, text, world.time_zone)
        except (BadValue, OverlongValue) as error:
            raise FailedObjectError(str(error)) from None


def _association(item: MObject, kind: str) -> Association | None:
    known = {"lead", "opportunity"}
    for association in item.associations:
        if (association.type or "").strip().casefold() not in known:
            raise FailedObjectError(f"A role has no association with {association.type}")
    return next((each for each in item.associations if (each.type or "").strip().casefold() == kind), None)


def _merged(before: object, values: dict[str, str]) -> dict[str, str]:
    assert isinstance(before, dict)
    return {name: value for name, value in {**before, **values}.items() if value}


def _changes(before: object, values: dict[str, str]) -> tuple[Change, ...]:
    assert isinstance(before, dict)
    return tuple(Change.of(name, before.get(name), value or None) for name, value in values.items())
