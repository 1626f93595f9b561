"""Replay: scan the sources of a case again with its settings and key, and compare everything.

It is for whoever doubts a case, such as an expert of the other side: nothing of the case is trusted
but its settings, and it is only read.  The first difference is named by file and record.

Sources that a validation draws at random are scanned again in the same way (the table RERUNS).
"""

from __future__ import annotations

import datetime
import json
import random
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.lookup.value_queries import case_engine, case_key, case_reading
from piiscan.case.report.table_files import table_json
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.scan_tables import SCAN_TABLES, build_tables
from piiscan.case.scan.settings import store_overrides
from piiscan.case.scan.shard_writer import SourceWriter
from piiscan.case.scan.source_reader import scan_sources
from piiscan.case.scan.tables.scan_table_inputs import TableInputs
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import CHANGED, JobStore, Source
from piiscan.case.store.manifest import tool_facts
from piiscan.case.store.plain_files import verified_path
from piiscan.case.store.shard_runs import ShardRun, shard_file
from piiscan.case.store.shards import rows_of_source
from piiscan.detect.catalog.catalog import load
from piiscan.errors import CaseError
from piiscan.hashing.digest import file_sha256
from piiscan.output_files import make_private_folder
from piiscan.sources.checksums import sha256_of

_PREFIX: Final = "piiscan-replay-"


@dataclass(frozen=True, slots=True)
class ReplayDifference:
    """First difference of a replay.

    ``kind``: missing or changed (a source), shard (its rows), bytes (same rows, other file), table.
    ``source``: number and ``path`` (masked) of the source. ``name``: shard or table. ``row``: row
    of the source, else position of the row in a table, from 1; None if one side has fewer rows.
    ``columns``: columns that differ; never their values.
    """

    kind: str
    source: int | None = None
    path: str = field(default="", repr=False)
    name: str = ""
    row: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """Result of a replay: number of sources scanned again, and the first difference, if any.

    ``tables``: number of tables compared, 0 if a source was left out. ``other_code``: True if the
    installed code is not the one that made the case; a difference may come from that.
    """

    sources: int
    tables: int
    other_code: bool
    difference: ReplayDifference | None


def replay(
    case: str | Path | Case,
    given: Sequence[Path],
    *,
    key: Path | None = None,
    recognizers: Path | None = None,
    passwords: Path | None = None,
) -> Replay:
    """Scan the sources of ``case``, found below the paths ``given``, into a temporary folder.

    Compare all shards, then all tables of the scan. Raise CaseError for another key, catalogue
    or file of passwords.
    """
    opened = Case.of(case, key=key, recognizers=recognizers, passwords=passwords)
    manifest = opened.manifest.content
    if load(opened.recognizers).digest != manifest["settings"]["catalogue"]:
        raise CaseError("validate.other_rules", sha256=manifest["settings"]["catalogue"])
    secret = case_key(opened)
    tool = tool_facts()
    other_code = any(
        tool[name] != manifest["tool"].get(name, []) for name in ("code_sha256", "formats")
    )
    entries = [each for each in manifest["sources"] if each["state"] != CHANGED and each["sha256"]]
    whole = len(entries) == len(manifest["sources"])
    sources, names = [], opened.source_names()
    for entry in entries:
        path, outcome = _find(entry, given)
        if outcome:
            number = entry["source"]
            missing = ReplayDifference(outcome, number, names[number])
            return Replay(0, 0, other_code, missing)
        sources.append(source_of(entry, path))
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder, tables = Path(name), 0
        again = scan_again(opened, sources, folder, secret)
        found = _compare_shards(opened, entries, again, folder, names)
        if found is None and whole:
            tables, found = _compare_tables(opened, again, folder)
    return Replay(len(again), tables, other_code, found)


def _find(entry: Mapping[str, Any], given: Sequence[Path]) -> tuple[Path, str]:
    """Return (path, outcome) of a source below the paths ``given``; outcome "" if unchanged."""
    found = [
        (each, "" if file_sha256(each) == entry["sha256"] else "changed")
        if each.is_file() and each.name == Path(entry["path"]).name
        else find_source(entry, each)
        for each in given
    ]
    order = ("", "changed", "missing")
    return min(found, key=lambda pair: order.index(pair[1]))


