"""What getChannels and getTags ask and answer."""

from __future__ import annotations

from msgspec import Struct

from mockmkto.model.programs import Channel, TagType

__all__ = ["AskedTag", "GetChannelsRequest", "GetChannelsResult", "GetTagsRequest", "GetTagsResult"]


class AskedTag(Struct, frozen=True):
    """A type of tags, and values of it, as a request names them."""

    type: str | None
    values: tuple[str, ...] = ()


class GetChannelsRequest(Struct, frozen=True):
    """One getChannels call, read. Without a tag all channels are asked for."""

    tag: AskedTag | None = None


class GetChannelsResult(Struct, frozen=True):
    """What getChannels answers: channels by name, the statuses of each by name."""

    channels: tuple[Channel, ...]


class GetTagsRequest(Struct, frozen=True):
    """One getTags call, read. `tags is None` asks for all types."""

    tags: tuple[AskedTag, ...] | None = None


class GetTagsResult(Struct, frozen=True):
    """What getTags answers: types of tags in the order in which they were made."""

    types: tuple[TagType, ...]
