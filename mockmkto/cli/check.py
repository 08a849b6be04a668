"""`mockmkto check`: whether fixtures can be loaded, without a server."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.usage = "mockmkto check FILE ..."
    parser.description = (
        "Reads fixtures as mockmkto serve would, and says all that is wrong with them, with file, line and key.\n\n"
        "Exit codes: 0 they can be loaded, 2 they cannot."
    )
    parser.add_argument(
        "files", metavar="FILE", nargs="*", help="a fixture in YAML or JSON, or the name of a shipped one"
    )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001
    """Prints what each holds.

    Raises:
        Failure: something is wrong with one.
    """
    if not args.files:
        raise wrong_usage("a fixture must be named: mockmkto check FILE. See mockmkto check --help.")
    from mockmkto.worlds import FixtureError, read_all  # brings the store with it

    problems: list[str] = []
    for file in args.files:
        try:
            for world in read_all([file]):
                print(f"{file}: {world.subscription}, {len(world.leads)} leads, {len(world.world.fields)} fields")
        except FixtureError as error:
            problems.append(str(error))
    if not problems and len(args.files) > 1:
        try:
            read_all(args.files)  # two of them may claim one subscription, or one user id
        except FixtureError as error:
            problems.append(str(error))
    if problems:
        raise wrong_usage("the fixtures cannot be used:\n" + "\n".join(problems))
    return DONE
