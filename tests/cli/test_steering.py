"""The commands that look at a subscription of a running server, and steer it."""

from __future__ import annotations

import json
import re
import signal

import pytest

from mockmkto.cli import COMMANDS
from mockmkto.settings import DEFAULT_PORT


@pytest.fixture
def told(run, server):
    """`told("leads")`: what a command prints that succeeds."""

    def told(*words: str) -> str:
        ran = run(*words, "--url", server.url)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran.out

    return told


@pytest.fixture
def refused(run, server):
    """`refused("fault", "reste")`: the sentence of a command that is refused."""

    def refused(*words: str) -> str:
        ran = run(*words, "--url", server.url)
        assert (ran.code, ran.out) == (2, ""), ran
        return ran.err.removeprefix("mockmkto: ").rstrip("\n")

    return refused


def test_calls_are_listed_as_the_server_logs_them(told, run, server):
    told("call", "syncLead", "--email", "ann@example.com")
    run("call", "getLead", "--id", "7", "--url", server.url)
    first, second = told("calls").splitlines()
    assert re.search(r" 3_1 syncLead CREATED lead 1001 Email ann@example.com [0-9.]+ ms$", first)
    assert " getLead fault " in second
    assert told("calls", "op:getLead") == f"{second}\n"
    assert told("calls", "--last", "1") == f"{second}\n"
    assert json.loads(told("calls", "status:CREATED", "--json"))["lead_id"] == 1001
    assert "\n    key Email 'ann@example.com' finds nothing" in told("calls", "--explain", "op:syncLead")


def test_calls_are_followed(spawn, told, server):
    told("call", "syncLead", "--email", "ann@example.com")
    process = spawn("calls", "--follow", "op:syncLead", "--url", server.url)
    assert " CREATED lead 1001 " in process.stdout.readline()
    told("call", "syncLead", "--email", "ann@example.com")
    assert " UPDATED lead 1001 " in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130


def test_leads_are_listed(told):
    told("call", "syncLead", "--email", "ann@example.com", "--foreign-id", "A-1", "FirstName=Ann")
    told("call", "syncLead", "--email", "ben@example.com", "Country=Norway")
    ann, ben = told("leads").splitlines()
    assert ann == "1001  ann@example.com  FirstName=Ann Website=example.com CUSTOM:A-1 in Default"
    assert told("leads", "Email=ben@*", "Country=NORWAY") == f"{ben}\n"
    assert told("leads", "FirstName=") == f"{ben}\n"
    assert json.loads(told("leads", "Id=1001", "--json"))["email"] == "ann@example.com"


def test_fault_rules_are_set_listed_and_taken_away(told):
    said = told("fault", "fault", "--code", "20024", "--match", "op:syncLead", "--times", "2", "--name", "busy")
    assert said == "busy: fault 20024 for op:syncLead times=2 (seen 0, fired 0)\n"
    told("fault", "delay", "--delay", "250ms", "--share", "0.5")
    assert told("fault").splitlines()[1] == "delay-1: delay for every call share=0.5 after 0.25 s (seen 0, fired 0)"
    told("fault", "--remove", "busy")
    assert len(told("fault").splitlines()) == 1
    told("fault", "--clear")
    assert told("fault") == ""


def test_the_clock_is_turned(told):
    assert told("clock").endswith(" real\n")
    assert told("clock", "freeze", "2026-03-14T09:26:53Z") == "2026-03-14T09:26:53Z frozen\n"
    assert told("clock", "advance", "15m") == "2026-03-14T09:41:53Z frozen\n"
    assert told("clock", "advance=-1h") == "2026-03-14T08:41:53Z frozen\n"
    assert told("clock", "set", "2026-03-14T12:00:00Z") == "2026-03-14T12:00:00Z frozen\n"
    assert told("clock", "resume").endswith(" offset\n")
    assert told("clock", "reset").endswith(" real\n")


def test_snapshots_and_reset(told):
    told("call", "syncLead", "--email", "ann@example.com")
    assert told("snapshot", "take") == "snapshot-1\n"
    assert told("snapshot", "take", "before") == "before\n"
    told("call", "syncLead", "--email", "ben@example.com")
    told("snapshot", "restore", "before")
    assert len(told("leads").splitlines()) == 1
    told("snapshot", "delete", "before")
    assert re.fullmatch(r"snapshot-1  \S+  1 leads\n", told("snapshot"))
    told("fault", "empty")
    told("reset", "--empty")
    assert told("leads") == told("fault") == ""
    told("reset")


def test_fixtures_are_listed_and_checked(run, tmp_path):
    listed = run("fixtures")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["demo", "empty", "workspaces"]
    assert run("check", "demo").out.startswith("demo: default, ")
    file = tmp_path / "world.yaml"
    file.write_text("leads: [{email: ann@example.com, Id: x}]")
    ran = run("check", str(file), "empty")
    assert ran.code == 2
    assert "leads[0].email: unknown key (did you mean 'Email'?)" in ran.err
    assert "leads[0].Id: expected an integer, got 'x'" in ran.err
    assert "already that of" in run("check", "demo", "empty").err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["calls", "--last", "0"], "--last: expected a number, 1 to 1000, got '0'."),
        (["calls", "op:syncLed"], "query.search: op: no call can have 'syncLed' (did you mean 'syncLead'?)"),
        (["leads", "Email"], "expected NAME=VALUE, got 'Email'."),
        (["fault", "fault", "--code", "x"], "--code: expected a number, got 'x'."),
        (["fault", "reset", "--clear"], "--clear and --remove go without an effect."),
        (["clock", "stop"], "there is no 'stop' of a clock. There are freeze, advance, set, resume, reset."),
        (["clock", "advance"], "clock advance takes a time. See mockmkto clock --help."),
        (["clock", "resume", "1m"], "clock resume takes no time. See mockmkto clock --help."),
        (["snapshot", "tak"], "there is no 'tak' of a snapshot. There are take, restore, delete."),
        (["snapshot", "restore"], "snapshot restore takes the name of one: mockmkto snapshot lists them."),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_sentence(words, sentence, refused):
    assert refused(*words) == sentence


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_version(name, run):
    text = run(name, "--help").out
    assert run(name, "-h").out == run("help", name).out == text
    assert run(name, "--version").out == run("version").out


def test_p_is_short_for_port(run, spawn):
    assert run("help").out == run("--help").out
    assert run("help", "nothing").code == 2
    process = spawn("serve", "-p", "0", "--log-format", "json")
    assert str(DEFAULT_PORT) not in json.loads(process.stdout.readline())["url"]
