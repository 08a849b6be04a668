"""Which host names are the vendor's."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["VENDOR_DOMAINS", "host_and_port", "is_vendors", "wildcards"]

VENDOR_DOMAINS: tuple[str, ...] = ("mktoapi.com", "mktorest.com", "mktosandbox.com", "marketo.com")
"""The domains below which the vendor's endpoints were (documented: `123-ABC-456.mktoapi.com`, `.mktorest.com`; seen in
programs: `na-x.marketo.com`, `app.marketo.com`, `.mktosandbox.com`)."""


def is_vendors(host: str, also: Iterable[str] = ()) -> bool:
    """Whether a host is below one of the vendor's domains, or is one of those that are given; in any case."""
    name = host.lower().rstrip(".")
    return name.endswith(tuple(f".{domain}" for domain in VENDOR_DOMAINS)) or name in {item.lower() for item in also}


def wildcards(also: Iterable[str] = ()) -> tuple[str, ...]:
    """The names that a certificate for all of these hosts has."""
    return (*(f"*.{domain}" for domain in VENDOR_DOMAINS), *(item.lower() for item in also))


def host_and_port(authority: str, default_port: int) -> tuple[str, int]:
    """`host:port` in its two parts. Raises ValueError where the port is no number."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        return host, int(rest[1:]) if rest.startswith(":") else default_port
    host, colon, port = authority.rpartition(":")
    return (host, int(port)) if colon else (authority, default_port)
