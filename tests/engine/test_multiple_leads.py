"""getMultipleLeads: which leads a selector means, a page at a time, and what a stream position holds."""

from __future__ import annotations

import datetime as dt
from itertools import chain

import pytest
from asking import Typed, ask
from support import NOW, XSI, Marketo

from mockmkto.clock import Clock

WORLD = """
leads:
- {Id: 1001, THEN, Email: ann@example.com, attributes: {FirstName: Ann, City: Rome}}
- {Id: 1002, THEN, Email: bob@example.com, attributes: {FirstName: Bob}, foreign_ids: [{type: CUSTOM, id: B-1}]}
- {Id: 1003, THEN, Email: ann@example.com}
anonymous_leads:
- {Id: 1004, cookies: ["id:123-ABC-456&token:_mch-example.com-1-1"]}
programs:
- {name: ER Demo}
lists:
- {name: Newsletter, members: [1002, 1001]}
- {name: Attendees, program: ER Demo, members: [1003]}
- {name: Empty}
- {name: Visitors, members: [1004, 1003, 1002]}
""".replace("THEN", "created_at: 2026-03-14T09:00:00Z, updated_at: 2026-03-14T09:00:00Z")
DAY = dt.timedelta(days=1)


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(name: str, value: str) -> Marketo:
    return Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}")


def keys(key_type, *values):
    return Typed("LeadKeySelector", keyType=key_type, keyValues={"stringItem": list(values)})


def listed(name=None, id=None):
    return Typed("StaticListSelector", staticListName=name, staticListId=id)


def since(oldest, latest=None):
    return Typed("LastUpdateAtSelector", latestUpdatedAt=latest, oldestUpdatedAt=oldest)


def read(marketo, selector=None, *, position=None, size=None, include=(), version="2_9", **more):
    members = {
        "leadSelector": selector,
        "streamPosition": position,
        "batchSize": size,
        "includeAttributes": {"stringItem": list(include)} if include else None,
        **more,
    }
    return ask(marketo, "getMultipleLeads", members, version)


def ids(answer):
    return [record.id for record in answer.records]


def page(answer):
    """The Ids, how many are left, and the position."""
    assert answer.http_status == 200, answer.message
    assert int(answer.text("returnCount")) == len(ids(answer))
    return ids(answer), int(answer.text("remainingCount")), answer.text("newStreamPosition")


def run(marketo, selector, size):
    """Every page, by its position alone, until one is empty or there is no further one."""
    pages, answer = [], read(marketo, selector, size=size)
    while ids(answer):
        pages.append(ids(answer))
        if not answer.text("newStreamPosition"):
            break
        answer = read(marketo, position=answer.text("newStreamPosition"), size=size)
    return pages


# ---------------------------------------------------------------------------------------------------------------------
# Keys


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param(keys("EMAIL", "ann@example.com", "nobody@example.com"), [1001, 1003], id="every duplicate"),
        pytest.param(keys("EMAIL", "nobody@example.com"), [], id="nobody"),
        pytest.param(keys("IDNUM", "1002", "1001", "1002"), [1001, 1002], id="each once, by Id"),
        pytest.param(keys("IDNUM", "1004"), [1004], id="an anonymous lead by Id"),
        pytest.param(keys("COOKIE", "token:_mch-example.com-1-1"), [1004], id="an anonymous lead by cookie"),
        pytest.param(keys("IDNUM", "x"), [], id="no number"),
    ],
)
def test_leads_by_their_keys(marketo, selector, expected):
    assert page(read(marketo, selector, size=1)) == (expected, 0, "")


def test_a_list_without_records_is_nil_or_empty_and_the_position_an_empty_element(marketo):
    nobody = keys("EMAIL", "nobody@example.com")
    body = read(marketo, nobody).body
    assert b'<newStreamPosition/><leadRecordList xsi:nil="true"/>' in body
    assert b"<leadRecordList/>" in read(with_switch("empty_lists", "empty"), nobody).body


def test_of_more_than_100_keys_the_first_are_looked_at_with_a_warning(marketo):
    answer = read(marketo, keys("IDNUM", *(str(number) for number in range(902, 1052))))
    assert ids(answer) == [1001]
    assert answer.warnings == ["of 150 keys the first 100 were looked at"]


