"""A lead as the REST API shows it: the values of its fields, those that are not stored included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mockmkto.engine.activities import SOURCE, name_of
from mockmkto.engine.lead_fields import COOKIES, PARTITION_ID, rest_name
from mockmkto.engine.partitions import DEFAULT_PARTITION
from mockmkto.engine.plain import PlainValue, to_plain, utc
from mockmkto.model import Field, Lead, World
from mockmkto.store import leads
from mockmkto.store.database import Session

__all__ = ["is_view", "partition_ids", "partition_of_id", "shown_lead", "shown_leads"]


def shown_leads(session: Session, found: Sequence[Lead], fields: Sequence[Field]) -> list[dict[str, PlainValue]]:
    """The leads in their order; of each the fields by their REST names, in their order; nothing of them is left out."""
    numbers = partition_ids(session.world)
    return [{rest_name(field): _value(session, lead, field, numbers) for field in fields} for lead in found]


def shown_lead(session: Session, lead: Lead, fields: Sequence[Field]) -> dict[str, PlainValue]:
    """One lead, as `shown_leads` shows it."""
    return shown_leads(session, (lead,), fields)[0]


def partition_ids(world: World) -> dict[str, int]:
    """Every partition of the subscription and its number: 1 is Default's (captured), the others follow (assumed)."""
    named = [name for name in world.partitions if name.casefold() != DEFAULT_PARTITION.casefold()]
    return {name: number for number, name in enumerate((DEFAULT_PARTITION, *named), 1)}


def partition_of_id(world: World, text: str) -> str | None:
    """The partition with that number; `None` where none has it."""
    return next((name for name, number in partition_ids(world).items() if str(number) == text.strip()), None)


def is_view(field: Field) -> bool:
    """Whether the value is made of something else when it is shown, and so cannot be written."""
    return rest_name(field) in _VIEWS or rest_name(field) in (COOKIES, PARTITION_ID)


_VIEWS: Mapping[str, Callable[[Lead], PlainValue]] = {
    "id": lambda lead: lead.id,
    "createdAt": lambda lead: utc(lead.created_at),
    "updatedAt": lambda lead: utc(lead.updated_at),
    "mktoName": lambda lead: name_of(lead) or None,  # captured, as are the next two
    "leadPerson": lambda lead: lead.id,
    "isAnonymous": lambda lead: not lead.known,
}

# What a known lead that was made by an API shows (captured), unless something else is stored.
_UNLESS_STORED: Mapping[str, PlainValue] = {
    "originalSourceType": SOURCE,
    "originalSourceInfo": SOURCE,
    "registrationSourceType": SOURCE,
    "registrationSourceInfo": SOURCE,
    "personType": "contact",
}


def _value(session: Session, lead: Lead, field: Field, numbers: Mapping[str, int]) -> PlainValue:
    name = rest_name(field)
    if name == "email":
        return lead.email
    view = _VIEWS.get(name)
    if view is not None:
        return view(lead)
    if name == COOKIES:
        return _cookies(session, lead)
    if name == PARTITION_ID:
        return numbers.get(lead.partition)
    stored = lead.attributes.get(field.name)
    if stored is None and lead.known and name in _UNLESS_STORED:
        return _UNLESS_STORED[name]
    return to_plain(field, stored)


def _cookies(session: Session, lead: Lead) -> str | None:
    """The tokens of all cookies, the latest written first (captured: without what is before the token)."""
    shown = (text.rpartition("token:")[2] for text in leads.cookies_of(session, lead.id))
    return ",".join(shown) or None
