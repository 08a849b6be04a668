"""Which lead: mktows.md's table of keys and the rules for where it is silent, one test a row."""

from __future__ import annotations

import pytest
from support import Marketo, decided_by

from mockmkto.engine.matching import RequestKeys, match
from mockmkto.model import ForeignId, ForeignSysType, Key, Verdict

ANN = "&token:_mch-ann"
BOB = "&token:_mch-bob"
WEB = "&token:_mch-web"

WORLD = f"""
leads:
  - {{Id: 1, Email: ann@example.com, foreign_ids: [{{id: A}}], cookies: ["id:x{ANN}"]}}
  - {{Id: 2, Email: bob@example.com, foreign_ids: [{{id: B}}], cookies: ["id:x{BOB}"]}}
anonymous_leads:
  - {{Id: 3, cookies: ["id:x{WEB}"], attributes: {{AnonymousIP: 10.1.2.3}}}}
"""
TWINS = "leads: [{Id: 1, Email: t@example.com}, {Id: 2, Email: t@example.com}, {Id: 3, Email: t@example.com}]"


@pytest.fixture
def marketo() -> Marketo:
    return Marketo(WORLD)


def with_switch(world: str, **switches: str) -> Marketo:
    return Marketo(f"behaviour: {{{', '.join(f'{name}: {value}' for name, value in switches.items())}}}\n{world}")


# ---------------------------------------------------------------------------------------------------------------------
# The keys, each alone and all of them


@pytest.mark.parametrize(
    ("given", "lead", "key"),
    [
        pytest.param({"Id": 1}, 1, Key.ID, id="Id"),
        pytest.param({"ForeignSysPersonId": "A", "ForeignSysType": "CUSTOM"}, 1, Key.FOREIGN_ID, id="foreign id"),
        pytest.param({"cookie": f"id:x{ANN}"}, 1, Key.COOKIE, id="cookie"),
        pytest.param({"cookie": f"id:x{WEB}"}, 3, Key.COOKIE, id="cookie of an anonymous lead"),
        pytest.param({"Email": "ann@example.com"}, 1, Key.EMAIL, id="Email"),
        pytest.param({"Id": 1, "ForeignSysPersonId": "B"}, 1, Key.ID, id="Id over foreign id"),
        pytest.param({"Id": 1, "cookie": f"id:x{BOB}"}, 1, Key.ID, id="Id over cookie"),
        pytest.param({"Id": 1, "Email": "bob@example.com"}, 1, Key.ID, id="Id over Email"),
        pytest.param(
            {"ForeignSysPersonId": "A", "cookie": f"id:x{BOB}"}, 1, Key.FOREIGN_ID, id="foreign id over cookie"
        ),
        pytest.param(
            {"ForeignSysPersonId": "A", "Email": "bob@example.com"}, 1, Key.FOREIGN_ID, id="foreign id over Email"
        ),
        pytest.param({"cookie": f"id:x{ANN}", "Email": "bob@example.com"}, 1, Key.COOKIE, id="cookie over Email"),
        pytest.param({"cookie": f"id:x{WEB}", "Email": "bob@example.com"}, 3, Key.COOKIE, id="anonymous over Email"),
        pytest.param(
            {"ForeignSysPersonId": "?", "cookie": f"id:x{BOB}"}, 2, Key.COOKIE, id="unknown foreign id, cookie"
        ),
        pytest.param(
            {"ForeignSysPersonId": "?", "Email": "bob@example.com"}, 2, Key.EMAIL, id="unknown foreign id, Email"
        ),
        pytest.param({"cookie": "id:?", "Email": "bob@example.com"}, 2, Key.EMAIL, id="unknown cookie, Email"),
        pytest.param(
            {"Id": 2, "ForeignSysPersonId": "A", "cookie": f"id:x{WEB}", "Email": "ann@example.com"},
            2,
            Key.ID,
            id="all",
        ),
    ],
)
def test_the_first_key_that_finds_a_lead_decides(marketo, given, lead, key):
    answer = marketo.sync(**given)
    assert (answer.status, answer.lead_id, decided_by(answer)) == ("UPDATED", lead, key)
    assert answer.call.trace.lead_id == answer.call.lead_id == lead


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"Email": "new@example.com"}, id="Email"),
        pytest.param({"ForeignSysPersonId": "?"}, id="foreign id"),
        pytest.param({"cookie": "id:?"}, id="cookie"),
        pytest.param({"Email": "new@example.com", "ForeignSysPersonId": "?", "cookie": "id:?"}, id="all but Id"),
    ],
)
def test_a_lead_is_created_when_no_key_finds_one_and_found_by_each_key_afterwards(marketo, given):
    created = marketo.sync(**given)
    assert (created.status, created.lead_id, decided_by(created)) == ("CREATED", 4, None)
    for name, value in given.items():
        again = marketo.sync(**{name: value})
        assert (again.status, again.lead_id) == ("UPDATED", 4)


