"""What the views of one server share: the API, the settings they show, and the address by which they were asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from threading import Event
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mockmkto.clock import stopwatch
from mockmkto.soap.server import SoapServer
from mockmkto.store.registry import Registry
from mockmkto.web.guard import Guard
from mockmkto.web.metrics import Metrics
from mockmkto.web.sides import ADMIN_SIDE
from mockmkto.web.waiting import Waits

if TYPE_CHECKING:  # a server starts without what only its pages need
    from werkzeug.wrappers import Request

    from mockmkto.rest.server import RestServer

__all__ = ["Site"]

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_PORT = re.compile(r"[0-9]{1,5}")
_PORT_AT_END = re.compile(r":[0-9]{1,5}$")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


class Site(Struct):
    """One server, as its views see it."""

    soap: SoapServer
    registry: Registry
    public_url: str | None = None
    max_body: int = 10 * 1024**2
    ready: Event = field(default_factory=Event)
    fixtures: tuple[str, ...] = ()  # what --fixture was given: new subscriptions may begin as these, too
    switches: Mapping[str, str] = field(default_factory=dict)  # what was given as flags overrides every fixture
    started: float = field(default_factory=stopwatch)
    guard: Guard = field(default_factory=Guard)
    metrics: Metrics = field(default_factory=Metrics)
    connections: Callable[[], int] = lambda: 0  # how many are open, on every port
    authority: bytes | None = None  # the certificate of whoever has signed the server's own, in PEM
    waits: Waits = field(default_factory=Waits)
    api_port: int | None = None  # where the API is, when this side has a port of its own
    made: list[RestServer] = field(default_factory=list)

    @property
    def rest(self) -> RestServer:
        """The API over REST: what it is made of is imported by the first who calls it."""
        if not self.made:
            from mockmkto.rest.server import RestServer

            self.made.append(RestServer(self.soap.calls))
        return self.made[0]

    @property
    def uptime(self) -> float:
        """Seconds since the server was made."""
        return stopwatch() - self.started

    def address(self, request: Request) -> str:
        """Scheme, host and prefix by which the client asked: `--public-url`, or X-Forwarded headers, or Host.

        The headers count from a trusted proxy alone: anybody else could have others told to ask elsewhere.
        `--public-url` says where the API is, and nothing of a port of its own for this side.
        """
        if self.public_url is not None and not request.environ.get(ADMIN_SIDE):
            return self.public_url
        proxies = self.guard.origins.proxies
        forwarded = {name: proxies.forwarded(request, name) for name in ("Proto", "Host", "Port", "Prefix")}
        scheme = forwarded["Proto"].lower() if forwarded["Proto"].lower() in ("http", "https") else request.scheme
        host = forwarded["Host"] if _HOST.fullmatch(forwarded["Host"]) else request.headers.get("Host", "")
        if not _HOST.fullmatch(host):  # HTTP/1.0 has none
            host = f"{request.environ['SERVER_NAME']}:{request.environ['SERVER_PORT']}"
        port = forwarded["Port"]
        if _PORT.fullmatch(port) and ":" not in host.rpartition("]")[2] and port != _DEFAULT_PORTS[scheme]:
            host = f"{host}:{port}"
        prefix = forwarded["Prefix"].rstrip("/") if _PREFIX.fullmatch(forwarded["Prefix"]) else ""
        return f"{scheme}://{host}{prefix}"

    def api_address(self, request: Request) -> str:
        """Where the client that asked finds the API: by the same address, unless this side has a port of its own."""
        if self.public_url is not None:
            return self.public_url
        address = self.address(request)
        if self.api_port is None or not request.environ.get(ADMIN_SIDE):
            return address
        scheme, _, rest = address.partition("://")
        host = _PORT_AT_END.sub("", rest.partition("/")[0])
        return f"{scheme}://{host}:{self.api_port}"
