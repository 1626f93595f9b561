"""What has to be read: new sources, those a killed run left, those whose columns were corrected."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

from piiscan.case.scan.shard_writer import error_row, same_files
from piiscan.case.store.job_store import CHANGED, PENDING, Ledger, Outcome, Source
from piiscan.errors import CaseError
from piiscan.sources.block import Trouble
from piiscan.sources.checksums import sha256_of
from piiscan.sources.walk import Input
from piiscan.tabular.column_overrides import Corrections, differing


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """``generation`` the run makes, and its sources to read, by number; none: nothing to do."""

    generation: int
    sources: list[Source]


def enrol(
    case: Path,
    ledger: Ledger,
    found: Iterable[Input | Trouble],
    *,
    finished: int,
    corrections: Corrections,
    same_tool: bool,
) -> Plan:
    """What to read now, written into the ledger.

    ``finished`` is the newest generation that has a manifest, 0 for none.  Sources it covers are
    never read again but for corrections, or if they changed while they were read; CaseError if one
    of them is another file now.  With another program (``same_tool`` False) an unfinished
    generation starts anew.
    """
    known = {source.place: source for source in ledger.sources()}
    last = max((source.source for source in known.values()), default=0)
    coming = finished + 1
    opened: dict[str, Source] = {}
    for item in found:
        if isinstance(item, Trouble):
            ledger.note_troubles([error_row(item)])
            continue
        place = os.path.abspath(item.path)  # noqa: PTH100  (resolving links would lose the place)
        old = known.get(place) or opened.get(place)
        if old is None:
            last += 1
            opened[place] = Source(last, place, item.display, item.size, item.mtime_ns, coming)
        elif old.generation <= finished:
            _check_same(old, item)
        else:
            known[place] = dataclasses.replace(old, size=item.size, mtime_ns=item.mtime_ns)
            if (old.size, old.mtime_ns) != (item.size, item.mtime_ns):
                opened[place] = _again(known[place], coming)
    for place, source in known.items():
        if place not in opened and _unsettled(
            case, source, finished=finished, corrections=corrections, same_tool=same_tool
        ):
            opened[place] = _again(source, coming)
    if opened:
        ledger.enrol(opened.values(), generation=coming)
    return Plan(coming, sorted(opened.values(), key=lambda source: source.source))


def _again(source: Source, generation: int) -> Source:
    """The source, to be read anew."""
    return dataclasses.replace(source, generation=generation, state=PENDING, outcome=Outcome())


def _unsettled(
    case: Path, source: Source, *, finished: int, corrections: Corrections, same_tool: bool
) -> bool:
    """Whether a known source has to be read (again)."""
    if source.state in (PENDING, CHANGED):
        return True
    if source.generation > finished and not (same_tool and same_files(case, source)):
        return True
    return any(
        _applied(corrections, part) != old
        for part, old in zip(source.outcome.parts, source.outcome.corrections, strict=True)
    )


def _applied(corrections: Corrections, part: dict[str, object]) -> list[list[object]]:
    """The corrections that would apply to a part read earlier."""
    inferred = [(tuple(ids), role) for ids, role in part["inferred"]]  # type: ignore[attr-defined]
    changes = differing(corrections, str(part["key"]), inferred)
    return [[number, list(ids), role] for number, (ids, role) in sorted(changes.items())]


def _check_same(source: Source, item: Input) -> None:
    """Nothing; CaseError if a source of a finished generation is another file now."""
    if source.state == CHANGED or (source.size, source.mtime_ns) == (item.size, item.mtime_ns):
        return
    if source.size != item.size or sha256_of(item.path) != source.outcome.sha256:
        raise CaseError(
            f"source {source.source} ({Path(source.path).suffix or 'file'}) is no longer what was"
            " scanned into this case; scan it into a new case (piiscan verify says what differs)"
        )
