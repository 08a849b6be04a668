"""Pages of what is listed by id: where one begins, how large it is, and the token of the next."""

from __future__ import annotations

from typing import NamedTuple

from mockmkto.engine.page_tokens import page_token, read_page_token
from mockmkto.errors import RestError
from mockmkto.rest.call import RestCall

__all__ = ["MOST_IN_PAGE", "Page", "asset_page", "read_page"]

MOST_IN_PAGE = 300  # documented: it is the default, too
_MOST_ASSETS = 200  # documented
_ASSETS = 20  # documented: unless something else is asked for


class Page(NamedTuple):
    """Which part of a listing is asked for."""

    kind: str
    after: int  # the id behind which it begins
    most: int

    def token(self, last: int) -> str:
        """The token of the page behind an id."""
        return page_token(self.kind, last)


def read_page(call: RestCall, kind: str) -> Page:
    """The page that a call asks for by `batchSize` and `nextPageToken`; `kind` tells one listing from another.

    Raises:
        RestError: 1003, the token is none of this listing (the text is captured of another token, and assumed here).
    """
    most = call.parameters.whole("batchSize", MOST_IN_PAGE, most=MOST_IN_PAGE)
    token = call.parameters.text("nextPageToken")
    if token is None:
        return Page(kind, 0, most)
    place = read_page_token(kind, token)
    if place is None:
        raise RestError.invalid_data(f"Invalid token value: [{token.strip()}]")
    return Page(kind, place[0], most)


def asset_page(call: RestCall) -> slice:
    """Which of the assets a call shows, by `offset` and `maxReturn`. Raises RestError."""
    offset = call.parameters.whole("offset", 0, least=0)
    return slice(offset, offset + call.parameters.whole("maxReturn", _ASSETS, most=_MOST_ASSETS))
