"""Fixtures for pytest: a server for the session, and in every test a subscription of its own.

Nothing but pytest is imported here before a test asks for a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockmkto.sandbox import Sandbox

_VARIABLE = "MOCKMKTO_URL"
_MARKER = (
    "mockmkto(fixture=None, frozen=None, workspaces=None, credential=None, intercept=False, **switches): the "
    "subscription of a test that uses the fixture `mockmkto`: its world, the time at which its clock stands still, "
    "whether it has workspaces, who may call ('USER:KEY'), whether the vendor's own host names lead to it, its "
    "switches."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a server runs already; without any of these, one is started in this process."""
    group = parser.getgroup("mockmkto")
    text = "use the mockmkto that runs at this address, instead of one in this process"
    group.addoption("--mockmkto-url", metavar="URL", help=f"{text} [{_VARIABLE}; ini: mockmkto_url]")
    parser.addini("mockmkto_url", text, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def mockmkto_settings() -> Mapping[str, object]:
    """The settings of the session's server, as `mockmkto.serve` takes them; override it to change them.

    Its `fixture` (the first, if there are several) and its switches are also what each test's subscription is made
    from, on a server that runs elsewhere, too.
    """
    return {}


@pytest.fixture(scope="session")
def mockmkto_server(request: pytest.FixtureRequest, mockmkto_settings: Mapping[str, object]) -> Iterator[Sandbox]:
    """The session's server, as a handle on `default`: one server per worker, or the one that runs already."""
    from mockmkto.sandbox import connect, serve

    config = request.config
    url = config.getoption("--mockmkto-url") or os.environ.get(_VARIABLE) or config.getini("mockmkto_url")
    with connect(url) if url else serve(**mockmkto_settings) as sandbox:
        yield sandbox


@pytest.fixture
def mockmkto(
    request: pytest.FixtureRequest, mockmkto_server: Sandbox, mockmkto_settings: Mapping[str, object]
) -> Iterator[Sandbox]:
    """A Marketo of the test's own: a new subscription, made from the fixture, and deleted afterwards."""
    from mockmkto.settings import SWITCHES

    wanted: dict[str, Any] = {"fixture": _first(mockmkto_settings.get("fixture"))}
    wanted |= {item.name: mockmkto_settings[item.name] for item in SWITCHES if item.name in mockmkto_settings}
    for marker in reversed(list(request.node.iter_markers("mockmkto"))):  # the nearest one has the last word
        if marker.args:
            raise pytest.UsageError(f"@pytest.mark.mockmkto takes names and values: {_MARKER}")
        wanted.update(marker.kwargs)
    intercept = wanted.pop("intercept", False)
    with (
        mockmkto_server.new_subscription(wanted.pop("fixture"), **wanted) as sandbox,
        sandbox.intercept() if intercept else nullcontext(),
    ):
        yield sandbox


def _first(fixture: object) -> object:
    return (fixture[0] if fixture else None) if isinstance(fixture, (list, tuple)) else fixture


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attaches the journal to the report of a failed test, while there is one."""
    report = yield
    sandbox: Any = getattr(item, "funcargs", {}).get("mockmkto")
    if report.failed and report.when != "teardown" and hasattr(sandbox, "journal"):
        try:
            text = sandbox.journal()
        except Exception as error:  # noqa: BLE001  # a report must not fail because of what it would like to say
            text = f"the journal cannot be read: {error}"
        report.sections.append(("mockmkto calls", text))
    return report
