"""mockmkto: a local double of the Marketo SOAP and REST APIs."""

from __future__ import annotations

TYPE_CHECKING = False  # whatever is imported of this package imports this module, and `typing` is not for nothing
if TYPE_CHECKING:
    from typing import Any

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
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    from mockmkto.collector import nothing_is_garbage

    with nothing_is_garbage():
        return getattr(importlib.import_module("mockmkto.sandbox"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