def test_the_steps_stand_in_the_order_in_which_the_keys_are_tried(marketo):
    answer = marketo.sync(Id=1, ForeignSysPersonId="?", cookie=f"id:x{BOB}", Email="ann@example.com")
    assert [(step.key, step.found, step.verdict) for step in answer.call.trace.keys] == [
        (Key.ID, (1,), Verdict.DECIDES),
        (Key.FOREIGN_ID, (), Verdict.FINDS_NOTHING),
        (Key.COOKIE, (2,), Verdict.OUTRANKED),
        (Key.EMAIL, (1,), Verdict.OUTRANKED),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Id


def test_an_id_that_finds_nothing_is_20103_and_no_later_key_is_tried(marketo):
    before = marketo.dump()
    answer = marketo.sync(Id=99, ForeignSysPersonId="A", cookie=f"id:x{BOB}", Email="ann@example.com")
    assert (answer.fault_string, answer.message) == ("20103 - Lead not found", "No lead found with IDNUM = 99 (20103)")
    assert [step.verdict for step in answer.call.trace.keys] == [Verdict.FAILS, *[Verdict.NOT_TRIED] * 3]
    assert answer.call.lead_id is None
    assert marketo.dump() == before


@pytest.mark.parametrize("number", ["0", "-1", "12.7", "1e3", "99999999999999999999", "-99999999999999999999", "1e999"])
def test_a_number_that_no_lead_can_have_finds_nothing(marketo, number):
    assert marketo.sync(Id=number).code == "20103"


@pytest.mark.parametrize("number", ["2", " 2 ", "2.0", "+2", "0002"])
def test_an_id_is_a_number_however_it_is_written(marketo, number):
    assert marketo.sync(Id=number).lead_id == 2


# ---------------------------------------------------------------------------------------------------------------------
# ForeignSysPersonId


@pytest.mark.parametrize("others", [{"Email": "bob@example.com"}, {"cookie": f"id:x{BOB}"}])
def test_the_lead_that_is_found_by_another_key_gets_the_unknown_foreign_id(marketo, others):
    assert marketo.sync(ForeignSysPersonId="NEW", ForeignSysType="SFDC", **others).lead_id == 2
    assert marketo.keys(2)[0] == {("CUSTOM", "B"), ("SFDC", "NEW")}


def test_a_missing_foreign_type_is_custom_with_a_warning(marketo):
    answer = marketo.sync(ForeignSysPersonId="A")
    assert (answer.lead_id, answer.record.foreign_type) == (1, "CUSTOM")
    assert answer.warnings == ["ForeignSysType is missing: CUSTOM was assumed"]


@pytest.mark.parametrize("foreign_type", ["CUSTOM", "SFDC", "NETSUITE"])
def test_each_foreign_type_of_the_enumeration_is_taken(marketo, foreign_type):
    answer = marketo.sync(ForeignSysPersonId="Z", ForeignSysType=foreign_type)
    assert (answer.status, answer.record.foreign_id, answer.record.foreign_type) == ("CREATED", "Z", foreign_type)
    assert answer.warnings == []


@pytest.mark.parametrize("foreign_type", ["custom", "SALESFORCE", "SFDC2", "CUSTOM;"])
def test_a_foreign_type_outside_the_enumeration_is_20110(marketo, foreign_type):
    answer = marketo.sync(ForeignSysPersonId="A", ForeignSysType=foreign_type)
    assert (answer.code, answer.message) == ("20110", f"ForeignSysType is not valid: {foreign_type} (20110)")


@pytest.mark.parametrize("foreign_type", ["SFDC", "nonsense"])
def test_a_foreign_type_without_a_foreign_id_is_ignored_with_a_warning(marketo, foreign_type):
    answer = marketo.sync(Email="ann@example.com", ForeignSysType=foreign_type)
    assert (answer.status, answer.lead_id) == ("UPDATED", 1)
    assert answer.warnings == [f"ForeignSysType {foreign_type} without a ForeignSysPersonId was ignored"]


def test_the_same_foreign_id_under_two_types_is_two_keys(marketo):
    created = marketo.sync(ForeignSysPersonId="A", ForeignSysType="SFDC")
    assert (created.status, created.lead_id) == ("CREATED", 4)
    assert marketo.sync(ForeignSysPersonId="A", ForeignSysType="CUSTOM").lead_id == 1
    assert marketo.sync(ForeignSysPersonId="A", ForeignSysType="SFDC").lead_id == 4


@pytest.mark.parametrize("other", ["a", " A", "A ", "A\u0301", "\uff21"])
def test_foreign_ids_are_compared_exactly(marketo, other):
    assert marketo.sync(ForeignSysPersonId=other).status == "CREATED"
    assert marketo.sync(ForeignSysPersonId="A").lead_id == 1


def test_the_foreign_id_of_another_lead_beside_an_id_is_taken_from_it(marketo):
    answer = marketo.sync(Id=2, ForeignSysPersonId="A")
    assert (answer.lead_id, answer.record.foreign_id) == (2, "A")
    assert marketo.keys(1)[0] == set()
    assert marketo.keys(2)[0] == {("CUSTOM", "A"), ("CUSTOM", "B")}
    assert marketo.sync(ForeignSysPersonId="A").lead_id == 2


def test_of_several_foreign_ids_the_latest_written_is_shown_and_all_find_the_lead(marketo):
    assert marketo.sync(Id=1, ForeignSysPersonId="NEXT", ForeignSysType="NETSUITE").record.foreign_id == "NEXT"
    assert marketo.get("IDNUM", 1).record.foreign_type == "NETSUITE"
    assert marketo.sync(ForeignSysPersonId="A").lead_id == 1
    assert marketo.sync(ForeignSysPersonId="NEXT", ForeignSysType="NETSUITE").lead_id == 1


def test_of_a_fixtures_foreign_ids_the_last_is_the_latest():
    marketo = Marketo("leads: [{Id: 1, foreign_ids: [{id: first}, {id: second}]}]")
    assert marketo.get("IDNUM", 1).record.foreign_id == "second"


def test_foreign_id_wins_over_email_and_the_email_is_updated(marketo):
    answer = marketo.sync(ForeignSysPersonId="A", Email="new@example.com")
    assert (answer.lead_id, answer.record.email) == (1, "new@example.com")
    assert marketo.get("EMAIL", "ann@example.com").code == "20103"


def test_id_wins_over_email_and_the_email_is_updated(marketo):
    answer = marketo.sync(Id=1, Email="new@example.com")
    assert (answer.lead_id, answer.record.email) == (1, "new@example.com")
    assert marketo.get("EMAIL", "new@example.com").record.id == 1
    assert marketo.get("EMAIL", "ann@example.com").code == "20103"


# ---------------------------------------------------------------------------------------------------------------------
# marketoCookie


@pytest.mark.parametrize("others", [{"Email": "bob@example.com"}, {"ForeignSysPersonId": "B"}, {"Id": 2}])
def test_the_lead_that_is_found_by_another_key_gets_the_unknown_cookie(marketo, others):
    assert marketo.sync(cookie="id:x&token:new", **others).lead_id == 2
    assert marketo.keys(2)[1] == {f"x{BOB}", "x&token:new"}


@pytest.mark.parametrize("others", [{"Id": 2}, {"ForeignSysPersonId": "B"}])
def test_the_cookie_of_another_lead_moves_to_the_matched_one(marketo, others):
    marketo.sync(cookie=f"id:x{ANN}", **others)
    assert marketo.keys(1)[1] == set()
    assert marketo.keys(2)[1] == {f"x{ANN}", f"x{BOB}"}


@pytest.mark.parametrize(
    ("version", "move_cookie", "owner"),
    [("3_1", None, 2), ("3_1", True, 2), ("3_1", False, 1), ("3_0", False, 1), ("2_9", False, 2)],
)
def test_move_cookie_of_3_1_can_leave_the_cookie_where_it_is(marketo, version, move_cookie, owner):
    answer = marketo.sync(Id=2, cookie=f"id:x{ANN}", move_cookie=move_cookie, version=version)
    assert (answer.status, answer.lead_id) == ("UPDATED", 2)
    assert f"x{ANN}" in marketo.keys(owner)[1]


def test_move_cookie_false_does_not_keep_a_cookie_that_is_nobodys(marketo):
    marketo.sync(Id=2, cookie="id:x&token:new", move_cookie=False, version="3_1")
    assert "x&token:new" in marketo.keys(2)[1]


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        (f"id:x{ANN}", True),
        (f"x{ANN}", True),
        (f"  id:x{ANN}\n", True),
        (ANN.removeprefix("&"), True),  # some clients send the token alone
        (f"ID:x{ANN}", True),
        (f"id:y{ANN}", True),
        (f"id:x{ANN.upper()}", False),
        (f"id:x{ANN}n", False),
    ],
)
def test_cookies_are_compared_exactly_by_their_token(marketo, cookie, found):
    assert (marketo.sync(cookie=cookie).lead_id == 1) is found


