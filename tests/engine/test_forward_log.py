"""The activity log read forward: which activities, in which order, where a token reads on; and page tokens."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from support import NOW, Marketo

from mockmkto.engine import forward_log
from mockmkto.engine.absorbing import forget
from mockmkto.engine.forward_log import place_since, read_forward, read_place, token_of
from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.model import ACTIVITY_TYPES, DISPLAY_NAMES, TYPE_IDS, Activity, TraceBuilder
from mockmkto.store import activities
from mockmkto.store.activities import Place

WORLD = """
leads:
- {Id: 1001, Email: ann@example.com, attributes: {FirstName: Ann, LastName: Archer}}
- {Id: 1002, Email: bob@example.com}
anonymous_leads:
- {Id: 1003, cookies: ["id:1&token:_mch-example.com-1-1"]}
lists:
- {name: Newsletter, members: [1002, 1003]}
"""
HOUR = dt.timedelta(hours=1)
ROWS = (  # id, lead, type, hours before now
    (1, 1001, "New Lead", 4),
    (2, 1003, "Visit Webpage", 4),
    (3, 1002, "New Lead", 3),
    (4, 1002, "Visit Webpage", 2),
    (5, 1001, "Visit Webpage", 2),
    (6, 1001, "Add to List", 1),
)


@pytest.fixture
def marketo() -> Marketo:
    return happened(Marketo(WORLD), *ROWS)


def happened(marketo: Marketo, *rows: tuple[int, int, str, float]) -> Marketo:
    with marketo.database.transaction() as session:
        activities.insert_many(
            session, [Activity(number, lead, NOW - hours * HOUR, kind) for number, lead, kind, hours in rows]
        )
    return marketo


def read(marketo, start, types=("New Lead", "Visit Webpage"), **more):
    """The ids, whether there are more, and the page."""
    trace = TraceBuilder()
    with marketo.database.transaction() as session:
        page = read_forward(session, start, types, trace, **more)
    return [item.id for item in page.activities], page.more, page


def since(hours: float) -> Place:
    return place_since(NOW - hours * HOUR)


@pytest.mark.parametrize(
    ("hours", "more", "expected"),
    [
        (5, {}, [1, 3, 4, 5]),  # what the anonymous lead did is not shown
        (4, {}, [1, 3, 4, 5]),  # the second itself is among it
        (3.999, {}, [3, 4, 5]),
        (0, {}, []),
        (5, {"types": ("Visit Webpage",)}, [4, 5]),
        (5, {"types": ("Add to List", "New Lead", "New Lead")}, [1, 3, 6]),
        (5, {"types": ()}, []),
        (5, {"types": ("What nobody does",)}, []),
        (5, {"leads": (1002, 1003, 77)}, [3, 4]),
        (5, {"leads": ()}, []),
        (5, {"list_id": 1001}, [3, 4]),
        (5, {"list_id": 4711}, []),
        (5, {"kept": lambda item: item.lead_id == 1001}, [1, 5]),
    ],
)
def test_what_is_read_from_a_moment_on(marketo, hours, more, expected):
    assert read(marketo, since(hours), **more)[:2] == (expected, False)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_show_each_activity_once_whatever_their_size(marketo, size):
    seen, place, more, pages = [], since(5), True, 0
    while more:
        ids, more, page = read(marketo, place, size=size)
        assert len(ids) <= size
        seen, place, pages = seen + ids, read_place(token_of(page.next)), pages + 1
    assert (seen, pages) == ([1, 3, 4, 5], -(-4 // size))


@pytest.mark.parametrize(("size", "used"), [(None, 300), (0, 300), (-1, 300), (301, 300), (300, 300), (7, 7)])
def test_a_page_has_three_hundred_at_most(marketo, size, used):
    happened(marketo, *((number, 1001, "Click Link", 1) for number in range(100, 500)))
    ids, more, page = read(marketo, since(5), ("Click Link",), size=size)
    assert (len(ids), more, page.next.id) == (used, True, 99 + used)


def test_the_end_of_the_log_is_where_a_reader_waits_for_what_comes(marketo):
    *_, page = read(marketo, since(5))
    assert read(marketo, page.next)[:2] == ([], False)
    happened(marketo, (7, 1001, "Visit Webpage", 0.5))
    assert read(marketo, page.next)[:2] == ([7], False)


def test_where_nothing_is_found_the_place_stays(marketo):
    assert read(marketo, since(0))[2].next == since(0)


def test_one_page_reads_a_part_of_the_log_and_may_be_short(marketo, monkeypatch):
    monkeypatch.setattr(forward_log, "MOST_READ", 3)
    pages, place, more = [], since(5), True
    while more:
        ids, more, page = read(marketo, place, size=3, kept=lambda item: item.id == 5)
        pages, place = [*pages, ids], page.next
    assert pages == [[], [5]]


def test_what_is_kept_of_a_deleted_lead_is_that_it_was_deleted(marketo):
    with marketo.database.transaction() as session:
        for lead_id in (1001, 1003):  # of the anonymous one nothing
            forget(session, lead_id)
        left = [(item.lead_id, item.type, item.asset) for item in activities.all_activities(session)]
    assert left == [(1002, "New Lead", ""), (1002, "Visit Webpage", ""), (1001, "Delete Lead", "Ann Archer")]
    assert read(marketo, since(5), ("Delete Lead",))[0] == [7]


def test_the_trace_says_what_the_page_is(marketo):
    trace = TraceBuilder()
    with marketo.database.transaction() as session:
        read_forward(session, since(5), ("New Lead",), trace, size=1, what="activities of the type New Lead")
    step = trace.page
    assert (step.selector, step.first, step.last, step.batch_asked, step.batch_used, step.ended) == (
        "activities of the type New Lead", 1, 1, 1, 1, ""
    )  # fmt: skip
    assert (read_place(step.came), read_place(step.next)) == (since(5), Place(since(4).at, 1))
    assert list(trace.leads) == [1001]


# ---------------------------------------------------------------------------------------------------------------------
# Page tokens


@pytest.mark.parametrize("numbers", [(0, 0), (1, 2), (-1, 2**63 - 1), (-(2**63), -1), (1_395_828_813, 1_000_000)])
def test_a_token_looks_as_the_vendor_s_do_and_holds_its_place(numbers):
    token = page_token("activities", *numbers)
    assert re.fullmatch("[A-Z2-7]{52}====", token)
    assert page_token("activities", *numbers) == token
    for form in (token, token.lower(), token.rstrip("="), f" {token} "):
        assert read_page_token("activities", form) == numbers


def test_tokens_of_places_side_by_side_have_nothing_in_common():
    one, other = page_token("activities", 1, 1), page_token("activities", 1, 2)
    assert sum(a == b for a, b in zip(one[:52], other[:52], strict=True)) < 15


TOKEN = page_token("activities", 1_395_828_813, 5)


@pytest.mark.parametrize(
    "text",
    ["", "=", "x", "4GAX7YNCIJKO2VAED5LH5PQIYPUM7WCVKTQWEDMP2L24AXZT54LA====", TOKEN[:-8], TOKEN[8:], TOKEN + "A" * 8,
     TOKEN.replace(TOKEN[0], "A" if TOKEN[0] != "A" else "B", 1), "ß" * 56, "0" * 56, page_token("leads", 1, 5)],
)  # fmt: skip
def test_what_is_no_token_is_refused(text):
    assert read_page_token("activities", text) is None
    assert read_place(text) is None


# ---------------------------------------------------------------------------------------------------------------------
# Numbers of types


def test_every_number_is_of_a_type_that_answers_of_the_soap_api_know():
    assert len(set(TYPE_IDS.values())) == len(TYPE_IDS)
    assert set(TYPE_IDS) <= set(DISPLAY_NAMES)


@pytest.mark.parametrize(
    ("name", "number"),
    [("NewLead", 12), ("ChangeDataValue", 13), ("AddToList", 24), ("RemoveFromList", 25), ("MergeLeads", 32),
     ("DeleteLead", 37), ("RequestCampaign", 47), ("AssocWithOpprtntyInSales", 34), ("PushLeadToSales", 19)],
)  # fmt: skip
def test_the_number_of_a_type_of_the_enumeration(name, number):
    assert TYPE_IDS[ACTIVITY_TYPES[name]] == number
