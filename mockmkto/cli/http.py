"""A plain HTTP client for the commands that talk to a server: one request, one answer, and clear words for none."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mockmkto.cli.parser import NOBODY_THERE, Failure, nobody_there, wrong_usage

__all__ = ["Answer", "Server", "Unanswered", "given_url", "is_there", "trust"]

_ASKING = 5.0  # seconds

_USER_INFO = re.compile(r"(?<=//)[^/?#]*@|^[^/?#]*@")  # a name and a password, which nobody repeats
_PRINTED = re.compile("[!-~]+")  # what can stand in a request line


class Unanswered(Failure):
    """A request to which no answer came: exit code 3 unless somebody knows better. `why` is a few words."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text, NOBODY_THERE)
        self.why = why


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is: `https`, a host, a port and the path before its own paths, without a slash at its end."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def at(cls, url: str) -> Server:
        """The server at an address: its own, or the endpoint's, or the WSDL's, as they may have been copied.

        Raises:
            Failure: this is no address.
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            port = parts.port
        except ValueError:
            raise _no_address(url) from None
        if parts.scheme not in ("http", "https") or not parts.hostname or not _PRINTED.fullmatch(url):
            raise _no_address(url)
        prefix = parts.path.partition("/soap/mktows")[0].rstrip("/")
        default = 443 if parts.scheme == "https" else 80
        return cls(parts.scheme, parts.hostname, port if port is not None else default, prefix)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.prefix}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        timeout: float,
    ) -> Answer:
        """One request and its answer, whatever its status. `timeout` is seconds, of each wait. No proxy is used.

        Raises:
            Failure: nobody answers there, or not over HTTP, or with a certificate that is not trusted.
        """
        connection = (
            http.client.HTTPSConnection(self.host, self.port, timeout=timeout, context=tls)
            if self.scheme == "https"
            else http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        )
        try:
            connection.request(method, self.prefix + path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.getheader("Content-Type", ""), response.read())
        except ssl.SSLCertVerificationError as error:
            text = f"the certificate of {self.url} is not trusted ({error.verify_message})"
            raise nobody_there(
                f"{text}. Give it, or who signed it, with --ca FILE; or do without: --insecure."
            ) from None
        except ssl.SSLError as error:
            raise nobody_there(f"{self.url} does not speak TLS ({error.reason or error}). Is it http?") from None
        except (OSError, UnicodeError) as error:
            raise self._nobody(_reason(error, timeout)) from None
        except http.client.HTTPException as error:
            why = "it closed the connection" if isinstance(error, http.client.BadStatusLine) else str(error)
            text = f"{self.url} does not speak HTTP ({why}). Is it https, or something else?"
            raise Unanswered(text, why) from None
        finally:
            connection.close()

    def _nobody(self, why: str) -> Failure:
        return Unanswered(
            f"nobody answers at {self.url} ({why}). Start the server with 'mockmkto serve', or say with --url or "
            "MOCKMKTO_URL where it is.",
            why,
        )


def is_there(server: Server, tls: ssl.SSLContext | None) -> bool:
    """Whether a mockmkto is there and ready, whatever became of another request."""
    try:
        answer = server.ask("GET", "/readyz", tls=tls, timeout=_ASKING)
    except Failure:
        return False
    return answer.status == 200 and answer.body.strip() == b"ready"


def given_url(flag: str | None, environ: Mapping[str, str]) -> str:
    """The server's address: the flag, `MOCKMKTO_URL`, or this machine with `MOCKMKTO_PORT` or the default port."""
    url = flag or environ.get("MOCKMKTO_URL")
    if url:
        return url
    from mockmkto.settings import DEFAULT_PORT

    return f"http://127.0.0.1:{environ.get('MOCKMKTO_PORT') or DEFAULT_PORT}"


def trust(authority: str | None, *, insecure: bool) -> ssl.SSLContext:
    """Which certificates to accept: what this machine trusts, those of a PEM file instead, or any at all.

    Raises:
        Failure: the file cannot be read, or holds no certificate.
    """
    if insecure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without this machine's authorities: they take 30 ms to read
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    try:
        return ssl.create_default_context(cafile=authority)
    except ssl.SSLError as error:
        raise wrong_usage(f"--ca: {authority} holds no certificate in PEM ({error.reason or error}).") from None
    except OSError as error:
        raise wrong_usage(f"--ca: {authority} cannot be read ({error.strerror}).") from None


def _no_address(url: str) -> Failure:
    shown = _USER_INFO.sub("", url)
    return wrong_usage(f"--url / MOCKMKTO_URL: expected an address such as http://127.0.0.1:6586, got {shown!r}.")


def _reason(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "no such host"
    return getattr(error, "strerror", None) or str(error)
