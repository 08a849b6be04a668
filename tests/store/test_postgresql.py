"""PostgreSQL: what servers over one database see of each other, and what it does in another way, unseen."""

from __future__ import annotations

import datetime as dt
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import old_leads
import pytest
from databases import POOL, cluster
from old_fields import OLD_FIELDS, UPGRADED_FIELDS
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError
from support import NOW, USER, Marketo

from mockmkto.clock import Clock
from mockmkto.model import Credential, Effect, FaultRule, ForeignId, ForeignSysType, Lead
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.store import custom_objects, faults, leads, listing, objects, postgres, versions
from mockmkto.store.backend import ClosedDatabaseError, UnusableDatabaseError
from mockmkto.store.database import Database
from mockmkto.store.leads import NewLead
from mockmkto.store.listing import Filter, Order, Target
from mockmkto.store.postgres import identifier
from mockmkto.store.registry import Registry, SubscriptionError
from mockmkto.store.schemas import PostgresBackend
from mockmkto.worlds import fill, parse_worlds

SMALL = "leads: [{Id: 1, Email: ann@example.com}]"


@pytest.fixture
def sandbox(postgresql) -> Callable[[], Registry]:
    """Makes a server's registry; all of them are over one sandbox."""
    first = POOL.take(until_closed=False)
    url = f"{postgresql}?schema={first._root}"
    made: list[Registry] = []

    def server() -> Registry:
        made.append(Registry(PostgresBackend(url)))
        return made[-1]

    server.url = url
    yield server
    for registry in made:
        registry.close()


@pytest.fixture
def sql(postgresql) -> Iterator[Callable[..., list]]:
    """Asks the database as its administrator would."""
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")

    def ask(statement: str, **parameters) -> list:
        with engine.connect() as connection:
            result = connection.exec_driver_sql(statement, parameters)
            return list(result) if result.returns_rows else []

    yield ask
    engine.dispose()


def in_other(server: Registry, name: str = "default") -> Database:
    database = server.get(name)
    assert database is not None
    return database


def until(so: Callable[[], object]) -> None:
    """Wait for what another thread does; what never comes is an error."""
    deadline = time.monotonic() + 30
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# ---------------------------------------------------------------------------------------------------------------------
# Several servers


def test_a_subscription_that_one_server_makes_is_there_for_the_others_and_gone_when_it_deletes_it(sandbox):
    one, two = sandbox(), sandbox()
    one.create("a")
    one.set_credentials("a", [Credential("ann", ("k",), "a")])
    assert two.names() == ("a",)
    assert two.credential("ann") == Credential("ann", ("k",), "a")
    with in_other(two, "a").transaction() as session:
        assert session.take_lead_id() == 1001
    with pytest.raises(SubscriptionError, match="'a' exists already"):
        two.create("a")
    one.delete("a")
    assert (two.names(), two.get("a"), two.credential("ann"), two.default()) == ((), None, None, None)
    two.create("a")
    with in_other(one, "a").transaction() as session:
        assert session.take_lead_id() == 1001


def test_of_many_servers_that_make_the_same_subscription_one_does(sandbox):
    servers = [sandbox() for _ in range(4)]

    def make(server: Registry) -> bool:
        try:
            server.create("same")
        except SubscriptionError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(make, servers)) == 1


def test_leads_clock_faults_world_journal_and_snapshots_are_everybodys(sandbox):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    other = in_other(two)
    with other.transaction() as session:
        assert session.now == NOW
        session.clock = Clock(frozen_at=NOW + dt.timedelta(minutes=1))
        faults.add(session, FaultRule("broken", Effect.FAULT, code=20103, times=1))
        session.world = parse_worlds("{behaviour: {keyless_leads: create}}", "x.yaml")[0].world
    assert one.now == NOW + dt.timedelta(minutes=1)
    assert [one.sync({"City": "Oslo"}).code for _ in range(2)] == ["20103", None]
    with other.transaction() as session:
        assert faults.one(session, "broken").fired == 1
        assert leads.count(session) == 2
    assert [call.status for call in other.journal.calls()] == ["20103", "CREATED"]
    two.set_aside(other, "before", NOW)
    one.sync(Email="new@example.com")
    assert [item.name for item in one.database.snapshots.all()] == ["before"]
    assert one.registry.go_back(one.database, "before")
    with other.transaction() as session:
        assert leads.count(session) == 2


def test_a_journal_wakes_whoever_waits_on_another_server(sandbox):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    journal = in_other(two).journal
    came = threading.Event()

    def wait() -> None:
        if journal.wait_for(lambda: journal.count() > 0, 30):
            came.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    one.sync(Email="new@example.com")
    waiter.join(30)
    assert came.is_set()


