"""A search that keeps no call waiting finds what a page of one moment shows."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from mockmkto.model import ForeignId, ForeignSysType, Lead
from mockmkto.store import searching
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead, add_many, delete_lead
from mockmkto.store.listing import Filter, Order, Target, page
from mockmkto.store.searching import search
from mockmkto.worlds import fill, parse_worlds

NOW = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)
LEADS = 300


def lead(number: int) -> NewLead:
    """One in three has no e-mail, one in four is in Berlin, one in five has keys; Ids lie far apart."""
    return NewLead(
        Lead(
            number * number * 1000,
            None if number % 3 == 0 else f"u{LEADS - number}@example.com",
            number % 7 != 0,
            "Default" if number % 2 else "Other",
            {"City": "Berlin"} if number % 4 == 0 else {"Company": f"C{number}"},
            NOW,
            NOW,
            number,
            LEADS * 2 - number,
        ),
        (ForeignId(ForeignSysType.CUSTOM, f"K{number}"),) if number % 5 == 0 else (),
        (f"c{number}",) if number % 5 == 1 else (),
    )


@pytest.fixture
def database(place):
    database = Database("test", place.storage())
    (world,) = parse_worlds("partitions: [Default, Other]", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        add_many(session, map(lead, range(1, LEADS + 1)))
    yield database
    database.close()


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    monkeypatch.setattr(searching, "_FIRST_SLICE", 16)
    monkeypatch.setattr(searching, "_LARGEST_SLICE", 32)


FILTERS = {
    "nothing": [],
    "a field": [Filter("City", "bERLIN")],
    "a field that few have": [Filter("Company", "c7")],
    "a field, its beginning": [Filter("Company", "C1", begins=True)],
    "no such field": [Filter("City", "")],
    "any such field": [Filter("City", "", begins=True)],
    "a foreign id": [Filter(Target.FOREIGN_ID, "k50")],
    "any foreign id": [Filter(Target.FOREIGN_ID, "", begins=True)],
    "no foreign id": [Filter(Target.FOREIGN_ID, "")],
    "a cookie, its beginning": [Filter(Target.COOKIE, "c", begins=True)],
    "known": [Filter(Target.KNOWN, "true")],
    "anonymous": [Filter(Target.KNOWN, "false")],
    "a partition": [Filter(Target.PARTITION, "Other")],
    "a partition, its beginning": [Filter(Target.PARTITION, "oth", begins=True)],
    "an e-mail": [Filter(Target.EMAIL, "u20@example.com")],
    "an e-mail, its beginning": [Filter(Target.EMAIL, "u2", begins=True)],
    "no e-mail": [Filter(Target.EMAIL, "")],
    "an Id": [Filter(Target.ID, "9000")],
    "an Id, its beginning": [Filter(Target.ID, "9", begins=True)],
    "a field and a partition": [Filter("City", "Berlin"), Filter(Target.PARTITION, "Other")],
    "a field and no e-mail": [Filter("City", "Berlin"), Filter(Target.EMAIL, "")],
    "nobody": [Filter("City", "Paris")],
}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_it_finds_what_a_page_shows_in_every_order(database, filters):
    for order in Order:
        for offset, limit in ((0, 10), (37, 20), (0, LEADS), (1000, 10)):
            with database.transaction() as session:
                expected = page(session, filters, order=order, offset=offset, limit=limit)
            assert search(database, filters, order=order, offset=offset, limit=limit) == expected, order


def test_an_empty_subscription_is_searched(place):
    database = Database("empty", place.storage("empty"))
    assert search(database, FILTERS["a field"]).total == 0
    database.close()


def test_a_call_has_its_turn_while_a_search_lasts(database, monkeypatch):
    """What a call does between two looks is done, and the search goes on over what is left."""
    wanted = [Filter("City", "", begins=True)]
    before = search(database, wanted).total
    there = (LEADS // 4 * 4) ** 2 * 1000  # the last lead in Berlin
    taken = threading.Event()
    condition = Filter.condition

    def call(self, within=None):
        if not taken.is_set():
            taken.set()
            worker = threading.Thread(target=write)
            worker.start()
            if within is None:  # it is read aside, or the call would wait for ever
                worker.join(timeout=10)
                assert not worker.is_alive()
            else:
                workers.append(worker)
        return condition(self, within)

    def write():
        with database.transaction() as session:
            delete_lead(session, there)

    workers: list[threading.Thread] = []
    monkeypatch.setattr(Filter, "condition", call)
    found = search(database, wanted)
    for worker in workers:
        worker.join()
    assert found.total in (before - 1, before)
    assert search(database, wanted).total == before - 1


def test_what_is_read_aside_is_of_one_moment_and_holds_nothing(lasting):
    database = Database("test", lasting.storage())
    (world,) = parse_worlds("{}", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        add_many(session, [lead(1)])
    with database.aside() as aside:
        assert page(aside).total == 1
        with database.transaction() as session:
            add_many(session, [lead(2)])
        assert page(aside).total == 1
    with database.aside() as aside:
        assert page(aside).total == 2
    database.close()


def test_in_memory_a_search_is_many_short_transactions(monkeypatch):
    database = Database("test")
    (world,) = parse_worlds("{}", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        add_many(session, map(lead, range(1, LEADS + 1)))
    told: list[str] = []
    raw = database._sql._raw
    raw.set_trace_callback(told.append)
    search(database, [Filter("City", "Berlin")])
    raw.set_trace_callback(None)
    assert LEADS / 32 <= told.count("COMMIT") <= LEADS / 10 + 2
    database.close()
