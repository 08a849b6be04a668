from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockmkto.cli import COMMANDS
from mockmkto.settings import SETTINGS, SWITCHES

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "UPDATE_GOLDEN"  # set it to anything to write the files anew, then read the difference

HELPS = {"mockmkto": ("--help",)} | {name: (name, "--help") for name in COMMANDS}
HELPS["call_rest"] = ("call", "GET", "--help")


@pytest.mark.parametrize("name", HELPS)
def test_help_is_the_golden_one(name, run):
    ran = run(*HELPS[name])
    file = GOLDEN / f"{name}.txt"
    if os.environ.get(UPDATE):
        file.write_text(ran.out, encoding="utf-8")
    assert ran.out == file.read_text(encoding="utf-8"), f"{UPDATE}=1 writes {file} anew"
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("columns", ["20", "300"])
def test_help_does_not_depend_on_the_terminal(columns, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run("serve", "--help").out == (GOLDEN / "serve.txt").read_text(encoding="utf-8")


def test_no_golden_file_is_left_over():
    assert {file.stem for file in GOLDEN.iterdir()} == set(HELPS)


@pytest.mark.parametrize("item", [*SETTINGS, *SWITCHES], ids=lambda item: item.name)
def test_serve_helps_with_every_flag_and_its_variable(item, run):
    text = run("serve", "--help").out
    assert f"  {item.flag} " in text
    assert f"[{item.variable}" in text
