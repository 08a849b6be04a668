"""The calls of both programs side by side: what each did to one lead with one intent, however many calls it took."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mockmkto.migration.model import CallPair, Verdict
from mockmkto.migration.pairing import LeadPair
from mockmkto.migration.side import Side
from mockmkto.model import Call, KeyStep, RecordStep
from mockmkto.model import Verdict as Decides

__all__ = ["READ", "CallsCompared", "compare_calls"]

READ = "read"

_SOAP: Mapping[str, str] = {
    "syncLead": "write lead",
    "syncMultipleLeads": "write lead",
    "importToList": "write lead",
    "mergeLeads": "merge leads",
    "listOperation": "change list",
    "requestCampaign": "request campaign",
    "scheduleCampaign": "schedule campaign",
    "syncMObjects": "write object",
    "deleteMObjects": "write object",
    "syncCustomObjects": "write custom object",
    "deleteCustomObjects": "write custom object",
}
_REST: Mapping[str, str] = {  # by the part before the dot, of what is no GET
    "leads": "write lead",
    "partitions": "write lead",
    "pushing": "write lead",
    "imports": "write lead",
    "merging": "merge leads",
    "lists": "change list",
    "campaigns": "request campaign",
    "opportunities": "write object",
    "roles": "write object",
    "companies": "write object",
    "custom_objects": "write custom object",
}
_AGAIN = ("601", "602", "604", "606", "608", "611", "615", "20023", "20024", "20001")
"""Faults after which a program asks again: what became of it is in the later call."""

_CODE = re.compile(r"\b[0-9]{3,5}\b")

_SOME_READS = 20  # reads of one kind are shown as a number


class _Deed(NamedTuple):
    """What one call did to one lead, or tried to."""

    intent: str
    text: str  # syncLead CREATED
    lead_id: int | None
    key: str | None  # what named the lead, where no lead was found or several were
    refused: bool


class CallsCompared(NamedTuple):
    """The calls by the lead they were about, and those about none that is in either world."""

    of_pair: Mapping[tuple[int | None, int | None], tuple[CallPair, ...]]
    unpaired: tuple[CallPair, ...] = ()
    uses_rest: bool = False
    written_by_new: frozenset[int] | None = None


def compare_calls(old: Side, new: Side, pairs: Sequence[LeadPair]) -> CallsCompared:
    """The calls of both sides, paired by lead and intent; where a side's calls are not known, which API it used."""
    if old.calls is None or new.calls is None:
        return CallsCompared({}, uses_rest=_logged_by_rest(new))
    places: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for place, pair in enumerate(pairs):
        for by_id, item in zip(places, (pair.old, pair.new), strict=True):
            if item is not None:
                by_id[item.lead.id] = place
    by_email = {
        (item.lead.email or "").strip().casefold(): place
        for place, pair in enumerate(pairs)
        if (item := pair.old or pair.new) is not None
    }
    found: dict[tuple[int | str, str], tuple[list[_Deed], list[_Deed]]] = {}
    for which, side in enumerate((old, new)):
        for deed in _deeds(side.calls or ()):
            known = places[which].get(deed.lead_id) if deed.lead_id is not None else None
            if known is None:
                known = by_email.get((deed.key or "").strip().casefold() or "\0")
            where: int | str = known if known is not None else (deed.key or "")
            found.setdefault((where, deed.intent), ([], []))[which].append(deed)
    of_pair: dict[tuple[int | None, int | None], tuple[CallPair, ...]] = {}
    unpaired = []
    refused = _refused_on_both(found)
    for (where, intent), (ones, others) in found.items():
        made = _pair(intent, ones, others)
        if not ones and made.verdict is Verdict.UNEXPLAINED and intent in refused:
            made = CallPair(intent, made.old, made.new, why="refused, as often as on the old side")
        if isinstance(where, int):
            ids = pairs[where].ids
            of_pair[ids] = (*of_pair.get(ids, ()), made)
        else:
            unpaired.append(made)
    written = (deed.lead_id for deed in _deeds(new.calls) if deed.intent != READ and not deed.refused)
    return CallsCompared(
        of_pair,
        tuple(unpaired),
        any(call.api == "rest" for call in new.calls),
        frozenset(item for item in written if item is not None),
    )


