"""Which operations each version answers: their messages, types and headers, as the families declare them.

One table serves everybody: the service declares its methods from it, the protocol its readers and writers, the
document its messages. Each operation says in which family of `operations` it is declared, which is imported with the
first call of one of them: a server starts with what its first call needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from importlib import import_module
from threading import Lock
from typing import Any, NamedTuple

from msgspec import Struct

from mockmkto.model import RequestFields
from mockmkto.soap import types
from mockmkto.soap.operations.declaring import Declaration
from mockmkto.soap.versions import VERSIONS, edition, position

__all__ = ["OPERATIONS", "VERSIONS", "Contract", "Header", "Operation", "contract", "params_element"]


class _Published(NamedTuple):
    family: str  # the module of `operations` that declares it
    since: str  # the version that brought it


_PUBLISHED: dict[str, _Published] = {
    "deleteMObjects": _Published("objects", "2_0"),
    "describeMObject": _Published("objects", "1_3"),
    "getMObjects": _Published("objects", "2_0"),
    "syncMObjects": _Published("objects", "2_0"),
    "getCampaignsForSource": _Published("campaigns", "1_3"),
    "getImportToListStatus": _Published("imports", "2_0"),
    "getLead": _Published("leads", "1_3"),
    "getLeadActivity": _Published("activities", "1_3"),
    "getLeadChanges": _Published("activities", "1_3"),
    "getMultipleLeads": _Published("leads", "1_3"),
    "importToList": _Published("imports", "2_0"),
    "listMObjects": _Published("objects", "1_3"),
    "listOperation": _Published("lists", "1_3"),
    "requestCampaign": _Published("campaigns", "1_3"),
    "scheduleCampaign": _Published("campaigns", "2_0"),
    "syncLead": _Published("leads", "1_3"),
    "syncMultipleLeads": _Published("leads", "1_3"),
    "syncCustomObjects": _Published("custom_objects", "2_0"),
    "deleteCustomObjects": _Published("custom_objects", "2_0"),
    "getCustomObjects": _Published("custom_objects", "2_0"),
    "mergeLeads": _Published("merging", "2_0"),
    "getChannels": _Published("tags", "2_1"),
    "getTags": _Published("tags", "2_1"),
}
"""The operations in the order in which they are published (captured)."""

OPERATIONS: frozenset[str] = frozenset(_PUBLISHED)
"""The names of the operations of all versions; to know them, none need be declared."""


class Header(Struct, frozen=True):
    """A SOAP header: the name of its element and its message, of its message's part, and its type."""

    name: str
    part: str
    model: type[types.Model]


class Operation(Struct, frozen=True):
    """An operation of one version: its name, what comes in, what goes out, and the headers that its binding lists."""

    name: str
    params: type[types.Model]
    success: type[types.Model]
    headers: tuple[Header, ...]
    declared: Declaration

    @property
    def documentation(self) -> str:
        """What the document says of it."""
        return self.declared.documentation

    @property
    def title(self) -> str:
        """The name as messages and types spell it: `SyncLead`."""
        return self.name[0].upper() + self.name[1:]

    @property
    def params_element(self) -> str:
        """The body's root element in a request, and the part of its message: `paramsSyncLead`."""
        return params_element(self.name)

    @property
    def success_element(self) -> str:
        """The body's root element in an answer, and the part of its message: `successSyncLead`."""
        return f"success{self.title}"

    @property
    def request_message(self) -> str:
        """The name of the request's message: `SyncLeadRequest`."""
        return f"{self.title}Request"

    @property
    def response_message(self) -> str:
        """The name of the answer's message: `SyncLeadResponse`."""
        return f"{self.title}Response"

    @property
    def soap_action(self) -> str:
        """The published soapAction. The stack never looked at what came (captured)."""
        return f"{types.NAMESPACE}{self.name}"

    def said(self, params: Any, headers: Mapping[str, Any]) -> RequestFields:
        """What a request said, as texts: for the journal, and for the rules that look at it."""
        return self.declared.said(params, headers)


class Contract:
    """One version: its operations and headers in the order of the document, and the types that no message names."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.names = tuple(name for name, item in _PUBLISHED.items() if position(item.since) <= position(version))
        self._made: dict[str, Operation] = {}
        self._making = Lock()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All of them, every family imported for it."""
        return tuple(map(self.operation, self.names))

    @cached_property
    def headers(self) -> tuple[Header, ...]:
        """Those that any operation has."""
        authentication = types.in_version(types.AuthenticationHeaderInfo, self.version)
        return (
            Header("AuthenticationHeader", "authentication", authentication),
            Header("MktowsContextHeader", "mktowsContext", types.MktowsContextHeaderInfo),
        )

    @property
    def further_types(self) -> tuple[Any, ...]:
        """The selectors, which `xsi:type` alone names, and what is published without any use (captured, since 2_0)."""
        selectors = (types.LastUpdateAtSelector, types.StaticListSelector, types.LeadKeySelector)
        if position(self.version) < position("2_0"):
            return selectors
        kinds = types.MObjectTypeEnum if position(self.version) >= position("2_1") else types.MObjectTypeEnumOf20
        return (*selectors, types.ArrayOfBase64Binary, types.ArrayOfVersionedItem, kinds)

    @property
    def edition(self) -> Contract:
        """The newest contract with the same operations and types: what is built from those alone is built once."""
        return contract(edition(self.version))

    @property
    def spells_nillable(self) -> bool:
        """Whether the document spells out `nillable="false"`: from 2_1 on (captured)."""
        return position(self.version) >= position("2_1")

    def operation(self, name: str) -> Operation:
        """The operation of that name. Raises KeyError where this version has none."""
        if name not in self.names:
            raise KeyError(name)
        with self._making:
            if name not in self._made:
                self._made[name] = self._make(_declared(name))
            return self._made[name]

    def _make(self, declared: Declaration) -> Operation:
        params: Any = declared.params
        success: Any = declared.success
        return Operation(
            declared.name,
            params=types.in_version(params, self.version),
            success=types.in_version(success, self.version),
            headers=self.headers if declared.takes_context else self.headers[:1],
            declared=declared,
        )

    def by_params(self, element: str) -> Operation | None:
        """The operation whose requests have this root element, if there is one."""
        return next((self.operation(name) for name in self.names if params_element(name) == element), None)


def params_element(name: str) -> str:
    """The body's root element in a request of an operation: `paramsSyncLead` of syncLead."""
    return f"params{name[0].upper()}{name[1:]}"


def _declared(name: str) -> Declaration:
    family = import_module(f"mockmkto.soap.operations.{_PUBLISHED[name].family}")
    found: Declaration = next(item for item in family.OPERATIONS if item.name == name)
    return found


@cache
def contract(version: str) -> Contract:
    """The contract of one of `VERSIONS`. Raises ValueError for any other version, and names those that there are."""
    if version not in VERSIONS:
        raise ValueError(f"There is no version {version!r}. There are: {', '.join(VERSIONS)}")
    return Contract(version)
