"""The companies of a fixture: checked, given to their leads, stored, and written as entries again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from mockmkto.engine.catalogue import COMPANY_FIELDS
from mockmkto.engine.catalogue import COMPANY_LINK as LINK
from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.model import World
from mockmkto.model.companies import Company
from mockmkto.store import companies as store
from mockmkto.store.database import Session
from mockmkto.worlds.checking import Findings, known_field, no_two
from mockmkto.worlds.object_entries import CompanyEntry
from mockmkto.worlds.problems import Location, show_value
from mockmkto.worlds.values import OPEN, Values, counted_on
from mockmkto.worlds.world import FixtureLead

__all__ = ["check_companies", "company_entries", "put_companies", "with_companies"]

_SLICE = 1000
_ALSO = "externalSalesPersonId"  # beside the fields of leads that are a company's


def check_companies(
    given: Sequence[CompanyEntry], at: Location, world: World, findings: Findings
) -> tuple[Company, ...]:
    """Every company, in the order of the file; what is wrong goes to the findings."""
    values = Values(world, findings)
    ids = counted_on([item.id for item in given], at, findings, 1001)
    found = []
    for index, item in enumerate(given):
        where = (*at, index)
        if not item.external_id.strip():
            findings.add((*where, "external_id"), "expected what another system calls the company, got an empty text")
        times = values.times(item.created_at, item.updated_at, where)
        attributes = _attributes(item, (*where, "attributes"), world, values, findings)
        found.append(Company(next(ids), item.external_id.strip(), attributes, *times))
    no_two(given, lambda item: item.external_id.strip(), at, "external_id", findings, str)
    return tuple(found)


def _attributes(item: CompanyEntry, at: Location, world: World, values: Values, findings: Findings) -> dict[str, str]:
    read: dict[str, str] = {}
    for name, text in values.texts(item.attributes, at).items():
        field = known_field(name, world.fields)
        if isinstance(field, str):
            findings.add((*at, name), field)
            continue
        if field.name not in (*COMPANY_FIELDS, _ALSO):
            known = ", ".join((*COMPANY_FIELDS, _ALSO))
            findings.add((*at, name), f"{field.name} is no field of companies; known here: {known}")
            continue
        try:
            value = read_value(field, text, world.time_zone)
        except BadValue as error:
            findings.add((*at, name), f"expected {error.expected}, got {show_value(text)}")
        except OverlongValue as error:
            findings.add((*at, name), f"expected no more than {error.limit}")
        else:
            if value:
                read[field.name] = value
    return read


def with_companies(leads: Sequence[FixtureLead], companies: Sequence[Company]) -> tuple[FixtureLead, ...]:
    """The leads, those that name a company with its values; what a lead says itself counts."""
    by_key = {item.external_id: item for item in companies}
    return tuple(
        item if company is None else replace(item, attributes=_of_leads(company) | dict(item.attributes))
        for item in leads
        for company in [by_key.get(item.attributes.get(LINK, "").strip())]
    )


def _of_leads(company: Company) -> dict[str, str]:
    return {name: value for name, value in company.values.items() if name in COMPANY_FIELDS}


def put_companies(given: Sequence[Company], session: Session) -> None:
    """Store them; where the fixture has no time, as of the time of loading."""
    now = session.now
    store.add_companies(
        session,
        (
            replace(item, created_at=_time(item.created_at, now), updated_at=_time(item.updated_at, now))
            for item in given
        ),
    )


def _time(at: datetime, now: datetime) -> datetime:
    return now if at == OPEN else at


def company_entries(session: Session) -> Iterator[CompanyEntry]:
    """Every company as a fixture has it."""
    after = 0
    while found := store.companies_after(session, after, _SLICE):
        for item in found:
            yield CompanyEntry(
                id=item.id,
                external_id=item.external_id,
                attributes=dict(item.values) or None,
                created_at=_moment(item.created_at),
                updated_at=_moment(item.updated_at),
            )
        after = found[-1].id


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
