"""Redaction of files and folders: write masked copies, scan them, report findings left."""

from __future__ import annotations

import datetime
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from piiscan.arguments import checked, existing_or_none, existing_paths
from piiscan.copies.check.copy_check import CheckHit, CopyCheck
from piiscan.copies.drawn.drawn_copy import recognise
from piiscan.copies.output_folder import (
    WORK_FOLDER,
    display_path,
    free_name,
    make_parents,
    open_output,
    output_parts,
    publish,
)
from piiscan.copies.redact_content import CopyContext, redact_path
from piiscan.copies.redact_file import (
    MAX_LISTED,
    CopyResult,
    RemainingFinding,
    check_copy,
    make_copy,
    redraw_misread,
    replace_remaining,
)
from piiscan.copies.replacer import KEYED_OPERATORS, OPERATORS, build_replacer
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.errors import RedactError
from piiscan.hashing.key import default_key_path, load_key
from piiscan.output_files import open_private
from piiscan.progress import ByteCounter, Progress
from piiscan.sources.archives.read_options import read_passwords
from piiscan.sources.block import Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.walk import GivenPaths, Input, walk
from piiscan.tabular.column_overrides import ColumnOverrides, read_overrides
from piiscan.tabular.search import TableSearch

#: File name of the report in the output folder.
REPORT: Final = "redaction.json"
#: Folder of the finished copies in the work folder, until all are finished.
_TREE: Final = "copies"
#: Maximum number of checks of all copies.
_MAX_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class RedactedFile:
    """Result for one source file; all names are redacted and may be displayed.

    ``copy`` is None if there is no copy. ``counts``: replaced values by entity.
    ``second_pass_count``: values replaced because only the scan of the copy found them.
    ``standing``: values that the check of its bytes found in the copy.
    """

    source: str
    copy: str | None  # None: no copy
    counts: dict[str, int]
    remaining: tuple[RemainingFinding, ...] = ()
    remaining_count: int = 0
    problems: tuple[Trouble, ...] = ()
    source_sha256: str = ""
    copy_sha256: str = ""
    second_pass_count: int = 0  # replaced in later passes only
    standing: tuple[CheckHit, ...] = ()

    @property
    def left(self) -> int:
        """Return the number of values left: the larger one of scan and byte check.

        A copy that cannot be checked counts as one with a value.
        """
        unchecked = sum(trouble.reason == "NOT_CHECKED" for trouble in self.problems)
        return max(self.remaining_count, len(self.standing)) + unchecked


@dataclass(frozen=True, slots=True)
class Redaction:
    """Result of one redaction run over all files.

    ``key``: fingerprint of the key, None without one. ``unread``: input that could not be read.
    ``redrawn``: number of values whose first pseudonym or mask was replaced by another.
    ``names_left``: values that the names of files and parts still have.
    """

    out: Path
    operator: str
    key: str | None  # fingerprint
    copies: tuple[RedactedFile, ...]
    unread: tuple[Trouble, ...] = ()
    redrawn: int = 0  # values whose first stand-in was replaced by another
    names_left: int = 0

    @property
    def counts(self) -> Counter[str]:
        """Return the number of replaced values by entity."""
        total: Counter[str] = Counter()
        for copy in self.copies:
            total.update(copy.counts)
        return total

    @property
    def remaining(self) -> int:
        """Return the number of findings left in the copies."""
        return sum(copy.left for copy in self.copies) + self.names_left

    @property
    def incomplete(self) -> int:
        """Return the number of files without a complete copy, plus unread input with lost data."""
        missing = sum(bool(copy.problems) or copy.copy is None for copy in self.copies)
        return missing + sum(each.lost for each in self.unread)


@dataclass(slots=True)
class _OutputState:
    """State of one run: output folder, settings, and output paths in use."""

    out: Path
    context: CopyContext
    used_paths: set[Path] = field(default_factory=set)


