"""The log line of a call."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support import KEY, USER, Marketo

from mockmkto import auth
from mockmkto.calls.log import json_line, text_line
from mockmkto.model import Effect, FaultRule
from mockmkto.store import faults

SYNC = "<ns1:paramsSyncLead><leadRecord>{}</leadRecord><returnLead>false</returnLead></ns1:paramsSyncLead>"


@pytest.fixture
def marketo():
    return Marketo("leads: [{Id: 1001, Email: ann@example.com}]")


def test_a_line_says_what_was_asked_what_came_of_it_and_which_key_decided(marketo):
    line = text_line(marketo.sync({"FirstName": "Ann"}, Email="ann@example.com").call)
    assert line.startswith(
        "2026-03-14 02:26:53 PDT (frozen clock) 2_9 syncLead UPDATED lead 1001 by Email ann@example.com "
    )
    assert line.endswith(" ms")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"Email": "ben@example.com"}, " CREATED lead 1002 Email ben@example.com "),
        ({"Id": 1001, "Email": "ben@example.com"}, " UPDATED lead 1001 by Id 1001 Email ben@example.com "),
        ({"Id": 7, "Email": "ben@example.com"}, " fault No lead found with IDNUM = 7 (20103) Email ben@example.com "),
        ({"ForeignSysPersonId": "A-1"}, " CREATED lead 1002 "),
    ],
)
def test_the_email_stands_in_it_and_the_value_of_the_key_that_decided(marketo, keys, said):
    assert said in text_line(marketo.sync(**keys).call)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (FaultRule("quota", Effect.FAULT, code=20015), " | injected: fault by quota"),
        (FaultRule("lost", Effect.LOSE_ANSWER), " | injected: lose_answer by lost"),
        (FaultRule("late", Effect.TRICKLE), " | injected: trickle by late"),
    ],
    ids=lambda value: value.name if isinstance(value, FaultRule) else "",
)
def test_what_a_fault_rule_did_stands_in_the_line(marketo, rule, said):
    with marketo.database.transaction() as session:
        faults.add(session, rule)
    call = marketo.sync(Email="ann@example.com").call
    assert said in text_line(call)
    assert json.loads(json_line(call))["injected"] == said.removeprefix(" | injected: ")


def test_what_was_found_about_a_signature_is_sentences(marketo):
    stamp = marketo.now.isoformat(timespec="seconds")
    envelope = marketo.envelope(SYNC.format("<Email>a@b.c</Email>"), timestamp=stamp)
    swapped = envelope.replace(auth.sign(USER, KEY, stamp), auth.sign(stamp, KEY, USER))
    call = marketo.post(swapped).call
    why = text_line(call).partition("why: ")[2]
    assert len(call.signature.findings) > 1
    assert all(f"{finding.rstrip('.')}." in why for finding in call.signature.findings)


def test_a_fault_is_its_message(marketo):
    line = text_line(marketo.sync(Id=7).call)
    assert "syncLead fault No lead found with IDNUM = 7 (20103)" in line


def test_a_warning_is_on_the_line(marketo):
    answer = marketo.post(marketo.envelope(SYNC.format("<email>ann@example.com</email>")))
    assert " | warning: element <email> of leadRecord was ignored: names are case-sensitive" in text_line(answer.call)


def test_of_many_warnings_three_are_shown_and_the_others_counted(marketo):
    answer = marketo.post(marketo.envelope(SYNC.format("<a/><b/><c/><d/><e/><Email>ann@example.com</Email>")))
    assert text_line(answer.call).endswith(" | and 2 more warnings")


def test_a_refused_signature_is_explained_to_the_end(marketo):
    stamp = marketo.now.isoformat(timespec="seconds")
    swapped = auth.sign(stamp, KEY, USER)  # the user id before the timestamp
    envelope = marketo.envelope(SYNC.format("<Email>a@b.c</Email>"), timestamp=stamp)
    line = text_line(marketo.post(envelope.replace(auth.sign(USER, KEY, stamp), swapped)).call)
    assert " | why: " in line
    assert "Exactly this comes out when" in line
    assert KEY not in line


def test_what_a_client_sends_begins_no_line_of_its_own(marketo):
    line = text_line(marketo.sync(Email="a\r\n2026-01-01 forged\x1b[2J@example.com".replace("\x1b", "\x85")).call)
    assert line.isprintable()


def test_a_line_has_a_bound(marketo):
    answer = marketo.post(marketo.envelope(SYNC.format(f"<{'x' * 5000}/><Email>ann@example.com</Email>")))
    assert len(text_line(answer.call)) < 1000


def test_json_says_the_same(marketo):
    call = marketo.sync({"FirstName": "Ann"}, Email="ann@example.com").call
    told = json.loads(json_line(call))
    assert (told["at"], told["time_zone"], told["clock"]) == (
        "2026-03-14T02:26:53-07:00",
        "America/Los_Angeles",
        "frozen",
    )
    assert (told["email"], told["key"], told["injected"]) == ("ann@example.com", "ann@example.com", None)
    assert (told["operation"], told["status"], told["lead_id"], told["decided_by"]) == (
        "syncLead",
        "UPDATED",
        1001,
        "Email",
    )


def test_a_fault_with_very_many_names_is_cut_in_the_log_and_in_the_journal_but_not_on_the_wire(marketo):
    names = [f"Unknown{number}" for number in range(2000)]
    answer = marketo.sync(dict.fromkeys(names, "x"), Email="ann@example.com")
    assert answer.message == f"syncLead operation failed: unknown fields for import: {', '.join(names)} (20105)"
    assert answer.call.fault_message.startswith("syncLead operation failed: unknown fields for import: Unknown0, Unk")
    assert re.search(r" \.\.\. and 1[0-9]{3} more \(20105\)$", answer.call.fault_message)
    assert len(answer.call.fault_message) < 5000
    assert len(json.loads(json_line(answer.call))["fault"]) < 5000


def test_nothing_in_a_line_of_json_is_as_long_as_a_client_likes(marketo):
    answer = marketo.post(marketo.envelope(SYNC.format("<Email>a@b.c</Email>"), timestamp="2" * 100_000))
    assert answer.message == f"Request expired: {'2' * 100_000} (20016)"
    assert len(json_line(answer.call)) < 10_000


def test_the_line_that_the_readme_shows_is_the_one_that_is_logged():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^20.* \| warning: .*$", readme, re.MULTILINE)
    marketo = Marketo("leads: [{Id: 1105, Email: ann@example.com}]")
    misspelt = SYNC.format("<Email>dan@example.com</Email><foreignSysPersonId>A-1</foreignSysPersonId>")
    line = text_line(marketo.post(marketo.envelope(misspelt)).call)
    assert re.sub(r"[0-9.]+ ms", "0.8 ms", line.replace(" (frozen clock)", "")) == shown


@pytest.mark.parametrize(
    ("version", "body", "said"),
    [
        ("2_0", "<ns1:paramsMergeLeads/>", " mergeLeads fault "),  # of a later version
        ("3_1", "<ns1:paramsFly/>", " unknown operation fault "),
        ("3_1", "<ns1:paramsFly>", " unreadable fault "),
    ],
)
def test_what_was_asked_is_named_even_where_it_is_not_answered(marketo, version, body, said):
    assert said in text_line(marketo.post(marketo.envelope(body), version).call)


@pytest.mark.parametrize("unseen", ["\u202e", "\u2066", "\x85", "\x9b", "\x7f", "\u2028", "\u200f", "\ufeff"])
def test_no_line_has_what_a_terminal_obeys_or_a_reader_does_not_see(unseen):
    marketo = Marketo("{}")
    call = marketo.sync(Email=f"a{unseen}b@example.com").call
    for line in (text_line(call), json_line(call)):
        assert unseen not in line
        assert f"{ord(unseen):02x}" in line
    assert json.loads(json_line(call))["email"] == f"a{unseen}b@example.com"  # and it is the same JSON
