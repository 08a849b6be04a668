from __future__ import annotations

import contextlib
import gc
import http.client
import itertools
import json
import logging
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from mockmkto.serving import CannotServe, HttpServer, TlsFiles, workers
from mockmkto.serving.answers import Reply
from mockmkto.serving.connection import Connection
from mockmkto.serving.requests import SLICE, Bounds, Parser, Request

PATIENCE = 0.2  # seconds, of the servers whose patience is tried
LARGEST = 2_000_000  # bytes of a body


class App:
    """Answers with what it was asked, as JSON; some paths do something else."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.may_answer = threading.Event()
        self.calls = 0

    def __call__(self, environ, start_response):
        self.calls += 1
        path = environ["PATH_INFO"]
        body = environ["wsgi.input"]
        if path == "/echo":
            sent = body.read()
        elif path == "/limited":
            sent = body.read(11)
            if len(sent) > 10 or int(environ.get("CONTENT_LENGTH") or 0) > 10:
                start_response("413 Content Too Large", [("Content-Type", "text/plain")])
                return [b"too large"]
        elif path == "/lines":
            sent = b"|".join([body.readline(4), *body])
        elif path == "/waits":
            self.entered.set()
            assert self.may_answer.wait(10)
            sent = b"waited" + body.read()
        elif path == "/streams":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return iter([b"one,", b"", b"two"])
        elif path == "/empty":
            start_response("204 No Content", [])
            return []
        elif path == "/breaks":
            raise OSError("the disk is full")
        elif path == "/breaks-late":
            start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "8")])
            return self.break_late()
        elif path == "/exits":
            raise SystemExit(3)
        elif path == "/short":
            start_response("200 OK", [("Content-Length", "10")])
            return [b"short"]
        elif path == "/environ":
            keys = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SERVER_PORT", "SERVER_PROTOCOL", "wsgi.url_scheme")
            keys += ("REMOTE_ADDR", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST", "HTTP_SOAPACTION", "HTTP_ACCEPT")
            sent = json.dumps({key: environ.get(key) for key in keys}).encode()
        else:
            sent = b"hello"
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(sent)))])
        return [sent]

    @staticmethod
    def break_late() -> Iterator[bytes]:
        yield b"half"
        raise LookupError("in the middle")


class Client:
    """A raw connection that reads answers."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket = context.wrap_socket(raw, server_hostname="localhost") if context else raw
        self.file = self.socket.makefile("rb")

    def send(self, *pieces: bytes) -> None:
        self.socket.sendall(b"".join(pieces))

    def read_answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline().decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = b""
        if not has_body or status in (100, 204):
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(self.file.readline(), 16):
                body += self.file.read(size)
                self.file.readline()
            self.file.readline()
        elif "content-length" in headers:
            body = self.file.read(int(headers["content-length"]))
        else:
            body = self.file.read()
        return status, headers, body

    def ask(self, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
        self.send(*pieces)
        return self.read_answer()

    def is_closed(self) -> bool:
        """Whether the server has ended the connection properly: nothing more to read, and no reset."""
        return self.file.read(1) == b""

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


GET = b"GET /hello HTTP/1.1\r\nHost: here\r\n\r\n"


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post_chunked(path: str, *chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return f"POST {path} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body + end


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def server(app: App) -> Iterator[HttpServer]:
    with HttpServer(app, largest=lambda _: LARGEST) as running:
        yield running


@pytest.fixture
def impatient(app: App) -> Iterator[HttpServer]:
    with HttpServer(app, request_timeout=PATIENCE) as running:
        yield running


@pytest.fixture
def client(server: HttpServer) -> Iterator[Client]:
    with Client(server.port) as connected:
        yield connected


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_files(authority: trustme.CA, tmp_path: Path) -> TlsFiles:
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    files = TlsFiles(tmp_path / "cert.pem", tmp_path / "key.pem")
    files.certificate.write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    files.private_key.write_bytes(certificate.private_key_pem.bytes())
    return files


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


# Starting and stopping


def test_port_0_takes_a_free_port_and_says_which(server):
    assert server.port > 0
    assert server.url == f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:6586"), ("::", "http://[::1]:6586"), ("box.test", "http://box.test:6586")],
)
def test_the_url_is_one_that_a_client_can_use(app, host, url):
    assert HttpServer(app, host, 6586).url == url


def test_it_answers_as_soon_as_start_returns(app):
    server = HttpServer(app)
    server.start()
    try:
        with Client(server.port) as client:
            assert client.ask(GET)[2] == b"hello"
    finally:
        server.stop()


def test_start_and_stop_may_be_called_again(app):
    server = HttpServer(app)
    server.stop()
    server.start()
    server.start()
    server.stop()
    server.stop()
    with server, Client(server.port) as client:
        assert client.ask(GET)[0] == 200


def test_a_port_is_free_again_after_stop(app):
    with HttpServer(app) as first, Client(first.port) as client:
        client.ask(GET)
    with HttpServer(app, port=first.port) as second, Client(second.port) as client:
        assert client.ask(GET)[0] == 200


def test_a_port_in_use_is_reported_with_the_setting_to_change(app, server):
    with pytest.raises(CannotServe) as caught:
        HttpServer(app, port=server.port).start()
    assert str(caught.value) == (
        f"port {server.port} on 127.0.0.1 is in use:"
        " choose another with --port / MOCKMKTO_PORT, or --port 0 for any free one"
    )


@pytest.mark.parametrize(
    ("host", "port", "setting"),
    [
        ("192.0.2.1", 0, "--host / MOCKMKTO_HOST"),
        ("no such host", 0, "--host / MOCKMKTO_HOST"),
        ("127.0.0.1", 70000, "--port / MOCKMKTO_PORT"),
    ],
)
def test_an_unusable_address_is_reported_with_the_setting_to_change(app, host, port, setting):
    with pytest.raises(CannotServe, match=setting):
        HttpServer(app, host, port).start()


@pytest.mark.parametrize(("broken", "setting"), [("certificate", "--tls-cert"), ("private_key", "--tls-key")])
@pytest.mark.parametrize("content", [None, "no PEM"])
def test_an_unusable_tls_file_is_reported_with_its_setting(app, tls_files, broken, setting, content):
    path = getattr(tls_files, broken)
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(CannotServe, match=setting) as caught:
        HttpServer(app, tls=tls_files).start()
    assert str(path) in str(caught.value)


def stop_time(server: HttpServer) -> float:
    started = time.perf_counter()
    server.stop()
    return time.perf_counter() - started


def test_idle_and_silent_connections_do_not_delay_the_stop(app):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HttpServer(app))
        clients = [stack.enter_context(Client(server.port)) for _ in range(40)]
        for client in clients[:20]:
            assert client.ask(GET)[0] == 200
        assert stop_time(server) < 0.1
        assert all(client.is_closed() for client in clients[:20])


