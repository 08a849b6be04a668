"""The switches of a subscription's behaviour: for fixtures, for flags and for the control API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from mockmkto.model import Behaviour, Limits
from mockmkto.settings.texts import format_duration, parse_duration

__all__ = ["SWITCHES", "SettingError", "Switch", "behaviour_from", "behaviour_texts"]


class SettingError(ValueError):
    """A setting that cannot be used: which one, what came, what was expected."""

    def __init__(self, where: str, text: str, expected: str) -> None:
        self.expected = expected
        super().__init__(f"{where}: expected {expected}, got {text!r}")


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch of a subscription's behaviour; the first choice is the default."""

    name: str
    choices: tuple[str, ...]  # what is shown; a duration stands for itself
    help: str
    parse: Callable[[str], Any]
    format: Callable[[Any], str] = str

    @property
    def flag(self) -> str:
        """`--keyless-leads`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """`MOCKMKTO_KEYLESS_LEADS`."""
        return "MOCKMKTO_" + self.name.upper()

    @property
    def default(self) -> str:
        """The default, as text."""
        return self.choices[0]


def _choice(name: str, choices: tuple[str, ...], help_text: str) -> Switch:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(" or ".join(choices))
        return text

    return Switch(name, choices, help_text, parse)


_OF_SOAP = Limits()
_OF_REST = Limits(per_day=50_000)  # documented; small editions had 10,000


def _parse_limits(text: str, documented: Limits = _OF_SOAP) -> Limits | None:
    if text.lower() in ("off", "false"):
        return None
    if text.lower() in ("on", "true"):
        return documented
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 3 or not all(part == "-" or (part.isascii() and part.isdigit()) for part in parts):
        raise ValueError("off, on, or three numbers such as 500/20/2 (a day, in 20 seconds, at once; - is no limit)")
    return Limits(*(None if part == "-" else int(part) for part in parts))


def _format_limits(limits: Limits | None, documented: Limits = _OF_SOAP) -> str:
    if limits is None:
        return "off"
    if limits == documented:
        return "on"
    numbers = (limits.per_day, limits.per_20_seconds, limits.at_once)
    return "/".join("-" if number is None else str(number) for number in numbers)


_BOOLEANS = {"on": True, "off": False, "true": True, "false": False}


def _boolean(name: str, choices: tuple[str, str], help_text: str) -> Switch:
    """A switch of two choices, of which the first is the default; on is true and off is false, however it is spelt."""
    shown = {_BOOLEANS[choice]: choice for choice in choices}

    def parse(text: str) -> bool:
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{shown[True]} or {shown[False]}")
        return _BOOLEANS[text.lower()]

    return Switch(name, choices, help_text, parse, shown.__getitem__)


def _on_off(name: str, help_text: str) -> Switch:
    return _boolean(name, ("on", "off"), help_text)


def _duration_or_off(name: str, default: str, help_text: str) -> Switch:
    def parse(text: str) -> timedelta | None:
        if text.lower() in ("off", "false"):
            return None
        try:
            return parse_duration(text)
        except ValueError as error:
            raise ValueError(f"{error}, or off") from None

    return Switch(
        name,
        (default, "DURATION", "off"),
        help_text,
        parse,
        lambda value: "off" if value is None else format_duration(value),
    )


SWITCHES: tuple[Switch, ...] = (
    _choice(
        "element_names",
        ("exact", "any_case"),
        "whether elements in another case are ignored, as the vendor's stack does, or read",
    ),
    _duration_or_off(
        "signature_window",
        "15m",
        "how far a request's timestamp may be from the subscription's time; off for replays",
    ),
    _choice(
        "anonymous_cookie",
        ("decides", "merges"),
        "when a cookie finds an anonymous lead and the e-mail a known one: the cookie's lead becomes known, or the "
        "anonymous lead is merged into the known one",
    ),
    _choice(
        "duplicate_email",
        ("most_recently_updated", "most_recently_created"),
        "which lead is updated when several have the e-mail",
    ),
    _choice("keyless_leads", ("reject", "create"), "what a syncLead without any key does: fault 20101, or a new lead"),
    _choice("overlong_values", ("reject", "truncate"), "what a value longer than its field does: fault 20110, or cut"),
    Switch(
        "limits",
        ("off", "on", "DAY/RATE/CONCURRENT"),
        "whether calls over SOAP are counted against the documented limits (10000 a day, 100 in 20 seconds, 10 at "
        "once), or "
        "against others such as 500/20/2; - is no limit",
        _parse_limits,
        _format_limits,
    ),
    Switch(
        "rest_limits",
        ("off", "on", "DAY/RATE/CONCURRENT"),
        "the same of calls over REST, where 50000 a day are documented",
        lambda text: _parse_limits(text, _OF_REST),
        lambda limits: _format_limits(limits, _OF_REST),
    ),
    _choice(
        "limit_counters",
        ("separate", "shared"),
        "whether calls over REST have a count of their own, or are counted with those over SOAP, each against its "
        "limits",
    ),
    _choice(
        "unchanged_status",
        ("unchanged", "updated"),
        "what syncMObjects answers of an object that was like that already: UNCHANGED, or UPDATED",
    ),
    _choice(
        "mobject_errors",
        ("per_object", "fault"),
        "what syncMObjects does with an object that cannot be stored: FAILED for that one, or a fault and nothing is "
        "stored",
    ),
    _on_off(
        "opportunity_activities",
        "whether what happens to an opportunity is written into the activity log of its leads",
    ),
    _choice(
        "custom_link_missing",
        ("store", "failed"),
        "what becomes of a custom object whose link finds no lead: it is stored without one, or FAILED",
    ),
    _choice(
        "custom_skipped",
        ("failed", "skipped"),
        "what syncCustomObjects answers of an INSERT of what is there and an UPDATE of what is not: FAILED, or SKIPPED "
        "as the vendor's page says and its contract does not",
    ),
    _choice(
        "custom_unchanged",
        ("updated", "unchanged"),
        "what becomes of a custom object that nothing is to be done to: UPDATED, and FAILED where it is deleted and "
        "not there; or UNCHANGED as the vendor's page says and its contract does not",
    ),
    _boolean(
        "custom_activities",
        ("off", "on"),
        "whether a change of a custom object is written into the activity log of its lead",
    ),
    _choice(
        "tag_filter",
        ("type_only", "values"),
        "what getTags shows of a type that is asked for with values: all its values, as in the vendor's sample, or "
        "those",
    ),
    _on_off("derive_website", "whether a new lead without Website and Company gets its e-mail's domain as Website"),
    _choice("empty_lists", ("nil", "empty"), "how an answer writes a list of attributes or records that has none"),
    # The activity log
    _on_off("activity_log", "whether calls write what they do into the activity log"),
    _choice(
        "known_lead_activity",
        ("new_lead", "none"),
        "what is logged when an anonymous lead becomes known: New Lead, or nothing",
    ),
    _choice(
        "change_reason",
        ("soap_api", "web_service_api"),
        "the Reason of a logged change: SOAP API alone, or Web service API with a Source",
    ),
    _choice(
        "score_activity",
        ("change_score", "change_data_value"),
        "what a changed score is logged as: Change Score, or Change Data Value as any other field",
    ),
    # Many leads at once
    _boolean(
        "dedup_default",
        ("true", "false"),
        "whether syncMultipleLeads matches by e-mail where dedupEnabled is not given",
    ),
    _choice(
        "multi_sync_errors",
        ("per_record", "fault"),
        "what a bad record of a syncMultipleLeads does: fail by itself, or fault the call",
    ),
    _choice(
        "duplicate_email_many",
        ("as_single", "failed"),
        "what a record of a syncMultipleLeads does whose e-mail several leads have: as duplicate_email says, or fail",
    ),
    _choice("batch_default", ("100", "1000"), "how many records a read answers that gives no batchSize"),
    _duration_or_off("date_range", "30d", "how long the range of dates of a getMultipleLeads may be: else fault 20022"),
    _choice(
        "untyped_selector",
        ("guess", "fault"),
        "what a leadSelector without xsi:type is: told by its children, or fault 20109",
    ),
    _choice(
        "position_conflict",
        ("position", "fault"),
        "what a stream position beside another selector does: decide alone, or fault 20122",
    ),
    _choice("stream_end", ("empty", "fault"), "what reading on at the end does: no records, or fault 20123"),
    _choice(
        "remaining_count", ("exact", "flag"), "what remainingCount of activities is: how many are left, or 1 if any"
    ),
    _choice(
        "created_filter",
        ("activity_time", "lead_created"),
        "what oldestCreatedAt of getLeadChanges bounds: the activity's time, or when its lead was created",
    ),
    _choice("bad_combination", ("20114", "20110"), "the code of parameters that cannot stand together"),
    _choice(
        "merge_missing",
        ("fault", "failed"),
        "what mergeLeads does when it finds a lead not: fault 20103, or the status FAILED",
    ),
    _boolean("merge_changes", ("off", "on"), "whether fields that a merge fills are logged as changes"),
    # Lists, imports, campaigns
    Switch(
        "import_duration",
        ("0s", "DURATION"),
        "how long an import stays PROCESSING (a bulk import Queued, then Importing), by the subscription's clock, "
        "before its leads are to be seen",
        parse_duration,
        format_duration,
    ),
    Switch(
        "export_duration",
        ("0s", "DURATION"),
        "how long a bulk extract stays Queued, then Processing, by the subscription's clock, before its file is there",
        parse_duration,
        format_duration,
    ),
    _choice(
        "list_status",
        ("failed_only", "all"),
        "which keys an answer of listOperation lists when one of them fails to be added or removed",
    ),
    _choice(
        "strict_failure",
        ("fault", "statuses"),
        "what a strict listOperation does when one key fails: a fault, or the statuses; neither writes anything",
    ),
    _choice(
        "program_lists",
        ("allow", "refuse"),
        "whether listOperation reaches the list of a program, as Program.List, or answers 20111",
    ),
    _choice("missing_list", ("fault", "create"), "what an import into an unknown list does: fault 20111, or a list"),
    _choice(
        "import_unknown_column",
        ("ignore", "fault"),
        "what a column that is no field does in an import: nothing, or fault 20105",
    ),
    _choice("import_empty", ("keep", "clear"), "what an empty cell of an import does to its field"),
    _choice(
        "inactive_campaign",
        ("fault", "record"),
        "what a request of a campaign does that is inactive or does not listen to the source: fault 20113, or it is "
        "kept all the same, without any effect",
    ),
    _choice(
        "campaign_missing_lead",
        ("fault", "skip"),
        "what requestCampaign does about a key that finds no lead: fault 20103 for all, or the others are requested",
    ),
    _choice("run_delay", ("0m", "5m"), "how soon the run of a campaign begins that is scheduled for now"),
    _choice("clone_limit", ("10", "20", "off"), "how often a day a program can be cloned by scheduleCampaign"),
    _choice(
        "rest_query_token",
        ("accept", "reject"),
        "what a token does over REST that is sent as the parameter access_token: it is taken with a warning, or error "
        "600, as since 31 August 2026",
    ),
)

_SWITCH = {switch.name: switch for switch in SWITCHES}


def behaviour_from(texts: Mapping[str, str], base: Behaviour | None = None) -> Behaviour:
    """The behaviour that these texts set over `base` (the defaults).

    Raises:
        SettingError: a switch that is not there, or a value that it does not take.
    """
    values: dict[str, Any] = {}
    for name, text in texts.items():
        switch = _SWITCH.get(name)
        if switch is None:
            raise SettingError("behaviour", name, "one of " + ", ".join(_SWITCH))
        try:
            values[name] = switch.parse(text)
        except ValueError as error:
            raise SettingError(name, text, str(error)) from None
    return replace(base or Behaviour(), **values)


def behaviour_texts(behaviour: Behaviour) -> dict[str, str]:
    """Every switch as text: what `behaviour_from` reads as this behaviour."""
    return {switch.name: switch.format(getattr(behaviour, switch.name)) for switch in SWITCHES}
