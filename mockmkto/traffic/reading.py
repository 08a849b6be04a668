"""Recordings of traffic, in the forms in which people have them; read one call at a time.

| form | from | told by |
|---|---|---|
| XML files side by side | logs, test fixtures | `NAME.request.xml`, `NAME.response.xml`, and the like |
| one file with both | debug logs | `REQUEST:` and `RESPONSE:` on lines of their own |
| HAR | browsers, proxies | `.har`, or JSON with `log` |
| cassettes | VCR of Python and of Ruby | YAML or JSON with `interactions` or `http_interactions` |
| recordings | nock | a JSON list with `scope` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mockmkto.traffic.cassettes import read_cassette
from mockmkto.traffic.exchange import Exchange, UnreadableTrafficError
from mockmkto.traffic.json_forms import read_json

__all__ = ["read_traffic"]

_REQUEST = ("request", "req", "rq", "in", "sent")
_RESPONSE = ("response", "resp", "res", "rsp", "rs", "answer", "reply", "out", "received")
_WORDS = re.compile(rf"(?<![a-z])({'|'.join((*_REQUEST, *_RESPONSE))})(?![a-z])", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_BOTH = re.compile(rb"^\s*REQUEST:?\s*$(.*?)^\s*RESPONSE:?\s*$(.*)", re.DOTALL | re.MULTILINE | re.IGNORECASE)


def read_traffic(path: Path, left_out: list[str] | None = None) -> Iterator[Exchange]:
    """Every call of a file, or of a folder with all that is below it; in the order in which they were recorded.

    Files of a folder are taken in the order of their names, numbers by their size. What carries no SOAP is left out;
    `left_out` gets a line for each file of which only one half is there.

    Raises:
        UnreadableTrafficError: there is nothing, or a file is of no known form; the text says which forms there are.
    """
    if not path.exists():
        raise UnreadableTrafficError(f"{path} is not there")
    files = _files(path) if path.is_dir() else [path]
    found = False
    waiting: dict[tuple[object, ...], Path] = {}
    for file in files:
        for exchange in _read_file(file, waiting, alone=not path.is_dir()):
            found = True
            yield exchange
    lonely = [f"{file}: the other half of the call is not beside it" for file in sorted(waiting.values())]
    if left_out is not None:
        left_out.extend(lonely)
    if not found and lonely:
        raise UnreadableTrafficError(lonely[0])
    if not found:
        raise UnreadableTrafficError(f"{path} has no recorded call: {_FORMS}")


_FORMS = (
    "expected request and answer as XML files side by side (NAME.request.xml, NAME.response.xml), a HAR file, a VCR "
    "cassette or a nock recording"
)


def _files(folder: Path) -> list[Path]:
    return sorted((file for file in folder.rglob("*") if file.is_file()), key=lambda file: _natural(str(file)))


def _natural(text: str) -> list[tuple[int, int, str]]:
    """`2` before `10`."""
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in re.split(r"(\d+)", text.lower())]


def _read_file(file: Path, waiting: dict[tuple[object, ...], Path], *, alone: bool) -> Iterator[Exchange]:
    match file.suffix.lower():
        case ".xml" | ".txt" | ".log":
            yield from _read_xml(file, waiting, alone=alone)
        case ".har" | ".json":
            yield from _soap_alone(read_json(file))
        case ".yml" | ".yaml":
            yield from _soap_alone(read_cassette(file))
        case _ if alone:
            raise UnreadableTrafficError(f"{file} is of no known form: {_FORMS}")


def _soap_alone(exchanges: Iterator[Exchange]) -> Iterator[Exchange]:
    """Without what the same program did beside its calls: a WSDL that was fetched, another API."""
    for exchange in exchanges:
        if b"Envelope" in exchange.request:
            yield exchange


def _read_xml(file: Path, waiting: dict[tuple[object, ...], Path], *, alone: bool) -> Iterator[Exchange]:
    content = file.read_bytes()
    both = _BOTH.search(content)
    if both is not None:
        yield Exchange(str(file), both[1].strip(), both[2].strip())
        return
    side = _side(file)
    if side is None:
        if alone:
            raise UnreadableTrafficError(f"{file} does not say whether it is a request or an answer: {_FORMS}")
        return
    is_request, key = side
    if alone:
        others = ((item, _side(item)) for item in _files(file.parent))
        other = next((item for item, found in others if found == (not is_request, key)), None)
        if other is None:
            raise UnreadableTrafficError(f"{file}: the other half of the call is not beside it")
        waiting[not is_request, *key] = other
    partner = waiting.pop((not is_request, *key), None)
    if partner is None:
        waiting[is_request, *key] = file
        return
    request, answer = (file, partner) if is_request else (partner, file)
    yield Exchange(str(request), request.read_bytes(), answer.read_bytes())


def _side(file: Path) -> tuple[bool, tuple[object, ...]] | None:
    """Whether a file is a request, and what it shares with its answer; `None` when its name does not say it."""
    name = file.with_suffix("").name
    words = list(_WORDS.finditer(name))
    where = file.parent
    if words:
        word = words[-1][0].lower()
        rest = name[: words[-1].start()] + name[words[-1].end() :]
        # GetLead_req_1 and GetLead_resp_2 are one call: what counts behind the word counts files.
        head, tail = name[: words[-1].start()], name[words[-1].end() :]
        number = _NUMBER.search(tail)
        if number and head:
            place = int(number[0])
            rest = f"{head}{(place - 1) // 2}" if _counts_both(file, head) else f"{head}{place}"
        return word in _REQUEST, (str(where), rest.lower())
    if where.name.lower() in (*_REQUEST, *_RESPONSE, "requests", "responses", "answers"):
        return where.name.lower().rstrip("s") in _REQUEST, (str(where.parent), name.lower())
    return None


def _counts_both(file: Path, head: str) -> bool:
    """Whether one counter runs through requests and answers: then no two files of this head have one number."""
    numbers = [
        (numbered[0] if (numbered := _NUMBER.search(other.name[len(head) :])) else "")
        for other in file.parent.iterdir()
        if other.name.startswith(head) and _WORDS.search(other.name[len(head) :])
    ]
    return len(numbers) == len(set(numbers))
