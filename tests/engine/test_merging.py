"""mergeLeads: who wins, what the winner gets, what is left of the losers."""

from __future__ import annotations

import pytest
from asking import activities, ask
from support import XSI, Marketo

from mockmkto.engine.absorbing import forget
from mockmkto.model import ChangeOutcome
from mockmkto.store import campaigns, custom_objects, lists, objects, program_members

WORLD = """
lead_keys: {SFDCACCOUNTID: Company}
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, LeadScore: 5}, cookies: ["token:a"]}
- Id: 1002
  Email: bob@example.com
  attributes: {FirstName: Bob, City: Rome, LeadScore: 7, Company: ACME, AnonymousIP: 10.0.0.1}
  foreign_ids: [{type: CUSTOM, id: B-1}]
  cookies: ["token:b"]
- {Id: 1003, Email: cy@example.com, attributes: {City: Oslo, State: OR}}
- {Id: 1004, Email: cy@example.com}
anonymous_leads:
- {Id: 1005, cookies: ["token:w"], attributes: {AnonymousIP: 10.0.0.2}}
lists:
- {name: Newsletter, members: [1002]}
- {name: Both, members: [1001, 1002]}
programs:
- name: ER Demo
  members: [{lead: 1001, status: Invited}, {lead: 1002, status: Attended}]
- name: Second
  members: [{lead: 1002, status: Invited}]
activities:
- {id: 5, lead: 1002, type: Visit Webpage, asset: /pricing, at: 2026-03-13T00:00:00Z}
opportunities:
- {id: 1, attributes: {Name: Big deal}}
- {id: 2, attributes: {Name: Small deal}}
opportunity_roles:
- {id: 1, opportunity: 1, lead: 1001, attributes: {Role: Buyer}}
- {id: 2, opportunity: 1, lead: 1002, attributes: {Role: Buyer}}
- {id: 3, opportunity: 2, lead: 1002, attributes: {Role: Buyer}}
custom_object_types:
- name: Roadshow
  keys: [MKTOID, rid]
  link: {field: MKTOID, to: Id}
  fields: [{name: MKTOID, type: integer}, {name: rid, type: string}, {name: city, type: string}]
  records:
  - {MKTOID: 1001, rid: r1, city: Rome}
  - {MKTOID: 1002, rid: r1, city: Oslo}
  - {MKTOID: 1002, rid: r2, city: Bern}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(name: str, value: str) -> Marketo:
    return Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}")


def key_list(*keys):
    pairs = [key if isinstance(key, tuple) else ("IDNUM", key) for key in keys]
    return {"attribute": [{"attrName": name, "attrValue": value} for name, value in pairs]}


def merge(marketo, winner, *losers, in_sales=None, version="2_9"):
    """Each a key (an Id, or a name and a value), or a list of keys."""
    lists_ = [key_list(*keys) if isinstance(keys, list) else key_list(keys) for keys in (winner, *losers)]
    members = {
        "winningLeadKeyList": lists_[0],
        "losingLeadKeyLists": {"keyList": lists_[1:]},
        "mergeInSales": in_sales,
    }
    return ask(marketo, "mergeLeads", members, version)


def merged(answer):
    """Winner, losers, status."""
    losers = [int(item.text) for item in answer.root.iter("integerItem")]
    return int(answer.text("winningLeadId") or 0), losers, answer.text("status")


# ---------------------------------------------------------------------------------------------------------------------
# Which leads


@pytest.mark.parametrize(
    ("winner", "losers", "expected"),
    [
        (1001, [1002], (1001, [1002], "MERGED")),
        (1001, [1003, 1002], (1001, [1003, 1002], "MERGED")),
        (("EMAIL", "ann@example.com"), [("EMAIL", "bob@example.com")], (1001, [1002], "MERGED")),
        (("idnum", "1001"), [("Email", " BOB@example.com")], (1001, [1002], "MERGED")),
        (("EMAIL", "cy@example.com"), [1001], (1004, [1001], "MERGED")),
        (1001, [("EMAIL", "cy@example.com")], (1001, [1004], "MERGED")),
        (("COOKIE", "token:a"), [("COOKIE", "token:b")], (1001, [1002], "MERGED")),
        (("SFDCACCOUNTID", "acme"), [1001], (1002, [1001], "MERGED")),
        (1001, [1002, 1002], (1001, [1002], "MERGED")),
        ([1001, ("EMAIL", "ann@example.com")], [1002], (1001, [1002], "MERGED")),
    ],
)
def test_which_leads_are_merged(marketo, winner, losers, expected):
    answer = merge(marketo, winner, *losers)
    assert merged(answer) == expected
    assert (answer.call.status, answer.call.lead_id) == ("MERGED", expected[0])


@pytest.mark.parametrize("version", ["2_0", "2_4", "3_1"])
def test_the_answer(marketo, version):
    answer = merge(marketo, 1001, 1002, version=version)
    (status,) = answer.root.iter("mergeStatus")
    assert [child.tag for child in status] == ["winningLeadId", "losingLeadIdList", "status", "error"]
    assert status.find("error").get(f"{{{XSI}}}nil") == "true"


@pytest.mark.parametrize(
    ("winner", "losers", "code", "message"),
    [
        (999, [1002], "20103", "No lead found with IDNUM = 999"),
        (1001, [999], "20103", "No lead found with IDNUM = 999"),
        (1001, [1002, 999], "20103", "No lead found with IDNUM = 999"),
        (998, [999], "20103", "No lead found with IDNUM = 998"),
        (1001, [1001], "20110", "Lead 1001 cannot be merged into itself"),
        (1001, [1002, ("EMAIL", "ann@example.com")], "20110", "Lead 1001 cannot be merged into itself"),
        (("FOO", "1"), [999], "20102", "Lead key type is not valid: FOO"),
        (999, [("FOO", "1")], "20102", "Lead key type is not valid: FOO"),
        ([], [("FOO", "1")], "20101", "No lead key was given"),
        (1001, [[]], "20101", "No lead key was given"),
        ([], [], "20109", "losingLeadKeyLists is required"),
        (
            [1001, ("EMAIL", "bob@example.com")],
            [1003],
            "20110",
            "A key list names one lead: EMAIL = bob@example.com is not lead 1001",
        ),
    ],
)
def test_faults_in_their_order_and_nothing_is_merged(marketo, winner, losers, code, message):
    before = marketo.dump()
    answer = merge(marketo, winner, *losers)
    assert (answer.code, answer.message) == (code, f"{message} ({code})")
    assert marketo.dump() == before


def test_a_missing_winner_list_is_20109(marketo):
    answer = ask(marketo, "mergeLeads", {"losingLeadKeyLists": {"keyList": [key_list(1002)]}})
    assert (answer.code, answer.message) == ("20109", "winningLeadKeyList is required (20109)")


def test_a_lead_that_is_not_found_can_be_the_status_failed():
    marketo = with_switch("merge_missing", "failed")
    answer = merge(marketo, 1001, 1002, 999)
    assert merged(answer) == (1001, [1002], "FAILED")
    assert answer.text("error") == "No lead found with IDNUM = 999 (20103)"
    assert marketo.lead(1002).email == "bob@example.com"


# ---------------------------------------------------------------------------------------------------------------------
# What the winner gets


def test_the_winner_keeps_its_values_and_fills_the_empty_ones_the_first_loser_first(marketo):
    merge(marketo, 1001, 1002, 1003)
    winner = marketo.lead(1001)
    assert winner.email == "ann@example.com"
    assert winner.attributes == {
        "FirstName": "Ann",
        "LeadScore": "5",
        "City": "Rome",
        "Company": "ACME",
        "AnonymousIP": "10.0.0.1",
        "State": "OR",
    }


def test_keys_go_to_the_winner_and_the_losers_are_gone(marketo):
    merge(marketo, 1001, 1002)
    assert marketo.get("IDNUM", 1002).code == "20103"
    assert marketo.get("EMAIL", "bob@example.com").code == "20103"
    assert marketo.keys(1001) == ({("CUSTOM", "B-1")}, {"token:a", "token:b"})
    assert marketo.sync(ForeignSysPersonId="B-1", ForeignSysType="CUSTOM").lead_id == 1001
    assert marketo.get("SFDCACCOUNTID", "acme").record.id == 1001


def test_memberships_go_to_the_winner_without_an_activity(marketo):
    merge(marketo, 1001, 1002)
    with marketo.database.transaction() as session:
        found = {item.name: lists.members(session, item.id) for item in lists.all_lists(session)}
        entered = [(item.program_id, item.lead_id, item.status) for item in program_members.all_members(session)]
    assert found == {"Newsletter": (1001,), "Both": (1001,)}
    assert entered == [(1001, 1001, "Invited"), (1002, 1001, "Invited")]
    assert [kind for _, kind, _, _ in activities(marketo)] == ["Visit Webpage", "Merge Leads"]


def test_activities_go_to_the_winner_with_their_ids_and_times(marketo):
    merge(marketo, 1001, 1002)
    answer = ask(marketo, "getLeadActivity", {"leadKey": {"keyType": "IDNUM", "keyValue": "1001"}})
    shown = [
        (item.findtext("id"), item.findtext("activityDateTime"), item.findtext("mktPersonId"))
        for item in answer.root.iter("activityRecord")
    ]
    assert shown == [("6", "2026-03-14T02:26:53-07:00", "1001"), ("5", "2026-03-12T17:00:00-07:00", "1001")]


def test_roles_and_custom_objects_go_to_the_winner_whose_own_stay(marketo):
    merge(marketo, 1001, 1002)
    with marketo.database.transaction() as session:
        assert [role.id for role in objects.roles_of_lead(session, 1001)] == [1, 3]
        records = custom_objects.of_lead(session, 1001)
        assert [dict(item.values) for item in records] == [
            {"MKTOID": "1001", "rid": "r1", "city": "Rome"},
            {"MKTOID": "1001", "rid": "r2", "city": "Bern"},
        ]
        assert custom_objects.count(session) == 2


def waiting(tokens):
    batch = f"- {{id: 2001, name: Monthly, program: ER Demo, type: batch, lead_tokens: {tokens}}}"
    return Marketo(f"{WORLD}\ncampaigns:\n{batch}")


def tokens_of_leads(marketo):
    with marketo.database.transaction() as session:
        return [(item.lead_id, dict(item.tokens)) for item in campaigns.all_lead_tokens(session)]


def test_tokens_that_wait_for_a_campaign_go_to_the_winner_whose_own_stay():
    marketo = waiting("{1001: {my.a: Ann}, 1002: {my.a: Bob, my.b: Bob}, 1003: {my.b: Cy, my.c: Cy}}")
    merge(marketo, 1001, 1002, 1003)
    assert tokens_of_leads(marketo) == [(1001, {"a": "Ann", "b": "Bob", "c": "Cy"})]


def test_tokens_that_wait_for_a_lead_go_with_it():
    marketo = waiting("{1001: {my.a: Ann}, 1002: {my.a: Bob}}")
    with marketo.database.transaction() as session:
        forget(session, 1002)
    assert tokens_of_leads(marketo) == [(1001, {"a": "Ann"})]


@pytest.mark.parametrize(
    ("winner", "losers", "in_sales", "expected"),
    [
        (1001, [1002, 1003], "true", ("Ann", "[1002,1003]", "TRUE", "TRUE")),
        (1001, [1004], None, ("Ann", "[1004]", "FALSE", "FALSE")),
        (1004, [1003], "false", ("", "[1003]", "FALSE", "TRUE")),
    ],
)
def test_one_merge_leads_is_logged_on_the_winner(marketo, winner, losers, in_sales, expected):
    merge(marketo, winner, *losers, in_sales=in_sales)
    asset, ids, sales, updated = expected
    lead, kind, shown, said = activities(marketo)[-1]
    assert (lead, kind, shown) == (winner, "Merge Leads", asset)
    assert list(said.items()) == [
        ("Lead ID", str(winner)),
        ("Merge IDs", ids),
        ("Merge Source", "leaddb"),
        ("Merged in Sales", sales),
        ("Master Updated", updated),
    ]
    assert len(activities(marketo)) == 2


def test_filled_fields_can_be_logged_as_changes():
    marketo = with_switch("merge_changes", "on")
    merge(marketo, 1001, 1003)
    assert [(kind, asset) for _, kind, asset, _ in activities(marketo)[1:]] == [
        ("Merge Leads", "Ann"),
        ("Change Data Value", "City"),
        ("Change Data Value", "State"),
    ]


def test_an_anonymous_loser_is_merged_like_any(marketo):
    merge(marketo, 1001, 1005)
    assert marketo.lead(1001).attributes["AnonymousIP"] == "10.0.0.2"
    assert marketo.keys(1001)[1] == {"token:a", "token:w"}


def test_an_anonymous_winner_that_gets_an_email_becomes_known(marketo):
    merge(marketo, 1005, 1003)
    winner = marketo.lead(1005)
    assert (winner.known, winner.email, winner.attributes["City"]) == (True, "cy@example.com", "Oslo")
    assert [kind for _, kind, _, _ in activities(marketo)[1:]] == ["Merge Leads", "New Lead"]


def test_merging_takes_it_that_the_winner_was_updated(marketo):
    before = marketo.lead(1003)
    merge(marketo, 1003, 1001)
    after = marketo.lead(1003)
    assert (after.updated_at, after.created_at) == (marketo.now, before.created_at)
    assert marketo.sync(Email="cy@example.com").lead_id == 1003  # the most recently updated of two


# ---------------------------------------------------------------------------------------------------------------------
# The record of the call


def test_the_trace_says_what_was_filled_from_whom_what_was_kept_and_what_moved(marketo):
    merge(marketo, 1001, ("EMAIL", "bob@example.com"))
    call = marketo.calls[-1]
    winner, loser = call.trace.records
    said = {change.target: (change.outcome, change.reason) for change in winner.changes}
    assert said["City"] == (ChangeOutcome.WRITTEN, "filled from lead 1002")
    assert said["FirstName"] == (ChangeOutcome.UNCHANGED, "kept; lead 1002 had 'Bob'")
    assert (loser.status, loser.lead_id, loser.keys[0].value) == ("merged", 1002, "bob@example.com")
    assert loser.reason == "its 2 keys, 2 memberships, 1 activity, 1 role, 1 custom object went to lead 1001"
    assert call.trace.lead_ids == (1001, 1002)
    assert call.fields.attributes == {"winner": "IDNUM 1001", "losers": "EMAIL bob@example.com"}


def test_warnings(marketo):
    answer = merge(marketo, [1001, ("EMAIL", "ann@example.com")], 1002, ("EMAIL", "bob@example.com"), in_sales="1")
    assert answer.warnings == [
        "a key list has one key: EMAIL was ignored",
        "a losing lead is named twice: it is merged once",
        "mergeInSales was noted: there is no CRM behind this",
    ]
