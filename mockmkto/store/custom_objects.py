"""Records of custom objects: stored under all their keys, found by any of them, read in the order of their keys.

Every query that finds a record goes through an index; a test reads SQLite's plan of each (`FINDERS`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, func, insert, select, tuple_, update

from mockmkto.model import CustomObjectType, FieldType
from mockmkto.model.custom_objects import CustomObject
from mockmkto.store.object_tables import custom_key, custom_object
from mockmkto.store.session import Counter, Session

__all__ = [
    "FINDERS",
    "Place",
    "add",
    "add_many",
    "all_of",
    "by_id",
    "by_keys",
    "count",
    "delete_of_type",
    "identity",
    "of_lead",
    "page",
    "place_of",
    "remaining",
    "remove",
    "save",
    "unlink",
    "unlinked",
]

_LONGEST_PLACE = 200  # characters of each key: an entry of a B-tree of PostgreSQL's holds 2,700 bytes

_by_identity = select(custom_object).where(
    custom_object.c.type == bindparam("type"), custom_object.c.identity == bindparam("identity")
)
_by_id = select(custom_object).where(custom_object.c.id == bindparam("object_id"))
_of_lead = select(custom_object).where(custom_object.c.lead_id == bindparam("lead_id")).order_by(custom_object.c.id)
_unlinked = (
    select(custom_object)
    .where(custom_object.c.lead_id.is_(None), custom_object.c.type == bindparam("type"))
    .order_by(custom_object.c.id)
)
_all_of_type = (
    select(custom_object)
    .where(custom_object.c.type == bindparam("type"))
    .order_by(custom_object.c.place, custom_object.c.id)
)
_count = select(func.count().label("records")).select_from(custom_object)
_count_of_type = _count.where(custom_object.c.type == bindparam("type"))
_insert = insert(custom_object)
_insert_key = insert(custom_key)
_update = (
    update(custom_object)
    .where(custom_object.c.id == bindparam("object_id"))
    .values({name: bindparam(f"new_{name}") for name in ("identity", "place", "lead_id", "attributes", "updated_at")})
)
_delete = delete(custom_object).where(custom_object.c.id == bindparam("object_id"))
_delete_keys = delete(custom_key).where(custom_key.c.object_id == bindparam("of_object"))
_delete_type = delete(custom_object).where(custom_object.c.type == bindparam("of_type"))
_delete_type_keys = delete(custom_key).where(custom_key.c.type == bindparam("of_type"))
_unlink = update(custom_object).where(custom_object.c.lead_id == bindparam("of_lead")).values(lead_id=None)


class Place(Struct, frozen=True, order=True):
    """A place in the order of a type's records."""

    text: str
    id: int


def identity(kind: CustomObjectType, values: Mapping[str, str]) -> str:
    """What no two records of a type share: the values of all keys, in their order."""
    return json.dumps([values.get(name, "") for name in kind.keys], ensure_ascii=False)


def place_of(kind: CustomObjectType, values: Mapping[str, str]) -> str:
    """What the records of a type are ordered by: the values of their keys, numbers as numbers."""
    return "\x01".join(_sortable(kind, name, values.get(name, "")) for name in kind.keys)


def _sortable(kind: CustomObjectType, name: str, value: str) -> str:
    field = kind.fields.find(name)
    whole = field is not None and field.type in (FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT)
    if whole and value:
        return f"{int(value) + 2**31:010d}"
    return value[:_LONGEST_PLACE]


# ---------------------------------------------------------------------------------------------------------------------
# Finding


@cache
def _matching(values: tuple[int, ...], *, after: bool) -> ColumnElement[bool]:
    """The condition that the records of a type have these keys, each one of so many values, and come after a place."""
    table: Any = custom_key if values else custom_object
    number = custom_key.c.object_id if values else custom_object.c.id
    condition: ColumnElement[bool] = table.c.type == bindparam("type")
    for position, count_ in enumerate(values):
        wanted: list[Any] = [bindparam(f"value_{position}_{index}") for index in range(count_)]
        if position == 0:
            condition &= (custom_key.c.name == bindparam("name_0")) & custom_key.c.value.in_(wanted)
            continue
        other = custom_key.alias(f"key_{position}")
        condition &= (
            select(other.c.object_id)
            .where(
                other.c.object_id == custom_key.c.object_id,
                other.c.name == bindparam(f"name_{position}"),
                other.c.value.in_(wanted),
            )
            .exists()
        )
    if after:
        condition &= tuple_(table.c.place, number) > tuple_(bindparam("after_place"), bindparam("after_id"))
    return condition


@cache
def _page(values: tuple[int, ...], *, after: bool) -> Select[Any]:
    condition = _matching(values, after=after)
    statement = select(custom_object)
    order: tuple[Any, ...] = (custom_object.c.place, custom_object.c.id)
    if values:
        statement = statement.join(custom_key, custom_key.c.object_id == custom_object.c.id)
        order = (custom_key.c.place, custom_key.c.object_id)
    return statement.where(condition).order_by(*order).limit(bindparam("most")).offset(bindparam("skip"))


@cache
def _how_many(values: tuple[int, ...], *, after: bool) -> Select[Any]:
    table = custom_key if values else custom_object
    return select(func.count().label("records")).select_from(table).where(_matching(values, after=after))


