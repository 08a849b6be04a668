"""Traffic recorded as JSON: HAR, nock, and the cassettes that VCR writes so."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from mockmkto.traffic.exchange import Exchange, UnreadableTrafficError

__all__ = ["of_interaction", "read_json", "unpacked"]


class _Har(msgspec.Struct):
    entries: list[msgspec.Raw]


class _HarFile(msgspec.Struct):
    log: _Har


class _Cassette(msgspec.Struct):
    interactions: list[msgspec.Raw] | None = None
    http_interactions: list[msgspec.Raw] | None = None


def read_json(file: Path) -> Iterator[Exchange]:
    """Every call of a JSON file. Raises UnreadableTrafficError when it is of no known form."""
    content = file.read_bytes()
    try:
        entries, convert = _entries(content)
    except msgspec.MsgspecError as error:
        raise UnreadableTrafficError(
            f"{file} is no HAR file, no nock recording and no cassette of VCR: {error}"
        ) from None
    for position, raw in enumerate(entries, 1):
        source = f"{file}, call {position}"
        try:
            yield convert(msgspec.json.decode(raw), source)
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise UnreadableTrafficError(f"{source}: it is not what it should be ({error!r})") from None


def _entries(content: bytes) -> tuple[list[msgspec.Raw], Any]:
    if content.lstrip()[:1] == b"[":
        return msgspec.json.decode(content, type=list[msgspec.Raw]), _of_nock
    cassette = msgspec.json.decode(content, type=_Cassette)
    interactions = cassette.interactions or cassette.http_interactions
    if interactions is not None:
        return interactions, of_interaction
    return msgspec.json.decode(content, type=_HarFile).log.entries, _of_har


def _of_har(entry: Any, source: str) -> Exchange:
    sent, came = entry["request"], entry["response"]
    body = came.get("content", {})
    answer = body.get("text", "")
    packed = base64.b64decode(answer) if body.get("encoding") == "base64" else answer.encode()
    request = (sent.get("postData") or {}).get("text", "")
    return Exchange(source, request.encode(), unpacked(packed), sent["url"], int(came["status"]))


def _of_nock(entry: Any, source: str) -> Exchange:
    answer = entry["response"]
    headers = entry.get("rawHeaders") or entry.get("headers") or {}
    if isinstance(answer, list):  # of a compressed answer the pieces, in hexadecimal
        content = b"".join(binascii.unhexlify(piece) for piece in answer)
    else:
        content = answer.encode() if isinstance(answer, str) else msgspec.json.encode(answer)
        if "gzip" in str(headers) and isinstance(answer, str) and not answer.lstrip().startswith("<"):
            content = binascii.unhexlify(answer)
    body = entry.get("body", "")
    request = body if isinstance(body, str) else msgspec.json.encode(body).decode()
    return Exchange(source, request.encode(), unpacked(content), entry["scope"] + entry["path"], int(entry["status"]))


def of_interaction(entry: Any, source: str) -> Exchange:
    """The call of an interaction of a cassette: of VCR for Python, or for Ruby."""
    sent, came = entry["request"], entry["response"]
    status = came.get("status", 200)
    code = status.get("code", 200) if isinstance(status, Mapping) else status
    return Exchange(source, _body(sent.get("body")), unpacked(_body(came.get("body"))), sent["uri"], int(code))


def _body(body: Any) -> bytes:
    if isinstance(body, Mapping):
        if "base64_string" in body:
            return base64.b64decode(body["base64_string"])
        body = body.get("string", body.get("encoded_string", ""))
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return str(body).encode()


def unpacked(content: bytes) -> bytes:
    """The content, without the compression that some recorders leave on."""
    if content[:2] == b"\x1f\x8b":
        return gzip.decompress(content)
    if content[:1] == b"\x78" and content[:2] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda"):
        return zlib.decompress(content)
    return content
