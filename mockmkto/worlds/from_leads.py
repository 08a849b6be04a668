"""The leads of a fixture, made from an export that somebody has, CSV or JSON; one at a time, however many there are."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

import msgspec
from msgspec import Struct, field

from mockmkto.engine.catalogue import by_display_name, closest_name
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.model import Field, FieldCatalogue, FieldType, World
from mockmkto.worlds.anonymizing import anonymous_cookie, anonymous_email, anonymous_text, anonymous_value

__all__ = ["Columns", "UnreadableLeadsError", "lead_entry", "match_columns", "read_records"]

_KEYS = {
    "id": "Id",
    "leadid": "Id",
    "marketoid": "Id",
    "marketouniqueid": "Id",
    "email": "Email",
    "emailaddress": "Email",
    "foreignsyspersonid": "foreign_id",
    "foreignsystype": "foreign_type",
    "cookies": "cookies",
    "marketocookie": "cookies",
    "munchkincookie": "cookies",
    "createdat": "created_at",
    "updatedat": "updated_at",
    "partition": "partition",
    "leadpartition": "partition",
}
_EMPTY = frozenset(("", "null", "NULL"))  # an extract of the REST API writes null


class UnreadableLeadsError(ValueError):
    """The export cannot be read; the text says where."""


class Columns(Struct):
    """What each column of an export is: a member of the lead, a field, or a new field that must be added."""

    keys: dict[str, str] = field(default_factory=dict)  # column: the lead's own member
    fields: dict[str, Field] = field(default_factory=dict)
    added: list[Field] = field(default_factory=list)  # of columns that no field is known for
    notes: list[str] = field(default_factory=list)


def read_records(stream: TextIO) -> Iterator[Mapping[str, Any]]:
    """Each lead of an export as column and value.

    CSV with its names in the first line; a JSON list; JSON lines; or the answer of a REST call.

    Raises:
        UnreadableLeadsError: it is none of these.
    """
    head = stream.read(1)
    while head and head.isspace():
        head = stream.read(1)
    if head == "\ufeff":
        head = stream.read(1)
    if head in ("[", "{"):
        yield from _json_records(head, stream)
    elif head:
        yield from _csv_records(itertools.chain((head + stream.readline(),), stream))


def _csv_records(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    lines = iter(lines)
    first = next(lines)
    delimiter = max(",;\t|", key=first.count)
    reader = csv.reader(itertools.chain((first,), lines), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(reader)]
        twice = {name for name in names if names.count(name) > 1 and name}
        if twice:
            raise UnreadableLeadsError(f"line 1: the column {sorted(twice)[0]!r} is there twice")
        for row in reader:
            if not row:
                continue
            if len(row) != len(names):
                raise UnreadableLeadsError(f"line {reader.line_num}: expected {len(names)} values, got {len(row)}")
            yield dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise UnreadableLeadsError(f"line {reader.line_num}: {error}") from None


def _json_records(head: str, stream: TextIO) -> Iterator[Mapping[str, Any]]:
    if head == "{":  # an object a line, or one answer
        first = head + stream.readline()
        try:
            yield from _objects(msgspec.json.decode(first))
        except msgspec.DecodeError:
            yield from _decoded(first + stream.read())
            return
        for number, line in enumerate(stream, 2):
            if line.strip():
                try:
                    yield from _objects(msgspec.json.decode(line))
                except msgspec.DecodeError as error:
                    raise UnreadableLeadsError(f"line {number}: {error}") from None
        return
    yield from _decoded(head + stream.read())


def _decoded(text: str) -> Iterator[Mapping[str, Any]]:
    """The items one by one, each decoded when its turn comes: a list of many is held as its text alone."""
    content = text.encode()
    try:
        if content[:1] == b"[":
            items = msgspec.json.decode(content, type=list[msgspec.Raw])
        else:
            items = msgspec.json.decode(content, type=_Answer).result
    except msgspec.MsgspecError as error:
        raise UnreadableLeadsError(f"the JSON cannot be read: {error}") from None
    for item in items:
        yield from _objects(msgspec.json.decode(item))


class _Answer(msgspec.Struct):
    result: list[msgspec.Raw]


def _objects(item: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(item, dict):
        raise UnreadableLeadsError(f"expected an object for each lead, got {item!r}"[:200])
    if isinstance(item.get("result"), list):
        for inner in item["result"]:
            yield from _objects(inner)
    else:
        yield item


# ---------------------------------------------------------------------------------------------------------------------
# Columns


def match_columns(records: Iterable[Mapping[str, Any]], catalogue: FieldCatalogue) -> Columns:
    """What the columns of these records are, by either API's name of a field or by what people call it.

    A column of which nothing is known becomes a custom field: of integers where all its values are, else a string, or
    a text where one is too long.
    """
    columns = Columns()
    unknown: dict[str, _Guess] = {}
    known: set[str] = set()
    for record in records:
        for name, value in record.items():
            if name not in known:
                known.add(name)
                _match(name, catalogue, columns, unknown)
            if name in unknown:
                unknown[name].look(_text(value))
    for name, guess in unknown.items():
        made = guess.field(name)
        columns.fields[name] = made
        columns.added.append(made)
        near = closest_name(name, catalogue)
        hint = f" (or is it {near}?)" if near else ""
        columns.notes.append(f"no field is known for the column {name!r}{hint}: it becomes the {made.type} {made.name}")
    return columns


def _match(name: str, catalogue: FieldCatalogue, columns: Columns, unknown: dict[str, _Guess]) -> None:
    plain = re.sub(r"[\s_-]", "", name).casefold()
    if not plain:
        columns.notes.append("a column without a name was left out")
        return
    found = (
        catalogue.named(name)
        or by_display_name(name, catalogue)
        or next((item for item in catalogue if re.sub(r"[\s_-]", "", item.name).casefold() == plain), None)
    )
    if found is not None and plain not in _KEYS:
        if found in columns.fields.values():
            columns.notes.append(f"the column {name!r} is {found.name} once more: it was left out")
            return
        columns.fields[name] = found
    elif plain in _KEYS:
        if _KEYS[plain] in columns.keys.values():
            columns.notes.append(f"the column {name!r} is the {_KEYS[plain]} once more: it was left out")
            return
        columns.keys[name] = _KEYS[plain]
    else:
        unknown[name] = _Guess()


class _Guess(Struct):
    """What kind of field a column of which nothing is known could be."""

    longest: int = 0
    whole: bool = True
    any: bool = False

    def look(self, text: str) -> None:
        if text in _EMPTY:
            return
        self.any = True
        self.longest = max(self.longest, len(text))
        self.whole = self.whole and re.fullmatch(r"-?(0|[1-9][0-9]{0,8})", text) is not None

    def field(self, name: str) -> Field:
        if self.any and self.whole:
            return Field(name.strip(), FieldType.INTEGER)
        if self.longest > 255:
            return Field(name.strip(), FieldType.TEXT, 30_000)
        return Field(name.strip(), FieldType.STRING, 255)


# ---------------------------------------------------------------------------------------------------------------------
# A lead


def lead_entry(
    record: Mapping[str, Any], columns: Columns, world: World, *, anonymize: bool, bad: Callable[[str], None]
) -> dict[str, Any]:
    """A lead as a fixture has it. `bad` is told of a value that does not fit its field, which is then left out."""
    members: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for column, value in record.items():
        text = _text(value)
        if text in _EMPTY:
            continue
        if column in columns.keys:
            members[columns.keys[column]] = text.strip()
        elif column in columns.fields:
            item = columns.fields[column]
            if item.type is FieldType.DATETIME and "T" not in text:
                text = text.replace(" ", "T", 1)
            if anonymize:
                text = anonymous_value(item.name, item.type, text)
            try:
                attributes[item.name] = read_value(item, text, world.time_zone)
            except (BadValue, OverlongValue) as error:
                bad(str(error))
    return _entry(members, attributes, anonymize=anonymize, bad=bad)


def _entry(
    members: dict[str, str], attributes: dict[str, str], *, anonymize: bool, bad: Callable[[str], None]
) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if "Id" in members:
        if members["Id"].isdigit():
            entry["Id"] = int(members["Id"])
        else:
            bad(f"{members['Id']!r} is no Id")
    if "Email" in members:
        entry["Email"] = anonymous_email(members["Email"]) if anonymize else members["Email"]
    if "partition" in members:
        entry["partition"] = members["partition"]
    if "foreign_id" in members:
        own = anonymous_text(members["foreign_id"]) if anonymize else members["foreign_id"]
        entry["foreign_ids"] = [{"type": members.get("foreign_type", "CUSTOM").upper(), "id": own}]
    if "cookies" in members:
        cookies = [item.strip() for item in members["cookies"].split(",") if item.strip()]
        entry["cookies"] = [anonymous_cookie(item) if anonymize else item for item in cookies]
    for name in ("created_at", "updated_at"):
        if name in members:
            entry[name] = members[name].replace(" ", "T", 1)
    if attributes:
        entry["attributes"] = attributes
    return entry


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(map(_text, value))
        case str():
            return value
        case _:
            return msgspec.json.encode(value).decode()
