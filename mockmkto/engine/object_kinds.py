"""What all objects beside leads have in common: fields by their names, keys, an id, how one is found and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from mockmkto.engine.fields import BadValue, OverlongValue
from mockmkto.engine.guids import guid_of, number_of
from mockmkto.engine.plain import PlainValue, from_plain, shown_value, to_plain, utc
from mockmkto.errors import RestCode, RestError
from mockmkto.model import Field, FieldType, TraceBuilder
from mockmkto.store.database import Session

__all__ = [
    "CREATED_AT",
    "GUID",
    "UPDATED_AT",
    "KindField",
    "ObjectKind",
    "Stored",
    "guid_field",
    "moments",
    "rest_fields",
]

GUID, CREATED_AT, UPDATED_AT = "marketoGUID", "createdAt", "updatedAt"


class Stored(Protocol):
    """An object as it is stored."""

    @property
    def id(self) -> int:
        """Its number, of its kind."""

    @property
    def values(self) -> Mapping[str, str]:
        """Canonical texts by the names of their fields."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""

    @property
    def updated_at(self) -> datetime:
        """When it was last another one."""


class KindField(NamedTuple):
    """A field by the name that the REST API has for it."""

    name: str
    field: Field
    updateable: bool = True

    @property
    def label(self) -> str:
        """What people call it."""
        return self.field.display_name or self.name


def rest_fields(fields: Sequence[Field]) -> tuple[KindField, ...]:
    """Fields by their REST names."""
    return tuple(KindField(item.rest_name or item.name, item, not item.rest_read_only) for item in fields if item.rest)


T = TypeVar("T", bound=Stored)


class ObjectKind(ABC, Generic[T]):
    """One kind of objects in a subscription.

    Attributes:
        name: what the API calls it.
        label: what people call it.
        description: of it.
        id_field: the field that stands for its number.
        dedupe_fields: the fields that tell one from every other.
        searchable: the fields by each of which objects can be searched, beside those two.
        fields: all of them.
        relationships: to other objects, as describe says them.
    """

    name: str
    label: str
    description: str = ""
    id_field: str = GUID
    dedupe_fields: tuple[str, ...]
    searchable: tuple[str, ...] = ()
    fields: tuple[KindField, ...]
    relationships: tuple[Mapping[str, Any], ...] = ()

    def __init__(self) -> None:
        self._by_name = {item.name.casefold(): item for item in self.fields}

    # -----------------------------------------------------------------------------------------------------------------
    # Reading

    def field(self, name: str) -> KindField | None:
        """The field of that name, in any case (inferred, as of leads)."""
        return self._by_name.get(name.strip().casefold())

    def shown_id(self, item: T) -> PlainValue:
        """What stands for the object's number."""
        return guid_of(self.name, item.id)

    def by_shown_id(self, session: Session, value: object) -> T | None:
        """The object that it stands for."""
        number = number_of(self.name, str(value))
        return self.by_number(session, number) if number is not None else None

    def shown(self, item: T, field: KindField) -> PlainValue:
        """The value of a field as an answer shows it."""
        if field.name == self.id_field:
            return self.shown_id(item)
        if field.name == CREATED_AT:
            return utc(item.created_at)
        if field.name == UPDATED_AT:
            return utc(item.updated_at)
        return to_plain(field.field, self.stored(item, field.name))

    def stored(self, item: T, name: str) -> str | None:
        """The canonical text of a field."""
        field = self.field(name)
        return item.values.get(field.field.name) if field is not None else None

    def text(self, session: Session, field: KindField, value: object) -> str:
        """A value as it is stored.

        Raises:
            RestError: 1003, it is none of the field's; 1077, it is too long.
        """
        truncate = session.world.behaviour.overlong_values == "truncate"
        try:
            return from_plain(field.field, value, session.world.time_zone, truncate=truncate)
        except BadValue:
            raise RestError.invalid_value(field.name, shown_value(value)) from None
        except OverlongValue:
            raise RestError(RestCode.OVERLONG_VALUE) from None

    @abstractmethod
    def by_number(self, session: Session, number: int) -> T | None:
        """The object with that number."""

    @abstractmethod
    def by_key(self, session: Session, key: Mapping[str, str]) -> T | None:
        """The object with these values of all its dedupe fields."""

    @abstractmethod
    def with_values(self, session: Session, wanted: Mapping[str, Sequence[str]], skip: int, most: int) -> Sequence[T]:
        """Objects of whose fields each has one of its values, in a lasting order; some of them skipped.

        What is asked for are dedupe fields, or one field of `searchable`.
        """

    # -----------------------------------------------------------------------------------------------------------------
    # Writing

    @abstractmethod
    def create(self, session: Session, values: Mapping[str, str], trace: TraceBuilder) -> T:
        """Store a new one. Raises RestError where it cannot be."""

    @abstractmethod
    def change(self, session: Session, there: T, values: Mapping[str, str], trace: TraceBuilder) -> T:
        """Store other values of one, by REST name; an empty one clears. Raises RestError where they cannot be."""

    @abstractmethod
    def remove(self, session: Session, there: T, trace: TraceBuilder) -> None:
        """Take one away."""

    def lead_of(self, item: T) -> int | None:  # noqa: ARG002 - most kinds have none
        """The lead that it is linked to, for the trace."""
        return None


def moments() -> tuple[KindField, KindField]:
    """The two times that every object has."""
    return (
        KindField(CREATED_AT, Field(CREATED_AT, FieldType.DATETIME, display_name="Created At"), False),
        KindField(UPDATED_AT, Field(UPDATED_AT, FieldType.DATETIME, display_name="Updated At"), False),
    )


def guid_field() -> KindField:
    """The field of the GUID."""
    return KindField(GUID, Field(GUID, FieldType.STRING, 36, display_name="Marketo GUID"), False)
