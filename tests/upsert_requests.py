"""The world of the state machine, told twice, as a fixture and to the model; and the calls that are drawn for it."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import hypothesis.strategies as st
from support import Answer, Marketo
from upsert_model import FieldRule, Model, ModelLead, Request, Rule, Switches

# ---------------------------------------------------------------------------------------------------------------------
# The world, told twice: as a fixture and to the model

FIELDS = (
    FieldRule("AnnualRevenue", "currency"),
    FieldRule("AnonymousIP", "string", writable=False),
    FieldRule("Blocked__c", "string", writable=False),
    FieldRule("Company", "string"),
    FieldRule("Country", "string"),
    FieldRule("Created_At__c", "datetime", writable=False),
    FieldRule("DateofBirth", "date"),
    FieldRule("DoNotCall", "boolean"),
    FieldRule("eMail_Copy__c", "email"),
    FieldRule("FirstName", "string"),
    FieldRule("LastName", "string"),
    FieldRule("LeadScore", "integer"),
    FieldRule("Nickname__c", "string", 5),
    FieldRule("Priority__c", "integer", writable=False),
    FieldRule("Website", "url"),
)

TOKEN = "token:_mch-a.example-1-1"
COOKIES = ("287-GTJ-838&token:_mch-a.example-1-1", "287-GTJ-838&token:_mch-b.example-2-2", "cookie-3")

FIXTURE = """
behaviour: {behaviour}
{workspaces}
{places}
fields:
  - {{name: Blocked__c, type: string, update_blocked: true}}
  - {{name: eMail_Copy__c, type: email}}
  - {{name: Nickname__c, type: string, length: 5}}
  - {{name: Created_At__c, type: datetime, read_only: true}}
  - {{name: Priority__c, type: integer, read_only: true}}
leads:
  - Id: 5
    Email: Ann@Example.com
    foreign_ids: [{{type: CUSTOM, id: F-1}}, {{type: SFDC, id: F-1}}]
    cookies: ["id:287-GTJ-838&token:_mch-a.example-1-1", other]
    attributes: {{FirstName: Ann, LeadScore: "0", Blocked__c: kept, eMail_Copy__c: a@b.c}}
    created_at: 2026-03-14T09:26:53Z
  - {{Id: 7, Email: ann@example.com, created_at: 2026-03-14T09:26:53Z, partition: Asia}}
anonymous_leads:
  - {{Id: 12, cookies: ["287-GTJ-838&token:_mch-b.example-2-2", last], partition: Europe,
     created_at: 2026-03-14T09:26:53Z, attributes: {{AnonymousIP: 10.1.2.3, Country: Germany}}}}
"""
WORKSPACES = """
workspaces:
  - {name: Default, primary_partition: Default}
  - {name: EMEA, primary_partition: Europe}
"""
PLACES = """
partitions: [Default, Europe, Asia]
assignment_rules:
  - name: Germans
    when: [{field: Country, is: germany}, {field: Email, ends_with: .DE}]
    partition: Asia
  - name: Tens
    when: [{field: LeadScore, in: ["10", "20"]}]
    partition: Europe
  - name: Nobody
    when: [{field: Email, is_empty: true}, {field: LastName, is_not: Smith}, {field: FirstName, is_not_empty: true}]
    partition: Europe
