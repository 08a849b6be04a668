"""The relay: what a program asks of the vendor's hosts reaches the server, and nothing else goes anywhere."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading

import pytest

from mockmkto.intercept import Relay, is_vendors
from mockmkto.intercept.hosts import host_and_port, wildcards
from mockmkto.intercept.relay import server_at
from mockmkto.serving import HttpServer
from mockmkto.serving.authority import own_certificate

HOST = "123-ABC-456.mktoapi.com"


def echo(environ, start_response):
    """Says what came: method, path, Host, scheme and body."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    said = [
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"] + "?" + environ["QUERY_STRING"],
        environ["HTTP_HOST"],
        environ["HTTP_X_FORWARDED_PROTO"],
        str(len(body)),
    ]
    answer = "\n".join(said).encode() + b"\n" + body[:10]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return own_certificate(tmp_path_factory.mktemp("tls"), wildcards(["mkto.internal.example"]))


@pytest.fixture(scope="module")
def relay(certificate):
    with HttpServer(echo) as server, Relay(server_at(server.url), certificate.files, is_vendors) as relay:
        yield relay


@pytest.fixture(scope="module")
def trusting(certificate):
    return ssl.create_default_context(cadata=certificate.authority.decode())


def through_proxy(relay, trusting, host, port=443):
    connection = http.client.HTTPSConnection("127.0.0.1", relay.proxy_port, context=trusting, timeout=10)
    connection.set_tunnel(host, port)
    return connection


@pytest.mark.parametrize("host", [HOST, "na-x.marketo.com", "APP.marketo.com", "123-abc-456.mktorest.com"])
def test_a_tunnel_to_a_host_of_the_vendors_ends_at_the_server(relay, trusting, host):
    connection = through_proxy(relay, trusting, host)
    connection.request("POST", "/soap/mktows/2_9?a=b", b"x" * 200_000, {"Host": host})
    answer = connection.getresponse()
    lines = answer.read().decode().split("\n")
    connection.close()
    assert answer.status == 200
    assert lines == ["POST", "/soap/mktows/2_9?a=b", host, "https", "200000", "x" * 10]


def test_the_certificate_is_for_the_host_that_was_asked(relay, trusting):
    where = ("127.0.0.1", relay.tls_port)
    with (
        socket.create_connection(where, timeout=10) as plain,
        trusting.wrap_socket(plain, server_hostname=HOST) as secure,
    ):
        secure.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert secure.recv(15) == b"HTTP/1.1 200 OK"
    with socket.create_connection(where, timeout=10) as plain, pytest.raises(ssl.SSLCertVerificationError):
        trusting.wrap_socket(plain, server_hostname="www.example.com")


def test_a_target_in_plain_http_is_passed_on(relay):
    connection = http.client.HTTPConnection("127.0.0.1", relay.proxy_port, timeout=10)
    connection.request("GET", "http://app.marketo.com/soap/mktows/2_0?WSDL", headers={"Host": "app.marketo.com"})
    lines = connection.getresponse().read().decode().split("\n")
    connection.close()
    assert lines == ["GET", "/soap/mktows/2_0?WSDL", "app.marketo.com", "http", "0", ""]


@pytest.mark.parametrize(
    "host", ["example.com", "mktoapi.com.example.com", "notmktoapi.com", "marketo.com", "127.0.0.1"]
)
def test_another_host_is_refused_with_a_sentence(relay, host):
    before = relay.refused[f"{host}:443"]
    with socket.create_connection(("127.0.0.1", relay.proxy_port), timeout=10) as client:
        client.sendall(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(4096), b"")).decode()
    assert answer.startswith("HTTP/1.1 403 Forbidden\r\n")
    assert "mockmkto answers the vendor's hosts alone (*.mktoapi.com, *.mktorest.com" in answer
    assert f"lets nothing out to {host}." in answer
    assert relay.refused[f"{host}:443"] == before + 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET http://example.com/ HTTP/1.1\r\n\r\n", b"403"),
        (b"GET http://user:word@example.com/ HTTP/1.1\r\n\r\n", b"403"),
        (b"GET / HTTP/1.1\r\nHost: 123-ABC-456.mktoapi.com\r\n\r\n", b"400"),
        (b"CONNECT 123-ABC-456.mktoapi.com:x HTTP/1.1\r\n\r\n", b"400"),
        (b"GET ftp://app.marketo.com/ HTTP/1.1\r\n\r\n", b"400"),
        (b"\x16\x03\x01 what\r\n\r\n", b"400"),
        (b"GET http://app.marketo.com/ HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
    ],
)
def test_what_is_no_request_to_a_host_of_the_vendors_goes_nowhere(relay, request_, status):
    with socket.create_connection(("127.0.0.1", relay.proxy_port), timeout=10) as client:
        client.sendall(request_)
        client.settimeout(10)
        assert client.recv(12) == b"HTTP/1.1 " + status


def test_a_server_that_is_not_there_is_said(certificate, trusting):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Relay(server_at(url), certificate.files, is_vendors) as relay:
        connection = through_proxy(relay, trusting, HOST)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.read()[:46]) == (502, b"The server of mockmkto cannot be reached: [Err")
        connection.close()


def test_many_programs_at_once(relay, trusting):
    seen: list[bytes] = []

    def ask():
        connection = through_proxy(relay, trusting, HOST)
        connection.request("POST", "/", b"y" * 70_000)
        seen.append(connection.getresponse().read())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.split(b"\n")[4] for answer in seen] == [b"70000"] * 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example:80", ("a.example", 80)),
        ("a.example", ("a.example", 443)),
        ("[::1]:8", ("::1", 8)),
        ("[::1]", ("::1", 443)),
    ],
)
def test_host_and_port_are_told_apart(text, expected):
    assert host_and_port(text, 443) == expected


def test_further_hosts_may_be_answered():
    assert is_vendors("Mkto.Internal.Example", ["mkto.internal.example"])
    assert not is_vendors("internal.example", ["mkto.internal.example"])
    assert is_vendors("app.marketo.com.")
