"""Which subscriptions there are, whose credentials open them, and what is left of them on disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import KEY, NOW, Marketo

from mockmkto.model import Client, Credential
from mockmkto.store import turns
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import (
    DuplicateClientError,
    DuplicateUserError,
    GoneError,
    Registry,
    SubscriptionError,
)


@pytest.fixture
def registry(place):
    registry = Registry(place.backend())
    yield registry
    registry.close()


@pytest.fixture
def folder(place) -> Path | None:
    return place.folder


def credential(user_id: str, subscription: str, *keys: str, blocked: bool = False) -> Credential:
    return Credential(user_id, keys or (f"{user_id}-key",), subscription, blocked)


# ---------------------------------------------------------------------------------------------------------------------
# Subscriptions


def test_subscriptions_are_named_in_the_order_in_which_they_were_made(registry):
    for name in ("b", "a", "c"):
        assert registry.create(name).name == name
    registry.delete("a")
    registry.create("a")
    assert registry.names() == ("b", "c", "a")


def test_each_subscription_is_a_database_of_its_own(registry):
    one, other = registry.create("one"), registry.create("other")
    assert (registry.get("one"), registry.get("other"), registry.get("none")) == (one, other, None)
    with one.transaction() as session:
        assert session.take_lead_id() == 1001
    with other.transaction() as session:
        assert session.take_lead_id() == 1001


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "/etc",
        ".hidden",
        "-x",
        "a b",
        "a\n",
        "a\0b",
        "ä",
        "C:",
        "x" * 65,
        "%2e%2e",
    ],
)
def test_a_name_that_could_escape_the_folder_is_refused(registry, folder, name):
    with pytest.raises(SubscriptionError, match="expected 1 to 64 letters"):
        registry.create(name)
    assert registry.names() == ()
    assert folder is None or not (folder / "subscriptions").exists()


@pytest.mark.parametrize("name", ["a", "A-b_c.d", "0", "x" * 64, "a..b"])
def test_a_plain_name_is_taken(registry, folder, name):
    registry.create(name)
    assert folder is None or (folder / "subscriptions" / name).parent == folder / "subscriptions"
    assert registry.names() == (name,)


def test_a_name_that_is_taken_is_refused_and_the_first_stays(registry):
    database = registry.create("a")
    with pytest.raises(SubscriptionError, match="'a' exists already"):
        registry.create("a")
    assert registry.get("a") is database


@pytest.mark.parametrize("change", [Registry.delete, Registry.reset, Registry.set_baseline])
def test_what_is_not_there_cannot_be_changed(registry, change):
    with pytest.raises(SubscriptionError, match="there is no subscription 'a'"):
        change(registry, "a")


def test_a_deleted_subscription_takes_its_credentials_and_its_folder_along(registry, folder):
    for name in ("a", "b"):
        registry.create(name)
        registry.set_credentials(name, [credential(name, name)])
        registry.set_baseline(name)
    assert folder is None or (folder / "subscriptions" / "a" / "subscription.sqlite").exists()
    registry.delete("a")
    assert (registry.names(), registry.get("a"), registry.credential("a")) == (("b",), None, None)
    assert registry.credential("b") is not None
    assert folder is None or [item.name for item in (folder / "subscriptions").iterdir()] == ["b"]
    with registry.create("a").transaction() as session:
        assert session.take_lead_id() == 1001
    registry.set_credentials("b", [credential("a", "b"), credential("b", "b")])


@pytest.mark.sqlite
def test_a_thousand_subscriptions_live_in_one_process():
    registry = Registry()
    for number in range(1000):
        registry.create(f"s{number}")
    for number in range(0, 1000, 7):
        database = registry.get(f"s{number}")
        with database.transaction() as session:
            assert session.take_lead_id() == 1001
    assert len(registry.names()) == 1000
    registry.close()


def test_subscriptions_are_made_and_deleted_in_many_threads(registry):
    def live(number: int) -> None:
        name = f"s{number}"
        registry.create(name)
        registry.set_credentials(name, [credential(name, name)])
        registry.set_baseline(name)
        registry.reset(name)
        assert registry.credential(name).subscription == name
        if number % 2:
            registry.delete(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(live, range(40)))
    assert sorted(registry.names()) == sorted(f"s{number}" for number in range(0, 40, 2))


def test_of_many_who_make_the_same_subscription_one_does(registry):
    def make(_: int) -> bool:
        try:
            registry.create("same")
        except SubscriptionError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(make, range(16))) == 1


# ---------------------------------------------------------------------------------------------------------------------
# Credentials and clients: one rule for both


def client(client_id: str, subscription: str, *secrets: str, blocked: bool = False) -> Client:
    return Client(client_id, secrets or (f"{client_id}-secret",), subscription, "api@example.com", ("Lead",), blocked)


class Kind:
    """What the registry does with one kind of who may call, by the kind's name."""

    def __init__(self, name: str) -> None:
        self.make = {"credential": credential, "client": client}[name]
        self.one = getattr(Registry, name)
        self.all = getattr(Registry, f"{name}s")
        self.set = getattr(Registry, f"set_{name}s")
        self.put = getattr(Registry, f"put_{name}")
        self.delete = getattr(Registry, f"delete_{name}")
        self.taken = {"credential": DuplicateUserError, "client": DuplicateClientError}[name]


