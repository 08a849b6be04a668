"""`mockmkto reset`: a subscription back at its fixture."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.control import ControlClient, add_where
from mockmkto.cli.parser import DONE

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """To what."""
    parser.description = (
        "Returns a subscription to its fixture: leads, fields, rules, faults, clock, counters, credentials; its\n"
        "journal is emptied."
    )
    parser.add_argument("--empty", action="store_true", help="keep the world, and take leads and fault rules away")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Resets it.

    Raises:
        Failure: there is no such subscription, or the server cannot be asked.
    """
    ControlClient.of(args, environ).ask("POST", "/reset", to="empty" if args.empty else "baseline")
    return DONE
