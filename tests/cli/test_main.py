from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockmkto import __version__
from mockmkto.cli import COMMANDS, _module
from mockmkto.soap.contract import VERSIONS
from mockmkto.soap.forms import FORMS

REQUEST = "request.xml"  # a file that is there

# What was typed, and the exit code and sentence that answer it.
MISTAKES = [
    (
        ["foo"],
        2,
        f"there is no command 'foo'. There are {', '.join(COMMANDS)}.",
    ),
    (["sevre"], 2, "there is no command 'sevre'. Did you mean 'serve'?"),
    (["Call"], 2, "there is no command 'Call'. Did you mean 'call'?"),
    (["--foo"], 2, "there is no option --foo. See mockmkto --help."),
    (["version", "x"], 2, "a word too many, not shown here. See mockmkto version --help."),
    (["version", "x", "y"], 2, "2 words too many, not shown here. See mockmkto version --help."),
    (["serve", "--pot", "1"], 2, "there is no option --pot (did you mean --port?). See mockmkto serve --help."),
    (
        ["serve", "--por", "1"],  # never abbreviated
        2,
        "there is no option --por (did you mean --port?). See mockmkto serve --help.",
    ),
    (
        ["serve", "--tls", "yes"],
        2,
        "a word too many, not shown here: --tls takes no value. See mockmkto serve --help.",
    ),
    (["serve", "--tls=yes"], 2, "argument --tls: it takes no value. See mockmkto serve --help."),
    (["serve", "--port"], 2, "argument --port: expected one argument. See mockmkto serve --help."),
    (["serve", "--port", "http"], 2, "--port: expected a port number, 0 to 65535 (0: any free one), got 'http'."),
    (["serve", "--credential", "secret"], 2, "--credential: expected USER:KEY, got '...'."),
    (["serve", "--tls-cert", "x.pem"], 2, "--tls-cert, --tls-key: expected both, got 'one of them'."),
    (["serve", "--keyless-leads", "yes"], 2, "--keyless-leads: expected reject or create, got 'yes'."),
    (["call"], 2, f"an operation must be named. There are syncLead, getLead, {', '.join(FORMS)}."),
    (["call", "synclead"], 2, f"there is no operation 'synclead'. There are syncLead, getLead, {', '.join(FORMS)}."),
    (["call", "syncLead", "Ann"], 2, "expected NAME=VALUE, got a word without =."),
    (["call", "syncLead", "=Ann"], 2, "expected NAME=VALUE, got a word with nothing before its =."),
    (
        ["call", "syncLead", "--key", "SFDCLEADID=1"],
        2,
        "--key is for getLead: syncLead takes --id, --email, --cookie and --foreign-id.",
    ),
    (
        ["call", "getLead"],
        2,
        "getLead takes exactly one of --id, --email, --cookie and --key TYPE=VALUE, got none.",
    ),
    (
        ["call", "getLead", "--id", "1", "--email", "a@b.c"],
        2,
        "getLead takes exactly one of --id, --email, --cookie and --key TYPE=VALUE, got 2.",
    ),
    *(
        (
            ["call", "getLead", "--id", "1", *words],
            2,
            f"{name} is for syncLead: getLead takes one of --id, --email, --cookie and --key TYPE=VALUE.",
        )
        for name, words in [
            ("NAME=VALUE", ["A=b"]),
            ("--foreign-id", ["--foreign-id", "1"]),
            ("--foreign-type", ["--foreign-type", "SFDC"]),
            ("--workspace", ["--workspace", "EU"]),
            ("--return-lead", ["--return-lead"]),
            ("--return-lead", ["--no-return-lead"]),
        ]
    ),
    (
        ["call", "getLead", "--id", "1", "--api-version", "2.9"],
        2,
        f"--api-version: there is no version '2.9'. There are {', '.join(VERSIONS)}.",
    ),
    (
        ["call", "getLead", "--id", "1", "--url", "ftp://127.0.0.1"],
        2,
        "--url / MOCKMKTO_URL: expected an address such as http://127.0.0.1:6586, got 'ftp://127.0.0.1'.",
    ),
    (
        ["call", "getLead", "--id", "1", "--url", "http://127.0.0.1:99999"],
        2,
        "--url / MOCKMKTO_URL: expected an address such as http://127.0.0.1:6586, got 'http://127.0.0.1:99999'.",
    ),
    (["call", "getLead", "--id", "1", "--credential", "secret"], 2, "--credential: expected USER:KEY, got '...'."),
    (
        ["call", "getLead", "--id", "1", "--url", "https://127.0.0.1:1", "--ca", "no/such/file"],
        2,
        "--ca: no/such/file cannot be read (No such file or directory).",
    ),
    (["sign", "--credential", ":key"], 2, "--credential: expected USER:KEY, got '...'."),
    (["explain", "no/such/file"], 2, "no/such/file cannot be read (No such file or directory)."),
    (["explain", REQUEST, "--now", "noon"], 2, "--now: expected a time such as 2026-01-31T09:30:00Z, got 'noon'."),
    (
        ["explain", REQUEST, "--window", "15"],
        2,
        "--window: expected a duration such as 90s, 15m, 1h30m or 2d, or off, got '15'.",
    ),
    *(
        (
            ["explain", REQUEST, "--time-zone", zone],
            2,
            f"--time-zone: expected the name of a time zone, such as America/Los_Angeles or UTC, got {zone!r}.",
        )
        for zone in ("Mars", "../etc", "America")
    ),
    (
        ["wsdl", "4_0"],
        2,
        f"there is no version '4_0'. There are {', '.join(VERSIONS)}.",
    ),
    (
        ["wsdl", "2_9", "--all", "wsdl"],
        2,
        "--all writes every version with the default address: leave out VERSION and --address.",
    ),
    (["health", "--wait", "long"], 2, "--wait: expected a number of seconds, got 'long'."),
    (["health", "--wait", "-1"], 2, "--wait: expected a number of seconds, got '-1'."),
    (["health", "--wait", "inf"], 2, "--wait: expected a number of seconds, got 'inf'."),
]


