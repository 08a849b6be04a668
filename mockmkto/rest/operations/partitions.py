"""Lead partitions."""

from __future__ import annotations

from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered

__all__ = ["show"]


def show(call: RestCall) -> Answered:
    """The partitions of the subscription (documented); their numbers are their places, from 1 (assumed)."""
    return Answered(
        [{"id": number, "name": name, "description": ""} for number, name in enumerate(call.world.partitions, 1)]
    )
