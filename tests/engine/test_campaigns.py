"""Campaigns: which a source may request, what a request of one does, runs by the clock, clones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asking import activities, ask, lead_keys
from support import NOW, Marketo

from mockmkto.clock import Clock
from mockmkto.store import campaigns, lists, programs

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: bob@example.com}
programs:
- {name: ER Demo, tokens: {"{{my.message}}": Hello, "{{my.score}}": "7"}}
lists:
- {name: Newsletter, members: [1002, 1001]}
- {name: Attendees, program: ER Demo, members: [1001]}
campaigns:
- id: 2001
  name: Send Welcome
  program: ER Demo
  sources: [MKTOWS]
  effects:
  - set: {LeadStatus: Contacted}
  - add_to_list: Attendees
  - activity: {type: Send Email, asset: "{{my.message}}", attributes: {Campaign Run ID: 7}}
- {id: 2002, name: Call, sources: [MKTOWS, SALES], description: Calls}
- id: 2003
  name: Monthly
  program: ER Demo
  type: batch
  audience: Newsletter
  effects: [{activity: {type: Send Email, asset: "{{my.message}} {{my.unknown}}"}}]
- id: 2004
  name: Local
  program: ER Demo
  type: batch
  audience: ER Demo.Attendees
  effects: [{set: {LeadScore: "{{my.score}}"}}, {remove_from_list: ER Demo.Attendees}]
- {id: 2005, name: Asleep, sources: [MKTOWS], active: false}
- {id: 2006, name: Nobody, type: batch, program: ER Demo}
"""
SALES_TOO = "sources: [MKTOWS, SALES]"


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(name: str, value: str) -> Marketo:
    return Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}")


def calls(marketo, campaign_id):
    with marketo.database.transaction() as session:
        return campaigns.calls_of(session, campaign_id)


def later(marketo, **span):
    marketo.set_clock(Clock(frozen_at=marketo.now + timedelta(**span)))


# ---------------------------------------------------------------------------------------------------------------------
# getCampaignsForSource


def campaigns_for(marketo, version="2_9", **members):
    return ask(marketo, "getCampaignsForSource", members, version)


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"source": "MKTOWS"}, ["Call", "ER Demo.Send Welcome"]),
        ({"source": "SALES"}, ["Call"]),
        ({"source": "MKTOWS", "name": "welcome"}, ["ER Demo.Send Welcome"]),
        ({"source": "MKTOWS", "name": "demo.send"}, ["ER Demo.Send Welcome"]),
        ({"source": "MKTOWS", "name": "Welcome", "exactName": True}, []),
        ({"source": "MKTOWS", "name": "send welcome", "exactName": True}, ["ER Demo.Send Welcome"]),
        ({"source": "MKTOWS", "name": "ER Demo.Send Welcome", "exactName": True}, ["ER Demo.Send Welcome"]),
        ({"source": "MKTOWS", "name": "Nope"}, []),
        ({"source": "MKTOWS", "name": ""}, ["Call", "ER Demo.Send Welcome"]),
        ({"source": "MKTOWS", "name": "", "exactName": True}, ["Call", "ER Demo.Send Welcome"]),
    ],
)
def test_the_campaigns_of_a_source_by_the_name_that_is_shown(marketo, members, names):
    answer = campaigns_for(marketo, **members)
    assert [item.findtext("name") for item in answer.root.iter("campaignRecord")] == names
    assert answer.text("returnCount") == str(len(names))
    assert answer.call.trace.page.total == len(names)


def test_an_inactive_campaign_is_not_shown():
    marketo = Marketo(WORLD.replace("description: Calls", "active: false"))
    assert campaigns_for(marketo, source="SALES").text("returnCount") == "0"


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({}, "20109", "source is required (20109)"),
        ({"source": ""}, "20109", "source is required (20109)"),
        ({"source": "FOO"}, "20110", "source is not valid: FOO (20110)"),
    ],
)
def test_a_source_is_needed_and_one_of_two(marketo, members, code, message):
    answer = campaigns_for(marketo, **members)
    assert (answer.code, answer.message) == (code, message)


