"""Who calls the REST API: by a token, or at the identity service by a client id and its secret."""

from __future__ import annotations

import hmac

import msgspec

from mockmkto.calls.pending import PendingCall
from mockmkto.engine import tokens
from mockmkto.errors import HttpRefusal, RestCode, RestError
from mockmkto.model import Client
from mockmkto.rest.envelope import JSON
from mockmkto.rest.incoming import Incoming
from mockmkto.rest.parameters import Parameters
from mockmkto.store.registry import Registry

__all__ = ["caller", "identity_fault", "identity_refusal", "is_identity"]


def is_identity(path: str) -> bool:
    """Whether a path is of the identity service."""
    return path.startswith("/identity/")


def caller(
    registry: Registry, incoming: Incoming, parameters: Parameters, path: str, pending: PendingCall
) -> tuple[Client, str | None, bool]:
    """The client that calls, its token, which nobody has looked at yet, and whether that was sent as a parameter.

    At the identity service it has no token.

    Raises:
        RestError: 600 there is no token; 601 it is nobody's.
        HttpRefusal: 401, the identity service does not know the client, or not with this secret.
    """
    if is_identity(path):
        return _by_secret(registry, parameters, pending), None, False
    token, as_parameter = _token(incoming, parameters, pending)
    if token is None:
        raise RestError(RestCode.EMPTY_TOKEN)
    mark = tokens.mark_of(token)
    client, pending.callers = registry.caller_marked(mark, anew=pending.anew) if mark is not None else (None, None)
    if client is None:
        found = "it has not the form of a token" if mark is None else "no client here gets tokens that begin so"
        pending.trace.warn("token", f"{found}: /identity/oauth/token gives one for a client id and its secret")
        raise RestError(RestCode.TOKEN_INVALID)
    pending.user_id = client.client_id
    return client, token, as_parameter


def _token(incoming: Incoming, parameters: Parameters, pending: PendingCall) -> tuple[str | None, bool]:
    """In the header (documented), otherwise in the query or in a form, as it was sent up to 31 August 2026."""
    given = parameters.text("access_token") or _in_parts(incoming)
    scheme, _, text = (incoming.authorization or "").partition(" ")
    if scheme.lower() == "bearer" and text.strip():
        if given is not None and given != text.strip():
            pending.trace.warn("token", "two tokens were sent: the header's is read, not the query's", "access_token")
        return text.strip(), False
    if given is not None:
        pending.trace.warn(
            "token",
            "the token was sent as a parameter, which the vendor has refused since 31 August 2026: "
            "send it in the header Authorization: Bearer ...",
            "access_token",
        )
    return given, True


def _in_parts(incoming: Incoming) -> str | None:
    """The token in a form with files, as clients of the bulk import send it; it stands before the files."""
    if not (incoming.content_type or "").lower().startswith("multipart/") or b'"access_token"' not in incoming.body:
        return None
    from mockmkto.rest.multipart import read_multipart

    return read_multipart(incoming).fields.get("access_token")


def _by_secret(registry: Registry, parameters: Parameters, pending: PendingCall) -> Client:
    grant = parameters.text("grant_type")
    client_id, secret = parameters.text("client_id"), parameters.text("client_secret")
    if grant is None:
        raise identity_refusal(400, "invalid_request", "Missing grant type")
    if grant != "client_credentials":
        raise identity_refusal(400, "unsupported_grant_type", f"Unsupported grant type: {grant[:100]}")
    client = registry.client(client_id) if client_id else None
    pending.user_id = client_id[:255] if client_id else None
    if client is not None:
        pending.database = registry.opened_by(client)  # the refusal stands in its journal
    given = (secret or "").encode()
    if client is None or not any(hmac.compare_digest(given, known.encode()) for known in client.secrets):
        found = "no client here has this id" if client is None else "the secret is not one of this client's"
        pending.trace.warn("client", found, "client_id" if client is None else "client_secret")
        raise identity_refusal(401, "invalid_client", "Bad client credentials")
    return client


def identity_refusal(status: int, error: str, description: str) -> HttpRefusal:
    """What the identity service says where it refuses (recorded in mocks; texts of the grant are inferred)."""
    body = msgspec.json.encode({"error": error, "error_description": description})
    return HttpRefusal(status, f"{error}: {description}", body, JSON)


def identity_fault(error: RestError) -> HttpRefusal:
    """What the identity service says for an error of the API's, which it has not: that is only ever injected (assumed).

    Of what is about the caller it says what it says of a wrong secret.
    """
    if RestCode.EMPTY_TOKEN <= error.code <= RestCode.ACCESS_DENIED:
        return identity_refusal(401, "invalid_client", "Bad client credentials")
    return identity_refusal(500, "server_error", error.text)