# ---------------------------------------------------------------------------------------------------------------------
# Lists


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (listed("Newsletter"), [1001, 1002]),
        (listed(" newsletter "), [1001, 1002]),
        (listed("ER Demo.Attendees"), [1003]),
        (listed("Attendees"), [1003]),
        (listed(id=1001), [1001, 1002]),
        (listed("Nope"), []),
        (listed(id=7), []),
        (listed("Empty"), []),
        pytest.param(listed("Visitors"), [1002, 1003], id="not the anonymous lead"),
    ],
)
def test_members_of_a_list_by_id(marketo, selector, expected):
    answer = read(marketo, selector)
    assert page(answer)[:2] == (expected, 0)


def test_an_id_counts_over_a_name(marketo):
    answer = read(marketo, listed("Attendees", 1001))
    assert ids(answer) == [1001, 1002]
    assert answer.warnings == ["staticListName beside a staticListId was ignored"]


def test_a_list_is_read_on_by_its_position_alone_and_its_end_is_a_position(marketo):
    first = read(marketo, listed("Newsletter"), size=1)
    assert page(first)[:2] == ([1001], 1)
    second = read(marketo, position=first.text("newStreamPosition"), size=1)
    assert page(second)[:2] == ([1002], 0)
    end = second.text("newStreamPosition")
    assert page(read(marketo, position=end)) == ([], 0, end)
    assert first.text("newStreamPosition").startswith("id:1001:to:0:tl:0:os:1:rc:1:sl:")


def test_a_key_that_is_a_field_finds_no_anonymous_lead():
    marketo = Marketo(
        WORLD.replace("anonymous_leads:\n- {Id: 1004,", "anonymous_leads:\n- {Id: 1004, attributes: {City: Rome},")
        + "\nlead_keys: {SFDCACCOUNTID: City}"
    )
    assert ids(read(marketo, keys("SFDCACCOUNTID", "Rome"))) == [1001]
    assert ids(read(marketo, keys("IDNUM", "1004"))) == [1004]


def test_an_anonymous_member_of_a_list_is_neither_shown_nor_counted():
    marketo = Marketo(WORLD.replace("Id: 1004,", "Id: 900,").replace("[1004, 1003, 1002]", "[1003, 900, 1002]"))
    assert page(read(marketo, listed("Visitors"), size=1))[:2] == ([1002], 1)
    assert run(marketo, listed("Visitors"), size=1) == [[1002], [1003]]


# ---------------------------------------------------------------------------------------------------------------------
# Spans of time


def at(moment):
    return moment.isoformat()


def test_leads_that_were_updated_or_did_something_in_a_span(marketo):
    marketo.set_clock(Clock(frozen_at=NOW + 2 * DAY))
    marketo.sync({"City": "Oslo"}, Id=1002)
    marketo.set_clock(Clock(frozen_at=NOW + 4 * DAY))
    ask(
        marketo,
        "listOperation",
        {
            "listOperation": "ADDTOLIST",
            "listKey": {"keyType": "MKTOLISTNAME", "keyValue": "Empty"},
            "listMemberList": {"leadKey": [{"keyType": "IDNUM", "keyValue": "1003"}]},
        },
    )
    assert page(read(marketo, since(at(NOW + DAY)))) == ([1002, 1003], 0, "")
    assert ids(read(marketo, since(at(NOW + DAY), at(NOW + 3 * DAY)))) == [1002]
    assert ids(read(marketo, since(at(NOW + 2 * DAY), at(NOW + 2 * DAY)))) == [1002]
    assert ids(read(marketo, since(at(NOW + 3 * DAY)))) == [1003]


def test_a_span_is_read_page_by_page_and_the_position_holds_both_ends(marketo):
    marketo.sync({"City": "Oslo"}, Id=1001)
    marketo.sync({"City": "Oslo"}, Id=1002)
    marketo.sync({"City": "Oslo"}, Id=1003)
    first = read(marketo, since("2026-03-14T00:00:00Z", at(NOW)), size=2)
    assert page(first) == ([1001, 1002], 1, f"id:1002:to:1773446400:tl:{int(NOW.timestamp())}:os:2:rc:1")
    marketo.set_clock(Clock(frozen_at=NOW + DAY))
    marketo.sync({"City": "Rome"}, Email="new@example.com")
    assert page(read(marketo, position=first.text("newStreamPosition"))) == ([1003], 0, "")


