"""Files of the data dir: whose they are, of which version, and that none is ever damaged."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import old_leads
import pytest
from old_fields import OLD_FIELDS, UPGRADED_FIELDS
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from mockmkto.cli import main
from mockmkto.model import Client
from mockmkto.settings import DEFAULT_API_USER, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET
from mockmkto.store import leads, listing, lists, program_members, programs, versions
from mockmkto.store.database import Database
from mockmkto.store.local import LocalBackend, LocalStorage
from mockmkto.store.registry import Registry
from mockmkto.store.sqlite import SqliteDatabase
from mockmkto.store.tables import registry_metadata, subscription_metadata
from mockmkto.store.versions import APPLICATION, SCHEMA, UnusableFileError

pytestmark = pytest.mark.sqlite


def pragmas(path: Path) -> tuple[int, int]:
    """application_id and user_version, as any SQLite tool reads them."""
    raw = sqlite3.connect(path)
    try:
        return tuple(raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
    finally:
        raw.close()


def make(path: Path, *statements: str) -> Path:
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    raw.close()
    return path


_MADE = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+)|CREATE (INDEX|TABLE) (\w+)")


def made_older(path: Path, version: int) -> Path:
    """A file of today as that version, before the fourth, had it: without what was made since; with leads of then."""
    raw = sqlite3.connect(path)
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    raw.close()
    of_file = (text for table, texts in versions.UPGRADES[version].items() if table in tables for text in texts)
    made = [found.groups() for text in of_file if (found := _MADE.match(text)) is not None]
    undone = [
        f"DROP {kind} {name}" if kind else f"ALTER TABLE {table} DROP COLUMN {column}"
        for table, column, kind, name in reversed(made)
    ]
    of_leads = old_leads.OF_SQLITE if "lead" in tables else ()
    return make(path, *of_leads, *undone, f"PRAGMA user_version = {version}")


@pytest.fixture
def data(tmp_path) -> Path:
    """A data dir with a subscription, its baseline, a snapshot and a journal."""
    registry = Registry(LocalBackend(tmp_path))
    database = registry.create("default")
    database.set_baseline()
    assert database.journal.count() == 0
    from mockmkto.clock import system_now

    database.snapshots.take("before", system_now(), ())
    registry.close()
    return tmp_path


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_says_whose_it_is_and_of_which_version(data):
    found = sorted(data.rglob("*.sqlite"))
    assert [path.stem for path in found] == ["registry", "baseline", "journal", "before", "subscription"]
    assert {pragmas(path) for path in found} == {(APPLICATION, SCHEMA)}


def test_the_head_of_a_file_says_so_from_its_first_moment_on(tmp_path):
    database = SqliteDatabase(subscription_metadata, tmp_path / "new.sqlite")
    head = (tmp_path / "new.sqlite").read_bytes()[:100]  # what is there if the process is killed now
    database.close()
    assert int.from_bytes(head[68:72], "big") == APPLICATION
    assert int.from_bytes(head[60:64], "big") == SCHEMA


def test_an_empty_file_is_taken(tmp_path):
    (tmp_path / "registry.sqlite").touch()
    Registry(LocalBackend(tmp_path)).close()
    assert pragmas(tmp_path / "registry.sqlite") == (APPLICATION, SCHEMA)


@pytest.mark.parametrize("name", ["registry", "subscription", "baseline", "journal", "before"])
def test_a_newer_file_is_refused_and_stays_as_it_is(data, name, capsys):
    (path,) = data.rglob(f"{name}.sqlite")
    make(path, f"PRAGMA user_version = {SCHEMA + 1}", "PRAGMA wal_checkpoint(TRUNCATE)")
    before = files(data)
    assert main(["serve", "--port", "0", "--data-dir", str(data)]) == 2
    assert capsys.readouterr().err == (
        f"mockmkto: the data cannot be used: {path} was written by a newer mockmkto, in version {SCHEMA + 1} of "
        f"its tables; this one knows version {SCHEMA}. Choose another folder with --data-dir / MOCKMKTO_DATA_DIR.\n"
    )
    assert {path: before[path] for path in before} == {path: files(data).get(path) for path in before}


@pytest.mark.parametrize("in_wal", [False, True], ids=["", "with a log"])
def test_a_database_of_another_program_is_refused_and_not_touched(tmp_path, in_wal):
    path = tmp_path / "registry.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    if in_wal:
        other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE subscription (name TEXT)")  # even if a table is called like ours
    other.execute("INSERT INTO subscription VALUES ('theirs')")
    before = files(tmp_path)
    with pytest.raises(UnusableFileError, match=r"registry\.sqlite is a database of another program"):
        Registry(LocalBackend(tmp_path))
    assert files(tmp_path) == before
    assert other.execute("SELECT name FROM subscription").fetchall() == [("theirs",)]
    other.close()


@pytest.mark.parametrize("content", [b"x", b"x" * 4096, b"SQLite format 3\0"])
def test_what_is_no_database_is_refused_and_not_touched(tmp_path, content):
    path = tmp_path / "registry.sqlite"
    path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError, match="file is not a database"):
        Registry(LocalBackend(tmp_path))
    assert files(tmp_path) == {path: content}


def test_a_file_in_the_place_of_another_is_refused(data):
    folder = data / "subscriptions" / "default"
    (folder / "journal.sqlite").replace(folder / "subscription.sqlite")
    before = files(data)
    with pytest.raises(UnusableFileError, match=r"subscription\.sqlite is another one of mockmkto's files"):
        Database("default", LocalStorage(folder))
    assert files(data) == before


# ---------------------------------------------------------------------------------------------------------------------
# Older files


@pytest.fixture
def later(monkeypatch):
    """A release of the day after tomorrow, which has changed the registry's tables twice."""
    monkeypatch.setattr(versions, "SCHEMA", SCHEMA + 2)
    upgrades = {
        SCHEMA: {"subscription": ["ALTER TABLE subscription ADD COLUMN colour TEXT"]},
        SCHEMA + 1: {"subscription": ["UPDATE subscription SET colour = 'red'"], "state": ["syntax error"]},
    }
    monkeypatch.setattr(versions, "UPGRADES", upgrades)
    return upgrades


