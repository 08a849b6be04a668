"""Which operations each version answers: their messages, types and headers, as the families declare them.

One table serves everybody: the service declares its methods from it, the protocol its readers and writers, the
document its messages. What a family of `operations` declares is published.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from mockmkto.model import RequestFields
from mockmkto.soap import types
from mockmkto.soap.operations import (
    activities,
    campaigns,
    custom_objects,
    imports,
    leads,
    lists,
    merging,
    objects,
    tags,
)
from mockmkto.soap.operations.declaring import Declaration
from mockmkto.soap.versions import VERSIONS, edition, position

__all__ = ["OPERATIONS", "VERSIONS", "Contract", "Header", "Operation", "contract"]

_FAMILIES = (leads, merging, lists, activities, campaigns, imports, objects, custom_objects, tags)

_ORDER = (
    "deleteMObjects",
    "describeMObject",
    "getMObjects",
    "syncMObjects",
    "getCampaignsForSource",
    "getImportToListStatus",
    "getLead",
    "getLeadActivity",
    "getLeadChanges",
    "getMultipleLeads",
    "importToList",
    "listMObjects",
    "listOperation",
    "requestCampaign",
    "scheduleCampaign",
    "syncLead",
    "syncMultipleLeads",
    "syncCustomObjects",
    "deleteCustomObjects",
    "getCustomObjects",
    "mergeLeads",
    "getChannels",
    "getTags",
)
"""The order in which the operations are published (captured)."""

_DECLARED = {declared.name: declared for family in _FAMILIES for declared in family.OPERATIONS}

OPERATIONS: frozenset[str] = frozenset(_DECLARED)
"""The names of the operations of all versions; to know them, none of the versions need be made."""


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
        return f"params{self.title}"

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


class Contract(Struct, frozen=True):
    """One version: its operations and headers in the order of the document, and the types that no message names."""

    version: str
    operations: tuple[Operation, ...]
    headers: tuple[Header, ...]
    further_types: tuple[Any, ...]

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
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise KeyError(name)

    def by_params(self, element: str) -> Operation | None:
        """The operation whose requests have this root element, if there is one."""
        return next((operation for operation in self.operations if operation.params_element == element), None)


@cache
def contract(version: str) -> Contract:
    """The contract of one of `VERSIONS`. Raises ValueError for any other version, and names those that there are."""
    if version not in VERSIONS:
        raise ValueError(f"There is no version {version!r}. There are: {', '.join(VERSIONS)}")
    authentication = types.in_version(types.AuthenticationHeaderInfo, version)
    headers = (
        Header("AuthenticationHeader", "authentication", authentication),
        Header("MktowsContextHeader", "mktowsContext", types.MktowsContextHeaderInfo),
    )
    operations = tuple(
        Operation(
            declared.name,
            params=types.in_version(declared.params, version),
            success=types.in_version(declared.success, version),
            headers=headers if declared.takes_context else headers[:1],
            declared=declared,
        )
        for declared in map(_DECLARED.__getitem__, _ORDER)
        if position(declared.since) <= position(version)
    )
    return Contract(version, operations, headers, _further_types(version))


def _further_types(version: str) -> tuple[Any, ...]:
    """The selectors, which `xsi:type` alone names, and what is published without any use (captured, from 2_0 on)."""
    selectors = (types.LastUpdateAtSelector, types.StaticListSelector, types.LeadKeySelector)
    if position(version) < position("2_0"):
        return selectors
    kinds = types.MObjectTypeEnum if position(version) >= position("2_1") else types.MObjectTypeEnumOf20
    return (*selectors, types.ArrayOfBase64Binary, types.ArrayOfVersionedItem, kinds)
