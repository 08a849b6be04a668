"""What getChannels and getTags ask and answer."""

from __future__ import annotations

from dataclasses import dataclass

from mockmkto.model.programs import Channel, TagType

__all__ = ["AskedTag", "GetChannelsRequest", "GetChannelsResult", "GetTagsRequest", "GetTagsResult"]


@dataclass(frozen=True, slots=True)
class AskedTag:
    """A type of tags, and values of it, as a request names them."""

    type: str | None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GetChannelsRequest:
    """One getChannels call, read. Without a tag all channels are asked for."""

    tag: AskedTag | None = None


@dataclass(frozen=True, slots=True)
class GetChannelsResult:
    """What getChannels answers: channels by name, the statuses of each by name."""

    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class GetTagsRequest:
    """One getTags call, read. `tags is None` asks for all types."""

    tags: tuple[AskedTag, ...] | None = None


@dataclass(frozen=True, slots=True)
class GetTagsResult:
    """What getTags answers: types of tags in the order in which they were made."""

    types: tuple[TagType, ...]
