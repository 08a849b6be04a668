"""A subscription's database: transactions, clock, baseline and reset, in memory and on file; and the world it keeps."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import fields as members
from sqlalchemy.exc import OperationalError
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.model import Condition, FieldType, Operator, World
from mockmkto.settings import SWITCHES
from mockmkto.store import leads, turns
from mockmkto.store.backend import Storage
from mockmkto.store.database import Database
from mockmkto.store.local import LocalStorage
from mockmkto.store.registry import Registry
from mockmkto.worlds import parse_worlds
from mockmkto.worlds.loading import fill

SMALL = "leads: [{Id: 1, Email: ann@example.com, foreign_ids: [{id: A}], cookies: [ann]}]"


@pytest.fixture
def marketo(place):
    registry = Registry(place.backend())
    yield Marketo(SMALL, registry)
    registry.close()


def make(text: str, storage: Storage | None = None) -> Database:
    (world,) = parse_worlds(text, "test.yaml")
    database = Database("test", storage)
    with database.transaction() as session:
        fill(world, session)
    return database


# ---------------------------------------------------------------------------------------------------------------------
# Transactions


def test_an_exception_rolls_everything_back(marketo):
    before = marketo.dump()

    def fail() -> None:
        with marketo.database.transaction() as session:
            session.take_lead_id()
            session.next_order()
            session.clock = Clock(frozen_at=NOW + dt.timedelta(days=1))
            session.world = parse_worlds("fields: [{name: New__c, type: string}]", "x.yaml")[0].world
            assert session.world.fields.find("New__c") is not None
            leads.give_cookie(session, 1, "new")
            leads.delete_lead(session, 1)
            raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        fail()
    assert marketo.dump() == before
    with marketo.database.transaction() as session:
        assert session.world.fields.find("New__c") is None
        assert session.now == NOW
    assert marketo.sync(Email="new@example.com").lead_id == 2


def test_one_moment_lasts_for_a_whole_transaction(marketo):
    marketo.set_clock(Clock())
    with marketo.database.transaction() as session:
        assert session.now is session.now


def test_many_threads_share_a_subscription(marketo):
    body = "<ns1:paramsSyncLead><leadRecord><Email>same@example.com</Email></leadRecord></ns1:paramsSyncLead>"
    raw = marketo.envelope(body).encode()

    def call(_: int) -> tuple[int, ...]:
        marketo.server.answer("2_9", raw)
        with marketo.database.transaction() as session:
            return leads.ids_by_email(session, "same@example.com")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(call, range(80))) == {(2,)}
    assert sorted(item.status for item in marketo.calls) == ["CREATED", *["UPDATED"] * 79]


def test_resets_and_baselines_in_many_threads_do_not_wait_for_each_other_for_ever(marketo):
    database = marketo.database
    work = [database.reset, database.set_baseline, lambda: marketo.sync(Id=1)] * 30
    done = threading.Event()

    def run() -> None:
        with ThreadPoolExecutor(6) as pool:
            for future in [pool.submit(item) for item in work]:
                future.result()
        done.set()

    threading.Thread(target=run, daemon=True).start()
    assert done.wait(30)


# ---------------------------------------------------------------------------------------------------------------------
# The clock


@pytest.mark.parametrize(
    "clock",
    [
        Clock(),
        Clock(offset=dt.timedelta(days=-400, microseconds=1)),
        Clock(offset=dt.timedelta(hours=5)),
        Clock(frozen_at=NOW),
        Clock(frozen_at=dt.datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=dt.UTC)),
    ],
)
def test_the_clock_is_kept(marketo, clock):
    marketo.set_clock(clock)
    with marketo.database.transaction() as session:
        assert session.clock == clock


def test_a_frozen_clock_in_another_zone_is_the_same_moment(marketo):
    marketo.set_clock(Clock(frozen_at=NOW.astimezone(dt.timezone(dt.timedelta(hours=-7)))))
    assert marketo.now == NOW
    assert marketo.now.tzinfo is dt.UTC


def test_a_clock_that_is_set_counts_at_once(marketo):
    with marketo.database.transaction() as session:
        assert session.now == NOW
        session.clock = session.clock.advance(dt.timedelta(hours=1))
        assert session.now == NOW + dt.timedelta(hours=1)


# ---------------------------------------------------------------------------------------------------------------------
# Baseline and reset


def change_everything(marketo: Marketo) -> None:
    marketo.sync({"City": "Oslo"}, Id=1, Email="new@example.com", ForeignSysPersonId="B", cookie="new")
    marketo.sync(Email="other@example.com")
    marketo.set_clock(Clock(offset=dt.timedelta(days=3)))
    with marketo.database.transaction() as session:
        session.world = parse_worlds("{behaviour: {keyless_leads: create}, partitions: [P]}", "x.yaml")[0].world


def test_reset_returns_to_the_baseline_leads_world_clock_and_counters(marketo):
    marketo.database.set_baseline()
    before = marketo.dump()
    for _ in range(2):
        change_everything(marketo)
        assert marketo.dump() != before
        marketo.database.reset()
        assert marketo.dump() == before
        assert marketo.sync({"FirstName": "Ann"}).code == "20101"


def test_ids_and_orders_repeat_after_a_reset(marketo):
    marketo.database.set_baseline()
    marketo.sync(Email="new@example.com")
    first = marketo.dump()
    marketo.database.reset()
    marketo.sync(Email="new@example.com")
    assert marketo.dump() == first


def test_the_baseline_can_be_set_again(marketo):
    change_everything(marketo)
    marketo.database.set_baseline()
    changed = marketo.dump()
    marketo.sync(Id=1)
    marketo.database.reset()
    assert marketo.dump() == changed


def test_without_a_baseline_there_is_nothing_to_return_to(place):
    database = Database("plain", place.storage())
    with pytest.raises(LookupError, match="plain has no baseline"):
        database.reset()
    database.close()


def test_a_reset_inside_a_transaction_is_refused_and_does_not_wait_for_ever(place, monkeypatch):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.05)
    database = make(SMALL, place.storage())
    database.set_baseline()
    with database.transaction() as session:
        order = session.next_order()
        with pytest.raises((sqlite3.OperationalError, RuntimeError), match=r"locked|in use|wait for itself"):
            database.reset()
    with database.transaction() as session:
        assert session.next_order() == order + 1
    database.close()


@pytest.mark.parametrize(
    ("copy", "after_a_reset"),
    [(Database.copy_from, (2, 9)), (Database.begin_as, (2, 9)), (Database.become, (1, 2))],
    ids=["copy_from: baseline included", "begin_as: the other is the baseline", "become: the baseline stays"],
)
def test_a_copy_is_what_the_other_was(place, copy, after_a_reset):
    one = make(SMALL, place.storage("one"))
    if copy is Database.become:
        one.set_baseline()
    other = make("{leads: [{Id: 7}, {Id: 8}], partitions: [Default, P]}")
    copy(one, other)
    with one.transaction() as session:
        assert (leads.count(session), session.take_lead_id()) == (2, 9)
        assert session.world.partitions == ("Default", "P")
        leads.delete_lead(session, 7)
    one.reset()
    with one.transaction() as session:
        assert (leads.count(session), session.take_lead_id()) == after_a_reset
    with other.transaction() as session:
        assert leads.count(session) == 2
    one.close()
    other.close()


def test_a_new_baseline_of_one_that_began_as_another_does_not_change_the_other(place):
    template = make("leads: [{Id: 7}]")
    one, two = (Database(name, place.storage(name)) for name in ("one", "two"))
    for database in (one, two):
        database.begin_as(template)
    with one.transaction() as session:
        leads.delete_lead(session, 7)
    one.set_baseline()
    two.reset()
    with two.transaction() as session:
        assert leads.count(session) == 1
    for database in (one, two, template):
        database.close()


# ---------------------------------------------------------------------------------------------------------------------
# What outlives the server


def test_what_is_kept_goes_on_where_it_was_and_its_baseline_with_it(lasting):
    database = make(SMALL, lasting.storage())
    database.set_baseline()
    with database.transaction() as session:
        session.clock = Clock(frozen_at=NOW)
        assert session.take_lead_id() == 2
    database.close()
    database = Database("test", lasting.storage())
    with database.transaction() as session:
        assert (session.take_lead_id(), session.now, leads.count(session)) == (3, NOW, 1)
    database.reset()
    with database.transaction() as session:
        assert (session.take_lead_id(), session.clock) == (2, Clock())
    database.close()


@pytest.mark.sqlite
def test_a_file_that_another_holds_is_an_error_after_a_while_and_fine_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.05)
    one = make(SMALL, LocalStorage(tmp_path))
    one.set_baseline()
    other = Database("test", LocalStorage(tmp_path))

    def touch(database: Database) -> int:
        with database.transaction() as session:
            return session.next_order()

    with one.transaction():
        with pytest.raises(OperationalError, match="locked"):
            touch(other)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.reset()
    order = touch(other)
    assert touch(one) == order + 1
    other.reset()
    one.close()
    other.close()


# ---------------------------------------------------------------------------------------------------------------------
# The world

CHOICES = {
    "signature_window": "1h30m",
    "import_duration": "90s",
    "export_duration": "90s",
    "derive_website": "off",
    "limits": "500/20/2",
    "rest_limits": "600/30/3",
}
OTHERS = {switch.name: CHOICES.get(switch.name, switch.choices[-1]) for switch in SWITCHES}
WORLD = f"""
time_zone: Asia/Kolkata
behaviour: {{{", ".join(f"{name}: {value}" for name, value in OTHERS.items())}}}
workspaces: [{{name: Default, primary_partition: Zürich}}, {{name: EMEA, primary_partition: Europe}}]
partitions: [Zürich, Europe, Asia]
assignment_rules:
  - name: every operator
    partition: Asia
    when:
      - {{field: City, is: Ghent}}
      - {{field: City, is_not: Oslo}}
      - {{field: City, starts_with: G}}
      - {{field: City, ends_with: t}}
      - {{field: City, contains: hen}}
      - {{field: City, in: [Ghent, Gent]}}
      - {{field: City, is_empty: true}}
      - {{field: City, is_not_empty: true}}
  - {{name: second, when: [], partition: Europe}}
