"""The console in process, and in a real browser: a subscription of the demo fixture for every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from console_support import DEMO, Console, Sandbox
from support import Marketo

REQUIRED = "MOCKMKTO_CONSOLE_REQUIRED"  # set: what is missing fails instead of being skipped


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(DEMO)


@pytest.fixture
def console(marketo) -> Console:
    return Console(marketo)


# ---------------------------------------------------------------------------------------------------------------------
# A real browser


def _missing(what: str) -> None:
    if os.environ.get(REQUIRED):
        pytest.fail(f"{what}: run tools/console-setup")
    pytest.skip(f"{what}: make console-test installs it")


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("playwright is not installed")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next((item for item in found if item), None)
    if path is None:
        _missing("there is no Chromium")
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        quiet.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(browser):
    from mockmkto.serving.marketo import MarketoServer
    from mockmkto.settings import Settings

    with MarketoServer(Settings(port=0, fixture=("demo",))) as running:
        yield running


@pytest.fixture
def sandbox(server) -> Iterator[Sandbox]:
    made = Sandbox(server.url)
    yield made
    made.admin("DELETE", f"/subscriptions/{made.name}", scoped=False)


@pytest.fixture(params=["light"])
def page(browser, request):
    """A page of a fresh browser profile; whatever its scripts complain about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
    context.set_default_timeout(8000)
    tab = context.new_page()
    said: list[str] = []
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    tab.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    tab.said = said
    yield tab
    context.close()
    assert [line for line in said if "the server responded with a status of 4" not in line] == []
