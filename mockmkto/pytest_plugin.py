"""Fixtures for pytest: a server for the session, and in every test a subscription of its own.

Nothing but pytest is imported here before a test asks for a fixture.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockmkto.sandbox import Sandbox
    from mockmkto.sandbox.asynchronous import AsyncHandle
    from mockmkto.sandbox.proofs import Program, Proven

_VARIABLE = "MOCKMKTO_URL"
_STRICT = "mockmkto_strict"
_MARKER = (
    "mockmkto(fixture=None, frozen=None, workspaces=None, credential=None, client=None, intercept=False, strict=None, "
    "**switches): "
    "the subscription of a test that uses the fixture `mockmkto`: its world, the time at which its clock stands still, "
    "whether it has workspaces, who may call ('USER:KEY', over REST 'ID:SECRET'), whether the vendor's own host names "
    "lead to it, whether calls that the test did not expect to go wrong fail it, its switches."
)
_WORDS = ("fixture", "frozen", "workspaces", "credential", "client", "intercept", "strict")
_FIXTURES = ("mockmkto", "mockmkto_module", "mockmkto_session")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a server runs already; without any of these, one is started in this process."""
    group = parser.getgroup("mockmkto")
    text = "use the mockmkto that runs at this address, instead of one in this process"
    group.addoption("--mockmkto-url", metavar="URL", help=f"{text} [{_VARIABLE}; ini: mockmkto_url]")
    parser.addini("mockmkto_url", text, default="")
    strict = "fail a test whose calls carried warnings or faults that it did not expect"
    group.addoption("--mockmkto-strict", action="store_true", help=f"{strict} [ini: {_STRICT}]")
    parser.addini(_STRICT, strict, type="bool", default=False)


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
    settings = dict(mockmkto_settings)
    if "fixture" in settings:
        given = settings["fixture"]
        listed = given if isinstance(given, (list, tuple)) else [given]
        settings["fixture"] = [_placed(item, request) for item in listed if item is not None]
    with connect(url) if url else serve(**settings) as sandbox:
        yield sandbox


@pytest.fixture
def mockmkto(
    request: pytest.FixtureRequest, mockmkto_server: Sandbox, mockmkto_settings: Mapping[str, object]
) -> Iterator[Sandbox]:
    """A Marketo of the test's own: a new subscription, made from the fixture, and deleted afterwards."""
    yield from _made(request, mockmkto_server, mockmkto_settings)


@pytest.fixture(scope="module")
def mockmkto_module(
    request: pytest.FixtureRequest, mockmkto_server: Sandbox, mockmkto_settings: Mapping[str, object]
) -> Iterator[Sandbox]:
    """A Marketo that the tests of a module share; the module's own marker says what it is made from."""
    yield from _made(request, mockmkto_server, mockmkto_settings)


@pytest.fixture(scope="session")
def mockmkto_session(
    request: pytest.FixtureRequest, mockmkto_server: Sandbox, mockmkto_settings: Mapping[str, object]
) -> Iterator[Sandbox]:
    """A Marketo that all tests of a session share, of one worker where there are several."""
    yield from _made(request, mockmkto_server, mockmkto_settings)


@pytest.fixture
def mockmkto_async(mockmkto: Sandbox) -> AsyncHandle:
    """The same Marketo as `mockmkto`, for tests that run in an event loop: what asks the server is awaited."""
    from mockmkto.sandbox.asynchronous import AsyncHandle

    return AsyncHandle(mockmkto)


@pytest.fixture
def mockmkto_proof(
    request: pytest.FixtureRequest, mockmkto_server: Sandbox, mockmkto_settings: Mapping[str, object]
) -> Iterator[Callable[..., Proven]]:
    """`mockmkto_proof(old=..., new=..., fixture=...)`: whether two programs leave the same Marketo behind.

    Each is a function that is given the handle of a subscription of its own; both begin as the fixture, on a clock that
    stands still at the same moment. The result says what differs; its `assert_same()` fails where that is unexplained.
    """
    from contextlib import ExitStack

    from mockmkto.sandbox.proofs import prove

    with ExitStack() as until:

        def proof(*, old: Program, new: Program, fixture: object = None, **asked: Any) -> Proven:
            world = _placed(fixture or _first(mockmkto_settings.get("fixture")), request)
            return prove(mockmkto_server, until, old, new, world, **asked)

        yield proof


