"""The API's address over HTTP: versions, methods, bodies, the WSDL and the address in it."""

import gzip
import io
import zlib

import pytest
from support import Marketo
from werkzeug.test import Client

from mockmkto.soap.contract import VERSIONS
from mockmkto.web.app import create_app
from mockmkto.web.site import Site

PATH = "/soap/mktows/2_9"
UNKNOWN = ["1_2", "2_10", "2.9", "3_2", "latest", "2_9x"]


@pytest.fixture
def marketo():
    return Marketo("leads: [{Id: 1, Email: ann@example.com}]")


@pytest.fixture
def site(marketo):
    site = Site(marketo.server, marketo.registry)
    site.ready.set()
    return site


@pytest.fixture
def http(site):
    return Client(create_app(site))


@pytest.fixture
def request_body(marketo):
    key = "<leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey>"
    return marketo.envelope(f"<ns1:paramsGetLead>{key}</ns1:paramsGetLead>").encode()


def answered(response) -> bool:
    return response.status_code == 200 and b"<count>1</count>" in response.data


# ---------------------------------------------------------------------------------------------------------------------
# Versions


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_answers(http, request_body, version):
    assert answered(http.post(f"/soap/mktows/{version}", data=request_body))


def test_the_versions_are_1_3_to_3_1():
    expected = [*(f"1_{minor}" for minor in range(3, 10)), *(f"2_{minor}" for minor in range(10)), "3_0", "3_1"]
    assert list(VERSIONS) == expected


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("version", UNKNOWN)
def test_an_unknown_version_is_404_and_names_those_that_there_are(http, method, version):
    response = http.open(f"/soap/mktows/{version}", method=method)
    assert response.status_code == 404
    assert ", ".join(VERSIONS) in response.text
    assert f"'{version}'" in response.text


@pytest.mark.parametrize("path", ["/soap/mktows", "/soap/mktows/"])
def test_a_path_without_a_version_is_404_and_names_them_too(http, path):
    response = http.get(path)
    assert (response.status_code, ", ".join(VERSIONS) in response.text) == (404, True)


# ---------------------------------------------------------------------------------------------------------------------
# Calls


@pytest.mark.parametrize("path", [PATH, f"{PATH}/", f"{PATH}?WSDL", f"{PATH}?wsdl=1&x=y", f"{PATH}/?wsdl"])
def test_a_post_is_a_call_whatever_follows_the_version(http, request_body, path):
    assert answered(http.post(path, data=request_body))


@pytest.mark.parametrize(
    "action",
    ["", '""', '"http://www.marketo.com/mktows/getLead"', "http://www.marketo.com/mktows/syncLead", "junk", None],
)
def test_soap_action_is_not_looked_at(http, request_body, action):
    headers = {} if action is None else {"SOAPAction": action}
    assert answered(http.post(PATH, data=request_body, headers=headers))


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/xml",
        "text/xml;charset=UTF-8",
        "application/soap+xml",
        "text/plain",
        "application/x-www-form-urlencoded",
    ],
)
def test_any_content_type_or_none(http, request_body, content_type):
    assert answered(http.post(PATH, data=request_body, content_type=content_type))


def test_a_success_is_200_in_xml(http, request_body):
    response = http.post(PATH, data=request_body)
    assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")


@pytest.mark.parametrize("body", [b"", b"junk", b"<x/>"])
def test_a_fault_is_500_in_xml(http, body):
    response = http.post(PATH, data=body)
    assert (response.status_code, response.content_type) == (500, "text/xml; charset=utf-8")


def test_a_multipart_body_is_a_bad_request(http, request_body):
    body = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n" + request_body + b"\r\n--b--\r\n"
    content_type = 'multipart/related; type="application/xop+xml"; boundary=b'
    response = http.post(PATH, data=body, content_type=content_type)
    assert (response.status_code, b"<faultstring>Bad Request</faultstring>" in response.data) == (500, True)


COMPRESSED = {
    "gzip": (gzip.compress, "gzip"),
    "gzip in capitals": (gzip.compress, "GZIP"),
    "x-gzip": (gzip.compress, "x-gzip"),
    "deflate": (zlib.compress, "deflate"),
    "identity": (bytes, "identity"),
}


@pytest.mark.parametrize(("pack", "encoding"), COMPRESSED.values(), ids=COMPRESSED)
def test_a_compressed_request_is_unpacked(http, request_body, pack, encoding):
    assert answered(http.post(PATH, data=pack(request_body), headers={"Content-Encoding": encoding}))


BADLY_COMPRESSED = {
    "not compressed": (bytes, "gzip"),
    "cut off": (lambda body: gzip.compress(body)[:-40], "gzip"),
    "cut off before its checksum": (lambda body: gzip.compress(body)[:-8], "gzip"),
    "cut off within its checksum": (lambda body: gzip.compress(body)[:-1], "gzip"),
    "deflate, cut off before its checksum": (lambda body: zlib.compress(body)[:-4], "deflate"),
    "unknown": (gzip.compress, "br"),
}


