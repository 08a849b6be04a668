"""Campaigns and programs: which there are, what each does, and what it was asked for."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.web.admin import campaigns, programs
from mockmkto.web.console.page import Page

__all__ = ["one", "show"]


def show(page: Page) -> Response:
    """Every campaign, what was asked for last, and the programs."""
    return page.render(
        "campaigns.html",
        campaigns=campaigns.show(page.subscription, campaigns.CampaignQuery()).campaigns,
        calls=campaigns.calls(page.subscription, campaigns.CallQuery()).calls,
        programs=programs.show(page.subscription, programs.ProgramQuery()).programs,
    )


def one(page: Page, campaign_id: int) -> Response:
    """One campaign: its effects, its requests and runs."""
    return page.render(
        "campaign.html",
        campaign=campaigns.one(page.subscription, campaign_id),
        calls=campaigns.calls(page.subscription, campaigns.CallQuery(campaign=campaign_id)).calls,
    )
