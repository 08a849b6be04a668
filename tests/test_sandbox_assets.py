"""What tests hold of lists, campaigns, programs and imports; and assertions about the calls that concern them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asking import lead_keys, xml
from plain_client import Client

import mockmkto
from mockmkto import ControlError

WORLD = {
    "leads": [{"Id": 1001, "Email": "ann@example.com"}, {"Id": 1002, "Email": "bob@example.com"}],
    "programs": [{"name": "ER Demo", "tokens": {"my.message": "Hello"}}],
    "lists": [
        {"name": "Newsletter", "members": [1002, 1001]},
        {"name": "Attendees", "program": "ER Demo"},
        {"name": "Newsletter", "program": "ER Demo"},
    ],
    "campaigns": [
        {"id": 2001, "name": "Send Welcome", "program": "ER Demo", "sources": ["MKTOWS"]},
        {"id": 2002, "name": "Monthly", "program": "ER Demo", "type": "batch", "audience": "Attendees"},
    ],
    "imports": {"duration": "60s"},
}


@pytest.fixture(scope="module")
def server():
    with mockmkto.serve() as sandbox:
        yield sandbox


@pytest.fixture
def marketo(server):
    with server.new_subscription(WORLD, frozen=True) as sandbox:
        yield sandbox


def call(marketo, operation, **members):
    element = f"params{operation[0].upper()}{operation[1:]}"
    return Client.of(marketo).call(f"<m:{element}>{xml(members)}</m:{element}>")


def request_campaign(marketo, *leads, **members):
    return call(marketo, "requestCampaign", source="MKTOWS", leadList=lead_keys(*leads), **members)


def test_the_members_of_a_list_are_leads_in_order_of_joining(marketo):
    newsletter = marketo.lists["newsletter"]
    assert [lead.email for lead in newsletter.members] == ["bob@example.com", "ann@example.com"]
    assert newsletter.members.ids == newsletter.member_ids == [1002, 1001]
    assert len(newsletter) == 2
    for wanted in (1001, "ANN@example.com", marketo.leads.one(Id=1001)):
        assert wanted in newsletter.members
        assert wanted in newsletter
    for wanted in (9, "x@example.com"):
        assert wanted not in newsletter.members
        assert wanted not in newsletter


def test_a_list_is_found_as_list_operation_finds_it(marketo):
    assert marketo.lists["Newsletter"].id == 1001
    assert marketo.lists["ER Demo.Newsletter"].id == 1003
    assert marketo.lists["Attendees"].shown == "ER Demo.Attendees"
    assert marketo.lists[1002].program == "ER Demo"
    assert [item.id for item in marketo.lists] == [1001, 1002, 1003]
    assert [item.shown for item in marketo.lists.of(1001)] == ["Newsletter"]
    assert "Nope" not in marketo.lists
    with pytest.raises(KeyError, match=r"there is no list 'Nope'; there are Newsletter, ER Demo\.Attendees"):
        marketo.lists["Nope"]


def test_a_list_is_made_joined_and_left(marketo):
    made = marketo.lists.add("New", program="ER Demo", members=[1001])
    made.add(1002, marketo.leads.one(Id=1001))
    made.remove(1001)
    assert made.member_ids == [1002]
    with pytest.raises(ControlError):
        made.remove(1001)
    made.delete()
    assert "New" not in marketo.lists


def test_a_list_operation_is_seen_on_the_list_and_in_the_journal(marketo):
    call(
        marketo,
        "listOperation",
        listOperation="ADDTOLIST",
        listKey={"keyType": "MKTOLISTNAME", "keyValue": "ER Demo.Attendees"},
        listMemberList=lead_keys(1001),
        strict=True,
    )
    assert marketo.lists["Attendees"].members.ids == [1001]
    found = marketo.calls.assert_one(
        "listOperation", listOperation="ADDTOLIST", MKTOLISTNAME="ER Demo.Attendees", Id=1001, strict="true", lead=1001
    )
    assert found.trace.records[0].status == "added"
    marketo.calls.assert_none("listOperation", MKTOLISTNAME="Newsletter")


def test_requests_of_a_campaign(marketo):
    request_campaign(marketo, 1001, campaignId=2001)
    request_campaign(
        marketo,
        ("EMAIL", "bob@example.com"),
        programName="ER Demo",
        campaignName="Send Welcome",
        programTokenList={"attrib": [{"name": "{{my.message}}", "value": "Hi"}]},
    )
    first, second = marketo.campaigns.requests("Send Welcome")
    assert (first.leads, second.leads) == ((1001,), (1002,))
    assert second.token("message") == second.token("{{my.message}}") == second.token("my.message") == "Hi"
    assert first.token("message") is None
    assert marketo.campaigns.requests(lead=1002) == [second]
    assert marketo.campaigns.requests("ER Demo.Monthly") == []
    assert marketo.campaigns["send welcome"].asked == 2
    assert marketo.campaigns.assert_requested("Send Welcome", lead=1001, times=1) == [first]


def test_a_request_that_is_missing_is_told_with_those_that_there_are(marketo):
    request_campaign(marketo, 1001, campaignId=2001)
    with pytest.raises(AssertionError) as caught:
        marketo.campaigns.assert_requested("Send Welcome", lead=1002)
    assert str(caught.value).startswith(
        "expected a request of campaign Send Welcome for lead 1002, got none\n"
        "what was requested:\n"
        "  ER Demo.Send Welcome for 1001\n"
    )
    with pytest.raises(KeyError, match="there is no campaign 'Nope'"):
        marketo.campaigns.requests("Nope")


def test_what_a_request_of_a_campaign_says_is_asserted(marketo):
    request_campaign(
        marketo,
        1001,
        programName="ER Demo",
        campaignName="Send Welcome",
        programTokenList={"attrib": [{"name": "my.message", "value": "Hi"}]},
    )
    marketo.calls.assert_one(
        "requestCampaign", campaignName="Send Welcome", programName="ER Demo", **{"my.message": "Hi"}, source="MKTOWS"
    )
    marketo.calls.assert_none("requestCampaign", campaignId=2001)
    marketo.calls.assert_none("requestCampaign", **{"my.message": "Ho"})


def test_a_run_is_made_when_the_clock_says_so(marketo):
    marketo.lists["Attendees"].add(1001)
    at = (marketo.clock.now + timedelta(hours=1)).isoformat()
    call(marketo, "scheduleCampaign", programName="ER Demo", campaignName="Monthly", campaignRunAt=at)
    (run,) = marketo.campaigns.runs("Monthly")
    assert (run.done, run.leads) == (False, ())
    marketo.clock.advance("2h")
    (run,) = marketo.campaigns.runs()
    assert (run.done, run.leads) == (True, (1001,))


def test_a_campaign_is_made_put_to_sleep_and_deleted(marketo):
    marketo.programs.add("Second", tokens={"my.x": "1"})
    made = marketo.campaigns.add("New", program="Second", effects=[{"add_to_list": "ER Demo.Attendees"}])
    request_campaign(marketo, 1001, campaignId=made.id)
    assert 1001 in marketo.lists["Attendees"].members
    assert not marketo.campaigns.activate("New", active=False).active
    marketo.campaigns.delete(made)
    assert len(marketo.campaigns) == 2
    assert marketo.programs["second"].tokens == {"{{my.x}}": "1"}
    marketo.programs.delete("Second")
    assert "Second" not in marketo.programs


def test_imports_are_seen_and_canceled(marketo):
    def begin():
        call(
            marketo,
            "importToList",
            programName="ER Demo",
            importFileHeader="Email",
            importFileRows={"stringItem": ["ann@example.com"]},
            importListMode="LISTONLY",
            listName="Attendees",
            clearList=False,
        )

    begin()
    assert marketo.imports["Attendees"].status == "PROCESSING"
    marketo.clock.advance("2m")
    assert (marketo.imports["Attendees"].status, marketo.imports["Attendees"].imported) == ("COMPLETE", 1)
    begin()
    marketo.imports.cancel(marketo.imports["ER Demo.Attendees"])
    assert [item.status for item in marketo.imports] == ["COMPLETE", "CANCELED"]
    with pytest.raises(KeyError):
        marketo.imports["Newsletter"]
