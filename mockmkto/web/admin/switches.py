"""`/switches`: what rules the cases in which the vendor's documentation is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from mockmkto.settings import SWITCHES, SettingError, behaviour_from, behaviour_texts
from mockmkto.store.database import Session
from mockmkto.web.admin.problems import Wrong, wrong
from mockmkto.web.admin.problems import show as shown
from mockmkto.web.admin.resource import Body, Subscription, View

__all__ = ["NewSwitches", "Switches", "change", "given", "set_switches", "show"]

if TYPE_CHECKING:

    class Switches(View, frozen=True, kw_only=True):
        """Every switch, as a fixture writes it."""

    class NewSwitches(Body, frozen=True, kw_only=True):
        """The switches that change, as a fixture writes them."""

else:  # the table of switches is the one description of them
    Switches = msgspec.defstruct(
        "Switches", [(item.name, str) for item in SWITCHES], bases=(View,), frozen=True, kw_only=True, module=__name__
    )
    NewSwitches = msgspec.defstruct(
        "NewSwitches",
        [(item.name, str | UnsetType, UNSET) for item in SWITCHES],
        bases=(Body,),
        frozen=True,
        kw_only=True,
        module=__name__,
    )


def show(asked: Subscription) -> Switches:
    """Every switch."""
    with asked.database.transaction() as session:
        return _view(session)


def change(asked: Subscription, body: NewSwitches) -> Switches:
    """Set the switches that are given."""
    with asked.database.transaction() as session:
        set_switches(session, given(body), "body")
        return _view(session)


def given(switches: NewSwitches) -> dict[str, str]:
    """The switches that a request gives."""
    return {item.name: text for item in SWITCHES if (text := getattr(switches, item.name)) is not UNSET}


def set_switches(session: Session, texts: dict[str, str], where: str) -> None:
    """Set these switches.

    Raises:
        ProblemError: one does not take its value.
    """
    behaviour = session.world.behaviour
    for name, text in texts.items():
        try:
            behaviour = behaviour_from({name: text}, behaviour)
        except SettingError as error:
            raise wrong(Wrong(f"{where}.{name}", error.expected, shown(text))) from None
    if behaviour != session.world.behaviour:
        session.world = replace(session.world, behaviour=behaviour)


def _view(session: Session) -> Switches:
    return Switches(**behaviour_texts(session.world.behaviour))
