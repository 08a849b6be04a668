"""Calls of the REST API: one record, 300 records, a page of 300, a token; in turns with a syncLead and the floor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

from bench.calls import STRIDE, Operation, RequestMaker, email_of
from bench.client import Connection, Round, measure
from bench.processes import Server, start
from bench.report import Figure
from mockmkto.settings import DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET

__all__ = ["RECORD_TARGET", "rest_calls"]

RECORD_TARGET = 1.2  # a record over REST, in syncLeads of the same round
_RECORDS = 300  # the most of one call, and of one page
_WARM_UP = 20
_SUCCESS = b'"success":true'


class _Kind(NamedTuple):
    """One kind of request, and how many of them a round has."""

    name: str
    expected: bytes
    count: int
    make: Callable[[int], list[bytes]]


class _RestMaker:
    """Makes requests, with a token of the default client."""

    def __init__(self, port: int, leads: int) -> None:
        self._leads = leads
        self._made = 0
        with Connection(port) as connection:
            said = connection.call(self.tokens(1)[0]).partition(b"\r\n\r\n")[2]
        self._token = json.loads(said)["access_token"]

    def tokens(self, count: int) -> list[bytes]:
        """Asks for the token."""
        query = {
            "grant_type": "client_credentials",
            "client_id": DEFAULT_CLIENT_ID,
            "client_secret": DEFAULT_CLIENT_SECRET,
        }
        head = f"GET /identity/oauth/token?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n"
        return [head.encode()] * count

    def syncs(self, records: int) -> Callable[[int], list[bytes]]:
        """Updates of so many loaded leads each, with new values."""

        def make(count: int) -> list[bytes]:
            return [self._post("/rest/v1/leads.json", {"input": self._records(records)}) for _ in range(count)]

        return make

    def pages(self, count: int) -> list[bytes]:
        """Queries for 300 leads by their e-mails."""
        values = ",".join(email_of(number % self._leads) for number in range(_RECORDS))
        form = urlencode({"_method": "GET", "filterType": "email", "filterValues": values})
        return [self._request("/rest/v1/leads.json", form, "application/x-www-form-urlencoded")] * count

    def _records(self, count: int) -> list[dict[str, str]]:
        records = []
        for _ in range(count):
            self._made += 1
            email = email_of(self._made * STRIDE % self._leads)
            records.append({"email": email, "firstName": "George", "lastName": f"of the Jungle {self._made:09d}"})
        return records

    def _post(self, path: str, body: object) -> bytes:
        return self._request(path, json.dumps(body), "application/json")

    def _request(self, path: str, body: str, content_type: str) -> bytes:
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mockmkto-bench\r\nAccept: */*\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


def rest_calls(leads: int, rounds: int, calls: int, canned: Path, tell: Callable[[str], None]) -> Iterator[Figure]:
    """How long each kind of call takes on one connection, and what one record costs in syncLeads of the same round."""
    with ExitStack() as stack:
        floor = stack.enter_context(start("--canned", str(canned)))
        server = stack.enter_context(start("--leads", str(leads)))
        soap, rest = RequestMaker.signed_now(), _RestMaker(server.port, leads)
        updates = b"<status>UPDATED</status>"
        few = max(5, calls // 50)
        kinds = (
            _Kind("syncLead", updates, calls, lambda count: soap.make(Operation.UPDATE, count, leads)),
            _Kind("leads.json, one record", b'"status":"updated"', calls, rest.syncs(1)),
            _Kind(f"leads.json, {_RECORDS} records", b'"status":"updated"', few, rest.syncs(_RECORDS)),
            _Kind(f"a page of {_RECORDS} leads", _SUCCESS, few, rest.pages),
            _Kind("a token", b"access_token", calls, rest.tokens),
        )
        measured: dict[str, list[Round]] = {kind.name: [] for kind in kinds}
        floors: list[Round] = []
        for number in range(rounds):
            tell(f"REST, round {number + 1}")
            floors.append(_round(floor, soap.make(Operation.UPDATE, calls + _WARM_UP, leads), b"<status>"))
            for kind in kinds:
                measured[kind.name].append(_round(server, kind.make(kind.count + _WARM_UP), kind.expected))
    yield from _figures(leads, floors, measured)


def _round(server: Server, requests: Sequence[bytes], expected: bytes) -> Round:
    measure(server.port, requests[:_WARM_UP], expected)
    return measure(server.port, requests[_WARM_UP:], expected)


def _figures(leads: int, floors: Sequence[Round], measured: dict[str, list[Round]]) -> Iterator[Figure]:
    section = f"REST, {leads:,} leads, 1 connection"
    least = median(round_.percentile(50) for round_ in floors) * 1000
    for name, rounds in measured.items():
        yield Figure(section, f"{name}: p50", median(round_.percentile(50) for round_ in rounds) * 1000, "ms", least)
    one, sync = measured["leads.json, one record"], measured["syncLead"]
    ratio = median(mine.percentile(50) / theirs.percentile(50) for mine, theirs in zip(one, sync, strict=True))
    yield Figure(section, "one record, in syncLeads", ratio, "", None, RECORD_TARGET)
