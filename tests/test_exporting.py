"""A world as a fixture, bit by bit: the same text as of all of it at once, and it loads again to the same."""

from __future__ import annotations

import json

import pytest
from databases import new_registry

from mockmkto.store import activities
from mockmkto.worlds import load, parse_worlds, read_all
from mockmkto.worlds.exporting import _AT_ONCE, export, export_bit_by_bit
from mockmkto.worlds.rendering import as_json, as_yaml, json_pieces, yaml_pieces

MANY = 2 * _AT_ONCE + 7
# Created in another order than they stand in the file, and updated in a third one; every third has a key.
LEADS = [
    {
        "Id": 2000 - number,
        "Email": f"lead{number}@example.com",
        "attributes": {"LastName": f"No. {number}: \x7f ü"},
        "created_order": number * 7 % MANY + 1,
        "updated_order": number * 11 % MANY + 1,
        **({"foreign_ids": [{"id": f"F-{number}"}], "cookies": [f"c{number}"]} if number % 3 == 0 else {}),
    }
    for number in range(MANY)
]
ANONYMOUS = [{"Id": 3000 + number, "cookies": [f"a{number}"]} for number in range(3)]
LOG = [{"lead": 1999, "type": "Visit Webpage", "asset": f"/page{number}"} for number in range(450)]
WORLD = json.dumps(
    {"leads": LEADS, "anonymous_leads": ANONYMOUS, "activities": LOG, "lists": [{"name": "All", "members": [1999]}]}
)


@pytest.fixture(params=["demo", "many", "empty"])
def database(request):
    registry = new_registry()
    (world,) = parse_worlds(WORLD, "many") if request.param == "many" else read_all([request.param])
    yield load(world, registry)
    registry.close()


@pytest.mark.parametrize(("pieces", "whole"), [(yaml_pieces, as_yaml), (json_pieces, as_json)])
def test_the_pieces_are_the_text_of_the_whole(pieces, whole, database):
    with database.transaction() as session:
        text = b"".join(pieces(export_bit_by_bit(session, "a", (), ())))
        assert text.decode() == whole(export(session, "a", (), ())).decode()


@pytest.mark.parametrize("pieces", [yaml_pieces, json_pieces])
def test_what_was_written_loads_again_to_the_same(pieces, database):
    with database.transaction() as session:
        first = b"".join(pieces(export_bit_by_bit(session, "again", (), ())))
    registry = new_registry()
    (world,) = parse_worlds(first, "again")
    with load(world, registry).transaction() as session:
        assert b"".join(pieces(export_bit_by_bit(session, "again", (), ()))).decode() == first.decode()
    registry.close()


def test_the_log_is_read_some_at_a_time_in_its_order(database):
    with database.transaction() as session:
        log = [(item.at, item.id) for item in activities.one_by_one(session)]
        assert log == sorted(log)
        assert activities.highest_id(session) == max((number for _, number in log), default=None)
        assert log == [(item.at, item.id) for item in activities.all_activities(session)]


def test_a_long_text_comes_in_several_pieces():
    registry = new_registry()
    leads = [{"Email": "a@example.com", "attributes": {"LeadNotes": "x" * 1000}} for _ in range(100)]
    (world,) = parse_worlds(json.dumps({"fields": [{"name": "LeadNotes", "type": "text"}], "leads": leads}), "long")
    with load(world, registry).transaction() as session:
        assert len(list(json_pieces(export_bit_by_bit(session, "long", (), ())))) > 1
    registry.close()
