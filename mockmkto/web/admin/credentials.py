"""`/credentials`: who may call, with which keys."""

from __future__ import annotations

import secrets
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from mockmkto.model import Credential
from mockmkto.store.registry import DuplicateUserError
from mockmkto.web.admin.problems import conflict, not_found
from mockmkto.web.admin.resource import Body, Created, Server, Subscription, View, also, in_path

__all__ = [
    "ChangedCredential",
    "CredentialList",
    "CredentialView",
    "EncryptionKey",
    "EncryptionKeys",
    "NewCredential",
    "UserId",
    "add",
    "change",
    "fresh_credential",
    "remove",
    "show",
]

UserId = Annotated[str, Meta(min_length=1, max_length=255)]
EncryptionKey = Annotated[str, Meta(min_length=1, max_length=1000)]
EncryptionKeys = Annotated[tuple[EncryptionKey, ...], Meta(min_length=1, max_length=2)]


class CredentialView(View, frozen=True, kw_only=True):
    """A credential with its keys: two are live while one is being rotated."""

    user_id: str
    encryption_keys: tuple[str, ...]
    blocked: bool

    @classmethod
    def of(cls, credential: Credential) -> CredentialView:
        """The credential as an answer shows it."""
        return cls(user_id=credential.user_id, encryption_keys=credential.encryption_keys, blocked=credential.blocked)


class CredentialList(View, frozen=True, kw_only=True):
    """Every credential of a subscription."""

    credentials: tuple[CredentialView, ...]


class NewCredential(Body, frozen=True, kw_only=True):
    """A credential; what is absent is made, by chance."""

    user_id: UserId | None = None
    encryption_keys: EncryptionKeys | None = None
    blocked: bool = False


class ChangedCredential(Body, frozen=True, kw_only=True):
    """What changes; of a credential that is not there yet, what is absent is made."""

    user_id: UserId | UnsetType = UNSET  # as in the path, so that an answer can be sent back
    encryption_keys: EncryptionKeys | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET


def fresh_credential(subscription: str) -> Credential:
    """A credential that nobody has, in the shape of Marketo's own."""
    return Credential(f"mockmkto_{secrets.token_hex(11).upper()}", (secrets.token_hex(22).upper(),), subscription)


def show(asked: Subscription) -> CredentialList:
    """Every credential, with its keys."""
    return CredentialList(credentials=tuple(map(CredentialView.of, asked.registry.credentials(asked.name))))


@also(409, "The user id opens a subscription already.")
def add(asked: Subscription, body: NewCredential) -> Created[CredentialView]:
    """Add a credential."""
    fresh = fresh_credential(asked.name)
    user_id = body.user_id or fresh.user_id
    there = asked.registry.credential(user_id)
    if there is not None:
        raise conflict(
            "body.user_id", f"The user id {user_id!r} opens the subscription {there.subscription!r}.", user_id
        )
    credential = Credential(user_id, body.encryption_keys or fresh.encryption_keys, asked.name, body.blocked)
    _put(asked, credential, "body.user_id")
    return Created(CredentialView.of(credential), asked.url(f"/credentials/{in_path(user_id)}"))


@also(409, "The user id opens another subscription, or the body names another one.")
def change(asked: Subscription, user_id: str, body: ChangedCredential) -> CredentialView:
    """Rotate the keys of a credential, block it or unblock it; one that is not there is made."""
    if body.user_id is not UNSET and body.user_id != user_id:
        raise conflict("body.user_id", f"The path says {user_id!r}: a user id cannot be changed.", body.user_id)
    there = asked.registry.credential(user_id) or fresh_credential(asked.name)
    credential = Credential(
        user_id,
        there.encryption_keys if body.encryption_keys is UNSET else body.encryption_keys,
        asked.name,
        there.blocked if body.blocked is UNSET else body.blocked,
    )
    _put(asked, credential, "path.user_id")
    return CredentialView.of(credential)


def remove(asked: Subscription, user_id: str) -> None:
    """Take a credential away: calls with it are answered with fault 20014."""
    if not asked.registry.delete_credential(asked.name, user_id):
        raise not_found("path.user_id", "credential", user_id)


def _put(asked: Server, credential: Credential, where: str) -> None:
    try:
        asked.registry.put_credential(credential)
    except DuplicateUserError as error:
        raise conflict(where, f"{error}.", credential.user_id) from None
