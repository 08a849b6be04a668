"""Every error of the SOAP API: code, fault string and message in one table; and the faults of the vendor's stack.

Captured are the texts of 20014, 20103, 20105 and 20110; the others follow their pattern: the fault string is the code
and the documented message in sentence case, the message is one sentence that names the value and ends in the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import accumulate, takewhile

from mockmkto.bounds import LONGEST_FAULT, LONGEST_NOTE, cut
from mockmkto.errors.fault import Fault

__all__ = ["FAULT_STRINGS", "Code", "MarketoError", "StackFault"]


class Code(IntEnum):
    """The documented error codes."""

    INTERNAL_ERROR = 10001
    SERVICE_FAILURE = 20011
    REQUEST_NOT_UNDERSTOOD = 20012
    ACCESS_DENIED = 20013
    AUTHENTICATION_FAILED = 20014
    REQUEST_LIMIT_EXCEEDED = 20015
    REQUEST_EXPIRED = 20016
    INVALID_REQUEST = 20017
    BAD_ENCODING = 20018
    UNSUPPORTED_OPERATION = 20019
    TIME_RANGE_EXCEEDED = 20022
    RATE_LIMIT_EXCEEDED = 20023
    CONCURRENCY_LIMIT_EXCEEDED = 20024
    LEAD_KEY_REQUIRED = 20101
    LEAD_KEY_BAD = 20102
    LEAD_NOT_FOUND = 20103
    LEAD_DETAIL_REQUIRED = 20104
    LEAD_ATTRIBUTE_BAD = 20105
    LEAD_SYNC_FAILED = 20106
    ACTIVITY_KEY_BAD = 20107
    LEAD_OWNER_NOT_FOUND = 20108
    PARAMETER_REQUIRED = 20109
    BAD_PARAMETER = 20110
    LIST_NOT_FOUND = 20111
    CAMPAIGN_NOT_FOUND = 20113
    BAD_PARAMETER_VALUE = 20114
    BAD_STREAM_POSITION = 20122
    STREAM_AT_END = 20123


FAULT_STRINGS: dict[Code, str] = {
    Code.INTERNAL_ERROR: "Internal error",
    Code.SERVICE_FAILURE: "Internal error",
    Code.REQUEST_NOT_UNDERSTOOD: "Request not understood",
    Code.ACCESS_DENIED: "Access denied",
    Code.AUTHENTICATION_FAILED: "Authentication failed",  # captured
    Code.REQUEST_LIMIT_EXCEEDED: "Request limit exceeded",
    Code.REQUEST_EXPIRED: "Request expired",
    Code.INVALID_REQUEST: "Invalid request",
    Code.BAD_ENCODING: "Bad encoding",
    Code.UNSUPPORTED_OPERATION: "Unsupported operation",
    Code.TIME_RANGE_EXCEEDED: "Time range specified in query filter exceeded limit",
    Code.RATE_LIMIT_EXCEEDED: "Rate limit exceeded",
    Code.CONCURRENCY_LIMIT_EXCEEDED: "Concurrency limit exceeded",
    Code.LEAD_KEY_REQUIRED: "Lead key required",
    Code.LEAD_KEY_BAD: "Lead key bad",
    Code.LEAD_NOT_FOUND: "Lead not found",  # captured
    Code.LEAD_DETAIL_REQUIRED: "Lead detail required",
    Code.LEAD_ATTRIBUTE_BAD: "Unknown lead field",  # captured; the documented message is another
    Code.LEAD_SYNC_FAILED: "Lead sync failed",
    Code.ACTIVITY_KEY_BAD: "Activity key bad",
    Code.LEAD_OWNER_NOT_FOUND: "Lead owner not found",
    Code.PARAMETER_REQUIRED: "Parameter required",
    Code.BAD_PARAMETER: "Input error",  # captured; the documented message is another
    Code.LIST_NOT_FOUND: "List not found",
    Code.CAMPAIGN_NOT_FOUND: "Campaign not found",
    Code.BAD_PARAMETER_VALUE: "Bad parameter",
    Code.BAD_STREAM_POSITION: "Bad stream position",
    Code.STREAM_AT_END: "Stream at end",
}


_LONGEST_BRIEF = LONGEST_NOTE


def _first_of(names: Sequence[str]) -> str:
    """The names, or as many as have room and how many more there are."""
    lengths = accumulate(len(name) + 2 for name in names)
    shown = sum(1 for _ in takewhile(lambda length: length <= _LONGEST_BRIEF, lengths))
    more = f" ... and {len(names) - shown} more" if shown < len(names) else ""
    return f"{', '.join(names[:shown])}{more}"


class MarketoError(Fault):
    """A fault of Marketo's own: always `SOAP-ENV:Client`, HTTP 500, with a `serviceException` in its detail."""

    def __init__(self, code: Code, text: str | None = None, brief: str | None = None) -> None:
        self.code = code
        self.text = cut(text or FAULT_STRINGS[code], LONGEST_FAULT)
        self._brief = brief
        super().__init__(self.message)

    @property
    def fault_string(self) -> str:
        """What `faultstring` holds: `20103 - Lead not found`."""
        return f"{self.code.value} - {FAULT_STRINGS[self.code]}"

    @property
    def message(self) -> str:
        """What the detail's `message` holds: the sentence and the code."""
        return f"{self.text} ({self.code.value})"

    @property
    def recorded_code(self) -> int | str:
        """The code as a number."""
        return self.code.value

    @property
    def brief(self) -> str:
        """The message for whoever reads of it elsewhere: as a client can send any length, it has a bound."""
        text = self._brief
        if text is None:
            text = self.text if len(self.text) <= _LONGEST_BRIEF else f"{self.text[:_LONGEST_BRIEF]}..."
        return f"{text} ({self.code.value})"

    # One constructor for each sentence, so that server and tests share them.

    @classmethod
    def authentication_failed(cls) -> MarketoError:
        """20014: nothing on the wire ever says why."""
        return cls(Code.AUTHENTICATION_FAILED)

    @classmethod
    def access_denied(cls, user_id: str) -> MarketoError:
        """20013: the signature was right, but the credential is blocked."""
        return cls(Code.ACCESS_DENIED, f"Access denied for user {user_id}")

    @classmethod
    def request_expired(cls, timestamp: str) -> MarketoError:
        """20016: the timestamp is outside the window, or is not a time."""
        return cls(Code.REQUEST_EXPIRED, f"Request expired: {timestamp}")

    @classmethod
    def unsupported_operation(cls, name: str) -> MarketoError:
        """20019: the body's root element is no operation of this contract."""
        return cls(Code.UNSUPPORTED_OPERATION, f"Unsupported operation: {name}")

    @classmethod
    def lead_key_required(cls) -> MarketoError:
        """20101: no key at all."""
        return cls(Code.LEAD_KEY_REQUIRED, "No lead key was given")

    @classmethod
    def lead_key_bad(cls, key_type: str) -> MarketoError:
        """20102: a key type outside the enumeration."""
        return cls(Code.LEAD_KEY_BAD, f"Lead key type is not valid: {key_type}")

    @classmethod
    def lead_not_found(cls, key_type: str, value: object) -> MarketoError:
        """20103, as captured: `No lead found with EMAIL = pants@example.com (20103)`."""
        return cls(Code.LEAD_NOT_FOUND, f"No lead found with {key_type} = {value}")

    @classmethod
    def more_than_one_lead(cls, key_type: str, value: object) -> MarketoError:
        """20106 of one record among many (captured: stored errors begin with these words; the rest is assumed)."""
        return cls(Code.LEAD_SYNC_FAILED, f"Found more than one lead with {key_type} = {value}")

    @classmethod
    def lead_detail_required(cls) -> MarketoError:
        """20104: no leadRecord."""
        return cls(Code.LEAD_DETAIL_REQUIRED, "leadRecord is required")

    @classmethod
    def lead_list_required(cls) -> MarketoError:
        """20104: no leadRecordList."""
        return cls(Code.LEAD_DETAIL_REQUIRED, "leadRecordList is required")

    @classmethod
    def unknown_fields(cls, names: Iterable[str]) -> MarketoError:
        """20105, as captured: `syncLead operation failed: unknown fields for import: pants (20105)`."""
        listed = list(names)
        said = "syncLead operation failed: unknown fields for import: "
        return cls(Code.LEAD_ATTRIBUTE_BAD, f"{said}{', '.join(listed)}", f"{said}{_first_of(listed)}")

    @classmethod
    def outside_partition(cls, lead_id: int, workspace: str) -> MarketoError:
        """20106: the lead is not where the context header allows it to be."""
        return cls(
            Code.LEAD_SYNC_FAILED,
            f"syncLead operation failed: lead {lead_id} is not in the primary partition of workspace {workspace}",
        )

    @classmethod
    def parameter_required(cls, name: str) -> MarketoError:
        """20109: a required element is missing."""
        return cls(Code.PARAMETER_REQUIRED, f"{name} is required")

    @classmethod
    def bad_workspace(cls, name: str) -> MarketoError:
        """20110: the context header names no workspace of this subscription."""
        return cls(Code.BAD_PARAMETER, f"Workspace name is not valid: {name}")

    @classmethod
    def bad_foreign_type(cls, value: str) -> MarketoError:
        """20110: a ForeignSysType outside the enumeration."""
        return cls(Code.BAD_PARAMETER, f"ForeignSysType is not valid: {value}")

    @classmethod
    def bad_parameter(cls, element: str, value: object) -> MarketoError:
        """20110: what an element says is not one of its values, or cannot be."""
        return cls(Code.BAD_PARAMETER, f"{element} is not valid: {value}")

    @classmethod
    def list_not_found(cls, key_type: str, value: object) -> MarketoError:
        """20111: no list has this key."""
        return cls(Code.LIST_NOT_FOUND, f"No list found with {key_type} = {value}")

    @classmethod
    def campaign_not_found(cls, asked: object) -> MarketoError:
        """20113: no campaign has this id or name, or none that could be asked."""
        return cls(Code.CAMPAIGN_NOT_FOUND, f"No campaign found with {asked}")

    @classmethod
    def bad_object_name(cls) -> MarketoError:
        """20110, as captured: `Object name is not valid (20110)`."""
        return cls(Code.BAD_PARAMETER, "Object name is not valid")

    @classmethod
    def bad_object_type(cls) -> MarketoError:
        """20110: a type of objects that there is not."""
        return cls(Code.BAD_PARAMETER, "Object type is not valid")

    @classmethod
    def bad_stream_position(cls, position: str) -> MarketoError:
        """20122: a text that is no position of this operation."""
        return cls(Code.BAD_STREAM_POSITION, f"Stream position is not valid: {position}")

    @classmethod
    def bad_value(cls, value: str, field: str, type_name: str) -> MarketoError:
        """20110: the text is not a value of the field's type."""
        return cls(Code.BAD_PARAMETER, f"Value '{value}' is not valid for field {field} of type {type_name}")

    @classmethod
    def overlong_value(cls, value: str, field: str, limit: str) -> MarketoError:
        """20110: the text is longer than the field."""
        start = value if len(value) <= 40 else value[:40] + "..."
        return cls(Code.BAD_PARAMETER, f"Value '{start}' is too long for field {field}, which holds {limit}")


