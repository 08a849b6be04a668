"""A data dir of which something is lost or damaged: the server says which file, and touches nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mockmkto.cli import main
from mockmkto.clock import system_now
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import Settings
from mockmkto.store import snapshots
from mockmkto.store.local import LocalBackend
from mockmkto.store.registry import Registry
from mockmkto.store.versions import UnusableFileError

pytestmark = pytest.mark.sqlite

REGISTRY = "registry.sqlite"
DEFAULT = "subscriptions/default/"
ALL = [REGISTRY, *(f"{DEFAULT}{name}.sqlite" for name in ("subscription", "baseline", "journal", "snapshots/before"))]


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder in which a server was: a subscription with a journal and a snapshot."""
    folder = tmp_path / "data"
    with MarketoServer(Settings(port=0, fixture=("demo",), data_dir=folder)) as server:
        database = server.registry.get("default")
        assert database.journal.count() == 0
        database.snapshots.take("before", system_now(), ())
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "server.lock"
    }


def start(folder: Path) -> int:
    return main(["serve", "--port", "0", "--data-dir", str(folder), "--fixture", "demo"])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"garbage" * 1000),
    "cut short": cut,
    "another file of ours": lambda path: path.write_bytes(
        (path.parents[2 if "snapshots" in path.parts else 1] / "default" / "journal.sqlite").read_bytes()
        if path.name not in (REGISTRY, "journal.sqlite")
        else next(path.parent.rglob("baseline.sqlite")).read_bytes()
    ),
}
HARMLESS = {("gone", ALL[3]), ("gone", ALL[4])}  # a journal is made when it is needed; a snapshot may be taken away


@pytest.mark.parametrize("file", ALL, ids=lambda file: Path(file).stem)
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_lost_or_damaged_is_named_and_nothing_is_touched(damage, file, data, capsys):
    if (damage, file) in HARMLESS:
        pytest.skip("that loses nothing else")
    DAMAGES[damage](data / file)
    before = files(data)
    assert start(data) == 2
    said = capsys.readouterr().err
    assert str(data / file) in said
    assert said.endswith("MOCKMKTO_DATA_DIR.\n")
    assert files(data) == before


def test_what_is_to_be_done_is_said(data, capsys):
    (data / REGISTRY).unlink()
    assert start(data) == 2
    assert capsys.readouterr().err == (
        f"mockmkto: the data cannot be used: {data}/registry.sqlite is not there, and it knows which subscriptions "
        f"there are (default). Nothing was changed. Put a copy of it in its place, or move {data} away to begin anew. "
        "Choose another folder with --data-dir / MOCKMKTO_DATA_DIR.\n"
    )


def test_a_registry_that_knows_no_subscription_any_more_has_lost_them(data, tmp_path, capsys):
    Registry(LocalBackend(tmp_path / "other")).close()
    shutil.copy(tmp_path / "other" / REGISTRY, data / REGISTRY)
    before = files(data)
    assert start(data) == 2
    assert "registry.sqlite is without a subscription, and it knows" in capsys.readouterr().err
    assert files(data) == before


def test_a_folder_that_the_registry_does_not_know_is_never_removed(data, caplog):
    stranger = data / "subscriptions" / "stranger"
    shutil.copytree(data / "subscriptions" / "default", stranger)
    before = files(stranger)
    with MarketoServer(Settings(port=0, fixture=("demo",), data_dir=data)) as server:
        assert server.registry.names() == ("default",)
        assert f"{stranger} is of no subscription that the registry knows: it is left alone" in caplog.text
        with pytest.raises(UnusableFileError, match=r"stranger is there, and the registry knows no subscription"):
            server.registry.create("stranger")
        assert "stranger" not in server.registry.names()
    assert files(stranger) == before


@pytest.mark.parametrize("left", [(), ("subscription",), ("subscription", "journal"), ("subscription", "baseline")])
def test_a_subscription_whose_making_was_broken_off_is_cleared_up(left, data):
    registry = Registry(LocalBackend(data))

    def be_killed() -> None:
        with registry.making("half"):
            registry.create("half").set_baseline()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        be_killed()
    registry.close()
    folder = data / "subscriptions" / "half"
    for path in folder.glob("*.sqlite*"):
        if path.stem not in left:
            path.unlink()
    (folder / "baseline.sqlite.new").write_bytes(b"")  # as it was being made
    with MarketoServer(Settings(port=0, fixture=("demo",), data_dir=data)) as server:
        assert not folder.exists()
        server.registry.create("half")
        assert server.registry.names() == ("default", "half")


def test_a_deletion_that_was_broken_off_is_finished_by_the_next_start(data, monkeypatch):
    registry = Registry(LocalBackend(data))
    registry.create("going").set_baseline()

    def be_killed(folder):
        (folder / "subscription.sqlite").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", be_killed)
        with pytest.raises(KeyboardInterrupt):
            registry.delete("going")
    registry.close()
    with MarketoServer(Settings(port=0, fixture=("demo",), data_dir=data)) as server:
        assert server.registry.names() == ("default",)
    assert not (data / "subscriptions" / "going").exists()


def test_a_file_is_in_its_place_only_when_it_is_a_database(tmp_path, monkeypatch):
    from mockmkto.store import sqlite
    from mockmkto.store.tables import registry_metadata

    def be_killed(raw):
        raise KeyboardInterrupt

    path = tmp_path / "made.sqlite"
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "mark", be_killed)
        with pytest.raises(KeyboardInterrupt):
            sqlite.SqliteDatabase(registry_metadata, path)
    assert not path.exists()
    sqlite.SqliteDatabase(registry_metadata, path).close()
    assert [item.name for item in tmp_path.iterdir()] == ["made.sqlite"]


def test_an_empty_registry_without_subscriptions_is_a_new_one(tmp_path):
    (tmp_path / REGISTRY).touch()
    with MarketoServer(Settings(port=0, data_dir=tmp_path)) as server:
        assert server.registry.names() == ("default",)


def test_a_snapshot_that_is_taken_anew_is_the_old_one_until_it_is_whole(data, monkeypatch):
    registry = Registry(LocalBackend(data))
    database = registry.get("default")
    before = database.snapshots.all()

    def be_killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "insert", be_killed)  # it is copied, and not described yet
        with pytest.raises(KeyboardInterrupt):
            database.snapshots.take("before", system_now(), ())
    registry.close()
    again = Registry(LocalBackend(data))
    assert again.get("default").snapshots.all() == before
    again.close()
