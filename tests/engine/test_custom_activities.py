"""A subscription's own types of activities, and activities of them: what is made, changed, approved and refused."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace
from support import NOW, Marketo

from mockmkto.engine import activity_types as types
from mockmkto.engine.activity_types import AttributeChange, TypeChange
from mockmkto.engine.custom_activities import NewCustom, add_custom, value_shown
from mockmkto.errors import RestError
from mockmkto.model import Activity, TraceBuilder
from mockmkto.model.activity_types import ATTRIBUTE_TYPES, STANDARD_TYPES, TypeAttribute
from mockmkto.store import activities
from mockmkto.worlds import FixtureError, parse_worlds
from mockmkto.worlds.exporting import export
from mockmkto.worlds.rendering import as_yaml

WORLD = """
leads: [{Id: 1001, Email: ann@example.com}, {Id: 1002, Email: bob@example.com}]
anonymous_leads: [{Id: 1003, cookies: ["id:1&token:_mch-example.com-1-1"]}]
activity_types:
- api_name: attendConference
  name: Attend Conference
  trigger_name: Attends Conference
  filter_name: Attended Conference
  primary: {api_name: conferenceName, name: Conference Name}
  attributes:
  - {api_name: conferenceDate, name: Conference Date, data_type: date}
  - {api_name: attendees, name: Number of Attendees, data_type: integer}
  - {api_name: paid, name: Paid, data_type: boolean}
