"""A Marketo inside the test: a subscription from a fixture text, calls straight into the SOAP server, answers read.

No HTTP and no thread; the clock stands still unless a test moves it, and every request is signed at its time.
"""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import databases
from lxml import etree

from mockmkto import auth
from mockmkto.clock import Clock
from mockmkto.model import Call, Key, Lead
from mockmkto.soap.server import SoapServer
from mockmkto.store import leads
from mockmkto.store.registry import Registry
from mockmkto.store.tables import subscription_metadata
from mockmkto.worlds import parse_worlds
from mockmkto.worlds.loading import load

USER = "mockmkto"
KEY = "mockmkto-encryption-key"
NOW = dt.datetime(2026, 3, 14, 9, 26, 53, tzinfo=dt.UTC)

NS = "http://www.marketo.com/mktows/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Answer:
    """An answer, read by an independent reader: plain lxml, nothing of the server's."""

    http_status: int
    body: bytes
    call: Call

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.body)

    def text(self, path: str) -> str | None:
        found = self.root.find(f".//{path}")
        return None if found is None or found.get(f"{{{XSI}}}nil") == "true" else (found.text or "")

    @property
    def status(self) -> str | None:
        return self.text("status")

    @property
    def lead_id(self) -> int | None:
        text = self.text("leadId")
        return int(text) if text else None

    @property
    def code(self) -> str | None:
        """The code of Marketo's fault, or the fault code of the stack's."""
        return self.text("code") or self.text("faultcode")

    @property
    def fault_string(self) -> str | None:
        return self.text("faultstring")

    @property
    def message(self) -> str | None:
        return self.text("message")

    @property
    def records(self) -> list[Record]:
        return [Record.of(element) for element in self.root.iter("leadRecord") if len(element)]

    @property
    def record(self) -> Record:
        (record,) = self.records
        return record

    @property
    def warnings(self) -> list[str]:
        return [warning.message for warning in self.call.warnings]


@dataclass(frozen=True)
class Record:
    """A leadRecord of an answer."""

    id: int
    email: str | None
    foreign_id: str | None
    foreign_type: str | None
    attributes: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, element: etree._Element) -> Record:
        members = {child.tag: None if child.get(f"{{{XSI}}}nil") else (child.text or "") for child in element}
        attributes = {a.findtext("attrName"): a.findtext("attrValue") for a in element.iter("attribute")}
        types = {a.findtext("attrName"): a.findtext("attrType") for a in element.iter("attribute")}
        return cls(
            int(members["Id"]),
            members["Email"],
            members["ForeignSysPersonId"],
            members["ForeignSysType"],
            attributes,
            types,
        )