def _compare_shards(
    case: Case,
    entries: Sequence[Mapping[str, Any]],
    again: Sequence[Source],
    folder: Path,
    names: Mapping[int, str],
) -> ReplayDifference | None:
    """Return the first shard of the case that differs from the one made again.

    A shard with rows of a source that was not scanned again is compared by its other rows.
    """
    made = {source.source: dict(source.outcome.files) for source in again}
    other_bytes: ReplayDifference | None = None
    sharing: dict[str, set[int]] = {}
    for each in case.manifest.content["sources"]:
        for name in each["files"]:
            sharing.setdefault(name, set()).add(each["source"])
    for entry in entries:
        number = entry["source"]
        old, new = remade_shards(entry["files"]), made.get(number, {})
        for name in sorted(old.keys() | new.keys()):
            if name in old and name in new and new[name] == old[name]:
                continue
            row: int | None = None
            columns: tuple[str, ...] = ()
            kind = "shard"
            if name in old and name in new:
                path = verified_path(case.path, name, old[name])
                row, columns = _first_row(
                    *(rows_of_source(each, number) for each in (path, folder / name))
                )
                kind = kind if row is not None or columns else "bytes"
            difference = ReplayDifference(kind, number, names[number], name, row, columns)
            if kind == "shard":
                return difference
            if sharing[name] <= made.keys():
                other_bytes = other_bytes or difference
    return other_bytes


def _first_row(old: Sequence[Row], new: Sequence[Row]) -> tuple[int | None, tuple[str, ...]]:
    """Return (row of the source, columns) of the first row that differs.

    Return (None, ``rows``) if one has fewer rows, (None, ()) if all rows are equal.
    """
    for one, two in zip(old, new, strict=False):
        if one != two:
            columns = tuple(name for name in one | two if one.get(name) != two.get(name))
            return one.get("row") or one.get("record"), columns
    return None, ("rows",) if len(old) != len(new) else ()


def _compare_tables(
    case: Case, again: Sequence[Source], folder: Path
) -> tuple[int, ReplayDifference | None]:
    """Return the number of tables compared, and the first that differs with its row."""
    manifest = case.manifest.content
    inputs = TableInputs(folder, list(again), manifest["troubles"], case.shown(), manifest["whose"])
    built, stored = build_tables(inputs), case.scan_tables()
    for table in SCAN_TABLES:
        new = json.loads(table_json(table, built[table.name]))["rows"]
        old = stored.get(table.name)
        if old == new:
            continue
        pairs = enumerate(zip(old or [], new, strict=False), 1)
        row, columns = None, ("rows",)
        for number, (one, two) in pairs:
            if one != two:
                row = number
                columns = tuple(name for name in one | two if one.get(name) != two.get(name))
                break
        return len(SCAN_TABLES), ReplayDifference(
            "table", name=table.name, row=row, columns=columns
        )
    return len(SCAN_TABLES), None


Row = dict[str, Any]
#: Largest source that is drawn, in bytes, so that a validation ends within minutes.
MAX_SIZE: Final = 32 << 20
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(slots=True)
class _Outcomes:
    """Stand-in for the job store: the finished sources of a second scan."""

    finished: list[Source] = field(default_factory=list)

    def finish_sources(self, sources: Sequence[Source]) -> None:
        """Keep finished sources."""
        self.finished += sources


def draw_sources(case: Case, number: int, seed: int) -> list[Mapping[str, Any]]:
    """Return ``number`` sources of the manifest, drawn at random from the small ones, in order."""
    candidates = [
        each
        for each in case.manifest.content["sources"]
        if each["size"] <= MAX_SIZE and each["state"] != CHANGED and each["sha256"]
    ]
    # a drawing that anybody can repeat, no secret
    drawn = random.Random(seed).sample(candidates, min(number, len(candidates)))
    return sorted(drawn, key=lambda each: int(each["source"]))


