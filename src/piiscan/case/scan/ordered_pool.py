"""Ordered thread pool: process items in threads, with results in the order of the items.

Threads suffice, because kernels, pyarrow and numpy release the GIL.  The number of items in
progress is bounded.  Because of the order, no result depends on the number of workers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items in progress beyond one a worker; each has a block and its findings in memory.
_AHEAD: Final = 2


def worker_count(requested: int | None) -> int:
    """Return ``requested`` if given, else the number of usable processors; at least 1."""
    if requested is not None:
        return max(1, requested)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_ordered(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int
) -> Iterator[Result]:
    """Yield ``work(item)`` for each item, in order; the first exception cancels waiting items.

    >>> list(map_ordered(str.upper, "abc", workers=2))
    ['A', 'B', 'C']
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="piiscan") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                while len(waiting) > workers + _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
