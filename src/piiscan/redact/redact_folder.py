"""Masked copies of files and folders: made, then scanned again and told clean or not."""

from __future__ import annotations

import datetime
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.errors import RedactError
from piiscan.hashing.key import default_path, load_key
from piiscan.output_files import open_private
from piiscan.redact.output_folder import free_name, make_parents, make_target, place_below, shown
from piiscan.redact.redact_content import Job, show_name
from piiscan.redact.redact_file import Left, Made, draw_anew, go_on, make
from piiscan.redact.replacer import KEYED, OPERATORS, pen_for
from piiscan.sources.archive import Spending
from piiscan.sources.block import Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.limits import STANDARD
from piiscan.sources.walk import Input, Progress, walk
from piiscan.tabular.column_overrides import Corrections, read_corrections
from piiscan.tabular.search import TableSearch

#: What was done, beside the copies.
REPORT: Final = "redaction.json"


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one file; names as they may be shown."""

    source: str
    copy: str | None  # None: there is none
    counts: dict[str, int]
    left: tuple[Left, ...] = ()
    left_count: int = 0
    problems: tuple[Trouble, ...] = ()
    source_sha256: str = ""
    copy_sha256: str = ""
    further: int = 0  # of what was replaced, what only the copy's own reading found


@dataclass(frozen=True, slots=True)
class Redaction:
    """What became of all files, and how."""

    out: Path
    operator: str
    key: str | None  # fingerprint
    copies: tuple[Copy, ...]
    unread: tuple[Trouble, ...] = ()
    redrawn: int = 0  # pseudonyms or masks that are not the first of their values

    @property
    def counts(self) -> Counter[str]:
        """How many values were replaced, by entity."""
        total: Counter[str] = Counter()
        for copy in self.copies:
            total.update(copy.counts)
        return total

    @property
    def left(self) -> int:
        """How many findings are left in the copies."""
        return sum(copy.left_count for copy in self.copies)

    @property
    def incomplete(self) -> int:
        """How many files have no copy, or one that lacks a part."""
        missing = sum(bool(copy.problems) or copy.copy is None for copy in self.copies)
        return missing + sum(each.lost for each in self.unread)


@dataclass(slots=True)
class _Run:
    out: Path
    job: Job
    taken: set[Path] = field(default_factory=set)


def redact(
    paths: str | Path | Iterable[str | Path],
    *,
    out: str | Path,
    operator: str = "mask",
    key: str | Path | None = None,
    columns: str | Path | None = None,
    recognizers: str | Path | None = None,
    as_of: datetime.date | None = None,
    min_score: float = 0.5,
    names: bool = True,
    language: str = "zh",
    progress: Progress | None = None,
) -> Redaction:
    r"""Masked copies of ``paths`` in the new folder ``out``, each scanned again.

    ``operator``: mask, replace, hash or pseudonym; the last two need a ``key`` file (made if
    absent; per user by default).  Other options as for a scan.  Sources are opened for reading
    only.  RedactError if ``out`` cannot be used so.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("手机号\n13800138000\n", "utf-8")
    ...     done = redact(dump, out=Path(place, "copy"))
    ...     Path(place, "copy", "dump.csv").read_text("utf-8"), done.left
    ('手机号\n138****8000\n', 0)
    """
    given = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    target = Path(out)
    if operator not in OPERATORS:
        raise RedactError(f"there is no operator {operator}; there are {', '.join(OPERATORS)}")
    catalog = load(None if recognizers is None else Path(recognizers))
    corrections = Corrections() if columns is None else read_corrections(Path(columns), catalog)
    work = make_target(target, given)
    secret, fingerprint = bytes(32), None
    if operator in KEYED:
        where = Path(key) if key else default_path(os.environ, Path.home())
        loaded = load_key(where, case=target, sources=given)
        secret, fingerprint = loaded.secret, loaded.fingerprint
    engine = Engine(catalog, as_of=as_of or datetime.date.today())
    search = TableSearch(engine, min_score, names, reveal=True)
    pen = pen_for(search, operator, key=secret, language=language)
    run = _Run(target, Job(pen, corrections, work, Spending(STANDARD)))
    items = list(walk(given))
    mades = _make_all([item for item in items if isinstance(item, Input)], run, progress)
    copies = tuple(_put(made, _root(made.item.path, given), run) for made in mades)
    troubles = [item for item in items if isinstance(item, Trouble)]
    unread = tuple(replace(each, member=show_name(each.member, pen)) for each in troubles)
    work.rmdir()
    redrawn = 0 if pen.draws is None else len(pen.draws)
    done = Redaction(target, operator, fingerprint, copies, unread, redrawn)
    _write_report(done)
    return done


def _root(path: Path, given: list[Path]) -> Path:
    """What was given that a file lies below, or is."""
    return next(each for each in given if path == each or path.is_relative_to(each))


def _make_all(items: Sequence[Input], run: _Run, progress: Progress | None) -> list[Made]:
    """A copy of each file in the work folder, nothing left in any as far as that can be."""
    size, passed = sum(item.size for item in items), 0
    mades = []
    for number, item in enumerate(items):
        mades.append(_begin(item, number, run.job))
        passed += item.size
        if progress is not None:
            progress(passed, size)
    draw_anew(mades, run.job)
    for made in mades:
        go_on(made, run.job)
    return mades


def _begin(item: Input, number: int, job: Job) -> Made:
    """The first copy of a file; none of one that cannot be opened."""
    try:
        made = Made(item, number, sha256_of(item.path))
    except OSError as error:
        return Made(item, number, "", problems=[Trouble("", "READ_ERROR", error.strerror or "")])
    make(made, job)
    return made


def _changed(made: Made) -> bool:
    """Whether the source is another than it was when the copy was begun, or gone."""
    try:
        return sha256_of(made.item.path) != made.sha256
    except OSError:
        return bool(made.sha256)


def _put(made: Made, root: Path, run: _Run) -> Copy:
    """A copy in its place, and what is told of it."""
    pen, item = run.job.pen, made.item
    source = show_name(item.display, pen)
    path = _place(place_below(root, item.path), run)
    if _changed(made):
        made.problems.append(
            Trouble("", "SOURCE_CHANGED", "the source changed while it was copied")
        )
    told = tuple(replace(each, member=show_name(each.member, pen)) for each in made.problems)
    if made.path is None:
        return Copy(source, None, {}, problems=told, source_sha256=made.sha256)
    make_parents(path, run.out)
    made.path.rename(path)
    return Copy(
        source,
        shown(path, run.out),
        dict(sorted(made.counts.items())),
        tuple(made.left),
        made.number_left,
        told,
        made.sha256,
        sha256_of(path),
        made.further,
    )


def _place(parts: tuple[str, ...], run: _Run) -> Path:
    """Where a copy goes: names that hold personal data are masked, the same folder the same way."""
    pen = run.job.pen
    names = []
    for part in parts:
        told = os.fsencode(part).decode("utf-8", "replace")
        masked = show_name(told, pen)
        names.append(part if masked == told else masked)
    path = free_name(run.out.joinpath(*names[:-1]), names[-1], taken=run.taken)
    run.taken.add(path)
    return path


def _write_report(done: Redaction) -> None:
    """``redaction.json`` beside the copies: checksums, counts, what is left or not copied."""
    content: dict[str, Any] = {
        "operator": done.operator,
        "key": done.key,
        "redrawn": done.redrawn,
        "files": [
            {
                "source": copy.source,
                "source_sha256": copy.source_sha256,
                "copy": copy.copy,
                "copy_sha256": copy.copy_sha256 or None,
                "replaced": copy.counts,
                "found_in_copy": copy.further,
                "left": copy.left_count,
                "left_at": [[e.member, e.row, e.column, e.entity] for e in copy.left],
                "not_redacted": [[t.member, t.reason, t.detail] for t in copy.problems],
            }
            for copy in done.copies
        ],
        "not_read": [[t.member, t.reason, t.detail] for t in done.unread],
    }
    with open_private(done.out / REPORT) as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def places_of(copy: Copy) -> Iterator[str]:
    """Where something is left, as ``member:row:column``."""
    for left in copy.left:
        row = "" if left.row is None else f"{left.row}"
        yield ":".join(part for part in (left.member, row, str(left.column or "")) if part)