@pytest.mark.parametrize("cookie", ["", "  ", "id:", " id: "])
def test_an_empty_cookie_is_as_if_absent(marketo, cookie):
    assert marketo.sync(cookie=cookie).code == "20101"
    assert marketo.sync(Email="new@example.com", cookie=cookie).status == "CREATED"
    assert marketo.keys(4)[1] == set()


def test_a_cookie_that_finds_an_anonymous_lead_makes_it_known(marketo):
    answer = marketo.sync({"FirstName": "Cy"}, cookie=f"id:x{WEB}", Email="cy@example.com")
    assert (answer.status, answer.lead_id, answer.record.email) == ("UPDATED", 3, "cy@example.com")
    assert marketo.lead(3).known
    assert marketo.lead(3).attributes == {"AnonymousIP": "10.1.2.3", "FirstName": "Cy"}
    assert marketo.keys(3)[1] == {f"x{WEB}"}


def test_an_anonymous_lead_becomes_known_however_it_is_found(marketo):
    marketo.sync(Id=3)
    assert marketo.lead(3).known


def test_the_email_of_a_known_lead_does_not_stop_a_cookie_from_deciding(marketo):
    answer = marketo.sync(cookie=f"id:x{WEB}", Email="ann@example.com")
    assert (answer.lead_id, answer.record.email) == (3, "ann@example.com")
    assert [item.id for item in marketo.get("EMAIL", "ann@example.com").records] == [3, 1]


