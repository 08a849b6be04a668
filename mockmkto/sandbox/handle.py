"""The handle that tests hold: one subscription's endpoints and who may call them, its leads, calls, faults, time."""

from __future__ import annotations

import difflib
import os
import ssl
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import msgspec

from mockmkto.model.moments import encodable
from mockmkto.sandbox.about import About, ask, given_pair
from mockmkto.sandbox.activities import Activities
from mockmkto.sandbox.calls import Calls
from mockmkto.sandbox.campaigns import Campaigns, Imports, Programs
from mockmkto.sandbox.custom_objects import CustomObjects
from mockmkto.sandbox.faults import Faults
from mockmkto.sandbox.leads import Leads
from mockmkto.sandbox.lists import Lists
from mockmkto.sandbox.objects import Objects
from mockmkto.sandbox.report import journal_text, last_sequence
from mockmkto.sandbox.steering import Clock, Limits, Switches, moment_text, switch_text
from mockmkto.sandbox.transport import Control, ControlError, Transport, segment
from mockmkto.settings import SWITCHES

__all__ = ["Explanation", "Sandbox", "Snapshot", "connect"]

__tracebackhide__ = True  # a test's traceback ends in the test

_YAML = "application/yaml"


@dataclass(frozen=True, slots=True)
class _Taken:
    name: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a signature was refused, or that it is right. `str()` of it is for people."""

    accepted: bool
    lines: tuple[str, ...] = ()
    fault: int | None = None
    signed_string: str | None = None
    expected: tuple[str, ...] = ()
    came: str | None = None

    def __str__(self) -> str:
        return "\n".join(self.lines)


class Snapshot:
    """A subscription as it was. As a context manager it is restored when the block ends, and let go."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name

    def restore(self) -> None:
        """Make the subscription what it was; the journal of its calls stays."""
        self._control.tell("POST", f"/snapshots/{segment(self.name)}/restore")

    def delete(self) -> None:
        """Let go of it."""
        self._control.tell("DELETE", f"/snapshots/{segment(self.name)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.restore()
        self.delete()

    def __repr__(self) -> str:
        return f"<Snapshot {self.name} of {self._control.subscription}>"


class Sandbox:
    """One subscription of a server, in this process or elsewhere. Safe to use from many threads.

    `serve()`, `connect()` and `new_subscription()` make it.

    Attributes:
        leads: what is stored.
        activities: the activity log: what happened to the leads.
        objects: opportunities, and who is in them.
        custom_objects: custom objects, by the names of their types.
        lists: static lists, and who is on them.
        campaigns: what campaigns do, and were asked for.
        programs: what lists and campaigns belong to.
        imports: how far imports into lists are.
        calls: what was asked, and assertions about it.
        faults: what shall go wrong.
        clock: what time it is.
        limits: how often the SOAP API may be called.
        rest_limits: how often the REST API may be called.
        switches: how the cases are ruled in which Marketo's documentation is silent.
    """

    def __init__(self, transport: Transport, about: About, *, owned: bool = False) -> None:
        self._control = Control(transport, about.name)
        self._about = about
        self._owned = owned  # whether leaving the block deletes the subscription
        self._strangers_after = last_sequence(self._control) if owned else None
        self.leads = Leads(self._control)
        self.activities = Activities(self._control)
        self.objects = Objects(self._control)
        self.custom_objects = CustomObjects(self._control)
        self.lists = Lists(self._control)
        self.campaigns = Campaigns(self._control)
        self.programs = Programs(self._control)
        self.imports = Imports(self._control)
        self.calls = Calls(self._control, self._strangers_after)
        self.faults = Faults(self._control)
        self.clock = Clock(self._control)
        self.limits = Limits(self._control)
        self.rest_limits = Limits(self._control, "rest")
        self.switches = Switches(self._control)

    @property
    def subscription(self) -> str:
        """The name of the subscription."""
        return self._about.name

    @property
    def url(self) -> str:
        """The address of the server, without a slash at the end."""
        return self._control.transport.url

    @property
    def endpoint(self) -> str:
        """Where calls are POSTed, in the newest version."""
        return self._about.endpoint

    @property
    def wsdl_url(self) -> str:
        """Where the newest version's WSDL is."""
        return self._about.wsdl_url

    @property
    def user_id(self) -> str:
        """Who may call: the first user id that is not blocked."""
        return self._about.credential.user_id

    @property
    def encryption_key(self) -> str:
        """The key to sign with; the newest, when one is being rotated."""
        return self._about.credential.encryption_keys[-1]

    @property
    def rest_endpoint(self) -> str:
        """Where the REST API is: `.../rest`, without a slash at the end."""
        return self._about.rest_endpoint

    @property
    def identity_endpoint(self) -> str:
        """Where tokens are given out: `.../identity`, without a slash at the end."""
        return self._about.identity_endpoint

    @property
    def client_id(self) -> str:
        """Who may call the REST API: the first client that is not blocked."""
        return self._about.client.client_id

    @property
    def client_secret(self) -> str:
        """The client's secret; the newest, when one is being rotated."""
        return self._about.client.client_secrets[-1]

    def reset(self, to: Literal["baseline", "empty"] = "baseline") -> None:
        """Back to the fixture: leads, fields, rules, faults, clock, counters, who may call; the journal is emptied.

        Args:
            to: `"empty"` keeps the world and takes the leads and the fault rules away.
        """
        self._control.tell("POST", "/reset", None, ("to", to))
        self._refresh()

    def snapshot(self, name: str | None = None) -> Snapshot:
        """The subscription as it is now, to be restored later; one of the same name is replaced.

        ```python
        with marketo.snapshot():
            app.delete_everything()
        ```
        """
        taken = self._control.send("POST", "/snapshots", {} if name is None else {"name": name}, _Taken)
        return Snapshot(self._control, taken.name)

    def new_subscription(
        self,
        fixture: str | os.PathLike[str] | Mapping[str, object] | None = None,
        *,
        name: str | None = None,
        workspaces: bool | None = None,
        frozen: datetime | str | bool | None = None,
        credential: str | tuple[str, str] | None = None,
        client: str | tuple[str, str] | None = None,
        **switches: object,
    ) -> Sandbox:
        """Another subscription on the same server, with a credential and a client of its own; its block deletes it.

        Args:
            fixture: the name of a shipped fixture, or of one that the server was given; a file; or a world, as a
                mapping. By default `empty`.
            name: by default a new one.
            workspaces: True enables workspaces where the fixture has none, False takes them away.
            frozen: a time at which its clock stands still; True for now.
            credential: `"USER:KEY"`, or the two as a pair. By default those that the file or the mapping brings as its
                `credentials`, as far as nobody else has them (a warning says which are left out), else a new one.
            client: `"ID:SECRET"`, or the two as a pair, for the REST API; otherwise in the same way by `clients`.
            switches: such as `keyless_leads="create"`.

        Raises:
            ControlError: the name or an id is taken, there is no such fixture or switch, or the world has
                mistakes.
        """
        body: dict[str, object] = {}
        if isinstance(fixture, Mapping):
            body["world"] = fixture
        elif fixture is not None and _is_file(fixture):
            body["world"] = Path(fixture).read_text(encoding="utf-8")
            body["world_file"] = os.fspath(fixture)[-200:]
        elif fixture is not None:
            body["fixture"] = os.fspath(fixture)
        if name is not None:
            body["name"] = name
        if workspaces is not None:
            body["workspaces"] = workspaces
        if isinstance(frozen, (datetime, str)):
            body["frozen"] = moment_text(frozen)
        if credential is not None:
            user_id, key = given_pair(credential, "credential", "USER:KEY")
            body["credential"] = {"user_id": user_id, "encryption_key": key}
        if client is not None:
            client_id, secret = given_pair(client, "client", "ID:SECRET")
            body["client"] = {"client_id": client_id, "client_secret": secret}
        if switches:
            _refuse_other_words(switches)
            body["switches"] = {switch: switch_text(value) for switch, value in switches.items()}
        about = self._control.send("POST", "/subscriptions", body, About)
        for sentence in about.left_out:
            warnings.warn(sentence, stacklevel=2)
        made = Sandbox(self._control.transport, about, owned=True)
        if frozen is True:
            made.clock.freeze()
        return made

    def intercept(self, *hosts: str) -> AbstractContextManager[None]:
        """The vendor's own host names lead to this server, in this process, for as long as the block lasts.

        ```python
        with mockmkto.intercept():
            legacy.run()  # calls https://123-ABC-456.mktoapi.com/soap/mktows/2_9
        ```

        Whatever resolves names through Python's `socket` is reached (urllib, requests, httpx, zeep, suds, asyncio),
        over https, too; any other host goes where it did. Needs the extra `mockmkto[tls]`.

        Args:
            hosts: further names that lead here, beside `*.mktoapi.com`, `*.mktorest.com` and `*.marketo.com`.

        Raises:
            RuntimeError: another such block is open in this process.
            CannotServe: `cryptography` is not installed.
        """
        from mockmkto.intercept import redirected  # brings the server with it

        return redirected(self.url, hosts, self._control.transport.tls)

    def export(self) -> str:
        """The subscription as it is now, as a fixture in YAML."""
        return self._control.text("/state", ("format", "yaml"))

    def load(self, fixture: str | os.PathLike[str] | Mapping[str, object], *, baseline: bool = False) -> None:
        """Replace everything by a fixture, but who may call: they still may.

        Args:
            fixture: the name of a shipped fixture, a file, a fixture's text (as `export` gives it), or a world as a
                mapping.
            baseline: whether a reset returns to it from now on.

        Raises:
            ControlError: the fixture has mistakes.
        """
        query = [("credentials", "keep"), ("baseline", "true" if baseline else "false")]
        if isinstance(fixture, Mapping):
            content = msgspec.json.encode(fixture, enc_hook=encodable)
            self._control.put_raw("/state", content, "application/json", *query)
        elif isinstance(fixture, str) and "\n" in fixture:
            self._control.put_raw("/state", fixture.encode(), _YAML, *query)
        else:
            from mockmkto.worlds.shipped import find_fixture  # brings the store with it

            query.append(("file", os.fspath(fixture)[-200:]))
            self._control.put_raw("/state", find_fixture(fixture).read_bytes(), _YAML, *query)
        self._refresh()

    def explain_signature(self, text: str) -> Explanation:
        """Why a request's signature is refused, as `mockmkto explain` says it; `text` is the request, or its header."""
        return self._control.send("POST", "/explain-signature", {"text": text}, Explanation)

    def journal(self, most: int = 20) -> str:
        """The last calls in full, as text for a report: what was sent, how it was decided, what was ignored."""
        return journal_text(self._control, self._strangers_after, most)

    def delete(self) -> None:
        """Delete the subscription; nothing happens when it is gone already."""
        try:
            self._control.tell("DELETE", f"/subscriptions/{segment(self.subscription)}")
        except ControlError as error:
            if error.status != 404:
                raise

    def close(self) -> None:
        """Let go: a subscription that `new_subscription` made is deleted, idle connections are closed."""
        if self._owned:
            self.delete()
        else:
            self._control.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.subscription} at {self.url}>"

    def _refresh(self) -> None:
        self._about = ask(self._control)


