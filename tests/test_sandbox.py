from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import unittest
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from plain_client import Client, MarketoFault, retrying

import mockmkto
from mockmkto import ControlError, UnreachableError
from mockmkto.sandbox.expected import expect, search_text
from mockmkto.sandbox.transport import Transport
from mockmkto.serving import HttpServer
from mockmkto.settings import SettingError

ANN = "ann@example.com"


@pytest.fixture(scope="module", params=["in this process", "elsewhere"])
def server(request):
    """The same handle, whether the server is in this process or in another one: every test runs on both."""
    if request.param == "in this process":
        with mockmkto.serve() as sandbox:
            yield sandbox
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "mockmkto", "serve", "--port", "0", "--log-format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(Path(mockmkto.__file__).parents[1])},
        text=True,
    )
    try:
        with mockmkto.connect(json.loads(process.stdout.readline())["url"]) as sandbox:
            yield sandbox
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture
def marketo(server):
    with server.new_subscription() as sandbox:
        yield sandbox


@pytest.fixture
def client(marketo) -> Client:
    return Client.of(marketo)


def message(failing, *args, **kwargs) -> str:
    """What a failing assertion says."""
    with pytest.raises(AssertionError) as caught:
        failing(*args, **kwargs)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------------------------------
# The handle


def test_a_client_finds_its_way_by_the_handle_alone(marketo, client):
    assert client.sync(ANN, FirstName="Ann") == ("CREATED", 1001)
    assert marketo.leads.one(Email=ANN)["FirstName"] == "Ann"
    marketo.calls.assert_one("syncLead", status="CREATED", Email=ANN, FirstName="Ann")
    assert marketo.wsdl_url == f"{marketo.endpoint}?WSDL"
    assert marketo.endpoint.startswith(marketo.url)


def over_rest(marketo, path, body=None):
    """What the REST API answers to a client that knows what the handle knows."""
    query = f"grant_type=client_credentials&client_id={marketo.client_id}&client_secret={marketo.client_secret}"
    with urllib.request.urlopen(f"{marketo.identity_endpoint}/oauth/token?{query}", timeout=10) as answer:
        token = json.load(answer)["access_token"]
    content = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{marketo.rest_endpoint}{path}", content, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["result"]


def leads_over_rest(marketo) -> list[str]:
    return [lead["email"] for lead in over_rest(marketo, f"/v1/leads.json?filterType=email&filterValues={ANN}")]


def test_the_rest_api_is_where_the_handle_says_and_shows_the_same_leads(server, marketo, client):
    assert leads_over_rest(marketo) == []
    client.sync(ANN)
    assert leads_over_rest(marketo) == [ANN]
    assert leads_over_rest(server) == []  # another subscription, by another client
    marketo.calls.assert_count(2, "op:leads.find")


def test_calls_over_rest_are_asserted_as_those_over_soap_are(marketo):
    record = {"email": ANN, "firstName": "Ann"}
    over_rest(marketo, "/v1/leads.json", {"input": [record]})
    over_rest(marketo, "/v1/leads.json", {"action": "createOnly", "input": [{"email": "new@example.com"}, record]})
    with pytest.raises(AssertionError, match=r"leads\.sync OK lead 1002 \(1 created, 1 skipped\)"):
        marketo.calls.assert_no_surprise()
    marketo.calls.expect("leads.sync", fault=1005)
    marketo.calls.assert_no_surprise()
    made = marketo.calls.assert_one("leads.sync", status="created", firstName="Ann", action=None)
    assert (made.api, made.endpoint, made.lead_id) == ("rest", "POST /rest/v1/leads.json", 1001)
    marketo.calls.assert_one("leads.sync", status="skipped", fault=1005, action="createOnly")
    marketo.calls.assert_none("api:soap")
    with pytest.raises(AssertionError, match="status: expected 'updated', got 'OK', 'created', 'skipped'") as caught:
        marketo.calls.assert_one("leads.sync", status="updated", email=ANN)
    assert "record 2: skipped: Lead already exists (1005)" in str(caught.value)


def test_a_slip_in_an_assertion_of_rest_is_told(marketo):
    with pytest.raises(ControlError, match=r"op: no call can have 'leads.snyc' \(did you mean 'leads.sync'\?\)"):
        marketo.calls.assert_none("leads.snyc")