def test_calls_at_once_are_counted_over_all_servers(sandbox):
    one, two = Marketo(f"{{behaviour: {{limits: -/-/2}}, {SMALL}}}", sandbox()), sandbox()
    with in_other(two).call_under_way() as first, in_other(two).call_under_way() as second:
        assert (first, second) == (1, 2)
        assert one.sync(Id=1).code == "20024"
    with in_other(two).call_under_way():
        assert one.sync(Id=1).status == "UPDATED"


def test_the_calls_of_a_server_that_is_gone_are_not_counted_any_more(sandbox, sql):
    one, two = sandbox(), sandbox()
    one.create("a")
    with in_other(two, "a").call_under_way():
        ours = two._backend._presence._locks._connection.info.backend_pid
        sql("SELECT pg_terminate_backend(%(pid)s, 5000)", pid=ours)
        with in_other(one, "a").call_under_way() as at_once:
            assert at_once == 1
    with in_other(two, "a").call_under_way() as at_once:  # on a new connection
        assert at_once == 1


def test_the_same_new_key_on_several_servers_creates_one_lead(sandbox):
    one = Marketo("{}", sandbox())
    servers = [one, *(Marketo.over(sandbox()) for _ in range(3))]
    requests = [
        one.envelope(
            f"<ns1:paramsSyncLead><leadRecord><Email>{key}@example.com</Email></leadRecord></ns1:paramsSyncLead>"
        ).encode()
        for key in range(20)
    ]

    def call(server: Marketo) -> list[str | None]:
        return [server.post(request).status for request in requests]

    with ThreadPoolExecutor(4) as pool:
        statuses = [status for answered in pool.map(call, servers) for status in answered]
    assert (statuses.count("CREATED"), statuses.count("UPDATED")) == (20, 60)
    with one.database.transaction() as session:
        assert (leads.count(session), session.next_lead_id) == (20, 1021)
    assert one.database.journal.count() == 80


def test_copies_in_several_servers_do_not_wait_for_each_other_for_ever(sandbox):
    one = Marketo(SMALL, sandbox())
    others = [in_other(sandbox()) for _ in range(2)]
    work = [*(action for item in others for action in (item.reset, item.set_baseline)), lambda: one.sync(Id=1)]

    with ThreadPoolExecutor(5) as pool:
        for future in [pool.submit(action) for action in work * 10]:
            future.result(30)


