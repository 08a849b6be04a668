"""Every client, the same scenario, the same answers: one test a client and step.

A client whose parts are not on the machine is skipped by its name, with what to install. Two variables, which .ci/run
sets: MOCKMKTO_INTEROP_REQUIRED makes a missing client a failure, and MOCKMKTO_INTEROP_PYTHON names the one Python under
which the matrix is run, `none` once it was.
"""

from __future__ import annotations

from typing import Any

import pytest
from contract_tables import operations_of
from interop.clients import BY_NAME, CLIENTS, HERE, PROGRAMS
from interop.matrix import outcome

ANN = "ann.lee@example.com"
MARKETO_FAULT = {"faultcode": "SOAP-ENV:Client", "name": "mktServiceException"}


def answer(lead_id: int, status: str, lead_record: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a program says of an answer to syncLead."""
    sync_status = {"leadId": lead_id, "status": status, "error": None}
    return {"leadId": lead_id, "syncStatus": sync_status, "leadRecord": lead_record}


def record(lead_id: int, email: str, foreign_id: str | None, *attributes: list[str]) -> dict[str, Any]:
    """What a program says of a leadRecord: every member of it."""
    return {
        "Id": lead_id,
        "Email": email,
        "ForeignSysPersonId": foreign_id,
        "ForeignSysType": "CUSTOM" if foreign_id else None,
        "attributes": list(attributes),
    }


def expectations(first: int, *, keeps_cr: bool) -> dict[str, Any]:
    """What each step is answered, when the first new lead got the Id `first`."""
    ann, kenji, texts = first, first + 1, first + 2
    ann_whole = record(
        ann,
        ANN,
        "CRM-1",
        ["AnnualRevenue", "currency", "28970000"],
        ["Company", "string", "Lee & Co"],
        ["DateofBirth", "date", "1971-11-30"],
        ["DoNotCall", "boolean", "1"],
        ["FirstName", "string", "Ann"],
        ["LastName", "string", "Lee"],
        ["LeadScore", "integer", "7"],
        ["Website", "url", "example.com"],
    )
    return {
        "operations": sorted(operations_of("3_1")),
        "created": answer(ann, "CREATED"),
        "updated": answer(ann, "UPDATED"),
        "linked": answer(ann, "UPDATED"),
        "moved": answer(
            ann,
            "UPDATED",
            record(
                ann,
                ANN,
                "CRM-1",
                ["FirstName", "string", "Ann"],
                ["LastName", "string", "Lee"],
                ["Website", "url", "example.com"],
            ),
        ),
        "workspace": answer(kenji, "CREATED"),
        "record": answer(ann, "UPDATED", ann_whole),
        "found": {"count": 1, "leads": [ann_whole]},
        "texts": answer(
            texts,
            "CREATED",
            record(
                texts,
                "texts@example.com",
                None,
                ["Address", "text", "first line\nsecond line"],
                ["FirstName", "string", "Zoë 由紀 🕓"],
                ["LastName", "string", '<O\'Neil & "Sons">'],
                ["Title", "string", "one\r\ntwo" if keeps_cr else "one\ntwo"],
                ["Website", "url", "example.com"],
            ),
        ),
        "wrong_key": {
            **MARKETO_FAULT,
            "faultstring": "20014 - Authentication failed",
            "message": "Authentication failed (20014)",
            "code": "20014",
        },
        "unknown_attribute": {
            **MARKETO_FAULT,
            "faultstring": "20105 - Unknown lead field",
            "message": "syncLead operation failed: unknown fields for import: ShoeSize (20105)",
            "code": "20105",
        },
    }


STEPS = tuple(expectations(1, keeps_cr=True))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", BY_NAME)
def test_client(matrix, name, step):
    steps = outcome(matrix, name, "scenario").steps
    expected = expectations(steps["created"]["leadId"], keeps_cr=BY_NAME[name].keeps_cr)
    assert (sorted(steps[step]) if step == "operations" else steps[step]) == expected[step]


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_that_it_sends_is_ignored(matrix, name):
    calls = outcome(matrix, name, "scenario").calls
    assert [warning.message for call in calls for warning in call.warnings] == ["there is no field ShoeSize"]


@pytest.mark.parametrize("name", BY_NAME)
def test_its_context_header_names_the_workspace(matrix, name):
    kenji = next(
        call for call in outcome(matrix, name, "scenario").calls if call.fields.keys.get("Email") == "kenji@example.com"
    )
    assert kenji.trace.partition is not None
    assert kenji.trace.partition.partition == "Europe"


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_folder_is_a_client(program):
    folders = {path.parent.name for path in HERE.glob("*/*.*") if path.stem.lower() == program}
    assert folders == {client.name for client in CLIENTS}
