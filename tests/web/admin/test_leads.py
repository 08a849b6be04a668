"""Leads over the control API: found, added, changed, deleted; nothing is matched, no rule is asked."""

from __future__ import annotations

import pytest

WORLD = """
partitions: [Europe]
fields: [{name: Rank__c, type: integer}]
lead_keys: {SFDCLEADID: City}
leads:
  - Id: 1
    Email: Ann@Example.com
    foreign_ids: [{id: A-1}, {type: SFDC, id: S-1}]
    attributes: {City: Bern, Rank__c: 5}
  - {Id: 2, Email: bob@example.com, cookies: [one, two], attributes: {City: Zürich}}
  - {Id: 12, Email: carl@example.org, partition: Europe, attributes: {Rank__c: 50}}
anonymous_leads: [{Id: 20, cookies: [three]}]
"""


@pytest.fixture
def api(make_api):
    return make_api(WORLD)


def ids(api, query: str = "") -> list[int]:
    return [lead["id"] for lead in api.get(f"/leads?{query}")["leads"]]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Id:1", [1]),
        ("id:1*", [1, 12]),
        ("Email:ann@example.COM", [1]),
        ("email:ann", []),
        ("Email:*@example.com", []),
        ("Email:b*", [2]),
        ("Email:*", [1, 2, 12]),
        ("Email:", [20]),
        ("ForeignSysPersonId:a-1", [1]),
        ("ForeignSysPersonId:S*", [1]),
        ("foreignsyspersonid:*", [1]),
        ("ForeignSysPersonId:", [2, 12, 20]),
        ("cookie:TWO", [2]),
        ("cookie:id:two", [2]),
        ("cookie:t*", [2, 20]),
        ("partition:europe", [12]),
        ("partition:Eu*", [12]),
        ("known:true", [1, 2, 12]),
        ("known:False", [20]),
        ("City:ZÜRICH", [2]),
        ("city:b*", [1]),
        ("City:*", [1, 2]),
        ("City:", [12, 20]),
        ("Rank__c:5", [1]),
        ("Rank__c:5*", [1, 12]),
    ],
)
def test_filters_compare_in_any_case(where, found, api):
    assert ids(api, f"where={where}") == found


def test_all_filters_must_hold(api):
    assert ids(api, "where=known:true&where=Email:*&where=Rank__c:5*") == [1, 12]


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("Email", ("query.where[0]", "NAME:VALUE, such as Email:ann@*", "'Email'")),
        ("Id:x", ("query.where[0]", "an Id, such as Id:1001", "'Id:x'")),
        (
            "partition:Eurpoe",
            ("query.where[0]", "a partition that there is (did you mean 'Europe'?)", "'partition:Eurpoe'"),
        ),
        ("known:maybe", ("query.where[0]", "known:true or known:false", "'known:maybe'")),
    ],
)
def test_a_filter_that_is_none(where, problem, api):
    assert api.problem("GET", f"/leads?where={where}") == [problem]


def test_an_unknown_name_in_a_filter_is_refused_with_the_nearest_known_one(api):
    ((where, expected, got),) = api.problem("GET", "/leads?where=Id:1&where=first_name:Ann")
    assert (where, got) == ("query.where[1]", "'first_name'")
    assert expected.endswith("(did you mean 'FirstName'?)")
    ((_, expected, _),) = api.problem("GET", "/leads?where=cooky:1")
    assert expected.endswith("(did you mean 'cookie'?)")


@pytest.mark.parametrize(
    ("sort", "sorted_ids"),
    [
        ("id", [1, 2, 12, 20]),
        ("-id", [20, 12, 2, 1]),
        ("email", [20, 1, 2, 12]),
        ("-email", [12, 2, 1, 20]),
        ("updated", [2, 12, 20, 1]),
        ("-updated", [1, 20, 12, 2]),
    ],
)
def test_sorting(sort, sorted_ids, api):
    api.patch("/leads/1", {"attributes": {"City": "Basel"}})
    assert ids(api, f"sort={sort}") == sorted_ids


