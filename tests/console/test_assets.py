"""The pages of lists and campaigns, a lead's memberships, and the page of a call that concerns many leads."""

from __future__ import annotations

import pytest
from asking import ask, lead_keys
from console_support import HOSTILE, Console, tree, words
from support import Marketo

PAGES = ["lists", "lists/1001", "lists/1004", "campaigns", "campaigns/2001", "campaigns/2005"]


def request(marketo, *leads, **members):
    return ask(marketo, "requestCampaign", {"source": "MKTOWS", "leadList": lead_keys(*leads), **members})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_heading_and_nothing_inline(console, path):
    page = tree(console.get(path))
    assert len(page.xpath("//h1")) == 1
    assert page.xpath("//script[not(@src)] | //style | //*[@style] | //@*[starts-with(name(), 'on')]") == []
    assert page.xpath("//nav[@aria-label='Pages']//a[@aria-current='page']/text()") == [path.split("/")[0].title()]


@pytest.mark.parametrize("path", ["lists", "campaigns"])
def test_an_empty_world_has_the_pages_too(path):
    assert "There are no" in words(Console(Marketo("{}")).get(path))


@pytest.mark.parametrize("path", ["lists/99", "campaigns/99", "lists/x"])
def test_what_is_not_there_is_a_page_that_says_so(console, path):
    console.get(path, expect=404)


def test_a_list_shows_its_members_in_order_of_joining(console):
    page = tree(console.get("lists/1001"))
    ids = [link.text for link in page.xpath("//table//a[contains(@href, '/leads/')]")]
    assert ids[:4] == ["1001", "1004", "1006", "1012"]
    assert "margaret.hollis@northwind-clinics.example" in words(console.get("lists/1001"))


def test_members_come_a_page_at_a_time():
    ids = range(1, 121)
    leads = ", ".join(f"{{Id: {number}}}" for number in ids)
    console = Console(Marketo(f"leads: [{leads}]\nlists: [{{name: N, members: [{', '.join(map(str, ids))}]}}]"))
    last = tree(console.get("lists/1001?offset=100"))
    assert [link.text for link in last.xpath("//tbody//a")] == [str(number) for number in range(101, 121)]
    assert last.xpath("//a[@rel='next']") == []
    assert "101\u2013120 of 120" in words(console.get("lists/1001?offset=100"))


def test_a_campaign_shows_its_effects_and_who_was_requested(console):
    tokens = {"attrib": [{"name": "my.message", "value": HOSTILE}]}
    request(
        console.marketo, 1003, programName="Spring Roadshow", campaignName="Send Thank-you", programTokenList=tokens
    )
    page = tree(console.get("campaigns/2001"))
    assert "LeadStatus Contacted sets" in " ".join(page.text_content().split())
    assert [link.text for link in page.xpath("//table//a[contains(@href, '/leads/')]")] == ["1003"]
    assert page.xpath("//main//script | //main//img") == []
    assert "Send Thank-you" in words(console.get("campaigns"))


def test_a_lead_shows_its_lists_and_campaigns(console):
    request(console.marketo, 1001, campaignId=2001)
    said = words(console.get("leads/1001"))
    assert "On lists 3 Newsletter Customers Spring Roadshow.Visitors" in said
    assert "In campaigns 1 Spring Roadshow.Send Thank-you request" in said


def test_the_page_of_a_call_shows_what_it_was_about_and_each_record(console):
    ask(
        console.marketo,
        "listOperation",
        {
            "listOperation": "ADDTOLIST",
            "listKey": {"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"},
            "listMemberList": lead_keys(1003, 999),
        },
    )
    said = words(console.get("calls/1"))
    assert "list MKTOLISTNAME = Newsletter" in said
    assert "1 added, 1 not found" in said
    assert "no lead has IDNUM = 999" in said
    assert tree(console.get("calls/1")).xpath("//table[@class='records']//a/text()") == ["lead 1003"]


def test_an_import_is_shown_with_its_list(console):
    members = {
        "programName": "Planning Basics",
        "importFileHeader": "Email",
        "importFileRows": {"stringItem": ["t@t.com", ","]},
        "importListMode": "LISTONLY",
        "listName": "Registrations",
        "clearList": False,
    }
    ask(console.marketo, "importToList", members)
    for path in ("lists", "lists/1005"):
        assert "Planning Basics.Registrations COMPLETE" in words(console.get(path))
