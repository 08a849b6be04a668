"""`/custom-objects`: the types there are, and their records. Not a syncCustomObjects: no activity."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mockmkto.engine.references import leads_with_value
from mockmkto.model import CustomObjectType, Field
from mockmkto.model.custom_objects import CustomObject
from mockmkto.model.moments import Moment
from mockmkto.store import custom_objects as store
from mockmkto.store.database import Counter, Session
from mockmkto.web.admin.leads import Value, text_of
from mockmkto.web.admin.problems import Wrong, conflict, not_found, of_fixture, wrong
from mockmkto.web.admin.resource import Body, Created, Query, Subscription, View, also, in_path
from mockmkto.worlds import FixtureError
from mockmkto.worlds.checking import Findings
from mockmkto.worlds.leads import MAX_ID
from mockmkto.worlds.objects import ObjectChecks
from mockmkto.worlds.reading import Document
from mockmkto.worlds.values import Values

__all__ = ["add", "records", "remove", "show"]


class LinkView(View, frozen=True, kw_only=True):
    """Which field says whose a record is, and what of the lead it is."""

    field: str
    to: str


class CustomObjectTypeView(View, frozen=True, kw_only=True):
    """A type of custom objects, and how many records it has."""

    name: str
    keys: tuple[str, ...]
    link: LinkView | None
    fields: tuple[Field, ...]
    records: int


class CustomObjectTypeList(View, frozen=True, kw_only=True):
    """Every type, in the order in which they were made."""

    types: tuple[CustomObjectTypeView, ...]


class RecordView(View, frozen=True, kw_only=True):
    """A record as it is stored, keys and all, and the lead that it is linked to."""

    id: int
    lead: int | None
    values: dict[str, str]
    created_at: Moment
    updated_at: Moment


class RecordList(View, frozen=True, kw_only=True):
    """A page of records in the order of their keys, how many there are of all, and the next page."""

    records: tuple[RecordView, ...]
    total: int
    next: str | None


class RecordQuery(Query, frozen=True, kw_only=True):
    """From which record on, and how many; of one lead, if it is said."""

    offset: Annotated[int, Meta(ge=0, le=2**31)] = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    lead: Annotated[int, Meta(ge=1, le=MAX_ID)] | None = None


class NewRecord(Body, frozen=True, kw_only=True):
    """A record: the value of every key, and of other fields."""

    values: dict[str, Value] = msgspec.field(default_factory=dict)


def show(asked: Subscription) -> CustomObjectTypeList:
    """Every type of custom objects."""
    with asked.database.transaction() as session:
        return CustomObjectTypeList(
            types=tuple(
                CustomObjectTypeView(
                    name=kind.name,
                    keys=kind.keys,
                    link=LinkView(field=kind.link.field, to=kind.link.to) if kind.link is not None else None,
                    fields=tuple(kind.fields),
                    records=store.count(session, kind),
                )
                for kind in session.world.objects.custom_types
            )
        )


def records(asked: Subscription, type: str, query: RecordQuery) -> RecordList:
    """The records of a type in the order of their keys, a page at a time; those of a lead all at once."""
    with asked.database.transaction() as session:
        kind = _kind(session, type)
        if query.lead is not None:
            of_lead = [item for item in store.of_lead(session, query.lead) if item.type == kind.name]
            return RecordList(records=tuple(map(_view, of_lead)), total=len(of_lead), next=None)
        found = store.page(session, kind, {}, None, query.limit, query.offset)
        total = store.count(session, kind)
    behind = query.offset + len(found)
    path = f"/custom-objects/{in_path(kind.name)}/records"
    following = asked.url(path, offset=behind, limit=query.limit) if found and behind < total else None
    return RecordList(records=tuple(map(_view, found)), total=total, next=following)


@also(409, "The keys are another record's.")
def add(asked: Subscription, type: str, body: NewRecord) -> Created[RecordView]:
    """Add a record as it is: this is no syncCustomObjects."""
    with asked.database.transaction() as session:
        kind = _kind(session, type)
        values = _values(session, kind, body)
        missing = [name for name in kind.keys if not values.get(name)]
        if missing:
            raise wrong(Wrong("body.values", f"a value of every key: {', '.join(kind.keys)}", "none of some"))
        there = store.by_keys(session, kind, values)
        if there is not None:
            raise conflict("body.values", f"There is a {kind.name} with these keys already: record {there.id}.", None)
        linked = values.get(kind.link.field, "") if kind.link is not None else ""
        owners = (leads_with_value(session, kind.link.to, linked) or ()) if kind.link is not None and linked else ()
        lead_id = owners[0] if len(owners) == 1 else None
        new = CustomObject(session.take_id(Counter.CUSTOM_OBJECT), kind.name, values, lead_id, session.now, session.now)
        store.add(session, kind, new)
    return Created(_view(new), asked.url(f"/custom-objects/{in_path(kind.name)}/records"))


def remove(asked: Subscription, type: str, id: int) -> None:
    """Delete a record."""
    with asked.database.transaction() as session:
        kind = _kind(session, type)
        found = store.by_id(session, id)
        if found is None or found.type != kind.name:
            raise not_found("path.id", kind.name, id)
        store.remove(session, id)


# ---------------------------------------------------------------------------------------------------------------------


def _kind(session: Session, name: str) -> CustomObjectType:
    kind = session.world.objects.custom_type(name)
    if kind is None:
        known = (item.name for item in session.world.objects.custom_types)
        raise not_found("path.type", "type of custom objects", name, known)
    return kind


def _values(session: Session, kind: CustomObjectType, body: NewRecord) -> dict[str, str]:
    findings = Findings(Document("body", ""))
    checks = ObjectChecks((), session.world, Values(session.world, findings), findings)
    texts: dict[str, object] = {name: text_of(value) for name, value in body.values.items()}
    try:
        values = checks.attributes(texts, kind.fields, ("values",))
        findings.raise_if_any()
    except FixtureError as error:
        raise of_fixture(error) from None
    return values


def _view(item: CustomObject) -> RecordView:
    return RecordView(
        id=item.id,
        lead=item.lead_id,
        values=dict(item.values),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