@pytest.mark.parametrize(
    ("words", "code", "sentence"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_one_sentence_and_an_exit_code(words, code, sentence, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(REQUEST).write_text("<requestTimestamp>2026-01-31T09:30:00Z</requestTimestamp>")
    ran = run(*words)
    assert (ran.code, ran.out, ran.err) == (code, "", f"mockmkto: {sentence}\n")


SECRET = "T0p-s3cret"


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--credentials", f"alice:{SECRET}"],
        ["serve", "--credentials", f"alice:{SECRET}", f"bob:{SECRET}"],
        ["serve", f"alice:{SECRET}"],
        ["serve", "--admin-tokens", SECRET],
        ["serve", f"--admin-tokn={SECRET}"],
        ["serve", "--admin-tokn", f"-{SECRET}"],
        ["serve", "--admin-tokn", f"--{SECRET}"],
        ["serve", "--read-only-admin", SECRET],
        ["serve", f"--read-only-admin={SECRET}"],
        ["serve", f"--{SECRET}"],
        ["serve", f"-{SECRET}"],
        ["serve", "--database-uri", f"postgresql+psycopg://mockmkto:{SECRET}@localhost/test"],
        ["serve", "--database-url", f"mockmkto:{SECRET}@localhost/test"],
        ["exec", f"--admin-tokn={SECRET}", "true"],
        ["call", "syncLead", "--credentail", f"alice:{SECRET}"],
        ["call", "syncLead", f"alice:{SECRET}"],
        ["call", f"alice:{SECRET}", "syncLead"],
        ["call", "getLead", "--key", SECRET],
        ["sign", "--key", SECRET],
        ["sign", SECRET],
        ["export", "--admin-tokens", SECRET],
        [f"alice:{SECRET}", "serve"],
        [f"--credential=alice:{SECRET}", "serve"],
    ],
    ids=" ".join,
)
def test_a_slip_of_the_keyboard_does_not_show_a_secret(words, run):
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert SECRET not in ran.err


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("--credentials", "--credential"), ("--admin-tokn", "--admin-token"), ("--database-uri", "--database-url")],
)
def test_the_option_that_was_meant_is_named(name, nearest, run):
    said = f"mockmkto: there is no option {name} (did you mean {nearest}?). See mockmkto serve --help.\n"
    assert run("serve", name, SECRET).err == said
    assert run("serve", f"{name}={SECRET}").err == said


def test_no_command_prints_the_help_and_is_wrong_usage(run):
    ran = run()
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == run("--help").out


@pytest.mark.parametrize("words", [["version"], ["--version"]])
def test_version(words, run):
    ran = run(*words)
    assert (ran.code, ran.out, ran.err) == (0, f"mockmkto {__version__}\n", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_ctrl_c_ends_a_command_quietly(name, run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module(f"mockmkto.cli.{_module(name)}"), "run", interrupted)
    ran = run(name, *{"replay": ["recordings"], "fixture": ["from-leads", "export.csv"]}.get(name, []))
    assert (ran.code, ran.out, ran.err) == (130, "", "")


def test_a_reader_that_has_seen_enough_is_no_error(spawn):
    process = spawn("wsdl")
    process.stdout.close()  # before anything is written: importing takes it longer
    process.wait()
    assert (process.returncode, process.stderr.read()) == (141, "")


@pytest.mark.parametrize(
    ("words", "too_much"),
    [
        (["health", "--url", "http://127.0.0.1:1"], {"lxml", "sqlalchemy", "spyne", "werkzeug", "httptools", "yaml"}),
        (["serve", "--help"], {"lxml", "sqlalchemy", "spyne", "werkzeug", "httptools", "yaml"}),
        (["version"], {"lxml", "http.client", "dataclasses", "difflib"}),
        (["sign", "--format", "json"], {"lxml", "sqlalchemy", "spyne", "http.client", "mockmkto.serving"}),
        (
            ["call", "getLead", "--id", "1", "--url", "http://127.0.0.1:1"],
            {"sqlalchemy", "werkzeug", "mockmkto.serving"},
        ),
        (["wsdl"], {"httptools", "mockmkto.serving"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_imports_only_what_it_needs(words, too_much, spawn):
    _, err = spawn(*words, interpreter=("-X", "importtime")).communicate()
    imported = {line.rpartition("|")[2].strip() for line in err.splitlines() if line.startswith("import time:")}
    assert "mockmkto.cli" in imported
    assert not imported & too_much


def test_the_script_and_the_module_are_the_same(spawn):
    out, err = spawn("sign", "--format", "json").communicate()
    assert json.loads(out)["mktowsUserId"] == "mockmkto"
    assert err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("command", ["wsdl", "version"])
@pytest.mark.parametrize(
    ("redirected", "code", "err"),
    [
        (">/dev/full", 2, "mockmkto: the output cannot be written (No space left on device)\n"),
        (">&-", 0, ""),
        ("2>&- >&-", 0, ""),
    ],
)
def test_output_that_cannot_be_written_is_no_traceback(command, redirected, code, err):
    program = f'"$0" -m mockmkto {command} {redirected}'
    ran = subprocess.run(
        ["sh", "-c", program, sys.executable], stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (code, err)
