"""What is seen of a call over REST: searches of the journal, the log line, a headline, a report, metrics."""

from __future__ import annotations

import json

import pytest
from prometheus_client.parser import text_string_to_metric_families
from rest_support import Rest

from mockmkto.calls.log import json_line, text_line
from mockmkto.deeds import REST_DEEDS
from mockmkto.model import Call
from mockmkto.rest.routes import ROUTES
from mockmkto.sandbox.expected import expect
from mockmkto.search import parse_search
from mockmkto.telling import deed, describe, headline
from mockmkto.web.metrics import Metrics

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: two@example.com}
- {Id: 1003, Email: two@example.com}
"""
LEADS = "/rest/v1/leads.json"


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def sync(rest: Rest, *records, **members) -> Call:
    return rest.post(LEADS, {"input": list(records), **members}).call


def one(rest: Rest, **values) -> Call:
    return sync(rest, values)


MIXED = ({"email": "new@example.com", "lastName": "New"}, {"email": "ann@example.com"}, {"email": "two@example.com"})


# ---------------------------------------------------------------------------------------------------------------------
# Searches


def calls(rest: Rest) -> list[Call]:
    """One of each kind; their searches say their numbers."""
    return [
        one(rest, email="ann@example.com", firstName="Anna"),  # 0
        sync(rest, *MIXED),  # 1
        rest.get(LEADS, filterType="email", filterValues="ann@example.com,x@example.com").call,  # 2
        rest.get("/rest/v1/nothing.json").call,  # 3
        rest.send("GET", LEADS, "filterType=email&filterValues=a", token="no").call,  # 4
        rest.post("/rest/v1/leads/1001/associate.json", cookie="id:1&token:_mch-example.com-1-1").call,  # 5
        rest.soap.sync({"FirstName": "Ann"}, Email="ann@example.com").call,  # 6
    ]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("api:rest", [0, 1, 2, 3, 4, 5]),
        ("api:SOAP", [6]),
        ("op:leads.sync", [0, 1]),
        ("op:leads.sync -status:skipped", [0]),
        ("endpoint:/leads.json", [0, 1, 2, 4]),
        ('endpoint:"GET /rest"', [2, 3, 4]),
        ("-endpoint:*", [6]),
        ("status:updated", [0, 1, 6]),  # in any case
        ("status:created", [1]),
        ("status:skipped", [1]),
        ("status:610", [3]),
        ("fault:1007", [1]),
        ("fault:610", [3]),
        ("fault:601", [4]),
        ('fault:"Multiple lead match"', [1]),
        ("fault:*", [1, 3, 4]),
        ("lead:1001", [0, 1, 2, 5, 6]),
        ("by:email", [0, 1, 6]),
        ("email:ann@", [0, 1, 2, 6]),
        ("cookie:token:_mch", [5]),
        ("attr:firstName=Anna", [0]),
        ("attr:lastName=New", [1]),
        ("attr:filterType=email", [2]),
        ("version:v1", [0, 1, 2, 3, 4, 5]),
        ("user:mockmkto-client", [0, 1, 2, 3, 5]),
        ('text:"filterType=email"', []),  # the raw request is the body
        ('"new@example.com"', [1]),
    ],
)
def test_a_search_finds_calls_of_both_apis(rest, search, expected):
    found = parse_search(search, rest.soap.now)
    assert [number for number, call in enumerate(calls(rest)) if found.matches(call)] == expected


def test_the_error_of_the_last_record_of_a_full_request_is_found(rest):
    records = [{"email": f"lead{number}@example.com"} for number in range(299)]
    call = sync(rest, *records, {"email": "two@example.com"})
    assert not parse_search("fault:1007", rest.soap.now).differences(call)
    assert (len(call.trace.records), call.trace.records[-1].position) == (101, 300)
    assert call.trace.lead_count == 299


@pytest.mark.parametrize(("size", "kept"), [(1, 0), (2, 2), (20, 20), (21, 0)])
def test_what_few_records_said_is_kept_of_each(rest, size, kept):
    call = sync(rest, *({"email": f"a{number}@example.com", "leadScore": number} for number in range(size)))
    assert len(call.fields.records) == kept
    assert call.fields.keys.get("records") == (None if size == 1 else str(size))
    said = (call.fields.attributes, *call.fields.records)
    assert kept == 0 or said[-1] == {"email": f"a{size - 1}@example.com", "leadScore": str(size - 1)}


def test_the_tokens_of_a_triggered_campaign_are_what_it_said():
    rest = Rest(f"{WORLD}\ncampaigns: [{{id: 2001, name: Go, sources: [MKTOWS]}}]")
    body = {"input": {"leads": [{"id": 1001}], "tokens": [{"name": "{{my.message}}", "value": "Hello"}]}}
    call = rest.post("/rest/v1/campaigns/2001/trigger.json", body).call
    assert call.fields.attributes == {"leads": '[{"id":1001}]', "{{my.message}}": "Hello"}


@pytest.mark.parametrize(
    ("asked", "values", "expected"),
    [
        ("leads.sync", {"status": "created"}, [1]),
        ("leads.sync", {"status": "updated"}, [0, 1]),
        ("leads.sync", {"firstName": "Anna"}, [0]),
        ("leads.sync", {"firstName": "Ann"}, []),  # the whole value
        ("leads.sync", {"Email": "ANN@example.com", "lead_id": 1001}, [0, 1]),
        ("leads.sync", {"fault": "1007"}, [1]),
        ("leads.sync", {"Email": "two@example.com", "status": "skipped"}, [1]),  # of several records one
        ("leads.sync", {"lastName": "New", "records": 3}, [1]),
        ("leads.sync", {"lastName": "Ne"}, []),
        ("leads.sync", {"lookupField": None}, [0, 1]),
        ("leads.find", {"filterType": "email"}, [2]),
        ("leads.associate", {"cookie": "_mch"}, [5]),
        ("", {"api": "rest", "fault": "601"}, [4]),
        ("leads.sync since:5m", {"client_id": "mockmkto-client"}, [0, 1]),
    ],
)
def test_an_assertion_names_an_operation_of_either_api_and_whole_values(rest, asked, values, expected):
    search = expect(asked, values).search(rest.soap.now)
    assert [number for number, call in enumerate(calls(rest)) if search.matches(call)] == expected


# ---------------------------------------------------------------------------------------------------------------------
# Lines


@pytest.mark.parametrize(
    ("asked", "head", "said"),
    [
        (lambda rest: one(rest, email="new@example.com"), "leads.sync created lead 1004",
         "v1 leads.sync created lead 1004 Email new@example.com "),
        (lambda rest: one(rest, email="ann@example.com"), "leads.sync updated lead 1001 by Email",
         "v1 leads.sync updated lead 1001 by Email ann@example.com "),
        (lambda rest: one(rest, email="two@example.com"),
         "leads.sync skipped (Multiple lead match lookup criteria (1007))",
         "v1 leads.sync skipped Email two@example.com "),
        (lambda rest: sync(rest, *MIXED), "leads.sync OK (1 created, 1 updated, 1 skipped)",
         "v1 leads.sync OK (1 created, 1 updated, 1 skipped) "),
        (lambda rest: rest.get("/rest/v1/nothing.json").call,
         "GET /rest/v1/nothing.json fault 610: Requested resource not found",
         "v1 GET /rest/v1/nothing.json fault Requested resource not found (610) "),
        (lambda rest: rest.get("/rest/v1/lead/1001.json").call, "leads.one OK lead 1001",
         "v1 leads.one OK lead 1001 "),
    ],
)  # fmt: skip
def test_a_call_in_a_line(rest, asked, head, said):
    call = asked(rest)
    assert headline(call).startswith(f"call {call.sequence}: {head}")
    assert said in text_line(call)


def test_the_line_says_which_records_were_refused_and_why(rest):
    line = text_line(sync(rest, *MIXED))
    assert " | record 3: Multiple lead match lookup criteria (1007)" in line
    many = text_line(sync(rest, *[MIXED[2]] * 9))
    assert many.count("(1007)") == 3


def test_the_line_in_json_has_the_api_the_endpoint_and_what_became_of_the_records(rest):
    said = json.loads(json_line(sync(rest, *MIXED)))
    assert (said["api"], said["endpoint"], said["operation"]) == ("rest", f"POST {LEADS}", "leads.sync")
    assert said["records"] == {"created": 1, "updated": 1, "skipped": 1}
    assert said["refused"] == [{"record": 3, "error": "Multiple lead match lookup criteria (1007)"}]


def test_a_call_in_full_says_each_record_and_what_decided(rest):
    lines = "\n".join(describe(sync(rest, *MIXED)))
    for part in (
        "synced 3 leads: 1 created, 1 updated, 1 skipped",
        "record 1: created, lead 1004",
        "record 2: updated, lead 1001",
        "key Email 'ann@example.com' decides: lead 1001 has it",
        "record 3: skipped: Multiple lead match lookup criteria (1007)",
        "key Email 'two@example.com' fails (it found 1003, 1002): 2 leads have it, and the REST API picks none",
    ):
        assert part in lines, lines


@pytest.mark.parametrize("operation", sorted(set(ROUTES.values())))
def test_every_operation_has_its_deed(operation):
    assert operation in REST_DEEDS


def test_what_was_sent_is_said_once(rest):
    assert "  sent: email='ann@example.com', id='x'" in describe(one(rest, email="ann@example.com", id="x"))


def test_a_deed_counts_its_records(rest):
    assert deed(one(rest, email="new@example.com")) == "synced 1 lead: 1 created"
    assert deed(rest.get("/rest/v1/nothing.json").call) == ""


# ---------------------------------------------------------------------------------------------------------------------
# Metrics


def test_metrics_have_a_label_for_the_api(rest):
    metrics = Metrics()
    for call in (one(rest, email="new@example.com"), rest.get("/rest/v1/nothing.json").call, rest.soap.calls[0]):
        metrics.observe(call)
    found = {
        tuple(sample.labels.values())
        for family in text_string_to_metric_families("\n".join(metrics.lines()) + "\n")
        for sample in family.samples
        if sample.name == "mockmkto_calls_total"
    }
    assert found == {("rest", "leads.sync", "created"), ("rest", "other", "610"), ("rest", "identity.token", "OK")}
