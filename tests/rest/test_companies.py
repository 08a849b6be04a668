"""Companies over REST, and what their leads have from them in both APIs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rest_support import Rest
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.store import companies
from mockmkto.worlds import FixtureError, parse_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

WORLD = """
clock: {frozen: 2026-03-14T09:26:53Z}
companies:
  - {id: 1005, external_id: C-1, attributes: {Company: ACME, industry: Tools, NumberOfEmployees: 12}}
  - {external_id: C-2, attributes: {Company: Acme}, created_at: 2020-01-01T00:00:00Z}
leads:
  - {Id: 1, Email: ann@example.com, attributes: {externalCompanyId: C-1, FirstName: Ann}}
  - {Id: 2, Email: bob@example.com, attributes: {externalCompanyId: C-1, Industry: Toys}}
  - {Id: 3, Email: cy@example.com, attributes: {externalCompanyId: C-9, Company: Own}}
  - {Id: 4, Email: di@example.com}
"""
COMPANIES, LEADS = "/rest/v1/companies.json", "/rest/v1/leads.json"


@pytest.fixture
def rest():
    return Rest(WORLD)


def found(rest, filter_type, values, fields="externalCompanyId,company,industry,numberOfEmployees"):
    said = rest.get(COMPANIES, filterType=filter_type, filterValues=values, fields=fields).result
    return [(item["id"], *(item[name] for name in fields.split(","))) for item in said]


def attributes(rest, lead_id):
    return dict(rest.soap.lead(lead_id).attributes)


@pytest.mark.parametrize(
    ("filter_type", "values", "ids"),
    [
        ("externalCompanyId", "C-2,C-1,C-3", [1005, 1006]),
        ("dedupeFields", "C-1", [1005]),
        ("id", "1006,many,1005", [1006, 1005]),
        ("idField", "1005", [1005]),
        ("company", "ACME", [1005, 1006]),
        ("company", "Nobody", []),
    ],
)
def test_companies_are_found_by(rest, filter_type, values, ids):
    assert [item[0] for item in found(rest, filter_type, values)] == ids


def test_a_company_as_it_is_answered(rest):
    assert found(rest, "id", 1005) == [(1005, "C-1", "ACME", "Tools", 12)]
    (said,) = rest.get(COMPANIES, filterType="id", filterValues=1006).result
    assert said == {
        "seq": 0,
        "id": 1006,
        "externalCompanyId": "C-2",
        "createdAt": "2020-01-01T00:00:00Z",
        "updatedAt": "2020-01-01T00:00:00Z",
    }
    assert rest.get(COMPANIES, filterType="industry", filterValues="x").error == "1011 Field 'industry' not supported"


def test_companies_are_described(rest):
    (said,) = rest.get("/rest/v1/companies/describe.json").result
    assert (said["name"], said["idField"], said["dedupeFields"]) == ("company", "id", ["externalCompanyId"])
    assert said["searchableFields"] == [["externalCompanyId"], ["id"], ["company"]]
    fields = {item["name"]: item for item in said["fields"]}
    assert fields["company"] == {
        "name": "company",
        "displayName": "Company Name",
        "dataType": "string",
        "length": 255,
        "updateable": True,
    }
    assert set(fields) >= {"id", "externalSalesPersonId", "sicCode", "annualRevenue", "companyNotes", "createdAt"}


# ---------------------------------------------------------------------------------------------------------------------
# What leads have from them


def test_leads_of_a_fixture_have_what_their_company_has_unless_they_say_otherwise(rest):
    inherited = {"externalCompanyId": "C-1", "Company": "ACME", "Industry": "Tools", "NumberOfEmployees": "12"}
    assert attributes(rest, 1) == inherited | {"FirstName": "Ann"}
    assert attributes(rest, 2) == inherited | {"Industry": "Toys"}
    assert attributes(rest, 3) == {"externalCompanyId": "C-9", "Company": "Own"}


def test_what_is_changed_of_a_company_its_leads_have_in_both_apis(rest):
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(minutes=1)))
    record = {"externalCompanyId": "C-1", "company": "ACME Ltd", "numberOfEmployees": None}
    said = rest.post(COMPANIES, {"input": [record]})
    assert said.result == [{"seq": 0, "status": "updated", "id": 1005}]
    for number in (1, 2):
        kept = {"FirstName": "Ann"} if number == 1 else {}
        assert attributes(rest, number) == kept | {
            "externalCompanyId": "C-1",
            "Company": "ACME Ltd",
            "Industry": "Tools",
        }
    assert rest.soap.get("IDNUM", 1).record.attributes["Company"] == "ACME Ltd"
    fields = "company,industry,numberOfEmployees,updatedAt"
    (lead,) = rest.get(LEADS, filterType="id", filterValues=2, fields=fields).result
    assert lead == {
        "id": 2,
        "company": "ACME Ltd",
        "industry": "Tools",
        "numberOfEmployees": None,
        "updatedAt": "2026-03-14T09:27:53Z",
    }
    assert said.call.trace.records[0].activities == 5  # two values of Ann's, three of Bob's


def test_a_company_that_is_made_takes_the_leads_that_name_it_already(rest):
    record = {"externalCompanyId": "C-9", "company": "Nine", "companyNotes": "Of it"}
    assert rest.post(COMPANIES, {"input": [record]}).outcomes == [("created",)]
    assert attributes(rest, 3) == {"externalCompanyId": "C-9", "Company": "Nine", "MktoCompanyNotes": "Of it"}
    assert attributes(rest, 4) == {}


@pytest.mark.parametrize(
    ("record", "outcome", "company"),
    [
        ({"id": 4, "externalCompanyId": "C-1"}, ("updated",), "ACME"),
        ({"id": 4, "externalCompanyId": "C-1", "company": "ACME"}, ("updated",), "ACME"),
        ({"id": 4, "externalCompanyId": "C-5", "company": "Five"}, ("updated",), "Five"),
        ({"id": 4, "company": "Own"}, ("updated",), "Own"),
        ({"id": 1, "externalCompanyId": "C-2"}, ("updated",), "Acme"),
        ({"id": 1, "externalCompanyId": None, "company": "Own"}, ("updated",), "Own"),
        ({"id": 1, "company": "ACME", "firstName": "Anna"}, ("updated",), "ACME"),
        ({"id": 1, "company": "Other"}, ("skipped", ("1021", "Company update not allowed")), "ACME"),
        (
            {"id": 4, "externalCompanyId": "C-1", "company": "Other"},
            ("skipped", ("1021", "Company update not allowed")),
            None,
        ),
    ],
)
def test_a_lead_that_is_synced(rest, record, outcome, company):
    """Fields of a company are written through a lead only where it is linked to none, or to what they are."""
    said = rest.post(LEADS, {"action": "updateOnly", "lookupField": "id", "input": [record]})
    assert said.outcomes == [outcome]
    assert attributes(rest, record["id"]).get("Company") == company


def test_a_lead_that_is_created_has_what_its_company_has(rest):
    (made,) = rest.post(LEADS, {"input": [{"email": "new@x.example", "externalCompanyId": "C-1"}]}).result
    assert attributes(rest, made["id"])["Industry"] == "Tools"


def test_a_company_is_deleted_and_its_leads_keep_what_they_have(rest):
    before = attributes(rest, 1)
    body = {"input": [{"externalCompanyId": "C-1"}, {"externalCompanyId": "C-1"}]}
    said = rest.post("/rest/v1/companies/delete.json", body)
    assert said.outcomes == [("deleted",), ("skipped", ("1013", "Object not found"))]
    assert said.result[0]["id"] == 1005
    assert rest.post("/rest/v1/companies/delete.json", {"deleteBy": "idField", "input": [{"id": 1006}]}).outcomes == [
        ("deleted",),
    ]
    assert found(rest, "company", "acme") == []
    assert attributes(rest, 1) == before


# ---------------------------------------------------------------------------------------------------------------------
# Fixtures, resets


def exported(marketo: Marketo) -> str:
    with marketo.database.transaction() as session:
        return as_yaml(export(session, "default", [], [])).decode()


def test_an_export_loads_to_the_same_world(rest):
    rest.post(COMPANIES, {"input": [{"externalCompanyId": "C-7", "company": "Seven", "externalSalesPersonId": "S"}]})
    text = exported(rest.soap)
    again = Marketo(text)
    assert exported(again) == text
    with again.database.transaction() as session:
        assert companies.count_companies(session) == 3
        assert companies.company_by_external_id(session, "C-7").values["externalSalesPersonId"] == "S"


def test_a_reset_returns_to_them_and_they_go_where_all_goes(rest):
    rest.soap.registry.set_baseline("default")
    with rest.soap.database.transaction() as session:
        session.empty()
        assert companies.count_companies(session) == 0
    rest.soap.registry.reset("default")
    rest.forget_token()
    assert [item[0] for item in found(rest, "company", "acme")] == [1005, 1006]
    assert rest.post(COMPANIES, {"input": [{"externalCompanyId": "C-3"}]}).result[0]["id"] == 1007


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{external_id: ''}", "companies[0].external_id: expected what another system calls the company"),
        ("{external_id: C, attributes: {FirstName: Ann}}", "FirstName is no field of companies"),
        ("{external_id: C, attributes: {AnnualRevenue: much}}", "companies[0].attributes.AnnualRevenue: expected an"),
        ("{external_id: C}, {external_id: C}", "'C' is given twice"),
        ("{external_id: C, id: 7}, {external_id: D, id: 7}", "the id 7 is already that of companies[0]"),
    ],
)
def test_what_a_fixture_cannot_say(text, problem):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(f"companies: [{text}]", "world.yaml")
    assert problem in str(caught.value)
