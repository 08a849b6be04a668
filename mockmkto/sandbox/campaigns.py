"""The campaigns, programs and imports of a subscription, as a test sees and makes them: what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mockmkto.model.moments import Moment
from mockmkto.sandbox.leads import Lead
from mockmkto.sandbox.report import last_calls
from mockmkto.sandbox.transport import Control, ControlError, segment

__all__ = ["Campaign", "CampaignCall", "Campaigns", "Import", "Imports", "Program", "Programs"]

__tracebackhide__ = True  # a test's traceback ends in the test

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class CampaignCall:
    """A request of a campaign, or a run of one; a run has its leads once it was made.

    Tokens are by their names as `{{my.message}}`; `call.token("message")` finds one however it is written.
    """

    id: int
    campaign_id: int
    campaign: str
    kind: Literal["request", "run"]
    asked_at: Moment
    run_at: Moment
    done: bool
    source: str | None
    leads: tuple[int, ...]
    tokens: Mapping[str, str]

    def token(self, name: str) -> str | None:
        """The value of a token: `message`, `my.message` and `{{my.message}}` are one."""
        bare = name.strip().removeprefix("{{").removesuffix("}}").strip().removeprefix("my.")
        return self.tokens.get(f"{{{{my.{bare}}}}}")


@dataclass(frozen=True, slots=True)
class _Calls:
    calls: tuple[CampaignCall, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it was when it was asked for. `asked` is how often it was requested or scheduled."""

    id: int
    name: str
    shown: str
    program: str | None
    type: Literal["trigger", "batch"]
    sources: tuple[str, ...]
    active: bool
    description: str
    audience: str | None
    effects: tuple[Mapping[str, object], ...]
    asked: int
    created_at: Moment
    updated_at: Moment


@dataclass(frozen=True, slots=True)
class _Campaigns:
    campaigns: tuple[Campaign, ...]


class Campaigns:
    """The campaigns of a subscription: by name, by Id, `len()`, iteration by Id; and what they were asked for.

    ```python
    app.welcome("ann@example.com")
    (request,) = marketo.campaigns.requests("Send Welcome")
    assert request.token("message") == "Hello Ann"
    ```
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getitem__(self, name: str | int) -> Campaign:
        found = [item for item in self._all() if item.id == name] if isinstance(name, int) else self._named(name)
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(f"{item.shown} ({item.id})" for item in found)
            raise KeyError(f"several campaigns are called {name!r}: {ids}")
        there = ", ".join(item.shown for item in self._all()) or "none"
        raise KeyError(f"there is no campaign {name!r}; there are {there}")

    def requests(
        self, campaign: Campaign | str | int | None = None, *, lead: Lead | int | None = None
    ) -> list[CampaignCall]:
        """What was requested, in order: of one campaign, by its name or Id, or of all; of one lead, or of all."""
        return self._calls("request", campaign, lead)

    def runs(
        self, campaign: Campaign | str | int | None = None, *, lead: Lead | int | None = None
    ) -> list[CampaignCall]:
        """What was scheduled, in order, whether it was made or not."""
        return self._calls("run", campaign, lead)

    def assert_requested(
        self, campaign: Campaign | str | int, *, lead: Lead | int | None = None, times: int | None = None
    ) -> list[CampaignCall]:
        """The requests of a campaign, of one lead or of all.

        Raises:
            AssertionError: there is none, or not as many as `times` says; it shows what was requested.
        """
        found = self.requests(campaign, lead=lead)
        if found and times in (None, len(found)):
            return found
        name = campaign.shown if isinstance(campaign, Campaign) else str(campaign)
        whose = f" for lead {_id(lead)}" if lead is not None else ""
        wanted = "a request" if times is None else f"{times} requests"
        lines = [f"expected {wanted} of campaign {name}{whose}, got {len(found) or 'none'}"]
        every = self.requests()
        if every:
            lines.append("what was requested:")
            lines += [f"  {item.campaign} for {', '.join(map(str, item.leads))}" for item in every[-_SHOWN:]]
        raise AssertionError("\n".join([*lines, *last_calls(self._control)]))

    def add(
        self,
        name: str,
        *,
        program: str | None = None,
        type: Literal["trigger", "batch"] = "trigger",
        sources: Iterable[str] = ("MKTOWS",),
        active: bool = True,
        audience: str | None = None,
        effects: Sequence[Mapping[str, object]] = (),
    ) -> Campaign:
        """A new campaign.

        Args:
            name: its own name.
            program: the name of the program whose campaign it is.
            type: `"trigger"`, which is requested, or `"batch"`, which is scheduled.
            sources: whose requests a trigger campaign listens to.
            active: whether it can be requested.
            audience: the name of the list over which a batch campaign runs.
            effects: what it does to a lead: `{"set": {...}}`, `{"add_to_list": ...}`, `{"remove_from_list": ...}`,
                `{"activity": {"type": ..., "asset": ..., "attributes": {...}}}`.

        Raises:
            ControlError: there is no such program, list or field.
        """
        body: dict[str, object] = {"name": name, "type": type, "active": active, "effects": list(effects)}
        if type == "trigger":
            body["sources"] = list(sources)
        if program is not None:
            body["program"] = program
        if audience is not None:
            body["audience"] = audience
        return self._control.send("POST", "/campaigns", body, Campaign)

    def activate(self, campaign: Campaign | str | int, active: bool = True) -> Campaign:
        """Have a campaign listen, or not."""
        path = f"/campaigns/{segment(self._id(campaign))}"
        return self._control.send("PATCH", path, {"active": active}, Campaign)

    def delete(self, campaign: Campaign | str | int) -> None:
        """Delete a campaign with its requests and runs."""
        self._control.tell("DELETE", f"/campaigns/{segment(self._id(campaign))}")

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return True  # the campaigns of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[Campaign]:
        return iter(self._all())

    def __repr__(self) -> str:
        return f"<{len(self)} campaigns of {self._control.subscription}>"

    def _id(self, campaign: Campaign | str | int) -> int:
        return campaign.id if isinstance(campaign, Campaign) else self[campaign].id

    def _calls(self, kind: str, campaign: Campaign | str | int | None, lead: Lead | int | None) -> list[CampaignCall]:
        query: list[tuple[str, str | int]] = [("kind", kind)]
        if campaign is not None:
            query.append(("campaign", self._id(campaign)))
        if lead is not None:
            query.append(("lead", _id(lead)))
        return list(self._control.get("/campaign-calls", _Calls, *query).calls)

    def _all(self) -> tuple[Campaign, ...]:
        return self._control.get("/campaigns", _Campaigns).campaigns

    def _named(self, name: str) -> list[Campaign]:
        found = self._control.get("/campaigns", _Campaigns, ("name", name)).campaigns
        wanted = name.strip().casefold()
        return [item for item in found if item.shown.casefold() == wanted] or list(found)


# ---------------------------------------------------------------------------------------------------------------------
# Programs


@dataclass(frozen=True, slots=True)
class Program:
    """A program as it was when it was asked for."""

    id: int
    name: str
    type: str
    workspace: str
    archived: bool
    created_at: Moment
    updated_at: Moment
    channel: str | None = None
    folder: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    crm_id: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Programs:
    programs: tuple[Program, ...]


class Programs:
    """The programs of a subscription: by name, `len()`, iteration by Id."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getitem__(self, name: str) -> Program:
        found = self._control.get("/programs", _Programs, ("name", name)).programs
        if found:
            return found[0]
        there = ", ".join(item.name for item in self) or "none"
        raise KeyError(f"there is no program {name!r}; there are {there}")

    def add(self, name: str, **members: object) -> Program:
        """A new program; `members` are those of a fixture: `tokens={"my.message": "Hello"}`, `channel="Webinar"`.

        Raises:
            ControlError: the name is taken, or there is no such channel, tag or workspace.
        """
        return self._control.send("POST", "/programs", {"name": name, **members}, Program)

    def delete(self, program: Program | str) -> None:
        """Delete a program with its lists and campaigns."""
        found = program if isinstance(program, Program) else self[program]
        self._control.tell("DELETE", f"/programs/{segment(found.id)}")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._control.get("/programs", _Programs, ("name", name)).programs)

    def __len__(self) -> int:
        return len(self._control.get("/programs", _Programs).programs)

    def __bool__(self) -> bool:
        return True  # the programs of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[Program]:
        return iter(self._control.get("/programs", _Programs).programs)

    def __repr__(self) -> str:
        return f"<{len(self)} programs of {self._control.subscription}>"


