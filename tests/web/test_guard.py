"""The admin token and the read-only control API: who may see and change what is not the API itself."""

from __future__ import annotations

import re

import pytest
from support import Marketo
from werkzeug.test import Client, TestResponse

from mockmkto.web import app
from mockmkto.web.app import create_app
from mockmkto.web.guard import Guard
from mockmkto.web.sides import admin_side, api_side
from mockmkto.web.site import Site

TOKEN = "a-token-of-ours"
RIGHT = {"Authorization": f"Bearer {TOKEN}"}


def client(token: str | None = None, *, read_only: bool = False, authority: bytes | None = b"PEM") -> Client:
    marketo = Marketo()
    site = Site(marketo.server, marketo.registry, guard=Guard(token, read_only), authority=authority)
    site.ready.set()
    made = Client(create_app(site))
    made.marketo = marketo  # keeps it alive
    return made


def is_unauthorized(response: TestResponse) -> bool:
    if response.status_code != 401:
        return False
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="mockmkto"'
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 401
    assert "--admin-token" in response.json["detail"]
    return True


# ---------------------------------------------------------------------------------------------------------------------
# The token


@pytest.mark.parametrize("path", ["/__admin/health", "/__admin/state", "/__admin", "/__admin/nothing", "/metrics"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Bearer {TOKEN[:-1]}"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer \xe9"},
    ],
    ids=["none", "empty", "longer", "shorter", "another scheme", "no scheme", "not ASCII"],
)
def test_without_the_right_token_it_is_401(path, headers):
    assert is_unauthorized(client(TOKEN).get(path, headers=headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_no_method_goes_round_the_token(method):
    guarded = client(TOKEN)
    assert is_unauthorized(guarded.open("/__admin/leads", method=method, data=b"{}"))
    assert is_unauthorized(guarded.open("/__admin/calls/wait", method=method, data=b"{}"))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_with_the_token_everything_is_as_without_one(scheme):
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    guarded = client(TOKEN)
    assert guarded.get("/__admin/health", headers=headers).json["status"] == "ready"
    assert guarded.get("/metrics", headers=headers).status_code == 200
    assert guarded.post("/__admin/reset", headers=headers).status_code == 204


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/soap/mktows/3_1", "/soap/mktows/3_1?WSDL", "/__admin/tls/ca.pem"]
)
def test_api_probes_and_authority_ask_for_nothing(path):
    assert client(TOKEN).get(path).status_code == 200


def spellings():
    """Every route, as it can be spelt otherwise."""
    routes = [(method, path) for path, methods, _ in app.ROUTES for method in methods]
    routes += [(method, f"/__admin{path}") for method, path in (line.split() for line in app.CONTROL_API)]
    routes += [tuple(line.split()) for line in app.CONSOLE]
    for method, path in routes:
        path = re.sub(r"<int:\w+>|\{\w+\}", "1", path).replace("<version>", "3_1").replace("<subscription>", "default")
        for spelt in (path, f"{path}/", f"/{path}", path.replace("/", "//"), path.upper(), f"{path}/."):
            yield method, re.sub(r"<\w+>", "x", spelt)


OPEN = re.compile("/+((SOAP|soap)(/.*)?|(livez|readyz)/?|__admin/tls/ca.pem|login/?|static/.*)")
NO_PAGE = re.compile("/+(s|login|logout|proof|subscriptions)/.*")  # of the console, which says so on a page


def test_no_spelling_of_a_route_goes_round_the_token():
    guarded = client(TOKEN)
    for method, path in spellings():
        response = guarded.open(method=method, environ_overrides={"PATH_INFO": path})
        asked_for = response.status_code in (401, 403) or response.headers.get("Location", "").startswith("/login")
        asked_for |= response.status_code in (404, 405) and NO_PAGE.fullmatch(path) is not None
        assert asked_for or OPEN.fullmatch(path), f"{method} {path}: {response.status}"


@pytest.mark.parametrize("probe", ["/livez", "/livez/", "//livez", "/readyz", "/readyz/"])
def test_a_probe_is_on_every_port_and_asks_for_nothing(probe):
    guarded = client(TOKEN)
    for side in (api_side, admin_side):
        assert Client(side(guarded.application)).get(environ_overrides={"PATH_INFO": probe}).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/__admin/health", "//__admin/health", "//"])
def test_what_has_a_port_of_its_own_is_on_no_other(path):
    assert Client(api_side(client().application)).get(environ_overrides={"PATH_INFO": path}).status_code == 404


@pytest.mark.parametrize("path", ["/soap/mktows/3_1", "//soap/mktows/3_1", "/soap/mktows/3_1/"])
def test_the_api_is_not_at_the_port_of_the_control_api(path):
    assert Client(admin_side(client().application)).get(environ_overrides={"PATH_INFO": path}).status_code == 404


def test_a_path_that_only_looks_like_the_public_one_is_not_public():
    for path in ("/__admin/tls/ca.pem/", "/__admin/tls/../state", "/__admin/tls/ca.pem/x"):
        assert client(TOKEN).get(path).status_code != 200


def test_calls_are_answered_whatever_the_token():
    assert client(TOKEN).post("/soap/mktows/3_1", data=b"<x/>").status_code == 500  # the stack's own fault


def test_without_a_token_nobody_is_asked():
    assert client().get("/__admin/health").status_code == 200
    assert client().get("/__admin/health", headers=RIGHT).status_code == 200


def test_the_token_is_compared_in_constant_time(monkeypatch):
    compared = []

    def compare(given, wanted):
        compared.append((given, wanted))
        return given == wanted

    monkeypatch.setattr("mockmkto.web.guard.hmac.compare_digest", compare)
    client(TOKEN).get("/__admin/health", headers={"Authorization": "Bearer wrong"})
    assert compared == [(b"wrong", TOKEN.encode())]


def test_the_token_is_in_no_repr():
    assert TOKEN not in repr(Guard(TOKEN))


# ---------------------------------------------------------------------------------------------------------------------
# Read-only


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/__admin/reset"),
        ("POST", "/__admin/subscriptions"),
        ("DELETE", "/__admin/subscriptions/default"),
        ("PUT", "/__admin/state"),
        ("POST", "/__admin/leads"),
        ("PATCH", "/__admin/leads/1"),
        ("POST", "/__admin/faults"),
        ("POST", "/__admin/clock/freeze"),
        ("DELETE", "/__admin/calls"),
        ("PUT", "/__admin/switches"),
        ("POST", "/anything/of/the/console"),
    ],
)
def test_read_only_refuses_what_would_change_something(method, path):
    response = client(read_only=True).open(path, method=method, data=b"{}")
    assert (response.status_code, response.content_type) == (403, "application/problem+json")
    assert response.json["detail"] == (
        f"{method} {path} would change something, and this server was started with --read-only-admin."
    )


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/__admin/state", "/__admin/leads", "/__admin/calls", "/metrics"])
def test_read_only_shows_everything(method, path):
    assert client(read_only=True).open(path, method=method).status_code == 200


def test_read_only_lets_pass_what_changes_nothing():
    reader = client(read_only=True)
    assert reader.post("/__admin/explain-signature", json={"text": "<x/>"}).status_code != 403
    assert reader.post("/__admin/calls/wait", json={"count": 0}).status_code != 403


def test_every_route_that_is_called_harmless_is_there():
    from mockmkto.web import guard

    routes = {"/__admin" + line.split()[1] for line in app.CONTROL_API if line.startswith("POST")}
    assert {path for path in guard._HARMLESS if path.startswith("/__admin")} <= routes


def test_read_only_does_not_concern_the_api():
    reader = client(read_only=True)
    assert reader.post("/soap/mktows/3_1", data=b"<x/>").status_code == 500


def test_the_token_is_asked_for_before_anything_is_said_about_read_only():
    assert is_unauthorized(client(TOKEN, read_only=True).post("/__admin/reset"))
    assert client(TOKEN, read_only=True).post("/__admin/reset", headers=RIGHT).status_code == 403


def test_without_tls_there_is_no_authority():
    response = client(authority=None).get("/__admin/tls/ca.pem")
    assert (response.status_code, response.content_type) == (404, "application/problem+json")
