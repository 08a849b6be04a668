"""Activities as the REST API shows them: by numbers where the log has names, attributes as values of their types."""

from __future__ import annotations

import re
from typing import Any

from mockmkto.engine.activities import LEAD_ID
from mockmkto.engine.catalogue import EMAIL_FIELD, display_name
from mockmkto.engine.custom_activities import type_by_name, value_shown
from mockmkto.engine.plain import utc
from mockmkto.model import TYPE_IDS, Activity, ActivityType, Field
from mockmkto.model.activity_types import STANDARD_TYPES, CustomActivityType
from mockmkto.store import campaigns
from mockmkto.store.database import Session

__all__ = ["LogShower", "types_by_number"]

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_STANDARD = {item.name: item for item in STANDARD_TYPES}
_OF_FIELDS = (ActivityType.CHANGE_DATA_VALUE, ActivityType.CHANGE_SCORE)
_OF_A_CHANGE = ("Attribute Name", "Old Value", "New Value")


def types_by_number(session: Session) -> dict[int, str]:
    """The types that the log can have and answers can show, by their numbers; drafts are not among them."""
    known = {number: name for name, number in TYPE_IDS.items()}
    for item in session.world.objects.activity_types:
        if item.approved is not None:
            known[item.id] = item.approved.name
    return known


class LogShower:
    """Shows activities of one answer; what it has looked up for one, it knows for the others."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._campaigns: dict[str, int | None] = {}
        self._fields: dict[str, Field] | None = None
        self._own: dict[str, CustomActivityType | None] = {}

    def head(self, item: Activity) -> dict[str, Any]:
        """What every activity begins with: its ids, whose it is, when it was, its type, its campaign (captured)."""
        said: dict[str, Any] = {
            "id": item.id,
            "marketoGUID": str(item.id),
            "leadId": item.lead_id,
            "activityDate": utc(item.at),
            "activityTypeId": self._number(item.type),
        }
        campaign = self._campaign(item.campaign)
        if campaign is not None:
            said["campaignId"] = campaign
        return said

    def primary_id(self, item: Activity) -> int | None:
        """The id of what an activity was about; `None` where nobody knows it.

        It is that of the field (captured), or what the activity says under the name of its type's primary attribute:
        `List ID`, `Campaign ID`, `Lead ID` (of new and deleted leads captured).
        """
        field = self.field_of(item)
        if field is not None:
            return field.id
        kind = _STANDARD.get(item.type)
        if kind is None or kind.primary is None:
            return None
        text = dict(item.attributes).get(kind.primary[0], "")
        return int(text) if _WHOLE.fullmatch(text) else None

    def field_of(self, item: Activity) -> Field | None:
        """The field that a change was of, by what people call it; `None` for what is no change."""
        if item.type not in _OF_FIELDS:
            return None
        if self._fields is None:
            self._fields = {
                display_name(field).casefold(): field
                for field in (*reversed(self._session.world.fields.every), EMAIL_FIELD)
            }
        return self._fields.get(item.asset.casefold())

    def attributes(self, item: Activity) -> list[dict[str, Any]]:
        """The attributes by their names (captured), but for the primary one and whose the activity is."""
        own = self._type(item.type)
        if own is not None and own.approved is not None:
            given = dict(item.attributes)
            return [
                {"name": one.name, "value": value_shown(one, given[one.name]), "apiName": one.api_name}
                for one in own.approved.attributes
                if one.name in given
            ]
        kind = _STANDARD.get(item.type)
        types = dict(kind.attributes) if kind is not None else {}
        hidden = {LEAD_ID, kind.primary[0] if kind is not None and kind.primary is not None else LEAD_ID}
        return [
            {"name": name, "value": int(value) if types.get(name) == "integer" and _WHOLE.fullmatch(value) else value}
            for name, value in sorted(item.attributes)
            if name not in hidden
        ]

    def attributes_of_change(self, item: Activity) -> list[dict[str, Any]]:
        """The attributes in the log's order, but for what `fields` says; the lead's id is a number (documented)."""
        return [
            {"name": name, "value": int(value) if name == LEAD_ID and _WHOLE.fullmatch(value) else value}
            for name, value in item.attributes
            if name not in _OF_A_CHANGE
        ]

    def _number(self, name: str) -> int | None:
        number = TYPE_IDS.get(name)
        if number is not None:
            return number
        own = self._type(name)
        return own.id if own is not None else None

    def _type(self, name: str) -> CustomActivityType | None:
        if name not in self._own:
            self._own[name] = None if name in TYPE_IDS else type_by_name(self._session, name)
        return self._own[name]

    def _campaign(self, name: str | None) -> int | None:
        if name is None:
            return None
        if name not in self._campaigns:
            self._campaigns[name] = self._found_campaign(name)
        return self._campaigns[name]

    def _found_campaign(self, shown: str) -> int | None:
        """The campaign that is shown so: a program's by `Program.Campaign`, in whose names there may be dots, too."""
        parts = shown.split(".")
        for place in range(len(parts)):
            for item in campaigns.named(self._session, ".".join(parts[place:])):
                if item.shown == shown:
                    return item.id
        return None
