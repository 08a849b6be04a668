"""Subscriptions: each a whole Marketo of its own, from a fixture, with a credential that nobody else has."""

from __future__ import annotations

import json

import pytest
from rest_support import Rest
from support import NOW

from mockmkto import auth

WORLD = "leads: [{Id: 7, Email: ann@example.com}]\nassignment_rules: []\nworkspaces: [{name: Default}]\n"


def test_a_new_one_is_empty_and_has_a_credential_of_its_own(api):
    first, second = api.post("/subscriptions"), api.post("/subscriptions", {})
    assert first["name"] != second["name"]
    assert first["credentials"][0]["user_id"] != second["credentials"][0]["user_id"]
    assert first["clients"][0]["client_id"] != second["clients"][0]["client_id"]
    assert (first["leads"], first["calls"]) == (0, 0)
    assert first["endpoint"] == "http://localhost/soap/mktows/3_1"
    assert first["wsdl_url"] == "http://localhost/soap/mktows/3_1?WSDL"
    assert [item["name"] for item in api.get("/subscriptions")["subscriptions"]] == [
        "default",
        first["name"],
        second["name"],
    ]
    assert api.get(f"/subscriptions/{first['name']}") == first


def test_it_is_where_location_says(api):
    answer = api.ask("POST", "/subscriptions", {"name": "mine"}, expect=201)
    assert answer.headers["Location"] == "http://localhost/__admin/subscriptions/mine"


def call(api, made) -> str:
    """A signed getLead of the new subscription's lead 7: its answer."""
    (credential,) = made["credentials"]
    stamp = api.get(f"/clock?subscription={made['name']}")["now"]
    signature = auth.sign(credential["user_id"], credential["encryption_keys"][0], stamp)
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><AuthenticationHeader>'
        f"<mktowsUserId>{credential['user_id']}</mktowsUserId><requestSignature>{signature}</requestSignature>"
        f"<requestTimestamp>{stamp}</requestTimestamp></AuthenticationHeader></e:Header><e:Body>"
        '<m:paramsGetLead xmlns:m="http://www.marketo.com/mktows/"><leadKey><keyType>IDNUM</keyType>'
        "<keyValue>7</keyValue></leadKey></m:paramsGetLead></e:Body></e:Envelope>"
    )
    return api.client.post("/soap/mktows/3_1", data=body).text


@pytest.mark.parametrize("world", [WORLD, {"leads": [{"Id": 7, "Email": "ann@example.com"}]}])
def test_a_posted_world_is_called_with_the_new_credential(world, api):
    made = api.post("/subscriptions", {"world": world})
    assert made["leads"] == 1
    assert "<Email>ann@example.com</Email>" in call(api, made)
    assert api.get(f"/subscriptions/{made['name']}")["calls"] == 1


def test_a_world_in_yaml(api):
    made = api.ask("POST", "/subscriptions", data=WORLD, content_type="application/yaml", expect=201).get_json()
    assert made["leads"] == 1


def test_the_given_credential(api):
    made = api.post("/subscriptions", {"credential": {"user_id": "ann", "encryption_key": "key"}})
    assert made["credentials"] == [{"user_id": "ann", "encryption_keys": ["key"], "blocked": False}]
    api.problem("POST", "/subscriptions", {"credential": {"user_id": "ann", "encryption_key": "k"}}, status=409)


def test_the_given_client(api):
    body = {"client": {"client_id": "ann", "client_secret": "s"}}
    made = api.post("/subscriptions", body)
    (client,) = made["clients"]
    assert (client["client_id"], client["client_secrets"], client["permissions"]) == ("ann", ["s"], None)
    assert (made["rest_endpoint"], made["identity_endpoint"]) == ("http://localhost/rest", "http://localhost/identity")
    rest = Rest(soap=api.marketo)
    assert rest.identity("ann", "s").http_status == 200
    assert api.get(f"/subscriptions/{made['name']}")["calls"] == 1
    assert [item[0] for item in api.problem("POST", "/subscriptions", body, status=409)] == ["body.client.client_id"]


@pytest.mark.parametrize(("kind", "key"), [("credential", "user_id"), ("client", "client_id")])
def test_those_of_a_posted_world_call_it_as_far_as_nobody_else_has_them(api, kind, key):
    secret = {"credential": "encryption_keys", "client": "client_secrets"}[kind]
    built_in = {"credential": "mockmkto", "client": "mockmkto-client"}[kind]
    world = {f"{kind}s": [{key: name, secret: ["s"]} for name in ("ann", built_in)]}
    first, second = (api.post("/subscriptions", {"world": world}) for _ in range(2))
    assert [item[key] for item in first[f"{kind}s"]] == ["ann"]
    assert "left_out" not in first
    (made,) = second[f"{kind}s"]
    assert made[key] not in ("ann", built_in)
    assert second["left_out"] == [
        f"The {kind} 'ann' of the world is left out: it opens the subscription {first['name']!r}. "
        f"Give one with `{kind}`."
    ]


def test_what_is_changed_of_the_fixture_is_the_baseline_too(api):
    body = {"fixture": "empty", "frozen": NOW.isoformat(), "workspaces": True, "switches": {"keyless_leads": "create"}}
    scope = f"?subscription={api.post('/subscriptions', body)['name']}"

    def state():
        workspaces = api.get(f"/workspaces{scope}")["workspaces"]
        return api.get(f"/clock{scope}")["now"], workspaces, api.get(f"/switches{scope}")["keyless_leads"]

    begun = state()
    assert begun == ("2026-03-14T09:26:53Z", [{"name": "Default", "primary_partition": "Default"}], "create")
    api.ask("POST", f"/clock/reset{scope}")
    api.ask("PUT", f"/switches{scope}", {"keyless_leads": "reject"})
    api.ask("POST", f"/reset{scope}", expect=204)
    assert state() == begun


