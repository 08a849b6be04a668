"""The trace of a call: each key with what it found and why, the partition and its rules, each value twice."""

from __future__ import annotations

import pytest
from asking import ask, lead_keys
from support import Marketo

from mockmkto.model import Change, ChangeOutcome, Key, KeyStep, RuleStep, Trace, Verdict

WORLD = """
workspaces: [{name: Default, primary_partition: Default}, {name: EMEA, primary_partition: Europe}]
partitions: [Default, Europe, Asia]
assignment_rules:
  - {name: Japan, when: [{field: Country, is: Japan}, {field: Company, is_not_empty: true}], partition: Asia}
  - {name: Large, when: [{field: NumberOfEmployees, in: ["500", "900"]}], partition: Asia}
  - {name: Never, when: [{field: Title, is: Nobody}], partition: Europe}
leads:
  - {Id: 1, Email: ann@example.com, foreign_ids: [{id: A}], cookies: [ann], attributes: {City: Lyon, Title: Dr}}
  - {Id: 2, Email: bob@example.com, foreign_ids: [{id: B}], cookies: [bob]}
  - {Id: 3, Email: bob@example.com}
anonymous_leads: [{Id: 4, cookies: [web]}]
"""
WRITTEN, UNCHANGED, MOVED = ChangeOutcome.WRITTEN, ChangeOutcome.UNCHANGED, ChangeOutcome.MOVED


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def changes(answer) -> dict[str, Change]:
    return {str(change.target): change for change in answer.call.trace.changes}


# ---------------------------------------------------------------------------------------------------------------------
# Keys


def test_a_step_says_key_value_leads_found_verdict_and_reason(marketo):
    answer = marketo.sync(ForeignSysPersonId="NEW", ForeignSysType="SFDC", cookie="ann", Email="bob@example.com")
    assert answer.call.trace.keys == (
        KeyStep(Key.FOREIGN_ID, "SFDC NEW", (), Verdict.FINDS_NOTHING, "no lead has it"),
        KeyStep(Key.COOKIE, "ann", (1,), Verdict.DECIDES, "lead 1 has it"),
        KeyStep(Key.EMAIL, "bob@example.com", (3, 2), Verdict.OUTRANKED, "finds lead 3, but marketoCookie had decided"),
    )


def test_of_several_leads_the_reason_says_why_this_one(marketo):
    (step,) = marketo.sync(Email="bob@example.com").call.trace.keys
    assert step.reason == "2 leads have it; lead 3 is the most recently updated"


def test_a_key_behind_the_deciding_one_may_find_the_same_lead(marketo):
    step = marketo.sync(Id=1, Email="ann@example.com").call.trace.keys[1]
    assert (step.verdict, step.reason) == (Verdict.OUTRANKED, "finds the same lead, but Id had decided")


def test_an_unknown_id_fails_and_says_so(marketo):
    first, second = marketo.sync(Id=99, Email="ann@example.com").call.trace.keys
    assert (first.verdict, first.reason) == (Verdict.FAILS, "no lead has this Id, and an Id is never created")
    assert (second.verdict, second.reason) == (Verdict.NOT_TRIED, "an Id that finds nothing ends the call")


def test_the_chosen_lead_is_derived_from_the_steps():
    outranked = KeyStep(Key.EMAIL, "e", (9,), Verdict.OUTRANKED)
    decides = KeyStep(Key.COOKIE, "c", (7, 8), Verdict.DECIDES)
    assert Trace((decides, outranked)).lead_id == 7
    assert Trace((outranked,)).lead_id is None
    assert Trace().lead_id is None


@pytest.mark.parametrize(
    "given", [{"Id": 1}, {"ForeignSysPersonId": "A"}, {"cookie": "ann"}, {"Email": "ann@example.com"}]
)
def test_the_lead_that_is_written_is_the_one_that_the_steps_choose(marketo, given):
    answer = marketo.sync({"FirstName": "Zoe"}, **given)
    assert answer.call.trace.lead_id == 1
    assert marketo.lead(answer.call.trace.lead_id).attributes["FirstName"] == "Zoe"


def test_a_new_lead_was_chosen_by_no_key(marketo):
    answer = marketo.sync(Email="new@example.com")
    assert (answer.call.trace.lead_id, answer.call.trace.deciding) == (None, None)
    assert answer.call.lead_id == answer.lead_id


# ---------------------------------------------------------------------------------------------------------------------
# Partition


def test_the_partition_step_lists_the_rules_that_were_tried_up_to_the_one_that_held(marketo):
    step = marketo.sync({"Country": "Japan", "NumberOfEmployees": "900"}, Email="n@new.example").call.trace.partition
    assert step.rules == (
        RuleStep("Japan", holds=False, failed="Company is not empty"),
        RuleStep("Large", holds=True, failed=None),
    )
    assert (step.partition, step.workspace, step.reason) == ("Asia", None, "assignment rule 'Large'")


