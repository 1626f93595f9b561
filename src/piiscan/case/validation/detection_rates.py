"""Detection rates: a scan of the shipped fictional corpora against their ground truth.

A planted value counts as detected if the same file has a finding of the same kind and value. The
ground truth spells addresses, organisations, landlines and masked values otherwise, so of these
only the number in a file is compared. Damaged files are left out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.sampling.bounds import two_sided_bounds
from piiscan.case.store.case import Case
from piiscan.data import rows as data_rows
from piiscan.detect.self_test import AS_OF
from piiscan.finding import search_texts
from piiscan.hashing.digest import digest_values
from piiscan.synth import MadeCorpus

Row = dict[str, Any]
#: Kinds of which the ground truth has another spelling.
_COUNTED_KINDS: Final = ("CN_ADDRESS", "CN_LANDLINE", "MASKED", "ORGANIZATION")
#: Name of a sheet or table at the end of a member, which the ground truth leaves out.
_TABLE_NAME: Final = re.compile(r"!?#[^!]*$")


@dataclass(slots=True)
class KindCounts:
    """Numbers of one kind: values planted, findings, and findings of a planted value."""

    planted: int = 0
    found: int = 0
    both: int = 0


def compare_with_truth(case: Case, made: MadeCorpus, *, key: bytes) -> dict[str, KindCounts]:
    """Return entity -> numbers for a corpus, made with its rows, and its scan.

    ``key``: digest key of ``case``. A corpus without values has none.
    """
    if made.truth_rows is None:
        return {}
    listed = json.loads(made.truth.read_text("utf-8"))["files"]
    damaged = {file["path"] for file in listed if not file.get("readable", True)}
    planted = _planted_values(made.truth_rows, damaged, key)
    found = _found_values(case, made.folder)
    counts: dict[str, KindCounts] = {}
    for (_, entity, _), number in planted.items():
        counts.setdefault(entity, KindCounts()).planted += number
    for (_, entity, _), number in found.items():
        counts.setdefault(entity, KindCounts()).found += number
    for (_, entity, _), number in (planted & found).items():
        counts[entity].both += number
    return counts


def add_counts(total: dict[str, KindCounts], more: Mapping[str, KindCounts]) -> None:
    """Add the numbers of another corpus to ``total``."""
    for entity, counts in more.items():
        whole = total.setdefault(entity, KindCounts())
        whole.planted += counts.planted
        whole.found += counts.found
        whole.both += counts.both


def rate_rows(counts: Mapping[str, KindCounts]) -> list[Row]:
    """Return the rows of the table RATES, kinds with most planted values first."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1].planted, each[0]))
    return [_rate_row(entity, each) for entity, each in ordered]


def _rate_row(entity: str, counts: KindCounts) -> Row:
    """Return the row of one kind: rates with their exact bounds."""
    false_reports = counts.found - counts.both
    detection, detection_bounds = _rate(counts.both, counts.planted)
    false_rate, false_bounds = _rate(false_reports, counts.found)
    return {
        "entity": entity,
        "planted": counts.planted,
        "detected": counts.both,
        "detection_rate": detection,
        "detection_bounds": detection_bounds,
        "reported": counts.found,
        "false_reports": false_reports,
        "false_rate": false_rate,
        "false_bounds": false_bounds,
    }


def pattern_rows(made: MadeCorpus, *, recognizers: Path | None = None) -> list[Row]:
    """Return the rows of the table PATTERNS: rates of each kind of text of ``made``.

    A value counts as detected if a finding has its start, end and entity; its role if the finding
    has that role. A corpus without spans has no rows. ``recognizers``: folder of own rules.
    """
    if made.truth_lines is None:
        return []
    kinds: dict[str, list[Row]] = {}
    for line in map(json.loads, made.truth_lines.read_text("utf-8").splitlines()):
        kinds.setdefault(line["id"].partition(".")[0], []).append(line)
    return [_pattern_row(kind, lines, recognizers) for kind, lines in kinds.items()]


