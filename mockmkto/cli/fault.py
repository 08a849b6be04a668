"""`mockmkto fault`: which calls go wrong."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from mockmkto.cli.answers import clean
from mockmkto.cli.control import ControlClient, add_where, in_path
from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]

EFFECTS = (
    "fault",
    "http_status",
    "empty",
    "malformed",
    "reset",
    "reset_midway",
    "delay",
    "trickle",
    "lose_answer",
)
_NUMBERS = {
    "code": "of fault: the Marketo code, such as 20024 or 606",
    "status": "of http_status: the HTTP status, such as 503",
    "bytes_per_second": "of trickle: how fast the answer comes",
    "nth": "only the n-th of the calls",
    "after": "not the first so many",
    "times": "no more often than this",
    "seed": "of share: which of them",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The effect, which calls, which of those."""
    parser.usage = "mockmkto fault [EFFECT] [options]"
    parser.description = (
        "Lists the fault rules of a subscription, sets one, or takes them away.\n\n"
        "  mockmkto fault fault --code 20024 --match op:syncLead --times 2\n"
        "  mockmkto fault lose_answer --times 1\n"
        "  mockmkto fault delay --delay 2s --share 0.1\n"
        "  mockmkto fault --clear"
    )
    parser.add_argument("effect", metavar="EFFECT", nargs="?", help=", ".join(EFFECTS))
    parser.add_argument("--match", metavar="SEARCH", help="which calls [default: every one]")
    for name, text in _NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="N", help=text)
    parser.add_argument("--share", metavar="PART", help="this part of the calls, 0 to 1")
    parser.add_argument("--delay", metavar="TIME", help="so long before the answer, such as 250ms")
    parser.add_argument("--name", metavar="NAME", help="what the rule is called; one of that name is replaced")
    parser.add_argument("--remove", metavar="NAME", help="take that rule away")
    parser.add_argument("--clear", action="store_true", help="take every rule away")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Sets, removes or lists rules.

    Raises:
        Failure: the words make no rule, or the server cannot be asked.
    """
    client = ControlClient.of(args, environ)
    if args.effect is not None and (args.clear or args.remove):
        raise wrong_usage("--clear and --remove go without an effect.")
    if args.clear:
        client.ask("DELETE", "/faults")
    elif args.remove:
        client.ask("DELETE", f"/faults/{in_path(args.remove)}")
    elif args.effect is not None:
        print(_line(client.tell("POST", "/faults", _rule(args))))
    else:
        for rule in client.tell("GET", "/faults")["faults"]:
            print(_line(rule))
    return DONE


def _rule(args: argparse.Namespace) -> dict[str, object]:
    rule: dict[str, object] = {"effect": args.effect}
    rule |= {name: text for name in ("match", "delay", "name") if (text := getattr(args, name)) is not None}
    rule |= {name: _number(name, text) for name in _NUMBERS if (text := getattr(args, name)) is not None}
    if args.share is not None:
        try:
            rule["share"] = float(args.share)
        except ValueError:
            raise wrong_usage(f"--share: expected a number, 0 to 1, got {args.share!r}.") from None
    return rule


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise wrong_usage(f"--{name.replace('_', '-')}: expected a number, got {text!r}.") from None


def _line(rule: Mapping[str, Any]) -> str:
    words = [rule["name"] + ":", rule["effect"], *(str(rule[name]) for name in ("code", "status") if rule[name])]
    words.append(f"for {rule['match']}" if rule["match"] else "for every call")
    words += [f"{name}={rule[name]}" for name in ("nth", "after", "times", "share") if rule[name]]
    if rule["delay"]:
        words.append(f"after {rule['delay']:g} s")
    return clean(" ".join([*words, f"(seen {rule['seen']}, fired {rule['fired']})"]))
