"""Custom objects as the REST API has them: the records that SOAP knows by their keys, each with a marketoGUID."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockmkto.engine.catalogue import EMAIL_FIELD, ID_FIELD
from mockmkto.engine.custom_sync import DoneRecord, FailedRecordError, remove_record, write_record
from mockmkto.engine.object_kinds import ObjectKind, guid_field, moments, rest_fields
from mockmkto.engine.references import leads_with_value
from mockmkto.errors import RestCode, RestError
from mockmkto.model import CustomObjectType, Subject, TraceBuilder, World
from mockmkto.model.custom_objects import CustomObject
from mockmkto.store import custom_objects as store
from mockmkto.store.database import Session

__all__ = ["CustomKind", "custom_kind", "custom_kinds"]


def custom_kinds(world: World) -> list[CustomKind]:
    """Every type of custom objects, by name."""
    return [CustomKind(world, item) for item in sorted(world.objects.custom_types, key=lambda item: item.name)]


def custom_kind(world: World, name: str, trace: TraceBuilder) -> CustomKind:
    """The type of that name, in any case.

    Raises:
        RestError: 1013, there is none (assumed).
    """
    found = world.objects.custom_type(name)
    known = found.name if found is not None else None
    trace.subjects.append(Subject("object type", name, known, known))
    if found is None:
        raise RestError.not_found(f"Object '{name}'")
    return CustomKind(world, found)


class CustomKind(ObjectKind[CustomObject]):
    """One type of custom objects."""

    def __init__(self, world: World, type: CustomObjectType) -> None:
        self.type = type
        self.name = self.label = type.name
        created, updated = moments()
        self.fields = (created, guid_field(), updated, *rest_fields(type.fields.every))
        by_own_name = {item.field.name: item.name for item in self.fields}
        self.dedupe_fields = tuple(by_own_name.get(name, name) for name in type.keys)
        link = type.link
        if link is not None:
            self.searchable = (by_own_name.get(link.field, link.field),)
            to = {"Id": ID_FIELD, "Email": EMAIL_FIELD}.get(link.to) or world.fields.named(link.to)
            name = (to.rest_name or to.name) if to is not None else link.to
            related = {"name": "Lead", "field": name}
            self.relationships = ({"field": self.searchable[0], "type": "child", "relatedTo": related},)
        super().__init__()

    def by_number(self, session: Session, number: int) -> CustomObject | None:
        """The record with that number, if it is of this type."""
        found = store.by_id(session, number)
        return found if found is not None and found.type == self.type.name else None

    def by_key(self, session: Session, key: Mapping[str, str]) -> CustomObject | None:
        """The record with all these keys."""
        return store.by_keys(session, self.type, self._own(key))

    def with_values(
        self, session: Session, wanted: Mapping[str, Sequence[str]], skip: int, most: int
    ) -> Sequence[CustomObject]:
        """Records in the order of their keys; by the field of a link, in that of their numbers."""
        asked = {self._own_name(name): values for name, values in wanted.items()}
        if all(name in self.type.keys for name in asked):
            return store.page(session, self.type, asked, None, most, skip)
        ((name, values),) = asked.items()
        link = self.type.link
        assert link is not None
        found = {item.id: item for item in store.unlinked(session, self.type)}
        for value in values:
            for lead_id in leads_with_value(session, link.to, value) or ():
                found.update((item.id, item) for item in store.of_lead(session, lead_id) if item.type == self.type.name)
        having = [found[number] for number in sorted(found) if found[number].values.get(name, "") in values]
        return having[skip : skip + most]

    def create(self, session: Session, values: Mapping[str, str], trace: TraceBuilder) -> CustomObject:
        """A new record."""
        return self._written(session, None, values, trace)

    def change(
        self, session: Session, there: CustomObject, values: Mapping[str, str], trace: TraceBuilder
    ) -> CustomObject:
        """Other values of a record."""
        return self._written(session, there, values, trace)

    def remove(self, session: Session, there: CustomObject, trace: TraceBuilder) -> None:
        """A record is gone."""
        remove_record(session, self.type, there, trace)

    def lead_of(self, item: CustomObject) -> int | None:
        """The lead that it is linked to."""
        return item.lead_id

    def _written(
        self, session: Session, there: CustomObject | None, values: Mapping[str, str], trace: TraceBuilder
    ) -> CustomObject:
        try:
            done: DoneRecord = write_record(session, self.type, there, self._own(values), trace)
        except FailedRecordError as failed:
            raise RestError(RestCode.INVALID_DATA, str(failed)) from None
        assert done.record is not None
        return done.record

    def _own(self, values: Mapping[str, str]) -> dict[str, str]:
        return {self._own_name(name): value for name, value in values.items()}

    def _own_name(self, name: str) -> str:
        field = self.field(name)
        return field.field.name if field is not None else name
