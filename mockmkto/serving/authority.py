"""A small authority and the certificate that it signs for this server: made once, kept in a folder, renewed in time."""

from __future__ import annotations

import ipaddress
import logging
import os
import stat
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from mockmkto.clock import system_now
from mockmkto.serving.listening import CannotServe, TlsFiles

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["ALWAYS_NAMED", "OwnCertificate", "own_certificate"]

ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1", "host.docker.internal")

_log = logging.getLogger("mockmkto.serving")

_AUTHORITY_LASTS = timedelta(days=3650)
_CERTIFICATE_LASTS = timedelta(days=397)  # what clients accept at most, from authorities that they know
_RENEWED_BEFORE = timedelta(days=30)  # its end
_EARLIER = timedelta(days=1)  # a client's clock may be behind


class OwnCertificate(Struct, frozen=True):
    """The files to serve with, and the certificate of the authority that clients are to trust, in PEM."""

    files: TlsFiles
    authority: bytes


def own_certificate(folder: Path, names: Iterable[str], purpose: str = "--tls") -> OwnCertificate:
    """The certificate that lies in the folder, or a new one: for `ALWAYS_NAMED` and these names or addresses.

    The authority stays the same for ten years, so that clients trust it once; a certificate that ends within a month,
    or is for other names, is signed anew. Keys are readable for their owner alone. A running server keeps the
    certificate that it started with. `purpose` is the option that needs it, for what is said when it cannot be had.

    Raises:
        CannotServe: `cryptography` is not installed, or the folder cannot be written.
    """
    try:
        from cryptography import x509  # noqa: F401
    except ImportError:
        raise CannotServe(
            f"{purpose} needs a package that is not installed: install it with `pip install 'mockmkto[tls]'`"
            + (", or give a certificate of your own with --tls-cert and --tls-key" if purpose == "--tls" else "")
        ) from None
    wanted = tuple(dict.fromkeys((*ALWAYS_NAMED, *names)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        authority = _kept(folder / "ca.pem", folder / "ca-key.pem")
        if authority is None:
            lost = [name for name in ("ca.pem", "ca-key.pem") if not (folder / name).exists()]
            if len(lost) < 2:  # there was one, which clients trust
                why = f"{lost[0]} is not there" if lost else "it is damaged, or at the end of its time"
                _log.warning("the authority in %s cannot be used (%s): clients must trust a new one", folder, why)
            authority = _make_authority(folder)
        kept = _kept(folder / "server.pem", folder / "server-key.pem")
        if kept is None or not _still_right(kept[0], authority[0], wanted):
            _make_certificate(folder, authority, wanted)
        return OwnCertificate(
            TlsFiles(folder / "server.pem", folder / "server-key.pem"), (folder / "ca.pem").read_bytes()
        )
    except OSError as error:
        raise CannotServe(f"the certificate for --tls cannot be kept in {folder} ({error.strerror})") from error


_Pair = tuple["x509.Certificate", "EllipticCurvePrivateKey"]


def _kept(certificate: Path, private_key: Path) -> _Pair | None:
    """A certificate and its key; `None` when they are not there, not to be read, no pair, or near their end."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        read = x509.load_pem_x509_certificate(certificate.read_bytes())
        key = serialization.load_pem_private_key(private_key.read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != read.public_key():
        return None
    return (read, key) if read.not_valid_after_utc - system_now() > _RENEWED_BEFORE else None


def _still_right(certificate: x509.Certificate, authority: x509.Certificate, names: Sequence[str]) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        certificate.verify_directly_issued_by(authority)
        there = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return list(there) == _general_names(names)


def _make_authority(folder: Path) -> _Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    # Two authorities must not have one name: a client that trusts both could not tell which has signed.
    name = _name(f"mockmkto authority {x509.random_serial_number() % 16**8:08x}")
    certificate = (
        _builder(name, name, key, _AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_pair(folder / "ca.pem", folder / "ca-key.pem", certificate, key)
    return certificate, key


def _make_certificate(folder: Path, authority: _Pair, names: Sequence[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    signer, signing_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key())
    certificate = (
        _builder(_name("mockmkto"), signer.subject, key, _CERTIFICATE_LASTS)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(signing_key, hashes.SHA256())
    )
    _write_pair(folder / "server.pem", folder / "server-key.pem", certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, lasts: timedelta
) -> x509.CertificateBuilder:
    from cryptography import x509

    now = system_now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now - _EARLIER + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    from cryptography import x509

    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _write_pair(certificate: Path, private_key: Path, content: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
    """Key first: a certificate without its key would be taken for one that somebody has spoilt, and is made anew."""
    from cryptography.hazmat.primitives import serialization

    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(private_key, pem, stat.S_IRUSR | stat.S_IWUSR)
    _write(certificate, content.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """All of it or nothing, whenever the machine stops."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
