"""getLeadActivity and getLeadChanges: what is shown of the log, in which order, and where a position reads on."""

from __future__ import annotations

import datetime as dt

import pytest
from asking import Typed, ask
from support import NOW, XSI, Marketo

from mockmkto.clock import Clock
from mockmkto.model import Activity
from mockmkto.store import activities

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann}}
- {Id: 1002, Email: bob@example.com}
lists:
- {name: Newsletter, members: [1001]}
- {name: Empty}
"""
HOUR = dt.timedelta(hours=1)
CHANGE = (
    ("Attribute Name", "First Name"),
    ("Old Value", ""),
    ("New Value", "Ann"),
    ("Reason", "SOAP API"),
    ("Lead ID", "1001"),
)


def happened(marketo: Marketo, *rows: tuple[int, int, str, int]) -> Marketo:
    """Have these in the log: id, lead, type, hours before now."""
    with marketo.database.transaction() as session:
        activities.insert_many(
            session,
            [
                Activity(
                    number, lead, NOW - hours * HOUR, kind, attributes=CHANGE if kind == "Change Data Value" else ()
                )
                for number, lead, kind, hours in rows
            ],
        )
    return marketo


OF_ANN = (
    (1, 1001, "New Lead", 4),
    (2, 1001, "Visit Webpage", 3),
    (3, 1001, "Change Data Value", 2),
    (4, 1001, "Add to List", 1),
)
OF_ALL = (
    (1, 1001, "New Lead", 4),
    (2, 1001, "Change Data Value", 3),
    (3, 1002, "New Lead", 2),
    (4, 1002, "Visit Webpage", 1),
)


@pytest.fixture
def ann() -> Marketo:
    return happened(Marketo(WORLD), *OF_ANN)


@pytest.fixture
def log() -> Marketo:
    return happened(Marketo(WORLD), *OF_ALL)


def with_switch(name: str, value: str, *rows: tuple[int, int, str, int]) -> Marketo:
    return happened(Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}"), *rows)


def at(moment: dt.datetime) -> str:
    return moment.isoformat()


def asked(include=(), exclude=(), **position):
    found = {
        "startPosition": {f"{name}CreatedAt" if name != "offset" else name: text for name, text in position.items()}
    }
    types = {}
    if include:
        types["includeTypes"] = {"activityType": list(include)}
    if exclude:
        types["excludeTypes"] = {"activityType": list(exclude)}
    return found | ({"activityFilter": types} if types else {})


def of_lead(marketo, key="1001", key_type="IDNUM", size=None, version="2_9", **more):
    members = {"leadKey": {"keyType": key_type, "keyValue": key}, "batchSize": size, **asked(**more)}
    return ask(marketo, "getLeadActivity", members, version)


def changes(marketo, size=None, names=(), selector=None, version="2_9", **more):
    members = {
        **asked(**more),
        "batchSize": size,
        "activityNameFilter": {"stringItem": list(names)} if names else None,
        "leadSelector": selector,
    }
    return ask(marketo, "getLeadChanges", members, version)


def page(answer):
    """The ids, how many are left, and the offset."""
    assert answer.http_status == 200, answer.message
    ids = [int(item.findtext("id")) for item in answer.root.iter("activityRecord", "leadChangeRecord")]
    assert int(answer.text("returnCount")) == len(ids)
    return ids, int(answer.text("remainingCount")), answer.text("newStartPosition/offset")


# ---------------------------------------------------------------------------------------------------------------------
# Of one lead


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, ([4, 3, 2, 1], 0, "1"), id="all, the newest first"),
        pytest.param({"size": 3}, ([4, 3, 2], 1, "ID:2"), id="a page"),
        pytest.param({"offset": "ID:2", "size": 3}, ([1], 0, "ID:1"), id="the next page, by its offset alone"),
        pytest.param({"offset": "ID:1"}, ([], 0, "ID:1"), id="at the end"),
        pytest.param({"offset": "1"}, ([4, 3, 2, 1], 0, "1"), id="the first"),
        pytest.param({"offset": "3"}, ([2, 1], 0, "1"), id="from the third on"),
        pytest.param({"offset": "9"}, ([], 0, "1"), id="behind them all"),
        pytest.param({"include": ["VisitWebpage"]}, ([2], 0, "1"), id="of a type"),
        pytest.param({"include": ["VisitWebpage", "NewLead"]}, ([2, 1], 0, "1"), id="of two types"),
        pytest.param({"exclude": ["VisitWebpage"]}, ([4, 3, 1], 0, "1"), id="but a type"),
        pytest.param({"include": ["FillOutForm"]}, ([], 0, "1"), id="of a type that did not happen"),
        pytest.param({"oldest": at(NOW - 2 * HOUR)}, ([4, 3], 0, "1"), id="from a time on"),
        pytest.param({"latest": at(NOW - 2 * HOUR)}, ([3, 2, 1], 0, "1"), id="up to a time"),
        pytest.param({"activity": at(NOW - 3 * HOUR)}, ([4, 3, 2], 0, "1"), id="activityCreatedAt bounds, too"),
        pytest.param({"offset": "ID:99", "size": 2}, ([4, 3], 2, "ID:3"), id="the record of the offset is gone"),
        pytest.param({"size": 1, "include": ["NewLead", "AddToList"]}, ([4], 1, "ID:4"), id="left under the filter"),
    ],
)
def test_the_activities_of_a_lead(ann, more, expected):
    assert page(of_lead(ann, **more)) == expected


def test_an_empty_filter_and_an_empty_position_are_as_none(ann):
    members = {"leadKey": {"keyType": "IDNUM", "keyValue": "1001"}, "activityFilter": {}, "startPosition": {}}
    assert page(ask(ann, "getLeadActivity", members)) == ([4, 3, 2, 1], 0, "1")


def test_a_position_has_the_time_of_the_first_call_and_the_last_id(ann):
    first = of_lead(ann, size=3)
    assert first.text("newStartPosition/latestCreatedAt") == "2026-03-14T02:26:53-07:00"
    assert first.text("newStartPosition/oldestCreatedAt") is None
    ann.set_clock(Clock(frozen_at=NOW + HOUR))
    second = of_lead(ann, size=3, latest=first.text("newStartPosition/latestCreatedAt"), offset="ID:2")
    assert second.text("newStartPosition/latestCreatedAt") == "2026-03-14T02:26:53-07:00"
    assert page(second) == ([1], 0, "ID:1")
    assert of_lead(ann).text("newStartPosition/latestCreatedAt") is None


def test_ids_need_not_rise_with_time():
    marketo = happened(
        Marketo(WORLD), (7, 1001, "New Lead", 1), (3, 1001, "Visit Webpage", 1), (9, 1001, "Click Link", 5)
    )
    assert page(of_lead(marketo, size=1)) == ([7], 2, "ID:7")
    assert page(of_lead(marketo, offset="ID:7", size=1)) == ([3], 1, "ID:3")
    assert page(of_lead(marketo, offset="ID:3")) == ([9], 0, "ID:9")


def test_a_record_as_it_is_answered(ann):
    answer = of_lead(ann, include=["ChangeDataValue"])
    (record,) = answer.root.iter("activityRecord")
    shown = {child.tag: child.text for child in record if child.tag != "activityAttributes"}
    nil = [child.tag for child in record if child.get(f"{{{XSI}}}nil") == "true"]
    assert shown == {
        "id": "3",
        "activityDateTime": "2026-03-14T00:26:53-07:00",
        "activityType": "Change Data Value",
        "mktgAssetName": None,
        "campaign": None,
        "personName": None,
        "mktPersonId": "1001",
        "foreignSysId": None,
        "orgName": None,
        "foreignSysOrgId": None,
    }
    assert nil == ["personName", "foreignSysId", "orgName", "foreignSysOrgId"]
    attributes = [[child.text for child in item] for item in record.iter("attribute")]
    assert attributes == [[name, None, value or None] for name, value in CHANGE]
    assert [item[1].get(f"{{{XSI}}}nil") for item in record.iter("attribute")] == ["true"] * len(CHANGE)


@pytest.mark.parametrize(("version", "guid"), [("2_9", None), ("3_1", "3")])
def test_the_guid_came_with_3_0(ann, version, guid):
    assert of_lead(ann, include=["ChangeDataValue"], version=version).text("marketoGUID") == guid
    assert changes(ann, include=["ChangeDataValue"], oldest="2001-01-01", version=version).text("marketoGUID") == guid


@pytest.mark.parametrize(
    ("switch", "shown"),
    [("nil", b'<activityRecordList xsi:nil="true"/>'), ("empty", b"<activityRecordList/>")],
)
def test_a_lead_without_activities_has_none(switch, shown):
    answer = of_lead(with_switch("empty_lists", switch))
    assert page(answer) == ([], 0, "1")
    assert shown in answer.body


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"key_type": "FOO"}, "20102"),
        ({"key_type": "FOO", "include": ["Foo"]}, "20102"),
        ({"include": ["VisitWebpage"], "exclude": ["NewLead"]}, "20114"),
        ({"include": ["Foo"], "exclude": ["NewLead"]}, "20114"),
        ({"include": ["Foo"], "offset": "x"}, "20107"),
        ({"offset": "x", "key": "nobody@example.com", "key_type": "EMAIL"}, "20122"),
        ({"offset": "id:1:to:0:tl:0:os:1:rc:1"}, "20122"),
        ({"oldest": "yesterday"}, "20110"),
        ({"key": "nobody@example.com", "key_type": "EMAIL"}, "20103"),
    ],
)
def test_faults_of_get_lead_activity_in_their_order(ann, more, code):
    assert of_lead(ann, **more).code == code


def test_no_key_is_20101(ann):
    assert ask(ann, "getLeadActivity", {}).code == "20101"


def test_a_display_name_is_read_as_its_type_with_a_warning(ann):
    answer = of_lead(ann, include=["Visit Webpage"])
    assert page(answer)[0] == [2]
    assert answer.warnings == ["Visit Webpage was read as the type that answers name Visit Webpage"]


def test_a_page_has_100_at_most_with_a_warning():
    rows = [(number, 1001, "Visit Webpage", 1) for number in range(1, 151)]
    answer = of_lead(happened(Marketo(WORLD), *rows), size=1000)
    assert page(answer)[:2] == (list(range(150, 50, -1)), 50)
    assert answer.warnings == ["batchSize 1000 is more than 100: 100 was used"]


def test_remaining_can_be_a_flag(ann):
    assert page(of_lead(with_switch("remaining_count", "flag", *OF_ANN), size=1)) == ([4], 1, "ID:4")


@pytest.mark.parametrize("read", [of_lead, changes], ids=["getLeadActivity", "getLeadChanges"])
def test_reading_on_at_the_end_can_be_20123(read):
    marketo = with_switch("stream_end", "fault", (1, 1001, "New Lead", 1))
    assert read(marketo, offset="ID:1").code == "20123"
    assert page(read(with_switch("stream_end", "empty", (1, 1001, "New Lead", 1)), offset="ID:1"))[0] == []


def test_bad_combinations_can_be_20110():
    answer = of_lead(with_switch("bad_combination", "20110"), include=["VisitWebpage"], exclude=["NewLead"])
    assert answer.code == "20110"


def test_of_several_leads_with_the_email_the_most_recently_updated_counts(ann):
    ann.sync({"Email": "ann@example.com"}, Id=1002)
    assert page(of_lead(ann, "ann@example.com", "EMAIL"))[0] == [5]


# ---------------------------------------------------------------------------------------------------------------------
# Of all leads

BEFORE = at(NOW - 9 * HOUR)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({"oldest": BEFORE}, ([1, 2, 3, 4], 0, "ID:4"), id="all, the oldest first"),
        pytest.param({"oldest": BEFORE, "size": 2}, ([1, 2], 2, "ID:2"), id="a page"),
        pytest.param({"offset": "ID:2"}, ([3, 4], 0, "ID:4"), id="by an offset alone"),
        pytest.param({"oldest": BEFORE, "offset": "ID:2"}, ([3, 4], 0, "ID:4"), id="an offset and a time"),
        pytest.param({"offset": "ID:4"}, ([], 0, "ID:4"), id="at the end"),
        pytest.param({"offset": "ID:99"}, ([], 0, "ID:99"), id="behind the end"),
        pytest.param({"oldest": BEFORE, "names": ["Change Data Value"]}, ([2], 0, "ID:2"), id="by a name"),
        pytest.param({"oldest": BEFORE, "names": ["change data value"]}, ([2], 0, "ID:2"), id="a name in any case"),
        pytest.param({"oldest": BEFORE, "include": ["ChangeDataValue"]}, ([2], 0, "ID:2"), id="of a type"),
        pytest.param(
            {"oldest": BEFORE, "include": ["NewLead", "VisitWebpage"], "size": 2}, ([1, 3], 1, "ID:3"), id="two"
        ),
        pytest.param({"oldest": BEFORE, "exclude": ["NewLead"]}, ([2, 4], 0, "ID:4"), id="but a type"),
        pytest.param({"oldest": BEFORE, "exclude": ["NewLead"], "size": 1}, ([2], 1, "ID:2"), id="but a type, a page"),
        pytest.param(
            {"oldest": BEFORE, "names": ["New Lead", "Visit Webpage"], "include": ["NewLead"]},
            ([1, 3], 0, "ID:3"),
            id="both filters",
        ),
        pytest.param({"oldest": BEFORE, "names": ["New Lead"], "exclude": ["NewLead"]}, ([], 0, "ID:0"), id="against"),
        pytest.param({"oldest": at(NOW - 3 * HOUR)}, ([2, 3, 4], 0, "ID:4"), id="the time itself is in"),
        pytest.param(
            {"oldest": at(NOW - 3 * HOUR), "latest": at(NOW - 2 * HOUR)}, ([2, 3], 0, "ID:3"), id="up to a time"
        ),
        pytest.param({"oldest": BEFORE, "activity": at(NOW - 2 * HOUR)}, ([3, 4], 0, "ID:4"), id="the later counts"),
        pytest.param({"activity": at(NOW - 2 * HOUR)}, ([3, 4], 0, "ID:4"), id="activityCreatedAt alone"),
        pytest.param({"oldest": at(NOW + HOUR)}, ([], 0, "ID:0"), id="in the future"),
        pytest.param({"oldest": "2001-01-01T00:00:00Z"}, ([1, 2, 3, 4], 0, "ID:4"), id="more than 30 days"),
    ],
)
def test_the_activities_of_all_leads(log, more, expected):
    assert page(changes(log, **more)) == expected


def keys(key_type, *values):
    return Typed("LeadKeySelector", keyType=key_type, keyValues={"stringItem": list(values)})


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (keys("IDNUM", "1002"), [3, 4]),
        (keys("EMAIL", "bob@example.com", "ann@example.com", "nobody@example.com"), [1, 2, 3, 4]),
        (keys("IDNUM", "7"), []),
        (Typed("StaticListSelector", staticListName="Newsletter"), [1, 2]),
        (Typed("StaticListSelector", staticListName="Nope"), []),
        (Typed("StaticListSelector", staticListName="Empty"), []),
        (Typed("LastUpdateAtSelector", oldestUpdatedAt=at(NOW - 2 * HOUR)), [3, 4]),
        (
            Typed("LastUpdateAtSelector", latestUpdatedAt=at(NOW - 2 * HOUR), oldestUpdatedAt="2001-01-01"),
            [1, 2, 3],
        ),
    ],
    ids=["a key", "keys", "nobody", "a list", "no list", "an empty list", "since", "between"],
)
def test_the_activities_of_a_selector(log, selector, expected):
    assert page(changes(log, oldest=BEFORE, selector=selector))[:2] == (expected, 0)
    first = page(changes(log, oldest=BEFORE, selector=selector, size=1))
    assert first[:2] == (expected[:1], max(len(expected) - 1, 0))
    kept = [number for number in expected if number in (1, 3)]
    assert page(changes(log, oldest=BEFORE, selector=selector, include=["NewLead"]))[0] == kept
    assert page(changes(log, oldest=BEFORE, selector=selector, exclude=["NewLead"]))[0] == [
        number for number in expected if number not in kept
    ]


def test_the_position_echoes_the_oldest_time_as_it_was_sent(log):
    answer = changes(log, oldest="2013-08-01T00:13:13+00:00", size=2)
    (position,) = answer.root.iter("newStartPosition")
    nil = {child.tag: child.text if child.get(f"{{{XSI}}}nil") is None else None for child in position}
    assert nil == {
        "latestCreatedAt": None,
        "oldestCreatedAt": "2013-08-01T00:13:13+00:00",
        "activityCreatedAt": None,
        "offset": "ID:2",
    }


def test_what_happens_later_is_read_by_the_position_of_the_end(log):
    end = page(changes(log, oldest=BEFORE))[2]
    log.sync({"City": "Rome"}, Id=1001)
    answer = changes(log, oldest=BEFORE, offset=end)
    assert page(answer) == ([5], 0, "ID:5")
    assert answer.text("mktgAssetName") == "City"
    assert answer.text("campaign") is None


def test_a_selector_that_gives_dates_needs_no_position(log):
    selector = Typed("LastUpdateAtSelector", oldestUpdatedAt=at(NOW - 2 * HOUR))
    assert page(changes(log, selector=selector))[0] == [3, 4]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "20109"),
        ({"offset": " "}, "20109"),
        ({"offset": "x", "include": ["Foo"]}, "20122"),
        ({"oldest": BEFORE, "selector": keys("IDNUM", *map(str, range(101))), "include": ["Foo"]}, "20114"),
        ({"oldest": BEFORE, "include": ["NewLead"], "exclude": ["Foo"]}, "20114"),
        ({"oldest": "yesterday", "include": ["Foo"]}, "20107"),
        ({"oldest": "yesterday"}, "20110"),
        ({"oldest": BEFORE, "selector": keys("FOO", "1")}, "20102"),
        ({"oldest": BEFORE, "selector": Typed("StaticListSelector")}, "20109"),
        ({"offset": "x", "selector": Typed("StaticListSelector")}, "20109"),
        ({"offset": "x", "selector": keys("FOO", "1")}, "20102"),
        ({"oldest": BEFORE, "selector": Typed("LastUpdateAtSelector", oldestUpdatedAt="soon")}, "20110"),
        (
            {
                "oldest": BEFORE,
                "selector": Typed("LastUpdateAtSelector", oldestUpdatedAt="soon"),
                "include": ["NewLead"],
                "exclude": ["Foo"],
            },
            "20114",
        ),
    ],
)
def test_faults_of_get_lead_changes_in_their_order(log, more, code):
    assert changes(log, **more).code == code


def test_no_start_position_is_20109(log):
    assert ask(log, "getLeadChanges", {"batchSize": 5}).code == "20109"


def test_an_unknown_name_matches_nothing_with_a_warning(log):
    answer = changes(log, oldest=BEFORE, names=["Chnge Data Value"])
    assert page(answer)[0] == []
    assert answer.warnings == ["there is no type of activities named Chnge Data Value"]


@pytest.mark.parametrize(("version", "more"), [("2_1", {"selector": keys("IDNUM", "1002")}), ("2_2", {"names": ["X"]})])
def test_before_it_came_a_selector_or_a_name_filter_is_ignored_with_a_warning(log, version, more):
    answer = changes(log, oldest=BEFORE, version=version, **more)
    assert page(answer)[0] == [1, 2, 3, 4]
    assert "was ignored" in answer.warnings[0]


def test_the_oldest_time_can_bound_when_leads_were_created():
    world = """
