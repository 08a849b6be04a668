"""What a lead is a member of: lists, programs, smart campaigns. Each since when, by rising id."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from mockmkto.errors import RestError
from mockmkto.model import ActivityType, Lead
from mockmkto.model.programs import ProgramMember
from mockmkto.store import activities, campaigns, leads, lists, program_members
from mockmkto.store.database import Session

__all__ = ["Membership", "in_campaigns", "in_lists", "in_programs"]


class Membership(NamedTuple):
    """A list, or a campaign, and since when."""

    id: int
    created_at: datetime
    updated_at: datetime


def in_lists(session: Session, lead_id: int) -> list[Membership]:
    """The static lists that a lead is on, since when the log says; where it does not, since there are both.

    Raises:
        RestError: 1004 there is no such lead (assumed, as are those below).
    """
    lead = _there(session, lead_id)
    joined = activities.last_times(session, lead.id, ActivityType.ADD_TO_LIST)
    found = []
    for item in lists.lists_of(session, lead.id):
        since = joined.get(item.shown, max(lead.created_at, item.created_at))
        found.append(Membership(item.id, since, since))
    return sorted(found)


def in_programs(session: Session, lead_id: int) -> list[ProgramMember]:
    """What a lead is in each of its programs. Raises RestError: 1004."""
    return list(program_members.of_lead(session, _there(session, lead_id).id))


def in_campaigns(session: Session, lead_id: int) -> list[Membership]:
    """The campaigns that a lead was in, from the first time to the last. Raises RestError: 1004."""
    found: dict[int, Membership] = {}
    for call in campaigns.calls_of_lead(session, _there(session, lead_id).id):
        if call.done:
            first = found.get(call.campaign_id, Membership(call.campaign_id, call.run_at, call.run_at))
            found[call.campaign_id] = Membership(
                call.campaign_id, min(first.created_at, call.run_at), max(first.updated_at, call.run_at)
            )
    return sorted(found.values())


def _there(session: Session, lead_id: int) -> Lead:
    found = leads.existing_id(session, lead_id)
    lead = leads.by_id(session, found) if found is not None else None
    if lead is None:
        raise RestError.lead_not_found(lead_id)
    return lead
