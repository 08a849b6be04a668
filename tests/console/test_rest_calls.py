"""Calls over REST in the console: what their pages show, how they are sent again, and as which programs."""

from __future__ import annotations

import json

import pytest
from console_support import HOSTILE, Console, tree, words
from rest_support import Rest

from mockmkto.web.console import jsonview
from mockmkto.web.console.rest_requests import content_type_of, read_request_line

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}]
lists: [{name: Newsletter}]
"""
LEADS = "/rest/v1/leads.json"


@pytest.fixture
def rest() -> Rest:
    rest = Rest(WORLD)
    assert rest.token  # the first call of the journal
    return rest


@pytest.fixture
def console(rest) -> Console:
    return Console(rest.soap)


def sections(page) -> dict[str, str]:
    """What stands under each heading."""
    return {
        " ".join(item.findtext("h2").split()): " ".join(item.text_content().split())
        for item in page.iter("section")
        if item.find("h2") is not None
    }


def test_a_call_shows_its_address_its_records_and_json_as_it_reads(rest, console):
    records = [{"email": "new@example.com", "nope": 34.660}, {"email": "ann@example.com", "firstName": "Ann"}]
    rest.post(LEADS, {"input": records}, _method="POST")
    page = tree(console.get("calls/2"))
    (endpoint,) = page.find_class("endpoint")
    assert " ".join(endpoint.text_content().split()) == "REST POST /rest/v1/leads.json?_method=POST"
    assert "Synced 2 leads: 1 skipped, 1 updated. Record 1: Field 'nope' not found (1006)." in words(
        console.get("calls/2")
    )
    under = sections(page)
    assert "1 skipped Field 'nope' not found (1006)" in under["Record by record"]
    assert "2 updated lead 1001" in under["Record by record"]
    assert '"firstName": "Ann"' in under["On the wire"]
    assert "_method = POST" not in under["On the wire"]
    assert [item.text_content() for item in page.iter("mark")] == ['"nope"1']


def test_an_error_and_a_call_without_a_body(rest, console):
    rest.get("/rest/v1/lists/9.json", colour="red")
    text = words(console.get("calls/2"))
    assert "Refused with error 1013: Static list not found" in text
    assert "It has no body." in text
    assert "Nothing in the request can be marked" not in text  # the parameter that nobody reads stands in the address


@pytest.mark.parametrize(
    ("search", "operations"),
    [
        ("", {"leads.find", "syncLead", "identity.token"}),
        ("api:soap", {"syncLead"}),
        ("api:rest", {"leads.find", "identity.token"}),
    ],
)
def test_the_calls_of_one_api_or_of_both(rest, console, search, operations):
    rest.get(LEADS, filterType="id", filterValues=1001)
    rest.soap.sync({"FirstName": "Ann"}, Email="ann@example.com")
    page = tree(console.get(f"calls?search={search}"))
    assert {next(item.itertext()).strip() for item in page.xpath("//td[@class='op']/bdi")} == operations
    chosen = page.xpath("//nav[@aria-label='API']/a[@aria-current]/text()")
    assert chosen == [{"": "Both APIs", "api:soap": "SOAP", "api:rest": "REST"}[search]]


def test_a_call_is_sent_again_as_it_was(rest, console):
    rest.post(LEADS, {"input": [{"email": "ann@example.com", "firstName": "Ann"}]})
    rest.form("/rest/v1/list/1001/leads.json", listId=1001, _method="GET")
    rest.send("DELETE", "/rest/v1/lists/1001/leads.json", f"id=1001&access_token={rest.token}", token=None)
    sent = [call for call in rest.soap.calls if call.operation != "identity.token"]
    for number, before in enumerate(sent, 2):
        console.post(f"calls/{number}/again")
        after = rest.soap.calls[-1]
        assert (after.operation, after.endpoint, after.request) == (before.operation, before.endpoint, before.request)
        assert (after.http_status, after.fault_code) == (200, None)


def test_what_cannot_be_json_says_where_and_nothing_of_it_is_markup():
    shown = jsonview.show(b'{"a": <b>}')
    assert shown.pretty is None
    assert shown.broken == "This is no JSON: Expecting value at character 7."
    hostile = jsonview.show(json.dumps({HOSTILE: [HOSTILE, 1e400, None, True, {}]}).encode())
    assert "<script" not in f"{hostile.pretty}{hostile.raw}"
    assert jsonview.show(b"[" * 100_000).broken is not None
    assert jsonview.show(b'{"a": 34.660, "a": 1e5}').pretty is not None


def test_a_number_is_shown_as_it_was_written_and_a_name_that_is_there_twice_is_shown_twice():
    text = " ".join(str(jsonview.show(b'{"a": 34.660, "a": 1e5}').pretty.striptags()).split())
    assert text == '{ "a": 34.660, "a": 1e5 }'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"input": []}', "application/json"),
        (b"", "application/json"),
        (b"listId=1&_method=GET", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na=b\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_what_a_body_is(body, kind):
    assert content_type_of(body) == kind


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("POST /rest/v1/leads.json?a=b", ("POST", "/rest/v1/leads.json", "a=b")),
        (" get  https://x.example.com/rest/v1/leads.json ", ("GET", "/rest/v1/leads.json", "")),
        ("/bulk/v1/leads.json", ("GET", "/bulk/v1/leads.json", "")),
        ("/soap/mktows/3_1", None),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_line_that_somebody_typed(text, read):
    assert read_request_line(text) == read
