"""Redaction of one file: copy it, scan the copy, and replace findings that remain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from piiscan.copies.check.copy_check import CheckHit, CopyCheck
from piiscan.copies.redact_content import CopyContext, copy_content, redact_path, scan_copy
from piiscan.copies.stand_ins import Marks
from piiscan.errors import SourceError, failure_place, is_machine_error
from piiscan.masking.pseudonym import Item
from piiscan.output_files import open_private
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, file_content
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.walk import Input

#: Maximum number of passes over a copy with remaining findings.
_MAX_PASSES: Final = 2
#: Maximum number of redraws of misread stand-ins.
_MAX_REDRAWS: Final = 4
#: Maximum number of listed positions of remaining findings per file.
MAX_LISTED: Final = 20


@dataclass(frozen=True, slots=True)
class RemainingFinding:
    """Finding left in a copy: position and entity; ``member`` is redacted already."""

    member: str
    row: int | None
    column: int
    entity: str


@dataclass(frozen=True, slots=True)
class CopyResult:
    """Result of copying one file into the work folder. ``path``: None without a copy.

    ``marks``: marks of the values whose stand-ins are in the copy (see :mod:`stand_ins`).
    ``misread``: marks of stand-ins that the scan of the copy reports as findings.
    ``second_pass_count``: number of values replaced only in later passes over the copy.
    ``remaining``: the first of the ``remaining_count`` findings left. ``standing``: values that the
    check of its bytes found in the copy.
    """

    item: Input
    number: int
    sha256: str  # of the source before copying
    path: Path | None = None
    counts: Counter[str] = field(default_factory=Counter)
    second_pass_count: int = 0
    remaining: tuple[RemainingFinding, ...] = ()
    remaining_count: int = 0
    problems: tuple[Trouble, ...] = ()
    marks: Marks = field(default_factory=lambda: np.zeros(0, np.int64))
    misread: frozenset[int] = frozenset()
    standing: tuple[CheckHit, ...] = ()


def make_copy(result: CopyResult, context: CopyContext) -> CopyResult:
    """Write the copy of a source anew and scan it; return the new result."""
    if result.path is not None:
        result.path.unlink()
    fresh = CopyResult(result.item, result.number, result.sha256, marks=result.marks)
    return _try_pass(fresh, context, is_copy=False)


def redraw_misread(results: list[CopyResult], context: CopyContext) -> list[CopyResult]:
    """Redraw stand-ins that a scan misread as findings, and rewrite the copies with them.

    A value has one stand-in in all copies, so every copy that contains it is made again. Stop
    after four rounds, or when nothing is misread. Return the results after that.
    """
    stand_ins = context.replacer.stand_ins
    for _ in range(0 if stand_ins is None else _MAX_REDRAWS):
        assert stand_ins is not None
        marks = stand_ins.redraw(frozenset().union(*(result.misread for result in results)))
        if not len(marks):
            break
        results = [
            make_copy(result, context) if np.isin(marks, result.marks).any() else result
            for result in results
        ]
    return results


def replace_remaining(result: CopyResult, context: CopyContext) -> CopyResult:
    """Redact the findings left in a copy, in up to two passes; return the result after that."""
    for _ in range(_MAX_PASSES):
        if result.path is not None and result.remaining_count:
            result = _try_pass(result, context, is_copy=True)
    return result


def check_copy(result: CopyResult, context: CopyContext, check: CopyCheck) -> CopyResult:
    """Search the bytes of a copy for values; replace them, in up to two passes.

    Return the result with the values that are still left.
    """
    for number in range(_MAX_PASSES + 1):
        if result.path is None:
            return replace(result, standing=())
        try:
            standing = tuple(check.run(result.path))
        except Exception as error:  # one bad copy must not cost the others
            if is_machine_error(error):
                raise
            if isinstance(error, SourceError):
                detail = f"{error.reason} {error.detail}".strip()
            else:
                detail = failure_place(error)
            problem = Trouble("", "NOT_CHECKED", detail)
            return replace(result, problems=(*result.problems, problem), standing=())
        result = replace(result, standing=standing)
        if not standing or number == _MAX_PASSES:
            return result
        # first by its tables, then its texts as plain lines
        result = _try_pass(result, replace(context, raw=number > 0), is_copy=True)
    return result


def _try_pass(result: CopyResult, context: CopyContext, *, is_copy: bool) -> CopyResult:
    """Copy and scan once. Return the new result.

    ``is_copy``: copy the copy once more, to replace findings left in it.

    If the pass fails, delete the copy and add the problem.
    """
    context.replacer.counts.clear()
    if context.replacer.stand_ins is not None:
        context.replacer.stand_ins.start_copy()
    target = context.folder / f"copy-{result.number}{'-again' if is_copy else ''}"
    try:
        usage = BudgetUsage(STANDARD_BUDGET, packed=result.item.size)
        return _run_pass(result, target, replace(context, usage=usage, is_copy=is_copy))
    except SourceError as error:
        problem = Trouble("", error.reason, error.detail)
    except Exception as error:  # one bad file must not cost the others
        if is_machine_error(error):
            raise
        problem = Trouble("", "REDACT_FAILED", failure_place(error))
    for path in (target, result.path):
        if path is not None:
            path.unlink(missing_ok=True)
    return replace(result, path=None, problems=(*result.problems, problem), misread=frozenset())


def _run_pass(result: CopyResult, target: Path, context: CopyContext) -> CopyResult:
    """Write the copy to ``target``, scan it, and move it to its path in the work folder.

    Problems are added in the first pass only.
    """
    source, replacer = result.item.path, context.replacer
    with open_private(target) as out:
        skipped = list(copy_content(_open_content(source, result.path), out, context))
    scanned, warnings = _scan_result(_open_content(source, target), result, context)
    if result.path is not None:
        target.replace(result.path)
    marks = result.marks
    if replacer.stand_ins is not None:
        new = replacer.stand_ins.marks
        marks = np.union1d(marks, new) if context.is_copy else new
    return replace(
        scanned,
        path=result.path or target,
        counts=result.counts + replacer.counts,
        second_pass_count=result.second_pass_count
        + (replacer.counts.total() if context.is_copy else 0),
        problems=result.problems if context.is_copy else (*result.problems, *skipped, *warnings),
        marks=marks,
    )


def _open_content(source: Path, copy: Path | None) -> Content:
    """Open ``copy``, else ``source``, under the name of the source, for its extension."""
    return file_content(source) if copy is None else replace(file_content(copy), name=source.name)


def _scan_result(
    copy: Content, result: CopyResult, context: CopyContext
) -> tuple[CopyResult, list[Trouble]]:
    """Scan a copy. Return (result with findings left, Troubles of unread parts).

    At most 20 positions are stored; ``remaining_count`` counts all.
    """
    remaining: list[RemainingFinding] = []
    count, misread = 0, set[int]()
    left: list[Item] = []
    warnings: dict[tuple[str, str], Trouble] = {}
    for item in scan_copy(copy, context):
        if isinstance(item, Trouble):
            warnings.setdefault((item.member, item.reason), item)
            continue
        table, block, found = item
        count += 1
        left.append(found.item)
        if context.replacer.stand_ins is not None:
            misread |= context.replacer.marks_under(found, block)
        if len(remaining) < MAX_LISTED:
            member = redact_path(table.member, context.replacer)
            row = int(block.rows[found.record])
            remaining.append(
                RemainingFinding(member, row, found.column + int(block.split), found.item.entity)
            )
    context.replacer.known.add(left)  # the next pass replaces them wherever they stand
    scanned = replace(
        result, remaining=tuple(remaining), remaining_count=count, misread=frozenset(misread)
    )
    return scanned, list(warnings.values())