@pytest.fixture(params=["credential", "client"])
def kind(request) -> Kind:
    return Kind(request.param)


def test_one_is_found_by_its_id_exactly(registry, kind):
    registry.create("a")
    wanted = kind.make("Ann", "a", "key-1", "key-2", blocked=True)
    kind.set(registry, "a", [wanted])
    assert kind.one(registry, "Ann") == wanted
    assert [kind.one(registry, name) for name in ("ann", "Ann ", "", "%")] == [None] * 4
    assert registry.opened_by(wanted).name == "a"


def test_they_are_listed_in_their_order_of_one_subscription_or_of_all(registry, kind):
    for name in "ab":
        registry.create(name)
    first = [kind.make("z", "a"), kind.make("y", "a")]
    second = [kind.make("x", "b")]
    kind.set(registry, "a", first)
    kind.set(registry, "b", second)
    assert kind.all(registry, "a") == tuple(first)
    assert kind.all(registry) == (*first, *second)
    assert kind.all(registry, "none") == ()


def test_those_that_are_set_replace_those_before(registry, kind):
    registry.create("a")
    kind.set(registry, "a", [kind.make("old", "a"), kind.make("both", "a", "k1")])
    assert kind.one(registry, "both") == kind.make("both", "a", "k1")
    kind.set(registry, "a", [kind.make("both", "a", "k2", "k3")])
    assert kind.one(registry, "old") is None
    assert kind.one(registry, "both") == kind.make("both", "a", "k2", "k3")


def test_one_is_put_behind_the_others_or_in_its_own_place_and_deleted(registry, kind):
    registry.create("a")
    assert [kind.put(registry, kind.make(name, "a", key)) for name, key in ("xk", "yk", "xl")] == [True, True, False]
    assert kind.all(registry, "a") == (kind.make("x", "a", "l"), kind.make("y", "a", "k"))
    assert [kind.delete(registry, "a", "x") for _ in range(2)] == [True, False]
    assert kind.one(registry, "x") is None


def test_an_id_opens_one_subscription_and_a_refused_change_changes_nothing(registry, kind):
    for name in "ab":
        registry.create(name)
    kind.set(registry, "a", [kind.make("ann", "a")])
    kind.set(registry, "b", [kind.make("bob", "b")])
    with pytest.raises(kind.taken, match="'ann' opens subscription 'a' already"):
        kind.set(registry, "b", [kind.make("new", "b"), kind.make("ann", "b")])
    with pytest.raises(kind.taken, match="'ann' opens subscription 'a' already"):
        kind.put(registry, kind.make("ann", "b"))
    assert kind.all(registry, "b") == (kind.make("bob", "b"),)
    assert kind.one(registry, "new") is None


def test_reset_restores_those_of_the_baseline(registry, kind):
    registry.create("a")
    baseline = (kind.make("ann", "a", "k1", "k2"), kind.make("bob", "a", blocked=True))
    kind.set(registry, "a", baseline)
    registry.set_baseline("a")
    kind.set(registry, "a", [kind.make("ann", "a", "other"), kind.make("eve", "a")])
    registry.reset("a")
    assert kind.all(registry, "a") == baseline


def test_a_snapshot_brings_them_back_but_for_what_others_have_by_now(registry, kind):
    for name in "ab":
        registry.create(name)
    kind.set(registry, "a", [kind.make("ann", "a"), kind.make("bob", "a", "k", blocked=True)])
    registry.set_aside(registry.get("a"), "before", NOW)
    kind.set(registry, "a", [kind.make("eve", "a")])
    kind.set(registry, "b", [kind.make("ann", "b")])
    assert registry.go_back(registry.get("a"), "before")
    assert kind.all(registry) == (kind.make("ann", "b"), kind.make("bob", "a", "k", blocked=True))


def test_reset_leaves_those_of_others_alone(registry, kind):
    for name in "ab":
        registry.create(name)
        kind.set(registry, name, [kind.make(name, name)])
        registry.set_baseline(name)
    kind.set(registry, "a", [])
    kind.set(registry, "b", [kind.make("a", "b")])
    registry.reset("a")
    assert kind.one(registry, "a").subscription == "b"
    registry.reset("b")
    assert kind.one(registry, "b").subscription == "b"