- {api_name: notYet, name: Not Yet, approved: false, primary: {api_name: what}}
"""
NEW = TypeChange("Visit Booth", "Visits Booth", "Visited Booth", "Was there", AttributeChange("booth", "Booth"))


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def do(marketo, doing, *given):
    """What it answers, or the code."""
    with marketo.database.transaction() as session:
        try:
            return doing(session, *given)
        except RestError as error:
            return int(error.code)


def own(marketo):
    with marketo.database.transaction() as session:
        return {item.api_name: item for item in session.world.objects.activity_types}


# ---------------------------------------------------------------------------------------------------------------------
# Types


def test_a_new_type_is_a_draft_until_it_is_approved(marketo):
    made = do(marketo, types.create_type, "visitBooth", NEW)
    assert (made.id, made.status, made.created_at) == (100003, "draft", NOW)
    assert made.draft.primary == TypeAttribute("booth", "Booth", "string")
    approved = do(marketo, types.approve, "VISITBOOTH")
    assert (approved.status, approved.approved) == ("approved", made.draft)
    assert own(marketo)["visitBooth"] == approved  # as it is stored


@pytest.mark.parametrize(
    ("api_name", "said", "code"),
    [
        ("visitBooth", NEW._replace(name=None), 1002),
        ("visitBooth", NEW._replace(trigger_name=""), 1002),
        ("visitBooth", NEW._replace(filter_name=None), 1002),
        ("visitBooth", NEW._replace(primary=None), 1002),
        ("visit booth", NEW, 1003),
        ("v" * 256, NEW, 1003),
        ("visitBooth", NEW._replace(name="Visit-Booth"), 1003),
        ("visitBooth", NEW._replace(name="2026"), 1003),
        ("visitBooth", NEW._replace(name="Visit Webpage"), 1017),
        ("visitBooth", NEW._replace(name="attend conference"), 1017),
        ("visitBooth", NEW._replace(trigger_name="Attends Conference"), 1017),
        ("visitBooth", NEW._replace(filter_name="Attended Conference"), 1017),
        ("ATTENDCONFERENCE", NEW, 1017),
        ("visitBooth", NEW._replace(primary=AttributeChange("booth", "Booth", "picture")), 1001),
    ],
)
def test_a_type_that_cannot_be_made(marketo, api_name, said, code):
    before = own(marketo)
    assert do(marketo, types.create_type, api_name, said) == code
    assert own(marketo) == before


def test_there_are_ten_types_at_most(marketo):
    for number in range(8):
        name = f"Kind {number} of booth"
        assert do(marketo, types.create_type, f"kind{number}", TypeChange(name, name, name, None, NEW.primary))
    assert do(marketo, types.create_type, "visitBooth", NEW) == 1027


def test_a_change_is_a_draft_and_what_is_approved_counts_until_it_is_approved(marketo):
    changed = do(marketo, types.change_type, "attendConference", TypeChange(description="Was there"))
    assert (changed.status, changed.draft.description, changed.approved.description) == (
        "approved with draft", "Was there", None
    )  # fmt: skip
    assert replace(changed.draft, description=None) == changed.approved
    discarded = do(marketo, types.discard_draft, "attendConference")
    assert (discarded.status, discarded.draft) == ("approved", None)


@pytest.mark.parametrize(
    ("doing", "api_name", "code"),
    [
        (types.approve, "attendConference", 709),
        (types.discard_draft, "attendConference", 709),
        (types.discard_draft, "notYet", 709),
        (types.approve, "nope", 1013),
        (types.discard_draft, "nope", 1013),
        (types.delete_type, "nope", 1013),
        (types.find_type, "nope", 1013),
    ],
)
def test_what_cannot_be_done_to_a_type(marketo, doing, api_name, code):
    assert do(marketo, doing, api_name) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (TypeChange(name="Go to Conference"), 1022),
        (TypeChange(trigger_name="Goes to Conference"), 1022),
        (TypeChange(primary=AttributeChange("other", "Other")), 1022),
        (TypeChange(name="Attend Conference", description="Was there"), None),
    ],
)
def test_a_type_in_use_keeps_its_names_and_its_primary_attribute(marketo, said, code):
    add(marketo, NewCustom(1001, "2026-03-01T10:00:00Z", 100001, "Summit"))
    answered = do(marketo, types.change_type, "attendConference", said)
    assert answered == code if code else answered.status == "approved with draft"
    assert do(marketo, types.delete_type, "attendConference") == 1022


def test_a_type_that_nothing_is_of_can_be_deleted(marketo):
    assert do(marketo, types.delete_type, "attendConference").id == 100001
    assert list(own(marketo)) == ["notYet"]


def attributes_of(version):
    return {item.api_name: item.data_type for item in version.attributes}


def test_attributes_are_added_changed_and_removed_in_the_draft(marketo):
    added = do(marketo, types.add_attributes, "attendConference", [AttributeChange("rate", "Rate", "Float")])
    assert attributes_of(added.draft) == {**attributes_of(added.approved), "rate": "float"}
    changed = do(
        marketo, types.change_attributes, "attendConference", [AttributeChange("RATE", "Mark", "integer", "1 to 5")]
    )
    assert changed.draft.attributes[-1] == TypeAttribute("rate", "Mark", "integer", "1 to 5")
    removed = do(marketo, types.remove_attributes, "attendConference", ["conferenceDate", "rate"])
    assert attributes_of(removed.draft) == {"attendees": "integer", "paid": "boolean"}
    assert removed.draft.primary == removed.approved.primary


def test_another_attribute_is_primary_once_the_one_that_is_is_none(marketo):
    new = AttributeChange("paid", is_primary=True)
    assert do(marketo, types.change_attributes, "attendConference", [new]) == 1003
    old = AttributeChange("conferenceName", is_primary=False)
    version = do(marketo, types.change_attributes, "attendConference", [old, new]).draft
    assert version.primary == TypeAttribute("paid", "Paid", "boolean")
    assert list(attributes_of(version)) == ["conferenceDate", "attendees", "conferenceName"]


@pytest.mark.parametrize(
    ("doing", "given", "code"),
    [
        (types.add_attributes, [AttributeChange("paid", "Paid", "boolean")], 1017),
        (types.add_attributes, [AttributeChange("rate", None, "float")], 1002),
        (types.add_attributes, [AttributeChange("rate", "Rate")], 1002),
        (types.add_attributes, [AttributeChange("rate", "Rate", "picture")], 1001),
        (types.add_attributes, [AttributeChange("ra te", "Rate", "float")], 1003),
        (types.add_attributes, [AttributeChange("rate", "Rate", "float", None, True)], 1003),
        (types.add_attributes, [AttributeChange(f"a{n}", f"A {n}", "string") for n in range(18)], 1028),
        (types.change_attributes, [AttributeChange("rate", "Rate")], 1006),
        (types.change_attributes, [AttributeChange("paid", None, "picture")], 1001),
        (types.remove_attributes, ["rate"], 1006),
        (types.remove_attributes, ["paid", "conferenceName"], 1003),
    ],
)
def test_attributes_that_cannot_be(marketo, doing, given, code):
    before = own(marketo)
    assert do(marketo, doing, "attendConference", given) == code
    assert own(marketo) == before


# ---------------------------------------------------------------------------------------------------------------------
# Activities


def add(marketo, *given):
    """For each the id, or the code and the text; and the log as it is then, but for what was there."""
    trace = TraceBuilder()
    with marketo.database.transaction() as session:
        answered = add_custom(session, given, trace)
        log = activities.all_activities(session)
    return [(int(item.code), item.text) if isinstance(item, RestError) else item for item in answered], log, trace


def test_an_activity_of_an_own_type_is_in_the_log_at_the_time_that_was_said(marketo):
    attributes = [("PAID", True), ("conferenceDate", "2026-02-27"), ("Number of Attendees", 42)]
    (number,), log, trace = add(marketo, NewCustom(1002, "2016-09-26T06:56:35+07:00", 100001, "Summit", attributes))
    said = (("Conference Date", "2026-02-27"), ("Number of Attendees", "42"), ("Paid", "1"), ("Lead ID", "1002"))
    at = dt.datetime(2016, 9, 25, 23, 56, 35, tzinfo=dt.UTC)
    assert log == (Activity(number, 1002, at, "Attend Conference", "Summit", said),)
    assert (trace.counts, trace.activities, list(trace.leads)) == ({"added": 1}, 1, [1002])


GOOD = NewCustom(1001, "2026-03-01T10:00:00Z", 100001, "Summit", ())


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"lead_id": None}, (1002, "Missing value for the required parameter 'leadId'")),
        ({"at": ""}, (1002, "Missing value for the required parameter 'activityDate'")),
        ({"type_number": None}, (1002, "Missing value for the required parameter 'activityTypeId'")),
        ({"primary": None}, (1002, "Missing value for the required parameter 'primaryAttributeValue'")),
        ({"lead_id": "x"}, (1001, "Invalid value 'x'. Required of type 'Integer'")),
        ({"lead_id": True}, (1001, "Invalid value 'true'. Required of type 'Integer'")),
        ({"lead_id": 77}, (1004, "Lead not found")),
        ({"lead_id": 2**70}, (1004, "Lead not found")),
        ({"lead_id": 1003}, (1004, "Lead not found")),  # anonymous
        ({"type_number": 1}, (1003, "Invalid value for field 'activityTypeId' and value '1'")),  # the vendor's
        ({"type_number": 100002}, (1003, "Invalid value for field 'activityTypeId' and value '100002'")),  # a draft
        ({"at": "yesterday"}, (1003, "Invalid value for field 'activityDate' and value 'yesterday'")),
        ({"attributes": [("rate", 1)]}, (1006, "Field 'rate' not found")),
        ({"attributes": [("attendees", "many")]}, (1003, "Invalid value for field 'attendees' and value 'many'")),
        ({"attributes": [("paid", [])]}, (1003, "Invalid value for field 'paid' and value '[]'")),
    ],
)
def test_a_refused_record_leaves_nothing_behind_and_its_neighbours_are_kept(marketo, wrong, expected):
    answered, log, trace = add(marketo, GOOD, GOOD._replace(**wrong), GOOD)
    assert answered == [1, expected, 2]
    assert [item.id for item in log] == [1, 2]
    assert trace.counts == {"added": 2, "skipped": 1}


def test_attributes_may_be_so_long_and_no_longer():
    marketo = Marketo(
        "leads: [{Id: 1001, Email: a@example.com}]\nactivity_types:\n"
        "- {api_name: t, name: T, primary: {api_name: p},"
        " attributes: [{api_name: a, data_type: text}, {api_name: b, data_type: text}, {api_name: c, data_type: text}]}"
    )
    most = 65_536 - 3 - 60_000
    given = [("a", "x" * 30_000), ("b", "x" * 30_000), ("c", "x" * most)]
    fits = GOOD._replace(attributes=given)
    breaks = GOOD._replace(attributes=[*given[:2], ("c", "x" * (most + 1))])
    assert add(marketo, fits, breaks)[0] == [1, (1049, "Attributes array too long")]


@pytest.mark.parametrize(
    ("kind", "value", "stored", "shown"),
    [
        ("string", "x", "x", "x"), ("text", "x", "x", "x"), ("link", "http://x", "http://x", "http://x"),
        ("email", "a@example.com", "a@example.com", "a@example.com"), ("phone", "1", "1", "1"),
        ("boolean", "false", "0", False), ("integer", "12", "12", 12), ("float", 1.5, "1.5", 1.5),
        ("currency", 10, "10", 10), ("date", "2026-01-02", "2026-01-02", "2026-01-02"),
        ("datetime", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
    ],
)  # fmt: skip
def test_each_type_of_attribute_can_be_written_and_shown(kind, value, stored, shown):
    marketo = Marketo(
        "leads: [{Id: 1001, Email: a@example.com}]\nactivity_types:\n"
        f"- {{api_name: t, name: T, primary: {{api_name: p}}, attributes: [{{api_name: a, data_type: {kind}}}]}}"
    )
    _, (logged,), _ = add(marketo, GOOD._replace(attributes=[("a", value)]))
    assert dict(logged.attributes)["a"] == stored
    assert value_shown(TypeAttribute("a", "a", kind), stored) == shown


def test_there_is_a_case_for_each_type_of_attribute():
    cases = test_each_type_of_attribute_can_be_written_and_shown.pytestmark[0].args[1]
    assert {case[0] for case in cases} == set(ATTRIBUTE_TYPES)


# ---------------------------------------------------------------------------------------------------------------------
# Fixtures


def test_types_and_their_activities_are_exported_and_load_again_to_the_same(marketo):
    do(marketo, types.change_type, "attendConference", TypeChange(description="Was there"))
    add(marketo, GOOD._replace(attributes=[("paid", True)]))
    with marketo.database.transaction() as session:
        text = as_yaml(export(session, marketo.name, (), ())).decode()
        log = activities.all_activities(session)
    again = Marketo(text)
    assert own(again) == own(marketo)
    with again.database.transaction() as session:
        assert activities.all_activities(session) == log


ONE = "activity_types: [{api_name: one, %s}]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ONE % "id: 5", "activity_types[0].id: expected at least 100001, got 5: below are the vendor's"),
        (ONE % "name: Visit Webpage", "activity_types[0].name: 'Visit Webpage' is a type of the vendor's"),
        (ONE % "primary: {api_name: a b}", "activity_types[0].primary.api_name: expected letters and digits, 255 at"),
        (
            ONE % "attributes: [{api_name: a, data_type: strin}]",
            "activity_types[0].attributes[0].data_type: expected one of string, boolean, integer, float, link, email, "
            "currency, date, datetime, phone, text, got 'strin' (did you mean 'string'?)",
        ),
        (ONE % "attributes: [{api_name: a}, {api_name: A}]", "activity_types[0].attributes[1].api_name: 'A' is given"),
        ("activity_types: [{api_name: a}, {api_name: A}]", "activity_types[1].api_name: 'A' is given twice"),
        (
            ONE % "approved: false, draft: {name: x, trigger_name: x, filter_name: x}",
            "activity_types[0].draft: expected none: what is not approved is a draft itself",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, message):
    with pytest.raises(FixtureError) as caught:
        parse_worlds(text, "x.yaml")
    assert message in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------------
# The vendor's types


def test_a_visit_is_described_as_it_was_recorded():
    (visit,) = (item for item in STANDARD_TYPES if item.id == 1)
    assert visit.primary == ("Webpage ID", "integer")
    assert [name for name, _ in visit.attributes] == [
        "Client IP Address", "Query Parameters", "Referrer URL", "Search Engine", "Search Query", "User Agent",
        "Webpage URL",
    ]  # fmt: skip


def test_types_are_sorted_by_number_and_their_attributes_by_name():
    assert [item.id for item in STANDARD_TYPES] == sorted(item.id for item in STANDARD_TYPES)
    assert all(list(item.attributes) == sorted(item.attributes) for item in STANDARD_TYPES)
