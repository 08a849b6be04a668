"""What Savon makes of symbols: :Email goes out as <email>, and what comes of it is a switch."""

from __future__ import annotations

import pytest
from interop.clients import execute, wanted

from mockmkto.model import Call
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings


@pytest.mark.parametrize(
    ("element_names", "prints", "warns"),
    [
        (
            "exact",
            "20101",
            "element <email> of leadRecord was ignored: names are case-sensitive, and it is spelled <Email>",
        ),
        ("any_case", "CREATED", "element <email> of leadRecord was read as <Email>"),
    ],
)
def test_an_email_in_lower_case(element_names, prints, warns):
    client = wanted("ruby-savon-style")
    calls: list[Call] = []
    settings = Settings(port=0, switches={"element_names": element_names})
    with MarketoServer(settings, on_call=calls.append) as server:
        done = execute(
            ["ruby", "-I", str(client.folder / "stand_in"), str(client.folder / "lower_cased.rb")],
            MARKETO_SOAP_ENDPOINT=f"{server.url}/soap/mktows/2_3",
            MARKETO_USER_ID=DEFAULT_USER_ID,
            MARKETO_ENCRYPTION_KEY=DEFAULT_ENCRYPTION_KEY,
        )
    assert (done.out.strip(), done.err) == (prints, "")
    (call,) = calls
    assert [warning.message for warning in call.warnings if warning.kind != "keyless"] == [warns]
    assert call.fields.attributes == {"FirstName": "Ann", "LastName": "Lee"}