def test_an_anonymous_lead_that_lost_its_last_cookie_stays_reachable_by_id(marketo):
    marketo.sync(Id=1, cookie=f"id:x{WEB}")
    assert marketo.keys(3)[1] == set()
    assert marketo.get("IDNUM", 3).record.id == 3
    assert not marketo.lead(3).known
    assert marketo.sync({"FirstName": "Cy"}, Id=3).status == "UPDATED"


# ---------------------------------------------------------------------------------------------------------------------
# anonymous_cookie: merges


def test_merges_merges_the_anonymous_lead_into_the_known_one_of_the_email():
    marketo = with_switch(WORLD, anonymous_cookie="merges")
    answer = marketo.sync({"FirstName": "Ann"}, cookie=f"id:x{WEB}", Email="ann@example.com", ForeignSysPersonId="NEW")
    assert (answer.status, answer.lead_id, decided_by(answer)) == ("UPDATED", 1, Key.EMAIL)
    assert [step.verdict for step in answer.call.trace.keys] == [Verdict.FINDS_NOTHING, Verdict.YIELDS, Verdict.DECIDES]
    assert marketo.keys(1) == ({("CUSTOM", "A"), ("CUSTOM", "NEW")}, {f"x{ANN}", f"x{WEB}"})
    assert marketo.get("IDNUM", 3).code == "20103"
    assert marketo.sync(cookie=f"id:x{WEB}").lead_id == 1
    assert marketo.lead(1).attributes == {"FirstName": "Ann"}