def test_a_server_that_starts_waits_for_one_that_is_making_a_subscription(sandbox, sql):
    one, two, three = sandbox(), sandbox(), sandbox()
    started = threading.Event()

    def start() -> None:
        with two.starting():
            started.set()

    with one.making("a"), one.making("a"), three.making("b"):  # within each other it is one; many make one at once
        starter = threading.Thread(target=start)
        starter.start()
        until(lambda: sql("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
        assert not started.is_set()
    starter.join(30)
    assert started.is_set()


def test_a_subscription_that_was_deleted_and_made_again_elsewhere_has_a_journal_here(sandbox):
    one, two = sandbox(), sandbox()
    one.create("a")
    assert in_other(two, "a").journal.count() == 0
    one.delete("a")
    one.create("a")
    assert in_other(two, "a").journal.count() == 0
    assert in_other(two, "a").calls == 0


def test_nobody_sees_a_subscription_before_all_of_it_is_there(sandbox):
    one, two = sandbox(), sandbox()
    with one.making("a"):
        one.create("a")
        one.set_credentials("a", [Credential("ann", ("k",), "a")])
        assert (two.names(), two.get("a")) == ((), None)
        assert one.get("a") is not None  # whoever makes it does
        with pytest.raises(SubscriptionError, match="'a' exists already"):
            two.create("a")
        with ThreadPoolExecutor(1) as pool, pytest.raises(SubscriptionError, match="'a' exists already"):
            pool.submit(one.create, "a").result(30)
    assert (two.names(), in_other(two, "a").name) == (("a",), "a")


def test_whoever_asks_for_a_subscription_that_is_being_made_does_not_end_that(sandbox):
    one = sandbox()
    with one.making("a"), ThreadPoolExecutor(1) as pool:
        made = one.create("a")
        assert pool.submit(one.get, "a").result(30) is None
        with made.transaction() as session:
            assert session.take_lead_id() == 1001
    assert one.get("a") is made


def test_a_subscription_that_could_not_be_made_leaves_nothing_behind(sandbox, monkeypatch):
    one = sandbox()
    with monkeypatch.context() as patch:
        patch.setattr("mockmkto.store.database.Journal", Mock(side_effect=ClosedDatabaseError("it was closed")))
        with pytest.raises(ClosedDatabaseError):
            one.create("a")
    assert one.create("a").journal.count() == 0


def test_a_half_made_subscription_of_a_killed_server_is_in_nobodys_way(sandbox, sql):
    one, two = sandbox(), sandbox()

    def die(name: str) -> None:
        with one.making(name):
            one.create(name)
            one.set_credentials(name, [Credential(f"user-{name}", ("k",), name)])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die("a")
    assert (two.names(), two.get("a")) == ((), None)
    with two.create("a").transaction() as session:
        assert session.take_lead_id() == 1001
    with pytest.raises(KeyboardInterrupt):
        die("b")
    with two.starting():
        two.clear_up()
    assert two.credential("user-b") is None
    assert sql("SELECT FROM pg_namespace WHERE nspname LIKE %(name)s", name=f"{one._backend._root}$b%") == []


def test_a_credential_does_not_outlive_its_subscription(sandbox):
    one, two = sandbox(), sandbox()
    one.create("a")
    assert two.get("a") is not None
    one.delete("a")
    for change in (
        lambda: two.put_credential(Credential("ann", ("k",), "a")),
        lambda: two.set_credentials("a", [Credential("ann", ("k",), "a")]),
        lambda: two.set_credentials("a", [Credential("ann", ("k",), "a")], baseline=True),
        lambda: two.reset("a"),
        lambda: two.set_baseline("a"),
    ):
        with pytest.raises(ClosedDatabaseError, match="there is no subscription 'a'"):
            change()
    assert one.credentials() == one.credentials(baseline=True) == ()


def test_many_make_subscriptions_at_once_without_waiting_for_connections(sandbox):
    server = sandbox()
    template = Database("template")
    with template.transaction() as session:
        fill(parse_worlds("{}", "x.yaml")[0], session)

    def make(number: int) -> None:
        server.create_as(f"s{number}", template, [Credential(f"u{number}", ("k",), f"s{number}")])
        if number % 2:
            server.delete(f"s{number}")

    with ThreadPoolExecutor(48) as pool:
        for future in [pool.submit(make, number) for number in range(48)]:
            future.result(60)
    assert sorted(server.names()) == sorted(f"s{number}" for number in range(0, 48, 2))
    template.close()


def test_a_call_does_not_wait_for_those_who_wait_for_a_server_that_starts(sandbox):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    begun = threading.Barrier(41)

    def make(number: int) -> None:
        begun.wait(30)
        one.registry.create(f"s{number}")

    with ThreadPoolExecutor(40) as pool:
        with two.starting():
            makers = [pool.submit(make, number) for number in range(40)]
            begun.wait(30)
            assert one.sync(Id=1).status == "UPDATED"
            assert not any(maker.done() for maker in makers)
        for maker in makers:
            maker.result(60)


def test_snapshots_without_a_name_get_one_each(sandbox):
    database = sandbox().create("a")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: database.snapshots.take(None, NOW, ()), range(8)))
    assert sorted(item.number for item in taken) == list(range(1, 9))
    names = {item.name for item in database.snapshots.all()}
    assert names == {item.name for item in taken}  # none was written over
    assert len(names) == 8


# ---------------------------------------------------------------------------------------------------------------------
# What goes wrong


def test_a_subscription_that_another_server_deletes_meanwhile_is_closed(sandbox):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    two.delete("default")
    actions = (
        one.database.reset,
        one.database.set_baseline,
        lambda: one.database.journal.count(),
        lambda: one.database.snapshots.take("x", NOW, ()),
        lambda: leads.count(open_session(one.database)),
    )
    for action in actions:
        with pytest.raises(LookupError):
            action()
    assert one.post(b"<x/>").code == "SOAP-ENV:VersionMismatch"


def open_session(database: Database):
    with database.transaction() as session:
        return session


def test_what_is_opened_is_not_made(sandbox, sql):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    root = one.registry._backend._root
    for schema in ("", "$journal", "$baseline"):
        sql(f'DROP SCHEMA IF EXISTS "{root}$default{schema}" CASCADE')  # as by a server that is about to delete it
    assert (two.get("default"), two.default(), two.opened_by(Credential(USER, ("k",), "default"))) == (None,) * 3
    assert sql("SELECT FROM pg_namespace WHERE nspname = %(name)s", name=f"{root}$default") == []


