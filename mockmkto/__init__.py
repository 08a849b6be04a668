"""mockmkto: a local double of the Marketo SOAP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockmkto.sandbox import Call, ControlError, Lead, Sandbox, Snapshot, UnreachableError, connect, serve

__version__ = "0.1.0"

__all__ = [
    "Call",
    "ControlError",
    "Lead",
    "Sandbox",
    "Snapshot",
    "UnreachableError",
    "__version__",
    "connect",
    "serve",
]


def __getattr__(name: str) -> Any:
    # Whatever is imported of this package imports this module: it must cost nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module("mockmkto.sandbox"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
