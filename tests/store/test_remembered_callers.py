"""Who calls is remembered by each server over one PostgreSQL: what another one changes of it is so at the next call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from databases import POOL
from rest_support import CLIENT_ID, Rest
from sqlalchemy.exc import OperationalError
from support import KEY, USER, Marketo

from mockmkto.clock import system_now
from mockmkto.model import Call, Client, Credential
from mockmkto.store.registry import Registry
from mockmkto.store.schemas import PostgresBackend
from mockmkto.worlds import parse_worlds
from mockmkto.worlds.loading import load

FROZEN = "2026-03-14T09:26:53Z"
ANN, BOB = "ann@example.com", "bob@example.com"
OTHER_KEY = "another-encryption-key"


class Sandbox:
    """Servers over one sandbox: `here`, which has been called, and `there`, which changes who may call."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[Registry] = []
        self.there = self.server()
        self.make()
        self.here = Marketo.over(self.server())
        assert self.sync() == ("UPDATED", "default")
        self.there.set_baseline("default")

    def server(self) -> Registry:
        self._made.append(Registry(PostgresBackend(self._url)))
        return self._made[-1]

    def make(self, name: str = "default", user: str = USER) -> None:
        """Have the other server make a subscription that knows Ann, with a credential of its own."""
        text = (
            f"{{subscription: {name}, clock: {{frozen: {FROZEN}}}, leads: [{{Email: {ANN}}}], "
            f"credentials: [{{user_id: {user}, encryption_keys: [{KEY}]}}]}}"
        )
        (world,) = parse_worlds(text, f"{name}.yaml")
        load(world, self.there)

    def make_anew(self) -> None:
        self.there.delete("default")
        self.make()

    def give_away(self) -> None:
        """The user id opens another subscription."""
        self.make("other", "somebody")
        self.there.delete_credential("default", USER)
        self.there.put_credential(Credential(USER, (KEY,), "other"))

    def sync(self, key: str = KEY, over: Registry | None = None) -> tuple[str | None, str | None]:
        """What becomes of a call that is signed with this key, its status or a code, and whose call it is."""
        marketo = self.here if over is None else Marketo.over(over)
        lead = f"<leadRecord><Email>{ANN}</Email></leadRecord>"
        answer = marketo.post(
            self.here.envelope(f"<ns1:paramsSyncLead>{lead}</ns1:paramsSyncLead>", timestamp=FROZEN, key=key)
        )
        return answer.status or answer.code, answer.call.subscription

    def close(self) -> None:
        for registry in self._made:
            registry.close()


@pytest.fixture
def sandbox(postgresql) -> Iterator[Sandbox]:
    sandbox = Sandbox(f"{postgresql}?schema={POOL.take(until_closed=False)._root}")
    yield sandbox
    sandbox.close()


def credential(*keys: str, blocked: bool = False) -> Credential:
    return Credential(USER, keys, "default", blocked)


