"""`mockmkto prove`: whether the new program leaves the same Marketo behind as the old one did."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mockmkto.cli.parser import DONE, FAULT, Failure, wrong_usage
from mockmkto.signals import EndedEarlyError, EndSignals

if TYPE_CHECKING:
    from datetime import datetime

    from mockmkto.cli.running import Keeper, Ran, Runner
    from mockmkto.migration.allowing import Allowed
    from mockmkto.migration.model import Proof

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """What the two sides are, how leads are paired, what is allowed, what to say of it."""
    parser.usage = "mockmkto prove --fixture NAME_OR_FILE --old COMMAND --new COMMAND [options]"
    parser.description = (
        "Runs the old program and the new one, each with a server of its own that begins with the same fixture, on a\n"
        "clock that stands still at the same moment, and compares what they leave behind: every lead field by field,\n"
        "with keys, cookies, partition, lists and activities, everything else, and the calls. A program finds its\n"
        "server in its environment, as with mockmkto exec.\n\n"
        '  mockmkto prove --fixture mine.yaml --old "python old_sync.py" --new "python new_sync.py"\n'
        "  mockmkto prove --old-world before.yaml --new-world after.yaml\n\n"
        "Each difference is different in form only, expected (a trap with a name, and a page that explains it), or\n"
        "unexplained.\n\n"
        "Exit codes: 0 nothing is unexplained, 1 something is or a program failed, 2 wrong usage."
    )
    sides = parser.add_argument_group("the two sides")
    sides.add_argument("--old", metavar="COMMAND", help="the old program, as one word: --old 'python old_sync.py'")
    sides.add_argument("--new", metavar="COMMAND", help="the new program")
    sides.add_argument("--old-world", metavar="FILE", help="instead: a world that was exported after the old program")
    sides.add_argument("--new-world", metavar="FILE", help="instead: a world that was exported after the new program")
    sides.add_argument(
        "--fixture",
        metavar="NAME_OR_FILE",
        help="what both begin with: a shipped fixture, or a file [default: empty]",
    )
    sides.add_argument(
        "--at", metavar="TIME", help="where the clock stands still [default: as the fixture says, or now]"
    )
    sides.add_argument(
        "--twice-old", action="store_true", help="run the old program twice: where it differs from itself is noise"
    )
    sides.add_argument(
        "--intercept", action="store_true", help="answer the vendor's own host names for the programs, over https, too"
    )
    sides.add_argument("--tls", action="store_true", help="serve https, too")
    sides.add_argument("--port", metavar="NUMBER", default="0", help="of both servers [default: any free one]")
    how = parser.add_argument_group("how they are compared")
    how.add_argument(
        "--pair-by",
        metavar="KEY",
        action="append",
        help="what leads are paired by: Email, a field, or CUSTOM, SFDC or NETSUITE for foreign ids; repeatable, the "
        "first that pairs a lead decides [default: Email]",
    )
    how.add_argument(
        "--foreign-id-field",
        metavar="FIELD",
        help="the field in which the new program keeps foreign ids [default: the one that has them]",
    )
    how.add_argument(
        "--allow", metavar="FILE", help="what may differ: a line each, WHOSE | WHAT | REASON, with * for anything"
    )
    said = parser.add_argument_group("what is said")
    said.add_argument("--json", action="store_true", help="print JSON")
    said.add_argument("--junit", metavar="FILE", help="write a JUnit report as well")
    said.add_argument("--save-worlds", metavar="FOLDER", help="write both worlds as fixtures, old.yaml and new.yaml")
    said.add_argument("--serve", action="store_true", help="show both sides in the console afterwards, until Ctrl-C")
    said.add_argument("--output", action="store_true", help="show what the programs print, on stderr")


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Runs and compares both sides, prints what differs, and returns 0 where nothing is unexplained.

    Raises:
        Failure: a side is missing or cannot be made, or a file cannot be read or written.
    """
    for which in ("old", "new"):
        given = [name for name in (which, f"{which}_world") if getattr(args, name)]
        if len(given) != 1:
            raise wrong_usage(f"give one of --{which} COMMAND and --{which}-world FILE. See mockmkto prove --help.")
    if args.twice_old and not args.old:
        raise wrong_usage("--twice-old runs the old program: give --old COMMAND.")
    allowed = _allowed(args.allow)
    from mockmkto.cli.running import Keeper

    keeper = Keeper() if args.serve else None
    try:
        return _prove(args, environ, allowed, keeper)
    finally:
        if keeper is not None:
            keeper.stop()


