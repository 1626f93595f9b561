"""What was examined -> shards and ledger, source by source."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Final

from piiscan.case.scan.block_scanner import Examined
from piiscan.case.scan.events import Begin, End, Kept, Note, Opened
from piiscan.case.scan.implausible_columns import Alarms
from piiscan.case.scan.source_hashes import Seal
from piiscan.case.store.job_store import CHANGED, PARTLY, READ, UNREAD, Ledger, Outcome, Source
from piiscan.case.store.shards import ShardWriter, remove_all, write_bytes
from piiscan.errors import PiiscanError
from piiscan.hashing.digest import file_sha256
from piiscan.schemas import ALARMS, CLEAR, FINDINGS, LEDGER, RECORDS, SENDINGS
from piiscan.sources.block import KINDS, Trouble
from piiscan.tabular.hits import Counts

_SCHEMAS: Final = {
    "findings": FINDINGS,
    "records": RECORDS,
    "ledger": LEDGER,
    "alarms": ALARMS,
    "sendings": SENDINGS,
    "clear": CLEAR,
}


class Keeper:
    """Takes events in order; a source stands in the ledger as soon as its end has come.

    Shards are encoded in ``writing``; ``settled`` is told every source that has come to its end.
    """

    def __init__(
        self,
        case: Path,
        ledger: Ledger,
        *,
        reveal: bool,
        writing: Executor,
        settled: Callable[[Source], object],
    ) -> None:
        self._case = case
        self._temporary = case / "tmp"
        self._ledger = ledger
        self._kinds = [k for k in _SCHEMAS if reveal or k != "clear"]
        for kind in self._kinds:
            (case / kind).mkdir(mode=0o700, exist_ok=True)
        self._writing = writing
        self._settled = settled
        self._writers: dict[str, ShardWriter] = {}
        self._forget()

    def _forget(self) -> None:
        self._parts: list[dict[str, Any]] = []
        self._errors: list[dict[str, Any]] = []
        self._corrections: list[list[Any]] = []
        self._counts: Counts = Counter()
        self._writers = {}
        self._alarms = Alarms()

    def take(self, event: Kept) -> None:
        """Keep what ``event`` says; CaseError if the disk is full."""
        match event:
            case Begin():
                self._begin(event.source)
            case Opened():
                self._parts.append(
                    {**event.facts, "rows": 0, "other_rows": dict.fromkeys(KINDS[1:], 0)}
                )
                self._corrections.append(event.corrections)
            case Examined():
                self._examined(event)
            case Note():
                self._errors.append(error_row(event.trouble))
            case End():
                self._end(event)

    def discard(self) -> None:
        """Remove the half-written shards of the source under way."""
        for writer in self._writers.values():
            writer.discard()
        self._forget()

    def _begin(self, source: Source) -> None:
        self.discard()
        for kind in self._kinds:
            self._writers[kind] = ShardWriter(
                self._case / shard_name(kind, source),
                _SCHEMAS[kind],
                temporary=self._temporary,
                pool=self._writing,
            )

    def _examined(self, found: Examined) -> None:
        part = self._parts[found.part]
        part["rows"] += found.rows
        for kind, number in zip(KINDS[1:], found.others, strict=True):
            part["other_rows"][kind] += number
        self._counts.update(found.counts)
        self._writers["findings"].add(found.findings)
        self._writers["records"].add(found.records)
        if found.ledger is not None:
            self._writers["ledger"].add(found.ledger)
        if found.sendings is not None:
            self._writers["sendings"].add(found.sendings)
        self._alarms.add(found.part, found.numbers)
        if found.clear is not None:
            self._writers["clear"].add(found.clear)

    def _end(self, event: End) -> None:
        try:
            seal = event.custody.seal()
        except (OSError, PiiscanError) as error:
            detail = error.strerror if isinstance(error, OSError) else None
            self._errors.append(error_row(Trouble("", "UNREADABLE", detail or "")))
            seal = Seal("", "", same=True)
        if seal.same and seal.sha256:
            outcome = self._outcome(seal, self._close(event.source))
            state = self._state()
        else:
            outcome, state = self._left_out(seal), CHANGED if seal.sha256 else UNREAD
        source = dataclasses.replace(event.source, state=state, outcome=outcome)
        self._ledger.settle(source)
        self._settled(source)
        self._forget()

    def _close(self, source: Source) -> dict[str, str]:
        """Shard name -> SHA-256 of what the source gave; clear values with a checksum beside."""
        members = [part["member"] for part in self._parts]
        # told while the shards before theirs are closed
        told = self._writing.submit(self._alarms.tell, source.source, members)
        files = {}
        for kind, writer in self._writers.items():
            if kind == "alarms":
                writer.add(told.result())
            digest = writer.close()
            if digest is not None:
                files[shard_name(kind, source)] = digest
        for name, digest in list(files.items()):
            if name.startswith("clear/"):
                path = self._case / f"{name}.sha256"
                line = f"{digest}  {Path(name).name}\n".encode()
                files[f"{name}.sha256"] = write_bytes(path, line, temporary=self._temporary)
        return files

    def _outcome(self, seal: Seal, files: dict[str, str]) -> Outcome:
        counts = [[*kind, hits] for kind, hits in sorted(self._counts.items(), key=_ordered)]
        parts = [{**part, "other_rows": json.dumps(part["other_rows"])} for part in self._parts]
        return Outcome(seal.sha256, seal.sm3, files, parts, self._errors, counts, self._corrections)

    def _left_out(self, seal: Seal) -> Outcome:
        """Nothing of the source is kept but what went wrong."""
        for writer in self._writers.values():
            writer.discard()
        errors = list(self._errors)
        if seal.sha256:
            errors.append(error_row(Trouble("", "SOURCE_CHANGED", "changed during the run")))
        return Outcome(seal.sha256, seal.sm3, errors=errors)

    def _state(self) -> str:
        if not any(error["lost"] for error in self._errors):
            return READ
        return PARTLY if any(part["rows"] for part in self._parts) else UNREAD


def shard_name(kind: str, source: Source) -> str:
    """Where a source's shard lies in the case: one file for each generation it was read in.

    >>> shard_name("findings", Source(12, "/x", "x", 0, 0, generation=2))
    'findings/000012-0002.parquet'
    """
    again = f"-{source.generation:04d}" if source.generation > 1 else ""
    return f"{kind}/{source.source:06d}{again}.parquet"


def error_row(trouble: Trouble) -> dict[str, Any]:
    """A row of ERRORS without its source."""
    return {
        "member": trouble.member,
        "row": trouble.row,
        "reason": trouble.reason,
        "detail": trouble.detail,
        "lost": trouble.lost,
    }


def sweep(case: Path, sources: list[Source]) -> None:
    """Remove what a killed run left: temporary files, and shards of sources that never settled."""
    remove_all(path for path in sorted((case / "tmp").rglob("*")) if path.is_file())
    for kind in _SCHEMAS:
        for source in sources:
            name = case / shard_name(kind, source)
            remove_all([name, name.with_name(f"{name.name}.sha256")])


def same_files(case: Path, source: Source) -> bool:
    """Whether every shard of a settled source still is what the ledger says."""
    return all(
        (case / name).is_file() and file_sha256(case / name) == digest
        for name, digest in source.outcome.files.items()
    )


def _ordered(entry: tuple[tuple[str, str, str, str | None, str | None], int]) -> tuple[str, ...]:
    return tuple(word or "" for word in entry[0])
