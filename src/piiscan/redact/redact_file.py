"""One file's copy under way: made, scanned, and made again until nothing is left to find in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.output_files import open_private
from piiscan.redact.redact_content import Job, copy_content, left_in, show_name
from piiscan.redact.stand_ins import Marks
from piiscan.sources.archive import Spending
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, file_content
from piiscan.sources.limits import STANDARD
from piiscan.sources.walk import Input

#: How often a copy is gone through once more where something is left.
_ROUNDS: Final = 2
#: How often other stand-ins are drawn for values that are misread where they stand.
_DRAWS: Final = 4
#: Places of what is left that are told for each file.
_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Left:
    """What a copy still holds: where, and what kind."""

    member: str
    row: int | None
    column: int
    entity: str


@dataclass(slots=True)
class Made:
    """A copy in the work folder; without a path there is none.

    ``held`` are the values that stand-ins were written for, ``misread`` those of them that what
    stands beside makes into something else.
    """

    item: Input
    number: int
    sha256: str  # of the source, before it was read
    path: Path | None = None
    counts: Counter[str] = field(default_factory=Counter)
    further: int = 0
    left: list[Left] = field(default_factory=list)
    number_left: int = 0
    problems: list[Trouble] = field(default_factory=list)
    held: Marks = field(default_factory=lambda: np.zeros(0, np.int64))
    misread: set[int] = field(default_factory=set)


def make(made: Made, job: Job) -> None:
    """Make the copy of its source and scan it."""
    made.problems, made.counts, made.further = [], Counter(), 0
    _attempt(made, job, again=False)


def draw_anew(mades: Sequence[Made], job: Job) -> None:
    """Let what is misread in some copy have another stand-in, and be misread in none.

    Every copy that holds such a value is made anew: one value has one stand-in.
    """
    draws = job.pen.draws
    for _ in range(0 if draws is None else _DRAWS):
        assert draws is not None
        marks = draws.again(set().union(*(made.misread for made in mades)))
        if not len(marks):
            return
        for made in mades:
            if np.isin(marks, made.held).any():
                make(made, job)


def go_on(made: Made, job: Job) -> None:
    """Replace what is left in the copy as well, and scan it again."""
    for _ in range(_ROUNDS):
        if made.path is None or not made.number_left:
            return
        _attempt(made, job, again=True)


def _attempt(made: Made, job: Job, *, again: bool) -> None:
    """One pass over the source, or over the copy; if it fails there is no copy."""
    pen = job.pen
    pen.counts.clear()
    if pen.draws is not None:
        pen.draws.held()  # of a copy that failed
    if not again and made.path is not None:
        made.path.unlink()
        made.path = None
    target = job.folder / f"copy-{made.number}{'-again' if again else ''}"
    try:
        _pass(made, target, replace(job, spending=Spending(STANDARD), again=again))
    except SourceError as error:
        made.problems.append(Trouble("", error.reason, error.detail))
    except Exception as error:  # noqa: BLE001 - one bad file must not cost the others
        # the type alone: an error's text can quote the data
        made.problems.append(Trouble("", "REDACT_FAILED", type(error).__name__))
    else:
        made.counts += pen.counts
        made.further += pen.counts.total() if again else 0
        if pen.draws is not None:
            made.held = np.union1d(made.held, pen.draws.held()) if again else pen.draws.held()
        return
    for path in (target, made.path):
        if path is not None:
            path.unlink(missing_ok=True)
    made.path, made.misread = None, set()


def _pass(made: Made, target: Path, job: Job) -> None:
    source = made.item.path
    with open_private(target) as out:
        told = list(copy_content(_content(source, made.path), out, job))
    doubts = _look(_content(source, target), made, job)
    if made.path is not None:
        target.replace(made.path)
    else:
        made.path = target
    if not job.again:
        made.problems += [*told, *doubts]


def _content(source: Path, made: Path | None) -> Content:
    """The source, or the copy made of it, called as the source is: names say what a text is."""
    return file_content(source) if made is None else replace(file_content(made), name=source.name)


def _look(copy: Content, made: Made, job: Job) -> list[Trouble]:
    """Tell ``made`` what its copy still holds; what of the copy could not be read."""
    made.left, made.number_left, made.misread = [], 0, set()
    doubts: dict[tuple[str, str], Trouble] = {}
    for item in left_in(copy, job):
        if isinstance(item, Trouble):
            doubts.setdefault((item.member, item.reason), item)
            continue
        table, block, found = item
        made.number_left += 1
        if job.pen.draws is not None:
            made.misread |= job.pen.beneath(found, block)
        if len(made.left) < _TOLD:
            member = show_name(table.member, job.pen)
            row = int(block.rows[found.record])
            made.left.append(Left(member, row, found.column + int(block.split), found.item.entity))
    return list(doubts.values())
