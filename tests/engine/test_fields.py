"""The field catalogue: which fields there are, and how a value of each type is read, kept and answered."""

import re
from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockmkto.engine.catalogue import (
    DEFAULT_LENGTHS,
    EMAIL_FIELD,
    ID_FIELD,
    STANDARD_FIELDS,
    closest_name,
    default_length,
)
from mockmkto.engine.fields import BadValue, OverlongValue, listed, read_value
from mockmkto.model import Field, FieldCatalogue, FieldType

PACIFIC = ZoneInfo("America/Los_Angeles")
CATALOGUE = FieldCatalogue(STANDARD_FIELDS)
TEXTS = [FieldType.STRING, FieldType.URL, FieldType.PHONE, FieldType.EMAIL, FieldType.REFERENCE]
WHOLE_NUMBERS = [FieldType.INTEGER, FieldType.SCORE, FieldType.PERCENT]
NOT_TEXTS = [kind for kind in FieldType if kind not in (*TEXTS, FieldType.TEXT)]


def read(type_, text, *, length=None, truncate=False):
    return read_value(Field("Custom__c", FieldType(type_), length), text, PACIFIC, truncate=truncate)


# The catalogue

LENGTHS = {
    "SICCode": 40,
    **dict.fromkeys(("PersonType", "LeadRole", "externalCompanyId", "externalSalesPersonId"), 50),
    **dict.fromkeys(("RegistrationSourceInfo", "OriginalSourceInfo", "UnsubscribedReason", "DoNotCallReason"), 2000),
}


@pytest.mark.parametrize(
    ("name", "type_", "read_only"),
    [
        ("Address", "text", False),
        ("AnnualRevenue", "currency", False),
        ("AnonymousIP", "string", False),
        ("BillingStreet", "text", False),
        ("DateofBirth", "date", False),
        ("FirstName", "string", False),
        ("InferredCompany", "string", False),
        ("LeadScore", "integer", False),
        ("Phone", "phone", False),
        ("Unsubscribed", "boolean", False),
        ("MainPhone", "string", False),
        ("MarketoSocialTotalReferredVisits", "integer", True),
        ("Website", "url", False),
    ],
)
def test_standard_field(name, type_, read_only):
    field = CATALOGUE.find(name)
    assert (field.name, field.type, field.read_only) == (name, type_, read_only)


def test_the_standard_fields_are_the_117_that_were_captured_id_and_email_among_them():
    fields = (*STANDARD_FIELDS, ID_FIELD, EMAIL_FIELD)
    assert len(fields) == len({field.name.casefold() for field in fields}) == 117
    assert len({field.rest_name.casefold() for field in fields}) == len({field.id for field in fields}) == 117
    assert [field.id for field in STANDARD_FIELDS] == sorted(field.id for field in STANDARD_FIELDS)
    assert sum(not field.soap for field in fields) == 28
    social = [field for field in fields if field.name.startswith("MarketoSocial")]
    assert len(social) == 27
    assert all(field.rest_name == field.name[13].lower() + field.name[14:] for field in social)


def test_soap_may_write_every_field_but_two_counters_and_does_not_store_what_the_vendor_tracks():
    """Captured: soap.readOnly is false for all but those two."""
    assert {field.name for field in STANDARD_FIELDS if field.soap and field.read_only} == {
        *("MarketoSocialTotalReferredEnrollments", "MarketoSocialTotalReferredVisits"),
    }
    assert {field.name for field in STANDARD_FIELDS if field.update_blocked} == {
        *("AnonymousIP", "InferredCompany", "InferredCountry"),
    }


@pytest.mark.parametrize(
    "name",
    [
        *("createdAt", "updatedAt", "inferredCity", "inferredMetropolitanArea", "inferredPhoneAreaCode"),
        *("inferredPostalCode", "inferredStateRegion", "urgency", "priority", "relativeScore"),
    ],
)
def test_what_a_describe_answer_gives_no_soap_name_is_of_rest_alone(name):
    assert CATALOGUE.find(name) is None
    assert not CATALOGUE.by_rest_name(name).soap


@pytest.mark.parametrize("member", ["Id", "Email", "ForeignSysPersonId", "ForeignSysType"])
def test_members_of_the_record_are_no_fields(member):
    assert CATALOGUE.find(member) is None


@pytest.mark.parametrize("field", STANDARD_FIELDS, ids=lambda field: field.name)
def test_standard_fields_have_the_length_of_their_type_or_the_captured_one(field):
    assert field.length == LENGTHS.get(field.name, default_length(field.type))