def test_an_older_file_is_upgraded_step_by_step(data, later):
    path = data / "registry.sqlite"
    SqliteDatabase(registry_metadata, path).close()
    assert pragmas(path) == (APPLICATION, SCHEMA + 2)
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT name, colour FROM subscription").fetchall() == [("default", "red")]
    raw.close()


@pytest.mark.parametrize("part", ["subscription", "baseline", "snapshots/before"])
def test_an_older_file_gets_the_tables_that_are_new(data, part, monkeypatch):
    """A reset and a restored snapshot copy the whole of it: they must not bring an older subscription back."""
    path = data / "subscriptions" / "default" / f"{part}.sqlite"
    make(path, "DROP TABLE activity", f"PRAGMA user_version = {SCHEMA}", "PRAGMA wal_checkpoint(TRUNCATE)")
    monkeypatch.setattr(versions, "SCHEMA", SCHEMA + 1)
    monkeypatch.setattr(versions, "UPGRADES", {SCHEMA: {}})
    SqliteDatabase(subscription_metadata, path).close()
    raw = sqlite3.connect(path)
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    raw.close()
    assert tables >= set(subscription_metadata.tables)


def test_cookies_of_the_first_version_are_known_by_their_tokens(tmp_path):
    """Of two that are one now, the one that was written last stays; each is shown as it was sent."""
    path = tmp_path / "old.sqlite"
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE cookie (cookie TEXT PRIMARY KEY, lead_id INTEGER, written_order INTEGER) WITHOUT ROWID")
    rows = [("1-A&token:x", 1, 1), ("token:x", 2, 5), ("2-B&token:y", 3, 2), ("plain", 4, 3)]
    raw.executemany("INSERT INTO cookie VALUES (?, ?, ?)", rows)
    raw.execute("PRAGMA user_version = 1")
    raw.commit()
    raw.isolation_level = None
    versions.upgrade(raw, path)
    found = raw.execute("SELECT cookie, lead_id, shown FROM cookie ORDER BY lead_id").fetchall()
    raw.close()
    assert found == [("token:x", 2, "token:x"), ("token:y", 3, "2-B&token:y"), ("plain", 4, "plain")]