# ---------------------------------------------------------------------------------------------------------------------
# Imports


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it was when it was asked for: how far it is, and what became of its rows."""

    id: int
    list_id: int
    list: str
    mode: str
    clear_list: bool
    status: Literal["PROCESSING", "COMPLETE", "FAILED", "CANCELED"]
    started_at: Moment
    due_at: Moment
    ended_at: Moment | None
    estimated_rows: int
    imported: int
    failed: int
    ignored: int
    summary: str | None


@dataclass(frozen=True, slots=True)
class _Imports:
    imports: tuple[Import, ...]


class Imports:
    """The imports of a subscription: `len()`, iteration in the order in which they began; the last one, by its list."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getitem__(self, name: str) -> Import:
        wanted = name.strip().casefold()
        found = [item for item in self if wanted in (item.list.casefold(), item.list.rpartition(".")[2].casefold())]
        if found:
            return found[-1]
        raise KeyError(f"nothing was imported into {name!r}")

    def cancel(self, begun: Import | int) -> Import:
        """Cancel an import that is PROCESSING: nothing of it is ever done.

        Raises:
            ControlError: it has ended already, or there is no such import.
        """
        import_id = begun.id if isinstance(begun, Import) else begun
        return self._control.send("POST", f"/imports/{segment(import_id)}/cancel", {}, Import)

    def get(self, import_id: int) -> Import | None:
        """The import of that Id, `None` when there is none."""
        try:
            return self._control.get(f"/imports/{segment(import_id)}", Import)
        except ControlError as error:
            if error.status == 404:
                return None
            raise

    def __len__(self) -> int:
        return len(self._control.get("/imports", _Imports).imports)

    def __bool__(self) -> bool:
        return True  # the imports of a subscription, even when there are none yet

    def __iter__(self) -> Iterator[Import]:
        return iter(self._control.get("/imports", _Imports).imports)

    def __repr__(self) -> str:
        return f"<{len(self)} imports of {self._control.subscription}>"


def _id(lead: Lead | int) -> int:
    return lead.id if isinstance(lead, Lead) else lead
