"""Several servers over one PostgreSQL are one sandbox: real processes, real sockets, and one of them is killed."""

from __future__ import annotations

import contextlib
import http.client
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from databases import POOL
from plain_client import Client, MarketoFault
from server_process import ServerProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")

CLIENTS = 8
KEYS = 50


@pytest.fixture
def start(postgresql, tmp_path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers over one sandbox; `ready` waits for one."""
    url = f"{postgresql}?schema={POOL.take(until_closed=False)._root}"
    started: list[ServerProcess] = []

    def server(*words: str) -> ServerProcess:
        variables = {"MOCKMKTO_DATABASE_URL": url}
        started.append(ServerProcess(tmp_path / f"log{len(started)}", *words, variables=variables))
        return started[-1]

    yield server
    for one in started:
        one.kill()


def test_clients_of_two_servers_that_hammer_the_same_new_keys_create_each_lead_once(start):
    servers = [start(), start()]
    clients = [servers[number % 2].ready().client if number < 2 else None for number in range(CLIENTS)]
    clients = [client or servers[number % 2].client for number, client in enumerate(clients)]
    together = threading.Barrier(CLIENTS)

    def hammer(client: Client) -> list[tuple[int, str, int]]:
        together.wait(30)
        return [(key, *client.sync(f"{key}@example.com", FirstName="Ann")) for key in range(KEYS)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for answered in pool.map(hammer, clients) for answer in answered]
    assert Counter(status for _, status, _ in answers) == {"CREATED": KEYS, "UPDATED": KEYS * (CLIENTS - 1)}
    assert len({lead for _, _, lead in answers}) == KEYS
    assert len({(key, lead) for key, _, lead in answers}) == KEYS
    for server in servers:
        assert server.ask("GET", "/leads?limit=1")["total"] == KEYS
        assert server.ask("GET", "/calls/count?search=op:syncLead")["count"] == KEYS * CLIENTS
        assert server.ask("GET", "/calls/count?search=fault:*")["count"] == 0
    sequences = [call["sequence"] for call in servers[0].ask("GET", "/calls?limit=1000")["calls"]]
    assert sorted(sequences) == list(range(1, KEYS * CLIENTS + 1))


def test_what_is_steered_on_one_server_is_so_on_the_other_at_once(start):
    one, two = start("--fixture", "demo").ready(), start("--fixture", "demo").ready()
    one.ask("POST", "/faults", {"name": "broken", "effect": "fault", "code": 20105, "times": 1})
    with pytest.raises(MarketoFault) as fault:
        two.client.sync("ann@example.com")
    assert fault.value.code == "20105"
    assert one.ask("GET", "/faults/broken")["fired"] == 1
    assert two.client.sync("ann@example.com")[0] == "CREATED"
    two.ask("POST", "/clock/freeze", {"at": "2026-03-14T09:26:53Z"})
    assert one.ask("GET", "/clock")["now"].startswith("2026-03-14T09:26:53")
    two.ask("PUT", "/credentials/mockmkto", {"encryption_keys": ["another-encryption-key"]})
    one.ask("PUT", "/switches", {"signature_window": "off"})
    with pytest.raises(MarketoFault) as fault:
        one.client.sync("ann@example.com")
    assert fault.value.code == "20014"
    made = one.ask("POST", "/subscriptions", {"name": "of-one", "fixture": "empty"})
    credential = made["credentials"][0]
    theirs = Client(two.client.endpoint, credential["user_id"], credential["encryption_keys"][0])
    assert theirs.sync("ann@example.com") == ("CREATED", 1001)
    assert one.ask("GET", "/subscriptions/of-one")["leads"] == 1
    two.ask("DELETE", "/subscriptions/of-one")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        one.ask("GET", "/subscriptions/of-one")
    two.ask("POST", "/reset")
    assert one.ask("GET", "/calls/count")["count"] == 0
    assert one.client.sync("new@example.com")[1] == theirs_next(two)


def theirs_next(server: ServerProcess) -> int:
    return max(lead["id"] for lead in server.ask("GET", "/leads?limit=1000")["leads"])


def test_a_server_that_is_killed_under_load_loses_nothing_that_it_answered_and_holds_nobody_up(start):
    lasting = start().ready()
    for round_ in range(3):
        killed = start().ready()
        acknowledged: dict[str, int] = {}
        enough = threading.Event()

        def write(writer: int, client: Client, round_=round_, acknowledged=acknowledged, enough=enough) -> None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                for number in range(200):
                    email = f"{round_}-{writer}-{number}@example.com"
                    acknowledged[email] = client.sync(email, FirstName="x" * 200)[1]
                    if len(acknowledged) >= 60:
                        enough.set()

        clients = [killed.client, killed.client, lasting.client, lasting.client]
        writers = [threading.Thread(target=write, args=item) for item in enumerate(clients)]
        for writer in writers:
            writer.start()
        assert enough.wait(60)
        killed.kill()
        for writer in writers:
            writer.join()
        found = {lead["email"]: lead["id"] for lead in lasting.ask("GET", "/leads?limit=1000")["leads"]}
        assert {email: found.get(email) for email in acknowledged} == acknowledged
        assert len(set(found.values())) == len(found)
        assert lasting.client.sync(f"after-{round_}@example.com")[0] == "CREATED"
        lasting.ask("POST", "/reset")


def test_servers_that_start_at_once_load_the_fixture_once(start):
    servers = [start("--fixture", "demo") for _ in range(3)]
    for server in servers:
        server.ready()
    assert {server.ask("GET", "/leads?limit=1")["total"] for server in servers} == {30}
    assert len(servers[0].ask("GET", "/subscriptions")["subscriptions"]) == 1
    assert [server.stop() for server in servers] == [0, 0, 0]
    again = start("--fixture", "demo").ready()
    assert again.ask("GET", "/leads?limit=1")["total"] == 30
    logs = "".join(server.log.read_text() for server in servers)
    assert "Traceback" not in logs
