"""Leads of a span of time, and pages of the log, against a plain reading of the same tables."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from support import NOW, Marketo

from mockmkto.model import Activity, Lead
from mockmkto.store import activities, log, streams
from mockmkto.store.activities import Place, seconds
from mockmkto.store.leads import NewLead, add_many

TYPES = ("New Lead", "Click Link", "Visit Webpage")


def world(seed: int, leads: int, logged: int) -> tuple[Marketo, list[Lead], list[Activity]]:
    """Leads and activities at random times of an hour, many in the same second, with ids in no order of time."""
    chance = random.Random(seed)
    marketo = Marketo()
    made = [
        Lead(
            1001 + number,
            None,
            chance.random() < 0.9,
            "Default",
            {},
            NOW,
            NOW - dt.timedelta(seconds=chance.randrange(60), microseconds=chance.randrange(1_000_000)),
            number,
            number,
        )
        for number in range(leads)
    ]
    numbers = chance.sample(range(1, 10 * logged + 1), logged)
    happened = [
        Activity(
            number,
            chance.choice(made).id,
            NOW - dt.timedelta(seconds=chance.randrange(60)),
            chance.choice(TYPES),
            "",
            (),
        )
        for number in numbers
    ]
    with marketo.database.transaction() as session:
        add_many(session, [NewLead(item) for item in made])
        activities.insert_many(session, happened)
    return marketo, made, happened


@pytest.mark.parametrize(("leads", "logged"), [(40, 5), (10, 300)], ids=["few activities", "many activities"])
@pytest.mark.parametrize("seed", range(4))
def test_the_leads_of_a_span(seed, leads, logged):
    marketo, made, happened = world(seed, leads, logged)
    last = seconds(NOW)
    for first, latest in [(last - 30, last), (last - 59, last - 50), (last - 70, last + 5), (last - 10, last - 20)]:
        expected = sorted(
            item.id
            for item in made
            if item.known
            and (
                first <= seconds(item.updated_at) <= latest
                or any(it.lead_id == item.id and first <= seconds(it.at) <= latest for it in happened)
            )
        )
        with marketo.database.transaction() as session:
            for after in (0, 1005):
                wanted = tuple(lead_id for lead_id in expected if lead_id > after)
                for limit in (1, 2, 1000):
                    found = streams.active_between(session, first, latest, after=after, limit=limit)
                    assert found == (wanted[:limit], len(wanted[limit:]))


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"oldest": seconds(NOW) - 40},
        {"oldest": seconds(NOW) - 40, "latest": seconds(NOW) - 20},
        {"include": ("Click Link",)},
        {"include": ("Click Link", "New Lead"), "latest": seconds(NOW) - 20},
        {"exclude": ("New Lead",)},
        {"leads": (1001, 1002, 1003)},
        {"leads": (1001, 1002, 1003), "include": ("New Lead",)},
        {"leads": (1001, 1002, 1003), "exclude": ("New Lead",), "oldest": seconds(NOW) - 40},
        {"leads": ()},
        {"include": ()},
    ],
    ids=str,
)
def test_pages_of_the_log(query, newest_first):
    marketo, _, happened = world(7, 6, 200)
    asked = log.Query(**query, newest_first=newest_first)
    wanted = [
        Place(seconds(item.at), item.id)
        for item in happened
        if (asked.leads is None or item.lead_id in asked.leads)
        and (asked.include is None or item.type in asked.include)
        and item.type not in asked.exclude
        and (asked.oldest is None or asked.oldest <= seconds(item.at))
        and (asked.latest is None or seconds(item.at) <= asked.latest)
    ]
    wanted.sort(reverse=newest_first)
    with marketo.database.transaction() as session:
        for size in (1, 7, 1000):
            shown: list[Place] = []
            behind = None
            while found := log.page(session, asked, behind=behind, limit=size):
                shown += [Place(seconds(item.at), item.id) for item in found]
                behind = shown[-1]
                assert log.count(session, asked, behind=behind) == len(wanted) - len(shown)
                if len(shown) > 20 * size:
                    break
            assert shown == wanted[: len(shown)]
            assert log.count(session, asked) == len(wanted)
        for places in (0, 1, 5, 10_000):
            expected = wanted[min(places, len(wanted)) - 1] if places and wanted else None
            assert log.skip(session, asked, places) == expected
