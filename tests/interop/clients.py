"""The clients of the matrix: how each is found on this machine, built, run, and what it calls itself."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = [
    "AXIS",
    "BY_NAME",
    "CLIENTS",
    "HERE",
    "PROGRAMS",
    "REST_CLIENTS",
    "REST_PROGRAM",
    "ROOT",
    "Client",
    "Run",
    "execute",
    "wanted",
]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE = 180  # seconds, for one step of a build or one program

JAXWS = "/usr/share/jaxws/lib/*"
AXIS = ":".join(
    f"/usr/share/java/{name}.jar"
    for name in (
        *("axis", "axis-jaxrpc", "axis-saaj", "commons-logging", "commons-discovery", "wsdl4j"),
        *("javax.activation", "javax.mail"),
    )
)
QUIET_SAAJ = "-Djava.util.logging.config.file=/dev/null"


_PLACES = re.compile(r"\{(?:python|work|wsdl|here|program|Program)\}")

PROGRAMS = ("scenario", "life")  # what each client of the SOAP API has one of
REST_PROGRAM = "rest"  # what each of the REST API has


@dataclass(frozen=True)
class Run:
    """What a program wrote, and how it ended."""

    code: int
    out: str
    err: str


def execute(command: Sequence[str], **environment: str) -> Run:
    """Run a command to its end; a command that is not there ends with 127."""
    try:
        done = subprocess.run(
            command, env={**os.environ, **environment}, capture_output=True, timeout=PATIENCE, check=False, cwd=HERE
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        return Run(127, "", str(error))
    return Run(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


@functools.cache
def python_with(package: str) -> str | None:
    """An interpreter that has the package: this one, or that of the environment that `make interop` makes."""
    for python in (sys.executable, str(ROOT / ".venv" / "bin" / "python")):
        if execute([python, "-c", f"import {package}"]).code == 0:
            return python
    return None


@dataclass(frozen=True)
class Client:
    """One client of the matrix.

    `{python}`, `{work}` (a folder of its own), `{wsdl}` (the address of the WSDL) and `{program}` (or `{Program}`, its
    name with a capital) are filled in in commands.
    `probes` print its versions and fail where a part is missing; `install` says what to install then.
    """

    name: str  # its folder
    title: str
    page: str  # of docs/clients
    api: str  # the version of the API that it is pointed at
    run: tuple[str, ...]
    probes: tuple[tuple[str, ...], ...]
    versions: str  # a pattern whose groups are its versions, over what the probes print
    shown: str  # the versions, as a person writes them
    install: str
    build: tuple[tuple[str, ...], ...] = ()
    package: str | None = None  # of Python
    keeps_cr: bool = True  # whether the carriage return of a text arrives; XML readers turn a bare one into a newline

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def programs(self) -> dict[str, Path]:
        """Its program of each name."""
        return {
            path.stem.lower(): path for path in self.folder.iterdir() if path.stem.lower() in (*PROGRAMS, REST_PROGRAM)
        }

    def command(
        self, command: tuple[str, ...], work: Path | str = "", wsdl: str = "", program: str = "scenario"
    ) -> list[str]:
        python = (python_with(self.package) if self.package else None) or sys.executable
        values = {"{python}": python, "{work}": str(work), "{wsdl}": wsdl, "{here}": str(HERE)}
        values |= {"{program}": program, "{Program}": program.title()}
        return [_PLACES.sub(lambda place: values[place[0]], part) for part in command]

    @functools.cached_property
    def found(self) -> str | None:
        """Its versions as they were found by really trying; None where something is missing."""
        if self.package and python_with(self.package) is None:
            return None
        printed = ""
        for probe in self.probes:
            done = execute(self.command(probe))
            if done.code != 0:
                return None
            printed += done.out + done.err
        match = re.search(self.versions, printed, re.DOTALL)
        return self.shown.format(*match.groups()) if match else None

    @property
    def missing(self) -> str | None:
        """Why it cannot be run here, and what to install; None where it can."""
        return None if self.found else f"{self.title} is not on this machine: install {self.install}, or `make interop`"


def _python(name: str, title: str, package: str, distribution: str, **more: bool) -> Client:
    show = f"import importlib.metadata as m, platform as p; print(m.version('{distribution}'), p.python_version())"
    return Client(
        name=f"python-{name}",
        title=title,
        page="python",
        api="2_7",
        package=package,
        run=("{python}", f"{{here}}/python-{name}/{{program}}.py"),
        probes=(("{python}", "-W", "ignore", "-c", show),),
        versions=r"(\S+) (\S+)",
        shown=f"{distribution} {{0}}, Python {{1}}",
        install=f"{distribution} (PyPI)",
        **more,
    )


def _node(package: str, api: str) -> Client:
    show = f"console.log(require('{package}/package.json').version, process.versions.node); require('{package}')"
    return Client(
        name=f"node-{package}",
        title=f"Node.js, {package}",
        page="node",
        api=api,
        run=("node", f"{{here}}/node-{package}/{{program}}.js"),
        probes=(("node", "-e", show),),
        versions=r"(\S+) (\S+)",
        shown=f"{package} {{0}}, Node.js {{1}}",
        install=f"Node.js, and {package} (npm) in tests/interop",
    )


_JAVAC = ("javac", "-nowarn", "-Xlint:none", "-encoding", "UTF-8", "-d", "{work}", "-sourcepath", "{work}")


def _sources(*names: str) -> tuple[str, ...]:
    return tuple(f"{{here}}/{name}.java" for name in names)


def _wsdl2java(package: str, *options: str) -> tuple[str, ...]:
    """Lists are arrays, as the generator has it; with `-w` they are beans."""
    return (
        *("java", "-cp", AXIS, "org.apache.axis.wsdl.WSDL2Java"),
        *(*options, "-p", package, "-o", "{work}", "{wsdl}"),
    )


def _mcs(program: str) -> tuple[str, ...]:
    """An assembly of one program, with the proxy and the sources of all."""
    return (
        *("mcs", "-nologo", "-reference:System.Web.Services", "-reference:System.Web.Extensions"),
        *(f"-main:{program}", f"-out:{{work}}/{program}.exe", "{work}/Marketo.cs"),
        *("{here}/dotnet-mono/Scenario.cs", "{here}/dotnet-mono/Life.cs"),
    )


CLIENTS: tuple[Client, ...] = (
    Client(
        name="php",
        title="PHP, SoapClient",
        page="php",
        api="2_3",
        run=("php", "{here}/php/{program}.php"),
        probes=(("php", "-r", "echo PHP_VERSION; new SoapHeader('n', 'h');"),),
        versions=r"(\d+\.\d+\.\d+)",
        shown="PHP {0}, ext/soap",
        install="php-cli and php-soap (Debian)",
    ),
    Client(
        name="java-jaxws",
        title="Java, JAX-WS",
        page="java",
        api="2_1",
        build=(
            (
                *("wsimport", "-quiet", "-Xnocompile", "-extension", "-XadditionalHeaders"),
                *("-b", "{here}/java-jaxws/simple.xjb", "-p", "com.marketo.mktows", "-s", "{work}", "{wsdl}"),
            ),
            (*_JAVAC, "-cp", JAXWS, *_sources("java-jaxws/Scenario", "java-jaxws/Life", "java-json/Json")),
        ),
        run=("java", QUIET_SAAJ, "-cp", f"{{work}}:{JAXWS}", "{Program}"),
        probes=(("wsimport", "-version"), ("javac", "-version")),
        versions=r"(\d+\.\d+\.\d+\.?\d*).*javac (\S+)",
        shown="JAX-WS RI {0}, JDK {1}",
        install="jaxws and default-jdk-headless (Debian)",
    ),
    Client(
        name="java-axis1",
        title="Java, Axis 1",
        page="java-axis1",
        api="2_2",
        build=(
            _wsdl2java("com.marketo.mktows"),
            _wsdl2java("com.marketo.beans", "-w"),
            (*_JAVAC, "-cp", AXIS, *_sources("java-axis1/Scenario", "java-axis1/Life", "java-json/Json")),
        ),
        run=("java", "-cp", f"{{work}}:{AXIS}", "{Program}"),
        probes=(("java", "-cp", AXIS, "org.apache.axis.Version"), ("javac", "-version")),
        versions=r"Axis version: (\S+).*javac (\S+)",
        shown="Axis {0}, JDK {1}",
        install="libaxis-java and default-jdk-headless (Debian)",
        keeps_cr=False,
    ),
    Client(
        name="ruby-savon-style",
        title="Ruby, as Savon 2 (Gyoku, Nori)",
        page="ruby",
        api="2_4",
        run=("ruby", "-I", "{here}/ruby-savon-style/stand_in", "{here}/ruby-savon-style/{program}.rb"),
        probes=(
            (
                *("ruby", "-e"),
                "%w[gyoku nori nokogiri json].each { |name| require name }; require 'gyoku/version'; "
                "require 'nori/version'; puts [Gyoku::VERSION, Nori::VERSION, RUBY_VERSION].join(' ')",
            ),
        ),
        versions=r"(\S+) (\S+) (\S+)",
        shown="Gyoku {0}, Nori {1}, Ruby {2}",
        install="ruby, ruby-gyoku, ruby-nori and ruby-nokogiri (Debian)",
        keeps_cr=False,
    ),
    _python("zeep", "Python, zeep", "zeep", "zeep"),
    _python("suds", "Python, suds", "suds", "suds-community", keeps_cr=False),
    _python("requests", "Python, requests", "requests", "requests"),
    _node("soap", "2_8"),
    _node("strong-soap", "2_9"),
    Client(
        name="perl-soap-lite",
        title="Perl, SOAP::Lite",
        page="perl",
        api="3_0",
        run=("perl", "{here}/perl-soap-lite/{program}.pl"),
        probes=(("perl", "-MSOAP::Lite", "-MJSON::PP", "-e", "print SOAP::Lite->VERSION, ' ', $^V"),),
        versions=r"(\S+) v(\S+)",
        shown="SOAP::Lite {0}, Perl {1}",
        install="libsoap-lite-perl (Debian)",
    ),
    Client(
        name="dotnet-mono",
        title=".NET, a proxy of wsdl (Mono)",
        page="dotnet",
        api="3_1",
        build=(
            ("wsdl", "-nologo", "-out:{work}/Marketo.cs", "{wsdl}"),
            _mcs("Scenario"),
            _mcs("Life"),
        ),
        run=("mono", "{work}/{Program}.exe"),
        probes=(("mono", "--version"), ("mcs", "--version"), ("wsdl", "-?")),
        versions=r"compiler version (\S+)",
        shown="Mono {0}",
        install="mono-devel (Debian)",
        keeps_cr=False,
    ),
)

GSON = "/usr/share/java/gson.jar"

# Their programs have the vendor's host name, and are run with what `exec --intercept` puts into the environment.
REST_CLIENTS: tuple[Client, ...] = (
    Client(
        name="rest-marketorestpython",
        title="Python, marketorestpython",
        page="rest",
        api="v1",
        package="marketorestpython",
        # Its own code has escapes that Python warns of.
        run=("{python}", "-W", "ignore", "{here}/rest-marketorestpython/rest.py"),
        probes=(
            (
                *("{python}", "-W", "ignore", "-c"),
                "import importlib.metadata as m, platform as p; "
                "print(m.version('marketorestpython'), p.python_version())",
            ),
        ),
        versions=r"(\S+) (\S+)",
        shown="marketorestpython {0}, Python {1}",
        install="marketorestpython (PyPI)",
    ),
    Client(
        name="rest-node",
        title="Node.js, node-marketo-rest",
        page="rest",
        api="v1",
        run=("node", "{here}/rest-node/rest.js"),
        probes=(
            (
                *("node", "-e"),
                "console.log(require('@grouparoo/node-marketo-rest/package.json').version, process.versions.node)",
            ),
        ),
        versions=r"(\S+) (\S+)",
        shown="@grouparoo/node-marketo-rest {0}, Node.js {1}",
        install="Node.js, and @grouparoo/node-marketo-rest (npm) in tests/interop",
    ),
    Client(
        name="rest-php",
        title="PHP, curl",
        page="rest",
        api="v1",
        run=("php", "{here}/rest-php/rest.php"),
        probes=(("php", "-r", "echo PHP_VERSION; curl_version();"),),
        versions=r"(\d+\.\d+\.\d+)",
        shown="PHP {0}, ext/curl",
        install="php-cli and php-curl (Debian)",
    ),
    Client(
        name="rest-java",
        title="Java, HttpClient and Gson",
        page="rest",
        api="v1",
        build=((*_JAVAC, "-cp", GSON, *_sources("rest-java/Rest")),),
        run=("java", "-cp", f"{{work}}:{GSON}", "Rest"),
        probes=(("java", "-cp", GSON, "--list-modules"), ("javac", "-cp", GSON, "-version")),
        versions=r"javac (\S+)",
        shown="JDK {0}",
        install="libgoogle-gson-java and default-jdk-headless (Debian)",
    ),
)

BY_NAME = {client.name: client for client in CLIENTS}
REST_BY_NAME = {client.name: client for client in REST_CLIENTS}


def wanted(name: str) -> Client:
    """The client, where it can be run and is to be; the test is skipped by the client's name where not."""
    client = BY_NAME.get(name) or REST_BY_NAME[name]
    chosen = os.environ.get("MOCKMKTO_INTEROP_PYTHON")
    if chosen and chosen != "{}.{}".format(*sys.version_info):
        under = "by make interop alone" if chosen == "none" else f"under Python {chosen} alone"
        pytest.skip(f"{client.title} is run {under} (MOCKMKTO_INTEROP_PYTHON)")
    if client.missing:
        if os.environ.get("MOCKMKTO_INTEROP_REQUIRED"):
            pytest.fail(client.missing)
        pytest.skip(client.missing)
    return client
