"""Without a token: a browser's pages are not let in, and whoever asks by a name that somebody else could own."""

from __future__ import annotations

import http.client
from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from support import Marketo
from werkzeug.test import Client, TestResponse

from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.web.app import create_app
from mockmkto.web.guard import Guard
from mockmkto.web.origins import Origins, TrustedProxies
from mockmkto.web.site import Site

SMALL = "leads: [{Id: 1, Email: ann@example.com}]"


def client(token: str | None = None, **origins) -> Client:
    marketo = Marketo(SMALL)
    site = Site(marketo.server, marketo.registry, guard=Guard(token, origins=Origins(**origins)), authority=b"PEM")
    site.ready.set()
    made = Client(create_app(site))
    made.marketo = marketo
    return made


def is_refused(response: TestResponse) -> bool:
    if response.status_code != 403:
        return False
    assert "--allowed-host" in response.text
    assert "MOCKMKTO_ADMIN_TOKEN" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    return True


def test_a_page_elsewhere_cannot_reset_what_is_here():
    asked = client()
    plain = {"Origin": "http://attacker.example", "Content-Type": "text/plain"}
    assert is_refused(asked.post("/__admin/reset", data=b"{}", headers=plain))
    with asked.marketo.database.transaction() as session:
        assert session.next_lead_id == 2  # and nothing happened


GUARDED = (
    "/__admin/credentials",
    "/__admin/state",
    "/__admin",
    "/",
    "/s/default/",
    "/static/x/y",
    "/login",
    "/nothing",
)


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:3000"},  # another server of this machine
        {"Origin": "chrome-extension://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "Cross-Site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Host": "attacker.example"},
        {"Host": "attacker.example:6586"},
        {"Host": "127.0.0.1.attacker.example"},
        {"Host": "[::1].attacker.example"},
        {"Host": "localhost, attacker.example"},
        {"Host": "localhost@attacker.example"},
        {"Host": "localhost", "X-Forwarded-Host": "attacker.example"},  # through a proxy of this machine
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_page_elsewhere_has_a_browser_ask_is_refused(method, headers, path):
    assert is_refused(client().open(path, method=method, headers=headers))


@pytest.mark.parametrize("path", ["/__admin/health", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        {"Host": "localhost:6586"},
        {"Host": "LOCALHOST."},
        {"Host": "app.localhost"},
        {"Host": "127.0.0.1:6586"},
        {"Host": "192.168.3.4"},
        {"Host": "[::1]:6586"},
        {"Host": "mockmkto:6586"},  # a service of a composition
        {"Host": "host.docker.internal"},
        {"Host": "mkto:6586", "Origin": "http://mkto:6586", "Sec-Fetch-Site": "same-origin"},
        {"Host": "localhost", "Origin": "http://localhost:80"},
        {"Host": "localhost", "Origin": "https://localhost"},  # behind something that speaks https
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},  # a form of a page that sends no referrer
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},  # a link
    ],
    ids=str,
)
def test_the_servers_own_pages_and_programs_are_let_in(headers, path):
    assert client().get(path, headers=headers).status_code in (200, 303)


def test_a_link_only_looks():
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert is_refused(client().post("/__admin/reset", headers=link))  # a form that sends itself


NAMED = {"allowed": ("mkto.example.com", "*.team.example"), "public_url": "https://public.example:8443/mkto"}


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({"Host": "mkto.example.com"}, True),
        ({"Host": "MKTO.example.com:1"}, True),
        ({"Host": "a.team.example"}, True),
        ({"Host": "public.example:8443"}, True),
        ({"Host": "public.example"}, True),
        ({"Host": "example.com"}, False),
        ({"Host": "x.mkto.example.com"}, False),
        ({"Host": "team.example"}, False),
        ({"Host": "steam.example"}, False),
        ({"Origin": "https://mkto.example.com"}, True),
        ({"Origin": "https://public.example:8443"}, True),
        ({"Origin": "https://public.example:8444"}, False),
        ({"Origin": "https://example.com"}, False),
    ],
    ids=str,
)
def test_what_was_given_is_let_in_and_nothing_like_it(headers, let_in):
    response = client(**NAMED).get("/__admin/health", headers=headers)
    assert response.status_code == 200 if let_in else is_refused(response)


@pytest.mark.parametrize("path", ["/soap/mktows/3_1", "/livez", "/readyz", "/metrics", "/__admin/tls/ca.pem"])
def test_the_api_the_probes_and_the_metrics_ask_nobody_who_they_are(path):
    assert client().get(path, headers={"Host": "na-x.marketo.com", "Origin": "http://a.example"}).status_code == 200


def test_with_a_token_it_is_the_token_that_is_asked_for():
    headers = {"Authorization": "Bearer t", "Host": "mkto.example.com", "Origin": "http://tools.example"}
    assert client("t").get("/__admin/health", headers=headers).status_code == 200


@pytest.mark.parametrize("host", ['"><script>.example', "a" * 5000 + ".example", "ä.example"])
def test_a_name_that_is_none_is_not_repeated(host):
    response = client().get("/", headers={"Host": host})
    assert is_refused(response)
    assert response.content_type == "text/plain; charset=utf-8"
    assert host not in response.text


# ---------------------------------------------------------------------------------------------------------------------
# Whose X-Forwarded headers count


@pytest.mark.parametrize(
    ("given", "address", "counts"),
    [
        ((), "127.0.0.1", True),
        ((), "127.9.9.9", True),
        ((), "::1", True),
        ((), "::ffff:127.0.0.1", True),
        ((), "10.0.0.7", False),
        ((), "fe80::1%eth0", False),
        ((), "somewhere", False),
        (("10.0.0.0/8",), "10.0.0.7", True),
        (("10.0.0.0/8",), "::ffff:10.0.0.7", True),
        (("10.0.0.0/8",), "127.0.0.1", False),
        (("fe80::/10",), "fe80::1%eth0", True),
    ],
)
def test_forwarded_headers_count_from_a_trusted_proxy_alone(given, address, counts):
    proxies = TrustedProxies(tuple(map(ip_network, given))) if given else TrustedProxies()
    told = {"X-Forwarded-Host": "out.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/a"}
    wsdl = client(proxies=proxies).get(
        "/soap/mktows/3_1?WSDL", headers={"Host": "in", **told}, environ_overrides={"REMOTE_ADDR": address}
    )
    assert (b'location="https://out.example/a/soap/' in wsdl.data) == counts
    assert (b'location="http://in/soap/' in wsdl.data) != counts


def test_the_settings_reach_the_guard():
    settings = Settings(port=0, allowed_host=("mkto.example.com",), trusted_proxy=(ip_network("10.0.0.0/8"),))
    with MarketoServer(settings) as server:
        assert status(server.url, {"Host": "mkto.example.com"}) == 200
        assert status(server.url, {"Host": "attacker.example"}) == 403
        assert status(server.url, {"X-Forwarded-Host": "attacker.example"}) == 200  # nobody's proxy


def status(url: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", "/__admin/health", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()
