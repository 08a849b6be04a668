"""Which host names a request may have asked for to mean a subscription."""

from __future__ import annotations

import re

__all__ = ["host_that_may_mean_one"]

_ADDRESS = re.compile(r"[0-9.]+|\[.*|.*:.*:.*|localhost", re.DOTALL)


def host_that_may_mean_one(text: str | None) -> str | None:
    """The name in a `Host` header, in small letters and without its port; `None` for an address and for localhost."""
    if text is None or _ADDRESS.fullmatch(text.rpartition(":")[0] or text):
        return None
    name = text.rpartition(":")[0] if ":" in text else text
    return name.rstrip(".").lower()