def test_what_a_server_left_that_was_killed_while_it_deleted_is_cleared_when_one_starts(sandbox, sql):
    one = Marketo(SMALL, sandbox())
    root = one.registry._backend._root
    one.registry.set_aside(one.database, "x" * 64, NOW)
    for name in ("half", "default2"):
        one.registry.create(name).set_baseline()

    def be_killed(self, name, unless=None):
        raise KeyboardInterrupt

    for name in ("half", "default2"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(PostgresBackend, "clear", be_killed)
            with pytest.raises(KeyboardInterrupt):
                one.registry.delete(name)
    assert one.registry.names() == ("default",)
    with one.registry.starting():
        one.registry.clear_up()
    left = {
        name
        for (name,) in sql("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE %(begin)s", begin=f"{root}$%")
    }
    assert left == {
        f"{root}$default",
        f"{root}$default$baseline",
        f"{root}$default$journal",
        identifier(f"{root}$default$snapshot${'x' * 64}"),
    }
    assert [item.name for item in one.database.snapshots.all()] == ["x" * 64]


@pytest.mark.parametrize("lost", ['DROP SCHEMA "{}" CASCADE', 'DELETE FROM "{}".subscription'])
def test_a_registry_that_is_lost_is_refused_and_nothing_is_removed(sandbox, sql, lost):
    one = sandbox()
    one.create("a").set_baseline()
    root = one._backend._root
    sql(lost.format(root))
    schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE %(begin)s ORDER BY nspname"
    before = sql(schemas, begin=f"{root}$%")
    assert len(before) == 3
    with pytest.raises(
        UnusableDatabaseError, match=r"the schema .*, is lost, though .*\$a\$baseline, .*\$a\$journal\."
    ):
        sandbox()
    assert sql(schemas, begin=f"{root}$%") == before
    for (name,) in before:
        sql(f'DROP SCHEMA "{name}" CASCADE')
    PostgresBackend(sandbox.url).close()  # makes what others of these tests expect


def test_a_schema_that_the_registry_does_not_know_is_never_dropped(sandbox, sql):
    one = sandbox()
    one.create("a")
    root = one._backend._root
    sql(f'CREATE SCHEMA "{root}$b"')
    with one.starting():
        one.clear_up()
    with pytest.raises(UnusableDatabaseError, match=r"\$b is there, and the registry knows no subscription b"):
        one.create("b")
    assert one.names() == ("a",)
    assert sql("SELECT FROM pg_namespace WHERE nspname = %(name)s", name=f"{root}$b")
    sql(f'DROP SCHEMA "{root}$b"')


def test_a_subscription_without_its_baseline_stops_the_start(sandbox, sql):
    one = sandbox()
    one.create("a").set_baseline()
    sql(f'DROP SCHEMA "{one._backend._root}$a$baseline" CASCADE')
    with pytest.raises(UnusableDatabaseError, match="of the subscription a, what a reset returns to is not there"):
        MarketoServer(Settings(port=0, database_url=sandbox.url)).start()
    with one.get("a").transaction() as session:
        assert session.take_lead_id() == 1001


def test_connections_that_were_closed_meanwhile_are_replaced(sandbox, sql):
    one = Marketo(SMALL, sandbox())
    assert one.sync(Id=1).status == "UPDATED"
    sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND application_name = 'mockmkto'"
    )
    assert one.sync(Id=1).status == "UPDATED"
    assert one.database.journal.count() == 2


def test_a_transaction_whose_connection_breaks_writes_nothing(sandbox, sql):
    one = Marketo(SMALL, sandbox())
    before = one.dump()

    def break_off() -> None:
        with one.database.transaction() as session:
            session.take_lead_id()
            leads.delete_lead(session, 1)
            pid = session.connection.connection.dbapi_connection.info.backend_pid
            sql("SELECT pg_terminate_backend(%(pid)s, 5000)", pid=pid)

    with pytest.raises(OperationalError):
        break_off()
    assert one.dump() == before


def test_what_another_server_holds_for_too_long_is_fault_10001_and_a_log_line(sandbox, monkeypatch, caplog):
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 0.05)
    one, two = Marketo(SMALL, sandbox()), sandbox()
    request = one.envelope("<ns1:paramsSyncLead><leadRecord><Id>1</Id></leadRecord></ns1:paramsSyncLead>")
    with in_other(two).transaction():
        answer = one.post(request)
    assert (answer.http_status, answer.code) == (500, "10001")
    line = "the data of the subscription default: canceling statement due to lock timeout; answered as fault 10001"
    assert [record.getMessage() for record in caplog.records] == [line]
    assert one.sync(Id=1).status == "UPDATED"


