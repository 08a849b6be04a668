"""Smart campaigns, the requests and runs of them, and what the three operations on campaigns ask and answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from mockmkto.model.records import Attribute, LeadKey

__all__ = [
    "AddToList",
    "Campaign",
    "CampaignCall",
    "CampaignCallKind",
    "CampaignEffect",
    "CampaignKind",
    "CampaignSource",
    "CampaignsForSourceRequest",
    "CampaignsForSourceResult",
    "LeadTokens",
    "RemoveFromList",
    "RequestCampaignRequest",
    "ScheduleCampaignRequest",
    "SetValues",
    "WriteActivity",
]


class CampaignKind(StrEnum):
    """What starts a campaign: a request for single leads, or a run over its audience."""

    TRIGGER = "trigger"
    BATCH = "batch"


class CampaignSource(StrEnum):
    """Whose requests a trigger campaign listens to (captured: the published enumeration)."""

    MKTOWS = "MKTOWS"
    SALES = "SALES"


class SetValues(Struct, frozen=True):
    """An effect of a campaign: these fields of the lead get these values; an empty one clears."""

    values: Mapping[str, str]


class AddToList(Struct, frozen=True):
    """An effect of a campaign: the lead joins a list."""

    list_id: int


class RemoveFromList(Struct, frozen=True):
    """An effect of a campaign: the lead leaves a list."""

    list_id: int


class WriteActivity(Struct, frozen=True):
    """An effect of a campaign: an activity of the lead."""

    type: str
    asset: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


CampaignEffect = SetValues | AddToList | RemoveFromList | WriteActivity
"""What a campaign does to a lead: a campaign runs no flow here, it does what is said of it."""


class Campaign(Struct, frozen=True):
    """A smart campaign as it is stored."""

    id: int
    name: str
    kind: CampaignKind
    created_at: datetime
    updated_at: datetime
    program_id: int | None = None
    program_name: str | None = None
    sources: tuple[CampaignSource, ...] = ()
    active: bool = True
    description: str = ""
    effects: tuple[CampaignEffect, ...] = ()
    audience: int | None = None  # the list over whose members a batch campaign runs

    @property
    def shown(self) -> str:
        """Its name as answers show it: that of a program's campaign stands behind the program's (captured)."""
        return self.name if self.program_name is None else f"{self.program_name}.{self.name}"


class CampaignCallKind(StrEnum):
    """What a campaign was asked for."""

    REQUEST = "request"  # by requestCampaign, for single leads
    RUN = "run"  # by scheduleCampaign, over its audience


class CampaignCall(Struct, frozen=True):
    """A request of a campaign, or a scheduled run of one. A run has its leads once it was made."""

    id: int
    campaign_id: int
    kind: CampaignCallKind
    asked_at: datetime
    run_at: datetime
    done: bool
    source: CampaignSource | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)
    leads: tuple[int, ...] = ()


class LeadTokens(Struct, frozen=True):
    """Tokens of one lead for the next run of a campaign, as an import gave them."""

    campaign_id: int
    lead_id: int
    tokens: Mapping[str, str]


class CampaignsForSourceRequest(Struct, frozen=True):
    """One getCampaignsForSource call, read."""

    source: str | None
    name: str | None = None
    exact: bool = False


class CampaignsForSourceResult(Struct, frozen=True):
    """What getCampaignsForSource answers."""

    campaigns: tuple[Campaign, ...]


class RequestCampaignRequest(Struct, frozen=True):
    """One requestCampaign call, read. `leads is None` means that there was no leadList at all."""

    source: str | None = None
    campaign_id: int | float | None = None
    leads: tuple[LeadKey, ...] | None = None
    program_name: str | None = None
    campaign_name: str | None = None
    tokens: tuple[Attribute, ...] = ()


class ScheduleCampaignRequest(Struct, frozen=True):
    """One scheduleCampaign call, read."""

    program_name: str | None = None
    campaign_name: str | None = None
    run_at: str | None = None
    tokens: tuple[Attribute, ...] = ()
    clone_to: str | None = None
