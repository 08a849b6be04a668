"""What the keys of a lead are compared by, and how they are shown."""

from __future__ import annotations

__all__ = ["cookie_key", "cookie_shown", "email_key", "index_of", "lead_key_value"]


def email_key(email: str) -> str:
    """What an e-mail is compared by (assumed): trimmed and case folded."""
    return email.strip().casefold()


def lead_key_value(value: str) -> str:
    """What the value of a field behind a getLead key type is compared by (assumed): trimmed and case folded."""
    return value.strip().casefold()


def index_of(name: str) -> str:
    """The key type under which the values of a field are kept that no getLead key type looks into."""
    return f"field {name}"


def cookie_key(text: str) -> str:
    """What a cookie is compared by, exactly (captured: callers drop the `id:`, and more): the part from `token:` on.

    Without a token it is all of it but the leading `id:` (assumed).
    """
    shown = cookie_shown(text)
    return shown[max(shown.find("token:"), 0) :]


def cookie_shown(text: str) -> str:
    """A cookie as it is kept to be shown: without the leading `id:`."""
    return text.strip().removeprefix("id:")
