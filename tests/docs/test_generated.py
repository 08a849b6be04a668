"""The tables in the documentation are those of the code, and every setting is in the documentation."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from mockmkto.settings import SETTINGS, SWITCHES

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


def _tool():
    spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page):
    text = page.read_text(encoding="utf-8")
    assert text == _tool().rendered(text), "run: python tools/docs.py"


@pytest.mark.parametrize("item", [*SETTINGS, *SWITCHES], ids=lambda item: item.name)
def test_every_setting_is_documented_with_flag_and_variable(item):
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert f"`{item.flag}" in page
    assert f"`{item.variable}`" in page


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", prose):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
