"""Companies as the REST API has them: found by externalCompanyId, by number and by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockmkto.engine.catalogue import COMPANY_LINK as LINK
from mockmkto.engine.companies import company_fields, spread
from mockmkto.engine.object_kinds import KindField, ObjectKind, moments
from mockmkto.engine.plain import PlainValue
from mockmkto.model import Field, FieldType, TraceBuilder, World
from mockmkto.model.companies import Company
from mockmkto.store import companies as store
from mockmkto.store.database import Counter, Session

__all__ = ["CompanyKind"]

_LONGEST_NUMBER = 15  # digits
_NAMES = {"MktoCompanyNotes": "companyNotes"}  # of a company, not of its leads (documented)
_SALES_PERSON = Field("externalSalesPersonId", FieldType.STRING, 50, display_name="External Sales Person Id")


class CompanyKind(ObjectKind[Company]):
    """Companies. Their number is shown as it is (documented), and they have no marketoGUID."""

    name = "company"
    label = "Company"
    id_field = "id"
    dedupe_fields = (LINK,)
    searchable: tuple[str, ...] = ("company",)

    def __init__(self, world: World) -> None:
        created, updated = moments()
        own = company_fields(world)
        named = tuple(
            KindField(_NAMES.get(name, field.rest_name or name), field, not field.rest_read_only)
            for name, field in own.items()
        )
        self.fields = (
            KindField("id", Field("id", FieldType.INTEGER, display_name="Id"), False),
            KindField(LINK, Field(LINK, FieldType.STRING, 50, display_name="External Company Id")),
            KindField(_SALES_PERSON.name, _SALES_PERSON),
            *named,
            created,
            updated,
        )
        if "Company" not in own:
            self.searchable = ()
        super().__init__()

    def shown_id(self, item: Company) -> PlainValue:
        """Its number."""
        return item.id

    def by_shown_id(self, session: Session, value: object) -> Company | None:
        """The company with that number."""
        text = str(value).strip()
        known = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        return store.company_by_id(session, int(text)) if known else None

    def stored(self, item: Company, name: str) -> str | None:
        """The canonical text of a field."""
        return item.external_id if name == LINK else super().stored(item, name)

    def by_number(self, session: Session, number: int) -> Company | None:
        """The company with that number."""
        return store.company_by_id(session, number)

    def by_key(self, session: Session, key: Mapping[str, str]) -> Company | None:
        """The company that another system calls so."""
        return store.company_by_external_id(session, key[LINK])

    def with_values(
        self, session: Session, wanted: Mapping[str, Sequence[str]], skip: int, most: int
    ) -> Sequence[Company]:
        """Companies in the order of their numbers."""
        ((name, values),) = wanted.items()
        if name == LINK:
            by_key = (store.company_by_external_id(session, value) for value in values if value)
            found = {item.id: item for item in by_key if item is not None}
            return [found[number] for number in sorted(found)][skip : skip + most]
        numbers = sorted({number for value in values if value for number in store.ids_by_name(session, value)})
        named = (store.company_by_id(session, number) for number in numbers[skip : skip + most])
        return [item for item in named if item is not None]

    def create(self, session: Session, values: Mapping[str, str], trace: TraceBuilder) -> Company:
        """A new company; leads that name it already have its values from now on."""
        key, stored = self._split(values)
        now = session.now
        number = session.take_id(Counter.COMPANY)
        new = Company(number, key or "", {name: value for name, value in stored.items() if value}, now, now)
        store.add_companies(session, (new,))
        spread(session, new, trace)
        return new

    def change(self, session: Session, there: Company, values: Mapping[str, str], trace: TraceBuilder) -> Company:
        """Other values of a company, and of every lead that is linked to it."""
        key, given = self._split(values)
        merged = {name: value for name, value in {**there.values, **given}.items() if value}
        key = there.external_id if key is None else key
        changed = Company(there.id, key, merged, there.created_at, session.now)
        store.save_company(session, changed)
        spread(session, changed, trace)
        return changed

    def remove(self, session: Session, there: Company, trace: TraceBuilder) -> None:  # noqa: ARG002 - leads stay
        """A company is gone; its leads keep what they have from it (assumed)."""
        store.remove_company(session, there.id)

    def _split(self, values: Mapping[str, str]) -> tuple[str | None, dict[str, str]]:
        own = {field.field.name: value for name, value in values.items() if (field := self.field(name)) is not None}
        key = own.pop(LINK, None)
        return (key.strip() if key is not None else None), own
