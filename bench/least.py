"""The least that a server of this kind can do: lxml, HMAC, SQLite and a row of a journal, behind the same HTTP.

It believes every document, finds a lead by its e-mail as it is written, stores what came as it came, explains nothing:
what a syncLead costs beyond it is what mockmkto does.
"""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import median

from lxml import etree

from bench.calls import Operation, RequestMaker, email_of
from bench.client import Round, measure
from bench.processes import Server, start
from bench.report import Figure
from mockmkto.serving import HttpServer
from mockmkto.serving.answers import Reply
from mockmkto.serving.requests import Request
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY

__all__ = ["against_the_least", "least"]

CPU_TARGET = 3.5  # of a call, in those of the least
SPREAD_TARGET = 1 / 1.15  # seconds a call on eight connections, in those on one

_CONNECTIONS = 8
_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope '
    'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/"><SOAP-ENV:Body>'
    "<ns1:successSyncLead><result><leadId>{0}</leadId><syncStatus><leadId>{0}</leadId><status>UPDATED</status></syncStatus>"
    "</result></ns1:successSyncLead></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
)


@contextmanager
def least(leads: int) -> Iterator[HttpServer]:
    """Such a server with so many leads, which it can only update."""
    store = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    store.execute("CREATE TABLE lead (id INTEGER PRIMARY KEY, email TEXT, attributes TEXT, updated_at TEXT)")
    store.execute("CREATE INDEX lead_by_email ON lead (email)")
    store.execute("CREATE TABLE call (number INTEGER PRIMARY KEY, at TEXT, request BLOB, response BLOB)")
    store.executemany("INSERT INTO lead VALUES (?, ?, '{}', '')", ((1001 + i, email_of(i)) for i in range(leads)))
    key = DEFAULT_ENCRYPTION_KEY.encode()

    def answer(request: Request, remote: str) -> Reply:  # noqa: ARG001  # as the server asks for it
        body = request.body.read()
        (header,), ((record, *_),) = etree.fromstring(body)
        user, signature, at = (member.text or "" for member in header)
        if not hmac.compare_digest(hmac.digest(key, (at + user).encode(), "sha1").hex(), signature):
            return Reply(500, "text/plain", b"wrong signature")
        email = record[0].text
        values = {name.text: value.text for name, value in record[1]}
        (lead_id,) = store.execute("SELECT id FROM lead WHERE email = ?", (email,)).fetchone()
        said = _ANSWER.format(lead_id).encode()
        store.execute("BEGIN")
        store.execute("UPDATE lead SET attributes = ?, updated_at = ? WHERE id = ?", (json.dumps(values), at, lead_id))
        store.execute("INSERT INTO call (at, request, response) VALUES (?, ?, ?)", (at, body, said))
        store.execute("COMMIT")
        return Reply(200, "text/xml; charset=utf-8", said)

    def nothing(environ: object, start_response: object) -> list[bytes]:
        raise NotImplementedError  # nothing is asked but calls

    with HttpServer(nothing, now=answer) as server:
        yield server
    store.close()


def against_the_least(leads: int, rounds: int, calls: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """What an update costs in updates of the least, on one connection and on several, in turns."""
    maker = RequestMaker.signed_now()
    with start("--leads", str(leads)) as ours, start("--leads", str(leads), "--least") as floor:
        taken: dict[int, list[tuple[_Cost, _Cost]]] = {1: [], _CONNECTIONS: []}
        for number in range(rounds):
            tell(f"against the least, round {number + 1}")
            for connections, pairs in taken.items():
                pairs.append(
                    (_cost(floor, maker, leads, calls, connections), _cost(ours, maker, leads, calls, connections))
                )
    for connections, pairs in taken.items():
        section = f"syncLead update against the least, {connections} connection{'s' if connections > 1 else ''}"
        if pairs[0][0].processor is not None:
            times = [[(cost.processor or 0) * 1e6 for cost in side] for side in zip(*pairs, strict=True)]
            yield Figure(section, "processor, a call", median(times[1]), "us", median(times[0]))
            ratio = median(mine / theirs for theirs, mine in zip(*times, strict=True))
            yield Figure(section, "in those of the least", ratio, "", None, CPU_TARGET)
        for percent in (50, 99):
            theirs, mine = (
                [cost.round.percentile(percent) * 1e3 for cost in side] for side in zip(*pairs, strict=True)
            )
            yield Figure(section, f"p{percent}", median(mine), "ms", median(theirs))
    apart = [several.round.seconds / one.round.seconds for (_, one), (_, several) in zip(*taken.values(), strict=True)]
    yield Figure(
        "syncLead update", f"{_CONNECTIONS} connections, in calls over one", median(apart), "", None, SPREAD_TARGET
    )


class _Cost:
    """What some calls took: of the clock, and of the server's processor for one."""

    def __init__(self, round_: Round, processor: float | None) -> None:
        self.round, self.processor = round_, processor


def _cost(server: Server, maker: RequestMaker, leads: int, calls: int, connections: int) -> _Cost:
    requests: Sequence[bytes] = maker.make(Operation.UPDATE, calls, leads)
    before = server.processor_seconds()
    round_ = measure(server.port, requests, b"<status>UPDATED</status>", connections)
    after = server.processor_seconds()
    return _Cost(round_, (after - before) / calls if after is not None and before is not None else None)
