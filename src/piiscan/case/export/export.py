"""``piiscan export``: write the de-duplicated list of a count, or the rows rejected at a step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from piiscan.arguments import checked
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.export.clear_values import check_catalog, check_sources, clear_values
from piiscan.case.export.list_file import ListLayout, write_list
from piiscan.case.export.list_lines import (
    ListLine,
    build_lines,
    create_finding_view,
    listed_kinds,
    select_lines,
    select_rejects,
    speaker_roles,
)
from piiscan.case.export.rows_without_findings import lines_without_findings
from piiscan.case.lookup.value_queries import case_reading
from piiscan.case.store.audit_log import now, open_log
from piiscan.case.store.case import Case, check_output_path
from piiscan.case.store.case_words import case_words
from piiscan.case.store.count_store import Count
from piiscan.case.store.job_store import JobStore
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.wording.words import Language

FORMATS: Final = (".xlsx", ".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Options of an export: ``unit`` (row, key, person) and ladder step, or reject step.

    ``clear``: write clear values; needs the key of the case and reads the sources again.
    """

    unit: str = "key"
    step: str | None = None
    rejects: str | None = None
    clear: bool = False
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A written list: path, number of lines, step, SHA-256 of the file."""

    path: Path
    lines: int
    step: str
    sha256: str


@checked
def export(
    case: str | Path | Case,
    out: str | Path,
    *,
    unit: Literal["row", "key", "person"] = "key",
    step: str | None = None,
    rejects: str | None = None,
    clear: bool = False,
    key: str | Path | None = None,
    recognizers: str | Path | None = None,
    passwords: str | Path | None = None,
    language: Language = "zh",
) -> ExportResult:
    r"""Write the list of the newest count to ``out``, readable by its owner only, and log it.

    Every source with findings is hashed first. Sources are opened for reading only.

    Args:
        case: folder of a counted case, or the opened case.
        out: file to write; its ending is xlsx, csv or parquet.
        unit: a line is a row, a key or a person.
        step: step of the ladder, R1 to R6; default the last one of the unit.
        rejects: step whose rejected rows are listed instead.
        clear: write clear values; needs the key and reads the sources again.
        key: file of the case's key.
        recognizers: folder of own recognizers.
        passwords: file with passwords of encrypted files.
        language: language of headings.

    Raises:
        CaseError: a source has changed (it is named), or the list cannot be written.
        CountError: the list cannot be made of this count.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     piiscan.export(case, Path(place, "list.csv")).lines
    1
    """
    out = Path(out)
    request = ExportRequest(unit, step, rejects, clear, language)
    opened = Case.of(case, key=key, recognizers=recognizers, passwords=passwords)
    count = require_count(opened)
    if out.suffix.lower() not in FORMATS:
        raise CaseError("export.unknown_format", path=out, formats=FORMATS)
    check_output_path(opened, out)
    with _open_list(opened, count, request) as (step, kinds, lines):
        layout = ListLayout.of_case(
            opened,
            kinds,
            rejects=rejects is not None,
            clear=clear,
            words=case_words(opened, language),
        )
        try:
            number = write_list(out, layout, lines, temporary=opened.path / "tmp")
        except OSError as error:
            out.unlink(missing_ok=True)
            raise CaseError("file.unwritable", path=out, reason=error.strerror) from error
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    done = ExportResult(out, number, step, file_sha256(out))
    with open_log(opened.path, opened.key) as log:
        log.append(
            "export",
            moment=now(),
            count=count.number,
            unit="reject" if request.rejects else request.unit,
            step=done.step,
            clear=request.clear,
            lines=done.lines,
            sha256=done.sha256,
        )
    return done


@contextmanager
def _open_list(
    case: Case, count: Count, request: ExportRequest
) -> Iterator[tuple[str, Sequence[str], Iterator[ListLine]]]:
    """Yield (ladder step, entities with a column, list lines) of the requested list."""
    if request.rejects == "R1":  # the case stores only the location of these rows
        catalog = load(case.recognizers)
        check_catalog(case, catalog)
        options = case_reading(case)
        with reopen_count(case, count) as connection:
            yield "R1", (), lines_without_findings(case, connection, catalog, options)
        return
    check_sources(case)
    with (
        value_files(case, clear=request.clear) as (files, text),
        reopen_count(case, count) as connection,
    ):
        step = request.rejects or select_lines(connection, request.unit, request.step)
        if request.rejects is not None:
            select_rejects(connection, [request.rejects])
        create_finding_view(connection, files, text=text)
        owner_classes = case.manifest.content["whose"]
        kinds = listed_kinds(connection, owner_classes, all_kinds=request.rejects is not None)
        whole_records = request.unit == "row" or request.rejects is not None
        speakers = () if request.rejects else speaker_roles(case.manifest.content["roles"])
        lines = build_lines(connection, kinds, whole_records=whole_records, speakers=speakers)
        yield step, kinds, lines


@contextmanager
def value_files(case: Case, *, clear: bool) -> Iterator[tuple[Sequence[Path], str]]:
    """Yield the Parquet files of findings, and the column to print: ``masked`` or ``value``."""
    if not clear:
        yield case.shards("findings"), "masked"
        return
    with (
        closing(JobStore(case.path / "ledger.sqlite", case.key_at_hand())) as job_store,
        clear_values(case, job_store) as files,
    ):
        yield files, "value"
