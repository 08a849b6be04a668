"""The REST API through clients as people have them: the vendor's host name in the program, https, and the same answers.

Each program asks for a token, describes, syncs, queries, pages through a list, triggers a campaign while its token
expires, reads activities, and is refused once. `exec --intercept` would run them the same way.
"""

from __future__ import annotations

import pytest
from interop.clients import REST_CLIENTS
from interop.matrix import rest_outcome

ANN, BOB, CAROL = 1002, 1003, 1004  # the next Ids after the fixture's lead

EXPECTED = {
    "described": ["string", 255, "FirstName"],
    "synced": [[ANN, "created"], [BOB, "created"], [CAROL, "created"], [None, "skipped", "1003"]],
    "found": [[ANN, "ann@example.com", None], [BOB, "bob@example.com", "Zürich"]],
    "list": [1001, "Newsletter"],
    "added": [[ANN, "added"], [BOB, "added"], [CAROL, "added"], [999, "skipped", "1004"]],
    "asked": [[ANN, "memberof"], [999, "skipped", "1004"]],
    "pages": [[1001, ANN], [BOB, CAROL]],
    "removed": [[BOB, "removed"], [1005, "skipped", "1004"]],
    "campaign": [1002, "trigger"],
    "requested": [{"id": 1002}],
    "activities": [[ANN, 12], [BOB, 12], [ANN, 24], [BOB, 24]],
    "refused": "1011",
}
# A client that gives its own answer where the API has another.
OF_ITS_OWN = {("rest-marketorestpython", "requested"): True}
# That believes in its token for an hour: it repeats the call with it, ten times in all.
TRIES = {"rest-marketorestpython": ["601"] * 9}
NAMES = [client.name for client in REST_CLIENTS]


@pytest.mark.parametrize("step", EXPECTED)
@pytest.mark.parametrize("name", NAMES)
def test_step(matrix, name, step):
    assert rest_outcome(matrix, name).steps[step] == OF_ITS_OWN.get((name, step), EXPECTED[step])


@pytest.mark.parametrize("name", NAMES)
def test_an_expired_token_is_renewed_and_nothing_else_is_refused_or_noted(matrix, name):
    calls = rest_outcome(matrix, name).calls
    assert [call.status for call in calls if call.fault_code is not None] == ["602", *TRIES.get(name, ()), "1011"]
    from_there = [call.operation for call in calls if call.operation in ("campaigns.find", "identity.token")][1:]
    assert from_there[-3:] == ["campaigns.find", "identity.token", "campaigns.find"]
    noted = [warning.message for call in calls for warning in call.warnings]
    assert noted == ["mockmkto-client has no such token: it expired, or was reset" for _ in TRIES.get(name, ())]