def test_last_updated_at_is_a_span_until_now_of_any_length_with_a_warning(marketo):
    marketo.sync({"City": "Oslo"}, Id=1001)
    answer = read(marketo, lastUpdatedAt="1970-01-01T00:00:00Z", size=1)
    assert answer.warnings[0].startswith("lastUpdatedAt was read")
    assert ids(read(marketo, position=answer.text("newStreamPosition"), size=1)) == [1002]


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        (since(at(NOW - 31 * DAY), at(NOW)), "20022"),
        (since(at(NOW - 31 * DAY)), "20022"),
        (since(at(NOW - 30 * DAY)), None),
        (since(at(NOW - 100 * DAY), at(NOW - 71 * DAY)), None),
    ],
)
def test_a_span_has_30_days_at_most(marketo, selector, code):
    assert read(marketo, selector).code == code
    assert read(with_switch("date_range", "off"), selector).code is None


def test_a_span_that_ends_before_it_begins_has_nobody_with_a_warning(marketo):
    answer = read(marketo, since(at(NOW + DAY), at(NOW)))
    assert ids(answer) == []
    assert "oldestUpdatedAt is after latestUpdatedAt" in answer.warnings[0]


# ---------------------------------------------------------------------------------------------------------------------
# Positions


@pytest.mark.parametrize("position", ["", " ", "id:1:ts:1:os:0:rc:1"])
def test_the_beginning(marketo, position):
    assert ids(read(marketo, listed("Newsletter"), position=position)) == [1001, 1002]


@pytest.mark.parametrize(
    "position",
    ["abc", "id:1", '{"ky":["1"],"os":1}', "id:1:to:0:tl:0:os:5:rc:1:sl:xyz", "ID:5", "id:1:to:0:tl:0:os:x:rc:1"],
)
def test_what_is_no_position_is_20122(marketo, position):
    answer = read(marketo, listed("Newsletter"), position=position)
    assert (answer.code, answer.message) == ("20122", f"Stream position is not valid: {position} (20122)")


def test_a_position_of_another_query_decides_with_a_warning_or_faults(marketo):
    position = read(marketo, listed("Newsletter"), size=1).text("newStreamPosition")
    assert read(marketo, listed("newsletter"), position=position).warnings == []
    answer = read(marketo, keys("IDNUM", "1003"), position=position)
    assert ids(answer) == [1002]
    assert answer.warnings[0].startswith("the stream position is of another query")
    assert read(with_switch("position_conflict", "fault"), listed("Empty"), position=position).code == "20122"


def test_nothing_is_shown_twice_and_nothing_lost_while_leads_are_written(marketo):
    for number in range(20):
        marketo.sync(Email=f"{number}@example.com")
    there = set(ids(read(marketo, since(at(NOW - DAY)), size=1000)))
    shown, answer = [], read(marketo, since(at(NOW - DAY)), size=3)
    while True:
        shown += ids(answer)
        marketo.sync({"City": "Oslo"}, Id=1001 + len(shown) % 7)
        marketo.sync(Email=f"later{len(shown)}@example.com")
        if not answer.text("newStreamPosition"):
            break
        answer = read(marketo, position=answer.text("newStreamPosition"), size=3)
    assert len(shown) == len(set(shown))
    assert there - {1004} <= set(shown)


def test_reading_on_at_the_end_of_a_span(marketo):
    position = f"id:9999:to:1773446400:tl:{int(NOW.timestamp())}:os:3:rc:0"
    assert page(read(marketo, position=position)) == ([], 0, position)
    assert read(with_switch("stream_end", "fault"), position=position).code == "20123"


# ---------------------------------------------------------------------------------------------------------------------
# Fields and pages


def test_include_attributes_shows_these_alone_and_no_email(marketo):
    answer = read(marketo, keys("IDNUM", "1001"), include=["firstname", "munchkinID"])
    assert (answer.record.email, answer.record.attributes) == (None, {"FirstName": "Ann"})
    assert answer.warnings == ["there is no field munchkinID to include"]
    assert read(marketo, keys("IDNUM", "1001"), include=["Email"]).record.email == "ann@example.com"


def test_foreign_ids_are_shown_whatever_is_included(marketo):
    record = read(marketo, keys("IDNUM", "1002"), include=["City"]).record
    assert (record.foreign_id, record.foreign_type) == ("B-1", "CUSTOM")