@pytest.mark.parametrize(
    ("user_id", "key", "there"),
    [
        ("mockmkto", "mockmkto-encryption-key", [("default",)]),
        ("mockmkto", "another-key", []),
        ("ann", "mockmkto-encryption-key", []),
    ],
)
def test_where_the_built_in_credential_opens_a_subscription_the_built_in_client_does(data, user_id, key, there):
    path = data / "registry.sqlite"
    rows = [
        f"INSERT INTO {table} VALUES ('{user_id}', 'default', 1, '[\"{key}\"]', 0)"
        for table in ("credential", "baseline_credential")
    ]
    made_older(path, 4)
    make(path, "DROP TABLE client", "DROP TABLE baseline_client", *rows, "PRAGMA user_version = 2")
    registry = Registry(LocalBackend(data))
    built_in = Client(DEFAULT_CLIENT_ID, (DEFAULT_CLIENT_SECRET,), "default", DEFAULT_API_USER)
    for baseline in (False, True):
        assert registry.clients(baseline=baseline) == tuple(built_in for _ in there)
    assert registry.client_marked(built_in.mark) == (built_in if there else None)
    registry.close()


def test_a_snapshot_of_before_there_were_clients_leaves_them_as_they_are(data):
    path = data / "subscriptions" / "default" / "snapshots" / "before.sqlite"
    made_older(path, 2)
    registry = Registry(LocalBackend(data))
    client = Client("ann", ("secret",), "default", "api@example.com")
    registry.put_client(client)
    assert registry.go_back(registry.get("default"), "before")
    assert registry.clients() == (client,)
    registry.close()


def test_fields_of_before_get_ids_and_rest_names_and_those_that_were_not_there(tmp_path):
    """What the subscription has stays as it is; its own fields are counted by their names."""
    path = tmp_path / "old.sqlite"
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in OLD_FIELDS:
        raw.execute(statement)
    raw.execute("PRAGMA user_version = 2")
    versions.upgrade(raw, path)
    columns = "SELECT name, id, type, rest_name, rest_read_only, soap, html_encoded FROM field"
    found = {row[0]: row[1:] for row in raw.execute(columns)}
    indexes = raw.execute("SELECT count(*), count(DISTINCT id) FROM field").fetchone()
    raw.close()
    assert UPGRADED_FIELDS.items() <= found.items()
    assert "MarketoSocialGender" not in found  # its REST name is another's
    assert indexes == (len(found), len(found))


def test_external_keys_of_before_are_known_by_their_name_in_rest(tmp_path):
    path = tmp_path / "old.sqlite"
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("CREATE TABLE opportunity (id INTEGER, external_name TEXT, external_value TEXT)")
    raw.execute("CREATE TABLE opportunity_key (name TEXT, value TEXT, opportunity_id INTEGER)")
    raw.execute(
        "INSERT INTO opportunity VALUES (1, 'Opp Id', ' O-1 '), (2, NULL, NULL), (3, 'externalOpportunityId', 'O-3')"
    )
    raw.execute("INSERT INTO opportunity_key VALUES ('opp id', 'O-1', 1), ('externalopportunityid', 'O-3', 3)")
    raw.execute("PRAGMA user_version = 2")
    versions.upgrade(raw, path)
    found = raw.execute("SELECT * FROM opportunity_key ORDER BY opportunity_id, name").fetchall()
    raw.close()
    assert found == [("externalopportunityid", "O-1", 1), ("opp id", "O-1", 1), ("externalopportunityid", "O-3", 3)]


def schema(path: Path) -> set[tuple[str, ...]]:
    """The columns and indexes of leads."""
    raw = sqlite3.connect(path)
    columns = {tuple(map(str, row)) for row in raw.execute("PRAGMA table_info(lead)")}
    indexes = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'lead'").fetchall()
    raw.close()
    return columns | set(indexes)


@pytest.mark.parametrize("version", [2, 3])
def test_leads_of_an_older_file_are_what_they_were(data, version):
    """As they stand, after a reset and in a snapshot; and kept as those of a new file are."""
    folder = data / "subscriptions" / "default"
    paths = [folder / f"{name}.sqlite" for name in ("subscription", "baseline", "snapshots/before")]
    new = [schema(path) for path in paths]
    for path in paths:
        made_older(path, version)
    assert [schema(path) for path in paths] != new
    registry = Registry(LocalBackend(data))
    database = registry.get("default")
    found = []
    for go_back in (lambda: None, lambda: registry.reset("default"), lambda: database.snapshots.restore("before")):
        go_back()
        with database.transaction() as session:
            assert session.connection.exec_driver_sql(old_leads.E_MAILS).all() == old_leads.KEPT
            found.append(tuple(item.lead for item in listing.all_leads(session)))
            for lead in old_leads.UPGRADED:
                leads.delete_lead(session, lead.id)
    registry.close()
    assert found == [old_leads.UPGRADED] * 3
    assert [schema(path) for path in paths] == new