class Marketo:
    """A subscription made from a fixture text; `sync` and `get` call it as a client would."""

    def __init__(self, fixture: str = "{}", registry: Registry | None = None) -> None:
        self.registry = registry or databases.new_registry()
        if registry is None:
            weakref.finalize(self, self.registry.close)
        (world,) = parse_worlds(fixture, "test.yaml")
        self.name = world.subscription
        self.database = load(world, self.registry)
        self.calls: list[Call] = []
        self.server = SoapServer(self.registry, self.calls.append)
        self.set_clock(Clock(frozen_at=NOW))

    @classmethod
    def over(cls, registry: Registry, name: str = "default") -> Marketo:
        """Another server over a registry that has the subscription already."""
        other = cls.__new__(cls)
        other.registry, other.name, other.calls = registry, name, []
        other.database = registry.get(name)
        other.server = SoapServer(registry, other.calls.append)
        return other

    def set_clock(self, clock: Clock) -> None:
        with self.database.transaction() as session:
            session.clock = clock

    @property
    def now(self) -> dt.datetime:
        with self.database.transaction() as session:
            return session.now

    def post(self, body: bytes | str, version: str = "2_9", content_type: str | None = "text/xml") -> Answer:
        """Any bytes at all."""
        raw = body.encode() if isinstance(body, str) else body
        answer = self.server.answer(version, raw, content_type, "127.0.0.1")
        return Answer(answer.status, answer.body, self.calls[-1])

    def envelope(self, body: str, *, context: str = "", timestamp: str | None = None, key: str = KEY) -> str:
        """An envelope around a body, signed now."""
        stamp = timestamp if timestamp is not None else self.now.isoformat(timespec="seconds")
        signature = auth.sign(USER, key, stamp)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP}" xmlns:ns1="{NS}" '
            f'xmlns:xsi="{XSI}"><SOAP-ENV:Header><ns1:AuthenticationHeader><mktowsUserId>{USER}</mktowsUserId>'
            f"<requestSignature>{signature}</requestSignature><requestTimestamp>{escape(stamp)}</requestTimestamp>"
            f"</ns1:AuthenticationHeader>{context}</SOAP-ENV:Header>"
            f"<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
        )

    def sync(
        self,
        attributes: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        *,
        Id: object = None,
        Email: str | None = None,
        ForeignSysPersonId: str | None = None,
        ForeignSysType: str | None = None,
        cookie: str | None = None,
        workspace: str | None = None,
        return_lead: bool = True,
        move_cookie: bool | None = None,
        version: str = "2_9",
    ) -> Answer:
        """One syncLead."""
        members = {
            "Id": Id,
            "Email": Email,
            "ForeignSysPersonId": ForeignSysPersonId,
            "ForeignSysType": ForeignSysType,
        }
        pairs = attributes.items() if isinstance(attributes, Mapping) else attributes
        listed = "".join(
            f"<attribute><attrName>{escape(name)}</attrName><attrValue>{escape(value)}</attrValue></attribute>"
            for name, value in pairs
        )
        record = "".join(f"<{n}>{escape(str(v))}</{n}>" for n, v in members.items() if v is not None)
        rest = f"<returnLead>{'true' if return_lead else 'false'}</returnLead>"
        if cookie is not None:
            rest += f"<marketoCookie>{escape(cookie)}</marketoCookie>"
        if move_cookie is not None:
            rest += f"<moveCookie>{'true' if move_cookie else 'false'}</moveCookie>"
        body = (
            f"<ns1:paramsSyncLead><leadRecord>{record}<leadAttributeList>{listed}</leadAttributeList></leadRecord>"
            f"{rest}</ns1:paramsSyncLead>"
        )
        context = ""
        if workspace is not None:
            target = f"<targetWorkspace>{escape(workspace)}</targetWorkspace>"
            context = f"<ns1:MktowsContextHeader>{target}</ns1:MktowsContextHeader>"
        return self.post(self.envelope(body, context=context), version)

    def call(self, operation: str, params: Mapping[str, object] | None = None, version: str = "2_9") -> Answer:
        """Any operation: params by name, lists where an element is there several times."""
        root = f"params{operation[0].upper()}{operation[1:]}"
        return self.post(self.envelope(f"<ns1:{root}>{elements(params or {})}</ns1:{root}>"), version)

    def get(self, key_type: str, value: object) -> Answer:
        """One getLead."""
        key = f"<keyType>{key_type}</keyType><keyValue>{escape(str(value))}</keyValue>"
        return self.post(self.envelope(f"<ns1:paramsGetLead><leadKey>{key}</leadKey></ns1:paramsGetLead>"))

    def lead(self, lead_id: int) -> Lead:
        """A lead as it is stored."""
        with self.database.transaction() as session:
            lead = leads.by_id(session, lead_id)
        assert lead is not None, f"there is no lead {lead_id}"
        return lead

    def keys(self, lead_id: int) -> tuple[set[tuple[str, str]], set[str]]:
        """The foreign ids and the cookies of a lead."""
        with self.database.transaction() as session:
            foreign_ids = {(item.type.value, item.id) for item in leads.foreign_ids_of(session, lead_id)}
            return foreign_ids, set(leads.cookies_of(session, lead_id))

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table: equal dumps are equal subscriptions.

        Without the indexes that lookups by fields made: those say nothing that the leads do not, and outlast a refusal.
        """
        with self.database.transaction() as session:
            rows = databases.all_rows(session.connection, subscription_metadata)
            (state,) = session.connection.execute(subscription_metadata.tables["state"].select()).mappings()
        for table, prefix in (("setting", "index."), ("lead_key", "field ")):
            rows[table] = [row for row in rows[table] if not str(row[0]).startswith(prefix)]
        rows["state"] = [tuple(value for name, value in state.items() if name != "world_version")]
        return rows


def elements(members: Mapping[str, object]) -> str:
    """Members as XML: a mapping is an element with members of its own, a list the same element several times."""
    text = ""
    for name, value in members.items():
        for item in value if isinstance(value, list) else [value]:
            content = elements(item) if isinstance(item, Mapping) else escape(str(item))
            text += f"<{name}>{content}</{name}>"
    return text


def attribute_list(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """An `ArrayOfAttribute` for `elements`."""
    return {"attribute": [{"attrName": name, "attrValue": value} for name, value in pairs]}


def attrib_list(pairs: Mapping[str, object]) -> dict[str, object]:
    """An `ArrayOfAttrib` for `elements`."""
    return {"attrib": [{"name": name, "value": value} for name, value in pairs.items()]}


def decided_by(answer: Answer) -> Key | None:
    """The key that decided."""
    step = answer.call.trace.deciding
    return step.key if step else None
