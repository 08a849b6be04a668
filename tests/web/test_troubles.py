"""A database that cannot be read or written: what the control API, the console and the metrics answer, and the log."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from support import Marketo
from werkzeug.test import Client

from mockmkto.store.database import Database
from mockmkto.store.journal import Journal
from mockmkto.store.registry import Registry
from mockmkto.store.troubles import Trouble, trouble_of
from mockmkto.store.versions import UnusableFileError
from mockmkto.web.app import create_app
from mockmkto.web.site import Site


class PsycopgError(Exception):
    """As psycopg's own: what it says has several lines, and a code beside it."""

    def __init__(self, text: str, sqlstate: str | None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def of_sqlalchemy(cause: BaseException) -> OperationalError:
    return OperationalError("COMMIT", None, cause)


FULL = of_sqlalchemy(sqlite3.OperationalError("database or disk is full"))
LOCKED = of_sqlalchemy(sqlite3.OperationalError("database is locked"))
CORRUPT = sqlite3.DatabaseError("database disk image is malformed")
GONE = of_sqlalchemy(PsycopgError("connection failed: no route to host\nIs it running?", None))
NO_ROOM = of_sqlalchemy(PsycopgError("could not extend file\nHINT:  Check free disk space.", "53100"))

TROUBLES = [
    (FULL, Trouble("database or disk is full", full=True)),
    (LOCKED, Trouble("database is locked", full=False)),
    (CORRUPT, Trouble("database disk image is malformed", full=False)),
    (UnusableFileError("x.sqlite is another program's"), Trouble("x.sqlite is another program's", full=False)),
    (GONE, Trouble("connection failed: no route to host", full=False)),
    (NO_ROOM, Trouble("could not extend file", full=True)),
    (OSError(errno.ENOSPC, "No space left on device"), Trouble("No space left on device", full=True)),
    (PermissionError(errno.EACCES, "Permission denied", "a"), Trouble("a: Permission denied", full=False)),
]


@pytest.mark.parametrize(("error", "trouble"), TROUBLES, ids=lambda value: str(value)[:30])
def test_what_keeps_a_database_from_being_used(error, trouble):
    assert trouble_of(error) == trouble


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", None, sqlite3.IntegrityError("UNIQUE constraint failed")),
        sqlite3.ProgrammingError("Cannot operate on a closed database."),
        ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"),
        TimeoutError("timed out"),
        ValueError("x"),
    ],
)
def test_an_error_of_ours_and_of_the_network_is_none(error):
    assert trouble_of(error) is None


@pytest.fixture
def client():
    marketo = Marketo()
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    yield Client(create_app(site))
    marketo.registry.close()


def broken(error):
    @contextmanager
    def transaction(_):
        raise error
        yield

    return transaction


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(FULL, 507, "database or disk is full"), (LOCKED, 503, "database is locked"), (GONE, 503, "no route to host")],
)
def test_the_control_api_says_it_in_a_problem_document(client, monkeypatch, caplog, error, status, said):
    monkeypatch.setattr(Database, "transaction", broken(error))
    answer = client.post("/__admin/leads", json={"email": "ann@example.com"})
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["detail"].startswith("The data cannot be read or written: ")
    assert answer.json["detail"].endswith(f"{said}.")
    assert (answer.headers.get("Retry-After") == "1") == (status == 503)
    (line,) = caplog.records
    assert line.getMessage().endswith(f"{said}; answered with HTTP {status}")
    assert line.exc_info is None


def test_an_unreadable_journal_is_said_too(client, monkeypatch):
    def calls(*_):
        raise CORRUPT

    monkeypatch.setattr(Journal, "calls", calls)
    answer = client.get("/__admin/calls")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert "database disk image is malformed" in answer.json["detail"]


def test_the_console_says_it_on_a_page(client, monkeypatch, caplog):
    monkeypatch.setattr(Database, "transaction", broken(FULL))
    answer = client.get("/s/default/leads")
    assert (answer.status_code, answer.mimetype) == (507, "text/html")
    assert "database or disk is full" in answer.text
    assert [line.exc_info for line in caplog.records] == [None]


def test_the_metrics_say_it_in_a_line(client, monkeypatch):
    def names(_):
        raise LOCKED

    monkeypatch.setattr(Registry, "names", names)
    answer = client.get("/metrics")
    assert (answer.status_code, answer.text) == (503, "The data cannot be read or written: database is locked.\n")


def test_the_document_describes_it(client):
    operation = client.get("/__admin/openapi.json").json["paths"]["/leads"]["get"]
    assert {"503", "507"} <= set(operation["responses"])


@pytest.mark.parametrize(
    ("error", "said"), [(GONE, "connection failed: no route to host"), (LOCKED, "database is locked")]
)
def test_a_server_without_its_data_is_not_ready(error, said, monkeypatch):
    marketo = Marketo("{}")
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    client = Client(create_app(site))
    assert (client.get("/readyz").status_code, client.get("/livez").status_code) == (200, 200)

    def fail(self):
        raise error

    monkeypatch.setattr(Registry, "look", fail)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, f"the data: {said}\n", "1")
    assert client.get("/livez").status_code == 200
