"""What all commands share: exit codes, failures, and a parser that speaks in sentences."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from mockmkto import __version__

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


_OPTION = re.compile(r"--[a-z][a-z0-9-]*")  # what can be shown of a word: any other may be a key or a token


class Parser(argparse.ArgumentParser):
    """An argument parser whose help is the same on every terminal and every Python, and who repeats no secret."""

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
        self.add_argument("-h", "--help", action="help", help="print this help")
        self.add_argument("--version", action="version", version=f"mockmkto {__version__}", help="print the version")

    def parse_args(  # type: ignore[override]  # whoever has a namespace of his own does not come here
        self, args: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Reads the words. Raises Failure for those that are not understood, without their values."""
        parsed, left = self.parse_known_args(args, namespace)
        self._refuse(left, args)
        return parsed

    def parse_intermixed_args(  # type: ignore[override]
        self, args: Sequence[str], namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """The same, with options and other words in any order."""
        parsed, left = self.parse_known_intermixed_args(args, namespace)
        self._refuse(left, args)
        return parsed

    def _refuse(self, left: Sequence[str], words: Sequence[str]) -> None:
        """What is not understood is named as far as it is an option's name; what stands behind it may be a secret."""
        names = [word.partition("=")[0] for word in left if word.startswith("--")]
        unknown = [name for name in dict.fromkeys(names) if _OPTION.fullmatch(name)]
        if unknown:
            self.error("; ".join(f"there is no option {name}{self._nearest(name)}" for name in unknown))
        if left:
            before = words[words.index(left[0]) - 1] if left[0] in words[1:] else ""
            takes_none = f": {before} takes no value" if before in self._option_string_actions else ""
            many = "a word" if len(left) == 1 else f"{len(left)} words"
            self.error(f"{many} too many, not shown here{takes_none}")

    def _nearest(self, name: str) -> str:
        import difflib  # only for a mistake

        near = difflib.get_close_matches(name, self._option_string_actions, n=1)
        return f" (did you mean {near[0]}?)" if near else ""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and where to read more, without the usage.

        Raises:
            Failure: always, with exit code 2.
        """
        message = re.sub("ignored explicit argument .*", "it takes no value", message, flags=re.DOTALL)
        raise wrong_usage(f"{message}. See {self.prog} --help.")
