"""What the README says is answered is what the contract publishes, and no more."""

from __future__ import annotations

import re
from pathlib import Path

from mockmkto.soap.contract import VERSIONS, contract

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_operations_that_are_answered_are_listed():
    section = README.partition("## What is answered, and what is not\n")[2].partition("\nNot answered:")[0]
    listed = re.findall(r"`(\w+)`", section)
    published = {item.name for version in VERSIONS for item in contract(version).operations}
    assert len(listed) == len(set(listed))
    assert set(listed) == published


def test_how_many_operations_and_which_versions_are_said():
    published = {item.name for version in VERSIONS for item in contract(version).operations}
    said = " ".join(README.split())
    assert f"all {len(published)} operations of the contract" in said
    assert f"in every version from {VERSIONS[0]} to {VERSIONS[-1]}" in said
