"""The vendor's host names, answered here: for code that has them written into it, and that nobody can change.

A `Relay` takes what a program sends to one of these hosts (as a forward proxy, or as the host itself) and hands it to
a server of ours. `environment` says it to a command in the words of its language; `redirected` to this very process.
"""

from __future__ import annotations

from mockmkto.intercept.environment import environment
from mockmkto.intercept.hosts import VENDOR_DOMAINS, is_vendors
from mockmkto.intercept.process import redirected
from mockmkto.intercept.relay import Relay

__all__ = ["VENDOR_DOMAINS", "Relay", "environment", "is_vendors", "redirected"]
