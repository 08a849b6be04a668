"""Tests that put the time of their process away, as their users do: calls, handle and waits are as ever."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from urllib.request import urlopen

import freezegun
import pytest
import time_machine
from msgspec.structs import replace
from plain_client import Client
from support import Marketo

import mockmkto
from mockmkto.calls.pending import PendingCall
from mockmkto.model import RequestFields
from mockmkto.model.moments import encodable, plain
from mockmkto.soap.server import SoapServer

GET_LEAD = "<ns1:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>7</keyValue></leadKey></ns1:paramsGetLead>"
THEN = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
PUT_AWAY = {
    "freezegun": lambda: freezegun.freeze_time("2026-03-14 09:26:53"),
    "freezegun that ticks": lambda: freezegun.freeze_time("2026-03-14 09:26:53", tick=True),
    "time-machine": lambda: time_machine.travel(THEN, tick=False),
}


@pytest.fixture(scope="module")
def server():
    with mockmkto.serve() as sandbox:
        yield sandbox


@pytest.mark.parametrize("tool", PUT_AWAY)
def test_a_call_is_answered_written_and_told_at_the_time_of_the_test(tool, server):
    with PUT_AWAY[tool](), server.new_subscription() as marketo:
        assert Client.of(marketo).sync("ann@example.com", FirstName="Ann") == ("CREATED", 1001)
        call = marketo.calls.assert_one("syncLead", status="CREATED")
        lead = marketo.leads.one(Email="ann@example.com")
        assert call.warnings == ()
        assert {moment.replace(microsecond=0) for moment in (call.at, lead.created_at, marketo.clock.now)} == {THEN}


@pytest.mark.parametrize("tool", PUT_AWAY)
def test_times_go_in_and_come_back_in_plain_classes(tool, server):
    with PUT_AWAY[tool](), server.new_subscription(frozen=datetime.now(UTC)) as marketo:
        assert marketo.clock.advance("1h").replace(microsecond=0) == THEN.replace(hour=10)
        added = marketo.leads.add(Email="ann@example.com", DateofBirth=datetime.now(UTC).date())
        with marketo.snapshot():
            marketo.leads.delete(added)
        marketo.load(marketo.export())
        found = marketo.leads.one()
        assert (found["DateofBirth"], type(found.created_at).__module__) == ("2026-03-14", "datetime")


def without_formats(part):
    """Part of a document, without what it says of how texts, and times, are written."""
    if isinstance(part, dict):
        return {name: without_formats(value) for name, value in part.items() if name not in ("format", "pattern")}
    return [without_formats(item) for item in part] if isinstance(part, list) else part


@pytest.mark.parametrize("tool", PUT_AWAY)
def test_the_control_api_describes_itself_as_ever(tool, server):
    def document() -> object:
        with urlopen(f"{server.url}/__admin/openapi.json", timeout=10) as answer:
            return without_formats(json.load(answer))

    with PUT_AWAY[tool]():
        put_away = document()
    assert put_away == document()


@pytest.mark.parametrize("tool", PUT_AWAY)
def test_a_wait_ends(tool, server):
    with PUT_AWAY[tool](), server.new_subscription() as marketo, pytest.raises(AssertionError, match="a call within"):
        marketo.calls.wait_for("getLead", timeout=0.05)


@pytest.mark.parametrize(
    "put_away",
    ["import freezegun; away = freezegun.freeze_time(THEN)", "import time_machine; away = time_machine.travel(THEN)"],
)
def test_even_when_everything_is_imported_while_the_time_is_put_away(put_away, request):
    program = f"""
THEN = {THEN.isoformat()!r}
{put_away}
with away:
    import mockmkto
    from plain_client import Client
    with mockmkto.serve() as marketo:
        Client.of(marketo).sync("ann@example.com")
        marketo.clock.freeze()
        marketo.clock.set(marketo.calls.assert_one(status="CREATED").at)
        print(marketo.leads.one().created_at.date())
"""
    paths = {"PYTHONPATH": f"{request.config.rootpath}:{request.config.rootpath / 'tests'}"}
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], env=paths, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("2026-03-14\n", "")


def test_only_dates_and_times_are_made_plain():
    with freezegun.freeze_time("2026-03-14 09:26:53"):
        put_away = datetime.now(UTC)
    assert type(put_away) is not datetime
    assert (plain(put_away), type(plain(put_away))) == (THEN, datetime)
    assert type(encodable(put_away)) is datetime
    assert plain(THEN) is THEN
    with pytest.raises(NotImplementedError, match="a object cannot be written"):
        encodable(object())


class _Unwritable:
    """Stands for whatever an encoder does not know."""


def test_an_answer_is_not_lost_because_its_record_cannot_be_written(monkeypatch, caplog):
    marketo = Marketo()
    record = PendingCall.record
    spoilt = {"fields": RequestFields(attributes={"FirstName": _Unwritable()})}
    monkeypatch.setattr(PendingCall, "record", lambda *args: replace(record(*args), **spoilt))

    assert marketo.sync(Email="ann@example.com").status == "CREATED"
    (call,) = marketo.database.journal.calls()
    assert (call.operation, call.status, call.lead_id) == ("syncLead", "CREATED", 1001)
    assert [str(warning) for warning in call.warnings] == [
        "the rest of this call's record could not be written: NotImplementedError"
    ]
    assert "could not be written into the journal as it is" in caplog.text


def test_an_answer_is_not_lost_because_nobody_can_be_told_of_the_call(caplog):
    marketo = Marketo()

    def told(call):
        raise LookupError("whoever listens is broken")

    answer = SoapServer(marketo.registry, told).answer("2_9", marketo.envelope(GET_LEAD).encode())
    assert answer.status == 500
    assert b"20103" in answer.body
    assert "whoever listens is broken" in caplog.text
