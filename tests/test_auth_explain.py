"""Why a header is refused, which usual slip gives exactly what came, and headers that people paste."""

import base64
import hashlib
import hmac
import html
import json
import string
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockmkto.auth import AuthenticationHeader, check, explain, header_from_text, sign
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


def explained(header, *credentials, now=NOW, window=WINDOW, zone=PACIFIC):
    return explain(header, credentials or (CREDENTIAL, OTHER), now, window, zone)


STALE = "2010-04-09T13:04:54-07:00"
BLOCKED = Credential(USER, (KEY,), "default", blocked=True)


# Why a signature is refused: the usual slips


def digest(message, key=KEY, name="sha1"):
    return hmac.new(key.encode(), message.encode(), name).digest()


def b64(data):
    return base64.b64encode(data).decode()


RIGHT = SENT + USER
SLIPS = {
    "user id and timestamp swapped": digest(USER + SENT).hex(),
    "key and message swapped": digest(KEY, key=RIGHT).hex(),
    "only the timestamp signed": digest(SENT).hex(),
    "only the user id signed": digest(USER).hex(),
    "separator in the message": digest(f"{SENT}:{USER}").hex(),
    "another credential's key": digest(RIGHT, key=OTHER.encryption_keys[0]).hex(),
    "empty encryption key": digest(RIGHT, key="").hex(),
    "user id as the key": digest(RIGHT, key=USER).hex(),
    "another user id signed": digest(SENT + OTHER.user_id).hex(),
    "user id in another case": digest(SENT + USER.lower()).hex(),
    "base64 instead of hex": b64(digest(RIGHT)),
    "base64 of the hex": b64(digest(RIGHT).hex().encode()),
    "hex of the hex": digest(RIGHT).hex().encode().hex(),
    "separators in the hex": digest(RIGHT).hex("-").upper(),
    "white space around the signature": digest(RIGHT).hex() + "\n",
    "SHA-256 instead of SHA-1": digest(RIGHT, name="sha256").hex(),
    "SHA-512 instead of SHA-1": digest(RIGHT, name="sha512").hex(),
    "MD5 instead of SHA-1": digest(RIGHT, name="md5").hex(),
    "plain digest, no HMAC": hashlib.sha1(RIGHT.encode()).hexdigest(),
    # A space after the timestamp is a space between the two as well: it is told as what is the more usual.
    "white space around the timestamp": digest(SENT + " " + USER).hex(),
    "white space around the user id": digest(RIGHT + "\n").hex(),
    "time asked twice": digest("2010-04-09T14:04:55-07:00" + USER).hex(),
    "timestamp in another zone": digest("2010-04-09T14:04:54Z" + USER).hex(),
    "timestamp URL-encoded": digest("2010-04-09T14%3A04%3A54-07%3A00" + USER).hex(),
    "encryption key sent": KEY,
}


def shows_no_key(explanation):
    shown = f"{explanation}{explanation!r}{explanation.check}"
    return not any(key in shown for known in (CREDENTIAL, OTHER) for key in known.encryption_keys)


@pytest.mark.parametrize(("slip", "signature"), SLIPS.items(), ids=SLIPS)
def test_the_slip_that_gives_exactly_what_came_is_named(slip, signature):
    explanation = explained(AuthenticationHeader(USER, signature, SENT))
    assert [step.name for step in explanation.slip] == [slip]
    assert explanation.fault == 20014
    assert explanation.signed == RIGHT
    assert explanation.expected == (SIGNATURE,)
    assert any(line.startswith("Exactly this comes out when ") for line in explanation.lines)
    assert shows_no_key(explanation)


EXCHANGED = {
    "user id and timestamp": (
        AuthenticationHeader(SENT, SIGNATURE, USER),
        "requestTimestamp holds the user id, and mktowsUserId holds the timestamp",
    ),
    "user id and signature": (
        AuthenticationHeader(SIGNATURE, USER, SENT),
        "requestSignature holds the user id, and mktowsUserId holds the signature",
    ),
    "signature and timestamp": (
        AuthenticationHeader(USER, SENT, SIGNATURE),
        "requestTimestamp holds the signature, and requestSignature holds the timestamp",
    ),
    "all three": (
        AuthenticationHeader(SENT, USER, SIGNATURE),
        "requestSignature holds the user id, and requestTimestamp holds the signature, and mktowsUserId holds the "
        "timestamp",
    ),
}


