"""A client of the API as one would write it by hand, with nothing of mockmkto's in it: standard library only."""

from __future__ import annotations

import hashlib
import hmac
import http.client
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NS = "http://www.marketo.com/mktows/"


class MarketoFault(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Client:
    def __init__(self, endpoint: str, user_id: str, encryption_key: str, timeout: float = 10.0) -> None:
        self.endpoint, self.user_id, self.key, self.timeout = endpoint, user_id, encryption_key, timeout

    @classmethod
    def of(cls, marketo, **changed: str) -> Client:
        return cls(
            **{"endpoint": marketo.endpoint, "user_id": marketo.user_id}
            | {"encryption_key": marketo.encryption_key}
            | changed
        )

    def sync(
        self, email: str | None = None, *, foreign_id: str | None = None, cookie: str | None = None, **values: str
    ) -> tuple[str, int]:
        """One syncLead: the status and the Id."""
        keys = "".join(
            f"<{name}>{escape(value)}</{name}>"
            for name, value in (("Email", email), ("ForeignSysPersonId", foreign_id))
            if value is not None
        )
        attributes = "".join(
            f"<attribute><attrName>{name}</attrName><attrValue>{escape(value)}</attrValue></attribute>"
            for name, value in values.items()
        )
        rest = f"<marketoCookie>{escape(cookie)}</marketoCookie>" if cookie else ""
        root = self.call(
            f"<m:paramsSyncLead><leadRecord>{keys}<leadAttributeList>{attributes}</leadAttributeList></leadRecord>"
            f"<returnLead>false</returnLead>{rest}</m:paramsSyncLead>"
        )
        return root.findtext(".//status"), int(root.findtext(".//leadId"))

    def get(self, email: str) -> list[int]:
        """One getLead by e-mail: the Ids."""
        root = self.call(
            f"<m:paramsGetLead><leadKey><keyType>EMAIL</keyType><keyValue>{escape(email)}</keyValue></leadKey></m:paramsGetLead>"
        )
        return [int(element.text) for element in root.iter("Id")]

    def call(self, body: str) -> ElementTree.Element:
        return self.post(self.envelope(body).encode())

    def envelope(self, body: str) -> str:
        timestamp = datetime.now(UTC).isoformat(timespec="seconds")
        signature = hmac.new(self.key.encode(), (timestamp + self.user_id).encode(), hashlib.sha1).hexdigest()
        return (
            f'<e:Envelope xmlns:e="{SOAP}" xmlns:m="{NS}"><e:Header><m:AuthenticationHeader>'
            f"<mktowsUserId>{self.user_id}</mktowsUserId><requestSignature>{signature}</requestSignature>"
            f"<requestTimestamp>{timestamp}</requestTimestamp></m:AuthenticationHeader></e:Header>"
            f"<e:Body>{body}</e:Body></e:Envelope>"
        )

    def post(self, body: bytes) -> ElementTree.Element:
        parts = urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)
        try:
            connection.request("POST", parts.path, body, {"Content-Type": "text/xml; charset=utf-8"})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status not in (200, 500):
            raise ConnectionError(f"HTTP {response.status}")
        root = ElementTree.fromstring(content)
        fault = root.find(f".//{{{SOAP}}}Fault")
        if fault is not None:
            raise MarketoFault(fault.findtext(".//code") or fault.findtext("faultcode"), fault.findtext("faultstring"))
        return root


def retrying(do, times: int = 10):
    """Tries again, as clients do, whatever goes wrong on the way."""
    for left in reversed(range(times)):
        try:
            return do()
        except (OSError, http.client.HTTPException, ElementTree.ParseError, MarketoFault):
            if not left:
                raise
    raise AssertionError
