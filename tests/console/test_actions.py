"""Every action of the console, without a browser: what it does to the subscription, and the sentence that says so."""

from __future__ import annotations

import pytest
from console_support import Console, told, tree, words
from rest_support import Rest
from support import KEY, Marketo

from mockmkto.store import faults, leads
from mockmkto.store.limits import REST, SOAP

# ---------------------------------------------------------------------------------------------------------------------
# Calls


def test_a_call_says_why_it_was_that_lead(console):
    console.marketo.sync(
        {"City": "Milano"},
        Email="dario.conti@fontana-arredi.example",
        ForeignSysPersonId="CRM-40022",
        ForeignSysType="CUSTOM",
    )
    said = words(console.get("calls/1"))
    assert "Updated lead 1004. It was found by its ForeignSysPersonId CUSTOM CRM-40022." in said
    assert "belongs to lead 1005, but ForeignSysPersonId counts before Email" in said
    assert "Lisboa Milano written" in said


def test_a_call_says_which_of_several_leads_counts(console):
    console.marketo.sync({"Title": "Boss"}, Email="sam.okafor@brightwater.example")
    said = words(console.get("calls/1"))
    assert "2 leads have its Email" in said
    assert "1003 is the one that counts (most recently updated); lead 1002 was not touched" in said


def test_a_warning_is_marked_where_it_was_caused(console):
    console.marketo.sync({"Frist": "x"}, Email="ann@example.com")
    marked = {item.text_content() for item in tree(console.get("calls/1")).xpath("//mark")}
    assert marked == {"Frist1"}


def test_a_wrong_signature_is_explained(console):
    envelope = console.marketo.envelope("<ns1:paramsGetLead/>", key="wrong")
    console.marketo.post(envelope)
    said = words(console.get("calls/1"))
    assert "Refused with fault 20014" in said
    assert "The string to sign" in said


@pytest.mark.parametrize(
    "body", [b"", b"<a><b></a>", b"\xff\xfe\x00", b"no xml \x00 at all", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_a_broken_request_has_a_page(console, body):
    console.marketo.post(body)
    page = console.get("calls/1")
    assert "Raw" in words(page)
    console.get("calls")
    console.get("try?call=1")


def test_the_bytes_can_be_saved(console):
    console.marketo.post(b"\xff broken")
    answer = console.get("calls/1/request")
    assert answer.data == b"\xff broken"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_request_that_is_kept_cut_says_so_wherever_it_is_seen_and_is_not_sent_again(console):
    console.marketo.post(b"<" + b"x" * 300_000)
    assert "the journal keeps the first 262,144 of 300,001 bytes" in words(console.get("calls/1"))
    saved = console.get("calls/1/request").data
    assert saved == b"<" + b"x" * 262_143 + b"\n<!-- cut: the journal keeps the first 262144 of 300001 bytes -->\n"
    assert "keeps only its beginning" in words(console.post("calls/1/again", expect=409))
    assert console.marketo.database.journal.last == 1


def test_send_again_signs_anew(console):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    console.post("steer/advance", {"by": "2h"})
    said = told(console.post("calls/1/again"))
    assert said == "Call 1 was sent again, signed now."
    assert [call.status for call in console.marketo.database.journal.calls()] == ["CREATED", "UPDATED"]


@pytest.mark.parametrize(
    ("search", "found"), [("", {1, 2}), ("status:CREATED", {1}), ("-status:CREATED", {2}), ("lead:1", set())]
)
def test_calls_are_searched_in_the_language_of_the_control_api(console, search, found):
    console.marketo.sync(Email="ann@example.com")
    console.marketo.sync(Email="ann@example.com")
    page = tree(console.get(f"calls?search={search}"))
    assert {int(item) for item in page.xpath("//tr/@data-call")} == found


def test_a_search_that_cannot_be_read_says_why(console):
    assert "there is no stauts: to search for" in told(console.get("calls?search=stauts:x", expect=400))


def test_rows_are_what_came_since(console):
    assert console.get("calls/rows?after=0", expect=204).headers["X-Last-Call"] == "0"
    console.marketo.sync(Email="ann@example.com")
    console.marketo.sync(Email="bob@example.com")
    answer = console.get("calls/rows?after=1")
    assert 'data-call="2"' in answer.text
    assert 'data-call="1"' not in answer.text
    assert answer.headers["X-Last-Call"] == "2"
    console.get("calls/rows?after=0&search=email:nobody", expect=204)


def test_the_journal_is_emptied(console):
    console.marketo.sync(Email="ann@example.com")
    assert "empty now" in told(console.post("calls/clear"))
    assert console.marketo.database.calls == 0


def test_a_signature_is_explained(console):
    pasted = console.marketo.envelope("<ns1:paramsGetLead/>", key="wrong")
    assert "Refused with fault 20014" in words(console.post("explain", {"text": pasted}))


# ---------------------------------------------------------------------------------------------------------------------
# Leads


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("1003", {1003}),
        ("sam.", {1002, 1003}),
        ("Company:Brightwater*", {1002, 1003}),
        ('Company:"lumen nothing"', set()),
        ("known:false", {1101, 1102}),
    ],
)
def test_leads_are_searched(console, search, found):
    page = tree(console.client.get(f"{console.root}/leads", query_string={"search": search}))
    assert {
        int(item.text_content()) for item in page.xpath("//table[contains(@class, 'leads')]//td[@class='num']")
    } == found


