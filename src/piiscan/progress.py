"""Progress of a long run: its stage, the work done, and the source that is read."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

#: Least seconds between two reports of one counter.
_PERIOD: Final = 0.1


@dataclass(frozen=True, slots=True)
class RunState:
    """State of a run at one moment.

    Attributes:
        stage: ``sources``, ``columns``, ``read``, ``pictures``, ``second_pass``, ``tables``,
            ``count``, ``page``, ``copy``, ``hash``, ``seal``, or a form of ``piiscan run``
        done: bytes done in this stage
        total: bytes of this stage; 0 where none are counted
        share: part of the whole run that is done, 0 to 1, later stages included
        source: display name of the source that is read, personal data in it masked; or ""
    """

    stage: str
    done: int = 0
    total: int = 0
    share: float = 0.0
    source: str = ""


#: Callback with the state of a run.
Progress = Callable[[RunState], object]


def within(progress: Progress | None, start: float, end: float) -> Progress | None:
    """Return a callback for a run that is the part from ``start`` to ``end`` of a longer run."""
    return progress and partial(_report_part, progress, start, end - start)


def _report_part(progress: Progress, start: float, size: float, state: RunState) -> None:
    """Report ``state`` with its share of a longer run."""
    progress(dataclasses.replace(state, share=start + size * state.share))


class ByteCounter:
    """Counter of the bytes done in one stage; it reports at most ten times a second.

    ``weights``: work for a byte of each item, 1 for all by default.
    """

    def __init__(
        self,
        progress: Progress | None,
        stage: str,
        sizes: Iterable[int],
        weights: Iterable[int] = (),
    ) -> None:
        self._progress, self._stage = progress, stage
        listed = list(sizes)
        self._total = sum(listed)
        self._work = sum(map(int.__mul__, listed, weights)) if weights else self._total
        self._done = self._worked = 0
        self._told = 0.0
        if progress is not None:
            progress(RunState(stage, 0, self._total))

    def add(self, size: int, weight: int = 1) -> None:
        """Add ``size`` finished bytes; report them, the last ones always."""
        self._done += size
        self._worked += size * weight
        self.report(last=self._done == self._total)

    def report(
        self,
        ahead: int = 0,
        weight: int = 1,
        *,
        stage: str = "",
        source: Callable[[], str] = str,
        last: bool = False,
    ) -> None:
        """Report the finished bytes and ``ahead`` bytes of the item that is worked on."""
        if self._progress is None or (not last and time.monotonic() - self._told < _PERIOD):
            return
        self._told = time.monotonic()
        share = (self._worked + ahead * weight) / self._work if self._work else 1.0
        done = self._done + ahead
        self._progress(RunState(stage or self._stage, done, self._total, share, source()))