def test_the_bytes_are_captured_ones(marketo):
    record = "<campaignRecord><id>2001</id><name>ER Demo.Send Welcome</name><description/></campaignRecord>"
    called = "<campaignRecord><id>2002</id><name>Call</name><description>Calls</description></campaignRecord>"
    body = campaigns_for(marketo, source="MKTOWS").body.decode()
    assert f"<returnCount>2</returnCount><campaignRecordList>{called}{record}</campaignRecordList>" in body
    none = campaigns_for(marketo, source="MKTOWS", name="Nope").body.decode()
    assert "<result><returnCount>0</returnCount><campaignRecordList/></result>" in none


# ---------------------------------------------------------------------------------------------------------------------
# requestCampaign


def request(marketo, *keys, tokens=None, source="MKTOWS", version="2_9", **members):
    attribs = None if tokens is None else {"attrib": [{"name": name, "value": value} for name, value in tokens]}
    leads = {"leadList": lead_keys(*keys)} if keys else {}
    return ask(marketo, "requestCampaign", {"source": source, **members, **leads, "programTokenList": attribs}, version)


BY_NAME = {"programName": "ER Demo", "campaignName": "Send Welcome"}


def test_a_request_is_kept_logged_and_has_its_effects(marketo):
    answer = request(marketo, 1001, campaignId=2001)
    assert answer.text("success") == "true"
    (kept,) = calls(marketo, 2001)
    assert (kept.leads, kept.source, kept.tokens, kept.asked_at) == ((1001,), "MKTOWS", {}, NOW)
    assert marketo.lead(1001).attributes["LeadStatus"] == "Contacted"
    assert activities(marketo) == [
        (
            1001,
            "Request Campaign",
            "ER Demo.Send Welcome",
            {"Campaign ID": "2001", "Source": "Web service API", "Lead ID": "1001"},
        ),
        (
            1001,
            "Change Data Value",
            "Lead Status",
            {
                "Attribute Name": "Lead Status",
                "Old Value": "",
                "New Value": "Contacted",
                "Reason": "SOAP API",
                "Lead ID": "1001",
            },
        ),
        (1001, "Send Email", "Hello", {"Campaign Run ID": "7", "Lead ID": "1001"}),
    ]


def test_effects_come_in_their_order_and_a_real_change_alone_is_logged(marketo):
    request(marketo, 1002, campaignId=2001)
    request(marketo, 1002, campaignId=2001)
    assert [kind for _, kind, _, _ in activities(marketo, 1002)] == [
        *("Request Campaign", "Change Data Value", "Add to List", "Send Email"),
        *("Request Campaign", "Send Email"),
    ]
    with marketo.database.transaction() as session:
        assert lists.members(session, 1002) == (1001, 1002)


@pytest.mark.parametrize("name", ["{{my.message}}", "my.message", "{{ my.message }}", "message"])
def test_a_token_of_the_request_goes_before_the_programs_however_it_is_named(marketo, name):
    request(marketo, ("EMAIL", "ann@example.com"), tokens=[(name, "Hi")], **BY_NAME)
    (kept,) = calls(marketo, 2001)
    assert kept.tokens == {"message": "Hi"}
    assert activities(marketo, 1001)[-1][1:3] == ("Send Email", "Hi")


def test_a_token_that_the_program_has_not_is_kept_with_a_warning_and_of_two_the_last_counts(marketo):
    answer = request(marketo, 1001, tokens=[("my.x", "1"), ("my.message", "A"), ("{{my.message}}", "B")], **BY_NAME)
    assert calls(marketo, 2001)[0].tokens == {"x": "1", "message": "B"}
    assert answer.warnings == [
        "token message is there twice: the last one counts",
        "program ER Demo has no token x: it was kept",
    ]