CHANGES: dict[str, tuple[Callable[[Sandbox], object], tuple[str, str | None], tuple[str, str | None]]] = {
    "nothing": (lambda sandbox: None, ("UPDATED", "default"), ("20014", "default")),
    "another key": (
        lambda sandbox: sandbox.there.put_credential(credential(OTHER_KEY)),
        ("20014", "default"),
        ("UPDATED", "default"),
    ),
    "one more key": (
        lambda sandbox: sandbox.there.set_credentials("default", [credential(OTHER_KEY, KEY)]),
        ("UPDATED", "default"),
        ("UPDATED", "default"),
    ),
    "blocked": (
        lambda sandbox: sandbox.there.put_credential(credential(KEY, blocked=True)),
        ("20013", "default"),
        ("20014", "default"),
    ),
    "deleted": (
        lambda sandbox: sandbox.there.delete_credential("default", USER),
        ("20014", None),
        ("20014", None),
    ),
    "given away": (Sandbox.give_away, ("UPDATED", "other"), ("20014", "other")),
    "its subscription deleted": (lambda sandbox: sandbox.there.delete("default"), ("20014", None), ("20014", None)),
    "its subscription made anew": (Sandbox.make_anew, ("UPDATED", "default"), ("20014", "default")),
    "its subscription made anew without it": (
        lambda sandbox: (sandbox.there.delete("default"), sandbox.make(user="somebody")),
        ("20014", None),
        ("20014", None),
    ),
    "reset": (
        lambda sandbox: (
            sandbox.there.put_credential(credential(OTHER_KEY)),
            sandbox.sync(),
            sandbox.there.reset("default"),
        ),
        ("UPDATED", "default"),
        ("20014", "default"),
    ),
    "restored": (
        lambda sandbox: (
            sandbox.there.set_aside(sandbox.there.get("default"), "before", system_now()),
            sandbox.there.put_credential(credential(OTHER_KEY)),
            sandbox.sync(),
            sandbox.there.go_back(sandbox.there.get("default"), "before"),
        ),
        ("UPDATED", "default"),
        ("20014", "default"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_another_server_changes_is_so_at_the_next_call(sandbox, change):
    do, with_the_key, with_the_other_key = CHANGES[change]
    do(sandbox)
    assert sandbox.sync() == with_the_key
    do_not_remember = sandbox.server()
    assert sandbox.sync(over=do_not_remember) == with_the_key
    assert sandbox.sync(OTHER_KEY) == with_the_other_key


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_after_it_was_looked_at_is_so_for_that_call(sandbox, monkeypatch, change):
    do, with_the_key, _ = CHANGES[change]
    registry = sandbox.here.registry
    look = registry.caller
    changes = [do]

    def late(user_id: str, *, anew: bool = False):
        found = look(user_id, anew=anew)
        if changes:
            changes.pop()(sandbox)
        return found

    monkeypatch.setattr(registry, "caller", late)
    assert sandbox.sync() == with_the_key


def test_a_call_is_begun_anew_as_often_as_who_calls_changes(sandbox, monkeypatch):
    registry = sandbox.here.registry
    look = registry.caller
    keys = [OTHER_KEY, "a third key", KEY]
    asked = []

    def late(user_id: str, *, anew: bool = False):
        found = look(user_id, anew=anew)
        asked.append(anew)
        if keys:
            sandbox.there.put_credential(credential(keys.pop(0)))
        return found

    monkeypatch.setattr(registry, "caller", late)
    before = sandbox.here.database.journal.count()
    assert sandbox.sync() == ("UPDATED", "default")
    assert asked == [False, True, True, True]
    assert sandbox.here.database.journal.count() == before + 1
    assert [warning.field for warning in sandbox.here.calls[-1].warnings] == []


def test_what_this_server_changes_of_others_is_asked_of_nobody(sandbox, monkeypatch):
    """A suite makes many subscriptions: the calls of one do not pay for the others."""
    sandbox.here.registry.create("another")
    sandbox.there.put_credential(Credential("somebody", (KEY,), "another"))
    sandbox.here.registry.put_credential(Credential("else", (KEY,), "another"))
    monkeypatch.setattr(sandbox.here.registry, "_sql", None)
    monkeypatch.setattr(sandbox.here.registry._remembered_credentials, "_registry", None)
    assert sandbox.sync() == ("UPDATED", "default")


# ---------------------------------------------------------------------------------------------------------------------
# Over REST


CLIENT_CHANGES: dict[str, tuple[Callable[[Registry, Client], object], list[tuple[str, str]]]] = {
    "nothing": (lambda there, client: None, []),
    "blocked": (
        lambda there, client: there.put_client(_changed(client, blocked=True)),
        [("603", "Access denied")],
    ),
    "permitted less": (
        lambda there, client: there.set_clients("default", [_changed(client, permissions=())]),
        [("603", "Access denied")],
    ),
    "deleted": (
        lambda there, client: there.delete_client("default", client.client_id),
        [("601", "Access token invalid")],
    ),
    "its subscription deleted": (lambda there, client: there.delete("default"), [("601", "Access token invalid")]),
}


def _changed(client: Client, **changes: object) -> Client:
    from msgspec.structs import replace

    return replace(client, **changes)


@pytest.mark.parametrize("change", CLIENT_CHANGES)
def test_what_another_server_changes_of_a_client_is_so_at_its_next_call(sandbox, change):
    do, expected = CLIENT_CHANGES[change]
    rest = Rest(soap=sandbox.here)
    path = "/rest/v1/leads.json", f"filterType=email&filterValues={ANN}"
    assert rest.send("GET", *path).errors == []
    do(sandbox.there, sandbox.there.client(CLIENT_ID))
    assert rest.send("GET", *path).errors == expected


# ---------------------------------------------------------------------------------------------------------------------
# The journal, in one message


def call() -> Call:
    return Call(system_now(), "2_9", b"<a/>", b"<b/>", 200, "OK", 1.0)


def test_a_call_is_written_once_if_the_connection_breaks_when_it_was_written(sandbox, monkeypatch):
    journal = sandbox.here.database.journal
    before = journal.count()
    wait = psycopg.Connection.wait

    def breaks(connection, generator, *rest):
        found = wait(connection, generator, *rest)
        if generator.__name__ == "_exit_gen":
            connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "wait", breaks)
        with pytest.raises(OperationalError, match="server closed the connection"):
            journal.add(call())
    assert journal.count() == before + 1
    assert journal.add(call()).sequence == journal.last == before + 2


def test_a_connection_that_was_closed_meanwhile_costs_no_call_its_place_in_the_journal(sandbox):
    journal = sandbox.here.database.journal
    before = journal.last
    with sandbox.there._sql.transaction() as connection:
        closed = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.exec_driver_sql(f"{closed} AND application_name = 'mockmkto'")
    assert journal.add(call()).sequence == before + 1
    assert journal.last == before + 1


def test_what_is_too_much_is_dropped_behind_the_call_and_it_is_no_fault_if_that_fails(sandbox, monkeypatch):
    journal = sandbox.here.database.journal
    journal.limit = 10

    def held():
        raise OperationalError("BEGIN", None, psycopg.errors.LockNotAvailable("held"))

    with monkeypatch.context() as patch:
        patch.setattr(journal._sql, "transaction", held)
        numbers = [journal.add(call()).sequence for _ in range(70)]
    assert numbers == list(range(numbers[0], numbers[0] + 70))
    assert [item.sequence for item in journal.calls()] == numbers[-10:]
    for _ in range(70):
        last = journal.add(call()).sequence
    assert [item.sequence for item in journal.calls()] == list(range(last - 9, last + 1))
    assert journal.dropped == last - 10
