"""`mockmkto serve`: the server, with a banner when it is ready and a log line per call."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sqlite3
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockmkto import __version__
from mockmkto.cli.ignored import ignored
from mockmkto.cli.log import log_to_stderr
from mockmkto.cli.parser import Failure, wrong_usage
from mockmkto.collector import nothing_is_garbage
from mockmkto.settings import (
    DEFAULT_CLIENT_ID,
    DEFAULT_CLIENT_SECRET,
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_PORT,
    DEFAULT_USER_ID,
    SETTINGS,
    SWITCHES,
    SettingError,
    Settings,
    read_settings,
)
from mockmkto.signals import EndedEarlyError, EndSignals

if TYPE_CHECKING:
    from mockmkto.serving.marketo import MarketoServer

__all__ = ["add_settings", "configure", "given_settings", "run", "unusable_is_failure"]


_log = logging.getLogger("mockmkto.cli")

_OF_THE_FILE = (sqlite3.OperationalError, sqlite3.DatabaseError)  # locked, no database, not ours to write


def configure(parser: argparse.ArgumentParser) -> None:
    """Every setting and every switch, from their tables."""
    parser.description = (
        "Runs the server until SIGTERM or Ctrl-C. Every option is an environment variable as well, in\n"
        "brackets; a flag wins over its variable."
    )
    add_settings(parser)


def add_settings(parser: argparse.ArgumentParser, any_free: Collection[str] = ()) -> None:
    """An option for each setting and each switch; the ports named in `any_free` are not what variables say."""
    for setting in SETTINGS:
        default = f"; default: {setting.shown_default}" if setting.shown_default else ""
        repeatable = "; repeatable" if setting.repeatable else ""
        whence = "default: any free one" if setting.name in any_free else f"{setting.variable}{default}"
        text = _plain(f"{setting.help}{repeatable} [{whence}]")
        if setting.on_off:
            parser.add_argument(setting.flag, dest=setting.name, action="store_const", const="on", help=text)
            continue
        if setting.name == "port":  # a help that named both is laid out differently from Python to Python
            parser.add_argument("-p", dest="port", help=argparse.SUPPRESS)
            text = f"{text}; -p for short"
        parser.add_argument(
            setting.flag,
            dest=setting.name,
            metavar=setting.metavar,
            action="append" if setting.repeatable else "store",
            help=text,
        )
    group = parser.add_argument_group(
        "subscription behaviour", "These win over the fixtures, for every subscription of the server."
    )
    for switch in SWITCHES:
        group.add_argument(
            switch.flag,
            dest=switch.name,
            metavar="|".join(dict.fromkeys(choice for choice in switch.choices if not choice[0].isdigit())),
            help=_plain(f"{switch.help} [{switch.variable}; default: {switch.default}]"),
        )


def run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Serves until a signal, then returns 0; a signal that comes before it serves is obeyed as well.

    Raises:
        Failure: a setting, a fixture or the data folder cannot be used, or the address is taken. Where the log is JSON
            the log says so instead.
    """
    # First of all: until then a signal kills, and the first process of a container does not even notice it.
    signals = EndSignals()
    try:
        code = _run(args, environ, signals)
    except EndedEarlyError:
        code = 0
    except BaseException:
        signals.release()
        raise
    signals.ignore()
    return code


def _run(args: argparse.Namespace, environ: Mapping[str, str], signals: EndSignals) -> int:
    as_json = (args.log_format or environ.get("MOCKMKTO_LOG_FORMAT")) == "json"
    with log_to_stderr(as_json=as_json):
        try:
            settings = given_settings(vars(args), environ)
            for sentence in ignored(settings, vars(args), environ):
                _log.warning("%s", sentence)
            return _serve(settings, signals)
        except Failure as failure:
            if not as_json:
                raise
            _log.error("%s", failure)  # every line is an object, the last one too
            return failure.exit_code


def _serve(settings: Settings, signals: EndSignals) -> int:
    _allow_more_files(settings.max_connections)
    with unusable_is_failure(settings), ExitStack() as starting:
        starting.enter_context(nothing_is_garbage())
        from mockmkto.serving import run_until_signal
        from mockmkto.serving.marketo import MarketoServer
        from mockmkto.serving.memory import keep_what_is_loaded, use_one_heap

        use_one_heap()
        server = MarketoServer(settings)
        try:

            def ready() -> None:
                _say_ready(server)
                keep_what_is_loaded()
                starting.close()

            return run_until_signal(server, ready, signals)
        finally:
            server.stop()  # one that could not start holds its store