@pytest.mark.parametrize(
    ("members", "keys", "code"),
    [
        ({}, [1001], "20109"),
        ({"campaignId": 2001}, [], "20109"),
        ({"programName": "", "campaignName": " "}, [1001], "20109"),
        ({"campaignId": 2001, "campaignName": "Send Welcome"}, [1001], "20114"),
        ({"campaignId": 2001, "programName": "ER Demo"}, [1001], "20114"),
        ({"campaignId": 2001, "tokens": [("my.message", "x")]}, [1001], "20114"),
        ({"programName": "ER Demo"}, [1001], "20114"),
        ({"campaignName": "Send Welcome", "source": "FOO"}, [1001], "20114"),
        ({"campaignId": 9999, "source": "FOO"}, [1001], "20110"),
        ({"campaignId": 9999}, [("FOO", 1)], "20113"),
        ({"campaignId": 2003}, [1001], "20113"),
        ({"campaignId": 2005}, [1001], "20113"),
        ({"campaignId": 2001, "source": "SALES"}, [1001], "20113"),
        ({"programName": "Nope", "campaignName": "Send Welcome"}, [1001], "20113"),
        ({"programName": "ER Demo", "campaignName": "Call"}, [1001], "20113"),
        ({"campaignId": 2001}, [999, ("FOO", 1)], "20102"),
        ({"campaignId": 2001}, [1001, 999], "20103"),
    ],
)
def test_faults_in_their_order_and_nothing_is_written(marketo, members, keys, code):
    before = marketo.dump()
    assert request(marketo, *keys, **members).code == code
    assert marketo.dump() == before


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"campaignId": 9999}, "No campaign found with 9999 (20113)"),
        ({"programName": "Nope", "campaignName": "X"}, "No campaign found with Nope.X (20113)"),
        (
            {"campaignId": 2001, "campaignName": "X"},
            "campaignId cannot stand beside programName or campaignName (20114)",
        ),
    ],
)
def test_a_fault_says_what_was_asked_for(marketo, members, message):
    assert request(marketo, 1001, **members).message == message


def test_bad_combination_can_be_20110():
    assert request(with_switch("bad_combination", "20110"), 1001, programName="ER Demo").code == "20110"


def test_without_a_source_it_is_mktows_with_a_warning(marketo):
    answer = request(marketo, 1001, source=None, campaignId=2001)
    assert (answer.text("success"), answer.warnings) == ("true", ["source is missing: MKTOWS was assumed"])


def test_sales_is_logged_as_sales(marketo):
    request(marketo, 1001, source="SALES", campaignId=2002)
    assert activities(marketo)[0][3]["Source"] == "Sales"


def test_an_empty_token_list_is_fine(marketo):
    assert request(marketo, 1001, tokens=[], **BY_NAME).text("success") == "true"


def test_names_are_compared_in_any_case(marketo):
    assert request(marketo, 1001, programName=" er demo", campaignName="SEND welcome").text("success") == "true"


def test_of_more_than_100_leads_the_first_100_are_requested():
    ids = range(1, 102)
    marketo = Marketo(
        "campaigns: [{id: 5, name: C, sources: [MKTOWS]}]\nleads: [" + ", ".join(f"{{Id: {i}}}" for i in ids) + "]"
    )
    answer = request(marketo, *ids, campaignId=5)
    assert answer.text("success") == "true"
    assert calls(marketo, 5)[0].leads == tuple(range(1, 101))
    assert answer.warnings == ["leadList has 101 keys: only the first 100 were read"]


def test_the_same_lead_twice_is_requested_once(marketo):
    answer = request(marketo, 1001, ("EMAIL", "ann@example.com"), campaignId=2001)
    assert calls(marketo, 2001)[0].leads == (1001,)
    assert [step.status for step in answer.call.trace.records] == ["requested", "requested already"]


def test_a_lead_that_is_not_found_can_be_left_out():
    marketo = with_switch("campaign_missing_lead", "skip")
    answer = request(marketo, 1001, 999, campaignId=2001)
    assert answer.text("success") == "true"
    assert calls(marketo, 2001)[0].leads == (1001,)
    assert answer.warnings == ["no lead was found with IDNUM = 999: it was left out"]


