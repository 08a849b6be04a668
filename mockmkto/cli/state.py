"""What `mockmkto export` and `mockmkto import` share: the state of a subscription, over the control API."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from mockmkto.cli.control import ControlClient, add_where
from mockmkto.cli.http import Answer

__all__ = ["add_where", "ask_state"]


def ask_state(
    args: argparse.Namespace, environ: Mapping[str, str], method: str, body: bytes | None = None, **query: str
) -> Answer:
    """The answer to a request for the state.

    Raises:
        Failure: 2 with what the server says is wrong; 3 nobody is there, or no mockmkto.
    """
    return ControlClient.of(args, environ).ask(method, "/state", body, "application/yaml", **query)
