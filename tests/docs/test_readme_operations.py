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
