"""Who is calling: every row of the rule, on the wire and in the record of the call."""

import datetime as dt
import re
from xml.sax.saxutils import escape

import pytest
from support import KEY, NOW, USER, Marketo

from mockmkto import auth
from mockmkto.clock import Clock
from mockmkto.model import Credential

OLD_KEY = "the-key-before-the-rotation"
FIXTURE = f"""
time_zone: America/Los_Angeles
credentials:
  - {{user_id: {USER}, encryption_keys: [{KEY}, {OLD_KEY}]}}
  - {{user_id: blocked, encryption_keys: [{KEY}], blocked: true}}
leads: [{{Id: 1, Email: ann@example.com}}]
"""
STAMP = "2026-03-14T09:26:53Z"
GET = "<ns1:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></ns1:paramsGetLead>"


@pytest.fixture
def marketo():
    return Marketo(FIXTURE)


def header(user=USER, signature=None, timestamp=STAMP, *, signed_by=KEY):
    """The members of an AuthenticationHeader; the signature is right unless it is given, `None` leaves a member out."""
    if signature is None:
        signature = auth.sign(user or "", signed_by, timestamp or "")
    return {"mktowsUserId": user, "requestSignature": signature, "requestTimestamp": timestamp}


def call(marketo, members, body=GET):
    inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in members.items() if text is not None)
    return post(marketo, f"<ns1:AuthenticationHeader>{inside}</ns1:AuthenticationHeader>", body)


