"""Leads that are pushed into a program, and forms that are submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockmkto.engine.pushing import FilledForm, Push, push, submit_form
from mockmkto.errors import RestError
from mockmkto.rest.call import RestCall
from mockmkto.rest.envelope import Answered
from mockmkto.rest.operations.leads import outcomes
from mockmkto.rest.parameters import whole_number

__all__ = ["push_leads", "submit"]


def push_leads(call: RestCall) -> Answered:
    """What became of each record (documented).

    Raises:
        RestError: 1002 no program or no input (assumed), 1001 a text that is none; and those of the push itself.
    """
    members = call.members()
    name = _text(members, "programName")
    if name is None:
        raise RestError.missing_parameter("programName")
    request = Push(
        name,
        call.records(),
        _text(members, "lookupField"),
        _text(members, "source"),
        _text(members, "reason"),
        _text(members, "programStatus"),
        _text(members, "partitionName"),
    )
    return outcomes(push(call.session, request, call.trace))


def submit(call: RestCall) -> Answered:
    """What became of the lead (documented).

    Raises:
        RestError: 1002 no form, no input, no leadFormFields, no email among them (assumed); 1003 more than one record;
            1001 a member of another type; and those of the form itself.
    """
    members = call.members()
    form_id = members.get("formId")
    if form_id is None:
        raise RestError.missing_parameter("formId")
    (record,) = call.records(most=1)
    fields = _object(record, "leadFormFields")
    if not fields:
        raise RestError.missing_parameter("leadFormFields")
    if not any(name.casefold() == "email" and value not in (None, "") for name, value in fields.items()):
        raise RestError.missing_parameter("email")
    program_id = members.get("programId")
    form = FilledForm(
        whole_number(str(form_id)),
        fields,
        _object(record, "visitorData"),
        _text(record, "cookie"),
        whole_number(str(program_id)) if program_id is not None else None,
    )
    return outcomes([submit_form(call.session, form, call.trace)])


def _text(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise RestError.invalid_type(value, "String")
    return value if value else None


def _object(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    if value is not None and not isinstance(value, dict):
        raise RestError.invalid_type(value, "Object")
    return value or {}
