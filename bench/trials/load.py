"""Clients that write, read, dawdle and attack, and remember what they were promised."""

from __future__ import annotations

import http.client
import random
import re
import socket
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter

from bench.trials.server import TrialServer
from mockmkto.auth import sign
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID

__all__ = ["Load", "Tally", "lost_of"]

LEADS = 25  # of each client: it writes them again and again
_TIMEOUT = 30.0  # seconds for an answer
_FIELD = "Title"

_ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/"><e:Header>'
    "<m:AuthenticationHeader><mktowsUserId>{user}</mktowsUserId><requestSignature>{sign}</requestSignature>"
    "<requestTimestamp>{stamp}</requestTimestamp></m:AuthenticationHeader></e:Header><e:Body>{body}</e:Body></e:Envelope>"
)
_SYNC = (
    "<m:paramsSyncLead><leadRecord><Email>{email}</Email><leadAttributeList><attribute><attrName>Title</attrName>"
    "<attrValue>{value}</attrValue></attribute></leadAttributeList></leadRecord><returnLead>false</returnLead>"
    "</m:paramsSyncLead>"
)
_GET = "<m:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>{email}</keyValue></leadKey></m:paramsGetLead>"
_BOMB = (
    "<m:paramsSyncLead><leadRecord><leadAttributeList>" + '<attribute href="#a"/>' * 2000 + "</leadAttributeList>"
    '</leadRecord></m:paramsSyncLead><x id="a"><attrName>a</attrName><attrValue>' + "v" * 100_000 + "</attrValue></x>"
)
_CODE = re.compile(rb"<code>([^<]*)</")
_STACK = re.compile(rb"<faultcode>([^<]*)</")  # of a fault that is not Marketo's own


@dataclass(slots=True)
class Tally:
    """What all clients saw. Safe to use from many threads."""

    answered: int = 0
    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)  # what else came, by what it was
    refused: int = 0  # of what hostile clients sent
    wrong: list[str] = field(default_factory=list)  # what must never be
    acknowledged: dict[str, int] = field(default_factory=dict)  # the last value that was promised, by e-mail
    asked: dict[str, int] = field(default_factory=dict)  # the last that was sent
    lock: threading.Lock = field(default_factory=threading.Lock)

    def percentile(self, percent: float) -> float:
        """In milliseconds; 0 where nothing was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000 if ordered else 0.0


def lost_of(server: TrialServer, tally: Tally) -> list[str]:
    """The e-mails of which less is kept than was promised; what was asked for and not answered may be there, or not."""
    kept = {
        lead["Email"]: int(lead["attributes"][_FIELD])
        for lead in server.ask("GET", "/state?format=json").get("leads", ())
    }
    return [
        email
        for email, value in tally.acknowledged.items()
        if not value <= kept.get(email, -1) <= tally.asked.get(email, value)
    ]


class Load:
    """So many clients at once, until `stop`; hostile ones beside them."""

    def __init__(self, port: int, clients: int, tally: Tally, *, hostile: int, name: str = "client") -> None:
        self._port = port
        self._tally = tally
        self._over = threading.Event()
        makers = [self._write] * clients + [self._dawdle, self._attack] * hostile
        self._threads = [
            threading.Thread(target=make, args=(f"{name}-{number}",), daemon=True) for number, make in enumerate(makers)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Have everybody end what is under way, and wait for that."""
        self._over.set()
        for thread in self._threads:
            thread.join(_TIMEOUT * 2)

    # -----------------------------------------------------------------------------------------------------------------

    def _write(self, name: str) -> None:
        chance = random.Random(name)
        connection: http.client.HTTPConnection | None = None
        count = 0
        while not self._over.is_set():
            count += 1
            email = f"{name}-{chance.randrange(LEADS)}@example.com"
            writes = chance.random() < 0.7
            body = _SYNC.format(email=email, value=count) if writes else _GET.format(email=email)
            if writes:
                self._tally.asked[email] = count
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
            began = perf_counter()
            try:
                answer = _call(connection, body)
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                connection = None
                self._note(type(error).__name__)
                self._over.wait(0.02)
                continue
            self._judge(answer, email, count if writes else None, perf_counter() - began)
        if connection is not None:
            connection.close()

    def _judge(self, answer: bytes, email: str, value: int | None, seconds: float) -> None:
        found = _CODE.search(answer) or _STACK.search(answer)
        code = found[1].decode() if found else None
        with self._tally.lock:
            if b"<successSync" in answer or b":successSync" in answer:
                assert value is not None
                self._tally.acknowledged[email] = value
            elif code is not None and not (value is None and code == "20103"):
                self._tally.errors[f"fault {code}"] += 1
                return
            self._tally.answered += 1
            self._tally.latencies.append(seconds)

    def _note(self, error: str) -> None:
        with self._tally.lock:
            self._tally.errors[error] += 1

    def _dawdle(self, _: str) -> None:
        """Begin requests and never end them."""
        while not self._over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=5) as line:
                line.sendall(b"POST /soap/mktows/3_1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n<e:Envelope")
                for _ in range(20):
                    if self._over.wait(0.1):
                        break
                    line.sendall(b" ")
            self._over.wait(0.05)

    def _attack(self, name: str) -> None:
        """Send what must be refused: none of it may be obeyed, and none may be answered as an error of the server's."""
        chance = random.Random(name)
        while not self._over.is_set():
            body, path, headers = chance.choice(_ATTACKS)
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
            try:
                connection.request("POST", path, body, headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException):
                pass
            else:
                obeyed = response.status < 300 or b"10001" in content
                with self._tally.lock:
                    self._tally.refused += 1
                    if obeyed:
                        self._tally.wrong.append(f"{path} {headers}: {response.status} {content[:200]!r}")
            finally:
                connection.close()
            self._over.wait(0.05)


def _call(connection: http.client.HTTPConnection, body: str) -> bytes:
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    signed = sign(DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY, stamp)
    envelope = _ENVELOPE.format(user=DEFAULT_USER_ID, sign=signed, stamp=stamp, body=body)
    connection.request("POST", "/soap/mktows/3_1", envelope.encode(), {"Content-Type": "text/xml"})
    return connection.getresponse().read()


_XML = {"Content-Type": "text/xml"}
_UNSIGNED = _ENVELOPE.format(user="stranger", sign="0" * 40, stamp="2026-01-01T00:00:00Z", body="{body}")
_ATTACKS: tuple[tuple[bytes, str, dict[str, str]], ...] = (
    (_UNSIGNED.replace("{body}", _SYNC.format(email="x@example.com", value=1)).encode(), "/soap/mktows/3_1", _XML),
    (_UNSIGNED.replace("{body}", _BOMB).encode(), "/soap/mktows/3_1", _XML),
    (b"<a>" * 5000, "/soap/mktows/3_1", _XML),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "/soap/mktows/3_1", _XML),
    (b"\x00\xff" * 20_000, "/soap/mktows/3_1", _XML),
    (b"x" * (11 * 1024**2), "/soap/mktows/3_1", _XML),
    (b"{}", "/__admin/reset", {"Content-Type": "text/plain", "Origin": "http://attacker.example"}),
    (b"{}", "/__admin/reset", {"Host": "attacker.example"}),
)
