from __future__ import annotations

import json
import re
import signal
import sys
import urllib.error
import urllib.request

import pytest

from mockmkto.cli.exec import parse
from mockmkto.cli.parser import Parser

VARIABLES = (
    "MARKETO_SOAP_ENDPOINT",
    "MARKETO_SOAP_WSDL",
    "MARKETO_USER_ID",
    "MARKETO_ENCRYPTION_KEY",
    "MARKETO_REST_ENDPOINT",
    "MARKETO_IDENTITY_ENDPOINT",
    "MARKETO_CLIENT_ID",
    "MARKETO_CLIENT_SECRET",
    "MOCKMKTO_URL",
)

SHOW = f"import json, os; print(json.dumps([os.environ.get(name) for name in {VARIABLES}]))"
SAY_READY = "import sys, time; print('ready', flush=True)\n"
CATCH = "import signal, sys\nfor n in {0}: signal.signal(n, lambda number, _: sys.exit(40 + number))\n"


def test_the_command_finds_the_server_in_its_environment(run):
    ran = run("exec", "--credential", "acme:key", "--client", "its:secret", "--", sys.executable, "-c", SHOW)
    endpoint, wsdl, user_id, key, rest, identity, client_id, secret, url = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert (endpoint, wsdl) == (f"{url}/soap/mktows/3_1", f"{url}/soap/mktows/3_1?WSDL")
    assert (rest, identity) == (f"{url}/rest", f"{url}/identity")
    assert (user_id, key, client_id, secret) == ("acme", "key", "its", "secret")


def test_the_server_answers_while_the_command_runs_and_not_afterwards(run):
    ask = "import os, urllib.request as u; print(u.urlopen(os.environ['MOCKMKTO_URL'] + '/readyz').read().decode())"
    ran = run("exec", sys.executable, "-c", f"{SHOW}; {ask}")
    url = json.loads(ran.out.splitlines()[0])[-1]
    assert ran.out.splitlines()[1] == "ready"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/readyz", timeout=5)


def test_a_fixture_is_there(run):
    call = "import sys; from mockmkto.cli import main; sys.exit(main(['call', 'getLead', '--id', '1001']))"
    ran = run("exec", "--fixture=demo", "--keyless-leads", "create", "--", sys.executable, "-c", call)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "1 lead")


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_its_exit_code_is_the_commands(code, run):
    assert run("exec", "--", sys.executable, "-c", f"raise SystemExit({code})").code == code


def test_a_command_that_a_signal_ended_gives_128_and_its_number(run):
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert run("exec", "--", sys.executable, "-c", kill).code == 128 + signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_command_which_decides_what_to_do(number, spawn):
    program = CATCH.format([int(number)]) + SAY_READY + "while True: time.sleep(60)"
    process = spawn("exec", "--", sys.executable, "-c", program)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert process.wait() == 40 + number


