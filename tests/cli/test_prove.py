"""`mockmkto prove`: programs as processes of their own, worlds as files, and what is said and returned."""

from __future__ import annotations

import json
import re
import signal
import sys
import urllib.request
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
WORLD = """
leads: [{Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}]
"""
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import os
from plain_client import Client

print("begun")
names = ("MARKETO_SOAP_ENDPOINT", "MARKETO_USER_ID", "MARKETO_ENCRYPTION_KEY")
client = Client(*(os.environ[name] for name in names))
client.sync("ann@example.com", Title=sys.argv[1])
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
"""


@pytest.fixture
def prove(run, tmp_path, monkeypatch):
    """`prove("Boss", "boss", ...)`: a program that writes the one title, and one that writes the other."""
    (tmp_path / "world.yaml").write_text(WORLD)
    (tmp_path / "program.py").write_text(PROGRAM.format(tests=str(ROOT / "tests")))
    monkeypatch.chdir(tmp_path)

    def prove(old, new, *options):
        command = f"{sys.executable} program.py"
        return run(
            "prove", "--fixture", "world.yaml", "--old", f"{command} {old}", "--new", f"{command} {new}", *options
        )

    return prove


def test_two_programs_are_run_compared_and_reported_in_every_form(prove, tmp_path):
    (tmp_path / "allowed.txt").write_text("* | Phone | nothing\n")
    ran = prove("Boss", "boss", "--junit", "report.xml", "--save-worlds", "worlds", "--allow", "allowed.txt")
    assert (ran.code, ran.err) == (1, "")
    assert "  Title / title                 old Boss          new boss\n" in ran.out
    assert "allowed, but nothing to allow: line 1: * | Phone | nothing\n" in ran.out
    assert ran.out.endswith("Not equal: 1 lead and 0 other things compared: 0 the same, 1 unexplained.\n")
    assert etree.parse("report.xml").getroot().get("failures") == "1"
    assert "Title: Boss" in (tmp_path / "worlds" / "old.yaml").read_text()
    assert "Title: boss" in (tmp_path / "worlds" / "new.yaml").read_text()


def test_what_is_the_same_or_allowed_is_equal(prove, run, tmp_path):
    ran = prove("Boss", "Boss", "--json", "--twice-old")
    told = json.loads(ran.out)
    assert (ran.code, told["equal"], told["old"]["calls"], told["old"]["exit_code"]) == (0, True, 1, 0)
    (tmp_path / "allowed.txt").write_text("ann@* | Title | they shout no more\n")
    ran = prove("Boss", "boss", "--allow", "allowed.txt", "--save-worlds", "worlds")
    assert (ran.code, "expected (allowed): they shout no more" in ran.out) == (0, True)
    ran = run("prove", "--old-world", "worlds/old.yaml", "--new-world", "worlds/new.yaml", "--pair-by", "FirstName")
    assert ran.code == 1
    assert "note: calls were not compared: they are not part of a world\n" in ran.out
    assert "times were not compared" not in ran.out  # both stood still at the same moment: they were one proof
    command = f"{sys.executable} program.py Boss"
    words = ("--fixture", "world.yaml", "--at", "2026-03-14T09:26:53Z", "--old-world", "worlds/old.yaml")
    ran = run("prove", *words, "--new", command)
    assert (ran.code, "times were not compared" in ran.out) == (0, True), ran.out


def test_a_program_that_fails_is_no_proof_though_nothing_differs(prove):
    ran = prove("Boss", "Boss 7")
    assert ran.code == 1
    assert f"the new program ended with exit code 7: {sys.executable} program.py Boss 7.\n  | begun\n" in ran.out
    assert "Not proven: 1 lead and 0 other things compared: 1 the same." in ran.out


def test_both_sides_are_shown_in_the_console_until_a_signal(spawn, tmp_path):
    (tmp_path / "world.yaml").write_text(WORLD)
    (tmp_path / "program.py").write_text(PROGRAM.format(tests=str(ROOT / "tests")))
    sides = [word for name in ("old", "new") for word in (f"--{name}", f"{sys.executable} program.py {name}")]
    process = spawn("prove", "--fixture", "world.yaml", *sides, "--serve")
    address = next(found[0] for line in process.stdout if (found := re.findall(r"http://\S+", line)))
    with urllib.request.urlopen(address, timeout=30) as page:
        shown = page.read().decode()
    assert "Not equal: 1 lead" in shown
    assert "syncLead UPDATED | syncLead UPDATED" in shown
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 1


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        ((), "give one of --old COMMAND and --old-world FILE"),
        (("--old", "x", "--old-world", "y"), "give one of --old COMMAND and --old-world FILE"),
        (("--old", "x"), "give one of --new COMMAND and --new-world FILE"),
        (("--old-world", "x", "--new", "y", "--twice-old"), "--twice-old runs the old program"),
        (("--old", "no-such-program", "--new", "x"), "the command 'no-such-program' cannot be started"),
        (("--old", "a 'b", "--new", "x"), "cannot be read as a command"),
        (
            ("--old", "x", "--new", "x", "--at", "noon"),
            "--at: expected a time such as",
        ),
        (("--old", "x", "--new", "x", "--allow", "none.txt"), "--allow: none.txt cannot be read"),
        (("--old", "x", "--new", "x", "--fixture", "none.yaml"), "none.yaml"),
        (
            ("--old-world", "w.yaml", "--new-world", "w.yaml", "--pair-by", "Shoes"),
            "--pair-by: leads cannot be",
        ),
        (("--old-world", "w.yaml", "--new-world", "two.yaml"), "two.yaml has 2 subscriptions: give a"),
    ],
)
def test_wrong_usage_says_what_is_wrong(argv, sentence, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.yaml").write_text(WORLD)
    (tmp_path / "two.yaml").write_text(
        "subscriptions:\n"
        "- {subscription: a, credentials: [{user_id: a, encryption_keys: [k]}]}\n"
        "- {subscription: b, credentials: [{user_id: b, encryption_keys: [k]}]}\n"
    )
    ran = run("prove", *argv)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err