@pytest.mark.parametrize(("campaign", "source"), [(2005, "MKTOWS"), (2001, "SALES")])
def test_a_request_of_a_campaign_that_does_not_listen_can_be_recorded_without_an_effect(campaign, source):
    marketo = with_switch("inactive_campaign", "record")
    answer = request(marketo, 1001, source=source, campaignId=campaign)
    assert answer.text("success") == "true"
    assert calls(marketo, campaign)[0].leads == (1001,)
    assert "LeadStatus" not in marketo.lead(1001).attributes
    assert "has no effect" in answer.warnings[0]
    assert request(marketo, 1001, campaignId=2003).code == "20113"


def test_the_trace_says_how_the_campaign_was_found_and_what_each_effect_changed(marketo):
    trace = request(marketo, 1001, tokens=[("message", "Hi")], **BY_NAME).call.trace
    (subject,) = trace.subjects
    assert (subject.id, subject.name) == (2001, "ER Demo.Send Welcome")
    assert subject.asked == "programName = ER Demo, campaignName = Send Welcome"
    (step,) = trace.records
    assert [(item.target, item.before, item.after) for item in step.changes] == [
        ("LeadStatus", None, "Contacted"),
        ("list ER Demo.Attendees", "member", "member"),
        ("activity Send Email", None, "Hi"),
    ]
    assert [(item.target, item.before, item.after) for item in trace.changes] == [("token message", "Hello", "Hi")]
    assert trace.activities == 3


def test_the_trace_of_a_refused_campaign_says_why(marketo):
    (subject,) = request(marketo, 1001, campaignId=2003).call.trace.subjects
    assert (subject.id, subject.reason) == (None, "is a batch campaign, which is scheduled and not requested")


def test_a_value_that_does_not_fit_is_left_with_a_warning():
    world = WORLD.replace(
        "set: {LeadStatus: Contacted}", 'set: {LeadScore: "{{my.message}}", LeadStatus: "{{my.message}}"}'
    )
    marketo = Marketo(world)
    answer = request(marketo, 1001, campaignId=2001)
    assert "LeadScore" not in marketo.lead(1001).attributes
    assert marketo.lead(1001).attributes["LeadStatus"] == "Hello"
    assert len(answer.warnings) == 1


def test_tokens_that_an_import_left_go_before_all_others_once():
    marketo = Marketo(
        WORLD.replace("description: Calls", "description: Calls").replace(
            "- id: 2001\n", "- id: 2001\n  lead_tokens: {1001: {my.message: Own}}\n"
        )
    )
    for _ in range(2):
        request(marketo, 1001, 1002, tokens=[("message", "Hi")], **BY_NAME)
    sent = [(lead, asset) for lead, kind, asset, _ in activities(marketo) if kind == "Send Email"]
    assert sent == [(1001, "Own"), (1002, "Hi"), (1001, "Hi"), (1002, "Hi")]


# ---------------------------------------------------------------------------------------------------------------------
# scheduleCampaign


def schedule(marketo, campaign="Monthly", *, version="3_1", tokens=None, **members):
    attribs = None if tokens is None else {"attrib": [{"name": name, "value": value} for name, value in tokens]}
    right = {"programName": "ER Demo", "campaignName": campaign}
    return ask(marketo, "scheduleCampaign", {**right, **members, "programTokenList": attribs}, version)


def at(**span):
    return (NOW + timedelta(**span)).isoformat(timespec="seconds")


def sent(marketo):
    return [(lead, asset) for lead, kind, asset, _ in activities(marketo) if kind == "Send Email"]


