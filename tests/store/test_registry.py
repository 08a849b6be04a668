"""Which subscriptions there are, whose credentials open them, and what is left of them on disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import KEY, Marketo

from mockmkto.model import Credential
from mockmkto.store import turns
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import DuplicateUserError, Registry, SubscriptionError


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
# Credentials


def test_a_credential_is_found_by_its_user_id_exactly(registry):
    registry.create("a")
    wanted = credential("Ann", "a", "key-1", "key-2", blocked=True)
    registry.set_credentials("a", [wanted])
    assert registry.credential("Ann") == wanted
    assert [registry.credential(name) for name in ("ann", "Ann ", "", "%")] == [None] * 4


def test_credentials_are_listed_in_their_order_of_one_subscription_or_of_all(registry):
    for name in "ab":
        registry.create(name)
    first = [credential("z", "a"), credential("y", "a")]
    second = [credential("x", "b")]
    registry.set_credentials("a", first)
    registry.set_credentials("b", second)
    assert registry.credentials("a") == tuple(first)
    assert registry.credentials() == (*first, *second)
    assert registry.credentials("none") == ()


def test_credentials_that_are_set_replace_those_before(registry):
    registry.create("a")
    registry.set_credentials("a", [credential("old", "a"), credential("both", "a", "k1")])
    registry.set_credentials("a", [credential("both", "a", "k2", "k3")])
    assert registry.credential("old") is None
    assert registry.credential("both").encryption_keys == ("k2", "k3")


def test_a_user_id_opens_one_subscription_and_a_refused_change_changes_nothing(registry):
    for name in "ab":
        registry.create(name)
    registry.set_credentials("a", [credential("ann", "a")])
    registry.set_credentials("b", [credential("bob", "b")])
    with pytest.raises(DuplicateUserError, match="'ann' opens subscription 'a' already"):
        registry.set_credentials("b", [credential("new", "b"), credential("ann", "b")])
    assert [item.user_id for item in registry.credentials("b")] == ["bob"]
    assert registry.credential("new") is None


def test_reset_restores_the_credentials_of_the_baseline(registry):
    registry.create("a")
    baseline = (credential("ann", "a", "k1", "k2"), credential("bob", "a", blocked=True))
    registry.set_credentials("a", baseline)
    registry.set_baseline("a")
    registry.set_credentials("a", [credential("ann", "a", "other"), credential("eve", "a")])
    registry.reset("a")
    assert registry.credentials("a") == baseline


def test_reset_leaves_the_credentials_of_others_alone(registry):
    for name in "ab":
        registry.create(name)
        registry.set_credentials(name, [credential(name, name)])
        registry.set_baseline(name)
    registry.set_credentials("a", [])
    registry.set_credentials("b", [credential("a", "b")])
    registry.reset("a")
    assert registry.credential("a").subscription == "b"
    registry.reset("b")
    assert registry.credential("b").subscription == "b"


def test_a_user_id_may_be_in_the_baseline_of_two_subscriptions(registry):
    for name in "ab":
        registry.create(name)
    registry.set_credentials("a", [credential("ann", "a")])
    registry.set_baseline("a")
    registry.set_credentials("a", [])
    registry.set_credentials("b", [credential("ann", "b")])
    registry.set_baseline("b")
    registry.set_credentials("b", [])
    registry.reset("a")
    registry.reset("b")
    assert registry.credentials() == (credential("ann", "a"),)
    assert registry.credentials("b", baseline=True) == (credential("ann", "b"),)


def test_a_key_is_never_shown():
    assert KEY not in repr(credential("ann", "a", KEY))


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