class StackFault(Fault):
    """A fault of the vendor's SOAP stack, answered before Marketo's own code is reached: a code, a text, no detail.

    Captured is `Bad Request`; the others are the texts of the stack that the vendor's answers give away.
    """

    def __init__(self, fault_code: str, text: str) -> None:
        self.fault_code = fault_code
        self.text = text
        super().__init__(text)

    @property
    def recorded_code(self) -> int | str:
        """`Client`, `Server` and the like."""
        return self.fault_code

    @property
    def brief(self) -> str:
        """What it says."""
        return self.text

    @classmethod
    def bad_request(cls) -> StackFault:
        """The body is empty, or is not XML."""
        return cls("Client", "Bad Request")

    @classmethod
    def no_body(cls) -> StackFault:
        """An envelope without a Body."""
        return cls("Client", "Body must be present in a SOAP envelope")

    @classmethod
    def empty_body(cls) -> StackFault:
        """A Body without a call."""
        return cls("Client", 'looks like we got "Body" without function call')

    @classmethod
    def several_calls(cls) -> StackFault:
        """A Body with more than one call."""
        return cls("Client", 'looks like we got "Body" with several functions call')

    @classmethod
    def wrong_version(cls) -> StackFault:
        """Not an envelope, or one of another SOAP."""
        return cls("VersionMismatch", "Wrong Version")

    @classmethod
    def header_not_understood(cls) -> StackFault:
        """A header that must be understood, and is not."""
        return cls("MustUnderstand", "Header not understood")

    @classmethod
    def must_understand_not_boolean(cls) -> StackFault:
        """`mustUnderstand` is no boolean."""
        return cls("Client", "mustUnderstand value is not boolean")

    @classmethod
    def encoding(cls) -> StackFault:
        """A number that is none."""
        return cls("Server", "SOAP-ERROR: Encoding: Violation of encoding rules")

    @classmethod
    def unresolved_reference(cls, reference: str) -> StackFault:
        """An `href` to an element that is not there."""
        return cls("Server", f"SOAP-ERROR: Encoding: Unresolved reference '{reference}'")

    @classmethod
    def external_reference(cls, reference: str) -> StackFault:
        """An `href` out of the document."""
        return cls("Server", f"SOAP-ERROR: Encoding: External reference '{reference}'")

    @classmethod
    def dtd(cls) -> StackFault:
        """A document type declaration."""
        return cls("Server", "DTD are not supported by SOAP")