@pytest.mark.parametrize(("pack", "encoding"), BADLY_COMPRESSED.values(), ids=BADLY_COMPRESSED)
def test_what_cannot_be_unpacked_is_a_bad_request(http, request_body, pack, encoding):
    response = http.post(PATH, data=pack(request_body), headers={"Content-Encoding": encoding})
    assert (response.status_code, b"<faultstring>Bad Request</faultstring>" in response.data) == (500, True)


@pytest.mark.parametrize(("size", "status"), [(1000, 500), (1001, 413)])
def test_a_body_over_the_limit_is_413(http, site, size, status):
    site.max_body = 1000
    assert http.post(PATH, data=b"x" * size).status_code == status


def chunked(http, path: str, body: bytes, **more):
    """A POST that does not say how long it is, as the server hands it on."""
    more["environ_overrides"] = {**more.get("environ_overrides", {}), "wsgi.input_terminated": True}
    return http.post(path, input_stream=io.BytesIO(body), headers={"Transfer-Encoding": "chunked"}, **more)


def test_a_body_in_chunks_is_answered_up_to_the_limit_and_413_beyond_it(http, site, request_body):
    site.max_body = len(request_body)
    assert answered(chunked(http, PATH, request_body))
    site.max_body = len(request_body) - 1
    assert chunked(http, PATH, request_body).status_code == 413
    site.max_body = len(request_body) + 10  # what is cut there would still be a whole call
    assert chunked(http, PATH, request_body + b" " * 11).status_code == 413


def test_a_body_in_chunks_over_the_limit_is_413_in_the_control_api_and_changes_nothing(http, site):
    body = b'{"name": "before"}'
    site.max_body = len(body)
    assert chunked(http, "/__admin/snapshots", body + b" ").status_code == 413
    assert http.get("/__admin/snapshots").json["snapshots"] == []
    assert chunked(http, "/__admin/snapshots", body).status_code == 201


def test_a_form_in_chunks_over_the_limit_is_413(http, site):
    site.max_body = 100
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert chunked(http, "/s/default/calls/clear", b"a=" + b"x" * 298, **form).status_code == 403  # read: not ours
    assert chunked(http, "/s/default/calls/clear", b"a=" + b"x" * 299, **form).status_code == 413


@pytest.mark.parametrize(("size", "status"), [(1000, 500), (1001, 413), (10_000_000, 413)])
def test_the_limit_holds_for_what_is_unpacked(http, site, size, status):
    site.max_body = 1000
    body = zlib.compress(b"x" * size) if size < 10_000 else zlib.compress(b"x" * size, 9)[:1000]
    assert http.post(PATH, data=body, headers={"Content-Encoding": "deflate"}).status_code == status


def test_the_limit_is_10_mib_and_its_name_is_told(http, site):
    assert site.max_body == 10 * 1024**2
    assert "--max-body" in http.post(PATH, data=b"x" * (site.max_body + 1)).text