def test_a_client_in_the_middle_of_its_request_does_not_delay_the_stop_for_long(app):
    with HttpServer(app) as server, Client(server.port) as slow:
        slow.send(post("/echo", b"x" * 10)[:-3])
        with Client(server.port) as other:
            other.ask(GET)
        assert stop_time(server) < 0.5


def test_a_request_in_work_is_answered_before_stop_returns(app, server, client):
    client.send(b"GET /waits HTTP/1.1\r\nHost: here\r\n\r\n")
    assert app.entered.wait(5)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    app.may_answer.set()
    stopping.join(5)
    assert not stopping.is_alive()
    status, headers, body = client.read_answer()
    assert (status, body) == (200, b"waited")
    assert headers["connection"] == "close"


def test_stop_does_not_wait_for_ever_for_an_application(app, monkeypatch, caplog):
    monkeypatch.setattr("mockmkto.serving.server.STOP_TIMEOUT", 0.1)
    with HttpServer(app) as server, Client(server.port) as client:
        client.send(b"GET /waits HTTP/1.1\r\nHost: here\r\n\r\n")
        assert app.entered.wait(5)
        server.stop()
        assert "1 requests were still in work" in caplog.text
        app.may_answer.set()
        assert client.file.read() == b""


def test_a_hundred_servers_leave_no_thread_and_no_file_behind(app):
    def open_files() -> int:
        return len(list(proc.iterdir())) if proc.exists() else 0

    proc = Path("/proc/self/fd")
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for _ in range(100):
        with HttpServer(app) as server, Client(server.port) as idle, Client(server.port):
            assert idle.ask(GET)[0] == 200
    assert threading.active_count() <= threads
    assert open_files() <= files


def test_a_stopped_server_lets_go_of_its_application():
    class Forgettable(App):
        gone = False

        def __del__(self) -> None:
            Forgettable.gone = True

    with HttpServer(Forgettable()) as server, Client(server.port) as client:
        client.ask(GET)
    del server
    gc.collect()
    assert Forgettable.gone


SCRIPT = """
import sys
from mockmkto.serving import HttpServer, run_until_signal

def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

class Slow(HttpServer):
    def stop(self):
        print("stopping", flush=True)
        if "slow" in sys.argv:
            sys.stdin.readline()
        super().stop()

server = Slow(app)
sys.exit(run_until_signal(server, ready=lambda: print(server.port, flush=True)))
"""