@pytest.mark.parametrize("run_at", [None, "", at(minutes=-9), at(minutes=5), "2026-03-14T02:26:53"])
def test_a_run_that_is_not_later_is_made_now_over_the_audience(marketo, run_at):
    answer = schedule(marketo, campaignRunAt=run_at)
    assert answer.text("success") == "true"
    (run,) = calls(marketo, 2003)
    assert (run.done, run.leads, run.run_at) == (True, (1002, 1001), NOW)
    assert sent(marketo) == [(1002, "Hello {{my.unknown}}"), (1001, "Hello {{my.unknown}}")]


def test_a_later_run_is_made_when_its_time_has_come_over_who_is_on_the_list_then(marketo):
    assert schedule(marketo, campaignRunAt=at(hours=1), tokens=[("message", "Hi")]).text("success") == "true"
    (run,) = calls(marketo, 2003)
    assert (run.done, run.leads) == (False, ())
    with marketo.database.transaction() as session:
        lists.remove_member(session, 1001, 1001)
    later(marketo, minutes=59)
    assert not calls(marketo, 2003)[0].done
    later(marketo, minutes=2)
    (run,) = calls(marketo, 2003)
    assert (run.done, run.leads, run.run_at) == (True, (1002,), NOW + timedelta(hours=1))
    assert sent(marketo) == [(1002, "Hi {{my.unknown}}")]


def test_what_was_due_happened_when_it_was_due_and_in_that_order(marketo):
    schedule(marketo, campaignRunAt=at(hours=2), tokens=[("message", "second")])
    schedule(marketo, campaignRunAt=at(hours=1), tokens=[("message", "first")])
    later(marketo, hours=5)
    assert [asset for _, asset in sent(marketo)] == ["first {{my.unknown}}"] * 2 + ["second {{my.unknown}}"] * 2
    from mockmkto.store import activities as log

    with marketo.database.transaction() as session:
        assert [item.at - NOW for item in log.all_activities(session)] == [timedelta(hours=1)] * 2 + [
            timedelta(hours=2)
        ] * 2


def test_a_run_is_made_once_whichever_server_is_asked(marketo):
    schedule(marketo, campaignRunAt=at(hours=1))
    other = Marketo.over(marketo.registry)
    later(marketo, hours=2)
    other.get("IDNUM", 1001)
    marketo.get("IDNUM", 1001)
    assert len(sent(marketo)) == 2


def test_a_dry_run_after_the_time_sees_the_run_and_leaves_it_to_others(marketo):
    schedule(marketo, campaignRunAt=at(hours=1))
    later(marketo, hours=2)
    with marketo.database.rehearsal() as session:
        assert campaigns.calls_of(session, 2003)[0].done
    assert len(sent(marketo)) == 2


def test_a_reset_forgets_what_was_scheduled(marketo):
    schedule(marketo, campaignRunAt=at(hours=1))
    marketo.database.reset()
    marketo.set_clock(Clock(frozen_at=NOW + timedelta(hours=2)))
    assert calls(marketo, 2003) == ()
    assert sent(marketo) == []


def test_a_run_of_a_fixture_is_made_when_its_time_has_come():
    marketo = Marketo(WORLD.replace("audience: Newsletter", f"audience: Newsletter\n  runs: [{{at: '{at(hours=1)}'}}]"))
    later(marketo, hours=2)
    assert calls(marketo, 2003)[0].done


def test_run_delay_puts_off_what_is_scheduled_for_now():
    marketo = with_switch("run_delay", "5m")
    schedule(marketo)
    assert not calls(marketo, 2003)[0].done
    later(marketo, minutes=5)
    assert calls(marketo, 2003)[0].done


