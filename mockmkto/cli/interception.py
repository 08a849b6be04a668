"""`mockmkto exec --intercept`: the vendor's hosts lead here for as long as the command runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["intercepted"]


@contextmanager
def intercepted(url: str, environ: Mapping[str, str], hosts: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """The variables that a command needs beside those of `environ`; at the end it is said which hosts were refused.

    `hosts` are answered beside the vendor's.

    Raises:
        CannotServe: `cryptography` is not installed, or there is no temporary folder.
    """
    from mockmkto.intercept import Relay, environment, is_vendors
    from mockmkto.intercept.hosts import wildcards
    from mockmkto.intercept.relay import server_at
    from mockmkto.serving.authority import own_certificate

    with TemporaryDirectory(prefix="mockmkto-") as made:
        folder = Path(made)
        certificate = own_certificate(folder, wildcards(hosts), "--intercept")
        with Relay(server_at(url), certificate.files, lambda host: is_vendors(host, hosts)) as relay:
            yield environment(relay, folder / "ca.pem", folder, environ, hosts)
        for host, times in sorted(relay.refused.items()):
            often = "once" if times == 1 else f"{times} times"
            print(
                f"mockmkto: {host} was asked for {often}, and refused: --intercept lets nothing out.", file=sys.stderr
            )