def test_subscriptions_do_not_see_each_other(server, marketo, client):
    client.sync(ANN)
    with server.new_subscription() as other:
        assert (len(other.leads), len(other.calls)) == (0, 0)
        assert other.user_id != marketo.user_id
        assert other.encryption_key != marketo.encryption_key
        assert other.client_id != marketo.client_id
        assert other.client_secret != marketo.client_secret
        with pytest.raises(ControlError) as caught:
            server.new_subscription(name=other.subscription)
        assert caught.value.status == 409


def test_a_subscription_ends_with_its_block(server):
    with server.new_subscription(name="short") as short:
        client = Client.of(short)
        assert mockmkto.connect(server.url, "short").user_id == short.user_id
    with pytest.raises(ControlError, match="short"):
        mockmkto.connect(server.url, "short")
    with pytest.raises(MarketoFault, match="20014"):
        client.sync(ANN)
    short.delete()  # once is enough, and twice is no mistake


@pytest.mark.parametrize("path", ["", "/", "/soap/mktows/2_9", "/soap/mktows/3_1?WSDL"])
def test_connect_takes_any_address_that_may_have_been_copied(path, server):
    with mockmkto.connect(server.url + path) as sandbox:
        assert sandbox.endpoint == server.endpoint


def test_a_new_subscription_can_be_made_to_measure(server, tmp_path):
    world = {"leads": [{"Email": ANN}]}
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world))
    for fixture in (world, file, str(file)):
        with server.new_subscription(fixture) as marketo:
            assert marketo.leads.one().email == ANN
    frozen = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
    with server.new_subscription("demo", frozen=frozen, keyless_leads="create", derive_website=False) as marketo:
        assert len(marketo.leads) > 10
        assert (marketo.clock.mode, marketo.clock.now) == ("frozen", frozen)
        assert (marketo.switches["keyless_leads"], marketo.switches["derive_website"]) == ("create", "off")
    with server.new_subscription(workspaces=True, frozen=True) as marketo:
        assert "workspaces:" in marketo.export()
        assert marketo.clock.mode == "frozen"
    with pytest.raises(ControlError, match="keyles_leads"):
        server.new_subscription(keyles_leads="create")


def test_reset_goes_back_to_the_fixture_and_empty_keeps_the_world(server):
    with server.new_subscription("demo") as marketo:
        before = len(marketo.leads)
        Client.of(marketo).sync("new@example.com")
        marketo.reset()
        assert (len(marketo.leads), len(marketo.calls)) == (before, 0)
        marketo.reset(to="empty")
        assert len(marketo.leads) == 0
        assert "Account_Type__c" in marketo.export()


def test_a_snapshot_is_restored_when_its_block_ends(marketo, client):
    client.sync(ANN)
    with marketo.snapshot():
        client.sync("ben@example.com")
        assert len(marketo.leads) == 2
    assert [lead.email for lead in marketo.leads] == [ANN]
    assert len(marketo.calls) == 2, "the journal is what happened"
    named = marketo.snapshot("before")
    client.sync("ben@example.com")
    named.restore()
    assert len(marketo.leads) == 1


def test_what_is_exported_loads_again(server, marketo, client):
    client.sync(ANN, FirstName="Ann", foreign_id="A-1")
    exported = marketo.export()
    marketo.reset()
    marketo.load(exported, baseline=True)
    client.sync("ben@example.com")
    marketo.reset()
    assert [lead.email for lead in marketo.leads] == [ANN]
    marketo.load("demo")
    assert len(marketo.leads) > 10
    marketo.load({"leads": []})
    assert len(marketo.leads) == 0


def test_a_signature_is_explained(marketo, client):
    client.key = client.key + " "
    explanation = marketo.explain_signature(client.envelope("<m:paramsGetLead/>"))
    assert not explanation.accepted
    assert str(explanation)


# ---------------------------------------------------------------------------------------------------------------------
# Leads


def test_a_lead_is_put_there_changed_and_taken_away(marketo, client):
    ann = marketo.leads.add(
        {"LeadScore": 5}, Email=ANN, FirstName="Ann", foreign_ids=["A-1", ("SFDC", "00Q1")], cookies=["id:1&token:2"]
    )
    assert (ann.id, ann.email, ann.known, ann.partition) == (1001, ANN, True, "Default")
    assert (ann["FirstName"], ann["firstname"], ann["Email"], ann["LeadScore"]) == ("Ann", "Ann", ANN, "5")
    assert "LastName" not in ann
    assert ann.get("LastName", "") == ""
    assert {f"{foreign.type}:{foreign.id}" for foreign in ann.foreign_ids} == {"CUSTOM:A-1", "SFDC:00Q1"}
    assert len(ann.cookies) == 1
    assert client.sync(foreign_id="A-1") == ("UPDATED", 1001)
    changed = marketo.leads.update(ann, LastName="O'Hara", FirstName=None)
    assert (changed["LastName"], changed.get("FirstName")) == ("O'Hara", None)
    assert marketo.leads.get(1001) == changed
    marketo.leads.delete(ann)
    assert marketo.leads.get(1001) is None
    assert list(marketo.leads) == []


