"""Reset, snapshots, and the state as a fixture: what is exported loads again to the same state."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import yaml
from databases import new_registry
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rest_support import Rest
from support import NOW, Marketo
from werkzeug.test import Client

from mockmkto.clock import Clock
from mockmkto.store.registry import Registry
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.tables import subscription_metadata
from mockmkto.web.app import create_app
from mockmkto.web.site import Site
from mockmkto.worlds import load, parse_worlds

WORLD = """
time_zone: Europe/Zurich
behaviour: {keyless_leads: create, signature_window: off}
partitions: [Europe, Asia]
workspaces: [{name: EMEA, primary_partition: Europe}]
fields: [{name: Rank__c, type: integer}, {name: City, length: 30}, {name: Rating, remove: true}]
lead_keys: {SFDCLEADID: City}
assignment_rules:
  - {name: Swiss, when: [{field: Country, in: [CH, Switzerland]}, {field: City, is_empty: true}], partition: Asia}
leads:
  - Id: 1
    Email: ann@example.com
    foreign_ids: [{id: A-1}, {type: SFDC, id: S-1}]
    attributes: {City: Bern, Rank__c: 5}
  - {Id: 2, Email: ann@example.com, cookies: [one, "id:two"], partition: Asia}
anonymous_leads: [{Id: 20, cookies: [three]}]
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


def seen(marketo: Marketo) -> dict[str, list]:
    """Everything that is stored, but for what cannot be seen: the numbers that make an order are put by its places."""
    dump = marketo.dump()
    del dump["snapshot"]

    def places(rows, column):
        ranked = sorted(row[column] for row in rows)
        return [(*row[:column], ranked.index(row[column]), *row[column + 1 :]) for row in rows]

    # created_order, updated_order; how the keys of each lead follow one another; the order of rules and of calls
    dump["lead"] = places(places(dump["lead"], 8), 9)
    for table, column in (("foreign_id", 3), ("cookie", 2)):
        by_lead = {}
        for row in dump[table]:
            by_lead.setdefault(row[column - 1], []).append(row)
        dump[table] = sorted(row for rows in by_lead.values() for row in places(rows, column))
    dump["fault_rule"] = [(row[0], *row[2:]) for row in sorted(dump["fault_rule"], key=lambda row: row[1])]
    for table in ("recent_call", "rest_recent_call"):
        dump[table] = [row[1] for row in sorted(dump[table])]
    dump["token"] = dump["usage_count"] = []  # which no fixture has
    # id, next_lead_id, (last_order), (world_version), clock, frozen, number of rules
    dump["state"] = [(row[0], row[1], *row[4:]) for row in dump["state"]]
    return dump


def exported(client: Client, kind: str = "yaml") -> bytes:
    answer = client.get(f"/__admin/state?format={kind}")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == f"application/{kind}"
    return answer.data


def client_of(marketo: Marketo) -> Client:
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    return Client(create_app(site))


def assert_round_trip(marketo: Marketo) -> None:
    """In YAML and in JSON, into a new subscription and into one that was something else before."""
    text = exported(client_of(marketo))
    for kind in ("yaml", "json"):
        other = Marketo()
        try:
            answer = client_of(other).put("/__admin/state", data=exported(client_of(marketo), kind))
            assert answer.status_code == 204, answer.text
            assert seen(other) == seen(marketo)
            assert exported(client_of(other)) == text
            assert other.registry.credentials() == marketo.registry.credentials()
            assert other.registry.clients() == marketo.registry.clients()
        finally:
            other.registry.close()


# ---------------------------------------------------------------------------------------------------------------------
# Export and import


def test_an_empty_subscription_is_a_short_fixture(api, make_api):
    empty = make_api()
    empty.marketo.set_clock(Clock())
    assert yaml.safe_load(exported(empty.client)) == {
        "subscription": "default",
        "credentials": [{"user_id": "mockmkto", "encryption_keys": ["mockmkto-encryption-key"]}],
        "clients": [{"client_id": "mockmkto-client", "client_secrets": ["mockmkto-client-secret"]}],
    }


def test_everything_that_a_world_has_comes_back(api):
    assert_round_trip(api.marketo)


