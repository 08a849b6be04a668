"""A SOAP program and the REST program that replaces it: a right one is equal, each mistake of a wrong one is named."""

from __future__ import annotations

import pytest
from proofs import named, proof_of
from support import attrib_list, attribute_list

from mockmkto.migration.model import Verdict
from mockmkto.migration.reporting import as_text
from mockmkto.migration.traps import TRAPS

FIXTURE = """
workspaces: [{name: Default, primary_partition: Default}, {name: EMEA, primary_partition: Europe}]
partitions: [Default, Europe]
fields:
- {name: AccountId, type: string}
- {name: LastSeen, type: datetime}
- {name: Birthday, type: date}
- {name: Vip, type: boolean}
- {name: Budget, type: currency}
leads:
- Id: 1001
  Email: ann@example.com
  foreign_ids: [{id: A-1}]
  cookies: [token:_mch-1]
  attributes: {FirstName: Ann, Phone: '1', AccountId: A-1, LeadScore: 5, Vip: true}
- {Id: 1002, Email: bob@example.com, foreign_ids: [{id: B-1}], attributes: {FirstName: Bob, AccountId: B-1}}
- {Id: 1003, Email: two@example.com, attributes: {FirstName: One}}
- {Id: 1004, Email: two@example.com, attributes: {FirstName: Two}}
anonymous_leads:
- {Id: 1005, cookies: [token:_mch-5], attributes: {AnonymousIP: 10.1.2.3}}
lists: [{id: 1001, name: News, members: [1001]}, {id: 1002, name: Old news}]
channels: {Roadshow: {statuses: [{name: Invited, step: 10}, {name: Attended, step: 20}]}}
programs: [{id: 1, name: Launch, channel: Roadshow, members: [{lead: 1001, status: Invited}]}]
campaigns:
- {id: 2001, name: Welcome, program: Launch, type: trigger, sources: [MKTOWS]}
opportunity_fields: [{name: externalOpportunityId, type: string}]
custom_object_types:
- name: roadshow
  keys: [mail, rid]
  link: {field: mail, to: Email}
  fields: [{name: mail, type: string}, {name: rid, type: string}, {name: city, type: string}]
"""


def soap(email="ann@example.com", *, Email=None, **values):
    keys = {name: values.pop(name) for name in ("cookie", "workspace", "ForeignSysPersonId", "Id") if name in values}
    return lambda m: m.sync(values, Email=email, **keys)


def rest(*records, **members):
    """One sync of these records, each with an e-mail unless it says otherwise."""
    given = [{"email": "ann@example.com"} | record for record in records]
    return lambda r: r.post("/rest/v1/leads.json", {"input": given} | members)


def several(*programs):
    return lambda marketo: [program(marketo) for program in programs]


def with_cookie(cookie, **record):
    """Sync, then associate: what replaces `marketoCookie`."""

    def run(r):
        lead_id = rest(record)(r).result[0]["id"]
        r.post(f"/rest/v1/leads/{lead_id}/associate.json", cookie=cookie)

    return run


def soap_list(operation="ADDTOLIST", name="News", email="bob@example.com"):
    said = {
        "listOperation": operation,
        "listKey": {"keyType": "MKTOLISTNAME", "keyValue": name},
        "listMemberList": {"leadKey": [{"keyType": "EMAIL", "keyValue": email}]},
    }
    return lambda m: m.call("listOperation", said)


def rest_list(method="POST", list_id=1001, lead_id=1002):
    return lambda r: r.post(f"/rest/v1/lists/{list_id}/leads.json", {"input": [{"id": lead_id}]}, method=method)


def soap_request(email="ann@example.com", token="Hello"):
    said = {
        "source": "MKTOWS",
        "programName": "Launch",
        "campaignName": "Welcome",
        "leadList": {"leadKey": [{"keyType": "EMAIL", "keyValue": email}]},
        "programTokenList": attrib_list({"{{my.greeting}}": token}),
    }
    return lambda m: m.call("requestCampaign", said)


def rest_request(lead_id=1001, token="Hello"):
    tokens = [{"name": "{{my.greeting}}", "value": token}]
    body = {"input": {"leads": [{"id": lead_id}], "tokens": tokens}}
    return lambda r: r.post("/rest/v1/campaigns/2001/trigger.json", body)


def soap_merge(m):
    def key(value):
        return attribute_list([("IDNUM", value)])

    m.call("mergeLeads", {"winningLeadKeyList": key("1003"), "losingLeadKeyLists": {"keyList": [key("1004")]}})