@pytest.mark.parametrize(
    ("soap", "rest"),
    [
        ("FirstName", "firstName"),
        ("SICCode", "sicCode"),
        ("DateofBirth", "dateOfBirth"),
        ("AnonymousIP", "anonymousIP"),
        ("Contact Company", "contactCompany"),
        ("Lead Partition ID", "leadPartitionId"),
        ("MktoPersonNotes", "mktoPersonNotes"),
    ],
)
def test_a_field_has_a_name_in_each_api(soap, rest):
    assert CATALOGUE.find(soap) is CATALOGUE.by_rest_name(rest)
    assert CATALOGUE.find(soap).rest_name == rest


def test_what_the_rest_api_alone_has_the_soap_api_does_not_know():
    assert CATALOGUE.find("mktoName") is None
    assert CATALOGUE.find("marketingSuspended") is None
    assert CATALOGUE.by_rest_name("MKTONAME") is CATALOGUE.named("mktoName")
    assert all(field.soap for field in CATALOGUE)


def test_only_texts_have_a_default_length():
    assert {**dict.fromkeys(TEXTS, 255), FieldType.TEXT: 30_000} == DEFAULT_LENGTHS
    assert [default_length(kind) for kind in NOT_TEXTS] == [None] * len(NOT_TEXTS)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("firstname", "FirstName"),
        ("first_name", "FirstName"),
        ("First Name", "FirstName"),
        ("FristName", "FirstName"),
        ("Dateofbirth", "DateofBirth"),
        ("LeadScor", "LeadScore"),
        ("pants", None),
        ("", None),
        ("FirstName" * 100, None),
    ],
)
def test_closest_name(name, meant):
    assert closest_name(name, CATALOGUE) == meant


# Texts


@pytest.mark.parametrize("type_", [*TEXTS, FieldType.TEXT])
@pytest.mark.parametrize("text", ["Ann", "  Ann\t\r\n", " ", "007", "1_000", "\u00c5\u4e2d\U0001f600", "<b>&amp;</b>"])
def test_texts_are_kept_as_sent(type_, text):
    assert read(type_, text) == text


@pytest.mark.parametrize("type_", TEXTS)
def test_strings_hold_255_characters(type_):
    assert read(type_, "\U0001f600" * 255) == "\U0001f600" * 255
    with pytest.raises(OverlongValue) as caught:
        read(type_, "x" * 256)
    assert caught.value.limit == "255 characters"
    assert "Custom__c" in str(caught.value)


def test_text_holds_30000_bytes_of_utf_8():
    assert read("text", "x" * 30_000) == "x" * 30_000
    assert read("text", "\u00e9" * 15_000) == "\u00e9" * 15_000
    with pytest.raises(OverlongValue) as caught:
        read("text", "\u00e9" * 15_000 + "x")
    assert caught.value.limit == "30000 bytes"


@pytest.mark.parametrize(
    ("type_", "length", "text", "kept"),
    [
        ("string", 3, "abcd", "abc"),
        ("string", 3, "\U0001f600\U0001f600\U0001f600\U0001f600", "\U0001f600\U0001f600\U0001f600"),
        ("text", 3, "abcd", "abc"),
        ("text", 3, "a\u00e9\u00e9", "a\u00e9"),
        ("text", 3, "ab\u00e9", "ab"),  # the third byte would be half a character
        ("text", 3, "\U0001f600", ""),
    ],
)
def test_the_length_of_the_field_counts_and_truncation_keeps_whole_characters(type_, length, text, kept):
    assert read(type_, text, length=length, truncate=True) == kept
    with pytest.raises(OverlongValue):
        read(type_, text, length=length)


@given(text=st.text(max_size=60), length=st.integers(0, 40))
def test_truncated_texts_never_exceed_their_field_and_are_its_longest_beginning(text, length):
    kept = read("text", text, length=length, truncate=True)
    assert len(kept.encode()) <= length
    assert text.startswith(kept)
    assert kept == text or len(text[: len(kept) + 1].encode()) > length
    assert read("string", text, length=length, truncate=True) == text[:length]


# Every other type


@pytest.mark.parametrize("type_", list(FieldType))
def test_an_empty_value_clears_the_field(type_):
    assert read(type_, "") == ""


@pytest.mark.parametrize("type_", NOT_TEXTS)
def test_white_space_alone_clears_what_is_not_a_text(type_):
    assert read(type_, " \t\r\n") == ""


