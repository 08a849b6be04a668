from __future__ import annotations

import io
import json
import sys
from datetime import datetime
from xml.etree import ElementTree

import pytest

from mockmkto.auth import sign

TIME = "2026-01-31T09:30:00+01:00"
SIGNATURE = sign("mockmkto", "mockmkto-encryption-key", TIME)

HEADER = (
    '<SOAP-ENV:Header><ns1:AuthenticationHeader xmlns:ns1="http://www.marketo.com/mktows/">'
    f"<mktowsUserId>mockmkto</mktowsUserId><requestSignature>{SIGNATURE}</requestSignature>"
    f"<requestTimestamp>{TIME}</requestTimestamp></ns1:AuthenticationHeader></SOAP-ENV:Header>\n"
)


@pytest.fixture
def paste(monkeypatch):
    def paste(text: str, *, terminal: bool = False) -> None:
        stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        stdin.isatty = lambda: terminal
        monkeypatch.setattr(sys, "stdin", stdin)

    return paste


def pasted(user="mockmkto", key="mockmkto-encryption-key", time=TIME):
    return f"mktowsUserId={user} requestSignature={sign(user, key, time)} requestTimestamp={time}"


# ---------------------------------------------------------------------------------------------------------------------
# sign


def test_sign_prints_the_header_in_one_line(run):
    ran = run("sign", "--timestamp", TIME)
    assert (ran.code, ran.out, ran.err) == (0, HEADER, "")


def test_sign_prints_fields(run):
    ran = run("sign", "--timestamp", TIME, "--format", "fields")
    assert ran.out == f"mktowsUserId=mockmkto\nrequestSignature={SIGNATURE}\nrequestTimestamp={TIME}\n"


def test_sign_prints_json(run):
    ran = run("sign", "--timestamp", TIME, "--format", "json")
    assert json.loads(ran.out) == {
        "mktowsUserId": "mockmkto",
        "requestSignature": SIGNATURE,
        "requestTimestamp": TIME,
    }


def test_sign_escapes_what_xml_needs_escaped(run):
    ran = run("sign", "--credential", "R&D <x>:a:b", "--timestamp", TIME)
    root = ElementTree.fromstring(ran.out.replace("SOAP-ENV:", ""))
    assert root.findtext(".//mktowsUserId") == "R&D <x>"
    assert root.findtext(".//requestSignature") == sign("R&D <x>", "a:b", TIME)  # a key may hold colons


def test_sign_signs_now_with_an_offset(run):
    stamp = json.loads(run("sign", "--format", "json").out)["requestTimestamp"]
    assert datetime.fromisoformat(stamp).tzinfo is not None


def test_sign_takes_the_first_credential_of_the_environment(run, monkeypatch):
    monkeypatch.setenv("MOCKMKTO_CREDENTIAL", "acme:one other:two")
    assert json.loads(run("sign", "--format", "json").out)["mktowsUserId"] == "acme"
    ran = run("sign", "--format", "json", "--credential", "flag:three")
    assert json.loads(ran.out)["mktowsUserId"] == "flag"


# ---------------------------------------------------------------------------------------------------------------------
# explain


def test_what_sign_prints_is_accepted_by_explain(run, paste):
    paste(run("sign").out)
    ran = run("explain")
    assert ran.code == 0
    assert ran.out.startswith("The signature is right and the request is in time: accepted.\n")


def test_explain_reads_a_file(run, tmp_path):
    (tmp_path / "request.xml").write_text(HEADER)
    assert run("explain", str(tmp_path / "request.xml"), "--now", TIME).code == 0


def test_explain_says_which_slip_it_was(run, paste):
    # The time and the user id, swapped.
    paste(
        f"mktowsUserId=mockmkto requestTimestamp={TIME} requestSignature="
        + sign(TIME, "mockmkto-encryption-key", "mockmkto")
    )
    ran = run("explain", "--now", TIME)
    assert ran.code == 1
    assert f"'{TIME}mockmkto'" in ran.out
    assert "Exactly this comes out when" in ran.out
    assert "mockmkto-encryption-key" not in ran.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 1),  # it is older than the window
        (["--now", "2026-01-31T08:45:00Z"], 0),
        (["--now", "2026-01-31T08:45:01Z"], 1),
        (["--now", "2026-01-31T08:45:01Z", "--window", "20m"], 0),
        (["--window", "off"], 0),
    ],
)
def test_explain_looks_at_the_time(words, code, run, paste):
    paste(HEADER)
    assert run("explain", *words).code == code


