"""What each kind of call runs in the database, in memory: every statement of it, and why it is there.

The numbers are the point: a statement that comes to it is a decision, not an accident.
"""

from __future__ import annotations

import re

import pytest
from support import Marketo

pytestmark = pytest.mark.sqlite

FIXTURE = """
leads:
  - {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}, foreign_ids: [{type: CUSTOM, id: "7"}],
     cookies: [c1]}
  - {Id: 1002, Email: bob@example.com}
  - {Id: 1003, Email: two@example.com}
  - {Id: 1004, Email: two@example.com}
"""

BEGIN = "BEGIN"  # the turn is this process's anyway; it is for all or nothing
COMMIT = "COMMIT"  # the only one: the journal's comes once in 64 calls
ROLLBACK = "ROLLBACK"
FIND_BY_EMAIL = "SELECT lead"  # finds the lead and reads it, and says whether a second one has the e-mail
FIND_ALL_BY_EMAIL = "SELECT lead"  # there is a second one: which are they
FIND_BY_FOREIGN_ID = "SELECT foreign_id"
FIND_BY_COOKIE = "SELECT cookie"
FIND_BY_ID = "SELECT lead"  # finds and reads it
READ = "SELECT lead"  # found by something of another table, it is not read yet
FOREIGN_IDS = "SELECT foreign_id"  # which an answer shows
WRITE = "UPDATE lead"
ADD = "INSERT lead"
MOVE_FOREIGN_ID = "UPDATE foreign_id"  # whosever it was
ADD_FOREIGN_ID = "INSERT foreign_id"  # it was nobody's
LOG = "INSERT activity"  # what changed, however many fields
COUNT = "UPDATE state"  # ids and the order of changes, all counters at once

SYNCED = {
    "update by e-mail": (
        {"attributes": {"FirstName": "New"}, "Email": "ann@example.com"},
        [BEGIN, FIND_BY_EMAIL, WRITE, LOG, COUNT, COMMIT],
    ),
    "update by e-mail, nothing is new": (
        {"attributes": {"FirstName": "Ann"}, "Email": "ann@example.com"},
        [BEGIN, FIND_BY_EMAIL, WRITE, COUNT, COMMIT],
    ),
    "update by Id": (
        {"attributes": {"FirstName": "New"}, "Id": 1001},
        [BEGIN, FIND_BY_ID, WRITE, LOG, COUNT, COMMIT],
    ),
    "update by an e-mail that two have": (
        {"attributes": {"FirstName": "New"}, "Email": "two@example.com"},
        [BEGIN, FIND_BY_EMAIL, FIND_ALL_BY_EMAIL, WRITE, LOG, COUNT, COMMIT],
    ),
    "update by foreign id": (
        {"attributes": {"FirstName": "New"}, "ForeignSysPersonId": "7", "ForeignSysType": "CUSTOM"},
        [BEGIN, FIND_BY_FOREIGN_ID, READ, WRITE, LOG, COUNT, COMMIT],
    ),
    "create": (
        {"attributes": {"FirstName": "New"}, "Email": "new@example.com"},
        [BEGIN, FIND_BY_EMAIL, ADD, LOG, COUNT, COMMIT],
    ),
    "create with a foreign id": (
        {"Email": "new@example.com", "ForeignSysPersonId": "8", "ForeignSysType": "CUSTOM"},
        [BEGIN, FIND_BY_FOREIGN_ID, FIND_BY_EMAIL, ADD, LOG, MOVE_FOREIGN_ID, ADD_FOREIGN_ID, COUNT, COMMIT],
    ),
    "update by e-mail, and show the lead": (
        {"attributes": {"FirstName": "New"}, "Email": "ann@example.com", "return_lead": True},
        [BEGIN, FIND_BY_EMAIL, WRITE, LOG, FOREIGN_IDS, COUNT, COMMIT],
    ),
    "an Id that there is not": (
        {"Id": 9, "return_lead": True},
        [BEGIN, FIND_BY_ID, ROLLBACK],
    ),
}
READ_BY = {
    "Id": (("IDNUM", 1001), [BEGIN, FIND_BY_ID, FOREIGN_IDS, COMMIT]),
    "e-mail": (("EMAIL", "ann@example.com"), [BEGIN, FIND_BY_EMAIL, FOREIGN_IDS, COMMIT]),
    "cookie": (("COOKIE", "id:c1"), [BEGIN, FIND_BY_COOKIE, READ, FOREIGN_IDS, COMMIT]),
}


@pytest.fixture
def marketo() -> Marketo:
    marketo = Marketo(FIXTURE)
    marketo.sync(Email="bob@example.com")  # what is read once is read: the world, the credential
    return marketo


@pytest.fixture
def ran(marketo, monkeypatch):
    """Everything that SQLite is told, in any of the databases, each as `VERB table`."""
    told: list[str] = []
    databases = (marketo.registry._sql, marketo.database._sql, marketo.database.journal._sql)

    def note(sql: str) -> None:
        verb = sql.split()[0]
        table = re.search(r"\b(?:FROM|INTO|UPDATE)\s+(\w+)", sql)
        told.append(f"{verb} {table[1]}" if table else verb)

    for database in databases:
        database._raw.set_trace_callback(note)
    post = marketo.post
    monkeypatch.setattr(marketo, "post", lambda *what: (told.clear(), post(*what))[1])  # not what it took to sign it
    yield told
    for database in databases:
        database._raw.set_trace_callback(None)


@pytest.mark.parametrize("kind", SYNCED)
def test_a_sync(marketo, ran, kind):
    request, expected = SYNCED[kind]
    marketo.sync(**{"return_lead": False, **request})
    assert ran == expected


@pytest.mark.parametrize("kind", READ_BY)
def test_a_read(marketo, ran, kind):
    request, expected = READ_BY[kind]
    assert marketo.get(*request).http_status == 200
    assert ran == expected


@pytest.mark.parametrize("kind", [kind for kind in SYNCED if kind.startswith(("update by e-mail", "create"))])
def test_an_update_and_a_create_are_six_statements_and_one_commit_unless_they_have_more_to_do(kind):
    statements = SYNCED[kind][1]
    assert statements.count(COMMIT) == 1
    more = (FIND_ALL_BY_EMAIL, FIND_BY_FOREIGN_ID, MOVE_FOREIGN_ID, ADD_FOREIGN_ID, FOREIGN_IDS)
    assert len([item for item in statements if item not in more]) <= 6


def test_the_journal_is_written_once_in_many_calls(marketo, ran, monkeypatch):
    monkeypatch.undo()
    ran.clear()
    for _ in range(640):
        marketo.sync(Email="ann@example.com")
    assert 9 <= ran.count("INSERT call") / 64 <= 11
    assert ran.count("UPDATE counters") <= 20