def test_a_server_that_stands_still_within_a_transaction_does_not_hold_the_others_for_ever(sandbox, monkeypatch):
    one, two = Marketo(SMALL, sandbox()), sandbox()
    other = in_other(two)

    def stand_still() -> None:
        monkeypatch.setattr(postgres, "IDLE_SECONDS", 0.2)
        with other.transaction() as session:
            monkeypatch.undo()  # the calls of the other one may take their time
            assert one.sync(Id=1).status == "UPDATED"  # once the other one has been cut off
            session.empty()

    with pytest.raises(DBAPIError, match="idle-in-transaction timeout"):
        stand_still()
    assert one.lead(1).id == 1


def test_a_transaction_within_a_transaction_is_refused(sandbox):
    one = Marketo(SMALL, sandbox())
    with (
        pytest.raises(RuntimeError, match="a transaction within a transaction"),
        one.database.transaction(),
        one.database.transaction(),
    ):
        pass
    assert one.sync(Id=1).status == "UPDATED"


def test_an_error_that_is_passed_over_within_a_transaction_is_not_taken_for_success(sandbox):
    one = Marketo(SMALL, sandbox())
    with (
        pytest.raises(AssertionError, match="passed over"),
        one.database.transaction() as session,
        pytest.raises(Exception, match="division by zero"),
    ):
        session.connection.exec_driver_sql("SELECT 1 / 0")


def test_without_postgresql_a_call_is_fault_10001_and_goes_on_when_it_is_back(postgresql, caplog):
    if not postgresql.startswith(cluster().url):
        pytest.skip("not ours to be stopped")
    own = type(cluster())()
    try:
        marketo = Marketo(SMALL, Registry(PostgresBackend(own.url)))
        body = (
            "<ns1:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></ns1:paramsGetLead>"
        )
        request = marketo.envelope(body)
        own.stop()
        answer = marketo.post(request)
        assert (answer.http_status, answer.code) == (500, "10001")
        assert "answered as fault 10001" in caplog.text
        assert "the call is not in the journal" in caplog.text
        assert "Traceback" not in caplog.text
        own.start()
        answer = marketo.post(request)
        assert answer.call.fault_code is None, caplog.text
        assert answer.record.id == 1
        marketo.registry.close()
    finally:
        own.remove()


