"""Whose name the client commands act in: flags, then the server's own variable, then the built-in default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape  # the one of xml.sax.saxutils brings an HTTP client with it

from mockmkto.auth import sign
from mockmkto.cli.parser import wrong_usage
from mockmkto.settings import (
    DEFAULT_ENCRYPTION_KEY,
    DEFAULT_USER_ID,
    SETTINGS,
    Setting,
    SettingError,
    read_settings,
)

__all__ = ["CREDENTIAL_HELP", "SignedHeader", "given_credentials", "one_credential"]

_CREDENTIAL: Setting = next(setting for setting in SETTINGS if setting.name == "credential")

CREDENTIAL_HELP = f"whose name to sign in [{_CREDENTIAL.variable}, its first; default: {_CREDENTIAL.shown_default}]"


def given_credentials(flags: Sequence[str] | None, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """User ids and keys from the flags, otherwise from the variable; none when there are neither.

    Raises:
        Failure: one is not USER:KEY.
    """
    variable = {_CREDENTIAL.variable: environ.get(_CREDENTIAL.variable, "")}
    try:
        return read_settings({_CREDENTIAL.name: flags}, variable).credential
    except SettingError as error:
        raise wrong_usage(f"{error}.") from None


def one_credential(flag: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    """The user id and the key to sign with.

    Raises:
        Failure: it is not USER:KEY.
    """
    given = given_credentials([flag] if flag is not None else None, environ)
    return given[0] if given else (DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)


class SignedHeader:
    """An AuthenticationHeader: its members, and as XML."""

    def __init__(self, user_id: str, key: str, timestamp: str) -> None:
        self.members = {
            "mktowsUserId": user_id,
            "requestSignature": sign(user_id, key, timestamp),
            "requestTimestamp": timestamp,
        }

    @property
    def xml(self) -> str:
        """The element in one line, for any envelope: it declares its own prefix."""
        from mockmkto.soap.types import NAMESPACE

        members = "".join(f"<{name}>{escape(value, quote=False)}</{name}>" for name, value in self.members.items())
        return f'<ns1:AuthenticationHeader xmlns:ns1="{NAMESPACE}">{members}</ns1:AuthenticationHeader>'
