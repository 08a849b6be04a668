"""Objects: opportunities and who is in them, and the records of every type of custom objects."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.web.admin import custom_objects, opportunities
from mockmkto.web.admin.custom_objects import RecordQuery
from mockmkto.web.admin.opportunities import PageQuery, RoleQuery
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.reading import read_query
from mockmkto.web.console.page import Page

__all__ = ["one", "records", "show"]

_PAGE = 50


def show(page: Page) -> Response:
    """The opportunities, a page at a time, and the types of custom objects."""
    after = page.request.args.get("after", "0")
    try:
        query = read_query({"after": [after], "limit": [str(_PAGE)]}, PageQuery)
    except ProblemError as error:
        page.refused(error)
        query = PageQuery(limit=_PAGE)
    found = opportunities.show(page.subscription, query)
    return page.render(
        "objects.html",
        status=400 if page.rejected else 200,
        found=found,
        after=query.after,
        types=custom_objects.show(page.subscription).types,
    )


def one(page: Page, opportunity_id: int) -> Response:
    """One opportunity: its values, and the leads that have a role in it."""
    found = opportunities.one(page.subscription, opportunity_id)
    roles = opportunities.roles(page.subscription, RoleQuery(opportunity=opportunity_id)).roles
    return page.render("opportunity.html", opportunity=found, roles=roles)


def records(page: Page) -> Response:
    """The records of the type of custom objects that `?type=` names, a page at a time."""
    name = page.request.args.get("type", "")
    offset = page.request.args.get("offset", "0")
    try:
        query = read_query({"offset": [offset], "limit": [str(_PAGE)]}, RecordQuery)
    except ProblemError as error:
        page.refused(error)
        query = RecordQuery(limit=_PAGE)
    found = custom_objects.records(page.subscription, type=name, query=query)
    kind = next(
        item for item in custom_objects.show(page.subscription).types if item.name.casefold() == name.casefold()
    )
    return page.render(
        "records_of_type.html",
        status=400 if page.rejected else 200,
        kind=kind,
        found=found,
        offset=query.offset,
        size=_PAGE,
    )