behaviour: {created_filter: lead_created}
leads:
- {Id: 1001, created_at: 2026-03-01T00:00:00Z, updated_at: 2026-03-01T00:00:00Z}
- {Id: 1002, created_at: 2026-03-14T00:00:00Z, updated_at: 2026-03-14T00:00:00Z}
"""
    marketo = happened(Marketo(world), *OF_ALL)
    assert page(changes(marketo, oldest="2026-03-13T00:00:00Z"))[0] == [3, 4]
    assert page(changes(marketo, oldest="2026-03-01T00:00:00Z"))[0] == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_together_are_the_log_and_nothing_is_shown_twice_while_it_grows(log, size):
    shown, offset = [], None
    for _ in range(10):
        found, _, offset = page(changes(log, oldest=BEFORE, offset=offset, size=size))
        if not found:
            break
        shown += found
        if len(shown) <= 4:
            log.sync({"City": str(len(shown))}, Id=1001)
    assert shown == sorted(set(shown))
    assert {1, 2, 3, 4} <= set(shown)


# ---------------------------------------------------------------------------------------------------------------------
# The record of the call


def test_the_trace_says_what_was_read_and_which_part(ann):
    of_lead(ann, offset="ID:3", size=1, exclude=["NewLead"])
    trace = ann.calls[-1].trace
    assert trace.page.selector == "activities of lead 1001, but New Lead"
    assert (trace.page.total, trace.page.first, trace.page.last) == (3, 3, 3)
    assert (trace.page.ended, trace.page.came) == ("nothing is left", "offset ID:3")
    assert (trace.lead_id, trace.lead_ids) == (1001, (1001,))
    changes(ann, oldest=BEFORE, size=2)
    trace = ann.calls[-1].trace
    assert (trace.page.selector, trace.page.total, trace.page.ended) == ("activities of all leads", 4, "")
    assert ann.calls[-1].fields.attributes == {"oldestCreatedAt": BEFORE, "batchSize": "2"}
