"""`POST /dry-run`: what a request would be answered, and why; nothing of it stays."""

from __future__ import annotations

import pytest
from support import Marketo

ANN = "leads: [{Id: 1, Email: ann@example.com}]"


def test_a_sync_lead_by_its_parts(make_api):
    api = make_api(ANN)
    before = api.marketo.dump()
    said = api.post(
        "/dry-run", {"sync_lead": {"email": "ann@example.com", "attributes": {"FirstName": "Ann"}}}, expect=200
    )
    assert (said["dry_run"], said["http_status"], said["call"]["status"], said["call"]["lead_id"]) == (
        True,
        200,
        "UPDATED",
        1,
    )
    assert [step["verdict"] for step in said["call"]["trace"]["keys"]] == ["decides"]
    assert "<status>UPDATED</status>" in said["answer"]
    assert (api.marketo.dump(), api.get("/calls")["total"]) == (before, 0)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"id": 1, "foreign_id": "A", "foreign_type": "SFDC", "cookie": "c", "move_cookie": False}, "UPDATED"),
        ({"id": "none"}, "Server"),
        ({"workspace": "EMEA", "email": "x@example.com"}, "20110"),
        ({}, "20101"),
    ],
)
def test_every_part_is_in_the_request(make_api, said, status):
    assert make_api(ANN).post("/dry-run", {"sync_lead": said}, expect=200)["call"]["status"].endswith(status)


PARAMS = (
    "<paramsSyncLead><leadRecord><Email>new@example.com</Email></leadRecord><returnLead>1</returnLead></paramsSyncLead>"
)


def test_xml_is_signed_anew_by_the_clock_of_the_subscription(api):
    assert api.post("/dry-run", {"xml": PARAMS}, expect=200)["call"]["status"] == "CREATED"
    stale = api.marketo.envelope("<ns1:paramsGetLead/>", timestamp="2001-01-01T00:00:00Z", key="wrong")
    assert api.post("/dry-run", {"xml": stale}, expect=200)["call"]["fault_code"] == 20101
    unsigned = api.post("/dry-run", {"xml": stale, "sign": False}, expect=200)["call"]
    assert unsigned["fault_code"] == 20014
    assert "not the one of user" in unsigned["signature"]["findings"][0]


@pytest.mark.parametrize("xml", ["", "<a>", "\x00", "<!DOCTYPE a><a/>", "<a/>"])
def test_whatever_is_no_request_is_answered_as_the_call_would_be(api, xml):
    assert api.post("/dry-run", {"xml": xml}, expect=200)["http_status"] == 500


def test_the_credential_of_a_request_that_is_not_signed_anew_says_which_subscription(make_api):
    api = make_api()
    other = Marketo(
        "{subscription: other, credentials: [{user_id: o, encryption_keys: [k]}], leads: [{Id: 7}]}",
        api.marketo.registry,
    )
    assert api.post("/dry-run?subscription=other", {"sync_lead": {"id": 7}}, expect=200)["call"]["lead_id"] == 7
    assert api.post("/dry-run", {"sync_lead": {"id": 7}}, expect=200)["call"]["fault_code"] == 20103
    assert other.calls == []


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body"),
        ({"xml": "", "sync_lead": {}}, "body"),
        ({"xml": "", "version": "9_9"}, "body.version"),
        ({"sync_lead": {"email": "a\x01"}}, "body.sync_lead"),
        ({"xml": "\ud800"}, "body"),
    ],
)
def test_what_cannot_be_is_refused(api, body, where):
    assert api.problem("POST", "/dry-run", body)[0][0] == where


def test_a_subscription_that_is_not_there_is_named_and_one_that_nobody_can_sign_for_is_a_conflict(api):
    assert api.problem("POST", "/dry-run?subscription=nope", {"xml": ""}, status=404)[0][0] == "query.subscription"
    api.delete("/credentials/mockmkto")
    api.problem("POST", "/dry-run", {"xml": ""}, status=409)


def test_a_read_only_control_api_makes_dry_runs(make_api):
    from mockmkto.web.guard import Guard

    api = make_api(ANN, guard=Guard(read_only=True))
    assert api.post("/dry-run", {"sync_lead": {"id": 1}}, expect=200)["call"]["status"] == "UPDATED"
