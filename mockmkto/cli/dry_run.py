"""`mockmkto call --dry-run`: what the call would do, and why, without doing it."""

from __future__ import annotations

import json
import ssl
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mockmkto.cli.answers import Fault, clean, read_answer
from mockmkto.cli.http import Server
from mockmkto.cli.parser import DONE, FAULT, Failure, nobody_there, wrong_usage
from mockmkto.model import Call
from mockmkto.telling import describe

__all__ = ["dry_run", "dry_run_of_rest"]


def dry_run(
    server: Server,
    request: bytes,
    version: str,
    environ: Mapping[str, str],
    tls: ssl.SSLContext | None,
    timeout: float,
    *,
    raw: bool,
) -> int:
    """Asks the server's control API, and shows what it says: the outcome, each key, the partition, each value.

    Raises:
        Failure: the server has no control API here, or does not let this caller use it.
    """
    said = _ask(
        server, {"xml": request.decode(errors="replace"), "version": version, "sign": False}, environ, tls, timeout
    )
    if raw:
        sys.stdout.write(said["answer"])
    outcome = read_answer(said["answer"].encode())
    if not raw:
        print("dry run: nothing was written")
        print(outcome if outcome is not None else f"an answer that is no SOAP, HTTP {said['http_status']}")
        for line in _reasons(said["call"]):
            print(f"  {clean(line)}")
    return FAULT if outcome is None or isinstance(outcome, Fault) else DONE


def dry_run_of_rest(
    server: Server,
    call: Mapping[str, str],
    environ: Mapping[str, str],
    tls: ssl.SSLContext | None,
    timeout: float,
    *,
    raw: bool,
) -> int:
    """The same of a call to the REST API: what each record would become, and why.

    Raises:
        Failure: as `dry_run`.
    """
    said = _ask(server, {"rest": dict(call), "sign": False}, environ, tls, timeout)
    if raw:
        sys.stdout.write(said["answer"])
    else:
        print("dry run: nothing was written")
        record = msgspec.convert({**said["call"], "request": b"", "response": b"", "dry_run": True}, type=Call)
        head, *lines = describe(record)
        for line in (head.partition(": ")[2], *lines):
            print(clean(line))
    return DONE if said["call"]["fault_code"] is None else FAULT


def _ask(
    server: Server, body: Mapping[str, object], environ: Mapping[str, str], tls: ssl.SSLContext | None, timeout: float
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    token = environ.get("MOCKMKTO_ADMIN_TOKEN")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = server.ask(
        "POST", "/__admin/dry-run", body=json.dumps(body).encode(), headers=headers, tls=tls, timeout=timeout
    )
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if answer.status != 200 or not isinstance(said, dict):
        raise _refused(server, answer.status, said)
    return said


def _reasons(call: Mapping[str, object]) -> Iterator[str]:
    """The trace, a line a step."""
    trace = call["trace"]
    assert isinstance(trace, dict)
    for step in trace["keys"]:
        yield f"{step['key']} {step['value']}: {step['verdict']} ({step['reason']})"
    if trace["partition"]:
        yield f"partition {trace['partition']['partition']}: {trace['partition']['reason']}"
    for change in trace["changes"]:
        before, after = (("nothing" if change[side] is None else change[side]) for side in ("before", "after"))
        reason = f" ({change['reason']})" if change["reason"] else ""
        yield f"{change['target']}: {before} -> {after}: {change['outcome']}{reason}"
    warnings = call["warnings"]
    assert isinstance(warnings, list)
    for warning in warnings:
        yield f"warning: {warning['message']}"


def _refused(server: Server, status: int, said: object) -> Failure:
    if status in (401, 403):
        return wrong_usage("a dry run asks the control API, which wants the admin token: set MOCKMKTO_ADMIN_TOKEN.")
    detail = said.get("detail", "") if isinstance(said, dict) else ""
    return nobody_there(f"{server.url} makes no dry runs (HTTP {status}). {clean(str(detail))}".rstrip())
