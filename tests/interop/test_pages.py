"""The programs in docs/clients are the ones that the matrix runs."""

from __future__ import annotations

import importlib.util
import re

import pytest
from interop.clients import BY_NAME, CLIENTS, HERE, PROGRAMS, REST_CLIENTS, REST_PROGRAM, ROOT

PAGES = ROOT / "docs" / "clients"
EVERY = (*CLIENTS, *REST_CLIENTS)


def _tool():
    spec = importlib.util.spec_from_file_location("client_pages", ROOT / "tools" / "client_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_a_page_has_the_programs_and_commands_of_today(page):
    text = page.read_text(encoding="utf-8")
    assert text == _tool().rendered(text), "run: python tools/client_pages.py"


@pytest.mark.parametrize("client", EVERY, ids=lambda client: client.name)
def test_every_client_has_its_programs_on_its_page(client):
    page = (PAGES / f"{client.page}.md").read_text(encoding="utf-8")
    assert set(client.programs) == ({*PROGRAMS} if client.name in BY_NAME else {REST_PROGRAM})
    for program in client.programs.values():
        assert f"<!-- program: {program.relative_to(HERE)} -->" in page
    assert f"<!-- commands: {client.name} -->" in page


def test_every_client_stands_in_the_matrix():
    text = (PAGES / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \| (\S+) \| \[(\S+)\.md\]", text, re.MULTILINE)
    assert rows == [(client.title, client.api, client.page) for client in EVERY]


def test_every_page_is_of_a_client():
    assert {page.stem for page in PAGES.glob("*.md")} == {"README", *(client.page for client in EVERY)}


def test_no_program_waits_for_a_page():
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("*.md"))
    files = {path.relative_to(HERE) for path in HERE.glob("*/*") if path.is_file() and "node_modules" not in path.parts}
    files = {path for path in files if path.suffix in {".cs", ".java", ".js", ".php", ".pl", ".py", ".rb", ".xjb"}}
    assert {str(path) for path in files if f"<!-- program: {path} -->" not in shown} == set()
