"""`mockmkto exec`: a server of its own for a command, such as the test suite of any language."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace  # noqa: TID251  # of the settings, which are a dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from mockmkto.cli.log import log_to
from mockmkto.cli.parser import wrong_usage
from mockmkto.cli.serve import add_settings, given_settings, unusable_is_failure
from mockmkto.collector import nothing_is_garbage
from mockmkto.settings import SETTINGS

if TYPE_CHECKING:
    from mockmkto.serving.marketo import MarketoServer

__all__ = ["configure", "intercepted_by", "parse", "run", "variables_of"]

_INTERCEPT = "--intercept"
_OWN_PORTS = ("port", "https_port")  # variables name those of another server
_KILLED = 128  # and the number of the signal, as shells report it
_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def configure(parser: argparse.ArgumentParser) -> None:
    """The settings of the server; what follows them is the command's."""
    parser.usage = "mockmkto exec [options] -- COMMAND [ARGUMENT ...]"
    parser.description = (
        "Starts a server on any free port, runs the command, stops the server, and exits with the\n"
        "command's exit code (128 and the signal's number if a signal ended it). The -- can be left out.\n\n"
        "  mockmkto exec --fixture demo -- npm test\n\n"
        "The command finds the server in its environment:\n\n"
        "  MARKETO_SOAP_ENDPOINT      where calls over SOAP are POSTed\n"
        "  MARKETO_SOAP_WSDL          the WSDL\n"
        "  MARKETO_USER_ID            who may call\n"
        "  MARKETO_ENCRYPTION_KEY     the key to sign with\n"
        "  MARKETO_REST_ENDPOINT      the REST API: .../rest\n"
        "  MARKETO_IDENTITY_ENDPOINT  where its tokens are given out: .../identity\n"
        "  MARKETO_CLIENT_ID          who may call it\n"
        "  MARKETO_CLIENT_SECRET      the client's secret\n"
        "  MOCKMKTO_URL               the server, for mockmkto's own commands and the control API\n"
        "  MOCKMKTO_ADMIN_TOKEN       the admin token, if there is one\n\n"
        "If the command fails, the calls that were answered with a fault or a warning, or made to go wrong, are\n"
        "told on stderr.\n\n"
        "The options are those of mockmkto serve; without --port it is any free one. With --intercept the vendor's\n"
        "own hosts (*.mktoapi.com, *.mktorest.com, *.marketo.com) lead to the server, for programs that nobody can\n"
        "change; every other host is refused."
    )
    parser.add_argument(
        _INTERCEPT, action="store_true", help="answer the vendor's own host names for the command, over https, too"
    )
    parser.add_argument("--log", metavar="FILE", help="the server's log, a line a call, into a file; -: to stderr")
    add_settings(parser, any_free=_OWN_PORTS)


def parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Splits the words where the command begins: it has options of its own.

    Raises:
        Failure: an option is not known, or has no value.
    """
    alone = {"-h", "--help", "--version", _INTERCEPT, *(setting.flag for setting in SETTINGS if setting.on_off)}
    begin = 0
    while begin < len(words) and words[begin].startswith("-") and words[begin] != "--":
        begin += 1 if "=" in words[begin] or words[begin] in alone else 2
    args = parser.parse_args(words[:begin])
    args.command = list(words[begin + 1 :] if words[begin : begin + 1] == ["--"] else words[begin:])
    return args


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Runs the command beside the server. Returns the command's exit code.

    Raises:
        Failure: there is no command, it cannot be started, or the server cannot be.
    """
    if not args.command:
        raise wrong_usage("a command must follow: mockmkto exec -- COMMAND. See mockmkto exec --help.")
    # The ports that variables name are another server's: the one beside which this one runs, perhaps.
    own = ("command", "log", "intercept")
    flags = dict.fromkeys(_OWN_PORTS, "0") | {
        name: value for name, value in vars(args).items() if name not in own and value is not None
    }
    # MOCKMKTO_URL is one address for everything, and nobody else reaches this server.
    settings = replace(given_settings(flags, environ), admin_port=None)
    as_json = settings.log_format == "json"
    with _log(args.log, as_json=as_json), unusable_is_failure(settings):
        with nothing_is_garbage():
            from mockmkto.cli.summary import Summary
            from mockmkto.serving.marketo import MarketoServer

            summary = Summary()
            # The server first: should the command not start, nothing but a moment is lost.
            made = MarketoServer(settings, summary.add)
        with made as server:
            variables = {**environ, **variables_of(server)}
            with intercepted_by(server, variables) if args.intercept else nullcontext({}) as further:
                code = _run(args.command, {**variables, **further})
            endpoint = server.endpoint
    if code:
        print(summary.as_json() if as_json else summary.as_text(code, endpoint), end="", file=sys.stderr)
    return code


