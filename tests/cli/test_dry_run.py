"""`mockmkto call --dry-run`: says what the call would do, and why, and does not do it."""

from __future__ import annotations

import pytest

from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings


@pytest.fixture
def call(run, server):
    return lambda *words: run("call", *words, "--url", server.url)


def test_it_says_what_would_be_done_and_nothing_is(call):
    dry = call("syncLead", "--dry-run", "--email", "ann@example.com", "FirstName=Ann")
    assert (dry.code, dry.err) == (0, "")
    assert dry.out.startswith("dry run: nothing was written\nCREATED lead 1001\n")
    assert "  Email ann@example.com: finds nothing (no lead has it)\n" in dry.out
    assert "  partition Default: primary partition of workspace Default" in dry.out
    assert "  FirstName: nothing -> Ann: written\n" in dry.out
    assert call("getLead", "--email", "ann@example.com").code == 1
    assert call("syncLead", "--email", "ann@example.com").out.startswith("CREATED lead 1001")


def test_a_fault_is_told_with_its_reasons(call):
    dry = call("syncLead", "--dry-run", "--email", "ann@example.com", "Frist=Ann")
    assert dry.code == 1
    assert "fault 20105" in dry.out
    assert "  warning: there is no field Frist; did you mean FirstName?\n" in dry.out


def test_raw_is_the_answer_alone(call):
    assert call("getLead", "--dry-run", "--raw", "--id", "1").out.startswith("<?xml")


@pytest.mark.parametrize(("token", "code"), [("right", 0), ("wrong", 2), ("", 2)])
def test_it_needs_the_admin_token_where_there_is_one(run, monkeypatch, token, code):
    monkeypatch.setenv("MOCKMKTO_ADMIN_TOKEN", token)
    with MarketoServer(Settings(port=0, admin_token="right")) as server:
        ran = run("call", "syncLead", "--dry-run", "--email", "a@example.com", "--url", server.url)
    assert ran.code == code
    assert ("MOCKMKTO_ADMIN_TOKEN" in ran.err) == (code == 2)
