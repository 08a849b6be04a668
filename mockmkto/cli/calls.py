"""`mockmkto calls`: the journal of a subscription, and what comes while one watches."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from mockmkto.calls.log import text_line
from mockmkto.cli.control import ControlClient, add_where
from mockmkto.cli.parser import DONE, Failure, wrong_usage
from mockmkto.clock import sleep
from mockmkto.model import Call
from mockmkto.telling import describe

__all__ = ["configure", "run"]

MOST = 1000
_PAUSE = 0.2  # seconds, where it cannot be waited for
_WAIT = 30.0  # seconds of one question for what is new


def configure(parser: argparse.ArgumentParser) -> None:
    """Which calls, and how they are shown."""
    parser.usage = "mockmkto calls [SEARCH ...] [options]"
    parser.description = (
        "Shows the last calls of a subscription, the newest last, a line each as the server logs them.\n\n"
        "  mockmkto calls op:syncLead status:CREATED since:5m\n"
        "  mockmkto calls --follow warning:*"
    )
    parser.add_argument("search", metavar="SEARCH", nargs="*", help="what to look for; docs/search.md has the language")
    parser.add_argument("--last", metavar="N", default="20", help=f"how many at most, 1 to {MOST} [default: 20]")
    parser.add_argument("--follow", action="store_true", help="go on with each new call, until Ctrl-C")
    parser.add_argument("--explain", action="store_true", help="with what was sent, and why it was answered so")
    parser.add_argument("--json", action="store_true", help="an object a line, as the control API has it")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Prints the calls.

    Raises:
        Failure: the search cannot be read, or the server cannot be asked.
    """
    if not (args.last.isascii() and args.last.isdigit() and 1 <= int(args.last) <= MOST):
        raise wrong_usage(f"--last: expected a number, 1 to {MOST}, got {args.last!r}.")
    client, search = ControlClient.of(args, environ), " ".join(args.search)
    found = client.tell("GET", "/calls", search=search, limit=args.last)
    _show(found["calls"], args)
    if not args.follow:
        return DONE
    last, total = max((call["sequence"] for call in found["calls"]), default=0), found["total"]
    while True:
        try:
            client.tell("POST", "/calls/wait", {"search": search, "count": total + 1, "timeout": _WAIT})
        except Failure:  # none came in time: whether the server is still there, the next question says
            sleep(_PAUSE)
        found = client.tell("GET", "/calls", search=search, limit=str(MOST))
        if found["total"] < total:  # the journal was emptied
            last = 0
        new = [call for call in found["calls"] if call["sequence"] > last]
        _show(new, args)
        last, total = max([last, *(call["sequence"] for call in new)]), found["total"]


def _show(calls: list[dict[str, Any]], args: argparse.Namespace) -> None:
    for item in reversed(calls):
        if args.json:
            print(json.dumps(item), flush=True)
            continue
        call = msgspec.convert({**item, "request": b"", "response": b""}, type=Call)
        print(text_line(call), flush=True)
        if args.explain:
            print("".join(f"  {line}\n" for line in describe(call)[1:]), end="", flush=True)
