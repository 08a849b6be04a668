"""What `mockmkto export` and `mockmkto import` share: the state of a subscription, over the control API."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from mockmkto.cli.http import Answer, Server, given_url, trust
from mockmkto.cli.parser import Failure, nobody_there, wrong_usage

__all__ = ["StateClient", "add_where"]

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
class StateClient:
    """Asks for the state of one subscription, or replaces it."""

    server: Server
    args: argparse.Namespace
    token: str | None

    @classmethod
    def of(cls, args: argparse.Namespace, environ: Mapping[str, str]) -> StateClient:
        """The client that the arguments of `add_where` describe.

        Raises:
            Failure: they make no address.
        """
        token = args.admin_token or environ.get("MOCKMKTO_ADMIN_TOKEN")
        return cls(Server.at(given_url(args.url, environ)), args, token)

    def ask(self, method: str, body: bytes | None = None, **query: str) -> Answer:
        """The answer to a request for the state, which is not a problem document.

        Raises:
            Failure: 2 with what the server says is wrong; 3 nobody is there, or no mockmkto.
        """
        headers = {"Content-Type": "application/yaml"} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = self.server.ask(
            method,
            f"/__admin/state?{urlencode({'subscription': self.args.subscription} | query)}",
            body=body,
            headers=headers,
            tls=trust(self.args.ca, insecure=self.args.insecure) if self.server.scheme == "https" else None,
            timeout=TIMEOUT,
        )
        if answer.status in (200, 204):
            return answer
        raise self._failure(answer)

    def _failure(self, answer: Answer) -> Failure:
        if answer.content_type.startswith("application/problem+json"):
            detail = str(json.loads(answer.body)["detail"])
            return wrong_usage("".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in detail))
        return nobody_there(f"{self.server.url} is no mockmkto: it answers /__admin/state with HTTP {answer.status}.")