@checked
def redact(
    paths: str | Path | Iterable[str | Path],
    *,
    out: str | Path,
    operator: Literal["mask", "replace", "hash", "pseudonym"] = "mask",
    key: str | Path | None = None,
    columns: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    as_of: datetime.date | None = None,
    min_score: float = 0.5,
    names: bool = True,
    language: str = "zh",
    progress: Progress | None = None,
) -> Redaction:
    r"""Write redacted copies of ``paths`` into the new folder ``out`` and scan each of them again.

    ``operator``: mask, replace, hash or pseudonym. The last two need a ``key`` file (created if
    absent; by default one per user). Other options as for a scan. Sources are only read. Copies of
    files that ``passwords`` opens are not encrypted.

    Raises:
        MissingPathError: a path does not exist.
        RedactError: the operator is unknown, or ``out`` is not usable.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("手机号\n13800138000\n", "utf-8")
    ...     done = redact(dump, out=Path(place, "copy"))
    ...     Path(place, "copy", "dump.csv").read_text("utf-8"), done.remaining
    ('手机号\n138****8000\n', 0)
    """
    input_paths = existing_paths(paths)
    target = Path(out)
    if operator not in OPERATORS:
        raise RedactError("redact.unknown_operator", operator=operator, operators=tuple(OPERATORS))
    catalog = load(recognizers)
    overrides = ColumnOverrides() if columns is None else read_overrides(Path(columns), catalog)
    key_path = Path(key) if key else default_key_path(os.environ, Path.home())
    known = read_passwords(existing_or_none(passwords)).values
    engine = Engine(catalog, as_of=as_of or datetime.date.today())
    search = TableSearch(engine, min_score, names, reveal=True)
    with open_output(target, input_paths) as work:
        secret, fingerprint = bytes(32), None
        if operator in KEYED_OPERATORS:
            digest_key = load_key(key_path, case=target, sources=input_paths)
            secret, fingerprint = digest_key.secret, digest_key.fingerprint
        replacer = build_replacer(search, operator, key=secret, language=language)
        context = CopyContext(
            replacer, overrides, work, BudgetUsage(STANDARD_BUDGET), passwords=known
        )
        redaction = Redaction(target, operator, fingerprint, ())
        redaction = _redact(input_paths, redaction, context, progress)
        publish(work / _TREE, target, last=REPORT)
    return redaction


def _redact(
    input_paths: list[Path], redaction: Redaction, context: CopyContext, progress: Progress | None
) -> Redaction:
    """Write all copies and the report into the work folder; return the result."""
    replacer, search = context.replacer, context.replacer.search
    tree = context.folder / _TREE
    tree.mkdir(mode=0o700)
    given = GivenPaths(input_paths)
    items = list(walk(input_paths))
    given.check()
    results = _copy_files([item for item in items if isinstance(item, Input)], context, progress)
    check = CopyCheck(
        *(search.engine, search.min_score, replacer.known, replacer.is_made, context.folder),
        recognise=lambda data: recognise(data, context.drawn_search),
    )
    results = _check_copies(results, context, check)
    if any(not result.sha256 for result in results):
        given.check()
    run = _OutputState(tree, context, {tree / REPORT, tree / WORK_FOLDER})
    copies = tuple(
        _move_to_output(result, _input_of(result.item.path, input_paths), run) for result in results
    )
    troubles = [item for item in items if isinstance(item, Trouble)]
    unread = tuple(replace(each, member=redact_path(each.member, replacer)) for each in troubles)
    redrawn = 0 if replacer.stand_ins is None else len(replacer.stand_ins)
    redaction = replace(redaction, copies=copies, unread=unread, redrawn=redrawn)
    names = [each.member for each in redaction.unread]
    for copy in copies:
        names += [copy.source, copy.copy or "", *(each.member for each in copy.problems)]
    names_left = len(check.run_text("\n".join(names)))
    redaction = replace(redaction, names_left=names_left)
    _write_report(redaction, tree / REPORT)
    return redaction


def _check_copies(
    results: list[CopyResult], context: CopyContext, check: CopyCheck
) -> list[CopyResult]:
    """Check the bytes of all copies, again if values were replaced in any."""
    for result in results:  # values that only names have
        redact_path(result.item.display, context.replacer)
    for _ in range(_MAX_ROUNDS):
        known = len(check.known)
        results = [check_copy(result, context, check) for result in results]
        if len(check.known) == known:
            break
    return results


def _input_of(path: Path, input_paths: list[Path]) -> Path:
    """Return the given path that is ``path`` or contains it."""
    return next(each for each in input_paths if path == each or path.is_relative_to(each))


