"""The handle that tests hold, for any framework: endpoint, credential, leads, calls, faults, clock.

`serve()` runs a server in this process, `connect()` takes one that runs elsewhere; the handle is the same.
"""

from mockmkto.model import Call, FaultRule, ForeignId
from mockmkto.sandbox.handle import Explanation, Sandbox, Snapshot, connect
from mockmkto.sandbox.leads import Lead
from mockmkto.sandbox.serving import serve
from mockmkto.sandbox.transport import ControlError, Finding, UnreachableError

__all__ = [
    "Call",
    "ControlError",
    "Explanation",
    "FaultRule",
    "Finding",
    "ForeignId",
    "Lead",
    "Sandbox",
    "Snapshot",
    "UnreachableError",
    "connect",
    "serve",
]