@pytest.mark.parametrize(("header", "says"), EXCHANGED.values(), ids=EXCHANGED)
def test_values_in_each_others_place_are_no_mistake_of_the_code_that_signs(header, says):
    explanation = explained(header)
    assert explanation.findings == (
        f"Members of the AuthenticationHeader are exchanged: {says}. Write each into its own element.",
    )
    assert "The signature is right, and so is the code that makes it." in explanation.lines
    assert (explanation.fault, explanation.slip, explanation.signed) == (20014, (), RIGHT)
    assert (explanation.expected, explanation.came) == ((SIGNATURE,), SIGNATURE)


def test_values_in_each_others_place_and_signed_so():
    explanation = explained(AuthenticationHeader(SENT, digest(USER + SENT).hex(), USER))
    assert "are exchanged" in explanation.findings[0]
    assert [step.name for step in explanation.slip] == ["user id and timestamp swapped"]


@pytest.mark.parametrize(
    ("altered", "says"),
    [
        (KEY + "\n", "newline"),
        (KEY + " ", "a space after it"),
        (" " + KEY, "a space before it"),
        (f'"{KEY}"', "quotes"),
        (KEY.lower(), "lower case"),
    ],
)
def test_an_altered_key_is_named(altered, says):
    explanation = explained(AuthenticationHeader(USER, digest(RIGHT, key=altered).hex(), SENT))
    assert [step.name for step in explanation.slip] == ["encryption key altered"]
    assert says in str(explanation)
    assert shows_no_key(explanation)


def test_a_key_that_was_decoded_from_hex_is_named():
    signature = hmac.new(bytes.fromhex(KEY), RIGHT.encode(), "sha1").hexdigest()
    assert "decoded from hex" in str(explained(AuthenticationHeader(USER, signature, SENT)))


def test_a_message_in_utf_16_is_named():
    signature = hmac.new(KEY.encode(), RIGHT.encode("utf-16-le"), "sha1").hexdigest()
    assert "the message was encoded in UTF-16" in str(explained(AuthenticationHeader(USER, signature, SENT)))


def test_another_credentials_key_is_named_by_its_user_id():
    header = AuthenticationHeader(USER, SLIPS["another credential's key"], SENT)
    assert "the encryption key is the one of user 'othercorp_1'" in str(explained(header))


@pytest.mark.parametrize(
    "written",
    [
        "2010-04-09T21:04:54Z",
        "2010-04-09T21:04:54+00:00",
        "2010-04-09T14:04:54-0700",
        "2010-04-09 14:04:54 -0700",
        "2010-04-09T14:04:54",
        "2010-04-09T21:04:54",
        "2010-04-09 21:04:54 UTC",
        "2010-04-09T21:04:54.000Z",
        "2010-04-09T16:04:54-05:00",  # the subscription's own zone, here Chicago
        "1270847094",
        "1270847094000",
    ],
)
def test_a_reformatted_timestamp_is_named_with_both_texts(written):
    header = AuthenticationHeader(USER, sign(USER, KEY, written), SENT)
    explanation = explained(header, zone=ZoneInfo("America/Chicago"))
    assert [step.name for step in explanation.slip] == ["timestamp reformatted"]
    assert f"the timestamp was signed as '{written}' and sent as '{SENT}'" in str(explanation)


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("2010-04-09T14:04:54.123-07:00", "2010-04-09T14:04:54-07:00"),
        ("2010-04-09T14:04:54.123456", "2010-04-09T21:04:54.123Z"),
        ("2010-04-09 14:04:54 -0700", "2010-04-09T14:04:54-07:00"),
    ],
)
def test_a_fraction_or_an_offset_that_was_not_signed_is_found(sent, written):
    explanation = explained(AuthenticationHeader(USER, sign(USER, KEY, written), sent))
    assert [step.name for step in explanation.slip] == ["timestamp reformatted"]


def test_a_timestamp_sent_in_white_space_and_signed_without_it_is_found():
    explanation = explained(AuthenticationHeader(USER, SIGNATURE, f"\n  {SENT}\n"))
    assert [step.name for step in explanation.slip] == ["white space around the timestamp"]


