"""docs/operations.md and docker/: what they name is there, and nothing that there is is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from support import Marketo
from werkzeug.test import Client

from mockmkto.settings import DEFAULT_HTTPS_PORT, DEFAULT_PORT, SETTINGS, SWITCHES
from mockmkto.web.app import create_app
from mockmkto.web.site import Site

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DOCKER = ROOT / "docker"
VARIABLES = {item.variable for item in (*SETTINGS, *SWITCHES)} | {"MOCKMKTO_URL"}
FLAGS = {item.flag for item in (*SETTINGS, *SWITCHES)} | {"--wait"}


def test_every_metric_is_described_with_its_type():
    marketo = Marketo()
    site = Site(marketo.server, marketo.registry)
    text = Client(create_app(site)).get("/metrics").text
    there = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    described = dict(re.findall(r"^\| `(mockmkto_\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    assert described == there


@pytest.mark.parametrize("page", ["docs/operations.md", "docs/tls.md", "docs/postgresql.md", "docker/README.md"])
def test_every_flag_of_ours_is_one(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`(--[a-z-]+)", text)) | set(re.findall(r"mockmkto serve(?: (--[a-z-]+))", text))
    others = {"--read-only", "--build-arg"}  # docker's
    assert named - others <= FLAGS


@pytest.mark.parametrize(
    "file",
    [
        "Dockerfile",
        "compose.yaml",
        "compose.postgres.yaml",
        "README.md",
        "../docs/operations.md",
        "../docs/tls.md",
        "../docs/postgresql.md",
    ],
)
def test_every_variable_of_ours_is_one(file):
    assert set(re.findall(r"MOCKMKTO_[A-Z_]+", (DOCKER / file).read_text(encoding="utf-8"))) <= VARIABLES


def test_the_compose_file_is_what_the_image_offers():
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    (service,) = compose["services"].values()
    dockerfile = (DOCKER / service["build"]["context"] / service["build"]["dockerfile"]).read_text(encoding="utf-8")
    assert service["ports"] == [f"{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert service["environment"]["MOCKMKTO_DATA_DIR"] == "/data"
    assert service["volumes"] == ["data:/data"]
    assert "data" in compose["volumes"]
    assert f"EXPOSE {DEFAULT_PORT} {DEFAULT_HTTPS_PORT}\n" in dockerfile
    assert "/data /fixtures" in dockerfile


def test_the_samples_of_the_page_for_docker_are_yaml():
    text = (DOCKER / "README.md").read_text(encoding="utf-8")
    samples = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(samples) >= 2
    for sample in samples:
        assert yaml.safe_load(sample)


def test_every_extra_that_the_image_can_be_built_with_is_one():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = re.findall(r"EXTRAS=([a-z,]+)", (DOCKER / "README.md").read_text(encoding="utf-8"))
    assert named
    assert {extra for several in named for extra in several.split(",")} <= set(extras)