@pytest.mark.parametrize("name", ["demo", "empty", "workspaces"])
def test_a_shipped_fixture_comes_back(name, api):
    api.post("/subscriptions", {"name": "s", "fixture": name})
    scope = "?subscription=s"
    before = api.ask("GET", f"/state{scope}").data
    leads = api.get(f"/leads{scope}&limit=1000")
    api.ask("POST", f"/reset{scope}&to=empty", expect=204)
    api.ask("PUT", f"/state{scope}", data=before, expect=204)
    assert api.ask("GET", f"/state{scope}").data == before
    assert api.get(f"/leads{scope}&limit=1000") == leads


def test_rules_limits_counts_and_clock_come_back(api):
    api.put("/limits", {"limits": "500/-/7"})
    api.post(
        "/faults", {"effect": "fault", "code": 20015, "nth": 9, "share": 0.25, "seed": 3, "match": 'text:"<a: b>"'}
    )
    api.post(
        "/faults", {"name": "slow", "effect": "trickle", "bytes_per_second": 7, "delay": 0.1, "after": 1, "times": 2}
    )
    api.marketo.sync(Email="ann@example.com")
    assert api.get("/limits")["calls_today"] == 1
    api.put("/limits?api=rest", {"limits": "400/-/7"})
    Rest(soap=api.marketo).send("GET", "/rest/v1/lead/1.json")
    assert api.get("/limits?api=rest")["calls_today"] == 1
    assert_round_trip(api.marketo)
    for clock in ({"mode": "offset", "offset_seconds": -86400 * 5000.25 - 0.000001}, {"mode": "real"}):
        api.put("/clock", clock)
        assert_round_trip(api.marketo)


def test_orders_that_are_not_those_of_the_ids_come_back(api):
    api.patch("/leads/1", {})
    api.patch("/leads/20", {})
    api.post("/leads", {"id": 7, "email": "ann@example.com"})
    assert_round_trip(api.marketo)


def test_a_clock_that_was_set_back_between_two_updates(api):
    api.post("/clock/set", {"to": "2020-01-01T00:00:00.000001Z"}, 200)
    api.patch("/leads/1", {})
    api.patch("/leads/2", {})
    assert_round_trip(api.marketo)


def test_ids_of_deleted_leads_are_not_handed_out_again(api):
    api.delete("/leads/20")
    assert b"next_id: 21" in exported(api.client)
    assert_round_trip(api.marketo)


def test_clients_come_back_and_stay_when_a_fixture_has_none(api):
    change = {"client_secrets": ["old", "new"], "permissions": ["Read-Only Lead"], "user": "x@y.z", "blocked": True}
    api.put("/clients/mockmkto-client", change)
    api.put("/clients/ann", {"client_secrets": ["é: #"], "permissions": []})
    before = api.get("/clients")
    text = api.ask("GET", "/state").data
    api.delete("/clients/ann")
    api.ask("PUT", "/state", data=text, expect=204)
    assert api.get("/clients") == before
    api.ask("PUT", "/state", data="leads: []", expect=204)
    api.ask("PUT", "/state?credentials=keep", data="clients: []", expect=204)
    assert api.get("/clients") == before


def test_a_client_of_another_subscription_refuses_a_state_wholly(api):
    api.post("/subscriptions", {"name": "other", "client": {"client_id": "ann", "client_secret": "s"}})
    before = api.get("/credentials"), api.get("/clients")
    content = "credentials: []\nclients: [{client_id: ann, client_secrets: [x]}]"
    assert [item[0] for item in api.problem("PUT", "/state", status=409, data=content)] == ["body.clients"]
    assert (api.get("/credentials"), api.get("/clients")) == before


def test_credentials_come_back_with_their_keys_and_stay_when_a_fixture_has_none(api):
    api.put("/credentials/mockmkto", {"encryption_keys": ["old", "new"], "blocked": True})
    api.put("/credentials/ann", {"encryption_keys": ["é: #"]})
    before = api.get("/credentials")
    text = exported(api.client)
    api.delete("/credentials/ann")
    api.ask("PUT", "/state", data=text, expect=204)
    assert api.get("/credentials") == before
    api.ask("PUT", "/state", data=b"leads: []", expect=204)
    assert api.get("/credentials") == before


