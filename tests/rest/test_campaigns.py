"""Campaigns over REST: which are found, what a trigger does, and when a scheduled one runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asking import activities
from rest_support import Rest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.model.campaigns import CampaignCallKind, CampaignSource
from mockmkto.store import campaigns, leads, programs

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
programs:
- {name: ER Demo, tokens: {"{{my.message}}": Hello}}
lists:
- {name: Newsletter, members: [1002, 1001]}
campaigns:
- id: 2001
  name: Send Welcome
  program: ER Demo
  sources: [MKTOWS]
  effects: [{set: {LeadStatus: "{{my.message}}"}}]
- {id: 2002, name: Call, sources: [SALES]}
- {id: 2003, name: Monthly, program: ER Demo, type: batch, audience: Newsletter,
   effects: [{set: {LeadStatus: "{{my.message}}"}}]}
- {id: 2004, name: Asleep, sources: [MKTOWS], active: false}
- {id: 2005, name: Alone, type: batch}
"""
TRIGGER = "/rest/v1/campaigns/2001/trigger.json"
SCHEDULE = "/rest/v1/campaigns/2003/schedule.json"
HI = [{"name": "{{my.message}}", "value": "Hi"}]


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


def calls(rest, campaign_id):
    with rest.soap.database.transaction() as session:
        return campaigns.calls_of(session, campaign_id)


def statuses(rest):
    with rest.soap.database.transaction() as session:
        return [leads.by_id(session, number).attributes.get("LeadStatus") for number in (1001, 1002)]


def trigger(rest, *lead_ids, path=TRIGGER, **members):
    return rest.post(path, {"input": {"leads": [{"id": lead_id} for lead_id in lead_ids], **members}})


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, [2001, 2002, 2003, 2004, 2005]),
        ({"isTriggerable": "true"}, [2001]),
        ({"isTriggerable": "false"}, [2001, 2002, 2003, 2004, 2005]),
        ({"name": "call,MONTHLY"}, [2002, 2003]),
        ({"programName": "ER Demo"}, [2001, 2003]),
        ({"workspaceName": "Nowhere"}, []),
        ({"id": 999}, []),
    ],
)
def test_which_campaigns_are_found(rest, parameters, expected):
    assert [item["id"] for item in rest.get("/rest/v1/campaigns.json", **parameters).result] == expected


def test_one_campaign(rest):
    (row,) = rest.get("/rest/v1/campaigns/2001.json").result
    assert (row["type"], row["active"], row["programName"]) == ("trigger", True, "ER Demo")
    assert rest.get("/rest/v1/campaigns/999.json").error == "1013 Campaign not found"


def test_a_trigger_has_the_effects_of_a_requestcampaign(rest):
    answer = trigger(rest, 1001, 1002, 1001, tokens=HI)
    assert answer.result == [{"id": 2001}]
    assert statuses(rest) == ["Hi", "Hi"]
    (call,) = calls(rest, 2001)
    assert (call.kind, call.source, call.leads) == (CampaignCallKind.REQUEST, CampaignSource.MKTOWS, (1001, 1002))
    assert call.tokens == {"message": "Hi"}
    assert [kind for _, kind, _, _ in activities(rest.soap, 1001)] == ["Request Campaign", "Change Data Value"]
    assert answer.call.trace.counts == {"requested": 2, "requested already": 1}


@pytest.mark.parametrize(
    ("path", "lead_ids", "tokens", "error"),
    [
        ("/rest/v1/campaigns/999/trigger.json", [1001], [], "1013 Campaign not found"),
        ("/rest/v1/campaigns/2003/trigger.json", [1001], [], "1003 Campaign 2003 is not a trigger campaign"),
        ("/rest/v1/campaigns/2004/trigger.json", [1001], [], "1003 Campaign 2004 is not active"),
        (
            "/rest/v1/campaigns/2002/trigger.json",
            [1001],
            [],
            "1003 Campaign 2002 does not listen to the web service API",
        ),
        (TRIGGER, [], [], "1003 Lead ids not specified"),
        (TRIGGER, [1001] * 101, [], "1003 101 leads: 100 are the most"),
        (TRIGGER, [84, 1001, 85], [], "1004 Lead [84, 85] not found"),
        (TRIGGER, [1001], [{"name": "my.message", "value": "x"}], "1003 Invalid token value: [my.message]"),
        (TRIGGER, [1001], [*HI, {"name": "{{other}}", "value": "x"}], "1003 Invalid token value: [{{other}}]"),
        (TRIGGER, [1001], HI * 101, "1003 101 tokens: 100 are the most"),
    ],
)
def test_a_trigger_that_is_refused_changes_nothing(rest, path, lead_ids, tokens, error):
    before = rest.stored()
    assert trigger(rest, *lead_ids, path=path, tokens=tokens).error == error
    assert rest.stored() == before


