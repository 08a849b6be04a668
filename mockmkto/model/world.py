"""The world of a subscription: its fields, workspaces, rules and switches, who may call, its leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

from mockmkto.model.records import ForeignSysType

if TYPE_CHECKING:  # few subscriptions have any
    from mockmkto.model.activity_types import CustomActivityType

__all__ = [
    "AssignmentRule",
    "Behaviour",
    "Client",
    "Condition",
    "Credential",
    "CustomObjectLink",
    "CustomObjectType",
    "Field",
    "FieldCatalogue",
    "FieldType",
    "ForeignId",
    "Lead",
    "Limits",
    "ObjectDefinitions",
    "Operator",
    "Workspace",
    "World",
]


class FieldType(StrEnum):
    """The types a lead field can have, as `attrType` shows them."""

    STRING = "string"
    TEXT = "text"
    URL = "url"
    PHONE = "phone"
    EMAIL = "email"
    REFERENCE = "reference"
    INTEGER = "integer"
    SCORE = "score"
    PERCENT = "percent"
    FLOAT = "float"
    CURRENCY = "currency"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"


class Field(Struct, frozen=True):
    """One field of the lead database. `length` is in characters, for `text` in bytes of UTF-8; `None` is unbounded."""

    name: str
    type: FieldType
    length: int | None = None
    read_only: bool = False
    update_blocked: bool = False
    display_name: str | None = None  # None: that of the standard field, or the name itself
    rest_name: str | None = None  # None: the name itself, as every custom field's (captured)
    rest_read_only: bool = False
    soap: bool = True  # whether the SOAP API knows it
    rest: bool = True  # whether the REST API does
    id: int | None = None  # by which the REST API's describe calls it; those of other objects have none
    description: str | None = None
    hidden: bool = False
    html_encoded: bool = True  # in e-mails
    sensitive: bool = False
    api_created: bool = False

    @property
    def writable(self) -> bool:
        """Whether a sync may store a value; otherwise the lead is synced and the value is dropped."""
        return not (self.read_only or self.update_blocked)


class FieldCatalogue:
    """The fields of a subscription: one entry for both APIs, found by the name that each calls it.

    What is found by name and what is iterated are the SOAP API's fields, in the order in which its answers list them;
    `by_rest_name` and `rest` are the REST API's; `every` has all of them.
    """

    __slots__ = ("_by_folded", "_by_name", "_by_rest", "_ordered", "every", "rest")

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.every = fields
        known = tuple(item for item in fields if item.soap)
        # Captured: a real record of 72 attributes is sorted by upper-cased name, not by ASCII.
        self._ordered = tuple(sorted(known, key=lambda item: item.name.upper()))
        self._by_name = {item.name: item for item in known}
        self._by_folded = {item.name.casefold(): item for item in known}
        self.rest = tuple(item for item in fields if item.rest)
        self._by_rest = {(item.rest_name or item.name).casefold(): item for item in self.rest}

    def find(self, name: str) -> Field | None:
        """The field that the SOAP API calls so, exact case first, then any case; `None` when there is none."""
        return self._by_name.get(name) or self._by_folded.get(name.casefold())

    def by_rest_name(self, name: str) -> Field | None:
        """The field that the REST API calls so, in any case (inferred); `None` when there is none."""
        return self._by_rest.get(name.casefold())

    def named(self, name: str) -> Field | None:
        """The field of that name in either API, the SOAP API's first, in any case; `None` when there is none."""
        return self.find(name) or self.by_rest_name(name)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._ordered)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldCatalogue) and set(self.every) == set(other.every)

    def __hash__(self) -> int:
        return hash(frozenset(self.every))

    def __len__(self) -> int:
        return len(self._ordered)


class Workspace(Struct, frozen=True):
    """A workspace and the partition in which its new leads are created."""

    name: str
    primary_partition: str


class Operator(StrEnum):
    """How an assignment rule's condition compares; `is_empty` and `is_not_empty` take no operand."""

    IS = "is"
    IS_NOT = "is_not"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    CONTAINS = "contains"
    IN = "in"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"


class Condition(Struct, frozen=True):
    """One condition of an assignment rule. `operands` has one text, several for `in`, none for the empty checks."""

    field: str
    operator: Operator
    operands: tuple[str, ...] = ()

    def __str__(self) -> str:
        operand = ", ".join(repr(item) for item in self.operands)
        return f"{self.field} {self.operator.replace('_', ' ')} {operand}".rstrip()


class AssignmentRule(Struct, frozen=True):
    """Where a new lead goes when all conditions hold."""

    name: str
    conditions: tuple[Condition, ...]
    partition: str


class Limits(Struct, frozen=True):
    """How often may be called (documented, of the SOAP API); `None` is no limit."""

    per_day: int | None = 10_000
    per_20_seconds: int | None = 100
    at_once: int | None = 10


