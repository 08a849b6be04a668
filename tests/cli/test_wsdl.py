from __future__ import annotations

import pytest

from mockmkto.soap import wsdl
from mockmkto.soap.contract import VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_wsdl_prints_the_document_of_a_version(version, run):
    ran = run("wsdl", version)
    address = f"http://127.0.0.1:6586/soap/mktows/{version}"
    assert (ran.code, ran.out.encode(), ran.err) == (0, wsdl.document(version, address), "")


def test_wsdl_prints_the_newest_one_by_default(run):
    assert run("wsdl").out == run("wsdl", "3_1").out


def test_wsdl_takes_an_address(run):
    assert 'location="https://example.com/a?b&amp;c"' in run("wsdl", "--address", "https://example.com/a?b&c").out


def test_wsdl_writes_all(run, tmp_path):
    folder = tmp_path / "new" / "wsdl"
    ran = run("wsdl", "--all", str(folder))
    assert ran.code == 0
    assert [folder / wsdl.file_name(version) for version in VERSIONS] == [
        folder / line for line in ran.out.split("\n")[:-1]
    ]
    for version in VERSIONS:
        assert (folder / wsdl.file_name(version)).read_text() == run("wsdl", version).out


def test_wsdl_cannot_write(run, tmp_path):
    (tmp_path / "file").touch()
    ran = run("wsdl", "--all", str(tmp_path / "file" / "folder"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"mockmkto: --all: {tmp_path / 'file' / 'folder'} cannot be written (Not a directory).\n"
