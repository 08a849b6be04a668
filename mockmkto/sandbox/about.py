"""What a server says of a subscription: where its APIs are, and who may call them."""

from __future__ import annotations

from dataclasses import dataclass

from mockmkto.sandbox.transport import Control, segment

__all__ = ["About", "ask", "given_pair"]


@dataclass(frozen=True, slots=True, repr=False)
class _Credential:
    user_id: str
    encryption_keys: tuple[str, ...]
    blocked: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class _Client:
    client_id: str
    client_secrets: tuple[str, ...]
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """A subscription."""

    name: str
    endpoint: str
    wsdl_url: str
    rest_endpoint: str
    identity_endpoint: str
    credentials: tuple[_Credential, ...]
    clients: tuple[_Client, ...]
    left_out: tuple[str, ...] = ()  # of what a new one was to be made from

    @property
    def credential(self) -> _Credential:
        """The first that may call. Raises LookupError where none may."""
        for item in self.credentials:
            if not item.blocked:
                return item
        raise LookupError(f"nobody may call the subscription {self.name}: it has no usable credential")

    @property
    def client(self) -> _Client:
        """The first that may call over REST. Raises LookupError where none may."""
        for item in self.clients:
            if not item.blocked:
                return item
        raise LookupError(f"nobody may call the subscription {self.name} over REST: it has no usable client")


def ask(control: Control) -> About:
    """What the server says of the subscription of a handle."""
    return control.get(f"/subscriptions/{segment(control.subscription)}", About)


def given_pair(given: str | tuple[str, str], what: str, expected: str) -> tuple[str, str]:
    """The two of `"USER:KEY"` or of a pair. Raises ValueError."""
    first, colon, second = given.partition(":") if isinstance(given, str) else (given[0], ":", given[1])
    if not first or not colon or not second:
        raise ValueError(f"{what}: expected {expected!r}, or the two as a pair")
    return first, second
