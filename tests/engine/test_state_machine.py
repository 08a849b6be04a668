"""Any sequence of calls leaves Marketo exactly as the rules say: the engine beside a model that shares nothing with it.

Keys are drawn from pools of three, workspaces are on or off, and the switches are drawn once for each sequence. After
every call the answer, the trace and everything that is stored are compared; a fault leaves every row as it was.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from support import NOW, Answer, Marketo, decided_by
from upsert_model import Answered, Model, ModelLead, Refused, Request, Switches, compared
from upsert_requests import (
    ANYTHING,
    CORRECTION,
    FORM_FILL,
    IMPORT,
    SECONDS,
    SIGN_UP,
    SWITCHES,
    fixture_of,
    model_of,
    post,
)

from mockmkto.clock import Clock
from mockmkto.store import leads as lead_store
from mockmkto.store.tables import subscription_metadata

SETTINGS = settings(
    max_examples=50 if os.environ.get("PROPERTY_EXAMPLES") == "few" else 500 if os.environ.get("CI") else 100,
    stateful_step_count=15,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),  # the same sequences in every run of CI
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# ---------------------------------------------------------------------------------------------------------------------
# The machine


class Worlds:
    """A Marketo for each fixture, made once and reset for every sequence: there are only so many combinations."""

    def __init__(self) -> None:
        self._open: dict[str, Marketo] = {}

    def of(self, fixture: str) -> Marketo:
        marketo = self._open.get(fixture)
        if marketo is None:
            marketo = self._open[fixture] = Marketo(fixture)
            marketo.registry.set_baseline(marketo.name)  # with the clock as it stands
        marketo.registry.reset(marketo.name)
        marketo.calls.clear()
        return marketo

    def close(self) -> None:
        for marketo in self._open.values():
            marketo.registry.close()


@contextmanager
def worlds() -> Iterator[Worlds]:
    opened = Worlds()
    try:
        yield opened
    finally:
        opened.close()


class Upserts(RuleBasedStateMachine):
    def __init__(self, worlds: Worlds) -> None:
        super().__init__()
        self.worlds = worlds

    @initialize(switches=SWITCHES, workspaces=st.booleans())
    def begin(self, switches: Switches, workspaces: bool) -> None:
        self.marketo = self.worlds.of(fixture_of(switches, workspaces=workspaces))
        self.new_model = partial(model_of, switches, workspaces=workspaces)
        self.model = self.new_model()
        self.baseline = self.marketo.dump()

    def sync(self, request: Request, again: bool, seconds: int) -> None:
        if seconds:
            self.model.now += seconds
            self.marketo.set_clock(Clock(frozen_at=NOW + dt.timedelta(seconds=self.model.now)))
        answer = self.call(request)
        if again and answer.http_status == 200:
            self.repeat(request, answer)

    anything = rule(request=ANYTHING, again=st.booleans(), seconds=SECONDS)(sync)
    sign_up = rule(request=SIGN_UP, again=st.booleans(), seconds=SECONDS)(sync)
    form_fill = rule(request=FORM_FILL, again=st.booleans(), seconds=SECONDS)(sync)
    import_from_crm = rule(request=IMPORT, again=st.booleans(), seconds=SECONDS)(sync)
    correction_by_id = rule(request=CORRECTION, again=st.booleans(), seconds=SECONDS)(sync)

    @rule()
    def reset(self) -> None:
        """Back to the fixture, after a last look at everything: clock, counters and so the next Ids, too."""
        for lead in self.model.leads.values():
            check_record(self.marketo.get("IDNUM", lead.id), lead, self.model)
        self.marketo.registry.reset(self.marketo.name)
        self.model = self.new_model()
        assert self.marketo.dump() == self.baseline

    @invariant()
    def stored_as_modelled(self) -> None:
        if not hasattr(self, "marketo"):
            return
        found = stored(self.marketo)
        orders = {lead_id: lead.pop("orders") for lead_id, lead in found.items()}
        modelled = {lead.id: (lead.created_order, lead.updated_order) for lead in self.model.leads.values()}
        for which in (0, 1):  # the numbers are the engine's own business, which lead is the more recent one is not
            assert sorted(orders, key=lambda i: orders[i][which]) == sorted(modelled, key=lambda i: modelled[i][which])
        assert found == {lead.id: as_stored(lead) for lead in self.model.leads.values()}
        for keys in (
            [f for lead in found.values() for f in lead["foreign_ids"]],
            [c for lead in found.values() for c in lead["cookies"]],
        ):
            assert len(keys) == len(set(keys)), "a key that is unique is that of two leads"

    # One call, made to both

    def call(self, request: Request) -> Answer:
        try:
            expected = self.model.sync(request)
        except Refused as fault:
            before = self.marketo.dump()
            answer = post(self.marketo, request)
            check_fault(answer, fault)
            assert self.marketo.dump() == before, "a fault changed something"
            return answer
        answer = post(self.marketo, request)
        check_answer(answer, expected)
        if request.return_lead:
            check_record(answer, self.model.leads[expected.lead_id], self.model)
        else:
            assert answer.records == []
        return answer

    def repeat(self, request: Request, first: Answer) -> None:
        """The same call again: UPDATED with the same Id, or 20106 where the lead is not in the workspace named."""
        second = self.call(request)
        if request.keyless:
            assert request.names_an_email or self.model.switches.keyless_leads == "create"
            assert second.status == "CREATED"
        elif request.renames and decided_by(first) in (None, "Email"):
            pass  # the lead has another e-mail now: what the key finds is for the model alone to say
        elif second.code == "20106":
            assert request.workspace
            assert decided_by(first) in (None, "Email"), "a lead found by another key had passed that check"
        else:
            assert (second.status, second.lead_id) == ("UPDATED", first.lead_id)


def check_fault(answer: Answer, expected: Refused) -> None:
    assert (answer.http_status, answer.code) == (500, str(expected.code)), answer.body
    assert (answer.fault_string or "").startswith(f"{expected.code} - ")
    if expected.message is not None:
        assert answer.message == expected.message
    assert (answer.message or "").endswith(f" ({expected.code})")
    assert answer.call.trace.lead_id == expected.lead_id


def check_answer(answer: Answer, expected: Answered) -> None:
    assert answer.http_status == 200, f"expected {expected}, got {answer.body.decode()}"
    assert (answer.status, answer.lead_id) == (expected.status, expected.lead_id)
    assert [element.text for element in answer.root.iter("leadId")] == [str(expected.lead_id)] * 2
    assert decided_by(answer) == expected.key
    assert answer.call.trace.lead_id == (expected.lead_id if expected.key else None)
    assert answer.call.lead_id == expected.lead_id


def check_record(answer: Answer, lead: ModelLead, model: Model) -> None:
    """A leadRecord shows the whole lead: every member, the latest foreign id, the attributes in their order."""
    record = answer.record
    foreign_type, foreign_id = lead.foreign_ids[-1] if lead.foreign_ids else (None, None)
    assert (record.id, record.email, record.foreign_id, record.foreign_type) == (
        lead.id,
        lead.email,
        foreign_id,
        foreign_type,
    )
    assert list(record.attributes.items()) == sorted(lead.attributes.items(), key=lambda item: item[0].upper())
    assert record.types == {name: model.fields[name.lower()].type for name in lead.attributes}
    assert answer.root.find(".//leadRecord/leadAttributeList") is not None


def as_stored(lead: ModelLead) -> dict[str, object]:
    return {
        "email": lead.email,
        "known": lead.known,
        "partition": lead.partition,
        "attributes": lead.attributes,
        "foreign_ids": lead.foreign_ids,
        "cookies": lead.cookies,
        "created_at": NOW + dt.timedelta(seconds=lead.created_at),
        "updated_at": NOW + dt.timedelta(seconds=lead.updated_at),
    }


def stored(marketo: Marketo) -> dict[int, dict[str, Any]]:
    """Every lead as it is stored. A false boolean is as good as none."""
    with marketo.database.transaction() as session:
        found = {}
        for lead_id in session.connection.scalars(select(subscription_metadata.tables["lead"].c.id)).all():
            lead = lead_store.by_id(session, lead_id)
            assert lead is not None
            found[lead_id] = {
                "email": lead.email,
                "known": lead.known,
                "partition": lead.partition,
                "attributes": {
                    name: value for name, value in lead.attributes.items() if (name, value) != ("DoNotCall", "0")
                },
                "foreign_ids": [(item.type.value, item.id) for item in lead_store.foreign_ids_of(session, lead_id)][
                    ::-1
                ],
                "cookies": {compared(cookie) for cookie in lead_store.cookies_of(session, lead_id)},
                "created_at": lead.created_at,
                "updated_at": lead.updated_at,
                "orders": (lead.created_order, lead.updated_order),
            }
        return found


def test_any_sequence_of_calls_leaves_marketo_as_the_rules_say() -> None:
    with worlds() as opened:
        run_state_machine_as_test(partial(Upserts, opened), settings=SETTINGS)
