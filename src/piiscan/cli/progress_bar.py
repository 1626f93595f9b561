"""Progress bar on stderr: bytes done, speed and remaining time; none without a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Called with (bytes done, bytes in all).
Progress = Callable[[int, int], None]


@contextmanager
def show_progress(title: str) -> Iterator[Progress | None]:
    """Yield a callback (bytes done, bytes in all) that draws a bar; None without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(title, total=None, visible=False)  # hidden until the first update
        yield lambda done, total: bars.update(
            task, completed=done, total=total, visible=done < total
        )
