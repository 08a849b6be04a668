"""Objects beside leads, searched by the values of a field or of all their keys, in pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from mockmkto.engine.object_kinds import CREATED_AT, UPDATED_AT, KindField, ObjectKind, Stored
from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.engine.paging import batch_size
from mockmkto.engine.plain import PlainValue
from mockmkto.errors import RestError
from mockmkto.model import PageStep, TraceBuilder
from mockmkto.model.trace import NOT_COUNTED
from mockmkto.store.database import Session

__all__ = ["MOST_IN_PAGE", "MOST_VALUES", "ObjectQuery", "ShownObjects", "search", "whole_key"]

MOST_IN_PAGE = 300  # documented, and so is the next
MOST_VALUES = 300

_ALIASES = {"idfield": "idField", "dedupefields": "dedupeFields"}


class ObjectQuery(NamedTuple):
    """What is searched for, as it was sent. `keys` are whole keys, which a body says; else it is `values`."""

    filter_type: str | None
    values: Sequence[str] = ()
    keys: Sequence[Mapping[str, Any]] | None = None
    fields: Sequence[str] = ()
    batch_size: int | None = None
    token: str | None = None


class ShownObjects(NamedTuple):
    """One page: of each object its fields by name; without a token it is the last one."""

    objects: list[dict[str, PlainValue]]
    next_token: str | None


def search(session: Session, kind: ObjectKind[Any], query: ObjectQuery, trace: TraceBuilder) -> ShownObjects:
    """The objects that have one of the values; `seq` numbers them from 0 (captured).

    Raises:
        RestError: 1003, no filterType, no values, or a token that is none; 1006, a field that is none; 1011, one by
            which nothing is searched; 1002, a key that is not whole.
    """
    shown = _shown_fields(kind, query.fields)
    size = batch_size(query.batch_size, MOST_IN_PAGE, MOST_IN_PAGE, trace)
    kind_of_token = f"objects {_fingerprint(kind, query)}"
    skip = 0
    if query.token is not None:
        place = read_page_token(kind_of_token, query.token)
        if place is None:
            raise RestError.invalid_data(f"Invalid token value: {query.token}")
        skip = place[0]
    found = _found(session, kind, query, skip, size + 1)
    page = found[:size]
    token = page_token(kind_of_token, skip + size) if len(found) > size else None
    trace.touch(lead_id for item in page if (lead_id := kind.lead_of(item)) is not None)
    trace.page = PageStep(
        selector=f"{kind.name} by {query.filter_type}",
        total=NOT_COUNTED,
        first=skip + 1 if page else 0,
        last=skip + len(page) if page else 0,
        batch_asked=query.batch_size,
        batch_used=size,
        ended="" if token else "these were the last ones" if page else "there are none",
        came=query.token,
        next=token,
    )
    return ShownObjects(
        [
            {"seq": number, kind.id_field: kind.shown_id(item)}
            | {field.name: kind.shown(item, field) for field in shown}
            for number, item in enumerate(page)
        ],
        token,
    )


def _shown_fields(kind: ObjectKind[Any], names: Iterable[str]) -> tuple[KindField, ...]:
    """Those that are asked for in their order, or the documented ones: id, keys and times."""
    asked = [name for name in (item.strip() for item in names) if name]
    shown = []
    for name in asked or (*kind.dedupe_fields, CREATED_AT, UPDATED_AT):
        field = kind.field(name)
        if field is None:
            raise RestError.field_not_found(name)
        shown.append(field)
    return tuple(shown)


def _found(session: Session, kind: ObjectKind[Any], query: ObjectQuery, skip: int, most: int) -> Sequence[Stored]:
    asked = (query.filter_type or "").strip()
    if not asked:
        raise RestError.not_specified("filterType")
    if query.keys is not None and (_ALIASES.get(asked.casefold()) == "dedupeFields"):
        return _by_keys(session, kind, query.keys)[skip : skip + most]
    values = list(query.values)
    if not values:
        raise RestError.not_specified("filterValues")
    if len(values) > MOST_VALUES:
        raise RestError.invalid_data(f"{len(values)} filterValues: {MOST_VALUES} are the most")
    alias = _ALIASES.get(asked.casefold())
    if alias == "idField" or asked.casefold() == kind.id_field.casefold():
        by_id = (kind.by_shown_id(session, value) for value in values)
        return list({item.id: item for item in by_id if item is not None}.values())[skip : skip + most]
    if alias == "dedupeFields":
        if len(kind.dedupe_fields) > 1:
            raise RestError.invalid_data(
                "Several fields are the key: send them as the input of a POST with _method=GET"
            )
        asked = kind.dedupe_fields[0]
    field = kind.field(asked)
    if field is None:
        raise RestError.field_not_found(asked)
    if field.name not in kind.dedupe_fields and field.name not in kind.searchable:
        raise RestError.field_not_supported(asked)
    wanted = []
    for value in values:
        try:
            wanted.append(kind.text(session, field, value))
        except RestError:
            continue  # nothing can have it
    if not wanted:
        return ()
    return kind.with_values(session, {field.name: tuple(dict.fromkeys(wanted))}, skip, most)


def _by_keys(session: Session, kind: ObjectKind[Any], keys: Sequence[Mapping[str, Any]]) -> list[Stored]:
    found: dict[int, Stored] = {}
    for given in keys:
        key = whole_key(session, kind, given)
        item = kind.by_key(session, key)
        if item is not None:
            found.setdefault(item.id, item)
    return list(found.values())


def whole_key(session: Session, kind: ObjectKind[Any], given: Mapping[str, Any]) -> dict[str, str]:
    """The values of all dedupe fields, as they are stored.

    Raises:
        RestError: 1002 one is missing; 1003 a value is none of the field's.
    """
    by_name = {name.strip().casefold(): value for name, value in given.items()}
    key = {}
    for name in kind.dedupe_fields:
        field = kind.field(name)
        assert field is not None
        key[name] = kind.text(session, field, by_name.get(name.casefold()))
        if not key[name]:
            raise RestError.missing_parameter(name)
    return key


def _fingerprint(kind: ObjectKind[Any], query: ObjectQuery) -> str:
    """What a token is of: of another query it is none."""
    asked = (kind.name, (query.filter_type or "").casefold(), sorted(query.values), str(query.keys))
    return blake2b(repr(asked).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
