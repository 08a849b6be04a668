"""docs/fixtures.md: every example loads, and every key of the format is on the page."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.engine.lookup import KEY_TYPES
from mockmkto.model import Effect, FieldType, Operator
from mockmkto.store.registry import Registry
from mockmkto.worlds import (
    FixtureError,
    field_entry,
    load,
    object_entries,
    parse_worlds,
    program_entries,
    schema,
    shipped_fixtures,
)

PAGE = (Path(__file__).parents[2] / "docs" / "fixtures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ENTRIES = [
    item
    for module in (schema, field_entry, program_entries, object_entries)
    for item in vars(module).values()
    if isinstance(item, type) and issubclass(item, msgspec.Struct)
]


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_loads(example):
    registry = Registry()
    try:
        for world in parse_worlds(example, "example.yaml"):
            load(world, registry)
    finally:
        registry.close()


def test_the_example_of_a_mistake_is_what_is_said():
    (said,) = re.findall(r"^(world\.yaml:.*)$", PAGE, re.MULTILINE)
    with pytest.raises(FixtureError) as caught:
        parse_worlds("leads:\n  - attributes:\n      Frstname: Ann\n", "world.yaml")
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "name", sorted({item.encode_name for entry in ENTRIES for item in msgspec.structs.fields(entry)})
)
def test_every_key_is_on_the_page(name):
    assert re.search(rf"(?<![\w-]){name}(?![\w-])", PAGE)


def test_every_name_is_on_the_page():
    for name in (*Effect, *FieldType, *Operator, *shipped_fixtures(), *KEY_TYPES[3:]):
        assert name in PAGE, name
    assert "Title" in {field.name for field in STANDARD_FIELDS}
