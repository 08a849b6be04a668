"""A copy of a large database in memory is of one moment, whatever is written meanwhile, and nobody waits for it."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, Text, delete, insert, select, update
from sqlalchemy.exc import OperationalError

from mockmkto import deadlines
from mockmkto.model import Lead
from mockmkto.store import copying, sqlite, turns
from mockmkto.store.backend import ClosedDatabaseError
from mockmkto.store.copying import copy_in_slices
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead, add_many, delete_lead
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.tables import lead, subscription_metadata
from mockmkto.worlds import fill, parse_worlds

pytestmark = pytest.mark.sqlite

metadata = MetaData()
# Each kind of key, and a value that is another row's a moment later.
numbered = Table(
    "numbered",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("unique", Integer, nullable=False, unique=True),
)
Index("numbered_by_value", numbered.c.value)
named = Table(
    "named",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)
keyed = Table(
    "keyed",
    metadata,
    Column("value", Integer, nullable=False),
    Column("text", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    sqlite_with_rowid=False,
)
written = Table("written", metadata, Column("id", Integer, primary_key=True), Column("transactions", Integer))

ROWS = 80


class Undone(Exception):
    """Ends a transaction that is to leave nothing."""


def contents(database: SqliteDatabase) -> dict[str, Any]:
    with database.transaction() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table)))) for table in metadata.sorted_tables}


class Writer:
    """Writes into a database, and knows what it has to be after each transaction."""

    def __init__(self, database: SqliteDatabase, seed: int = 0) -> None:
        self.database = database
        self._random = random.Random(seed)
        with database.transaction() as connection:
            connection.execute(insert(written).values(id=1, transactions=0))
            for number in range(ROWS):
                self._add(connection, number)
        self._transactions = 0
        self.history = {0: contents(database)}

    @staticmethod
    def _add(connection: Connection, number: int) -> None:
        connection.execute(insert(numbered).values(id=number, value=0, unique=number))
        connection.execute(insert(named).values(name=str(number), value=0))
        connection.execute(insert(keyed).values(text=str(number), number=number, value=0))

    def write(self, *, undone: bool = False) -> None:
        """One transaction: rows that must agree change, come and go, and two change places."""
        with self.database.transaction() as connection:
            number = self._transactions + 1
            connection.execute(update(written).values(transactions=number))
            ids = list(connection.execute(select(numbered.c.id)).scalars())
            changed, gone, first, second = self._random.sample(ids, 4)
            connection.execute(update(numbered).where(numbered.c.id == changed).values(value=number))
            connection.execute(update(named).where(named.c.name == str(changed)).values(value=number))
            connection.execute(update(keyed).where(keyed.c.text == str(changed)).values(value=number))
            self._swap(connection, first, second)
            connection.execute(delete(numbered).where(numbered.c.id == gone))
            connection.execute(delete(named).where(named.c.name == str(gone)))
            moved = keyed.c.text == str(gone)
            if number % 2:
                connection.execute(delete(keyed).where(moved))
            else:
                connection.execute(update(keyed).where(moved).values(number=ROWS + number, text=f"was {gone}"))
            new = self._random.choice([gone, ROWS + number])
            connection.execute(insert(numbered).values(id=new, value=number, unique=ROWS + number))
            connection.execute(insert(named).values(name=str(new), value=number))
            if undone:
                raise Undone
        self._transactions = number
        self.history[number] = contents(self.database)

    @staticmethod
    def _swap(connection: Connection, first: int, second: int) -> None:
        unique = dict(tuple(row) for row in connection.execute(select(numbered.c.id, numbered.c.unique)))
        for of, value in ((first, -1), (second, unique[first]), (first, unique[second])):
            connection.execute(update(numbered).where(numbered.c.id == of).values(unique=value))


def assert_of_one_moment(copy: SqliteDatabase, writer: Writer) -> int:
    """It is what the transactions up to one of them have left; how many those are."""
    found = contents(copy)
    ((_, transactions),) = found["written"]
    assert found == writer.history[transactions]
    with copy.turn() as raw:
        assert raw.execute("PRAGMA integrity_check(numbered)").fetchall() == [("ok",)]
    return int(transactions)


def of_a_copy(database: SqliteDatabase) -> list[str]:
    """The triggers and tables that a copy has made in what it copies."""
    with database.turn() as raw:
        return [name for (name,) in raw.execute("SELECT name FROM sqlite_temp_master")]


@pytest.fixture
def database() -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(metadata)
    made.create_tables()
    yield made
    made.close()


@pytest.fixture
def target() -> Iterator[SqliteDatabase]:
    made = SqliteDatabase(metadata)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    for known in (metadata, subscription_metadata):
        copying._tables(known)  # once, with pauses that are none between two turns
    monkeypatch.setattr(copying, "_PAUSES", 1)
    monkeypatch.setattr(copying, "_FIRST_SLICE", 32)
    monkeypatch.setattr(copying, "_LARGEST_SLICE", 64)
    monkeypatch.setattr(sqlite, "_PAGES_AT_ONCE", 0)
    monkeypatch.setattr(turns, "_PAGES_AT_ONCE", 1)


@pytest.fixture
def between_turns(monkeypatch) -> Callable[[Callable[[int], None]], None]:
    """Has something done between two turns of a copy, which is told how many there were before."""

    def have_done(action: Callable[[int], None]) -> None:
        turns = 0

        def pause(seconds: float) -> None:
            nonlocal turns
            turns += 1
            action(turns)

        monkeypatch.setattr(copying, "sleep", pause)

    return have_done


@contextmanager
def always_wanted(database: SqliteDatabase) -> Iterator[None]:
    """A block in which somebody waits for the database all the time."""
    database._turns._waiting.add(-1)
    yield
    database._turns._waiting.discard(-1)


# ---------------------------------------------------------------------------------------------------------------------
# Of one moment


@pytest.mark.parametrize("seed", range(12))
def test_what_is_written_between_any_two_turns_is_in_it_whole_or_not_at_all(database, target, between_turns, seed):
    writer = Writer(database, seed)
    chance = random.Random(seed)
    turns = []

    def write(turn: int) -> None:
        turns.append(turn)
        if chance.random() < 0.7:
            undone = chance.random() < 0.3
            with contextlib.suppress(Undone):
                writer.write(undone=undone)

    between_turns(write)
    assert copy_in_slices(database, metadata, target._raw)
    assert_of_one_moment(target, writer)
    assert len(turns) > ROWS * 3 / 64


def test_it_has_what_was_written_before_its_last_turn(database, target, between_turns):
    writer = Writer(database)
    between_turns(lambda turn: writer.write() if turn <= 9 else None)
    assert copy_in_slices(database, metadata, target._raw)
    assert assert_of_one_moment(target, writer) == 9


def test_a_thread_that_writes_all_the_time_is_copied_at_one_moment(database):
    writer = Writer(database)
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set():
            writer.write()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(5):
                copy = SqliteDatabase(metadata)
                assert copy_in_slices(database, metadata, copy._raw)
                assert_of_one_moment_of(copy, writer)
                copy.close()
        finally:
            enough.set()
        writing.result()
    assert of_a_copy(database) == []


def assert_of_one_moment_of(copy: SqliteDatabase, writer: Writer) -> None:
    """The same of a writer that may be about to note what it has written."""
    with writer.database.turn():
        pass
    ((_, transactions),) = contents(copy)["written"]
    while transactions not in writer.history:
        with writer.database.turn():
            pass
    assert_of_one_moment(copy, writer)


def test_a_transaction_that_is_undone_is_not_in_it(database, target, between_turns):
    writer = Writer(database)

    def undo(turn: int) -> None:
        with contextlib.suppress(Undone):
            writer.write(undone=True)
        with database.transaction() as connection:
            connection.exec_driver_sql("SAVEPOINT operation")
            connection.execute(delete(numbered))
            connection.exec_driver_sql("ROLLBACK TO operation")
            connection.exec_driver_sql("RELEASE operation")

    between_turns(undo)
    assert copy_in_slices(database, metadata, target._raw)
    assert assert_of_one_moment(target, writer) == 0


def test_a_row_in_whose_place_another_one_is_put_is_not_in_it(database, target, between_turns):
    """SQLite tells no trigger of that by itself."""
    Writer(database)
    put = []

    def replace(turn: int) -> None:
        if not put and target._raw.execute("SELECT * FROM numbered WHERE id = 3").fetchone():
            put.append(turn)
            with database.transaction() as connection:
                taken = {"id": 1000, "value": 7, "unique": 4}
                connection.execute(insert(numbered).prefix_with("OR REPLACE").values(taken))
                connection.execute(update(numbered).where(numbered.c.id == 1000).values(unique=2000))

    between_turns(replace)
    assert copy_in_slices(database, metadata, target._raw)
    assert put
    assert contents(target) == contents(database)


def test_two_copies_at_once_are_both_of_one_moment(database, target, between_turns):
    writer = Writer(database)
    second = SqliteDatabase(metadata)
    begun = []

    def copy(turn: int) -> None:
        writer.write()
        if not begun:
            begun.append(turn)
            assert copy_in_slices(database, metadata, second._raw)

    between_turns(copy)
    assert copy_in_slices(database, metadata, target._raw)
    assert_of_one_moment(target, writer)
    assert_of_one_moment(second, writer)
    second.close()
    assert of_a_copy(database) == []


def test_its_tables_and_indexes_are_those_of_the_source(target):
    """Also of a subscription: each of its tables can be copied and watched."""
    with contextlib.closing(Database("test")) as database:
        source = database._sql
        assert copy_in_slices(source, source._metadata, target._raw)
        for told in ("SELECT type, name, sql FROM sqlite_master ORDER BY name", "PRAGMA user_version"):
            assert target._raw.execute(told).fetchall() == source._raw.execute(told).fetchall()


# ---------------------------------------------------------------------------------------------------------------------
# What goes wrong


@pytest.mark.parametrize("turn", range(1, 10))
def test_a_source_that_becomes_another_one_is_copied_anew(database, between_turns, turn):
    writer = Writer(database)
    before = SqliteDatabase(metadata)
    before.copy_from(database)
    for _ in range(10):
        writer.write()
    between_turns(lambda now: database.copy_from(before) if now == turn else None)
    with always_wanted(database), database.as_it_is() as now:
        assert now is not database
        assert_of_one_moment(now, writer)
        assert of_a_copy(database) == []
    before.close()


def test_a_source_that_is_replaced_all_the_time_is_copied_in_one_go(database, target, between_turns):
    writer = Writer(database)
    before = SqliteDatabase(metadata)
    before.copy_from(database)
    writer.write()
    between_turns(lambda _: database.copy_from(before))
    with always_wanted(database), database.as_it_is() as now:
        assert now is database
        target.copy_from(now)
    assert contents(target) == contents(before)
    assert of_a_copy(database) == []
    before.close()


@pytest.mark.parametrize("turn", [1, 4, 9])
def test_when_it_fails_the_source_has_no_triggers_and_is_as_it_was(database, target, between_turns, turn):
    writer = Writer(database)

    def fail(now: int) -> None:
        if now == turn:
            assert of_a_copy(database)
            raise KeyboardInterrupt

    between_turns(fail)
    with pytest.raises(KeyboardInterrupt):
        copy_in_slices(database, metadata, target._raw)
    assert of_a_copy(database) == []
    writer.write()
    assert assert_of_one_moment(database, writer) == 1


class NotAtOnce:
    """A source that is not to be had for one of the turns: its request's deadline came."""

    def __init__(self, database: SqliteDatabase, turn: int) -> None:
        self._database = database
        self.turns_left = turn

    @property
    def times_replaced(self) -> int:
        return self._database.times_replaced

    @property
    def is_wanted(self) -> bool:
        return self._database.is_wanted

    @contextmanager
    def turn(self) -> Iterator[Any]:
        self.turns_left -= 1
        if not self.turns_left:
            raise OperationalError("BEGIN IMMEDIATE", None, Exception("others had it"))
        with self._database.turn() as raw:
            yield raw


