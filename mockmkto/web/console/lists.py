"""Static lists: which there are, and who is on each."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.web.admin import imports, leads, lists
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.reading import read_query
from mockmkto.web.console.page import Page

__all__ = ["one", "show"]

_PAGE = 50


def show(page: Page) -> Response:
    """Every static list, and the imports into them."""
    return page.render(
        "lists.html",
        lists=lists.show(page.subscription, lists.ListQuery()).lists,
        imports=imports.show(page.subscription, imports.ImportQuery()).imports,
    )


def one(page: Page, list_id: int) -> Response:
    """One list, and its members a page at a time."""
    found = lists.one(page.subscription, list_id)
    offset = page.request.args.get("offset", "0")
    try:
        query = read_query({"offset": [offset], "limit": [str(_PAGE)]}, lists.MemberQuery)
    except ProblemError as error:
        page.refused(error)
        query = lists.MemberQuery(limit=_PAGE)
    listed = lists.members(page.subscription, list_id, query)
    return page.render(
        "list.html",
        status=400 if page.rejected else 200,
        list=found,
        members=[leads.one(page.subscription, lead_id) for lead_id in listed.members],
        total=listed.total,
        offset=query.offset,
        size=_PAGE,
        more=listed.next is not None,
        imports=imports.show(page.subscription, imports.ImportQuery(list=list_id)).imports,
    )
