"""Tags and channels on the wire: getChannels, getTags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockmkto.engine.tags import get_channels, get_tags
from mockmkto.model import RequestFields
from mockmkto.model import programs as progression
from mockmkto.model.programs import Channel
from mockmkto.model.tags import AskedTag, GetChannelsRequest, GetTagsRequest
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.operations.mapping import strings, strings_from
from mockmkto.soap.types import Model, String, many, optional, required
from mockmkto.soap.writing import build

__all__ = ["OPERATIONS"]


class Tag(Model):
    """A type of tags, and values of it."""

    type = optional(String, nillable=False)
    values = optional(types.ArrayOfString, nillable=False)


class ArrayOfTag(Model):
    """Types of tags."""

    tag = many(Tag)


class ProgressionStatus(Model):
    """One status of a channel: its name, its step, and whether it is a success."""

    progressionStatus = optional(types.ArrayOfAttrib, nillable=False)


class ArrayOfProgressionStatus(Model):
    """The statuses of a channel."""

    progressionStatusItem = many(ProgressionStatus)


class TagStatus(Model):
    """A channel and its statuses."""

    tagValue = required(String)
    statusList = required(ArrayOfProgressionStatus)


class ArrayOfTagStatus(Model):
    """Channels."""

    tagStatus = many(TagStatus)


class ParamsGetChannels(Model):
    """The request of getChannels."""

    tag = optional(Tag, nillable=False, doc="The type Channel and the channels to show. All, where it is left out.")


class ResultGetChannels(Model):
    """The outcome of getChannels."""

    tags = required(ArrayOfTagStatus)


class SuccessGetChannels(Model):
    """The answer of getChannels."""

    __nillable_spelled__ = False

    result = required(ResultGetChannels)


class ParamsGetTags(Model):
    """The request of getTags."""

    tagList = optional(ArrayOfTag, nillable=False, doc="The types to show. All, where it is left out.")


class ResultGetTags(Model):
    """The outcome of getTags."""

    tagList = required(ArrayOfTag)


class SuccessGetTags(Model):
    """The answer of getTags."""

    __nillable_spelled__ = False

    result = required(ResultGetTags)


def _get_channels(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    asked = _tag_from(params.tag) if params.tag is not None else None
    found = get_channels(call.open_session, GetChannelsRequest(asked), call.trace)
    tags = build(ArrayOfTagStatus, tagStatus=[_channel(item) for item in found.channels])
    return build(SuccessGetChannels, result=build(ResultGetChannels, tags=tags))


def _get_channels_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return _said([_tag_from(params.tag)] if params.tag is not None else [])


def _get_tags(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    asked = _tags_from(params.tagList) if params.tagList is not None else None
    found = get_tags(call.open_session, GetTagsRequest(asked), call.trace)
    tags = [build(Tag, type=item.name, values=strings(item.values)) for item in found.types]
    return build(SuccessGetTags, result=build(ResultGetTags, tagList=build(ArrayOfTag, tag=tags)))


def _get_tags_said(params: Any, headers: Mapping[str, Any]) -> RequestFields:  # noqa: ARG001
    return _said(_tags_from(params.tagList) if params.tagList is not None else [])


def _said(asked: Iterable[AskedTag]) -> RequestFields:
    """Each type with its values."""
    return RequestFields({item.type or "tag": ", ".join(item.values) for item in asked})


def _tag_from(tag: Any) -> AskedTag:
    return AskedTag(tag.type, strings_from(tag.values) or ())


def _tags_from(listed: Any) -> tuple[AskedTag, ...]:
    return tuple(_tag_from(item) for item in listed.tag)


def _channel(item: Channel) -> Any:
    statuses = [build(ProgressionStatus, progressionStatus=_status(status)) for status in item.statuses]
    return build(
        TagStatus,
        tagValue=item.name,
        statusList=build(ArrayOfProgressionStatus, progressionStatusItem=statuses),
    )


def _status(item: progression.ProgressionStatus) -> Any:
    """The attributes of a status, in the captured order."""
    said = {
        "Status": item.name,
        "Step": str(item.step),
        "Check-in Status": item.check_in,
        "Webinar Behavior": item.webinar,
        "Success": "true" if item.success else "false",
    }
    pairs = [build(types.Attrib, name=name, value=value) for name, value in said.items() if value is not None]
    return build(types.ArrayOfAttrib, attrib=pairs)


OPERATIONS = (
    Declaration(
        "getChannels",
        params=ParamsGetChannels,
        success=SuccessGetChannels,
        documentation="Names the channels of programs and their statuses.",
        run=_get_channels,
        said=_get_channels_said,
    ),
    Declaration(
        "getTags",
        params=ParamsGetTags,
        success=SuccessGetTags,
        documentation="Names the types of tags of programs and their values.",
        run=_get_tags,
        said=_get_tags_said,
    ),
)