def test_a_search_for_a_field_that_there_is_not_names_the_nearest(console):
    assert "did you mean 'Company'" in told(console.get("leads?search=Compnay:x", expect=400))


def test_a_lead_is_added_edited_and_deleted(console):
    assert (
        told(
            console.post(
                "leads/new",
                {"email": "new@example.com", "attribute_name": ["FirstName", ""], "attribute_value": ["New", ""]},
            )
        )
        == "Lead 1103 was added."
    )
    assert (
        told(
            console.post(
                "leads/1103/edit",
                {
                    "email": "new@example.com",
                    "attribute_name": "LastName",
                    "attribute_value": "Er",
                    "cookies": "abc",
                    "foreign_ids": "SFDC 1\nCRM",
                },
            )
        )
        == "Lead 1103 was changed."
    )
    assert console.marketo.lead(1103).attributes == {"LastName": "Er"}
    assert console.marketo.keys(1103) == ({("SFDC", "1"), ("CUSTOM", "CRM")}, {"abc"})
    assert told(console.post("leads/1103/delete")) == "Lead 1103 was deleted."
    console.get("leads/1103", expect=404)


def test_a_form_that_is_refused_keeps_what_was_typed(console):
    page = console.post(
        "leads/new", {"email": "new@example.com", "attribute_name": "LeadScore", "attribute_value": "many"}, expect=400
    )
    assert "LeadScore" in told(page)
    assert tree(page).xpath("//input[@name='email']/@value") == ["new@example.com"]
    assert tree(page).xpath("//textarea[@name='attribute_value']")[0].text.strip() == "many"


def test_a_lead_that_is_saved_as_it_was_is_not_touched(console):
    before = console.marketo.dump()
    page = tree(console.get("leads/1012/edit"))
    (form,) = [item for item in page.forms if item.action.endswith("/edit")]
    fields = [
        (name, value.removeprefix("\n").replace("\n", "\r\n"))
        for name, value in form.form_values()
        if name != "token_of_form"
    ]
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    assert told(console.post("leads/1012/edit", sent)) == "Nothing was changed."
    assert console.marketo.dump() == before


def test_the_calls_that_changed_a_lead_are_told(console):
    console.marketo.sync({"Title": "Boss"}, Id=1003)
    console.marketo.sync({"City": "Milano"}, Id=1001, ForeignSysPersonId="00Q50000009FaKeAAA", ForeignSysType="SFDC")
    said = words(console.get("leads/1003"))
    assert "Title Fleet Planner → Boss" in said
    assert "was for lead 1001" in said


