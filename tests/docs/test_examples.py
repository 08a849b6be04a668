"""Every code block of README and docs is run: programs as programs, tests as tests, commands as commands."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from plain_client import Client, retrying

import mockmkto
from mockmkto.sandbox import calls, faults, handle, leads, serving, steering
from mockmkto.search import TERMS, parse_search
from mockmkto.settings import DEFAULT_PORT

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DEADLINE = 120  # seconds

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "curl")), reason="the examples of the docs use bash and curl"
)


@dataclass(frozen=True)
class Block:
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """What a block that begins with `# test_signup.py` is called."""
        match = re.match(r"# (\S+\.py)\n", self.text)
        return match[1] if match else None


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Block(*match) for match in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


@dataclass(frozen=True)
class Shell:
    """Runs a command as a reader would, in an empty folder, with the server of the page at the port of the page."""

    folder: Path
    url: str | None = None

    def run(self, *argv: str, code: int = 0) -> str:
        environ = {name: text for name, text in os.environ.items() if not name.startswith(("MOCKMKTO_", "PYTEST_"))}
        environ |= {"PATH": f"{BIN}{os.pathsep}{environ['PATH']}", "PYTHONPATH": str(ROOT)}
        if self.url:
            environ["MOCKMKTO_URL"] = self.url
        ran = subprocess.run(
            [self.here(word) for word in argv],
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert ran.returncode == code, ran.stdout
        return ran.stdout

    def here(self, text: str) -> str:
        return text.replace(f"http://127.0.0.1:{DEFAULT_PORT}", self.url) if self.url else text

    def sh(self, text: str, code: int = 0) -> str:
        return self.run("bash", "-c", text, code=code)

    def python(self, text: str) -> str:
        return self.run(sys.executable, "-W", "error", "-c", text)


@pytest.fixture
def shell(tmp_path) -> Iterator[Shell]:
    with mockmkto.serve(fixture="demo") as server:
        yield Shell(tmp_path, server.url)


def test_readme(shell, tmp_path):
    pytest.importorskip("zeep")
    said = ""
    for block in blocks("README.md"):
        if "\ndef test_" in block.text:
            signup = next(item for item in blocks("docs/testing-with-pytest.md") if item.file == "signup.py")
            (tmp_path / "signup.py").write_text(signup.text)
            (tmp_path / "test_readme.py").write_text(block.text)
            assert "1 passed" in shell.run(sys.executable, "-m", "pytest", "-q", "test_readme.py")
        elif block.language == "python":
            said = shell.python(block.text)
            assert said.startswith("CREATED 11")
        elif block.language == "text":  # what the block before it prints, or the log of a call
            line = block.text.strip()
            assert line in said or " ms | warning: " in line, said
        elif block.text.startswith("mockmkto explain request.xml"):
            (tmp_path / "request.xml").write_text(shell.run("mockmkto", "sign", "--credential", "mockmkto:wrong"))
            assert shell.sh(block.text, code=1)
        elif block.text.startswith("mockmkto serve"):
            command = f"exec {block.text.strip().replace('--port 6587', '--port 0')}"
            process = subprocess.Popen(
                ["bash", "-c", command],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
            )
            assert process.stdout.readline().endswith(" is ready.\n")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=DEADLINE)
            assert process.returncode == 0
        elif not block.text.startswith("make "):  # the checkout is there, and the environment, too
            said = shell.sh(block.text)
            assert "Fault" not in said


def test_testing_with_pytest(tmp_path):
    """All files of the page side by side, and every command on them; the page's output is what pytest printed."""
    page = blocks("docs/testing-with-pytest.md")
    shell = Shell(tmp_path)
    for block in page:
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n")
    tests = [block.file for block in page if block.file and block.file.startswith("test_")]
    passing = [file for file in tests if file != "test_failing.py"]
    assert " passed" in shell.run(sys.executable, "-m", "pytest", "-q", *passing)
    failed = shell.run(sys.executable, "-m", "pytest", "test_failing.py", code=1)
    for block in page:
        if block.language == "text":
            printed = [line.rstrip() for line in failed.splitlines()]
            assert "\n".join(line.rstrip() for line in block.text.splitlines()) in "\n".join(printed), failed
        elif block.language == "sh":
            assert " passed" in shell.sh(block.text)
        elif not block.file:
            shell.python(block.text)


def test_control_api(shell):
    for block in blocks("docs/control-api.md"):
        for line in block.text.splitlines():
            assert '"errors"' not in shell.sh(line), line


def test_other_languages(tmp_path):
    shell = Shell(tmp_path)
    for block in blocks("docs/other-languages.md"):
        if block.language == "python":
            (tmp_path / "program.py").write_text(block.text, encoding="utf-8")
            shell.run("mockmkto", "exec", "--", sys.executable, "program.py")
        else:
            shell.sh(block.text)


class App:
    """What the examples of docstrings test."""

    def __init__(self, marketo) -> None:
        self.client = Client.of(marketo)
        self.marketo = marketo

    def sync_all(self) -> None:
        retrying(lambda: self.client.sync("ann@example.com", FirstName="Ann"))
        marketo = self.marketo
        query = {
            "grant_type": "client_credentials",
            "client_id": marketo.client_id,
            "client_secret": marketo.client_secret,
        }
        with urlopen(f"{marketo.identity_endpoint}/oauth/token?{urlencode(query)}") as answer:
            token = json.load(answer)["access_token"]
        body = json.dumps({"input": [{"email": "ben@example.com", "firstName": "Ann"}]}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        urlopen(Request(f"{marketo.rest_endpoint}/v1/leads.json", body, headers)).close()

    def delete_everything(self) -> None:
        for lead in self.marketo.leads:
            self.marketo.leads.delete(lead)


DOCUMENTED = [
    *(leads.Leads, calls.Calls, faults.Faults, steering.Clock, steering.Limits, steering.Switches),
    *(handle.Sandbox.snapshot, serving.serve),
]


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda item: item.__qualname__)
def test_the_examples_of_the_handle(documented):
    (example,) = re.findall(r"```python\n(.*?)```", inspect.cleandoc(documented.__doc__), re.DOTALL)
    with mockmkto.serve() as marketo:
        app = App(marketo)
        if documented is calls.Calls:
            app.sync_all()
        exec(example, {"marketo": marketo, "app": app})


def test_the_searches_of_the_page_can_be_read():
    page = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
    searches = [kind.example for kind in TERMS] + [block.text for block in blocks("docs/search.md")]
    searches += [text for text in re.findall(r"`([^`]+)`", page) if re.match(r'-?\w+:\S|"', text)]
    assert len(searches) > len(TERMS)
    with mockmkto.serve() as marketo:
        now = marketo.clock.now
        for search in searches:
            assert parse_search(search, now).terms
            marketo.calls.assert_none(search)