def test_a_lead_without_the_value_says_what_it_has(marketo):
    lead = marketo.leads.add(Email=ANN, FirstName="Ann")
    with pytest.raises(KeyError, match="lead 1001 has no value in LastName; it has FirstName"):
        lead["LastName"]
    assert repr(lead) == "<Lead 1001 Email='ann@example.com' FirstName='Ann' in Default>"


def test_leads_are_found_by_any_field(marketo):
    for number in range(250):
        marketo.leads.add(Email=f"lead{number}@example.com", FirstName="Odd" if number % 2 else "Even")
    assert len(marketo.leads) == len(list(marketo.leads)) == 250
    assert len(marketo.leads.all(FirstName="odd")) == 125
    assert [lead.email for lead in marketo.leads.all(Email="lead24*")][:2] == [
        "lead24@example.com",
        "lead240@example.com",
    ]
    assert marketo.leads.one({"Id": 1002}).email == "lead1@example.com"
    anonymous = marketo.leads.add(cookies=["id:1&token:2"], anonymous=True)
    assert marketo.leads.all(known=False) == [anonymous]


def test_one_lead_that_is_not_there_shows_those_that_are_and_what_was_called(marketo, client):
    marketo.leads.add(Email="ben@example.com", FirstName="Ben")
    client.sync("ben@example.com", FirstName="Benno")
    with pytest.raises(MarketoFault):
        client.sync(ANN, Frist="Ann")
    assert message(marketo.leads.one, Email=ANN) == (
        "expected one lead with Email='ann@example.com', got none of 1:\n"
        "  <Lead 1001 Email='ben@example.com' FirstName='Benno' in Default>\n"
        "\n"
        "The calls:\n"
        "  call 1: syncLead UPDATED lead 1001 by Email\n"
        "  call 2: syncLead fault 20105: syncLead operation failed: unknown fields for import: Frist | 1 warning\n"
        "    sent: Email='ann@example.com', Frist='Ann'\n"
        "    warning: there is no field Frist; did you mean FirstName?"
    )
    marketo.leads.add(Email="ben@example.com")
    assert "expected one lead with Email='ben@example.com', got 2:\n  <Lead 100" in message(
        marketo.leads.one, Email="ben@example.com"
    )
    marketo.reset()
    assert message(marketo.leads.one) == "expected one lead; there are no leads\n\nNo call has come."


def test_a_field_that_is_not_there_is_a_mistake_of_the_test(marketo):
    with pytest.raises(ControlError, match="Frist"):
        marketo.leads.all(Frist="Ann")
    with pytest.raises(ControlError, match="Frist"):
        marketo.leads.add(Frist="Ann")


# ---------------------------------------------------------------------------------------------------------------------
# Calls


def test_assert_one_returns_the_call_whole(marketo, client):
    client.sync(ANN)
    call = marketo.calls.assert_one("syncLead", Email=ANN)
    assert b"<Email>ann@example.com</Email>" in call.request
    assert b"<status>CREATED</status>" in call.response
    assert (call.lead_id, call.sequence) == (1001, 1)
    assert marketo.calls.get(call.sequence) == marketo.calls.last() == marketo.calls.one() == call
    assert marketo.calls.get(99) is None


def test_an_assertion_means_the_whole_value(marketo, client):
    client.sync("joann@example.com", FirstName="Annabel")
    marketo.calls.assert_none(Email=ANN)
    marketo.calls.assert_none(FirstName="Ann")
    marketo.calls.assert_none(FirstName="annabel")
    marketo.calls.assert_one(Email="JoAnn@Example.com", FirstName="Annabel", LastName=None, marketoCookie=None)
    marketo.calls.assert_one("op:syncLead email:ann@ attr:FirstName=Ann", FirstName="*", by=None, lead=1001)
    marketo.calls.assert_one('text:"<Email>joann"')
    assert len(marketo.calls.all(Email="*")) == 1


