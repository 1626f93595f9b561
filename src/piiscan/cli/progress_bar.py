"""Progress on stderr: a bar on a terminal, else a line every half minute; also into a log file.

A line has the time, the stage, bytes done and in all, the rate, the time left with the later
stages, and the source that is read, personal data in its name masked.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from piiscan.errors import CaseError
from piiscan.output_files import check_outside
from piiscan.progress import Progress, RunState
from piiscan.wording.words import Words

#: Seconds between two lines.
_PERIOD: Final = 30


@contextmanager
def show_progress(
    words: Words,
    stage: str,
    *,
    log: Path | None = None,
    outside: Sequence[Path] = (),
    stages: bool = False,
) -> Iterator[Progress]:
    """Yield a callback with the state of the run.

    ``stage``: the stage until the first call. ``log``: file for lines, added to; in none of the
    folders ``outside``. ``stages``: print a line at the start of each stage as well.
    """
    meter = _Meter(words, RunState(stage), stages)
    with ExitStack() as stack:
        if log is not None:
            check_outside(log, outside)
            meter.files.append(stack.enter_context(_open_log(log)))
        if sys.stderr.isatty():
            meter.draw = stack.enter_context(_bar())
        else:
            meter.files.append(sys.stderr)
        stack.callback(meter.ended.set)
        threading.Thread(target=meter.refresh, name="progress", daemon=True).start()
        yield meter.set


@dataclass(slots=True)
class _Meter:
    """Newest state of a run, which a thread prints as a line now and then.

    ``stages``: True to print the start of each stage as well.
    """

    words: Words
    state: RunState
    stages: bool
    files: list[TextIO] = field(default_factory=list)
    draw: Callable[[RunState, str], None] | None = None
    started: float = field(default_factory=time.monotonic)
    stage_started: float = field(default_factory=time.monotonic)
    ended: threading.Event = field(default_factory=threading.Event)

    def set(self, state: RunState) -> None:
        """Store the state; draw it on the terminal, print it if a stage begins."""
        begins = state.stage != self.state.stage
        self.state = state
        if begins:
            self.stage_started = time.monotonic()
            if self.stages:
                self._print(self.words("progress.begins", stage=self._stage()))
        if self.draw is not None:
            self.draw(state, self._line())

    def refresh(self) -> None:
        """Draw the state every second and print it every half minute until the run ends."""
        seconds = 0
        while not self.ended.wait(1):
            seconds += 1
            if self.draw is not None:
                self.draw(self.state, self._line())
            if seconds % _PERIOD == 0:
                self._print(self._line())

    def _print(self, line: str) -> None:
        """Print ``line`` with the time of day to all files."""
        for file in self.files:
            print(time.strftime("%H:%M:%S"), line, file=file, flush=True)

    def _stage(self) -> str:
        """Return the name of the stage."""
        return self.words(f"progress.stage.{self.state.stage}")

    def _line(self) -> str:
        """Return the state in words."""
        state, now = self.state, time.monotonic()
        parts = [self._stage()]
        if state.total:
            rate = state.done / max(now - self.stage_started, 0.1)
            done, total, speed = (f"{size / 1e6:,.1f}" for size in (state.done, state.total, rate))
            parts.append(f"{done}/{total} MB, {speed} MB/s")
        passed = now - self.started
        parts.append(self.words("progress.passed", time=_clock(passed)))
        if 0.01 < state.share < 1:
            left = passed * (1 - state.share) / state.share
            parts.append(self.words("progress.left", time=_clock(left)))
        return "  ".join([*parts, state.source] if state.source else parts)


def _open_log(path: Path) -> TextIO:
    """Open the log file for appending; create it with mode 0600."""
    try:
        return open(path, "a", encoding="utf-8", opener=partial(os.open, mode=0o600))
    except OSError as error:
        raise CaseError("file.unwritable", path=path, reason=error.strerror) from error


def _clock(seconds: float) -> str:
    """Return a span of time as hours, minutes and seconds.

    >>> _clock(3725)
    '1:02:05'
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


@contextmanager
def _bar() -> Iterator[Callable[[RunState, str], None]]:
    """Yield a function that draws a state and its line on the terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    with Bars(
        BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), transient=True
    ) as bars:
        task = bars.add_task("", total=1.0, visible=False)  # hidden until the first state

        def draw(state: RunState, line: str) -> None:
            """Draw the bar up to the share of the run that is done."""
            bars.update(
                task, completed=state.share, description=escape(line), visible=state.share < 1
            )

        yield draw
