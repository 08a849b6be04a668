"""A server that others reach: ports, the admin token, what it logs, and clients that mean it no good."""

from __future__ import annotations

import errno
import http.client
import json
import logging
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager

import pytest
from plain_client import Client, MarketoFault

import mockmkto
from mockmkto.sandbox import ControlError, UnreachableError
from mockmkto.serving import HttpServer, lines
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings

TOKEN = "token-of-the-operations-tests"


@contextmanager
def serving(**settings):
    with MarketoServer(Settings(port=0, https_port=0, **settings)) as server:
        yield server


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def client_of(server: MarketoServer) -> Client:
    return Client(server.endpoint, DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)


def answers(server: MarketoServer) -> bool:
    """Whether the server answers the next call."""
    return client_of(server).sync("next@example.com")[1] > 0


# ---------------------------------------------------------------------------------------------------------------------
# A port for the control API


def test_with_a_port_of_its_own_the_control_api_is_there_and_nowhere_else():
    with serving(admin_port=0) as server:
        assert server.admin_url != server.url
        for path in ("/__admin/health", "/__admin/subscriptions", "/metrics", "/"):
            assert ask(server.admin_url + path)[0] == 200
            assert ask(server.url + path) == (
                404,
                b"The control API, the console and /metrics are at the port that --admin-port says.\n",
            )
        for path in ("/soap/mktows/3_1", "/soap/mktows/3_1?WSDL"):
            assert ask(server.url + path)[0] == 200
            assert ask(server.admin_url + path)[0] == 404
        assert answers(server)


@pytest.mark.parametrize("probe", ["/livez", "/readyz"])
def test_every_port_has_the_probes(probe):
    with serving(admin_port=0) as server:
        assert ask(server.url + probe)[0] == ask(server.admin_url + probe)[0] == 200


@pytest.mark.parametrize("public", [None, "https://mkto.example.com/x"])
def test_the_control_api_on_its_own_port_says_where_the_api_is(public):
    with serving(admin_port=0, public_url=public) as server:
        about = json.loads(ask(f"{server.admin_url}/__admin/subscriptions/default")[1])
        assert about["endpoint"] == f"{public or server.url}/soap/mktows/3_1"
        document = json.loads(ask(f"{server.admin_url}/__admin/openapi.json")[1])
        assert document["servers"][0]["url"].startswith(server.admin_url)


def test_by_another_name_the_control_api_says_where_the_api_is_by_that_name():
    with serving(admin_port=0) as server:
        port, api_port = (url.rpartition(":")[2] for url in (server.admin_url, server.url))
        for host, expected in ((f"marketo:{port}", "marketo"), ("marketo", "marketo"), (f"[::1]:{port}", "[::1]")):
            about = json.loads(ask(f"{server.admin_url}/__admin/subscriptions/default", Host=host)[1])
            assert about["endpoint"] == f"http://{expected}:{api_port}/soap/mktows/3_1"


def test_a_handle_needs_the_admin_port_alone():
    with mockmkto.serve(admin_port=0) as marketo, marketo.new_subscription() as mine:
        assert Client.of(mine).sync("a@example.com") == ("CREATED", 1001)
        assert mine.leads.one(Email="a@example.com").id == 1001
        assert len(marketo.leads) == 0


def test_a_port_that_is_taken_is_named_by_its_own_setting():
    from mockmkto.serving import CannotServe

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = MarketoServer(Settings(port=0, admin_port=port))
        with pytest.raises(
            CannotServe, match="choose another with --admin-port / MOCKMKTO_ADMIN_PORT, or --admin-port 0"
        ):
            server.start()


# ---------------------------------------------------------------------------------------------------------------------
# The token


def test_a_handle_shows_its_token(monkeypatch):
    monkeypatch.delenv("MOCKMKTO_ADMIN_TOKEN", raising=False)
    with serving(admin_token=TOKEN) as server:
        with mockmkto.connect(server.url, token=TOKEN) as marketo:
            assert len(marketo.leads) == 0
        with pytest.raises(ControlError, match="--admin-token") as refused:
            mockmkto.connect(server.url)
        assert refused.value.status == 401
        monkeypatch.setenv("MOCKMKTO_ADMIN_TOKEN", TOKEN)
        with mockmkto.connect(server.url) as marketo:
            assert len(marketo.leads) == 0
        with pytest.raises(ControlError):
            mockmkto.connect(server.url, token="another")


def test_serve_hands_out_a_handle_that_has_the_token(monkeypatch):
    monkeypatch.setenv("MOCKMKTO_ADMIN_TOKEN", "of something else")
    with mockmkto.serve(admin_token=TOKEN) as marketo:
        assert len(marketo.leads) == 0
    with mockmkto.serve() as marketo:
        assert len(marketo.leads) == 0


