"""The fields of opportunities and of roles: the standard ones, and those that a subscription has added."""

from __future__ import annotations

from functools import lru_cache

from mockmkto.engine.catalogue import default_length
from mockmkto.model import Field, FieldCatalogue, FieldType, World
from mockmkto.model.objects import MObjectKind

__all__ = ["OPPORTUNITY_FIELDS", "ROLE_FIELDS", "ROLE_PARTS", "external_keys", "fields_of", "shown_value"]


def _fields(type: FieldType, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, type, default_length(type)) for name in names.split())


OPPORTUNITY_FIELDS: tuple[Field, ...] = (
    *_fields(FieldType.STRING, "Fiscal ForecastCategoryName LeadSource Name NextStep Stage Type"),
    *_fields(FieldType.TEXT, "Description"),
    *_fields(FieldType.CURRENCY, "Amount ExpectedRevenue"),
    *_fields(FieldType.INTEGER, "FiscalQuarter FiscalYear Probability"),
    *_fields(FieldType.FLOAT, "Quantity"),
    *_fields(FieldType.BOOLEAN, "IsClosed IsWon"),
    *_fields(FieldType.DATE, "CloseDate LastActivityDate"),
    *_fields(FieldType.DATETIME, "ExternalCreatedDate"),
)
"""The standard fields of an opportunity (documented; that they are of these types is inferred)."""

ROLE_PARTS = ("OpportunityId", "PersonId")
"""The fields of a role that say whose it is and in what: they stand for its associations (captured)."""

ROLE_FIELDS: tuple[Field, ...] = (
    *_fields(FieldType.INTEGER, " ".join(ROLE_PARTS)),
    *_fields(FieldType.STRING, "Role"),
    *_fields(FieldType.BOOLEAN, "IsPrimary"),
    *_fields(FieldType.DATETIME, "ExternalCreatedDate"),
)
"""The standard fields of a role (documented)."""


def fields_of(kind: MObjectKind, world: World) -> FieldCatalogue:
    """All fields of opportunities, or of roles, in this world."""
    if kind is MObjectKind.OPPORTUNITY:
        return _catalogue(OPPORTUNITY_FIELDS, world.objects.opportunity_fields)
    return _catalogue(ROLE_FIELDS, world.objects.role_fields)


@lru_cache(maxsize=256)
def _catalogue(standard: tuple[Field, ...], added: tuple[Field, ...]) -> FieldCatalogue:
    by_folded = {item.name.casefold(): item for item in (*standard, *added)}  # one that is added replaces
    return FieldCatalogue(tuple(by_folded.values()))


def external_keys(world: World) -> frozenset[str]:
    """The fields of opportunities whose values find them (documented: external keys are fields of one's own)."""
    return frozenset(item.name for item in world.objects.opportunity_fields)


def shown_value(field: Field, stored: str) -> str:
    """A value as attributes of objects show it: booleans as `true` and `false` (captured of programs)."""
    if field.type is FieldType.BOOLEAN:
        return "true" if stored == "1" else "false"
    return stored
