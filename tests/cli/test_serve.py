from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockmkto.cli import main, serve
from mockmkto.cli.ignored import ignored
from mockmkto.cli.parser import Parser
from mockmkto.cli.unusable import unusable_data
from mockmkto.serving.marketo import MarketoServer
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, SettingError, Settings, read_settings


def banner_of(process):
    """What is said on stdout, up to the line that says how to try it."""
    lines = []
    while not lines or not lines[-1].startswith("Try it:"):
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
    return "".join(lines)


def test_from_banner_to_call_to_the_end(spawn, run):
    process = spawn("serve", "--port", "0")
    banner = banner_of(process)
    url = re.search(r"Start page +(http://127\.0\.0\.1:[0-9]+)/\n", banner)[1]
    assert f"  Endpoint        {url}/soap/mktows/3_1\n" in banner
    assert f"  WSDL            {url}/soap/mktows/3_1?WSDL\n" in banner
    assert f"  REST endpoint   {url}/rest\n  Identity        {url}/identity\n" in banner
    assert "  User id         mockmkto\n  Encryption key  mockmkto-encryption-key\n" in banner
    assert "  Client id       mockmkto-client\n  Client secret   mockmkto-client-secret\n" in banner
    tried = banner.rpartition("Try it:  mockmkto ")[2].split()
    assert tried == ["call", "syncLead", "--url", url, "--email", "ann@example.com", "FirstName=Ann"]

    assert run("health", "--url", url).out == "ready\n"
    assert run(*tried).out.startswith("CREATED lead 1001\n")
    assert run(*tried).out.startswith("UPDATED lead 1001\n")
    refused = run(*tried, "--credential", "mockmkto:wrong")
    assert (refused.code, refused.err) == (1, "fault 20014: Authentication failed (20014)\n")

    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert (process.returncode, out.strip()) == (0, "")
    created, updated, failed = err.splitlines()
    assert re.search(r" 3_1 syncLead CREATED lead 1001 Email ann@example.com [0-9.]+ ms$", created)
    assert re.search(r" 3_1 syncLead UPDATED lead 1001 by Email ann@example.com [0-9.]+ ms$", updated)
    assert "fault Authentication failed (20014)" in failed
    assert "why: The requestSignature is not the one of user 'mockmkto'" in failed
    assert "wrong" not in failed


def test_in_json_every_line_is_an_object(spawn, run):
    process = spawn("serve", "--log-format", "json", MOCKMKTO_PORT="0")
    ready = json.loads(process.stdout.readline())
    assert ready["event"] == "ready"
    assert ready["user_ids"] == ["mockmkto"]
    assert ready["encryption_key"] == DEFAULT_ENCRYPTION_KEY
    assert (ready["client_ids"], ready["client_secret"]) == (["mockmkto-client"], "mockmkto-client-secret")
    assert (ready["rest_endpoint"], ready["identity_endpoint"]) == (f"{ready['url']}/rest", f"{ready['url']}/identity")
    assert ready["endpoint"] == f"{ready['url']}/soap/mktows/3_1"
    assert ready["wsdl"] == f"{ready['endpoint']}?WSDL"
    run("call", "syncLead", "--url", ready["url"], "--email", "a@b.c")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    (line,) = err.splitlines()
    assert json.loads(line)["status"] == "CREATED"
    assert (process.returncode, out) == (0, "")


def test_health_waits_for_a_server_that_is_only_started_afterwards(spawn):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    waiting = spawn("health", "--wait", "30", MOCKMKTO_PORT=port)
    banner_of(spawn("serve", "--fixture", "demo", "--port", port))
    assert waiting.communicate() == ("ready\n", "")
    assert waiting.returncode == 0


def test_an_address_that_others_reach_is_warned_about_on_stderr(spawn):
    process = spawn("serve", "--port", "0", "--host", "0.0.0.0", "--log-format", "json")
    assert json.loads(process.stdout.readline())["event"] == "ready"
    process.send_signal(signal.SIGTERM)
    (line,) = process.communicate()[1].splitlines()
    assert json.loads(line)["level"] == "warning"
    assert "without an admin token" in json.loads(line)["message"]


