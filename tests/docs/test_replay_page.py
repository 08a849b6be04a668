"""docs/replay.md: what it prints is what is printed, its commands are run."""

from __future__ import annotations

import re
from pathlib import Path

from traffic import recordings
from traffic.recordings import CONVERSATION, sync, synced

from mockmkto.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_say_what_the_page_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recordings").mkdir()
    different = (sync("cat@bigcorp.com", FirstName="Cat"), synced(501, "UPDATED"))
    recordings.side_by_side(tmp_path / "recordings", [*CONVERSATION, different])
    commands = re.findall(r"^mockmkto (.*)$", PAGE, re.MULTILINE)
    (printed,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert main(commands[0].split()) == 1
    said = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line not in said.splitlines()] == []
    assert main(commands[1].split()) == 1
    assert (tmp_path / "differences.md").exists()
