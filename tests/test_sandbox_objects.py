"""The handle's opportunities, roles and custom objects: put there, found, shown, taken away."""

from __future__ import annotations

import pytest

import mockmkto
from mockmkto import ControlError

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}, {Id: 1002, Email: bob@example.com}]
custom_object_types:
- name: Road show
  keys: [MKTOID, rid]
  link: {field: MKTOID, to: Id}
  fields: [{name: MKTOID, type: integer}, {name: rid, type: string}, {name: city, type: string}]
"""


@pytest.fixture(scope="module")
def server():
    with mockmkto.serve() as sandbox:
        yield sandbox


@pytest.fixture
def marketo(server, tmp_path):
    world = tmp_path / "world.yaml"
    world.write_text(WORLD)
    with server.new_subscription(fixture=world) as subscription:
        yield subscription


def test_an_opportunity_is_put_there_found_and_taken_away_with_its_roles(marketo):
    opportunities, roles = marketo.objects.opportunities, marketo.objects.roles
    deal = opportunities.add(Name="Big deal", Amount=1000, IsWon=True, external=("Opp Id", "O-1"), company="ACME")
    assert (deal["amount"], deal.external_key, deal.company, deal.get("Stage")) == (
        "1000",
        ("Opp Id", "O-1"),
        "ACME",
        None,
    )
    opportunities.add({"Name": "Small deal"})
    assert opportunities.one(Name="big*").id == deal.id
    assert [item.get("Name") for item in opportunities] == ["Big deal", "Small deal"]
    role = roles.add(opportunity=deal.id, lead=1001, Role="Buyer")
    assert (roles.one(lead=1001, Role="buyer"), roles.all(lead=1002), len(roles)) == (role, [], 1)
    assert repr(role) == f"<Role 1 Role='Buyer' of lead 1001 in opportunity {deal.id}>"
    opportunities.delete(deal)
    assert (len(opportunities), opportunities.get(deal.id), roles.all()) == (1, None, [])


def test_a_custom_object_is_put_there_found_and_taken_away(marketo):
    records = marketo.custom_objects["road show"]
    record = records.add(MKTOID=1001, rid="r1", city="Rome")
    records.add({"MKTOID": 1002, "rid": "r1"})
    assert (record.lead, record["CITY"], records.one(rid="r1", lead=1001)["city"]) == (1001, "Rome", "Rome")
    assert records.one(city=None).lead == 1002
    records.delete(record)
    assert (len(records), [item.lead for item in records]) == (1, [1002])
    assert (list(marketo.custom_objects), len(marketo.custom_objects)) == (["Road show"], 1)


def test_what_is_not_there_shows_what_is(marketo):
    marketo.objects.opportunities.add(Name="Small deal")
    with pytest.raises(AssertionError) as caught:
        marketo.objects.opportunities.one(Name="Big deal")
    assert str(caught.value).splitlines()[:2] == [
        "expected one opportunity with Name='Big deal', got none of 1:",
        "  <Opportunity 1 Name='Small deal'>",
    ]
    with pytest.raises(KeyError, match="opportunity 1 has no value in Stage; it has Name"):
        marketo.objects.opportunities.one()["Stage"]


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda marketo: marketo.objects.opportunities.add(Nme="x"), "did you mean 'Name'"),
        (lambda marketo: marketo.objects.roles.add(opportunity=9, lead=1001), "an existing opportunity"),
        (lambda marketo: marketo.custom_objects["Nope"].add(k=1), "Road show"),
        (lambda marketo: marketo.custom_objects["Road show"].add(MKTOID=1), "a value of every key"),
        (lambda marketo: marketo.custom_objects["Road show"].delete(9), "There is no Road show 9"),
    ],
)
def test_a_mistake_of_the_test_is_said(marketo, mistake, said):
    with pytest.raises(ControlError) as caught:
        mistake(marketo)
    assert said in str(caught.value)


def test_many_are_read_page_by_page(marketo, monkeypatch):
    monkeypatch.setattr("mockmkto.sandbox.objects._PAGE", 2)
    monkeypatch.setattr("mockmkto.sandbox.custom_objects._PAGE", 2)
    for number in range(5):
        marketo.objects.opportunities.add(Name=f"Deal {number}")
        marketo.custom_objects["Road show"].add(MKTOID=number, rid="r")
    assert len(marketo.objects.opportunities.all(Name="Deal*")) == 5
    assert [record["MKTOID"] for record in marketo.custom_objects["Road show"]] == list("01234")


@pytest.mark.parametrize("said", [{"city": "Rome"}, {"Stage": "Won"}, {"IsPrimary": "true"}, {"Tag Type": "Region"}])
def test_what_a_call_about_objects_can_say_is_no_slip(marketo, said):
    marketo.calls.assert_none("syncMObjects", **said)
    with pytest.raises(ControlError, match="did you mean"):
        marketo.calls.assert_none("syncMObjects", **{f"{name[:-1]}qx": value for name, value in said.items()})
