"""The rows of the registry that say which subscriptions there are: what is asked of them.

One that is only being made has a negative position: it is seen by nobody but whoever makes it. One that is being
deleted keeps its row until nothing else of it is left: what no row names is somebody's, and is never removed.
"""

from __future__ import annotations

from sqlalchemy import Executable, bindparam, delete, func, insert, literal_column, select, update

from mockmkto.store.tables import GOING, subscription

__all__ = [
    "AT_POSITION",
    "BEGIN",
    "LAST_POSITION",
    "LET_GO_OF",
    "NAMES",
    "NEW_CALLERS",
    "POSITION",
    "PUBLISH",
    "REMOVE",
    "REMOVE_AT",
    "ROWS",
    "callers_of",
]

NAMES = select(subscription.c.name).where(subscription.c.position > 0).order_by(subscription.c.position)
POSITION = select(subscription.c.position).where(subscription.c.name == bindparam("wanted"))
AT_POSITION = POSITION.where(subscription.c.position == bindparam("at"))
BEGIN = insert(subscription)
REMOVE = delete(subscription).where(subscription.c.name == bindparam("wanted"))
REMOVE_AT = REMOVE.where(subscription.c.position == bindparam("at"))
ROWS = select(subscription.c.name, subscription.c.position)
LAST_POSITION = select(func.max(func.abs(subscription.c.position))).where(subscription.c.position > GOING // 2)
PUBLISH = (
    update(subscription)
    .where(subscription.c.name == bindparam("wanted"), subscription.c.position < 0)
    .values(position=-subscription.c.position)
)
LET_GO_OF = (
    update(subscription)
    .where(subscription.c.name == bindparam("wanted"), subscription.c.position > GOING // 2)
    .values(position=func.abs(subscription.c.position) + GOING)
)
NEW_CALLERS = (
    update(subscription).where(subscription.c.name == bindparam("wanted")).values(callers=bindparam("callers"))
)


def callers_of(name: str) -> Executable:
    """What finds the token of who may call a subscription, without any value to be bound: it goes out with a BEGIN."""
    return select(subscription.c.callers).where(subscription.c.name == literal_column(f"'{name}'"))
