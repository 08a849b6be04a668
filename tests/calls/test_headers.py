"""The headers that the record of a call shows."""

from __future__ import annotations

import urllib.request

import pytest

import mockmkto
from mockmkto.bounds import LONGEST_QUOTE
from mockmkto.calls.headers import shown_headers


def test_what_tells_one_client_from_another_is_shown_and_no_secret():
    sent = {b"soapaction": b'"x"', b"user-agent": b"PHP-SOAP/8.2", b"authorization": b"Bearer s", b"cookie": b"s"}
    assert shown_headers(sent.get) == {"SOAPAction": '"x"', "User-Agent": "PHP-SOAP/8.2"}


def test_a_long_one_is_cut():
    assert len(shown_headers({b"user-agent": b"x" * 100_000}.get)["User-Agent"]) < LONGEST_QUOTE + 100


@pytest.mark.parametrize("further", [{}, {"Content-Encoding": "identity"}], ids=["at once", "by a worker"])
def test_they_stand_in_the_record(further):
    with mockmkto.serve() as marketo:
        headers = {"Content-Type": "text/xml", "SOAPAction": '"syncLead"', "User-Agent": "jax-ws", **further}
        request = urllib.request.Request(marketo.endpoint, b"<no/>", {**headers, "Authorization": "Bearer s"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request, timeout=10)
        call = marketo.calls.last()
    assert {name: call.headers[name] for name in ("Content-Type", "SOAPAction", "User-Agent")} == {
        "Content-Type": "text/xml",
        "SOAPAction": '"syncLead"',
        "User-Agent": "jax-ws",
    }
    assert "Bearer" not in repr(call.headers)
