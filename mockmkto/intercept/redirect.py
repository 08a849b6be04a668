"""Sends what a Python process asks of certain hosts to loopback, and has it trust the authority there.

Name resolution is where every client passes: whoever asks for one of the hosts is given an address on loopback, with
the port that answers in the place of 80 or 443. Nothing but the standard library, and nothing of mockmkto: a copy of
this file also serves in the commands of `mockmkto exec --intercept`, whose Python need not have mockmkto.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import wraps
from typing import Any
from weakref import WeakSet

__all__ = ["install"]

_PORTS = {80: "http", 443: "https"}


def install(answers: Callable[[str], bool], ports: dict[str, int], authority: str) -> Callable[[], None]:
    """Begin; what comes back ends it.

    Args:
        answers: whether a host is one of those.
        ports: what answers on 127.0.0.1 in the place of `http` and of `https`.
        authority: what is to be trusted where one of the hosts is asked over TLS; in PEM.
    """
    resolve = socket.getaddrinfo
    wrap_socket = ssl.SSLContext.wrap_socket
    wrap_bio = ssl.SSLContext.wrap_bio
    trusting: WeakSet[ssl.SSLContext] = WeakSet()

    def is_meant(host: object) -> bool:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return isinstance(name, str) and answers(name)

    @wraps(resolve)
    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_meant(host):
            return resolve(host, port, *args, **kwargs)
        kind = port if port in ports else _PORTS.get(int(port)) if str(port or "").isdigit() else None
        if kind is None:
            raise socket.gaierror(socket.EAI_SERVICE, f"{host} answers on the ports 80 and 443 here, not on {port}")
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", ports[kind]))]

    def trust(context: ssl.SSLContext, host: object) -> None:
        if is_meant(host) and context not in trusting:
            context.load_verify_locations(cadata=authority)
            trusting.add(context)

    @wraps(wrap_socket)
    def trusting_socket(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> Any:
        trust(self, kwargs.get("server_hostname", args[4] if len(args) > 4 else None))
        return wrap_socket(self, *args, **kwargs)

    @wraps(wrap_bio)
    def trusting_bio(self: ssl.SSLContext, *args: Any, **kwargs: Any) -> Any:
        trust(self, kwargs.get("server_hostname", args[3] if len(args) > 3 else None))
        return wrap_bio(self, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo
    ssl.SSLContext.wrap_socket = trusting_socket  # type: ignore[method-assign]
    ssl.SSLContext.wrap_bio = trusting_bio  # type: ignore[method-assign]

    def uninstall() -> None:
        socket.getaddrinfo = resolve
        ssl.SSLContext.wrap_socket = wrap_socket  # type: ignore[method-assign]
        ssl.SSLContext.wrap_bio = wrap_bio  # type: ignore[method-assign]

    return uninstall