# ---------------------------------------------------------------------------------------------------------------------
# Which database, and of which version


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("postgresql://127.0.0.1:1/x", "Connection refused"),
        ("postgresql://", "the schema|failed|refused|database"),
        ("{url}?schema=Bad-Name", "expected 1 to 20 small letters, digits and underscores"),
        ("{url}?schema=public", "its schema public is another program's; name one with ?schema=NAME"),
        ("{url}x", 'database "postgresx" does not exist'),
        ("postgresql+psycopg://host:port/x", "its address cannot be read"),
        ("postgresql://user:ab@secret@127.0.0.1:1/x", "an @ in the password is written as %40$"),
        ("postgresql://user:ab%00secret@127.0.0.1:1/x", "no password has a NUL character$"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(postgresql, url, text):
    import re

    with pytest.raises(UnusableDatabaseError) as error:
        PostgresBackend(url.format(url=postgresql))
    assert re.search(text.replace("?", "[?]") if "NAME" in text else text, str(error.value))
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("begin", ["postgresql+psycopg://", "postgresql://", "postgres://"])
def test_every_way_to_write_the_address_is_read(sandbox, begin):
    url = begin + sandbox.url.partition("://")[2]
    PostgresBackend(url).close()


def test_who_may_not_make_schemas_is_told_so(postgresql, sql):
    sql("DROP ROLE IF EXISTS nobody_at_all")
    sql("CREATE ROLE nobody_at_all LOGIN")
    with pytest.raises(UnusableDatabaseError, match="GRANT CREATE ON DATABASE"):
        PostgresBackend(postgresql.replace("mockmkto@", "nobody_at_all@") + "?schema=not_allowed")
    sql("DROP ROLE nobody_at_all")


def test_a_database_in_another_encoding_is_refused(postgresql, sql):
    sql("DROP DATABASE IF EXISTS latin")
    sql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(UnusableDatabaseError, match="its encoding is LATIN1, and UTF8 is needed"):
        PostgresBackend(postgresql.rpartition("/")[0] + "/latin")
    sql("DROP DATABASE latin")


@pytest.fixture
def later(monkeypatch):
    """A release of the day after tomorrow, which has changed the registry's tables twice."""
    monkeypatch.setattr(versions, "SCHEMA", versions.SCHEMA + 2)
    upgrades = {
        versions.SCHEMA - 2: {"subscription": ["ALTER TABLE subscription ADD COLUMN colour TEXT"]},
        versions.SCHEMA - 1: {
            "subscription": ["UPDATE subscription SET colour = 'red'"],
            "state": ["ALTER TABLE state ADD COLUMN colour TEXT"],
        },
    }
    monkeypatch.setattr(versions, "UPGRADES", upgrades)
    return upgrades


@pytest.fixture
def older(sandbox, sql) -> Iterator[str]:
    """A sandbox of today, which is of a version of its own afterwards: it is dropped."""
    root = "older_test"
    url = f"{sandbox.url.partition('?')[0]}?schema={root}"
    marketo = Marketo(SMALL, Registry(PostgresBackend(url)))
    marketo.registry.close()
    yield url
    for (name,) in sql("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'older%%'"):
        sql(f'DROP SCHEMA "{name}" CASCADE')


def test_older_schemas_are_upgraded_all_of_them(older, sql, request):
    request.getfixturevalue("later")
    PostgresBackend(older).close()
    assert sql("SELECT name, colour FROM older_test.subscription") == [("default", "red")]
    for schema in ("older_test$default", "older_test$default$baseline"):
        assert sql(f'SELECT colour FROM "{schema}".state') == [(None,)]
    assert sql("SELECT version FROM older_test.about") == [(versions.SCHEMA,)]
    PostgresBackend(older).close()


def test_an_upgrade_makes_the_tables_that_a_subscription_lacks(older, sql, request):
    request.getfixturevalue("later")
    for schema in ("older_test$default", "older_test$default$baseline"):
        sql(f'DROP TABLE "{schema}".opportunity, "{schema}".custom_object')
    registry = Registry(PostgresBackend(older))
    with registry.get("default").transaction() as session:
        assert (objects.count_opportunities(session), custom_objects.count(session)) == (0, 0)
    registry.reset("default")
    registry.close()


def test_fields_and_external_keys_of_before_are_upgraded(postgresql, sql):
    """Every statement of the upgrade is one of PostgreSQL's, too."""
    engine = create_engine(postgresql)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA older_fields")
        connection.exec_driver_sql("SET LOCAL search_path TO older_fields")
        for statement in OLD_FIELDS:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("CREATE TABLE opportunity (id BIGINT, external_name TEXT, external_value TEXT)")
        connection.exec_driver_sql("CREATE TABLE opportunity_key (name TEXT, value TEXT, opportunity_id BIGINT)")
        connection.exec_driver_sql("INSERT INTO opportunity VALUES (1, 'Opp Id', ' O-1 ')")
        versions.upgrade_schemas(connection, 2, ["older_fields"], {})
        columns = "SELECT name, id, type, rest_name, rest_read_only, soap, html_encoded FROM field"
        found = {row[0]: tuple(row[1:]) for row in connection.exec_driver_sql(columns)}
        keys = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM opportunity_key")]
        connection.rollback()
    engine.dispose()
    assert UPGRADED_FIELDS.items() <= found.items()
    assert keys == [("externalopportunityid", "O-1", 1)]


def test_leads_of_before_are_what_they_were(older, sql):
    """As they stand and after a reset; and kept as those of new schemas are."""
    schemas = ("older_test$default", "older_test$default$baseline")
    described = (
        "SELECT column_name::text || ' ' || data_type || ' ' || coalesce(collation_name, '') "
        "FROM information_schema.columns WHERE table_schema = %(name)s AND table_name = 'lead' UNION "
        "SELECT replace(indexdef, schemaname, '') FROM pg_indexes WHERE schemaname = %(name)s AND tablename = 'lead' "
        "ORDER BY 1"
    )
    new = [sql(described, name=name) for name in schemas]
    for name in schemas:
        for statement in old_leads.OF_POSTGRESQL:
            sql(f'SET search_path TO "{name}"; {statement}')
    sql("ALTER TABLE older_test.subscription DROP COLUMN callers")
    sql("UPDATE older_test.about SET version = 3")
    assert [sql(described, name=name) for name in schemas] != new
    registry = Registry(PostgresBackend(older))
    found = []
    for go_back in (lambda: None, lambda: registry.reset("default")):
        go_back()
        with registry.get("default").transaction() as session:
            assert session.connection.exec_driver_sql(old_leads.E_MAILS).all() == old_leads.KEPT
            found.append(tuple(item.lead for item in listing.all_leads(session)))
            assert leads.ids_by_email(session, "ANN@example.com") == (1, 2)
            for lead in old_leads.UPGRADED:
                leads.delete_lead(session, lead.id)
    registry.close()
    assert found == [old_leads.UPGRADED] * 2
    assert [sql(described, name=name) for name in schemas] == new


def test_an_upgrade_that_fails_leaves_everything_as_it_was(older, sql, request):
    upgrades = request.getfixturevalue("later")
    upgrades[versions.SCHEMA - 1]["state"] = ["syntax error"]
    with pytest.raises(UnusableDatabaseError, match="syntax error"):
        PostgresBackend(older)
    assert sql("SELECT version FROM older_test.about") == [(versions.SCHEMA - 2,)]
    assert "colour" not in [name for (name,) in sql(COLUMNS)]


COLUMNS = (
    "SELECT column_name::text FROM information_schema.columns "
    "WHERE table_schema = 'older_test' AND table_name = 'subscription'"
)


@pytest.mark.parametrize(("change", "text"), [(1, "made by a newer mockmkto"), (-1, "made by an older mockmkto")])
def test_another_version_is_refused_and_not_touched(older, sql, monkeypatch, change, text):
    monkeypatch.setattr(versions, "SCHEMA", versions.SCHEMA - change)
    with pytest.raises(UnusableDatabaseError, match=text):
        PostgresBackend(older)
    assert sql("SELECT version FROM older_test.about") == [(versions.SCHEMA + change,)]


# ---------------------------------------------------------------------------------------------------------------------
# What is the same, though PostgreSQL does it otherwise


def test_case_is_folded_as_python_does_it(sandbox):
    """Every character that there is, alone and within a text."""
    server = sandbox()
    database = server._backend.storage("x").at("subscription", leads.lead.metadata)
    database.create_tables()
    characters = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code <= 0xDFFF]  # behind it none has a case
    assert not any(chr(code).casefold() != chr(code) for code in range(0x20000, sys.maxunicode + 1))
    texts = ["".join(characters[start : start + 1000]) for start in range(0, len(characters), 1000)]
    texts += ["", "Straße", "ΌΣΟΣ", "İstanbul", "ﬁn", "ABC", "ŉ'"]
    with database.transaction() as connection:
        for text in texts:
            assert connection.exec_driver_sql("SELECT folded(%(text)s)", {"text": text}).scalar() == text.casefold()


