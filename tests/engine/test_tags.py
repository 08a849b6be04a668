"""getChannels and getTags: which are shown, and in which order."""

import pytest
from support import Marketo

FIXTURE = """
channels:
  Roadshow: {statuses: [{name: Invited, step: 10}, {name: Attended, step: 30, success: true, check_in: Attended}]}
  Blog: {statuses: [{name: Visited, step: 10}]}
  Webinar: {statuses: [{name: No Show, step: 50, webinar: No Show}]}
tags: {Region: [West, East], Product: [A]}
"""


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


def channels(marketo, tag=None, version="2_9") -> list[str]:
    answer = marketo.call("getChannels", {"tag": tag} if tag is not None else {}, version)
    assert answer.code is None, answer.message
    return [item.text for item in answer.root.iter("tagValue")]


def values(*names: str) -> dict[str, object]:
    return {"values": {"stringItem": list(names)}}


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (None, ["Blog", "Roadshow", "Webinar"]),
        ({}, ["Blog", "Roadshow", "Webinar"]),
        ({"type": "Channel"}, ["Blog", "Roadshow", "Webinar"]),
        ({"type": "Channel", **values("roadshow")}, ["Roadshow"]),
        (values("Webinar", "Nope", "Blog"), ["Blog", "Webinar"]),
        ({"type": "channel", **values("Nope")}, []),
    ],
)
def test_the_channels_that_are_asked_for_by_name(marketo, tag, expected):
    assert channels(marketo, tag) == expected


def test_a_channel_has_its_statuses_by_name_as_captured(marketo):
    assert (
        "<tags><tagStatus><tagValue>Roadshow</tagValue><statusList>"
        "<progressionStatusItem><progressionStatus><attrib><name>Status</name><value>Attended</value></attrib>"
        "<attrib><name>Step</name><value>30</value></attrib>"
        "<attrib><name>Check-in Status</name><value>Attended</value></attrib>"
        "<attrib><name>Success</name><value>true</value></attrib></progressionStatus></progressionStatusItem>"
        "<progressionStatusItem><progressionStatus><attrib><name>Status</name><value>Invited</value></attrib>"
        "<attrib><name>Step</name><value>10</value></attrib>"
        "<attrib><name>Success</name><value>false</value></attrib></progressionStatus></progressionStatusItem>"
        "</statusList></tagStatus></tags>"
    ) in marketo.call("getChannels", {"tag": values("Roadshow")}).body.decode()
    assert b"<attrib><name>Webinar Behavior</name><value>No Show</value></attrib>" in marketo.call("getChannels").body


def test_another_type_than_channel_is_20110(marketo):
    assert marketo.call("getChannels", {"tag": {"type": "Foo"}}).code == "20110"


def tags(marketo, *asked: dict[str, object]) -> dict[str, list[str]]:
    answer = marketo.call("getTags", {"tagList": {"tag": list(asked)}} if asked else {})
    assert answer.code is None, answer.message
    return {
        item.findtext("type"): [value.text for value in item.iter("stringItem")] for item in answer.root.iter("tag")
    }


ALL = {"Region": ["West", "East"], "Product": ["A"], "Channel": ["Blog", "Roadshow", "Webinar"]}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), ["Region", "Product", "Channel"]),
        (({"type": "Product"}, {"type": "region"}), ["Region", "Product"]),
        (({"type": "Region", **values("East")},), ["Region"]),
        (({"type": "Nope"}, {"type": "Channel"}), ["Channel"]),
    ],
)
def test_the_types_of_tags_that_are_asked_for_in_order_of_creation(marketo, asked, expected):
    found = tags(marketo, *asked)
    assert list(found) == expected
    assert found == {name: ALL[name] for name in expected}


def test_the_values_that_are_asked_for_choose_where_that_is_switched_on():
    marketo = Marketo(FIXTURE + "behaviour: {tag_filter: values}")
    assert tags(marketo, {"type": "Region", **values("east")}, {"type": "Product"}) == {
        "Region": ["East"],
        "Product": ["A"],
    }


def test_an_unknown_type_is_left_out(marketo):
    answer = marketo.call("getTags", {"tagList": {"tag": {"type": "Nope"}}})
    assert b"<result><tagList/></result>" in answer.body
    assert [(subject.asked, subject.id) for subject in answer.call.trace.subjects] == [("Nope", None)]


def test_without_channels_there_is_no_such_type():
    assert tags(Marketo("tags: {Region: [West]}")) == {"Region": ["West"]}


@pytest.mark.parametrize("operation", ["getChannels", "getTags"])
@pytest.mark.parametrize(("version", "code"), [("1_9", "20019"), ("2_0", "20019"), ("2_1", None), ("3_1", None)])
def test_they_are_there_from_2_1_on(marketo, operation, version, code):
    assert marketo.call(operation, version=version).code == code
