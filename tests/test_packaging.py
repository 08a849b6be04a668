"""The wheel: it holds everything that a server needs, and finds it there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parent.parent

FOUND = """
import mockmkto
from mockmkto.soap.contract import VERSIONS
from mockmkto.worlds import find_fixture, read_all
print(mockmkto.__file__)
print(find_fixture("demo"))
assert len(read_all(["empty"])) == 1
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize(
    "file",
    [
        "mockmkto/py.typed",
        "mockmkto/data/fixtures/empty.yaml",
        "mockmkto/data/fixtures/demo.yaml",
        "mockmkto/data/fixtures/workspaces.yaml",
        "mockmkto/data/wsdl/mktows_2_0.wsdl",
        "mockmkto/data/wsdl/mktows_3_1.wsdl",
        "mockmkto/web/console/static/console.css",
        "mockmkto/web/console/templates/base.html",
    ],
)
def test_the_wheel_holds(unpacked, file):
    assert (unpacked / file).is_file()


def test_the_wheel_holds_nothing_else_than_the_package(unpacked):
    names = {path.name for path in unpacked.iterdir()}
    assert {name.split("-")[0] for name in names} == {"mockmkto"}


def test_what_is_shipped_is_found_after_an_install(unpacked, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{FOUND}"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    module, fixture = ran.stdout.split()
    assert Path(module).is_relative_to(unpacked)
    assert Path(fixture).is_relative_to(unpacked)


def test_the_commands_and_the_plugin_are_entry_points(unpacked):
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    text = entry_points.read_text()
    assert "mockmkto = mockmkto.__main__:main" in text
    assert "mockmkto = mockmkto.pytest_plugin" in text
