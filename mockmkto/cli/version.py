"""`mockmkto version`: which release this is."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto import __version__
from mockmkto.cli.parser import DONE

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments."""
    parser.description = "Prints the version."


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001
    """Prints `mockmkto 1.2.3`."""
    print(f"mockmkto {__version__}")
    return DONE
