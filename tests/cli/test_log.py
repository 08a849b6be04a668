"""The log on stderr: no line is lost that somebody reads, and nobody waits for one that is not read."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from plain_client import Client

from mockmkto.cli import log
from mockmkto.cli.log import LineHandler, log_to_stderr
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID

LINE = "x" * 999
GAP = re.compile("([0-9]+) lines were dropped: nobody read them")


class Pipe:
    """A pipe, and a handler that writes into it."""

    def __init__(self) -> None:
        reads, writes = os.pipe()
        self.reader = os.fdopen(reads, encoding="utf-8")
        self.writer = os.fdopen(writes, "w", encoding="utf-8")
        self.handler = LineHandler(self.writer)

    def say(self, text: str) -> None:
        self.handler.handle(logging.LogRecord("mockmkto.calls", logging.INFO, "", 0, "%s", (text,), None))

    def end(self) -> list[str]:
        """Every line, once the handler is closed."""
        lines: list[str] = []
        reading = threading.Thread(target=lambda: lines.extend(self.reader))
        reading.start()
        self.handler.close()
        self.handler._thread.join(10)
        self.writer.close()
        reading.join()
        return [line.rstrip("\n") for line in lines]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.writer.close()
    made.reader.close()


def test_no_line_is_lost_and_each_thread_keeps_its_order(pipe):
    def say(who: int) -> None:
        for number in range(1000):
            pipe.say(f"{who} {number} {LINE[:100]}")

    threads = [threading.Thread(target=say, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line.split()[:2] for line in pipe.end()]
    for who in range(8):
        assert [int(number) for name, number in lines if name == str(who)] == list(range(1000))


def said(lines: list[str]) -> int:
    """How many lines were said, as those that are there and the gaps between them tell; every gap is in its place."""
    number = 0
    for line in lines:
        gap = GAP.match(line)
        assert gap or int(line.split()[0]) == number
        number += int(gap[1]) if gap else 1
    return number


def test_lines_that_nobody_reads_are_dropped_and_counted_and_nobody_waits_for_them(pipe, monkeypatch):
    monkeypatch.setattr(log, "MOST_HELD", 100_000)
    for number in range(5000):  # 5 MB
        pipe.say(f"{number:03} {LINE}")
    lines = pipe.end()
    assert 60 < len(lines) < 1000
    assert said(lines) == 5000


def test_once_somebody_reads_again_the_log_goes_on(pipe, monkeypatch):
    monkeypatch.setattr(log, "MOST_HELD", 100_000)
    for number in range(1000):
        pipe.say(f"{number:03} {LINE}")
    lines: list[str] = []
    while said(lines) < 1000:  # behind the last gap, of which there may be several
        lines.append(pipe.reader.readline())
    pipe.say(f"1000 {LINE}")
    lines += pipe.end()
    assert said(lines) == 1001
    assert lines[-1].startswith("1000 ")


def test_the_end_waits_for_the_last_lines_but_not_for_ever(pipe, monkeypatch):
    monkeypatch.setattr(log, "LAST_LINES", 0.05)
    for _ in range(200):
        pipe.say(LINE)
    started = time.perf_counter()
    pipe.handler.close()
    assert time.perf_counter() - started < 1
    assert len(pipe.end()) == 200


def test_a_stream_that_is_no_file_has_every_line(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with log_to_stderr(as_json=True):
        logging.getLogger("mockmkto.serving").warning("so it is: %s", "ü")
    said = json.loads(sys.stderr.getvalue())
    assert said == {"level": "warning", "logger": "mockmkto.serving", "message": "so it is: ü"}


def test_a_reader_that_is_gone_is_nobodys_trouble(pipe):
    pipe.reader.close()
    for _ in range(3):
        pipe.say(LINE)
    pipe.handler.close()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_server_whose_stderr_nobody_reads_answers_and_ends(spawn):
    process = spawn("serve", "--port", "0", "--log-format", "json")
    ready = json.loads(process.stdout.readline())
    client = Client(ready["endpoint"], DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)
    ignored = f"<{'x' * 1000}/>"
    for _ in range(150):  # each with a warning that is 1 kB long, of which a pipe holds 64
        client.call(
            f"<m:paramsSyncLead><leadRecord><Email>ann@example.com</Email>{ignored}</leadRecord></m:paramsSyncLead>"
        )
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert re.match(r'\{"at"', process.stderr.readline())
