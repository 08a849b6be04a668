"""Where the server listens, and with which certificate; what cannot be had is said with the setting to change."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from pathlib import Path

from msgspec import Struct

__all__ = ["CannotServe", "TlsFiles", "listen", "open_files", "tls_context"]

BACKLOG = 1024


class CannotServe(OSError):
    """The server cannot start; the text names the setting to change. `errno` is the system's, if it has one."""

    def __init__(self, text: str, number: int | None = None) -> None:
        super().__init__(text)
        self.errno = number


class TlsFiles(Struct, frozen=True):
    """A certificate (with its chain, if it has one) and its private key, both PEM files."""

    certificate: Path
    private_key: Path


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket, non-blocking."""
    if not 0 <= port <= 65535:
        raise CannotServe(f"{port} is no port: choose one from 0 to 65535 with {setting}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)  # localhost is both
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise CannotServe(_why_not_here(host, error), getattr(error, "errno", None)) from error
    try:
        # Without this a port cannot be reused for a minute; on Windows it means that two servers may share one. And an
        # ephemeral port asked for with it may be one that somebody else has bound but not yet listens on.
        if port and sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and host == "::":
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise CannotServe(_why_not(host, port, setting, error), error.errno) from error
    return listener


def _why_not(host: str, port: int, setting: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        flag = setting.partition(" ")[0]
        return f"port {port} on {host} is in use: choose another with {setting}, or {flag} 0 for any free one"
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"port {port} on {host} is not allowed: choose one above 1023 with {setting}"
    return _why_not_here(host, error)


def _why_not_here(host: str, error: Exception) -> str:
    return (
        f"cannot listen on {host!r} ({error}): choose an address of this machine with --host / MOCKMKTO_HOST,"
        " such as 127.0.0.1, or 0.0.0.0 for all of them"
    )


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """What serves https with these files.

    Raises:
        CannotServe: one of them cannot be read, the key is encrypted, or they are no certificate and its key.
    """

    def encrypted() -> str:  # asked for the pass phrase; without it, whoever has the terminal would be
        raise CannotServe(
            f"{files.private_key} is encrypted: give one without a pass phrase with --tls-key / MOCKMKTO_TLS_KEY"
        )

    for path, setting in (
        (files.certificate, "--tls-cert / MOCKMKTO_TLS_CERT"),
        (files.private_key, "--tls-key / MOCKMKTO_TLS_KEY"),
    ):
        try:
            path.read_bytes()
        except OSError as error:
            raise CannotServe(f"{path} cannot be read ({error.strerror}): see {setting}", error.errno) from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(files.certificate, files.private_key, encrypted)
    except CannotServe:
        raise
    except ssl.SSLError as error:
        raise CannotServe(
            f"{files.certificate} and {files.private_key} are no PEM certificate and its private key"
            f" ({error.reason or error}): see --tls-cert and --tls-key"
        ) from error
    except (OSError, ValueError) as error:
        raise CannotServe(
            f"{files.certificate} and {files.private_key} cannot be used ({error}): see --tls-cert and --tls-key"
        ) from error
    return context


def open_files() -> int:
    """How many files the process may have open."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 2**31
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 2**31 if soft == resource.RLIM_INFINITY else soft
