"""Whether a request to the control API or the console may come from a web page of somebody else's.

A browser sends whatever a page asks it to, to this machine as to any other. What it cannot hide is which page asks
(`Origin`, `Sec-Fetch-Site`), and by which name the page asks (`Host`): a name of the attacker's that leads here is DNS
rebinding, and to the browser it is the page's own origin. Programs send neither of them, and ask by names of ours.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

if TYPE_CHECKING:  # a server starts without what only its pages need
    from werkzeug.wrappers import Request

__all__ = ["LOOPBACK", "Origins", "TrustedProxies"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))

_PRINTABLE = re.compile(r"[A-Za-z0-9.:_*/\[\]-]{1,120}")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]*)?")
_NO_NAME = "."  # is nobody's
_PORTS = {"http": 80, "https": 443}
# No stranger can own them: RFC 6761, 6.3; and what ICANN set aside for private networks, such as host.docker.internal.
_OURS = (".localhost", ".internal")
_LOOKS = ("GET", "HEAD")


class TrustedProxies(Struct, frozen=True):
    """Whose `X-Forwarded-*` headers count: anybody can send them."""

    networks: tuple[Network, ...] = LOOPBACK

    def sent(self, request: Request) -> bool:
        """Whether a request was handed on by one of them; what comes from within the process was."""
        if not request.remote_addr:
            return True
        try:
            address = ipaddress.ip_address(request.remote_addr.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)

    def forwarded(self, request: Request, name: str) -> str:
        """The first of the values that a chain of proxies put together: the one nearest to the client; or nothing."""
        if not self.sent(request):
            return ""
        return request.headers.get(f"X-Forwarded-{name}", "").split(",")[0].strip()


class Origins(Struct, frozen=True):
    """By which names the server may be asked, and from whose pages.

    Args:
        allowed: names beside those that are always its own: `--allowed-host`; `*.example.com` is any name in it.
        public_url: its address as clients see it.
        proxies: whose `X-Forwarded-Host` counts as well.
    """

    allowed: Sequence[str] = ()
    public_url: str | None = None
    proxies: TrustedProxies = TrustedProxies()

    def objection(self, request: Request) -> str | None:
        """Why a request is refused, and what to set if it should not be; `None` when there is nothing against it."""
        asked = [host for host in (request.headers.get("Host", ""), self.proxies.forwarded(request, "Host")) if host]
        for host in asked:
            if not self._is_ours(_name(host)):
                return (
                    f"This server is asked as {_shown(host)}, which it does not know as a name of its own, and a web "
                    "page could be behind that (DNS rebinding). If it is, name it with --allowed-host "
                    f"{_shown(_name(host))} / MOCKMKTO_ALLOWED_HOST, or protect the server with --admin-token / "
                    "MOCKMKTO_ADMIN_TOKEN."
                )
        page = self._foreign_page(request, asked)
        if page is None:
            return None
        return (
            f"This comes from {page}, and no page but the server's own may do that while there is no admin token. Set "
            "--allowed-host / MOCKMKTO_ALLOWED_HOST to the page's host if it may, or protect the server with "
            "--admin-token / MOCKMKTO_ADMIN_TOKEN."
        )

    def _foreign_page(self, request: Request, asked: Sequence[str]) -> str | None:
        site = request.headers.get("Sec-Fetch-Site", "none").lower()
        if site == "same-origin":  # the browser's own word, where it gives it; its Origin may be `null` for privacy
            return None
        origin = request.headers.get("Origin")
        if origin is not None:
            if self._is_own_page(origin, asked):
                return None
            return f"the web page {_shown(origin)}" if origin != "null" else "a web page that does not say which"
        return None if site == "none" or _is_link(request) else "a web page of another origin"

    def _is_own_page(self, origin: str, asked: Sequence[str]) -> bool:
        scheme, _, place = origin.lower().partition("://")
        if scheme not in _PORTS:
            return False
        if any(_with_port(place, scheme) == _with_port(host.lower(), scheme) for host in asked):
            return True
        if self.public_url is not None and place == urlsplit(self.public_url).netloc.lower():
            return True
        return self._is_allowed(_name(place))

    def _is_ours(self, name: str) -> bool:
        """Whether no stranger can have this name: an address, one without a dot, or one that was given."""
        if _is_address(name.removeprefix("[").removesuffix("]")) or "." not in name or name.endswith(_OURS):
            return True
        if self.public_url is not None and name == _name(urlsplit(self.public_url).netloc):
            return True
        return self._is_allowed(name)

    def _is_allowed(self, name: str) -> bool:
        return any(
            name.endswith(pattern[1:]) if pattern.startswith("*.") else name == pattern for pattern in self.allowed
        )


def _is_link(request: Request) -> bool:
    """Somebody followed a link: the page that has it sees nothing of what is shown, and looking changes nothing."""
    headers = request.headers
    return (
        request.method in _LOOKS
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
    )


def _name(host: str) -> str:
    """The name of a `Host` header, in lower case, without port and the dot of the root."""
    host = host.strip().lower()
    if _HOST.fullmatch(host) is None:
        return _NO_NAME  # nothing that a browser sends
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")


def _with_port(host: str, scheme: str) -> str:
    has_port = ":" in host.rpartition("]")[2]
    return host if has_port else f"{host}:{_PORTS[scheme]}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _shown(text: str) -> str:
    return text if _PRINTABLE.fullmatch(text) else "something else"
