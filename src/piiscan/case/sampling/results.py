"""Sheets given back -> what people found, beside what was counted; nothing is deleted by it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from piiscan.case.report.table_files import write_tables
from piiscan.case.sampling import sample_store
from piiscan.case.sampling.hit_rates import before_after, rates
from piiscan.case.sampling.sample_store import Sample
from piiscan.case.sampling.verification_form import Found, form, join_found, read_found
from piiscan.case.store.attachments import Handed, all_handed, keep
from piiscan.case.store.audit_log import Log
from piiscan.case.store.case import Case
from piiscan.case.store.case_words import words_of
from piiscan.case.store.job_store import Ledger
from piiscan.case.store.shards import write_table
from piiscan.errors import CaseError
from piiscan.forms.reader import Returned, content_of, read_content

#: What was found of each record of a sheet, by number; records without a result are left out.
FOUND: Final = pa.schema(
    [
        ("number", pa.int64()),
        ("record", pa.int64()),  # of the count
        ("source", pa.int32()),
        ("member", pa.string()),
        ("row", pa.int64()),
        ("group", pa.int16()),
        ("result", pa.string()),
        ("told", pa.bool_()),  # method, verifier and time are all there
    ]
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What sheets said: the tables, how many results there are, and what stands out.

    ``changed``: results that differ from those given before; ``untold``: results without method,
    verifier or time.
    """

    sample: Sample
    folder: Path
    tables: Mapping[str, list[dict[str, Any]]]
    results: int
    changed: int
    untold: int


def take(case: Case, paths: Sequence[Path]) -> Taken:
    """The results of sheets that were given back, added to those of the same sample before.

    CaseError telling of every cell that cannot be used, if a sheet is of no sample of this case,
    or if sheets contradict each other.
    """
    contents = [(path, content_of(path)) for path in paths]
    sheets = [(p, c, read_content(c, p.name, form())) for p, c in contents]
    with closing(Ledger(case.path / "ledger.sqlite")):  # one writer at a time
        sample = _sample_of(case, [sheet for _, _, sheet in sheets])
        drawn = sample.drawn()
        code = sample_store.codes_of(sample, drawn)
        found = join_found([(p.name, read_found(sheet, code)) for p, _, sheet in sheets])
        before = _before(sample)
        changed = sum(n in found and found[n].result != each.result for n, each in before.items())
        whole = before | found
        with closing(Log(case.path / "log.jsonl")) as log:
            names = [_keep(case, sample, c, p.suffix, log) for p, c, _ in sheets]
            told = {"sample": sample.number, "sheets": [[e.name, e.sha256] for e in names]}
            tables = _tables(sample, drawn, whole)
            folder = _same(sample, told)
            if folder is None:
                folder = _write(case, sample, drawn, whole, tables, told, log)
    untold = sum(not each.told for each in whole.values())
    return Taken(sample, folder, tables, len(whole), changed, untold)


def _keep(case: Case, sample: Sample, content: bytes, suffix: str, log: Log) -> Handed:
    """The sheet as it is kept in the case; one that came before is not kept again."""
    kind = f"verified-{sample.number:04d}"
    sha256 = hashlib.sha256(content).hexdigest()
    for each in all_handed(case.path, kind):
        if each.sha256 == sha256 and (case.path / each.name).is_file():
            return each
    return keep(case.path, kind, content, suffix=suffix, log=log)


def _sample_of(case: Case, sheets: Sequence[Returned]) -> Sample:
    """The sample that the first row of each sheet belongs to."""
    samples = sample_store.all_samples(case.path)
    for sample in reversed(samples):
        code = sample_store.codes_of(sample, sample.drawn())
        if all(_is_of(sheet, code) for sheet in sheets):
            return sample
    raise CaseError("this is no sheet of piiscan sample of this case, or they are of several")


def _is_of(sheet: Returned, code: Any) -> bool:
    """Whether any of the first rows is one of those written with these codes."""
    for row in sheet.rows[:100]:
        number = row.cells["number"]
        if number.isascii() and number.isdigit() and len(number) < 12:
            known = code(int(number))
            if known is not None and row.cells["code"].casefold() == known:
                return True
    return False


def _same(sample: Sample, told: Mapping[str, Any]) -> Path | None:
    """The newest results if they are of these very sheets, None if not."""
    folder = next(reversed(sample.results()), None)
    if folder is not None and json.loads((folder / "results.json").read_bytes()) == told:
        return folder
    return None


def _before(sample: Sample) -> dict[int, Found]:
    """What was found so far."""
    folders = sample.results()
    if not folders:
        return {}
    with pq.ParquetFile(folders[-1] / "found.parquet") as file:
        rows = file.read(["number", "result", "told"]).to_pylist()
    return {row["number"]: Found(**row) for row in rows}


def _tables(
    sample: Sample, drawn: pa.Table, found: Mapping[int, Found]
) -> dict[str, list[dict[str, Any]]]:
    strata = drawn["stratum"].to_pylist()
    of = {number: strata[number - 1] for number in found}
    listed = list(found.values())
    return {
        "sample_rates": rates(sample.strata, of, listed, sampled=sample.sampled),
        "sample_counts": before_after(
            sample.strata, of, listed, others=int(sample.content["others"])
        ),
    }


def _write(
    case: Case,
    sample: Sample,
    drawn: pa.Table,
    found: Mapping[int, Found],
    tables: Mapping[str, list[dict[str, Any]]],
    told: Mapping[str, Any],
    log: Log,
) -> Path:
    """The folder of the results: what was found of each record, tables, which sheets said so."""
    temporary = case.path / "tmp"
    folder = sample.path / f"results-{len(sample.results()) + 1:04d}"
    folder.mkdir(mode=0o700)
    numbers = sorted(found)
    places = drawn.take(pa.array([n - 1 for n in numbers], pa.int64()))
    columns = {name: places[name] for name in ("record", "source", "member", "row", "group")}
    columns |= {
        "number": pa.array(numbers, pa.int64()),
        "result": pa.array([found[n].result for n in numbers], pa.string()),
        "told": pa.array([found[n].told for n in numbers], pa.bool_()),
    }
    table = pa.table([columns[f.name].cast(f.type) for f in FOUND], schema=FOUND)
    write_table(folder / "found.parquet", table, temporary=temporary)
    words = words_of(case, "zh")
    write_tables(
        tables, folder, words.beside("strata", sample.content["names"]), temporary=temporary
    )
    sample_store.write_json(folder / "results.json", told, temporary=temporary)
    sample_store.tell(log, case.path, sorted(folder.iterdir()))
    return folder
