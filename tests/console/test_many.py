"""The page of a call that carries many records, or shows a page of what is there."""

from __future__ import annotations

import pytest
from console_support import Console, tree
from support import Marketo, attribute_list

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}]
opportunities: [{id: 1, attributes: {Name: Big deal}}]
custom_object_types:
- name: Roadshow
  keys: [MKTOID]
  link: {field: MKTOID, to: Id}
  fields: [{name: MKTOID, type: integer}, {name: city, type: string}]
  records: [{MKTOID: 1001, city: Rome}]
"""


def words(element) -> str:
    return " ".join(element.text_content().split())


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


@pytest.fixture
def console(marketo) -> Console:
    return Console(marketo)


def record(key: str, name: str, value: str) -> dict[str, object]:
    return {
        "customObjKeyList": attribute_list([("MKTOID", key)]),
        "customObjAttributeList": attribute_list([(name, value)]),
    }


def test_each_record_is_listed_with_what_became_of_it_and_why(console):
    records = [record("1001", "city", "Paris"), record("7", "<nope>", "x")]
    console.marketo.call("syncCustomObjects", {"objTypeName": "roadshow", "customObjList": {"customObj": records}})
    page = tree(console.get("calls/1"))
    text = words(page)
    assert "Synced 2 records of the object type Roadshow: 1 UPDATED, 1 FAILED." in text
    assert "Record 2: Unknown name attribute list: <nope>." in text
    first, second = page.xpath("//table[@class='records']/tbody/tr")
    assert first.xpath(".//a/@href") == [f"{console.root}/leads/1001"]
    assert "Rome" in words(first)
    assert "Unknown name attribute list: <nope>" in words(second)
    (subject,) = page.xpath("//section[@aria-labelledby='about']//li")
    assert "objTypeName = roadshow" in words(subject)


def test_a_subject_that_is_not_there_is_said(console):
    console.marketo.call("getCustomObjects", {"objTypeName": "Nope"})
    (subject,) = tree(console.get("calls/1")).xpath("//section[@aria-labelledby='about']//li")
    assert "not there" in words(subject)


def test_a_page_says_which_part_of_what_it_is(console):
    members = {"objTypeName": "Roadshow", "customObjKeyList": attribute_list([("MKTOID", "1001")]), "batchSize": 5}
    console.marketo.call("getCustomObjects", members)
    page = tree(console.get("calls/1"))
    assert "Read custom objects of the object type Roadshow: Roadshow with MKTOID = 1001, the only one." in words(page)
    (shown,) = page.xpath("//section[@aria-labelledby='shown']")
    assert "5 asked for, 5 at most" in words(shown)
    assert shown.xpath(".//a/@href") == [f"{console.root}/leads/1001"]


def test_of_very_many_records_the_first_are_listed_and_all_are_counted(console):
    marketo = console.marketo
    leads = [{"Email": f"lead{number}@example.com"} for number in range(150)]
    marketo.call("syncMultipleLeads", {"leadRecordList": {"leadRecord": leads}})
    page = tree(console.get("calls/1"))
    assert len(page.xpath("//table[@class='records']/tbody/tr")) == 100
    assert "150 CREATED; the first 100 are listed." in words(page)


def test_a_dry_run_says_what_would_be_done(console):
    body = console.marketo.envelope(
        "<ns1:paramsSyncMObjects><mObjectList><mObject><type>Opportunity</type><id>1</id></mObject></mObjectList>"
        "<operation>UPSERT</operation></ns1:paramsSyncMObjects>"
    )
    answer = console.post("try", {"mode": "xml", "xml": body, "version": "2_9", "act": "dry"})
    assert "Would have synced 1 object: 1 UNCHANGED." in words(tree(answer))