@pytest.mark.parametrize(
    ("given", "lead", "key"),
    [
        pytest.param({"Email": "new@example.com"}, 3, Key.COOKIE, id="the e-mail is new"),
        pytest.param({}, 3, Key.COOKIE, id="no e-mail"),
        pytest.param({"Email": "ann@example.com", "Id": 2}, 2, Key.ID, id="an Id decides"),
        pytest.param(
            {"Email": "ann@example.com", "ForeignSysPersonId": "B"}, 2, Key.FOREIGN_ID, id="a foreign id decides"
        ),
    ],
)
def test_merges_merges_nothing_unless_cookie_and_email_find_two_leads(given, lead, key):
    marketo = with_switch(WORLD, anonymous_cookie="merges")
    answer = marketo.sync(cookie=f"id:x{WEB}", **given)
    assert (answer.status, answer.lead_id, decided_by(answer)) == ("UPDATED", lead, key)
    assert marketo.get("IDNUM", 3).http_status == 200


def test_merges_never_merges_a_known_lead():
    marketo = with_switch(WORLD, anonymous_cookie="merges")
    answer = marketo.sync(cookie=f"id:x{BOB}", Email="ann@example.com")
    assert (answer.lead_id, answer.record.email, decided_by(answer)) == (2, "ann@example.com", Key.COOKIE)


def test_merges_takes_the_most_recently_updated_of_several():
    marketo = with_switch(TWINS + "\nanonymous_leads: [{Id: 9, cookies: [c]}]", anonymous_cookie="merges")
    marketo.sync(Id=2)
    assert marketo.sync(cookie="c", Email="t@example.com").lead_id == 2
    assert marketo.keys(2)[1] == {"c"}


# ---------------------------------------------------------------------------------------------------------------------
# Email


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("Ann@Example.com", "ann@example.COM"),
        ("ann@example.com", "  ann@example.com\n"),
        ("straße@example.de", "STRASSE@example.de"),
        ("'  ann@example.com '", "ann@example.com"),
    ],
)
def test_emails_are_compared_trimmed_and_case_folded(stored, sent):
    marketo = Marketo(f"leads: [{{Id: 1, Email: {stored}}}]")
    assert marketo.sync(Email=sent).lead_id == 1
    assert marketo.get("EMAIL", sent).record.id == 1


def test_an_email_is_stored_as_sent_trimmed():
    marketo = Marketo()
    assert marketo.sync(Email="  Ann@Example.com ").record.email == "Ann@Example.com"


def test_an_email_that_decided_is_left_as_it_is_stored():
    marketo = Marketo("leads: [{Id: 1, Email: Ann@Example.com}]")
    assert marketo.sync(Email="ANN@example.com").record.email == "Ann@Example.com"


def test_an_email_in_other_letters_is_written_when_another_key_decided():
    marketo = Marketo("leads: [{Id: 1, Email: Ann@Example.com}]")
    assert marketo.sync(Id=1, Email="ANN@example.com").record.email == "ANN@example.com"


def test_of_several_leads_with_the_email_the_most_recently_updated_is_updated():
    marketo = Marketo(TWINS)
    assert marketo.sync(Email="t@example.com").lead_id == 3
    marketo.sync(Id=1)
    assert marketo.sync(Email="t@example.com").lead_id == 1
    assert marketo.sync(Email="t@example.com").lead_id == 1


def test_most_recently_updated_is_a_counter_and_not_the_clock():
    marketo = Marketo(TWINS)  # the clock stands still
    for lead_id in (2, 1, 3, 1, 2):
        marketo.sync(Id=lead_id)
        found = marketo.sync(Email="t@example.com").call.trace.deciding.found
        assert found[0] == lead_id
        assert sorted(found) == [1, 2, 3]


def test_most_recently_created_takes_the_newest_whatever_was_updated():
    marketo = with_switch(TWINS, duplicate_email="most_recently_created")
    marketo.sync(Id=1)
    assert marketo.sync(Email="t@example.com").lead_id == 3


