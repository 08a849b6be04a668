"""Opportunities, roles and custom objects over the control API: looked at, added, changed, deleted as they are."""

from __future__ import annotations

import pytest

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
opportunity_fields: [{name: Region__c, type: string, length: 40}]
opportunities:
- {id: 1, external: {Opp Id: O-1}, attributes: {Name: Big deal, Amount: 1000}, company: ACME}
- {id: 2}
opportunity_roles:
- {id: 1, opportunity: 1, lead: 1001, attributes: {Role: Buyer}}
- {id: 2, opportunity: 1, lead: 1002}
custom_object_types:
- name: Road show
  keys: [MKTOID, rid]
  link: {field: MKTOID, to: Id}
  fields: [{name: MKTOID, type: integer}, {name: rid, type: string, length: 5}]
  records: [{MKTOID: 1001, rid: r2}, {MKTOID: 1001, rid: r1}, {MKTOID: 7, rid: r1}]
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


def ids(api, path: str) -> list[int]:
    answer = api.get(path)
    (items,) = (value for value in answer.values() if isinstance(value, list))
    return [item["id"] for item in items]


# ---------------------------------------------------------------------------------------------------------------------
# Opportunities


def test_opportunities_are_shown_by_id_a_page_at_a_time(api):
    page = api.get("/opportunities?limit=1")
    assert ([item["id"] for item in page["opportunities"]], page["total"]) == ([1], 2)
    assert page["opportunities"][0] | {"created_at": 0, "updated_at": 0} == {
        "id": 1,
        "external": {"name": "Opp Id", "value": "O-1"},
        "company": "ACME",
        "attributes": {"Name": "Big deal", "Amount": "1000"},
        "created_at": 0,
        "updated_at": 0,
    }
    following = page["next"].partition("/__admin")[2]
    assert ids(api, following) == [2]
    assert api.get(following)["next"] is None
    assert (ids(api, "/opportunities?lead=1002"), ids(api, "/opportunities?lead=9")) == ([1], [])


def test_an_opportunity_is_added_changed_and_deleted_with_its_roles(api):
    made = api.post("/opportunities", {"external": {"Opp Id": "O-3"}, "attributes": {"amount": 5, "iswon": True}})
    assert (made["id"], made["attributes"]) == (3, {"Amount": "5", "IsWon": "1"})
    changed = api.patch("/opportunities/3", {"attributes": {"AMOUNT": None, "Name": "Three"}, "company": "Initech"})
    assert (changed["attributes"], changed["company"]) == ({"IsWon": "1", "Name": "Three"}, "Initech")
    assert changed["external"] == {"name": "Opp Id", "value": "O-3"}
    assert api.patch("/opportunities/3", {"external": None, "company": None})["external"] is None
    assert api.get("/opportunities/3")["company"] is None
    api.delete("/opportunities/1")
    assert (ids(api, "/opportunities"), ids(api, "/opportunity-roles")) == ([2, 3], [])


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"id": 1}, 409, "body.id"),
        ({"id": 0}, 400, "body.id"),
        ({"attributes": {"Nope": "1"}}, 400, "body.attributes.Nope"),
        ({"attributes": {"Amount": "much"}}, 400, "body.attributes.Amount"),
        ({"external": {"A": "1", "B": "2"}}, 400, "body.external"),
        ({"company": " "}, 400, "body.company"),
        ({"stage": "Open"}, 400, "body"),
    ],
)
def test_what_is_no_opportunity(api, body, status, where):
    assert api.problem("POST", "/opportunities", body, status=status)[0][0].startswith(where)
    assert ids(api, "/opportunities") == [1, 2]


@pytest.mark.parametrize("line", ["GET /opportunities/9", "DELETE /opportunities/9", "DELETE /opportunity-roles/9"])
def test_what_is_not_there_is_404(api, line):
    method, path = line.split()
    api.problem(method, path, status=404)


# ---------------------------------------------------------------------------------------------------------------------
# Roles


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2]),
        ("lead=1001", [1]),
        ("opportunity=1", [1, 2]),
        ("opportunity=1&lead=1002", [2]),
        ("opportunity=2", []),
        ("after=1", [2]),
    ],
)
def test_the_roles_of_a_lead_or_an_opportunity(api, query, found):
    assert ids(api, f"/opportunity-roles?{query}") == found


