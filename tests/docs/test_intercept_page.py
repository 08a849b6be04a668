"""docs/intercept.md and the compose file beside it: every program runs, every name is one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mockmkto.cli import main
from mockmkto.intercept import VENDOR_DOMAINS, is_vendors
from mockmkto.settings import SETTINGS, SWITCHES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "intercept.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "docker" / "compose.intercept.yaml").read_text(encoding="utf-8")
DEADLINE = 120  # seconds


def test_the_tests_of_the_page_pass(tmp_path):
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "test_legacy.py").write_text(program, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "test_legacy.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert "2 passed" in ran.stdout, ran.stdout


def test_the_command_of_the_page_has_options_that_there_are():
    (command,) = re.findall(r"^mockmkto (exec .*)$", PAGE, re.MULTILINE)
    assert main([*command.replace("./old-program", sys.executable).split(), "-c", "pass"]) == 0


@pytest.mark.parametrize("domain", VENDOR_DOMAINS)
def test_every_domain_is_on_the_page(domain):
    assert f"`{domain}`" in PAGE


def test_the_variables_of_the_compose_file_are_ours():
    known = {item.variable for item in (*SETTINGS, *SWITCHES)} | {"MOCKMKTO_URL"}
    assert set(re.findall(r"MOCKMKTO_[A-Z_]+", COMPOSE)) <= known


def test_the_compose_file_names_the_hosts_of_its_certificate():
    services = yaml.safe_load(COMPOSE)["services"]
    server = services["mockmkto"]
    names = server["environment"]["MOCKMKTO_TLS_NAME"].split()
    for alias in server["networks"]["default"]["aliases"]:
        assert is_vendors(alias)
        assert f"*.{alias.partition('.')[2]}" in names
    assert services["client"]["volumes"] == ["data:/mockmkto:ro"]
    assert services["client"]["environment"]["SSL_CERT_FILE"] == "/mockmkto/tls/ca.pem"
