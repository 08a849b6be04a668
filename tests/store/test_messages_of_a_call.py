"""How often a call waits for PostgreSQL: every message is a way there and back, however many statements are in it."""

from __future__ import annotations

import contextlib

import databases
import psycopg
import pytest
from databases import Place
from rest_support import Rest
from sqlalchemy import bindparam, delete, insert, select
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.model import Credential
from mockmkto.store import statements
from mockmkto.store.registry import Registry
from mockmkto.store.schemas import PostgresBackend
from mockmkto.store.tables import lead

FIXTURE = "leads: [{Id: 1, Email: ann@example.com}]"

INSERT = insert(lead)
OF_ID = select(lead.c.id).where(lead.c.id == bindparam("id"))
DELETE = delete(lead).where(lead.c.id == bindparam("of"))

BEGIN = "BEGIN"  # with the locks, the state of the subscription, and the token by which it is known who calls
FIND = "SELECT lead"
KEYS = "SELECT foreign_id"
WRITE = "... COMMIT"  # every change, and the end
WRITE_AND_READ_KEYS = "... SELECT foreign_id"  # which the answer shows, so that it comes before the end
END = "COMMIT"  # nothing was changed
JOURNAL = "... INSERT call"  # with its lock: a transaction of its own, since a restored snapshot leaves the journal
ROLLBACK = "ROLLBACK"  # who calls is another one: nothing was done yet
CREDENTIAL = "SELECT credential"  # who calls: only where that has changed, or was never asked
TOKEN = "SELECT token"  # of the REST API: until when it lives
OTHER = Credential("somebody", ("key",), "default")

CALLS = {
    "update": (
        lambda marketo: marketo.sync({"FirstName": "New"}, Email="ann@example.com", return_lead=False),
        [BEGIN, FIND, WRITE, JOURNAL],
    ),
    "create": (
        lambda marketo: marketo.sync({"FirstName": "New"}, Email="new@example.com", return_lead=False),
        [BEGIN, FIND, WRITE, JOURNAL],
    ),
    "update, and show the lead": (
        lambda marketo: marketo.sync({"FirstName": "New"}, Email="ann@example.com"),
        [BEGIN, FIND, WRITE_AND_READ_KEYS, WRITE, JOURNAL],
    ),
    "read": (
        lambda marketo: marketo.get("EMAIL", "ann@example.com"),
        [BEGIN, FIND, KEYS, END, JOURNAL],
    ),
}


def values(number: int) -> dict:
    lead = {"id": number, "email": None, "sent_email": None, "known": True, "partition": "Default", "attributes": {}}
    return {**lead, "created_at": NOW, "updated_at": NOW, "created_order": number, "updated_order": number}


@pytest.fixture
def marketo(postgresql, tmp_path):
    marketo = Marketo(FIXTURE, Registry(Place("postgresql", tmp_path).backend()))
    for number in range(3):  # what is asked once was asked
        marketo.sync(Email=f"{number}@example.com")
    yield marketo
    marketo.registry.close()


def named(query: str) -> str:
    verb, *words = query.replace(";", " ; ").replace("(", " ").split()
    before = {"SELECT": "FROM", "INSERT": "INTO"}.get(verb)
    return f"{verb} {words[words.index(before) + 1]}" if before in words else verb


@pytest.fixture
def sent(marketo, monkeypatch):
    """Every message of a call to PostgreSQL, by the first statement in it, or by the last where several are piped."""
    told: list[str] = []
    piped: list[str] = []
    wait = psycopg.Connection.wait
    post = marketo.post

    def note(connection, generator, *rest):
        kind = generator.__name__
        if kind == "_exit_gen":
            told.append(f"... {piped[-1] if piped else 'the same, many times'}")
            piped.clear()
        elif kind == "_execute_gen":
            query = generator.gi_frame.f_locals["query"]
            if not isinstance(query, str | bytes):
                query = query.as_string(connection)
            (piped if connection._pipeline else told).append(
                named(query.decode() if isinstance(query, bytes) else query)
            )
        elif kind == "_commit_gen" and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            told.append(END)
        elif kind == "_rollback_gen" and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            told.append(ROLLBACK)
        return wait(connection, generator, *rest)

    monkeypatch.setattr(psycopg.Connection, "wait", note)
    monkeypatch.setattr(marketo, "post", lambda *what: (told.clear(), post(*what))[1])  # not what it took to sign it
    return told


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_waits_for_so_many_messages(marketo, sent, kind):
    make, expected = CALLS[kind]
    assert make(marketo).http_status == 200
    assert sent == expected


def test_an_update_waits_for_four_messages_at_most():
    assert len(CALLS["update"][1]) == len(CALLS["create"][1]) == 4


def test_a_call_over_rest_waits_for_so_many_messages(marketo, sent):
    rest = Rest(soap=marketo)
    body = {"action": "updateOnly", "input": [{"email": "ann@example.com", "firstName": "New"}]}
    for _ in range(2):  # what is asked once was asked
        sent.clear()
        assert rest.post("/rest/v1/leads.json", body).outcomes == [("updated",)]
    assert sent == [BEGIN, TOKEN, FIND, WRITE, JOURNAL]


@pytest.mark.parametrize(
    ("change", "more"),
    [
        (lambda here, there: here.put_credential(OTHER), [CREDENTIAL]),  # it knows by itself
        (lambda here, there: there.put_credential(OTHER), [BEGIN, ROLLBACK, CREDENTIAL]),
        (lambda here, there: there.reset("default"), [BEGIN, ROLLBACK, CREDENTIAL]),
        (lambda here, there: there.create("another"), []),
    ],
)
def test_a_change_of_who_may_call_costs_the_next_call_of_that_subscription_so_many_messages(
    marketo, sent, change, more
):
    make, expected = CALLS["update"]
    there = Registry(PostgresBackend(f"{databases.database_url()}?schema={marketo.registry._backend._root}"))
    change(marketo.registry, there)
    there.close()
    marketo.set_clock(Clock(frozen_at=NOW))
    assert make(marketo).http_status == 200
    assert sent == [*more, *expected]
    assert make(marketo).http_status == 200
    assert sent == expected


def test_a_change_that_is_refused_with_the_others_undoes_all_of_them(marketo):
    with pytest.raises(Exception, match="duplicate key"), marketo.database.transaction() as session:
        session.run_many(INSERT, [values(7), values(7)])
    with marketo.database.transaction() as session:
        assert session.rows(OF_ID, {"id": 7}) == []


def test_what_waits_is_seen_by_whoever_reads_next(marketo):
    for read in (
        lambda session: len(session.rows(OF_ID, {"id": 7})),
        lambda session: session.run(DELETE, {"of": 7}),
        lambda session: len(session.connection.execute(OF_ID, {"id": 7}).all()),
    ):
        with marketo.database.rehearsal() as session:
            session.run_many(INSERT, [values(7)])
            assert read(session) == 1


def test_what_waits_within_a_savepoint_is_undone_with_it(marketo):
    with marketo.database.transaction() as session:
        session.run_many(INSERT, [values(7)])
        with contextlib.suppress(ZeroDivisionError), session.savepoint():
            session.run_many(INSERT, [values(8)])
            raise ZeroDivisionError
    with marketo.database.transaction() as session:
        assert [len(session.rows(OF_ID, {"id": number})) for number in (7, 8)] == [1, 0]


def test_very_many_changes_do_not_wait(marketo, sent):
    with marketo.database.rehearsal() as session:
        session.run_many(INSERT, [values(1000 + n) for n in range(statements._FEW + 1)])
        assert session._statements._waiting == []