def test_a_role_is_added_and_deleted_and_nobody_is_told(api):
    made = api.post("/opportunity-roles", {"opportunity": 2, "lead": 1001, "attributes": {"IsPrimary": True}})
    assert (made["id"], made["attributes"]) == (3, {"IsPrimary": "1"})
    api.delete("/opportunity-roles/3")
    assert ids(api, "/opportunity-roles") == [1, 2]
    assert api.marketo.dump()["activity"] == []


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"lead": 1001}, 400, "body"),
        ({"opportunity": 9, "lead": 1001}, 400, "body.opportunity"),
        ({"opportunity": 1, "lead": 9}, 400, "body.lead"),
        ({"opportunity": 1, "lead": 1001, "attributes": {"Role": "buyer"}}, 409, "body"),
        ({"opportunity": 2, "lead": 1001, "id": 1}, 409, "body.id"),
        ({"opportunity": 2, "lead": 1001, "attributes": {"PersonId": 7}}, 400, "body.attributes.PersonId"),
    ],
)
def test_what_is_no_role(api, body, status, where):
    assert api.problem("POST", "/opportunity-roles", body, status=status)[0][0].startswith(where)


# ---------------------------------------------------------------------------------------------------------------------
# Custom objects

PATH = "/custom-objects/road%20show/records"


def test_types_are_shown_with_how_many_records_they_have(api):
    (kind,) = api.get("/custom-objects")["types"]
    assert (kind["name"], kind["keys"], kind["records"]) == ("Road show", ["MKTOID", "rid"], 3)
    assert kind["link"] == {"field": "MKTOID", "to": "Id"}
    assert [field["name"] for field in kind["fields"]] == ["MKTOID", "rid"]


def test_records_are_shown_in_the_order_of_their_keys_a_page_at_a_time(api):
    page = api.get(f"{PATH}?limit=2")
    assert [record["values"]["MKTOID"] for record in page["records"]] == ["7", "1001"]
    assert ([record["lead"] for record in page["records"]], page["total"]) == ([None, 1001], 3)
    rest = api.get(page["next"].partition("/__admin")[2])
    assert ([record["values"]["rid"] for record in rest["records"]], rest["next"]) == (["r2"], None)
    assert len(api.get(f"{PATH}?lead=1001")["records"]) == 2


def test_a_record_is_added_once_and_deleted(api):
    made = api.post(PATH, {"values": {"mktoid": 1002, "rid": "r1"}})
    assert (made["lead"], made["values"]) == (1002, {"MKTOID": "1002", "rid": "r1"})
    assert api.problem("POST", PATH, {"values": {"MKTOID": "1002", "rid": "r1"}}, status=409)
    api.delete(f"{PATH}/{made['id']}")
    api.problem("DELETE", f"{PATH}/{made['id']}", status=404)
    assert api.get(PATH)["total"] == 3


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"rid": "r9"}, "body.values"),
        ({"MKTOID": "x", "rid": "r9"}, "body.values.MKTOID"),
        ({"MKTOID": 1, "rid": "longer"}, "body.values.rid"),
        ({"MKTOID": 1, "rid": "r", "city": "Rome"}, "body.values.city"),
    ],
)
def test_what_is_no_record(api, values, where):
    assert api.problem("POST", PATH, {"values": values})[0][0] == where


def test_a_type_that_is_not_there_is_404_and_names_those_that_are(api):
    answer = api.ask("GET", "/custom-objects/Nope/records", expect=404).get_json()
    assert "Road show" in answer["detail"]


def test_a_change_of_the_world_keeps_what_it_says_of_objects(api):
    api.post("/fields", {"name": "Rank__c", "type": "integer"})
    api.put("/switches", {"keyless_leads": "create"})
    assert api.get("/custom-objects")["types"][0]["records"] == 3
    assert api.post("/opportunities", {"attributes": {"Region__c": "West"}})["attributes"] == {"Region__c": "West"}


def test_a_field_of_leads_that_a_link_needs_stays(make_api):
    api = make_api(
        "fields: [{name: Badge__c, type: string}]\n"
        "custom_object_types: [{name: T, keys: [k], link: {field: k, to: Badge__c}, fields: [{name: k, type: string}]}]"
    )
    api.problem("DELETE", "/fields/Badge__c", status=409)