def test_a_user_id_that_was_signed_xml_escaped_is_found():
    credential = Credential("big&corp", (KEY,), "default")
    header = AuthenticationHeader("big&corp", sign("big&amp;corp", KEY, SENT), SENT)
    assert [step.name for step in explained(header, credential).slip] == ["user id XML-escaped"]


@pytest.mark.parametrize(
    ("signature", "slips"),
    [
        (b64(digest(USER + SENT)), ["user id and timestamp swapped", "base64 instead of hex"]),
        (
            b64(digest(USER + SENT, name="sha256")),
            ["user id and timestamp swapped", "SHA-256 instead of SHA-1", "base64 instead of hex"],
        ),
        (
            b64(hashlib.md5(RIGHT.encode()).digest()) + "\n",
            [
                "plain digest, no HMAC",
                "MD5 instead of SHA-1",
                "base64 instead of hex",
                "white space around the signature",
            ],
        ),
        (
            digest(USER + "2010-04-09T21:04:54Z").hex(),
            ["timestamp reformatted", "user id and timestamp swapped"],
        ),
        (
            digest(USER + SENT, key=OTHER.encryption_keys[0]).hex(),
            ["user id and timestamp swapped", "another credential's key"],
        ),
    ],
)
def test_slips_that_were_made_together_are_found_together(signature, slips):
    assert [step.name for step in explained(AuthenticationHeader(USER, signature, SENT)).slip] == slips


def test_two_live_keys_are_both_tried_and_both_expected():
    credential = Credential(USER, ("the-new-key", "the-old-key"), "default")
    explanation = explained(AuthenticationHeader(USER, digest(USER + SENT, key="the-old-key").hex(), SENT), credential)
    assert [step.name for step in explanation.slip] == ["user id and timestamp swapped"]
    assert explanation.expected == (sign(USER, "the-new-key", SENT), sign(USER, "the-old-key", SENT))


@pytest.mark.parametrize(
    ("signature", "line"),
    [
        ("0" * 40, "No usual slip gives what came."),
        ("abc", "What came has 3 characters; the hex of an HMAC-SHA1 has 40."),
        ("\u00e4\ud800", "What came has 2 characters"),
    ],
)
def test_what_no_slip_gives_says_what_to_compare(signature, line):
    explanation = explained(AuthenticationHeader(USER, signature, SENT))
    assert explanation.slip == ()
    assert line in str(explanation)


# Why a header is refused: everything else


@pytest.mark.parametrize(
    ("header", "fault", "line"),
    [
        (None, 20014, "There is no AuthenticationHeader."),
        (AuthenticationHeader(None, None, None), 20014, "has no requestTimestamp"),
        (AuthenticationHeader(USER, "", SENT), 20014, "has an empty requestSignature"),
        (signed(STALE), 20016, "is 1 h 6 s old; the window is 15 min, so it is 45 min 6 s too old."),
        (signed("2010-04-09T15:04:54-07:00"), 20016, "in the future"),
        (signed("yesterday"), 20016, "is in no known form. Known are"),
        (signed(user="nobody-like-it"), 20014, f"Known here: '{USER}', 'othercorp_1'."),
        (signed(user=USER.lower()), 20014, f"Did you mean '{USER}'? It must be sent, and signed, exactly so."),
        (signed(user=USER.lower()), 20014, "Its key made this signature, so only the user id has to be put right."),
        (AuthenticationHeader(USER + " ", SIGNATURE, SENT), 20014, f"Did you mean '{USER}'?"),
        (AuthenticationHeader("othercorp_l", "0" * 40, SENT), 20014, "Did you mean 'othercorp_1'?"),
        (AuthenticationHeader(USER, "0" * 40, STALE), 20014, "Once the signature is right, 20016 is answered: The"),
    ],
)
def test_what_was_wrong_and_what_to_do(header, fault, line):
    explanation = explained(header)
    assert (explanation.accepted, explanation.fault) == (False, fault)
    assert line in str(explanation)
    assert shows_no_key(explanation)


def test_a_blocked_credential_says_how_to_unblock_it():
    explanation = explained(signed(), BLOCKED)
    assert explanation.fault == 20013
    assert "is blocked" in explanation.lines[0]
    assert "Set `blocked: false`" in str(explanation)


