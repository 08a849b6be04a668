"""The control API of a whole server: the same over the wire, with calls and requests going on beside each other."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockmkto.serving import workers
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.web import waiting

DEADLINE = 20  # seconds


@pytest.fixture
def server() -> Iterator[MarketoServer]:
    with MarketoServer(Settings(port=0, fixture=("demo",), switches={"limits": "on"})) as server:
        yield server


def ask(server: MarketoServer, method: str, path: str, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = Request(f"{server.url}/__admin{path}", data=data, method=method)
    try:
        with urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_subscription_is_made_used_and_deleted(server):
    status, made = ask(server, "POST", "/subscriptions", {"fixture": "demo"})
    assert (status, made["endpoint"]) == (201, f"{server.url}/soap/mktows/3_1")
    scope = f"?subscription={made['name']}"
    assert ask(server, "GET", f"/limits{scope}")[1]["limits"] == "on"  # what was given as a flag
    assert ask(server, "DELETE", f"/leads/1001{scope}") == (204, None)
    assert ask(server, "GET", f"/leads/1001{scope}")[0] == 404
    assert ask(server, "GET", "/leads/1001")[0] == 200
    assert ask(server, "DELETE", f"/subscriptions/{made['name']}") == (204, None)
    assert ask(server, "GET", f"/leads{scope}")[0] == 404
    assert ask(server, "GET", "/health")[1]["subscriptions"] == 1


def test_subscriptions_made_at_the_same_time_are_different_ones(server):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(ask(server, "POST", "/subscriptions", {"fixture": "demo"})))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert {status for status, _ in made} == {201}
    assert len({body["name"] for _, body in made}) == 20
    assert {body["leads"] for _, body in made} == {30}


def test_one_name_is_given_once(server):
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(server, "POST", "/subscriptions", {"name": "mine"})[0]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    assert sorted(statuses) == [201] + [409] * 7


def test_many_that_wait_hold_nobody_up(server):
    waits = [
        threading.Thread(target=ask, args=(server, "POST", "/calls/wait", {"search": "op:syncLead", "timeout": 60}))
        for _ in range(30)
    ]
    for thread in waits:
        thread.start()
    for _ in range(10):
        assert ask(server, "GET", "/clock")[0] == 200
    assert ask(server, "DELETE", "/calls")[0] == 204
    assert all(thread.is_alive() for thread in waits)
    body = (
        b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>"
        b"<m:paramsSyncLead xmlns:m='http://www.marketo.com/mktows/'/></e:Body></e:Envelope>"
    )
    with pytest.raises(HTTPError), urlopen(f"{server.url}/soap/mktows/3_1", data=body, timeout=DEADLINE):
        pass
    for thread in waits:
        thread.join(DEADLINE)
    assert not any(thread.is_alive() for thread in waits)


def test_who_waits_leaves_half_of_the_workers_to_the_others():
    assert waiting.MOST_WAITS * 2 <= workers.MOST


def test_beyond_the_limit_a_wait_is_503_and_calls_are_answered_and_a_stop_ends_the_waits(server):
    begun = threading.Semaphore(0)

    class Told(waiting.Waits):
        @contextmanager
        def one_more(self):
            with super().one_more() as admitted:
                begun.release()
                yield admitted

    server._site.waits = Told(most=2)
    answers = []
    wait = {"search": "op:getLead", "timeout": 60}
    waits = [
        threading.Thread(target=lambda: answers.append(ask(server, "POST", "/calls/wait", wait))) for _ in range(2)
    ]
    for thread in waits:
        thread.start()
        assert begun.acquire(timeout=DEADLINE)
    status, problem = ask(server, "POST", "/calls/wait", wait)
    assert (status, problem["status"]) == (503, 503)
    assert problem["detail"] == "2 requests wait already, and no more can. Try again when one has ended."
    assert ask(server, "GET", "/clock")[0] == 200
    started = time.perf_counter()
    server.stop()
    assert time.perf_counter() - started < 1
    for thread in waits:
        thread.join(DEADLINE)
    assert [status for status, _ in answers] == [503, 503]
    assert {problem["detail"] for _, problem in answers} == {
        "The server is stopping. Until now 0 calls matched 'op:getLead'."
    }
