"""Who is calling: the signature, the order of the checks, and every form of a timestamp."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockmkto.auth import AuthenticationHeader, check, parse_timestamp, raise_for, sign
from mockmkto.errors import MarketoError
from mockmkto.model import Credential

# The documented sample: its signature verifies.
USER = "bigcorp1_461839624B16E06BA2D663"
KEY = "899756834129871744AAEE88DDCC77CDEEDEC1AAAD66"
SENT = "2010-04-09T14:04:54-07:00"
SIGNATURE = "ffbff4d4bef354807481e66dc7540f7890523a87"

NOW = datetime(2010, 4, 9, 21, 5, 0, tzinfo=UTC)  # six seconds later
WINDOW = timedelta(minutes=15)
PACIFIC = ZoneInfo("America/Los_Angeles")

CREDENTIAL = Credential(USER, (KEY,), "default")
OTHER = Credential("othercorp_1", ("the-key-of-the-other-corp",), "other")


def signed(timestamp=SENT, *, user=USER, key=KEY):
    return AuthenticationHeader(user, sign(user, key, timestamp), timestamp)


def checked(header, credential=CREDENTIAL, *, now=NOW, window=WINDOW, zone=PACIFIC):
    return check(header, credential, now, window, zone)


# The signature


def test_signature_of_the_documented_sample():
    assert sign(USER, KEY, SENT) == SIGNATURE


def test_signature_is_made_of_utf_8():
    expected = hmac.new("schl\u00fcssel".encode(), "2010\u00e4nn".encode(), hashlib.sha1).hexdigest()
    assert sign("\u00e4nn", "schl\u00fcssel", "2010") == expected


def test_right_signature_in_time_is_accepted():
    found, warnings = checked(AuthenticationHeader(USER, SIGNATURE, SENT))
    assert (found.accepted, found.fault, found.findings, warnings) == (True, None, (), [])
    assert (found.user_id, found.signed_string) == (USER, SENT + USER)
    assert found.timestamp_form == "W3C, offset"


def test_upper_case_hex_is_accepted_with_a_warning():
    found, [warning] = checked(AuthenticationHeader(USER, SIGNATURE.upper(), SENT))
    assert found.accepted
    assert (warning.kind, warning.element, warning.nearest) == ("upper_case_signature", "requestSignature", SIGNATURE)


@pytest.mark.parametrize("key", ["the-new-key", "the-old-key"])
def test_while_a_key_is_rotated_both_are_live(key):
    assert checked(signed(key=key), Credential(USER, ("the-new-key", "the-old-key"), "default"))[0].accepted


def test_a_credential_without_a_key_lets_nobody_in():
    assert checked(signed(), Credential(USER, (), "default"))[0].fault == 20014


@pytest.mark.parametrize(
    ("header", "credential", "finding"),
    [
        (None, None, "There is no AuthenticationHeader."),
        (AuthenticationHeader(None, SIGNATURE, SENT), None, "has no mktowsUserId."),
        (AuthenticationHeader(USER, None, SENT), CREDENTIAL, "has no requestSignature."),
        (AuthenticationHeader(USER, SIGNATURE, None), CREDENTIAL, "has no requestTimestamp."),
        (AuthenticationHeader("", SIGNATURE, SENT), None, "has an empty mktowsUserId."),
        (AuthenticationHeader(USER, "", SENT), CREDENTIAL, "has an empty requestSignature."),
        (AuthenticationHeader(USER, SIGNATURE, ""), CREDENTIAL, "has an empty requestTimestamp."),
        (AuthenticationHeader("nobody", SIGNATURE, SENT), None, "No credential has the mktowsUserId 'nobody'."),
        (AuthenticationHeader(USER, SIGNATURE, SENT), OTHER, "No credential has the mktowsUserId"),
        (AuthenticationHeader(USER, "0" * 40, SENT), CREDENTIAL, "The requestSignature is not the one of user"),
        (AuthenticationHeader(USER, SIGNATURE + "\n", SENT), CREDENTIAL, "The requestSignature is not the one"),
        (AuthenticationHeader(USER, "\u0131\u212a\U0001f600\ud800", SENT), CREDENTIAL, "The requestSignature is not"),
        (AuthenticationHeader(USER, SIGNATURE, SENT + " "), CREDENTIAL, "The requestSignature is not the one"),
    ],
)
def test_what_fails_authentication(header, credential, finding):
    found, warnings = checked(header, credential)
    assert (found.accepted, found.fault, warnings) == (False, 20014, [])
    assert finding in " ".join(found.findings)
    with pytest.raises(MarketoError) as caught:
        raise_for(found)
    assert caught.value.message == "Authentication failed (20014)"  # the wire never says why


def test_every_missing_member_is_named():
    assert len(checked(AuthenticationHeader(None, None, None))[0].findings) == 3


@given(st.text(), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_only_the_right_signature_is_right_whatever_the_texts(signature, user, key, timestamp):
    credential = Credential(user, (key,), "default")
    assert checked(AuthenticationHeader(user, signature, timestamp), credential, window=None)[0].fault == 20014
    right = AuthenticationHeader(user, sign(user, key, timestamp), timestamp)
    assert checked(right, credential, window=None)[0].accepted


# The order of the checks

STALE = "2010-04-09T13:04:54-07:00"
BLOCKED = Credential(USER, (KEY,), "default", blocked=True)


@pytest.mark.parametrize(
    ("header", "credential", "fault", "message"),
    [
        (AuthenticationHeader(USER, "0" * 40, STALE), BLOCKED, 20014, "Authentication failed (20014)"),
        (signed(STALE), BLOCKED, 20013, f"Access denied for user {USER} (20013)"),
        (signed(STALE), CREDENTIAL, 20016, f"Request expired: {STALE} (20016)"),
        (signed("yesterday"), CREDENTIAL, 20016, "Request expired: yesterday (20016)"),
    ],
)
def test_signature_then_blocked_then_freshness(header, credential, fault, message):
    found, _ = checked(header, credential)
    assert found.fault == fault
    with pytest.raises(MarketoError) as caught:
        raise_for(found)
    assert (caught.value.code, caught.value.message) == (fault, message)


def test_an_accepted_check_raises_nothing():
    raise_for(checked(signed())[0])


# Freshness


@pytest.mark.parametrize(
    ("seconds", "fault"),
    [(0, None), (900, None), (901, 20016), (86_400, 20016), (-900, None), (-901, 20016), (-86_400, 20016)],
)
def test_a_timestamp_must_be_within_the_window_both_ways(seconds, fault):
    at = NOW - timedelta(seconds=seconds)
    assert checked(signed(at.isoformat()))[0].fault == fault


@pytest.mark.parametrize(
    ("timestamp", "finding"),
    [
        ("2010-04-09T17:38:00Z", "is 3 h 27 min old; the window is 15 min, so it is 3 h 12 min too old."),
        ("2010-04-09T17:38:00Z", "check the client's clock (here it is 2010-04-09T21:05:00Z)"),
        ("2010-04-08T21:04:00Z", "is 1 d 1 min old"),
        ("2010-04-09T21:40:00Z", "is 35 min in the future; the window is 15 min, so it is 20 min too early."),
        ("2010-04-09T20:49:59.500Z", "so it is 0.5 s too old."),
        ("2010-04-09T03:00:00", "It has no offset: it was read in America/Los_Angeles and as UTC, and fits neither."),
        ("09.04.2010 14:04", "is in no known form. Known are 2013-07-31T12:38:47-07:00, "),
    ],
)
def test_a_refused_timestamp_says_by_how_much_and_what_to_do(timestamp, finding):
    found, _ = checked(signed(timestamp))
    assert found.fault == 20016
    assert finding in found.findings[0]


@pytest.mark.parametrize("timestamp", [STALE, "2030-01-01T00:00:00Z", "yesterday"])
def test_without_a_window_nothing_is_asked_of_the_timestamp(timestamp):
    found, warnings = checked(signed(timestamp), window=None)
    assert (found.accepted, warnings) == (True, [])


@pytest.mark.parametrize(
    ("timestamp", "zone", "read_in"),
    [
        ("2010-04-09T14:04:54", PACIFIC, "America/Los_Angeles"),
        ("2010-04-09T21:04:54", PACIFIC, "UTC"),
        ("2010-04-09T21:04:54.123456", UTC, "UTC"),
    ],
)
def test_a_timestamp_without_an_offset_is_read_in_the_zone_else_as_utc_with_a_warning(timestamp, zone, read_in):
    found, [warning] = checked(signed(timestamp), zone=zone)
    assert found.accepted
    assert (warning.kind, warning.element) == ("timestamp_without_offset", "requestTimestamp")
    assert f"has no offset: it was read in {read_in}." in warning.message


@pytest.mark.parametrize("utc_hour", [8, 9])
def test_a_timestamp_without_an_offset_may_mean_either_pass_through_a_repeated_hour(utc_hour):
    now = datetime(2010, 11, 7, utc_hour, 30, tzinfo=UTC)  # 01:30 in Los Angeles, before and after the change
    found, [warning] = checked(signed("2010-11-07T01:30:00"), now=now)
    assert found.accepted
    assert "read in America/Los_Angeles" in warning.message


# The forms of a timestamp


@pytest.mark.parametrize(
    ("text", "instant", "form"),
    [
        ("2013-07-31T12:38:47-07:00", "2013-07-31T19:38:47", "W3C, offset"),
        ("2013-07-31T12:38:47+05:30", "2013-07-31T07:08:47", "W3C, offset"),
        ("2013-07-31T12:38:47+00:00", "2013-07-31T12:38:47", "W3C, offset"),
        ("2013-07-31T12:38:47-0700", "2013-07-31T19:38:47", "W3C, offset without colon"),
        ("2013-07-31T12:38:47Z", "2013-07-31T12:38:47", "W3C, Z"),
        ("2014-09-01T12:00:00.123Z", "2014-09-01T12:00:00.123", "W3C, fraction, Z"),
        ("2014-09-01T12:00:00.1234567Z", "2014-09-01T12:00:00.123456", "W3C, fraction, Z"),
        ("2014-09-01T12:00:00.5-07:00", "2014-09-01T19:00:00.5", "W3C, fraction, offset"),
        ("2014-08-01 13:56:53 -0400", "2014-08-01T17:56:53", "spaced, offset without colon"),
        ("2014-08-01 13:56:53 UTC", "2014-08-01T13:56:53", "spaced, UTC"),
        ("2014-08-01 13:56:53-04:00", "2014-08-01T17:56:53", "spaced, offset"),
        ("2014-08-01T13:56:53", "2014-08-01T20:56:53", "W3C, no offset"),
        ("2014-08-01T13:56:53.123456", "2014-08-01T20:56:53.123456", "W3C, fraction, no offset"),
        ("\n 2013-07-31T12:38:47Z ", "2013-07-31T12:38:47", "W3C, Z"),
    ],
)
def test_every_known_form_is_read(text, instant, form):
    stamp = parse_timestamp(text, PACIFIC)
    assert stamp.instant == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert stamp.instant.tzinfo is UTC
    assert (stamp.form, stamp.has_offset) == (form, "no offset" not in form)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "now", "1273264892", "2013-07-31", "2013-07-31T12:38Z", "20130731T123847Z", "2013-07-31t12:38:47z"),
        *("2013-02-30T12:38:47Z", "2013-07-31T24:00:00Z", "2013-07-31T12:38:60Z", "0000-01-01T00:00:00Z"),
        *(
            "2013-07-31T12:38:47+15:00",
            "2013-07-31T12:38:47+07:60",
            "2013-07-31T12:38:47 PDT",
            "0001-01-01T00:00:00+01:00",
        ),
        *("2013-07-31T12:38:47.Z", "Wed, 31 Jul 2013 12:38:47 GMT", "\u0662013-07-31T12:38:47Z", "9999-12-31T23:59:59"),
    ],
)
def test_other_forms_are_not_read(text):
    assert parse_timestamp(text, PACIFIC) is None


@given(
    st.datetimes().filter(lambda moment: 1000 <= moment.year < 9999),
    st.integers(-840, 840),
)
def test_a_timestamp_names_one_instant_in_every_form(moment, minutes):
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    for text in (moment.isoformat(), str(moment), moment.strftime("%Y-%m-%d %H:%M:%S.%f %z")):
        assert parse_timestamp(text, PACIFIC).instant == moment
