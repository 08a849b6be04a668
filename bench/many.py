"""Calls on many leads and on the activity log, in this process: what a page costs in a small and in a large world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from bench.report import Figure
from mockmkto import auth
from mockmkto.model import Activity, Lead
from mockmkto.model.lists import StaticList
from mockmkto.settings import DEFAULT_ENCRYPTION_KEY, DEFAULT_USER_ID
from mockmkto.soap.server import SoapServer
from mockmkto.store import activities, lists
from mockmkto.store.database import Counter
from mockmkto.store.leads import NewLead, add_many
from mockmkto.store.registry import Registry
from mockmkto.worlds import read_all
from mockmkto.worlds.loading import load

__all__ = ["many_leads"]

AT_ONCE_TARGET = 0.2  # of as many syncLeads
PAGE_TARGET = 1.5  # what a page costs in the large world, in pages of the small one
LOG_TARGET = 1.15  # an update with the log, in updates without

_LEADS = 300  # of one syncMultipleLeads (documented: as many as are recommended)
_OF_A_LEAD = 10_000  # activities of the lead whose activities are read
_FIRST_ID = 1001
_SLICE = 20_000
_TYPES = ("Visit Webpage", "Click Link", "New Lead", "Change Data Value")


class _World:
    """A subscription with so many leads and activities, and clients that call it."""

    def __init__(self, leads: int, logged: int, *, log: bool = True) -> None:
        self.registry = Registry()
        (empty,) = read_all(("empty",))
        self.database = load(empty, self.registry)
        self.server = SoapServer(self.registry, lambda _: None)
        self.now = datetime.now(UTC)
        if not log:
            self._set_log_off()
        self._fill(leads, logged)

    def _set_log_off(self) -> None:
        from msgspec.structs import replace

        with self.database.transaction() as session:
            session.world = replace(session.world, behaviour=replace(session.world.behaviour, activity_log=False))

    def _fill(self, leads: int, logged: int) -> None:
        then = self.now - timedelta(days=20)
        for start in range(0, leads, _SLICE):
            with self.database.transaction() as session:
                batch = range(start, min(start + _SLICE, leads))
                add_many(session, (NewLead(self._lead(number, then)) for number in batch))
                if start == 0:
                    news = StaticList(1001, "Newsletter", then, then)
                    lists.add_many(session, [(news, [_FIRST_ID + number for number in batch])])
        for start in range(0, logged, _SLICE):
            with self.database.transaction() as session:
                first = session.next_id(Counter.ACTIVITY)
                activities.insert_many(
                    session,
                    (
                        Activity(
                            first + number,
                            _FIRST_ID + 1 + (start + number) % (leads - 1),
                            then + timedelta(seconds=start + number),
                            _TYPES[number % len(_TYPES)],
                            "asset",
                            (("Lead ID", "1"),),
                        )
                        for number in range(min(_SLICE, logged - start))
                    ),
                )
        with self.database.transaction() as session:
            first = session.next_id(Counter.ACTIVITY)
            activities.insert_many(
                session,
                (
                    Activity(first + number, _FIRST_ID, then - timedelta(seconds=number), _TYPES[0], "asset", ())
                    for number in range(min(_OF_A_LEAD, max(logged, 200)))
                ),
            )

    @staticmethod
    def _lead(number: int, then: datetime) -> Lead:
        lead_id = _FIRST_ID + number
        attributes = {"FirstName": f"First {number}", "LastName": f"Last {number}", "City": "Rome"}
        return Lead(lead_id, f"{lead_id}@example.com", True, "Default", attributes, then, then, number, number)

    def call(self, operation: str, inside: str) -> bytes:
        """One call; raises where it is answered with a fault."""
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        signature = auth.sign(DEFAULT_USER_ID, DEFAULT_ENCRYPTION_KEY, stamp)
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="http://www.marketo.com/mktows/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header><n:AuthenticationHeader>'
            f"<mktowsUserId>{DEFAULT_USER_ID}</mktowsUserId><requestSignature>{signature}</requestSignature>"
            f"<requestTimestamp>{stamp}</requestTimestamp></n:AuthenticationHeader></e:Header>"
            f"<e:Body><n:params{operation}>{inside}</n:params{operation}></e:Body></e:Envelope>"
        )
        answer = self.server.answer("2_9", body.encode(), "text/xml")
        if answer.status != 200:
            raise RuntimeError(answer.body.decode())
        return answer.body

    def close(self) -> None:
        self.registry.close()


def many_leads(largest: int, rounds: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """300 leads at once; pages of many leads and of the log, each beside the same page in a world of a hundredth."""
    tell("many leads: filling two worlds")
    small = _World(max(largest // 100, 12_000), max(largest // 100, 12_000))
    large = _World(largest, largest)
    tell("many leads: calls")
    yield from _written(rounds)
    section = f"a page in memory, of {largest:,} leads and activities; the floor: of {max(largest // 100, 12_000):,}"
    for name, operation, inside in _pages():
        times: Mapping[_World, list[float]] = {small: [], large: []}
        for _ in range(rounds):
            for world, taken in times.items():
                taken.append(_seconds(lambda: world.call(operation, inside(world))))  # noqa: B023
        least = median(times[small]) * 1000
        yield Figure(section, name, median(times[large]) * 1000, "ms", least, PAGE_TARGET * least)
    small.close()
    large.close()


def _written(rounds: int) -> Iterator[Figure]:
    """New leads at once and singly, and an update with and without the log, in turns."""
    world, without = _World(1_000, 0), _World(1_000, 0, log=False)
    at_once, singly, logged, unlogged = [], [], [], []
    for number in range(rounds):
        names = [f"{number}-{item}@new.example.com" for item in range(_LEADS)]
        records = "".join(map(_record, names))
        inside = f"<leadRecordList>{records}</leadRecordList>"
        at_once.append(_seconds(lambda: world.call("SyncMultipleLeads", inside)))  # noqa: B023
        singles = [f"{_record(f'single-{name}')}<returnLead>0</returnLead>" for name in names]
        singly.append(_seconds(lambda: [world.call("SyncLead", item) for item in singles]))  # noqa: B023
        for item in range(50):
            changed = _record(f"{_FIRST_ID + 1}@example.com", f"{number}.{item}") + "<returnLead>0</returnLead>"
            logged.append(_seconds(lambda: world.call("SyncLead", changed)))  # noqa: B023
            unlogged.append(_seconds(lambda: without.call("SyncLead", changed)))  # noqa: B023
    section = "in memory, without HTTP"
    single = median(singly) * 1000
    yield Figure(
        section,
        f"{_LEADS} leads at once; the floor: singly",
        median(at_once) * 1000,
        "ms",
        single,
        AT_ONCE_TARGET * single,
    )
    least = median(unlogged) * 1000
    yield Figure(
        section,
        "an update; the floor: without the activity log",
        median(logged) * 1000,
        "ms",
        least,
        LOG_TARGET * least,
    )
    world.close()
    without.close()


def _record(email: str, city: str = "Rome") -> str:
    attributes = "".join(
        f"<attribute><attrName>{name}</attrName><attrValue>{value}</attrValue></attribute>"
        for name, value in (("FirstName", "Ann"), ("City", city))
    )
    return f"<leadRecord><Email>{email}</Email><leadAttributeList>{attributes}</leadAttributeList></leadRecord>"


def _pages() -> Iterator[tuple[str, str, Callable[[_World], str]]]:
    def of_list(_: _World) -> str:
        name = "<staticListName>Newsletter</staticListName>"
        return f'<leadSelector xsi:type="n:StaticListSelector">{name}</leadSelector><batchSize>1000</batchSize>'

    def of_span(world: _World) -> str:
        oldest = (world.now - timedelta(days=29)).isoformat(timespec="seconds")
        return (
            f'<leadSelector xsi:type="n:LastUpdateAtSelector"><oldestUpdatedAt>{oldest}</oldestUpdatedAt>'
            "</leadSelector><batchSize>1000</batchSize>"
        )

    def of_lead(offset: str) -> Callable[[_World], str]:
        return lambda _: (
            f"<leadKey><keyType>IDNUM</keyType><keyValue>{_FIRST_ID}</keyValue></leadKey>"
            f"<startPosition><offset>{offset}</offset></startPosition>"
        )

    def of_all(share: float, further: str = "") -> Callable[[_World], str]:
        def inside(world: _World) -> str:
            with world.database.transaction() as session:
                last = session.next_id(Counter.ACTIVITY)
            offset = f"<offset>ID:{int(last * share)}</offset>" if share else ""
            oldest = "<oldestCreatedAt>2001-01-01T00:00:00Z</oldestCreatedAt>"
            position = f"<startPosition>{oldest}{offset}</startPosition>"
            return f"{position}{further}<batchSize>1000</batchSize>"

        return inside

    kind = "<activityFilter><includeTypes><activityType>NewLead</activityType></includeTypes></activityFilter>"
    yield "getMultipleLeads: 1,000 of a list", "GetMultipleLeads", of_list
    yield "getMultipleLeads: 1,000 of a span of all", "GetMultipleLeads", of_span
    yield "getLeadActivity: the first 100 of 10,000", "GetLeadActivity", of_lead("")
    yield "getLeadActivity: 100 in the middle", "GetLeadActivity", of_lead("100")
    yield "getLeadChanges: the first 1,000", "GetLeadChanges", of_all(0)
    yield "getLeadChanges: 1,000 in the middle", "GetLeadChanges", of_all(0.5)
    yield "getLeadChanges: 1,000 of a type", "GetLeadChanges", of_all(0, kind)


def _seconds(call: Callable[[], object]) -> float:
    before = perf_counter()
    call()
    return perf_counter() - before
