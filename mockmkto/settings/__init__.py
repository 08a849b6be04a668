"""One table of settings: flag, environment variable, fixture key, help and documentation come from it.

`SETTINGS` are the server's own; `SWITCHES` rule one subscription's behaviour and can also stand in a fixture, under
`behaviour:`. A switch given as a flag or a variable overrides what the fixtures say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from mockmkto.bounds import DEFAULT_MAX_ELEMENTS
from mockmkto.settings.switches import SWITCHES, SettingError, Switch, behaviour_from, behaviour_texts
from mockmkto.settings.texts import (
    format_duration,
    parse_body_size,
    parse_client,
    parse_count,
    parse_credential,
    parse_database_url,
    parse_duration,
    parse_host_name,
    parse_log_format,
    parse_network,
    parse_on,
    parse_path,
    parse_port,
    parse_seconds,
    parse_size,
    parse_token,
    parse_url,
)

__all__ = [
    "DEFAULT_API_USER",
    "DEFAULT_CLIENT_ID",
    "DEFAULT_CLIENT_SECRET",
    "DEFAULT_ENCRYPTION_KEY",
    "DEFAULT_HTTPS_PORT",
    "DEFAULT_JOURNAL_BYTES",
    "DEFAULT_JOURNAL_SIZE",
    "DEFAULT_MAX_CONNECTIONS",
    "DEFAULT_PORT",
    "DEFAULT_REQUEST_TIMEOUT",
    "DEFAULT_USER_ID",
    "SETTINGS",
    "SWITCHES",
    "Setting",
    "SettingError",
    "Settings",
    "Switch",
    "behaviour_from",
    "behaviour_texts",
    "format_duration",
    "parse_duration",
    "read_settings",
]

DEFAULT_PORT = 6586  # MKTO on a phone
DEFAULT_USER_ID = "mockmkto"
DEFAULT_ENCRYPTION_KEY = "mockmkto-encryption-key"
DEFAULT_CLIENT_ID = "mockmkto-client"
DEFAULT_CLIENT_SECRET = "mockmkto-client-secret"  # noqa: S105  # everybody is to know it
DEFAULT_API_USER = "api@mockmkto.example"
DEFAULT_HTTPS_PORT = 6587
DEFAULT_JOURNAL_SIZE = 1000  # calls
DEFAULT_JOURNAL_BYTES = 64 * 1024**2
DEFAULT_MAX_CONNECTIONS = 1000
DEFAULT_REQUEST_TIMEOUT = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the server. A repeatable one is several flags, or one variable with spaces between."""

    name: str
    help: str
    metavar: str
    parse: Callable[[str], Any]
    default: Any = None
    shown_default: str = ""
    repeatable: bool = False
    secret: bool = False  # a value that cannot be read is not repeated in the message

    @property
    def on_off(self) -> bool:
        """Whether the flag takes no value; the variable takes on or off."""
        return not self.metavar

    @property
    def flag(self) -> str:
        """`--data-dir`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """`MOCKMKTO_DATA_DIR`."""
        return "MOCKMKTO_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("host", "the address to listen on", "ADDRESS", str, "127.0.0.1", "127.0.0.1"),
    Setting("port", "the port to listen on; 0 takes any free one", "PORT", parse_port, DEFAULT_PORT, str(DEFAULT_PORT)),
    Setting(
        "fixture",
        "a world to start with: the name of a shipped fixture, or a file",
        "NAME_OR_FILE",
        str,
        (),
        "empty",
        repeatable=True,
    ),
    Setting("fixtures_dir", "a folder whose fixture files are loaded as well, if it has any", "FOLDER", parse_path),
    Setting(
        "credential",
        "who may call the SOAP API, in place of the default credential; the same user with two keys rotates them",
        "USER:KEY",
        parse_credential,
        (),
        f"{DEFAULT_USER_ID}:{DEFAULT_ENCRYPTION_KEY}",
        repeatable=True,
        secret=True,
    ),
    Setting(
        "client",
        "who may call the REST API, in place of the default client; the same id with two secrets rotates them",
        "ID:SECRET",
        parse_client,
        (),
        f"{DEFAULT_CLIENT_ID}:{DEFAULT_CLIENT_SECRET}",
        repeatable=True,
        secret=True,
    ),
    Setting("data_dir", "a folder that keeps everything over a restart", "FOLDER", parse_path, None, "in memory"),
    Setting(
        "database_url",
        "a PostgreSQL database that keeps everything instead; the servers that share it are one sandbox",
        "URL",
        parse_database_url,
        None,
        "none",
        secret=True,
    ),
    Setting(
        "public_url",
        "the address that clients see, for the WSDL; otherwise the one that was asked",
        "URL",
        parse_url,
    ),
    Setting("log_format", "one line per call: text, or json", "FORMAT", parse_log_format, "text", "text"),
    Setting(
        "max_body", "the largest request; a larger one is answered 413", "SIZE", parse_body_size, 10 * 1024**2, "10MiB"
    ),
    Setting(
        "max_elements",
        "the most XML elements of a request; one with more is answered as what is no XML",
        "NUMBER",
        parse_count,
        DEFAULT_MAX_ELEMENTS,
        str(DEFAULT_MAX_ELEMENTS),
    ),
    Setting(
        "journal_size",
        "how many calls each subscription remembers",
        "CALLS",
        parse_count,
        DEFAULT_JOURNAL_SIZE,
        "1000",
    ),
    Setting(
        "journal_bytes",
        "how much of them each subscription remembers; the oldest go first",
        "SIZE",
        parse_size,
        DEFAULT_JOURNAL_BYTES,
        "64MiB",
    ),
    Setting(
        "max_connections",
        "how many connections a port keeps open; beyond that, the one that has been idle the longest is closed",
        "NUMBER",
        parse_count,
        DEFAULT_MAX_CONNECTIONS,
        str(DEFAULT_MAX_CONNECTIONS),
    ),
    Setting(
        "request_timeout",
        "how long a client may keep the server waiting within one request; a slower one is cut off",
        "DURATION",
        parse_seconds,
        DEFAULT_REQUEST_TIMEOUT,
        f"{DEFAULT_REQUEST_TIMEOUT:g}s",
    ),
    Setting(
        "admin_token",
        "what the control API, the console and /metrics ask for; the API itself and the probes ask for nothing",
        "TOKEN",
        parse_token,
        secret=True,
    ),
    Setting(
        "read_only_admin", "the control API and the console show everything and change nothing", "", parse_on, False
    ),
    Setting(
        "admin_port",
        "a port of its own for the control API, the console and /metrics, which are then not on the others",
        "PORT",
        parse_port,
        None,
        "with the API",
    ),
    Setting(
        "allowed_host",
        "a further name by which control API and console may be asked while there is no admin token; *.example.com is "
        "any in it",
        "NAME",
        parse_host_name,
        (),
        "localhost, addresses and names without a dot",
        repeatable=True,
    ),
    Setting(
        "trusted_proxy",
        "an address or a network from which X-Forwarded-* headers count",
        "ADDRESS",
        parse_network,
        (),
        "this machine",
        repeatable=True,
    ),
    Setting("tls", "serve https as well, with a certificate made here", "", parse_on, False),
    Setting(
        "tls_name",
        "a further host name or address for that certificate",
        "NAME",
        parse_host_name,
        (),
        repeatable=True,
    ),
    Setting("tls_cert", "serve https as well, with this certificate in PEM", "FILE", parse_path),
    Setting("tls_key", "the certificate's private key in PEM", "FILE", parse_path),
    Setting(
        "https_port",
        "the port for https, if there is a certificate",
        "PORT",
        parse_port,
        DEFAULT_HTTPS_PORT,
        str(DEFAULT_HTTPS_PORT),
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of a server, read."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    fixture: tuple[str, ...] = ()
    fixtures_dir: Path | None = None
    credential: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    client: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    data_dir: Path | None = None
    database_url: str | None = field(default=None, repr=False)  # with a password, as a rule
    public_url: str | None = None
    log_format: str = "text"
    max_body: int = 10 * 1024**2
    max_elements: int = DEFAULT_MAX_ELEMENTS
    journal_size: int = DEFAULT_JOURNAL_SIZE
    journal_bytes: int = DEFAULT_JOURNAL_BYTES
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    request_timeout: float = DEFAULT_REQUEST_TIMEOUT  # seconds
    admin_token: str | None = field(default=None, repr=False)
    read_only_admin: bool = False
    admin_port: int | None = None
    allowed_host: tuple[str, ...] = ()
    trusted_proxy: tuple[IPv4Network | IPv6Network, ...] = ()
    tls: bool = False
    tls_name: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    https_port: int = DEFAULT_HTTPS_PORT
    switches: Mapping[str, str] = field(default_factory=dict)  # those that were given

    @property
    def speaks_https(self) -> bool:
        """Whether there is a port for https."""
        return self.tls or self.tls_cert is not None


def read_settings(flags: Mapping[str, str | Sequence[str] | None], environ: Mapping[str, str]) -> Settings:
    """Flags over variables over defaults; an empty variable is as if not set.

    Raises:
        SettingError: a value that cannot be read, named by its flag or its variable.
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        where, texts = _given(setting, flags, environ)
        if not texts:
            continue
        try:
            parsed = [setting.parse(text) for text in texts]
        except ValueError as error:
            # A credential that cannot be read may still hold a key: it is not repeated.
            shown = "..." if setting.secret else " ".join(texts)
            raise SettingError(where, shown, str(error)) from None
        values[setting.name] = tuple(parsed) if setting.repeatable else parsed[-1]
    if (values.get("tls_cert") is None) != (values.get("tls_key") is None):
        raise SettingError("--tls-cert, --tls-key", "one of them", "both")
    if values.get("tls") and values.get("tls_cert") is not None:
        raise SettingError("--tls, --tls-cert", "both", "a certificate that is made here, or one of your own")
    switches: dict[str, str] = {}
    for switch in SWITCHES:
        where, texts = _given(switch, flags, environ)
        if texts:
            try:
                switch.parse(texts[-1])
            except ValueError as error:
                raise SettingError(where, texts[-1], str(error)) from None
            switches[switch.name] = texts[-1]
    return Settings(**values, switches=switches)


def _given(
    setting: Setting | Switch, flags: Mapping[str, str | Sequence[str] | None], environ: Mapping[str, str]
) -> tuple[str, Sequence[str]]:
    flag = flags.get(setting.name)
    if flag is not None:
        return setting.flag, [flag] if isinstance(flag, str) else list(flag)
    text = environ.get(setting.variable, "")
    if setting.name.endswith("port") and text.startswith("tcp://"):
        text = ""  # what Kubernetes sets for a service that is called mockmkto, or mockmkto-admin
    repeatable = isinstance(setting, Setting) and setting.repeatable
    return setting.variable, text.split() if repeatable else ([text] if text else [])
