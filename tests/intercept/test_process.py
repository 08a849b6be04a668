"""In a test's own process, code with the vendor's host name written into it reaches the test's subscription."""

from __future__ import annotations

import asyncio
import os
import socket
import urllib.error
import urllib.request

import httpx
import pytest
import requests
import suds.client
import urllib3
import zeep

import mockmkto

PAGE = "https://123-ABC-456.mktoapi.com/soap/mktows/2_9"
WSDL = f"{PAGE}?WSDL"


@pytest.fixture(scope="module")
def marketo():
    with mockmkto.serve() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def intercepted(marketo):
    with marketo.intercept():
        yield


async def by_asyncio(url):
    host = url.split("/")[2]
    reader, writer = await asyncio.open_connection(host, 443, ssl=True)
    writer.write(f"GET /soap/mktows/2_9?WSDL HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


CLIENTS = {
    "urllib": lambda url: urllib.request.urlopen(url, timeout=10).read().decode(),
    "requests": lambda url: requests.get(url, timeout=10).text,
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url).data.decode(),
    "httpx": lambda url: httpx.get(url).text,
    "asyncio": lambda url: asyncio.run(by_asyncio(url)),
}


@pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))
def test_a_client_of_the_process_gets_the_document_under_the_vendors_name(client):
    assert f'location="{PAGE.lower().replace("123-abc", "123-ABC")}"'.lower() in client(WSDL).lower()


def test_plain_http_is_answered_too():
    assert b"This is the Marketo SOAP API" in urllib.request.urlopen("http://app.marketo.com/soap/mktows/2_0").read()


def header(marketo, timestamp="2026-01-31T09:30:00Z"):
    from mockmkto import auth

    signature = auth.sign(marketo.user_id, marketo.encryption_key, timestamp)
    return {"mktowsUserId": marketo.user_id, "requestSignature": signature, "requestTimestamp": timestamp}


def test_zeep_calls_the_tests_own_subscription(marketo):
    marketo.clock.freeze("2026-01-31T09:30:00Z")
    client = zeep.Client(WSDL)
    key = {"leadRecord": {"Email": "zeep@example.com"}, "returnLead": False}
    answer = client.service.syncLead(**key, _soapheaders={"authentication": header(marketo)})
    assert answer.syncStatus.status == "CREATED"
    assert marketo.leads.one(Email="zeep@example.com")["Email"] == "zeep@example.com"


def test_suds_calls_the_tests_own_subscription(marketo):
    marketo.clock.freeze("2026-01-31T09:30:00Z")
    client = suds.client.Client(WSDL, cache=None)
    sent = client.factory.create("AuthenticationHeader")
    for name, value in header(marketo).items():
        setattr(sent, name, value)
    client.set_options(soapheaders=sent)
    record = client.factory.create("LeadRecord")
    record.Email = "suds@example.com"
    assert client.service.syncLead(record, False).syncStatus.status == "CREATED"
    assert marketo.leads.one(Email="suds@example.com")["Email"] == "suds@example.com"


def test_another_host_goes_where_it_did(marketo):
    assert urllib.request.urlopen(f"{marketo.url}/readyz").status == 200
    assert urllib.request.urlopen(f"{marketo.url.replace('127.0.0.1', 'localhost')}/readyz").status == 200
    before = socket.getaddrinfo.__wrapped__
    assert socket.getaddrinfo("127.0.0.1", 1) == before("127.0.0.1", 1)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert requests.get(PAGE, timeout=10).status_code == 200


def test_a_port_that_nobody_answers_is_refused():
    with pytest.raises(socket.gaierror, match="answers on the ports 80 and 443 here, not on 8443"):
        socket.create_connection(("123-ABC-456.mktoapi.com", 8443))


def test_everything_is_as_before_when_the_block_ends(marketo):
    resolve, no_proxy = socket.getaddrinfo, os.environ["NO_PROXY"]
    with pytest.raises(RuntimeError, match="lead to another server already"), marketo.intercept():
        pass
    assert socket.getaddrinfo is resolve
    assert os.environ["NO_PROXY"] == no_proxy
