"""A whole server: registry, fixtures, API and HTTP, started in the order that makes ready mean ready."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from logging import LogRecord
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from msgspec.structs import replace

from mockmkto.bounds import WORLD_FACTOR
from mockmkto.calls.log import LOGGER, json_line, text_line
from mockmkto.collector import nothing_is_garbage
from mockmkto.model import Call
from mockmkto.serving.data_dir import DataDirLock
from mockmkto.serving.first_call import NotReadyError, answer_one_call
from mockmkto.serving.given import give_callers, with_settings
from mockmkto.serving.listening import CannotServe, TlsFiles
from mockmkto.serving.now import answers_now
from mockmkto.serving.server import HttpServer
from mockmkto.settings import Settings, behaviour_from
from mockmkto.soap.server import SoapServer
from mockmkto.soap.versions import VERSIONS
from mockmkto.store.backend import Backend, UnusableDatabaseError
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry
from mockmkto.web.guard import Guard
from mockmkto.web.later import app_of
from mockmkto.web.origins import LOOPBACK, Origins, TrustedProxies
from mockmkto.web.sides import APIS, admin_side, api_side
from mockmkto.web.site import Site
from mockmkto.worlds import FixtureWorld, read_all
from mockmkto.worlds.loading import load

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["DEFAULT_SUBSCRIPTION", "MarketoServer", "NotReadyError"]

DEFAULT_SUBSCRIPTION = "default"

CLOSE_TIMEOUT = 1.0  # seconds the store may take to close

_log = logging.getLogger("mockmkto.serving")

_API_TARGETS = tuple(path.encode() for path in APIS)


class MarketoServer:
    """A server with its subscriptions. `start` returns when it is ready; a context manager that starts and stops it.

    Everything of all fixtures is read and checked before anything is loaded; worlds that are given stand for them.

    Raises:
        FixtureError: a fixture cannot be used; the server is not even made.
        CannotServe: another server works with the data dir.
    """

    def __init__(
        self,
        settings: Settings,
        on_call: Callable[[Call], None] | None = None,
        worlds: Sequence[FixtureWorld] | None = None,
    ) -> None:
        self.settings = settings
        self._worlds = read_all(_fixtures(settings)) if worlds is None else tuple(worlds)
        self._lock: DataDirLock | None = None
        if (
            settings.data_dir is not None and settings.database_url is None
        ):  # with PostgreSQL only the TLS files lie there
            self._lock = DataDirLock(settings.data_dir)
        try:
            self.registry = Registry(
                _backend(settings), journal_size=settings.journal_size, journal_bytes=settings.journal_bytes
            )
        except BaseException:
            self._unlock()
            raise
        self._on_call = on_call
        log_line = json_line if settings.log_format == "json" else text_line
        self._log_line = log_line
        self.soap = SoapServer(self.registry, self._called, max_elements=settings.max_elements)
        self._site = Site(
            self.soap,
            self.registry,
            settings.public_url,
            settings.max_body,
            fixtures=_fixtures(settings),
            switches=settings.switches,
            guard=Guard(settings.admin_token, settings.read_only_admin, _origins(settings)),
            connections=lambda: sum(server.connections for server in self._listening),
        )
        app = app_of(self._site)
        together = settings.admin_port is None
        self._api = app if together else api_side(app)
        self._admin_app = None if together else admin_side(app)
        self._http = self._server(self._api, settings.port, "--port / MOCKMKTO_PORT")
        self._https: HttpServer | None = None
        self._admin: HttpServer | None = None

    def _server(self, app: WSGIApplication, port: int, setting: str, tls: TlsFiles | None = None) -> HttpServer:
        return HttpServer(
            app,
            self.settings.host,
            port,
            tls=tls,
            now=None
            if app is self._admin_app
            else answers_now(self.soap, lambda: self._site.rest, self._site.ready.is_set),
            largest=self._largest_body,
            request_timeout=self.settings.request_timeout,
            max_connections=self.settings.max_connections,
            port_setting=setting,
        )

    def _largest_body(self, target: bytes) -> int:
        """Of a request that is read at all; what it is for has the last word. A whole world is larger than a call."""
        return self.settings.max_body * (1 if target.startswith(_API_TARGETS) else WORLD_FACTOR)

    @property
    def url(self) -> str:
        """Where a client on this machine finds the server, without a slash at the end; over plain http."""
        return self._http.url

    @property
    def https_url(self) -> str | None:
        """The same over https, once the server is started and if it has a certificate."""
        return self._https.url if self._https is not None else None

    @property
    def https_endpoint(self) -> str | None:
        """Where calls are POSTed over https, in the newest version; `--public-url` says nothing of this port."""
        return f"{self._https.url}/soap/mktows/{VERSIONS[-1]}" if self._https is not None else None

    @property
    def admin_url(self) -> str:
        """Where control API, console and metrics are: on a port of their own, or at the same address as the API."""
        return self._admin.url if self._admin is not None else self.url

    @property
    def authority(self) -> bytes | None:
        """The certificate of the authority that has signed the server's own, with `--tls`; in PEM."""
        return self._site.authority

    @property
    def endpoint(self) -> str:
        """Where calls are POSTed, in the newest version."""
        return f"{self.settings.public_url or self.url}/soap/mktows/{VERSIONS[-1]}"

    @property
    def wsdl_url(self) -> str:
        """Where the newest version's WSDL is."""
        return f"{self.endpoint}?WSDL"

    @property
    def rest_endpoint(self) -> str:
        """Where the REST API is."""
        return f"{self.settings.public_url or self.url}/rest"

    @property
    def identity_endpoint(self) -> str:
        """Where the REST API's tokens are given out."""
        return f"{self.settings.public_url or self.url}/identity"

    def start(self) -> None:
        """Listen, load the fixtures, answer one call inside; then the server is ready.

        A subscription that the data dir has already goes on where it was; its fixture is not loaded again.

        Raises:
            CannotServe: the address cannot be listened on, or there is no usable certificate.
            TakenError: a user id or a client id opens two subscriptions.
        """
        try:
            with nothing_is_garbage():
                self._listen()
                self._load()
                answer_one_call(self.registry)
        except BaseException:
            self.stop()
            raise
        self._site.ready.set()

    def stop(self) -> None:
        """Answer what is under way, close every connection, let go of the store.

        However busy the store is, that ends: 2 s for the answers, on all ports together, and 1 s for the store, which
        loses nothing that was answered when it is not closed.
        """
        self._site.waits.end()
        _within(None, *(server.stop for server in self._listening))
        if not _within(CLOSE_TIMEOUT, self._let_go):
            _log.warning(
                "the data was still in use %g s after the last answer; what was answered is kept", CLOSE_TIMEOUT
            )

    def _let_go(self) -> None:
        self.registry.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _listening(self) -> list[HttpServer]:
        return [server for server in (self._http, self._https, self._admin) if server is not None]

    def _listen(self) -> None:
        """Every port: the API's first, which says at once that the server lives."""
        if self.settings.tls_cert is not None and self.settings.tls_key is not None:
            from mockmkto.serving.certificate import check_certificate

            check_certificate(TlsFiles(self.settings.tls_cert, self.settings.tls_key))
        self._http.start()
        with self._certificate() as tls:
            if tls is not None:
                self._https = self._server(
                    self._api, self.settings.https_port, "--https-port / MOCKMKTO_HTTPS_PORT", tls
                )
                self._https.start()
            if self._admin_app is not None and self.settings.admin_port is not None:
                setting = "--admin-port / MOCKMKTO_ADMIN_PORT"
                self._admin = self._server(self._admin_app, self.settings.admin_port, setting, tls)
                self._site.api_port = (self._https or self._http).port
                self._admin.start()
        if self.settings.admin_token is None and not self._http.is_local:
            port = f"port {self._admin.port}" if self._admin is not None else "this server"
            may = "read everything" if self.settings.read_only_admin else "read and change everything"
            _log.warning(
                "listening on %s without an admin token: whoever reaches %s may %s, keys and secrets included. "
                "Set --admin-token / MOCKMKTO_ADMIN_TOKEN, or listen on 127.0.0.1.",
                self.settings.host,
                port,
                may,
            )

    @contextmanager
    def _certificate(self) -> Iterator[TlsFiles | None]:
        """The files to serve https with, for as long as it takes to read them; `None` when there is no https."""
        settings = self.settings
        if settings.tls_cert is not None and settings.tls_key is not None:
            yield TlsFiles(settings.tls_cert, settings.tls_key)
        elif settings.tls:
            from mockmkto.serving.authority import own_certificate

            with nullcontext(settings.data_dir / "tls") if settings.data_dir else _temporary_folder() as folder:
                own = own_certificate(folder, _names(settings))
                self._site.authority = own.authority
                yield own.files
        else:
            yield None

    def _called(self, call: Call) -> None:
        self._site.metrics.observe(call)
        if LOGGER.isEnabledFor(logging.INFO):
            # As `info` does, but for the stack that it walks to see who says it.
            LOGGER.handle(LogRecord(LOGGER.name, logging.INFO, "", 0, self._log_line(call), (), None))
        if self._on_call is not None:
            self._on_call(call)

    def _load(self) -> None:
        with self.registry.starting():
            self._load_alone()

    def _load_alone(self) -> None:
        self.registry.clear_up()
        for name in self.registry.names():
            database = self.registry.get(name)
            if database is None or not database.has_baseline:
                lost = "itself" if database is None else "what a reset returns to"
                raise UnusableDatabaseError(
                    f"of the subscription {name}, {lost} is not there. Nothing was changed. Restore it from a copy"
                )
        target = self._given_callers_open()
        there = self.registry.names()
        for world in self._worlds:
            if world.subscription not in there:
                load(with_settings(world, self.settings, takes_callers=world.subscription == target), self.registry)
        for name in there:
            self._apply_settings(name, takes_callers=name == target)

    def _apply_settings(self, name: str, *, takes_callers: bool) -> None:
        """To a subscription that was there, and to what a reset returns it to."""
        database = self.registry.get(name)
        if database is None:
            return
        for transaction in (database.transaction, database.baseline_transaction) if self.settings.switches else ():
            with transaction() as session:
                behaviour = behaviour_from(self.settings.switches, session.world.behaviour)
                if behaviour != session.world.behaviour:
                    session.world = replace(session.world, behaviour=behaviour)
        if takes_callers:
            give_callers(self.settings, self.registry, name)

    def _given_callers_open(self) -> str:
        """The subscription that `--credential` and `--client` open: default, or the first that there is."""
        names = [*self.registry.names(), *(world.subscription for world in self._worlds)]
        return DEFAULT_SUBSCRIPTION if DEFAULT_SUBSCRIPTION in names else names[0]