def post(marketo, headers, body=GET):
    return marketo.post(
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">'
        f"<e:Header>{headers}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )


def without(name):
    return header() | {name: None}


def empty(name):
    return header() | {name: ""}


WRONG = {
    "no user id": (without("mktowsUserId"), "has no mktowsUserId"),
    "no signature": (without("requestSignature"), "has no requestSignature"),
    "no timestamp": (without("requestTimestamp"), "has no requestTimestamp"),
    "an empty user id": (empty("mktowsUserId"), "has an empty mktowsUserId"),
    "an empty signature": (empty("requestSignature"), "has an empty requestSignature"),
    "an empty timestamp": (empty("requestTimestamp"), "has an empty requestTimestamp"),
    "an unknown user": (header("nobody"), "No credential has the mktowsUserId 'nobody'"),
    "the user in another case": (header(USER.upper()), f"Did you mean '{USER}'?"),
    "a wrong signature": (header(signature="0" * 40), "is not the one of user"),
    "no hex at all": (header(signature="é"), "No usual slip gives what came"),
    "another key": (header(signed_by="quite-another-key"), "is not the one of user"),
    "user id and timestamp swapped": (
        header(signature=auth.sign(STAMP, KEY, USER)),
        "the user id was put before the timestamp",
    ),
    "a newline was signed": (
        header(signature=auth.sign(USER, KEY, STAMP + "\n")),
        "the timestamp was signed with a newline after it",
    ),
    "a wrong signature, blocked too": (header("blocked", signature="0" * 40), "is not the one of user 'blocked'"),
    "a wrong signature, stale too": (header(signature="0" * 40, timestamp="2013-07-31T12:38:47-07:00"), "old"),
    "the key itself was sent": (header(signature=KEY), "itself is sent as the signature"),
    "the key was sent as the user": (header(user=KEY, signature="0" * 40), "user id and key are swapped"),
}


@pytest.mark.parametrize(("members", "finding"), WRONG.values(), ids=WRONG)
def test_the_wire_says_20014_and_the_record_says_why(marketo, members, finding):
    answer = call(marketo, members)
    assert (answer.http_status, answer.message) == (500, "Authentication failed (20014)")
    assert finding in "\n".join(answer.call.signature.findings)


@pytest.mark.parametrize(("members", "_"), WRONG.values(), ids=WRONG)
def test_whatever_was_wrong_the_answer_is_the_same_bytes(marketo, members, _):
    assert call(marketo, members).body == post(marketo, "").body


@pytest.mark.parametrize(("members", "_"), WRONG.values(), ids=WRONG)
def test_no_key_is_shown(marketo, members, _):
    shown = call(marketo, members).call
    findings = "\n".join((*shown.signature.findings, *(warning.message for warning in shown.warnings)))
    assert KEY not in findings
    assert OLD_KEY not in findings


def test_no_header_at_all(marketo):
    answer = post(marketo, "")
    assert answer.code == "20014"
    assert answer.call.signature.findings[0].startswith("There is no AuthenticationHeader.")


@pytest.mark.parametrize("key", [KEY, OLD_KEY])
def test_two_keys_are_live(marketo, key):
    assert call(marketo, header(signed_by=key)).record.id == 1


def test_a_signature_in_upper_case_is_accepted_with_a_warning(marketo):
    answer = call(marketo, header(signature=auth.sign(USER, KEY, STAMP).upper()))
    assert answer.record.id == 1
    assert answer.warnings == [
        "The requestSignature is in upper case. It was accepted; the documented form is lower-case hex."
    ]


def test_a_blocked_credential_is_denied_after_a_right_signature(marketo):
    answer = call(marketo, header("blocked"))
    assert (answer.code, answer.message) == ("20013", "Access denied for user blocked (20013)")


# ---------------------------------------------------------------------------------------------------------------------
# Freshness


def at(minutes: float) -> str:
    return (NOW + dt.timedelta(minutes=minutes)).isoformat()


WINDOWS = [
    ("15m", -15, None),
    ("15m", -15.1, "20016"),
    ("15m", 15, None),
    ("15m", 15.1, "20016"),
    ("2h", -119, None),
    ("2h", -121, "20016"),
    ("30s", 1, "20016"),
    ("off", -10_000_000, None),
    ("off", 10_000_000, None),
]


@pytest.mark.parametrize(("window", "minutes", "code"), WINDOWS)
def test_a_timestamp_must_lie_in_the_window(window, minutes, code):
    marketo = Marketo(f"{FIXTURE}\nbehaviour: {{signature_window: {window!r}}}")
    answer = call(marketo, header(timestamp=at(minutes)))
    assert answer.code == code


def test_the_window_is_15_minutes_by_default(marketo):
    assert [call(marketo, header(timestamp=at(minutes))).code for minutes in (-16, -15, 15, 16)] == [
        "20016",
        None,
        None,
        "20016",
    ]


def test_the_window_is_around_the_subscriptions_own_time(marketo):
    marketo.set_clock(Clock(frozen_at=dt.datetime(2013, 7, 31, 19, 40, tzinfo=dt.UTC)))
    assert call(marketo, header(timestamp="2013-07-31T12:38:47-07:00")).record.id == 1


FORMS = [
    "2026-03-14T02:26:53-07:00",
    "2026-03-14T14:56:53+05:30",
    "2026-03-14T09:26:53Z",
    "2026-03-14T09:26:53.123Z",
    "2026-03-14T02:26:53.123456-07:00",
    "2026-03-14 02:26:53 -0700",
    "2026-03-14 09:26:53 UTC",
    "2026-03-14T02:26:53-0700",
    "2026-03-14T09:26:53+00:00",
    "2026-03-14T09:26:53-00:00",
    " 2026-03-14T09:26:53Z ",
    "\n2026-03-14T09:26:53Z\n",
]


@pytest.mark.parametrize("timestamp", FORMS)
def test_every_form_that_clients_send_is_read(marketo, timestamp):
    answer = call(marketo, header(timestamp=timestamp))
    assert (answer.code, answer.warnings) == (None, [])


@pytest.mark.parametrize(
    ("timestamp", "read_in"),
    [
        ("2026-03-14T02:26:53", "America/Los_Angeles"),
        ("2026-03-14T02:26:53.123456", "America/Los_Angeles"),
        ("2026-03-14 02:26:53", "America/Los_Angeles"),
        ("2026-03-14T09:26:53", "UTC"),
        ("2026-03-14T09:26:53.5", "UTC"),
    ],
)
def test_without_an_offset_it_is_read_in_the_zone_and_else_as_utc_with_a_warning(marketo, timestamp, read_in):
    answer = call(marketo, header(timestamp=timestamp))
    text = f"The requestTimestamp '{timestamp}' has no offset: it was read in {read_in}. Send one, or Z for UTC."
    assert (answer.code, answer.warnings) == (None, [text])


@pytest.mark.parametrize(
    "timestamp",
    [
        "now",
        "1773480413",
        "2026-03-14",
        "14.03.2026 09:26:53",
        "Sat, 14 Mar 2026 09:26:53 GMT",
        "2026-02-30T09:26:53Z",
        "2026-03-14T25:26:53Z",
        "٢٠٢٦-03-14T09:26:53Z",
    ],
)
def test_a_timestamp_that_nobody_can_read_is_expired(marketo, timestamp):
    answer = call(marketo, header(timestamp=timestamp))
    assert (answer.code, answer.message) == ("20016", f"Request expired: {timestamp} (20016)")
    assert "is in no known form" in answer.call.signature.findings[0]


# ---------------------------------------------------------------------------------------------------------------------
# The order of the checks: of several things that are wrong, the earlier is answered

STALE = "2013-07-31T12:38:47-07:00"
UNREADABLE = "<ns1:paramsSyncLead><leadRecord><Id>abc</Id></leadRecord></ns1:paramsSyncLead>"
ORDER = {
    "parse before all": (header(signature="0" * 40), GET + "<", "SOAP-ENV:Client"),
    "operation before signature": (header(signature="0" * 40), "<ns1:paramsFly/>", "20019"),
    "encoding before signature": (header(signature="0" * 40), UNREADABLE, "SOAP-ENV:Server"),
    "encoding before an unknown user": (header("nobody"), UNREADABLE, "SOAP-ENV:Server"),
    "signature before blocked": (header("blocked", signature="0" * 40), GET, "20014"),
    "signature before freshness": (header(signature="0" * 40, timestamp=STALE), GET, "20014"),
    "blocked before freshness": (header("blocked", timestamp=STALE), GET, "20013"),
    "freshness before the operation itself": (header(timestamp=STALE), "<ns1:paramsSyncLead/>", "20016"),
    "the operation itself": (header(), "<ns1:paramsSyncLead/>", "20104"),
}


@pytest.mark.parametrize(("members", "body", "code"), ORDER.values(), ids=ORDER)
def test_the_order_of_the_checks(marketo, members, body, code):
    assert call(marketo, members, body).code == code


def test_a_refused_call_writes_nothing(marketo):
    before = marketo.dump()
    write = "<ns1:paramsSyncLead><leadRecord><Email>bob@example.com</Email></leadRecord></ns1:paramsSyncLead>"
    for members, _ in WRONG.values():
        call(marketo, members, write)
    assert marketo.dump() == before


# ---------------------------------------------------------------------------------------------------------------------
# The header's own namespace, and where it stands


@pytest.mark.parametrize("namespace", ["http://www.marketo.com/mktows/", "", "urn:other"])
def test_the_header_is_found_by_its_local_name(marketo, namespace):
    members = "".join(f"<{name}>{text}</{name}>" for name, text in header().items())
    answer = post(marketo, f'<AuthenticationHeader xmlns="{namespace}">{members}</AuthenticationHeader>')
    assert answer.record.id == 1


def test_of_two_headers_the_last_counts_with_a_warning(marketo):
    def block(members):
        inside = "".join(f"<{name}>{text}</{name}>" for name, text in members.items())
        return f"<ns1:AuthenticationHeader>{inside}</ns1:AuthenticationHeader>"

    answer = post(marketo, block(header("nobody")) + block(header()))
    assert answer.record.id == 1
    assert answer.warnings == ["header <AuthenticationHeader> is there twice: the last one counts"]


def test_each_credential_opens_its_subscription(marketo):
    other = Marketo(
        "subscription: other\n"
        "credentials: [{user_id: other, encryption_keys: [the-other-key]}]\n"
        "leads: [{Id: 1, Email: bob@example.com}]",
        marketo.registry,
    )
    answers = [call(marketo, header()), call(other, header("other", signed_by="the-other-key"))]
    assert [answer.record.email for answer in answers] == ["ann@example.com", "bob@example.com"]


# ---------------------------------------------------------------------------------------------------------------------
# A key that a client sent where it does not belong


@pytest.mark.parametrize("member", ["mktowsUserId", "requestSignature", "requestTimestamp"])
@pytest.mark.parametrize("around", ["{}", "  {} ", "user:{}"])
def test_a_key_in_the_header_is_in_no_record_of_the_call(member, around):
    marketo = Marketo("{}")
    request = re.sub(
        f"(<{member}>)[^<]*", lambda found: found[1] + around.format(KEY), marketo.envelope("<ns1:paramsSyncLead/>")
    )
    answer = marketo.post(request)
    assert answer.code == "20014"
    (call,) = marketo.database.journal.whole()
    for kept in (call, answer.call):
        assert KEY.encode() not in kept.request
        assert f"(the encryption key of user '{USER}')".encode() in kept.request
        assert KEY not in repr(kept)


@pytest.mark.parametrize(
    ("key", "written", "kept"),
    [
        ("kéy-of-ours", "kéy-of-ours".encode(), "(the encryption key of user 'u')"),
        ("kéy-of-ours", "kéy-of-ours".encode("utf-16"), "(the encryption key of user 'u')"),
        ('a<b&c>d"e', b'a&lt;b&amp;c&gt;d"e', "(the encryption key of user 'u')"),
        ('a<b&c>d"e', b"a&lt;b&amp;c&gt;d&quot;e", "(the encryption key of user 'u')"),
        ("abcdefgh", b"&#97;bcdefgh", "(left out: it holds the encryption key of user 'u')"),
        ("e", b"<mktowsUserId>e</mktowsUserId>", "(left out: it holds the encryption key of user 'u')"),
    ],
)
def test_however_a_key_is_written_it_is_not_kept(key, written, kept):
    shown = auth.without_keys(written, auth.AuthenticationHeader(key, "", ""), [Credential("u", (key,), "default")])
    assert kept in shown.decode("utf-16" if b"\0" in shown else "utf-8")
    assert written not in shown


def test_a_request_without_a_key_is_kept_as_it_is():
    header = auth.AuthenticationHeader("nobody", "x", "y")
    known = [Credential("u", ("secret-key",), "default")]
    assert auth.without_keys(b"<a>secret-key</a>", header, known) == b"<a>secret-key</a>"