def rest_merge(winner=1003, loser=1004):
    return lambda r: r.post(f"/rest/v1/leads/{winner}/merge.json", leadId=loser)


CAROL = {"email": "carol@example.com", "firstName": "Carol"}
SOAP_CAROL = {"email": "carol@example.com", "FirstName": "Carol"}

RIGHT = {
    "a lead that is created": (soap(**SOAP_CAROL, Company="ACME"), rest(CAROL | {"company": "ACME"}), set()),
    "a lead that is updated": (soap(FirstName="Anne"), rest({"firstName": "Anne"}), {"source"}),
    "a lead to which nothing happens": (soap(FirstName="Ann"), rest({"firstName": "Ann"}), {"updated-at"}),
    "a lead that is updated by its Id": (
        soap(None, Id=1004, FirstName="Too"),
        rest({"id": 1004, "email": "two@example.com", "firstName": "Too"}, lookupField="id"),
        {"source"},
    ),
    "several in one call": (
        several(soap(FirstName="Anne"), soap("bob@example.com", Title="Boss"), soap(**SOAP_CAROL)),
        rest({"firstName": "Anne"}, {"email": "bob@example.com", "title": "Boss"}, CAROL),
        {"source"},
    ),
    "a value that is cleared": (soap(Phone=""), rest({"phone": None}), {"source"}),
    "a boolean that is cleared": (soap(Vip="false"), rest({"Vip": None}), {"source"}),
    "a time in another zone": (
        soap(LastSeen="2026-03-14T09:00:00-05:00"),
        rest({"LastSeen": "2026-03-14T14:00:00Z"}),
        {"source"},
    ),
    "numbers as numbers": (
        soap(LeadScore="7", Budget="1200.50", Vip="0", Birthday="1990-05-01"),
        rest({"leadScore": 7, "Budget": 1200.5, "Vip": False, "Birthday": "1990-05-01"}),
        {"source"},
    ),
    "a cookie that nobody has": (
        soap(**SOAP_CAROL, cookie="id:1&token:_mch-9"),
        with_cookie("id:1&token:_mch-9", **CAROL),
        set(),
    ),
    "a cookie of an anonymous lead": (
        soap(**SOAP_CAROL, cookie="token:_mch-5"),
        with_cookie("token:_mch-5", **CAROL),
        {"cookie"},
    ),
    "a foreign id as a field": (
        soap(None, ForeignSysPersonId="C-1", FirstName="Carol"),
        rest({"email": None, "AccountId": "C-1", "firstName": "Carol"}, lookupField="AccountId"),
        {"foreign-id"},
    ),
    "a lookup by foreign id, and one by the field that has it": (
        soap(None, ForeignSysPersonId="B-1", Title="Boss"),
        rest({"email": "bob@example.com", "AccountId": "B-1", "title": "Boss"}, lookupField="AccountId"),
        {"source"},
    ),
    "a workspace, and the partition of its new leads": (
        soap(**SOAP_CAROL, workspace="EMEA"),
        rest(CAROL, partitionName="Europe"),
        set(),
    ),
    "to a list": (soap_list(), rest_list(), set()),
    "from a list": (soap_list("REMOVEFROMLIST", email="ann@example.com"), rest_list("DELETE", lead_id=1001), set()),
    "a campaign with tokens": (soap_request(), rest_request(), set()),
    "a merge": (soap_merge, rest_merge(), set()),
    "two calls that one is enough for": (
        several(soap(**SOAP_CAROL), soap("carol@example.com", Title="Boss")),
        rest(CAROL | {"title": "Boss"}),
        set(),
    ),
    "a read before the write": (
        several(lambda m: m.get("EMAIL", "ann@example.com"), soap(Title="Boss")),
        several(
            lambda r: r.get("/rest/v1/leads.json", filterType="email", filterValues="ann@example.com"),
            rest({"title": "Boss"}),
        ),
        {"source"},
    ),
    "another order of leads": (
        several(soap(**SOAP_CAROL), soap("dave@example.com")),
        several(rest({"email": "dave@example.com"}), rest(CAROL)),
        set(),
    ),
}


@pytest.mark.parametrize(("old", "new", "rules"), RIGHT.values(), ids=RIGHT)
def test_a_right_program_is_equal(old, new, rules):
    proof = proof_of(FIXTURE, old, new, rest=True)
    assert proof.equal, as_text(proof)
    assert not any(item.verdict is Verdict.UNEXPLAINED for item in proof.unpaired), as_text(proof)
    expected = {found.rule for _, found in proof.differences if found.verdict is Verdict.EXPECTED}
    assert expected == rules, as_text(proof)
    assert all(TRAPS[rule].expected for rule in expected)
    assert any(item.calls for item in proof.compared), "it has done something"