def test_an_export_starts_a_server(api, tmp_path):
    (world,) = parse_worlds(exported(api.client), "exported.yaml")
    registry = new_registry()
    load(world, registry)
    assert registry.names() == ("default",)
    registry.close()


CHARACTERS = st.characters(
    codec="utf-8",
    exclude_categories=["Cs"],
    exclude_characters=[chr(n) for n in range(32) if n not in (9, 10, 13)] + ["\ufffe", "\uffff"],
)
TEXTS = st.text(CHARACTERS, max_size=12) | st.sampled_from(
    [
        "null",
        "~",
        "NO",
        "0123",
        "1e3",
        "'",
        '"',
        " x ",
        "- a",
        "a: b",
        "#",
        "\n",
        "a\n\n b",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x7f",
        "!!str 5",
        "&a",
        "*a",
        "%",
        "@",
        "`",
        "{",
        "😀",
        "=",
        "<<",
        "---",
        "? a",
        "\t",
    ]
)
KEYS = st.sampled_from(["ann@example.com", "Bob@example.com", "c@example.com"])
STEPS = st.one_of(
    st.tuples(
        st.just("sync"),
        st.fixed_dictionaries(
            {},
            optional={
                "Email": KEYS,
                "ForeignSysPersonId": st.sampled_from("AB"),
                "cookie": st.sampled_from(["id:1", "id:id:2", "three"]),
            },
        ),
    ),
    st.tuples(st.just("patch"), st.dictionaries(st.sampled_from(["City", "Company", "Address"]), TEXTS, max_size=2)),
    st.tuples(st.just("anonymous"), st.lists(TEXTS.filter(str.strip), max_size=2, unique=True)),
    st.tuples(st.just("clock"), st.integers(-(10**9), 10**9)),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("fault"), TEXTS.filter(lambda text: text and text == text.strip())),
    st.tuples(st.just("rotate"), st.lists(TEXTS.filter(bool), min_size=1, max_size=2)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, max_size=12), frozen=st.booleans())
@example(steps=[("patch", {"Company": "\x7f\x85\u2028\ufeff"}), ("anonymous", ["id:id:x"])], frozen=True)
def test_whatever_happened_to_it_comes_back(steps, frozen):
    marketo = Marketo(WORLD)
    client = client_of(marketo)
    marketo.set_clock(Clock(frozen_at=NOW) if frozen else Clock(offset=dt.timedelta(seconds=-1)))
    try:
        for kind, value in steps:
            listed = client.get("/__admin/leads?sort=updated").get_json()["leads"]
            if kind == "sync":
                marketo.sync({"Country": "CH"}, **value)
            elif kind == "patch" and listed:
                client.patch(f"/__admin/leads/{listed[0]['id']}", json={"attributes": value})
            elif kind == "anonymous":
                client.post("/__admin/leads", json={"known": False, "cookies": value})
            elif kind == "clock":
                client.post("/__admin/clock/advance", json={"by": f"{'-' if value < 0 else ''}{abs(value)}ms"})
            elif kind == "delete" and listed:
                client.delete(f"/__admin/leads/{listed[-1]['id']}")
            elif kind == "fault":
                client.post("/__admin/faults", json={"name": value, "effect": "delay", "match": "op:nothing"})
            elif kind == "rotate":
                client.put("/__admin/credentials/second", json={"encryption_keys": value})
        assert_round_trip(marketo)
    finally:
        marketo.registry.close()


@pytest.mark.parametrize(
    ("content", "where", "detail"),
    [
        ("leads:\n- {Id: x}", "body.leads[0].Id", "body:2: leads[0].Id: expected an integer, got 'x'"),
        ("lead: []", "body.lead", "body:1: lead: unknown key (did you mean 'leads'?)"),
        ("{", "body", "body:2: not YAML"),
        ("faults:\n- {effect: fault}", "body.faults[0].code", "body:2: faults[0].code: expected a code of Marketo's"),
        (
            "subscriptions: [{subscription: a}, {subscription: b, credentials: []}]",
            "body.subscriptions",
            "body.subscriptions",
        ),
    ],
)
def test_a_fixture_that_is_wrong_changes_nothing(content, where, detail, api):
    before = exported(api.client)
    answer = api.ask("PUT", "/state", data=content, expect=400)
    problem = answer.get_json()
    assert problem["errors"][0]["where"] == where
    assert problem["detail"].startswith(detail)
    assert exported(api.client) == before


