"""What a command finds in its environment, so that the vendor's hosts are answered here: said in every language's way.

| reads | who |
|---|---|
| `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in small letters too | curl, Python, Ruby, Go, .NET, Perl |
| `SSL_CERT_FILE`, `CURL_CA_BUNDLE`, `REQUESTS_CA_BUNDLE`, `PERL_LWP_SSL_CA_FILE` | whom they shall trust |
| `JAVA_TOOL_OPTIONS` | every Java: the proxy as system properties, and a trust store |
| `NODE_OPTIONS`, `NODE_EXTRA_CA_CERTS`, `NODE_USE_ENV_PROXY` | Node: a file that redirects its connections |
| `PYTHONPATH` | Python: a `sitecustomize` that does so where no proxy is read |
| `PHP_INI_SCAN_DIR` | PHP: whom openssl and curl shall trust |
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from mockmkto.intercept.hosts import VENDOR_DOMAINS
from mockmkto.intercept.relay import Relay

__all__ = ["environment"]

_PASSWORD = "changeit"  # noqa: S105  # Java's own default: a trust store holds no secret
_DIRECT = ("localhost", "127.0.0.1", "::1")

_SITECUSTOMIZE = '''\
"""Redirects the vendor's hosts, then does what any other sitecustomize of this Python does."""

import importlib.util
import json
import os
import sys


def _module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _begin():
    folder = os.path.dirname(os.path.abspath(__file__))
    told = json.loads(os.environ["MOCKMKTO_INTERCEPT"])
    with open(told["authority"]) as file:
        authority = file.read()
    ends = tuple("." + domain for domain in told["domains"])

    def answers(host):
        name = host.lower().rstrip(".")
        return name.endswith(ends) or name in told["hosts"]

    _module("_mockmkto_redirect", os.path.join(folder, "_mockmkto_redirect.py")).install(
        answers, told["ports"], authority
    )
    for other in sys.path:
        path = os.path.join(other or ".", "sitecustomize.py")
        if os.path.abspath(other or ".") != folder and os.path.isfile(path):
            _module("sitecustomize", path)
            break


if "MOCKMKTO_INTERCEPT" in os.environ:
    _begin()
'''


def environment(
    relay: Relay, authority: Path, folder: Path, environ: Mapping[str, str], also: Iterable[str] = ()
) -> dict[str, str]:
    """The variables for a command, over those that it has; files that they name are written into the folder.

    Args:
        relay: what answers, started.
        authority: the certificate to be trusted, in PEM.
        folder: for files that must be there as long as the command runs.
        environ: what the command would have otherwise: what is there is added to where it is a list.
        also: hosts that are answered beside the vendor's.
    """
    proxy = f"http://127.0.0.1:{relay.proxy_port}"
    bundle = str(_bundle(authority, folder, environ))
    direct = ",".join(dict.fromkeys((*_DIRECT, *filter(None, environ.get("NO_PROXY", "").split(",")))))
    told = {
        "hosts": [host.lower() for host in also],
        "domains": list(VENDOR_DOMAINS),
        "ports": {"http": relay.http_port, "https": relay.tls_port},
        "authority": str(authority),
    }
    variables = {
        "MOCKMKTO_INTERCEPT": json.dumps(told),
        "SSL_CERT_FILE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "PERL_LWP_SSL_CA_FILE": bundle,
        "PERL_LWP_ENV_PROXY": "1",
        "NODE_EXTRA_CA_CERTS": str(authority),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _joined(environ.get("NODE_OPTIONS"), f"--require={_quoted(_preload(folder))}", " "),
        "PYTHONPATH": _joined(str(_python(folder)), environ.get("PYTHONPATH"), os.pathsep),
        "PHP_INI_SCAN_DIR": _joined(environ.get("PHP_INI_SCAN_DIR", ""), str(_php(bundle, folder)), os.pathsep),
        "JAVA_TOOL_OPTIONS": _joined(environ.get("JAVA_TOOL_OPTIONS"), _java(relay, authority, folder), " "),
    }
    for name, value in (("HTTP_PROXY", proxy), ("HTTPS_PROXY", proxy), ("NO_PROXY", direct)):
        variables[name] = variables[name.lower()] = value
    return variables


def _joined(first: str | None, second: str | None, mark: str) -> str:
    return mark.join(item for item in (first, second) if item is not None)


def _quoted(path: Path) -> str:
    """A path for NODE_OPTIONS and JAVA_TOOL_OPTIONS, which are split at spaces."""
    return f'"{path}"' if " " in str(path) else str(path)


def _bundle(authority: Path, folder: Path, environ: Mapping[str, str]) -> Path:
    """The authority, and whom the command trusts anyway: it may also talk to this machine's own servers."""
    bundle = folder / "trusted.pem"
    known = environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    content = authority.read_bytes()
    if known and Path(known).is_file():
        content += b"\n" + Path(known).read_bytes()
    bundle.write_bytes(content)
    return bundle


def _preload(folder: Path) -> Path:
    path = folder / "preload.cjs"
    path.write_bytes(resources.files("mockmkto.intercept").joinpath("preload.cjs").read_bytes())
    return path


def _python(folder: Path) -> Path:
    python = folder / "python"
    python.mkdir()
    redirect = resources.files("mockmkto.intercept").joinpath("redirect.py").read_bytes()
    (python / "_mockmkto_redirect.py").write_bytes(redirect)
    (python / "sitecustomize.py").write_text(_SITECUSTOMIZE, encoding="utf-8")
    return python


def _php(bundle: str, folder: Path) -> Path:
    php = folder / "php"
    php.mkdir()
    (php / "mockmkto.ini").write_text(f'openssl.cafile="{bundle}"\ncurl.cainfo="{bundle}"\n', encoding="utf-8")
    return php


def _java(relay: Relay, authority: Path, folder: Path) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore

    certificate = x509.load_pem_x509_certificate(authority.read_bytes())
    store = folder / "trust.p12"
    store.write_bytes(
        serialize_java_truststore(
            [PKCS12Certificate(certificate, b"mockmkto")], BestAvailableEncryption(_PASSWORD.encode())
        )
    )
    options = {
        "http.proxyHost": "127.0.0.1",
        "http.proxyPort": relay.proxy_port,
        "https.proxyHost": "127.0.0.1",
        "https.proxyPort": relay.proxy_port,
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": store,
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": _PASSWORD,
    }
    return " ".join(_quoted(Path(f"-D{name}={value}")) for name, value in options.items())
