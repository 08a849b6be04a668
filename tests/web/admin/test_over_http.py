"""The control API of a whole server: the same over the wire, with calls and requests going on beside each other."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings

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
    waiting = [
        threading.Thread(target=ask, args=(server, "POST", "/calls/wait", {"search": "op:syncLead", "timeout": 60}))
        for _ in range(30)
    ]
    for thread in waiting:
        thread.start()
    for _ in range(10):
        assert ask(server, "GET", "/clock")[0] == 200
    assert ask(server, "DELETE", "/calls")[0] == 204
    assert all(thread.is_alive() for thread in waiting)
    body = (
        b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>"
        b"<m:paramsSyncLead xmlns:m='http://www.marketo.com/mktows/'/></e:Body></e:Envelope>"
    )
    with pytest.raises(HTTPError), urlopen(f"{server.url}/soap/mktows/3_1", data=body, timeout=DEADLINE):
        pass
    for thread in waiting:
        thread.join(DEADLINE)
    assert not any(thread.is_alive() for thread in waiting)
