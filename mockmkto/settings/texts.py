"""Reading the texts of settings, switches and fixtures: each function raises ValueError with what was expected."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

__all__ = [
    "format_duration",
    "parse_body_size",
    "parse_client",
    "parse_count",
    "parse_credential",
    "parse_database_url",
    "parse_duration",
    "parse_host_name",
    "parse_log_format",
    "parse_network",
    "parse_on",
    "parse_path",
    "parse_port",
    "parse_seconds",
    "parse_size",
    "parse_token",
    "parse_url",
]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(\d+)\s*(|k|m|g|ki|mi|gi)b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1024, "mi": 1024**2, "gi": 1024**3}


def parse_duration(text: str) -> timedelta:
    """`90s`, `15m`, `1h`, `2d`, `250ms`, or several in a row (`1h30m`)."""
    stripped = text.strip()
    parts = _DURATION.findall(stripped)
    if not parts or _DURATION.sub("", stripped).strip():
        raise ValueError("a duration such as 90s, 15m, 1h30m or 2d")
    try:
        # Part by part: a float of so many days has no microseconds left.
        return sum((timedelta(seconds=float(number) * _UNITS[unit]) for number, unit in parts), timedelta())
    except OverflowError:
        raise ValueError("a duration that is shorter than history") from None


def format_duration(duration: timedelta) -> str:
    """The shortest text that `parse_duration` reads as this duration."""
    milliseconds = duration // timedelta(milliseconds=1)
    if not milliseconds:
        return "0s"
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def parse_port(text: str) -> int:
    """A port number."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError("a port number, 0 to 65535 (0: any free one)")
    return int(text)


def parse_count(text: str) -> int:
    """A number from 1 on."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000:
        raise ValueError("a number from 1 to 1000000")
    return int(text)


def parse_size(text: str) -> int:
    """A size in bytes: `10MiB`, `500kB`, `77`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError("a size such as 10MiB or 500kB")
    return int(match[1]) * _FACTORS[match[2].lower()]


def parse_body_size(text: str) -> int:
    """A size in bytes that something fits into."""
    size = parse_size(text)
    if not size:
        raise ValueError("a size from 1 byte on: nothing could be sent")
    return size


def parse_credential(text: str) -> tuple[str, str]:
    """`USER:KEY`."""
    user_id, _, key = text.partition(":")
    if not user_id or not key:
        raise ValueError("USER:KEY")
    return user_id, key


def parse_client(text: str) -> tuple[str, str]:
    """`ID:SECRET`."""
    client_id, _, secret = text.partition(":")
    if not client_id or not secret:
        raise ValueError("ID:SECRET")
    return client_id, secret


def parse_url(text: str) -> str:
    """An address of http or https, without a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError("an address such as https://mockmkto.example.com")
    return text.rstrip("/")


def parse_database_url(text: str) -> str:
    """An address of PostgreSQL. What is in it is for whoever connects to it."""
    if not re.fullmatch(r"postgres(ql)?(\+psycopg)?://[^\s]+", text):
        raise ValueError("postgresql+psycopg://USER:PASSWORD@HOST/DATABASE")
    return text


def parse_on(text: str) -> bool:
    """`on` or `off`, in whatever way somebody writes it in a variable."""
    values = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    if text.lower() not in values:
        raise ValueError("on or off")
    return values[text.lower()]


def parse_path(text: str) -> Path:
    """A path; an empty one would be the current folder."""
    if not text.strip():
        raise ValueError("the path of a file or a folder")
    return Path(text)


def parse_token(text: str) -> str:
    """What can stand behind `Bearer` (RFC 6750, 2.1)."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", text):
        raise ValueError("letters, digits and . _ ~ + / - alone")
    return text


def parse_host_name(text: str) -> str:
    """A host name or an address, in lower case."""
    if not re.fullmatch(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+", text):
        raise ValueError("a host's name, or its address")
    return text.rstrip(".").lower()


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """An address, or a network such as 10.0.0.0/8."""
    try:
        return ip_network(text.strip().removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        raise ValueError("an address such as 10.1.2.3, or a network such as 10.0.0.0/8") from None


def parse_seconds(text: str) -> float:
    """A duration, in seconds."""
    seconds = parse_duration(text).total_seconds()
    if not 0.01 <= seconds <= 3600:
        raise ValueError("a duration from 10ms to 1h")
    return seconds


def parse_log_format(text: str) -> str:
    """`text` or `json`."""
    if text not in ("text", "json"):
        raise ValueError("text or json")
    return text
