"""A certificate of somebody's own, looked at before any port is listened on: can it be served, and is it in time."""

from __future__ import annotations

import logging
import ssl

from mockmkto.serving.listening import TlsFiles, tls_context

__all__ = ["check_certificate"]

_log = logging.getLogger("mockmkto.serving")

_TIMES = {9: "is not valid yet", 10: "has expired"}  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED


def check_certificate(files: TlsFiles) -> None:
    """Warns of a certificate that no client will accept for its time.

    Raises:
        CannotServe: the files cannot be used.
    """
    said = _TIMES.get(_verify_code(files, tls_context(files)))
    if said is not None:
        _log.warning("the certificate in %s %s: clients that check it will refuse it", files.certificate, said)


def _verify_code(files: TlsFiles, served: ssl.SSLContext) -> int:
    """What a client that trusts exactly this certificate finds against it, 0 for nothing: a handshake in memory.

    The standard library has no other way to ask for a certificate's time.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(files.certificate)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(to_client, to_server)
    server = served.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            return error.verify_code
        except ssl.SSLError:
            break
    return 0