@pytest.mark.parametrize("turn", [1, 2, 5, 9])
def test_a_deadline_ends_it_and_leaves_no_triggers(database, target, turn):
    writer = Writer(database)
    with pytest.raises(OperationalError):
        copy_in_slices(NotAtOnce(database, turn), metadata, target._raw)
    assert of_a_copy(database) == []
    writer.write()


@pytest.fixture
def last_turn(monkeypatch) -> Callable[[SqliteDatabase], int]:
    """Which turn is the one that drops the triggers."""
    monkeypatch.setattr(copying, "stopwatch", lambda: 0.0)  # so it is the same the next time

    def counted(database: SqliteDatabase) -> int:
        pauses: list[float] = []
        with monkeypatch.context() as here, contextlib.closing(SqliteDatabase(metadata)) as copy:
            here.setattr(copying, "sleep", pauses.append)
            assert copy_in_slices(database, metadata, copy._raw)
        return len(pauses)

    return counted


def test_a_deadline_does_not_hold_for_what_is_put_away_at_the_end(database, target, last_turn):
    Writer(database)
    source = NotAtOnce(database, last_turn(database))
    assert copy_in_slices(source, metadata, target._raw)
    assert source.turns_left == -1
    assert of_a_copy(database) == []


def test_a_source_that_is_closed_meanwhile_says_so(target, between_turns):
    database = SqliteDatabase(metadata)
    database.create_tables()
    Writer(database)
    between_turns(lambda turn: database.close() if turn == 5 else None)
    with pytest.raises(ClosedDatabaseError):
        copy_in_slices(database, metadata, target._raw)


