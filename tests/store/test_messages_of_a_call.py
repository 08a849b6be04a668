"""How often a call waits for PostgreSQL: every message is a way there and back, however many statements are in it."""

from __future__ import annotations

import contextlib

import psycopg
import pytest
from databases import Place
from sqlalchemy import bindparam, delete, insert, select
from support import NOW, Marketo

from mockmkto.store import statements
from mockmkto.store.registry import Registry
from mockmkto.store.tables import lead

FIXTURE = "leads: [{Id: 1, Email: ann@example.com}]"

INSERT = insert(lead)
OF_ID = select(lead.c.id).where(lead.c.id == bindparam("id"))
DELETE = delete(lead).where(lead.c.id == bindparam("of"))

CREDENTIAL = "SELECT credential"
BEGIN = "BEGIN"  # with the locks, and the state of the subscription, or the last number of the journal
FIND = "SELECT lead"
KEYS = "SELECT foreign_id"
WRITE = "pipeline"  # every change, and COMMIT
END = "COMMIT"  # nothing was changed

CALLS = {
    "update": (
        lambda marketo: marketo.sync({"FirstName": "New"}, Email="ann@example.com", return_lead=False),
        [CREDENTIAL, BEGIN, FIND, WRITE, BEGIN, WRITE],
    ),
    "create": (
        lambda marketo: marketo.sync({"FirstName": "New"}, Email="new@example.com", return_lead=False),
        [CREDENTIAL, BEGIN, FIND, WRITE, BEGIN, WRITE],
    ),
    "read": (
        lambda marketo: marketo.get("EMAIL", "ann@example.com"),
        [CREDENTIAL, BEGIN, FIND, KEYS, END, BEGIN, WRITE],
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


@pytest.fixture
def sent(marketo, monkeypatch):
    """Every message of a call to PostgreSQL, by what is first in it."""
    told: list[str] = []
    wait = psycopg.Connection.wait
    post = marketo.post

    def note(connection, generator, *rest):
        kind = generator.__name__
        if kind == "_exit_gen":
            told.append(WRITE)
        elif kind == "_execute_gen" and not connection._pipeline:
            query = generator.gi_frame.f_locals["query"]
            words = (query.decode() if isinstance(query, bytes) else query).replace(";", " ; ").split()
            told.append(f"SELECT {words[words.index('FROM') + 1]}" if words[0] == "SELECT" else words[0])
        elif kind == "_commit_gen" and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            told.append(END)
        return wait(connection, generator, *rest)

    monkeypatch.setattr(psycopg.Connection, "wait", note)
    monkeypatch.setattr(marketo, "post", lambda *what: (told.clear(), post(*what))[1])  # not what it took to sign it
    return told


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_waits_for_so_many_messages(marketo, sent, kind):
    make, expected = CALLS[kind]
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
