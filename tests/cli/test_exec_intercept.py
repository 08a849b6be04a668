"""Programs with the vendor's host name written into them, unchanged, under `mockmkto exec --intercept`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pytest

WSDL = "https://123-ABC-456.mktoapi.com/soap/mktows/2_9?WSDL"

PYTHON = f"""
import urllib.request
print(urllib.request.urlopen({WSDL!r}, timeout=20).read().decode())
"""
WITHOUT_A_PROXY = f"""
import urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
print(opener.open({WSDL!r}, timeout=20).read().decode())
"""
NODE_HTTPS = f"""
require("https").get({json.dumps(WSDL)}, (answer) => answer.pipe(process.stdout));
"""
NODE_FETCH = f"""
fetch({json.dumps(WSDL)}).then((answer) => answer.text()).then((text) => console.log(text));
"""
RUBY = f"""
require "net/http"
puts Net::HTTP.get(URI({json.dumps(WSDL)}))
"""
PERL = f"""
use HTTP::Tiny;
print HTTP::Tiny->new(verify_SSL => 1)->get({json.dumps(WSDL)})->{{content}};
"""
JAVA = f"""
public class Wsdl {{
    public static void main(String[] words) throws Exception {{
        try (var in = new java.net.URL({json.dumps(WSDL)}).openStream()) {{
            System.out.println(new String(in.readAllBytes(), "UTF-8"));
        }}
    }}
}}
"""

PROGRAMS = {
    "Python": ([sys.executable, "-c", PYTHON], None),
    "Python that asks no proxy": ([sys.executable, "-c", WITHOUT_A_PROXY], None),
    "curl": (["curl", "-sS", WSDL], None),
    "Node, https": (["node", "-e", NODE_HTTPS], None),
    "Node, fetch": (["node", "-e", NODE_FETCH], None),
    "Ruby": (["ruby", "-e", RUBY], None),
    "Perl": (["perl", "-e", PERL], None),
    "Java": (["java", "Wsdl.java"], JAVA),
}


@pytest.mark.parametrize(("command", "source"), PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_program_gets_the_document_of_its_hard_coded_host(command, source, run, tmp_path, monkeypatch):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    if command[0] == "perl" and subprocess.run(["perl", "-MIO::Socket::SSL", "-e", "1"], stderr=-3).returncode:
        pytest.skip("Perl has no IO::Socket::SSL")
    monkeypatch.chdir(tmp_path)
    if source is not None:
        (tmp_path / "Wsdl.java").write_text(source)
    ran = run("exec", "--intercept", "--", *command)
    assert ran.code == 0, ran.err
    (address,) = re.findall('location="([^"]*)"', ran.out)
    assert address.lower() == WSDL.removesuffix("?WSDL").lower()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["curl", "-sS", "https://example.com/"], "mockmkto: example.com:443 was asked for once, and refused"),
        (["curl", "-sS", "--fail", "http://example.com/"], "mockmkto: example.com:80 was asked for once, and refused"),
        (
            ["node", "-e", 'require("https").get("https://example.com/")'],
            "mockmkto answers the vendor's hosts alone, and lets nothing out to example.com",
        ),
        (
            ["node", "-e", 'require("net").connect(8443, "app.marketo.com")'],
            "app.marketo.com answers on the ports 80 and 443 here, not on 8443",
        ),
    ],
)
def test_no_other_host_is_reached(command, said, run):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    ran = run("exec", "--intercept", "--", *command)
    assert ran.code != 0
    assert said in ran.err


def test_this_machines_own_servers_are_reached_directly(run):
    ask = "import os, urllib.request as u; print(u.urlopen(os.environ['MOCKMKTO_URL'] + '/readyz').read().decode())"
    assert run("exec", "--intercept", "--", sys.executable, "-c", ask).out == "ready\n\n"
    if shutil.which("node"):
        ask = "fetch(process.env.MOCKMKTO_URL + '/readyz').then((answer) => console.log(answer.status))"
        assert run("exec", "--intercept", "--", "node", "-e", ask).out == "200\n"


def test_what_the_command_has_already_is_kept(run, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("print('its own')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("NODE_OPTIONS", "--no-warnings")
    monkeypatch.setenv("NO_PROXY", "db.internal")
    show = "import json, os; print(json.dumps([os.environ[n] for n in ('NODE_OPTIONS', 'NO_PROXY', 'no_proxy')]))"
    its_own, shown = run("exec", "--intercept", "--", sys.executable, "-c", show).out.splitlines()
    options, direct, small = json.loads(shown)
    assert its_own == "its own"
    assert options.startswith("--no-warnings --require=")
    assert direct == small == "localhost,127.0.0.1,::1,db.internal"


def test_without_it_nothing_of_it_is_there(run):
    show = "import os; print([name for name in os.environ if 'PROXY' in name or 'INTERCEPT' in name])"
    assert run("exec", "--", sys.executable, "-c", show).out == "[]\n"