def _shape(keys: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    """What of keys the text of a statement depends on: how many values each has."""
    return tuple(map(len, keys.values()))


def _bound(kind: CustomObjectType, keys: Mapping[str, Sequence[str]], after: Place | None) -> dict[str, Any]:
    bound: dict[str, Any] = {"type": kind.name}
    for position, (name, values) in enumerate(keys.items()):
        bound[f"name_{position}"] = name
        bound |= {f"value_{position}_{index}": value for index, value in enumerate(values)}
    if after is not None:
        bound |= {"after_place": after.text, "after_id": after.id}
    return bound


FINDERS: Mapping[str, Select[Any]] = {
    "custom object by all its keys": _by_identity,
    "custom object by id": _by_id,
    "custom objects of a lead": _of_lead,
    "custom objects of no lead": _unlinked,
    "custom objects of a type in order": _page((), after=False),
    "custom objects of a type after a place": _page((), after=True),
    "custom objects by one key": _page((1,), after=False),
    "custom objects by one key after a place": _page((1,), after=True),
    "custom objects by two keys": _page((1, 2), after=True),
    "how many custom objects have a key": _how_many((1,), after=True),
}


def by_id(session: Session, object_id: int) -> CustomObject | None:
    """The record of that id."""
    row = session.first(_by_id, {"object_id": object_id})
    return _record(row) if row is not None else None


def by_keys(session: Session, kind: CustomObjectType, values: Mapping[str, str]) -> CustomObject | None:
    """The record that has all these keys."""
    row = session.first(_by_identity, {"type": kind.name, "identity": identity(kind, values)})
    return _record(row) if row is not None else None


def page(
    session: Session,
    kind: CustomObjectType,
    keys: Mapping[str, Sequence[str]],
    after: Place | None,
    most: int,
    skip: int = 0,
) -> tuple[CustomObject, ...]:
    """Records of a type whose keys each have one of these values, in order; those after a place, or all but some."""
    statement = _page(_shape(keys), after=after is not None)
    rows = session.rows(statement, _bound(kind, keys, after) | {"most": most, "skip": skip})
    return tuple(map(_record, rows))


def remaining(session: Session, kind: CustomObjectType, keys: Mapping[str, Sequence[str]], after: Place | None) -> int:
    """How many of them there are, or how many after a place."""
    row = session.first(_how_many(_shape(keys), after=after is not None), _bound(kind, keys, after))
    return int(row.records) if row is not None else 0


def of_lead(session: Session, lead_id: int) -> tuple[CustomObject, ...]:
    """The records that are linked to a lead."""
    return tuple(map(_record, session.rows(_of_lead, {"lead_id": lead_id})))


def unlinked(session: Session, kind: CustomObjectType) -> tuple[CustomObject, ...]:
    """The records of a type that are linked to no lead, by id."""
    return tuple(map(_record, session.rows(_unlinked, {"type": kind.name})))


def all_of(session: Session, kind: CustomObjectType) -> tuple[CustomObject, ...]:
    """Every record of a type, in order."""
    return tuple(map(_record, session.rows(_all_of_type, {"type": kind.name})))


def count(session: Session, kind: CustomObjectType | None = None) -> int:
    """How many records there are, of one type or of all."""
    row = session.first(_count) if kind is None else session.first(_count_of_type, {"type": kind.name})
    return int(row.records) if row is not None else 0


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def add(session: Session, kind: CustomObjectType, new: CustomObject) -> None:
    """Store a record that was not there."""
    add_many(session, kind, (new,))


def add_many(session: Session, kind: CustomObjectType, batch: Iterable[CustomObject]) -> None:
    """Store records that were not there."""
    rows, keys = [], []
    for new in batch:
        session.reserve_ids(Counter.CUSTOM_OBJECT, new.id)
        row = {"id": new.id, "type": kind.name, "created_at": new.created_at.isoformat(), **_values(kind, new)}
        rows.append(row)
        keys += _key_rows(kind, new, row["place"])
    session.run_many(_insert, rows)
    session.run_many(_insert_key, keys)


def save(session: Session, kind: CustomObjectType, changed: CustomObject) -> None:
    """Store a record that was there."""
    values = _values(kind, changed)
    session.run(_update, {"object_id": changed.id, **{f"new_{name}": value for name, value in values.items()}})
    session.run(_delete_keys, {"of_object": changed.id})
    session.run_many(_insert_key, _key_rows(kind, changed, values["place"]))


def remove(session: Session, object_id: int) -> None:
    """Take a record away."""
    session.run(_delete_keys, {"of_object": object_id})
    session.run(_delete, {"object_id": object_id})


def delete_of_type(session: Session, name: str) -> None:
    """Take every record of a type away."""
    session.run(_delete_type_keys, {"of_type": name})
    session.run(_delete_type, {"of_type": name})


def unlink(session: Session, lead_id: int) -> None:
    """The records that were linked to a lead are nobody's."""
    session.run(_unlink, {"of_lead": lead_id})


# ---------------------------------------------------------------------------------------------------------------------
# Rows


def _values(kind: CustomObjectType, item: CustomObject) -> dict[str, Any]:
    return {
        "identity": identity(kind, item.values),
        "place": place_of(kind, item.values),
        "lead_id": item.lead_id,
        "attributes": dict(item.values),
        "updated_at": item.updated_at.isoformat(),
    }


def _key_rows(kind: CustomObjectType, item: CustomObject, place: str) -> list[dict[str, Any]]:
    return [
        {"type": kind.name, "name": name, "value": item.values.get(name, ""), "place": place, "object_id": item.id}
        for name in kind.keys
    ]


def _record(row: Row[Any]) -> CustomObject:
    return CustomObject(
        id=row.id,
        type=row.type,
        values=row.attributes,
        lead_id=row.lead_id,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
    )
