"""`mockmkto help`: the help of mockmkto, or of a command."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Of what."""
    parser.usage = "mockmkto help [COMMAND]"
    parser.description = "Prints the help of a command, or of all of them."
    parser.add_argument("command", metavar="COMMAND", nargs="?", help="which one")


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001
    """Prints it.

    Raises:
        Failure: there is no such command.
    """
    from mockmkto.cli import COMMANDS, main

    if args.command is not None and args.command not in COMMANDS:
        raise wrong_usage(f"there is no command {args.command!r}. There are {', '.join(COMMANDS)}.")
    main([args.command, "--help"] if args.command else ["--help"])
    return DONE