def test_the_server_loads_and_answers_its_own_call_when_nobody_may_change_anything():
    with serving(fixture=("demo",), read_only_admin=True, admin_token=TOKEN) as server:
        assert answers(server)
        with mockmkto.connect(server.url, token=TOKEN) as marketo:
            assert marketo.leads.one(Email="next@example.com")
            with pytest.raises(ControlError, match="read-only-admin") as refused:
                marketo.reset()
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"host": "0.0.0.0"}, "read and change everything"),
        ({"host": "0.0.0.0", "read_only_admin": True}, "whoever reaches this server may read everything"),
        ({"host": "0.0.0.0", "admin_port": 0}, "whoever reaches port "),
        ({"host": "0.0.0.0", "admin_token": TOKEN}, None),
        ({"host": "127.0.0.1"}, None),
        ({"host": "localhost"}, None),
    ],
    ids=str,
)
def test_an_address_that_others_reach_without_a_token_is_warned_about(settings, says, caplog):
    with serving(**settings):
        pass
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    if says is None:
        assert warnings == []
    else:
        (warning,) = warnings
        assert says in warning
        assert "Set --admin-token / MOCKMKTO_ADMIN_TOKEN, or listen on 127.0.0.1." in warning


# ---------------------------------------------------------------------------------------------------------------------
# Secrets


def test_no_secret_is_ever_logged(caplog, tmp_path):
    for logger in (None, "sqlalchemy", "mockmkto"):
        caplog.set_level(logging.DEBUG, logger)
    given, made, changed = "given-secret-key-1", "made-secret-key-2", "changed-secret-key-3"
    secrets = {given, made, changed, TOKEN}
    settings = {"credential": (("given", given),), "admin_token": TOKEN, "data_dir": tmp_path / "data"}
    for user in ("one", "two"):  # a new data dir, and one that is there
        with serving(**settings) as server, mockmkto.connect(server.url, token=TOKEN) as marketo:
            secrets.add(marketo.new_subscription().encryption_key)
            api = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
            credentials = f"{server.url}/__admin/credentials"
            assert ask(credentials, json.dumps({"user_id": user, "encryption_keys": [made]}).encode(), **api)[0] == 201
            change = urllib.request.Request(
                f"{credentials}/{user}", json.dumps({"encryption_keys": [changed]}).encode(), api, method="PUT"
            )
            urllib.request.urlopen(change, timeout=10).close()
            assert ask(credentials, json.dumps({"user_id": user, "encryption_keys": [made]}).encode(), **api)[0] == 409
            assert Client(server.endpoint, "given", given).sync("a@example.com")
            with pytest.raises(MarketoFault):
                Client(server.endpoint, "given", "wrong").sync("a@example.com")
            # the key in place of the signature, the token where it does not belong
            before, _, rest = Client(server.endpoint, "given", "x").envelope("<p/>").partition("<requestSignature>")
            ask(server.endpoint, f"{before}<requestSignature>{given}<{rest.partition('<')[2]}".encode())
            ask(f"{server.url}/__admin/state", Authorization=f"Bearer {TOKEN}x")
            assert ask(f"{server.url}/__admin/state", Authorization=f"Bearer {TOKEN}")[0] == 200
            marketo.snapshot("before")
            marketo.reset()
    assert "syncLead" in caplog.text  # something was logged at all
    logged = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    for secret in secrets:
        assert secret not in logged


# ---------------------------------------------------------------------------------------------------------------------
# Clients that mean no good


def stalled(server: MarketoServer, begun: bytes) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(begun)
    return connection


POST = b"POST /soap/mktows/3_1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n"
HALVES = [
    b"",
    b"POST /soap/mktows/3_1 HTTP/1.1\r\nHost",
    POST + b"Content-Length: 1000\r\n\r\n<half",
    POST + b"Transfer-Encoding: chunked\r\n\r\n10\r\n<half",
    b"POST /__admin/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
]


@pytest.mark.parametrize("begun", HALVES, ids=["silent", "head", "body", "chunk", "control API"])
def test_a_dozen_stalled_clients_delay_nobody(begun):
    with serving() as server, ExitStack() as open_connections:
        for _ in range(24):
            open_connections.enter_context(stalled(server, begun))
        assert answers(server)


@pytest.mark.parametrize("begun", HALVES[1:], ids=["head", "body", "chunk", "control API"])
def test_a_stalled_client_is_cut_off(begun):
    with serving(request_timeout=0.2) as server, stalled(server, begun) as connection:
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answers(server)


def test_a_huge_body_is_413_and_the_next_call_is_answered():
    with serving(max_body=100_000) as server:
        assert ask(server.endpoint, b"x" * 20_000_000)[0] == 413
        assert ask(f"{server.url}/__admin/explain-signature", b"x" * 20_000_000)[0] == 413
        with stalled(server, POST + b"Content-Length: 999999999999\r\n\r\n") as connection:
            assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert answers(server)


