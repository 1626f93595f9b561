"""Verification results: read returned sheets, store the results in the case, compute hit rates.

Nothing is deleted.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.arguments import Paths, checked, existing_paths
from piiscan.case.report.table_files import write_tables
from piiscan.case.sampling import sample_store
from piiscan.case.sampling.hit_rates import SAMPLE_COUNTS, SAMPLE_RATES, SAMPLE_TABLES
from piiscan.case.sampling.sample_store import Sample
from piiscan.case.sampling.sampling_frame import OWN_UNIONS
from piiscan.case.sampling.verification_form import (
    RecordResult,
    merge_results,
    read_results,
    verification_form,
)
from piiscan.case.store.attachments import Attachment, all_attachments, store_attachment
from piiscan.case.store.audit_log import AuditLog
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import JobStore
from piiscan.case.store.shards import write_table
from piiscan.errors import CaseError
from piiscan.forms.reader import ReturnedSheet, read_content, read_file_bytes
from piiscan.output_files import make_private_folder

#: Columns of ``found.parquet``: the result of each row; rows without a result are left out.
RESULT_SCHEMA: Final = pa.schema(
    [
        ("number", pa.int64()),
        ("record", pa.int64()),  # record number in the count
        ("source", pa.int32()),
        ("member", pa.string()),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("result", pa.string()),
        ("told", pa.bool_()),  # method, verifier and time are filled in
    ]
)


@dataclass(frozen=True, slots=True)
class ImportedResults:
    """Imported results of returned sheets: the tables, the folder, and how many results there are.

    ``changed``: results that differ from earlier ones. ``undocumented``: results without method,
    verifier or time.
    """

    sample: Sample
    folder: Path
    tables: Mapping[str, list[dict[str, Any]]]
    results: int
    changed: int
    undocumented: int


@checked
def import_sample(
    case: str | Path | Case, sheets: Paths, *, key: str | Path | None = None
) -> ImportedResults:
    r"""Read returned sheets and store their results, merged with earlier ones of the same sample.

    Raise CaseError naming every invalid cell. Raise it also if a sheet belongs to no sample of this
    case, or if two sheets contradict each other.

    >>> import piiscan
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     dump = Path(place, "dump.csv")
    ...     _ = dump.write_text("姓名,手机号\n张三,13912345678\n", "utf-8")
    ...     case = piiscan.scan(dump, case=Path(place, "case"), key=Path(place, "my.key"))
    ...     _ = piiscan.count(case)
    ...     _ = piiscan.sample(case, Path(place, "a.xlsx"))
    ...     piiscan.import_sample(case, Path(place, "a.xlsx")).results  # nothing is filled in
    0
    """
    contents = [(path.name, read_file_bytes(path)) for path in existing_paths(sheets)]
    return import_contents(Case.of(case, key=key), contents)


def import_contents(case: Case, contents: Sequence[tuple[str, bytes]]) -> ImportedResults:
    """Store the results of sheets, (name, content), as :func:`import_sample` does."""
    read = [(name, c, read_content(c, name, verification_form())) for name, c in contents]
    with closing(JobStore(case.path / "ledger.sqlite")):  # one writer at a time
        sample = find_sample(case, [sheet for _, _, sheet in read])
        drawn = sample.drawn_records()
        code = sample_store.code_lookup(sample, drawn)
        found = merge_results([(name, read_results(sheet, code)) for name, _, sheet in read])
        previous = _previous_results(sample)
        changed = sum(n in found and found[n].result != each.result for n, each in previous.items())
        merged = previous | found
        with case.log_under_lock() as log:
            names = [attach_sheet(case, sample, c, Path(name).suffix, log) for name, c, _ in read]
            manifest = {"sample": sample.number, "sheets": [[e.name, e.sha256] for e in names]}
            tables = _build_tables(sample, drawn, merged)
            number = sample.result_folders
            if number and json.loads(sample.result_file("results.json").read_bytes()) == manifest:
                folder = sample.result_folder(number)  # the newest results are of these sheets
            else:
                folder = _write_results(case, sample, drawn, merged, tables, manifest, log)
    undocumented = sum(not each.told for each in merged.values())
    return ImportedResults(sample, folder, tables, len(merged), changed, undocumented)


def attach_sheet(
    case: Case, sample: Sample, content: bytes, suffix: str, log: AuditLog
) -> Attachment:
    """Store a returned sheet as attachment in the case, log it, and return it.

    The same content is stored only once.
    """
    kind = f"verified-{sample.number:04d}"
    sha256 = hashlib.sha256(content).hexdigest()
    for each in all_attachments(case.path, kind):
        if each.sha256 == sha256 and each.is_intact():
            return each
    return store_attachment(case.path, kind, content, suffix=suffix, log=log)


def find_sample(case: Case, sheets: Sequence[ReturnedSheet]) -> Sample:
    """Return the newest sample that wrote all ``sheets``; raise CaseError if none did."""
    samples = sample_store.all_samples(case.path)
    for sample in reversed(samples):
        code = sample_store.code_lookup(sample, sample.drawn_records())
        if all(_is_sheet_of(sheet, code) for sheet in sheets):
            return sample
    raise CaseError("sample.unknown_sheet")


def _is_sheet_of(sheet: ReturnedSheet, code_of_row: Any) -> bool:
    """Return True if one of the first 100 rows has a row number and its code from the sample.

    ``code_of_row``: row number -> code in the sample, None for an unknown number.
    """
    for row in sheet.rows[:100]:
        number = row.cells["number"]
        if number.isascii() and number.isdigit() and len(number) < 12:
            expected = code_of_row(int(number))
            if expected is not None and row.cells["code"].casefold() == expected:
                return True
    return False


def _previous_results(sample: Sample) -> dict[int, RecordResult]:
    """Return the newest results of the sample by row number; empty before the first results."""
    if not sample.result_folders:
        return {}
    with pq.ParquetFile(sample.result_file("found.parquet")) as file:
        rows = file.read(["number", "result", "told"]).to_pylist()
    return {row["number"]: RecordResult(**row) for row in rows}


def _build_tables(
    sample: Sample, drawn: pa.Table, results_by_row: Mapping[int, RecordResult]
) -> dict[str, list[dict[str, Any]]]:
    """Return the tables ``sample_rates`` and ``sample_counts`` by name.

    ``drawn``: rows of ``drawn.parquet``. ``results_by_row``: row number -> result.
    """
    strata = drawn["stratum"].to_pylist()
    stratum_of = {number: strata[number - 1] for number in results_by_row}
    results = list(results_by_row.values())
    summed = sample.content["by"] not in OWN_UNIONS
    counts = []
    if sample.frame == "counted":
        counts = SAMPLE_COUNTS.rows_from(
            sample.strata, stratum_of, results, others=int(sample.content["others"]), summed=summed
        )
    return {
        SAMPLE_RATES.name: SAMPLE_RATES.rows_from(
            sample.strata,
            stratum_of,
            results,
            sampled=sample.sampled,
            frame=sample.frame,
            summed=summed,
        ),
        SAMPLE_COUNTS.name: counts,
    }


def _write_results(
    case: Case,
    sample: Sample,
    drawn: pa.Table,
    results_by_row: Mapping[int, RecordResult],
    tables: Mapping[str, list[dict[str, Any]]],
    manifest: Mapping[str, Any],
    log: AuditLog,
) -> Path:
    """Write a new results folder (``found.parquet``, tables, ``results.json``); return it.

    Log every file. Return it.
    """
    temporary = case.path / "tmp"
    folder = sample.result_folder(sample.result_folders + 1)
    if folder.exists():  # left by an interrupted run
        shutil.rmtree(folder)
    make_private_folder(folder)
    numbers = sorted(results_by_row)
    rows = drawn.take(pa.array([n - 1 for n in numbers], pa.int64()))
    columns = {name: rows[name] for name in ("record", "source", "member", "row", "group")}
    columns |= {
        "number": pa.array(numbers, pa.int64()),
        "result": pa.array([results_by_row[n].result for n in numbers], pa.string()),
        "told": pa.array([results_by_row[n].told for n in numbers], pa.bool_()),
    }
    table = pa.table([columns[f.name].cast(f.type) for f in RESULT_SCHEMA], schema=RESULT_SCHEMA)
    write_table(folder / "found.parquet", table, temporary=temporary)
    words = case.words("zh")
    write_tables(
        SAMPLE_TABLES,
        tables,
        folder,
        words.with_names("strata", sample.content["names"]),
        temporary=temporary,
    )
    sample_store.write_json(folder / "results.json", manifest, temporary=temporary)
    sample_store.log_files(log, case.path, sorted(folder.iterdir()))
    return folder