def test_the_closest_call_explains_itself(marketo, client):
    client.sync("ben@example.com")
    client.sync(ANN, FirstName="Ann")
    client.sync(ANN, FirstName="Anna")
    with pytest.raises(MarketoFault):
        client.get("nobody@example.com")
    assert message(marketo.calls.assert_one, "syncLead", status="UPDATED", Email=ANN, FirstName="Ann") == (
        "expected one call with op:syncLead status:UPDATED Email='ann@example.com' FirstName='Ann', "
        "got none of 4 calls\n"
        "\n"
        "The closest is\n"
        "  call 3: syncLead UPDATED lead 1002 by Email\n"
        "    FirstName: expected 'Ann', got 'Anna'\n"
        "    sent: Email='ann@example.com', FirstName='Anna'\n"
        "    key Email 'ann@example.com' decides: lead 1002 has it\n"
        "\n"
        "The others:\n"
        "  call 1: syncLead CREATED lead 1001\n"
        "  call 2: syncLead CREATED lead 1002\n"
        "  call 4: getLead fault 20103: No lead found with EMAIL = nobody@example.com"
    )


def test_what_was_ignored_is_said(marketo, client):
    client.call("<m:paramsSyncLead><leadRecord><Email>ann@example.com</Email><foreignSysPersonId>A-1</foreignSysPersonId>"
                "</leadRecord><returnLead>false</returnLead></m:paramsSyncLead>")  # fmt: skip
    text = message(marketo.calls.assert_one, "syncLead", ForeignSysPersonId="A-1")
    assert "ForeignSysPersonId: expected 'A-1', got nothing sent" in text
    assert "warning: element <foreignSysPersonId> of leadRecord was ignored" in text


def test_a_wrong_signature_is_explained(marketo, client):
    client.key = "wrong"
    with pytest.raises(MarketoFault):
        client.sync(ANN)
    text = message(marketo.calls.assert_one, "syncLead", status="CREATED")
    assert "status: expected 'CREATED', got '20014'" in text
    assert "    signature: " in text


def test_calls_of_nobody_are_mentioned(server, marketo, client):
    client.user_id = "nobody-we-know"
    with pytest.raises(MarketoFault):
        client.sync(ANN)
    with pytest.raises(MarketoFault):
        client.post(b"no xml")
    text = message(marketo.calls.assert_one, "syncLead")
    assert text.startswith("expected one call with op:syncLead; no call has come\n\nCalls that opened no subscription")
    assert "nobody-we-know" in text
    assert "unreadable fault" in text
    with server.new_subscription() as later:
        assert message(later.calls.assert_one) == "expected one call; no call has come"


def test_too_many_are_listed(marketo, client):
    client.sync(ANN)
    client.sync(ANN)
    assert message(marketo.calls.assert_one, Email=ANN) == (
        "expected one call with Email='ann@example.com', got 2:\n"
        "  call 1: syncLead CREATED lead 1001\n"
        "  call 2: syncLead UPDATED lead 1001 by Email"
    )
    assert message(marketo.calls.assert_none, status="UPDATED") == (
        "expected no call with status:UPDATED, got 1:\n"
        "  call 2: syncLead UPDATED lead 1001 by Email\n"
        "    sent: Email='ann@example.com'\n"
        "    key Email 'ann@example.com' decides: lead 1001 has it"
    )
    assert [call.status for call in marketo.calls.assert_count(2, "syncLead")] == ["CREATED", "UPDATED"]
    assert "expected 3 calls with op:syncLead, got 2 of 2 calls" in message(marketo.calls.assert_count, 3, "syncLead")


def test_waiting_ends_when_the_calls_have_come(marketo, client):
    client.sync("joann@example.com")  # the server's own search finds it, too
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(marketo.calls.wait_for, "syncLead", Email=ANN, count=2, timeout=30)
        client.sync(ANN)
        client.sync("joann@example.com")
        client.sync(ANN)
        assert [call.status for call in waiting.result()] == ["CREATED", "UPDATED"]


def test_waiting_in_vain_explains_the_closest_call(marketo, client):
    client.sync(ANN)
    text = message(marketo.calls.wait_for, "syncLead", status="UPDATED", timeout=0.01)
    assert text.startswith("expected a call within 0.01 s with op:syncLead status:UPDATED, got none of 1 call\n")
    assert "status: expected 'UPDATED', got 'CREATED'" in text


