"""The activity log of a fixture: read, refused with file, line and key, exported again."""

from __future__ import annotations

import datetime as dt

import pytest
from support import Marketo

from mockmkto.engine.absorbing import forget
from mockmkto.model import Activity
from mockmkto.store import activities
from mockmkto.store.database import Counter
from mockmkto.worlds import FixtureError, parse_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com}
activities:
- id: 5
  lead: 1001
  type: Visit Webpage
  asset: /pricing
  at: 2014-03-26T10:00:00-07:00
  attributes: {Client IP Address: 10.0.0.1, Lead ID: 1001}
- {lead: {email: bob@example.com}, type: clickemail, campaign: Send Welcome, at: "2014-03-25T10:00:00"}
- {id: 2, lead: 1002, type: Our Own Kind, at: 2014-03-24T00:00:00.900Z}
"""


def stored(marketo: Marketo) -> tuple[Activity, ...]:
    with marketo.database.transaction() as session:
        return activities.all_activities(session)


def test_the_log_is_stored_in_the_order_of_time_under_the_names_of_answers():
    own, clicked, visited = stored(Marketo(WORLD))
    assert visited == Activity(
        5,
        1001,
        dt.datetime(2014, 3, 26, 17, tzinfo=dt.UTC),
        "Visit Webpage",
        "/pricing",
        (("Client IP Address", "10.0.0.1"), ("Lead ID", "1001")),
    )
    assert (clicked.id, clicked.lead_id, clicked.type, clicked.campaign) == (6, 1002, "Click Email", "Send Welcome")
    assert clicked.at == dt.datetime(2014, 3, 25, 17, tzinfo=dt.UTC)  # in the time zone of the world
    assert (own.id, own.type, own.at.microsecond) == (2, "Our Own Kind", 0)


def test_ids_are_counted_on_above_the_highest():
    marketo = Marketo(WORLD)
    marketo.sync({"City": "Rome"}, Id=1001)
    assert max(item.id for item in stored(marketo)) == 7


def test_an_activity_without_a_time_happened_when_it_was_loaded():
    marketo = Marketo("clock: {frozen: 2026-03-14T09:26:53Z}\nleads: [{Id: 1}]\nactivities: [{lead: 1, type: NewLead}]")
    assert stored(marketo)[0].at == dt.datetime(2026, 3, 14, 9, 26, 53, tzinfo=dt.UTC)


def test_what_is_exported_loads_again_to_the_same():
    marketo = Marketo(WORLD)
    marketo.sync({"City": "Rome"}, Id=1001)
    with marketo.database.transaction() as session:
        text = as_yaml(export(session, "default", [], [])).decode()
    again = Marketo(text)
    assert stored(again) == stored(marketo)
    with again.database.transaction() as session:
        assert session.next_id(Counter.ACTIVITY) == 8


def test_that_a_lead_was_deleted_outlives_it_and_is_exported():
    marketo = Marketo(WORLD)
    with marketo.database.transaction() as session:
        forget(session, 1002)
        text = as_yaml(export(session, marketo.name, (), ())).decode()
    assert [(item.lead_id, item.type) for item in stored(Marketo(text))] == [
        (1001, "Visit Webpage"),
        (1002, "Delete Lead"),
    ]


def test_a_reset_returns_to_the_log_of_the_fixture():
    marketo = Marketo(WORLD)
    before = stored(marketo)
    marketo.sync({"City": "Rome"}, Id=1001)
    marketo.database.reset()
    assert stored(marketo) == before


WRONG = [
    ("activities: [{lead: 9, type: NewLead}]", "activities[0].lead: there is no lead with the Id 9 in this file"),
    (
        "leads: [{Id: 1}]\nactivities: [{lead: 1, type: Vist Webpage}]",
        "activities[0].type: expected a type of activities such as Visit Webpage, got 'Vist Webpage' "
        "(did you mean 'Visit Webpage'?)",
    ),
    ("leads: [{Id: 1}]\nactivities: [{lead: 1}]", "activities[0]: expected the key `type`, which is missing"),
    ("leads: [{Id: 1}]\nactivities: [{lead: 1, type: NewLead, at: noon}]", "activities[0].at: expected a time"),
    (
        "leads: [{Id: 1}]\nactivities: [{id: 3, lead: 1, type: NewLead}, {id: 3, lead: 1, type: NewLead}]",
        "activities[1].id: the id 3 is already that of activities[0]",
    ),
    (
        "leads: [{Id: 1}]\nactivities: [{lead: 1, type: NewLead, attributes: {A: [1]}}]",
        "activities[0].attributes.A: expected a single value",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text, message):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(text, "world.yaml")
    assert any(message in str(problem) for problem in caught.value.problems), str(caught.value)