def test_the_banner_names_both_ports_and_where_the_authority_is(spawn, run):
    banner = banner_of(spawn("serve", "--port", "0", "--https-port", "0", "--tls", "--admin-port", "0"))
    plain, secure = (re.search(rf"  {name} +(\S+)\n", banner)[1] for name in ("Endpoint", r"Endpoint \(TLS\)"))
    assert plain.startswith("http://")
    assert secure.startswith("https://")
    start_page = re.search(r"  Start page +(\S+)\n", banner)[1]
    assert start_page.startswith("https://")
    address = plain.removesuffix("/soap/mktows/3_1")  # whoever fetches it trusts no https yet
    assert f"  Authority       {address}/__admin/tls/ca.pem\n" in banner
    for url in (plain, secure):
        assert run("health", "--url", url).out == "ready\n"


def test_flags_win_over_variables(spawn):
    process = spawn(
        "serve", "--port", "0", MOCKMKTO_PORT="no port", MOCKMKTO_CREDENTIAL="a:x b:y", MOCKMKTO_CLIENT="c:x d:y"
    )
    banner = banner_of(process)
    assert "  User ids       a, b\n" in banner
    assert "  Client ids     c, d\n" in banner
    assert "Encryption key" not in banner
    assert "Client secret" not in banner
    assert "--credential a:KEY" in banner


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_however_often_it_is_told_to_end_it_ends_cleanly(spawn):
    process = spawn("serve", "--port", "0")
    banner_of(process)
    while process.poll() is None:  # while it stops, and while the interpreter ends
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.002)
    assert process.communicate() == ("", "")
    assert process.returncode == 0


TOLD_TO_END_WHILE_IT_IMPORTS = """
import os, signal, sys
import mockmkto.__main__

class Ends:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[2]:
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Ends())
mockmkto.__main__.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("module", ["mockmkto.cli", "mockmkto.cli.serve", "mockmkto.serving.marketo"])
def test_a_signal_that_comes_before_anything_is_imported_ends_it_cleanly(module):
    command = [sys.executable, "-c", TOLD_TO_END_WHILE_IT_IMPORTS, "serve", module]
    if module == "mockmkto.serving.marketo":  # by then the command's own words are read
        command = [sys.executable, "-c", TOLD_TO_END_WHILE_IT_IMPORTS.replace("sys.argv[2]", repr(module)), "serve"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


NOTHING = ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (">&-", NOTHING),
        ("2>&- >&-", NOTHING),
        (">/dev/full", r"[^\n]*stdout cannot be written \(No space left on device\)\n"),
    ],
)
def test_where_the_banner_cannot_be_written_it_serves_all_the_same(redirected, said, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = f'exec "$0" -m mockmkto serve --port {port} --data-dir "$1" {redirected}'
    command = ["sh", "-c", program, sys.executable, str(tmp_path / "data")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with process:
        assert main(["health", "--wait", "30", "--url", f"http://127.0.0.1:{port}"]) == 0
        err = process.stderr.readline() if said != NOTHING else ""  # it answers before it says so
        process.send_signal(signal.SIGTERM)
        err += process.communicate()[1]
    assert process.returncode == 0
    assert re.fullmatch(said, err)


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be served: in this process, since nothing is ever served


@pytest.fixture(autouse=True)
def signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_port_in_use(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("serve", "--port", str(port))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"mockmkto: port {port} on 127.0.0.1 is in use: choose another with --port / MOCKMKTO_PORT, or --port 0 for "
        "any free one.\n"
    )


def test_a_fixture_with_mistakes(run, tmp_path):
    file = tmp_path / "world.yaml"
    file.write_text("subscription: default\nleads:\n  - {Id: 5}\n  - {Id: 5}\n")
    ran = run("serve", "--fixture", str(file))
    assert (ran.code, ran.out) == (2, "")
    first, *problems = ran.err.splitlines()
    assert first == "mockmkto: the fixtures cannot be used, nothing was loaded:"
    assert [problem.partition(": ")[0] for problem in problems] == [f"{file}:4"]


def test_no_such_fixture(run):
    ran = run("serve", "--fixture", "dmeo")
    assert (ran.code, "there is no fixture of that name; shipped are demo, empty, workspaces" in ran.err) == (2, True)


def test_a_user_id_that_opens_two_subscriptions(run, tmp_path):
    file = tmp_path / "worlds.yaml"
    file.write_text(
        "subscriptions:\n- {subscription: default}\n"
        "- {subscription: b, credentials: [{user_id: b, encryption_keys: [k]}]}\n"
    )
    ran = run("serve", "--port", "0", "--fixture", str(file), "--credential", "b:other")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("mockmkto: user id 'b' opens subscription")


ANOTHER = "Choose another folder with --data-dir / MOCKMKTO_DATA_DIR."


@pytest.mark.parametrize(
    ("made", "why", "advice"),
    [
        (lambda folder: folder.write_text("a file"), "File exists", "A file is where a folder must be."),
        (
            lambda folder: [folder.mkdir(), (folder / "registry.sqlite").write_bytes(b"x" * 4096)],
            "{}/registry.sqlite: file is not a database",
            "It is damaged, or not mockmkto's: put a copy in its place.",
        ),
        (
            lambda folder: [folder.mkdir(), (folder / "registry.sqlite").mkdir()],
            "unable to open database file",
            "This user must own it, and be able to write there.",
        ),
        (
            lambda folder: [folder.mkdir(), (folder / "subscriptions").write_text("x")],
            "{}/subscriptions/default: Not a directory",
            "A file is where a folder must be.",
        ),
    ],
    ids=["a file", "no database", "a folder", "a file in it"],
)
def test_data_that_cannot_be_used(made, why, advice, run, tmp_path):
    folder = tmp_path / "data"
    made(folder)
    ran = run("serve", "--port", "0", "--data-dir", str(folder))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"mockmkto: the data in {folder} cannot be used ({why.format(folder)}). {advice} {ANOTHER}\n"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/a"),
            "(/data/a: No space left on device). Make room, or",
        ),
        (OSError(errno.EROFS, "Read-only file system"), "(Read-only file system). It must be possible to write there."),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), "(Permission denied). This user must own it,"),
        (sqlite3.OperationalError("database or disk is full"), "(database or disk is full). Make room, or choose"),
        (
            sqlite3.OperationalError("attempt to write a readonly database"),
            "(attempt to write a readonly database). This user must own it",
        ),
        (sqlite3.OperationalError("database is locked"), "(database is locked). Another server may have it open."),
    ],
    ids=str,
)
def test_what_the_system_has_against_the_data_is_said(error, said):
    text = unusable_data(Path("/data"), error)
    assert text.startswith(f"the data in /data cannot be used {said}")
    assert text.endswith("with --data-dir / MOCKMKTO_DATA_DIR.")


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder that a server has used."""
    with MarketoServer(Settings(port=0, data_dir=tmp_path / "data")):
        pass
    return tmp_path / "data"