@pytest.mark.parametrize("key", ["long", "x"], ids=["of 100,000 characters", "of one"])
def test_a_key_may_be_of_any_length(sandbox, key):
    marketo = Marketo("{lead_keys: {SFDCLEADID: Address}}", sandbox())
    text = "".join(f"{number:x}" for number in range(25_000)) if key == "long" else key
    value = text[:20_000]
    made = marketo.sync({"Address": value}, ForeignSysPersonId=text, cookie=text, Email="ann@example.com")
    assert made.status == "CREATED"
    assert marketo.sync(ForeignSysPersonId=text).lead_id == made.lead_id
    assert marketo.sync(cookie=text).lead_id == made.lead_id
    assert marketo.get("SFDCLEADID", value).record.id == made.lead_id
    assert marketo.get("SFDCLEADID", value + "y").code == "20103"


def test_names_that_postgresql_would_cut_are_told_apart(sandbox):
    registry = sandbox()
    names = ["x" * 63, "x" * 64, "X" * 64, "x" * 62 + ".", "a-b", "a.b", "a_b"]
    for name in names:
        database = registry.create(name)
        with database.transaction() as session:
            session.reserve_lead_ids(1000 + len(name))
        database.set_baseline()
        for snapshot in ("s" * 63, "s" * 64):
            database.snapshots.take(snapshot, NOW, ())
    for name in names:
        database = registry.get(name)
        assert [item.name for item in database.snapshots.all()] == ["s" * 63, "s" * 64]
        with database.transaction() as session:
            assert session.next_lead_id == max(1001, 1001 + len(name))
    registry.delete("x" * 64)
    assert in_other(registry, "x" * 63).has_baseline


def test_leads_without_an_email_are_sorted_as_sqlite_sorts_them(sandbox):
    marketo = Marketo("leads: [{Id: 1}, {Id: 2, Email: b@x}, {Id: 3, Email: A@x}, {Id: 4}]", sandbox())
    with marketo.database.transaction() as session:
        for order, wanted in ((Order.EMAIL, [1, 4, 3, 2]), (Order.EMAIL_DOWN, [2, 3, 4, 1])):
            assert [item.lead.id for item in listing.page(session, order=order).leads] == wanted


