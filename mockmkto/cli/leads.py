"""`mockmkto leads`: the leads of a subscription."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from mockmkto.cli.answers import clean
from mockmkto.cli.control import ControlClient, add_where
from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]

PAGE = 500


def configure(parser: argparse.ArgumentParser) -> None:
    """Which leads."""
    parser.usage = "mockmkto leads [NAME=VALUE ...] [options]"
    parser.description = (
        "Lists the leads of a subscription by Id, a line each. NAME is a field, or Id, partition, known, cookie or\n"
        "ForeignSysPersonId; a * at the end of VALUE finds a beginning, no VALUE a field that is empty.\n\n"
        "  mockmkto leads Email=ann@* Country=Norway"
    )
    parser.add_argument("where", metavar="NAME=VALUE", nargs="*", help="which leads [default: all]")
    parser.add_argument("--json", action="store_true", help="an object a line, as the control API has it")
    add_where(parser)


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Prints the leads.

    Raises:
        Failure: there is no such field, or the server cannot be asked.
    """
    for word in args.where:
        if "=" not in word[1:]:
            raise wrong_usage(f"expected NAME=VALUE, got {clean(word)!r}.")
    client, offset = ControlClient.of(args, environ), 0
    where = [word.replace("=", ":", 1) for word in args.where]
    while True:
        page = client.tell("GET", "/leads", limit=str(PAGE), offset=str(offset), where=where)
        for lead in page["leads"]:
            print(json.dumps(lead) if args.json else _line(lead))
        offset += len(page["leads"])
        if page["next"] is None or not page["leads"]:
            return DONE


def _line(lead: Mapping[str, Any]) -> str:
    words = [str(lead["id"]), lead["email"] or ("-" if lead["known"] else "anonymous")]
    words += [f"{name}={value}" for name, value in lead["attributes"].items()]
    words += [f"{item['type']}:{item['id']}" for item in lead["foreign_ids"]]
    words += [f"cookie={cookie}" for cookie in lead["cookies"]]
    words.append(f"in {lead['partition']}")
    return clean("  ".join(words[:2]) + "  " + " ".join(words[2:]))