@pytest.fixture
def served(request) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SCRIPT, *getattr(request, "param", [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(served, number):
    with Client(int(served.stdout.readline())) as client:
        assert client.ask(GET)[0] == 200
        served.send_signal(number)
        assert served.communicate(timeout=10) == ("stopping\n", "")
    assert served.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("served", [["slow"]], indirect=True)
def test_a_second_signal_does_not_break_off_the_stop(served):
    served.stdout.readline()
    served.send_signal(signal.SIGINT)
    assert served.stdout.readline() == "stopping\n"
    served.send_signal(signal.SIGINT)
    served.send_signal(signal.SIGTERM)
    assert served.communicate("\n", timeout=10) == ("", "")
    assert served.returncode == 0


# Connections


def test_a_connection_is_kept(client, app):
    for number in range(5):
        status, headers, body = client.ask(post("/echo", b"%d" % number))
        assert (status, body) == (200, b"%d" % number)
        assert "connection" not in headers


@pytest.mark.parametrize("value", ["close", "Close", "TE, close"])
def test_connection_close_is_honoured_and_echoed(client, value):
    _, headers, body = client.ask(post("/echo", b"bye", f"Connection: {value}"))
    assert (headers["connection"], body) == ("close", b"bye")
    assert client.is_closed()


def test_http_1_0_closes(client):
    status, headers, body = client.ask(b"GET /hello HTTP/1.0\r\n\r\n")
    assert (status, headers["connection"], body) == (200, "close", b"hello")
    assert client.is_closed()


@pytest.mark.parametrize("value", [b"keep-alive", b"Keep-Alive"])
def test_http_1_0_keeps_the_connection_if_asked(client, value):
    request = b"GET /hello HTTP/1.0\r\nConnection: %b\r\n\r\n" % value
    for _ in range(2):
        _, headers, body = client.ask(request)
        assert (headers["connection"], body) == ("keep-alive", b"hello")


def test_http_1_0_gets_a_stream_of_unknown_length_up_to_the_close(client):
    _, headers, body = client.ask(b"GET /streams HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert (headers["connection"], body) == ("close", b"one,two")


def test_a_stream_of_unknown_length_goes_out_in_chunks(client):
    _, headers, body = client.ask(b"GET /streams HTTP/1.1\r\nHost: here\r\n\r\n")
    assert (headers["transfer-encoding"], body) == ("chunked", b"one,two")
    assert client.ask(GET)[2] == b"hello"


@pytest.mark.parametrize(("path", "length"), [("/hello", "5"), ("/limited", "0")])
def test_head_is_answered_without_a_body(client, path, length):
    client.send(f"HEAD {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    status, headers, _ = client.read_answer(has_body=False)
    assert (status, headers["content-length"]) == (200, length)
    assert client.ask(GET)[2] == b"hello"


def test_no_content_has_no_body_and_no_length(client):
    status, headers, _ = client.ask(b"DELETE /empty HTTP/1.1\r\nHost: here\r\n\r\n")
    assert status == 204
    assert not headers.keys() & {"content-length", "transfer-encoding"}
    assert client.ask(GET)[2] == b"hello"


def test_requests_in_a_row_are_answered_in_order(client):
    client.send(*(post("/echo", b"%d" % number) for number in range(20)))
    assert [client.read_answer()[2] for _ in range(20)] == [b"%d" % number for number in range(20)]


def test_an_answer_goes_out_in_one_write(client, monkeypatch):
    writes: list[bytes] = []
    send = Connection.send
    monkeypatch.setattr(Connection, "send", lambda to, data: (writes.append(data), send(to, data))[1])
    for path in ("/echo", "/hello", "/empty"):
        client.ask(post(path, b"x" * 1000))
    assert len(writes) == 3


def test_the_server_does_not_name_its_parts(client):
    assert client.ask(GET)[1]["server"] == "mockmkto"


def test_three_hundred_connections_are_all_kept_and_served(server):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(server.port)) for _ in range(300)]
        for _ in range(2):
            for client in clients:
                client.send(GET)
            assert {client.read_answer()[2] for client in clients} == {b"hello"}


@pytest.mark.parametrize("silent", [12, 100])
def test_silent_connections_delay_nobody(app, silent):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HttpServer(app, threads=2))
        for _ in range(silent):
            stack.enter_context(Client(server.port))
        client = stack.enter_context(Client(server.port))
        started = time.perf_counter()
        assert client.ask(GET)[0] == 200
        assert time.perf_counter() - started < 0.5


def test_clients_that_stop_within_their_request_delay_nobody(app):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HttpServer(app, threads=2))
        for _ in range(12):
            stack.enter_context(Client(server.port)).send(GET[:-2])
        client = stack.enter_context(Client(server.port))
        started = time.perf_counter()
        assert client.ask(GET)[0] == 200
        assert time.perf_counter() - started < 2


def test_a_connection_that_is_idle_too_long_is_closed(app):
    with HttpServer(app, idle_timeout=0.05) as server, Client(server.port) as client:
        client.ask(GET)
        assert client.is_closed()


# Bodies


