"""Work over a stream of items in threads, results in order, with a bounded number under way.

Threads suffice: compiled kernels, pyarrow and numpy release the GIL.  The order of results is that
of the items, so nothing downstream can depend on how many workers there are.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items under way beyond one a worker; each holds a block and its findings in memory.
_AHEAD: Final = 2


def worker_count(wanted: int | None) -> int:
    """``wanted`` if given, else the processors this process may use; at least 1."""
    if wanted is not None:
        return max(1, wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered(
    work: Callable[[Item], Result], items: Iterable[Item], *, workers: int
) -> Iterator[Result]:
    """``work(item)`` for each item, in order; the first exception ends it and drops what waits.

    >>> list(ordered(str.upper, "abc", workers=2))
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
