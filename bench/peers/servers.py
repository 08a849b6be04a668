"""The servers that are measured: how each is started, prepared and asked; all on this machine's loopback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.calls import PATH, Operation, RequestMaker, email_of
from bench.client import WrongAnswerError
from bench.peers.wire import call_once
from bench.processes import free_port
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID

__all__ = ["KINDS", "PEERS", "Peer", "Running", "started"]

KINDS = ("update", "create", "read")
LEADS = 1000

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_PYTHON = _HERE / ".venv" / "bin"
_PATIENCE = 120.0  # seconds until a server answers

Asked = tuple[bytes, bytes]  # a request, and what its answer must contain


@dataclass(frozen=True, slots=True)
class Peer:
    """A double: what it is, how it is started, and what the load is like in its terms."""

    name: str
    what: str
    command: Callable[[int, Path], Sequence[str]]
    make: Callable[[str, int], list[Asked]]  # kind, how many
    prepare: Callable[[int], None] = lambda _: None
    environ: dict[str, str] = field(default_factory=dict)
    is_there: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    peer: Peer
    port: int
    seconds_to_answer: float
    process: subprocess.Popen[bytes]

    def megabytes(self) -> float:
        """Resident memory of it and of what it started, in MB; 0 where there is no /proc."""
        total = 0
        for pid in _family(self.process.pid):
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
                    if line.startswith("VmRSS:"):
                        total += int(line.split()[1])
        return total / 1024


@contextmanager
def started(peer: Peer, folder: Path) -> Iterator[Running]:
    """The peer, answering its first call; ended with all that it started when the block ends."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        peer.command(port, folder),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: text for name, text in os.environ.items() if not name.startswith("MOCKMKTO_")} | peer.environ,
        start_new_session=True,
    )
    try:
        _wait(port, process, peer)
        peer.prepare(port)
        first = peer.make("create", 1)[0]
        while True:
            try:
                call_once(port, *first)
                break
            except (OSError, WrongAnswerError):
                if time.perf_counter() - begun > _PATIENCE:
                    raise
                time.sleep(0.05)
        yield Running(peer, port, time.perf_counter() - begun, process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _wait(port: int, process: subprocess.Popen[bytes], peer: Peer) -> None:
    import socket

    end = time.perf_counter() + _PATIENCE
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise WrongAnswerError(f"{peer.name} ended with code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise WrongAnswerError(f"{peer.name} did not begin to listen")


def _family(pid: int) -> list[int]:
    found = [pid]
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            found += _family(int(child))
    return found


def _http(method: str, path: str, body: bytes, content_type: str, **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {content_type}\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


# ---------------------------------------------------------------------------------------------------------------------
# The same SOAP calls: here, canned, and by hand in Node


def _soap() -> Callable[[str, int], list[Asked]]:
    maker: list[RequestMaker] = []
    created = [0]

    def make(kind: str, count: int) -> list[Asked]:
        if not maker:
            maker.append(RequestMaker.signed_now())
        if kind == "create":
            created[0] += count
            return [(request, b"</status>") for request in maker[0].make(Operation.CREATE, count, LEADS)]
        if kind == "update":
            return [(request, b"</status>") for request in maker[0].make(Operation.UPDATE, count, LEADS)]
        return [(maker[0].read(email_of(number % LEADS)), b"successGetLead") for number in range(count)]

    return make


def _canned(kind: str) -> str:
    inside = {
        "sync": (
            "<ns1:successSyncLead><result><leadId>1001</leadId><syncStatus><leadId>1001</leadId>"
            '<status>UPDATED</status><error xsi:nil="true"/></syncStatus><leadRecord xsi:nil="true"/></result>'
            "</ns1:successSyncLead>"
        ),
        "get": (
            "<ns1:successGetLead><result><count>1</count><leadRecordList><leadRecord><Id>1001</Id>"
            "<Email>ann@example.com</Email></leadRecord></leadRecordList></result></ns1:successGetLead>"
        ),
    }[kind]
    return (
        '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="http://www.marketo.com/mktows/">'
        f"<SOAP-ENV:Body>{inside}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )


def _send(url: str, body: Any, method: str = "POST") -> None:
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


_HEADERS = {"Content-Type": "text/xml; charset=utf-8"}
_MATCHES = (("paramsSyncLead", "sync"), ("paramsGetLead", "get"))


def _prepare_wiremock(port: int) -> None:
    for word, kind in _MATCHES:
        stub = {
            "request": {"method": "POST", "urlPath": PATH, "bodyPatterns": [{"contains": word}]},
            "response": {"status": 200, "body": _canned(kind), "headers": _HEADERS},
        }
        _send(f"http://127.0.0.1:{port}/__admin/mappings", stub)


def _having(word: str) -> dict[str, Any]:
    return {"type": "STRING", "string": word, "subString": True}


def _prepare_mockserver(port: int) -> None:
    for word, kind in _MATCHES:
        expectation = {
            "httpRequest": {
                "method": "POST",
                "path": PATH,
                "body": {"type": "STRING", "string": word, "subString": True},
            },
            "httpResponse": {
                "statusCode": 200,
                "body": _canned(kind),
                "headers": {name: [value] for name, value in _HEADERS.items()},
            },
        }
        _send(f"http://127.0.0.1:{port}/mockserver/expectation", expectation, "PUT")


def _mountebank_config(port: int, folder: Path) -> Path:
    stubs = [
        {
            "predicates": [{"contains": {"body": word}}],
            "responses": [
                {
                    "is": {
                        "statusCode": 200,
                        "body": _canned(kind),
                        "headers": {**_HEADERS, "Connection": "keep-alive", "Content-Length": len(_canned(kind))},
                    }
                }
            ],
        }
        for word, kind in _MATCHES
    ]
    file = folder / "imposters.json"
    file.write_text(json.dumps({"imposters": [{"port": port, "protocol": "http", "stubs": stubs}]}), encoding="utf-8")
    return file


def _mountebank(port: int, folder: Path) -> list[str]:
    config = _mountebank_config(port, folder)
    own = ["--localOnly", "--nologfile", "--pidfile", str(folder / "mb.pid"), "--configfile", str(config)]
    return ["node", str(_MODULES / "mountebank" / "bin" / "mb"), "--port", str(free_port()), *own]


def _jar(package: str) -> str:
    return str(next(iter((_MODULES / package).rglob("*.jar")), Path("missing.jar")))


def _node_soap(port: int, folder: Path) -> list[str]:
    from mockmkto.soap import wsdl

    document = folder / "mktows.wsdl"
    document.write_bytes(wsdl.document("3_1", f"http://127.0.0.1:{port}{PATH}"))
    return ["node", str(_HERE / "soap_server.js"), str(port), str(document)]


# ---------------------------------------------------------------------------------------------------------------------
# Doubles of other services, with a load of theirs that does as much


_STRIPE = {"Authorization": "Bearer sk_test_12345"}
_FORM = "application/x-www-form-urlencoded"
_customer: list[str] = []  # the one that is updated and read


def _stripe(kind: str, count: int) -> list[Asked]:
    """Customers of Stripe: created, updated by id, read."""
    if kind == "create":
        bodies = (f"email=c{number}@example.com".encode() for number in range(count))
        return [(_http("POST", "/v1/customers", body, _FORM, **_STRIPE), b'"customer"') for body in bodies]
    path = f"/v1/customers/{_customer[-1]}"
    if kind == "update":
        return [(_http("POST", path, b"description=George+of+the+Jungle", _FORM, **_STRIPE), b'"customer"')] * count
    return [(_http("GET", path, b"", _FORM, **_STRIPE), b'"customer"')] * count


def _prepare_stripe(port: int) -> None:
    answer = call_once(
        port, _http("POST", "/v1/customers", b"email=bench@example.com", _FORM, **_STRIPE), b'"customer"'
    )
    found = re.search(rb'"id": "(cus_\w+)"', answer)
    if found is None:
        raise WrongAnswerError("the customer has no id")
    _customer.append(found[1].decode())


_DYNAMO = "DynamoDB_20120810."
_CALLER = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)


def _dynamo(target: str, body: Any) -> bytes:
    headers = {"X_Amz_Target": _DYNAMO + target, "Authorization": _CALLER}
    return _http("POST", "/", json.dumps(body).encode(), "application/x-amz-json-1.0", **headers)


def _moto(kind: str, count: int) -> list[Asked]:
    """Items of DynamoDB: put, updated by key, read."""
    asked: list[Asked] = []
    for number in range(count):
        key = {"id": {"S": f"item{number % LEADS}"}}
        if kind == "create":
            item = {"id": {"S": f"new{number}"}, "name": {"S": "George"}}
            asked.append((_dynamo("PutItem", {"TableName": "leads", "Item": item}), b"{"))
        elif kind == "update":
            change = {"UpdateExpression": "SET lastName = :n", "ExpressionAttributeValues": {":n": {"S": f"J{number}"}}}
            asked.append((_dynamo("UpdateItem", {"TableName": "leads", "Key": key, **change}), b"{"))
        else:
            asked.append((_dynamo("GetItem", {"TableName": "leads", "Key": key}), b"{"))
    return asked


def _prepare_moto(port: int) -> None:
    table = {
        "TableName": "leads",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    call_once(port, _dynamo("CreateTable", table), b"TableDescription")


# ---------------------------------------------------------------------------------------------------------------------


def _installed(*paths: Path) -> Callable[[], bool]:
    return lambda: all(path.exists() for path in paths) and shutil.which("node") is not None


_CREDENTIAL = f"{DEFAULT_USER_ID}:{DEFAULT_ENCRYPTION_KEY}"

PEERS: tuple[Peer, ...] = (
    Peer(
        "mockmkto",
        "authenticates, matches, writes, explains, records",
        lambda port, _: [sys.executable, "-m", "mockmkto", "serve", "--port", str(port), "--credential", _CREDENTIAL],
        _soap(),
    ),
    Peer(
        "WireMock",
        "a canned answer",
        lambda port, _: [
            "java",
            "-jar",
            _jar("wiremock"),
            "--port",
            str(port),
            "--bind-address",
            "127.0.0.1",
            "--no-request-journal",
            "--use-chunked-encoding",
            "never",
        ],
        _soap(),
        _prepare_wiremock,
        is_there=_installed(_MODULES / "wiremock"),
    ),
    Peer(
        "MockServer",
        "a canned answer",
        lambda port, _: [
            "java",
            "-Dmockserver.logLevel=OFF",
            "-jar",
            _jar("mockserver-node"),
            "-serverPort",
            str(port),
        ],
        _soap(),
        _prepare_mockserver,
        is_there=_installed(_MODULES / "mockserver-node"),
    ),
    Peer(
        "mountebank",
        "a canned answer",
        _mountebank,
        _soap(),
        is_there=_installed(_MODULES / "mountebank"),
    ),
    Peer(
        "node soap",
        "a fake by hand: reads SOAP, remembers e-mails",
        _node_soap,
        _soap(),
        environ={"NODE_PATH": str(_MODULES)},
        is_there=_installed(_MODULES / "soap"),
    ),
    Peer(
        "localstripe",
        "customers of Stripe, in memory",
        lambda port, _: [str(_PYTHON / "localstripe"), "--from-scratch", "--port", str(port)],
        _stripe,
        _prepare_stripe,
        is_there=_installed(_PYTHON / "localstripe"),
    ),
    Peer(
        "moto",
        "items of DynamoDB, in memory",
        lambda port, _: [str(_PYTHON / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        _moto,
        _prepare_moto,
        is_there=_installed(_PYTHON / "moto_server"),
    ),
)