# ---------------------------------------------------------------------------------------------------------------------
# Try it


def test_a_form_says_first_and_does_then(console):
    form = {
        "email": "sam.okafor@brightwater.example",
        "attribute_name": "Title",
        "attribute_value": "Boss",
        "version": "3_1",
        "mode": "form",
    }
    before = console.marketo.dump()
    said = words(console.post("try", {**form, "do": "dry"}))
    assert "Would have updated lead 1003" in said
    assert "nothing was written" in said
    assert console.marketo.dump() == before
    assert told(console.post("try", {**form, "do": "send"})) == "The request was sent."
    assert console.marketo.lead(1003).attributes["Title"] == "Boss"


@pytest.mark.parametrize(
    "xml",
    [
        "<paramsSyncLead><leadRecord><Email>n@example.com</Email></leadRecord><returnLead>true</returnLead></paramsSyncLead>",
        None,
    ],
)
def test_xml_is_pasted_whole_or_in_part(console, xml):
    record = "<leadRecord><Email>n@example.com</Email></leadRecord><returnLead>true</returnLead>"
    body = f"<ns1:paramsSyncLead>{record}</ns1:paramsSyncLead>"
    text = xml or console.marketo.envelope(body, key="stale", timestamp="2001-01-01T00:00:00Z")
    assert "Would have created lead 1103" in words(
        console.post("try", {"mode": "xml", "xml": text, "sign": "1", "version": "2_9", "do": "dry"})
    )


def test_xml_that_is_not_signed_anew_is_judged_as_it_is(console):
    text = console.marketo.envelope("<ns1:paramsSyncLead/>", key="stale")
    assert "Would be refused with fault 20014" in words(
        console.post("try", {"mode": "xml", "xml": text, "version": "2_9", "do": "dry"})
    )


def test_a_character_that_no_xml_has_is_refused_with_a_word(console):
    assert "no XML can carry" in told(
        console.post("try", {"email": "a\x01b", "version": "3_1", "do": "dry"}, expect=400)
    )


# ---------------------------------------------------------------------------------------------------------------------
# World


def world(console):
    with console.marketo.database.transaction() as session:
        return session.world


def test_fields_partitions_workspaces_and_rules_are_edited(console):
    assert "Shoe__c was added" in told(console.post("world/add-field", {"name": "Shoe__c", "type": "integer"}))
    console.post("world/change-field", {"name": "Shoe__c", "type": "string", "length": "7", "read_only": "1"})
    field = world(console).fields.find("Shoe__c")
    assert (field.type.value, field.length, field.read_only) == ("string", 7, True)
    console.post("world/remove-field", {"name": "Shoe__c"})
    assert world(console).fields.find("Shoe__c") is None
    console.post("world/add-partition", {"name": "Asia"})
    console.post("world/put-workspace", {"name": "APAC", "primary_partition": "Asia"})
    assert [(item.name, item.primary_partition) for item in world(console).workspaces] == [
        ("Default", "Default"),
        ("APAC", "Asia"),
    ]
    console.post(
        "world/change-rules", {"rules": "- name: J\n  when: [{field: Country, is: Japan}]\n  partition: Asia\n"}
    )
    assert [str(item.conditions[0]) for item in world(console).assignment_rules] == ["Country is 'Japan'"]
    assert "Country is 'Japan'" in words(console.get("world"))
    assert "needed by" in told(console.post("world/remove-partition", {"name": "Asia"}, expect=400))
    console.post("world/change-rules", {"rules": ""})
    console.post("world/remove-workspace", {"name": "APAC"})
    console.post("world/remove-partition", {"name": "Asia"})
    assert world(console).partitions == ("Default",)


@pytest.mark.parametrize(
    "rules", ["- name: [", "name: x", "- {name: x, partition: Nowhere}", "- {name: x, wehn: [], partition: Default}"]
)
def test_rules_that_cannot_be_are_said_and_kept_in_the_form(console, rules):
    page = console.post("world/change-rules", {"rules": rules}, expect=400)
    assert told(page)
    assert tree(page).xpath("//textarea[@name='rules']")[0].text.strip() == rules


