"""--tls: an authority and a certificate of the server's own, and clients of every language that trust it."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from plain_client import Client

import mockmkto
from mockmkto.cli import main
from mockmkto.serving import CannotServe, HttpServer, TlsFiles, authority
from mockmkto.serving.authority import ALWAYS_NAMED, own_certificate
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID, Settings

PAGE = Path(__file__).parent.parent / "docs" / "tls.md"


@contextmanager
def serving(**settings):
    with MarketoServer(Settings(port=0, https_port=0, **settings)) as server:
        yield server


def certificate(folder: Path, name: str = "server") -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def names(folder: Path) -> list[str]:
    found = certificate(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in found]


def trusting(pem: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem.decode())


def call(server: MarketoServer, context: ssl.SSLContext, host: str | None = None) -> bytes:
    """A getLead over https; with a host, the certificate must be for it."""
    port = int(server.https_url.rpartition(":")[2])
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    if host is not None:
        raw = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        raw.connect()
        connection.sock = context.wrap_socket(raw.sock, server_hostname=host)
    envelope = Client(server.endpoint, DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY).envelope(
        "<m:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>tls@example.com</keyValue></leadKey></m:paramsGetLead>"
    )
    try:
        connection.request("POST", "/soap/mktows/3_1", envelope.encode(), {"Content-Type": "text/xml"})
        return connection.getresponse().read()
    finally:
        connection.close()


# ---------------------------------------------------------------------------------------------------------------------
# Two ports


def test_http_and_https_are_one_server_on_two_ports():
    with serving(tls=True) as server:
        plain = Client(server.endpoint, DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY)
        assert plain.sync("tls@example.com") == ("CREATED", 1001)
        assert b"<Id>1001</Id>" in call(server, trusting(server.authority))
        assert server.url.startswith("http://")
        assert server.https_endpoint == f"{server.https_url}/soap/mktows/3_1"


def test_without_a_certificate_there_is_no_https():
    with serving() as server:
        assert (server.https_url, server.https_endpoint, server.authority) == (None, None, None)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "host.docker.internal", "marketo", "10.1.2.3"])
def test_the_certificate_is_for_this_machine_and_the_given_names(name):
    with serving(tls=True, tls_name=("marketo", "10.1.2.3")) as server:
        assert b"Envelope" in call(server, trusting(server.authority), name)


def test_the_certificate_is_for_no_other_name():
    with serving(tls=True) as server, pytest.raises(ssl.SSLCertVerificationError, match="not valid for 'other'"):
        call(server, trusting(server.authority), "other")


def test_without_the_authority_it_is_not_trusted():
    with serving(tls=True) as server, pytest.raises(ssl.SSLCertVerificationError):
        call(server, ssl.create_default_context())


def test_names_of_other_settings_are_in_it(tmp_path):
    with serving(tls=True, data_dir=tmp_path, host="127.0.0.1", public_url="https://Mkto.example.com/x"):
        assert names(tmp_path / "tls") == [*ALWAYS_NAMED, "mkto.example.com"]


@pytest.mark.parametrize("settings", [{}, {"admin_token": "t"}, {"admin_port": 0}], ids=["", "token", "admin port"])
def test_everybody_can_have_the_authority_s_certificate(settings):
    with serving(tls=True, **settings) as server:
        url = f"{server.admin_url}/__admin/tls/ca.pem"
        context = trusting(server.authority) if url.startswith("https") else None
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            assert (answer.headers["Content-Type"], answer.read()) == ("application/x-pem-file", server.authority)


def test_the_authority_is_on_the_plain_port_of_the_api_and_of_the_control_api_nothing_else():
    with serving(tls=True, admin_port=0) as server:
        with urllib.request.urlopen(f"{server.url}/__admin/tls/ca.pem", timeout=10) as answer:
            assert answer.read() == server.authority
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{server.url}/__admin/health", timeout=10)
        refused.value.close()


def test_the_admin_port_speaks_https_when_there_is_a_certificate():
    with serving(tls=True, admin_port=0) as server:
        assert server.admin_url.startswith("https://")
        with mockmkto.connect(server.admin_url, tls=trusting(server.authority)) as marketo:
            assert marketo.endpoint == server.https_endpoint


def test_serve_gives_a_handle_that_trusts_the_authority():
    with mockmkto.serve(tls=True, tls_name=["marketo"]) as marketo:
        assert marketo.endpoint.startswith("https://")
        assert len(marketo.leads) == 0


# ---------------------------------------------------------------------------------------------------------------------
# What is kept


def test_authority_and_certificate_outlast_a_restart(tmp_path):
    kept = []
    for _ in range(2):
        with serving(tls=True, data_dir=tmp_path) as server:
            kept.append((server.authority, certificate(tmp_path / "tls").serial_number))
    assert kept[0] == kept[1]


def test_without_a_data_dir_they_are_new_with_every_start_and_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    authorities = set()
    for _ in range(2):
        with serving(tls=True) as server:
            authorities.add(server.authority)
            assert b"Envelope" in call(server, trusting(server.authority))
            assert list(tmp_path.iterdir()) == []
    assert len(authorities) == 2


def test_other_names_make_a_new_certificate_of_the_same_authority(tmp_path):
    first = own_certificate(tmp_path, ["a.example"])
    serial = certificate(tmp_path).serial_number
    assert own_certificate(tmp_path, ["a.example"]).authority == first.authority
    assert certificate(tmp_path).serial_number == serial
    assert own_certificate(tmp_path, ["b.example"]).authority == first.authority
    assert certificate(tmp_path).serial_number != serial
    assert names(tmp_path) == [*ALWAYS_NAMED, "b.example"]


@pytest.mark.parametrize(
    ("days", "is_renewed", "authority_is_renewed"),
    [(0, False, False), (360, False, False), (370, True, False), (3000, True, False), (3630, True, True)],
)
def test_both_are_renewed_a_month_before_their_end(tmp_path, monkeypatch, days, is_renewed, authority_is_renewed):
    own_certificate(tmp_path, [])
    before = {name: certificate(tmp_path, name).serial_number for name in ("server", "ca")}
    then = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    monkeypatch.setattr(authority, "system_now", lambda: then)
    own_certificate(tmp_path, [])
    after = {name: certificate(tmp_path, name) for name in ("server", "ca")}
    assert (after["server"].serial_number != before["server"]) is is_renewed
    assert (after["ca"].serial_number != before["ca"]) is authority_is_renewed
    after["server"].verify_directly_issued_by(after["ca"])
    for pem in after.values():
        assert pem.not_valid_before_utc <= then <= pem.not_valid_after_utc


@pytest.mark.parametrize("spoilt", ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"])
@pytest.mark.parametrize("content", [None, b"", b"no PEM"], ids=["gone", "empty", "spoilt"])
def test_what_was_spoilt_is_made_anew(tmp_path, spoilt, content):
    own_certificate(tmp_path, [])
    (tmp_path / spoilt).unlink()
    if content is not None:
        (tmp_path / spoilt).write_bytes(content)
    made = own_certificate(tmp_path, [])
    certificate(tmp_path).verify_directly_issued_by(x509.load_pem_x509_certificate(made.authority))
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(made.files.certificate, made.files.private_key)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_keys_are_for_their_owner_alone(tmp_path):
    own_certificate(tmp_path, [])
    for name in ("ca-key.pem", "server-key.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem", "server-key.pem", "server.pem"]


def test_what_clients_insist_on_is_in_the_certificates(tmp_path):
    own_certificate(tmp_path, [])
    own, signer = certificate(tmp_path), certificate(tmp_path, "ca")
    usage = signer.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert signer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not own.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert own.not_valid_after_utc - own.not_valid_before_utc <= dt.timedelta(days=398)
    (purpose,) = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert purpose == x509.oid.ExtendedKeyUsageOID.SERVER_AUTH
    identifier = own.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier == signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be


def test_without_cryptography_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert main(["serve", "--port", "0", "--https-port", "0", "--tls"]) == 2
    assert capsys.readouterr().err == (
        "mockmkto: --tls needs a package that is not installed: install it with `pip install 'mockmkto[tls]'`, or give "
        "a certificate of your own with --tls-cert and --tls-key.\n"
    )


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "tls").write_text("a file")
    with pytest.raises(CannotServe, match=r"the certificate for --tls cannot be kept in .*tls \("):
        own_certificate(tmp_path / "tls", [])


def test_no_temporary_folder_is_a_sentence(monkeypatch):
    def refuse(**_):
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr("tempfile.TemporaryDirectory", refuse)
    with pytest.raises(CannotServe, match="give one with --data-dir"):
        MarketoServer(Settings(port=0, https_port=0, tls=True)).start()


# ---------------------------------------------------------------------------------------------------------------------
# docs/tls.md: what it says for each language is run, where the language is there


def samples() -> dict[str, str]:
    """Each program of the page whose first line, a comment, says what file it is."""
    blocks = re.findall(r"^```\w+\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    named = ((re.match(r"(?:<\?php )?(?:#|//) (\S+\.\w+)\n", block), block) for block in blocks)
    return {match[1]: block for match, block in named if match}


RUNS = {
    "curl.sh": ("curl", ["sh", "curl.sh"]),
    "stdlib.py": (sys.executable, [sys.executable, "stdlib.py"]),
    "with_requests.py": (sys.executable, [sys.executable, "with_requests.py"]),
    "with_zeep.py": (sys.executable, [sys.executable, "with_zeep.py"]),
    "wsdl.php": ("php", ["php", "wsdl.php"]),
    "java.sh": ("keytool", ["sh", "java.sh"]),
    "wsdl.rb": ("ruby", ["ruby", "wsdl.rb"]),
    "wsdl.js": ("node", ["node", "wsdl.js"]),
    "wsdl.pl": ("perl", ["perl", "wsdl.pl"]),
    "mono.sh": ("mono", ["sh", "mono.sh"]),
}
TRUSTS_OTHERS = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}
NEEDS = {"with_requests.py": "requests", "with_zeep.py": "zeep"}


def test_the_page_has_a_sample_for_every_language():
    assert set(samples()) == {*RUNS, "Wsdl.java", "Wsdl.cs"}


@pytest.mark.parametrize("file", RUNS)
def test_the_page_s_lines_make_a_client_trust_the_authority(file, tmp_path):
    tool, command = RUNS[file]
    if shutil.which(tool) is None:
        pytest.skip(f"{Path(tool).name} is not here")
    if file in NEEDS:
        pytest.importorskip(NEEDS[file])
    with serving(tls=True) as server:
        (tmp_path / "mockmkto-ca.pem").write_bytes(server.authority)
        port = server.https_url.rpartition(":")[2]
        for name, code in samples().items():
            (tmp_path / name).write_text(code.replace("localhost:6587", f"localhost:{port}"), encoding="utf-8")
        environ = {name: text for name, text in os.environ.items() if name not in TRUSTS_OTHERS}
        environ |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}  # Mono keeps its store there
        trusted = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120, check=False
        )
        said = trusted.stdout + trusted.stderr
        if "IO::Socket::SSL" in said:
            pytest.skip("Perl has no TLS here")
        assert trusted.returncode == 0, said
        assert "MktMktowsApiService" in trusted.stdout, said


# ---------------------------------------------------------------------------------------------------------------------
# Files that are lost, damaged, encrypted or too old


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("ca-key.pem", None, "ca-key.pem is not there"),
        ("ca.pem", None, "ca.pem is not there"),
        ("ca-key.pem", b"-----BEGIN", "it is damaged, or at the end of its time"),
    ],
)
def test_a_new_authority_in_the_place_of_one_that_clients_trust_is_warned_of(name, content, why, tmp_path, caplog):
    own_certificate(tmp_path, ())
    assert caplog.messages == []
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    own_certificate(tmp_path, ())
    assert caplog.messages == [f"the authority in {tmp_path} cannot be used ({why}): clients must trust a new one"]


@pytest.fixture
def own_files(tmp_path) -> TlsFiles:
    """A certificate of somebody's own, and its key."""
    return own_certificate(tmp_path, ()).files