class Behaviour(Struct, frozen=True):
    """The switches of one subscription: each rules a case in which the vendor's documentation is silent."""

    element_names: str = "exact"
    signature_window: timedelta | None = timedelta(minutes=15)
    anonymous_cookie: str = "decides"
    duplicate_email: str = "most_recently_updated"
    keyless_leads: str = "reject"
    overlong_values: str = "reject"
    derive_website: bool = True
    limits: Limits | None = None
    rest_limits: Limits | None = None
    limit_counters: str = "separate"
    empty_lists: str = "nil"
    activity_log: bool = True
    known_lead_activity: str = "new_lead"
    change_reason: str = "soap_api"
    score_activity: str = "change_score"
    dedup_default: bool = True
    multi_sync_errors: str = "per_record"
    duplicate_email_many: str = "as_single"
    batch_default: str = "100"
    date_range: timedelta | None = timedelta(days=30)
    untyped_selector: str = "guess"
    position_conflict: str = "position"
    stream_end: str = "empty"
    remaining_count: str = "exact"
    created_filter: str = "activity_time"
    bad_combination: str = "20114"
    merge_missing: str = "fault"
    merge_changes: bool = False
    unchanged_status: str = "unchanged"
    mobject_errors: str = "per_object"
    opportunity_activities: bool = True
    custom_link_missing: str = "store"
    custom_skipped: str = "failed"
    custom_unchanged: str = "updated"
    custom_activities: bool = False
    tag_filter: str = "type_only"
    import_duration: timedelta = timedelta()
    export_duration: timedelta = timedelta()
    list_status: str = "failed_only"
    strict_failure: str = "fault"
    program_lists: str = "allow"
    missing_list: str = "fault"
    import_unknown_column: str = "ignore"
    import_empty: str = "keep"
    inactive_campaign: str = "fault"
    campaign_missing_lead: str = "fault"
    run_delay: str = "0m"
    clone_limit: str = "10"
    rest_query_token: str = "accept"  # noqa: S105  # none


class CustomObjectLink(Struct, frozen=True):
    """Which field of the records says whose they are, and what of the lead it is: `Id`, `Email` or a field's name."""

    field: str
    to: str


class CustomObjectType(Struct, frozen=True):
    """A type of custom objects. `keys` are the fields by which two records are told apart, in their order."""

    name: str
    fields: FieldCatalogue
    keys: tuple[str, ...]
    link: CustomObjectLink | None = None


class ObjectDefinitions(Struct, frozen=True):
    """What a subscription has beside leads: its types of custom objects, its own fields of opportunities and roles.

    And its own types of activities, in the order in which they were made.
    """

    custom_types: tuple[CustomObjectType, ...] = ()
    opportunity_fields: tuple[Field, ...] = ()
    role_fields: tuple[Field, ...] = ()
    activity_types: tuple[CustomActivityType, ...] = ()

    def custom_type(self, name: str) -> CustomObjectType | None:
        """The type of that name in any case; `None` when there is none."""
        wanted = name.strip().casefold()
        return next((item for item in self.custom_types if item.name.casefold() == wanted), None)


class World(Struct, frozen=True):
    """What a subscription is made of, its leads aside."""

    fields: FieldCatalogue
    workspaces: tuple[Workspace, ...]  # empty: workspaces are not enabled
    partitions: tuple[str, ...]
    assignment_rules: tuple[AssignmentRule, ...]
    behaviour: Behaviour
    time_zone: ZoneInfo
    lead_keys: Mapping[str, str]  # getLead key type -> the field it looks into
    objects: ObjectDefinitions = ObjectDefinitions()
    hosts: tuple[str, ...] = ()  # the host names that mean this subscription and no other, in small letters
    # Fields by whose values leads were looked for, and whether their index has all leads yet: of no matter to equality.
    indexed: Mapping[str, bool] = {}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, World):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)

    __hash__ = None  # type: ignore[assignment]  # it has mappings

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of that name in any case; `None` when there is none."""
        wanted = name.casefold()
        return next((item for item in self.workspaces if item.name.casefold() == wanted), None)


_COMPARED = tuple(name for name in World.__struct_fields__ if name != "indexed")


class Credential(Struct, frozen=True):
    """Who may call, and which subscription that opens. Two keys are live while one is being rotated."""

    user_id: str
    encryption_keys: tuple[str, ...]
    subscription: str
    blocked: bool = False

    def __repr__(self) -> str:  # a key must never reach a log through a traceback or a debug line
        return f"Credential({self.user_id!r}, {len(self.encryption_keys)} key(s), {self.subscription!r})"


class Client(Struct, frozen=True):
    """A custom service that may call the REST API, and which subscription that opens: the twin of a credential.

    `user` is the e-mail of its API-only user, which the identity service shows as `scope`. `permissions` are those of
    that user's role, `None` is all of them. Two secrets are live while one is being rotated.
    """

    client_id: str
    secrets: tuple[str, ...]
    subscription: str
    user: str
    permissions: tuple[str, ...] | None = None
    blocked: bool = False

    @property
    def mark(self) -> str:
        """How its tokens begin, by which one says whose it is: 12 hexadecimal digits of its id."""
        return blake2b(self.client_id.encode(), digest_size=6).hexdigest()

    def __repr__(self) -> str:  # as of a credential
        return f"Client({self.client_id!r}, {len(self.secrets)} secret(s), {self.subscription!r})"


class ForeignId(Struct, frozen=True):
    """A foreign key: the pair of type and id. The same id under another type is another key."""

    type: ForeignSysType
    id: str


class Lead(Struct, frozen=True):
    """A lead as it is stored. Attribute values are canonical text by the field's own name; empty ones are absent.

    `updated_order` and `created_order` are counters of the subscription: order is never taken from a clock.
    """

    id: int
    email: str | None
    known: bool
    partition: str
    attributes: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    created_order: int
    updated_order: int