def test_a_run_without_an_audience_is_over_nobody_with_a_warning(marketo):
    answer = schedule(marketo, "Nobody")
    assert answer.text("success") == "true"
    assert answer.warnings == ["campaign ER Demo.Nobody has no audience: its run is over no lead"]
    assert calls(marketo, 2006)[0].done


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"programName": None, "campaignRunAt": "soon"}, "20109", "programName is required (20109)"),
        ({"campaignName": None}, "20109", "campaignName is required (20109)"),
        (
            {"campaignRunAt": "soon", "cloneToProgramName": "ER Demo"},
            "20110",
            "campaignRunAt is not valid: soon (20110)",
        ),
        ({"campaignRunAt": "soon", "campaignName": "Nope"}, "20113", "No campaign found with ER Demo.Nope (20113)"),
        ({"programName": "Nope"}, "20113", "No campaign found with Nope.Monthly (20113)"),
        ({"campaignName": "Nope"}, "20113", "No campaign found with ER Demo.Nope (20113)"),
        ({"campaignName": "Send Welcome"}, "20113", "No campaign found with ER Demo.Send Welcome (20113)"),
        (
            {"campaignName": "Nope", "cloneToProgramName": "ER Demo"},
            "20113",
            "No campaign found with ER Demo.Nope (20113)",
        ),
        (
            {"cloneToProgramName": "er demo"},
            "20110",
            "cloneToProgramName is not valid: er demo is the name of a program (20110)",
        ),
    ],
)
def test_faults_of_scheduling_in_their_order_and_nothing_is_written(marketo, members, code, message):
    before = marketo.dump()
    answer = schedule(marketo, **members)
    assert (answer.code, answer.message) == (code, message)
    assert marketo.dump() == before


def test_a_clone_has_lists_and_campaigns_of_its_own_and_its_campaign_runs(marketo):
    answer = schedule(marketo, "Local", cloneToProgramName="New", tokens=[("score", "9")])
    assert answer.text("success") == "true"
    with marketo.database.transaction() as session:
        copy = programs.by_name(session, "New")
        assert copy is not None
        assert (copy.tokens, copy.cloned_on) == ({"message": "Hello", "score": "7"}, "2026-03-14")
        (attendees,) = lists.of_program(session, copy.id)
        assert (attendees.shown, lists.members(session, attendees.id)) == ("New.Attendees", ())
        own = {item.name: item for item in campaigns.of_program(session, copy.id)}
        assert list(own) == ["Send Welcome", "Monthly", "Local", "Nobody"]
        assert own["Local"].audience == attendees.id
        assert own["Monthly"].audience == 1001
        assert own["Send Welcome"].effects[1].list_id == attendees.id
        (run,) = campaigns.calls_of(session, own["Local"].id)
        assert (run.done, run.tokens) == (True, {"score": "9"})
    assert calls(marketo, 2004) == ()
    assert [item.name for item in answer.call.trace.subjects] == ["ER Demo", "ER Demo.Local", "New", "New.Local"]


@pytest.mark.parametrize(("limit", "allowed"), [("10", 10), ("20", 20)])
def test_so_many_clones_a_day(limit, allowed):
    marketo = with_switch("clone_limit", f'"{limit}"')
    answers = [schedule(marketo, cloneToProgramName=f"New {number}").code for number in range(allowed + 1)]
    assert answers == [None] * allowed + ["20110"]
    later(marketo, days=1)
    assert schedule(marketo, cloneToProgramName="Tomorrow").code is None


def test_clones_can_be_without_a_limit():
    marketo = with_switch("clone_limit", "off")
    assert {schedule(marketo, cloneToProgramName=f"New {number}").code for number in range(25)} == {None}


@pytest.mark.parametrize(("version", "cloned"), [("2_7", False), ("3_0", True)])
def test_clones_come_with_3_0(marketo, version, cloned):
    answer = schedule(marketo, cloneToProgramName="New", version=version)
    assert answer.text("success") == "true"
    assert len(calls(marketo, 2003)) == (not cloned)
    assert bool(answer.warnings) == (not cloned)


def test_score_and_list_effects_of_a_run(marketo):
    schedule(marketo, "Local")
    assert marketo.lead(1001).attributes["LeadScore"] == "7"
    assert [(kind, asset) for _, kind, asset, _ in activities(marketo, 1001)] == [
        ("Change Score", "Lead Score"),
        ("Remove from List", "ER Demo.Attendees"),
    ]
