"""Tags and channels on the wire: getChannels, getTags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.errors import Code, MarketoError
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import CallUnderWay, Declaration
from mockmkto.soap.types import Model, String, many, optional, required

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


def _not_there(call: CallUnderWay, params: Any, headers: Mapping[str, Any]) -> Any:  # noqa: ARG001
    raise MarketoError(Code.INTERNAL_ERROR)


OPERATIONS = (
    Declaration(
        "getChannels",
        params=ParamsGetChannels,
        success=SuccessGetChannels,
        documentation="Names the channels of programs and their statuses.",
        run=_not_there,
        since="2_1",
    ),
    Declaration(
        "getTags",
        params=ParamsGetTags,
        success=SuccessGetTags,
        documentation="Names the types of tags of programs and their values.",
        run=_not_there,
        since="2_1",
    ),
)