@pytest.mark.parametrize(
    ("workspace", "partition", "reason"),
    [
        (None, "Default", "primary partition of workspace Default (no context header)"),
        ("emea", "Europe", "primary partition of workspace EMEA"),
    ],
)
def test_where_no_rule_holds_each_says_what_failed(marketo, workspace, partition, reason):
    step = marketo.sync(Email="n@new.example", workspace=workspace).call.trace.partition
    assert [rule.failed for rule in step.rules] == [
        "Country is 'Japan'",
        "NumberOfEmployees in '500', '900'",
        "Title is 'Nobody'",
    ]
    assert (step.partition, step.reason) == (partition, reason)
    assert step.workspace == (workspace and "EMEA")


@pytest.mark.parametrize(
    ("given", "accepted", "reason"),
    [
        ({"Id": 1}, True, "stays in its partition (no context header)"),
        ({"Id": 1, "workspace": "Default"}, True, "in the primary partition of workspace Default"),
        (
            {"Email": "ann@example.com", "workspace": "EMEA"},
            True,
            "stays in its partition (matched by Email, the header is ignored)",
        ),
        ({"Id": 1, "workspace": "EMEA"}, False, "not in Europe, the primary partition of workspace EMEA"),
    ],
)
def test_the_partition_step_of_a_matched_lead_says_why_it_may_be_updated(marketo, given, accepted, reason):
    step = marketo.sync(**given).call.trace.partition
    assert (step.partition, step.accepted, step.reason, step.rules) == ("Default", accepted, reason, ())


# ---------------------------------------------------------------------------------------------------------------------
# Values


def test_each_value_has_its_before_and_after(marketo):
    answer = marketo.sync(
        {"City": "Oslo", "Title": "Dr", "Phone": "1", "Company": "", "AnonymousIP": "::1"},
        Id=1,
        Email="new@example.com",
    )
    assert answer.call.trace.changes == (
        Change("Email", "ann@example.com", "new@example.com", WRITTEN),
        Change("City", "Lyon", "Oslo", WRITTEN),
        Change("Title", "Dr", "Dr", UNCHANGED),
        Change("Phone", None, "1", WRITTEN),
        Change("Company", None, None, UNCHANGED),
        Change("AnonymousIP", None, None, ChangeOutcome.NOT_STORED, "may not be written; '::1' was sent"),
    )


def test_a_value_that_is_cleared_has_no_after(marketo):
    assert changes(marketo.sync({"City": ""}, Id=1))["City"] == Change("City", "Lyon", None, WRITTEN)


def test_a_new_lead_and_its_values_were_nothing_before(marketo):
    answer = marketo.sync({"City": "Oslo"}, Email="n@new.example", ForeignSysPersonId="NEW", cookie="new")
    assert answer.call.trace.changes == (
        Change("lead", None, "5", WRITTEN),
        Change("Email", None, "n@new.example", WRITTEN),
        Change("City", None, "Oslo", WRITTEN),
        Change("Website", None, "new.example", WRITTEN, "derived from the e-mail"),
        Change(Key.FOREIGN_ID, None, "CUSTOM NEW", WRITTEN),
        Change(Key.COOKIE, None, "new", WRITTEN),
    )


def test_keys_that_move_name_the_other_lead(marketo):
    moved = changes(marketo.sync(Id=1, ForeignSysPersonId="B", cookie="web"))
    assert moved["ForeignSysPersonId"] == Change(Key.FOREIGN_ID, None, "CUSTOM B", MOVED, "taken from lead 2")
    assert moved["marketoCookie"] == Change(Key.COOKIE, None, "web", MOVED, "taken from lead 4")


def test_a_key_that_was_the_leads_already_is_unchanged(marketo):
    assert changes(marketo.sync(Id=1, cookie="ann"))["marketoCookie"] == Change(Key.COOKIE, "ann", "ann", UNCHANGED)


def test_a_cookie_that_stays_names_its_lead(marketo):
    change = changes(marketo.sync(Id=1, cookie="bob", move_cookie=False, version="3_1"))["marketoCookie"]
    assert (change.outcome, change.reason) == (ChangeOutcome.NOT_STORED, "moveCookie is false: it stays lead 2's")


def test_an_anonymous_lead_that_becomes_known_is_a_change(marketo):
    assert changes(marketo.sync(cookie="web"))["known"] == Change("known", "anonymous", "known", WRITTEN)


