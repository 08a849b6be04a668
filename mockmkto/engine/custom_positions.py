"""Where a reader of custom objects stands: the text of a position, which holds all that its query said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from mockmkto.engine.numbers import LARGEST
from mockmkto.errors import MarketoError
from mockmkto.model import CustomObjectType
from mockmkto.store.custom_objects import Place

__all__ = ["Position", "read_position"]


class Position(Struct, frozen=True):
    """The values that the keys may have, how many records were shown, and behind which the next ones stand.

    The vendor's texts have the values and the number (captured: `{"ky":["1090177"],"os":6}`). While there are more,
    ours say where they go on, too, so that a record which comes or goes meanwhile makes none appear twice; and which
    keys the values are of, unless that is the first one alone.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: int = 0
    after: Place | None = None

    def text(self, kind: CustomObjectType) -> str:
        """As answers carry it."""
        said: dict[str, Any] = {"ky": [value for values in self.keys.values() for value in values], "os": self.shown}
        if any(name != kind.keys[0] for name in self.keys):
            said["kn"] = [name for name, values in self.keys.items() for _ in values]
        if self.after is not None:
            said["af"] = [self.after.text, self.after.id]
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

    def is_plain_about(self, keys: Mapping[str, Sequence[str]]) -> bool:
        """Whether it says nothing of keys, as one that a client has made itself may."""
        return not self.keys and bool(keys)


def read_position(kind: CustomObjectType, text: str) -> Position:
    """The position of a text.

    Raises:
        MarketoError: 20122 it is none.
    """
    try:
        said = json.loads(text)
        position = _position(kind, said)
    except (ValueError, RecursionError):
        position = None
    if position is None:
        raise MarketoError.bad_stream_position(text)
    return position


def _position(kind: CustomObjectType, said: Any) -> Position | None:
    if not isinstance(said, dict) or not {"ky", "os"} <= said.keys() <= {"ky", "os", "kn", "af"}:
        return None
    values, shown, after = said["ky"], said["os"], said.get("af")
    if not _texts(values) or type(shown) is not int or not 0 <= shown <= LARGEST:
        return None
    names = said.get("kn", [kind.keys[0]] * len(values))
    if not _texts(names) or len(names) != len(values) or not set(names) <= set(kind.keys):
        return None
    keys: dict[str, tuple[str, ...]] = {}
    for name, value in zip(names, values, strict=True):
        keys[name] = (*keys.get(name, ()), value)
    match after:
        case None:
            return Position(keys, shown)
        case [str(place), int(number)] if "\0" not in place and abs(number) <= LARGEST:
            return Position(keys, shown, Place(place, number))
    return None


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) and "\0" not in value for value in values)
