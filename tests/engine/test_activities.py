"""The activity log: what operations write into it."""

from __future__ import annotations

import pytest
from support import Marketo

from mockmkto.store import activities

WORLD = """
fields:
  - {name: Account_Type__c, display_name: Account Type, type: string}
  - {name: Fit, type: score}
leads:
  - {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, LastName: Lee, LeadScore: 5, Unsubscribed: true}}
anonymous_leads:
  - {Id: 1002, cookies: ["id:123-ABC-456&token:_mch-example.com-1-1"]}
"""


def log(marketo: Marketo) -> list[tuple[object, ...]]:
    """The log: lead, type, asset, attributes without the lead's id, which every one has as its last."""
    with marketo.database.transaction() as session:
        found = activities.all_activities(session)
    assert all(item.attributes[-1] == ("Lead ID", str(item.lead_id)) for item in found)
    return [(item.lead_id, item.type, item.asset, dict(item.attributes[:-1])) for item in found]


def with_switches(**switches: str) -> Marketo:
    return Marketo(WORLD + "behaviour: {" + ", ".join(f"{name}: {text}" for name, text in switches.items()) + "}\n")


def test_a_created_lead_is_a_new_lead():
    marketo = Marketo(WORLD)
    marketo.sync({"FirstName": "Bob", "LastName": "Ray"}, Email="bob@example.com")
    said = {"Source Type": "Web service API", "Source Info": "Web service API", "Created Date": "2026-03-14"}
    assert log(marketo) == [(1003, "New Lead", "Bob Ray", said)]
    assert list(log(marketo)[0][3]) == ["Source Type", "Source Info", "Created Date"]


@pytest.mark.parametrize(
    ("attributes", "asset", "old", "new"),
    [
        ({"FirstName": "Anna"}, "First Name", "Ann", "Anna"),
        ({"LastName": ""}, "Last Name", "Lee", ""),
        ({"City": "Rome"}, "City", "", "Rome"),
        ({"Company": "ACME"}, "Company Name", "", "ACME"),
        ({"Account_Type__c": "Gold"}, "Account Type", "", "Gold"),
        ({"Unsubscribed": "no"}, "Unsubscribed", "1", "0"),
        ({"AnnualRevenue": "1.50"}, "Annual Revenue", "", "1.5"),
        ({"Email": "anna@example.com"}, "Email Address", "ann@example.com", "anna@example.com"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_value_that_is_another_one_is_a_change_data_value(attributes, asset, old, new):
    marketo = Marketo(WORLD)
    marketo.sync(attributes, Id=1001)
    said = {"Attribute Name": asset, "Old Value": old, "New Value": new, "Reason": "SOAP API"}
    assert log(marketo) == [(1001, "Change Data Value", asset, said)]


@pytest.mark.parametrize(
    ("name", "asset", "old", "new", "change"),
    [
        ("LeadScore", "Lead Score", "5", "10", "+5"),
        ("Fit", "Fit", "", "3", "+3"),
        ("LeadScore", "Lead Score", "5", "", "-5"),
    ],
)
def test_a_score_that_is_another_one_is_a_change_score(name, asset, old, new, change):
    marketo = Marketo(WORLD)
    marketo.sync({name: new}, Id=1001)
    said = {"Attribute Name": asset, "Old Value": old, "New Value": new, "Change Value": change, "Reason": "SOAP API"}
    assert log(marketo) == [(1001, "Change Score", asset, said)]


@pytest.mark.parametrize(
    ("attributes", "keys"),
    [
        ({"FirstName": "Ann", "LeadScore": "5.0"}, {"Id": 1001}),
        ({"Urgency": "5"}, {"Id": 1001}),  # may not be written
        ({}, {"Id": 1001, "ForeignSysPersonId": "A-1", "cookie": "id:123-ABC-456&token:_mch-example.com-1-1"}),
        ({"Nope": "5"}, {"Email": "new@example.com"}),  # a fault
        ({}, {"Email": "ann@example.com"}),
    ],
    ids=["the same values", "a read-only field", "keys", "a fault", "nothing"],
)
def test_nothing_is_logged_of(attributes, keys):
    marketo = Marketo(WORLD)
    marketo.sync(attributes, **keys)
    assert log(marketo) == []


def test_an_anonymous_lead_that_becomes_known_is_a_new_lead():
    marketo = Marketo(WORLD)
    marketo.sync({"FirstName": "Cy"}, cookie="id:123-ABC-456&token:_mch-example.com-1-1", Email="cy@example.com")
    assert [(lead, kind, asset) for lead, kind, asset, _ in log(marketo)] == [
        (1002, "New Lead", "Cy"),
        (1002, "Change Data Value", "Email Address"),
        (1002, "Change Data Value", "First Name"),
    ]


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({"activity_log": "off"}, []),
        ({"score_activity": "change_data_value"}, [("New Lead", None), ("Change Data Value", "SOAP API")]),
        ({"known_lead_activity": "none"}, [("Change Score", "SOAP API")]),
        ({"change_reason": "web_service_api"}, [("New Lead", None), ("Change Score", "Web service API")]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_switches_of_the_log(switches, expected):
    marketo = with_switches(**switches)
    marketo.sync({"LeadScore": "5"}, cookie="id:123-ABC-456&token:_mch-example.com-1-1")
    assert [(kind, said.get("Reason")) for _, kind, _, said in log(marketo)] == expected


def test_ids_count_from_one_and_a_fault_takes_none():
    marketo = Marketo(WORLD)
    marketo.sync({"City": "Rome"}, Id=1001)
    marketo.sync({"City": "Oslo", "Nope": "1"}, Id=1001)
    marketo.sync({"City": "Oslo"}, Id=1001)
    with marketo.database.transaction() as session:
        found = activities.all_activities(session)
    assert [item.id for item in found] == [1, 2]
    assert found[0].at == marketo.now.replace(microsecond=0)
    assert marketo.calls[-1].trace.activities == 1


def test_a_dry_run_logs_nothing():
    marketo = Marketo(WORLD)
    record = "<leadRecord><Email>x@example.com</Email></leadRecord><returnLead>0</returnLead>"
    body = f"<ns1:paramsSyncLead>{record}</ns1:paramsSyncLead>"
    marketo.server.dry_run("2_9", marketo.envelope(body).encode())
    assert log(marketo) == []