WRONG = {
    "a lookup by the wrong field": (
        soap("rob@example.com", ForeignSysPersonId="B-1", FirstName="Rob"),
        rest({"email": "rob@example.com", "AccountId": "B-1", "firstName": "Rob"}),
        {"rob@example.com: lead itself", "bob@example.com: lead"},
    ),
    "a lookup that finds nobody": (
        soap(FirstName="Anne"),
        rest({"firstName": "Anne", "AccountId": "a-11"}, lookupField="AccountId"),
        {"ann@example.com: lead"},
    ),
    "a lost cookie": (
        soap(**SOAP_CAROL, cookie="token:_mch-9"),
        rest(CAROL),
        {"carol@example.com: cookie"},
    ),
    "a cookie that another lead gets": (
        soap(**SOAP_CAROL, cookie="token:_mch-9"),
        several(rest(CAROL), lambda r: r.post("/rest/v1/leads/1001/associate.json", cookie="token:_mch-9")),
        {"carol@example.com: cookie", "ann@example.com: cookie"},
    ),
    "an anonymous lead that stays anonymous": (
        soap(**SOAP_CAROL, cookie="token:_mch-5"),
        rest(CAROL),
        {"carol@example.com: lead itself", "carol@example.com: cookie", "cookie token:_mch-5: lead"},
    ),
    "a second lead of one e-mail": (
        soap(FirstName="Anne"),
        rest({"firstName": "Anne"}, action="createDuplicate"),
        {"ann@example.com: lead", "ann@example.com: FirstName / firstName"},
    ),
    "several leads of one e-mail": (
        soap("two@example.com", Title="Boss"),
        rest({"email": "two@example.com", "title": "Boss"}),
        {"two@example.com: Title / title"},
    ),
    "the other one of two leads": (
        soap("two@example.com", Title="Boss"),
        rest({"email": "two@example.com", "id": 1003, "title": "Boss"}, lookupField="id"),
        {"two@example.com: Title / title"},
    ),
    "a field left out": (
        soap(FirstName="Anne", Title="Boss"),
        rest({"firstName": "Anne"}),
        {"ann@example.com: Title / title"},
    ),
    "null instead of absent": (
        soap(FirstName="Anne"),
        rest({"firstName": "Anne", "phone": None}),
        {"ann@example.com: Phone / phone"},
    ),
    "absent instead of cleared": (
        soap(Phone="", Title="Boss"),
        rest({"title": "Boss"}),
        {"ann@example.com: Phone / phone"},
    ),
    "the text of nothing": (soap(Title=""), rest({"title": "None"}), {"ann@example.com: Title / title"}),
    "a time zone that is lost": (
        soap(LastSeen="2026-03-14T09:00:00-05:00"),
        rest({"LastSeen": "2026-03-14T09:00:00Z"}),
        {"ann@example.com: LastSeen"},
    ),
    "a day that a time zone takes": (
        soap(Birthday="1990-05-01"),
        rest({"Birthday": "1990-04-30"}),
        {"ann@example.com: Birthday"},
    ),
    "a boolean the wrong way round": (soap(Vip="false"), rest({"Vip": True}), {"ann@example.com: Vip"}),
    "a rounded amount": (soap(Budget="1200.50"), rest({"Budget": 1200}), {"ann@example.com: Budget"}),
    "a partition": (
        soap(**SOAP_CAROL, workspace="EMEA"),
        rest(CAROL),
        {"carol@example.com: partition"},
    ),
    "a list": (soap_list(), rest_list(list_id=1002), {"bob@example.com: list News", "bob@example.com: list Old news"}),
    "a list that nobody is taken from": (
        soap_list("REMOVEFROMLIST", email="ann@example.com"),
        rest_list("POST", lead_id=1001),
        {"ann@example.com: list News"},
    ),
    "an update that creates nobody": (
        soap(**SOAP_CAROL),
        rest(CAROL, action="updateOnly"),
        {"carol@example.com: lead"},
    ),
    "a creation that updates nobody": (
        soap(FirstName="Anne"),
        rest({"firstName": "Anne"}, action="createOnly"),
        {"ann@example.com: FirstName / firstName"},
    ),
    "a name that REST does not know": (
        soap(DateofBirth="1990-05-01", FirstName="Anne"),
        rest({"dateOfBirthday": "1990-05-01", "firstName": "Anne"}),
        {"ann@example.com: DateofBirth / dateOfBirth"},
    ),
    "a foreign id that no field gets": (
        several(soap(**SOAP_CAROL, ForeignSysPersonId="C-1")),
        rest(CAROL),
        {"carol@example.com: foreign id CUSTOM"},
    ),
    "a foreign id in the wrong lead": (
        soap(**SOAP_CAROL, ForeignSysPersonId="C-1"),
        several(rest(CAROL), rest({"AccountId": "C-1"})),
        {"carol@example.com: foreign id CUSTOM", "ann@example.com: AccountId"},
    ),
    "a batch of which the last is lost": (
        several(soap(FirstName="Anne"), soap("bob@example.com", Title="Boss")),
        rest({"firstName": "Anne"}),
        {"bob@example.com: Title / title"},
    ),
    "a write that is left out though it changes nothing": (
        soap(FirstName="Ann"),
        lambda r: r.get("/rest/v1/lead/1001.json"),
        {"ann@example.com: updatedAt"},
    ),
    "a campaign for another lead": (
        soap_request(),
        rest_request(1002),
        {"ann@example.com: request of Launch.Welcome", "bob@example.com: request of Launch.Welcome"},
    ),
    "a status in a program": (
        soap(),
        lambda r: r.post(
            "/rest/v1/programs/1/members/status.json", {"statusName": "Attended", "input": [{"leadId": 1001}]}
        ),
        {"ann@example.com: program Launch"},
    ),
    "a company that the lead is not linked to": (
        soap(**SOAP_CAROL, Company="ACME"),
        several(
            rest(CAROL),
            lambda r: r.post("/rest/v1/companies.json", {"input": [{"externalCompanyId": "A", "company": "ACME"}]}),
        ),
        {"carol@example.com: Company / company", "A: company"},
    ),
    "another token": (
        soap_request(),
        rest_request(token="Hallo"),
        {"ann@example.com: tokens of the request of Launch.Welcome"},
    ),
    "a merge the other way round": (soap_merge, rest_merge(1004, 1003), {"two@example.com: lead itself"}),
    "a lead that is deleted": (
        soap(FirstName="Anne"),
        several(rest({"firstName": "Anne"}), lambda r: r.delete("/rest/v1/leads.json", {"input": [{"id": 1002}]})),
        {"bob@example.com: lead"},
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named(old, new, expected):
    proof = proof_of(FIXTURE, old, new, rest=True)
    assert expected <= named(proof), as_text(proof)
    assert {item.partition(": ")[0] for item in named(proof)} <= {item.partition(": ")[0] for item in expected}
    assert not proof.equal


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("[]", True),
        ("[{name: Favourite_Colour, type: string}]", True),
        ("[{name: Last_Order_Id, type: datetime}]", True),
        ("[{name: ErpKey__c, type: string}]", False),
        ("[{name: customer_number, type: integer}]", False),
        ("[{name: AccountId, type: string}]", False),
    ],
)
def test_a_foreign_id_may_be_lost_only_where_no_field_could_have_it(fields, expected):
    proof = proof_of(f"fields: {fields}", soap(**SOAP_CAROL, ForeignSysPersonId="C-1"), rest(CAROL), rest=True)
    assert proof.equal is expected
    (lost,) = (found for _, found in proof.differences)
    assert (lost.item, lost.old, lost.new, lost.rule) == ("foreign id CUSTOM", "C-1", None, "foreign-id")


REFUSED = {
    "several leads of one e-mail": ("1007", "several-leads"),
    "a creation that updates nobody": ("1005", "key"),
    "a name that REST does not know": ("1006", "names"),
}


@pytest.mark.parametrize(("mistake", "code", "trap"), [(name, *row) for name, row in REFUSED.items()])
def test_what_only_one_side_refuses_is_shown_beside_what_the_other_did(mistake, code, trap):
    old, new, _ = WRONG[mistake]
    proof = proof_of(FIXTURE, old, new, rest=True)
    pairs = [pair for item in proof.compared for pair in item.calls] + list(proof.unpaired)
    (refused,) = (pair for pair in pairs if pair.verdict is Verdict.UNEXPLAINED)
    assert all(text.startswith("syncLead UPDATED") for text in refused.old)
    assert f"({code})" in refused.new[0]
    assert refused.rule == trap
    if trap == "several-leads":
        assert refused.old == ("syncLead UPDATED by Email (2 leads match)",)
