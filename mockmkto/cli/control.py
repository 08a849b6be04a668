"""What the commands share that ask the control API: where the server is, one question, and its answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from mockmkto.cli.answers import clean
from mockmkto.cli.http import Answer, Server, given_url, trust
from mockmkto.cli.parser import Failure, nobody_there, wrong_usage

__all__ = ["ControlClient", "add_where", "in_path"]

TIMEOUT = 120.0  # seconds: a hundred thousand leads take some


def add_where(parser: argparse.ArgumentParser) -> None:
    """Where the server is, and which subscription of it."""
    where = parser.add_argument_group("where")
    where.add_argument(
        "--url", metavar="URL", help="where the server is [MOCKMKTO_URL; default: this machine, MOCKMKTO_PORT or 6586]"
    )
    where.add_argument("--subscription", metavar="NAME", default="default", help="which one [default: default]")
    where.add_argument(
        "--admin-token", metavar="TOKEN", help="the server's admin token, if it asks for one [MOCKMKTO_ADMIN_TOKEN]"
    )
    where.add_argument("--ca", metavar="FILE", help="trust this certificate, or its authority, in PEM")
    where.add_argument("--insecure", action="store_true", help="accept any certificate")


@dataclass(frozen=True, slots=True)
class ControlClient:
    """The control API of one subscription."""

    server: Server
    args: argparse.Namespace
    token: str | None

    @classmethod
    def of(cls, args: argparse.Namespace, environ: Mapping[str, str]) -> ControlClient:
        """The client that the arguments of `add_where` describe.

        Raises:
            Failure: they make no address.
        """
        token = args.admin_token or environ.get("MOCKMKTO_ADMIN_TOKEN")
        return cls(Server.at(given_url(args.url, environ)), args, token)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        /,
        **query: object,
    ) -> Answer:
        """The answer to a request, which is no problem document. `path` is what stands behind `/__admin`.

        Raises:
            Failure: 2 with what the server says is wrong; 3 nobody is there, or no mockmkto.
        """
        headers = {"Content-Type": content_type} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = self.server.ask(
            method,
            f"/__admin{path}?{urlencode({'subscription': self.args.subscription} | query, doseq=True)}",
            body=body,
            headers=headers,
            tls=trust(self.args.ca, insecure=self.args.insecure) if self.server.scheme == "https" else None,
            timeout=TIMEOUT,
        )
        if 200 <= answer.status < 300:
            return answer
        raise self._failure(path, answer)

    def tell(self, method: str, path: str, body: Mapping[str, object] | None = None, /, **query: object) -> Any:
        """The same with JSON both ways; `None` where nothing comes back."""
        content = None if body is None else json.dumps(body).encode()
        answer = self.ask(method, path, content, "application/json", **query)
        return json.loads(answer.body) if answer.body else None

    def _failure(self, path: str, answer: Answer) -> Failure:
        if answer.content_type.startswith("application/problem+json"):
            detail = str(json.loads(answer.body)["detail"])
            return wrong_usage("\n".join(map(clean, detail.split("\n"))))
        return nobody_there(f"{self.server.url} is no mockmkto: it answers /__admin{path} with HTTP {answer.status}.")


def in_path(name: str) -> str:
    """A name as a part of a path."""
    return quote(name, safe="")
