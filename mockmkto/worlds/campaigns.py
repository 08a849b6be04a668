"""The campaigns of a fixture: what they listen to, what they do to a lead, what they were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from mockmkto.engine.fields import BadValue, OverlongValue, read_value
from mockmkto.engine.sync import EMAIL_FIELD
from mockmkto.model import World
from mockmkto.model.campaigns import (
    AddToList,
    Campaign,
    CampaignCall,
    CampaignCallKind,
    CampaignEffect,
    CampaignKind,
    CampaignSource,
    LeadTokens,
    RemoveFromList,
    SetValues,
    WriteActivity,
)
from mockmkto.model.programs import Program, token_name
from mockmkto.worlds.checking import known_field
from mockmkto.worlds.leads import MAX_ID
from mockmkto.worlds.lists import find_list
from mockmkto.worlds.problems import Location, show_location, show_value
from mockmkto.worlds.program_entries import (
    ActivityEffectEntry,
    CampaignEntry,
    CampaignRequestEntry,
    CampaignRunEntry,
    EffectEntry,
)
from mockmkto.worlds.programs import find_program
from mockmkto.worlds.schema import WorldEntry, nearest
from mockmkto.worlds.values import Values, counted_on
from mockmkto.worlds.world import FixtureCampaigns, FixtureList

__all__ = ["check_campaigns"]

FIRST_CAMPAIGN_ID = 1001
EFFECTS = ("set", "add_to_list", "remove_from_list", "activity")

_T = TypeVar("_T", CampaignKind, CampaignSource)


def check_campaigns(
    entry: WorldEntry,
    at: Location,
    world: World,
    programs: Sequence[Program],
    lists: Sequence[FixtureList],
    values: Values,
) -> FixtureCampaigns:
    """Every campaign with its requests and runs; a time that is left open is `OPEN`."""
    return _Campaigns((*at, "campaigns"), world, programs, lists, values).check(entry.campaigns or [])


class _Campaigns:
    def __init__(
        self,
        at: Location,
        world: World,
        programs: Sequence[Program],
        lists: Sequence[FixtureList],
        values: Values,
    ) -> None:
        self._at = at
        self._world = world
        self._programs = programs
        self._lists = lists
        self._values = values
        self._findings = values.findings

    def check(self, given: Sequence[CampaignEntry]) -> FixtureCampaigns:
        ids = counted_on([item.id for item in given], self._at, self._findings, FIRST_CAMPAIGN_ID)
        campaigns = tuple(
            self._campaign(item, campaign_id, (*self._at, index))
            for index, (item, campaign_id) in enumerate(zip(given, ids, strict=False))
        )
        tokens = [
            tokens
            for index, (item, campaign) in enumerate(zip(given, campaigns, strict=True))
            for tokens in self._lead_tokens(item, campaign.id, (*self._at, index))
        ]
        return FixtureCampaigns(campaigns, tuple(self._calls(given, campaigns)), tuple(tokens))

    def _campaign(self, entry: CampaignEntry, campaign_id: int, at: Location) -> Campaign:
        program = find_program(entry.program, (*at, "program"), self._programs, self._values)
        created_at, updated_at = self._values.times(entry.created_at, entry.updated_at, at)
        kind = self._one_of(CampaignKind, entry.type, (*at, "type")) or CampaignKind.TRIGGER
        sources = [
            self._one_of(CampaignSource, text, (*at, "sources", index))
            for index, text in enumerate(entry.sources or [])
        ]
        audience = None
        if entry.audience is not None:
            audience = find_list(entry.audience, (*at, "audience"), self._lists, self._values)
        if kind is CampaignKind.BATCH and entry.sources:
            self._findings.add((*at, "sources"), "a batch campaign listens to nobody: it is scheduled")
        if kind is CampaignKind.TRIGGER and entry.audience is not None:
            self._findings.add((*at, "audience"), "a trigger campaign has no audience: its leads are requested")
        return Campaign(
            id=campaign_id,
            name=self._values.name(entry.name, (*at, "name")),
            kind=kind,
            created_at=created_at,
            updated_at=updated_at,
            program_id=program.id if program is not None else None,
            program_name=program.name if program is not None else None,
            sources=tuple(item for item in sources if item is not None),
            active=entry.active if entry.active is not None else True,
            description=entry.description or "",
            effects=tuple(
                effect
                for index, item in enumerate(entry.effects or [])
                if (effect := self._effect(item, (*at, "effects", index))) is not None
            ),
            audience=audience,
        )

    def _one_of(self, kind: type[_T], text: str | None, at: Location) -> _T | None:
        if text is None:
            return None
        known = [item.value for item in kind]
        if text not in known:
            self._findings.add(at, f"expected {' or '.join(known)}, got {show_value(text)}{nearest(text, known)}")
            return None
        return kind(text)

    # -----------------------------------------------------------------------------------------------------------------
    # Effects

    def _effect(self, entry: EffectEntry, at: Location) -> CampaignEffect | None:
        given = [
            name
            for name, value in zip(
                EFFECTS, (entry.set_, entry.add_to_list, entry.remove_from_list, entry.activity), strict=True
            )
            if value is not None
        ]
        if len(given) != 1:
            self._findings.add(at, f"expected one of {', '.join(EFFECTS)}, got {', '.join(given) or 'nothing'}")
            return None
        if entry.set_ is not None:
            return SetValues(self._set(entry.set_, (*at, "set")))
        if entry.activity is not None:
            return self._activity(entry.activity, (*at, "activity"))
        name = entry.add_to_list or entry.remove_from_list or ""
        list_id = find_list(name, (*at, given[0]), self._lists, self._values)
        if list_id is None:
            return None
        return AddToList(list_id) if entry.add_to_list is not None else RemoveFromList(list_id)

    def _set(self, given: Mapping[str, object], at: Location) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, text in self._values.texts(given, at).items():
            field = EMAIL_FIELD if name.casefold() == "email" else known_field(name, self._world.fields)
            where = (*at, name)
            if isinstance(field, str):
                self._findings.add(where, field)
                continue
            if "{{" not in text:  # what a token will bring is seen when it is there
                try:
                    text = read_value(field, text, self._world.time_zone)
                except BadValue as error:
                    self._findings.add(where, f"expected {error.expected}, got {show_value(text)}")
                except OverlongValue as error:
                    self._findings.add(where, f"expected no more than {error.limit}")
            found[field.name] = text
        return found

    def _activity(self, entry: ActivityEffectEntry, at: Location) -> WriteActivity:
        attributes = self._values.texts(entry.attributes, (*at, "attributes"))
        return WriteActivity(self._values.name(entry.type, (*at, "type")), entry.asset or "", attributes)

    # -----------------------------------------------------------------------------------------------------------------
    # Requests and runs

    def _calls(self, given: Sequence[CampaignEntry], campaigns: Sequence[Campaign]) -> Iterator[CampaignCall]:
        entries: list[tuple[Location, Campaign, CampaignRequestEntry | CampaignRunEntry]] = []
        for index, (item, campaign) in enumerate(zip(given, campaigns, strict=True)):
            where = (*self._at, index)
            for place, request in enumerate(item.requests or []):
                entries.append(((*where, "requests", place), campaign, request))
            for place, run in enumerate(item.runs or []):
                entries.append(((*where, "runs", place), campaign, run))
        owners: dict[int, Location] = {}
        highest = 0
        for where, campaign, entry in entries:
            call_id = self._values.number(entry.id, (*where, "id"), highest + 1, 1)
            highest = max(highest, call_id)
            if owners.setdefault(call_id, where) != where:
                self._findings.add(
                    (*where, "id"), f"the id {call_id} is already that of {show_location(owners[call_id])}"
                )
            if isinstance(entry, CampaignRequestEntry):
                call = self._request(entry, call_id, campaign, where)
            else:
                call = self._run(entry, call_id, campaign, where)
            if call is not None:
                yield call

    def _request(
        self, entry: CampaignRequestEntry, call_id: int, campaign: Campaign, at: Location
    ) -> CampaignCall | None:
        moment = self._values.moment(entry.at, (*at, "at"))
        source = self._one_of(CampaignSource, entry.source, (*at, "source")) or CampaignSource.MKTOWS
        leads = self._lead_ids(entry.leads, (*at, "leads"))
        tokens = self._tokens(entry.tokens, (*at, "tokens"))
        if moment is None:
            return None
        return CampaignCall(call_id, campaign.id, CampaignCallKind.REQUEST, moment, moment, True, source, tokens, leads)

    def _run(self, entry: CampaignRunEntry, call_id: int, campaign: Campaign, at: Location) -> CampaignCall | None:
        if campaign.kind is not CampaignKind.BATCH:
            self._findings.add(at, "a trigger campaign has no runs: only a batch campaign is scheduled")
        run_at = self._values.moment(entry.at, (*at, "at"))
        asked_at = self._values.moment(entry.asked_at, (*at, "asked_at")) or run_at
        leads = self._lead_ids(entry.leads or [], (*at, "leads"))
        tokens = self._tokens(entry.tokens, (*at, "tokens"))
        if run_at is None or asked_at is None:
            return None
        kind = CampaignCallKind.RUN
        return CampaignCall(call_id, campaign.id, kind, asked_at, run_at, bool(entry.done), None, tokens, leads)

    def _lead_ids(self, given: Sequence[int], at: Location) -> tuple[int, ...]:
        """Ids of leads that were there once: one may be gone since."""
        for index, lead_id in enumerate(given):
            self._values.number(lead_id, (*at, index), least=1)
        return tuple(given)

    def _tokens(self, given: Mapping[str, object] | None, at: Location) -> dict[str, str]:
        return {token_name(name): text for name, text in self._values.texts(given, at).items()}

    def _lead_tokens(self, entry: CampaignEntry, campaign_id: int, at: Location) -> Iterator[LeadTokens]:
        for lead, tokens in (entry.lead_tokens or {}).items():
            where = (*at, "lead_tokens", lead)
            if not (lead.isascii() and lead.isdigit() and 1 <= int(lead) <= MAX_ID):
                self._findings.add(where, f"expected the Id of a lead, got {show_value(lead)}")
                continue
            yield LeadTokens(campaign_id, int(lead), {token_name(name): text for name, text in tokens.items()})