def test_a_damaged_file_is_named(data, run):
    file = data / "subscriptions" / "default" / "subscription.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + b"x" * (len(whole) - 100))
    for rest in file.parent.glob("subscription.sqlite-*"):
        rest.unlink()
    ran = run("serve", "--port", "0", "--data-dir", str(data))
    assert ran.code == 2
    assert f"({file}: " in ran.err
    assert "registry" not in ran.err


def test_a_lost_file_is_named_and_not_made_anew(data, run):
    file = data / "subscriptions" / "default" / "subscription.sqlite"
    for lost in file.parent.glob("subscription.sqlite*"):
        lost.unlink()
    ran = run("serve", "--port", "0", "--data-dir", str(data))
    assert (ran.code, ran.err) == (
        2,
        f"mockmkto: the data cannot be used: {file} is not there, though the other files of its subscription are. "
        f"Nothing was changed. Put a copy of it in its place, or of the whole folder {file.parent}. {ANOTHER}\n",
    )
    assert not file.exists()


@pytest.mark.parametrize("name", ["data_dir", "fixtures_dir", "tls_cert", "tls_key"])
def test_an_empty_path_is_refused(name):
    with pytest.raises(SettingError, match=f"--{name.replace('_', '-')}: expected the path of a file or a folder, got"):
        read_settings({name: ""}, {})


@pytest.mark.parametrize("words", [["--port", "http"], ["--host", "no such host"], ["--fixture", "dmeo"]])
def test_in_json_why_it_did_not_start_is_an_object_too(words, run):
    ran = run("serve", "--log-format", "json", *words)
    (line,) = ran.err.splitlines()
    told = json.loads(line)
    assert (ran.code, told["level"], told["logger"]) == (2, "error", "mockmkto.cli")
    assert told["message"] in run("serve", *words).err


