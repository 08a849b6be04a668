"""listMObjects and describeMObject: which types of objects there are, and what is known of their fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from mockmkto.engine.catalogue import STANDARD_FIELDS, display_name
from mockmkto.engine.object_fields import OPPORTUNITY_FIELDS, ROLE_FIELDS, fields_of
from mockmkto.errors import MarketoError
from mockmkto.model import Field, Subject, TraceBuilder, World
from mockmkto.model.objects import DescribeMObjectRequest, FieldDescription, MObjectDescription, MObjectKind
from mockmkto.store.database import Session

__all__ = ["DESCRIBED", "describe_mobject", "list_mobjects"]

ACTIVITY_RECORD, LEAD_RECORD = "ActivityRecord", "LeadRecord"

DESCRIBED = (ACTIVITY_RECORD, LEAD_RECORD, MObjectKind.OPPORTUNITY.value, MObjectKind.ROLE.value)
"""The types that can be described, in the order in which they are listed (captured); programs are not among them."""

_UPDATED_AT = datetime(2010, 1, 1, tzinfo=UTC)  # captured, of the type and of every field


def list_mobjects(session: Session, trace: TraceBuilder) -> tuple[str, ...]:  # noqa: ARG001  # as every operation
    """The names of the types that can be described (captured)."""
    return DESCRIBED


def describe_mobject(session: Session, request: DescribeMObjectRequest, trace: TraceBuilder) -> MObjectDescription:
    """What is known of a type and its fields; its name is found in any case (assumed).

    Raises:
        MarketoError: 20109 no objectName; 20110 a type that cannot be described: a program or a custom object, too.
    """
    name = (request.name or "").strip()
    if not name:
        raise MarketoError.parameter_required("objectName")
    found = next((item for item in DESCRIBED if item.casefold() == name.casefold()), None)
    trace.subjects.append(Subject("object type", f"objectName = {name}", found, found))
    if found is None:
        raise MarketoError.bad_object_name()
    world = session.world
    if found == ACTIVITY_RECORD:
        return _ACTIVITY_RECORD
    if found == LEAD_RECORD:
        said = "Composite object composed of fields from Lead and Company"
        fields = tuple(_lead_field(item) for item in world.fields)
        return MObjectDescription(LEAD_RECORD, fields, _UPDATED_AT, said, is_virtual=True)
    return _stored(MObjectKind(found), world)


# ---------------------------------------------------------------------------------------------------------------------


def _activity_field(
    name: str, description: str, source: str, type: str, size: int | None, *, key: bool = False, is_name: bool = False
) -> FieldDescription:
    return FieldDescription(
        name,
        type,
        description,
        source=source,
        size=size,
        is_read_only=True,
        is_update_blocked=True,
        is_name=is_name,
        is_primary_key=key,
    )


_ACTIVITY_RECORD = MObjectDescription(  # captured
    ACTIVITY_RECORD,
    (
        _activity_field("id", "Unique system id of Event", "Event", "integer", 10, key=True),
        _activity_field("activityDateTime", "Event timestamp", "Event", "dateTime", None),
        _activity_field("activityType", "Name of Event", "Event", "string", 255, is_name=True),
        _activity_field("mktgAssetName", "Name of email, landing page, or object field", "Event", "string", 255),
        _activity_field(
            "activityAttributes", "Array of name / value pairs of dynamic event attributes", "Event", "Array", None
        ),
        _activity_field("campaign", "Name of Campaign that caused the Event", "Campaign", "string", 255),
        _activity_field("personName", "Name of Lead that owns the Event", "Lead", "string", 255),
        _activity_field("mktPersonId", "Unique system id of Lead", "Lead", "integer", 10),
        _activity_field("foreignSysId", "Unique foreign system id of Lead", "Lead", "string", 50),
        _activity_field("orgName", "Name of Company associated to the Lead", "Company", "string", 255),
        _activity_field("foreignSysOrgId", "Unique foreign system id of Company", "Company", "string", 50),
    ),
    _UPDATED_AT,
    "Composite object composed of fields from Event, Campaign, Lead, and Company",
    is_virtual=True,
)

_STANDARD_LEAD_FIELDS = frozenset(item.name for item in STANDARD_FIELDS)


def _lead_field(field: Field) -> FieldDescription:
    """A field of the lead database (captured, without Id and Email, which are no attributes)."""
    return FieldDescription(
        field.name,
        field.type.value,
        display_name=display_name(field),
        source="Lead",
        size=field.length,
        is_read_only=field.read_only,
        is_update_blocked=field.update_blocked,
        is_custom=field.name not in _STANDARD_LEAD_FIELDS,
        is_dynamic=True,
        dynamic_reference="leadAttributeList",
    )


def _stored(kind: MObjectKind, world: World) -> MObjectDescription:
    """Opportunities and roles: their id, and their fields (assumed, after the form of the others)."""
    standard = OPPORTUNITY_FIELDS if kind is MObjectKind.OPPORTUNITY else ROLE_FIELDS
    names = frozenset(item.name for item in standard)
    own_id = FieldDescription(
        "id",
        "integer",
        f"Unique system id of {kind.value}",
        source=kind.value,
        size=10,
        is_read_only=True,
        is_update_blocked=True,
        is_name=False,
        is_primary_key=True,
    )
    fields = (own_id, *_object_fields(kind, fields_of(kind, world), names))
    return MObjectDescription(kind.value, fields, _UPDATED_AT, f"{kind.value} object")


def _object_fields(kind: MObjectKind, fields: Iterable[Field], standard: frozenset[str]) -> Iterable[FieldDescription]:
    for field in fields:
        yield FieldDescription(
            field.name,
            field.type.value,
            display_name=field.display_name or field.name,
            source=kind.value,
            size=field.length,
            is_read_only=field.read_only,
            is_update_blocked=field.update_blocked,
            is_name=field.name == "Name",
            is_custom=field.name not in standard,
            is_dynamic=True,
            dynamic_reference="attribList",
        )