def _prove(
    args: argparse.Namespace, environ: Mapping[str, str], allowed: tuple[Allowed, ...], keeper: Keeper | None
) -> int:
    from mockmkto.cli.running import Runner

    runner = Runner(
        args.fixture or "empty",
        _moment(args.at),
        environ,
        port=args.port,
        tls=args.tls,
        intercept=args.intercept,
        shows_output=args.output,
        keeper=keeper,
        wants_worlds=bool(args.save_worlds),
    )
    old = _side(runner, "old", args.old, args.old_world)
    new = _side(runner, "new", args.new, args.new_world)
    # At last: what the time of day makes different is then more different than between the two.
    again = runner.run(args.old, "again") if args.twice_old else None
    proof = _proven(args, runner, old, again, new, allowed)
    _tell(args, proof)
    if args.save_worlds:
        _save(Path(args.save_worlds), old, new)
    if keeper is not None:
        _serve(keeper)
    return DONE if proof.equal else FAULT


def _side(runner: Runner, which: str, command: str | None, file: str | None) -> Ran:
    return runner.run(command, which) if command else runner.recorded(file or "", which)


def _serve(keeper: Keeper) -> None:
    """Show both sides in the console until Ctrl-C."""
    signals = EndSignals()
    try:
        print(f"\nSide by side: {keeper.server.url}/proof?old=old&new=new  (Ctrl-C ends it)", flush=True)
        signals.wait()
    except EndedEarlyError:
        pass
    finally:
        signals.release()


def _proven(
    args: argparse.Namespace, runner: Runner, old: Ran, again: Ran | None, new: Ran, allowed: tuple[Allowed, ...]
) -> Proof:
    from mockmkto.migration.pairing import UnknownKeyError
    from mockmkto.migration.proving import Asked, prove

    asked = Asked(
        pair_by=args.pair_by or ("Email",),
        foreign_id_field=args.foreign_id_field,
        allowed=allowed,
        baseline=runner.baseline,
        ended=(old.run, new.run),
    )
    try:
        return prove(old.side, new.side, asked, again.side if again is not None else None)
    except UnknownKeyError as error:
        raise wrong_usage(f"--pair-by: {error}.") from None


def _tell(args: argparse.Namespace, proof: Proof) -> None:
    from mockmkto.migration.reporting import as_json, as_junit, as_text

    if args.json:
        print(as_json(proof).decode())
    else:
        print(as_text(proof), end="")
    if args.junit:
        _write(Path(args.junit), as_junit(proof))


def _save(folder: Path, old: Ran, new: Ran) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise wrong_usage(f"--save-worlds: {folder} cannot be made ({error.strerror}).") from None
    for name, ran in (("old", old), ("new", new)):
        _write(folder / f"{name}.yaml", ran.world)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Failure(f"{file} cannot be written ({error.strerror}).", 2) from None


def _allowed(file: str | None) -> tuple[Allowed, ...]:
    if file is None:
        return ()
    from mockmkto.migration.allowing import BadAllowanceError, read_allowed

    try:
        return read_allowed(Path(file).read_text(encoding="utf-8"), file)
    except OSError as error:
        raise wrong_usage(f"--allow: {file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise wrong_usage(f"--allow: {file} is no text in UTF-8.") from None
    except BadAllowanceError as error:
        raise wrong_usage(f"--allow: {error}.") from None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_usage(f"--at: expected a time such as 2026-03-14T09:26:53Z, got {text!r}.") from None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
