"""`/metrics`: what Prometheus' own parser reads in it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from support import Marketo
from werkzeug.test import Client

from mockmkto import __version__
from mockmkto.web.app import create_app
from mockmkto.web.metrics import BUCKETS, CONTENT_TYPE, Metrics
from mockmkto.web.site import Site


@pytest.fixture
def marketo() -> Marketo:
    return Marketo()


@pytest.fixture
def call(marketo):
    """A record of a call, to be changed."""
    return marketo.sync(Email="a@example.com").call


def read(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def observed(*calls) -> dict[tuple[str, ...], float]:
    metrics = Metrics()
    for item in calls:
        metrics.observe(item)
    return read("\n".join(metrics.lines()) + "\n")


def test_calls_are_counted_by_operation_and_status(call):
    found = observed(
        call,
        call,
        replace(call, status="UPDATED"),
        replace(call, status="20014"),
        replace(call, operation="getLead", status="OK"),
    )
    name = "mockmkto_calls_total"
    assert {key: value for key, value in found.items() if key[0] == name} == {
        (name, "soap", "syncLead", "CREATED"): 2,
        (name, "soap", "syncLead", "UPDATED"): 1,
        (name, "soap", "syncLead", "20014"): 1,
        (name, "soap", "getLead", "OK"): 1,
    }


@pytest.mark.parametrize("operation", ["deleteEverything", 'x"} 1\n', None])
def test_a_name_that_a_client_made_up_becomes_no_label(call, operation):
    assert ("mockmkto_calls_total", "soap", "other", "CREATED") in observed(replace(call, operation=operation))


def test_durations_are_a_histogram_in_seconds(call):
    times = [0.5, 1, 3, 250, 60_000]  # milliseconds
    found = observed(*(replace(call, milliseconds=time) for time in times))
    name = "mockmkto_call_duration_seconds"
    assert found[f"{name}_count", "soap", "syncLead"] == len(times)
    assert found[f"{name}_sum", "soap", "syncLead"] == pytest.approx(sum(times) / 1000)
    for bound in BUCKETS:
        expected = sum(time / 1000 <= bound for time in times)
        assert found[f"{name}_bucket", "soap", "syncLead", f"{bound:.9g}"] == expected, bound
    assert found[f"{name}_bucket", "soap", "syncLead", "+Inf"] == len(times)


def test_the_page(marketo):
    site = Site(marketo.server, marketo.registry, connections=lambda: 3)
    client = Client(create_app(site))
    assert read(client.get("/metrics").text)["mockmkto_ready",] == 0
    site.ready.set()
    site.metrics.observe(marketo.sync(Email="a@example.com").call)
    marketo.sync(Email="b@example.com")
    response = client.get("/metrics")
    assert (response.status_code, response.content_type) == (200, CONTENT_TYPE)
    assert response.text.endswith("\n")
    found = read(response.text)
    assert found["mockmkto_info", __version__] == 1
    assert found["mockmkto_ready",] == 1
    assert found["mockmkto_uptime_seconds",] > 0
    assert found["mockmkto_subscriptions",] == 1
    assert found["mockmkto_journal_calls",] == 2
    assert found["mockmkto_connections",] == 3
    assert found["mockmkto_calls_total", "soap", "syncLead", "CREATED"] == 1


def test_every_family_has_its_type_and_a_sentence(marketo):
    site = Site(marketo.server, marketo.registry)
    site.metrics.observe(marketo.sync(Email="a@example.com").call)
    families = list(text_string_to_metric_families(Client(create_app(site)).get("/metrics").text))
    assert {family.type for family in families} == {"counter", "histogram", "gauge"}
    for family in families:
        assert family.documentation.endswith("."), family.name
        assert family.samples, family.name


def test_a_label_is_escaped():
    from mockmkto.web.metrics import sample

    assert read(sample("a", {"b": 'quote " backslash \\ line\nend'}, 1) + "\n") == {
        ("a", 'quote " backslash \\ line\nend'): 1
    }
