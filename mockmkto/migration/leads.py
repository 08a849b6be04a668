"""One lead of both sides, item by item: values under both names, keys, cookies, partition, lists, requests, the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from mockmkto.engine.catalogue import STANDARD_FIELDS
from mockmkto.migration.activities import FILLED, compare_activities, item_of_list
from mockmkto.migration.model import Difference, Verdict
from mockmkto.migration.pairing import LeadPair
from mockmkto.migration.side import Side, label_of
from mockmkto.migration.values import field_of, form_only, hint, names_of
from mockmkto.model import Field, FieldType, ForeignId
from mockmkto.model.campaigns import CampaignCall
from mockmkto.store.lead_keys import email_key
from mockmkto.store.leads import NewLead

__all__ = ["Context", "compare_lead", "mirror_of"]

_EMAIL = "Email / email"
_COMPANY_LINK = "externalCompanyId"
_TYPED = frozenset(FieldType) - {
    *(FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.REFERENCE)
}
_STANDARD = frozenset(item.name for item in STANDARD_FIELDS)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OF_IDS = frozenset(("id", "ids", "key", "number", "no", "nr", "external", "foreign", "uuid", "guid"))
_Sides: TypeAlias = tuple[str | None, str | None]


class Context(NamedTuple):
    """What is known about both sides when a lead is compared."""

    old: Side
    new: Side
    baseline: Mapping[int, NewLead]  # the leads that both programs found, by Id
    mirror: str | None  # the field in which the new side keeps foreign ids, as it is stored
    uses_rest: bool  # whether the new program calls the REST API, as far as that is known
    written_by_new: frozenset[int] | None  # the leads that the new program wrote; None: nobody knows
    became: Mapping[int, str]  # what a lead of the fixture is called on the old side, by Id
    companies: Mapping[str, Mapping[str, str]]  # of the new side alone, by their external ids
    old_emails: Mapping[str, int]  # how many leads have each e-mail, in one case
    new_emails: Mapping[str, int]

    @property
    def times(self) -> bool:
        """Whether times can be compared: both clocks stand still, at the same moment."""
        return self.old.now is not None and self.old.now == self.new.now


def mirror_of(old: Side, new: Side, given: str | None) -> str | None:
    """The field in which foreign ids are kept for REST, as it is stored: the one that is given, or that has them."""
    if given is not None:
        field = field_of(new.world, given)
        return field.name if field is not None else given
    keys = {key.id for item in (*old.leads, *new.leads) for key in item.foreign_ids}
    if not keys:
        return None
    found = Counter(
        name
        for item in (*old.leads, *new.leads)
        for name, text in item.lead.attributes.items()
        if text in keys and name not in _STANDARD
    )
    return found.most_common(1)[0][0] if found else None


def compare_lead(pair: LeadPair, context: Context) -> tuple[Difference, ...]:
    """Every difference between the two; none where they are the same lead in every respect."""
    if pair.old is None or pair.new is None:
        return (_alone(pair, context),)
    old, new = pair.old, pair.new
    if old == new and _same_around(old.lead.id, new.lead.id, context):  # orders and all: neither was written
        return ()
    found = [*_itself(old, new, context), *_values(old, new, context)]
    found += [*_foreign_ids(old, new, context), *_cookies(old, new), *_lists(old, new, context)]
    found += [*_requests(old, new, context), *_programs(old, new, context)]
    items = {name: names_of(context.old.world, name) for name in (*old.lead.attributes, *new.lead.attributes)}
    log = compare_activities(
        context.old.activities.get(old.lead.id, ()),
        context.new.activities.get(new.lead.id, ()),
        context.old.world,
        {"Email": _EMAIL, **items},
        times=context.times,
    )
    found += _with_causes(found, log, _filling(old, new, context))
    found += _times(old, new, found, context)
    return tuple(found)


def _same_around(old_id: int, new_id: int, context: Context) -> bool:
    """Whether all that hangs on a lead is the same, ids and all: then nobody need look closer."""
    old, new = context.old, context.new
    return (
        old_id == new_id
        and old.lists.get(old_id) == new.lists.get(new_id)
        and old.activities.get(old_id) == new.activities.get(new_id)
        and old.requests.get(old_id) == new.requests.get(new_id)
        and old.programs.get(old_id) == new.programs.get(new_id)
    )


def _alone(pair: LeadPair, context: Context) -> Difference:
    """A lead that only one side has, and what may have become of it on the other."""
    one = pair.old or pair.new
    assert one is not None
    side = "new" if pair.old is not None else "old"
    shown = f"{'lead' if one.lead.known else 'anonymous lead'} {one.lead.id}"
    sides: _Sides = (shown, None) if pair.old is not None else (None, shown)
    email = email_key(one.lead.email or "")
    numbers = context.old_emails.get(email, 0), context.new_emails.get(email, 0)
    if all(numbers):
        why = f"{numbers[0]} with this e-mail on the old side, {numbers[1]} on the new one"
        return Difference("lead", *sides, rule="several-leads", why=why)
    became = context.became.get(one.lead.id) if pair.old is None else None
    if became is not None and became != label_of(one):
        return Difference("lead", *sides, rule="key", why=f"the fixture's lead; on the old side it is {became} now")
    if one.lead.id in context.baseline:
        return Difference("lead", *sides, why=f"the fixture's lead; on the {side} side it is gone")
    return Difference("lead", *sides, why=f"no lead of the {side} side is this one")


def _itself(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    if old.lead.known != new.lead.known:
        old_kind, new_kind = ("known" if item.lead.known else "anonymous" for item in (old, new))
        yield Difference("lead", old_kind, new_kind, rule="cookie")
    before = context.baseline.get(old.lead.id)
    if old.lead.id != new.lead.id and (before is not None or new.lead.id in context.baseline):
        yield _another_lead(old, new, context)
    if (old.lead.email or "") != (new.lead.email or ""):
        was = before.lead.email if before is not None else None
        texts = old.lead.email, new.lead.email
        yield Difference(_EMAIL, *texts, why=hint(FieldType.EMAIL, *texts, old.lead.attributes, was))
    if old.lead.partition != new.lead.partition:
        yield Difference("partition", old.lead.partition, new.lead.partition, rule="partition")


def _another_lead(old: NewLead, new: NewLead, context: Context) -> Difference:
    """A lead of the fixture on the one side, and on the other another one, or a new one."""

    def shown(item: NewLead) -> str:
        return f"lead {item.lead.id} of the fixture" if item.lead.id in context.baseline else f"new lead {item.lead.id}"

    if _was_anonymous(old, new, context):
        why = "SOAP makes the anonymous lead of a cookie known, REST makes a new one and gives it the cookie"
        return Difference("lead itself", shown(old), shown(new), Verdict.EXPECTED, "cookie", why)
    return Difference("lead itself", shown(old), shown(new), rule="key", why="another lead was written")


def _was_anonymous(old: NewLead, new: NewLead, context: Context) -> bool:
    """Whether SOAP made an anonymous lead known, where REST made a new one that has all of its cookies now."""
    before = context.baseline.get(old.lead.id)
    return (
        before is not None
        and not before.lead.known
        and bool(before.cookies)
        and set(before.cookies) <= set(new.cookies)
        and new.lead.id not in context.baseline
        and all(item.lead.id != old.lead.id for item in context.new.leads)
    )


def _values(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    was, now = old.lead.attributes, new.lead.attributes
    if was == now:
        return
    before = context.baseline.get(old.lead.id)
    others = {names_of(context.old.world, name): text for name, text in was.items()}
    for name in sorted({*was, *now}, key=str.casefold):
        texts = was.get(name), now.get(name)
        if texts[0] == texts[1]:
            continue
        field = field_of(context.old.world, name) or field_of(context.new.world, name)
        kind = field.type if field is not None else None
        item = names_of(context.old.world, name)
        before_text = before.lead.attributes.get(name) if before is not None else None
        if why := form_only(kind, *texts):
            yield Difference(item, *texts, Verdict.FORM, why=why)
        elif name == context.mirror and texts[0] is None and texts[1] in {key.id for key in old.foreign_ids}:
            why = "the foreign id, in the field that REST looks it up by"
            yield Difference(item, *texts, Verdict.EXPECTED, "foreign-id", why)
        elif name == _COMPANY_LINK and _is_linked(texts[1], old, new, context):
            why = "the company is an object of its own in REST; the lead has its values"
            yield Difference(item, *texts, Verdict.EXPECTED, "company", why)
        elif texts[1] is None and before_text == texts[0] and _was_anonymous(old, new, context):
            yield Difference(item, *texts, Verdict.EXPECTED, "cookie", "what was known of the anonymous lead")
        elif name == "Website" and _is_derived(texts[1], new) and _was_anonymous(old, new, context):
            yield Difference(item, *texts, Verdict.EXPECTED, "cookie", "what a lead that is created gets of its e-mail")
        else:
            why, rule = hint(kind, *texts, others, before_text), _pitfall(name, kind, *texts, before_text)
            yield Difference(item, *texts, why=why, rule=rule)


def _is_linked(company: str | None, old: NewLead, new: NewLead, context: Context) -> bool:
    """Whether a lead is linked to a company that gives it what the old program wrote into the lead itself."""
    values = context.companies.get(company or "")
    name = old.lead.attributes.get("Company")
    return (
        values is not None and name is not None and name == new.lead.attributes.get("Company") == values.get("Company")
    )


def _is_derived(website: str | None, lead: NewLead) -> bool:
    return website is not None and website == (lead.lead.email or "").rpartition("@")[2]


def _pitfall(name: str, kind: FieldType | None, old: str | None, new: str | None, was: str | None) -> str | None:
    """The trap that a wrong value fell into, as far as it can be seen from outside."""
    if name == "Company":
        return "company"
    if kind is FieldType.BOOLEAN:
        return "booleans"
    if old is None or new is None:
        return "empties" if was else None
    return "numbers-and-dates" if kind in _TYPED else None


def _foreign_ids(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    was, now = set(old.foreign_ids), set(new.foreign_ids)
    for key in sorted(was - now, key=lambda item: (item.type, item.id)):
        yield _lost_foreign_id(key, new, context)
    for key in sorted(now - was, key=lambda item: (item.type, item.id)):
        yield Difference(f"foreign id {key.type}", None, key.id)


def _lost_foreign_id(key: ForeignId, new: NewLead, context: Context) -> Difference:
    item = f"foreign id {key.type}"
    if not context.uses_rest or any(other.type is key.type for other in new.foreign_ids):
        return Difference(item, key.id, None)
    if context.mirror is not None:
        shown = names_of(context.new.world, context.mirror)
        if new.lead.attributes.get(context.mirror) == key.id:
            why = f"REST has no place for it; {shown} has it"
            return Difference(item, key.id, None, Verdict.EXPECTED, "foreign-id", why)
        return Difference(item, key.id, None, rule="foreign-id", why=f"REST has no place for it, and {shown} lacks it")
    home = next((field for field in context.new.world.fields.every if _may_hold_ids(field)), None)
    if home is not None:
        why = f"REST has no place for it; {names_of(context.new.world, home.name)} could have it"
        return Difference(item, key.id, None, rule="foreign-id", why=why)
    why = "REST has no place for it, and no field could have it: nobody will find the lead by it"
    return Difference(item, key.id, None, Verdict.EXPECTED, "foreign-id", why)


def _may_hold_ids(field: Field) -> bool:
    """Whether this is a field of one's own that is made to hold the ids of another system, as its name has it."""
    words = {word.casefold() for word in _WORD.findall(field.name)}
    kinds = (FieldType.STRING, FieldType.INTEGER)
    return field.name not in _STANDARD and field.rest and field.type in kinds and not words.isdisjoint(_OF_IDS)


