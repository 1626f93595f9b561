"""Case of Spark tables: findings of the workers become a case, each table one of its sources."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from piiscan.case.report.html.case_page import restore_page
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.finish import finish
from piiscan.case.scan.scan_run import ScanRun, Worklist
from piiscan.case.scan.settings import ScanOptions, Settings, store_settings
from piiscan.case.store.audit_log import AuditLog, now
from piiscan.case.store.case import Case, make_folders
from piiscan.case.store.job_store import READ, JobStore, Source, SourceOutcome
from piiscan.case.store.manifest import code_facts, latest_manifest
from piiscan.case.store.shard_runs import shard_file
from piiscan.case.store.shards import ShardWriter
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError, PiiscanError
from piiscan.hashing.key import load_key
from piiscan.output_files import make_private_folder
from piiscan.sources.block import KINDS as ROW_KINDS
from piiscan.sources.walk import GivenPaths
from piiscan.spark.sorted_runs import RUN_COLUMNS, RunsJob, merge_runs
from piiscan.spark.table_records import KINDS, SEARCH, from_spark
from piiscan.tabular.column_overrides import ColumnOverrides

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns that a kind of a finding is counted by.
_COUNTED = ("entity", "recognizer", "verdict", "reason", "role")

#: Columns of which records of a table differ in one.
_PLACE = ("row", "group")


def case(
    found: Mapping[str, DataFrame],
    case: str | Path,
    *,
    key: str | Path,
    work: str | Path | None = None,
    recognizers: str | Path | None = None,
    operator: str = "",
    case_number: str = "",
) -> Case:
    """Make a case of Spark tables, and return it; ladder and persons are those of files.

    A table has no checksum: nothing in the case proves where its rows come from.

    Args:
        found: name of each table -> its findings by :func:`piiscan.spark.detect` with ``key``, also
            read again from where they were written.
        case: folder of the new case, on the driver.
        key: key file of the digests.
        work: folder that driver and workers share, for sorted rows; default ``-rows`` behind the
            name of the case. It is deleted at the end.
        recognizers: folder of own recognizers that the plan had.
        operator, case_number: as for :func:`piiscan.scan`.

    Raises:
        CaseError: there is another case, key, or setting.
        PiiscanError: a table was not found with a key, or two rows have one number.
    """
    folder = Path(case)
    home = Path(work) if work else folder.with_name(f"{folder.name}-rows")
    digest_key = load_key(Path(key), case=folder, create=False)
    about = {name: _about(name, rows) for name, rows in found.items()}
    settings = Settings(**next(iter(about.values()))["settings"])
    for each in about.values():
        if names := [n for n, v in each["settings"].items() if getattr(settings, n) != v]:
            raise CaseError("case.other_options", options=tuple(names))
    if settings.key != digest_key.fingerprint:
        known = settings.key
        raise CaseError("key.other", path=Path(key), found=digest_key.fingerprint, known=known)
    options = ScanOptions(operator=operator, case_number=case_number)
    make_folders(folder)
    with closing(JobStore(folder / "ledger.sqlite", digest_key)) as store:
        identity = {"tables": [*found]}
        if latest_manifest(folder) is None:
            store_settings(store, settings, identity)
            store.put("code", code_facts())
            sources = _write_sources(folder, found, about, home)
            store.add_sources(sources, generation=1)
            with closing(AuditLog(folder / "log.jsonl", digest_key)) as log:
                started = now()
                log.append("scan", moment=started, generation=1, sources=len(sources))
                rules = Path(recognizers) if recognizers else None
                context = ScanContext.by_settings(settings, load(rules), digest_key.secret)
                run = ScanRun(
                    *(folder, options, started, store, log, settings, ColumnOverrides(), context),
                    *(digest_key.mac_key, Worklist(1, sources), GivenPaths([])),
                )
                finish(run, None)
        elif store.get("part") != identity:
            raise CaseError("merge.other_case", path=folder)
    made = Case.of(folder, key=key, recognizers=recognizers)
    restore_page(made)
    return made


def _about(name: str, rows: DataFrame) -> dict[str, Any]:
    """Return the facts that :func:`detect_records` put into the metadata of ``rows``."""
    fields = {field.name: field for field in rows.schema.fields}
    if "kind" not in fields or "piiscan" not in fields["kind"].metadata:
        raise PiiscanError("spark.no_records", name=name)
    facts: dict[str, Any] = json.loads(fields["kind"].metadata["piiscan"])
    return facts


def _write_sources(
    folder: Path, found: Mapping[str, DataFrame], about: Mapping[str, Any], home: Path
) -> list[Source]:
    """Write the shards of all tables; return a finished source for each."""
    sources = []
    for number, (name, rows) in enumerate(found.items(), 1):
        outcome = SourceOutcome(corrections=[[]])
        place = make_private_folder(home)
        counts: Counter[tuple[str | None, ...]] = Counter()
        files: dict[str, str] = {}
        searched, records = getattr(rows, SEARCH, (rows, None))
        job = RunsJob(str(place), records)
        runs = searched.mapInArrow(job.run, RUN_COLUMNS).collect()
        for kind in KINDS:
            written = [each["file"] for each in runs if each["kind"] == kind]
            sha256 = _write_shard(folder, kind, merge_runs(written), number, counts)
            if sha256 is not None:
                files[f"{kind}/{shard_file(number, 1)}"] = sha256
        part = {
            **about[name]["part"],
            "rows": sum(each["rows"] for each in runs if each["kind"] == "rows"),
            "other_rows": json.dumps(dict.fromkeys(ROW_KINDS[1:], 0)),
        }
        ordered = sorted(counts.items(), key=lambda each: tuple(word or "" for word in each[0]))
        outcome = replace(
            outcome, files=files, parts=[part], counts=[[*kind, hits] for kind, hits in ordered]
        )
        sources.append(Source(number, f"spark:{name}", name, 0, 0, 1, READ, outcome))
    shutil.rmtree(home)
    return sources


def _write_shard(
    folder: Path,
    kind: str,
    tables: Iterator[pa.Table],
    source: int,
    counts: Counter[tuple[str | None, ...]],
) -> str | None:
    """Write the shard of ``kind`` from sorted rows; return its SHA-256, None without rows.

    Findings are added to ``counts``. Raise PiiscanError if two rows of a table have one number.
    """
    path = make_private_folder(folder / kind) / shard_file(source, 1)
    last: pa.Table | None = None
    with (
        ThreadPoolExecutor(1, thread_name_prefix="writing") as pool,
        ShardWriter(path, KINDS[kind], temporary=folder / "tmp", pool=pool) as writer,
    ):
        for table in tables:
            rows = from_spark(kind, table, source)
            if kind == "findings":
                grouped = rows.select(_COUNTED).group_by([*_COUNTED]).aggregate([([], "count_all")])
                for each in grouped.to_pylist():
                    counts[tuple(each[n] for n in _COUNTED)] += each["count_all"]
            if kind == "records":
                places = rows.select(_PLACE)
                places = pa.concat_tables([*([last] if last else []), places])
                row, group = (places[n].to_numpy() for n in _PLACE)
                if ((row[1:] == row[:-1]) & (group[1:] == group[:-1])).any():
                    raise PiiscanError("spark.rows_twice")
                last = places.slice(len(places) - 1)
            writer.add(rows)
        return writer.close()
