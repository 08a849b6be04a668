"""What syncLead is meant to do, written down a second time: a model that shares nothing with the engine.

It was written from the rules alone, holds its leads in a dict and imports nothing of mockmkto's. The state machine
makes the same calls to both and compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace  # noqa: TID251  # of dataclasses here

# ---------------------------------------------------------------------------------------------------------------------
# The world that the model knows

FOREIGN_TYPES = ("CUSTOM", "SFDC", "NETSUITE")

Values = Mapping[str, str | None]
"""What an assignment rule sees: values by field name in lower case, the e-mail included."""


@dataclass(frozen=True)
class FieldRule:
    """A field as far as a sync can tell: its spelling, its type, how long it may be, whether a sync may write it."""

    name: str
    type: str
    length: int = 255
    writable: bool = True


@dataclass(frozen=True)
class Rule:
    """An assignment rule: where a new lead goes whose values pass."""

    holds: Callable[[Values], bool]
    partition: str


@dataclass(frozen=True)
class Switches:
    """The switches of a subscription that syncLead asks."""

    keyless_leads: str = "reject"
    anonymous_cookie: str = "decides"
    duplicate_email: str = "most_recently_updated"
    derive_website: str = "on"
    overlong_values: str = "reject"


@dataclass(frozen=True)
class Request:
    """A syncLead call. `None` is an element that is not there; an attribute is a pair, each side of it may miss."""

    record: bool = True
    Id: int | None = None
    Email: str | None = None
    ForeignSysPersonId: str | None = None
    ForeignSysType: str | None = None
    cookie: str | None = None
    attributes: tuple[tuple[str | None, str | None], ...] = ()
    workspace: str | None = None
    return_lead: bool = False
    move_cookie: bool | None = None
    version: str = "2_9"

    @property
    def keyless(self) -> bool:
        """Whether nothing in the request could find a lead. A key without a text is as if it were not there."""
        return self.Id is None and not (self.email_key or self.ForeignSysPersonId or self.cookie_key)

    @property
    def names_an_email(self) -> bool:
        """Whether an attribute is an e-mail: then a request without a key makes a new lead each time."""
        return any((name or "").lower() == "email" and (value or "").strip() for name, value in self.attributes)

    @property
    def renames(self) -> bool:
        """Whether an attribute gives the lead another e-mail than the one that it is found by."""
        return self.email_key is not None and any((name or "").lower() == "email" for name, _ in self.attributes)

    @property
    def email_key(self) -> str | None:
        return (self.Email or "").strip() or None

    @property
    def cookie_key(self) -> str | None:
        return compared(self.cookie or "") or None


def compared(cookie: str) -> str:
    """What a cookie is known by: its token, and without one all of it but the leading `id:`."""
    text = cookie.removeprefix("id:")
    return text[text.index("token:") :] if "token:" in text else text


@dataclass
class ModelLead:
    """A lead. `foreign_ids` stand in the order in which they were written: the last one is shown."""

    id: int
    partition: str
    email: str | None = None
    known: bool = True
    attributes: dict[str, str] = field(default_factory=dict)
    foreign_ids: list[tuple[str, str]] = field(default_factory=list)
    cookies: set[str] = field(default_factory=set)
    created_at: int = 0
    updated_at: int = 0
    created_order: int = 0
    updated_order: int = 0


@dataclass(frozen=True)
class Answered:
    """What a call is answered, and why: `key` is the one that decided."""

    lead_id: int
    status: str
    key: str | None


class Refused(Exception):
    """A fault. `message` is `None` where the rules fix no text; `lead_id` is the lead that had been chosen."""

    def __init__(self, code: int, message: str | None = None, lead_id: int | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = f"{message} ({code})" if message else None
        self.lead_id = lead_id


# ---------------------------------------------------------------------------------------------------------------------
# The rules


class Model:
    """A subscription by the rules. Times are seconds since its beginning."""

    def __init__(
        self,
        *,
        fields: tuple[FieldRule, ...],
        switches: Switches,
        workspaces: Mapping[str, str] | None,
        rules: tuple[Rule, ...],
        leads: tuple[ModelLead, ...],
    ) -> None:
        self.fields = {item.name.lower(): item for item in fields}
        self.switches = switches
        self.workspaces = workspaces
        self.rules = rules
        self.leads: dict[int, ModelLead] = {}
        self.order = 0
        self.now = 0
        for lead in leads:
            order = self.next_order()
            self.leads[lead.id] = replace(
                lead,
                attributes=dict(lead.attributes),
                foreign_ids=list(lead.foreign_ids),
                cookies={compared(cookie) for cookie in lead.cookies},
                created_order=order,
                updated_order=order,
            )
        self.next_id = max(self.leads, default=1000) + 1

    def next_order(self) -> int:
        self.order += 1
        return self.order

    # What is looked at before anything is written, in the order in which faults are answered.

    def sync(self, request: Request) -> Answered:
        """Answer a call, or raise `Refused` and be as before."""
        foreign_type = self.check_shape(request)
        workspace = self.check_workspace(request)
        values, email = self.check_attributes(request)
        foreign_id = (foreign_type, request.ForeignSysPersonId) if request.ForeignSysPersonId else None
        cookie, key_email = request.cookie_key, request.email_key
        key, lead, merged = self.match(request.Id, foreign_id, cookie, key_email)
        if lead is not None and key != "Email" and self.shut_out(lead, workspace):
            raise Refused(
                20106,
                f"syncLead operation failed: lead {lead.id} is not in the primary partition of workspace {workspace}",
                lead.id,
            )

        created = lead is None
        if lead is None:
            lead = ModelLead(self.next_id, partition="", created_at=self.now, created_order=self.next_order())
            lead.updated_order = lead.created_order
            self.next_id += 1
            self.leads[lead.id] = lead
        else:
            lead.updated_order = self.next_order()
        lead.updated_at = self.now
        lead.known = True

        # The keys that did not decide are written. An e-mail that decided stays as it is stored.
        if email is not None:
            lead.email = email.strip() or None
        elif key_email is not None and key != "Email":
            lead.email = key_email
        if foreign_id is not None and key != "ForeignSysPersonId":
            self.give_foreign_id(foreign_id, lead)
        if merged is not None:
            lead.cookies |= merged.cookies
            del self.leads[merged.id]
        elif cookie is not None:
            self.give_cookie(cookie, lead, move=request.version != "3_1" or request.move_cookie is not False)

        for item, value in values.items():
            if value:
                lead.attributes[item] = value
            else:
                lead.attributes.pop(item, None)
        if created:
            if (
                self.switches.derive_website == "on"
                and lead.email
                and "@" in lead.email
                and not lead.attributes.get("Website")
                and not lead.attributes.get("Company")
            ):
                lead.attributes["Website"] = lead.email.rpartition("@")[2]
            lead.partition = self.partition_of_new(lead, workspace)
        return Answered(lead.id, "CREATED" if created else "UPDATED", key)

    def check_shape(self, request: Request) -> str:
        """20104, 20101, 20109 and the 20110 of a ForeignSysType; gives the type that counts."""
        if not request.record:
            raise Refused(20104)
        if request.keyless and not request.names_an_email and self.switches.keyless_leads == "reject":
            raise Refused(20101)
        if any(name is None or value is None for name, value in request.attributes):
            raise Refused(20109)
        given = request.ForeignSysType or "CUSTOM"
        if request.ForeignSysPersonId and given not in FOREIGN_TYPES:
            raise Refused(20110)
        return given

    def check_workspace(self, request: Request) -> str | None:
        """The workspace's own name, `None` where the request names none."""
        name = request.workspace
        if not name:
            return None
        known = self.workspaces if self.workspaces is not None else {"Default": "Default"}
        found = next((item for item in known if item.lower() == name.lower()), None)
        if found is None:
            raise Refused(20110, f"Workspace name is not valid: {name}")
        return found

    def check_attributes(self, request: Request) -> tuple[dict[str, str], str | None]:
        """Values to store by field name, an empty one clears; and the e-mail among the attributes."""
        last: dict[str, str] = {}
        unknown: list[str] = []
        for name, value in request.attributes:
            assert name is not None, "20109 came first"
            assert value is not None, "20109 came first"
            if name.lower() == "id" and request.Id is not None and value.strip() == str(request.Id):
                continue
            if name.lower() != "email" and name.lower() not in self.fields:
                if name not in unknown:
                    unknown.append(name)
                continue
            last[name.lower()] = value
        if unknown:
            raise Refused(20105, f"syncLead operation failed: unknown fields for import: {', '.join(unknown)}")
        email = last.pop("email", None)
        values = {}
        for name, value in last.items():
            item = self.fields[name]
            if item.writable:
                values[item.name] = self.read(item, value)
        return values, email

    def read(self, item: FieldRule, value: str) -> str:
        """A value in the form in which it is stored."""
        if not value:
            return ""
        bad = Refused(20110, f"Value '{value}' is not valid for field {item.name} of type {item.type}")
        match item.type:
            case "integer":
                whole = re.fullmatch(r"([+-]?[0-9]+)(\.0*)?", value)
                if not whole or not -(2**31) <= int(whole[1]) < 2**31:
                    raise bad
                return str(int(whole[1]))
            case "currency":
                if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value):
                    raise bad
                return f"{float(value):.2f}".rstrip("0").rstrip(".")
            case "boolean":
                if value.lower() not in ("1", "0", "true", "false", "yes", "no", "t", "f"):
                    raise bad
                return "1" if value.lower() in ("1", "true", "yes", "t") else ""  # false is as good as not there
            case "date":
                if not re.fullmatch(r"\d{4}-\d\d-\d\d(T.*)?", value):
                    raise bad
                return value[:10]
            case _:
                if len(value) > item.length:
                    if self.switches.overlong_values == "reject":
                        raise Refused(20110)
                    return value[: item.length]
                return value

    # Which lead

    def match(
        self, lead_id: int | None, foreign_id: tuple[str, str] | None, cookie: str | None, email: str | None
    ) -> tuple[str | None, ModelLead | None, ModelLead | None]:
        """The key that decides, the lead it found, and the anonymous lead that is merged into it."""
        if lead_id is not None:
            if lead_id not in self.leads:
                raise Refused(20103, f"No lead found with IDNUM = {lead_id}")
            return "Id", self.leads[lead_id], None
        owner = self.owner_of_foreign_id(foreign_id)
        if owner is not None:
            return "ForeignSysPersonId", owner, None
        holder = self.holder_of_cookie(cookie)
        by_email = self.lead_with_email(email)
        if holder is not None:
            if self.switches.anonymous_cookie == "merges" and not holder.known and by_email is not None:
                return "Email", by_email, holder
            return "marketoCookie", holder, None
        return ("Email" if by_email is not None else None), by_email, None

    def owner_of_foreign_id(self, foreign_id: tuple[str, str] | None) -> ModelLead | None:
        return next((lead for lead in self.leads.values() if foreign_id in lead.foreign_ids), None)

    def holder_of_cookie(self, cookie: str | None) -> ModelLead | None:
        return next((lead for lead in self.leads.values() if cookie in lead.cookies), None)

    def lead_with_email(self, email: str | None) -> ModelLead | None:
        if email is None:
            return None
        found = [lead for lead in self.leads.values() if lead.email and lead.email.casefold() == email.casefold()]
        if self.switches.duplicate_email == "most_recently_created":
            return max(found, key=lambda lead: lead.created_order, default=None)
        return max(found, key=lambda lead: lead.updated_order, default=None)

    def shut_out(self, lead: ModelLead, workspace: str | None) -> bool:
        """Documented for enabled workspaces alone: without them a lead is updated in whatever partition it is."""
        return workspace is not None and self.workspaces is not None and lead.partition != self.workspaces[workspace]

    # What is written

    def give_foreign_id(self, foreign_id: tuple[str, str], lead: ModelLead) -> None:
        owner = self.owner_of_foreign_id(foreign_id)
        if owner is not None:
            owner.foreign_ids.remove(foreign_id)
        lead.foreign_ids.append(foreign_id)

    def give_cookie(self, cookie: str, lead: ModelLead, *, move: bool) -> None:
        holder = self.holder_of_cookie(cookie)
        if holder is None:
            lead.cookies.add(cookie)
        elif move:
            holder.cookies.remove(cookie)
            lead.cookies.add(cookie)

    def primary(self, workspace: str) -> str:
        return self.workspaces[workspace] if self.workspaces is not None else "Default"

    def partition_of_new(self, lead: ModelLead, workspace: str | None) -> str:
        values: dict[str, str | None] = {name.lower(): value for name, value in lead.attributes.items()}
        values["email"] = lead.email
        for rule in self.rules:
            if rule.holds(values):
                return rule.partition
        return self.primary(workspace or "Default")
