"""Calls at the same moment: whoever comes first creates the lead, and everybody else finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from xml.sax.saxutils import escape

import pytest
from lxml import etree
from support import Marketo

from mockmkto.soap.server import SoapServer

THREADS = 8
PATIENCE = 30  # seconds until a thread that never came is an error; no test waits for it to pass


@pytest.fixture
def marketo() -> Iterator[Marketo]:
    marketo = Marketo()
    yield marketo
    marketo.registry.close()


def by_email(key: str) -> tuple[str, str]:
    return f"<Email>{key}@example.com</Email>", ""


def by_foreign_id(key: str) -> tuple[str, str]:
    return f"<ForeignSysPersonId>{key}</ForeignSysPersonId><ForeignSysType>SFDC</ForeignSysType>", ""


def by_cookie(key: str) -> tuple[str, str]:
    return "", f"<marketoCookie>id:287-GTJ-838{escape('&')}token:{key}</marketoCookie>"


KEYS = pytest.mark.parametrize("key", [by_email, by_foreign_id, by_cookie])
KeyOf = Callable[[str], tuple[str, str]]


def request_for(marketo: Marketo, members: str, cookie: str, first_name: str) -> bytes:
    """A signed syncLead: made beforehand, so that the threads do nothing but call."""
    attribute = f"<attribute><attrName>FirstName</attrName><attrValue>{first_name}</attrValue></attribute>"
    record = f"<leadRecord>{members}<leadAttributeList>{attribute}</leadAttributeList></leadRecord>"
    body = f"<ns1:paramsSyncLead>{record}<returnLead>true</returnLead>{cookie}</ns1:paramsSyncLead>"
    return marketo.envelope(body).encode()


def call_together(server: SoapServer, requests: list[list[bytes]]) -> list[tuple[str, int]]:
    """Each list in a thread of its own, all from the same moment on: the status and the Id of every answer."""
    start = Barrier(len(requests))

    def run(mine: list[bytes]) -> list[tuple[str, int]]:
        start.wait(PATIENCE)
        return [answered(server.answer("3_1", body, "text/xml", "127.0.0.1").body) for body in mine]

    with ThreadPoolExecutor(len(requests)) as pool:
        return [item for found in pool.map(run, requests, timeout=PATIENCE) for item in found]


def answered(body: bytes) -> tuple[str, int]:
    root = etree.fromstring(body)
    status, lead_id = root.findtext(".//status"), root.findtext(".//leadId")
    assert status is not None, body
    assert lead_id is not None, body
    return status, int(lead_id)


@KEYS
def test_the_same_new_key_at_once_creates_one_lead(marketo: Marketo, key: KeyOf) -> None:
    for round_ in range(10):
        requests = [[request_for(marketo, *key(f"new-{round_}"), f"Thread {number}")] for number in range(THREADS)]

        answers = call_together(marketo.server, requests)

        assert Counter(status for status, _ in answers) == {"CREATED": 1, "UPDATED": THREADS - 1}
        assert {lead_id for _, lead_id in answers} == {1001 + round_}, "one lead, and no Id was lost"
        assert len(marketo.dump()["lead"]) == round_ + 1


@KEYS
def test_many_calls_for_few_keys_create_each_lead_once(marketo: Marketo, key: KeyOf) -> None:
    keys, calls = 20, 400
    # Each thread begins elsewhere and strides through all keys, so that every lead has eight that want to be first.
    requests = [
        [
            request_for(marketo, *key(f"k{(turn + thread * 5) % keys}"), f"Turn {turn}")
            for turn in range(calls // THREADS)
        ]
        for thread in range(THREADS)
    ]

    answers = call_together(marketo.server, requests)

    assert Counter(status for status, _ in answers) == {"CREATED": keys, "UPDATED": calls - keys}
    assert {lead_id for _, lead_id in answers} == set(range(1001, 1001 + keys))
    created = [lead_id for status, lead_id in answers if status == "CREATED"]
    assert len(created) == len(set(created))
    assert len(marketo.dump()["lead"]) == keys