def rerun_rows(
    case: Case, drawn: Sequence[Mapping[str, Any]], folder: Path, *, evidence: Path | None
) -> list[Row]:
    """Scan the ``drawn`` sources again into ``folder``; return the rows of the table RERUNS.

    ``evidence``: folder with the sources, if they are not where they were scanned. A source that is
    missing or changed, or a case whose key is missing, is an outcome; another key that was given
    raises CaseError.
    """
    names = case.source_names()
    places = {each["source"]: find_source(each, evidence) for each in drawn}
    outcomes = {number: outcome for number, (_, outcome) in places.items()}
    ready = [each for each in drawn if not outcomes[each["source"]]]
    if ready:
        try:
            secret = case_key(case)
        except CaseError:
            if case.key is not None:
                raise
            outcomes |= {each["source"]: "no_key" for each in ready}
            ready = []
    sources = [source_of(each, places[each["source"]][0]) for each in ready]
    if sources:
        again = scan_again(case, sources, folder, secret)
        for each in ready:
            found = _compare_shards(case, [each], again, folder, names)
            outcomes[each["source"]] = "same" if found is None else "different"
    return [
        {
            "source": each["source"],
            "path": names[each["source"]],
            "size": each["size"],
            "outcome": outcomes[each["source"]],
            "sha256": each["sha256"],
        }
        for each in drawn
    ]


def find_source(entry: Mapping[str, Any], evidence: Path | None) -> tuple[Path, str]:
    """Return (path of a source, outcome): missing, changed, or "" if it is as it was."""
    parts = str(entry["path"]).split("/")
    places = [Path(entry["place"])]
    if evidence is not None:
        places = [evidence.joinpath(*parts[at:]) for at in range(len(parts))]
    path = next((each for each in places if each.is_file()), None)
    if path is None:
        return places[0], "missing"
    try:
        return path, "" if sha256_of(path) == entry["sha256"] else "changed"
    except OSError:
        return path, "missing"


def source_of(entry: Mapping[str, Any], path: Path) -> Source:
    """Return a source of the job store made from an entry of the manifest."""
    size, generation = entry["size"], entry["generation"]
    written = datetime.datetime.fromisoformat(entry["mtime"])  # of the original, not of a copy
    mtime_ns = (written - _EPOCH) // datetime.timedelta(microseconds=1) * 1_000
    return Source(entry["source"], str(path), entry["path"], size, mtime_ns, generation)


def remade_shards(files: Mapping[str, str]) -> dict[str, str]:
    """Return name -> SHA-256 of the shards without clear values, which are not made again."""
    return {name: sha256 for name, sha256 in files.items() if not name.startswith("clear/")}


def _written_runs(case: Case, sources: Sequence[Source]) -> list[ShardRun]:
    """Return the shards of ``sources`` under the names that they have in the case.

    A source without rows is with the one before it.
    """
    files = {each["source"]: each["files"] for each in case.manifest.content["sources"]}
    runs: dict[str, list[Source]] = {}
    name = ""
    for source in sorted(sources, key=lambda each: each.source):
        own = shard_file(source.source, source.generation)
        shards = list(remade_shards(files[source.source]))
        name = shards[0].rpartition("/")[2] if shards else name or own
        runs.setdefault(name, []).append(source)
    return [ShardRun(name, read) for name, read in runs.items()]


def scan_again(case: Case, sources: list[Source], folder: Path, secret: bytes) -> list[Source]:
    """Scan ``sources`` into ``folder`` as the case was made; return them with their outcomes.

    Raise CaseError if the file of passwords is not the file that the scan had.
    """
    options = case_reading(case, same=True)
    engine = case_engine(case)
    context = ScanContext.as_scanned(case, engine, secret, reveal=False)
    make_private_folder(folder / "tmp")
    ledger = folder / "ledger.sqlite"
    shutil.copy(case.path / ledger.name, ledger)  # a case that is only read is not locked
    with closing(JobStore(ledger, case.key_at_hand())) as job_store:
        overrides = store_overrides(job_store, None)
    outcomes = _Outcomes()
    with ThreadPoolExecutor(2, thread_name_prefix="writing") as writing:
        writer = SourceWriter(
            folder, outcomes, _written_runs(case, sources), reveal=False, pool=writing
        )
        try:
            for event in scan_sources(sources, context, overrides=overrides, options=options):
                writer.add(event)
        finally:
            writer.discard()
    return sorted(outcomes.finished, key=lambda source: source.source)