def _made(request: pytest.FixtureRequest, server: Sandbox, settings: Mapping[str, object]) -> Iterator[Sandbox]:
    """A subscription for as long as a fixture lives; what it cannot be made from is said without our frames."""
    from mockmkto.settings import SWITCHES

    wanted: dict[str, Any] = {"fixture": _first(settings.get("fixture"))}
    wanted |= {item.name: settings[item.name] for item in SWITCHES if item.name in settings}
    for marker in reversed(list(request.node.iter_markers("mockmkto"))):  # the nearest one has the last word
        _check(marker, [*_WORDS, *(item.name for item in SWITCHES)])
        wanted.update(marker.kwargs)
    wanted.pop("strict", None)  # for the hook below
    intercept = wanted.pop("intercept", False)
    try:
        made = server.new_subscription(_placed(wanted.pop("fixture"), request), **wanted)
    except (RuntimeError, TypeError, ValueError, OSError) as error:
        pytest.fail(f"mockmkto cannot make the subscription of this test: {error}", pytrace=False)
    with made as sandbox, sandbox.intercept() if intercept else nullcontext():
        yield sandbox


def _check(marker: pytest.Mark, known: Sequence[str]) -> None:
    if marker.args:
        pytest.fail(f"@pytest.mark.mockmkto takes names and values: {_MARKER}", pytrace=False)
    for word in marker.kwargs:
        if word not in known:
            import difflib  # only for a mistake

            near = difflib.get_close_matches(word, known, n=1)
            meant = f": did you mean {near[0]!r}?" if near else f". It takes {', '.join(known)}."
            pytest.fail(f"@pytest.mark.mockmkto takes no {word!r}{meant}", pytrace=False)


def _first(fixture: object) -> object:
    return (fixture[0] if fixture else None) if isinstance(fixture, (list, tuple)) else fixture


def _placed(fixture: Any, request: pytest.FixtureRequest) -> Any:
    """A file's path: beside the test's own file, else from the rootdir on, else from where pytest was started."""
    if not isinstance(fixture, (str, os.PathLike)):
        return fixture
    path = Path(fixture)
    is_file = isinstance(fixture, os.PathLike) or len(path.parts) > 1 or path.suffix in (".yaml", ".yml", ".json")
    if not is_file or path.is_absolute():
        return fixture
    beside = getattr(request.node, "path", None)  # a session has no file, and its path is the rootdir
    folders = [
        *([beside.parent if beside.is_file() else beside] if beside else []),
        request.config.rootpath,
        Path.cwd(),
    ]
    found = next((folder / path for folder in folders if (folder / path).is_file()), None)
    if found is None:
        looked = ", ".join(dict.fromkeys(map(str, folders)))
        pytest.fail(f"mockmkto: there is no fixture file {os.fspath(fixture)}; looked in {looked}", pytrace=False)
    return found


def _sandboxes(item: pytest.Item) -> list[Any]:
    found = [getattr(item, "funcargs", {}).get(name) for name in _FIXTURES]
    return [sandbox for sandbox in found if hasattr(sandbox, "journal")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fails a test that would pass, in strict mode, when its calls went wrong in a way that it did not expect."""
    __tracebackhide__ = True
    yield
    sandboxes = _sandboxes(item)
    if not sandboxes:
        return
    strict = item.config.getoption("--mockmkto-strict") or item.config.getini(_STRICT)
    for marker in reversed(list(item.iter_markers("mockmkto"))):
        strict = strict if marker.kwargs.get("strict") is None else marker.kwargs["strict"]
    if strict:
        for sandbox in sandboxes:
            try:
                sandbox.calls.assert_no_surprise()
            except AssertionError as error:
                pytest.fail(str(error), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attaches the journal to the report of a failed test, while there is one."""
    report = yield
    if report.failed and report.when != "teardown":
        for sandbox in _sandboxes(item):
            try:
                text = sandbox.journal()
            except Exception as error:  # noqa: BLE001  # a report must not fail because of what it would like to say
                text = f"the journal cannot be read: {error}"
            report.sections.append(("mockmkto calls", text))
    return report
