"""`mockmkto import`: replaces a subscription of a running server by a fixture."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from mockmkto.cli.parser import DONE, wrong_usage
from mockmkto.cli.state import add_where, ask_state

__all__ = ["configure", "run"]

_LONGEST = 200  # characters of a file's name that the server takes


def configure(parser: argparse.ArgumentParser) -> None:
    """From where, and to where."""
    parser.usage = "mockmkto import FILE [options]"
    parser.description = (
        "Replaces everything in a subscription of a running server, its journal aside, by a fixture of one\n"
        "world. Its `subscription:` is not read; without `credentials:` those that there are stay.\n\n"
        "Exit codes: 0 done, 2 wrong usage or a fixture that is wrong, 3 nobody there."
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="a fixture in YAML or JSON; - is standard input")
    parser.add_argument("--baseline", action="store_true", help="a reset returns to it from now on")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Sends the file.

    Raises:
        Failure: it cannot be read, or is wrong, or the server cannot be asked.
    """
    if args.file is None:
        raise wrong_usage("a fixture must be named: mockmkto import FILE. See mockmkto import --help.")
    if args.file == "-":
        content = sys.stdin.buffer.read()
    else:
        try:
            content = Path(args.file).read_bytes()
        except OSError as error:
            raise wrong_usage(f"{args.file} cannot be read ({error.strerror}).") from None
    query = {"file": "standard input" if args.file == "-" else args.file[-_LONGEST:]}
    ask_state(args, environ, "PUT", content, **query, **({"baseline": "true"} if args.baseline else {}))
    return DONE