def test_a_merged_lead_is_a_change_that_names_the_other():
    marketo = Marketo("behaviour: {anonymous_cookie: merges}" + WORLD)
    answer = marketo.sync(cookie="web", Email="ann@example.com")
    assert answer.call.trace.keys[0].reason == "lead 4 is anonymous, and is merged into lead 1"
    assert changes(answer)["lead"] == Change("lead", "4", None, MOVED, "its cookies are now lead 1's")


# ---------------------------------------------------------------------------------------------------------------------
# Faults


def test_a_fault_keeps_the_steps_and_warnings_that_led_to_it(marketo):
    answer = marketo.sync({"city": "Oslo"}, ForeignSysPersonId="A", workspace="EMEA")
    assert answer.code == "20106"
    assert answer.call.trace.deciding.key is Key.FOREIGN_ID
    assert answer.call.lead_id == 1
    assert answer.call.trace.changes == ()
    assert answer.warnings == [
        "ForeignSysType is missing: CUSTOM was assumed",
        "attribute city was read as the field City",
    ]


def test_a_fault_before_matching_has_no_steps(marketo):
    answer = marketo.sync({"pants": "1"}, Id=1)
    assert answer.call.trace == Trace()
    assert answer.call.lead_id is None


# ---------------------------------------------------------------------------------------------------------------------
# Records of a call that carries many

ASSETS = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, City: Rome}}
- {Id: 1002, Email: bob@example.com}
- {Id: 1003, Email: cy@example.com, attributes: {Title: Dr}}
programs: [{name: Demo}]
lists:
- {name: Newsletter, members: [1001]}
- {name: Attendees, program: Demo}
campaigns:
- id: 2001
  name: Welcome
  type: trigger
  sources: [MKTOWS]
  effects: [{set: {LeadStatus: Contacted}}, {add_to_list: Newsletter}]
opportunities: [{id: 1, attributes: {Name: Big deal}}]
opportunity_roles: [{id: 1, opportunity: 1, lead: 1001, attributes: {Role: Buyer}}]
"""


def record(email, **values):
    attributes = [{"attrName": name, "attrValue": value} for name, value in values.items()]
    return {"Email": email, "leadAttributeList": {"attribute": attributes}}


def on_the_list(operation, *members):
    key = {"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"}
    return {"listOperation": operation, "listKey": key, "listMemberList": lead_keys(*members)}


def key_list(lead_id):
    return {"attribute": [{"attrName": "IDNUM", "attrValue": lead_id}]}


def opportunity(name, **more):
    return {"type": "Opportunity", **more, "attribList": {"attrib": [{"name": "Name", "value": name}]}}


MANY = {
    "syncMultipleLeads": (
        {
            "leadRecordList": {
                "leadRecord": [
                    record("ann@example.com", FirstName="Anna", City="Oslo"),
                    record("ann@example.com", FirstName="Anna"),
                    record("new@example.com"),
                    record("bob@example.com", Nope="1"),
                ]
            }
        },
        [2, 0, 1, 0],
    ),
    "listOperation": (on_the_list("ADDTOLIST", 1002, 1001, 999, 1002), [1, 0, 0, 0]),
    "requestCampaign": (
        {"source": "MKTOWS", "campaignId": 2001, "leadList": lead_keys(1001, 1002, 1001)},
        [2, 3, 0],
    ),
    "mergeLeads": (
        {"winningLeadKeyList": key_list(1001), "losingLeadKeyLists": {"keyList": [key_list(1003)]}},
        [1, 0],
    ),
    "importToList": (
        {
            "programName": "Demo",
            "listName": "Attendees",
            "importFileHeader": "Email,First Name",
            "importFileRows": {"stringItem": ["ann@example.com,Anna", "new@example.com,Ned", ",Nobody"]},
            "importListMode": "UPSERTLEADS",
            "clearList": "false",
        },
        [2, 2, 0],
    ),
    "syncMObjects": (
        {"mObjectList": {"mObject": [opportunity("Bigger", id=1), opportunity("Small")]}, "operation": "UPSERT"},
        [1, 0],
    ),
}


@pytest.mark.parametrize("operation", MANY)
def test_each_record_says_how_many_activities_were_written_for_it(operation):
    members, expected = MANY[operation]
    trace = ask(Marketo(ASSETS), operation, members).call.trace
    assert [step.activities for step in trace.records] == expected
    assert sum(expected) == trace.activities


def test_a_strict_request_that_does_nothing_and_one_that_is_not_logged_write_none():
    marketo = Marketo(ASSETS)
    strict = ask(marketo, "listOperation", {**on_the_list("ADDTOLIST", 1002, 999), "strict": "true"})
    silent = ask(marketo, "listOperation", {**on_the_list("ADDTOLIST", 1002), "skipActivityLog": "true"}, "2_0")
    for call in (strict.call, silent.call):
        assert {step.activities for step in call.trace.records} == {0}