def test_pages_follow_one_another(api):
    seen, url = [], "/leads?limit=1&sort=-id&where=Email:*"
    while url:
        page = api.get(url)
        assert page["total"] == 3
        seen += [lead["id"] for lead in page["leads"]]
        url = page["next"] and page["next"].removeprefix("http://localhost/__admin")
    assert seen == [12, 2, 1]


def test_a_page_behind_the_last_one(api):
    assert api.get("/leads?offset=100") == {"leads": [], "total": 4, "next": None}


def test_one_lead_with_all_there_is_of_it(api):
    lead = api.get("/leads/2")
    assert {name: lead[name] for name in ("email", "known", "partition", "attributes", "cookies", "foreign_ids")} == {
        "email": "bob@example.com",
        "known": True,
        "partition": "Default",
        "attributes": {"City": "Zürich"},
        "cookies": ["one", "two"],
        "foreign_ids": [],
    }
    assert api.get("/leads/1")["foreign_ids"] == [{"type": "CUSTOM", "id": "A-1"}, {"type": "SFDC", "id": "S-1"}]


def test_adding_is_no_sync_lead(api):
    body = {"email": "ann@example.com", "attributes": {"city": "Bonn", "Rank__c": 7, "DoNotCall": True, "State": None}}
    answer = api.ask("POST", "/leads", body, expect=201)
    lead = answer.get_json()
    assert answer.headers["Location"] == "http://localhost/__admin/leads/21?subscription=default"
    assert (lead["id"], lead["attributes"]) == (21, {"City": "Bonn", "Rank__c": "7", "DoNotCall": "1"})
    assert lead["created_at"] == lead["updated_at"] == "2026-03-14T09:26:53Z"
    assert api.get("/leads/21") == lead
    assert [record.id for record in api.marketo.get("EMAIL", "ann@example.com").records] == [21, 1]


def test_adding_with_every_key(api):
    keys = {"foreign_ids": [{"id": "B-1"}, {"type": "SFDC", "id": "B-2"}], "cookies": ["id:x", "y"]}
    lead = api.post("/leads", {"id": 500, "partition": "EUROPE", **keys})
    assert lead["partition"] == "Europe"
    assert lead["cookies"] == ["x", "y"]
    assert lead["foreign_ids"] == [{"type": "CUSTOM", "id": "B-1"}, {"type": "SFDC", "id": "B-2"}]
    assert api.marketo.sync(ForeignSysPersonId="B-1").lead_id == 500
    assert api.marketo.sync(cookie="id:y").lead_id == 500
    assert api.marketo.sync(Email="new@example.com").lead_id == 501


def test_an_anonymous_lead(api):
    lead = api.post("/leads", {"known": False, "cookies": ["z"]})
    assert (lead["known"], lead["email"]) == (False, None)
    assert [item[0] for item in api.problem("POST", "/leads", {"known": False, "email": "a@b.c"})] == ["body.email"]
    problem = api.problem("POST", "/leads", {"known": False, "foreign_ids": [{"id": "q"}]})
    assert [item[0] for item in problem] == ["body.foreign_ids"]


