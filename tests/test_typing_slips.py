"""Words that are misspelt: each is an error that names the nearest, wherever handle and control API take words."""

from __future__ import annotations

import re

import pytest
from plain_client import Client, MarketoFault

import mockmkto
from mockmkto import ControlError


@pytest.fixture(scope="module")
def marketo():
    with mockmkto.serve() as sandbox:
        Client.of(sandbox).sync("ann@example.com", FirstName="Ann")
        yield sandbox


SLIPS = {
    "a term of the search language": (lambda m: m.calls.assert_none(stauts="CREATED"), "status"),
    "a key": (lambda m: m.calls.assert_none(emial="ann@example.com"), "email"),
    "a key of the contract": (lambda m: m.calls.assert_none(ForeignSysTyp="CUSTOM"), "ForeignSysType"),
    "a field": (lambda m: m.calls.assert_none(FirsName="Ann"), "FirstName"),
    "a field that was not sent": (lambda m: m.calls.assert_none(LastNam=None), "LastName"),
    "an operation": (lambda m: m.calls.assert_none("syncLed"), "syncLead"),
    "an operation in a search": (lambda m: m.calls.assert_none("op:syncLed since:5m"), "syncLead"),
    "an operation that it was not": (lambda m: m.calls.all("-op:syncLed"), "syncLead"),
    "a term in a search": (lambda m: m.calls.all("stat:CREATED"), "status:"),
    "a status": (lambda m: m.calls.assert_none(status="CREATE"), "CREATED"),
    "a code": (lambda m: m.calls.assert_none(fault=20041), "20104"),
    "who decided": (lambda m: m.calls.assert_none(by="Emial"), "Email"),
    "a version": (lambda m: m.calls.assert_none(version="2_99"), "2_9"),
    "a word of a wait": (lambda m: m.calls.wait_for("syncLead", timout=0), "timeout"),
    "an operation of a wait": (lambda m: m.calls.wait_for("getLeed", timeout=0), "getLead"),
    "a condition of a fault rule": (lambda m: m.faults.add(20024, timse=1), "times"),
    "a field of a fault rule": (lambda m: m.faults.add(20024, FirsName="Ann"), "FirstName"),
    "an operation of a fault rule": (lambda m: m.faults.lose_answer(operation="syncLed"), "syncLead"),
    "a search of a fault rule": (lambda m: m.faults.delay(1, match="status:CREATE"), "CREATED"),
    "a field of a lead": (lambda m: m.leads.all(FirsName="Ann"), "FirstName"),
    "a key of a lead": (lambda m: m.leads.all(Emial="ann@example.com"), "Email"),
    "a partition": (lambda m: m.leads.all(partition="Defualt"), "Default"),
    "a field of a new lead": (lambda m: m.leads.add(FirsName="Ann"), "FirstName"),
    "a switch": (lambda m: m.switches.update(keyles_leads="create"), "keyless_leads"),
    "a part of an amount of time": (lambda m: m.clock.advance(hour=1), "hours"),
    "a shipped fixture": (lambda m: m.new_subscription("dmeo"), "demo"),
    "a name of a new subscription": (lambda m: m.new_subscription(fixtrue="demo"), "fixture"),
    "a switch of a new subscription": (lambda m: m.new_subscription(keyles_leads="create"), "keyless_leads"),
}


@pytest.mark.parametrize(("slip", "meant"), SLIPS.values(), ids=SLIPS)
def test_the_nearest_is_named(slip, meant, marketo):
    with pytest.raises(
        (ControlError, TypeError), match=re.escape(f"did you mean {meant!r}".replace("'status:'", "status:"))
    ):
        slip(marketo)


def test_a_number_is_a_number(marketo):
    with pytest.raises(ControlError, match="lead: expected a number, got 'Ann'"):
        marketo.calls.all(lead="Ann")


def test_what_was_sent_can_be_looked_for_however_it_is_spelt():
    with mockmkto.serve() as marketo:
        client = Client.of(marketo)
        with pytest.raises(MarketoFault):
            client.sync("ann@example.com", FirsName="Ann")
        marketo.calls.assert_one(fault=20105, FirsName="Ann")
        marketo.calls.assert_none(LastName="Ann")


def test_what_can_come_can_be_looked_for(marketo):
    marketo.calls.assert_none(status="UPDATED", operation="syncMultipleLeads", version="2_0", by="ForeignSysPersonId")
    marketo.calls.assert_none(fault="quota")
    marketo.calls.assert_none(status=10001, FirstName="Ben", LastName=None)
