"""A lead's whole life through every client: the ten operations that are used most, the same answers for all.

Many leads are synced at once, join a list, are read page by page, are asked for in a campaign; their activities and
changes are read page by page with the positions that came; they are merged, and one is left.
"""

from __future__ import annotations

import pytest
from interop.clients import BY_NAME, CLIENTS, ROOT
from interop.matrix import outcome

ANN, BOB, CAROL = 1002, 1003, 1004  # the next Ids after the fixture's lead
UNKNOWN_FIELD = "syncLead operation failed: unknown fields for import: ShoeSize (20105)"

# Where what was read came in pages, each page is a list of its own.
EXPECTED = {
    "objects": ["ActivityRecord", "LeadRecord", "Opportunity", "OpportunityPersonRole"],
    "fields": ["LeadRecord", "First Name", "string", 255],
    "synced": [[ANN, "CREATED", None], [BOB, "CREATED", None], [CAROL, "CREATED", None], [0, "FAILED", UNKNOWN_FIELD]],
    "added": {"success": False, "statuses": [["IDNUM", "999", False]]},
    "asked": {"success": False, "statuses": [["IDNUM", f"{ANN}", True], ["IDNUM", "999", False]]},
    "members": [[[1001, "Dora"], [ANN, "Ann"], [BOB, "Bob"]], [[CAROL, "Carol"]]],
    "campaigns": [[1003, "Score"], [1002, "Welcome.Send Letter"]],
    "requested": True,
    "activity": [
        [["Send Email", "Hi Ann & Bob"], ["Change Data Value", "Lead Status"]],
        [["Request Campaign", "Welcome.Send Letter"], ["Add to List", "Newsletter"]],
        [["New Lead", "Ann"]],
    ],
    "changes": [
        [[f"{lead}", "Add to List", "Newsletter"] for lead in (ANN, BOB, CAROL)],
        [[f"{lead}", "Change Data Value", "Lead Status"] for lead in (ANN, BOB)],
    ],
    "merged": ["MERGED", ANN, [BOB, CAROL]],
    "found": {
        "Id": ANN,
        "Email": "ann@example.com",
        "attributes": [
            ["City", "string", "Rome"],
            ["Company", "string", "Lee & Co"],
            ["FirstName", "string", "Ann"],
            ["LeadStatus", "string", "Contacted"],
            ["Website", "url", "example.com"],
        ],
    },
    "gone": "20103 - Lead not found",
}
OPERATIONS = [
    *("listMObjects", "describeMObject", "syncMultipleLeads", "listOperation", "listOperation"),
    *("getMultipleLeads", "getMultipleLeads", "getCampaignsForSource", "requestCampaign"),
    *("getLeadActivity", "getLeadActivity", "getLeadActivity", "getLeadChanges", "getLeadChanges"),
    *("mergeLeads", "getLead", "getLead"),
]


@pytest.mark.parametrize("step", EXPECTED)
@pytest.mark.parametrize("name", BY_NAME)
def test_step(matrix, name, step):
    assert outcome(matrix, name, "life").steps[step] == EXPECTED[step]


@pytest.mark.parametrize("name", BY_NAME)
def test_one_call_a_page_and_nothing_ignored(matrix, name):
    calls = outcome(matrix, name, "life").calls
    assert [call.operation for call in calls] == OPERATIONS
    assert [warning.message for call in calls for warning in call.warnings] == ["there is no field ShoeSize"]


def contracts() -> list[str]:
    """The newest version of each contract with every operation: versions that differ in their number alone are one."""
    newest: dict[str, str] = {}
    for path in sorted((ROOT / "wsdl").glob("mktows_[23]_*.wsdl")):
        version = path.stem.removeprefix("mktows_")
        if version != "2_0":  # has two operations less
            newest[path.read_text(encoding="utf-8").replace(version, "")] = version
    return list(newest.values())


def test_the_contracts_from_2_1_on():
    assert contracts() == ["2_1", "2_2", "2_3", "2_9", "3_1"]


@pytest.mark.parametrize("api", contracts())
@pytest.mark.parametrize("name", [client.name for client in CLIENTS if client.build])
def test_code_generated_from_every_contract_lives_through_it(matrix, name, api):
    assert outcome(matrix, name, "life", api).steps == EXPECTED