def test_the_journal_is_cleared_and_the_leads_stay(marketo, client):
    client.sync(ANN)
    marketo.calls.clear()
    assert (len(marketo.calls), len(marketo.leads)) == (0, 1)
    assert message(marketo.calls.last) == "expected a call; no call has come"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("status", "CREATED", "status:CREATED"),
        ("operation", "syncLead", "op:syncLead"),
        ("fault", 20014, "fault:20014"),
        ("warning", None, "-warning:*"),
        ("warning", "*", "warning:*"),
        ("Email", "a b@example.com", 'email:"a b@example.com"'),
        ("Email", None, "-email:*"),
        ("ForeignSysType", "SFDC", None),
        ("FirstName", "Ann", "attr:FirstName=Ann"),
        ("FirstName", "*", "attr:FirstName="),
        ("FirstName", None, None),
        ("LastName", 'O"Hara', None),
        ("LeadScore", 5, "attr:LeadScore=5"),
    ],
)
def test_an_expectation_in_the_search_language(name, value, text):
    assert search_text(name, value) == text


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("syncLead", "op:syncLead"),
        ("syncLead email:ann@", "op:syncLead email:ann@"),
        ("status:OK", "status:OK"),
        ('"syncLead"', '"syncLead"'),
        ("", ""),
    ],
)
def test_the_first_word_of_a_search_is_an_operation(search, text):
    assert expect(search, {}).text == text


# ---------------------------------------------------------------------------------------------------------------------
# Faults


def test_a_fault_is_answered_as_often_as_it_says_and_taken_back(marketo, client):
    with marketo.faults.add(20024, times=2, operation="syncLead", Email=ANN) as fault:
        assert client.sync("ben@example.com") == ("CREATED", 1001)
        for _ in range(2):
            with pytest.raises(MarketoFault, match="20024 - Concurrency limit exceeded"):
                client.sync(ANN)
        assert client.sync(ANN) == ("CREATED", 1002)
        assert (fault.seen, fault.fired, len(marketo.faults)) == (3, 2, 1)
    assert (fault.fired, list(marketo.faults)) == (2, [])
    marketo.calls.assert_count(2, injected="fault", fault=20024)


@pytest.mark.parametrize(
    ("inject", "seen_by_the_client", "written"),
    [
        (lambda faults: faults.add(10001), MarketoFault, False),
        (lambda faults: faults.http_status(503), ConnectionError, False),
        (lambda faults: faults.empty(), SyntaxError, False),
        (lambda faults: faults.malformed(), SyntaxError, False),
        (lambda faults: faults.reset_connection(), (OSError, http.client.HTTPException), False),
        (lambda faults: faults.reset_connection(midway=True), (OSError, http.client.HTTPException), False),
        (lambda faults: faults.lose_answer(), (OSError, http.client.HTTPException), True),
        (lambda faults: faults.delay(0.01), None, True),
        (lambda faults: faults.trickle(1_000_000), None, True),
    ],
    ids=["fault", "http_status", "empty", "malformed", "reset", "reset_midway", "lose_answer", "delay", "trickle"],
)
def test_every_effect_by_its_name(inject, seen_by_the_client, written, marketo, client):
    with inject(marketo.faults):
        if seen_by_the_client is None:
            client.sync(ANN)
        else:
            with pytest.raises(seen_by_the_client):
                client.sync(ANN)
    assert len(marketo.leads) == int(written)
    marketo.calls.assert_one(injected="*")


def test_a_client_that_retries_through_all_of_it_makes_one_lead(marketo, client):
    faults = marketo.faults
    with (
        faults.add(20024, times=2),
        faults.http_status(503, times=1),
        faults.reset_connection(times=1),
        faults.empty(times=1),
        faults.malformed(times=1),
        faults.lose_answer(times=1),
    ):
        status, lead_id = retrying(lambda: client.sync(ANN, FirstName="Ann"))
    assert status == "UPDATED", "the lost answer had written it"
    assert marketo.leads.one(Email=ANN).id == lead_id
    calls = marketo.calls.assert_count(8, "syncLead")
    assert [call.injected.partition(" ")[0] if call.injected else None for call in calls] == [
        *("fault", "fault", "http_status", "reset", "empty", "malformed", "lose_answer"),
        None,
    ]


