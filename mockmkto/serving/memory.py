"""Keeps a long-lived server small and steady: one heap for all threads, and a collector with little to look at."""

from __future__ import annotations

import gc
import sys

__all__ = ["keep_what_is_loaded", "use_one_heap"]

_M_ARENA_MAX = -8  # of glibc's malloc.h


def use_one_heap() -> None:
    """Have glibc serve all threads from one heap; elsewhere nothing is done.

    By default each thread gets a heap of its own, and what one frees no other can use: a server of ten threads then
    grows by a megabyte in 40,000 calls, for nothing. Threads that take turns under the interpreter's lock gain nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def keep_what_is_loaded() -> None:
    """Have the garbage collector look no more at what there is now: modules, tables, types, which stay to the end.

    For a process that only serves: what is garbage already stays as well. A full collection among them takes tens of
    milliseconds, for which every client waits.
    """
    gc.freeze()
