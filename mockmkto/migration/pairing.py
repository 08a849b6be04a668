"""Which lead of the one world is which of the other: by a key that was chosen, never by the Id alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from mockmkto.migration.side import Side, label_of
from mockmkto.migration.values import field_of
from mockmkto.model import ForeignSysType, World
from mockmkto.store.lead_keys import cookie_key, email_key
from mockmkto.store.leads import NewLead

__all__ = ["LeadPair", "UnknownKeyError", "pair_leads"]

_Keys: TypeAlias = Callable[[NewLead], Iterable[str]]

_MOST_TO_WEIGH = 10_000  # pairs of one key: of more, those that stand at the same place are paired


class UnknownKeyError(ValueError):
    """What leads are to be paired by is neither a field nor a type of foreign ids."""


class LeadPair(NamedTuple):
    """A lead of both sides, or of one. `by` says which key paired them."""

    old: NewLead | None
    new: NewLead | None
    by: str = ""

    @property
    def label(self) -> str:
        """What the lead is called, on the old side first."""
        item = self.old or self.new
        return label_of(item) if item is not None else ""

    @property
    def ids(self) -> tuple[int | None, int | None]:
        """Its Id on either side."""
        return (
            self.old.lead.id if self.old is not None else None,
            self.new.lead.id if self.new is not None else None,
        )


def pair_leads(
    old: Side,
    new: Side,
    pair_by: Sequence[str],
    baseline: Mapping[int, NewLead],
    mirror: str | None = None,
) -> tuple[LeadPair, ...]:
    """Every lead of either side, in the order of the old side, those that only the new side has at the end.

    First by the keys that were chosen, one after the other; then, of the leads that are left, by foreign id, by cookie,
    as the same lead of the fixture, by all that they are; at last those without any key in the order of their creation.

    Args:
        old: the one side.
        new: the other.
        pair_by: `Email`, the name of a field in either API, or a type of foreign ids.
        baseline: the leads that both programs found, by Id.
        mirror: the field in which the new side keeps foreign ids.

    Raises:
        UnknownKeyError: one of `pair_by` is no field of the old world, and no type of foreign ids.
    """
    left_old, left_new = list(old.leads), list(new.leads)
    pairs: list[LeadPair] = []

    def pass_by(name: str, old_keys: _Keys, new_keys: _Keys) -> None:
        nonlocal left_old, left_new
        if not left_old or not left_new:
            return
        found = _paired(left_old, left_new, old_keys, new_keys, baseline)
        pairs.extend(LeadPair(a, b, name) for a, b in found)
        gone_old, gone_new = {a.lead.id for a, _ in found}, {b.lead.id for _, b in found}
        left_old = [item for item in left_old if item.lead.id not in gone_old]
        left_new = [item for item in left_new if item.lead.id not in gone_new]

    for name in pair_by:
        pass_by(name, _keys(name, old.world, mirror), _keys(name, new.world, mirror))
    pass_by("foreign id", _foreign(None, mirror), _foreign(None, mirror))
    pass_by("cookie", _cookies, _cookies)

    def of_fixture(item: NewLead) -> Iterable[str]:
        return (str(item.lead.id),) if item.lead.id in baseline else ()

    pass_by("lead of the fixture", of_fixture, of_fixture)
    pass_by("everything it has", _everything, _everything)
    pass_by("order of creation", _keyless, _keyless)
    place = {item.lead.id: place for place, item in enumerate(old.leads)}
    pairs.extend(LeadPair(item, None) for item in left_old)
    pairs.sort(key=lambda pair: place[pair.old.lead.id] if pair.old is not None else 0)
    return (*pairs, *(LeadPair(None, item) for item in left_new))


def _keys(name: str, world: World, mirror: str | None) -> _Keys:
    if name.casefold() == "email":
        return lambda item: (email_key(item.lead.email),) if item.lead.email else ()
    if name.upper() in ForeignSysType.__members__:
        return _foreign(ForeignSysType[name.upper()], mirror)
    field = field_of(world, name)
    if field is None:
        raise UnknownKeyError(
            f"leads cannot be paired by {name!r}: it is no field, and no type of foreign ids "
            f"({', '.join(ForeignSysType.__members__)})"
        )
    stored = field.name

    def of_field(item: NewLead) -> Iterable[str]:
        text = item.lead.attributes.get(stored)
        return (text.strip().casefold(),) if text and text.strip() else ()

    return of_field


def _foreign(type: ForeignSysType | None, mirror: str | None) -> _Keys:
    def of_foreign(item: NewLead) -> Iterable[str]:
        found = [key.id for key in item.foreign_ids if type is None or key.type is type]
        mirrored = item.lead.attributes.get(mirror) if mirror else None
        return (*found, *((mirrored,) if mirrored and mirrored not in found else ()))

    return of_foreign


def _cookies(item: NewLead) -> Iterable[str]:
    return [cookie_key(text) for text in item.cookies]


def _everything(item: NewLead) -> Iterable[str]:
    lead = item.lead
    return (repr((lead.email, lead.known, lead.partition, sorted(lead.attributes.items()))),)


def _keyless(item: NewLead) -> Iterable[str]:
    if item.lead.email or item.foreign_ids or item.cookies:
        return ()
    return ("known" if item.lead.known else "anonymous",)


def _paired(
    old: Sequence[NewLead], new: Sequence[NewLead], old_keys: _Keys, new_keys: _Keys, baseline: Mapping[int, NewLead]
) -> list[tuple[NewLead, NewLead]]:
    by_key: dict[str, list[NewLead]] = {}
    for item in new:
        for key in new_keys(item):
            by_key.setdefault(key, []).append(item)
    groups: dict[str, list[NewLead]] = {}
    for item in old:
        for key in old_keys(item):
            if key in by_key:
                groups.setdefault(key, []).append(item)
    found: list[tuple[NewLead, NewLead]] = []
    gone_old: set[int] = set()
    gone_new: set[int] = set()
    for key, ones in groups.items():
        here = [item for item in ones if item.lead.id not in gone_old]
        there = [item for item in by_key[key] if item.lead.id not in gone_new]
        for one, other in _best(here, there, baseline):
            found.append((one, other))
            gone_old.add(one.lead.id)
            gone_new.add(other.lead.id)
    return found


def _best(
    old: Sequence[NewLead], new: Sequence[NewLead], baseline: Mapping[int, NewLead]
) -> Iterable[tuple[NewLead, NewLead]]:
    """Of leads that share a key, those that are most alike, each once; of equals the ones created first."""
    if len(old) == 1 and len(new) == 1:
        return [(old[0], new[0])]
    if len(old) * len(new) > _MOST_TO_WEIGH:
        return zip(old, new, strict=False)
    weighed = sorted(
        ((-_likeness(a, b, baseline), i, j) for i, a in enumerate(old) for j, b in enumerate(new)),
    )
    found, ones, others = [], set(), set()
    for _, i, j in weighed:
        if i not in ones and j not in others:
            ones.add(i)
            others.add(j)
            found.append((old[i], new[j]))
    return found


def _likeness(old: NewLead, new: NewLead, baseline: Mapping[int, NewLead]) -> int:
    alike = len(old.lead.attributes.items() & new.lead.attributes.items())
    alike += 5 * len(set(old.foreign_ids) & set(new.foreign_ids)) + 5 * len(set(old.cookies) & set(new.cookies))
    alike += 1000 * (old.lead.id == new.lead.id and old.lead.id in baseline)
    return alike + (old.lead.known == new.lead.known) + (old.lead.partition == new.lead.partition)
