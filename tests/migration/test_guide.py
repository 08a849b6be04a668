"""docs/migration: every pair of programs is proven; the guide has every operation, every trap, every mistake."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import sys
from pathlib import Path

import pytest
from proofs import named

from mockmkto.migration.model import Verdict
from mockmkto.migration.reporting import as_text
from mockmkto.migration.traps import TRAPS, page_of
from mockmkto.soap.contract import OPERATIONS

GUIDE = Path(__file__).parents[2] / "docs" / "migration"
PAGE = (GUIDE / "README.md").read_text(encoding="utf-8")
PROGRAMS = GUIDE / "programs"
PAIRS = sorted(file.name.removesuffix("_old.py") for file in PROGRAMS.glob("*_old.py"))
EXPECTED = {  # where it is more than that each API logs its own name
    "trap_company": {"company"},
    "trap_cookie": {"cookie"},
    "trap_foreign_id": {"foreign-id"},
    "trap_times": {"updated-at"},
}
MISTAKES = {
    "trap_access": {"kim@example.com: lead"},
    "trap_batch": {f"guest{number}@example.com: lead" for number in range(301)},
    "trap_booleans": {"bob@example.com: Title / title"},
    "trap_company": {"lee@example.com: Company / company", "lee@example.com: Industry / industry"},
    "trap_cookie": {"ida@example.com: cookie"},
    "trap_dates": {"ann@example.com: LastVisit"},
    "trap_empties": {"ann@example.com: Phone / phone"},
    "trap_foreign_id": {"hal@example.com: foreign id CUSTOM"},
    "trap_keys": {"bob@example.com: lead", "robert@example.com: lead itself"},
    "trap_names": {"ann@example.com: MarketoSocialGender / gender"},
    "trap_partial_failure": {"ann@example.com: LeadStatus / leadStatus"},
    "trap_partition": {"jo@example.com: partition"},
    "trap_several_leads": {"info@example.com: Title / title"},
    "trap_times": {"ann@example.com: updatedAt"},
}


@pytest.fixture
def program(monkeypatch):
    """`program(name)`: a file of the guide as a function of a handle; what it has printed is `printed`."""
    monkeypatch.syspath_prepend(str(PROGRAMS))
    monkeypatch.delitem(sys.modules, "marketo", raising=False)

    def of(name):
        def run(marketo):
            for variable, text in {
                "MARKETO_SOAP_ENDPOINT": marketo.endpoint,
                "MARKETO_USER_ID": marketo.user_id,
                "MARKETO_ENCRYPTION_KEY": marketo.encryption_key,
                "MARKETO_REST_ENDPOINT": marketo.rest_endpoint,
                "MARKETO_IDENTITY_ENDPOINT": marketo.identity_endpoint,
                "MARKETO_CLIENT_ID": marketo.client_id,
                "MARKETO_CLIENT_SECRET": marketo.client_secret,
            }.items():
                monkeypatch.setenv(variable, text)
            with contextlib.redirect_stdout(io.StringIO()) as said:
                runpy.run_path(str(PROGRAMS / f"{name}.py"))
            run.printed = said.getvalue()

        return run

    yield of
    sys.modules.pop("marketo", None)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_new_program_of_the_guide_leaves_the_same_behind(pair, program, mockmkto_proof):
    old, new = program(f"{pair}_old"), program(f"{pair}_new")
    proof = mockmkto_proof(old=old, new=new, fixture=PROGRAMS / "world.yaml")
    proof.assert_same()
    assert old.printed == new.printed
    assert proof.old.calls
    rules = {found.rule for _, found in proof.differences if found.verdict is Verdict.EXPECTED}
    assert rules - {"source"} == EXPECTED.get(pair, set())


@pytest.mark.parametrize("trap", [file.name.removesuffix("_wrong.py") for file in sorted(PROGRAMS.glob("*_wrong.py"))])
def test_the_mistake_of_the_guide_is_named(trap, program, mockmkto_proof):
    old, wrong = program(f"{trap}_old"), program(f"{trap}_wrong")
    proof = mockmkto_proof(old=old, new=wrong, fixture=PROGRAMS / "world.yaml")
    assert not proof.equal
    assert MISTAKES[trap] <= named(proof), str(proof)


def test_the_guide_has_every_operation_and_every_trap_with_its_programs():
    parts = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
    operations, traps = set(OPERATIONS), {trap.title for trap in TRAPS.values()}
    assert set(parts) == operations | traps
    shown = {
        title: re.findall(r"^<!-- generated: programs_(\w+) -->$", text, re.MULTILINE) for title, text in parts.items()
    }
    assert all(len(names) == 1 for names in shown.values()), shown
    assert sorted(names[0] for names in shown.values()) == PAIRS
    for name, trap in TRAPS.items():
        assert ("**Expected:**" in parts[trap.title]) is trap.expected
        page, _, anchor = page_of(name).partition("#")
        assert page == "docs/migration/README.md"
        assert anchor == trap.title.lower().replace(" ", "-")
    for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE):
        assert anchor in {title.lower().replace(" ", "-") for title in traps}


def test_what_the_guide_shows_is_what_is_printed(program, mockmkto_proof):
    (command, shown) = re.search(r"```sh\n(mockmkto prove .*?)\n```.*?```text\n(.*?)```", PAGE, re.DOTALL).groups()
    old, new = re.findall(r'"python (\w+)\.py"', command)
    proof = mockmkto_proof(old=program(old), new=program(new), fixture=PROGRAMS / "world.yaml")
    printed = as_text(proof).splitlines()
    assert printed[2:] == shown.splitlines()[2:]  # those before it name the commands