def connect(
    url: str, subscription: str = "default", *, tls: ssl.SSLContext | None = None, token: str | None = None
) -> Sandbox:
    """A handle on a server that runs already, here or elsewhere: the very same as `serve` gives.

    Args:
        url: the server's address, or its endpoint's, or its WSDL's.
        subscription: which of its subscriptions.
        tls: which certificates to accept over https; by default those that this machine trusts.
        token: the server's admin token, if it asks for one; by default `MOCKMKTO_ADMIN_TOKEN` of the environment.

    Raises:
        UnreachableError: nobody answers there, or it is no mockmkto.
        ControlError: there is no such subscription.
    """
    token = os.environ.get("MOCKMKTO_ADMIN_TOKEN") if token is None else token
    control = Control(Transport(url, tls, token), subscription)
    return Sandbox(control.transport, ask(control))


_WORDS = ("fixture", "name", "workspaces", "frozen", "credential", "client")


def _refuse_other_words(switches: Mapping[str, object]) -> None:
    """A word that is no switch, but nearly one of the other names: the server would not know what was meant."""
    known = [*(item.name for item in SWITCHES), *_WORDS]
    for word in switches:
        near = difflib.get_close_matches(word, known, n=1)
        if word not in known and near and near[0] in _WORDS:
            raise TypeError(f"there is no switch {word!r}: did you mean {near[0]!r}?")


def _is_file(fixture: str | os.PathLike[str]) -> bool:
    """Whether this is a file's path: a fixture's name has neither a suffix nor a folder."""
    text = os.fspath(fixture)
    is_path = "/" in text or os.sep in text or text.endswith((".yaml", ".yml", ".json"))
    return is_path or isinstance(fixture, os.PathLike)
