"""Programs, lists, campaigns and imports of a fixture: read, refused with file, line and key, exported again."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent

import pytest
from support import Marketo

from mockmkto.model.campaigns import AddToList, SetValues, WriteActivity
from mockmkto.store import campaigns, imports, leads, lists, program_members, programs
from mockmkto.worlds import FixtureError, parse_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
- {Id: 1003, Email: ann2@example.com}
channels:
  Roadshow:
    statuses: [{name: Invited, step: 10}, {name: Attended, step: 30, success: true, check_in: Attended}]
tags: {Region: [West, East], Product: [A]}
programs:
- id: 1003
  name: ER Demo
  type: Marketing Event
  channel: roadshow
  folder: Marketing Activities/Events
  tags: {region: west}
  tokens: {"{{my.message}}": Hello, my.other: There}
  costs: [{month: 2014-03, amount: "500.00", note: hall}]
  start: 2014-03-01
  end: 2014-03-02
  description: A roadshow
  members:
  - {lead: {email: ann@example.com}, status: attended, since: "2014-03-01T10:00:00Z"}
  - {lead: 1002, status: Invited, acquired_by: true}
- {name: Second}
lists:
- {name: Newsletter, description: Weekly, folder: 38, members: [1002, 1001], owner_keys: {SFDCLEADOWNERID: 005A}}
- {name: Attendees, program: er demo, members: [{email: ann@example.com}]}
campaigns:
- id: 2001
  name: Send Welcome
  program: ER Demo
  sources: [MKTOWS]
  effects:
  - set: {leadstatus: Contacted}
  - add_to_list: Attendees
  - activity: {type: Send Email, asset: "{{my.message}}", attributes: {Campaign Run ID: 7}}
  requests:
  - {at: "2014-03-01T10:00:00-08:00", leads: [1001, 999], tokens: {my.message: Hi}}
- name: Monthly
  type: batch
  active: false
  audience: newsletter
  runs:
  - {at: "2099-04-01T00:00:00Z"}
  lead_tokens: {1001: {"{{my.message}}": Ann's own}}
imports:
  duration: 60s
  jobs:
  - {list: ER Demo.Attendees, program: ER Demo, campaign: 2001, status: COMPLETE, started_at: "2014-03-01T00:00:00Z",
     imported: 2, failed: 1, summary: "2 of 3"}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def exported(marketo: Marketo) -> str:
    with marketo.database.transaction() as session:
        return as_yaml(export(session, "default", [], [])).decode()


def test_a_program_is_kept_with_the_names_that_the_file_defines(marketo):
    with marketo.database.transaction() as session:
        program = programs.by_name(session, " er DEMO ")
        assert program is not None
        assert (program.id, program.channel, program.type) == (1003, "Roadshow", "Marketing Event")
        assert program.tags == {"Region": "West"}
        assert program.tokens == {"message": "Hello", "other": "There"}
        assert [(cost.id, cost.month, cost.amount, cost.note) for cost in program.costs] == [
            (1, "2014-03-01", "500", "hall")
        ]
        assert program.description == "A roadshow"
        assert [item.name for item in programs.all_programs(session)] == ["ER Demo", "Second"]
        assert [(item.name, item.values) for item in programs.tag_types(session)] == [
            ("Region", ("West", "East")),
            ("Product", ("A",)),
        ]
        (channel,) = programs.channels(session)
        assert [(item.name, item.step, item.success, item.check_in) for item in channel.statuses] == [
            ("Invited", 10, False, None),
            ("Attended", 30, True, "Attended"),
        ]


def test_the_members_of_a_list_are_kept_in_order_of_joining(marketo):
    with marketo.database.transaction() as session:
        newsletter, attendees = lists.all_lists(session)
        assert (newsletter.shown, lists.members(session, newsletter.id)) == ("Newsletter", (1002, 1001))
        assert (attendees.shown, lists.members(session, attendees.id)) == ("ER Demo.Attendees", (1001,))
        assert (newsletter.description, newsletter.folder_id) == ("Weekly", 38)
        assert lists.known_members(session, newsletter.id, limit=1) == (1001,)
        assert lists.known_members(session, newsletter.id, after=1001, limit=9) == (1002,)
        assert [item.shown for item in lists.lists_of(session, 1001)] == ["Newsletter", "ER Demo.Attendees"]
        owned = lists.by_key(session, "SFDCLEADOWNERID", "005A")
        assert owned is not None
        assert owned.id == newsletter.id


def test_the_members_of_a_program_are_kept_with_their_statuses(marketo):
    with marketo.database.transaction() as session:
        ann, bob = program_members.members(session, 1003, most=9)
        assert (ann.lead_id, ann.status, ann.success, ann.acquired_by) == (1001, "Attended", True, False)
        assert ann.since == datetime(2014, 3, 1, 10, tzinfo=UTC)
        assert (bob.lead_id, bob.status, bob.success, bob.acquired_by) == (1002, "Invited", False, True)
        assert bob.since == bob.updated_at
        assert program_members.members(session, 1003, after=1001, most=9) == (bob,)
        leads.delete_lead(session, 1001)
        assert program_members.all_members(session) == (bob,)


def test_a_campaign_is_kept_with_what_it_does_and_was_asked_for(marketo):
    with marketo.database.transaction() as session:
        welcome, monthly = campaigns.all_campaigns(session)
        assert (welcome.shown, welcome.active, monthly.shown, monthly.active) == (
            "ER Demo.Send Welcome",
            True,
            "Monthly",
            False,
        )
        assert welcome.effects == (
            SetValues({"LeadStatus": "Contacted"}),
            AddToList(1002),
            WriteActivity("Send Email", "{{my.message}}", {"Campaign Run ID": "7"}),
        )
        assert monthly.audience == 1001
        (request,) = campaigns.calls_of(session, welcome.id)
        assert (request.leads, request.tokens, request.done) == ((1001, 999), {"message": "Hi"}, True)
        assert campaigns.calls_of_lead(session, 1001) == (request,)
        (run,) = campaigns.calls_of(session, monthly.id)
        assert (run.id, run.done, run.leads) == (2, False, ())
        assert [(item.lead_id, item.tokens) for item in campaigns.all_lead_tokens(session)] == [
            (1001, {"message": "Ann's own"})
        ]
        (job,) = imports.all_imports(session)
        assert (job.list_id, job.program_id, job.campaign_id, job.estimated_rows) == (1002, 1003, 2001, 3)


def test_an_export_loads_to_the_same_world(marketo):
    text = exported(marketo)
    again = Marketo(text)
    assert exported(again) == text
    assert {**again.dump(), "state": None} == {**marketo.dump(), "state": None}


def test_ids_go_on_where_they_had_come_to():
    marketo = Marketo("lists: [{id: 7, name: A}]\nnext_ids: {list: 2000, campaign: 5}")
    with marketo.database.transaction() as session:
        counted = {counter: session.next_id(counter) for counter in ("list", "campaign", "program")}
    assert counted == {"list": 2000, "campaign": 1001, "program": 1001}
    assert "next_ids:\n  list: 2000\n" in exported(marketo)


def test_a_reset_returns_to_the_members_of_the_fixture(marketo):
    before = marketo.dump()
    with marketo.database.transaction() as session:
        lists.clear(session, 1001)
        programs.remove(session, 1003)
        campaigns.remove(session, 2001)
    marketo.database.reset()
    assert {**marketo.dump(), "state": None} == {**before, "state": None}


def test_emptied_there_are_lists_without_members_and_campaigns_without_requests(marketo):
    with marketo.database.transaction() as session:
        session.empty()
        assert [lists.member_count(session, item.id) for item in lists.all_lists(session)] == [0, 0]
        assert len(campaigns.all_campaigns(session)) == 2
        assert (campaigns.all_calls(session), campaigns.all_lead_tokens(session)) == ((), ())
        assert imports.all_imports(session) == ()
    with marketo.database.transaction() as session:  # what is made next takes nobody's id
        assert session.next_id("list") == 1003


def test_a_deleted_lead_is_on_no_list_and_what_it_was_asked_for_stays(marketo):
    with marketo.database.transaction() as session:
        leads.delete_lead(session, 1001)
        assert lists.members(session, 1001) == (1002,)
        assert lists.lists_of(session, 1001) == ()
        assert campaigns.all_lead_tokens(session) == ()
        assert len(campaigns.calls_of_lead(session, 1001)) == 1


def test_the_lists_of_one_lead_become_anothers_without_a_place_twice(marketo):
    with marketo.database.transaction() as session:
        assert lists.move_memberships(session, from_lead=1001, to_lead=1002) == (1002,)
        assert lists.members(session, 1001) == (1002,)
        assert lists.members(session, 1002) == (1002,)
        assert lists.lists_of(session, 1001) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lists:\n- {members: [1]}", "2: lists[0]: expected the key `name`, which is missing"),
        (
            "lists:\n- {name: A}\n- {name: ' b '}",
            "3: lists[1].name: expected a name without space around it, got ' b '",
        ),
        ("lists:\n- {name: A}\n- {name: a}", "3: lists[1].name: the list 'a' is already lists[0]"),
        ("lists: [{name: A, id: 0}]", "1: lists[0].id: expected 1 to 2147483647, got 0"),
        (
            "leads: [{Id: 1, Email: a@example.com}]\nprograms: [{name: P, members: [{lead: 2, status: In}]}]",
            "2: programs[0].members[0].lead: there is no lead with the Id 2 in this file",
        ),
        (
            "channels: {C: {statuses: [{name: Invited, step: 1}]}}\nleads: [{Id: 1, Email: a@example.com}]\n"
            "programs: [{name: P, channel: C, members: [{lead: 1, status: Invite}]}]",
            "3: programs[0].members[0].status: the channel has no status 'Invite' (did you mean 'Invited'?); "
            "it has Invited",
        ),
        (
            "lists: [{name: A, id: 5}, {name: B, id: 5}]",
            "1: lists[1].id: the id 5 is already that of lists[0]",
        ),
        (
            "lists: [{name: A, program: Nope}]",
            "1: lists[0].program: there is no program 'Nope': name it under `programs:`",
        ),
        (
            "programs: [{name: ER Demo}]\nlists:\n- {name: A, program: ER Demos}",
            "3: lists[0].program: there is no program 'ER Demos' (did you mean 'ER Demo'?): name it under `programs:`",
        ),
        (
            "lists:\n- name: A\n  members:\n  - 1001",
            "4: lists[0].members[0]: there is no lead with the Id 1001 in this file",
        ),
        (
            "leads: [{Id: 1, Email: a@b.c}]\nlists: [{name: A, members: [{email: x@b.c}]}]",
            "2: lists[0].members[0].email: there is no lead with the e-mail 'x@b.c' in this file",
        ),
        (
            "leads: [{Id: 1, Email: a@b.c}, {Id: 2, Email: A@b.c}]\nlists: [{name: A, members: [{email: a@b.c}]}]",
            "2: lists[0].members[0].email: several leads have the e-mail 'a@b.c': name one by its Id (1, 2)",
        ),
        (
            "leads: [{Id: 1}]\nlists: [{name: A, members: [1, 1]}]",
            "2: lists[0].members[1]: the lead 1 is on the list already",
        ),
        (
            "lists: [{name: A, owner_keys: {SFDCLEADOWNER: 1}}]",
            "1: lists[0].owner_keys.SFDCLEADOWNER: expected MKTOSALESUSERID or SFDCLEADOWNERID (did you mean "
            "'SFDCLEADOWNERID'?)",
        ),
        (
            "lists: [{name: A, owner_keys: {SFDCLEADOWNERID: 1}}, {name: B, owner_keys: {SFDCLEADOWNERID: 1}}]",
            "1: lists[1].owner_keys.SFDCLEADOWNERID: the key '1' is already that of lists[0]",
        ),
        ("programs: [{name: A}, {name: a}]", "1: programs[1].name: the name 'a' is already that of programs[0]"),
        (
            "programs: [{name: A, channel: Roadshow}]",
            "1: programs[0].channel: there is no channel 'Roadshow': the file defines none",
        ),
        (
            "programs: [{name: A, workspace: Nope}]",
            "1: programs[0].workspace: there is no workspace 'Nope'; known here: Default",
        ),
        (
            "programs: [{name: A, tags: {Region: West}}]",
            "1: programs[0].tags.Region: there is no tag 'Region': name it under `tags:` of the world",
        ),
        (
            "tags: {Region: [East]}\nprograms: [{name: A, tags: {Region: West}}]",
            "2: programs[0].tags.Region: expected one of East, got 'West'",
        ),
        ("tags: {Channel: [A]}", "1: tags.Channel: a channel is no tag here: use `channels:`"),
        (
            "programs: [{name: A, costs: [{month: March, amount: 5}]}]",
            "1: programs[0].costs[0].month: expected a date such as 2015-06-23, got 'March'",
        ),
        (
            "programs: [{name: A, costs: [{month: 2014-03, amount: much}]}]",
            "1: programs[0].costs[0].amount: expected an amount such as 1234.50, without a currency sign or "
            "separators, got 'much'",
        ),
        (
            "programs: [{name: A, start: 2014-03-02, end: 2014-03-01}]",
            "1: programs[0].end: expected a day that is not before start",
        ),
        ("campaigns: [{name: A, type: smart}]", "1: campaigns[0].type: expected trigger or batch, got 'smart'"),
        (
            "campaigns: [{name: A, sources: [MKTOW]}]",
            "1: campaigns[0].sources[0]: expected MKTOWS or SALES, got 'MKTOW' (did you mean 'MKTOWS'?)",
        ),
        (
            "campaigns: [{name: A, type: batch, sources: [MKTOWS]}]",
            "1: campaigns[0].sources: a batch campaign listens to nobody: it is scheduled",
        ),
        (
            "lists: [{name: N}]\ncampaigns: [{name: A, audience: N}]",
            "2: campaigns[0].audience: a trigger campaign has no audience: its leads are requested",
        ),
        (
            "campaigns: [{name: A, type: batch, audience: N}]",
            "1: campaigns[0].audience: there is no list 'N': name it under `lists:`",
        ),
        (
            "campaigns: [{name: A, effects: [{}]}]",
            "1: campaigns[0].effects[0]: expected one of set, add_to_list, remove_from_list, activity, got nothing",
        ),
        (
            "campaigns: [{name: A, effects: [{set: {LeadStatu: x}}]}]",
            "1: campaigns[0].effects[0].set.LeadStatu: there is no field 'LeadStatu' (did you mean 'LeadStatus'?)",
        ),
        (
            "campaigns: [{name: A, effects: [{set: {LeadScore: x}}]}]",
            "1: campaigns[0].effects[0].set.LeadScore: expected a whole number from -2147483648 to 2147483647, got 'x'",
        ),
        (
            "campaigns: [{name: A, effects: [{add_to_list: N}]}]",
            "1: campaigns[0].effects[0].add_to_list: there is no list 'N': name it under `lists:`",
        ),
        (
            "programs: [{name: P}, {name: Q}]\nlists: [{name: N, program: P}, {name: N, program: Q}]\n"
            "campaigns: [{name: A, effects: [{add_to_list: N}]}]",
            "3: campaigns[0].effects[0].add_to_list: several lists are called 'N': name one as Program.List",
        ),
        (
            "campaigns: [{name: A, runs: [{at: 2014-03-01}]}]",
            "1: campaigns[0].runs[0]: a trigger campaign has no runs: only a batch campaign is scheduled",
        ),
        (
            "campaigns: [{name: A, requests: [{at: soon, leads: []}]}]",
            "1: campaigns[0].requests[0].at: expected a time such as 2015-06-23T15:41:32-07:00, got 'soon'",
        ),
        (
            "imports: {duration: long}",
            "1: imports.duration: expected a duration such as 90s, 15m, 1h30m or 2d, got 'long'",
        ),
        (
            "imports: {duration: 5s}\nbehaviour: {import_duration: 6s}",
            "1: imports.duration: `behaviour` has it already, as import_duration: give it once",
        ),
        (
            "imports: {jobs: [{list: N, status: DONE, started_at: 2014-03-01}]}\nlists: [{name: N}]",
            "1: imports.jobs[0].status: expected one of PROCESSING, COMPLETE, FAILED, CANCELED, got 'DONE'",
        ),
        (
            "imports: {jobs: [{list: N, status: PROCESSING, started_at: 2014-03-01}]}\nlists: [{name: N}]",
            "1: imports.jobs[0]: expected the key `header`: an import that is PROCESSING has its work still to do",
        ),
        (
            "next_ids: {lists: 5}",
            "1: next_ids.lists: unknown kind (did you mean 'list'?); known here: activity, list, program, campaign, "
            "campaign_call, import, opportunity, role, company",
        ),
        ("next_ids: {lead: 5}", "1: next_ids.lead: the Id of the next lead is `next_id`"),
    ],
)
def test_an_error_names_the_line_the_key_and_what_was_expected(text, message):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(dedent(text), "demo.yaml")
    assert str(caught.value) == f"demo.yaml:{message}"
