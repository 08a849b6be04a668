"""`mockmkto wsdl`: the published document of a version, or of all, without a server."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from mockmkto.cli.parser import DONE, wrong_usage

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Which version, and for which endpoint."""
    from mockmkto.soap.contract import VERSIONS

    first, last = VERSIONS[0], VERSIONS[-1]
    parser.usage = "mockmkto wsdl [VERSION] [options]"
    parser.description = "Prints the WSDL of a version, or writes those of all versions."
    parser.add_argument("version", metavar="VERSION", nargs="?", help=f"{first} to {last} [default: {last}]")
    parser.add_argument(
        "--address",
        metavar="URL",
        help="the endpoint's URL for the document [default: a server on this machine and its default port]",
    )
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="write every version's into a folder")


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001
    """Prints the document in UTF-8, or the names of the files that were written.

    Raises:
        Failure: there is no such version, or the folder cannot be written.
    """
    from mockmkto.soap import wsdl
    from mockmkto.soap.contract import VERSIONS

    if args.all is not None:
        if args.version is not None or args.address is not None:
            raise wrong_usage("--all writes every version with the default address: leave out VERSION and --address.")
        try:
            files = wsdl.write(args.all)
        except OSError as error:
            raise wrong_usage(f"--all: {args.all} cannot be written ({error.strerror}).") from None
        print("\n".join(map(str, files)))
        return DONE
    version = args.version or VERSIONS[-1]
    if version not in VERSIONS:
        raise wrong_usage(f"there is no version {version!r}. There are {', '.join(VERSIONS)}.")
    document = wsdl.document(version, args.address or wsdl.OFFLINE_ADDRESS.format(version=version))
    sys.stdout.flush()
    sys.stdout.buffer.write(document)
    return DONE