def test_nothing_has_a_nul_character(sandbox):
    marketo = Marketo(SMALL, sandbox())
    with marketo.database.transaction() as session:
        for target in (*Target, "City"):
            if target is not Target.ID:
                for begins in (False, True):
                    assert listing.page(session, [Filter(target, "\0", begins=begins)]).total == 0
    assert marketo.registry.get("\0") is None


def test_a_field_is_compared_by_its_characters_whatever_the_locale_of_the_database(postgresql, sql):
    sql("DROP DATABASE IF EXISTS english")
    sql("CREATE DATABASE english LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    names = ["ab", "ab\U0001f600", "éa", "ea", "Éa", "Ea", "f"]
    rows = ", ".join(f"{{Id: {n}, attributes: {{FirstName: {name}}}}}" for n, name in enumerate(names, 1))
    marketo = Marketo(f"leads: [{rows}]", Registry(PostgresBackend(postgresql.rpartition("/")[0] + "/english")))
    with marketo.database.transaction() as session:
        for begin, wanted in (("ab", [1, 2]), ("é", [3, 5]), ("e", [4, 6]), ("", [1, 2, 3, 4, 5, 6, 7])):
            found = listing.page(session, [Filter("FirstName", begin, begins=True)]).leads
            assert [item.lead.id for item in found] == wanted, begin
    marketo.registry.close()
    sql("DROP DATABASE english WITH (FORCE)")


@pytest.fixture
def thousand(sandbox) -> Database:
    database = sandbox().create("default")
    (world,) = parse_worlds("lead_keys: {SFDCLEADID: Title}", "x.yaml")
    with database.transaction() as session:
        fill(world, session)
        many = (
            Lead(n, f"u{n}@example.com", True, "Default", {"Title": f"t{n}"}, NOW, NOW, n, 5000 - n)
            for n in range(1, 2001)
        )
        keys = ((ForeignId(ForeignSysType.CUSTOM, f"f{n}"),) for n in range(2000))
        leads.add_many(session, [NewLead(lead, key, (f"c{lead.id}",)) for lead, key in zip(many, keys, strict=True)])
        session.connection.exec_driver_sql("ANALYZE")
    return database


VALUES = {
    "lead_id": 5,
    "type": "CUSTOM",
    "person_id": "f5",
    "cookie": "c5",
    "email": "u5@example.com",
    "key_type": "SFDCLEADID",
    "value": "t5",
    "beginning": "t5",
    "partition": "Elsewhere",
    "limit": 10,
}


@pytest.mark.parametrize("name", leads.FINDERS)
def test_no_finder_scans(thousand, name):
    """PostgreSQL's own plan of every statement that a call waits for."""
    with thousand.transaction() as session:
        compiled = leads.FINDERS[name].compile(dialect=session.connection.dialect)
        values = {key: VALUES[key] if own is None else own for key, own in compiled.params.items()}
        lines = [line for (line,) in session.connection.exec_driver_sql(f"EXPLAIN {compiled}", values)]
    assert any("Index" in line for line in lines), lines
    assert not any("Seq Scan" in line for line in lines), lines


@pytest.mark.parametrize("order", [Order.EMAIL, Order.EMAIL_DOWN, Order.UPDATED, Order.ID])
def test_a_page_is_not_sorted_by_hand(thousand, order):
    statement = listing.select(leads.lead.c.id).order_by(*listing.sorted_by(order)).limit(10)
    with thousand.transaction() as session:
        compiled = statement.compile(dialect=session.connection.dialect, compile_kwargs={"literal_binds": True})
        lines = [line for (line,) in session.connection.exec_driver_sql(f"EXPLAIN {compiled}")]
    assert any("Index" in line for line in lines), lines
    assert not any("Sort" in line for line in lines), lines


def test_a_key_is_never_in_what_postgresql_says(sandbox, caplog):
    """Neither in a log of every statement nor in an error."""
    import logging

    caplog.set_level(logging.DEBUG)
    registry = sandbox()
    registry.create("a")
    registry.set_credentials("a", [Credential(USER, ("the-key-of-all-keys",), "a")])
    # Nobody need be looked for before it is written: it is the statement with the key in it that fails.
    with pytest.raises(Exception, match="INSERT INTO baseline_credential") as error:
        registry.set_credentials("a", [Credential("x\0", ("the-key-of-all-keys",), "a")], baseline=True)
    assert "the-key-of-all-keys" not in caplog.text + str(error.value)