def test_a_lead_without_any_of_the_fields_has_a_list_that_is_nil(marketo):
    answer = read(marketo, keys("IDNUM", "1001"), include=["Company"])
    (found,) = answer.root.iter("leadAttributeList")
    assert found.get(f"{{{XSI}}}nil") == "true"


@pytest.mark.parametrize(
    ("size", "used", "warned"),
    [(None, 100, False), (0, 100, False), (-5, 100, False), (7, 7, False), (1000, 1000, False), (5000, 1000, True)],
)
def test_the_size_of_a_page(marketo, size, used, warned):
    answer = read(marketo, listed("Newsletter"), size=size)
    assert answer.call.trace.page.batch_used == used
    assert bool(answer.warnings) is warned


def test_the_default_size_is_a_switch():
    assert read(with_switch("batch_default", "1000"), listed("Newsletter")).call.trace.page.batch_used == 1000


# ---------------------------------------------------------------------------------------------------------------------
# Faults


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        pytest.param({}, "20109", "leadSelector is required", id="nothing"),
        pytest.param({"selector": listed()}, "20109", "staticListName is required", id="an empty list selector"),
        pytest.param({"selector": since(None)}, "20109", "oldestUpdatedAt is required", id="no oldest"),
        pytest.param({"selector": keys(None, "1")}, "20109", "keyType is required", id="no key type"),
        pytest.param(
            {"selector": Typed("LeadKeySelector", keyType="IDNUM")}, "20109", "keyValues is required", id="no keys"
        ),
        pytest.param({"selector": keys("FOO", "1")}, "20102", "Lead key type is not valid: FOO", id="key type"),
        pytest.param(
            {"selector": since("yesterday")}, "20110", "oldestUpdatedAt is not valid: yesterday", id="no date"
        ),
        pytest.param(
            {"selector": keys("FOO", "1"), "position": "x"},
            "20122",
            "Stream position is not valid: x",
            id="20122 first",
        ),
        pytest.param(
            {"selector": since(None, "never")}, "20109", "oldestUpdatedAt is required", id="20109 before 20110"
        ),
        pytest.param(
            {"selector": since("2001-01-01", "never")},
            "20110",
            "latestUpdatedAt is not valid: never",
            id="before 20022",
        ),
    ],
)
def test_faults_in_their_order(marketo, asked, code, message):
    answer = read(marketo, **asked)
    assert (answer.code, answer.message) == (code, f"{message} ({code})")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"keyType": "IDNUM", "keyValues": {"stringItem": ["1002"]}}, [1002]),
        ({"staticListName": "Newsletter"}, [1001, 1002]),
        ({"oldestUpdatedAt": "2026-03-14T00:00:00Z"}, [1001, 1002, 1003]),
    ],
)
def test_a_selector_without_a_type_is_told_by_its_children_or_faults(marketo, members, expected):
    answer = read(marketo, members)
    assert ids(answer) == expected
    assert "has no xsi:type" in answer.warnings[0]
    assert read(with_switch("untyped_selector", "fault"), members).code == "20109"


# ---------------------------------------------------------------------------------------------------------------------
# The record of the call


def test_the_trace_says_what_was_read_and_which_part(marketo):
    first = read(marketo, listed("Newsletter"), size=1)
    read(marketo, position=first.text("newStreamPosition"), size=1)
    trace = marketo.calls[-1].trace
    assert (trace.page.total, trace.page.first, trace.page.last, trace.page.batch_asked) == (2, 2, 2, 1)
    assert (trace.page.came, trace.page.ended) == (first.text("newStreamPosition"), "nothing is left")
    assert trace.lead_ids == (1002,)
    (subject,) = marketo.calls[-2].trace.subjects
    assert (subject.kind, subject.id, subject.name) == ("list", 1001, "Newsletter")


def test_the_trace_names_keys_that_found_nobody(marketo):
    read(marketo, keys("EMAIL", "ann@example.com", "nobody@example.com"))
    trace = marketo.calls[-1].trace
    assert (trace.page.selector, trace.page.total) == ("2 keys of type EMAIL", 2)
    assert trace.subjects[0].asked == "EMAIL = nobody@example.com"


@pytest.mark.parametrize("size", [1, 2, 3])
def test_every_page_together_is_the_whole_list(marketo, size):
    assert [*chain(*run(marketo, listed("Newsletter"), size))] == [1001, 1002]
    assert [*chain(*run(marketo, since(at(NOW - DAY)), size))] == [1001, 1002, 1003]