def test_a_rule_that_never_fired_fails_the_block_with_the_closest_call(marketo, client):
    client.sync("before@example.com")
    with (
        pytest.raises(AssertionError) as caught,
        marketo.faults.add(20024, name="busy", operation="syncLead", Email=ANN),
    ):
        client.sync("ben@example.com")
    assert str(caught.value) == (
        "the fault rule busy (fault 20024 for op:syncLead email:ann@example.com) never fired\n"
        "\n"
        "The closest is\n"
        "  call 2: syncLead CREATED lead 1002\n"
        "    email: expected 'ann@example.com', got 'ben@example.com'\n"
        "    sent: Email='ben@example.com'\n"
        "    key Email 'ben@example.com' finds nothing: no lead has it\n"
        "    Website: written, derived from the e-mail\n"
        "\n"
        "A rule sees a call before it is answered, and after its signature was found right."
    )
    assert len(marketo.faults) == 0


def test_a_rule_that_never_fired_says_when_nothing_came_or_its_conditions_kept_it(marketo, client):
    with (
        pytest.raises(AssertionError, match=r"busy .* never fired: no call came"),
        marketo.faults.add(20024, name="busy"),
    ):
        pass
    with pytest.raises(AssertionError, match=r"nth=3.* never fired: it saw 1 call,"), marketo.faults.add(20024, nth=3):
        client.sync(ANN)


def test_a_rule_that_never_fired_does_not_hide_another_error(marketo):
    with pytest.raises(ZeroDivisionError), marketo.faults.add(20024):
        1 / 0  # noqa: B018
    assert len(marketo.faults) == 0


def test_a_rule_that_a_reset_has_taken_is_no_complaint(marketo):
    with marketo.faults.add(20024):
        marketo.reset()
    marketo.faults.add(20024)
    marketo.faults.clear()
    assert not list(marketo.faults)


@pytest.mark.parametrize(
    ("set_rule", "error"),
    [
        (lambda faults: faults.add(4711), ControlError),
        (lambda faults: faults.http_status(99), ControlError),
        (lambda faults: faults.empty(match="ops:syncLead"), ControlError),
        (lambda faults: faults.empty(FirstName=None), ValueError),
    ],
)
def test_a_rule_that_cannot_be_is_refused_when_it_is_set(set_rule, error, marketo):
    with pytest.raises(error):
        set_rule(marketo.faults)


# ---------------------------------------------------------------------------------------------------------------------
# Time, limits, switches


def test_time_is_frozen_passes_and_runs_on(marketo):
    at = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
    assert marketo.clock.freeze(at) == at
    assert marketo.leads.add(Email=ANN).created_at == at
    assert marketo.clock.advance("15m") == at + timedelta(minutes=15)
    assert marketo.clock.advance(timedelta(minutes=-15)) == at
    assert marketo.clock.advance(days=1, seconds=0.5) == at + timedelta(days=1, seconds=0.5)
    assert marketo.clock.set("2026-03-14T00:00:00+00:00") == at.replace(hour=0, minute=0, second=0)
    assert marketo.clock.resume() >= at.replace(hour=0, minute=0, second=0)
    assert marketo.clock.mode == "offset"
    marketo.clock.reset()
    assert marketo.clock.mode == "real"
    with pytest.raises(TypeError):
        marketo.clock.advance("15m", days=1)


def test_limits_are_set_and_counted(marketo, client):
    marketo.limits.set("2/-/-")
    client.sync(ANN)
    client.sync(ANN)
    with pytest.raises(MarketoFault, match="20015"):
        client.sync(ANN)
    assert (str(marketo.limits), marketo.limits.calls_today >= 2) == ("2/-/-", True)
    marketo.limits.forget_counts()
    assert (marketo.limits.calls_today, marketo.limits.calls_in_20_seconds) == (0, 0)
    client.sync(ANN)


def test_limits_of_the_rest_api_are_their_own(marketo, client):
    marketo.rest_limits.set("5/-/-")
    leads_over_rest(marketo)
    client.sync(ANN)
    assert (str(marketo.rest_limits), marketo.rest_limits.calls_today, str(marketo.limits)) == ("5/-/-", 1, "off")
    marketo.rest_limits.forget_counts()
    assert marketo.rest_limits.calls_in_20_seconds == 0