def test_before_the_fixtures_are_loaded_a_call_is_503(http, site, request_body):
    site.ready.clear()
    assert http.post(PATH, data=request_body).status_code == 503


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_405_and_told_which_are_answered(http, method):
    response = http.open(PATH, method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")


# ---------------------------------------------------------------------------------------------------------------------
# GET


def test_get_says_what_the_address_is_and_how_to_call_it(http):
    response = http.get(PATH)
    assert (response.status_code, response.content_type) == (200, "text/plain; charset=utf-8")
    assert "http://localhost/soap/mktows/2_9?WSDL" in response.text


def test_head_has_the_headers_of_get_and_no_body(http):
    response = http.head(PATH)
    assert (response.status_code, response.data) == (200, b"")
    assert response.content_length == http.get(PATH).content_length


@pytest.mark.parametrize("query", ["WSDL", "wsdl", "Wsdl", "wsdl=", "wsdl=1", "x=y&wSdL"])
@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_the_wsdl_in_any_case(http, path, query):
    response = http.get(f"{path}?{query}")
    assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")
    assert response.data.startswith(b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>')


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wsdl_is_the_one_of_its_version(http, version):
    assert f"<!-- Marketo API Version {version} -->" in http.get(f"/soap/mktows/{version}?WSDL").text


# ---------------------------------------------------------------------------------------------------------------------
# The address in the WSDL


def address(http, **headers) -> str:
    environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    text = http.get(f"{PATH}?WSDL", environ_overrides=environ).text
    return text.split('<soap:address location="')[1].split('"')[0].removesuffix(PATH)


ASKED = [
    ({"host": "localhost"}, "http://localhost"),
    ({"host": "marketo.test:6586"}, "http://marketo.test:6586"),
    ({"host": "127.0.0.1:6586"}, "http://127.0.0.1:6586"),
    ({"host": "[::1]:6586"}, "http://[::1]:6586"),
    ({"host": "in", "x_forwarded_proto": "https"}, "https://in"),
    ({"host": "in", "x_forwarded_proto": "HTTPS"}, "https://in"),
    ({"host": "in:80", "x_forwarded_host": "out.example"}, "http://out.example"),
    (
        {"host": "in", "x_forwarded_host": "out.example, proxy", "x_forwarded_proto": "https, http"},
        "https://out.example",
    ),
    ({"host": "in", "x_forwarded_host": "out.example", "x_forwarded_port": "8443"}, "http://out.example:8443"),
    ({"host": "in", "x_forwarded_host": "out.example:1", "x_forwarded_port": "8443"}, "http://out.example:1"),
    ({"host": "in", "x_forwarded_proto": "https", "x_forwarded_port": "443"}, "https://in"),
    ({"host": "in", "x_forwarded_port": "80"}, "http://in"),
    ({"host": "[::1]", "x_forwarded_port": "81"}, "http://[::1]:81"),
    ({"host": "in", "x_forwarded_prefix": "/marketo"}, "http://in/marketo"),
    ({"host": "in", "x_forwarded_prefix": "/a/b/"}, "http://in/a/b"),
]


@pytest.mark.parametrize(("headers", "expected"), ASKED)
def test_the_address_is_the_one_that_was_asked(http, headers, expected):
    assert address(http, **headers) == expected


HOSTILE = [
    'x"><script',
    "a b",
    "a/b",
    "user@host",
    "a,b",
    "a\r\nb",
    "\xe9.example",
    "a:b",
    "a:999999",
    "javascript:",
    "",
]


@pytest.mark.parametrize("host", HOSTILE)
def test_a_host_that_is_none_does_not_reach_the_wsdl(http, host):
    assert address(http, host=host) == "http://localhost:80"


@pytest.mark.parametrize("host", [host for host in HOSTILE if host != "a,b"])  # two values: the first one counts
def test_a_forwarded_host_that_is_none_is_ignored(http, host):
    assert address(http, host="in", x_forwarded_host=host) == "http://in"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x_forwarded_proto", "javascript"),
        ("x_forwarded_proto", "https://x"),
        ("x_forwarded_port", "\xb2"),
        ("x_forwarded_port", "123456"),
        ("x_forwarded_port", "8443/x"),
        ("x_forwarded_prefix", "no-slash"),
        ("x_forwarded_prefix", '/"><x'),
        ("x_forwarded_prefix", "//evil.example"),
    ],
)
def test_a_forwarded_value_that_is_none_is_ignored(http, header, value):
    assert address(http, host="in", **{header: value}) == "http://in"


@pytest.mark.parametrize("host", ["..", ".", "a..b", "x" * 300])
def test_a_host_that_no_name_can_be_is_a_400_in_plain_text(http, host):
    response = http.get(PATH, environ_overrides={"HTTP_HOST": host})
    assert (response.status_code, response.content_type) == (400, "text/plain; charset=utf-8")


def test_the_public_url_wins_over_what_was_asked(http, site):
    site.public_url = "https://marketo.example.com/sandbox"
    assert address(http, host="in", x_forwarded_host="out.example") == "https://marketo.example.com/sandbox"


# ---------------------------------------------------------------------------------------------------------------------
# Elsewhere


@pytest.mark.parametrize("path", ["/nothing", "/soap", "/SOAP/mktows/2_9", "/soap/mktows/2_9/x", "//soap/mktows/2_9"])
def test_elsewhere_is_404_in_plain_text(http, path):
    response = http.get(path)
    assert (response.status_code, response.content_type) == (404, "text/plain; charset=utf-8")


def test_an_error_of_our_own_in_a_page_is_plain_text_and_logged(http, site, caplog, monkeypatch):
    monkeypatch.setattr(Site, "address", lambda *_: 1 / 0)
    response = http.get(PATH)
    assert (response.status_code, response.content_type.split(";")[0]) == (500, "text/plain")
    assert "ZeroDivisionError" in caplog.text


def test_an_error_of_our_own_in_a_call_is_fault_10001_and_logged(http, request_body, caplog, monkeypatch):
    monkeypatch.setattr("mockmkto.soap.operations.leads.get_lead", lambda *_: 1 / 0)
    response = http.post(PATH, data=request_body)
    assert (response.status_code, b"<code>10001</code>" in response.data) == (500, True)
    assert "ZeroDivisionError" in caplog.text


def test_a_plain_call_needs_no_web_framework(http, request_body, monkeypatch):
    monkeypatch.setattr("mockmkto.web.app._answer", lambda *_: pytest.fail("it was routed"))
    response = http.post(PATH, data=request_body, content_type="text/xml")
    assert answered(response)
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert int(response.headers["Content-Length"]) == len(response.data)
