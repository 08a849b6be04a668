"""docs/postgresql.md: its commands and queries are run, and its schemas are those that there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from databases import POOL
from server_process import ServerProcess
from sqlalchemy import create_engine
from support import Marketo

from mockmkto.clock import system_now
from mockmkto.store.connecting import LOCK_SECONDS
from mockmkto.store.registry import Registry
from mockmkto.store.schemas import DEFAULT_SCHEMA, PostgresBackend

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "postgresql.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def backend(postgresql) -> PostgresBackend:
    return POOL.take(until_closed=False)


def test_the_server_of_the_page_starts(backend, postgresql, tmp_path):
    (commands,) = blocks("sh")
    install, serve = commands.splitlines()
    assert install == "pip install 'mockmkto[postgres]'"
    words = serve.split()
    assert words[:2] == ["mockmkto", "serve"]
    assert words[-2] == "--database-url"
    assert words[-1].startswith("postgresql+psycopg://")
    words[-1] = f"{postgresql}?schema={backend._root}"
    server = ServerProcess(tmp_path / "log", *words[2:]).ready()
    try:
        assert server.client.sync("ann@example.com")[0] == "CREATED"
    finally:
        server.stop()


def test_the_queries_of_the_page_answer(backend, postgresql):
    marketo = Marketo("leads: [{Id: 1, Email: ann@example.com, attributes: {FirstName: Ann}}]", Registry(backend))
    grant, look = blocks("sql")
    engine = create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(grant.replace("DATABASE mockmkto", "DATABASE postgres"))
        found = connection.exec_driver_sql(look.replace("mockmkto$", f"{backend._root}$")).all()
    engine.dispose()
    assert found == [(1, "ann@example.com", "Ann")]
    assert marketo.lead(1).email == "ann@example.com"


def test_the_schemas_of_the_page_are_those_that_there_are(backend, postgresql):
    marketo = Marketo("{}", Registry(backend))
    marketo.sync(Email="ann@example.com")
    marketo.registry.set_aside(marketo.database, "NAME", system_now())
    engine = create_engine(postgresql)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT nspname::text FROM pg_namespace WHERE nspname = %(root)s OR nspname LIKE %(more)s",
            {"root": backend._root, "more": f"{backend._root}$%"},
        ).scalars()
        there = {name.replace(backend._root, DEFAULT_SCHEMA) for name in found}
    engine.dispose()
    assert there == set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))


def test_the_figures_of_the_page_are_those_of_the_code(backend):
    assert f"more than {LOCK_SECONDS:.0f} seconds" in PAGE
    pools = [engine.pool for engine in (backend._engine, backend._registry_engine)]
    most = sum(pool.size() + pool._max_overflow for pool in pools) + 2  # and those of presence and gate
    assert f"up to {most} connections" in PAGE


def test_without_the_extra_the_setting_says_what_to_install(tmp_path):
    """In a Python that cannot import psycopg."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from mockmkto.cli import main\n"
        "sys.exit(main(['serve', '--port', '0', '--database-url', 'postgresql://127.0.0.1/x']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'mockmkto[postgres]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_compose_file_for_postgresql_goes_with_the_other_one():
    files = [yaml.safe_load((ROOT / "docker" / name).read_text()) for name in ("compose.yaml", "compose.postgres.yaml")]
    services = files[1]["services"]
    address = services["mockmkto"]["environment"]["MOCKMKTO_DATABASE_URL"]
    user, database = re.fullmatch(
        r"postgresql\+psycopg://(\w+):\$\{POSTGRES_PASSWORD:-\w+\}@database:5432/(\w+)", address
    ).groups()
    assert services["database"]["environment"]["POSTGRES_USER"] == user
    assert services["database"]["environment"]["POSTGRES_DB"] == database
    assert set(files[0]["services"]) <= set(services)
    for name in ("mockmkto", "mockmkto-2"):
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
        assert services[name]["environment"]["MOCKMKTO_DATABASE_URL"] == address
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    assert re.search(r'^ARG EXTRAS="[a-z,]*\bpostgres\b', dockerfile, re.MULTILINE)