def test_a_source_that_is_closed_when_all_was_read_is_copied(database, target, between_turns, last_turn):
    writer = Writer(database)
    last = last_turn(database)
    between_turns(lambda turn: database.close() if turn == last - 1 else None)
    assert copy_in_slices(database, metadata, target._raw)
    assert_of_one_moment(target, writer)


# ---------------------------------------------------------------------------------------------------------------------
# How long a turn is


def turns_of(database: SqliteDatabase, monkeypatch, seconds_a_look: float) -> int:
    """How many turns a copy takes when a look at the stopwatch takes so long."""
    now = 0.0
    turns = 0

    def look() -> float:
        nonlocal now
        now += seconds_a_look
        return now

    def pause(seconds: float) -> None:
        nonlocal turns
        turns += 1

    monkeypatch.setattr(copying, "stopwatch", look)
    monkeypatch.setattr(copying, "sleep", pause)
    copy = SqliteDatabase(metadata)
    assert copy_in_slices(database, metadata, copy._raw)
    assert contents(copy) == contents(database)
    copy.close()
    return turns


def test_a_turn_has_as_many_rows_as_it_has_time_for(database, monkeypatch):
    Writer(database)
    quick = turns_of(database, monkeypatch, 0.0)
    slow = turns_of(database, monkeypatch, 1.0)
    assert quick <= 3 * 2 + 2 + 4  # 32 and 48 rows of each; the small one, the changes; triggers and their end
    assert slow >= 3 * (ROWS - 32)  # a row a turn, but for the first


