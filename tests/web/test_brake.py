"""Tokens cannot be tried without an end: whoever sends many wrong ones is not listened to for a while."""

from __future__ import annotations

import pytest
from support import Marketo
from werkzeug.test import Client

from mockmkto.web.app import create_app
from mockmkto.web.brake import FREE_TRIES, LONGEST_PAUSE, MOST_KNOWN, Brake
from mockmkto.web.guard import Guard
from mockmkto.web.site import Site

HERE, THERE = "10.0.0.1", "10.0.0.2"


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def brake(time) -> Brake:
    return Brake(time)


def wrong(brake: Brake, times: int, address: str = HERE) -> None:
    for _ in range(times):
        brake.tried(address, right=False)


def test_a_few_wrong_tokens_cost_nothing(brake):
    wrong(brake, FREE_TRIES)
    assert brake.pause(HERE) == 0


def test_each_further_one_costs_twice_as_long_up_to_a_limit(brake, time):
    wrong(brake, FREE_TRIES)
    paused = []
    for _ in range(9):
        wrong(brake, 1)
        paused.append(brake.pause(HERE))
        time.now += paused[-1]
        assert brake.pause(HERE) == 0
    assert paused == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_other_addresses_are_listened_to(brake):
    wrong(brake, FREE_TRIES + 1)
    assert (brake.pause(HERE) > 0, brake.pause(THERE)) == (True, 0)


def test_the_right_token_forgives_the_wrong_ones(brake, time):
    wrong(brake, FREE_TRIES)
    brake.tried(HERE, right=True)
    wrong(brake, FREE_TRIES)
    assert brake.pause(HERE) == 0


def test_what_is_remembered_is_bounded(brake):
    for number in range(MOST_KNOWN + 10):
        brake.tried(str(number), right=False)
    assert len(brake._wrong) == MOST_KNOWN


def test_the_control_api_listens_to_nobody_who_tries_many_tokens(time):
    marketo = Marketo("{}")
    site = Site(marketo.server, marketo.registry, guard=Guard("right", brake=Brake(time)))
    site.ready.set()
    client = Client(create_app(site))

    def ask(token: str | None, address: str = HERE):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return client.get("/__admin/health", headers=headers, environ_overrides={"REMOTE_ADDR": address})

    assert {ask(None).status_code for _ in range(FREE_TRIES * 2)} == {401}  # that tries nothing
    assert {ask(f"t{number}").status_code for number in range(FREE_TRIES + 1)} == {401}
    refused = ask("right")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json["detail"] == f"Too many wrong tokens came from {HERE}: try again in 1 s."
    assert ask("right", THERE).status_code == 200
    time.now += 1
    assert ask("right").status_code == 200