def test_a_wrong_signature_of_a_blocked_credential_says_what_comes_next():
    explanation = explained(AuthenticationHeader(USER, "0" * 40, SENT), BLOCKED)
    assert "Once the signature is right, 20013 is answered" in str(explanation)


def test_no_credentials_at_all_says_how_to_configure_one():
    assert "configure one with --credential" in str(explain(signed(), (), NOW, WINDOW, PACIFIC))


def test_user_id_and_key_swapped_in_the_settings_is_named_without_showing_the_key():
    explanation = explained(AuthenticationHeader(KEY, sign(KEY, USER, SENT), SENT))
    assert f"mktowsUserId holds the encryption key of user '{USER}'" in str(explanation)
    assert shows_no_key(explanation)


@pytest.mark.parametrize(
    "header",
    [
        AuthenticationHeader(USER, KEY, SENT),
        AuthenticationHeader(USER, "0" * 40, KEY),
        AuthenticationHeader(USER, "0" * 40, f"{SENT}{KEY}"),
        AuthenticationHeader(f"{USER}:{KEY}", "0" * 40, SENT),
        AuthenticationHeader(KEY, KEY, KEY),
    ],
)
def test_a_key_that_the_client_sent_is_blanked(header):
    explanation = explained(header)
    assert shows_no_key(explanation)
    assert f"(the encryption key of user '{USER}')" in f"{explanation}{explanation.check}"


def test_a_right_header_is_explained_as_accepted_with_its_warnings():
    explanation = explained(AuthenticationHeader(USER, SIGNATURE.upper(), SENT))
    assert (explanation.accepted, explanation.fault, explanation.slip) == (True, None, ())
    assert explanation.lines[0] == "The signature is right and the request is in time: accepted."
    assert explanation.lines[-1].startswith("Warning: The requestSignature is in upper case.")


@pytest.mark.parametrize("signature", [SIGNATURE, "0" * 40])
def test_an_explanation_can_be_put_on_record_as_the_check(signature):
    header = AuthenticationHeader(USER, signature, SENT)
    explanation, (found, _) = explained(header), check(header, CREDENTIAL, NOW, WINDOW, PACIFIC)
    recorded = explanation.check
    assert (recorded.accepted, recorded.fault, recorded.user_id) == (found.accepted, found.fault, found.user_id)
    assert recorded.signed_string == found.signed_string
    assert recorded.findings == (() if found.accepted else explanation.lines)


TEXTS = st.none() | st.text(alphabet=string.printable + "\u00e9\ud800", max_size=50)


@settings(deadline=None, max_examples=60)
@given(TEXTS | st.just(USER), TEXTS | st.binary(min_size=16, max_size=32).map(bytes.hex), TEXTS | st.just(SENT))
def test_any_header_can_be_explained(user, signature, timestamp):
    explanation = explained(AuthenticationHeader(user, signature, timestamp))
    assert not explanation.accepted
    assert explanation.lines


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00"])
def test_the_first_and_the_last_day_can_be_explained(timestamp):
    assert explained(AuthenticationHeader(USER, "0" * 40, timestamp)).fault == 20014


# A header that is pasted in

ENVELOPE = f"""<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/">
 <soap:Header><m:AuthenticationHeader>
  <mktowsUserId>{USER}</mktowsUserId><m:requestSignature xsi:type="xsd:string">{SIGNATURE}</m:requestSignature>
  <m:requestTimestamp >{SENT}</m:requestTimestamp>
 </m:AuthenticationHeader></soap:Header><soap:Body/></soap:Envelope>"""
RUBY_TIME = "2014-08-01 13:56:53 -0400"


