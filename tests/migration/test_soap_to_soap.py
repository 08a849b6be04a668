"""Two SOAP programs with one difference between them: the proof names it, and nothing else fails it."""

from __future__ import annotations

import pytest
from proofs import named, proof_of

from mockmkto.migration.reporting import as_text

FIXTURE = """
workspaces: [{name: Default, primary_partition: Default}, {name: EMEA, primary_partition: Europe}]
partitions: [Default, Europe]
fields:
- {name: AccountId, type: string}
- {name: LastSeen, type: datetime}
- {name: Vip, type: boolean}
leads:
- Id: 1001
  Email: ann@example.com
  foreign_ids: [{id: A-1}]
  cookies: [token:_mch-1]
  attributes: {FirstName: Ann, Phone: '1'}
- {Id: 1002, Email: bob@example.com, attributes: {FirstName: Bob, LeadScore: 5}}
- {Id: 1003, Email: two@example.com, attributes: {FirstName: One}}
- {Id: 1004, Email: two@example.com, attributes: {FirstName: Two}}
lists: [{name: News, members: [1001]}]
"""


def ann(marketo, **values):
    marketo.sync(values, Email="ann@example.com")


def carl(marketo, attributes=(), **keys):
    marketo.sync({"FirstName": "Carl", **dict(attributes)}, **{"Email": "carl@example.com", **keys})


def to_list(marketo, operation="ADDTOLIST", name="News", email="bob@example.com"):
    key = {"keyType": "EMAIL", "keyValue": email}
    marketo.call(
        "listOperation",
        {
            "listOperation": operation,
            "listKey": {"keyType": "MKTOLISTNAME", "keyValue": name},
            "listMemberList": {"leadKey": [key]},
        },
    )


PLANTED = {
    "a field left out": (
        lambda m: ann(m, Phone="2", Title="Boss"),
        lambda m: ann(m, Phone="2"),
        {"ann@example.com: Title / title"},
    ),
    "another value": (
        lambda m: ann(m, Phone="2"),
        lambda m: ann(m, Phone="3"),
        {"ann@example.com: Phone / phone"},
    ),
    "cleared instead of left alone": (
        lambda m: ann(m, Title="Boss"),
        lambda m: ann(m, Title="Boss", Phone=""),
        {"ann@example.com: Phone / phone"},
    ),
    "left alone instead of cleared": (
        lambda m: ann(m, Phone=""),
        lambda m: ann(m, Title=""),
        {"ann@example.com: Phone / phone"},
    ),
    "the text of nothing": (
        lambda m: ann(m, FirstName="Ann"),
        lambda m: ann(m, FirstName="Ann", Title="None"),
        {"ann@example.com: Title / title"},
    ),
    "a time zone": (
        lambda m: ann(m, LastSeen="2026-03-14T09:00:00-05:00"),
        lambda m: ann(m, LastSeen="2026-03-14T09:00:00Z"),
        {"ann@example.com: LastSeen"},
    ),
    "two fields mixed up": (
        lambda m: ann(m, City="Bonn", Country="Germany"),
        lambda m: ann(m, City="Germany", Country="Bonn"),
        {"ann@example.com: City / city", "ann@example.com: Country / country"},
    ),
    "an e-mail in another case": (
        lambda m: carl(m),
        lambda m: carl(m, Email="Carl@example.com"),
        {"carl@example.com: Email / email"},
    ),
    "a lost cookie": (lambda m: carl(m, cookie="token:_mch-2"), lambda m: carl(m), {"carl@example.com: cookie"}),
    "a cookie that was moved": (
        lambda m: carl(m),
        lambda m: carl(m, cookie="token:_mch-1"),
        {"ann@example.com: lead", "carl@example.com: lead itself"},
    ),
    "a lost foreign id": (
        lambda m: carl(m, ForeignSysPersonId="C-1"),
        lambda m: carl(m),
        {"carl@example.com: foreign id CUSTOM"},
    ),
    "a lookup by e-mail instead of the foreign id": (
        lambda m: m.sync({"Email": "anne@example.com"}, ForeignSysPersonId="A-1"),
        lambda m: m.sync({"Email": "anne@example.com"}, Email="anne@example.com"),
        {"anne@example.com: lead itself", "ann@example.com: lead"},
    ),
    "another lead of the same e-mail": (
        lambda m: m.sync({"Title": "Boss"}, Email="two@example.com"),
        lambda m: m.sync({"Title": "Boss"}, Id=1003),
        {"two@example.com: Title / title"},
    ),
    "a second lead of one e-mail": (
        lambda m: carl(m),
        lambda m: (carl(m), m.sync({"Email": "carl@example.com"}, ForeignSysPersonId="C-1")),
        {"carl@example.com: lead"},
    ),
    "a lead that is not written": (
        lambda m: (ann(m, Title="Boss"), carl(m)),
        lambda m: carl(m),
        {"ann@example.com: Title / title"},
    ),
    "a lead that is not created": (
        lambda m: carl(m),
        lambda m: m.get("EMAIL", "carl@example.com"),
        {"carl@example.com: lead"},
    ),
    "a lead that is written though nothing changes": (
        lambda m: ann(m, FirstName="Ann"),
        lambda m: m.get("EMAIL", "ann@example.com"),
        {"ann@example.com: updatedAt"},
    ),
    "a partition": (
        lambda m: carl(m, workspace="EMEA"),
        lambda m: carl(m),
        {"carl@example.com: partition"},
    ),
    "a list": (lambda m: to_list(m), lambda m: to_list(m, "ISMEMBEROFLIST"), {"bob@example.com: list News"}),
    "another lead on the list": (
        lambda m: to_list(m),
        lambda m: to_list(m, email="two@example.com"),
        {"bob@example.com: list News", "two@example.com: list News"},
    ),
    "a list that is left": (
        lambda m: to_list(m, "REMOVEFROMLIST", email="ann@example.com"),
        lambda m: None,
        {"ann@example.com: list News"},
    ),
    "a value that was another one for a moment": (
        lambda m: ann(m, Phone="2"),
        lambda m: (ann(m, Phone="3"), ann(m, Phone="2")),
        {"ann@example.com: activity Change Data Value Phone Number"},
    ),
    "a score that is added twice": (
        lambda m: m.sync({"LeadScore": "6"}, Email="bob@example.com"),
        lambda m: m.sync({"LeadScore": "7"}, Email="bob@example.com"),
        {"bob@example.com: LeadScore / leadScore"},
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_difference_is_named(old, new, expected):
    proof = proof_of(FIXTURE, old, new)
    assert expected <= named(proof), as_text(proof)
    assert {item.partition(": ")[0] for item in named(proof)} == {item.partition(": ")[0] for item in expected}
    assert not proof.equal
    assert as_text(proof).splitlines()[-1].startswith("Not equal: ")
    same = proof_of(FIXTURE, old, old)
    assert (same.equal, same.differences) == (True, ()), as_text(same)
