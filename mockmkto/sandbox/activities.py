"""The activity log of a subscription, as a test sees it and has things in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from mockmkto.model.moments import Moment
from mockmkto.sandbox.finding import as_texts, only_one
from mockmkto.sandbox.leads import Lead
from mockmkto.sandbox.transport import Control, as_text, segment

__all__ = ["Activities", "Activity"]

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Pair:
    name: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Activity:
    """Something in the log. `activity["New Value"]` is the value of an attribute, in any case of the name."""

    id: int
    lead: int
    at: Moment
    type: str
    asset: str
    campaign: str | None
    attributes: tuple[_Pair, ...]

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            has = ", ".join(item.name for item in self.attributes) or "no attributes"
            raise KeyError(f"activity {self.id} has no {name}; it has {has}")
        return value

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute."""
        wanted = name.casefold()
        return next((item.value for item in self.attributes if item.name.casefold() == wanted), default)

    def __repr__(self) -> str:
        parts = [f"{self.type} {self.id} of lead {self.lead}"]
        parts += [repr(self.asset)] if self.asset else []
        parts += [f"by {self.campaign!r}"] if self.campaign else []
        parts += [f"{item.name}={item.value!r}" for item in self.attributes if item.name != "Lead ID"]
        return f"<{' '.join(parts)}>"


@dataclass(frozen=True, slots=True)
class _Page:
    activities: tuple[Activity, ...]
    total: int
    next: str | None = None


class Activities:
    """The activity log of a subscription: `len()`, iteration with the oldest first, and these methods.

    ```python
    marketo.activities.add(lead, "Visit Webpage", asset="/pricing")
    assert marketo.activities.one("Change Data Value", lead=lead, asset="First Name")["New Value"] == "Ann"
    ```
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def all(
        self, type: str | None = None, *, lead: Lead | int | None = None, asset: str | None = None, **attributes: object
    ) -> list[Activity]:
        """What happened, the oldest first.

        Args:
            type: as answers name it (`Visit Webpage`) or as requests do (`VisitWebpage`).
            lead: whose.
            asset: what it was about, whole, in any case.
            attributes: their whole values in any case; of a name with spaces `**{"New Value": "Ann"}`.
        """
        query: list[tuple[str, str | int]] = [("order", "oldest"), ("limit", _PAGE)]
        if type is not None:
            query.append(("type", type))
        if lead is not None:
            query.append(("lead", lead.id if isinstance(lead, Lead) else lead))
        found: list[Activity] = []
        behind: list[tuple[str, str | int]] = []
        while True:
            page = self._control.get("/activities", _Page, *query, *behind)
            found += page.activities
            if page.next is None or not page.activities:
                break
            behind = [("behind", page.activities[-1].id)]
        return [item for item in found if _is_so(item, asset, attributes)]

    def one(
        self, type: str | None = None, *, lead: Lead | int | None = None, asset: str | None = None, **attributes: object
    ) -> Activity:
        """The only activity that is so.

        Raises:
            AssertionError: there is none or there are several; it shows those that there are.
        """
        __tracebackhide__ = True
        found = self.all(type, lead=lead, asset=asset, **attributes)
        given = {"type": type, "lead": lead.id if isinstance(lead, Lead) else lead, "asset": asset, **attributes}
        wanted = {name: value for name, value in given.items() if value is not None}
        return only_one(found, "activity", wanted, self.all() if not found else (), self._control)

    def add(
        self,
        lead: Lead | int,
        type: str,
        attributes: Mapping[str, object] | None = None,
        *,
        asset: str = "",
        campaign: str | None = None,
        at: datetime | str | None = None,
    ) -> Activity:
        """Something that happened to a lead, as if a visitor or the vendor had done it.

        Args:
            lead: to whom.
            type: either of its names.
            attributes: in the order in which they are answered.
            asset: what it was about.
            campaign: which campaign did it.
            at: when; by default now.

        Raises:
            ControlError: there is no such lead, or the type is nearly one that there is.
        """
        body: dict[str, object] = {
            "lead": lead.id if isinstance(lead, Lead) else lead,
            "type": type,
            "asset": asset,
            "campaign": campaign,
            "attributes": {name: value or "" for name, value in as_texts(attributes, {}).items()},
        }
        if at is not None:
            body["at"] = at if isinstance(at, str) else at.isoformat()
        return self._control.send("POST", "/activities", body, Activity)

    def delete(self, activity: Activity | int) -> None:
        """Have something not in the log any more.

        Raises:
            ControlError: it is not in there.
        """
        self._control.tell("DELETE", f"/activities/{segment(activity if isinstance(activity, int) else activity.id)}")

    def __len__(self) -> int:
        return self._control.get("/activities", _Page, ("limit", 1)).total

    def __bool__(self) -> bool:
        return True  # the log of a subscription, even when nothing has happened yet

    def __iter__(self) -> Iterator[Activity]:
        return iter(self.all())

    def __repr__(self) -> str:
        return f"<{len(self)} activities of {self._control.subscription}>"


def _is_so(item: Activity, asset: str | None, attributes: Mapping[str, object]) -> bool:
    if asset is not None and item.asset.casefold() != asset.casefold():
        return False
    return all((item.get(name) or "").casefold() == as_text(value).casefold() for name, value in attributes.items())