@pytest.mark.parametrize(
    ("zone", "code"), [(None, 0), ("America/Los_Angeles", 0), ("Europe/Berlin", 1), ("Asia/Tokyo", 1)]
)
def test_explain_reads_a_time_without_offset_in_the_zone(zone, code, run, paste):
    paste(pasted(time="2026-01-31T09:30:00"))
    zones = ["--time-zone", zone] if zone else []
    assert run("explain", "--now", "2026-01-31T17:30:00Z", *zones).code == code


WORLD = """
subscription: acme
credentials: [{user_id: acme, encryption_keys: [of-the-fixture, rotated]}]
time_zone: Europe/Berlin
behaviour: {signature_window: 2h}
"""


@pytest.fixture
def world(tmp_path):
    (tmp_path / "acme.yaml").write_text(WORLD)
    return str(tmp_path / "acme.yaml")


@pytest.mark.parametrize(
    ("flags", "variable", "user", "key", "code"),
    [
        ([], "", "mockmkto", "mockmkto-encryption-key", 0),
        ([], "", "acme", "of-the-fixture", 1),
        (["--credential", "acme:given"], "", "acme", "given", 0),
        (["--credential", "acme:given", "--credential", "acme:second"], "", "acme", "second", 0),
        (["--credential", "acme:given"], "", "mockmkto", "mockmkto-encryption-key", 1),  # the default is replaced
        ([], "acme:variable", "acme", "variable", 0),
        (["--credential", "acme:given"], "acme:variable", "acme", "variable", 1),
        (["--fixture", "WORLD"], "", "acme", "of-the-fixture", 0),
        (["--fixture", "WORLD"], "", "acme", "rotated", 0),
        (["--fixture", "WORLD"], "", "mockmkto", "mockmkto-encryption-key", 1),
        (["--fixture", "demo"], "", "mockmkto", "mockmkto-encryption-key", 0),
        (["--fixture", "WORLD", "--credential", "acme:given"], "", "acme", "of-the-fixture", 1),
        (["--fixture", "WORLD", "--credential", "other:given"], "", "acme", "of-the-fixture", 0),
    ],
)
def test_explain_knows_the_credentials(flags, variable, user, key, code, run, paste, world, monkeypatch):
    monkeypatch.setenv("MOCKMKTO_CREDENTIAL", variable)
    paste(pasted(user, key))
    ran = run("explain", "--now", TIME, *(world if word == "WORLD" else word for word in flags))
    assert ran.code == code, ran.out


def test_explain_takes_window_and_zone_from_the_fixture_whose_user_called(run, paste, world):
    words = ["explain", "--fixture", "demo", "--fixture", world, "--now", "2026-01-31T10:15:00Z"]
    paste(pasted("acme", "rotated", "2026-01-31T09:30:00"))  # 08:30Z in Berlin
    assert run(*words).code == 0
    paste(pasted("acme", "rotated", "2026-01-31T09:30:00"))
    assert run(*words, "--window", "15m").code == 1


def test_explain_finds_nothing(run, paste):
    paste("hello")
    ran = run("explain")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("mockmkto: no AuthenticationHeader was found in what was pasted")


def test_explain_says_what_to_paste_at_a_terminal(run, paste):
    paste(HEADER, terminal=True)
    ran = run("explain", "-", "--now", TIME)
    assert ran.code == 0
    assert ran.err.startswith("Paste the request, or its AuthenticationHeader; end with Ctrl-")


def test_explain_reads_what_is_not_utf_8(run, tmp_path):
    (tmp_path / "request.log").write_bytes(b"\xff\xfe\x80" + HEADER.encode())
    assert run("explain", str(tmp_path / "request.log"), "--now", TIME).code == 0


def test_explain_says_what_is_wrong_in_a_fixture(run, paste, tmp_path):
    (tmp_path / "bad.yaml").write_text("subscripton: acme\n")
    paste(HEADER)
    ran = run("explain", "--fixture", str(tmp_path / "bad.yaml"))
    assert ran.code == 2
    assert ran.err.startswith(f"mockmkto: {tmp_path / 'bad.yaml'}:1: ")