def test_credentials_are_added_rotated_blocked_and_removed(console):
    def now():
        return {item.user_id: (item.encryption_keys, item.blocked) for item in console.marketo.registry.credentials()}

    console.post("world/add-credential", {"user_id": "two", "key": "first"})
    assert "second" not in told(
        console.post("world/change-credential", {"user_id": "two", "what": "rotate", "key": "second"})
    )
    assert now()["two"] == (("second", "first"), False)
    console.post("world/change-credential", {"user_id": "two", "what": "drop"})
    console.post("world/change-credential", {"user_id": "two", "what": "block"})
    assert now()["two"] == (("second",), True)
    console.post("world/change-credential", {"user_id": "two", "what": "unblock"})
    console.post("world/remove-credential", {"user_id": "two"})
    assert now() == {"mockmkto": ((KEY,), False)}


def test_clients_are_added_permitted_rotated_blocked_and_removed(console):
    def two():
        found = console.marketo.registry.client("two")
        return found and (found.secrets, found.permissions, found.blocked)

    console.post("world/add-client", {"client_id": "two", "secret": "first"})
    assert two() == (("first",), None, False)
    console.post("world/change-client", {"client_id": "two", "what": "permit", "permission": ["Read-Only Lead"]})
    assert two() == (("first",), ("Read-Only Lead",), False)
    assert "Read-Only Lead</span>" in console.get("world").text
    console.post("world/change-client", {"client_id": "two", "what": "permit"})
    console.post("world/change-client", {"client_id": "two", "what": "rotate", "secret": "second"})
    assert two() == (("second", "first"), None, False)
    console.post("world/change-client", {"client_id": "two", "what": "drop"})
    console.post("world/change-client", {"client_id": "two", "what": "block"})
    assert two() == (("second",), None, True)
    console.post("world/change-client", {"client_id": "two", "what": "unblock"})
    assert two() == (("second",), None, False)
    console.post("world/remove-client", {"client_id": "two"})
    assert two() is None
    console.post("world/add-client")
    assert len(console.marketo.registry.clients()) == 2


def test_switches_are_set(console):
    console.post("world/change-switches", {"keyless_leads": "create", "signature_window": "1h"})
    assert world(console).behaviour.keyless_leads == "create"
    assert "signature_window" in told(console.post("world/change-switches", {"signature_window": "soon"}, expect=400))


def test_the_state_goes_out_and_in_again(console):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    state = console.post("world/download")
    assert state.headers["Content-Disposition"] == f'attachment; filename="{console.marketo.name}.yaml"'
    console.post("leads/1103/delete")
    console.post("world/load", {"text": state.text})
    assert console.marketo.lead(1103).email == "ann@example.com"


def test_a_shipped_fixture_is_loaded(console):
    assert "as workspaces says" in told(console.post("world/load", {"fixture": "workspaces"}))
    assert len(world(console).workspaces) == 3
    assert "'/etc/passwd'" in told(console.post("world/load", {"fixture": "/etc/passwd"}, expect=400))


# ---------------------------------------------------------------------------------------------------------------------
# Steer


def test_fault_rules_are_added_and_removed(console):
    form = {"effect": "fault", "code": "20016", "match": "email:slow@", "times": "2", "name": "slow"}
    said = told(console.post("steer/add-fault", form))
    assert said == (
        "The fault rule slow is there now. "
        "To calls that match email:slow@ it answers with fault 20016 (2 times at most)."
    )
    assert console.marketo.sync(Email="slow@example.com").code == "20016"
    assert "Fired 1 of the 1 calls that it saw" in words(console.get("steer"))
    console.post("steer/remove-fault", {"name": "slow"})
    console.post("steer/add-fault", {"effect": "delay", "delay": "250ms", "share": "0.5", "after": "3"})
    assert "(not the first 3, 50% of them, by the seed 0, after 0.25 s)" in words(console.get("steer"))
    console.post("steer/clear-faults")
    with console.marketo.database.transaction() as session:
        assert faults.all_rules(session) == ()
    assert "nth: expected an integer" in told(
        console.post("steer/add-fault", {"effect": "fault", "nth": "x"}, expect=400)
    )


