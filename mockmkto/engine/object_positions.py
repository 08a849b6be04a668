"""Where a reader of objects stands: an opaque text, which holds all that its query said (captured: base64)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from msgspec import Struct

from mockmkto.engine.numbers import LARGEST
from mockmkto.errors import MarketoError
from mockmkto.model.objects import Association, GetMObjectsRequest, MObjectCriterion, MObjectKind, NameValue

__all__ = ["ObjectPosition", "object_position", "read_object_position", "same_query"]

_FORM = 1  # of the texts: one of another form is none of ours


class ObjectPosition(Struct, frozen=True):
    """What is read, and the id behind which the next objects stand."""

    kind: MObjectKind
    query: GetMObjectsRequest
    after: int


def object_position(position: ObjectPosition) -> str:
    """The text of a position."""
    query = position.query
    said = [_FORM, position.kind.value, position.after, *_query(query)]
    return base64.b64encode(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).decode()


def read_object_position(kind: MObjectKind, text: str) -> ObjectPosition:
    """The position of a text.

    Raises:
        MarketoError: 20122 it is none, or that of a reader of other objects.
    """
    try:
        said = json.loads(base64.b64decode(text.encode(), validate=True))
        position = _position(kind, said)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        position = None
    if position is None:
        raise MarketoError.bad_stream_position(text)
    return position


def _position(kind: MObjectKind, said: Any) -> ObjectPosition | None:
    form, name, after, *query = said
    if form != _FORM or name != kind.value or type(after) is not int or abs(after) > LARGEST:
        return None
    return ObjectPosition(kind, _read_query(kind, query), after)


def _query(query: GetMObjectsRequest) -> list[Any]:
    return [
        query.id,
        _pair(query.external_key),
        [[item.name, item.comparison, item.value] for item in query.criteria],
        [[item.type, item.id, _pair(item.external_key)] for item in query.associations],
    ]


def same_query(one: GetMObjectsRequest, other: GetMObjectsRequest) -> bool:
    """Whether two requests ask for the same objects."""
    return _query(one) == _query(other)


def _read_query(kind: MObjectKind, said: list[Any]) -> GetMObjectsRequest:
    object_id, key, criteria, associations = said
    return GetMObjectsRequest(
        kind.value,
        id=_number(object_id),
        external_key=_read_pair(key),
        criteria=tuple(MObjectCriterion(*_texts(item, 3)) for item in criteria),
        associations=tuple(
            Association(_texts([name], 1)[0], _number(number), _read_pair(pair)) for name, number, pair in associations
        ),
    )


def _pair(key: NameValue | None) -> list[str | None] | None:
    return [key.name, key.value] if key is not None else None


def _read_pair(said: Any) -> NameValue | None:
    return NameValue(*_texts(said, 2)) if said is not None else None


def _texts(said: Any, count: int) -> list[str | None]:
    fits = isinstance(said, list) and len(said) == count
    if not fits or not all(item is None or (isinstance(item, str) and "\0" not in item) for item in said):
        raise ValueError(said)
    return list(said)


def _number(said: Any) -> int | float | None:
    if said is None or isinstance(said, int | float):
        return said
    raise ValueError(said)
