"""What every answer has: its envelope, its requestId, and what is said where nothing is asked that is there."""

from __future__ import annotations

import gzip
import re

import pytest
from rest_support import JSON, Rest
from support import NOW

from mockmkto.rest.routes import ROUTES, handler


@pytest.fixture
def rest():
    return Rest("{}")


def test_every_route_has_its_operation():
    for operation in ROUTES.values():
        assert callable(handler(operation)), operation


def test_a_request_id_is_a_small_number_and_the_moment_in_hex(rest):
    left, _, right = rest.get("/rest/v1/leads/partitions.json").json["requestId"].partition("#")
    assert int(left, 16) < 100_000
    assert int(right, 16) == NOW.timestamp() * 1000


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/rest/v1/nothing.json", "610 Requested resource not found"),
        ("GET", "/rest", "610 Requested resource not found"),
        ("GET", "/rest/v1/leads/partitions", "610 Requested resource not found"),
        ("DELETE", "/rest/v1/leads/partitions.json", "605 Request method 'DELETE' not supported"),
        ("PUT", "/rest/v1/leads/partitions.json", "605 Request method 'PUT' not supported"),
    ],
)
def test_what_is_not_there_is_said_before_the_token_is_looked_at(rest, method, path, error):
    said = rest.send(method, path, token=None)
    assert (said.http_status, said.error) == (200, error)
    assert any(f"{path} is not answered here" in warning for warning in said.warnings) == error.startswith("610")


def test_a_path_that_is_not_answered_is_noted_with_the_one_that_was_meant(rest):
    (warning,) = rest.get("/rest/v1/lead.json").warnings
    assert warning == "/rest/v1/lead.json is not answered here; /rest/v1/leads.json is"
    assert rest.get("/rest/asset/v1/emails.json").call.warnings[0].nearest is None


@pytest.mark.parametrize("path", ["/rest//v1/leads/partitions.json", "/bulk/../rest/v1/./leads/partitions.json"])
def test_a_path_is_read_without_its_empty_and_dotted_segments_and_that_is_noted(rest, path):
    said = rest.get(path)
    assert said.json["success"]
    assert any("/rest/v1/leads/partitions.json" in warning for warning in said.warnings)


def test_a_long_address_and_a_large_body_are_refused_by_http(rest):
    assert rest.get("/rest/v1/leads.json", filterValues="x" * 9000).http_status == 414
    said = rest.send("POST", "/rest/v1/leads.json", "", b" " * (1024 * 1024 + 1), JSON)
    assert (said.http_status, said.call.status) == (413, "413")


def test_a_parameter_that_nobody_reads_is_noted(rest):
    said = rest.get("/rest/v1/leads/partitions.json", colour="red")
    assert any("colour" in warning for warning in said.warnings)


def test_a_long_answer_is_packed_where_the_client_takes_that():
    rest = Rest(f"partitions: [{', '.join(f'P{number}' for number in range(50))}]")
    plain = rest.get("/rest/v1/leads/partitions.json")
    packed = rest.send("GET", "/rest/v1/leads/partitions.json", accept_encoding="gzip, deflate")
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    unpacked = gzip.decompress(packed.body)
    assert re.sub(rb'"requestId":"[^"]*"', b"", unpacked) == re.sub(rb'"requestId":"[^"]*"', b"", plain.body)
    assert packed.call.response == unpacked
