"""`mockmkto sign`: a signed header for a request that is written by hand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from mockmkto.cli.credentials import CREDENTIAL_HELP, SignedHeader, one_credential
from mockmkto.cli.parser import DONE
from mockmkto.clock import system_now

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Whose name, which time, which form."""
    parser.description = (
        "Prints a signed SOAP header in one line, for an envelope that declares the prefix SOAP-ENV:\n\n"
        '  curl -d "...$(mockmkto sign)..." URL'
    )
    parser.add_argument("--credential", metavar="USER:KEY", help=CREDENTIAL_HELP)
    parser.add_argument(
        "--timestamp", metavar="TIME", help="the requestTimestamp, signed exactly as given [default: now]"
    )
    parser.add_argument(
        "--format",
        choices=("header", "fields", "json"),
        default="header",
        metavar="FORMAT",
        help="header: the XML; fields: a line NAME=VALUE each; json: an object [default: header]",
    )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Prints the header. The key is not in it.

    Raises:
        Failure: the credential is not USER:KEY.
    """
    user_id, key = one_credential(args.credential, environ)
    timestamp = (
        args.timestamp if args.timestamp is not None else system_now().astimezone().isoformat(timespec="seconds")
    )
    header = SignedHeader(user_id, key, timestamp)
    if args.format == "json":
        print(json.dumps(header.members))
    elif args.format == "fields":
        print("\n".join(f"{name}={value}" for name, value in header.members.items()))
    else:
        print(f"<SOAP-ENV:Header>{header.xml}</SOAP-ENV:Header>")
    return DONE
