"""What all tests share: hypothesis profiles, and the promise of docs/fidelity.md."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import databases
import hypothesis
import pytest

pytest_plugins = ["pytester"]  # the plugin's own tests run sessions

ROOT = Path(__file__).parent.parent

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("local", deadline=None)
# On the second and third Python the same properties are looked at with fewer examples.
hypothesis.settings.register_profile("few", parent=hypothesis.settings.get_profile("ci"), max_examples=20)
FEW = os.environ.get("PROPERTY_EXAMPLES") == "few"
hypothesis.settings.load_profile("few" if FEW else "ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """`mockmkto serve` takes the log over, as a process may; a test in this process gives it back."""
    logger = logging.getLogger("mockmkto")
    handlers, level, propagate = list(logger.handlers), logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = handlers, propagate
    logger.setLevel(level)


_TEST = re.compile(r"`(tests/[^`]+::[^`]+)`")


def fidelity_rows() -> dict[str, str]:
    """Every test that docs/fidelity.md names, with the row that names it."""
    rows = {}
    for line in (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8").splitlines():
        for test in _TEST.findall(line):
            rows.setdefault(test, line)
    return rows


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fidelity", action="store_true", help="fail unless every row of docs/fidelity.md has a test that passed"
    )
    parser.addoption(
        "--postgresql", action="store_true", help="run the tests of the store, the engine and the control API on it"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    kinds = ("postgresql",) if databases.on_postgresql else ("memory", "file")
    if "place" in metafunc.fixturenames:
        metafunc.parametrize("place", kinds, indirect=True)
    if "lasting" in metafunc.fixturenames:
        metafunc.parametrize("lasting", [kind for kind in kinds if kind != "memory"], indirect=True)


@pytest.fixture
def place(request, tmp_path) -> databases.Place:
    """Where a test has a sandbox: in memory and in files, or in PostgreSQL."""
    return databases.Place(request.param, tmp_path)


@pytest.fixture
def lasting(request, tmp_path) -> databases.Place:
    """Where a test has a sandbox that outlives the server: in files, or in PostgreSQL."""
    return databases.Place(request.param, tmp_path)


@pytest.fixture(autouse=True)
def empty_postgresql() -> Iterator[None]:
    """What a test has left in PostgreSQL is gone with it."""
    yield
    databases.POOL.take_all_back()


@pytest.fixture(scope="session")
def postgresql() -> str:
    """Where a PostgreSQL is. Tests that need one are skipped by their name where there is none."""
    try:
        return databases.database_url()
    except databases.NoPostgresError as error:
        if os.environ.get("MOCKMKTO_POSTGRES_REQUIRED"):
            raise
        pytest.skip(str(error))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is said of SQLite's files, its plans and its locks is not asked of PostgreSQL."""
    if databases.on_postgresql:
        alone = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]


class FidelityPage:
    """Sees every outcome; in the end a row without a passing test fails the run."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.not_passed: set[str] = set()
        self.broken: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.split("[")[0]
        if report.when == "call" and report.passed:
            self.passed.update((name, report.nodeid))
        elif report.failed or report.skipped:
            self.not_passed.update((name, report.nodeid))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.broken = [
            f"{test}: {'did not pass' if test in self.not_passed else 'was not run'}\n    {row}"
            for test, row in fidelity_rows().items()
            if test not in self.passed or test in self.not_passed
        ]
        if self.broken:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.broken:
            terminalreporter.section("rows of docs/fidelity.md without a passing test", red=True)
            terminalreporter.write("\n".join(self.broken) + "\n")


def pytest_unconfigure() -> None:
    databases.POOL.close()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: of SQLite alone; with --postgresql it is skipped")
    databases.on_postgresql = config.getoption("--postgresql")
    if databases.on_postgresql and not hasattr(config, "workerinput"):
        try:
            databases.find_postgresql()
        except databases.NoPostgresError as error:
            if os.environ.get("MOCKMKTO_POSTGRES_REQUIRED"):
                raise pytest.UsageError(str(error)) from None
            pytest.exit(f"{error}. Nothing was tested on it.", returncode=0)
    if config.getoption("--fidelity") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FidelityPage(), "fidelity-page")
