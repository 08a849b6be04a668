"""What all tests share: hypothesis profiles, and the promise of docs/fidelity.md."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["pytester"]  # the plugin's own tests run sessions

ROOT = Path(__file__).parent.parent

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


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


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fidelity") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FidelityPage(), "fidelity-page")