def test_leads_of_an_older_file_are_found_as_before(data):
    made_older(data / "subscriptions" / "default" / "subscription.sqlite", 3)
    registry = Registry(LocalBackend(data))
    with registry.get("default").transaction() as session:
        assert leads.ids_by_email(session, "ANN@example.com") == (1, 2)
        assert leads.ids_by_email(session, "ann@example.com", newest_created=True) == (2, 1)
        assert leads.ids_by_email(session, "") == (9_007_199_254_740_993,)
    registry.close()


def test_programs_and_lists_of_an_older_file_have_no_descriptions(data):
    path = data / "subscriptions" / "default" / "subscription.sqlite"
    moments = "'2026-03-14T09:26:53+00:00', '2026-03-14T09:26:53+00:00'"
    make(
        made_older(path, 2),
        "INSERT INTO program (id, name, folded_name, type, workspace, tags, tokens, costs, archived, created_at, "
        f"updated_at) VALUES (1, 'P', 'p', 'Marketing Program', 'Default', '{{}}', '{{}}', '[]', 0, {moments})",
        f"INSERT INTO static_list (id, name, folded_name, created_at, updated_at) VALUES (2, 'L', 'l', {moments})",
    )
    registry = Registry(LocalBackend(data))
    with registry.get("default").transaction() as session:
        assert [item.description for item in programs.all_programs(session)] == [""]
        assert [(item.description, item.folder_id) for item in lists.all_lists(session)] == [(None, None)]
        assert program_members.all_members(session) == ()
    registry.close()


def test_an_upgraded_file_says_so_in_its_head(data, later):
    database = SqliteDatabase(registry_metadata, data / "registry.sqlite")
    head = (data / "registry.sqlite").read_bytes()[:100]  # while it is open
    database.close()
    assert int.from_bytes(head[60:64], "big") == SCHEMA + 2


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(data, later):
    path = data / "subscriptions" / "default" / "subscription.sqlite"
    before = path.read_bytes()
    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        SqliteDatabase(subscription_metadata, path)
    assert path.read_bytes() == before
    assert pragmas(path) == (APPLICATION, SCHEMA)


def test_a_file_that_is_too_old_is_refused_and_not_touched(data, monkeypatch):
    monkeypatch.setattr(versions, "SCHEMA", SCHEMA + 1)
    before = files(data)
    with pytest.raises(UnusableFileError, match=r"written by an older mockmkto, .* export it with the older one"):
        Registry(LocalBackend(data))
    assert {path: content for path, content in files(data).items() if path in before} == before


# ---------------------------------------------------------------------------------------------------------------------
# What a killed process leaves


def test_a_baseline_that_was_only_begun_is_none(tmp_path):
    database = Database("default", LocalStorage(tmp_path))
    database.close()
    SqliteDatabase(subscription_metadata, tmp_path / "baseline.sqlite").close()  # and then it was killed
    database = Database("default", LocalStorage(tmp_path))
    assert not database.has_baseline
    database.set_baseline()
    database.reset()
    database.close()


def test_what_is_left_of_a_deleted_subscription_is_not_found_in_a_new_one(data):
    registry = Registry(LocalBackend(data))
    registry.create("gone")
    folder = data / "subscriptions" / "gone"

    def be_killed(self, name, unless=None):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalBackend, "clear", be_killed)
        with pytest.raises(KeyboardInterrupt):
            registry.delete("gone")
    assert registry.get("gone") is None
    (folder / "journal.sqlite").write_bytes((data / "subscriptions" / "default" / "journal.sqlite").read_bytes())
    made = registry.create("gone")
    assert not made.has_baseline
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".sqlite") == ["subscription.sqlite"]
    registry.close()


def test_an_index_of_postgresql_is_upgraded_to_what_a_new_one_has():
    (index,) = (item for item in subscription_metadata.tables["lead_key"].indexes if item.name == "lead_key_by_key")
    made = str(CreateIndex(index).compile(dialect=postgresql.dialect()))
    assert versions.FURTHER_OF_POSTGRESQL[2]["lead_key"] == ["DROP INDEX lead_key_by_key", made]
