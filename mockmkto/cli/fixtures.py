"""`mockmkto fixtures`: which fixtures there are to begin with."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.parser import DONE

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """No arguments."""
    parser.description = "Lists the fixtures that come with mockmkto, for mockmkto serve --fixture NAME."


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:  # noqa: ARG001
    """Prints a line for each: its name, and the first sentence that it says of itself."""
    from mockmkto.worlds.shipped import shipped_fixtures

    shipped = shipped_fixtures()
    width = max(map(len, shipped), default=0) + 2
    for name, path in shipped.items():
        first = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip()
        print(f"{name:{width}}{first}")
    return DONE
