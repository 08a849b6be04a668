"""Which versions there are, and for each the operations that answer: their messages, types and headers.

One table serves everybody: the service declares its methods from it, the protocol its readers and writers, the
document its messages. An operation that is added here and in `service.py` is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mockmkto.soap import types

__all__ = ["VERSIONS", "Contract", "Header", "Operation", "contract"]

VERSIONS: tuple[str, ...] = (
    "2_0",
    "2_1",
    "2_2",
    "2_3",
    "2_4",
    "2_5",
    "2_6",
    "2_7",
    "2_8",
    "2_9",
    "3_0",
    "3_1",
)
"""The versions that are served, oldest first, as the path of the endpoint spells them. The last one is the vendor's
last (documented). 3_0 is as 3_1; 2_4, 2_5, 2_6, 2_8 and 2_9 are as 2_7 (assumed)."""


@dataclass(frozen=True, slots=True)
class Header:
    """A SOAP header: the name of its element and its message, of its message's part, and its type."""

    name: str
    part: str
    model: type[types.Model]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: its name, what comes in, what goes out, and the headers that its binding lists."""

    name: str
    params: type[types.Model]
    success: type[types.Model]
    headers: tuple[Header, ...]
    documentation: str

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


@dataclass(frozen=True, slots=True)
class Contract:
    """One version: its operations and headers, in the order in which they are published."""

    version: str
    operations: tuple[Operation, ...]
    headers: tuple[Header, ...]

    @property
    def edition(self) -> Contract:
        """The newest contract with the same operations and types: what is built from those alone is built once."""
        return contract("3_1" if self.version.startswith("3_") else "2_9")

    @property
    def spells_nillable(self) -> bool:
        """Whether the document spells out `nillable="false"`: from 2_1 on (captured)."""
        return self.version != "2_0"

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
    headers, operations = _THIRD if version.startswith("3_") else _SECOND
    return Contract(version, operations, headers)


def _edition(
    authentication: type[types.Model], params_sync_lead: type[types.Model]
) -> tuple[tuple[Header, ...], tuple[Operation, ...]]:
    """Headers and operations, with the types that differ between the second and the third edition."""
    auth = Header("AuthenticationHeader", "authentication", authentication)
    context = Header("MktowsContextHeader", "mktowsContext", types.MktowsContextHeaderInfo)
    operations = (
        Operation(
            "getLead",
            params=types.ParamsGetLead,
            success=types.SuccessGetLead,
            headers=(auth,),
            documentation="Reads the leads that one key finds, with all their fields.",
        ),
        Operation(
            "syncLead",
            params=params_sync_lead,
            success=types.SuccessSyncLead,
            headers=(auth, context),  # the only operation that lists the context header (captured)
            documentation="Updates the lead that the keys find, or creates one where they find none.",
        ),
    )
    return (auth, context), operations


_SECOND = _edition(types.AuthenticationHeaderInfo, types.ParamsSyncLead)
_THIRD = _edition(types.AuthenticationHeaderInfoV3, types.ParamsSyncLeadV3)
