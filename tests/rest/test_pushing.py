"""Leads that are pushed into a program, and forms that are submitted: upserted, in the program, and in the log."""

from __future__ import annotations

import json

import pytest
from rest_support import Rest

from mockmkto.store import activities, leads, program_members

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: twin@example.com}
- {Id: 1003, Email: twin@example.com}
- {Id: 1004, Email: bob@example.com, cookies: ["id:1&token:_mch-bob"]}
anonymous_leads:
- {Id: 1005, cookies: ["id:1&token:_mch-x"]}
activities:
- {lead: 1005, type: Visit Webpage, asset: /pricing}
channels:
  Web: {statuses: [{name: Not in Program, step: 0}, {name: Engaged, step: 30}, {name: Visited, step: 20}]}
programs:
- {id: 3001, name: Launch, channel: Web}
"""
PUSH = "/rest/v1/leads/push.json"
FORM = "/rest/v1/leads/submitForm.json"


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def happened(rest, lead_id: int) -> list[tuple[str, str, dict[str, str]]]:
    with rest.soap.database.transaction() as session:
        return [
            (item.type, item.asset, dict(item.attributes))
            for item in activities.all_activities(session)
            if item.lead_id == lead_id
        ]


def status(rest, lead_id: int) -> str | None:
    with rest.soap.database.transaction() as session:
        found = program_members.member(session, 3001, lead_id)
    return found.status if found is not None else None


def push(rest, *records, **said):
    return rest.post(PUSH, {"programName": "Launch", "input": list(records), **said})


def submit(rest, fields, **said):
    of_record = {name: said.pop(name) for name in ("cookie", "visitorData") if name in said}
    return rest.post(FORM, {"formId": 1029, "input": [{"leadFormFields": fields, **of_record}], **said})


def test_pushed_leads_are_upserted_enter_the_program_and_the_log_says_why(rest):
    answer = push(
        rest,
        {"email": "ann@example.com", "firstName": "Anna"},
        {"email": "new@example.com"},
        {"email": "twin@example.com"},
        {"email": "odd@example.com", "colour": "red"},
        source="Cool Sales Site",
        reason="Downloaded pricing sheet",
        programStatus="engaged",
    )
    assert answer.outcomes == [
        ("updated",),
        ("created",),
        ("skipped", ("1007", "Multiple lead match lookup criteria")),
        ("skipped", ("1006", "Field 'colour' not found")),
    ]
    assert [item.get("id") for item in answer.result] == [1001, 1006, None, None]
    assert [status(rest, lead_id) for lead_id in (1001, 1006, 1002)] == ["Engaged", "Engaged", None]
    types = [(kind, asset) for kind, asset, _ in happened(rest, 1001)]
    assert types == [
        ("Change Data Value", "First Name"),
        ("Push Lead to Marketo", "Launch"),
        ("Change Status in Progression", "Launch"),
    ]
    said = happened(rest, 1006)[1][2]
    assert (said["Source"], said["Reason"], said["Program ID"]) == (
        "Cool Sales Site",
        "Downloaded pricing sheet",
        "3001",
    )
    assert [step.activities for step in answer.call.trace.records] == [1, 1, 0, 0]


def test_a_push_without_a_status_is_the_first_one_and_nobody_goes_back(rest):
    push(rest, {"email": "ann@example.com"})
    assert status(rest, 1001) == "Visited"
    push(rest, {"email": "ann@example.com"}, programStatus="Engaged")
    push(rest, {"email": "ann@example.com"})
    assert status(rest, 1001) == "Engaged"


def test_a_push_by_another_field_and_by_a_token(rest):
    assert push(rest, {"id": 1004, "city": "Rome"}, lookupField="id").outcomes == [("updated",)]
    by_token = push(rest, {"mktToken": "abc", "firstName": "Thelma"}, lookupField="mktToken")
    assert by_token.outcomes == [("skipped", ("1004", "Lead not found"))]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"programName": None}, "1002 Missing value for the required parameter 'programName'"),
        ({"programName": "Nowhere"}, "1013 Program not found"),
        ({"programName": 7}, "1001 Invalid value '7'. Required of type 'String'"),
        ({"input": []}, "1002 Missing value for the required parameter 'input'"),
        ({"programStatus": "Lost"}, "1025 Program status not found"),
        ({"programStatus": "Not in Program"}, "1025 Program status not found"),
        ({"lookupField": "colour"}, "1006 Lookup field 'colour' not found"),
    ],
)
def test_a_push_that_cannot_be_leaves_nothing(rest, said, error):
    before = rest.soap.dump()["lead"]
    assert push(rest, {"email": "new@example.com"}, **said).error == error
    assert rest.soap.dump()["lead"] == before


def test_a_form_is_an_upsert_by_email_and_an_activity(rest):
    answer = submit(
        rest,
        {"firstName": "Marge", "email": "new@example.com"},
        visitorData={
            "pageURL": "https://example.com/signup",
            "queryString": "a=b",
            "leadClientIpAddress": "192.0.2.5",
            "userAgentString": "Mozilla/5.0",
        },
    )
    assert answer.result == [{"id": 1006, "status": "created"}]
    (_, (kind, asset, said)) = happened(rest, 1006)
    assert (kind, asset) == ("Fill Out Form", "1029")
    assert json.loads(said.pop("Form Fields")) == {"firstName": "Marge", "email": "new@example.com"}
    assert said == {
        "Webform ID": "1029",
        "Client IP Address": "192.0.2.5",
        "Query Parameters": "a=b",
        "Referrer URL": "https://example.com/signup",
        "User Agent": "Mozilla/5.0",
        "Lead ID": "1006",
    }
    assert submit(rest, {"email": "new@example.com"}).result == [{"id": 1006, "status": "updated"}]
    assert any("no forms are kept" in text for text in answer.warnings)


def test_a_form_with_a_program_brings_the_lead_there(rest):
    submit(rest, {"email": "ann@example.com"}, programId=3001)
    assert status(rest, 1001) == "Visited"
    assert submit(rest, {"email": "ann@example.com"}, programId=7).error == "1013 Program not found"


def test_the_cookie_of_a_form_brings_what_an_anonymous_lead_did(rest):
    submit(rest, {"email": "ann@example.com"}, cookie="id:1&token:_mch-x")
    assert ("Visit Webpage", "/pricing") in [(kind, asset) for kind, asset, _ in happened(rest, 1001)]
    with rest.soap.database.transaction() as session:
        assert leads.by_id(session, 1005) is None


def test_the_cookie_of_another_known_lead_is_the_form_s_and_what_was_done_stays(rest):
    submit(rest, {"email": "ann@example.com"}, cookie="id:1&token:_mch-bob")
    assert rest.soap.keys(1001)[1] == {"1&token:_mch-bob"}
    assert rest.soap.keys(1004)[1] == set()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"input": [{"leadFormFields": {"email": "a@b.c"}}]}, "1002 Missing value for the required parameter 'formId'"),
        ({"formId": 1, "input": [{}]}, "1002 Missing value for the required parameter 'leadFormFields'"),
        (
            {"formId": 1, "input": [{"leadFormFields": {"city": "x"}}]},
            "1002 Missing value for the required parameter 'email'",
        ),
        ({"formId": 1, "input": [{"leadFormFields": "x"}]}, "1001 Invalid value 'x'. Required of type 'Object'"),
        (
            {"formId": "x", "input": [{"leadFormFields": {"email": "a@b.c"}}]},
            "1001 Invalid value 'x'. Required of type 'Integer'",
        ),
        (
            {"formId": 1, "input": [{"leadFormFields": {"email": "a@b.c"}}] * 2},
            "1003 2 records in input: 1 are the most",
        ),
        (
            {"formId": 1, "input": [{"leadFormFields": {"email": "a@b.c"}, "cookie": "crumb"}]},
            "1012 Invalid cookie value 'crumb'",
        ),
    ],
)
def test_a_form_that_cannot_be_leaves_nothing(rest, body, error):
    before = rest.soap.dump()["lead"]
    assert rest.post(FORM, body).error == error
    assert rest.soap.dump()["lead"] == before


def test_a_refused_record_of_a_form_is_skipped(rest):
    assert submit(rest, {"email": "twin@example.com"}).outcomes == [
        ("skipped", ("1007", "Multiple lead match lookup criteria"))
    ]
