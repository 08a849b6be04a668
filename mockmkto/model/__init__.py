"""The values that pass between the rooms: leads, the world they live in, the trace of a decision, the record of a call.

Everything here is plain data. Nothing here knows a database, XML or HTTP.
"""

from __future__ import annotations

from mockmkto.model.calls import Call, Effect, FaultRule, RequestFields, SignatureCheck
from mockmkto.model.records import (
    Attribute,
    ForeignSysType,
    GetLeadResult,
    LeadKey,
    LeadRecord,
    SyncLeadRequest,
    SyncLeadResult,
    SyncStatus,
)
from mockmkto.model.trace import (
    MOST_WARNINGS,
    Change,
    ChangeOutcome,
    Key,
    KeyStep,
    PartitionStep,
    RuleStep,
    Trace,
    TraceBuilder,
    Verdict,
    Warning,
)
from mockmkto.model.world import (
    AssignmentRule,
    Behaviour,
    Condition,
    Credential,
    Field,
    FieldCatalogue,
    FieldType,
    ForeignId,
    Lead,
    Limits,
    Operator,
    Workspace,
    World,
)

__all__ = [
    "MOST_WARNINGS",
    "AssignmentRule",
    "Attribute",
    "Behaviour",
    "Call",
    "Change",
    "ChangeOutcome",
    "Condition",
    "Credential",
    "Effect",
    "FaultRule",
    "Field",
    "FieldCatalogue",
    "FieldType",
    "ForeignId",
    "ForeignSysType",
    "GetLeadResult",
    "Key",
    "KeyStep",
    "Lead",
    "LeadKey",
    "LeadRecord",
    "Limits",
    "Operator",
    "PartitionStep",
    "RequestFields",
    "RuleStep",
    "SignatureCheck",
    "SyncLeadRequest",
    "SyncLeadResult",
    "SyncStatus",
    "Trace",
    "TraceBuilder",
    "Verdict",
    "Warning",
    "Workspace",
    "World",
]
