"""Opportunities and roles over REST: the objects that SOAP has, by external key and by marketoGUID."""

from __future__ import annotations

import pytest
from rest_support import Rest
from support import attrib_list

from mockmkto.model.objects import NameValue
from mockmkto.store import objects

WORLD = """
clock: {frozen: 2026-03-14T09:26:53Z}
opportunity_fields:
  - {name: Opp Id, type: string}
  - {name: Region__c, type: string}
leads:
  - {Id: 1001, Email: ann@example.com}
  - {Id: 1002, Email: bob@example.com}
opportunities:
  - {id: 7, external: {Opp Id: O-7}, attributes: {Name: Big deal, Amount: 1000.50, IsWon: true, Region__c: West}}
  - {id: 8, attributes: {Name: Small deal}}
opportunity_roles:
  - {id: 1, opportunity: 7, lead: 1001, attributes: {Role: Buyer, IsPrimary: true}}
"""
OPPORTUNITIES, ROLES = "/rest/v1/opportunities.json", "/rest/v1/opportunities/roles.json"


@pytest.fixture
def rest():
    return Rest(WORLD)


def dumped(rest):
    """All tables but those of who calls."""
    return {name: rows for name, rows in rest.soap.dump().items() if name not in ("token", "usage_count")}


def one(rest, path, filter_type, value, **more):
    (found,) = rest.get(path, filterType=filter_type, filterValues=value, **more).result
    return found


def role_of(lead_id=1001, role="Buyer", key="O-7", **more):
    return {"externalOpportunityId": key, "leadId": lead_id, "role": role, **more}


def test_an_opportunity_of_soap_is_found_by_its_external_key_whatever_that_is_called(rest):
    fields = "name,amount,isWon,isClosed,Region__c,closeDate,externalOpportunityId"
    found = one(rest, OPPORTUNITIES, "externalOpportunityId", "O-7", fields=fields)
    guid = found.pop("marketoGUID")
    assert found == {
        "seq": 0,
        "name": "Big deal",
        "amount": 1000.5,
        "isWon": True,
        "isClosed": False,
        "Region__c": "West",
        "closeDate": None,
        "externalOpportunityId": "O-7",
    }
    assert one(rest, OPPORTUNITIES, "marketoGUID", guid)["externalOpportunityId"] == "O-7"
    assert one(rest, OPPORTUNITIES, "Region__c", "West")["marketoGUID"] == guid
    (both,) = [rest.get(OPPORTUNITIES, filterType="idField", filterValues=f"{guid},{guid}").result]
    assert [item["externalOpportunityId"] for item in both] == ["O-7"]


def test_an_opportunity_that_rest_makes_soap_finds_and_the_guid_stays(rest):
    record = {"externalOpportunityId": "O-9", "name": "New deal", "amount": 5, "externalCompanyId": "C-1"}
    (made,) = rest.post(OPPORTUNITIES, {"input": [record]}).result
    assert (made["seq"], made["status"]) == (0, "created")
    key = {"name": "externalOpportunityId", "value": "O-9"}
    answer = rest.soap.call("getMObjects", {"type": "Opportunity", "externalKey": key})
    assert [item.findtext("id") for item in answer.root.iter("mObject")] == ["9"]
    changed = {"type": "Opportunity", "id": 9, "attribList": attrib_list({"Stage": "Won"})}
    rest.soap.call("syncMObjects", {"mObjectList": {"mObject": [changed]}, "operation": "UPDATE"})
    fields = "name,stage,externalCompanyId,updatedAt"
    found = one(rest, OPPORTUNITIES, "externalOpportunityId", "O-9", fields=fields)
    assert (found["marketoGUID"], found["externalCompanyId"]) == (made["marketoGUID"], "C-1")
    assert (found["name"], found["stage"]) == ("New deal", "Won")


def test_an_update_keeps_the_name_of_the_external_key_and_tells_the_leads(rest):
    said = rest.post(OPPORTUNITIES, {"input": [{"externalOpportunityId": "O-7", "amount": 7, "Region__c": None}]})
    assert said.outcomes == [("updated",)]
    with rest.soap.database.transaction() as session:
        stored = objects.opportunity_by_id(session, 7)
        assert objects.ids_by_external_key(session, NameValue("Region__c", "West")) == ()
    assert stored.external_key == NameValue("Opp Id", "O-7")
    assert dict(stored.values) == {"Name": "Big deal", "Amount": "7", "IsWon": "1"}
    assert said.call.trace.records[0].activities == 1