def test_a_user_id_of_another_subscription_changes_nothing(api):
    api.post("/subscriptions", {"name": "other", "credential": {"user_id": "ann", "encryption_key": "k"}})
    before = exported(api.client)
    content = "credentials: [{user_id: ann, encryption_keys: [x]}]"
    assert [item[0] for item in api.problem("PUT", "/state", status=409, data=content)] == ["body.credentials"]
    assert exported(api.client) == before


def test_the_journal_stays_and_the_baseline_only_changes_when_asked(api):
    api.marketo.sync(Email="ann@example.com")
    api.ask("PUT", "/state", data="leads: [{Id: 5}]", expect=204)
    assert api.get("/calls")["total"] == 1
    assert [lead["id"] for lead in api.get("/leads")["leads"]] == [5]
    api.ask("POST", "/reset", expect=204)
    assert [lead["id"] for lead in api.get("/leads")["leads"]] == [1, 2, 20]
    api.ask("PUT", "/state?baseline=true", data="leads: [{Id: 5}]", expect=204)
    api.ask("POST", "/leads", {}, expect=201)
    api.ask("POST", "/reset", expect=204)
    assert [lead["id"] for lead in api.get("/leads")["leads"]] == [5]


# ---------------------------------------------------------------------------------------------------------------------
# Reset


def test_reset_returns_to_the_fixture_and_empties_the_journal(api):
    before = seen(api.marketo)
    api.marketo.set_clock(Clock(frozen_at=NOW))
    api.marketo.sync(Email="new@example.com")
    api.delete("/leads/1")
    api.put("/switches", {"keyless_leads": "reject"})
    api.delete("/credentials/mockmkto")
    api.ask("POST", "/reset", expect=204)
    after = seen(api.marketo)
    assert {**after, "state": 0} == {**before, "state": 0}
    assert api.get("/calls")["total"] == 0
    assert [item["user_id"] for item in api.get("/credentials")["credentials"]] == ["mockmkto"]


def test_reset_to_empty_keeps_the_world(api):
    api.post("/faults", {"effect": "delay"})
    api.put("/switches", {"limits": "on"})
    api.marketo.sync(Email="new@example.com")
    fields, partitions = api.get("/fields"), api.get("/assignment-rules")
    api.ask("POST", "/reset?to=empty", expect=204)
    dump = api.marketo.dump()
    for table in ("lead", "foreign_id", "cookie", "lead_key", "fault_rule", "day_count", "recent_call"):
        assert dump[table] == [], table
    assert (api.get("/fields"), api.get("/assignment-rules")) == (fields, partitions)
    assert api.get("/clock")["mode"] == "frozen"
    assert api.get("/calls")["total"] == 0
    assert api.marketo.sync(Email="new@example.com").lead_id == 1001


def test_reset_to_something_else(api):
    assert api.problem("POST", "/reset?to=begin") == [("query.to", "one of baseline, empty", "'begin'")]


# ---------------------------------------------------------------------------------------------------------------------
# Snapshots


def test_a_snapshot_is_taken_listed_restored_and_deleted(api):
    before = seen(api.marketo)
    credentials = api.get("/credentials")
    taken = api.post("/snapshots")
    first = taken["name"]  # where several servers share the sandbox, with a mark that no other one gives
    assert first.startswith("snapshot-1")
    assert taken == {"name": first, "taken_at": "2026-03-14T09:26:53Z", "leads": 3}
    assert api.post("/snapshots", {"name": "mine"})["name"] == "mine"
    assert [item["name"] for item in api.get("/snapshots")["snapshots"]] == [first, "mine"]
    api.marketo.sync(Email="new@example.com")
    api.put("/credentials/mockmkto", {"blocked": True})
    api.delete("/fields/City", expect=409)
    api.ask("POST", "/snapshots/mine/restore", expect=204)
    assert seen(api.marketo) == before
    assert api.get("/credentials") == credentials
    assert api.get("/calls")["total"] == 1  # the journal is no part of it
    api.delete("/snapshots/mine")
    assert [item["name"] for item in api.get("/snapshots")["snapshots"]] == [first]
    ((where, _, _),) = api.problem("POST", "/snapshots/mine/restore", status=404)
    assert where == "path.name"
    api.problem("DELETE", "/snapshots/mine", status=404)


