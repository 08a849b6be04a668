"""The errors of the REST API: their codes, their recorded texts, and which of them are the SOAP API's by another name.

An error of the whole answer is raised; one of a single record is a value that its outcome carries. Both are said as a
code and a message. The texts are captured where their constructor says so, otherwise documented.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from mockmkto.bounds import LONGEST_FAULT, LONGEST_NOTE, LONGEST_QUOTE, cut
from mockmkto.errors.fault import Fault
from mockmkto.errors.soap import Code, MarketoError

__all__ = [
    "REST_TEXTS",
    "SOAP_TWINS",
    "UNCOUNTED",
    "HttpRefusal",
    "RestCode",
    "RestError",
    "rest_twin",
    "said_over",
    "soap_twin",
]


class RestCode(IntEnum):
    """The documented codes, of answers (600 to 799) and of records (1001 and on; some are said of answers, too)."""

    EMPTY_TOKEN = 600
    TOKEN_INVALID = 601
    TOKEN_EXPIRED = 602
    ACCESS_DENIED = 603
    TIMED_OUT = 604
    METHOD_NOT_SUPPORTED = 605
    RATE_LIMIT_EXCEEDED = 606
    DAILY_QUOTA_REACHED = 607
    UNAVAILABLE = 608
    INVALID_JSON = 609
    NOT_FOUND = 610
    SYSTEM_ERROR = 611
    INVALID_CONTENT_TYPE = 612
    INVALID_MULTIPART = 613
    INVALID_SUBSCRIPTION = 614
    CONCURRENCY_LIMIT_EXCEEDED = 615
    INVALID_SUBSCRIPTION_TYPE = 616
    CANNOT_BE_BLANK = 701
    NO_DATA = 702
    NOT_ENABLED = 703
    INVALID_DATE = 704
    RULE_VIOLATION = 709
    PARENT_FOLDER_NOT_FOUND = 710
    INCOMPATIBLE_FOLDER = 711
    INVALID_VALUE_TYPE = 1001
    MISSING_PARAMETER = 1002
    INVALID_DATA = 1003
    LEAD_NOT_FOUND = 1004
    LEAD_EXISTS = 1005
    FIELD_NOT_FOUND = 1006
    SEVERAL_MATCH = 1007
    PARTITION_DENIED = 1008
    PARTITION_REQUIRED = 1009
    PARTITION_UPDATE_NOT_ALLOWED = 1010
    FIELD_NOT_SUPPORTED = 1011
    INVALID_COOKIE = 1012
    OBJECT_NOT_FOUND = 1013
    OBJECT_NOT_CREATED = 1014
    NOT_IN_LIST = 1015
    TOO_MANY_IMPORTS = 1016
    OBJECT_EXISTS = 1017
    CRM_ENABLED = 1018
    IMPORT_IN_PROGRESS = 1019
    TOO_MANY_CLONES = 1020
    COMPANY_UPDATE_NOT_ALLOWED = 1021
    OBJECT_IN_USE = 1022
    PROGRAM_STATUS_NOT_FOUND = 1025
    CUSTOM_OBJECT_NOT_ENABLED = 1026
    TOO_MANY_ACTIVITY_TYPES = 1027
    TOO_MANY_FIELDS = 1028
    TOO_MANY_JOBS = 1029
    FILTER_NOT_SUPPORTED = 1035
    DUPLICATE_IN_INPUT = 1036
    LEAD_SKIPPED = 1037
    INVALID_RUN_AT = 1042
    DISCARD_FAILED = 1048
    ACTIVITY_NOT_CREATED = 1049
    OVERLONG_VALUE = 1077
    TOO_MANY_TO_MERGE = 1080


_REST_CODES = frozenset(RestCode)

REST_TEXTS: dict[RestCode, str] = {
    RestCode.EMPTY_TOKEN: "Empty access token",  # assumed: of it only the code is known
    RestCode.TOKEN_INVALID: "Access token invalid",  # captured
    RestCode.TOKEN_EXPIRED: "Access token expired",
    RestCode.ACCESS_DENIED: "Access denied",
    RestCode.TIMED_OUT: "Request timed out",
    RestCode.METHOD_NOT_SUPPORTED: "HTTP Method not supported",
    RestCode.RATE_LIMIT_EXCEEDED: "Max rate limit '100' exceeded with in '20' secs",  # captured
    RestCode.DAILY_QUOTA_REACHED: "Daily quota reached",
    RestCode.UNAVAILABLE: "API Temporarily Unavailable",
    RestCode.INVALID_JSON: "Invalid JSON",
    RestCode.NOT_FOUND: "Requested resource not found",  # captured
    RestCode.SYSTEM_ERROR: "System error",
    RestCode.INVALID_CONTENT_TYPE: "Invalid Content Type",
    RestCode.INVALID_MULTIPART: "Invalid Multipart Request",
    RestCode.INVALID_SUBSCRIPTION: "Invalid Subscription",
    RestCode.CONCURRENCY_LIMIT_EXCEEDED: "Concurrent access limit '10' reached",  # captured
    RestCode.INVALID_SUBSCRIPTION_TYPE: "Invalid subscription type",
    RestCode.CANNOT_BE_BLANK: "Value cannot be blank",
    RestCode.NO_DATA: "No data found for the given search criteria",
    RestCode.NOT_ENABLED: "The feature is not enabled for the subscription",
    RestCode.INVALID_DATE: "Invalid date format",
    RestCode.RULE_VIOLATION: "Business Rule Violation",
    RestCode.PARENT_FOLDER_NOT_FOUND: "Parent Folder Not Found",
    RestCode.INCOMPATIBLE_FOLDER: "Incompatible Folder Type",
    RestCode.INVALID_VALUE_TYPE: "Invalid value",
    RestCode.MISSING_PARAMETER: "Missing value for the required parameter",
    RestCode.INVALID_DATA: "Invalid request. Please check and try again.",  # captured
    RestCode.LEAD_NOT_FOUND: "Lead not found",  # captured
    RestCode.LEAD_EXISTS: "Lead already exists",  # captured
    RestCode.FIELD_NOT_FOUND: "Field not found",
    RestCode.SEVERAL_MATCH: "Multiple lead match lookup criteria",  # captured; the documented text is another
    RestCode.PARTITION_DENIED: "Access denied to partition",
    RestCode.PARTITION_REQUIRED: "Partition name must be specified",
    RestCode.PARTITION_UPDATE_NOT_ALLOWED: "Partition update not allowed",
    RestCode.FIELD_NOT_SUPPORTED: "Field not supported",
    RestCode.INVALID_COOKIE: "Invalid cookie value",
    RestCode.OBJECT_NOT_FOUND: "Object not found",
    RestCode.OBJECT_NOT_CREATED: "Failed to create Object",
    RestCode.NOT_IN_LIST: "Lead not in list",  # captured
    RestCode.TOO_MANY_IMPORTS: "There are 10 imports currently being processed. Please try again later",
    RestCode.OBJECT_EXISTS: "Object already exists",
    RestCode.CRM_ENABLED: "CRM Enabled",
    RestCode.IMPORT_IN_PROGRESS: "Import in progress",
    RestCode.TOO_MANY_CLONES: "Too many clones to program",
    RestCode.COMPANY_UPDATE_NOT_ALLOWED: "Company update not allowed",
    RestCode.OBJECT_IN_USE: "Object in use",
    RestCode.PROGRAM_STATUS_NOT_FOUND: "Program status not found",
    RestCode.CUSTOM_OBJECT_NOT_ENABLED: "Custom object not enabled",
    RestCode.TOO_MANY_ACTIVITY_TYPES: "Maximum number of activity types exceeded",
    RestCode.TOO_MANY_FIELDS: "Maximum number of fields exceeded",
    RestCode.TOO_MANY_JOBS: "Too many jobs in queue",
    RestCode.FILTER_NOT_SUPPORTED: "Unsupported filter type for target subscription",
    RestCode.DUPLICATE_IN_INPUT: "Duplicate object found in input",
    RestCode.LEAD_SKIPPED: "Lead was skipped",
    RestCode.INVALID_RUN_AT: "Invalid runAt date",
    RestCode.DISCARD_FAILED: "Discard draft failed",
    RestCode.ACTIVITY_NOT_CREATED: "Failed to create activity",
    RestCode.OVERLONG_VALUE: "Value for field exceeds max length",
    RestCode.TOO_MANY_TO_MERGE: "Too many leads to merge",
}
"""What each says where nothing is known of the request."""

SOAP_TWINS: dict[RestCode, Code] = {
    RestCode.EMPTY_TOKEN: Code.AUTHENTICATION_FAILED,
    RestCode.TOKEN_INVALID: Code.AUTHENTICATION_FAILED,
    RestCode.TOKEN_EXPIRED: Code.REQUEST_EXPIRED,
    RestCode.ACCESS_DENIED: Code.ACCESS_DENIED,
    RestCode.METHOD_NOT_SUPPORTED: Code.UNSUPPORTED_OPERATION,
    RestCode.NOT_FOUND: Code.UNSUPPORTED_OPERATION,
    RestCode.DAILY_QUOTA_REACHED: Code.REQUEST_LIMIT_EXCEEDED,
    RestCode.RATE_LIMIT_EXCEEDED: Code.RATE_LIMIT_EXCEEDED,
    RestCode.CONCURRENCY_LIMIT_EXCEEDED: Code.CONCURRENCY_LIMIT_EXCEEDED,
    RestCode.TIMED_OUT: Code.SERVICE_FAILURE,
    RestCode.UNAVAILABLE: Code.SERVICE_FAILURE,
    RestCode.SYSTEM_ERROR: Code.INTERNAL_ERROR,
    RestCode.INVALID_JSON: Code.REQUEST_NOT_UNDERSTOOD,
    RestCode.MISSING_PARAMETER: Code.PARAMETER_REQUIRED,
    RestCode.INVALID_DATA: Code.BAD_PARAMETER,
    RestCode.LEAD_NOT_FOUND: Code.LEAD_NOT_FOUND,
    RestCode.FIELD_NOT_FOUND: Code.LEAD_ATTRIBUTE_BAD,
    RestCode.OBJECT_NOT_FOUND: Code.CAMPAIGN_NOT_FOUND,
}
"""Which fault of the SOAP API says the same (inferred: no page of the vendor's pairs them)."""

_REST_TWINS = {
    **{soap: rest for rest, soap in reversed(SOAP_TWINS.items())},
    Code.AUTHENTICATION_FAILED: RestCode.TOKEN_INVALID,
    Code.LIST_NOT_FOUND: RestCode.OBJECT_NOT_FOUND,
    Code.UNSUPPORTED_OPERATION: RestCode.NOT_FOUND,
}


def rest_twin(code: Code) -> RestCode:
    """The REST code that says what a SOAP fault says; 611 where none does."""
    return _REST_TWINS.get(code, RestCode.SYSTEM_ERROR)


def soap_twin(code: RestCode) -> Code:
    """The SOAP fault that says what a REST code says; 10001 where none does."""
    return SOAP_TWINS.get(code, Code.INTERNAL_ERROR)


UNCOUNTED = frozenset(
    {
        RestCode.TOKEN_INVALID,
        RestCode.TOKEN_EXPIRED,
        RestCode.TIMED_OUT,
        RestCode.METHOD_NOT_SUPPORTED,
        RestCode.UNAVAILABLE,
        RestCode.SYSTEM_ERROR,
    }
)
"""Errors whose calls count neither against the day nor the rate (documented)."""


class RestError(Fault):
    """An error of the REST API: of the whole answer where it is raised, of one record where it is a value."""

    def __init__(self, code: RestCode, text: str | None = None) -> None:
        self.code = code
        self.text = cut(text or REST_TEXTS[code], LONGEST_FAULT)
        super().__init__(f"{self.code.value}: {self.text}")

    @property
    def recorded_code(self) -> int | str:
        """The code as a number."""
        return self.code.value

    @property
    def brief(self) -> str:
        """The message and its code."""
        return f"{cut(self.text, LONGEST_NOTE)} ({self.code.value})"

    @classmethod
    def of(cls, error: MarketoError) -> RestError:
        """What the REST API says where the SOAP API has that fault."""
        code = rest_twin(error.code)
        return cls(code) if code in (RestCode.SYSTEM_ERROR, RestCode.TOKEN_INVALID) else cls(code, error.text)

    # One constructor for each text, so that server and tests share them.

    @classmethod
    def method_not_supported(cls, method: str) -> RestError:
        """605, as captured."""
        return cls(RestCode.METHOD_NOT_SUPPORTED, f"Request method '{cut(method, LONGEST_QUOTE)}' not supported")

    @classmethod
    def rate_limit(cls, most: int) -> RestError:
        """606, as captured."""
        return cls(RestCode.RATE_LIMIT_EXCEEDED, f"Max rate limit '{most}' exceeded with in '20' secs")

    @classmethod
    def at_once(cls, most: int) -> RestError:
        """615, as captured."""
        return cls(RestCode.CONCURRENCY_LIMIT_EXCEEDED, f"Concurrent access limit '{most}' reached")

    @classmethod
    def invalid_type(cls, value: object, wanted: str) -> RestError:
        """1001, as recorded in a mock."""
        return cls(
            RestCode.INVALID_VALUE_TYPE,
            f"Invalid value '{cut(str(value), LONGEST_QUOTE)}'. Required of type '{wanted}'",
        )

    @classmethod
    def missing_parameter(cls, name: str) -> RestError:
        """1002 (documented)."""
        return cls(RestCode.MISSING_PARAMETER, f"Missing value for the required parameter '{name}'")

    @classmethod
    def invalid_data(cls, text: str) -> RestError:
        """1003 in other words."""
        return cls(RestCode.INVALID_DATA, text)

    @classmethod
    def invalid_value(cls, field: str, value: object) -> RestError:
        """1003 of a record, as captured."""
        shown = cut(str(value), LONGEST_QUOTE)
        return cls(RestCode.INVALID_DATA, f"Invalid value for field '{field}' and value '{shown}'")

    @classmethod
    def not_specified(cls, what: str) -> RestError:
        """1003 of an answer, as captured: `filterValues not specified`, `Lead ids not specified`."""
        return cls(RestCode.INVALID_DATA, f"{what} not specified")

    @classmethod
    def lead_not_found(cls, lead_id: object) -> RestError:
        """1004 of an answer, as captured: `Lead '1' not found`."""
        return cls(RestCode.LEAD_NOT_FOUND, f"Lead '{cut(str(lead_id), LONGEST_QUOTE)}' not found")

    @classmethod
    def leads_not_found(cls, lead_ids: Iterable[object]) -> RestError:
        """1004 of a triggered campaign, as captured: `Lead [84, 85] not found`."""
        return cls(RestCode.LEAD_NOT_FOUND, f"Lead [{', '.join(map(str, lead_ids))}] not found")

    @classmethod
    def field_not_found(cls, name: str) -> RestError:
        """1006 (documented)."""
        return cls(RestCode.FIELD_NOT_FOUND, f"Field '{cut(name, LONGEST_QUOTE)}' not found")

    @classmethod
    def lookup_field_not_found(cls, name: str) -> RestError:
        """1006 of an answer, as recorded in a mock."""
        return cls(RestCode.FIELD_NOT_FOUND, f"Lookup field '{cut(name, LONGEST_QUOTE)}' not found")

    @classmethod
    def partition_denied(cls, name: str) -> RestError:
        """1008 (documented)."""
        return cls(RestCode.PARTITION_DENIED, f"Access denied to partition '{cut(name, LONGEST_QUOTE)}'")

    @classmethod
    def field_not_supported(cls, name: str) -> RestError:
        """1011 (documented)."""
        return cls(RestCode.FIELD_NOT_SUPPORTED, f"Field '{cut(name, LONGEST_QUOTE)}' not supported")

    @classmethod
    def invalid_cookie(cls, value: str) -> RestError:
        """1012 (documented)."""
        return cls(RestCode.INVALID_COOKIE, f"Invalid cookie value '{cut(value, LONGEST_QUOTE)}'")

    @classmethod
    def not_found(cls, kind: str) -> RestError:
        """1013, as captured: `Campaign not found`."""
        return cls(RestCode.OBJECT_NOT_FOUND, f"{kind} not found")


class HttpRefusal(Fault):
    """A refusal that HTTP says by its status, before or beside the API: 401 of the identity service, 413, 414."""

    def __init__(self, status: int, text: str, body: bytes, content_type: str) -> None:
        self.status = status
        self.text = text
        self.body = body
        self.content_type = content_type
        super().__init__(f"{status}: {text}")

    @property
    def recorded_code(self) -> int | str:
        """The status."""
        return self.status

    @property
    def brief(self) -> str:
        """What is wrong, and the status."""
        return f"{self.text} ({self.status})"


def said_over(api: str, code: int) -> MarketoError | RestError:
    """What an API says for a code of either one: its own as it is, the other one's by its twin.

    Raises:
        ValueError: it is a code of neither.
    """
    if code in _REST_CODES:
        own = RestCode(code)
        return RestError(own) if api == "rest" else MarketoError(soap_twin(own))
    fault = Code(code)
    return RestError(rest_twin(fault)) if api == "rest" else MarketoError(fault)