def _copy_files(
    items: Sequence[Input], context: CopyContext, progress: Progress | None
) -> list[CopyResult]:
    """Copy each file into the work folder; replace findings, then findings left in copies.

    ``progress`` is called with the state of the run.
    """
    counter = ByteCounter(progress, "copy", (item.size for item in items))
    results = []
    for number, item in enumerate(items):
        results.append(_make_first_copy(item, number, context))
        counter.add(item.size)
    results = redraw_misread(results, context)
    return [replace_remaining(result, context) for result in results]


def _make_first_copy(item: Input, number: int, context: CopyContext) -> CopyResult:
    """Make the first copy of a file. If it cannot be opened, return a result without a copy."""
    try:
        result = CopyResult(item, number, sha256_of(item.path))
    except OSError as error:
        return CopyResult(
            item, number, "", problems=(Trouble("", "READ_ERROR", error.strerror or ""),)
        )
    return make_copy(result, context)


def _source_changed(result: CopyResult) -> bool:
    """Return True if the source file is gone or its SHA-256 differs from before copying."""
    try:
        return sha256_of(result.item.path) != result.sha256
    except OSError:
        return bool(result.sha256)


def _move_to_output(result: CopyResult, root: Path, run: _OutputState) -> RedactedFile:
    """Move a copy from the work folder to its output path. Return its report."""
    replacer, item = run.context.replacer, result.item
    source = redact_path(item.display, replacer)
    path = _output_path(output_parts(root, item.path), run)
    problems = [
        replace(each, member=redact_path(each.member, replacer)) for each in result.problems
    ]
    if _source_changed(result):
        problems.append(Trouble("", "SOURCE_CHANGED", "the source changed while it was copied"))
    if result.path is None:
        return RedactedFile(source, None, {}, problems=tuple(problems), source_sha256=result.sha256)
    make_parents(path, run.out)
    result.path.rename(path)
    return RedactedFile(
        source,
        display_path(path, run.out),
        dict(sorted(result.counts.items())),
        result.remaining,
        result.remaining_count,
        tuple(problems),
        result.sha256,
        sha256_of(path),
        result.second_pass_count,
        tuple(hit._replace(part=redact_path(hit.part, replacer)) for hit in result.standing),
    )


def _output_path(parts: tuple[str, ...], run: _OutputState) -> Path:
    """Return a free output path for a copy; path parts with findings are redacted."""
    replacer = run.context.replacer
    names = []
    for part in parts:
        shown = os.fsencode(part).decode("utf-8", "replace")
        masked = redact_path(shown, replacer)
        names.append(part if masked == shown else masked)
    path = free_name(run.out.joinpath(*names[:-1]), names[-1], used_paths=run.used_paths)
    run.used_paths.add(path)
    return path


def _write_report(redaction: Redaction, path: Path) -> None:
    """Write ``redaction.json``: checksums, counts, findings left."""
    content: dict[str, Any] = {
        "operator": redaction.operator,
        "key": redaction.key,
        "redrawn": redaction.redrawn,
        "names_left": redaction.names_left,
        "files": [
            {
                "source": copy.source,
                "source_sha256": copy.source_sha256,
                "copy": copy.copy,
                "copy_sha256": copy.copy_sha256 or None,
                "replaced": copy.counts,
                "found_in_copy": copy.second_pass_count,
                "left": copy.remaining_count,
                "left_at": [[e.member, e.row, e.column, e.entity] for e in copy.remaining],
                "standing": [list(hit) for hit in copy.standing[:MAX_LISTED]],
                "standing_count": len(copy.standing),
                "not_redacted": [[t.member, t.reason, t.detail] for t in copy.problems],
            }
            for copy in redaction.copies
        ],
        "not_read": [[t.member, t.reason, t.detail] for t in redaction.unread],
    }
    with open_private(path) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def remaining_positions(copy: RedactedFile) -> Iterator[str]:
    """Yield the position of each listed remaining finding as ``member:row:column``."""
    for finding in copy.remaining:
        row = "" if finding.row is None else f"{finding.row}"
        yield ":".join(part for part in (finding.member, row, str(finding.column or "")) if part)
