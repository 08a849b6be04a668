"""`mockmkto exec --intercept`: the vendor's hosts lead here for as long as the command runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["intercepted"]


@contextmanager
def intercepted(url: str, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variables that a command needs beside those of `environ`; at the end it is said which hosts were refused.

    Raises:
        CannotServe: `cryptography` is not installed, or there is no temporary folder.
    """
    from mockmkto.intercept import Relay, environment, is_vendors
    from mockmkto.intercept.hosts import wildcards
    from mockmkto.intercept.relay import server_at
    from mockmkto.serving.authority import own_certificate

    with TemporaryDirectory(prefix="mockmkto-") as made:
        folder = Path(made)
        certificate = own_certificate(folder, wildcards(), "--intercept")
        with Relay(server_at(url), certificate.files, is_vendors) as relay:
            yield environment(relay, folder / "ca.pem", folder, environ)
        for host, times in sorted(relay.refused.items()):
            often = "once" if times == 1 else f"{times} times"
            print(
                f"mockmkto: {host} was asked for {often}, and refused: --intercept lets nothing out.", file=sys.stderr
            )