@pytest.mark.parametrize(("given", "names"), [(None, ["Default", "EMEA"]), (True, ["Default", "EMEA"]), (False, [])])
def test_workspaces_of_a_fixture_that_has_them(given, names, api):
    made = api.post("/subscriptions", {"world": "workspaces: [{name: EMEA}]", "workspaces": given})
    assert [item["name"] for item in api.get(f"/workspaces?subscription={made['name']}")["workspaces"]] == names


def test_two_from_one_fixture_have_nothing_in_common(api):
    one, two = (api.post("/subscriptions", {"fixture": "demo"})["name"] for _ in range(2))
    api.ask("POST", f"/leads?subscription={one}", {"email": "x@example.com"}, expect=201)
    api.ask("POST", f"/fields?subscription={one}", {"name": "New__c", "type": "string"}, expect=201)
    assert api.get(f"/leads?subscription={two}&limit=1")["total"] == 30
    api.problem("GET", f"/fields/New__c?subscription={two}", status=404)
    api.ask("POST", f"/reset?subscription={one}", expect=204)
    assert api.get(f"/leads?subscription={one}&limit=1")["total"] == 30


def test_a_fixture_that_the_server_was_given_by_its_name_or_as_it_was_given(make_api, tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(WORLD, encoding="utf-8")
    api = make_api(fixtures=(str(file),), switches={"derive_website": "off"})
    for fixture in ("shop", str(file)):
        made = api.post("/subscriptions", {"fixture": fixture})
        assert made["leads"] == 1
        assert api.get(f"/switches?subscription={made['name']}")["derive_website"] == "off"


def test_no_other_file_is_read(api, tmp_path):
    file = tmp_path / "secret.yaml"
    file.write_text(WORLD, encoding="utf-8")
    ((where, expected, _),) = api.problem("POST", "/subscriptions", {"fixture": str(file)})
    assert where == "body.fixture"
    assert expected == "a fixture that is shipped, or was given to --fixture: demo, empty, workspaces"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"name": "default"}, 409, "body.name"),
        ({"name": "a/b"}, 400, "body.name"),
        ({"fixture": "empty", "world": "{}"}, 400, "body"),
        ({"world": "lead: []"}, 400, "body.world.lead"),
        ({"world": {"leads": [{"Id": "x"}]}}, 400, "body.world.leads[0].Id"),
        ({"world": "subscriptions: [{subscription: a}, {subscription: b, credentials: []}]"}, 400, "body.world"),
        ({"switches": {"keyless_leads": "maybe"}}, 400, "body.switches.keyless_leads"),
        ({"switches": {"keyless": "reject"}}, 400, "body.switches.keyless"),
        ({"frozen": "0999-12-31T00:00:00Z"}, 400, "body.frozen"),
        ({"frozen": "2026-01-01"}, 400, "body.frozen"),
        ({"credential": {"user_id": "mockmkto", "encryption_key": "k"}}, 409, "body.credential.user_id"),
        ({"credential": {"user_id": "", "encryption_key": "k"}}, 400, "body.credential.user_id"),
    ],
)
def test_what_cannot_be_made_leaves_nothing_behind(body, status, where, api):
    assert [item[0] for item in api.problem("POST", "/subscriptions", body, status=status)] == [where]
    assert [item["name"] for item in api.get("/subscriptions")["subscriptions"]] == ["default"]


def test_deleting_one_takes_its_credential_with_it(api):
    made = api.post("/subscriptions", {"name": "mine", "world": WORLD})
    assert "<Email>ann@example.com</Email>" in call(api, made)
    api.get("/calls?subscription=mine")
    lead = {**made, "credentials": made["credentials"]}
    stamp = api.get("/clock?subscription=mine")["now"]
    assert stamp
    api.delete("/subscriptions/mine")
    api.problem("GET", "/subscriptions/mine", status=404)
    ((where, _, got),) = api.problem("DELETE", "/subscriptions/mine", status=404)
    assert (where, got) == ("path.name", "'mine'")
    assert api.marketo.registry.credential(lead["credentials"][0]["user_id"]) is None
    api.post("/subscriptions", {"name": "mine"})


def test_more_worlds_than_are_kept_loaded(api, monkeypatch):
    monkeypatch.setattr("mockmkto.store.making.MOST_TEMPLATES", 1)
    for number in range(3):
        made = api.post("/subscriptions", {"world": {"leads": [{"Id": number + 1}]}})
        api.ask("POST", f"/leads?subscription={made['name']}", {}, expect=201)
        api.ask("POST", f"/reset?subscription={made['name']}", expect=204)
        ids = [lead["id"] for lead in api.get(f"/leads?subscription={made['name']}")["leads"]]
        assert ids == [number + 1]


def test_no_key_is_anywhere_but_where_it_belongs(api):
    api.post("/credentials", {"user_id": "ann", "encryption_keys": ["very-secret"]})
    api.post("/clients", {"client_id": "ann", "client_secrets": ["very-secret"]})
    api.marketo.sync(Email="ann@example.com")
    for path in ("/health", "/calls?raw=true", "/leads", "/switches", "/snapshots", "/calls/1"):
        assert "very-secret" not in json.dumps(api.get(path))
    assert "very-secret" in json.dumps(api.get("/credentials"))
    assert "very-secret" in json.dumps(api.get("/clients"))
