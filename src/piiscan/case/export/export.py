"""``piiscan export``: the de-duplicated list of a count, or the rows that fell at a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.reopen import count_of, reopened
from piiscan.case.export.clear_values import check_sources, cleared
from piiscan.case.export.list_file import Layout, write_list
from piiscan.case.export.list_lines import Line, lines, open_values, wanted_kinds
from piiscan.case.export.rescan import check_catalog
from piiscan.case.export.rows_without_findings import unfound
from piiscan.case.export.selection import choose, choose_rejects
from piiscan.case.store.audit_log import now, writing
from piiscan.case.store.case import Case, check_free
from piiscan.case.store.case_words import words_of
from piiscan.case.store.count_store import Count
from piiscan.case.store.job_store import Ledger
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.pages.wording import Language

FORMATS: Final = (".xlsx", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list: by ``unit`` (row, key, person) at ``step``, or the rows that fell at ``rejects``.

    ``clear``: values as they are; then the case's ``key`` is needed, and its sources are read.
    """

    unit: str = "key"
    step: str | None = None
    rejects: str | None = None
    clear: bool = False
    key: Path | None = None
    recognizers: Path | None = None
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: lines, step, the file's SHA-256."""

    path: Path
    lines: int
    step: str
    sha256: str


def export(case: str | Path | Case, out: Path, wanted: Wanted) -> Exported:
    """The list written to ``out`` (xlsx, csv, parquet), for its owner only, and logged.

    Every source with findings is hashed first, and one that is not what was scanned is refused by
    name; they are opened for reading only.  CaseError, CountError for what cannot be listed.
    """
    opened = case if isinstance(case, Case) else Case.open(case)
    count = count_of(opened)
    if out.suffix.lower() not in FORMATS:
        raise CaseError(f"{out}: a list is written as {', '.join(FORMATS)}")
    check_free(opened, out)
    with _listed(opened, count, wanted) as (step, kinds, listed):
        layout = _layout(opened, wanted, kinds)
        number = _written(
            out, lambda: write_list(out, layout, listed, temporary=opened.path / "tmp")
        )
    done = Exported(out, number, step, file_sha256(out))
    _log(opened, count.number, wanted, done)
    return done


@contextmanager
def _listed(
    case: Case, count: Count, wanted: Wanted
) -> Iterator[tuple[str, Sequence[str], Iterator[Line]]]:
    """The step of a list, the kinds that it has columns of, its lines."""
    if wanted.rejects == "R1":  # of these rows nothing is known but where they stand
        catalog = load(wanted.recognizers)
        check_catalog(case, catalog)
        with reopened(case, count) as base:
            yield "R1", (), unfound(case, base, catalog)
        return
    check_sources(case)
    with _values(case, wanted) as (files, text), reopened(case, count) as base:
        step = _choose(base, wanted)
        open_values(base, files, text=text)
        whose = case.manifest.content["whose"]
        kinds = wanted_kinds(base, whose, all_kinds=wanted.rejects is not None)
        whole = wanted.unit == "row" or wanted.rejects is not None
        yield step, kinds, lines(base, kinds, whole_records=whole)


def _choose(base: Any, wanted: Wanted) -> str:
    if wanted.rejects is not None:
        choose_rejects(base, wanted.rejects)
        return wanted.rejects
    return choose(base, wanted.unit, wanted.step)


@contextmanager
def _values(case: Case, wanted: Wanted) -> Iterator[tuple[Sequence[Path], str]]:
    """Parquet files of findings, and the column with what is to be told of each."""
    if not wanted.clear:
        yield case.shards("findings"), "masked"
        return
    with (
        closing(Ledger(case.path / "ledger.sqlite")) as ledger,
        cleared(case, ledger, key=wanted.key, recognizers=wanted.recognizers) as files,
    ):
        yield files, "value"


def _layout(case: Case, wanted: Wanted, kinds: Sequence[str]) -> Layout:
    return Layout(
        words_of(case, wanted.language),
        kinds,
        wanted.rejects is not None,
        case.source_names(clear=wanted.clear),
        {} if wanted.clear else case.shown(),
    )


def _written(out: Path, write: Callable[[], int]) -> int:
    """What ``write`` gives; nothing half-written stays."""
    try:
        return write()
    except OSError as error:
        out.unlink(missing_ok=True)
        raise CaseError(f"{out} cannot be written: {error.strerror}") from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _log(case: Case, count: int, wanted: Wanted, done: Exported) -> None:
    with writing(case.path) as log:
        log.append(
            "export",
            moment=now(),
            count=count,
            unit="reject" if wanted.rejects else wanted.unit,
            step=done.step,
            clear=wanted.clear,
            lines=done.lines,
            sha256=done.sha256,
        )
