"""The requests that are sent, as bytes: the documented syncLead, signed once for a whole measurement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from mockmkto import auth
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID

__all__ = ["PATH", "STRIDE", "Operation", "RequestMaker", "email_of"]

PATH = "/soap/mktows/3_1"

_ENVELOPE = """\
<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="http://www.marketo.com/mktows/">
  <SOAP-ENV:Header>
    <ns1:AuthenticationHeader>
      <mktowsUserId>{user}</mktowsUserId>
      <requestSignature>{signature}</requestSignature>
      <requestTimestamp>{timestamp}</requestTimestamp>
    </ns1:AuthenticationHeader>
  </SOAP-ENV:Header>
  <SOAP-ENV:Body>
    <ns1:paramsSyncLead>
      <leadRecord>
        <Email>%s</Email>
        <leadAttributeList>
          <attribute>
            <attrName>FirstName</attrName>
            <attrValue>George</attrValue>
          </attribute>
          <attribute>
            <attrName>LastName</attrName>
            <attrValue>of the Jungle %09d</attrValue>
          </attribute>
        </leadAttributeList>
      </leadRecord>
      <returnLead>false</returnLead>
    </ns1:paramsSyncLead>
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
"""

# Steps through all leads in no order that an index would like; a prime, so that it comes to every one of them.
STRIDE = 7_368_787


class Operation(StrEnum):
    """What a call does, as its status says it."""

    CREATE = "CREATED"
    UPDATE = "UPDATED"


def email_of(number: int) -> str:
    """The e-mail of the lead that was loaded with this number, from 0."""
    return f"lead{number:09d}@example.com"


@dataclass(slots=True)
class RequestMaker:
    """Makes requests that are all as long as each other and all different, valid for the signature window (15 min)."""

    template: bytes
    made: int = 0

    @classmethod
    def signed_now(cls) -> Self:
        """With the default credential and the time of this moment."""
        timestamp = datetime.now(UTC).isoformat(timespec="seconds")
        signature = auth.sign(DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY, timestamp)
        body = _ENVELOPE.format(user=DEFAULT_USER_ID, signature=signature, timestamp=timestamp)
        length = len((body % (email_of(0), 0)).encode())
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: mockmkto-bench\r\nAccept: */*\r\n"
            f'Content-Type: text/xml; charset=utf-8\r\nSOAPAction: ""\r\nContent-Length: {length}\r\n\r\n'
        )
        return cls((head + body).encode())

    def read(self, email: str) -> bytes:
        """A getLead by e-mail."""
        head, _, body = self.template.partition(b"\r\n\r\n")
        before = body.partition(b"<ns1:paramsSyncLead>")[0]
        key = f"<leadKey><keyType>EMAIL</keyType><keyValue>{email}</keyValue></leadKey>"
        body = before + f"<ns1:paramsGetLead>{key}</ns1:paramsGetLead></SOAP-ENV:Body></SOAP-ENV:Envelope>".encode()
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
        return b"\r\n".join((*lines, f"Content-Length: {len(body)}".encode(), b"", body))

    def make(self, operation: Operation, count: int, leads: int) -> list[bytes]:
        """Requests for new leads, or for some of those that were loaded: all over them, each with a new value."""
        requests = []
        for _ in range(count):
            self.made += 1
            if operation is Operation.CREATE:
                email = f"new{self.made:010d}@example.com"
            else:
                email = email_of(self.made * STRIDE % leads)
            requests.append(self.template % (email.encode(), self.made))
        return requests
