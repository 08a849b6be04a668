"""The vendor's hosts, answered by a server of ours for whatever this very process asks of them."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mockmkto.intercept.hosts import VENDOR_DOMAINS, is_vendors, wildcards
from mockmkto.intercept.redirect import install
from mockmkto.intercept.relay import Relay, server_at
from mockmkto.serving.authority import own_certificate

__all__ = ["redirected"]

_one_at_a_time = threading.Lock()


@contextmanager
def redirected(url: str, hosts: Iterable[str] = (), tls: ssl.SSLContext | None = None) -> Iterator[None]:
    """For as long as the block lasts, the vendor's hosts are answered by the server at `url`, in the whole process.

    Any other host goes where it did. Whatever resolves names through Python's `socket` is reached: urllib, http.client,
    requests, urllib3, httpx, asyncio, and what is built on them, such as zeep and suds.

    Args:
        url: the server's address.
        hosts: further hosts that it answers.
        tls: whom to trust where that address is an https one; by default those that this machine trusts.

    Raises:
        RuntimeError: another block of this kind is open: a host can lead to one server at a time.
        CannotServe: `cryptography` is not installed.
    """
    also = tuple(hosts)

    def answers(host: str) -> bool:
        return is_vendors(host, also)

    if not _one_at_a_time.acquire(blocking=False):
        raise RuntimeError("the vendor's hosts lead to another server already: an intercept() is open in this process")
    try:
        with TemporaryDirectory(prefix="mockmkto-") as folder:
            certificate = own_certificate(Path(folder), wildcards(also), "intercept()")
            with Relay(server_at(url, tls), certificate.files, answers) as relay, _without_proxy(also):
                ports = {"http": relay.http_port, "https": relay.tls_port}
                uninstall = install(answers, ports, certificate.authority.decode())
                try:
                    yield
                finally:
                    uninstall()
    finally:
        _one_at_a_time.release()


@contextmanager
def _without_proxy(also: Iterable[str]) -> Iterator[None]:
    """A proxy that the environment names would be asked for these hosts, too."""
    names = ("NO_PROXY", "no_proxy")
    before = {name: os.environ.get(name) for name in names}
    hosts = ",".join((*(f".{domain}" for domain in VENDOR_DOMAINS), *also))
    for name, value in before.items():
        os.environ[name] = f"{value},{hosts}" if value else hosts
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
