"""Redaction of one file: copy it, scan the copy, and replace findings that remain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from piiscan.errors import SourceError
from piiscan.output_files import open_private
from piiscan.redact.redact_content import CopyContext, copy_content, redact_path, scan_copy
from piiscan.redact.stand_ins import Marks
from piiscan.sources.archive import BudgetUsage
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, file_content
from piiscan.sources.limits import STANDARD_BUDGET
from piiscan.sources.walk import Input

#: Maximum number of passes over a copy with remaining findings.
_MAX_PASSES: Final = 2
#: Maximum number of redraws of misread stand-ins.
_MAX_REDRAWS: Final = 4
#: Maximum number of listed positions of remaining findings per file.
_MAX_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class RemainingFinding:
    """Position and entity of a finding that is left in a copy; ``member`` is already redacted."""

    member: str
    row: int | None
    column: int
    entity: str


@dataclass(slots=True)
class CopyResult:
    """Result of copying one file into the work folder; ``path`` is None if there is no copy.

    ``marks``: marks of the values whose stand-ins are in the copy (see :mod:`stand_ins`).
    ``misread``: marks of stand-ins that the scan of the copy reports as findings.
    ``second_pass_count``: number of values replaced only in later passes over the copy.
    """

    item: Input
    number: int
    sha256: str  # of the source before copying
    path: Path | None = None
    counts: Counter[str] = field(default_factory=Counter)
    second_pass_count: int = 0
    remaining: list[RemainingFinding] = field(default_factory=list)
    remaining_count: int = 0
    problems: list[Trouble] = field(default_factory=list)
    marks: Marks = field(default_factory=lambda: np.zeros(0, np.int64))
    misread: set[int] = field(default_factory=set)


def make_copy(result: CopyResult, context: CopyContext) -> None:
    """Write the copy of one source, scan it, and store the outcome in ``result``."""
    result.problems, result.counts, result.second_pass_count = [], Counter(), 0
    _try_pass(result, context, is_copy=False)


def redraw_misread(results: Sequence[CopyResult], context: CopyContext) -> None:
    """Redraw stand-ins that a scan misread as findings, and rewrite the copies with them.

    A value has one stand-in in all copies, so every copy that contains it is made again. Stop
    after four rounds, or when nothing is misread.
    """
    stand_ins = context.replacer.stand_ins
    for _ in range(0 if stand_ins is None else _MAX_REDRAWS):
        assert stand_ins is not None
        marks = stand_ins.redraw(set().union(*(result.misread for result in results)))
        if not len(marks):
            return
        for result in results:
            if np.isin(marks, result.marks).any():
                make_copy(result, context)


def replace_remaining(result: CopyResult, context: CopyContext) -> None:
    """Redact the findings left in a copy, in the copy itself, in up to two passes."""
    for _ in range(_MAX_PASSES):
        if result.path is None or not result.remaining_count:
            return
        _try_pass(result, context, is_copy=True)


def _try_pass(result: CopyResult, context: CopyContext, *, is_copy: bool) -> None:
    """Copy and scan once; store the outcome, or the problem, in ``result``.

    If the pass fails, store the problem and delete the copy.
    """
    replacer = context.replacer
    replacer.counts.clear()
    if replacer.stand_ins is not None:
        replacer.stand_ins.start_copy()
    if not is_copy and result.path is not None:
        result.path.unlink()
        result.path = None
    target = context.folder / f"copy-{result.number}{'-again' if is_copy else ''}"
    try:
        _run_pass(
            result, target, replace(context, usage=BudgetUsage(STANDARD_BUDGET), is_copy=is_copy)
        )
    except SourceError as error:
        result.problems.append(Trouble("", error.reason, error.detail))
    except Exception as error:  # noqa: BLE001 - one bad file must not cost the others
        # only the type: an error's text can quote the data
        result.problems.append(Trouble("", "REDACT_FAILED", type(error).__name__))
    else:
        result.counts += replacer.counts
        result.second_pass_count += replacer.counts.total() if is_copy else 0
        if replacer.stand_ins is not None:
            marks = replacer.stand_ins.marks
            result.marks = np.union1d(result.marks, marks) if is_copy else marks
        return
    for path in (target, result.path):
        if path is not None:
            path.unlink(missing_ok=True)
    result.path, result.misread = None, set()


def _run_pass(result: CopyResult, target: Path, context: CopyContext) -> None:
    """Write the copy to ``target``, scan it, and move it to its path in the work folder.

    Problems are stored in ``result`` in the first pass only.
    """
    source = result.item.path
    with open_private(target) as out:
        skipped = list(copy_content(_open_content(source, result.path), out, context))
    warnings = _scan_result(_open_content(source, target), result, context)
    if result.path is not None:
        target.replace(result.path)
    else:
        result.path = target
    if not context.is_copy:
        result.problems += [*skipped, *warnings]


def _open_content(source: Path, copy: Path | None) -> Content:
    """Open ``copy``, or else ``source``, under the name of the source, whose extension counts."""
    return file_content(source) if copy is None else replace(file_content(copy), name=source.name)


def _scan_result(copy: Content, result: CopyResult, context: CopyContext) -> list[Trouble]:
    """Scan the copy and store the remaining findings in ``result``. Return the unreadable parts.

    At most 20 positions are stored; ``remaining_count`` counts all.
    """
    result.remaining, result.remaining_count, result.misread = [], 0, set()
    warnings: dict[tuple[str, str], Trouble] = {}
    for item in scan_copy(copy, context):
        if isinstance(item, Trouble):
            warnings.setdefault((item.member, item.reason), item)
            continue
        table, block, found = item
        result.remaining_count += 1
        if context.replacer.stand_ins is not None:
            result.misread |= context.replacer.marks_under(found, block)
        if len(result.remaining) < _MAX_LISTED:
            member = redact_path(table.member, context.replacer)
            row = int(block.rows[found.record])
            result.remaining.append(
                RemainingFinding(member, row, found.column + int(block.split), found.item.entity)
            )
    return list(warnings.values())
