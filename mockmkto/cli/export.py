"""`mockmkto export`: writes a subscription as a fixture that loads again to the same state."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from mockmkto.cli.parser import DONE, wrong_usage
from mockmkto.cli.state import add_where, ask_state

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Where to, and from where."""
    parser.usage = "mockmkto export [FILE] [options]"
    parser.description = (
        "Writes a subscription of a running server as a fixture: leads with their Ids, keys, times and order,\n"
        "fields, workspaces, rules, switches, fault rules, limits, clock, and the credentials with their keys.\n"
        "mockmkto import and mockmkto serve --fixture load it again to the same state.\n\n"
        "Exit codes: 0 done, 2 wrong usage, 3 nobody there."
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to [default: -, standard output]")
    parser.add_argument(
        "--format", metavar="FORMAT", choices=("yaml", "json"), help="yaml or json [default: as the file's name ends]"
    )
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Writes the file, or to standard output.

    Raises:
        Failure: the server cannot be asked, or the file not be written.
    """
    written = args.format or ("json" if args.file.endswith(".json") else "yaml")
    content = ask_state(args, environ, "GET", format=written).body
    if args.file == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return DONE
    try:
        Path(args.file).write_bytes(content)
    except OSError as error:
        raise wrong_usage(f"{args.file} cannot be written ({error.strerror}).") from None
    return DONE
