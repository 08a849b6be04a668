"""The listing of leads: what is sorted and found by a key goes through an index, however many leads there are."""

from __future__ import annotations

import datetime as dt

import pytest

from mockmkto.model import Lead
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead, add_many
from mockmkto.store.listing import Filter, Order, Target, page
from mockmkto.worlds import fill, parse_worlds

NOW = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)


pytestmark = pytest.mark.sqlite


@pytest.fixture
def database():
    database = Database("test")
    (world,) = parse_worlds("{}", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        leads = (
            Lead(n, f"u{n}@example.com", True, "Default", {"City": "Bern"}, NOW, NOW, n, 1000 - n)
            for n in range(1, 501)
        )
        add_many(session, [NewLead(lead) for lead in leads])
    yield database
    database.close()


def plans(database: Database, *filters: Filter, **options) -> list[str]:
    """SQLite's plan of every statement that a page takes, in their order: Ids, count, leads, foreign keys, cookies."""
    statements: list[str] = []
    with database.transaction() as session:
        raw = session.connection.connection.dbapi_connection
        raw.set_trace_callback(statements.append)
        page(session, filters, **options)
        raw.set_trace_callback(None)
        return ["; ".join(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}")) for sql in statements]


@pytest.mark.parametrize("order", Order)
def test_no_order_is_sorted_by_hand(order, database):
    ids, *_ = plans(database, order=order)
    assert ids.startswith("SCAN lead")
    assert "TEMP B-TREE" not in ids


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (Filter(Target.ID, "5"), "INTEGER PRIMARY KEY"),
        (Filter(Target.EMAIL, "u5@example.com"), "lead_by_email"),
        (Filter(Target.EMAIL, "u5", begins=True), "lead_by_email"),
        (Filter(Target.PARTITION, "Default"), "lead_by_partition"),
    ],
)
def test_a_key_is_searched_by_its_index(condition, index, database):
    counting = plans(database, condition)[1]
    assert counting.startswith("SEARCH lead")
    assert index in counting


def test_only_the_leads_of_the_page_are_read(database):
    ids, _, leads, *_ = plans(database, order=Order.UPDATED, offset=400, limit=10)
    assert ids == "SCAN lead USING COVERING INDEX lead_by_updated"
    assert leads == "SEARCH lead USING INTEGER PRIMARY KEY (rowid=?)"


def test_keys_of_a_page_are_found_by_the_lead(database):
    *_, foreign_ids, cookies = plans(database)
    assert "foreign_id_by_lead (lead_id=?)" in foreign_ids
    assert "cookie_by_lead (lead_id=?)" in cookies
