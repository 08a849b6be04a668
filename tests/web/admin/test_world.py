"""Fields, workspaces, partitions, assignment rules, credentials, clients: changed as if they stood in the fixture."""

from __future__ import annotations

import pytest
from rest_support import Rest

WORLD = """
partitions: [Europe, Asia]
workspaces: [{name: EMEA, primary_partition: Europe}]
fields: [{name: Rank__c, type: string, length: 10}]
lead_keys: {SFDCLEADID: Fax}
assignment_rules: [{name: Germans, when: [{field: Country, is: Germany}], partition: Europe}]
leads: [{Id: 1, Email: ann@example.com, partition: Asia, attributes: {Rank__c: "07", City: Bern}}]
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


# ---------------------------------------------------------------------------------------------------------------------
# Fields


def test_a_field_is_added_and_a_sync_can_write_it(api):
    made = api.post("/fields", {"name": "New__c", "type": "integer", "display_name": "New One"})
    assert made == {
        "name": "New__c",
        "type": "integer",
        "length": None,
        "read_only": False,
        "update_blocked": False,
        "display_name": "New One",
        "rest_name": None,
        "rest_read_only": False,
        "soap": True,
        "rest": True,
        "id": 1002,
        "description": None,
        "hidden": False,
        "html_encoded": True,
        "sensitive": False,
        "api_created": False,
    }
    assert api.get("/fields/new__C") == made
    assert made in api.get("/fields")["fields"]
    assert api.marketo.sync({"New__c": "5"}, Id=1).record.attributes["New__c"] == "5"


def test_a_standard_field_is_changed_taken_away_and_put_back(api):
    assert api.put("/fields/city", {"length": 5})["name"] == "City"
    assert api.marketo.sync({"City": "Zürich"}, Id=1).code == "20110"
    api.delete("/fields/City")
    assert api.marketo.sync({"City": "Bonn"}, Id=1).code == "20105"
    assert api.get("/leads/1")["attributes"] == {"Rank__c": "07"}
    api.put("/fields/City", {"type": "string"})
    assert api.marketo.sync({"City": "Bonn"}, Id=1).status == "UPDATED"


def test_values_are_read_anew_when_the_type_changes(api):
    assert api.put("/fields/Rank__c", {"type": "integer"})["length"] is None
    assert api.get("/leads/1")["attributes"]["Rank__c"] == "7"
    ((where, _, got),) = api.problem("PUT", "/fields/City", {"type": "integer"}, status=409)
    assert (where, got) == ("body", "'Bern'")
    assert api.get("/fields/City")["type"] == "string"


def test_a_field_that_was_answered_can_be_sent_back(api):
    said = {"length": 20, "read_only": True, "update_blocked": True, "display_name": "Rank"}
    said |= {
        "rest_name": "rank",
        "rest_read_only": True,
        "soap": True,
        "rest": False,
        "id": 5000,
        "description": "Of it",
    }
    said |= {"hidden": True, "html_encoded": False, "sensitive": True, "api_created": True}
    field = api.put("/fields/Rank__c", said)
    assert field == {"name": "Rank__c", "type": "string", **said}
    assert api.put("/fields/Rank__c", field) == field


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "where"),
    [
        ("POST", "/fields", {"name": "city", "type": "string"}, 409, "body.name"),
        ("POST", "/fields", {"name": "Email", "type": "string"}, 400, "body.name"),
        ("POST", "/fields", {"name": " x", "type": "string"}, 400, "body.name"),
        ("POST", "/fields", {"name": "x", "type": "strng"}, 400, "body.type"),
        ("POST", "/fields", {"name": "x", "type": "integer", "length": 5}, 400, "body.length"),
        ("POST", "/fields", {"name": "x", "type": "string", "length": 0}, 400, "body.length"),
        ("POST", "/fields", {"name": "x"}, 400, "body.type"),
        ("PUT", "/fields/New__c", {}, 400, "body"),
        ("PUT", "/fields/City", {"name": "Town"}, 409, "body.name"),
        ("PUT", "/fields/City", {"length": 3}, 409, "body"),
        ("GET", "/fields/Town", None, 404, "path.name"),
        ("DELETE", "/fields/Town", None, 404, "path.name"),
        ("DELETE", "/fields/Country", None, 409, "assignment_rules[0].when[0].field"),
        ("DELETE", "/fields/Fax", None, 409, "lead_keys.SFDCLEADID"),
    ],
)
def test_what_cannot_be_done_to_a_field(method, path, body, status, where, api):
    before = api.get("/fields")
    assert [item[0] for item in api.problem(method, path, body, status=status)] == [where]
    assert api.get("/fields") == before


# ---------------------------------------------------------------------------------------------------------------------
# Partitions, workspaces


def test_partitions_and_how_many_leads_are_in_each(api):
    api.post("/partitions", {"name": "Africa"})
    assert [(item["name"], item["leads"]) for item in api.get("/partitions")["partitions"]] == [
        ("Europe", 0),
        ("Asia", 1),
        ("Default", 0),
        ("Africa", 0),
    ]
    api.delete("/partitions/africa")
    assert len(api.get("/partitions")["partitions"]) == 3


@pytest.mark.parametrize(
    ("name", "users"),
    [
        ("Europe", "the workspace EMEA, the assignment rule 'Germans'"),
        ("asia", "1 lead"),
        ("Default", "the workspace Default, every subscription"),
    ],
)
def test_a_partition_in_use_stays(name, users, api):
    answer = api.ask("DELETE", f"/partitions/{name}", expect=409)
    assert answer.get_json()["detail"] == f"The partition {name.title()} is needed by {users}."


def test_partitions_that_cannot_be(api):
    assert [item[0] for item in api.problem("POST", "/partitions", {"name": "EUROPE"}, status=409)] == ["body.name"]
    assert [item[0] for item in api.problem("POST", "/partitions", {"name": ""})] == ["body.name"]
    api.problem("DELETE", "/partitions/Nowhere", status=404)


def test_a_workspace_places_new_leads(api):
    assert api.post("/workspaces", {"name": "APAC", "primary_partition": "asia"}) == {
        "name": "APAC",
        "primary_partition": "Asia",
    }
    lead_id = api.marketo.sync(Email="x@example.com", workspace="APAC").lead_id
    assert api.get(f"/leads/{lead_id}")["partition"] == "Asia"
    api.put("/workspaces/apac", {"primary_partition": "Default"})
    lead_id = api.marketo.sync(Email="y@example.com", workspace="APAC").lead_id
    assert api.get(f"/leads/{lead_id}")["partition"] == "Default"
    api.delete("/workspaces/APAC")
    assert [item["name"] for item in api.get("/workspaces")["workspaces"]] == ["Default", "EMEA"]


def test_the_first_workspace_enables_workspaces_and_the_last_one_takes_them_away(make_api):
    api = make_api()
    assert api.get("/workspaces") == {"workspaces": []}
    api.put("/workspaces/EMEA", {"primary_partition": "Default"})
    assert [item["name"] for item in api.get("/workspaces")["workspaces"]] == ["Default", "EMEA"]
    api.problem("DELETE", "/workspaces/Default", status=409)
    api.delete("/workspaces/EMEA")
    api.delete("/workspaces/Default")
    assert api.get("/workspaces") == {"workspaces": []}


def test_workspaces_that_cannot_be(api):
    for body, status, where in (
        ({"name": "emea"}, 409, "body.name"),
        ({"name": "APAC", "primary_partition": "Aisa"}, 400, "body.primary_partition"),
        ({"name": " "}, 400, "body.name"),
    ):
        assert [item[0] for item in api.problem("POST", "/workspaces", body, status=status)] == [where]
    api.problem("PUT", "/workspaces/EMEA", {"name": "other", "primary_partition": "Asia"}, status=409)
    api.problem("DELETE", "/workspaces/Nowhere", status=404)


# ---------------------------------------------------------------------------------------------------------------------
# Assignment rules

RULES = [
    {
        "name": "Swiss",
        "when": [{"field": "City", "in": ["Bern", "Basel"]}, {"field": "Email", "is_not_empty": True}],
        "partition": "Asia",
    },
    {"name": "Rest", "partition": "Europe"},
]


def test_the_rules_are_replaced_as_a_whole_and_asked_in_their_order(api):
    assert api.put("/assignment-rules", {"rules": RULES}) == {"rules": RULES} == api.get("/assignment-rules")
    lead_id = api.marketo.sync({"City": "basel"}, Email="x@example.com").lead_id
    assert api.get(f"/leads/{lead_id}")["partition"] == "Asia"
    assert api.put("/assignment-rules", {"rules": []}) == {"rules": []}


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ([{"name": "x", "partition": "Nowhere"}], "body.rules[0].partition"),
        ([{"name": "x", "partition": "Asia", "when": [{"field": "Contry", "is": "x"}]}], "body.rules[0].when[0].field"),
        ([{"name": "x", "partition": "Asia", "when": [{"field": "City"}]}], "body.rules[0].when[0]"),
        ([{"name": "x", "partition": "Asia"}, {"name": "X", "partition": "Asia"}], "body.rules[1].name"),
        ([{"name": "x", "partition": "Asia", "if": []}], "body.rules[0].if"),
    ],
)
def test_rules_that_cannot_be(rules, where, api):
    before = api.get("/assignment-rules")
    assert [item[0] for item in api.problem("PUT", "/assignment-rules", {"rules": rules})] == [where]
    assert api.get("/assignment-rules") == before


# ---------------------------------------------------------------------------------------------------------------------
# Credentials


def test_a_credential_is_made_rotated_blocked_and_taken_away(api):
    made = api.post("/credentials")
    assert len(made["encryption_keys"]) == 1
    assert api.get("/credentials")["credentials"][1] == made
    path = f"/credentials/{made['user_id']}"
    rotated = api.put(path, {"encryption_keys": ["old", "new"]})
    assert rotated == {"user_id": made["user_id"], "encryption_keys": ["old", "new"], "blocked": False}
    assert api.put(path, {"blocked": True}) == {**rotated, "blocked": True}
    assert api.put(path, rotated) == rotated
    api.delete(path)
    api.problem("DELETE", path, status=404)


def test_a_blocked_credential_is_denied(api):
    assert api.put("/credentials/mockmkto", {"blocked": True})["encryption_keys"] == ["mockmkto-encryption-key"]
    assert api.marketo.sync(Email="ann@example.com").code == "20013"
    api.delete("/credentials/mockmkto")
    assert api.marketo.sync(Email="ann@example.com").code == "20014"
    api.ask("POST", "/reset", expect=204)
    assert api.marketo.sync(Email="ann@example.com").status == "UPDATED"


def test_a_user_id_may_be_anything(api):
    api.put("/credentials/a%2Fb%20c", {"encryption_keys": ["k"]})
    assert api.get("/credentials")["credentials"][1]["user_id"] == "a/b c"
    answer = api.ask("POST", "/credentials", {"user_id": "x/y"}, expect=201)
    assert answer.headers["Location"] == "http://localhost/__admin/credentials/x%2Fy?subscription=default"
    api.delete("/credentials/x%2Fy")


def test_a_user_id_opens_one_subscription(api):
    other = api.post("/subscriptions", {"name": "other"})["credentials"][0]["user_id"]
    assert [item[0] for item in api.problem("POST", "/credentials", {"user_id": other}, status=409)] == ["body.user_id"]
    assert [item[0] for item in api.problem("PUT", f"/credentials/{other}", {}, status=409)] == ["path.user_id"]
    api.problem("PUT", "/credentials/mockmkto", {"user_id": "x"}, status=409)
    api.problem("DELETE", f"/credentials/{other}", status=404)


# ---------------------------------------------------------------------------------------------------------------------
# Clients


def test_a_client_is_made_rotated_restricted_blocked_and_taken_away(api):
    made = api.post("/clients")
    assert (len(made["client_secrets"]), made["user"], made["permissions"]) == (1, "api@mockmkto.example", None)
    assert api.get("/clients")["clients"][1] == made
    path = f"/clients/{made['client_id']}"
    rotated = api.put(path, {"client_secrets": ["old", "new"]})
    assert rotated == {**made, "client_secrets": ["old", "new"]}
    restricted = {**rotated, "permissions": ["Read-Only Lead"], "user": "ro@example.com"}
    assert api.put(path, {"permissions": ["Read-Only Lead"], "user": "ro@example.com"}) == restricted
    assert api.put(path, {"blocked": True}) == {**restricted, "blocked": True}
    assert api.put(path, {"permissions": None}) == {**restricted, "blocked": True, "permissions": None}
    assert api.put(path, rotated) == rotated
    api.delete(path)
    api.problem("DELETE", path, status=404)


def test_a_client_that_is_taken_away_is_not_known_and_a_reset_brings_it_back(api):
    rest = Rest(soap=api.marketo)
    api.delete("/clients/mockmkto-client")
    assert rest.identity().http_status == 401
    api.ask("POST", "/reset", expect=204)
    assert rest.identity().json["scope"] == "api@mockmkto.example"


def test_a_client_id_may_be_anything(api):
    api.put("/clients/a%2Fb%20c", {"client_secrets": ["s"]})
    assert api.get("/clients")["clients"][1]["client_id"] == "a/b c"
    answer = api.ask("POST", "/clients", {"client_id": "x/y"}, expect=201)
    assert answer.headers["Location"] == "http://localhost/__admin/clients/x%2Fy?subscription=default"
    api.delete("/clients/x%2Fy")


def test_a_client_id_opens_one_subscription(api):
    other = api.post("/subscriptions", {"name": "other"})["clients"][0]["client_id"]
    assert [item[0] for item in api.problem("POST", "/clients", {"client_id": other}, status=409)] == ["body.client_id"]
    assert [item[0] for item in api.problem("PUT", f"/clients/{other}", {}, status=409)] == ["path.client_id"]
    api.problem("PUT", "/clients/mockmkto-client", {"client_id": "x"}, status=409)
    api.problem("DELETE", f"/clients/{other}", status=404)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        *(({"client_secrets": secrets}, "body.client_secrets") for secrets in ([], ["a", "b", "c"])),
        ({"client_secrets": [""]}, "body.client_secrets[0]"),
        ({"permissions": ["Read-Only Lead", "Read-Only Leads"]}, "body.permissions[1]"),
        ({"user": ""}, "body.user"),
    ],
)
def test_clients_that_cannot_be(body, where, api):
    before = api.get("/clients")
    assert [item[0] for item in api.problem("POST", "/clients", body)] == [where]
    assert [item[0] for item in api.problem("PUT", "/clients/mockmkto-client", body)] == [where]
    assert api.get("/clients") == before


@pytest.mark.parametrize("keys", [[], ["a", "b", "c"], [""]])
def test_one_or_two_keys(keys, api):
    ((where, _, _),) = api.problem("PUT", "/credentials/mockmkto", {"encryption_keys": keys})
    assert where.startswith("body.encryption_keys")
