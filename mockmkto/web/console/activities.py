"""The activity log as a time line: of one lead or of all, of one type or of all, the newest first."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.model import DISPLAY_NAMES
from mockmkto.web.admin import activities
from mockmkto.web.admin.activities import ActivityQuery, LoggedList
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.reading import read_query
from mockmkto.web.console.page import Page

__all__ = ["show"]

_PAGE = 100


def show(page: Page) -> Response:
    """A page of the log."""
    lead, kind = page.request.args.get("lead", "").strip(), page.request.args.get("type", "").strip()
    behind = page.request.args.get("behind", "")
    given = {"lead": lead, "type": kind, "behind": behind, "limit": str(_PAGE)}
    try:
        query = read_query({name: [text] for name, text in given.items() if text}, ActivityQuery)
        found = activities.show(page.subscription, query)
    except ProblemError as error:
        page.refused(error)
        found = LoggedList(activities=(), total=0, next=None)
    return page.render(
        "activities.html",
        status=400 if page.rejected else 200,
        lead=lead,
        kind=kind,
        paged=bool(behind),
        found=found,
        types=DISPLAY_NAMES,
    )
