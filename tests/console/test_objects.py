"""The pages of objects and of the activity log, and what the page of a lead shows of both."""

from __future__ import annotations

import pytest
from console_support import HOSTILE, Console, ask, tree
from support import Marketo

WORLD = """
leads: [{Id: 1, Email: ann@example.com}, {Id: 2, Email: ben@example.com}]
opportunities: [{id: 5, company: Acme, attributes: {Name: Big deal, Stage: Won}}, {id: 6, attributes: {Name: Small}}]
opportunity_roles: [{opportunity: 5, lead: 1, attributes: {Role: Buyer}}]
custom_object_types:
- name: Car
  keys: [Plate]
  link: {field: Owner, to: Id}
  fields: [{name: Plate, type: string}, {name: Owner, type: integer}]
  records: [{Plate: B-1, Owner: 1}, {Plate: B-2, Owner: 2}]
"""


def words(element) -> str:
    """What an answer or a part of it says."""
    return " ".join((element if hasattr(element, "text_content") else tree(element)).text_content().split())


@pytest.fixture
def console() -> Console:
    return Console(Marketo(WORLD))


def test_opportunities_lead_to_their_roles_and_those_to_their_leads(console):
    assert "Big deal Acme Won" in words(console.get("objects"))
    page = tree(console.get("objects/opportunities/5"))
    assert "Buyer" in words(page)
    assert f"{console.root}/leads/1" in page.xpath("//main//a/@href")
    assert "Nobody has a role in it" in words(console.get("objects/opportunities/6"))
    console.get("objects/opportunities/7", expect=404)


def test_opportunities_are_shown_a_page_at_a_time(console):
    for number in range(50):
        ask(console.marketo, "syncMObjects", object="Opportunity", attribute=[("Name", f"Deal {number}")])
    first = tree(console.get("objects"))
    assert len(first.xpath("//section[@aria-labelledby='opportunities']//tbody/tr")) == 50
    (following,) = first.xpath("//nav[@class='pager']/a[@rel='next']/@href")
    assert len(tree(console.get(following)).xpath("//section[@aria-labelledby='opportunities']//tbody/tr")) == 2


@pytest.mark.parametrize("query", ["after=x", "after=-1"])
def test_a_place_that_is_none_is_refused(console, query):
    console.get(f"objects?{query}", expect=400)


def test_the_records_of_a_type_say_whose_they_are(console):
    rows = tree(console.get("objects/records?type=car")).xpath("//table/tbody/tr")
    assert [row.xpath("./td[2]")[0].text_content() for row in rows] == ["B-1", "B-2"]
    assert [row.xpath(".//a/@href") for row in rows] == [[f"{console.root}/leads/{lead}"] for lead in (1, 2)]
    console.get("objects/records?type=Bike", expect=404)


def test_the_log_is_a_time_line_with_the_newest_first(console):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    console.marketo.sync(Email="new@example.com")
    lines = [words(item) for item in tree(console.get("activities")).xpath("//ol[@class='history']/li")]
    assert "New Lead" in lines[0]
    assert "Change Data Value" in lines[1]


@pytest.mark.parametrize(("query", "count"), [("", 2), ("lead=1", 1), ("type=new+lead", 1), ("lead=2", 0)])
def test_the_log_is_of_one_lead_or_of_one_type(console, query, count):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    console.marketo.sync(Email="new@example.com")
    assert len(tree(console.get(f"activities?{query}")).xpath("//ol[@class='history']/li")) == count


def test_a_log_of_no_lead_is_refused(console):
    console.get("activities?lead=x", expect=400)


def test_a_lead_shows_its_activities_opportunities_and_custom_objects(console):
    console.marketo.sync({"FirstName": "Ann"}, Email="ann@example.com")
    page = tree(console.get("leads/1"))
    said = {name: words(page.xpath(f"//section[@aria-labelledby='{name}']")[0]) for name in ("log", "roles", "kind1")}
    assert "Change Data Value" in said["log"]
    assert "Big deal Buyer" in said["roles"]
    assert "Plate B-1" in said["kind1"]
    assert "B-2" not in words(page)


@pytest.mark.parametrize(
    "path", ["objects", "objects/opportunities/7", "objects/records?type=Car", "activities", "leads/1"]
)
def test_hostile_values_are_text(console, path):
    name = HOSTILE[:200]
    ask(console.marketo, "syncMObjects", object="Opportunity", attribute=[("Name", name)])
    ask(console.marketo, "syncCustomObjects", object="Car", key=[("Plate", name)], attribute=[("Owner", "1")])
    console.marketo.sync({"FirstName": name}, Email="ann@example.com")
    page = tree(console.get(path))
    assert "<script>" in words(page)
    assert page.xpath("//script[not(@src)] | //svg | //main//img | //@onerror | //@onload") == []


def test_a_lead_shows_the_calls_that_changed_it_as_one_of_many(console):
    ask(console.marketo, "syncMultipleLeads", lead=["Id=1,FirstName=Ann", "Id=2,FirstName=Ben"])
    ask(console.marketo, "syncMultipleLeads", lead=["Id=1,FirstName=Ann"])  # which changes nothing
    history = tree(console.get("leads/1")).xpath("//section[@aria-labelledby='history']")[0]
    assert "syncMultipleLeads: UPDATED" in words(history)
    assert "FirstName Ann" in words(history)
    assert history.xpath(".//a/@href") == [f"{console.root}/calls/1"]
