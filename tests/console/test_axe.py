"""axe-core finds no serious fault of accessibility on any page, in either theme, wide or narrow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

PAGES = [
    "",
    "calls",
    "calls/1",
    "calls/2",
    "calls/3",
    "leads",
    "leads?search=nobody",
    "leads/1003",
    "leads/1003/edit",
    "leads/new",
    "lists",
    "lists/1001",
    "campaigns",
    "campaigns/2001",
    "objects",
    "objects/opportunities/2",
    "objects/records?type=Training",
    "activities",
    "activities?lead=1003",
    "try",
    "try?form=listOperation",
    "try?form=getLeadChanges",
    "world",
    "world/field?name=Title",
    "steer",
    "explain",
    "nothing",
]


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.is_file():
        if os.environ.get("MOCKMKTO_CONSOLE_REQUIRED"):
            pytest.fail("axe-core is not there: run tools/console-setup")
        pytest.skip("axe-core is not there: make console-test installs it")
    return AXE.read_text(encoding="utf-8")


def faults(page, axe: str) -> list[str]:
    """What is serious or critical, with where."""
    page.evaluate(axe)  # not a script of the page, which its policy would refuse
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{item['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for item in found["violations"]
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_no_page_has_a_serious_fault(page, sandbox, axe, width):
    sandbox.sync({"Title": "Boss", "Segment__c": "x"}, email="sam.okafor@brightwater.example")
    sandbox.sync({"Frist": "x"}, email="ann@example.com")
    sandbox.post(b"<a>")
    sandbox.admin("POST", "/faults", {"effect": "fault", "code": 20016, "match": "email:slow@", "name": "slow"})
    sandbox.sync(email="slow@example.com", foreign_id="CRM-40022")
    sandbox.admin("POST", "/snapshots", {"name": "mine"})
    sandbox.admin("POST", "/workspaces", {"name": "EMEA"})
    sandbox.admin("POST", "/clock/freeze", {})
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(sandbox.home + path)
        assert faults(page, axe) == [], path
    page.goto(f"{sandbox.url}/s/default/calls")  # where the broken one is
    page.locator("[data-calls] tbody tr a").first.click()
    assert faults(page, axe) == []
    page.goto(f"{sandbox.url}/subscriptions")
    assert faults(page, axe) == []
    page.goto(sandbox.home + "try")
    page.get_by_label("Email").fill("sam.okafor@brightwater.example")
    page.get_by_role("button", name="What would it do?").click()
    assert faults(page, axe) == []
    page.goto(sandbox.home + "steer")
    page.locator("#reset summary").first.click()
    page.locator("details").evaluate_all(
        "all => all.filter(one => !one.closest('.menu')).forEach(one => { one.open = true; })"
    )
    assert faults(page, axe) == []