def test_an_id_may_be_in_the_baseline_of_two_subscriptions(registry, kind):
    for name in "ab":
        registry.create(name)
    kind.set(registry, "a", [kind.make("ann", "a")])
    registry.set_baseline("a")
    kind.set(registry, "a", [])
    kind.set(registry, "b", [kind.make("ann", "b")])
    registry.set_baseline("b")
    kind.set(registry, "b", [])
    registry.reset("a")
    registry.reset("b")
    assert kind.all(registry) == (kind.make("ann", "a"),)
    assert kind.all(registry, "b", baseline=True) == (kind.make("ann", "b"),)


def test_a_deleted_subscription_takes_them_along(registry, kind):
    for name in "ab":
        registry.create(name)
    kind.set(registry, "a", [kind.make("ann", "a")])
    registry.set_baseline("a")
    registry.delete("a")
    assert (kind.all(registry), kind.all(registry, baseline=True)) == ((), ())
    with pytest.raises(GoneError):
        kind.put(registry, kind.make("ann", "a"))
    kind.set(registry, "b", [kind.make("ann", "b")])


def test_a_new_subscription_has_those_that_it_is_made_with(registry):
    template = registry.template("x", lambda session: None)
    registry.create_as("a", template, [credential("ann", "a")], [client("bob", "a")])
    registry.reset("a")
    assert (registry.credentials("a"), registry.clients("a")) == ((credential("ann", "a"),), (client("bob", "a"),))


def test_a_key_is_never_shown(kind):
    assert KEY not in repr(kind.make("ann", "a", KEY))


def test_a_client_is_found_by_how_its_tokens_begin(registry):
    registry.create("a")
    registry.set_clients("a", [client("ann", "a"), client("bob", "a", "s1")])
    bob = registry.client("bob")
    assert registry.client_marked(bob.mark) == bob
    registry.put_client(client("bob", "a", "s2"))
    assert registry.client_marked(bob.mark).secrets == ("s2",)
    registry.delete_client("a", "bob")
    assert registry.client_marked(bob.mark) is None


# ---------------------------------------------------------------------------------------------------------------------
# What outlives the server


def test_what_is_kept_goes_on_where_it_was(lasting):
    registry = Registry(lasting.backend())
    marketo = Marketo("{subscription: mine, leads: [{Id: 1, Email: ann@example.com}]}", registry)
    marketo.sync({"City": "Oslo"}, Id=1)
    marketo.sync(Email="new@example.com")
    before = marketo.dump()
    registry.close()

    registry = Registry(lasting.backend())
    assert registry.names() == ("mine",)
    assert registry.credential("mockmkto") == Credential("mockmkto", (KEY,), "mine")
    marketo.database = registry.get("mine")
    assert marketo.dump() == before
    registry.reset("mine")
    assert marketo.lead(1).attributes == {}
    with marketo.database.transaction() as session:
        assert session.take_lead_id() == 2
    registry.close()


def test_two_servers_over_one_sandbox_see_each_others_leads(lasting):
    one = Marketo("leads: [{Id: 1}]", Registry(lasting.backend()))
    two = Registry(lasting.backend())
    assert one.sync(Email="new@example.com").lead_id == 2
    with two.get("default").transaction() as session:
        assert session.take_lead_id() == 3
    assert one.sync(Email="newer@example.com").lead_id == 4
    two.close()
    one.registry.close()


@pytest.mark.sqlite
def test_a_file_that_another_process_holds_is_fault_10001_and_a_log_line_and_the_server_goes_on(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(turns, "BUSY_SECONDS", 0.05)
    marketo = Marketo("leads: [{Id: 1}]", Registry(LocalBackend(tmp_path)))
    other = Registry(LocalBackend(tmp_path))
    body = "<ns1:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></ns1:paramsGetLead>"
    request = marketo.envelope(body)
    with other.get("default").transaction():
        answer = marketo.post(request)
        assert (answer.http_status, answer.code, answer.message) == (500, "10001", "Internal error (10001)")
        assert "database is locked" in caplog.text
    assert marketo.post(request).record.id == 1
    assert marketo.sync(Email="new@example.com").lead_id == 2
    other.close()
    marketo.registry.close()


@pytest.mark.sqlite
def test_calls_are_answered_while_another_process_writes_into_the_registry(tmp_path):
    marketo = Marketo("leads: [{Id: 1}]", Registry(LocalBackend(tmp_path)))
    other = Registry(LocalBackend(tmp_path))
    with other._sql.transaction():
        assert marketo.sync(Email="new@example.com").lead_id == 2
    other.close()
    marketo.registry.close()


def test_what_was_closed_can_be_closed_again(registry):
    registry.create("a")
    registry.close()
    registry.close()