lead_keys: {{SFDCLEADID: City, SFDCCONTACTID: Title}}
fields:
  - {{name: Sized__c, type: string, length: 7, read_only: true}}
  - {{name: Blocked__c, type: text, update_blocked: true}}
  - {{name: Rating, remove: true}}
{"".join(f"  - {{name: {kind.value}__c, type: {kind.value}}}{chr(10)}" for kind in FieldType)}
"""


def assert_equal(one: World, other: World) -> None:
    for member in members(World):
        left, right = (getattr(world, member.name) for world in (one, other))
        if member.name == "fields":
            left, right = tuple(left), tuple(right)
        assert left == right, member.name


@pytest.mark.parametrize("text", ["{}", WORLD], ids=["plain", "full"])
def test_a_world_that_is_saved_and_loaded_again_is_equal(text, place):
    (wanted,) = parse_worlds(text, "test.yaml")
    database = make(text, place.storage())
    if place.kind != "memory":
        database.close()
        database = Database("test", place.storage())
    with database.transaction() as session:
        assert_equal(session.world, wanted.world)
    database.close()


@pytest.mark.parametrize("window", ["15m", "0s", "1ms", "1h30m", "36h", "off"])
def test_every_signature_window_is_kept(window):
    text = f"behaviour: {{signature_window: {window}}}"
    (wanted,) = parse_worlds(text, "test.yaml")
    database = make(text)
    with database.transaction() as session:
        assert session.world.behaviour == wanted.world.behaviour
    database.close()


def test_a_saved_world_replaces_the_one_before(marketo):
    world = parse_worlds(WORLD, "test.yaml")[0].world
    with marketo.database.transaction() as session:
        session.world = world
        session.world = parse_worlds("{}", "test.yaml")[0].world
    with marketo.database.transaction() as session:
        assert_equal(session.world, parse_worlds("{}", "test.yaml")[0].world)


def test_another_process_sees_a_changed_world_at_once(lasting):
    one = make(SMALL, lasting.storage())
    other = Database("test", lasting.storage())
    with other.transaction() as session:
        assert session.world.partitions == ("Default",)
    with one.transaction() as session:
        session.world = parse_worlds(WORLD, "test.yaml")[0].world
    with other.transaction() as session:
        assert session.world.partitions[:3] == ("Zürich", "Europe", "Asia")
        assert session.world.assignment_rules[0].conditions[5] == Condition("City", Operator.IN, ("Ghent", "Gent"))
    one.close()
    other.close()
