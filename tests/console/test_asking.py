"""Try it has a form for every operation: what stands in it becomes the request, and what is missing is said."""

from __future__ import annotations

import pytest
from console_support import HOSTILE, Console, told, tree, words
from support import Marketo

from mockmkto.web.console.asking import OPERATIONS

WORLD = """
leads: [{Id: 1, Email: ann@example.com}, {Id: 2, Email: ben@example.com}]
lists: [{id: 7, name: News, members: [1]}]
campaigns: [{id: 9, name: Thanks, sources: [MKTOWS]}]
custom_object_types: [{name: Car, keys: [Plate], fields: [{name: Plate, type: string}, {name: Color, type: string}]}]
"""


@pytest.fixture
def console() -> Console:
    return Console(Marketo(WORLD))


def test_every_operation_of_the_contract_can_be_chosen(console):
    chosen = tree(console.get("try")).xpath("//select[@name='form']/option/@value")
    assert len(chosen) == len(set(chosen)) == 23


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_form_of_an_operation_has_every_argument(console, operation):
    page = tree(console.get(f"try?form={operation}"))
    fields = page.xpath("//div[@class='mode-form']//@name")
    assert fields == list(dict.fromkeys(fields))
    assert set(fields) == {item.name for item in OPERATIONS[operation].arguments}
    assert page.xpath("//select[@name='form']/option[@selected]/@value") == [operation]


@pytest.mark.parametrize(
    ("operation", "form", "sentence"),
    [
        ("getLead", {"email": "ann@example.com"}, "Found 1 lead by Email ann@example.com"),
        ("getMultipleLeads", {"id": "1\r\n2\r\n"}, "2 keys of type IDNUM, all 2."),
        (
            "syncMultipleLeads",
            {"lead": "Id=1,FirstName=Ann\nEmail=new@example.com"},
            "synced 2 leads: 1 UPDATED, 1 CREATED",
        ),
        ("listOperation", {"list": "News", "add": "1", "key": "EMAIL=ben@example.com"}, "put 1 lead on the list News"),
        ("requestCampaign", {"campaign_id": "9", "id": "1"}, "requested the campaign Thanks"),
        ("syncCustomObjects", {"object": "Car", "key": "Plate=B-1", "attribute": "Color=red"}, "1 CREATED"),
        ("syncCustomObjects", {"object": "Car", "key": "Plate=B-1", "operation": "UPDATE"}, "1 FAILED"),
        ("getMObjects", {"object": "Opportunity", "where": "Amount >= 5"}, "Opportunity with Amount GE 5, none."),
        ("listMObjects", {}, "listed the types of objects"),
    ],
)
def test_a_dry_run_says_what_the_form_would_do_and_sending_does_it(console, operation, form, sentence):
    dry = console.post("try", {"form": operation, **form, "do": "dry"})
    assert sentence.lower() in words(dry).lower()
    assert "dry run: nothing was written" in words(dry)
    assert console.marketo.calls == []
    sent = console.post("try", {"form": operation, **form, "do": "send"})
    assert console.marketo.calls[-1].operation == operation
    assert console.marketo.calls[-1].fault_code is None
    assert sentence.lower() in words(sent).lower()


@pytest.mark.parametrize(
    ("operation", "form", "said"),
    [
        ("getLead", {}, "Exactly one of id, email, cookie and key must be given."),
        ("listOperation", {"list": "News"}, "Exactly one of add, remove, ask and clear must be given."),
        ("listOperation", {"list": "News", "add": "1", "key": "EMAIL"}, "Key takes TYPE=VALUE, one a line."),
        ("mergeLeads", {"winner": "1"}, "Loser must be given."),
        ("nothing", {}, "There is no operation 'nothing'."),
    ],
)
def test_what_is_missing_is_said_and_the_form_keeps_what_was_typed(console, operation, form, said):
    answer = console.post("try", {"form": operation, **form, "do": "send"}, expect=400)
    assert told(answer) == said
    assert console.marketo.calls == []
    if "list" in form:
        assert tree(answer).xpath("//input[@name='list']/@value") == ["News"]


def test_an_address_can_fill_the_form(console):
    page = tree(console.get("try?form=listOperation&list=News&id=2"))
    assert page.xpath("//input[@name='list']/@value") == ["News"]
    assert page.xpath("string(//textarea[@name='id'])").strip() == "2"


def test_a_call_of_any_operation_is_opened_as_it_was_sent(console):
    console.post("try", {"form": "getTags", "do": "send"})
    page = tree(console.get("try?call=1"))
    assert "paramsGetTags" in page.xpath("string(//textarea[@name='xml'])")
    assert page.xpath("//select[@name='form']/option[@selected]/@value") == ["getTags"]


def test_hostile_values_are_text(console):
    answer = console.post("try", {"form": "getLead", "email": HOSTILE, "do": "dry"})
    assert tree(answer).xpath("//script[not(@src)] | //svg | //main//img | //@onerror | //@onload") == []


def test_a_dry_run_links_no_lead_that_is_not_there(console):
    dry = console.post("try", {"form": "syncMultipleLeads", "lead": "Id=1,FirstName=Ann\nEmail=new@example.com"})
    links = tree(dry).xpath("//div[@id='result']//a/@href")
    assert set(links) == {f"{console.root}/leads/1"}
