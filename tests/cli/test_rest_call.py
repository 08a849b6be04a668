"""`mockmkto call GET /rest/v1/...`: one call to the REST API, and what it would do."""

from __future__ import annotations

import json

import pytest

from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings

LEADS = "/rest/v1/leads.json"
ANN = '{"input": [{"email": "ann@example.com", "firstName": "Ann"}]}'
FIND = ("GET", LEADS, "filterType=email", "filterValues=ann@example.com")


@pytest.fixture
def call(run, server):
    return lambda *words: run("call", *words, "--url", server.url)


def test_a_lead_is_written_and_read(call):
    made = call("POST", LEADS, "--json", ANN)
    assert (made.code, made.err) == (0, "")
    assert json.loads(made.out)["result"] == [{"id": 1001, "status": "created"}]
    for found in (
        call(*FIND),
        call("--form", "POST", LEADS, "_method=GET", *FIND[2:]),
        call("GET", f"{LEADS}?" + "&".join(FIND[2:])),
    ):
        assert json.loads(found.out)["result"][0]["firstName"] == "Ann"


def test_the_body_comes_from_a_file(call, tmp_path):
    (tmp_path / "ann.json").write_text(ANN, encoding="utf-8")
    assert call("POST", LEADS, "--json", f"@{tmp_path}/ann.json").code == 0
    missing = call("POST", LEADS, "--json", f"@{tmp_path}/none.json")
    assert (missing.code, "none.json cannot be read" in missing.err) == (2, True)


def test_errors_go_to_stderr(call):
    ran = call("GET", LEADS)
    assert (ran.code, ran.out, ran.err) == (1, "", "error 1003: filterType not specified\n")
    raw = call("GET", LEADS, "--raw")
    assert (raw.code, json.loads(raw.out)["success"]) == (1, False)


def test_a_dry_run_says_what_each_record_would_become_and_nothing_is_written(call):
    dry = call("POST", LEADS, "--json", ANN, "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert dry.out.startswith("dry run: nothing was written\nleads.sync created lead 1001\n")
    assert "  record 1: created, lead 1001\n" in dry.out
    assert "would have synced 1 lead: 1 created" in dry.out
    assert json.loads(call(*FIND).out)["result"] == []
    refused = call("GET", LEADS, "--dry-run")
    assert (refused.code, "fault 1003: filterType not specified" in refused.out) == (1, True)
    assert call(*FIND, "--dry-run", "--raw").out.endswith('"result":[],"success":true}')


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("GET", "leads.json"), "expected a path such as /rest/v1/leads.json"),
        (("GET", LEADS, "filterType"), "expected NAME=VALUE, got a word without =."),
        (("POST", LEADS, "--form", "--json", "{}"), "--form and --json cannot stand together"),
        (("GET", LEADS, "--client", "x"), "ID:SECRET"),
        (("GET",), "PATH"),
    ],
)
def test_wrong_usage(call, words, said):
    ran = call(*words)
    assert ran.code == 2
    assert said in ran.err


def test_whose_token_it_is(run, monkeypatch):
    with MarketoServer(Settings(port=0, client=(("me", "secret"),))) as server:
        url = ("--url", server.url)
        assert (
            run("call", *FIND, *url).err
            == "mockmkto: the client mockmkto-client gets no token: Bad client credentials\n"
        )
        assert run("call", *FIND, *url, "--client", "me:secret").code == 0
        monkeypatch.setenv("MOCKMKTO_CLIENT", "me:secret other:secret")
        assert run("call", *FIND, *url).code == 0


def test_nobody_is_there(run):
    assert run("call", *FIND, "--url", "http://127.0.0.1:9").code == 3
