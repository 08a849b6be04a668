"""getChannels and getTags."""

from __future__ import annotations

from msgspec.structs import replace

from mockmkto.engine.program_objects import CHANNEL
from mockmkto.errors import MarketoError
from mockmkto.model import Subject, TraceBuilder
from mockmkto.model.programs import TagType
from mockmkto.model.tags import GetChannelsRequest, GetChannelsResult, GetTagsRequest, GetTagsResult
from mockmkto.store import programs
from mockmkto.store.database import Session

__all__ = ["get_channels", "get_tags"]


def get_channels(session: Session, request: GetChannelsRequest, trace: TraceBuilder) -> GetChannelsResult:
    """The channels that are asked for, or all, by name; the statuses of each by name (captured).

    A channel that there is not is left out (assumed).

    Raises:
        MarketoError: 20110 a type of tag other than Channel (assumed).
    """
    found = sorted(programs.channels(session), key=lambda item: item.name.casefold())
    if request.tag is not None:
        kind = (request.tag.type or "").strip()
        if kind and kind.casefold() != CHANNEL.casefold():
            raise MarketoError.bad_parameter("type", kind)
        if request.tag.values:
            known = {programs.folded(item.name): item for item in found}
            wanted = {programs.folded(name) for name in request.tag.values}
            for name in request.tag.values:
                item = known.get(programs.folded(name))
                trace.subjects.append(
                    Subject("channel", name, item.name if item is not None else None, item.name if item else None)
                )
            found = [item for item in found if programs.folded(item.name) in wanted]
    return GetChannelsResult(
        tuple(
            replace(item, statuses=tuple(sorted(item.statuses, key=lambda status: status.name.casefold())))
            for item in found
        )
    )


def get_tags(session: Session, request: GetTagsRequest, trace: TraceBuilder) -> GetTagsResult:
    """The types of tags that are asked for, or all, in the order in which they were made (captured).

    The channels count as a type of tag where there are any. A type that there is not is left out (assumed); the values
    of a request choose among a type's values where the switch `tag_filter` says so.
    """
    channels = sorted((item.name for item in programs.channels(session)), key=str.casefold)
    found = [*programs.tag_types(session)]
    if channels:
        found.append(TagType(CHANNEL, tuple(channels)))
    if request.tags is None:
        return GetTagsResult(tuple(found))
    wanted: dict[str, set[str]] = {}
    for asked in request.tags:
        name = asked.type or ""
        known = next((item for item in found if programs.folded(item.name) == programs.folded(name)), None)
        trace.subjects.append(Subject("tag", name, known.name if known else None, known.name if known else None))
        values = wanted.setdefault(programs.folded(name), set())
        values.update(programs.folded(value) for value in asked.values)
    by_value = session.world.behaviour.tag_filter == "values"
    return GetTagsResult(
        tuple(
            _with_values(item, wanted[programs.folded(item.name)]) if by_value else item
            for item in found
            if programs.folded(item.name) in wanted
        )
    )


def _with_values(item: TagType, wanted: set[str]) -> TagType:
    if not wanted:
        return item
    return replace(item, values=tuple(value for value in item.values if programs.folded(value) in wanted))
