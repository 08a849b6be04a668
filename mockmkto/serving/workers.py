"""The threads that answer what may block: hired when work waits and all others wait, too; idle ones leave."""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable

from msgspec import Struct, field

from mockmkto.clock import stopwatch
from mockmkto.pauses import tell_of_pauses

__all__ = ["MOST", "Job", "Workers"]

logger = logging.getLogger("mockmkto.serving")

MOST = 256  # the most workers there ever are
HELD_UP = 0.25  # seconds without any progress after which another worker is started
BEGINS = 2.0  # seconds after which a thread that was started and said nothing is given up
LEAVES = 5.0  # seconds without work after which a worker leaves
HEAVY = 2  # jobs that need much memory that are done at once


class Job(Struct, frozen=True, eq=False):
    """Something for a worker to do; `run` raises nothing."""

    run: Callable[[], None]
    abort: Callable[[], None]  # from another thread: ends whatever it waits for
    heavy: bool = False


class _Begun(threading.Event):
    """Set when a thread has begun; waited for by whoever started it, who must not wait for ever.

    Without memory a thread may die before it can say anything, and the loop would stand still with it.
    """

    def wait(self, timeout: float | None = None) -> bool:
        if not super().wait(BEGINS if timeout is None else timeout) and timeout is None:
            raise RuntimeError("the thread did not begin")
        return self.is_set()


class _Worker(Struct, eq=False):
    thread: threading.Thread | None = None
    jobs: queue.SimpleQueue[Job | None] = field(default_factory=queue.SimpleQueue)
    job: Job | None = None
    pausing: bool = False


class Workers:
    """Up to `usual` threads at work, and beyond them one more for each that waits (`mockmkto.pauses`).

    Few threads are fast: they take turns on one interpreter. But a double that can be told to answer late must not
    let ten late answers delay the console. Where they are held up without saying so, more are hired, too. The one that
    was idle the shortest gets the next job, so that those who are too many stay idle, and leave.
    """

    def __init__(self, usual: int) -> None:
        self._usual = usual
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._heavy: deque[Job] = deque()
        self._heavy_at_work = 0
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._pausing = 0
        self._done = 0
        self._done_before = -1
        self._looked = 0.0
        self._ending = False
        self._hired = 0

    @property
    def count(self) -> int:
        """How many threads there are."""
        return len(self._workers)

    @property
    def have_time(self) -> bool:
        """Whether at most half of the usual ones are at work: then one may stay where it is for a moment."""
        return (len(self._workers) - len(self._idle) - self._pausing) * 2 <= self._usual

    def put(self, job: Job) -> None:
        """Has a worker do it; a heavy one when fewer than `HEAVY` such are being done."""
        with self._lock:
            if job.heavy and self._heavy_at_work >= HEAVY:
                self._heavy.append(job)
            else:
                self._heavy_at_work += job.heavy
                self._give(job)

    def _give(self, job: Job) -> None:
        if self._idle:
            self._hand(self._idle.pop(), job)
        elif self._is_one_more_needed():
            self._hire(job)
        else:
            self._waiting.append(job)

    @staticmethod
    def _hand(worker: _Worker, job: Job) -> None:
        worker.job = job
        worker.jobs.put(job)

    def _is_one_more_needed(self) -> bool:
        at_work = len(self._workers) - len(self._idle) - self._pausing
        return at_work < self._usual and len(self._workers) < MOST

    def _hire(self, job: Job) -> None:
        worker = _Worker()
        self._hand(worker, job)
        self._hired += 1
        # Daemons: an application that never returns must not keep the process alive.
        worker.thread = threading.Thread(
            target=self._work, args=(worker,), name=f"mockmkto-worker-{self._hired}", daemon=True
        )
        worker.thread._started = _Begun()  # type: ignore[attr-defined]  # what `start` waits for, without an end
        self._workers.add(worker)
        try:
            worker.thread.start()
        except (RuntimeError, MemoryError):  # the system allows no more: those that there are do it
            try:
                worker.jobs.get_nowait()
            except queue.Empty:
                return  # it has begun after all
            worker.jobs.put(None)
            self._workers.discard(worker)
            self._waiting.append(job)
            logger.warning("no more threads can be started")

    def relieve(self) -> float | None:
        """Starts workers if jobs wait and nothing moves; returns the seconds until the next look is due, if any."""
        with self._lock:
            if not self._waiting:
                self._done_before = -1
                return None
            now = stopwatch()
            if self._done_before != self._done:
                self._done_before, self._looked = self._done, now
            elif now - self._looked >= HELD_UP:
                self._looked = now
                for _ in range(min(len(self._waiting), MOST - len(self._workers))):
                    self._hire(self._waiting.popleft())
            return HELD_UP

    def _work(self, worker: _Worker) -> None:
        tell_of_pauses(lambda: self._pause(worker), lambda: self._go_on(worker))
        while (job := self._next(worker)) is not None:
            try:
                job.run()
            except BaseException:
                logger.exception("a worker failed; it goes on")
            self._finish(worker, job)
            del job
        with self._lock:
            self._workers.discard(worker)

    def _next(self, worker: _Worker) -> Job | None:
        try:
            return worker.jobs.get(timeout=LEAVES)
        except queue.Empty:
            pass
        with self._lock:
            if worker in self._idle:
                self._idle.remove(worker)
                return None
        return worker.jobs.get()  # it was given one at the last moment

    def _finish(self, worker: _Worker, job: Job) -> None:
        with self._lock:
            worker.job = None
            self._done += 1
            if job.heavy:
                self._heavy_at_work -= 1
                if self._heavy:
                    self._heavy_at_work += 1
                    self._waiting.appendleft(self._heavy.popleft())
            at_work = len(self._workers) - len(self._idle) - self._pausing
            if self._waiting and at_work <= self._usual:
                self._hand(worker, self._waiting.popleft())
            elif self._ending and not self._waiting:
                worker.jobs.put(None)
            else:
                self._idle.append(worker)

    def _pause(self, worker: _Worker) -> None:
        with self._lock:
            if worker.pausing:
                return
            worker.pausing = True
            self._pausing += 1
            if self._waiting and self._is_one_more_needed():
                self._give(self._waiting.popleft())

    def _go_on(self, worker: _Worker) -> None:
        with self._lock:
            if worker.pausing:
                worker.pausing = False
                self._pausing -= 1

    def abort(self) -> None:
        """Ends whatever the jobs that are not done wait for."""
        with self._lock:
            at_work = [job for worker in self._workers if (job := worker.job) is not None]
            jobs = [*at_work, *self._waiting, *self._heavy]
        for job in jobs:
            job.abort()

    def stop(self, *, wait: bool) -> None:
        """Sends the idle ones home, and the others when they have done what they have; `wait`: until all have left."""
        with self._lock:
            self._ending = True
            for worker in self._idle:
                worker.jobs.put(None)
            leaving = list(self._workers if wait else self._idle)
            self._idle = []
        for worker in leaving:
            if worker.thread is not None and worker.thread is not threading.current_thread():
                worker.thread.join()
