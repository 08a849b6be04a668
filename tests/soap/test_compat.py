"""spyne runs on this Python, quietly, and leaves nothing behind that a user of ours could trip over."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mockmkto

PACKAGE = Path(mockmkto.__file__).parent
IMPORT = "import mockmkto.soap.types\n"


def python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python of its own, from the project's directory; what it prints must not depend on the user's."""
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_quiet(result: subprocess.CompletedProcess[str]) -> None:
    assert (result.returncode, result.stderr) == (0, "")


def test_types_import_with_warnings_as_errors():
    assert_quiet(python(IMPORT, "-W", "error"))


def test_types_import_with_warnings_as_errors_when_nothing_is_compiled_yet(tmp_path):
    assert_quiet(python(IMPORT, "-W", "error", "-X", f"pycache_prefix={tmp_path}"))


@pytest.mark.parametrize(
    "later",
    [
        "import six.moves.urllib.request, six.moves.http_cookies",
        "import colorsys, wave, xmlrpc.client",
        "import importlib.metadata; [d.metadata['Name'] for d in importlib.metadata.distributions()]",
        "import pkgutil; list(pkgutil.iter_modules())",
        "import pkgutil, xml; list(pkgutil.walk_packages(xml.__path__, 'xml.'))",
        "import importlib.util; assert importlib.util.find_spec('no_such_module') is None",
        "import importlib; importlib.invalidate_caches()",
        "import re; assert re.compile.__module__ == 're' and re.compile('a').match('a')",
        "from spyne.model.primitive import xml; assert xml.RE_Letter.match('a') and not xml.RE_Letter.match('<')",
        "try:\n    import no_such_module\nexcept ModuleNotFoundError: pass",
        "from mockmkto.soap import wsdl; [wsdl.document(version, 'http://a/') for version in wsdl.VERSIONS]",
    ],
)
def test_after_it_all_else_works_with_warnings_as_errors(later):
    assert_quiet(python(IMPORT + later, "-W", "error"))


def test_every_finder_that_is_left_knows_find_spec():
    code = IMPORT + "import sys; print([finder for finder in sys.meta_path if not hasattr(finder, 'find_spec')])"
    assert python(code).stdout == "[]\n"


def test_no_finder_of_spyne_or_ours_is_left():
    code = "import six.moves, sys\nbefore = list(sys.meta_path)\n" + IMPORT + "print(sys.meta_path == before)"
    assert python(code).stdout == "True\n"


def test_warning_filters_are_as_they_were():
    code = "import warnings, pytz, lxml.etree\nbefore = list(warnings.filters)\n"
    assert python(code + IMPORT + "print(warnings.filters == before)").stdout == "True\n"


def test_root_logger_is_as_it_was():
    code = IMPORT + "import logging; print(logging.root.handlers, logging.root.level == logging.WARNING)"
    assert python(code).stdout == "[] True\n"


@pytest.mark.parametrize(
    "module", ["collections_abc", "http_cookies", "urllib.error", "urllib.parse", "urllib.request"]
)
def test_spyne_finds_each_module_that_it_takes_from_six(module):
    assert_quiet(python(IMPORT + f"import spyne.util.six.moves.{module}", "-W", "error"))


def test_other_modules_of_spyne_still_import_for_a_user_who_has_it_too():
    assert_quiet(python(IMPORT + "import spyne.server.wsgi, spyne.client.http", "-W", "ignore"))


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="by itself, spyne imports up to 3.11")
def test_importer_is_taken_away_even_if_spyne_was_there_first():
    code = "import spyne\n" + IMPORT + "import sys; print([f for f in sys.meta_path if not hasattr(f, 'find_spec')])"
    assert python(code, "-W", "ignore").stdout == "[]\n"


def test_nobody_else_imports_spyne():
    importers = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.name.split(".")[0] == "spyne" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "spyne")
    }
    assert importers == {"soap/compat.py"}
