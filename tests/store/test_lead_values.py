"""Leads by the value of a field: an index that is made when it is asked for, and that everybody keeps from then on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from support import NOW, Marketo

from mockmkto.model import Lead
from mockmkto.store import lead_values, leads
from mockmkto.store.lead_values import ids_with_value
from mockmkto.store.leads import NewLead
from mockmkto.store.session import MissingIndexError
from mockmkto.worlds import parse_worlds

WORLD = """
fields: [{name: Ext__c, type: string, length: 3000}, {name: 'Say "hi" 100%', type: string}]
lead_keys: {SFDCLEADID: City}
leads:
- {Id: 1001, attributes: {Ext__c: A-1, City: Oslo, 'Say "hi" 100%': a}}
- {Id: 1002, attributes: {Ext__c: a-1}}
- {Id: 1003, attributes: {Ext__c: B-2}}
"""


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def found(marketo: Marketo, value: str, field: str = "Ext__c", limit: int = 10) -> tuple[int, ...]:
    with marketo.database.transaction() as session:
        return ids_with_value(session, field, value, limit)


def indexed(marketo: Marketo) -> tuple[str, ...]:
    with marketo.database.transaction() as session:
        assert all(session.world.indexed.values())
        return tuple(session.world.indexed)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("Ext__c", "A-1", (1001, 1002)),
        ("Ext__c", " a-1\n", (1001, 1002)),
        ("Ext__c", "A-2", ()),
        ("Ext__c", "", ()),
        ("City", "OSLO", (1001,)),
        ("Title", "Dr", ()),
        ('Say "hi" 100%', "A", (1001,)),
    ],
)
def test_leads_are_found_by_a_value_in_any_case_and_without_space_around_it(marketo, field, value, expected):
    assert found(marketo, value, field) == expected


def test_no_more_are_found_than_are_wanted_the_lowest_first(marketo):
    assert found(marketo, "a-1", limit=1) == (1001,)


ODD = ("\u00a0Straße\u2003", "STRASSE", "\u0130stanbul", "i\u0307stanbul", "Ünï 🕓", "x" * 400, "x" * 300)


@pytest.mark.parametrize("value", ODD)
def test_what_was_there_before_the_index_is_compared_as_what_comes_after_it(marketo, value):
    """The one is done by the database, the other by Python."""
    earlier, later = new(2000, Ext__c=value), new(2001, Ext__c=value)
    with marketo.database.transaction() as session:
        leads.add(session, earlier)
        before = ids_with_value(session, "Ext__c", value, 10)
        leads.add(session, later)
        assert ids_with_value(session, "Ext__c", value, 10) == (*before, 2001)
        assert 2000 in before


def new(lead_id: int, **attributes: str) -> Lead:
    return Lead(lead_id, None, True, "Default", attributes, NOW, NOW, lead_id, lead_id)


def change(session, lead_id, **attributes):
    lead = leads.by_id(session, lead_id)
    leads.save(session, replace(lead, attributes={**lead.attributes, **attributes}))


WRITERS = {
    "a lead is added": (lambda session: leads.add(session, new(2000, Ext__c="a-1")), (1001, 1002, 2000)),
    "many are": (lambda session: leads.add_many(session, [NewLead(new(2000, Ext__c="A-1"))]), (1001, 1002, 2000)),
    "one gets another value": (lambda session: change(session, 1001, Ext__c="C-3"), (1002,)),
    "one gets the value": (lambda session: change(session, 1003, Ext__c="A-1"), (1001, 1002, 1003)),
    "one keeps it": (lambda session: change(session, 1001, City="Bergen"), (1001, 1002)),
    "one goes": (lambda session: leads.delete_lead(session, 1001), (1002,)),
    "all go": (lambda session: session.empty(), ()),
}


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("asked_before", [True, False], ids=["there is an index", "there is none yet"])
def test_every_writer_keeps_the_index(marketo, write, asked_before):
    if asked_before:
        found(marketo, "A-1")
    do, expected = WRITERS[write]
    with marketo.database.transaction() as session:
        do(session)
    assert found(marketo, "A-1") == expected
    assert indexed(marketo) == ("Ext__c",)


def test_soap_keeps_it_too(marketo):
    found(marketo, "A-1")
    marketo.sync({"Ext__c": "A-1"}, Id=1003)
    assert found(marketo, "A-1") == (1001, 1002, 1003)


def test_it_goes_with_a_reset_and_is_made_anew(marketo):
    marketo.database.set_baseline()
    with marketo.database.transaction() as session:
        leads.delete_lead(session, 1001)
    assert found(marketo, "A-1") == (1002,)
    marketo.database.reset()
    assert indexed(marketo) == ()
    assert found(marketo, "A-1") == (1001, 1002)


def test_it_comes_back_with_what_it_was_a_part_of(marketo):
    found(marketo, "A-1")
    marketo.database.set_baseline()
    with marketo.database.transaction() as session:
        session.empty()
    marketo.database.reset()
    assert indexed(marketo) == ("Ext__c",)
    assert found(marketo, "A-1") == (1001, 1002)


def test_an_index_of_a_call_of_which_nothing_stays_was_never_made(marketo):
    with marketo.database.rehearsal() as session:
        assert ids_with_value(session, "Ext__c", "A-1", 10) == (1001, 1002)
    assert indexed(marketo) == ()
    assert found(marketo, "A-1") == (1001, 1002)


def test_another_world_keeps_the_index_of_a_field_that_it_has(marketo):
    found(marketo, "A-1")
    found(marketo, "Dr", "Title")
    for number, (text, expected) in enumerate(
        ((WORLD, ("Ext__c", "Title")), ("{}", ("Title",)), (WORLD, ("Title",))), 2000
    ):
        (world,) = parse_worlds(text, "x.yaml")
        with marketo.database.transaction() as session:
            session.world = world.world
            leads.add(session, new(number, Ext__c="A-1"))
        assert indexed(marketo) == expected
    assert found(marketo, "A-1") == (1001, 1002, 2000, 2001, 2002)


@pytest.mark.parametrize("slice", [1, 2, 3, 100])
def test_leads_that_are_stored_while_the_index_is_made_are_in_it_once(marketo, monkeypatch, slice):
    monkeypatch.setattr(lead_values, "_SLICE", slice)
    slices, writes = (
        0,
        [
            lambda session: change(session, 1001, Ext__c="C-3"),
            lambda session: leads.add(session, new(900, Ext__c="A-1")),
            lambda session: leads.add(session, new(5000, Ext__c="A-1")),
            lambda session: leads.delete_lead(session, 1002),
            lambda session: change(session, 1003, Ext__c="a-1"),
        ],
    )
    done = False
    while not done:
        with marketo.database.transaction() as session:
            session.makes_indexes = False
            with pytest.raises(MissingIndexError):
                ids_with_value(session, "Ext__c", "A-1", 10)
            done = lead_values.make_slice(session, "Ext__c")
            slices += 1
        with marketo.database.transaction() as session:
            for write in writes[:2]:
                write(session)
            del writes[:2]
    with marketo.database.transaction() as session:
        for write in writes:
            write(session)
    assert slices >= 3 // slice
    assert found(marketo, "A-1") == (900, 1003, 5000)
    assert found(marketo, "C-3") == (1001,)


@pytest.mark.sqlite
def test_an_index_is_made_once(marketo):
    made: list[str] = []
    with marketo.database.transaction() as session:
        session.connection.connection.dbapi_connection.set_trace_callback(made.append)
        for _ in range(3):
            ids_with_value(session, "Ext__c", "A-1", 10)
        session.connection.connection.dbapi_connection.set_trace_callback(None)
    assert len([sql for sql in made if sql.startswith("INSERT INTO lead_key")]) == 1
