"""A server in this process, for any test framework."""

from __future__ import annotations

import difflib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mockmkto.collector import nothing_is_garbage
from mockmkto.sandbox.handle import Sandbox, connect
from mockmkto.sandbox.steering import switch_text
from mockmkto.settings import SETTINGS, SWITCHES, Settings, read_settings

__all__ = ["serve"]


@contextmanager
def serve(**settings: object) -> Iterator[Sandbox]:
    """Runs a server in this process for as long as the block lasts, on any free port of this machine.

    ```python
    import mockmkto

    with mockmkto.serve(fixture="demo", keyless_leads="create") as marketo:
        print(marketo.endpoint, marketo.user_id, marketo.encryption_key)
    ```

    Args:
        settings: the settings of `mockmkto serve` and the switches, by their names: `fixture` (one or several),
            `credential` (`"USER:KEY"`), `client` (`"ID:SECRET"`), `host`, `port`, `data_dir`, `keyless_leads` ... No
            variable of the environment is read.

    Raises:
        TypeError: there is no such setting.
        SettingError: a setting cannot be read.
        FixtureError: a fixture cannot be used.
        CannotServe: the address cannot be listened on.
    """
    read = _read(settings)

    with nothing_is_garbage():
        from mockmkto.serving.marketo import DEFAULT_SUBSCRIPTION, MarketoServer  # not needed by who only connects

    with MarketoServer(read) as server:
        names = server.registry.names()
        name = DEFAULT_SUBSCRIPTION if DEFAULT_SUBSCRIPTION in names else names[0]
        url = server.admin_url if read.admin_port is not None else server.https_url or server.url
        with connect(url, name, tls=_trust(read.tls_cert, server.authority), token=read.admin_token or "") as sandbox:
            yield sandbox


def _read(settings: Mapping[str, object]) -> Settings:
    known = [*(item.name for item in SETTINGS), *(item.name for item in SWITCHES)]
    repeatable = {item.name for item in SETTINGS if item.repeatable}
    flags: dict[str, str | list[str] | None] = {"port": "0", "https_port": "0"}
    for name, value in settings.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise TypeError(f"there is no setting {name!r}" + (f": did you mean {near[0]!r}?" if near else ""))
        if value is None:
            continue
        if name in repeatable and not isinstance(value, str) and isinstance(value, Iterable):
            flags[name] = [_text(item) for item in value]
        else:
            flags[name] = _text(value)
    return read_settings(flags, {})


def _text(value: object) -> str:
    return ":".join(map(str, value)) if isinstance(value, tuple) else switch_text(value)


def _trust(certificate: Path | None, authority: bytes | None) -> ssl.SSLContext | None:
    """The server's own authority; or this very certificate, under whatever name the server is reached."""
    if authority is not None:
        return ssl.create_default_context(cadata=authority.decode())
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # whoever has signed it
    context.load_verify_locations(certificate)
    return context
