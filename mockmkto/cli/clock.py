"""`mockmkto clock`: what time it is in a subscription."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from mockmkto.cli.control import ControlClient, add_where
from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]

# What can be done, the body's name of what it takes, and whether it must be given.
_ACTIONS: dict[str, tuple[str, bool]] = {
    "freeze": ("at", False),
    "advance": ("by", True),
    "set": ("to", True),
    "resume": ("", False),
    "reset": ("", False),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """What to do, and to when."""
    parser.usage = "mockmkto clock [ACTION [TIME]] [options]"
    parser.description = (
        "Shows the clock of a subscription, or turns it.\n\n"
        "  mockmkto clock freeze 2026-03-14T09:26:53Z   let time stand still, there or at its own now\n"
        "  mockmkto clock advance 15m                   let time pass; -1h goes back: clock advance=-1h\n"
        "  mockmkto clock set 2026-03-14T09:26:53Z      let it be that time, and run on\n"
        "  mockmkto clock resume                        let time run on from where it stands\n"
        "  mockmkto clock reset                         this machine's time again"
    )
    parser.add_argument("action", metavar="ACTION", nargs="?", help=", ".join(_ACTIONS))
    parser.add_argument("time", metavar="TIME", nargs="?", help="a time with its offset, or an amount")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Turns the clock, and prints what it shows.

    Raises:
        Failure: there is no such action, its time is none, or the server cannot be asked.
    """
    client = ControlClient.of(args, environ)
    if args.action is None:
        print(_shown(client.tell("GET", "/clock")))
        return DONE
    action, equals, value = args.action.partition("=")
    time = value if equals else args.time
    if action not in _ACTIONS:
        raise wrong_usage(f"there is no {action!r} of a clock. There are {', '.join(_ACTIONS)}.")
    name, needed = _ACTIONS[action]
    if (needed and time is None) or (time is not None and not name):
        raise wrong_usage(f"clock {action} takes {'a time' if needed else 'no time'}. See mockmkto clock --help.")
    body = {} if time is None else {name: time}
    print(_shown(client.tell("POST", f"/clock/{action}", body if name else None)))
    return DONE


def _shown(clock: Mapping[str, Any]) -> str:
    return f"{clock['now']} {clock['mode']}"
