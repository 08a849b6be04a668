"""`mockmkto replay`: recorded traffic of the real API, sent to the double, and each answer beside the recorded one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mockmkto.cli.parser import DONE, FAULT, Failure, wrong_usage
from mockmkto.cli.progress import watched

if TYPE_CHECKING:
    from mockmkto.traffic.reporting import Summary
    from mockmkto.worlds import FixtureWorld

__all__ = ["configure", "run"]

_EVERY = 50  # calls between two looks of the progress bar


def configure(parser: argparse.ArgumentParser) -> None:
    """What to replay, in which world, and what to say of it."""
    parser.usage = "mockmkto replay PATH [options]"
    parser.description = (
        "Sends recorded calls of the real API to a double of their own, signed anew and in their order, and prints\n"
        "where its answers differ. Ids of leads are mapped, times and stream positions masked.\n\n"
        "PATH is a folder or a file: request and answer as XML files side by side (NAME.request.xml and\n"
        "NAME.response.xml), HAR, cassettes of VCR (Python's and Ruby's), recordings of nock.\n\n"
        "Exit codes: 0 every answer is the same, 1 one differs, 2 wrong usage."
    )
    parser.add_argument("path", metavar="PATH", help="the recording")
    parser.add_argument(
        "--learn", action="store_true", help="begin with a world that the recorded answers show (the default)"
    )
    parser.add_argument(
        "--fixture", metavar="NAME_OR_FILE", help="begin with this world instead: a shipped fixture, or a file"
    )
    parser.add_argument("--save-world", metavar="FILE", help="write the world that was learned, as a fixture")
    parser.add_argument(
        "--api-version", metavar="VERSION", help="for recordings that do not say it, such as 2_7 [default: 2_9]"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit report as well")
    parser.add_argument(
        "--report", metavar="FILE", help="write the calls that differ, with both answers, to hand in; keys are left out"
    )
    parser.add_argument(
        "--anonymize", action="store_true", help="replace people in that report: names, e-mails, addresses, keys"
    )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001  # as every command
    """Replays, prints, and returns 0 when every answer was the same, 1 otherwise.

    Raises:
        Failure: the recording or the fixture cannot be read, or a file not be written.
    """
    from mockmkto.soap.contract import VERSIONS
    from mockmkto.traffic.exchange import UnreadableTrafficError
    from mockmkto.traffic.reading import read_traffic
    from mockmkto.traffic.replaying import DEFAULT_VERSION, replaying
    from mockmkto.traffic.reporting import Summary, as_json, as_junit, as_text
    from mockmkto.worlds import FixtureError

    if args.learn and args.fixture:
        raise wrong_usage("--learn and --fixture exclude each other: the world is learned, or given.")
    if args.anonymize and not args.report:
        raise wrong_usage("--anonymize is for the report: give --report FILE as well.")
    version = args.api_version or DEFAULT_VERSION
    if version not in VERSIONS:
        raise wrong_usage(f"there is no version {version!r}. There are {', '.join(VERSIONS)}.")
    path, summary = Path(args.path), Summary()
    left_out: list[str] = []
    try:
        world = _world(args, path)
        with replaying(world, version) as replay:
            for outcome in replay.run(watched(read_traffic(path, left_out), "replaying", "calls", _EVERY)):
                summary.add(outcome)
    except UnreadableTrafficError as error:
        raise wrong_usage(f"{error}.") from None
    except FixtureError as error:
        raise wrong_usage(str(error)) from None
    if args.json:
        print(as_json(summary).decode())
    else:
        print(as_text(summary, left_out), end="")
    if args.junit:
        _write(args.junit, as_junit(summary))
    if args.report:
        _report(args, summary)
    return FAULT if summary.differing else DONE


def _world(args: argparse.Namespace, path: Path) -> FixtureWorld:
    from mockmkto.worlds import find_fixture, read_worlds

    if args.fixture:
        if args.save_world:
            raise wrong_usage("--save-world writes what was learned; with --fixture nothing is.")
        worlds = read_worlds(find_fixture(args.fixture))
        if len(worlds) != 1:
            raise wrong_usage(f"{args.fixture} has {len(worlds)} subscriptions: give a fixture with one.")
        return worlds[0]
    from mockmkto.traffic.learning import as_fixture, learn
    from mockmkto.traffic.reading import read_traffic
    from mockmkto.worlds import parse_worlds

    text = as_fixture(learn(watched(read_traffic(path), "learning", "calls", _EVERY)))
    if args.save_world:
        _write(args.save_world, text)
    return parse_worlds(text, args.save_world or "the world that was learned")[0]


def _report(args: argparse.Namespace, summary: Summary) -> None:
    from mockmkto.traffic.handing_in import report

    _write(args.report, report(summary, anonymize=args.anonymize))
    named = "" if args.anonymize else " It holds what was recorded: people, too, unless --anonymize is given."
    print(f"mockmkto: {args.report} has {len(summary.differing)} calls that differ.{named}", file=sys.stderr)


def _write(file: str, content: bytes) -> None:
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        raise Failure(f"{file} cannot be written ({error.strerror}).", 2) from None
