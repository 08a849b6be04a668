"""Of several faults the first of a fixed order is answered; and a fault, whichever it is, leaves nothing behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import pytest
from support import Marketo

WORLD = """
workspaces: [{name: Default, primary_partition: Default}, {name: EMEA, primary_partition: Europe}]
partitions: [Default, Europe]
leads:
  - {Id: 1, Email: ann@example.com, foreign_ids: [{id: A}], cookies: [ann]}
  - {Id: 2, Email: bob@example.com, foreign_ids: [{id: B}], cookies: [bob]}
anonymous_leads: [{Id: 3, cookies: [web]}]
"""


@dataclass
class Request:
    """A syncLead that faults add themselves to."""

    record: bool = True
    keys: dict[str, str] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=lambda: ["<attrName>City</attrName><attrValue>Lyon</attrValue>"])
    workspace: str = ""
    cookie: str = ""

    def send(self, marketo: Marketo):
        keys = "".join(f"<{name}>{value}</{name}>" for name, value in self.keys.items())
        attributes = "".join(f"<attribute>{item}</attribute>" for item in self.attributes)
        record = f"<leadRecord>{keys}<leadAttributeList>{attributes}</leadAttributeList></leadRecord>"
        context = (
            f"<ns1:MktowsContextHeader><targetWorkspace>{self.workspace}</targetWorkspace></ns1:MktowsContextHeader>"
        )
        cookie = f"<marketoCookie>{self.cookie}</marketoCookie>"
        body = f"<ns1:paramsSyncLead>{record if self.record else ''}{cookie}</ns1:paramsSyncLead>"
        return marketo.post(marketo.envelope(body, context=context))


def no_record(request: Request) -> None:
    request.record = False


def no_key(request: Request) -> None:
    request.keys = {name: "" for name in request.keys if name == "ForeignSysType"}


def no_value(request: Request) -> None:
    request.attributes.append("<attrName>City</attrName>")


def bad_foreign_type(request: Request) -> None:
    request.keys |= {"ForeignSysPersonId": "A", "ForeignSysType": "WRONG"}


def bad_workspace(request: Request) -> None:
    request.workspace = "Nowhere"


def unknown_field(request: Request) -> None:
    request.attributes.insert(0, "<attrName>pants</attrName><attrValue>1</attrValue>")


def bad_value(request: Request) -> None:
    request.attributes.insert(0, "<attrName>LeadScore</attrName><attrValue>many</attrValue>")


def unknown_id(request: Request) -> None:
    request.keys["Id"] = "99"


def wrong_partition(request: Request) -> None:
    request.workspace = request.workspace or "EMEA"


ORDER = [
    (no_record, "20104", "leadRecord is required"),
    (no_key, "20101", "No lead key was given"),
    (no_value, "20109", "is required"),
    (bad_foreign_type, "20110", "ForeignSysType is not valid"),
    (bad_workspace, "20110", "Workspace name is not valid"),
    (unknown_field, "20105", "unknown fields for import"),
    (bad_value, "20110", "is not valid for field LeadScore"),
    (unknown_id, "20103", "No lead found with IDNUM = 99"),
    (wrong_partition, "20106", "is not in the primary partition"),
]


def build(*faults) -> Request:
    request = Request(keys={"Id": "1"})
    for fault in sorted(faults, key=lambda item: item is no_key):
        fault(request)
    return request


def name_of(row) -> str:
    return row[0].__name__


@pytest.mark.parametrize("row", ORDER, ids=name_of)
def test_each_fault_alone(row):
    fault, code, text = row
    answer = build(fault).send(Marketo(WORLD))
    assert (answer.http_status, answer.code) == (500, code)
    assert text in answer.message
    assert answer.message.endswith(f" ({code})")


@pytest.mark.parametrize(
    ("first", "second"),
    [pytest.param(a, b, id=f"{name_of(a)} before {name_of(b)}") for a, b in combinations(ORDER, 2)],
)
def test_of_two_faults_the_earlier_is_answered(first, second):
    answer = build(first[0], second[0]).send(Marketo(WORLD))
    assert (answer.code, first[2] in answer.message) == (first[1], True)


def test_of_all_faults_the_first_is_answered():
    assert build(*(row[0] for row in ORDER)).send(Marketo(WORLD)).code == "20104"


def test_an_unknown_id_comes_before_a_partition_that_another_key_would_miss():
    marketo = Marketo(WORLD)
    assert marketo.sync(Id=99, ForeignSysPersonId="A", workspace="EMEA").code == "20103"


# ---------------------------------------------------------------------------------------------------------------------
# Nothing is left behind

NOTHING = [
    *(pytest.param(lambda m, fault=row[0]: build(fault).send(m), row[1], id=name_of(row)) for row in ORDER),
    pytest.param(lambda m: m.sync({"City": "x" * 256}, Id=1), "20110", id="overlong value"),
    pytest.param(lambda m: m.sync(Id="twelve"), "SOAP-ENV:Server", id="Id is no number"),
    pytest.param(lambda m: m.sync({"pants": "1"}, Email="new@example.com"), "20105", id="new lead"),
    pytest.param(lambda m: m.sync({"LeadScore": "?"}, Id=1, ForeignSysPersonId="B", cookie="bob"), "20110", id="keys"),
    pytest.param(lambda m: m.sync(Id=99, ForeignSysPersonId="NEW", cookie="new"), "20103", id="new keys"),
    pytest.param(
        lambda m: m.sync(Id=1, ForeignSysPersonId="B", cookie="web", Email="new@example.com", workspace="EMEA"),
        "20106",
        id="keys of others",
    ),
    pytest.param(lambda m: m.sync(cookie="web", workspace="EMEA"), "20106", id="anonymous lead stays anonymous"),
    pytest.param(lambda m: m.get("IDNUM", 99), "20103", id="getLead finds nothing"),
    pytest.param(lambda m: m.get("SHOESIZE", 9), "20102", id="getLead by a bad key"),
    pytest.param(lambda m: m.post(m.envelope("<ns1:paramsGetLead/>")), "20101", id="getLead without a key"),
    pytest.param(lambda m: m.post(m.envelope("<ns1:paramsNothing/>")), "20019", id="no operation"),
    pytest.param(lambda m: m.post(m.envelope("<ns1:paramsSyncLead/>", key="wrong key!")), "20014", id="bad signature"),
    pytest.param(
        lambda m: m.post(m.envelope("<ns1:paramsSyncLead/>", timestamp="2001-01-01T00:00:00Z")), "20016", id="too late"
    ),
    pytest.param(lambda m: m.post(b""), "SOAP-ENV:Client", id="no request"),
]


@pytest.mark.parametrize(("call", "code"), NOTHING)
def test_a_fault_leaves_nothing_behind(call, code):
    marketo = Marketo(WORLD)
    before = marketo.dump()
    assert call(marketo).code == code
    assert marketo.dump() == before


@pytest.mark.parametrize(("call", "code"), NOTHING)
def test_after_a_fault_the_next_lead_has_the_id_that_it_would_have_had(call, code):
    marketo = Marketo(WORLD)
    call(marketo)
    assert marketo.sync(Email="next@example.com").lead_id == 4


def test_an_error_of_our_own_in_the_middle_of_writing_leaves_nothing_behind(monkeypatch, caplog):
    marketo = Marketo(WORLD)
    before = marketo.dump()

    def broken(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("mockmkto.store.leads.give_cookie", broken)
        answer = marketo.sync({"City": "Lyon"}, Email="new@example.com", ForeignSysPersonId="NEW", cookie="new")
    assert (answer.http_status, answer.code) == (500, "10001")
    assert "the disk is full" in caplog.text
    assert marketo.dump() == before
    assert marketo.sync(Email="new@example.com", cookie="new").lead_id == 4