"""
RULES = (
    Rule(
        lambda v: (v.get("country") or "").lower() == "germany" and (v.get("email") or "").lower().endswith(".de"),
        "Asia",
    ),
    Rule(lambda v: v.get("leadscore") in ("10", "20"), "Europe"),
    Rule(
        lambda v: not v.get("email") and (v.get("lastname") or "").lower() != "smith" and bool(v.get("firstname")),
        "Europe",
    ),
)

SWITCHES = st.builds(
    Switches,
    keyless_leads=st.sampled_from(["reject", "create"]),
    anonymous_cookie=st.sampled_from(["decides", "merges"]),
    duplicate_email=st.sampled_from(["most_recently_updated", "most_recently_created"]),
    derive_website=st.sampled_from(["on", "off"]),
    overlong_values=st.sampled_from(["reject", "truncate"]),
)


def fixture_of(switches: Switches, *, workspaces: bool) -> str:
    names = ("keyless_leads", "anonymous_cookie", "duplicate_email", "derive_website", "overlong_values")
    behaviour = ", ".join(f"{name}: {getattr(switches, name)!r}" for name in names)
    return FIXTURE.format(
        behaviour=f"{{{behaviour}}}",
        workspaces=WORKSPACES if workspaces else "",
        places=PLACES,
    )


def model_of(switches: Switches, *, workspaces: bool) -> Model:
    ann = ModelLead(
        5,
        "Default",
        "Ann@Example.com",
        attributes={"FirstName": "Ann", "LeadScore": "0", "Blocked__c": "kept", "eMail_Copy__c": "a@b.c"},
        foreign_ids=[("CUSTOM", "F-1"), ("SFDC", "F-1")],
        cookies={COOKIES[0], "other"},
    )
    twin = ModelLead(7, "Asia", "ann@example.com")
    visitor = ModelLead(
        12,
        "Europe",
        known=False,
        attributes={"AnonymousIP": "10.1.2.3", "Country": "Germany"},
        cookies={COOKIES[1], "last"},
    )
    return Model(
        fields=FIELDS,
        switches=switches,
        workspaces={"Default": "Default", "EMEA": "Europe"} if workspaces else None,
        rules=RULES,
        leads=(ann, twin, visitor),
    )


# ---------------------------------------------------------------------------------------------------------------------
# What is drawn

EMAILS = (
    "ann@example.com",
    " Ann@EXAMPLE.com ",
    "bob@example.org",
    "Bob@example.org",
    "groß@example.de",
    "GROSS@Example.DE",
)
GOOD_ATTRIBUTES = (
    ("FirstName", "Ann"),
    ("FirstName", " x "),
    ("FirstName", ""),
    ("firstname", "Anna"),
    ("LASTNAME", "smith"),
    ("Company", "Acme & <Sons>"),
    ("Company", ""),
    ("Website", ""),
    ("Country", "Germany"),
    ("Country", "GERMANY"),
    ("Country", "France"),
    ("LeadScore", "+10"),
    ("LeadScore", "0"),
    ("LeadScore", "-7"),
    ("LeadScore", ""),
    ("AnnualRevenue", "28970000.50"),
    ("AnnualRevenue", "1.0"),
    ("DoNotCall", "Yes"),
    ("DoNotCall", "false"),
    ("DateofBirth", "2015-06-23"),
    ("DateofBirth", "2015-06-24T10:00:00Z"),
    ("eMail_Copy__c", "x@y.z"),
    ("Nickname__c", "short"),
    ("Email", "bob@example.org"),
    ("email", " Ann@example.com "),
    ("Email", ""),
    ("AnonymousIP", "192.0.2.1"),
    ("Blocked__c", "changed"),
    ("Priority__c", "3"),
    ("Priority__c", "not a number"),
    ("Created_At__c", "2001-01-01T00:00:00Z"),
)
BAD_ATTRIBUTES = (
    ("Id", "5"),
    ("ForeignSysPersonId", "F-1"),
    ("pants", "on"),
    ("CreatedAt", "2001-01-01T00:00:00Z"),  # of the REST API alone
    ("shirt", ""),
    ("LeadScore", "ten"),
    ("leadscore", "2147483648"),
    ("DoNotCall", "maybe"),
    ("DateofBirth", "2015-13-41x"),
    ("AnnualRevenue", "much"),
    ("Nickname__c", "far too long"),
    ("FirstName", None),
    (None, "Ann"),
)


def mostly(usual: st.SearchStrategy[Any], *others: Any) -> st.SearchStrategy[Any]:
    """The usual, and now and then one of the others."""
    return st.integers(0, 7).flatmap(lambda number: st.sampled_from(others) if number == 7 else usual)


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.booleans().flatmap(lambda given: strategy if given else st.none())


PLACING_ATTRIBUTES = tuple(
    item for item in GOOD_ATTRIBUTES if item[0] in ("Country", "LeadScore", "FirstName", "LASTNAME")
)

ids = mostly(st.sampled_from([5, 7, 12, 13, 14, 15]), 999, 0)
emails = mostly(st.sampled_from(EMAILS), "", "  ")
foreign_ids = mostly(st.sampled_from(["F-1", "F-2", "f-2"]), "")
foreign_types = mostly(st.sampled_from([None, "CUSTOM", "SFDC"]), "SALESFORCE", "sfdc", "")
cookies = mostly(
    st.builds(str.__add__, st.sampled_from(["", "id:"]), st.sampled_from(COOKIES)), "", "id:", "last", TOKEN
)
workspaces = mostly(st.sampled_from(["Default", "default", "EMEA", "emea"]), "Nowhere", "")
versions = st.sampled_from(["2_0", "2_9", "3_1", "3_1"])
switches_of_3_1 = st.sampled_from([None, True, False])


@st.composite
def attribute_lists(draw: st.DrawFn) -> tuple[tuple[str | None, str | None], ...]:
    """Mostly good ones; now and then one or two that are refused stand somewhere among them."""
    found: list[tuple[str | None, str | None]] = list(draw(st.lists(st.sampled_from(GOOD_ATTRIBUTES), max_size=4)))
    if draw(st.integers(0, 6)) == 6:
        for item in draw(st.lists(st.sampled_from(BAD_ATTRIBUTES), min_size=1, max_size=2)):
            found.insert(draw(st.integers(0, len(found))), item)
    return tuple(found)


ANYTHING = st.builds(
    Request,
    record=mostly(st.just(True), True, True, True, False),
    Id=st.none() | st.none() | ids,
    Email=sometimes(emails),
    ForeignSysPersonId=sometimes(foreign_ids),
    ForeignSysType=foreign_types,
    cookie=sometimes(cookies),
    attributes=attribute_lists(),
    workspace=sometimes(workspaces),
    return_lead=st.booleans(),
    move_cookie=switches_of_3_1,
    version=versions,
)
SIGN_UP = st.builds(
    Request,
    Email=st.sampled_from(EMAILS),
    attributes=attribute_lists(),
    workspace=sometimes(workspaces),
    return_lead=st.booleans(),
)
FORM_FILL = st.builds(
    Request,
    Email=emails,
    cookie=cookies,
    attributes=st.lists(st.sampled_from(GOOD_ATTRIBUTES), max_size=2).map(tuple),
    workspace=st.none() | st.none() | workspaces,
    return_lead=st.booleans(),
    move_cookie=switches_of_3_1,
    version=versions,
)
IMPORT = st.builds(
    Request,
    Email=sometimes(emails),
    ForeignSysPersonId=foreign_ids,
    ForeignSysType=st.sampled_from([None, "SFDC", "NETSUITE"]),
    attributes=st.lists(st.sampled_from(PLACING_ATTRIBUTES), max_size=3).map(tuple),
    workspace=sometimes(workspaces),
    return_lead=st.booleans(),
)
CORRECTION = st.builds(
    Request,
    Id=ids,
    Email=sometimes(emails),
    ForeignSysPersonId=sometimes(foreign_ids),
    ForeignSysType=st.sampled_from([None, "SFDC"]),
    cookie=sometimes(cookies),
    attributes=attribute_lists(),
    return_lead=st.booleans(),
    move_cookie=switches_of_3_1,
    version=versions,
)


SECONDS = st.sampled_from([0, 0, 1, 3600])


def post(marketo: Marketo, request: Request) -> Answer:
    """The call as a client writes it. Not `Marketo.sync`: here elements may be missing."""

    def element(name: str, value: object) -> str:
        return "" if value is None else f"<{name}>{escape(str(value))}</{name}>"

    listed = "".join(
        f"<attribute>{element('attrName', name)}{element('attrValue', value)}</attribute>"
        for name, value in request.attributes
    )
    members = "".join(
        element(name, getattr(request, name)) for name in ("Id", "Email", "ForeignSysPersonId", "ForeignSysType")
    )
    record = (
        f"<leadRecord>{members}<leadAttributeList>{listed}</leadAttributeList></leadRecord>" if request.record else ""
    )
    move = None if request.move_cookie is None else str(request.move_cookie).lower()
    rest = element("returnLead", str(request.return_lead).lower()) + element("marketoCookie", request.cookie)
    body = f"<ns1:paramsSyncLead>{record}{rest}{element('moveCookie', move)}</ns1:paramsSyncLead>"
    context = ""
    if request.workspace is not None:
        target = element("targetWorkspace", request.workspace)
        context = f"<ns1:MktowsContextHeader>{target}</ns1:MktowsContextHeader>"
    return marketo.post(marketo.envelope(body, context=context), request.version)
