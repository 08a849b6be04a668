"""Opportunities, roles and custom objects of a fixture: read, refused with file, line and key, exported again."""

from __future__ import annotations

import pytest
from support import Marketo

from mockmkto.model.objects import NameValue
from mockmkto.store import custom_objects, leads, objects
from mockmkto.store.database import Counter
from mockmkto.worlds import FixtureError, parse_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_json, as_yaml

WORLD = """
fields: [{name: Badge__c, type: string, length: 20}]
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com, attributes: {Badge__c: B-7}}
opportunity_fields: [{name: Region__c, type: string, length: 40}, {name: Stage, length: 20}]
role_fields: [{name: Weight__c, type: integer, display_name: Weight}]
opportunities:
- {id: 7, external: {Opp Id: O-7}, attributes: {name: Big deal, Amount: "1000.00", iswon: yes}, company: ACME}
- {attributes: {Region__c: West}, created_at: "2014-03-01T10:00:00Z"}
opportunity_roles:
- {opportunity: 7, lead: 1001, attributes: {Role: Buyer, IsPrimary: true}}
- {id: 5, opportunity: 8, lead: {email: bob@example.com}}
custom_object_types:
- name: Roadshow
  keys: [mktoid, rid]
  link: {field: mktoid, to: id}
  fields:
  - {name: MKTOID, type: integer}
  - {name: rid, type: string, length: 50}
  - {name: city, type: string, length: 50}
  records:
  - {MKTOID: 1001, rid: r2}
  - {MKTOID: 1001, rid: r1, city: Rome}
  - {MKTOID: 7, rid: nobody's}
- name: Visit
  keys: [number]
  link: {field: badge, to: badge__c}
  fields: [{name: number, type: integer}, {name: badge, type: string}]
  records: [{number: 1, badge: B-7}]
"""


@pytest.fixture
def marketo():
    return Marketo(WORLD)


def exported(marketo: Marketo) -> str:
    with marketo.database.transaction() as session:
        return as_yaml(export(session, "default", [], [])).decode()


def test_opportunities_and_roles_are_stored_by_their_fields_own_names(marketo):
    with marketo.database.transaction() as session:
        first, second = objects.opportunities_after(session, 0, 10)
        roles = objects.roles_after(session, 0, 10)
    assert (first.id, first.external_key, first.company) == (7, NameValue("Opp Id", "O-7"), "ACME")
    assert first.values == {"Name": "Big deal", "Amount": "1000", "IsWon": "1"}
    assert (second.id, second.created_at.isoformat()) == (8, "2014-03-01T10:00:00+00:00")
    assert [(item.id, item.opportunity_id, item.lead_id, item.role) for item in roles] == [
        (1, 7, 1001, "Buyer"),
        (5, 8, 1002, ""),
    ]


def test_an_opportunity_is_found_by_its_own_key_and_by_its_own_fields(marketo):
    with marketo.database.transaction() as session:
        assert objects.ids_by_external_key(session, NameValue("Opp Id", "O-7")) == (7,)
        assert objects.ids_by_external_key(session, NameValue("Region__c", "West")) == (8,)
        assert objects.ids_by_external_key(session, NameValue("Name", "Big deal")) == ()


def test_records_are_linked_to_the_leads_of_the_file(marketo):
    with marketo.database.transaction() as session:
        of_ann, of_bob = (custom_objects.of_lead(session, lead_id) for lead_id in (1001, 1002))
    assert [(item.type, item.values.get("rid")) for item in of_ann] == [("Roadshow", "r2"), ("Roadshow", "r1")]
    assert [(item.type, dict(item.values)) for item in of_bob] == [("Visit", {"number": "1", "badge": "B-7"})]


def test_new_ones_are_counted_on(marketo):
    with marketo.database.transaction() as session:
        assert (session.next_id(Counter.OPPORTUNITY), session.next_id(Counter.ROLE)) == (9, 6)


def test_an_export_loads_to_the_same_world(marketo):
    text = exported(marketo)
    again = Marketo(text)
    assert exported(again) == text
    with marketo.database.transaction() as session:
        assert exported(Marketo(as_json(export(session, "default", [], [])).decode())) == text


def test_ids_that_were_given_away_are_not_given_again_after_an_export(marketo):
    with marketo.database.transaction() as session:
        session.take_id(Counter.OPPORTUNITY)
        session.take_id(Counter.ROLE)
    assert "next_ids:\n  opportunity: 10\n  role: 7\n" in exported(marketo)


def test_a_reset_returns_to_them_and_all_are_gone_where_all_is_emptied(marketo):
    before = marketo.dump()
    marketo.registry.set_baseline("default")
    with marketo.database.transaction() as session:
        session.empty()
        assert (objects.count_opportunities(session), objects.count_roles(session)) == (0, 0)
        assert custom_objects.count(session) == 0
        assert session.world.objects.custom_type("roadshow") is not None
    marketo.registry.reset("default")
    assert {name: rows for name, rows in marketo.dump().items() if name != "state"} == {
        name: rows for name, rows in before.items() if name != "state"
    }