def test_the_email_may_be_changed_to_one_that_another_lead_has(marketo):
    assert marketo.sync(Id=2, Email="ann@example.com").record.email == "ann@example.com"
    assert marketo.sync(Email="ann@example.com").lead_id == 2
    assert [item.id for item in marketo.get("EMAIL", "ann@example.com").records] == [2, 1]


# ---------------------------------------------------------------------------------------------------------------------
# No key, no record, Ids


@pytest.mark.parametrize(
    "given", [{}, {"Id": ""}, {"Email": " "}, {"ForeignSysPersonId": ""}, {"cookie": ""}, {"ForeignSysType": "SFDC"}]
)
def test_without_any_key_it_is_20101(marketo, given):
    answer = marketo.sync({"FirstName": "Ann"}, **given)
    assert (answer.code, answer.fault_string) == ("20101", "20101 - Lead key required")
    assert "keyless_leads=create" in answer.warnings[-1]


def test_keyless_leads_create_creates_one_every_time():
    marketo = with_switch(WORLD, keyless_leads="create")
    assert [marketo.sync({"Phone": "1"}).lead_id for _ in range(2)] == [4, 5]
    assert marketo.lead(4).attributes == {"Phone": "1"}


def test_an_email_among_the_attributes_is_no_key_and_makes_a_new_lead_every_time(marketo):
    first = marketo.sync({"email": "ann@example.com"}, Email="")
    assert (first.status, first.lead_id, first.record.email) == ("CREATED", 4, "ann@example.com")
    assert "a new lead is made every time" in first.warnings[0]
    assert marketo.sync({"Email": "ann@example.com"}).lead_id == 5


def test_an_empty_email_among_the_attributes_is_none(marketo):
    assert marketo.sync({"Email": " "}).code == "20101"


def test_a_missing_lead_record_is_20104(marketo):
    answer = marketo.post(marketo.envelope("<ns1:paramsSyncLead><marketoCookie>c</marketoCookie></ns1:paramsSyncLead>"))
    assert (answer.code, answer.fault_string) == ("20104", "20104 - Lead detail required")


@pytest.mark.parametrize(("cookie", "outcome"), [(f"id:x{ANN}", "UPDATED"), ("new", "CREATED"), ("", "20101")])
def test_an_empty_lead_record_may_come_with_a_cookie(marketo, cookie, outcome):
    tag = f"<marketoCookie>{cookie.replace('&', '&amp;')}</marketoCookie>"
    answer = marketo.post(marketo.envelope(f"<ns1:paramsSyncLead><leadRecord/>{tag}</ns1:paramsSyncLead>"))
    assert (answer.status or answer.code) == outcome


@pytest.mark.parametrize(
    ("world", "first"),
    [
        ("{}", 1001),
        ("leads: [{Email: a@example.com}]", 1002),
        ("leads: [{Id: 5}]", 6),
        ("leads: [{Id: 70}, {Id: 7}]", 71),
        ("{leads: [{Id: 7}], anonymous_leads: [{Id: 90}]}", 91),
    ],
)
def test_the_first_id_is_one_above_the_highest_of_the_fixture_or_1001(world, first):
    marketo = Marketo(world)
    assert [marketo.sync(Email=f"{name}@new.example").lead_id for name in "ab"] == [first, first + 1]


def test_a_fault_consumes_no_id(marketo):
    for given in ({"Id": 99}, {}, {"ForeignSysPersonId": "?", "ForeignSysType": "?"}):
        marketo.sync(**given)
    marketo.sync({"NoSuchField": "1"}, Email="new@example.com")
    assert marketo.sync(Email="new@example.com").lead_id == 4


def test_after_a_reset_ids_repeat(marketo):
    first = marketo.sync(Email="new@example.com").lead_id
    marketo.registry.reset(marketo.name)
    assert marketo.sync(Email="newer@example.com").lead_id == first


# ---------------------------------------------------------------------------------------------------------------------
# Matching alone


def test_matching_writes_nothing(marketo):
    before = marketo.dump()
    with marketo.database.transaction() as session:
        steps = match(session, RequestKeys(1, ForeignId(ForeignSysType.CUSTOM, "B"), "x", "bob@example.com"))
    assert [step.found for step in steps] == [(1,), (2,), (), (2,)]
    assert marketo.dump() == before