def test_switches_are_a_mapping(marketo, client):
    with pytest.raises(MarketoFault, match="20101"):
        client.sync(FirstName="Ann")
    marketo.switches["keyless_leads"] = "create"
    assert client.sync(FirstName="Ann")[0] == "CREATED"
    marketo.switches.update(derive_website=False, signature_window=timedelta(hours=1))
    assert dict(marketo.switches)["signature_window"] == "1h"
    assert marketo.switches["derive_website"] == "off"
    with pytest.raises(KeyError):
        marketo.switches["no_such"]
    with pytest.raises(ControlError):
        marketo.switches["keyless_leads"] = "perhaps"


# ---------------------------------------------------------------------------------------------------------------------
# Threads, frameworks, addresses


def test_a_handle_is_safe_in_many_threads(server):
    def one_test(number: int) -> list[str | None]:
        with server.new_subscription() as marketo:
            client = Client.of(marketo)
            for _ in range(3):
                client.sync(f"lead{number}@example.com")
            marketo.calls.assert_count(3, "syncLead", Email=f"lead{number}@example.com")
            return [lead.email for lead in marketo.leads]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one_test, range(64))) == [[f"lead{number}@example.com"] for number in range(64)]


def test_serve_is_enough_for_unittest():
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.server = cls.enterClassContext(mockmkto.serve(fixture="demo"))

        def test_it(self):
            marketo = self.enterContext(self.server.new_subscription("demo"))
            Client.of(marketo).sync(ANN)
            marketo.calls.assert_one("syncLead", Email=ANN)
            assert marketo.leads.one(Email=ANN)["Email"] == ANN

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])


def test_serve_takes_every_setting_by_its_name(tmp_path):
    settings = {"fixture": ["demo"], "credential": [("acme", "key")], "data_dir": tmp_path, "keyless_leads": "create"}
    settings["client"] = "its:secret"
    with mockmkto.serve(**settings, derive_website=False) as marketo:
        assert (marketo.user_id, marketo.encryption_key) == ("acme", "key")
        assert (marketo.client_id, marketo.client_secret) == ("its", "secret")
        assert (marketo.switches["keyless_leads"], marketo.switches["derive_website"]) == ("create", "off")
        Client.of(marketo).sync("new@example.com")
    with mockmkto.serve(**settings) as marketo:
        assert marketo.leads.one(Email="new@example.com")
    with (
        pytest.raises(TypeError, match="there is no setting 'fixtur': did you mean 'fixture'"),
        mockmkto.serve(fixtur=""),
    ):
        pass
    with (
        pytest.raises(SettingError, match="--keyless-leads: expected reject or create"),
        mockmkto.serve(keyless_leads=1),
    ):
        pass


def test_serve_reads_no_variable_of_the_environment(monkeypatch):
    monkeypatch.setenv("MOCKMKTO_PORT", "http")
    monkeypatch.setenv("MOCKMKTO_CREDENTIAL", "a:b")
    monkeypatch.setenv("MOCKMKTO_CLIENT", "a:b")
    with mockmkto.serve() as marketo:
        assert (marketo.user_id, marketo.client_id) == ("mockmkto", "mockmkto-client")


def test_serve_gives_a_handle_over_https(tmp_path):
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(tmp_path / "cert.pem", append=True)
    with mockmkto.serve(tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem") as marketo:
        assert marketo.url.startswith("https://")
        assert len(marketo.leads) == 0


def test_nobody_there_is_a_sentence():
    with HttpServer(lambda environ, start: [start("404 Not Found", [("Content-Length", "0")]), b""][1:]) as other:
        with pytest.raises(UnreachableError, match="answered HTTP 404, but not as a mockmkto does"):
            mockmkto.connect(other.url)
        url = other.url
    with pytest.raises(UnreachableError, match=r"no mockmkto answers at http://127\.0\.0\.1:\d+ \(.*refused"):
        mockmkto.connect(url)
    with pytest.raises(ValueError, match="expected an address such as"):
        mockmkto.connect("ftp://example.com")


def test_a_subscription_that_is_not_there_is_a_sentence(server):
    with pytest.raises(ControlError, match="nope"):
        mockmkto.connect(server.url, "nope")


def test_a_connection_that_the_server_closed_while_it_was_idle_is_made_anew():
    def answer_once_a_connection() -> None:
        for _ in range(2):
            with listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_once_a_connection)
        thread.start()
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert [transport.ask("GET", "/health"), transport.ask("GET", "/health")] == [b"{}", b"{}"]
        thread.join()
        transport.close()


