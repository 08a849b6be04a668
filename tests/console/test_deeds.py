"""A call of many leads, of a page, of a list or a campaign: its page says what became of each, in words and a table."""

from __future__ import annotations

import pytest
from console_support import Console, ask, tree, words
from support import Marketo

from mockmkto.telling import describe

WORLD = """
leads: [{Id: 1, Email: ann@example.com}, {Id: 2, Email: ben@example.com}, {Id: 3, Email: cleo@example.com}]
lists: [{id: 7, name: News, members: [1, 3]}]
programs: [{name: Fair}]
campaigns:
- {id: 9, name: Thanks, sources: [MKTOWS], effects: [{set: {FirstName: Thanked}}]}
- {id: 10, name: Run, program: Fair, type: batch, audience: News}
custom_object_types: [{name: Car, keys: [Plate], fields: [{name: Plate, type: string}]}]
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


@pytest.mark.parametrize(
    ("operation", "given", "sentence"),
    [
        (
            "syncMultipleLeads",
            {"lead": ["Email=ann@example.com,FirstName=Ann", "Email=new@example.com"]},
            "Synced 2 leads: 1 UPDATED, 1 CREATED.",
        ),
        ("getMultipleLeads", {"id": ["1", "2"]}, "Read leads: 2 keys of type IDNUM, all 2."),
        ("getMultipleLeads", {"list": "News"}, "Read leads: list 7, all 2."),
        ("mergeLeads", {"winner": "1", "loser": ["2"]}, "Merged leads: 1 winner, 1 merged."),
        ("getLeadActivity", {"id": ["1"]}, "Read a part of the activity log: activities of lead 1, none."),
        ("listOperation", {"list": "News", "add": True, "id": ["2"]}, "Put 1 lead on the list News: 1 added."),
        (
            "listOperation",
            {"list": "News", "remove": True, "id": ["1"]},
            "Removed 1 lead from the list News: 1 removed.",
        ),
        (
            "requestCampaign",
            {"campaign_id": "9", "id": ["1"]},
            "Requested the campaign Thanks for 1 lead: 1 requested.",
        ),
        (
            "scheduleCampaign",
            {"program": "Fair", "campaign": "Run"},
            "Scheduled the program Fair and the campaign Fair.Run",
        ),
        (
            "getCampaignsForSource",
            {"source": "MKTOWS"},
            "Listed campaigns: campaigns that listen to MKTOWS, the only one.",
        ),
        ("listMObjects", {}, "Listed the types of objects."),
        ("describeMObject", {"object": "LeadRecord"}, "Described the object type LeadRecord."),
        ("syncMObjects", {"object": "Opportunity", "attribute": [("Name", "Deal")]}, "Synced 1 object: 1 CREATED."),
        (
            "syncCustomObjects",
            {"object": "Car", "key": [("Plate", "B-1")]},
            "Synced 1 record of the object type Car: 1 CREATED.",
        ),
        ("getTags", {"tag": ["Region"]}, "Listed tags. Not found: tag Region."),
    ],
)
def test_a_sentence_says_what_a_call_did_and_a_failed_test_says_it_too(marketo, operation, given, sentence):
    call = ask(marketo, operation, **given).call
    assert sentence in words(Console(marketo).get("calls/1"))
    clause = sentence.partition(" Not found")[0].removesuffix(".")
    assert f"  {clause[:1].lower()}{clause[1:]}" in [line[: len(clause) + 2] for line in describe(call)]


def test_each_record_says_how_its_lead_was_found_and_what_changed(marketo):
    ask(marketo, "syncMultipleLeads", lead=["Email=ann@example.com,FirstName=Ann", "Email=new@example.com", "Id=99"])
    page = tree(Console(marketo).get("calls/1"))
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//table[@class='records']/tbody/tr")]
    assert [row.split()[:2] for row in rows] == [["1", "UPDATED"], ["2", "CREATED"], ["3", "FAILED"]]
    assert "Email ann@example.com: decides, lead 1 has it" in rows[0]
    assert "FirstName nothing Ann written" in rows[0]
    assert page.xpath("//table[@class='records']/tbody/tr[1]//a/@href") == [f"/s/{marketo.name}/leads/1"]


def test_a_page_says_which_part_it_is(marketo):
    ask(marketo, "getMultipleLeads", list="News", batch="1")
    said = words(Console(marketo).get("calls/1"))
    assert "1 to 1 of 2" in said
    assert "Position that was answered" in said


def test_what_was_not_found_is_named(marketo):
    ask(marketo, "listOperation", list="Nws", add=True, id=["1"])
    said = words(Console(marketo).get("calls/1"))
    assert "list MKTOLISTNAME = Nws not there no list has it" in said