def test_a_snapshot_in_the_place_of_another(api):
    api.post("/snapshots", {"name": "one"})
    api.post("/leads", {})
    assert api.post("/snapshots", {"name": "one"})["leads"] == 4
    assert len(api.get("/snapshots")["snapshots"]) == 1


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65])
def test_a_snapshot_name_is_a_file_name(name, api):
    assert [item[0] for item in api.problem("POST", "/snapshots", {"name": name})] == ["body.name"]


def test_snapshots_and_subscriptions_survive_a_restart(lasting):
    def start():
        registry = Registry(lasting.backend())
        marketo = Marketo.__new__(Marketo)
        marketo.registry = registry
        if not registry.names():
            (world,) = parse_worlds(WORLD, "x.yaml")
            load(world, registry)
        from mockmkto.soap.server import SoapServer

        marketo.server = SoapServer(registry, lambda call: None)
        return marketo, client_of(marketo)

    marketo, client = start()
    made = client.post("/__admin/subscriptions", json={"name": "s", "fixture": "demo"}).get_json()
    client.post("/__admin/snapshots?subscription=s", json={"name": "kept"})
    client.post("/__admin/snapshots?subscription=s", json={"name": "gone"})
    client.delete("/__admin/snapshots/gone?subscription=s")
    client.delete("/__admin/leads/1001?subscription=s")
    marketo.registry.close()
    if lasting.folder is not None:
        half = lasting.folder / "subscriptions" / "s" / "snapshots" / "half.sqlite"
        SqliteDatabase(subscription_metadata, half).close()  # and then it was killed

    marketo, client = start()
    assert client.get("/__admin/subscriptions/s").get_json() == {**made, "leads": 29}
    assert [item["name"] for item in client.get("/__admin/snapshots?subscription=s").get_json()["snapshots"]] == [
        "kept"
    ]
    assert client.post("/__admin/snapshots/kept/restore?subscription=s").status_code == 204
    assert client.get("/__admin/leads/1001?subscription=s").status_code == 200
    client.delete("/__admin/leads/1001?subscription=s")
    client.post("/__admin/reset?subscription=s")
    assert client.get("/__admin/leads/1001?subscription=s").status_code == 200
    client.delete("/__admin/subscriptions/s")
    assert lasting.folder is None or not (lasting.folder / "subscriptions" / "s").exists()
    marketo.registry.close()


# ---------------------------------------------------------------------------------------------------------------------
# While calls go on


def test_a_call_sees_all_of_the_old_or_all_of_the_new(api):
    worlds = [
        f"leads: [{{Id: 1, Email: {name}@example.com}}, {{Id: 2, Email: {name}@example.com}}]"
        for name in ("ann", "bob")
    ]
    api.ask("PUT", "/state", data=worlds[0], expect=204)
    api.marketo.set_clock(Clock())
    api.put("/switches", {"signature_window": "off"})
    request = api.marketo.envelope(
        "<ns1:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></ns1:paramsGetLead>"
    )
    stop, failures = threading.Event(), []

    def call():
        while not stop.is_set():
            answer = api.marketo.server.answer("2_9", request.encode(), "text/xml", None)
            if answer.status != 200:
                failures.append(answer.body)
            emails = {lead["email"] for lead in api.client.get("/__admin/leads").get_json()["leads"]}
            if len(emails) != 1:
                failures.append(emails)

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    api.post("/snapshots", {"name": "x"})
    for number in range(30):
        content = "behaviour: {signature_window: off}\n" + worlds[number % 2]
        api.ask("PUT", "/state?baseline=true", data=content, expect=204)
        api.ask("POST", "/reset", expect=204)
        api.ask("POST", "/snapshots/x/restore", expect=204)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert failures == []