@pytest.mark.parametrize(
    ("body", "status", "where", "expected"),
    [
        ({"id": 1}, 409, "body.id", "no conflict with what is there"),
        ({"id": 0}, 400, "body.id", "1 to 2147483647"),
        ({"foreign_ids": [{"id": "A-1"}]}, 409, "body.foreign_ids[0]", "no conflict with what is there"),
        ({"cookies": ["id:one"]}, 409, "body.cookies[0]", "no conflict with what is there"),
        (
            {"foreign_ids": [{"type": "SAP", "id": "1"}]},
            400,
            "body.foreign_ids[0].type",
            "one of CUSTOM, SFDC, NETSUITE",
        ),
        ({"attributes": {"Rank__c": "x"}}, 400, "body.attributes.Rank__c", "a whole number"),
        ({"attributes": {"Rnk__c": "1"}}, 400, "body.attributes.Rnk__c", "there is no field 'Rnk__c'"),
        ({"attributes": {"City": "x" * 256}}, 400, "body.attributes.City", "no more than 255 characters"),
        ({"attributes": {"City": ["x"]}}, 400, "body.attributes", "true or false or an integer or a number or text"),
        ({"partition": "Asia"}, 400, "body.partition", "there is no partition 'Asia'"),
    ],
)
def test_what_cannot_be_added(body, status, where, expected, api):
    ((at, said, _),) = api.problem("POST", "/leads", body, status=status)
    assert at == where
    assert said.startswith(expected)
    assert api.get("/leads")["total"] == 4
    assert api.marketo.sync(Email="new@example.com").lead_id == 21  # no Id was consumed


def test_changing_changes_what_is_given(api):
    before = api.get("/leads/1")
    lead = api.patch("/leads/1", {"attributes": {"city": None, "State": "BE"}})
    assert lead["attributes"] == {"Rank__c": "5", "State": "BE"}
    assert {**lead, "attributes": 0, "updated_at": 0} == {**before, "attributes": 0, "updated_at": 0}
    lead = api.patch("/leads/1", {"email": None, "attributes": {"State": ""}, "foreign_ids": [{"id": "A-2"}]})
    assert (lead["email"], lead["attributes"]) == (None, {"Rank__c": "5"})
    assert lead["foreign_ids"] == [{"type": "CUSTOM", "id": "A-2"}]
    assert api.get("/leads?where=ForeignSysPersonId:A-1")["total"] == 0


def test_changing_updates_what_get_lead_finds_it_by(api):
    api.patch("/leads/1", {"attributes": {"City": "Basel"}})
    assert api.marketo.get("SFDCLEADID", "basel").record.id == 1
    assert api.marketo.get("SFDCLEADID", "Bern").code == "20103"


def test_a_changed_lead_is_the_most_recently_updated(api):
    api.post("/leads", {"email": "ann@example.com"})
    api.patch("/leads/1", {})
    assert api.marketo.sync(Email="ann@example.com").lead_id == 1


def test_a_known_lead_can_become_anonymous_only_without_e_mail_and_foreign_key(api):
    assert [item[0] for item in api.problem("PATCH", "/leads/2", {"known": False})] == ["body.email"]
    assert api.patch("/leads/2", {"known": False, "email": None})["known"] is False
    problem = api.problem("PATCH", "/leads/1", {"known": False, "email": None})
    assert [item[0] for item in problem] == ["body.foreign_ids"]
    assert api.patch("/leads/1", {"known": False, "email": None, "foreign_ids": []})["foreign_ids"] == []
    assert api.patch("/leads/20", {"known": True, "email": "x@example.com"})["known"] is True


def test_a_key_of_its_own_is_no_conflict_but_another_lead_s_is(api):
    assert api.patch("/leads/2", {"cookies": ["two"]})["cookies"] == ["two"]
    assert [item[0] for item in api.problem("PATCH", "/leads/1", {"cookies": ["two"]}, status=409)] == [
        "body.cookies[0]"
    ]


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {}), ("DELETE", None)])
def test_a_lead_that_is_not_there(method, body, api):
    assert api.problem(method, "/leads/999", body, status=404) == [("path.id", "an existing lead", "999")]


def test_deleting_takes_the_keys_along(api):
    api.delete("/leads/2")
    assert api.marketo.get("COOKIE", "one").code == "20103"
    assert api.get("/leads")["total"] == 3


def test_the_activity_log_says_that_a_lead_was_deleted(api):
    api.delete("/leads/2")
    (logged,) = api.get("/activities?type=DeleteLead")["activities"]
    assert (logged["lead"], logged["type"]) == (2, "Delete Lead")