def _within(seconds: float | None, *actions: Callable[[], None]) -> bool:
    """Do all of it at the same time; whether it was done within so many seconds. What is not goes on by itself."""
    failures: list[BaseException] = []

    def do(action: Callable[[], None]) -> None:
        try:
            action()
        except BaseException as error:  # noqa: BLE001  # raised where it was asked for
            failures.append(error)

    threads = [Thread(target=do, args=(action,), name="mockmkto-stopping", daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds)
    if failures:
        raise failures[0]
    return not any(thread.is_alive() for thread in threads)


def _backend(settings: Settings) -> Backend:
    """Where everything is kept: in PostgreSQL, in files, or in memory.

    Raises:
        UnusableDatabaseError: PostgreSQL cannot be used.
    """
    if settings.database_url is None:
        return LocalBackend(settings.data_dir)
    try:
        from mockmkto.store.schemas import PostgresBackend
    except ModuleNotFoundError as error:
        raise UnusableDatabaseError(
            f"{error.name} is not installed, which comes with the extra: pip install 'mockmkto[postgres]'"
        ) from None
    return PostgresBackend(settings.database_url)


def _origins(settings: Settings) -> Origins:
    """By which names the control API may be asked: those that any setting gives the server are its own."""
    named = (*settings.allowed_host, *settings.tls_name, settings.host.lower())
    return Origins(named, settings.public_url, TrustedProxies(settings.trusted_proxy or LOOPBACK))


def _names(settings: Settings) -> tuple[str, ...]:
    """What the certificate is for beside this machine's own names: what was given, and what other settings name."""
    host = settings.host if settings.host not in ("0.0.0.0", "::") else None  # noqa: S104  # all addresses are no name
    public = urlsplit(settings.public_url).hostname if settings.public_url is not None else None
    return (*settings.tls_name, *(name.lower() for name in (host, public) if name))


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    from tempfile import TemporaryDirectory

    try:
        made = TemporaryDirectory(prefix="mockmkto-")
    except OSError as error:
        raise CannotServe(
            f"--tls needs a folder to write the certificate into ({error.strerror}): give one with --data-dir / "
            "MOCKMKTO_DATA_DIR, or let it write to the temporary folder",
            error.errno,
        ) from error
    with made as folder:
        yield Path(folder)


def _fixtures(settings: Settings) -> tuple[str, ...]:
    """The fixtures that were named, and those in the folder; `empty` where there are neither."""
    found: list[str] = []
    if settings.fixtures_dir is not None and settings.fixtures_dir.is_dir():
        endings = (".yaml", ".yml", ".json")
        found = [str(file) for file in sorted(settings.fixtures_dir.iterdir()) if file.suffix.lower() in endings]
    return (*settings.fixture, *found) or ("empty",)
