"""Every error: its code, its fault string, its message."""

from __future__ import annotations

import inspect

import pytest

from mockmkto.errors import FAULT_STRINGS, Code, MarketoError, StackFault

CONSTRUCTORS = [name for name, item in vars(MarketoError).items() if isinstance(item, classmethod)]
STACK_FAULTS = [name for name, item in vars(StackFault).items() if isinstance(item, classmethod)]


def make(name: str, kind: type[MarketoError] | type[StackFault] = MarketoError):
    constructor = getattr(kind, name)
    return constructor(*(["<A&B>"] for _ in inspect.signature(constructor).parameters))


@pytest.mark.parametrize(
    ("error", "fault_string", "message"),
    [
        (MarketoError.authentication_failed(), "20014 - Authentication failed", "Authentication failed (20014)"),
        (
            MarketoError.lead_not_found("EMAIL", "pants@example.com"),
            "20103 - Lead not found",
            "No lead found with EMAIL = pants@example.com (20103)",
        ),
        (MarketoError.lead_not_found("IDNUM", 1), "20103 - Lead not found", "No lead found with IDNUM = 1 (20103)"),
        (
            MarketoError.unknown_fields(["pants"]),
            "20105 - Unknown lead field",
            "syncLead operation failed: unknown fields for import: pants (20105)",
        ),
        (
            MarketoError(Code.BAD_PARAMETER, "Object name is not valid"),
            "20110 - Input error",
            "Object name is not valid (20110)",
        ),
    ],
)
def test_the_captured_texts(error, fault_string, message):
    assert (error.fault_string, error.message) == (fault_string, message)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MarketoError.bad_workspace("X"), "Workspace name is not valid: X (20110)"),
        (
            MarketoError.outside_partition(7, "X"),
            "syncLead operation failed: lead 7 is not in the primary partition of workspace X (20106)",
        ),
        (
            MarketoError.bad_value("v", "LeadScore", "integer"),
            "Value 'v' is not valid for field LeadScore of type integer (20110)",
        ),
        (
            MarketoError.unknown_fields(["b", "a", "Id"]),
            "syncLead operation failed: unknown fields for import: b, a, Id (20105)",
        ),
    ],
)
def test_the_texts_that_are_decided(error, message):
    assert error.message == message


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_fault_string_and_a_message_of_the_captured_pattern(code):
    error = MarketoError(code)
    short = FAULT_STRINGS[code]
    assert error.fault_string == f"{code.value} - {short}"
    assert error.message == f"{short} ({code.value})"
    assert short == short.strip()
    assert short[0].isupper()
    assert not any(word[0].isupper() for word in short.split()[1:])


@pytest.mark.parametrize("name", CONSTRUCTORS)
def test_every_sentence_ends_in_its_code_and_is_what_the_exception_says(name):
    error = make(name)
    assert error.message.endswith(f" ({error.code.value})")
    assert str(error) == error.message
    assert error.fault_string.startswith(f"{error.code.value} - ")
    assert "\n" not in error.message


@pytest.mark.parametrize("name", STACK_FAULTS)
def test_every_fault_of_the_stack_has_a_soap_1_1_code(name):
    fault = make(name, StackFault)
    assert fault.fault_code in {"Client", "Server", "VersionMismatch", "MustUnderstand"}
    assert str(fault) == fault.text != ""


def test_an_overlong_value_is_shown_shortened():
    message = MarketoError.overlong_value("x" * 1000, "City", "255 characters").message
    assert message == f"Value '{'x' * 40}...' is too long for field City, which holds 255 characters (20110)"