@pytest.mark.parametrize("size", [0, 1, 1000, 1_000_000])
def test_a_body_arrives_whole(client, size):
    body = b"0123456789" * (size // 10) + b"x" * (size % 10)
    assert client.ask(post("/echo", body))[2] == body
    assert client.ask(post_chunked("/echo", *([body] if body else [])))[2] == body


@pytest.mark.parametrize("end", [b"0\r\n\r\n", b"000;last\r\nTrailer: yes\r\nMore: too\r\n\r\n"])
def test_a_chunked_body_ends_with_its_trailers(client, end):
    assert client.ask(post_chunked("/echo", b"one, ", b"two", end=end))[2] == b"one, two"
    assert client.ask(GET)[2] == b"hello"


def test_a_body_may_come_byte_by_byte(client):
    for byte in post_chunked("/echo", b"one", b"two"):
        client.send(bytes([byte]))
    assert client.read_answer()[2] == b"onetwo"


@pytest.mark.parametrize("sizes", [(1,), (1, 2, 3000, 15, 16, 70_000, 4095, 4096)], ids=str)
def test_a_body_in_thousands_of_chunks_arrives_whole_and_the_connection_is_kept(client, sizes):
    size = itertools.cycle(sizes)
    chunks = [b"%d" % (number % 10) * next(size) for number in range(3000 if len(sizes) == 1 else 60)]
    for path, expected in (("/echo", b"".join(chunks)), ("/lines", b"".join(chunks)[:4] + b"|" + b"".join(chunks)[4:])):
        assert client.ask(post_chunked(path, *chunks), GET)[2] == expected
        assert client.read_answer()[2] == b"hello"


@pytest.mark.parametrize("send", [post, post_chunked])
def test_a_body_can_be_read_in_lines(client, send):
    assert client.ask(send("/lines", b"one two\nthree\n\nfour"))[2] == b"one |two\n|three\n|\n|four"


@pytest.mark.parametrize("send", [post, post_chunked])
def test_a_body_can_be_read_with_a_bound(client, send):
    assert client.ask(send("/limited", b"x" * 10))[::2] == (200, b"x" * 10)
    assert client.ask(send("/limited", b"x" * 11))[::2] == (413, b"too large")


def test_a_body_that_is_too_large_is_not_awaited(client):
    """The application says so: it has the length that was announced, or one byte too much."""
    announced = b"POST /limited HTTP/1.1\r\nHost: here\r\nContent-Length: 2000001\r\n\r\n"
    assert client.ask(announced)[1]["connection"] == "close"


def test_chunks_that_are_too_much_are_not_awaited(client):
    client.send(post_chunked("/limited", b"x" * (LARGEST + 1), end=b""))
    assert client.read_answer()[::2] == (413, b"too large")
    assert client.is_closed()


@pytest.mark.parametrize("send", [post, post_chunked])
@pytest.mark.parametrize("size", [LARGEST - 1, LARGEST])
def test_a_body_of_just_the_largest_size_arrives_whole(client, send, size):
    assert client.ask(send("/echo", b"x" * size))[2] == b"x" * size
    assert client.ask(GET)[0] == 200


def test_a_long_body_waits_in_a_file_and_not_in_memory(app):
    kinds = []

    def looks(environ, start_response):
        kinds.append(type(environ["wsgi.input"]).__name__)
        return app(environ, start_response)

    with HttpServer(looks) as server, Client(server.port) as client:
        for size in (1024**2, 1024**2 + 1):
            assert client.ask(post("/echo", b"x" * size))[2] == b"x" * size
    assert kinds == ["BytesIO", "BufferedRandom"]


@pytest.mark.parametrize("send", [post, post_chunked])
@pytest.mark.parametrize("size", [100, 60_000])
def test_a_small_body_that_nobody_read_does_not_become_the_next_request(client, send, size):
    _, headers, body = client.ask(send("/hello", GET * (size // len(GET))))
    assert "connection" not in headers
    assert body == b"hello"
    assert client.ask(post("/echo", b"next"))[2] == b"next"


@pytest.mark.parametrize("send", [post, post_chunked])
def test_a_large_body_that_nobody_read_ends_the_connection_and_the_client_gets_its_answer(client, send):
    status, headers, _ = client.ask(send("/limited", b"x" * 8_000_000))  # all of it is sent before the answer is read
    assert (status, headers["connection"]) == (413, "close")
    assert client.is_closed()


def test_expect_100_continue_is_answered_when_the_body_is_read(client):
    request = post("/echo", b"expected", "Expect: 100-continue")
    head, body = request[:-8], request[-8:]
    client.send(head)
    assert client.read_answer()[0] == 100
    assert client.ask(body)[::2] == (200, b"expected")


def test_a_refusal_comes_instead_of_100_continue(client):
    client.send(post("/limited", b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 2000001"))
    status, headers, _ = client.read_answer()
    assert (status, headers["connection"]) == (413, "close")
    assert client.is_closed()


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(("count", "size"), [(1, 65_000), (60, 1000), (499, 100)])
def test_a_head_of_nearly_64_kib_is_read(client, count, size, in_pieces):
    lines = b"".join(b"X%d: %b\r\n" % (number, b"x" * size) for number in range(count))
    request = b"GET /hello HTTP/1.1\r\nHost: here\r\n" + lines + b"\r\n"
    for start in range(0, len(request), 7000 if in_pieces else len(request)):
        client.send(request[start : start + 7000] if in_pieces else request)
    assert client.read_answer()[::2] == (200, b"hello")


def test_of_thousands_of_requests_in_a_row_few_are_held_ready():
    parser = Parser(Bounds(lambda _: LARGEST, lambda: LARGEST), lambda: None)
    parser.feed(GET * 1000)
    most = taken = 0
    while parser.requests:
        most = max(most, len(parser.requests))
        parser.take()
        taken += 1
    assert taken == 1000
    assert most <= SLICE / len(GET) + 1


@pytest.mark.parametrize(("clients", "kind"), [(1, "BytesIO"), (100, "BufferedRandom")])
def test_the_more_clients_there_are_the_less_of_each_body_is_held_in_memory(app, clients, kind):
    kinds = []

    def looks(environ, start_response):
        kinds.append(type(environ["wsgi.input"]).__name__)
        return app(environ, start_response)

    with HttpServer(looks) as server, contextlib.ExitStack() as stack:
        for _ in range(clients - 1):
            stack.enter_context(Client(server.port)).ask(GET)
        assert stack.enter_context(Client(server.port)).ask(post("/echo", b"x" * 500_000))[2] == b"x" * 500_000
    assert kinds[-1] == kind


# Deadlines


def keep_trickling(client: Client, byte: bytes) -> bytes:
    """Sends a byte every 20 ms until the server answers; returns the answer."""
    client.socket.settimeout(0.02)
    for _ in range(500):
        client.send(byte)
        with contextlib.suppress(TimeoutError):
            return client.socket.recv(65536)
    raise AssertionError("the server lets itself be kept busy for ten seconds")


@pytest.mark.parametrize(
    "begun",
    [
        b"P",
        GET[:-2],
        post("/echo", b"x" * 10)[:-1],
        post_chunked("/echo", b"x" * 10, end=b""),
        post_chunked("/echo", b"x" * 10, end=b"")[:-4],
    ],
    ids=["request line", "headers", "body", "between chunks", "chunk"],
)
def test_a_client_that_stalls_is_cut_off(impatient, begun):
    with Client(impatient.port) as client:
        client.send(begun)
        status, headers, body = client.read_answer()
        assert (status, headers["connection"]) == (408, "close")
        assert b"not complete after 0.2 s" in body
        assert client.is_closed()


@pytest.mark.parametrize(
    "begun", [b"GET /", GET[:-2] + b"X-Long: ", post("/echo", b"x" * 1000)[:-1000]], ids=["line", "headers", "body"]
)
def test_a_client_that_trickles_is_cut_off_too(impatient, begun):
    with Client(impatient.port) as client:
        client.send(begun)
        assert keep_trickling(client, b"x").startswith(b"HTTP/1.1 408 ")


def test_a_slow_application_costs_the_client_none_of_its_time(app, impatient):
    with Client(impatient.port) as client, Client(impatient.port) as clock:
        client.send(post("/waits", b" long"))
        assert app.entered.wait(5)
        assert clock.ask(GET[:-2])[0] == 408  # by now all patience with a client of that age would be used up
        app.may_answer.set()
        assert client.read_answer()[2] == b"waited long"


def test_a_client_that_leaves_is_no_traceback(server, caplog):
    caplog.set_level(logging.DEBUG, "mockmkto.serving")
    for sent in (b"", b"G", GET[:-2], post("/echo", b"x" * 10)[:-5], post_chunked("/echo", b"x")[:-5], GET):
        with Client(server.port) as client:
            client.send(sent)
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # leave with a reset
    with Client(server.port) as client:
        assert client.ask(GET)[0] == 200
    server.stop()
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


# What is no request, and applications that fail


def head(*lines: bytes) -> bytes:
    """A request to / of these header lines, with a Host."""
    return b"".join([b"POST / HTTP/1.1\r\nHost: here\r\n", *lines, b"\r\n"])


CHUNKED = b"POST /echo HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"hello\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: here\n\n", 400),
        (b"GET / HTTP/1.1\r\n folded: first\r\nHost: here\r\n\r\n", 400),
        (b"GET /#part HTTP/1.1\r\nHost: here\r\n\r\n", 400),
        (b"GET here HTTP/1.1\r\nHost: here\r\n\r\n", 400),
        (b"GET ftp://here/ HTTP/1.1\r\nHost: here\r\n\r\n", 400),
        (b"CONNECT here:80 HTTP/1.1\r\nHost: here\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (head(b"no header\r\n"), 400),
        (head(b"X: folded\r\n later\r\n"), 400),
        (head(b"X : spaced\r\n"), 400),
        (head(b"X\t: spaced\r\n"), 400),
        (head(b": nameless\r\n"), 400),
        (head(b"X(Y): no name\r\n"), 400),
        (head(b"X: bare\rCR\r\n"), 400),
        (head(b"X: bare\nLF: x\r\n"), 400),
        (head(b"X: a\0NUL\r\n"), 400),
        (head(b"X: " + b"x" * 300 + b"\0\r\n"), 400),
        (head(b"host: there\r\n"), 400),
        (head(b"Host: here\r\n"), 400),
        (head(b"Content-Length : 5\r\n") + b"hello", 400),
        (head(b"Content-Length: -1\r\n"), 400),
        (head(b"Content-Length: +1\r\n"), 400),
        (head(b"Content-Length: 1, 1\r\n"), 400),
        (head(b"Content-Length: 1\r\nContent-Length: 2\r\n") + b"xx", 400),
        (head(b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n") + b"0\r\n\r\n", 400),
        (head(b"Transfer-Encoding: \r\n"), 400),
        (head(b"Transfer-Encoding:\x0bchunked\r\n") + b"0\r\n\r\n", 400),
        (head(b"Transfer-Encoding: chunked\x0c\r\n") + b"0\r\n\r\n", 400),
        (head(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") + b"0\r\n\r\n", 400),
        (head(b"Transfer-Encoding: gzip, chunked\r\n") + b"0\r\n\r\n", 501),
        (head(b"Transfer-Encoding: chunked, chunked\r\n") + b"0\r\n\r\n", 400),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: here\r\n\r\n", 505),
        (head(b"X: " + b"x" * 70000 + b"\r\n"), 431),
        (head(b"X: x\r\n" * 20000), 431),
        (head(b"X: x\r\n" * 500), 431),
        (b"GET /" + b"x" * 70000, 431),
        (CHUNKED + b"zzz\r\n", 400),
        (CHUNKED + b"-1\r\n", 400),
        (CHUNKED + b"0x1\r\n", 400),
        (CHUNKED + b"3\r\nfour\r\n", 400),
        (CHUNKED + b"1" * 5000, 400),
        (CHUNKED + b"3\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3\r\r\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"\x0b3\r\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3\x0c\r\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b" 3\r\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3 \r\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3;x\none\r\n0\r\n\r\n", 400),
        (CHUNKED + b"3\r\none\n0\r\n\r\n", 400),
        (CHUNKED + b"3\r\none\r\n0\n\r\n", 400),
        (CHUNKED + b"3\r\none\r\n0\r\nT: x\n\r\n", 400),
        (CHUNKED + b"0\r\n" + b"T: x\r\n" * 200, 400),
    ],
)
def test_what_is_no_request_is_refused_in_plain_text_and_ends_the_connection(app, client, request_, status):
    answered, headers, body = client.ask(request_)
    assert answered == status
    assert headers["connection"] == "close"
    assert headers["content-type"].startswith("text/plain")
    assert b"<" not in body
    assert client.is_closed()
    assert not app.calls


def test_a_refusal_says_once_what_was_wrong(client):
    assert client.ask(b"GET / HTTP/1.1\r\n\r\n")[2] == b"HTTP/1.1 requires a Host header\n"


def test_http_1_0_needs_no_host(client):
    assert client.ask(b"GET /hello HTTP/1.0\r\n\r\n")[0] == 200


def test_what_comes_before_a_refusal_is_answered(client):
    client.send(GET, GET, b"no request\r\n\r\n")
    assert [client.read_answer()[0] for _ in range(3)] == [200, 200, 400]
    assert client.is_closed()


def test_nothing_after_the_last_request_is_answered(client, app):
    client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), GET)
    assert client.read_answer()[0] == 200
    assert client.is_closed()
    assert app.calls == 1


@pytest.mark.parametrize("together", [True, False])
def test_a_client_that_offers_http_2_is_answered_in_http_1(client, together):
    """Java's HttpClient does so with every first request."""
    offer = "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA"
    request = post("/echo", b"its body", *offer)
    client.send(request[:-8])
    if not together:
        client.socket.settimeout(0.01)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        client.socket.settimeout(10)
    client.send(request[-8:], GET)
    assert [client.read_answer()[2] for _ in range(2)] == [b"its body", b"hello"]


def test_a_header_with_an_underscore_is_not_taken_for_one_with_a_hyphen(client):
    request = b"GET /environ HTTP/1.1\r\nHost: here\r\nContent_Type: text/x\r\nAccept: a\r\nHost_: b\r\n\r\n"
    seen = json.loads(client.ask(request)[2])
    assert (seen["CONTENT_TYPE"], seen["HTTP_ACCEPT"], seen["HTTP_HOST"]) == (None, "a", "here")


def test_empty_lines_before_a_request_are_skipped(client):
    assert client.ask(b"\r\n\r\n", GET)[0] == 200
    assert client.ask(b"\r\n", GET)[0] == 200


def test_the_application_sees_the_request(server, client):
    request = (
        b'POST /envi%72on?a=%20b HTTP/1.1\r\nhost: here:1\r\nSOAPAction: ""\r\nAccept: a\r\naccept: b\r\n'
        b"Content-Type:text/xml; charset=utf-8 \t\r\nContent-Length: 0\r\n\r\n"
    )
    assert json.loads(client.ask(request)[2]) == {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/environ",
        "QUERY_STRING": "a=%20b",
        "SERVER_PORT": str(server.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "text/xml; charset=utf-8",
        "CONTENT_LENGTH": "0",
        "HTTP_HOST": "here:1",
        "HTTP_SOAPACTION": '""',
        "HTTP_ACCEPT": "a, b",
        "wsgi.url_scheme": "http",
    }


def test_a_client_may_have_us_as_its_proxy(client):
    seen = json.loads(client.ask(b"GET http://elsewhere.test/environ?x HTTP/1.1\r\nHost: wrong\r\n\r\n")[2])
    assert (seen["PATH_INFO"], seen["QUERY_STRING"], seen["HTTP_HOST"]) == ("/environ", "x", "elsewhere.test")


@pytest.mark.parametrize("path", ["/breaks", "/exits"])
def test_an_application_that_fails_is_logged_and_answered_in_plain_text(client, caplog, path):
    status, headers, body = client.ask(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
    assert (status, headers["connection"]) == (500, "close")
    assert headers["content-type"].startswith("text/plain")
    assert b"<" not in body
    assert f"the application failed at GET {path}" in caplog.text


def test_an_application_that_fails_within_its_answer_ends_the_connection_there(client, caplog):
    client.send(b"GET /breaks-late HTTP/1.1\r\nHost: here\r\n\r\n")
    assert client.file.read().endswith(b"\r\n\r\nhalf")
    assert "in the middle" in caplog.text


def test_an_answer_shorter_than_announced_ends_the_connection(client):
    client.send(b"GET /short HTTP/1.1\r\nHost: here\r\n\r\n", GET)
    assert client.file.read().endswith(b"\r\n\r\nshort")


def test_a_server_survives_an_application_that_exits(server, client):
    client.ask(b"GET /exits HTTP/1.1\r\nHost: here\r\n\r\n")
    with Client(server.port) as other:
        assert other.ask(GET)[0] == 200


# Answers at once


class Now:
    """Answers /now and counts; /fails fails; of all else it says that it would have to wait."""

    def __init__(self) -> None:
        self.threads: list[str] = []

    def __call__(self, request: Request, remote: str) -> Reply | None:
        self.threads.append(threading.current_thread().name)
        if request.path == b"/fails":
            raise LookupError("out of order")
        if request.path != b"/now":
            request.body.read()
            request.body.seek(0)
            return None
        return Reply(200, "text/plain", b"%b from %b" % (request.body.read(), remote.encode()))


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def direct(app: App, now: Now) -> Iterator[HttpServer]:
    with HttpServer(app, now=now, largest=lambda _: LARGEST, max_connections=300) as running:
        yield running


def test_what_can_be_answered_at_once_is_answered_where_it_arrived(direct, now, app):
    with Client(direct.port) as client:
        for _ in range(3):
            status, headers, body = client.ask(post("/now", b"mine"))
            assert (status, headers["content-type"], body) == (200, "text/plain", b"mine from 127.0.0.1")
            assert "connection" not in headers
    assert set(now.threads) == {f"mockmkto-http-{direct.port}"}
    assert not app.calls
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mockmkto-worker")]


def test_what_cannot_is_answered_by_a_worker_with_its_whole_body(direct, app):
    with Client(direct.port) as client:
        assert client.ask(post("/echo", b"whole"))[2] == b"whole"
        assert client.ask(post("/now", b"mine"))[2] == b"mine from 127.0.0.1"
    assert app.calls == 1


def test_both_kinds_in_a_row_are_answered_in_order(direct):
    paths = ["/now", "/echo", "/now", "/now", "/echo", "/echo", "/now"] * 5
    with Client(direct.port) as client:
        client.send(*(post(path, b"%d" % number) for number, path in enumerate(paths)))
        for number, path in enumerate(paths):
            assert client.read_answer()[2] == b"%d" % number + (b" from 127.0.0.1" if path == "/now" else b"")


def test_while_a_worker_is_held_up_what_can_be_answered_at_once_is(direct, app):
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(Client(direct.port)) for _ in range(20)]
        for client in held:
            client.send(post("/waits", b""))
        assert app.entered.wait(5)
        other = stack.enter_context(Client(direct.port))
        for _ in range(10):
            assert other.ask(post("/now", b""))[0] == 200
        app.may_answer.set()
        assert {client.read_answer()[2] for client in held} == {b"waited"}


def test_a_failure_of_what_answers_at_once_is_logged_and_answered(direct, caplog):
    with Client(direct.port) as client:
        status, headers, body = client.ask(post("/fails", b""))
        assert (status, headers["connection"], b"<" in body) == (500, "close", False)
        assert client.is_closed()
    assert "the application failed at POST /fails" in caplog.text
    with Client(direct.port) as client:
        assert client.ask(post("/now", b""))[0] == 200


def test_an_answer_at_once_keeps_to_what_the_client_speaks(direct):
    with Client(direct.port) as client:
        assert "connection" not in client.ask(b"GET /now HTTP/1.1\r\nHost: here\r\n\r\n")[1]
        client.send(b"HEAD /now HTTP/1.1\r\nHost: here\r\n\r\n")
        assert client.read_answer(has_body=False)[1]["content-length"] == "15"
        assert client.ask(b"GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")[1]["connection"] == "keep-alive"
        assert client.ask(b"GET /now HTTP/1.0\r\n\r\n")[1]["connection"] == "close"
        assert client.is_closed()


def test_a_client_that_takes_its_answer_slowly_delays_nobody(app):
    large = Reply(200, "text/plain", b"x" * 20_000_000)
    with HttpServer(app, now=lambda *_: large) as server, Client(server.port) as slow, Client(server.port) as other:
        slow.send(GET)
        other.send(GET)
        assert len(other.read_answer()[2]) == len(large.body)
        assert len(slow.read_answer()[2]) == len(large.body)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_client_that_does_not_take_its_answer_is_cut_off(app, at_once):
    large = Reply(200, "text/plain", b"x" * 20_000_000)

    def answers(environ, start_response):
        start_response("200 OK", [])
        return [large.body]

    now = (lambda *_: large) if at_once else None
    with HttpServer(answers, now=now, request_timeout=PATIENCE) as server, Client(server.port) as client:
        client.send(GET)
        with Client(server.port) as clock:
            assert clock.ask(GET[:-2])[0] == 408
        with contextlib.suppress(ConnectionResetError):
            assert len(client.file.read()) < len(large.body)


def test_as_many_threads_after_the_load_as_after_the_start(app, now, monkeypatch):
    monkeypatch.setattr(workers, "LEAVES", 0.01)
    with HttpServer(app, now=now) as server, contextlib.ExitStack() as stack:
        before = threading.active_count()
        clients = [stack.enter_context(Client(server.port)) for _ in range(30)]
        for client in clients:
            client.send(post("/waits", b""))
        assert app.entered.wait(5)
        app.may_answer.set()
        for client in clients:
            assert client.read_answer()[2] == b"waited"
        for thread in threading.enumerate():
            if thread.name.startswith("mockmkto-worker"):
                thread.join(10)
        assert threading.active_count() <= before
        assert clients[0].ask(GET)[0] == 200


# TLS


def test_https(app, tls_files, trusting):
    with HttpServer(app, tls=tls_files) as server, Client(server.port, trusting) as client:
        assert server.url == f"https://127.0.0.1:{server.port}"
        seen = json.loads(client.ask(b"GET /environ HTTP/1.1\r\nHost: here\r\n\r\n")[2])
        assert seen["wsgi.url_scheme"] == "https"
        for size in (0, 1000, 1_000_000):
            assert client.ask(post("/echo", b"x" * size))[2] == b"x" * size
        assert client.ask(post("/limited", b"x" * 12_000_000))[0] == 413
        assert client.is_closed()


@pytest.mark.parametrize("begun", [b"", b"\x16", b"\x16\x03\x01\x02"], ids=["nothing", "a byte", "the beginning"])
def test_a_client_that_makes_no_handshake_delays_nobody(app, tls_files, trusting, begun):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(HttpServer(app, tls=tls_files, threads=4))
        for _ in range(3):
            stack.enter_context(Client(server.port)).send(begun)
        started = time.perf_counter()
        assert stack.enter_context(Client(server.port, trusting)).ask(GET)[0] == 200
        assert time.perf_counter() - started < 0.5


def test_a_handshake_has_a_deadline(app, tls_files):
    with HttpServer(app, tls=tls_files, request_timeout=PATIENCE) as server, Client(server.port) as client:
        client.send(b"\x16\x03\x01\x02")
        assert client.is_closed()


def test_plain_http_on_the_https_port_is_told_so(app, tls_files):
    with HttpServer(app, tls=tls_files) as server, Client(server.port) as client:
        status, _, body = client.ask(GET)
        assert (status, body) == (400, b"this port speaks HTTPS: ask it with an https:// address\n")
        assert client.is_closed()


def test_idle_tls_connections_do_not_delay_the_stop(app, tls_files, trusting):
    with HttpServer(app, tls=tls_files) as server, Client(server.port, trusting) as client:
        client.ask(GET)
        assert stop_time(server) < 0.1
        assert client.is_closed()


@pytest.mark.parametrize("size", [1, 30_000, 1_000_000])
def test_https_answers_at_once_as_well(app, now, tls_files, trusting, size):
    with HttpServer(app, now=now, tls=tls_files) as server, Client(server.port, trusting) as client:
        for path in ("/now", "/now", "/echo", "/now"):
            assert client.ask(post(path, b"x" * size))[2].startswith(b"x" * size)
        client.send(*(post("/now", b"%d" % number) for number in range(20)))
        assert [client.read_answer()[2] for _ in range(20)] == [b"%d from 127.0.0.1" % number for number in range(20)]


# Real clients


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_the_standard_library_keeps_its_connection(app, tls_files, trusting, secure):
    make: Callable[[int], http.client.HTTPConnection] = (
        (lambda port: http.client.HTTPSConnection("localhost", port, context=trusting))
        if secure
        else (lambda port: http.client.HTTPConnection("localhost", port))
    )
    with HttpServer(app, tls=tls_files if secure else None) as server:
        connection = make(server.port)
        connection.connect()
        kept = connection.sock
        for body in (b"one", iter([b"t", b"wo"]), b""):
            connection.request("POST", "/echo", body, encode_chunked=not isinstance(body, bytes))
            connection.getresponse().read()
        assert connection.sock is kept
        connection.close()