@pytest.mark.parametrize(
    ("type_", "text", "stored"),
    [
        *((kind, "5", "5") for kind in WHOLE_NUMBERS),
        *((kind, "12.0", "12") for kind in WHOLE_NUMBERS),
        ("integer", "-7.", "-7"),
        ("integer", "+5", "5"),
        ("integer", "-5", "-5"),
        ("integer", "007", "7"),
        ("integer", "-0", "0"),
        ("integer", "0", "0"),
        ("integer", " 12\n", "12"),
        ("integer", "2147483647", "2147483647"),
        ("integer", "-2147483648", "-2147483648"),
        ("float", "1", "1"),
        ("float", "1.0", "1"),
        ("float", "1.50", "1.5"),
        ("float", "-0.0", "0"),
        ("float", ".5", "0.5"),
        ("float", "5.", "5"),
        ("float", "+2.5e3", "2500"),
        ("float", "1E-2", "0.01"),
        ("float", "0.1", "0.1"),
        ("float", "28970000", "28970000"),
        ("float", "1e300", "1e+300"),
        ("float", "1e-999", "0"),
        ("float", " 1 ", "1"),
        ("currency", "28970000", "28970000"),
        ("currency", "28970000.00", "28970000"),
        ("currency", "1234.5", "1234.5"),
        ("currency", "1234.50", "1234.5"),
        ("currency", "0.005", "0.01"),
        ("currency", "0.004", "0"),
        ("currency", "2.675", "2.68"),  # as a double it would be 2.67
        ("currency", "-2.675", "-2.68"),
        ("currency", "-0.001", "0"),
        ("currency", "100", "100"),
        ("currency", "0", "0"),
        ("currency", "12345678901234567890.12", "12345678901234567890.12"),
        ("currency", " +7 ", "7"),
        *(("boolean", text, "1") for text in ("1", "true", "TRUE", "yes", "Yes", "t", "T", " true ")),
        *(("boolean", text, "0") for text in ("0", "false", "False", "no", "NO", "f", "F", "\nfalse")),
        ("date", "2015-06-23", "2015-06-23"),
        ("date", " 2015-06-23 ", "2015-06-23"),
        ("date", "2016-02-29", "2016-02-29"),
        ("date", "2015-06-23T23:59:59-07:00", "2015-06-23"),
        ("date", "2015-06-23T00:30:00+14:00", "2015-06-23"),  # the date that was sent, wherever that is
        ("date", "2015-06-23T10:00", "2015-06-23"),
        ("datetime", "2010-05-07T15:41:32-05:00", "2010-05-07T15:41:32-05:00"),
        ("datetime", "2010-05-07T15:41:32-0500", "2010-05-07T15:41:32-05:00"),
        ("datetime", "2010-05-07T15:41:32Z", "2010-05-07T15:41:32+00:00"),
        ("datetime", "2010-05-07T15:41:32-00:00", "2010-05-07T15:41:32+00:00"),
        ("datetime", "2010-05-07T15:41:32.987Z", "2010-05-07T15:41:32+00:00"),
        ("datetime", "2010-05-07T15:41+05:30", "2010-05-07T15:41:00+05:30"),
        ("datetime", "2010-05-07T15:41:32", "2010-05-07T15:41:32-07:00"),  # summer in Los Angeles
        ("datetime", "2010-01-07T15:41:32", "2010-01-07T15:41:32-08:00"),
        ("datetime", "2010-05-07", "2010-05-07T00:00:00-07:00"),
        ("datetime", " 2010-05-07T15:41:32Z\n", "2010-05-07T15:41:32+00:00"),
        ("datetime", "1850-01-01", "1850-01-01T00:00:00-07:53"),  # local mean time, to the minute
        ("datetime", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("datetime", "9999-12-31T23:59:59", "9999-12-31T23:59:59-08:00"),
    ],
)
def test_values_are_stored_in_their_canonical_form(type_, text, stored):
    assert read(type_, text) == stored
    assert read(type_, stored) == stored


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        *((kind, "ten") for kind in WHOLE_NUMBERS),
        *(
            ("integer", text)
            for text in ("1.5", "1.01", ".0", "1.0.", "1e3", "1_000", "1,000", "--1", "+", "0x10", "1 2", "5\u00a0")
        ),
        *(("integer", text) for text in ("\u0663", "\uff15", "\u00b2")),  # digits of other alphabets
        *(("integer", text) for text in ("2147483648", "-2147483649", "9" * 5000)),
        *(("float", text) for text in ("nan", "inf", "-Infinity", "1e999", "-1e999", "1_0.5", "1,5", "\u0661.5")),
        *(("float", text) for text in (".", "e5", "1e", "1e5.0", "0x1p3")),
        *(("currency", text) for text in ("1e3", "$5", "1,000.00", "1_000", "nan", "Infinity", ".", "\uff15", "5 EUR")),
        ("currency", "9" * 310),
        *(("boolean", text) for text in ("2", "y", "n", "on", "off", "tru", "10", "01", "-1", "\u0661")),
        *(("date", text) for text in ("2015-02-29", "2015-13-01", "2015-00-10", "0000-01-01", "2015-6-3", "20150623")),
        *(("date", text) for text in ("23.06.2015", "06/23/2015", "2015-06-23 10:00:00", "2015-06-23T25:00:00")),
        *(("date", text) for text in ("2015-W26-2", "\uff12015-06-23", "2015-06-23T", "2015-06")),
        *(("datetime", text) for text in ("2010-05-07 15:41:32", "2010-05-07T15", "2010-05-07T15:41:32.Z", "now")),
        *(("datetime", text) for text in ("2010-05-07T24:00:00", "2010-05-07T15:60:00", "2010-05-07T15:41:60")),
        *(("datetime", text) for text in ("2010-05-07T15:41:32+15:00", "2010-05-07T15:41:32+05:60", "2010-05-07Z")),
        *(("datetime", text) for text in ("2010-05-07T15:41:32+14:01", "2010-05-07T15:41:32 -0500", "1273264892")),
    ],
)
def test_a_text_that_is_no_value_of_the_type_is_refused(type_, text):
    with pytest.raises(BadValue) as caught:
        read(type_, text)
    assert "Custom__c" in str(caught.value)
    assert f"of type {FieldType(type_)}: expected" in str(caught.value)


