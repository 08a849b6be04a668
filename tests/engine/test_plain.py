"""Values as the REST API takes and gives them, and the texts that are stored."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.plain import from_plain, shown_value, to_plain, utc
from mockmkto.model import Field, FieldType

PACIFIC = ZoneInfo("America/Los_Angeles")


def field(type_, length=None):
    return Field("custom_field", FieldType(type_), length)


def stored(type_, value, *, length=None, truncate=False):
    return from_plain(field(type_, length), value, PACIFIC, truncate=truncate)


@pytest.mark.parametrize(
    ("type_", "value", "text", "answered"),
    [
        # captured: what was written, and what was read afterwards
        ("string", "Boris", "Boris", "Boris"),
        ("text", "text is here", "text is here", "text is here"),
        ("boolean", True, "1", True),
        ("email", "field@example.com", "field@example.com", "field@example.com"),
        ("integer", 5, "5", 5),
        ("float", 5.4, "5.4", 5.4),
        ("datetime", "2020-08-30T05:49:48.000Z", "2020-08-30T05:49:48+00:00", "2020-08-30T05:49:48Z"),
        ("date", "2020-08-30", "2020-08-30", "2020-08-30"),
        ("score", 10, "10", 10),
        ("percent", 99, "99", 99),
        ("currency", 34.66, "34.66", 34.66),
        ("reference", 109660, "109660", 109660),
        ("reference", "none", "none", "none"),
        # the same store as SOAP's: another offset, and none
        ("datetime", "2020-08-30T05:49:48+02:00", "2020-08-30T05:49:48+02:00", "2020-08-30T03:49:48Z"),
        ("datetime", "2020-08-30T05:49:48", "2020-08-30T05:49:48-07:00", "2020-08-30T12:49:48Z"),
        ("boolean", False, "0", False),
        ("currency", 28970000, "28970000", 28970000),
        ("integer", 0, "0", 0),
        ("float", 1e22, "1e+22", 1e22),
        ("float", -0.5, "-0.5", -0.5),
        ("currency", 1e20, "1" + "0" * 20, 10**20),
        # assumed: numbers and booleans as texts, texts as numbers or booleans
        ("integer", "14", "14", 14),
        ("integer", 14.0, "14", 14),
        ("float", "5.4", "5.4", 5.4),
        ("boolean", "true", "1", True),
        ("boolean", "0", "0", False),
        ("boolean", 1, "1", True),
        ("string", 5, "5", "5"),
        ("string", True, "true", "true"),
        ("string", 1e22, "1" + "0" * 22, "1" + "0" * 22),
    ],
)
def test_a_value_is_stored_as_one_text_and_answered_as_a_plain_value(type_, value, text, answered):
    assert stored(type_, value) == text
    shown = to_plain(field(type_), text)
    assert (shown, type(shown)) == (answered, type(answered))


@pytest.mark.parametrize("type_", FieldType)
@pytest.mark.parametrize("value", [None, ""])
def test_null_and_the_empty_text_clear_and_an_unset_boolean_is_false(type_, value):
    assert stored(type_, value) == ""
    unset = False if type_ == "boolean" else None
    assert to_plain(field(type_), "") is to_plain(field(type_), None) is unset


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        # captured
        ("boolean", "other"),
        ("email", "bademail"),
        ("integer", 14.1),
        ("float", "14c"),
        ("datetime", "yesterday"),
        ("percent", "100%"),
        # assumed
        ("email", "a@b@c"),
        ("email", " ann@example.com"),
        ("email", "\u00e4nn@example.com"),
        ("email", 5),
        ("boolean", 5),
        ("integer", True),
        ("datetime", 1598766588000),
        ("date", False),
        ("integer", 2**31),
        ("integer", 10**400),
        ("float", float("nan")),
        ("float", float("inf")),
        ("string", ["a"]),
        ("string", {"a": 1}),
        ("string", "bell\x07"),
        ("text", "nul\x00"),
        ("url", "half a pair \ud83d"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused(type_, value):
    with pytest.raises(BadValue) as caught:
        stored(type_, value)
    assert caught.value.expected


def test_a_text_that_is_too_long_is_refused_or_cut():
    with pytest.raises(OverlongValue):
        stored("string", "x" * 51, length=50)
    assert stored("string", "x" * 51, length=50, truncate=True) == "x" * 50
    with pytest.raises(OverlongValue):
        stored("string", 123456, length=5)


@pytest.mark.parametrize(
    ("type_", "text"), [("integer", "many"), ("boolean", "maybe"), ("datetime", "soon"), ("currency", "5 EUR")]
)
def test_what_was_stored_under_another_type_is_shown_as_it_is(type_, text):
    assert to_plain(field(type_), text) == text


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_has_no_utc_is_shown_as_it_is(text):
    assert to_plain(field("datetime"), text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(14.1, "14.1"), ("14c", "14c"), (True, "true"), (False, "false"), (None, "null"), (7, "7"), (1e-7, "0.0000001")],
)
def test_messages_quote_a_value_as_it_came(value, text):
    assert shown_value(value) == text


def test_moments_are_whole_seconds_in_utc():
    assert utc(datetime(2021, 11, 23, 22, 57, 8, 999_999, UTC)) == "2021-11-23T22:57:08Z"
    assert utc(datetime(2021, 11, 23, 22, 57, 8, tzinfo=timezone(timedelta(hours=-8)))) == "2021-11-24T06:57:08Z"


@given(
    type_=st.sampled_from(["integer", "float", "currency", "boolean", "datetime"]),
    value=st.one_of(
        st.integers(-(2**31), 2**31 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.datetimes(),
    ),
)
def test_what_is_answered_can_be_written_back(type_, value):
    sent = value.isoformat() if isinstance(value, datetime) else value
    try:
        text = stored(type_, sent)
    except BadValue:
        return
    assert read_value(field(type_), text, PACIFIC) == text
    again = stored(type_, to_plain(field(type_), text))
    if type_ == "datetime":
        text, again = datetime.fromisoformat(text), datetime.fromisoformat(again)
    assert again == text