def test_whoever_waits_has_some_pauses_to_get_a_turn(database, monkeypatch):
    Writer(database)
    unwanted = turns_of(database, monkeypatch, 0.0)
    monkeypatch.setattr(copying, "_PAUSES", 7)
    assert turns_of(database, monkeypatch, 0.0) == unwanted
    with always_wanted(database):
        assert turns_of(database, monkeypatch, 0.0) == unwanted * 7


def test_what_changes_faster_than_a_turn_can_take_gets_longer_turns(database, target, between_turns, monkeypatch):
    """So it comes to an end, whatever is written."""
    writer = Writer(database)
    now = 0.0
    takes = []
    take = copying._Notes.take

    def note(self: Any, raw: Any, most: int) -> Any:
        takes.append(most)
        return take(self, raw, most)

    def look() -> float:
        nonlocal now
        now += 0.004 if takes else 0.0
        return now

    monkeypatch.setattr(copying, "_PATIENCE", 6)
    monkeypatch.setattr(copying, "stopwatch", look)
    monkeypatch.setattr(copying._Notes, "take", note)
    between_turns(lambda _: writer.write())  # changes more rows than there are in a turn that takes so long
    assert copy_in_slices(database, metadata, target._raw)
    assert_of_one_moment(target, writer)
    assert min(takes) == 1
    assert takes[-1] == 64


# ---------------------------------------------------------------------------------------------------------------------
# When it is done


def test_a_small_one_is_copied_in_one_go(database, monkeypatch):
    Writer(database)
    monkeypatch.setattr(sqlite, "_PAGES_AT_ONCE", 1_000)
    with always_wanted(database), database.as_it_is() as now:
        assert now is database


def test_one_that_nobody_waits_for_is_copied_in_one_turn(database, between_turns):
    writer = Writer(database)
    turns: list[int] = []
    between_turns(turns.append)
    with database.as_it_is() as now:
        assert_of_one_moment(now, writer)
        writer.write()
        assert assert_of_one_moment(now, writer) == 0
    assert turns == []


def test_within_a_transaction_of_the_same_thread_it_is_the_database_itself(database):
    Writer(database)
    with database.transaction(), database.as_it_is() as now:
        assert now is database


def test_whoever_waits_for_a_turn_is_seen_to_and_ends_a_copy_in_one_go(database, target):
    Writer(database)
    with ThreadPoolExecutor(1) as pool, database.turn() as raw:
        waiting = pool.submit(contents, database)
        while not database._turns._waiting:
            pass
        assert not database._turns.copy_unless_wanted(raw, target._raw)
        assert target.is_empty
    assert waiting.result()
    assert not database._turns._waiting
    with database.turn() as raw:
        assert database._turns.copy_unless_wanted(raw, target._raw)
    assert contents(target) == contents(database)