def test_the_words_behind_the_command_are_its_own(run):
    ran = run("exec", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--fixture", "none", "--", "--help")
    assert ran.out == "['--fixture', 'none', '--', '--help']\n"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["cmd"], ["cmd"]),
        (["--", "cmd", "-x"], ["cmd", "-x"]),
        (["--port", "1", "cmd", "--", "y"], ["cmd", "--", "y"]),
        (["--port=1", "--", "--odd"], ["--odd"]),
        (["--port", "1", "--"], []),
        ([], []),
    ],
)
def test_where_the_command_begins(words, command):
    parser = Parser("mockmkto exec")
    parser.add_argument("--port")
    assert parse(parser, words).command == command


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "a command must follow: mockmkto exec -- COMMAND. See mockmkto exec --help."),
        (["--fixture", "demo"], "a command must follow: mockmkto exec -- COMMAND. See mockmkto exec --help."),
        (["--fixtur", "demo", "x"], "there is no option --fixtur (did you mean --fixture?). See mockmkto exec --help."),
        (["--port"], "argument --port: expected one argument. See mockmkto exec --help."),
        (["--port", "x", "y"], "--port: expected a port number, 0 to 65535 (0: any free one), got 'x'."),
        (["./no-such"], "the command './no-such' cannot be started: No such file or directory."),
        (["."], "the command '.' cannot be started: Permission denied."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence_and_exit_code_2(words, sentence, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run("exec", *words)
    assert (ran.code, ran.out, ran.err) == (2, "", f"mockmkto: {sentence}\n")


def test_a_fixture_that_cannot_be_used_is_said_before_the_command_runs(run):
    ran = run("exec", "--fixture", "no-such", "--", sys.executable, "-c", "print('ran')")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mockmkto: the fixtures cannot be used, nothing was loaded:\nno-such: ")


CALL = "from mockmkto.cli import main; main(['call', {0}])\n"
SYNC = CALL.format("'syncLead', '--email', 'ann@example.com'")
MIXED = SYNC + CALL.format("'getLead', '--id', '7'") + CALL.format("'syncLead', 'LastName=x'")
FAILS = "raise SystemExit(3)"


def test_a_command_that_fails_is_told_its_calls_with_faults_and_warnings(run):
    ran = run("exec", "--", sys.executable, "-c", MIXED + FAILS)
    told = ran.err[ran.err.index("mockmkto: the command failed") :]
    assert ran.code == 3
    assert told.startswith(
        "mockmkto: the command failed (exit code 3). 3 calls: 1 x syncLead CREATED, 1 x getLead fault 20103, "
        "1 x syncLead fault 20101\n\nCalls with a fault or a warning:\n"
        "  call 2: getLead fault 20103: "
    )
    assert "\n  call 3: syncLead fault 20101: No lead key was given | 1 warning\n    sent: LastName='x'" in told


def test_a_command_that_fails_without_a_call_is_told_where_to_look(run):
    ran = run("exec", "--", sys.executable, "-c", FAILS)
    endpoint = r"http://127\.0\.0\.1:\d+/soap/mktows/3_1"
    said = (
        r"mockmkto: the command failed \(exit code 3\)\. No call has come to {}: does it read MARKETO_SOAP_ENDPOINT\?\n"
    )
    assert re.fullmatch(said.format(endpoint), ran.err)


def test_with_a_log_of_json_what_is_told_is_json(run):
    ran = run("exec", "--log-format", "json", "--", sys.executable, "-c", MIXED + FAILS)
    lines = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert [line["status"] for line in lines] == ["20103", "20101"]


def test_a_command_that_succeeds_is_told_nothing(run):
    ran = run("exec", "--", sys.executable, "-c", SYNC)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_goes_where_it_is_wanted(form, run, tmp_path):
    words = ["--log-format", form, "--", sys.executable, "-c", SYNC]
    file = tmp_path / "server.log"
    assert run("exec", "--log", str(file), *words).err == ""
    for log in (file.read_text(), run("exec", "--log", "-", *words).err):
        (line,) = log.splitlines()
        assert "ann@example.com" in line
        assert (json.loads(line)["status"] == "CREATED") if form == "json" else (" CREATED lead 1001 " in line)


def test_a_log_that_cannot_be_written_is_said_before_anything_starts(run, tmp_path):
    ran = run("exec", "--log", str(tmp_path / "no" / "such"), "--", sys.executable, "-c", "print('ran')")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"mockmkto: --log: {tmp_path / 'no' / 'such'} cannot be written (No such file or directory).\n"


@pytest.mark.parametrize("flag", ["--port", "--https-port"])
def test_its_help_says_that_it_takes_any_free_port(flag, run):
    said = " ".join(run("exec", "--help").out.split())
    option = said.partition(f" {flag} PORT ")[2].partition(" --")[0]
    assert "[default: any free one]" in option


def test_the_port_of_another_server_is_not_its_own(run, monkeypatch, unused_url):
    """The variable says where a server that runs already is; this one is beside it."""
    monkeypatch.setenv("MOCKMKTO_PORT", unused_url.rpartition(":")[2])
    assert run("exec", "--", sys.executable, "-c", "").code == 0
