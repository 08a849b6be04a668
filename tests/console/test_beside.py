"""Try it in both APIs: a form's request beside its twin over REST, and any request of the REST API."""

from __future__ import annotations

import pytest
from console_support import Console, told, tree, words
from rest_support import Rest

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}, {Id: 1002, Email: ann@example.com}]
lists: [{name: Newsletter}]
"""


@pytest.fixture
def rest() -> Rest:
    return Rest(WORLD)


@pytest.fixture
def console(rest) -> Console:
    return Console(rest.soap)


def cards(answer) -> dict[str, str]:
    return {
        " ".join(card.findtext("h2").split()): " ".join(card.text_content().split())
        for card in tree(answer).find_class("card")
        if card.find("h2") is not None
    }


def test_a_sync_of_several_leads_is_told_apart_in_both_apis_and_nothing_is_written(rest, console):
    before = rest.stored()
    form = {"form": "syncLead", "mode": "form", "email": "ann@example.com", "return_lead": "1", "do": "dry"}
    shown = cards(console.post("try", {**form, "attribute_name": "FirstName", "attribute_value": "Ann"}))
    assert "Would have updated lead 1002" in shown["SOAP"]
    assert "POST /rest/v1/leads.json" in shown["REST"]
    assert "Record 1: Multiple lead match lookup criteria (1007)." in shown["REST"]
    assert '"firstName": "Ann"' in shown["REST"]
    assert "refused with 1007, where SOAP updates the latest" in shown["REST"]
    assert rest.stored() == before
    assert rest.soap.database.journal.count() == 0


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"form": "listOperation", "list": "Newsletter", "add": "1", "id": "1001"}, "/rest/v1/lists/1001/leads.json"),
        (
            {"form": "listOperation", "list": "Nope", "add": "1", "id": "1"},
            "It needs the id of something that is not there",
        ),
        ({"form": "listMObjects"}, "There is no such call."),
        ({"form": "getLeadActivity", "id": "1001"}, "Would have read a part of the activity log"),
    ],
)
def test_the_twin_of_any_operation(console, form, said):
    assert said in cards(console.post("try", {"mode": "form", "do": "dry", **form}))["REST"]


def test_a_request_over_rest_is_rehearsed_and_sent(rest, console):
    form = {"mode": "rest", "request": "POST /rest/v1/lists/1001/leads.json", "body": '{"input": [{"id": 1001}]}'}
    page = console.post("try", {**form, "do": "dry"})
    assert "Would have put 1 lead on the list Newsletter: 1 added." in words(page)
    assert rest.get("/rest/v1/lists/1001/leads.json").result == []
    assert "The request was sent." in words(console.post("try", {**form, "do": "send"}))
    assert [row["id"] for row in rest.get("/rest/v1/lists/1001/leads.json").result] == [1001]


def test_a_call_of_the_journal_is_opened_as_it_was(rest, console):
    rest.post("/rest/v1/leads.json", {"input": [{"email": "new@example.com"}]}, _method="POST")
    number = rest.soap.calls[-1].sequence
    page = tree(console.get(f"try?call={number}"))
    assert page.xpath("//input[@name='request']/@value") == ["POST /rest/v1/leads.json?_method=POST"]
    assert page.xpath("string(//textarea[@name='body'])").strip() == '{"input": [{"email": "new@example.com"}]}'
    assert page.xpath("//input[@name='mode'][@checked]/@value") == ["rest"]


@pytest.mark.parametrize("request_", ["", "GET", "POST /soap/mktows/3_1", "!! /rest/v1/leads.json"])
def test_a_line_that_is_no_request(console, request_):
    answer = console.post("try", {"mode": "rest", "request": request_, "do": "dry"}, expect=400)
    assert told(answer).startswith("Give a method and an address")


def test_where_nothing_may_be_changed_only_dry_runs_are_made(rest):
    console = Console(rest.soap, read_only=True)
    form = {"mode": "rest", "request": "POST /rest/v1/leads.json", "body": '{"input": [{"email": "a@example.com"}]}'}
    assert "dry run: nothing was written" in words(console.post("try", {**form, "do": "dry"}))
    assert "only dry runs are made" in told(console.post("try", {**form, "do": "send"}, expect=400))