def test_what_a_copy_becomes_is_all_of_it_with_the_last_word_or_as_it_was(database, target):
    writer = Writer(database)
    target.create_tables()

    def fail(connection: Connection) -> None:
        connection.execute(delete(numbered))
        raise Undone

    with always_wanted(database):
        with pytest.raises(Undone), database.as_it_is() as now:
            target.copy_from(now, fail)
        assert contents(target)["numbered"] == []
        generation = target.generation
        with database.as_it_is() as now:
            target.copy_from(now, lambda connection: connection.execute(delete(named)))
    assert target.generation != generation
    assert contents(target) == {**writer.history[0], "named": []}
    with target.transaction() as connection:  # it works as before
        connection.execute(delete(keyed))
    assert contents(target)["keyed"] == []


def test_it_does_not_become_what_is_copied_within_a_transaction_of_its_own(database, target):
    Writer(database)
    target.create_tables()
    with (
        database.as_it_is() as now,
        target.transaction(),
        pytest.raises(sqlite.sqlite3.OperationalError, match="locked"),
    ):
        target.copy_from(now)


# ---------------------------------------------------------------------------------------------------------------------
# A subscription

NOW = dt.datetime(2026, 3, 14, tzinfo=dt.UTC)
LEADS = 80


@pytest.fixture
def subscription() -> Iterator[Database]:
    database = Database("test")
    (world,) = parse_worlds("{}", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        partition = session.world.partitions[0]
        add_many(
            session,
            (NewLead(Lead(n, f"u{n}@example.com", True, partition, {}, NOW, NOW, n, n)) for n in range(1, LEADS + 1)),
        )
    yield database
    database.close()


def ids(database: Database) -> list[int]:
    with database.transaction() as session:
        return [row.id for row in session.rows(select(lead.c.id).order_by(lead.c.id))]


def test_a_subscription_that_is_called_is_copied_and_goes_on(subscription, between_turns):
    between_turns(lambda turn: delete(subscription, turn))

    def delete(database: Database, turn: int) -> None:
        if turn <= LEADS:
            with database.transaction() as session:
                delete_lead(session, turn)

    copy = Database("copy")
    with always_wanted(subscription._sql):
        copy.become(subscription)
    left = ids(copy)
    assert left == list(range(LEADS - len(left) + 1, LEADS + 1))
    assert 0 < len(left) < LEADS
    assert len(ids(subscription)) < len(left)
    copy.close()


def test_a_reset_returns_to_a_baseline_that_was_set_beside_calls(subscription, between_turns):
    subscription.set_baseline()
    seen = []

    def look(turn: int) -> None:
        seen.append(subscription.has_baseline)  # the earlier one, until this is made

    between_turns(look)
    with subscription.transaction() as session:
        delete_lead(session, 1)
    with always_wanted(subscription._sql):
        subscription.set_baseline()
    assert seen
    assert all(seen)
    with subscription.transaction() as session:
        delete_lead(session, 2)
    subscription.reset()
    assert ids(subscription) == list(range(2, LEADS + 1))


def test_a_snapshot_that_was_taken_beside_calls_is_restored(subscription, between_turns):
    listed = []
    between_turns(lambda turn: listed.append(subscription.snapshots.all()))
    for _ in range(2):  # the second one in the place of the first
        with always_wanted(subscription._sql):
            snapshot = subscription.snapshots.take("before", NOW, ())
        assert snapshot.leads == LEADS
    assert listed
    with subscription.transaction() as session:
        delete_lead(session, 1)
    assert subscription.snapshots.restore("before") is not None
    assert ids(subscription) == list(range(1, LEADS + 1))


def test_a_reset_to_much_keeps_no_call_waiting_until_it_is_there(subscription, monkeypatch):
    subscription.set_baseline()
    copied = turns.Turns.copy
    called = []

    def call_meanwhile(self: turns.Turns, *raws: Any) -> None:
        called.append(delete_in_a_thread(subscription, 1))
        copied(self, *raws)
        called.append(delete_in_a_thread(subscription, 2))

    monkeypatch.setattr(turns.Turns, "copy", call_meanwhile)
    subscription.reset()
    assert called == [list(range(2, LEADS + 1)), list(range(3, LEADS + 1))]
    assert ids(subscription) == list(range(1, LEADS + 1))


def delete_in_a_thread(database: Database, number: int) -> list[int]:
    """What is left then."""

    def delete() -> list[int]:
        with deadlines.started(seconds=5):  # it fails, should it have to wait for who waits for it
            with database.transaction() as session:
                delete_lead(session, number)
            return ids(database)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(delete).result()
