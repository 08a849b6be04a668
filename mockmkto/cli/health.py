"""`mockmkto health`: is a server there, and is it ready. Quick to start, for container health checks."""

from __future__ import annotations

import argparse
import math
import ssl
import time
from collections.abc import Mapping

from mockmkto.cli.http import Answer, Server, given_url, trust
from mockmkto.cli.parser import DONE, Failure, nobody_there, wrong_usage
from mockmkto.clock import stopwatch

__all__ = ["configure", "run"]

NOT_READY = 1
TIMEOUT = 5.0  # seconds for one answer
PAUSE = 0.05  # seconds between two questions of --wait


def configure(parser: argparse.ArgumentParser) -> None:
    """Where, and how long to wait."""
    parser.description = (
        "Asks a server whether it is ready, and prints 'ready' when it is. A certificate is not checked.\n\n"
        "Exit codes: 0 ready, 1 alive but not ready yet, 3 nobody there."
    )
    parser.add_argument(
        "--url", metavar="URL", help="where the server is [MOCKMKTO_URL; default: this machine, MOCKMKTO_PORT or 6586]"
    )
    parser.add_argument("--wait", metavar="SECONDS", type=_seconds, default=0.0, help="keep asking for so long")


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Asks until the server is ready or the time is up.

    Raises:
        Failure: it is not ready (1), or nobody is there (3).
    """
    server = Server.at(given_url(args.url, environ))
    # As probes do it: what is asked is whether it lives, and it holds a certificate for other names than this one.
    tls = trust(None, insecure=True) if server.scheme == "https" else None
    end = stopwatch() + args.wait
    while True:
        patience = max(PAUSE, min(TIMEOUT, end - stopwatch())) if args.wait else TIMEOUT
        failure = _ask(server, tls, patience)
        if failure is None:
            print("ready")
            return DONE
        left = end - stopwatch()
        if left <= 0:
            raise failure
        time.sleep(min(PAUSE, left))


def _ask(server: Server, tls: ssl.SSLContext | None, timeout: float) -> Failure | None:
    """What keeps the server from being ready, `None` when it is."""
    try:
        answer = server.ask("GET", "/readyz", tls=tls, timeout=timeout)
    except Failure as failure:
        return failure
    if answer.status == 200 and answer.body.strip() == b"ready":
        return None
    return _not_ready(server, answer)


def _not_ready(server: Server, answer: Answer) -> Failure:
    if answer.status == 503:
        return Failure(f"the server at {server.url} is alive, but not ready yet.", NOT_READY)
    return nobody_there(f"{server.url} is no mockmkto: it answers /readyz with HTTP {answer.status}.")


def _seconds(text: str) -> float:
    try:
        seconds = float(text.removesuffix("s"))
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise wrong_usage(f"--wait: expected a number of seconds, got {text!r}.")
    return seconds
