"""The page of promises names tests that there are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)


def test_every_promise_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 15
    assert all("`tests/" in row for row in rows)


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)), ids=lambda value: value.rpartition("/")[2])
def test_what_holds_a_promise_is_there(file, name):
    path = ROOT / file
    assert path.exists()
    if name:
        defined = {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
        assert name in defined


@pytest.mark.parametrize("target", ["soak", "chaos"])
def test_what_tries_them_is_in_the_makefile(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"\n{target}: " in makefile
    assert f"bench.trials.{target}" in makefile
