"""The form of every operation makes requests that the contract reads without a word."""

from __future__ import annotations

import shlex

import pytest
from lxml import etree

from mockmkto.cli import main
from mockmkto.model import TraceBuilder
from mockmkto.soap.contract import contract
from mockmkto.soap.dispatch import dispatcher
from mockmkto.soap.envelope import parse, read_envelope
from mockmkto.soap.forms import FORMS, FormError, request_of
from mockmkto.soap.references import within

OPERATIONS = {operation.name for operation in contract("3_1").operations}
NEEDING = {"syncMultipleLeads", "mergeLeads", "getLeadActivity", "listOperation", "importToList"}


def filled(form, leave_out=()):
    """Every argument of a form, with something in it."""
    values = {}
    for item in form.arguments:
        if item.name in leave_out:
            continue
        if item.switch:
            values[item.name] = item.name not in ("remove", "ask", "clear") or form.operation == "importToList"
        elif item.pair:
            values[item.name] = [("Lead", "1") if item.name == "association" else ("SFDCLEADID", "1")]
        else:
            text = {"lead": "Id=1,Email=a@x,FirstName=A", "where": "Amount>=5"}.get(item.name, "1")
            text = item.choices[0] if item.choices else text
            values[item.name] = [text] if item.many else text
    return values


def read(form, request, version="3_1"):
    """What the contract makes of a request: its params, and what was ignored of it."""
    trace = TraceBuilder()
    root = parse(request, None, trace)
    call = read_envelope(root, trace).call
    asked = dispatcher(version).find(call, trace)
    with within(root):
        params = asked.read_params(call, trace, any_case=False)
    return asked.name, params, [str(warning) for warning in trace.warnings]


def test_every_operation_has_a_form_but_the_two_that_have_their_own():
    assert set(FORMS) == OPERATIONS - {"syncLead", "getLead"}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_contract_reads_all_that_can_be_given(form):
    keys = {"email", "cookie", "key"} if any(item.name == "cookie" for item in form.arguments) else set()
    name, _, warnings = read(form, request_of(form, filled(form, leave_out=keys)))
    assert (name, warnings) == (form.operation, [])


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_with_nothing_given_it_is_a_request_or_says_what_is_missing(form):
    if form.operation in NEEDING:
        with pytest.raises(FormError, match="must be given"):
            request_of(form, {})
    else:
        name, _, warnings = read(form, request_of(form, {}))
        assert (name, warnings) == (form.operation, [])


def values(form, given):
    root = etree.fromstring(request_of(FORMS[form], given))
    return [(etree.QName(item).localname, item.text) for item in root.iter() if not len(item) and item.text]


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        (
            "listOperation",
            {"list": "Newsletter", "remove": True, "id": ["1"], "email": ["a@x"], "strict": True},
            [
                *(("listOperation", "REMOVEFROMLIST"), ("keyType", "MKTOLISTNAME"), ("keyValue", "Newsletter")),
                *(("keyType", "IDNUM"), ("keyValue", "1"), ("keyType", "EMAIL"), ("keyValue", "a@x")),
                ("strict", "true"),
            ],
        ),
        (
            "mergeLeads",
            {"winner": "1", "loser": ["a@x", "SFDCLEADID=7"]},
            [
                *(("attrName", "IDNUM"), ("attrValue", "1"), ("attrName", "EMAIL"), ("attrValue", "a@x")),
                *(("attrName", "SFDCLEADID"), ("attrValue", "7")),
            ],
        ),
        (
            "getMObjects",
            {"object": "Opportunity", "where": ["Amount >= 5", "Stage!=Won"]},
            [
                ("type", "Opportunity"),
                *(("attrName", "Amount"), ("comparison", "GE"), ("attrValue", "5")),
                *(("attrName", "Stage"), ("comparison", "NE"), ("attrValue", "Won")),
            ],
        ),
        (
            "syncMultipleLeads",
            {"lead": ["email=a@x,FirstName=A=B"], "no_dedup": True},
            [("Email", "a@x"), ("attrName", "FirstName"), ("attrValue", "A=B"), ("dedupEnabled", "false")],
        ),
    ],
)
def test_what_is_given_is_said(operation, given, expected):
    assert values(operation, given) == expected


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("listOperation", {"list": "L"}, "exactly one of --add, --remove, --ask and --clear must be given"),
        ("getLeadActivity", {"id": ["1", "2"]}, "exactly one of --id, --email, --cookie and --key must be given"),
        ("getMultipleLeads", {"id": ["1"], "email": ["a@x"]}, "of one type, not of IDNUM and EMAIL"),
        ("syncMultipleLeads", {"lead": ["Email"]}, "--lead takes NAME=VALUE,NAME=VALUE"),
        ("getMObjects", {"where": ["Amount"]}, "--where takes NAME=VALUE"),
        ("importToList", {"program": "P"}, "--list must be given"),
    ],
)
def test_what_makes_no_request_is_said(operation, given, said):
    with pytest.raises(FormError) as caught:
        request_of(FORMS[operation], given)
    assert said in str(caught.value)


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_example_of_the_help_is_a_call(form, capsys):
    """Nobody is there to answer it: all before that went well."""
    words = ["call", form.operation, *shlex.split(form.example), "--url", "http://127.0.0.1:9"]
    assert main(words) == 3
    assert capsys.readouterr().err.startswith("mockmkto: nobody answers at http://127.0.0.1:9")


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_help_of_an_operation_names_its_arguments(form, capsys):
    assert main(["call", form.operation, "--help"]) == 0
    said = capsys.readouterr().out
    assert all(item.flag in said for item in form.arguments)
    assert f"mockmkto call {form.operation}" in said
