"""The command line: finds the command, runs it, and turns every outcome into an exit code and a sentence.

A command is a module here with `configure` and `run`; it is imported only when it is the one that was asked for, and
imports in its turn only what it needs: `mockmkto health` runs every few seconds.
"""

from __future__ import annotations

import argparse
import errno
import importlib
import keyword
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from mockmkto.cli.parser import DONE, WRONG_USAGE, Failure, Parser, wrong_usage

__all__ = ["COMMANDS", "main"]

COMMANDS: dict[str, str] = {
    "serve": "run the server",
    "call": "send a signed call and show the answer",
    "sign": "print a signed header, for curl",
    "explain": "say why a request's signature is refused",
    "wsdl": "print the WSDL of a version",
    "health": "ask a server whether it is ready",
    "calls": "show the calls that came, and follow those that come",
    "leads": "list the leads",
    "fault": "make calls go wrong",
    "clock": "show or turn the clock",
    "reset": "return a subscription to its fixture",
    "snapshot": "take a snapshot, or go back to one",
    "exec": "run a command with a server of its own",
    "export": "write a subscription of a server as a fixture",
    "import": "replace a subscription of a server by a fixture",
    "fixture": "make a fixture of a describe answer, or of an export of leads",
    "prove": "run an old program and a new one, and compare what they leave behind",
    "replay": "send recorded traffic of the real API to a double, and compare the answers",
    "fixtures": "list the fixtures that come with mockmkto",
    "check": "say what is wrong with a fixture",
    "help": "print the help of a command",
    "version": "print the version",
}
"""Every command, in the order of the help: its name, which is its module's, and what it does."""

INTERRUPTED = 130  # as shells report SIGINT
BROKEN_PIPE = 141  # as shells report SIGPIPE
CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)  # what a write to stdout fails with


class Command(Protocol):
    """What a command's module has."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments, and say what it is for."""

    def run(self, args: argparse.Namespace, environ: Mapping[str, str]) -> int:
        """Do it. Returns the exit code; raises Failure for whatever the user can mend."""


class ReadsItsWords(Command, Protocol):
    """What a command's module has when its words are not all its own."""

    def parse(self, parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
        """Read the words behind the command's name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line, without the program's name; by default the process's own.

    Returns the exit code: 0 done, 1 a fault was answered (or a signature refused, or a server not ready yet), 2 wrong
    usage, 3 nobody there. What the user can mend is one sentence or two on stderr, never a traceback.
    """
    _open_closed_streams()
    try:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")  # a lead's name must not break a console's code page
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except Failure as failure:
        print(f"mockmkto: {failure}", file=sys.stderr)
        return failure.exit_code
    except BrokenPipeError:  # whoever read has seen enough
        _write_no_more()
        return BROKEN_PIPE
    except OSError as error:
        if error.errno not in CANNOT_WRITE or error.filename is not None:
            raise
        _write_no_more()
        print(f"mockmkto: the output cannot be written ({error.strerror})", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _open_closed_streams() -> None:
    """Where a stream was closed before we began, the next file or socket would get its number, and what is said."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  # until the process ends


def _write_no_more() -> None:
    """Python would complain once more when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    parser = _main_parser()
    if not argv:
        parser.print_help(sys.stderr)
        return WRONG_USAGE
    name = argv[0]
    try:
        if name.startswith("-"):
            parser.parse_args(argv)
            raise wrong_usage("a command must come first: mockmkto --help lists them")
        if name not in COMMANDS:
            raise wrong_usage(_unknown(name))
        command = cast(Command, importlib.import_module(f"mockmkto.cli.{_module(name)}"))
        command_parser = Parser(f"mockmkto {name}")
        command.configure(command_parser)
        if hasattr(command, "parse"):
            args = cast(ReadsItsWords, command).parse(command_parser, argv[1:])
        else:  # options and NAME=VALUE pairs in any order
            args = command_parser.parse_intermixed_args(argv[1:])
    except SystemExit:  # --help, --version
        return DONE
    return command.run(args, os.environ)


def _module(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _main_parser() -> Parser:
    parser = Parser("mockmkto")
    width = max(map(len, COMMANDS)) + 2
    listed = "\n".join(f"  {name:{width}}{text}" for name, text in COMMANDS.items())
    parser.usage = "mockmkto COMMAND [options]"
    parser.description = f"A local double of the Marketo SOAP API.\n\ncommands:\n{listed}"
    parser.epilog = (
        "mockmkto COMMAND --help says more.\n\n"
        "Exit codes: 0 done, 1 a fault was answered, 2 wrong usage, 3 nobody there."
    )
    return parser


def _unknown(name: str) -> str:
    import difflib  # only for a mistake

    if not name.replace("-", "").isalpha():  # a credential without its option, perhaps
        return f"the first word must be a command. There are {', '.join(COMMANDS)}."
    near = difflib.get_close_matches(name.lower(), COMMANDS, n=1)
    if near:
        return f"there is no command {name!r}. Did you mean {near[0]!r}?"
    return f"there is no command {name!r}. There are {', '.join(COMMANDS)}."