@pytest.mark.parametrize(
    ("path", "record", "reason"),
    [
        (OPPORTUNITIES, {"name": "x"}, ("1002", "Missing value for the required parameter 'externalOpportunityId'")),
        (OPPORTUNITIES, {"externalOpportunityId": "O-1"}, ("1002", "Missing value for the required parameter 'name'")),
        (
            OPPORTUNITIES,
            {"externalOpportunityId": "O-7", "name": None},
            ("1002", "Missing value for the required parameter 'name'"),
        ),
        (OPPORTUNITIES, {"externalOpportunityId": "x" * 51}, ("1077", "Value for field exceeds max length")),
        (
            OPPORTUNITIES,
            {"externalOpportunityId": "O-1", "name": "x", "amount": "much"},
            ("1003", "Invalid value for field 'amount' and value 'much'"),
        ),
        (
            OPPORTUNITIES,
            {"externalOpportunityId": "O-1", "Opportunity": "x"},
            ("1006", "Field 'Opportunity' not found"),
        ),
        (ROLES, role_of(key="O-1"), ("1013", "Opportunity 'O-1' not found")),
        (ROLES, role_of(7), ("1004", "Lead '7' not found")),
        (ROLES, role_of("ann"), ("1003", "Invalid value for field 'leadId' and value 'ann'")),
        (ROLES, role_of(role=None), ("1002", "Missing value for the required parameter 'role'")),
    ],
)
def test_what_cannot_be_stored_is_skipped_and_nothing_is_left(rest, path, record, reason):
    before = dumped(rest)
    assert rest.post(path, {"input": [record]}).outcomes == [("skipped", reason)]
    assert dumped(rest) == before


def test_roles_are_told_apart_by_opportunity_lead_and_role(rest):
    records = [role_of(isPrimary=False), role_of(1002), role_of(role="Judge"), role_of(role="buyer")]
    said = rest.post(ROLES, {"input": records})
    assert said.outcomes == [
        *(("updated",), ("created",), ("created",)),
        ("skipped", ("1036", "Duplicate object found in input")),
    ]
    with rest.soap.database.transaction() as session:
        roles = objects.roles_of_opportunity(session, 7)
    assert [(item.lead_id, dict(item.values)) for item in roles] == [
        (1001, {"Role": "Buyer", "IsPrimary": "0"}),
        (1001, {"Role": "Judge"}),
        (1002, {"Role": "Buyer"}),
    ]


def test_roles_are_found_by_lead_by_opportunity_and_by_all_three(rest):
    rest.post(ROLES, {"input": [role_of(1002)]})
    assert [item["leadId"] for item in rest.get(ROLES, filterType="leadId", filterValues="1002,1001").result] == [
        *(1001, 1002),
    ]
    assert len(rest.get(ROLES, filterType="externalOpportunityId", filterValues="O-7,O-8").result) == 2
    whole = {"filterType": "dedupeFields", "fields": ["isPrimary"], "input": [role_of(1001), role_of(5)]}
    assert [item["isPrimary"] for item in rest.post(ROLES, whole, _method="GET").result] == [True]
    found = one(rest, ROLES, "leadId", 1002)
    assert list(found) == [
        *("seq", "marketoGUID", "externalOpportunityId", "leadId", "role", "createdAt", "updatedAt"),
    ]
    assert one(rest, ROLES, "marketoGUID", found["marketoGUID"])["externalOpportunityId"] == "O-7"
    assert rest.get(ROLES, filterType="role", filterValues="Buyer").error == "1011 Field 'role' not supported"


def test_a_role_that_moves_is_the_same_role(rest):
    rest.post(OPPORTUNITIES, {"input": [{"externalOpportunityId": "O-9", "name": "Other"}]})
    guid = one(rest, ROLES, "leadId", 1001)["marketoGUID"]
    moved = {"marketoGUID": guid, "externalOpportunityId": "O-9", "leadId": 1002}
    body = {"action": "updateOnly", "dedupeBy": "idField", "input": [moved]}
    assert rest.post(ROLES, body).outcomes == [("updated",)]
    found = one(rest, ROLES, "marketoGUID", guid)
    assert (found["externalOpportunityId"], found["leadId"], found["role"]) == ("O-9", 1002, "Buyer")


def test_an_opportunity_takes_its_roles_along(rest):
    said = rest.post("/rest/v1/opportunities/roles/delete.json", {"input": [role_of(1002), role_of(1001)]})
    assert said.outcomes == [("skipped", ("1013", "Object not found")), ("deleted",)]
    rest.post(ROLES, {"input": [role_of(1002)]})
    said = rest.post("/rest/v1/opportunities/delete.json", {"input": [{"externalOpportunityId": "O-7"}]})
    assert (said.outcomes, said.call.trace.records[0].activities) == ([("deleted",)], 1)
    assert rest.get(ROLES, filterType="leadId", filterValues="1002").result == []


@pytest.mark.parametrize(
    ("path", "name", "keys", "searchable"),
    [
        (
            "opportunities",
            "opportunity",
            ["externalOpportunityId"],
            [["externalOpportunityId"], ["marketoGUID"], ["Opp Id"], ["Region__c"]],
        ),
        (
            "opportunities/roles",
            "opportunityRole",
            ["externalOpportunityId", "leadId", "role"],
            [
                *(["externalOpportunityId", "leadId", "role"], ["marketoGUID"], ["externalOpportunityId"], ["leadId"]),
            ],
        ),
    ],
)
def test_they_are_described(rest, path, name, keys, searchable):
    (said,) = rest.get(f"/rest/v1/{path}/describe.json").result
    assert (said["name"], said["idField"], said["dedupeFields"]) == (name, "marketoGUID", keys)
    assert said["searchableFields"] == searchable
    fields = {item["name"]: item for item in said["fields"]}
    assert fields["marketoGUID"]["updateable"] is fields["createdAt"]["updateable"] is False
    assert fields["externalOpportunityId"] == {
        "name": "externalOpportunityId",
        "displayName": "External Opportunity Id",
        "dataType": "string",
        "length": 50,
        "updateable": True,
    }