IGNORED = [
    (["--tls-name", "x"], {}, ["--tls-name is ignored: only --tls makes a certificate for names"]),
    (
        [],
        {"MOCKMKTO_HTTPS_PORT": "1"},
        ["MOCKMKTO_HTTPS_PORT is ignored: https comes with --tls, or with --tls-cert and --tls-key"],
    ),
    (["--fixtures-dir", "/no/such"], {}, ["--fixtures-dir is ignored: there is no folder /no/such"]),
    (
        [],
        {"MOCKMKTO_PROT": "1"},
        ["MOCKMKTO_PROT is ignored: there is no such variable (did you mean MOCKMKTO_PORT?)"],
    ),
    ([], {"MOCKMKTO_QQQ": "1"}, ["MOCKMKTO_QQQ is ignored: there is no such variable"]),
    (["--tls", "--tls-name", "x", "--https-port", "0"], {}, []),
    (
        [],
        {
            "MOCKMKTO_URL": "http://127.0.0.1:1",
            "MOCKMKTO_PORT": "tcp://10.0.0.1:6586",
            "MOCKMKTO_HTTPS_PORT": "tcp://10.0.0.1:6587",
            "MOCKMKTO_PORT_6586_TCP": "tcp://10.0.0.1:6586",
            "MOCKMKTO_PORT_6586_TCP_ADDR": "10.0.0.1",
            "MOCKMKTO_SERVICE_HOST": "10.0.0.1",
            "MOCKMKTO_SERVICE_PORT_HTTP": "6586",
            "MOCKMKTO_ADMIN_SERVICE_PORT": "6588",
            "MOCKMKTO_ADMIN_PORT_6588_TCP_PROTO": "tcp",
            "MOCKMKTO_OTHER_PORT": "tcp://10.0.0.1:1",
            "MOCKMKTO_FIXTURE": "demo",
            "MOCKMKTO_LIMITS": "off",
            "MOCKMKTO_CONSOLE_REQUIRED": "1",
        },
        [],
    ),
]


@pytest.mark.parametrize(("words", "environ", "said"), IGNORED, ids=lambda value: " ".join(value))
def test_what_is_set_and_means_nothing_is_said(words, environ, said):
    parser = Parser("mockmkto serve")
    serve.configure(parser)
    flags = vars(parser.parse_args(words))
    assert list(ignored(read_settings(flags, environ), flags, environ)) == said


def test_a_server_says_what_it_ignores_and_goes_on(spawn):
    process = spawn("serve", "--port", "0", MOCKMKTO_PROT="1")
    banner_of(process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert err == "MOCKMKTO_PROT is ignored: there is no such variable (did you mean MOCKMKTO_PORT?)\n"
    assert process.returncode == 0


def test_a_data_dir_that_another_server_has_is_exit_code_2_and_a_killed_server_has_none(spawn, run, tmp_path):
    words = ("serve", "--port", "0", "--data-dir", str(tmp_path / "data"))
    first = spawn(*words)
    banner_of(first)
    ran = run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"mockmkto: another server works with the data in {tmp_path / 'data'}, and one at a time can: stop it, or "
        "choose another folder with --data-dir / MOCKMKTO_DATA_DIR.\n"
    )
    first.kill()
    first.wait()
    banner_of(spawn(*words))


def test_an_error_of_ours_is_not_explained_away(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(MarketoServer, "_load", broken)
    with pytest.raises(ZeroDivisionError):
        main(["serve", "--port", "0"])


# ---------------------------------------------------------------------------------------------------------------------
# A signal before it serves

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
BOTH = [signal.SIGTERM, signal.SIGINT]


@pytest.fixture
def handlers() -> Iterator[list]:
    """What the signals do; afterwards they do it again."""
    before = [signal.getsignal(number) for number in BOTH]
    yield before
    for number, handler in zip(BOTH, before, strict=True):
        signal.signal(number, handler)


@posix
@pytest.mark.parametrize("number", BOTH)
def test_a_signal_before_the_settings_are_read_ends_it_cleanly(run, monkeypatch, handlers, number):
    monkeypatch.setattr(serve, "given_settings", lambda *_: signal.raise_signal(number))
    ran = run("serve")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@posix
@pytest.mark.parametrize("number", BOTH)
def test_a_signal_while_it_starts_ends_it_cleanly_and_soon(spawn, tmp_path, number):
    slow = tmp_path / "slow.pem"
    os.mkfifo(slow)
    process = spawn("serve", "--port", "0", "--tls-cert", str(slow), "--tls-key", str(slow))
    with slow.open("w"):  # from here on it reads, and nothing comes
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


@posix
def test_a_signal_while_it_loads_ends_it_cleanly(run, monkeypatch, handlers):
    monkeypatch.setattr(MarketoServer, "_load", lambda _: signal.raise_signal(signal.SIGTERM))
    ran = run("serve", "--port", "0")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


@posix
def test_what_signals_did_before_they_do_again_when_there_is_nothing_to_serve(run, handlers):
    assert run("serve", "--port", "none").code == 2
    assert [signal.getsignal(number) for number in BOTH] == handlers
