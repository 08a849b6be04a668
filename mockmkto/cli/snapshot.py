"""`mockmkto snapshot`: a subscription as it is now, to come back to."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.answers import clean
from mockmkto.cli.control import ControlClient, add_where, in_path
from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]

_ACTIONS = ("take", "restore", "delete")


def configure(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which."""
    parser.usage = "mockmkto snapshot [ACTION [NAME]] [options]"
    parser.description = (
        "Lists the snapshots of a subscription, takes one (without a NAME it is numbered), goes back to one, or\n"
        "deletes one. The journal of the calls is no part of it.\n\n"
        "  mockmkto snapshot take before\n"
        "  mockmkto snapshot restore before"
    )
    parser.add_argument("action", metavar="ACTION", nargs="?", help=", ".join(_ACTIONS))
    parser.add_argument("name", metavar="NAME", nargs="?", help="which one")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Does it, and prints the name of what was taken.

    Raises:
        Failure: there is no such action or snapshot, or the server cannot be asked.
    """
    client = ControlClient.of(args, environ)
    if args.action is None:
        for item in client.tell("GET", "/snapshots")["snapshots"]:
            print(clean(f"{item['name']}  {item['taken_at']}  {item['leads']} leads"))
    elif args.action == "take":
        taken = client.tell("POST", "/snapshots", {} if args.name is None else {"name": args.name})
        print(clean(taken["name"]))
    elif args.action not in _ACTIONS:
        raise wrong_usage(f"there is no {args.action!r} of a snapshot. There are {', '.join(_ACTIONS)}.")
    elif args.name is None:
        raise wrong_usage(f"snapshot {args.action} takes the name of one: mockmkto snapshot lists them.")
    elif args.action == "restore":
        client.ask("POST", f"/snapshots/{in_path(args.name)}/restore")
    else:
        client.ask("DELETE", f"/snapshots/{in_path(args.name)}")
    return DONE