def _refused_on_both(found: Mapping[tuple[int | str, str], tuple[Sequence[_Deed], Sequence[_Deed]]]) -> set[str]:
    """The intents that were refused as often on the old side as on the new one: a refusal need not say whose it is."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for (_, intent), deeds in found.items():
        for count, side in zip(counts, deeds, strict=True):
            count[intent] += sum(1 for item in side if item.refused)
    return {intent for intent, number in counts[0].items() if number and number >= counts[1][intent]}


def _logged_by_rest(side: Side) -> bool:
    """Whether the log of a world shows that the REST API has written it: nobody has asked for more than a world."""
    return any(("Reason", "Web service API") in item.attributes for items in side.activities.values() for item in items)


def _pair(intent: str, old: Sequence[_Deed], new: Sequence[_Deed]) -> CallPair:
    texts = _texts(old), _texts(new)
    if intent == READ:
        return CallPair(intent, *texts)
    done = (any(not item.refused for item in old), any(not item.refused for item in new))
    if old and done[0] and new and not done[1]:
        return CallPair(intent, *texts, Verdict.UNEXPLAINED, _trap_of(new), "refused on the new side only")
    if new and done[1] and old and not done[0]:
        return CallPair(intent, *texts, Verdict.UNEXPLAINED, _trap_of(old), "refused on the old side only")
    if not old and not done[1]:
        return CallPair(
            intent, *texts, Verdict.UNEXPLAINED, _trap_of(new), "refused, and nobody asked so on the old side"
        )
    if not old or not new:
        return CallPair(intent, *texts, why=f"only the {'old' if old else 'new'} program did this")
    return CallPair(intent, *texts)


def _trap_of(deeds: Iterable[_Deed]) -> str | None:
    """The trap that a refusal has fallen into, by its code."""
    said = {code for item in deeds for code in _CODE.findall(item.text)}
    for codes, trap in (
        (("1007",), "several-leads"),
        (("1006", "20105"), "names"),
        (("1004", "1005", "1011", "20103"), "key"),
        (("1008", "1009", "1010"), "partition"),
        (("1003", "1001", "20110"), "numbers-and-dates"),
        (("1021",), "company"),
        (("603",), "access"),
    ):
        if not said.isdisjoint(codes):
            return trap
    return "partial-failure"


def _texts(deeds: Sequence[_Deed]) -> tuple[str, ...]:
    counted: dict[str, int] = {}
    for item in deeds:
        counted[item.text] = counted.get(item.text, 0) + 1
    return tuple(text if number == 1 else f"{text} ({number} times)" for text, number in counted.items())


def _deeds(calls: Iterable[Call]) -> Iterator[_Deed]:
    for call in calls:
        operation = call.operation
        if operation is None or call.dry_run or operation.startswith("identity."):
            continue
        intent = READ if (call.endpoint or "").startswith("GET ") else _intent(operation)
        code = str(call.fault_code) if call.fault_code is not None else None
        if code in _AGAIN:
            continue
        if code is not None:
            text = f"{operation} refused {code} {call.fault_message or ''}".strip()
            yield _Deed(intent, text, call.lead_id or call.trace.lead_id, _key(call), True)
        elif call.trace.records and intent != READ:
            for step in call.trace.records:
                yield _of_record(operation, intent, step)
        elif intent == READ:
            ids = call.trace.lead_ids or (call.trace.lead_id,)
            for lead_id in ids[:_SOME_READS]:
                yield _Deed(intent, operation, lead_id, None, False)
        else:
            found = call.lead_id or call.trace.lead_id or next(iter(call.trace.lead_ids), None)
            yield _Deed(intent, f"{operation} {call.status}{_several(call.trace.keys)}", found, _key(call), False)


def _of_record(operation: str, intent: str, step: RecordStep) -> _Deed:
    refused = step.error is not None or step.status.lower() in ("failed", "skipped")
    text = f"{operation} {step.status}{_several(step.keys)}" + (f" {step.error}" if step.error else "")
    key = next((item.value for item in reversed(step.keys)), None)
    return _Deed(intent, text, step.lead_id, key, refused)


def _several(steps: Iterable[KeyStep]) -> str:
    """Which key decided, where it had found several leads."""
    step = next((item for item in steps if item.verdict is Decides.DECIDES and len(item.found) > 1), None)
    return f" by {step.key} ({len(step.found)} leads match)" if step is not None else ""


def _key(call: Call) -> str | None:
    steps = call.trace.keys
    return steps[-1].value if steps else call.fields.keys.get("Email")


def _intent(operation: str) -> str:
    module, dot, function = operation.partition(".")
    if not dot:
        return _SOAP.get(operation, READ)
    if function == "merge":
        return "merge leads"
    if function == "schedule":
        return "schedule campaign"
    return _REST.get(module, f"change {module}")