def test_limits_are_set_and_forgotten(console):
    assert (
        told(console.post("steer/set-limits", {"limits": "own", "per_20_seconds": "1"}))
        == "So many calls are let through: any number a day, 1 in 20 seconds, any number at once."
    )
    console.marketo.sync(Email="ann@example.com")
    assert console.marketo.sync(Email="ann@example.com").code == "20023"
    console.post("steer/forget-counts")
    with console.marketo.database.transaction() as session:
        assert SOAP.since(session, session.now.replace(year=2000)) == 0
    assert told(console.post("steer/set-limits", {"limits": "off"})) == "Calls are not counted."


def test_limits_of_the_rest_api_are_their_own(console):
    rest = Rest(soap=console.marketo)
    console.post("steer/set-limits", {"api": "rest", "limits": "own", "per_day": "1"})
    said = [rest.send("GET", "/rest/v1/lead/1.json").errors for _ in range(2)]
    assert said == [[], [("607", "Daily quota reached")]]
    assert console.marketo.sync(Email="ann@example.com").code is None
    assert "1 of 1 today" in console.get("").text
    console.post("steer/forget-counts", {"api": "rest"})
    with console.marketo.database.transaction() as session:
        assert REST.since(session, session.now.replace(year=2000)) == 0


def test_the_clock_is_moved(console):
    def clock():
        with console.marketo.database.transaction() as session:
            return session.clock

    assert told(console.post("steer/set-clock", {"to": "2030-01-02 03:04:05"})) == "It is 2030-01-02 03:04:05 PST now."
    assert told(console.post("steer/advance", {"by": "-1h"})) == "It is 2030-01-02 02:04:05 PST now."
    console.post("steer/resume")
    assert clock().frozen_at is None
    console.post("steer/freeze")
    assert clock().frozen_at is not None
    console.post("steer/reset-clock")
    assert clock().offset.total_seconds() == 0
    assert "a time such as" in told(console.post("steer/set-clock", {"to": "soon"}, expect=400))


def test_a_reset_can_be_undone(console):
    console.marketo.sync(Email="ann@example.com")
    assert "before-reset" in told(console.post("steer/reset", {"to": "baseline", "keep": "1"}))
    console.get("leads/1103", expect=404)
    console.post("steer/restore-snapshot", {"name": "before-reset"})
    assert console.marketo.lead(1103)
    console.post("steer/forget-snapshot", {"name": "before-reset"})
    console.post("steer/take-snapshot", {"name": "mine"})
    assert "mine" in words(console.get("steer"))
    console.post("steer/reset", {"to": "empty"})
    with console.marketo.database.transaction() as session:
        assert leads.count(session) == 0


def test_a_subscription_is_made(console):
    page = console.client.post(
        "/subscriptions",
        data={"token_of_form": console.token(), "name": "fresh", "fixture": "demo"},
        follow_redirects=True,
    )
    assert page.request.path == "/s/fresh/"
    refused = console.client.post(
        "/subscriptions", data={"token_of_form": console.token(), "name": "fresh", "fixture": "demo"}
    )
    assert "already" in told(refused)


def test_a_subscription_of_another_name_is_not_touched_by_a_pasted_call():
    marketo = Marketo("{}")
    other = Marketo("{subscription: other, credentials: [{user_id: other, encryption_keys: [key]}]}", marketo.registry)
    console = Console(marketo)
    text = other.envelope("<ns1:paramsGetLead/>").replace("mockmkto<", "other<")
    said = console.post("try", {"mode": "xml", "xml": text, "version": "2_9", "do": "dry"}, expect=400)
    assert "the subscription other" in told(said)