@pytest.mark.parametrize(
    "text",
    [
        ENVELOPE,
        ENVELOPE[ENVELOPE.index("<m:Auth") : ENVELOPE.index("</soap:Header>")],
        html.escape(ENVELOPE),
        html.escape(html.escape(ENVELOPE)),
        "<pre>" + html.escape(ENVELOPE) + "</pre>",
        json.dumps({"request": ENVELOPE}),
        json.dumps({"request": ENVELOPE}).replace("</", "<\\/"),
        json.dumps({"request": ENVELOPE}).replace("<", r"\u003C").replace(">", r"\u003E"),
        f"<mktowsUserId><![CDATA[{USER}]]></mktowsUserId>"
        f"<requestSignature>{SIGNATURE}</requestSignature><requestTimestamp>{SENT}</requestTimestamp>",
        json.dumps({"mktowsUserId": USER, "requestSignature": SIGNATURE, "requestTimestamp": SENT}),
        json.dumps(json.dumps({"mktowsUserId": USER, "requestSignature": SIGNATURE, "requestTimestamp": SENT})),
        repr({"mktowsUserId": USER, "requestSignature": SIGNATURE, "requestTimestamp": SENT}),
        f"INFO call mktowsUserId={USER} requestSignature={SIGNATURE}, requestTimestamp={SENT}; ms=12",
        f"mktowsUserId: {USER}\nrequestSignature: {SIGNATURE}\nrequestTimestamp: {SENT}\n",
        f"mktowsUserId:{USER} requestSignature:{SIGNATURE} requestTimestamp:{SENT}",
        f"Array\n(\n  [mktowsUserId] => {USER}\n  [requestSignature] => {SIGNATURE}\n  [requestTimestamp] => {SENT}\n)",
        f'  ["mktowsUserId"]=>\n  string(31) "{USER}"\n  ["requestSignature":protected]=>\n  string(40) "{SIGNATURE}"\n'
        f'  ["requestTimestamp":"Header":private]=>\n  string(25) "{SENT}"\n',
        f"array ('mktowsUserId' => '{USER}', 'requestSignature' => '{SIGNATURE}', 'requestTimestamp' => '{SENT}')",
        f'{{:mktows_user_id=>"{USER}", :request_signature=>"{SIGNATURE}", :request_timestamp=>"{SENT}"}}',
        f"(AuthenticationHeader){{\n   mktowsUserId = '{USER}'\n   requestSignature = \"{SIGNATURE}\"\n"
        f"   requestTimestamp = {SENT}\n }}",
    ],
)
def test_a_header_is_found_in_what_people_paste(text):
    assert header_from_text(text) == AuthenticationHeader(USER, SIGNATURE, SENT)


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("", AuthenticationHeader(None, None, None)),
        ("something else", AuthenticationHeader(None, None, None)),
        ("<mktowsUserId>a&amp;b</mktowsUserId>", AuthenticationHeader("a&b", None, None)),
        (html.escape("<mktowsUserId>a&amp;b</mktowsUserId>"), AuthenticationHeader("a&b", None, None)),
        ("<requestTimestamp> 2010\n</requestTimestamp>", AuthenticationHeader(None, None, " 2010\n")),  # as sent
        ("<requestSignature/><mktowsUserId></mktowsUserId>", AuthenticationHeader("", "", None)),
        ('<requestSignature xsi:nil="true"/>', AuthenticationHeader(None, None, None)),
        ("<requestSignature>abc", AuthenticationHeader(None, None, None)),
        (f"[requestTimestamp] => {RUBY_TIME}\n", AuthenticationHeader(None, None, RUBY_TIME)),
        (f"requestTimestamp={RUBY_TIME} mktowsUserId=x", AuthenticationHeader("x", None, RUBY_TIME)),
        (r'{"requestSignature":"ab\/c="}', AuthenticationHeader(None, "ab/c=", None)),
        ("requestSignature=eQ9T+1/w==", AuthenticationHeader(None, "eQ9T+1/w==", None)),
        ("MKTOWSUSERID=x", AuthenticationHeader("x", None, None)),
    ],
)
def test_what_is_found_is_as_it_was_sent_and_what_is_not_is_absent(text, header):
    assert header_from_text(text) == header


@given(st.text(alphabet="<>/=:\"'\\[]{} mktowsUserIdrequestSignature&lt;", max_size=200))
def test_any_text_can_be_pasted(text):
    assert isinstance(header_from_text(text), AuthenticationHeader)


def test_a_text_that_is_longer_than_any_header_is_not_looked_through():
    sent = SENT + " " * 2000
    explanation = explained(AuthenticationHeader(USER, sign(USER, "another key", sent), sent))
    assert explanation.slip == ()
    assert explanation.advice[0] == "No slip was looked for: 2025 characters are more than a header has."


def test_a_long_text_with_a_usual_slip_is_not_looked_through_either():
    sent = SENT + " " * 2000
    explanation = explained(AuthenticationHeader(USER, sign(sent, KEY, USER), sent))
    assert (explanation.fault, explanation.slip) == (20014, ())
