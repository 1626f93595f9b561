"""Progress of long work on stderr: how far, how fast, how long still; quiet when no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Told (bytes done, bytes in all).
Progress = Callable[[int, int], None]


@contextmanager
def shown(title: str) -> Iterator[Progress | None]:
    """A callback that draws a bar of bytes on stderr; None where stderr is no terminal."""
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
        task = bars.add_task(title, total=None, visible=False)  # until there is something to show
        yield lambda done, total: bars.update(
            task, completed=done, total=total, visible=done < total
        )
