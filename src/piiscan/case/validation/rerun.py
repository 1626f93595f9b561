"""Second scan of sources that were drawn at random: every shard must be the same, byte by byte."""

from __future__ import annotations

import datetime
import random
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from piiscan.case.lookup.value_queries import case_engine, case_key, case_reading
from piiscan.case.scan.block_scanner import ScanContext
from piiscan.case.scan.settings import store_overrides
from piiscan.case.scan.shard_writer import SourceWriter
from piiscan.case.scan.source_reader import scan_sources
from piiscan.case.store.case import Case
from piiscan.case.store.job_store import CHANGED, JobStore, Source
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder
from piiscan.sources.checksums import sha256_of

Row = dict[str, Any]
#: Largest source that is drawn, in bytes, so that a validation ends within minutes.
MAX_SIZE: Final = 32 << 20
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(slots=True)
class _Outcomes:
    """Stand-in for the job store: the finished sources of a second scan."""

    finished: list[Source] = field(default_factory=list)

    def finish_source(self, source: Source) -> None:
        """Keep a finished source."""
        self.finished.append(source)


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
    case: Case,
    drawn: Sequence[Mapping[str, Any]],
    folder: Path,
    *,
    evidence: Path | None,
) -> list[Row]:
    """Scan the ``drawn`` sources again into ``folder``; return the rows of the table RERUNS.

    ``evidence``: folder with the sources, if they are not where they were scanned. A source that is
    missing or changed, or a case whose key is missing, is an outcome; another key that was given
    raises CaseError.
    """
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
        files = {source.source: dict(source.outcome.files) for source in again}
        for each in ready:
            same = files.get(each["source"]) == remade_shards(each["files"])
            outcomes[each["source"]] = "same" if same else "different"
    names = case.source_names()
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


def scan_again(
    case: Case,
    sources: list[Source],
    folder: Path,
    secret: bytes,
) -> list[Source]:
    """Scan ``sources`` into ``folder`` as the case was made; return them with their outcomes.

    Raise CaseError if the file of passwords is not the file that the scan had.
    """
    options = case_reading(case, same=True)
    engine = case_engine(case)
    context = ScanContext.as_scanned(case, engine, secret, reveal=False)
    make_private_folder(folder / "tmp")
    ledger = folder / "ledger.sqlite"
    shutil.copy(case.path / ledger.name, ledger)  # a case that is only read is not locked
    with closing(JobStore(ledger)) as job_store:
        overrides = store_overrides(job_store, None)
    outcomes = _Outcomes()
    with ThreadPoolExecutor(2, thread_name_prefix="writing") as writing:
        writer = SourceWriter(
            folder, outcomes, reveal=False, pool=writing, on_finished=lambda _: None
        )
        try:
            for event in scan_sources(sources, context, overrides=overrides, options=options):
                writer.add(event)
        finally:
            writer.discard()
    return sorted(outcomes.finished, key=lambda source: source.source)