def intercepted_by(server: MarketoServer, environ: Mapping[str, str]) -> AbstractContextManager[dict[str, str]]:
    """The variables with which the vendor's hosts lead a command to a server, for as long as the block lasts."""
    from mockmkto.cli.interception import intercepted

    return intercepted(server.url, environ, server.registry.hosts())


@contextmanager
def _log(file: str | None, *, as_json: bool) -> Iterator[None]:
    """Where the server's log goes: to stderr or into a file; only what went wrong in it to stderr, otherwise.

    Raises:
        Failure: the file cannot be written.
    """
    if file is None or file == "-":
        with log_to(sys.stderr, as_json=as_json, level=logging.WARNING if file is None else logging.INFO):
            yield
        return
    try:
        stream = Path(file).open("w", encoding="utf-8")  # noqa: SIM115  # closed below
    except OSError as error:
        raise wrong_usage(f"--log: {file} cannot be written ({error.strerror}).") from None
    with stream, log_to(stream, as_json=as_json):
        yield


def variables_of(server: MarketoServer) -> dict[str, str]:
    """What a command finds in its environment: where the server is, and as whom to call it."""
    subscription = server.registry.default()
    name = subscription.name if subscription is not None else None
    usable = next((item for item in server.registry.credentials(name) if not item.blocked), None)
    client = next((item for item in server.registry.clients(name) if not item.blocked), None)
    return {
        "MARKETO_SOAP_ENDPOINT": server.endpoint,
        "MARKETO_SOAP_WSDL": server.wsdl_url,
        "MARKETO_USER_ID": usable.user_id if usable else "",
        "MARKETO_ENCRYPTION_KEY": usable.encryption_keys[-1] if usable else "",
        "MARKETO_REST_ENDPOINT": server.rest_endpoint,
        "MARKETO_IDENTITY_ENDPOINT": server.identity_endpoint,
        "MARKETO_CLIENT_ID": client.client_id if client else "",
        "MARKETO_CLIENT_SECRET": client.secrets[-1] if client else "",
        "MOCKMKTO_URL": server.settings.public_url or server.url,
        **({"MOCKMKTO_ADMIN_TOKEN": server.settings.admin_token} if server.settings.admin_token else {}),
    }


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    with _signals_to() as started:
        try:
            process = subprocess.Popen(command, env=environ)  # noqa: S603  # what the user asked for
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise wrong_usage(f"the command {command[0]!r} cannot be started: {why}.") from None
        started.append(process)
        code = process.wait()
    return code if code >= 0 else _KILLED - code


@contextmanager
def _signals_to() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Hands the signals that come to the process that is put into the list: it decides what to do, and so does its end.

    Those that came before it had started reach it then.
    """
    started: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        # A terminal's Ctrl-C has reached the command already: it is in the same process group.
        if started and not (number == signal.SIGINT and _from_terminal()):
            started[0].send_signal(number)

    numbers = [getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)]
    before = {number: signal.signal(number, forward) for number in numbers}
    try:
        yield started
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _from_terminal() -> bool:
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False
