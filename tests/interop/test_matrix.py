"""Every client, the same scenario, the same answers: one test a client and step.

A client whose parts are not on the machine is skipped by its name, with what to install. Two variables, which .ci/run
sets: MOCKMKTO_INTEROP_REQUIRED makes a missing client a failure, and MOCKMKTO_INTEROP_PYTHON names the one Python under
which the matrix is run.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from contract_tables import operations_of
from interop.clients import BY_NAME, CLIENTS, Client, execute, wanted

from mockmkto.model import Call
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings

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


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and what the server noted."""

    steps: dict[str, Any]
    calls: tuple[Call, ...]
    trouble: str | None = None


class Matrix:
    """Runs each program once, against a server of its own, when the first of its tests asks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.outcome = functools.cache(self._outcome)

    def _outcome(self, client: Client) -> Outcome:
        work = self._folder / client.name
        work.mkdir()
        calls: list[Call] = []
        with MarketoServer(Settings(port=0, fixture=("workspaces",)), on_call=calls.append) as server:
            endpoint = f"{server.url}/soap/mktows/{client.api}"
            for command in (*client.build, client.run):
                done = execute(
                    client.command(command, work, f"{endpoint}?WSDL"),
                    MARKETO_SOAP_ENDPOINT=endpoint,
                    MARKETO_USER_ID=DEFAULT_USER_ID,
                    MARKETO_ENCRYPTION_KEY=DEFAULT_ENCRYPTION_KEY,
                )
                if done.code:
                    said = f"{command[0]} of {client.name} ended with {done.code}:\n{done.out}{done.err}"
                    return Outcome({}, tuple(calls), said)
        return Outcome(json.loads(done.out), tuple(calls))


@pytest.fixture(scope="session")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    return Matrix(tmp_path_factory.mktemp("interop"))


def outcome(matrix: Matrix, name: str) -> Outcome:
    """What the client did; skips, by its name, where it is not to be run."""
    found = matrix.outcome(wanted(name))
    if found.trouble:
        pytest.fail(found.trouble)
    return found


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", BY_NAME)
def test_client(matrix, name, step):
    steps = outcome(matrix, name).steps
    expected = expectations(steps["created"]["leadId"], keeps_cr=BY_NAME[name].keeps_cr)
    assert (sorted(steps[step]) if step == "operations" else steps[step]) == expected[step]


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_that_it_sends_is_ignored(matrix, name):
    calls = outcome(matrix, name).calls
    assert [warning.message for call in calls for warning in call.warnings] == ["there is no field ShoeSize"]


@pytest.mark.parametrize("name", BY_NAME)
def test_its_context_header_names_the_workspace(matrix, name):
    kenji = next(call for call in outcome(matrix, name).calls if call.fields.keys.get("Email") == "kenji@example.com")
    assert kenji.trace.partition is not None
    assert kenji.trace.partition.partition == "Europe"


def test_every_folder_is_a_client():
    programs = {path.parent.name for path in Path(__file__).parent.glob("*/[sS]cenario.*")}
    assert programs == {client.name for client in CLIENTS}
