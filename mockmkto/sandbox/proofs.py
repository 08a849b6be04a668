"""A migration proven in a test: two programs, a subscription each from one fixture, and what differs afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from mockmkto.clock import system_now
from mockmkto.migration.allowing import read_allowed
from mockmkto.migration.proven import Proven
from mockmkto.sandbox.handle import Sandbox

__all__ = ["Program", "Proven", "compare", "prove"]

__tracebackhide__ = True  # a test's traceback ends in the test

Program = Callable[[Sandbox], object]


def compare(
    old: Sandbox,
    new: Sandbox,
    *,
    again: Sandbox | None = None,
    pair_by: str | Sequence[str] = "Email",
    foreign_id_field: str | None = None,
    allow: str | Sequence[str] = (),
) -> Proven:
    """What differs between two subscriptions of one server, each difference with its verdict.

    Args:
        old: what the old program was run against.
        new: what the new one was.
        again: what the old one was run against a second time: where it differs from itself is noise.
        pair_by: what leads are paired by: `"Email"`, a field, or a type of foreign ids; of several the first that
            pairs a lead decides.
        foreign_id_field: the field in which the new program keeps foreign ids; by default the one that has them.
        allow: what may differ, `"WHOSE | WHAT | REASON"` each; as a text a line each.

    Raises:
        BadAllowanceError: a line of what is allowed cannot be read.
        ControlError: leads cannot be paired so.
    """
    body: dict[str, object] = {
        "old": old.subscription,
        "new": new.subscription,
        "pair_by": [pair_by] if isinstance(pair_by, str) else list(pair_by),
        "allow": [
            dict(zip(("whose", "what", "reason"), map(str.strip, item.text.split("|", 2)), strict=True))
            for item in read_allowed(allow if isinstance(allow, str) else "\n".join(allow), "allow")
        ],
    }
    if again is not None:
        body["again"] = again.subscription
    if foreign_id_field is not None:
        body["foreign_id_field"] = foreign_id_field
    return old._control.send("POST", "/proofs", body, Proven)  # it is of two handles, and in neither


def prove(
    server: Sandbox,
    until: ExitStack,
    old: Program,
    new: Program,
    fixture: str | os.PathLike[str] | Mapping[str, object] | None = None,
    *,
    frozen: datetime | str | None = None,
    twice_old: bool = False,
    pair_by: str | Sequence[str] = "Email",
    foreign_id_field: str | None = None,
    allow: str | Sequence[str] = (),
    **switches: object,
) -> Proven:
    """Runs both programs, each with a subscription of its own that begins as the fixture, and compares what they leave.

    Args:
        server: where the subscriptions are made.
        until: deletes them when it ends.
        old: the old program, as a function that is given the handle of its subscription.
        new: the new one.
        fixture: as `new_subscription` takes it.
        frozen: where the clocks of both stand still; by default now.
        twice_old: whether the old program is run twice: where it differs from itself is noise.
        pair_by: as `compare` takes it.
        foreign_id_field: as `compare` takes it.
        allow: as `compare` takes it.
        switches: such as `duplicate_email="most_recently_created"`.

    Raises:
        ControlError: the fixture or a switch cannot be used.
        Exception: what a program raises.
    """
    at = frozen or system_now().replace(microsecond=0)
    # Where time stands still, nobody can tell how old a signature is, no limit is ever lifted, and nothing is done that
    # is to take its time.
    durations = {"import_duration": "0s", "export_duration": "0s"}
    world: dict[str, Any] = {"signature_window": "off", "limits": "off", **durations, **switches}

    def ran(program: Program) -> Sandbox:
        sandbox = until.enter_context(server.new_subscription(fixture, frozen=at, **world))
        program(sandbox)
        return sandbox

    first, second = ran(old), ran(new)
    again = ran(old) if twice_old else None
    proven = compare(first, second, again=again, pair_by=pair_by, foreign_id_field=foreign_id_field, allow=allow)
    return replace(
        proven, old=replace(proven.old, name=_called(old, "old")), new=replace(proven.new, name=_called(new, "new"))
    )


def _called(program: Program, otherwise: str) -> str:
    name = getattr(program, "__name__", "<lambda>")
    return f"the {otherwise} program" if name == "<lambda>" else name