def _pattern_row(kind: str, lines: Sequence[Row], recognizers: Path | None) -> Row:
    """Return the row of one kind of text."""
    texts = [line["text"] for line in lines]
    found = search_texts(texts, as_of=AS_OF, recognizers=recognizers)
    place = zip(
        *(found[name].to_pylist() for name in ("index", "start", "end", "entity")), strict=True
    )
    role_of = dict(zip(place, found["role"].to_pylist(), strict=True))
    planted = {
        (number, span["start"], span["end"], span["type"]): span.get("role")
        for number, line in enumerate(lines)
        for span in line["spans"]
    }
    counts = KindCounts(len(planted), len(role_of), len(planted.keys() & role_of.keys()))
    said = {place: role for place, role in planted.items() if role is not None}
    right = sum(role_of.get(place) == role for place, role in said.items())
    share, bounds = _rate(right, len(said))
    row = _rate_row(kind, counts) | {"text_kind": kind, "lines": len(lines)}
    return row | {"roles": len(said), "role_rate": share, "role_bounds": bounds}


def reliability_rows() -> list[Row]:
    """Return the rows of the table RELIABILITY: shares of right findings measured before."""
    rows = []
    for kinds, reported, right in data_rows("reliability"):
        text_kind, value_kind, least_score = kinds.split("/")
        share, bounds = _rate(int(right), int(reported))
        rows.append(
            {
                "text_kind": text_kind,
                "value_kind": value_kind,
                "least_score": least_score,
                "reported": int(reported),
                "right_reports": int(right),
                "right_rate": share,
                "right_bounds": bounds,
            }
        )
    return rows


def _rate(hits: int, size: int) -> tuple[str | None, str | None]:
    """Return a share and its two-sided 95 % bounds in percent; None without cases.

    >>> _rate(99, 100)
    ('99.00', '94.55–99.97')
    """
    if not size:
        return None, None
    lower, upper = two_sided_bounds(hits, size)
    return f"{100 * hits / size:.2f}", f"{100 * lower:.2f}–{100 * upper:.2f}"


def _planted_values(
    rows: Path, damaged: Iterable[str], key: bytes
) -> Counter[tuple[str, str, bytes]]:
    """Return the number of (file, entity, digest) of the values that were planted."""
    left_out = tuple(damaged)
    places, values = [], []
    with rows.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if any(row["file"] == name or row["file"].startswith(f"{name}!") for name in left_out):
                continue
            for _, entity, _, _, value, _ in row["values"]:
                places.append((row["file"], entity))
                values.append(value)
    entities = sorted({entity for _, entity in places})
    numbers = {entity: number for number, entity in enumerate(entities)}
    kinds = np.asarray([numbers[entity] for _, entity in places], np.int64)
    texts = pa.array(values, pa.string())
    digests = digest_values(texts, kinds, entities=entities, key=key).to_pylist()
    return Counter(
        (file, entity, b"" if entity in _COUNTED_KINDS else digest)
        for (file, entity), digest in zip(places, digests, strict=True)
    )


def _found_values(case: Case, folder: Path) -> Counter[tuple[str, str, bytes]]:
    """Return the number of (file, entity, digest) of the findings of a scanned ``folder``."""
    top = folder.resolve()
    paths = {
        each["source"]: Path(each["place"]).resolve().relative_to(top).as_posix()
        for each in case.manifest.content["sources"]
    }
    found: Counter[tuple[str, str, bytes]] = Counter()
    for row in case.findings().select(["source", "member", "entity", "digest"]).to_pylist():
        name = paths[row["source"]] + (f"!{row['member']}" if row["member"] else "")
        digest = b"" if row["entity"] in _COUNTED_KINDS else row["digest"]
        found[_TABLE_NAME.sub("", name), row["entity"], digest] += 1
    return found