def test_a_lead_that_is_deleted_leaves_its_opportunities_and_its_custom_objects_are_nobodys(marketo):
    with marketo.database.transaction() as session:
        leads.delete_lead(session, 1001)
        assert [item.id for item in objects.roles_after(session, 0, 10)] == [5]
        assert custom_objects.of_lead(session, 1001) == ()
        assert custom_objects.count(session) == 4


TYPE = "custom_object_types: [{name: T, keys: [k], fields: [{name: k, type: integer}, {name: v, type: date}], %s}]"

WRONG = [
    (
        "opportunities: [{attributes: {Nme: x}}]",
        "opportunities[0].attributes.Nme: there is no field 'Nme' (did you mean",
    ),
    ("opportunities: [{attributes: {Amount: much}}]", "opportunities[0].attributes.Amount: expected an amount such as"),
    (
        "opportunities: [{attributes: {Name: a, name: b}}]",
        "opportunities[0].attributes.name: the field Name is given twice",
    ),
    ("opportunities: [{id: 1}, {id: 1}]", "opportunities[1].id: the id 1 is already that of opportunities[0]"),
    ("opportunities: [{id: 0}]", "opportunities[0].id: expected 1 to"),
    ("opportunities: [{external: {A: 1, B: 2}}]", "opportunities[0].external: expected one name and its value"),
    ("opportunities: [{external: {A: ''}}]", "opportunities[0].external: expected one name and its value"),
    ("opportunities: [{companies: x}]", "opportunities[0].companies: unknown key (did you mean 'company'?)"),
    ("opportunity_roles: [{lead: 1}]", "opportunity_roles[0]: expected the key `opportunity`, which is missing"),
    (
        "leads: [{Id: 1}]\nopportunity_roles: [{opportunity: 9, lead: 1}]",
        "opportunity_roles[0].opportunity: there is no opportunity with the id 9 in this file",
    ),
    (
        "opportunities: [{id: 1}]\nopportunity_roles: [{opportunity: 1, lead: 9}]",
        "opportunity_roles[0].lead: there is no lead with the Id 9 in this file",
    ),
    (
        "leads: [{Id: 1}]\nopportunities: [{id: 1}]\nopportunity_roles: [{opportunity: 1, lead: 1, "
        "attributes: {PersonId: 1}}]",
        "opportunity_roles[0].attributes.PersonId: expected it under `lead:`",
    ),
    (
        "leads: [{Id: 1}]\nopportunities: [{id: 1}]\nopportunity_roles: [{opportunity: 1, lead: 1}, "
        "{opportunity: 1, lead: 1}]",
        "opportunity_roles[1]: the opportunity, the lead and the role are already those of opportunity_roles[0]",
    ),
    ("opportunity_fields: [{name: X}]", "opportunity_fields[0]: expected the key `type`"),
    ("opportunity_fields: [{name: Name, remove: true}]", "opportunity_fields[0].remove: only a field of leads"),
    ("role_fields: [{name: PersonId, type: string}]", "role_fields[0].name: PersonId is a part of every role"),
    (TYPE % "link: {field: x, to: Id}", "custom_object_types[0].link.field: there is no field 'x'"),
    (TYPE % "link: {field: k, to: Nope}", "custom_object_types[0].link.to: there is no field 'Nope'"),
    (
        TYPE % "records: [{v: 2014-01-01}]",
        "custom_object_types[0].records[0]: expected a value of every key; missing: k",
    ),
    (TYPE % "records: [{k: x}]", "custom_object_types[0].records[0].k: expected a whole number"),
    (TYPE % "records: [{k: 1, w: 2}]", "custom_object_types[0].records[0].w: there is no field 'w'"),
    (
        TYPE % "records: [{k: 1}, {k: 01}]",
        "custom_object_types[0].records[1]: the keys are already those of custom_object_types[0].records[0]",
    ),
    ("custom_object_types: [{name: T, keys: [], fields: []}]", "custom_object_types[0].keys: expected at least one"),
    (
        "custom_object_types: [{name: T, keys: [x], fields: []}]",
        "custom_object_types[0].keys[0]: there is no field 'x'",
    ),
    (
        "custom_object_types: [{name: T, keys: [k], fields: [{name: k, type: integer}]}, "
        "{name: t, keys: [k], fields: [{name: k, type: integer}]}]",
        "custom_object_types[1].name: 't' is given twice",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_is_wrong_is_said_with_its_place(text, message):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(text, "world.yaml")
    assert any(f": {message}" in str(problem) for problem in caught.value.problems), str(caught.value)