def given(files: TlsFiles, **settings):
    return serving(tls_cert=files.certificate, tls_key=files.private_key, **settings)


def encrypt(key: Path) -> None:
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass phrase"),
        )
    )


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_pass_phrase(own_files):
    encrypt(own_files.private_key)
    with pytest.raises(CannotServe, match="is encrypted: give one without a pass phrase"), given(own_files):
        pass


def test_tls_files_are_looked_at_before_any_port_is_listened_on(own_files, monkeypatch):
    monkeypatch.setattr(HttpServer, "start", lambda _: pytest.fail("it listened"))
    own_files.private_key.write_bytes(b"x")
    with pytest.raises(CannotServe, match="no PEM certificate"), given(own_files):
        pass


def test_an_unusable_key_is_not_blamed_on_the_data(own_files, tmp_path, capfd):
    encrypt(own_files.private_key)
    words = ["--tls-cert", own_files.certificate, "--tls-key", own_files.private_key, "--data-dir", tmp_path / "data"]
    assert main(["serve", "--port", "0", *map(str, words)]) == 2
    assert capfd.readouterr().err == (
        f"mockmkto: {own_files.private_key} is encrypted: give one without a pass phrase with --tls-key / "
        "MOCKMKTO_TLS_KEY.\n"
    )


@pytest.mark.parametrize(
    ("earlier", "said"), [(dt.timedelta(days=800), "has expired"), (dt.timedelta(days=-800), "is not valid yet")]
)
def test_a_certificate_whose_time_is_not_now_is_served_with_a_warning(earlier, said, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(authority, "system_now", lambda: dt.datetime.now(dt.UTC) - earlier)
    files = own_certificate(tmp_path, ()).files
    with given(files) as server:
        assert server.https_url is not None
    assert caplog.messages == [f"the certificate in {files.certificate} {said}: clients that check it will refuse it"]


def test_a_certificate_in_its_time_is_served_without_a_word(own_files, caplog):
    with given(own_files):
        pass
    assert caplog.messages == []