def test_a_handle_that_nobody_closed_leaves_no_warning(server):
    sandbox = mockmkto.connect(server.url)
    threads = [threading.Thread(target=sandbox.leads.__len__) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del sandbox, threads, thread  # a warning would be an error


def test_importing_mockmkto_costs_nothing():
    program = "import mockmkto, sys; print(mockmkto.__version__, [m for m in sys.modules if m.startswith('mockmkto.')])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{mockmkto.__version__} []\n"
    with pytest.raises(AttributeError, match="has no attribute 'no_such'"):
        mockmkto.no_such  # noqa: B018
    assert set(mockmkto.__all__) <= set(dir(mockmkto))
    assert all(getattr(mockmkto, name) is not None for name in mockmkto.__all__)


def test_connecting_imports_neither_store_nor_soap(server):
    program = f"import mockmkto, sys; mockmkto.connect({server.url!r}).close(); print(sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "mockmkto.sandbox" in ran.stdout
    for heavy in ("lxml", "sqlalchemy", "spyne", "werkzeug", "httptools", "yaml"):
        assert f"'{heavy}'" not in ran.stdout


# Who may call a new subscription

OWN = {"credentials": [{"user_id": "acme", "encryption_keys": ["acme-key"]}], "leads": [{"Email": ANN}]}
OWN_CLIENT = {"clients": [{"client_id": "acme", "client_secrets": ["old", "new"]}], "leads": [{"Email": ANN}]}


def test_a_world_brings_its_credentials_and_its_clients(server):
    with server.new_subscription(OWN) as marketo:
        assert (marketo.user_id, marketo.encryption_key) == ("acme", "acme-key")
        assert Client.of(marketo).sync(ANN)[0] == "UPDATED"
    with server.new_subscription(OWN_CLIENT) as marketo:
        assert (marketo.client_id, marketo.client_secret) == ("acme", "new")
        assert leads_over_rest(marketo) == [ANN]


def test_where_nobody_may_call_the_handle_says_so(tmp_path):
    blocked = "[{client_id: a, client_secrets: [s], blocked: true}]"
    (tmp_path / "nobody.yaml").write_text(f"credentials: []\nclients: {blocked}", encoding="utf-8")
    with mockmkto.serve(fixture=tmp_path / "nobody.yaml") as nobody:
        with pytest.raises(LookupError, match="it has no usable client"):
            assert nobody.client_id
        with pytest.raises(LookupError, match="it has no usable credential"):
            assert nobody.user_id


def test_credentials_that_another_subscription_has_are_left_out_with_a_word(server):
    with server.new_subscription(OWN), pytest.warns(UserWarning, match="'acme' of the world is left out") as told:
        other = server.new_subscription(OWN)
    with other:
        assert other.user_id != "acme"
        assert Client.of(other).sync(ANN)[0] == "UPDATED"
    assert [item.filename for item in told] == [__file__]


def test_the_built_in_credential_of_a_world_is_the_servers_own(server, recwarn):
    built_in = {"credentials": [{"user_id": "mockmkto", "encryption_keys": ["mockmkto-encryption-key"]}]}
    with server.new_subscription(built_in) as marketo:
        assert marketo.user_id != "mockmkto"
    assert not recwarn


@pytest.mark.parametrize("given", ["acme:key:with:colons", ("acme", "key:with:colons")])
def test_a_credential_is_given(server, given):
    with server.new_subscription(OWN, credential=given) as marketo:
        assert (marketo.user_id, marketo.encryption_key) == ("acme", "key:with:colons")


@pytest.mark.parametrize("given", ["acme:secret:with:colons", ("acme", "secret:with:colons")])
def test_a_client_is_given(server, given):
    with server.new_subscription(OWN_CLIENT, client=given) as marketo:
        assert (marketo.client_id, marketo.client_secret) == ("acme", "secret:with:colons")


@pytest.mark.parametrize("given", ["acme", ":secret", "acme:", ("acme", "")])
def test_a_client_that_is_none_is_refused(server, given):
    with pytest.raises(ValueError, match="client: expected 'ID:SECRET'"):
        server.new_subscription(client=given)


@pytest.mark.parametrize("given", ["acme", ":key", "acme:", ("acme", "")])
def test_a_credential_that_is_none_is_refused(server, given):
    with pytest.raises(ValueError, match="credential: expected 'USER:KEY'"):
        server.new_subscription(credential=given)


def test_a_credential_that_another_has_is_refused(server):
    with server.new_subscription(OWN), pytest.raises(ControlError, match="'acme' opens a subscription already"):
        server.new_subscription(credential="acme:other")
