"""Statements on the driver's cursor: what goes in and what comes out is what Core would have given."""

from __future__ import annotations

import gc

import pytest
from databases import new_backend
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, StatementError

from mockmkto.store import statements
from mockmkto.store.statements import Statements

metadata = MetaData()
thing = Table(
    "thing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    Column("there", Boolean),
    Column("what", JSON),
    Column("raw", LargeBinary),
)

ADD = insert(thing)
ALL = select(thing).order_by(thing.c.id)
OF_ID = select(thing).where(thing.c.id == bindparam("wanted"))
RENAME = update(thing).where(thing.c.id == bindparam("wanted")).values(name=bindparam("name"))
REMOVE = delete(thing).where(thing.c.id == bindparam("wanted"))

ROWS = [
    {"id": 1, "name": "50% of %(a)s ? :b", "there": True, "what": {"a": [1, "ü", None]}, "raw": b"\0\xff"},
    {"id": 2, "name": "two", "there": False, "what": [], "raw": b""},
]


@pytest.fixture
def connection():
    backend = new_backend()
    storage = backend.storage("things")
    database = storage.at("subscription", metadata)
    database.create_tables()
    with database.transaction() as connection:
        yield connection
    storage.close()
    backend.close()


@pytest.fixture
def on_driver(connection) -> Statements:
    return Statements(connection)


@pytest.mark.parametrize("row", ROWS)
def test_what_is_written_is_what_core_reads(connection, on_driver, row):
    assert on_driver.run(ADD, row) == 1
    assert connection.execute(ALL).one()._asdict() == row


@pytest.mark.parametrize("row", ROWS)
def test_what_core_writes_is_what_is_read_with_the_same_names_and_types(connection, on_driver, row):
    connection.execute(ADD, row)
    (found,) = on_driver.rows(ALL)
    assert found._asdict() == row
    assert type(found.there) is bool


def test_many_are_written_in_one_go_and_none_is_nothing(on_driver):
    on_driver.run_many(ADD, [])
    assert on_driver.rows(ALL) == []
    on_driver.run_many(ADD, ROWS)
    assert [row._asdict() for row in on_driver.rows(ALL)] == ROWS


def test_an_insert_writes_the_columns_that_it_is_given_and_leaves_the_others_empty(on_driver):
    on_driver.run(ADD, {"id": 1, "name": "one"})
    on_driver.run(ADD, {"id": 2, "there": True})
    assert [(row.name, row.there, row.what) for row in on_driver.rows(ALL)] == [("one", None, None), (None, True, None)]


def test_a_change_says_how_many_rows_it_changed(on_driver):
    on_driver.run_many(ADD, ROWS)
    assert on_driver.run(RENAME, {"wanted": 2, "name": "changed"}) == 1
    assert on_driver.run(RENAME, {"wanted": 9, "name": "changed"}) == 0
    assert on_driver.run(delete(thing)) == 2


def test_the_first_row_or_none(on_driver):
    on_driver.run_many(ADD, ROWS)
    assert on_driver.first(OF_ID, {"wanted": 2}).name == "two"
    assert on_driver.first(OF_ID, {"wanted": 3}) is None


def test_values_that_a_statement_has_itself_are_bound_too(on_driver):
    on_driver.run_many(ADD, ROWS)
    assert [row.id for row in on_driver.rows(select(thing.c.id).where(thing.c.name == "two"))] == [2]
    assert on_driver.rows(select(func.count()).select_from(thing).where(thing.c.id > 1))[0][0] == 1


@pytest.mark.parametrize("ids", [[], [1], [1, 2]])
def test_a_list_of_any_length_can_be_looked_for(on_driver, ids):
    on_driver.run_many(ADD, ROWS)
    found = on_driver.rows(select(thing.c.id).where(thing.c.id.in_(ids)).order_by(thing.c.id))
    assert [row.id for row in found] == ids


def test_a_value_that_is_missing_is_an_error_that_names_it(on_driver):
    with pytest.raises(StatementError, match="no value for wanted"):
        on_driver.first(OF_ID, {"wnated": 1})


def test_an_error_is_the_one_of_core_and_shows_no_value(connection, on_driver):
    on_driver.run(ADD, {"id": 1, "name": "secret"})
    savepoint = connection.begin_nested()
    with pytest.raises(IntegrityError) as caught:
        on_driver.run(ADD, {"id": 1, "name": "secret"})
    savepoint.rollback()
    assert "INSERT INTO thing" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_statement_is_compiled_once_for_the_names_that_it_is_given(connection, on_driver, monkeypatch):
    compiled = []
    prepare = statements._Prepared
    monkeypatch.setattr(
        statements, "_Prepared", lambda statement, *rest: (compiled.append(rest[1]), prepare(statement, *rest))[1]
    )
    fresh = insert(thing)
    for number in (1, 2):
        on_driver.run(fresh, {"id": number})
        Statements(connection).run(fresh, {"id": number + 10, "name": "x"})
    assert compiled == [("id",), ("id", "name")]


def test_a_statement_that_was_made_on_the_spot_is_forgotten_with_its_sql(on_driver):
    before = len(on_driver._cache)
    for number in range(20):
        on_driver.rows(select(thing).where(thing.c.id == number))
    gc.collect()
    assert len(on_driver._cache) <= before + 1
