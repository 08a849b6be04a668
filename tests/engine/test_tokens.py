"""Access tokens of the REST API: whose they are, how long they live, and what is said of one that does not."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from support import NOW

from mockmkto.clock import Clock
from mockmkto.engine import tokens
from mockmkto.model import Client
from mockmkto.store.registry import Registry
from mockmkto.store.tables import token

ANN = Client("ann", ("secret",), "default", "api@example.com")
BOB = Client("bob", ("secret",), "default", "api@example.com")


class Identity:
    """A subscription whose clock stands still, asked as the identity service and as the API ask it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.database = registry.create("default")
        self.later(0)
        registry.set_baseline("default")

    def later(self, seconds: float) -> None:
        with self.database.transaction() as session:
            frozen = session.clock.frozen_at or NOW
            session.clock = Clock(frozen_at=frozen + dt.timedelta(seconds=seconds))

    def issue(self, client: Client = ANN) -> tokens.IssuedToken:
        with self.database.transaction() as session:
            return tokens.issue(session, client)

    def check(self, text: str, client: Client = ANN) -> int | None:
        with self.database.transaction() as session:
            error = tokens.check(session, client, text)
        return error.code if error is not None else None

    def end(self) -> None:
        with self.database.transaction() as session:
            tokens.end(session, ANN)

    @property
    def stored(self) -> int:
        with self.database.transaction() as session:
            return len(session.rows(token.select()))


@pytest.fixture
def identity(place):
    registry = Registry(place.backend())
    yield Identity(registry)
    registry.close()


def test_a_token_is_a_uuid_and_a_pod_and_says_whose_it_is(identity):
    text = identity.issue().text
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}:ab", text)
    assert tokens.mark_of(text) == ANN.mark != BOB.mark


@pytest.mark.parametrize(
    "text", ["", "x", "{0}x1", "{0}\n", " {0}", "x{0}", "0" * 36 + ":ab", "00000000-0000-0000-0000-000000000000"]
)
def test_what_has_not_the_form_of_a_token_is_nobodys(identity, text):
    assert tokens.mark_of(text.format(identity.issue().text)) is None


def test_asking_again_gives_the_same_token_with_the_rest_of_its_life(identity):
    first = identity.issue()
    rest = [identity.issue()]
    for seconds in (5, 0.5, 3594, 0.499999):
        identity.later(seconds)
        rest.append(identity.issue())
    assert {item.text for item in rest} == {first.text}
    assert [first.seconds_left, *(item.seconds_left for item in rest)] == [3599, 3599, 3594, 3594, 0, 0]
    identity.later(0.000001)
    assert identity.issue().text != first.text


def test_each_client_has_a_token_of_its_own(identity):
    ann, bob = identity.issue(ANN).text, identity.issue(BOB).text
    assert ann != bob
    assert (identity.check(ann, ANN), identity.check(bob, BOB)) == (None, None)
    assert (identity.check(ann, BOB), identity.check(bob, ANN)) == (601, 601)
    assert identity.check(ann, ANN) is None  # what is said of a token to another client does not end it


def test_the_first_use_after_the_end_is_602_and_every_other_601(identity):
    old = identity.issue().text
    identity.later(3599)
    assert identity.check(old) is None
    identity.later(1)
    new = identity.issue().text  # whether or not there is another one by then
    assert [identity.check(old) for _ in range(3)] == [602, 601, 601]
    assert identity.check(new) is None


def test_what_nobody_was_given_is_601(identity):
    assert identity.check(f"{ANN.mark[:8]}-{ANN.mark[8:]}-4000-8000-000000000000:ab") == 601


def test_a_token_that_was_ended_is_601_and_the_next_is_another(identity):
    text = identity.issue().text
    identity.end()
    assert identity.check(text) == 601
    identity.end()  # of nothing
    assert identity.issue().text != text


def test_while_the_clock_stands_still_so_does_the_life(identity):
    assert [identity.issue().seconds_left for _ in range(3)] == [3599] * 3


def test_a_clock_that_is_put_back_does_not_make_a_life_longer(identity):
    text = identity.issue().text
    identity.later(-86400)
    assert identity.issue() == (text, 3599)
    identity.later(3600)
    assert identity.check(text) == 602


def test_a_reset_forgets_every_token_that_the_baseline_had_too(identity):
    text = identity.issue().text
    identity.registry.set_baseline("default")
    assert identity.check(text) is None
    identity.registry.reset("default")
    assert (identity.check(text), identity.stored) == (601, 0)


def test_tokens_that_nobody_uses_go_away(identity):
    for _ in range(40):
        identity.issue()
        identity.later(3600)
    assert identity.stored == 1 + 25  # the last one, and those that expired within a day before it was issued
