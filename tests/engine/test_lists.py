"""listOperation: who joins, who leaves, who is a member; what a strict request does; which list is meant."""

from __future__ import annotations

import pytest
from asking import activities, ask, lead_keys
from support import Marketo

from mockmkto.store import lists

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com}
- {Id: 1002, Email: bob@example.com, attributes: {Company: Acme}}
programs:
- {name: ER Demo}
- {name: Dotted.Name}
- {name: Second}
lists:
- {name: Newsletter, members: [1001], owner_keys: {SFDCLEADOWNERID: 005A, MKTOSALESUSERID: u-1}}
- {name: Attendees, program: ER Demo}
- {name: Both, program: ER Demo}
- {name: Both, program: Second}
- {name: Global}
- {name: Global, program: Second}
- {name: In.side, program: Dotted.Name}
lead_keys: {SFDCACCOUNTID: Company}
"""
NEWSLETTER = ("MKTOLISTNAME", "Newsletter")


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(name: str, value: str) -> Marketo:
    return Marketo(f"{WORLD}\nbehaviour: {{{name}: {value}}}")


def operate(marketo, operation, *keys, of=NEWSLETTER, strict=None, version="2_9", **more):
    members = {
        "listOperation": operation,
        "listKey": {"keyType": of[0], "keyValue": of[1]},
        "listMemberList": lead_keys(*keys),
        "strict": strict,
        **more,
    }
    return ask(marketo, "listOperation", members, version)


def members(marketo, name="Newsletter"):
    with marketo.database.transaction() as session:
        (found,) = lists.named(session, name)
        return lists.members(session, found.id)


def answered(answer):
    """success, and of each status what it says: `None` where the list is nil."""
    listed = [
        (item.findtext("leadKey/keyType"), item.findtext("leadKey/keyValue"), item.findtext("status"))
        for item in answer.root.iter("leadStatus")
    ]
    is_nil = answer.text("statusList") is None
    return answer.text("success"), None if is_nil else [f"{kind} {value} {said}" for kind, value, said in listed]


@pytest.mark.parametrize(
    ("operation", "keys", "strict", "said", "are_members"),
    [
        ("ADDTOLIST", [1002], None, ("true", None), (1001, 1002)),
        ("ADDTOLIST", [1001], None, ("true", None), (1001,)),
        ("ADDTOLIST", [999], None, ("false", ["IDNUM 999 false"]), (1001,)),
        ("ADDTOLIST", [1002, 999], None, ("false", ["IDNUM 999 false"]), (1001, 1002)),
        ("ADDTOLIST", [1002, 1002], True, ("true", None), (1001, 1002)),
        ("ADDTOLIST", [("EMAIL", "ann@example.com")], None, ("true", None), (1001,)),
        ("ADDTOLIST", [("SFDCACCOUNTID", "acme")], None, ("true", None), (1001, 1002)),
        ("REMOVEFROMLIST", [1001], None, ("true", None), ()),
        ("REMOVEFROMLIST", [1001, 1001], None, ("true", None), ()),
        ("REMOVEFROMLIST", [1002], None, ("false", ["IDNUM 1002 false"]), (1001,)),
        ("REMOVEFROMLIST", [999, 1001], False, ("false", ["IDNUM 999 false"]), ()),
        ("ISMEMBEROFLIST", [1001, 1002], None, ("false", ["IDNUM 1001 true", "IDNUM 1002 false"]), (1001,)),
        ("ISMEMBEROFLIST", [1001], None, ("true", ["IDNUM 1001 true"]), (1001,)),
        ("ISMEMBEROFLIST", [1001, 1001], None, ("true", ["IDNUM 1001 true"] * 2), (1001,)),
        ("ISMEMBEROFLIST", [999], True, ("false", ["IDNUM 999 false"]), (1001,)),
        ("ADDTOLIST", [], None, ("true", None), (1001,)),
    ],
)
def test_what_is_answered_and_who_is_on_the_list_then(marketo, operation, keys, strict, said, are_members):
    answer = operate(marketo, operation, *keys, strict=strict)
    assert answer.http_status == 200
    assert answered(answer) == said
    assert members(marketo) == are_members


@pytest.mark.parametrize(
    ("operation", "keys", "code", "message"),
    [
        ("ADDTOLIST", [1002, 999, 998], "20103", "No lead found with IDNUM = 999 (20103)"),
        ("REMOVEFROMLIST", [1001, 999], "20103", "No lead found with IDNUM = 999 (20103)"),
        (
            "REMOVEFROMLIST",
            [1001, 1002],
            "20110",
            "listMemberList is not valid: lead 1002 is not a member of list Newsletter (20110)",
        ),
    ],
)
def test_strict_does_nothing_where_one_key_fails(marketo, operation, keys, code, message):
    before = marketo.dump()
    answer = operate(marketo, operation, *keys, strict=True)
    assert (answer.code, answer.message) == (code, message)
    assert marketo.dump() == before


def test_strict_failure_can_be_answered_with_statuses():
    marketo = with_switch("strict_failure", "statuses")
    answer = operate(marketo, "ADDTOLIST", 1002, 999, strict=True)
    assert answered(answer) == ("false", ["IDNUM 999 false"])
    assert members(marketo) == (1001,)


def test_list_status_can_be_of_all_keys():
    marketo = with_switch("list_status", "all")
    assert answered(operate(marketo, "ADDTOLIST", 1002, 999)) == ("false", ["IDNUM 1002 true", "IDNUM 999 false"])
    assert answered(operate(marketo, "ADDTOLIST", 1002)) == ("true", None)


@pytest.mark.parametrize("version", ["1_3", "2_0", "2_1", "2_2"])
def test_clearlist_empties_a_list_up_to_2_2(marketo, version):
    answer = operate(marketo, "CLEARLIST", 999, version=version)
    assert answered(answer) == ("true", None)
    assert members(marketo) == ()
    assert [item[:3] for item in activities(marketo)] == [(1001, "Remove from List", "Newsletter")]


@pytest.mark.parametrize("version", ["2_3", "2_7", "3_1"])
def test_clearlist_is_20110_later(marketo, version):
    answer = operate(marketo, "CLEARLIST", 1001, version=version)
    assert (answer.code, answer.message) == ("20110", "listOperation is not valid: CLEARLIST (20110)")
    assert members(marketo) == (1001,)


# ---------------------------------------------------------------------------------------------------------------------
# Which list


@pytest.mark.parametrize(
    ("key", "shown", "warning"),
    [
        (("MKTOLISTNAME", "newsletter"), "Newsletter", None),
        (("MKTOLISTNAME", " NEWSLETTER "), "Newsletter", None),
        (("SFDCLEADOWNERID", "005A"), "Newsletter", None),
        (("MKTOSALESUSERID", "u-1"), "Newsletter", None),
        (
            ("MKTOLISTNAME", "er demo.attendees"),
            "ER Demo.Attendees",
            "ER Demo.Attendees is a program's list: the call is meant for lists of the database",
        ),
        (
            ("MKTOLISTNAME", "Attendees"),
            "ER Demo.Attendees",
            "Attendees was read as ER Demo.Attendees, the only list of that name",
        ),
        (("MKTOLISTNAME", "Global"), "Global", None),
        (
            ("MKTOLISTNAME", "Dotted.Name.In.side"),
            "Dotted.Name.In.side",
            "Dotted.Name.In.side is a program's list: the call is meant for lists of the database",
        ),
    ],
)
def test_the_list_that_a_key_means(marketo, key, shown, warning):
    answer = operate(marketo, "ADDTOLIST", 1002, of=key)
    assert answer.text("success") == "true"
    (subject,) = answer.call.trace.subjects
    assert (subject.kind, subject.name, subject.asked) == ("list", shown, f"{key[0]} = {key[1]}")
    assert answer.warnings == ([warning] if warning else [])


@pytest.mark.parametrize(
    "key",
    [
        ("MKTOLISTNAME", "Nope"),
        ("MKTOLISTNAME", "Both"),  # two programs have one
        ("MKTOLISTNAME", "ER Demo.Newsletter"),
        ("MKTOLISTNAME", "ER Demo"),  # a program is no list
        ("SFDCLEADOWNERID", "005B"),
        ("MKTOSALESUSERID", "005A"),
    ],
)
def test_an_unknown_list_is_20111(marketo, key):
    answer = operate(marketo, "ADDTOLIST", 1001, of=key)
    assert (answer.code, answer.message) == ("20111", f"No list found with {key[0]} = {key[1]} (20111)")
    assert answer.call.trace.subjects[0].id is None


def test_lists_of_programs_can_be_refused():
    answer = operate(
        with_switch("program_lists", "refuse"), "ADDTOLIST", 1001, of=("MKTOLISTNAME", "ER Demo.Attendees")
    )
    assert answer.code == "20111"


# ---------------------------------------------------------------------------------------------------------------------
# Faults


MANY = [1001] * 1001
FAULTS = [
    ({"listKey": None, "listOperation": "X"}, "20109", "listKey is required (20109)"),
    ({"listKey": {"keyType": "MKTOLISTNAME"}}, "20109", "keyValue of listKey is required (20109)"),
    ({"listOperation": None}, "20109", "listOperation is required (20109)"),
    (
        {"listMemberList": None, "listOperation": "X"},
        "20109",
        "listMemberList is required (20109)",
    ),
    (
        {"listMemberList": {"leadKey": [{"keyType": "FOO"}]}, "listOperation": "X"},
        "20109",
        "keyValue is required (20109)",
    ),
    (
        {"listOperation": "EMPTYLIST", "listMemberList": lead_keys(*MANY)},
        "20110",
        "listOperation is not valid: EMPTYLIST (20110)",
    ),
    (
        {"listKey": {"keyType": "NAME", "keyValue": "x"}},
        "20110",
        "keyType of listKey is not valid: NAME (20110)",
    ),
    (
        {"listMemberList": lead_keys(*MANY), "listKey": {"keyType": "MKTOLISTNAME", "keyValue": "Nope"}},
        "20110",
        "listMemberList is not valid: more than 1000 keys (20110)",
    ),
    (
        {
            "listKey": {"keyType": "MKTOLISTNAME", "keyValue": "Nope"},
            "listMemberList": lead_keys(("FOO", 1)),
        },
        "20111",
        "No list found with MKTOLISTNAME = Nope (20111)",
    ),
    (
        {"listMemberList": lead_keys(999, ("FOO", 1)), "strict": True},
        "20102",
        "Lead key type is not valid: FOO (20102)",
    ),
]


@pytest.mark.parametrize(("wrong", "code", "message"), FAULTS)
def test_faults_in_their_order_and_nothing_is_written(marketo, wrong, code, message):
    before = marketo.dump()
    right = {
        "listOperation": "ADDTOLIST",
        "listKey": {"keyType": "MKTOLISTNAME", "keyValue": "Newsletter"},
        "listMemberList": lead_keys(1002),
    }
    answer = ask(marketo, "listOperation", {**right, **wrong})
    assert (answer.code, answer.message) == (code, message)
    assert marketo.dump() == before


def test_1000_keys_are_done(marketo):
    assert answered(operate(marketo, "ADDTOLIST", *([1002] * 1000))) == ("true", None)


# ---------------------------------------------------------------------------------------------------------------------
# What is written, what is explained


def test_only_who_really_joins_or_leaves_is_in_the_log(marketo):
    operate(marketo, "ADDTOLIST", 1001, 1002, 1002)
    operate(marketo, "REMOVEFROMLIST", 1001, 999)
    said = {"List ID": "1001", "Source": "Web service API"}
    assert activities(marketo) == [
        (1002, "Add to List", "Newsletter", {**said, "Lead ID": "1002"}),
        (1001, "Remove from List", "Newsletter", {**said, "Lead ID": "1001"}),
    ]


@pytest.mark.parametrize(("version", "logged"), [("2_0", 0), ("2_2", 0), ("2_3", 1)])
def test_skip_activity_log_counts_up_to_2_2(marketo, version, logged):
    answer = operate(marketo, "ADDTOLIST", 1002, version=version, skipActivityLog=True)
    assert members(marketo) == (1001, 1002)
    assert len(activities(marketo)) == logged
    assert bool(answer.warnings) == bool(logged)  # a later version does not know the element


def test_a_key_that_is_not_documented_is_a_warning(marketo):
    answer = operate(marketo, "ADDTOLIST", ("EMAIL", "ann@example.com"), ("EMAIL", "bob@example.com"))
    assert answer.warnings == ["leads were found by EMAIL: documented for a list is IDNUM alone"]


def test_of_several_leads_with_the_e_mail_the_one_is_taken_that_duplicate_email_says():
    world = WORLD.replace("bob@example.com", "ann@example.com")
    chosen = {}
    for switch in ("most_recently_updated", "most_recently_created"):
        marketo = Marketo(f"{world}\nbehaviour: {{duplicate_email: {switch}}}")
        marketo.sync({"City": "Rome"}, Id=1001)
        operate(marketo, "ADDTOLIST", ("EMAIL", "ann@example.com"), of=("MKTOLISTNAME", "Global"))
        with marketo.database.transaction() as session:
            chosen[switch] = [lead for lead in (1001, 1002) if len(lists.lists_of(session, lead)) > (lead == 1001)]
    assert chosen == {"most_recently_updated": [1001], "most_recently_created": [1002]}


def test_the_trace_says_of_each_key_which_lead_it_finds_and_what_was_done(marketo):
    trace = operate(marketo, "ADDTOLIST", 1002, ("EMAIL", "ann@example.com"), 999).call.trace
    assert [(step.position, step.status, step.lead_id) for step in trace.records] == [
        (1, "added", 1002),
        (2, "already a member", 1001),
        (3, "not found", None),
    ]
    assert trace.records[1].keys[0].reason == "lead 1001 has it"
    assert trace.records[2].reason == "no lead has IDNUM = 999"
    assert trace.counts == {"added": 1, "already a member": 1, "not found": 1}
    assert (trace.lead_ids, trace.lead_count, trace.activities) == ((1002, 1001), 2, 1)


def test_the_trace_of_a_strict_fault_says_which_key_failed_and_that_the_others_were_left(marketo):
    trace = operate(marketo, "ADDTOLIST", 1002, 999, strict=True).call.trace
    assert [(step.status, step.reason) for step in trace.records] == [
        ("left as it is", "the request is strict, and another key fails"),
        ("not found", "no lead has IDNUM = 999"),
    ]


def test_what_a_request_says_is_in_its_record(marketo):
    call = operate(marketo, "ADDTOLIST", 1002, ("EMAIL", "ann@example.com"), strict=True).call
    assert call.fields.keys == {
        "listOperation": "ADDTOLIST",
        "strict": "true",
        "MKTOLISTNAME": "Newsletter",
        "Id": "1002",
        "Email": "ann@example.com",
    }


# ---------------------------------------------------------------------------------------------------------------------
# The bytes: the shapes of captured answers, over values of our own

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
PLAIN = (
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:ns1="http://www.marketo.com/mktows/">'
)
WITH_NIL = PLAIN.replace(" xmlns:ns1", ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1')
END = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"


def status(lead_id: int, said: str) -> str:
    key = f"<leadKey><keyType>IDNUM</keyType><keyValue>{lead_id}</keyValue></leadKey>"
    return f"<leadStatus>{key}<status>{said}</status></leadStatus>"


def envelope(success: str, statuses: str | None) -> str:
    listed = '<statusList xsi:nil="true"/>' if statuses is None else f"<statusList>{statuses}</statusList>"
    start = WITH_NIL if statuses is None else PLAIN
    result = f"<result><success>{success}</success>{listed}</result>"
    return f"{XML}{start}<SOAP-ENV:Body><ns1:successListOperation>{result}</ns1:successListOperation>{END}"


@pytest.mark.parametrize(
    ("operation", "keys", "bytes_"),
    [
        ("ADDTOLIST", [1002], envelope("true", None)),
        ("REMOVEFROMLIST", [1001], envelope("true", None)),
        ("ISMEMBEROFLIST", [1001], envelope("true", status(1001, "true"))),
        ("ISMEMBEROFLIST", [1002], envelope("false", status(1002, "false"))),
        ("ISMEMBEROFLIST", [1002, 1001], envelope("false", status(1002, "false") + status(1001, "true"))),
        ("REMOVEFROMLIST", [1009], envelope("false", status(1009, "false"))),
    ],
)
def test_answers_have_the_captured_bytes(marketo, operation, keys, bytes_):
    assert operate(marketo, operation, *keys, version="2_4").body.decode() == bytes_
