"""The control API in process: a subscription from a fixture, and a client that says what it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support import Marketo
from werkzeug.test import Client, TestResponse

from mockmkto.web.app import create_app
from mockmkto.web.site import Site


class Api:
    """Asks the control API; every answer that is not what is expected fails with what was answered."""

    def __init__(self, marketo: Marketo, **site) -> None:
        self.marketo = marketo
        self.site = Site(marketo.server, marketo.registry, **site)
        self.site.ready.set()
        self.client = Client(create_app(self.site))
        self.asked: set[tuple[str, str]] = set()

    def ask(self, method: str, path: str, body=None, *, expect: int = 200, **options) -> TestResponse:
        self.asked.add((method, path.partition("?")[0]))
        if body is not None:
            options["json"] = body
        answer = self.client.open(f"/__admin{path}", method=method, **options)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        if expect == 204:
            assert answer.data == b""
        return answer

    def get(self, path: str, **options):
        return self.ask("GET", path, **options).get_json()

    def post(self, path: str, body=None, expect: int = 201):
        return self.ask("POST", path, body, expect=expect).get_json(silent=True)

    def put(self, path: str, body=None, expect: int = 200):
        return self.ask("PUT", path, body, expect=expect).get_json(silent=True)

    def patch(self, path: str, body=None, expect: int = 200):
        return self.ask("PATCH", path, body, expect=expect).get_json(silent=True)

    def delete(self, path: str, expect: int = 204):
        return self.ask("DELETE", path, expect=expect).get_json(silent=True)

    def problem(self, method: str, path: str, body=None, *, status: int = 400, **options) -> list[tuple[str, str, str]]:
        """A problem document, as RFC 9457 has it: where, what was expected, what came."""
        answer = self.ask(method, path, body, expect=status, **options)
        assert answer.content_type == "application/problem+json"
        problem = answer.get_json()
        assert problem["status"] == status
        assert problem["type"] == "about:blank"
        assert problem["title"]
        assert problem["detail"]
        return [(item["where"], item["expected"], item["got"]) for item in problem["errors"]]


@pytest.fixture
def make_api() -> Iterator[Callable[..., Api]]:
    made = []

    def make(fixture: str = "{}", **site) -> Api:
        made.append(Api(Marketo(fixture), **site))
        return made[-1]

    yield make
    for api in made:
        api.marketo.registry.close()


@pytest.fixture
def api(make_api) -> Api:
    """An empty subscription, with the clock of the tests."""
    return make_api()
