"""What all commands share: exit codes, failures, and a parser that speaks in sentences."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import Any, NoReturn

__all__ = ["DONE", "FAULT", "NOBODY_THERE", "WRONG_USAGE", "Failure", "Parser", "nobody_there", "wrong_usage"]

DONE = 0
FAULT = 1
WRONG_USAGE = 2
NOBODY_THERE = 3

WIDTH = 100  # of every help text, whatever the terminal: what a test compares is what users see


class Failure(Exception):
    """Ends a command: a sentence or two for stderr, and the exit code."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def wrong_usage(text: str) -> Failure:
    """A failure that the user's words have caused: exit code 2."""
    return Failure(text, WRONG_USAGE)


def nobody_there(text: str) -> Failure:
    """A failure to reach a server, or to find a mockmkto there: exit code 3."""
    return Failure(text, NOBODY_THERE)


class Parser(argparse.ArgumentParser):
    """An argument parser whose help is the same on every terminal and every Python."""

    def __init__(self, prog: str) -> None:
        plain: dict[str, Any] = {"color": False} if sys.version_info >= (3, 14) else {}
        super().__init__(
            prog=prog,
            usage=f"{prog} [options]",
            formatter_class=partial(argparse.RawDescriptionHelpFormatter, width=WIDTH, max_help_position=32),
            allow_abbrev=False,
            add_help=False,
            **plain,
        )
        # One spelling: `-h, --help` is laid out differently from Python to Python.
        self.add_argument("--help", action="help", help="print this help")

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and where to read more, without the usage.

        Raises:
            Failure: always, with exit code 2.
        """
        raise wrong_usage(f"{message}. See {self.prog} --help.")
