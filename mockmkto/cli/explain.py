"""`mockmkto explain`: why a request's signature is refused, from whatever of the request is pasted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mockmkto.auth import explain, header_from_text, parse_timestamp
from mockmkto.cli.credentials import given_credentials
from mockmkto.cli.parser import DONE, FAULT, wrong_usage
from mockmkto.clock import system_now
from mockmkto.model import Behaviour, Credential
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, SWITCHES, Switch
from mockmkto.worlds import FixtureError, FixtureWorld, read_all
from mockmkto.worlds.empty import DEFAULT_TIME_ZONE

__all__ = ["configure", "run"]

_WINDOW: Switch = next(switch for switch in SWITCHES if switch.name == "signature_window")


def configure(parser: argparse.ArgumentParser) -> None:
    """What was sent, and what the server knows."""
    parser.usage = "mockmkto explain [FILE] [options]"
    parser.description = (
        "Says whether a request's signature is right and in time, and if not, which slip gives exactly what\n"
        "came. The request may be an envelope or any part of it that holds the AuthenticationHeader, JSON,\n"
        "or a line of a log.\n\n"
        "Exit codes: 0 accepted, 1 refused, 2 no header was found."
    )
    parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="the request [default: -, standard input]")
    parser.add_argument(
        "--credential",
        metavar="USER:KEY",
        action="append",
        help="who may call; repeatable [MOCKMKTO_CREDENTIAL; default: those of the fixtures, or the built-in one]",
    )
    parser.add_argument(
        "--fixture",
        metavar="NAME_OR_FILE",
        action="append",
        help="take credentials, window and time zone from it; repeatable",
    )
    parser.add_argument("--now", metavar="TIME", help="when the request arrived [default: now]")
    parser.add_argument(
        "--window", metavar="DURATION", help=f"{_WINDOW.help} [default: the fixture's, or {_WINDOW.default}]"
    )
    parser.add_argument(
        "--time-zone",
        metavar="NAME",
        help=f"where a time without an offset is read [default: the fixture's, or {DEFAULT_TIME_ZONE}]",
    )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Prints the explanation: no key is in it.

    Raises:
        Failure: nothing was found in what was pasted, or an argument cannot be used.
    """
    worlds = _worlds(args.fixture)
    credentials = _credentials(given_credentials(args.credential, environ), worlds)
    header = header_from_text(_pasted(args.file))
    if header.user_id is None and header.signature is None and header.timestamp is None:
        raise wrong_usage(
            "no AuthenticationHeader was found in what was pasted: it has mktowsUserId, requestSignature and "
            "requestTimestamp."
        )
    world = next(
        (world for world in worlds if any(item.user_id == header.user_id for item in world.credentials)),
        worlds[0] if worlds else None,
    )
    zone = _zone(args.time_zone, world)
    explanation = explain(header, credentials, _now(args.now, zone), _window(args.window, world), zone)
    print(explanation)
    return DONE if explanation.accepted else FAULT


def _pasted(file: str) -> str:
    if file == "-":
        if sys.stdin.isatty():
            end = "Ctrl-Z and Enter" if sys.platform == "win32" else "Ctrl-D"
            print(f"Paste the request, or its AuthenticationHeader; end with {end}.", file=sys.stderr)
        return sys.stdin.buffer.read().decode(errors="replace")
    try:
        return Path(file).read_bytes().decode(errors="replace")
    except OSError as error:
        raise wrong_usage(f"{file} cannot be read ({error.strerror}).") from None


def _worlds(names_or_files: Sequence[str] | None) -> tuple[FixtureWorld, ...]:
    try:
        return read_all(names_or_files or ())
    except FixtureError as error:
        raise wrong_usage(str(error)) from None


def _credentials(given: Sequence[tuple[str, str]], worlds: Sequence[FixtureWorld]) -> list[Credential]:
    """The given ones, two keys of one user together; then those of the fixtures; without either the built-in one."""
    keys: dict[str, tuple[str, ...]] = {}
    for user_id, key in given:
        keys[user_id] = (*keys.get(user_id, ()), key)
    known = [Credential(user_id, live, "default") for user_id, live in keys.items()]
    known += [item for world in worlds for item in world.credentials if item.user_id not in keys]
    return known or [Credential(DEFAULT_USER_ID, (DEFAULT_ENCRYPTION_KEY,), "default")]


def _zone(name: str | None, world: FixtureWorld | None) -> tzinfo:
    if name is None:
        return world.world.time_zone if world else ZoneInfo(DEFAULT_TIME_ZONE)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        text = f"--time-zone: expected the name of a time zone, such as {DEFAULT_TIME_ZONE} or UTC, got {name!r}."
        raise wrong_usage(text) from None


def _now(text: str | None, zone: tzinfo) -> datetime:
    if text is None:
        return system_now()
    stamp = parse_timestamp(text, zone)
    if stamp is None:
        raise wrong_usage(f"--now: expected a time such as 2026-01-31T09:30:00Z, got {text!r}.")
    return stamp.instant


def _window(text: str | None, world: FixtureWorld | None) -> timedelta | None:
    if text is None:
        return (world.world.behaviour if world else Behaviour()).signature_window
    try:
        window: timedelta | None = _WINDOW.parse(text)
    except ValueError as error:
        raise wrong_usage(f"--window: expected {error}, got {text!r}.") from None
    return window
