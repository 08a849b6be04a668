"""What several families show alike: lists that may have nothing in them, attributes, times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mockmkto.model import Attribute
from mockmkto.soap import types
from mockmkto.soap.operations import mapping
from mockmkto.soap.operations.declaring import CallUnderWay
from mockmkto.soap.writing import build

__all__ = ["attribute_list", "moment", "record_list"]


def attribute_list(call: CallUnderWay, attributes: Sequence[Attribute]) -> Any:
    """Attributes; where there are none, nil or the empty element, as the switch `empty_lists` says (inferred)."""
    if not attributes and call.open_session.world.behaviour.empty_lists == "nil":
        return None
    return mapping.attributes(attributes)


def record_list(call: CallUnderWay, model: type[types.Model], member: str, records: Sequence[Any]) -> Any:
    """Records; where there are none, nil or the empty element, as the switch `empty_lists` says (inferred)."""
    if not records and call.open_session.world.behaviour.empty_lists == "nil":
        return None
    return build(model, **{member: list(records)})


def moment(call: CallUnderWay, at: datetime) -> str:
    """A time as answers show it (captured): in whole seconds, with the offset of the subscription's zone, never Z."""
    return at.astimezone(call.open_session.world.time_zone).isoformat(timespec="seconds")
