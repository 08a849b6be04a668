"""A Marketo that is called over REST: requests straight into the server, with the token of its client, answers read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from support import Marketo

from mockmkto.model import Call
from mockmkto.rest.incoming import Incoming
from mockmkto.rest.server import RestServer

CLIENT_ID = "mockmkto-client"
CLIENT_SECRET = "mockmkto-client-secret"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """An answer, and the record of its call."""

    http_status: int
    body: bytes
    headers: Mapping[str, str]
    call: Call

    @property
    def json(self) -> dict[str, Any]:
        """What it says, its members in their order."""
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def result(self) -> list[Any]:
        """The result of an answer that is a success."""
        assert self.json["success"], self.json
        found: list[Any] = self.json["result"]
        return found

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Code and message of each error of the answer."""
        return [(error["code"], error["message"]) for error in self.json.get("errors", ())]

    @property
    def error(self) -> str:
        """The one error, as `1003 Lead ids not specified`."""
        ((code, message),) = self.errors
        assert self.json["success"] is False
        return f"{code} {message}"

    @property
    def outcomes(self) -> list[tuple[Any, ...]]:
        """What became of each record: its status, and of a refused one the code and the message."""
        return [
            (item["status"], *((reason["code"], reason["message"]) for reason in item.get("reasons", ())))
            for item in self.result
        ]

    @property
    def warnings(self) -> list[str]:
        """The warnings of the call."""
        return [warning.message for warning in self.call.warnings]


class Rest:
    """The REST API of a subscription; `soap` is the same one over SOAP."""

    def __init__(self, fixture: str = "{}", soap: Marketo | None = None) -> None:
        self.soap = soap if soap is not None else Marketo(fixture)
        self.server = RestServer(self.soap.server.calls)
        self._token: str | None = None

    @property
    def token(self) -> str:
        """The client's token, asked for once."""
        if self._token is None:
            self._token = self.identity().json["access_token"]
        return self._token

    def stored(self) -> dict[str, Any]:
        """All that the subscription holds but for tokens and counts of calls: what a refused call leaves as it was."""
        return {name: rows for name, rows in self.soap.dump().items() if name not in ("token", "usage_count")}

    def forget_token(self) -> None:
        """Ask for one again before the next call."""
        self._token = None

    def identity(self, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET, **more: str) -> Answer:
        """One call of the identity service."""
        query = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret} | more
        return self.send("GET", "/identity/oauth/token", urlencode(query), token=None)

    def send(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        content_type: str | None = None,
        *,
        token: str | None = "",
        **more: Any,
    ) -> Answer:
        """Any request at all; with the client's token unless it is given another, or none."""
        known = self.token if token == "" else token
        answer = self.server.answer(
            Incoming(
                method,
                path,
                query,
                body,
                content_type,
                f"Bearer {known}" if known is not None else None,
                remote="127.0.0.1",
                **more,
            )
        )
        return Answer(answer.status, answer.body, dict(answer.headers), self.soap.calls[-1])

    def get(self, path: str, **parameters: Any) -> Answer:
        """A GET with parameters; a list is a parameter that is repeated."""
        return self.send("GET", path, urlencode(parameters, doseq=True))

    def post(self, path: str, body: Any = None, *, method: str = "POST", **parameters: Any) -> Answer:
        """A POST of JSON; without a body, an empty one that is said to be JSON, as clients send it."""
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, urlencode(parameters, doseq=True), raw, JSON)

    def delete(self, path: str, body: Any = None, **parameters: Any) -> Answer:
        """A DELETE, with JSON or without."""
        return self.post(path, body, method="DELETE", **parameters)

    def form(self, path: str, **fields: Any) -> Answer:
        """A POST of a form."""
        return self.send("POST", path, "", urlencode(fields, doseq=True).encode(), FORM)


def multipart(*parts: tuple[str, str | None, bytes]) -> tuple[bytes, str]:
    """A body of parts, each with its name and, if it is a file, its file name; and the type of that body."""
    boundary = "----------------------------5f3c9a1e0b7d"
    lines = []
    for name, filename, content in parts:
        file = f'; filename="{filename}"\r\nContent-Type: text/csv' if filename is not None else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        lines.append(head.encode() + content + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
