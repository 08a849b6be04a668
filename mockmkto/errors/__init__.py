"""Every Marketo error: those of the SOAP API, of the vendor's stack under it, and of the REST API."""

from __future__ import annotations

from mockmkto.errors.fault import Fault
from mockmkto.errors.rest import (
    REST_TEXTS,
    SOAP_TWINS,
    UNCOUNTED,
    HttpRefusal,
    RestCode,
    RestError,
    rest_twin,
    said_over,
    soap_twin,
)
from mockmkto.errors.soap import FAULT_STRINGS, Code, MarketoError, StackFault

__all__ = [
    "FAULT_STRINGS",
    "REST_TEXTS",
    "SOAP_TWINS",
    "UNCOUNTED",
    "Code",
    "Fault",
    "HttpRefusal",
    "MarketoError",
    "RestCode",
    "RestError",
    "StackFault",
    "rest_twin",
    "said_over",
    "soap_twin",
]
