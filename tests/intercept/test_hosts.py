"""Hosts beside the vendor's, and when nothing is intercepted."""

from __future__ import annotations

import socket
import ssl
import urllib.request

import pytest

import mockmkto


@pytest.fixture(scope="module")
def marketo():
    with mockmkto.serve() as sandbox:
        yield sandbox


def test_a_host_of_ones_own_leads_here_where_it_is_named(marketo):
    with marketo.intercept("mkto.internal.example"):
        assert urllib.request.urlopen("https://mkto.internal.example/readyz").status == 200
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("mkto.internal.example", 443)


def test_afterwards_python_is_as_it_was(marketo):
    before = socket.getaddrinfo, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio
    with marketo.intercept():
        assert socket.getaddrinfo is not before[0]
    assert (socket.getaddrinfo, ssl.SSLContext.wrap_socket, ssl.SSLContext.wrap_bio) == before


def test_the_marker_intercepts_for_one_test(pytester):
    pytester.makepyfile(
        """
        import socket
        import urllib.request

        import pytest

        @pytest.mark.mockmkto(intercept=True, keyless_leads="create")
        def test_within(mockmkto):
            assert urllib.request.urlopen("https://app.marketo.com/readyz").status == 200
            assert mockmkto.switches["keyless_leads"] == "create"

        def test_without(mockmkto):
            assert not hasattr(socket.getaddrinfo, "__wrapped__")
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