def test_a_huge_head_is_431_and_the_next_call_is_answered():
    with serving() as server:
        with stalled(server, b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000) as connection:
            assert connection.recv(65536).startswith(b"HTTP/1.1 431 ")
        assert answers(server)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 1_000_000,
        b"<a>" * 1_000_000 + b"</a>" * 1_000_000,
        b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>" + b"<a>" * 1_000_000,
        b"<a " + b" ".join(b"x%d=''" % n for n in range(200_000)) + b"/>",
        b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'>"
        + b"".join(b"<!ENTITY %c '%b'>" % (n + 1, b"&%c;" % n * 10) for n in range(98, 110))
        + b"]><a>&n;</a>",
    ],
    ids=["a million deep", "and closed", "in an envelope", "attributes", "entities"],
)
def test_xml_that_is_too_much_is_refused_and_the_next_call_is_answered(body):
    with serving() as server:
        assert ask(server.endpoint, body)[0] == 500
        assert answers(server)


def test_a_million_deep_json_or_yaml_is_refused_and_the_next_call_is_answered():
    with serving() as server:
        for body, kind in ((b"[" * 1_000_000, "application/json"), (b"{a: " * 20_000, "application/yaml")):
            request = urllib.request.Request(f"{server.url}/__admin/state", body, {"Content-Type": kind}, method="PUT")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=60)
            with refused.value as error:
                assert error.code == 400
        assert answers(server)


@pytest.mark.parametrize("begun", [b"", HALVES[2]], ids=["silent", "half a request"])
def test_a_flood_of_connections_does_not_shut_the_next_call_out(begun, monkeypatch):
    monkeypatch.setattr(lines, "STALLED", 0)
    with serving(max_connections=50) as server, ExitStack() as open_connections:
        for _ in range(150):
            open_connections.enter_context(stalled(server, begun))
        for _ in range(3):
            assert answers(server)


def test_beyond_the_limit_the_connection_that_was_idle_the_longest_is_closed():
    with HttpServer(hello, max_connections=3) as server:
        clients = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(4)]
        sockets = []
        for number, client in enumerate(clients, 1):
            client.request("GET", "/")
            assert client.getresponse().read() == b"hello"
            sockets.append(client.sock)
            while len(server._loop._lines.idle) < min(number, 3):  # its answer is here before it is idle
                pass
        assert sockets[0].recv(1) == b""
        assert server.connections == 3
        for client, sock in zip(clients[1:], sockets[1:], strict=True):
            client.request("GET", "/")
            assert client.getresponse().read() == b"hello"
            assert client.sock is sock
        for client in clients:
            client.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the limits of POSIX")
def test_a_hundred_idle_connections_shut_nobody_out_where_only_64_files_may_be_open():
    command = ["sh", "-c", 'ulimit -n 64; exec "$0" -m mockmkto serve --port 0 --log-format json', sys.executable]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process, ExitStack() as stack:
        ready = json.loads(process.stdout.readline())
        port = int(ready["url"].rpartition(":")[2])
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        client = Client(ready["endpoint"], DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)
        for _ in range(3):
            assert client.sync("next@example.com")[1] > 0
        assert ask(f"{ready['url']}/__admin/subscriptions")[0] == 200
        process.terminate()
        _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err


def test_where_no_more_files_can_be_opened_the_longest_idle_connection_is_closed(monkeypatch):
    with HttpServer(hello) as server:
        first = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        first.request("GET", "/")
        first.getresponse().read()
        room = []
        accept = socket.socket.accept

        def full(listener):
            if not room and server.connections:
                raise OSError(errno.EMFILE, "too many open files")
            room.append(True)
            return accept(listener)

        monkeypatch.setattr(socket.socket, "accept", full)
        other = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        other.request("GET", "/")
        assert other.getresponse().read() == b"hello"
        assert first.sock.recv(1) == b""
        other.close()
        first.close()


def test_when_every_connection_is_being_answered_a_new_one_is_told_so():
    entered, may_answer = threading.Semaphore(0), threading.Event()

    def waits(environ, start_response):
        entered.release()
        assert may_answer.wait(10)
        return hello(environ, start_response)

    with HttpServer(waits, max_connections=1, threads=1) as server, ExitStack() as stack:
        busy = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(2)]
        for client in busy:
            stack.callback(client.close)
            client.request("GET", "/")
            assert entered.acquire(timeout=10)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as more:
            assert more.recv(65536).startswith(b"HTTP/1.1 503 ")
        may_answer.set()
        assert [client.getresponse().status for client in busy] == [200, 200]


def hello(environ, start_response):
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


def test_nobody_there_is_still_a_sentence_with_a_token():
    with pytest.raises(UnreachableError):
        mockmkto.connect("http://127.0.0.1:1", token=TOKEN)
