"""A server of many threads keeps one heap, where the C library has several."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes
from mockmkto.serving.memory import use_one_heap
use_one_heap()
ctypes.CDLL(None).malloc_info(0, ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stdout"))
"""

MANY = """
import threading
threads = [threading.Thread(target=lambda: bytearray(100_000)) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the heaps of glibc")
def test_threads_share_one_heap():
    first, last = PROGRAM.strip().rsplit("\n", 1)
    program = f"{first}\n{MANY}\n{last}\nctypes.CDLL(None).fflush(None)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.count("<heap nr=") == 1


FROZEN = """
import gc
from mockmkto.serving.memory import keep_what_is_loaded
kept = [[] for _ in range(1000)]
keep_what_is_loaded()
print(any(item is kept for item in gc.get_objects()), gc.get_freeze_count() > 1000)
"""


def test_the_collector_looks_no_more_at_what_is_loaded():
    told = subprocess.run([sys.executable, "-c", FROZEN], capture_output=True, text=True, check=True).stdout
    assert told == "False True\n"
