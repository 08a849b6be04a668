"""SQLite's own plan of every statement that a call waits for: through an index, never a scan, never a sort."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Delete, Executable, Select, Update
from support import Marketo

from mockmkto.store import (
    activities,
    bulk,
    bulk_parts,
    callers,
    campaigns,
    companies,
    custom_objects,
    imports,
    lead_windows,
    leads,
    lists,
    log,
    objects,
    program_members,
    programs,
    streams,
    tokens,
    usage,
)

pytestmark = pytest.mark.sqlite


@pytest.fixture
def marketo() -> Marketo:
    return Marketo()


def plan(connection: Connection, statement: Executable) -> list[str]:
    compiled = statement.compile(dialect=connection.dialect)
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (None,) * len(compiled.positiontup or ()))
    return [row.detail for row in rows]


FINDERS = {
    **leads.FINDERS,
    **lists.FINDERS,
    **campaigns.FINDERS,
    **imports.FINDERS,
    **programs.FINDERS,
    **program_members.FINDERS,
    **objects.FINDERS,
    **companies.FINDERS,
    **custom_objects.FINDERS,
    **activities.FINDERS,
    **log.FINDERS,
    **bulk.FINDERS,
    **bulk_parts.FINDERS,
    **usage.FINDERS,
    **lead_windows.FINDERS,
}
# One for each of the few programs, lists or leads of one e-mail that are found; never one over members or requests.
SORTED_AFTERWARDS = {
    "list by name",
    "campaign by name",
    "lists of a lead",
    "requests and runs of a lead",
    "Email, most recently created",
}


@pytest.mark.parametrize("name", FINDERS)
def test_no_finder_scans_or_sorts(marketo, name):
    with marketo.database.transaction() as session:
        steps = plan(session.connection, FINDERS[name])
    steps = [step for step in steps if name not in SORTED_AFTERWARDS or "ORDER BY" not in step]
    assert steps
    assert all(step.startswith(("SEARCH ", "CORRELATED ")) for step in steps), steps


def test_every_query_for_leads_is_among_the_finders():
    queries = {name: item for name, item in vars(leads).items() if isinstance(item, Select)}
    known = {id(item) for item in leads.FINDERS.values()}
    assert {name for name, item in queries.items() if id(item) not in known} == {"_count"}


@pytest.mark.parametrize("name", ["_update_lead", "_delete_lead", "_delete_lead_keys"])
def test_no_change_of_a_lead_scans(marketo, name):
    with marketo.database.transaction() as session:
        steps = plan(session.connection, getattr(leads, name))
    assert all(step.startswith("SEARCH ") for step in steps), steps


@pytest.mark.parametrize("module", [objects, companies, custom_objects])
def test_every_query_for_objects_is_among_the_finders(module):
    queries = {name: item for name, item in vars(module).items() if isinstance(item, Select)}
    known = {id(item) for item in module.FINDERS.values()}
    counts = {"_count", "_count_of_type", "_count_opportunities", "_count_roles"}
    assert {name for name, item in queries.items() if id(item) not in known} <= {*counts, "_all_of_type"}


CHANGES = [
    (module, name)
    for module in (objects, custom_objects)
    for name, item in vars(module).items()
    if isinstance(item, Update | Delete) and name not in ("_delete_type", "_delete_type_keys")
]


@pytest.mark.parametrize("name", streams.FINDERS)
def test_leads_of_a_span_are_looked_for_through_indexes(marketo, name):
    """What two of them found together is scanned and sorted: that is of the size of the span."""
    with marketo.database.transaction() as session:
        steps = plan(session.connection, streams.FINDERS[name])
    read = [step for step in steps if step.startswith(("SEARCH", "SCAN")) and step != "SCAN anon_1"]
    assert read
    assert all(step.startswith("SEARCH ") for step in read), steps


@pytest.mark.parametrize("name", ["_move", "_delete_of_lead", "_delete"])
def test_no_change_of_the_log_scans(marketo, name):
    with marketo.database.transaction() as session:
        steps = plan(session.connection, getattr(activities, name))
    assert all(step.startswith("SEARCH ") for step in steps), steps


@pytest.mark.parametrize(("module", "name"), CHANGES)
def test_no_change_of_an_object_scans(marketo, module, name):
    with marketo.database.transaction() as session:
        steps = plan(session.connection, getattr(module, name))
    assert all(step.startswith("SEARCH ") for step in steps), steps


@pytest.mark.parametrize(
    "statement", [callers.CREDENTIALS.by_id, callers.CLIENTS.by_id, callers.BY_MARK], ids=["user", "client", "mark"]
)
def test_a_caller_is_found_through_an_index(marketo, statement):
    with marketo.registry._sql.transaction() as connection:
        steps = plan(connection, statement)
    assert steps
    assert all(step.startswith("SEARCH ") for step in steps), steps


@pytest.mark.parametrize("name", [name for name, item in vars(tokens).items() if isinstance(item, Select | Delete)])
def test_a_token_is_found_through_an_index(marketo, name):
    with marketo.database.transaction() as session:
        steps = plan(session.connection, getattr(tokens, name))
    assert steps
    assert all(step.startswith("SEARCH ") for step in steps), steps