def _cookies(old: NewLead, new: NewLead) -> Iterator[Difference]:
    was, now = set(old.cookies), set(new.cookies)
    for text in sorted(was - now):
        yield Difference("cookie", text, None, rule="cookie", why="the new program did not associate it")
    for text in sorted(now - was):
        yield Difference("cookie", None, text, rule="cookie")


def _lists(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    was, now = set(context.old.lists.get(old.lead.id, ())), set(context.new.lists.get(new.lead.id, ()))
    for name in sorted(was ^ now):
        sides: _Sides = ("member", None) if name in was else (None, "member")
        yield Difference(item_of_list(name), *sides)


def _programs(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    was, now = context.old.programs.get(old.lead.id, {}), context.new.programs.get(new.lead.id, {})
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield Difference(f"program {name}", was.get(name), now.get(name))


def _requests(old: NewLead, new: NewLead, context: Context) -> Iterator[Difference]:
    was = Counter(_request(*item) for item in context.old.requests.get(old.lead.id, ()))
    now = Counter(_request(*item) for item in context.new.requests.get(new.lead.id, ()))
    left, more = list((was - now).elements()), list((now - was).elements())
    for name, tokens in tuple(left):  # one of the same campaign with other tokens is one that differs
        other = next((item for item in more if item[0] == name), None)
        if other is not None:
            left.remove((name, tokens))
            more.remove(other)
            yield Difference(f"tokens of the request of {name}", tokens or "none", other[1] or "none")
    for name, tokens in left:
        yield Difference(f"request of {name}", tokens or "asked for", None)
    for name, tokens in more:
        yield Difference(f"request of {name}", None, tokens or "asked for")


def _request(name: str, call: CampaignCall) -> tuple[str, str]:
    return name, ", ".join(f"{token} = {text}" for token, text in sorted(call.tokens.items()))


def _filling(old: NewLead, new: NewLead, context: Context) -> Difference | None:
    """What it is worth that only one side has filled an empty value of this lead by itself; `None`: unexplained."""
    item = Difference("", None, None, Verdict.FORM, why="written after the lead was created, not with it")
    if _was_anonymous(old, new, context):
        why = "SOAP fills an anonymous lead value by value, REST creates one with them"
        return replace(item, verdict=Verdict.EXPECTED, rule="cookie", why=why)
    created = old.lead.id not in context.baseline and new.lead.id not in context.baseline
    return item if created and context.old.calls is not None and context.new.calls is not None else None


def _with_causes(
    found: Iterable[Difference], log: Iterable[Difference], filling: Difference | None
) -> Iterator[Difference]:
    """What the log says of a difference that is known already has the verdict of that difference.

    `filling` is what it is worth that a value which is the same in the end was filled by itself on one side alone.
    """
    causes = {item.item: item for item in found}
    for item in log:
        cause = causes.get(item.follows or "")
        if cause is not None and item.verdict is Verdict.UNEXPLAINED:
            yield replace(item, verdict=cause.verdict, rule=cause.rule, why=f"follows from {cause.item}")
        elif cause is None and item.rule == FILLED and item.follows and filling is not None:
            yield replace(item, verdict=filling.verdict, rule=filling.rule, why=filling.why, follows=None)
        else:
            yield replace(
                item,
                rule=None if item.rule == FILLED else item.rule,
                follows=item.follows if cause is not None else None,
            )


def _times(old: NewLead, new: NewLead, found: Iterable[Difference], context: Context) -> Iterator[Difference]:
    """When the lead was created, and whether it was written at all: where another value was, both follow from that."""
    others = [item for item in found if item.verdict is not Verdict.FORM]
    itself = any(item.item == "lead itself" for item in others)
    if context.times and old.lead.created_at != new.lead.created_at and not itself:
        yield Difference("createdAt", old.lead.created_at.isoformat(), new.lead.created_at.isoformat())
    if any(item.verdict is not Verdict.EXPECTED for item in others):
        return
    written = _written(old, context.old, context), _written(new, context.new, context)
    if written == (True, False):
        if context.uses_rest and (context.written_by_new is None or new.lead.id in context.written_by_new):
            why = "REST leaves a lead alone where nothing changes"
            yield Difference("updatedAt", "written", "left alone", Verdict.EXPECTED, "updated-at", why)
        else:
            yield Difference("updatedAt", "written", "left alone", why="the new program did not write this lead")
    elif written == (False, True):
        yield Difference("updatedAt", "left alone", "written", why="the old program did not write this lead")
    elif context.times and old.lead.updated_at != new.lead.updated_at:
        yield Difference("updatedAt", old.lead.updated_at.isoformat(), new.lead.updated_at.isoformat())


def _written(item: NewLead, side: Side, context: Context) -> bool | None:
    """Whether a program wrote the lead, whatever the values; `None` where nobody knows: a world has other orders."""
    if not context.baseline or side.calls is None:
        return None
    before = context.baseline.get(item.lead.id)
    return before is None or before.lead.updated_order != item.lead.updated_order
