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


# ---------------------------------------------------------------------------------------------------------------------
# Over REST

CLIENT = "clients: [{client_id: one, client_secrets: [s]}, {client_id: two, client_secrets: [t]}]"
LEADS = "/rest/v1/leads.json"
RECORD = {"email": "ann@example.com", "firstName": "Ann"}


def rest(api, **said):
    return api.post("/dry-run", {"rest": said}, expect=200)


@pytest.mark.parametrize(
    ("said", "status", "answer"),
    [
        ({"method": "post", "path": LEADS, "json": {"input": [RECORD]}}, "updated", '"status":"updated"'),
        ({"method": "POST", "path": LEADS, "body": '{"input":[{"email":"b@example.com"}]}'}, "created", '"created"'),
        ({"method": "POST", "path": LEADS, "body": "{"}, "609", '"code":"609"'),
        ({"method": "POST", "path": LEADS, "body": "{}", "content_type": "text/plain"}, "612", '"code":"612"'),
        ({"path": LEADS, "query": {"filterType": "email", "filterValues": ["ann@example.com"]}}, "OK", '"id":1'),
        ({"path": f"{LEADS}?filterType=id&filterValues=1"}, "OK", '"id":1'),
        ({"method": "POST", "path": LEADS, "form": {"_method": "GET", "filterType": "id", "filterValues": 1}}, "OK",
         '"id":1'),
        ({"path": "/rest/v1/nothing.json"}, "610", '"code":"610"'),
    ],
)  # fmt: skip
def test_a_call_over_rest_is_one_of_the_first_client_and_nothing_of_it_stays(make_api, said, status, answer):
    api = make_api(f"{ANN}\n{CLIENT}")
    before = api.marketo.dump()
    shown = rest(api, **said)
    assert (shown["dry_run"], shown["call"]["api"], shown["call"]["status"]) == (True, "rest", status), shown["answer"]
    assert (shown["call"]["user_id"], shown["call"]["operation"] is None) == ("one", status == "610")
    assert answer in shown["answer"]
    assert (api.marketo.dump(), api.get("/calls")["total"]) == (before, 0)


def test_as_it_is_it_is_refused_without_its_token(make_api):
    api = make_api(f"{ANN}\n{CLIENT}")
    body = {"rest": {"path": LEADS, "authorization": "Bearer x"}, "sign": False}
    assert api.post("/dry-run", body, expect=200)["call"]["fault_code"] == 601
    del body["rest"]["authorization"]
    assert api.post("/dry-run", body, expect=200)["call"]["fault_code"] == 600


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"rest": {"path": LEADS}, "xml": ""}, "body"),
        ({"rest": {"path": "/leads.json"}}, "body.rest.path"),
        ({"rest": {"path": "leads.json"}}, "body.rest.path"),
        ({"rest": {"path": LEADS, "method": "G E T"}}, "body.rest.method"),
        ({"rest": {"path": LEADS, "json": {}, "body": "x"}}, "body.rest"),
    ],
)
def test_what_cannot_be_of_rest_is_refused(api, body, where):
    assert api.problem("POST", "/dry-run", body)[0][0] == where


def test_a_subscription_without_a_client_is_a_conflict(api):
    api.delete("/clients/mockmkto-client")
    api.problem("POST", "/dry-run", {"rest": {"path": LEADS}}, status=409)