def test_the_refusal_of_a_long_value_shows_only_its_beginning():
    with pytest.raises(BadValue) as caught:
        read("integer", "9" * 100_000)
    assert len(str(caught.value)) < 200


@given(st.sampled_from(NOT_TEXTS), st.text(alphabet="0123456789+-.eETtZruefalsyno: _\u0661", max_size=30))
def test_reading_any_text_gives_a_stable_value_or_a_refusal(type_, text):
    try:
        stored = read(type_, text)
    except BadValue:
        return
    assert read(type_, stored) == stored


@given(st.integers())
def test_whole_numbers_keep_their_value_within_32_bits(number):
    if -(2**31) <= number < 2**31:
        assert read("integer", f"{number:+04d}") == str(number)
    else:
        with pytest.raises(BadValue):
            read("integer", str(number))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_value(number):
    stored = read("float", repr(number))
    assert float(stored) == number
    assert not stored.endswith(".0")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=2))
def test_amounts_keep_their_cents(amount):
    stored = read("currency", f"{amount:f}")
    assert re.fullmatch(r"-?[0-9]+(\.[0-9]?[1-9])?", stored)
    assert type(amount)(stored) == amount


offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=offsets | st.just(UTC)))
def test_datetimes_keep_the_offset_that_was_sent_and_drop_the_fraction(moment):
    expected = moment.replace(microsecond=0).isoformat()
    assert read("datetime", moment.isoformat()) == expected
    assert read("datetime", expected) == expected
    assert read("date", moment.isoformat()) == moment.date().isoformat()


@given(st.datetimes(), st.sampled_from(["America/Los_Angeles", "Asia/Kolkata", "Africa/Monrovia", "UTC"]))
def test_datetimes_without_an_offset_are_read_in_the_zone_whatever_the_year(moment, zone):
    field = Field("When", FieldType.DATETIME)
    stored = read_value(field, moment.isoformat(timespec="seconds"), ZoneInfo(zone))
    assert stored.startswith(moment.isoformat(timespec="seconds"))
    assert read_value(field, stored, UTC) == stored


# Answers


@pytest.mark.parametrize(
    ("type_", "stored", "answered"),
    [
        ("string", "", False),
        ("string", "0", True),
        ("string", " ", True),
        ("integer", "0", True),
        ("float", "0", True),
        ("boolean", "1", True),
        ("boolean", "0", False),
        ("boolean", "", False),
        ("date", "", False),
    ],
)
def test_answers_leave_out_what_is_empty_or_a_false_boolean(type_, stored, answered):
    assert listed(Field("Custom__c", FieldType(type_)), stored) is answered