def test_an_inactive_campaign_can_keep_the_request_without_effect():
    rest = Rest(f"{WORLD}\nbehaviour: {{inactive_campaign: record}}")
    assert trigger(rest, 1001, path="/rest/v1/campaigns/2004/trigger.json").result == [{"id": 2004}]
    (call,) = calls(rest, 2004)
    assert call.leads == (1001,)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (None, "1003 Lead ids not specified"),
        ({"input": "x"}, "1001 Invalid value 'input'. Required of type 'Object'"),
        ({"input": {"leads": [{"id": "x"}]}}, "1001 Invalid value 'x'. Required of type 'Integer'"),
        ({"input": {"leads": [{"id": 1001}], "tokens": ["x"]}}, "1001 Invalid value 'tokens'. Required of type 'List'"),
    ],
)
def test_a_trigger_that_cannot_be_read(rest, body, error):
    assert rest.post(TRIGGER, body).error == error


@pytest.mark.parametrize(
    ("run_at", "minutes"),
    [
        (None, 5),
        ("2026-03-14T09:26:53Z", 5),
        ("2026-03-14T09:30:00Z", 5),
        ("2026-03-14T11:26:53+0000", 120),
        ("2026-03-14T10:26:53-0100", 120),
        ("2028-03-13T09:26:53Z", 2 * 365 * 24 * 60),
    ],
)
def test_when_a_scheduled_campaign_runs(rest, run_at, minutes):
    members = {} if run_at is None else {"runAt": run_at}
    assert rest.post(SCHEDULE, {"input": {**members, "tokens": HI}}).result == [{"id": 2003}]
    (run,) = calls(rest, 2003)
    assert run.run_at == NOW + timedelta(minutes=minutes)
    rest.soap.set_clock(Clock(frozen_at=run.run_at - timedelta(seconds=1)))
    assert statuses(rest) == [None, None]
    rest.soap.set_clock(Clock(frozen_at=run.run_at))
    rest.forget_token()
    rest.get("/rest/v1/lists.json")
    assert statuses(rest) == ["Hi", "Hi"]


def test_a_body_is_not_needed(rest):
    assert rest.post(SCHEDULE).result == [{"id": 2003}]


def test_a_program_is_cloned_and_the_campaign_of_the_copy_runs(rest):
    (row,) = rest.post(SCHEDULE, {"input": {"cloneToProgramName": "ER Copy"}}).result
    with rest.soap.database.transaction() as session:
        copy = programs.by_name(session, "ER Copy")
        assert campaigns.by_id(session, row["id"]).program_id == copy.id
    assert (len(calls(rest, row["id"])), calls(rest, 2003)) == (1, ())


@pytest.mark.parametrize(
    ("path", "members", "error"),
    [
        ("/rest/v1/campaigns/999/schedule.json", {}, "1013 Campaign not found"),
        ("/rest/v1/campaigns/2001/schedule.json", {}, "1003 Campaign 2001 is not a batch campaign"),
        (SCHEDULE, {"runAt": "2028-03-14T09:26:53Z"}, "1042 Invalid runAt date: more than two years from now"),
        (SCHEDULE, {"runAt": "tomorrow"}, "1001 Invalid value 'tomorrow'. Required of type 'Date'"),
        (SCHEDULE, {"tokens": [{"name": "message", "value": "x"}]}, "1003 Invalid token value: [message]"),
        (SCHEDULE, {"cloneToProgramName": "er demo"}, "1003 Program 'er demo' already exists"),
        (
            "/rest/v1/campaigns/2005/schedule.json",
            {"cloneToProgramName": "X"},
            "1003 Campaign 2005 has no program that could be cloned",
        ),
    ],
)
def test_a_schedule_that_is_refused_changes_nothing(rest, path, members, error):
    before = rest.stored()
    assert rest.post(path, {"input": members}).error == error
    assert rest.stored() == before


def test_twenty_clones_a_day(rest):
    for number in range(20):
        rest.post(SCHEDULE, {"input": {"cloneToProgramName": f"Copy {number}"}})
    again = {"input": {"cloneToProgramName": "Copy 20"}}
    assert rest.post(SCHEDULE, again).error == "1020 Too many clones to program"
    rest.soap.set_clock(Clock(frozen_at=NOW + timedelta(days=1)))
    rest.forget_token()
    assert len(rest.post(SCHEDULE, again).result) == 1