def _allow_more_files(connections: int) -> None:
    """As many open files as the system lets us have, for the connections and for the databases of --data-dir."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * connections + 4096
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(
                resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
            )


def given_settings(flags: Mapping[str, str | Sequence[str] | None], environ: Mapping[str, str]) -> Settings:
    """The settings of flags and variables.

    Raises:
        Failure: one of them cannot be read.
    """
    try:
        return read_settings(flags, environ)
    except SettingError as error:
        raise wrong_usage(f"{error}.") from None


@contextmanager
def unusable_is_failure(settings: Settings) -> Iterator[None]:
    """A block in which a server is made and runs: what cannot be used for it is said in a sentence.

    Raises:
        Failure: a fixture or the data folder cannot be used, or the address is taken.
    """
    # The heavy ones: nobody who only asks for --help, or has misspelt a flag, waits for them.
    from sqlalchemy.exc import DatabaseError

    from mockmkto.serving import CannotServe
    from mockmkto.store.backend import UnusableDatabaseError
    from mockmkto.store.registry import SubscriptionError, TakenError
    from mockmkto.store.versions import UnusableFileError
    from mockmkto.worlds import FixtureError

    try:
        yield
    except FixtureError as error:
        raise _unusable_fixtures(error) from None
    except (CannotServe, SubscriptionError, TakenError) as error:
        raise wrong_usage(f"{error}.") from None
    except UnusableDatabaseError as error:
        raise wrong_usage(f"--database-url / MOCKMKTO_DATABASE_URL: {error}.") from None
    except (OSError, sqlite3.DatabaseError, DatabaseError) as error:
        cause = (error.orig or error) if isinstance(error, DatabaseError) else error
        if isinstance(cause, UnusableFileError):
            raise wrong_usage(
                f"the data cannot be used: {cause}. Choose another folder with --data-dir / MOCKMKTO_DATA_DIR."
            ) from None
        # Exactly these types: what derives from them, such as a constraint that fails, is an error of ours.
        if settings.data_dir is not None and (isinstance(cause, OSError) or type(cause) in _OF_THE_FILE):
            raise _unusable_data(settings.data_dir, cause) from None
        raise


def _unusable_fixtures(error: ValueError) -> Failure:
    return wrong_usage(f"the fixtures cannot be used, nothing was loaded:\n{error}")


def _unusable_data(folder: Path, error: BaseException) -> Failure:
    from mockmkto.cli.unusable import unusable_data

    return wrong_usage(unusable_data(folder, error))


def _plain(text: str) -> str:
    return text.replace("%", "%%")  # argparse would put values in


# ---------------------------------------------------------------------------------------------------------------------
# The banner


def _say_ready(server: MarketoServer) -> None:
    """Says so on stdout; where that cannot be written the server serves all the same."""
    say = _ready_json if server.settings.log_format == "json" else _ready_text
    try:
        print(say(server), flush=True)
    except OSError as error:
        _log.warning("the server is ready, but stdout cannot be written (%s)", error.strerror)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in its buffer fails no more


def _ready_text(server: MarketoServer) -> str:
    user_ids, has_default = _users(server)
    client_ids, has_default_client = _clients(server)
    rows = [
        ("Endpoint", server.endpoint),
        ("WSDL", server.wsdl_url),
        ("REST endpoint", server.rest_endpoint),
        ("Identity", server.identity_endpoint),
        *([("Endpoint (TLS)", server.https_endpoint)] if server.https_endpoint else []),
        *([("Authority", _authority(server))] if server.authority else []),
        ("User id" if len(user_ids) == 1 else "User ids", ", ".join(user_ids)),
        *([("Encryption key", DEFAULT_ENCRYPTION_KEY)] if has_default else []),
        ("Client id" if len(client_ids) == 1 else "Client ids", ", ".join(client_ids)),
        *([("Client secret", DEFAULT_CLIENT_SECRET)] if has_default_client else []),
        ("Start page", _start_page(server)),
    ]
    width = max(len(name) for name, _ in rows) + 2
    lines = [f"  {name:{width}}{value}" for name, value in rows]
    return "\n".join([f"mockmkto {__version__} is ready.", "", *lines, "", f"Try it:  {_first_call(server)}", ""])


def _ready_json(server: MarketoServer) -> str:
    user_ids, has_default = _users(server)
    client_ids, has_default_client = _clients(server)
    ready = {
        "event": "ready",
        "version": __version__,
        "url": server.url,
        "endpoint": server.endpoint,
        "wsdl": server.wsdl_url,
        "rest_endpoint": server.rest_endpoint,
        "identity_endpoint": server.identity_endpoint,
        "https_endpoint": server.https_endpoint,
        "authority": _authority(server) if server.authority else None,
        "admin_url": _admin_address(server),
        "user_ids": user_ids,
        "encryption_key": DEFAULT_ENCRYPTION_KEY if has_default else None,
        "client_ids": client_ids,
        "client_secret": DEFAULT_CLIENT_SECRET if has_default_client else None,
        "start_page": _start_page(server),
    }
    return json.dumps(ready)


def _users(server: MarketoServer) -> tuple[list[str], bool]:
    """Everybody's user id, and whether the built-in key is among the keys: the only one that is ever shown."""
    credentials = server.registry.credentials()
    has_default = any(
        item.user_id == DEFAULT_USER_ID and DEFAULT_ENCRYPTION_KEY in item.encryption_keys for item in credentials
    )
    return [item.user_id for item in credentials], has_default


def _clients(server: MarketoServer) -> tuple[list[str], bool]:
    """The same of the REST API's clients."""
    clients = server.registry.clients()
    has_default = any(item.client_id == DEFAULT_CLIENT_ID and DEFAULT_CLIENT_SECRET in item.secrets for item in clients)
    return [item.client_id for item in clients], has_default


def _start_page(server: MarketoServer) -> str:
    return f"{_admin_address(server)}/"


def _authority(server: MarketoServer) -> str:
    """Where the authority's certificate is: over plain http, since whoever fetches it trusts no other yet."""
    return f"{server.settings.public_url or server.url}/__admin/tls/ca.pem"


def _admin_address(server: MarketoServer) -> str:
    """Where the start page and the control API are, as clients see it."""
    if server.settings.admin_port is not None:
        return server.admin_url
    return server.settings.public_url or server.url


def _first_call(server: MarketoServer) -> str:
    user_ids, has_default = _users(server)
    words = ["mockmkto call syncLead"]
    if server.url != f"http://127.0.0.1:{DEFAULT_PORT}":
        words.append(f"--url {server.url}")
    if not has_default and user_ids:
        words.append(f"--credential {user_ids[0]}:KEY")
    return " ".join([*words, "--email ann@example.com FirstName=Ann"])
