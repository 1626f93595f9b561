"""Labelled texts: gold spans and predicted spans, read from JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piiscan.errors import PiiscanError

#: Start and end in code points (end exclusive), type.
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """Labelled text. A finding that overlaps only ``ignored`` ranges is not counted at all."""

    id: str
    text: str
    spans: tuple[Span, ...]
    ignored: tuple[tuple[int, int], ...] = ()


def _read_json_lines(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Yield the number and the object of each non-empty line of a JSON lines file.

    Raise PiiscanError for a line that is no object with an ``id``.
    """
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                raise PiiscanError("labelled.no_object", file=path.name, line=number) from None
            if not isinstance(row, dict) or "id" not in row:
                raise PiiscanError("labelled.keys", file=path.name, line=number)
            yield number, row


def _parse_spans(row: Mapping[str, Any], where: str) -> tuple[Span, ...]:
    """Parse the (start, end, type) spans of one row. Raise PiiscanError if one is incomplete."""
    try:
        return tuple(
            (int(span["start"]), int(span["end"]), str(span["type"])) for span in row["spans"]
        )
    except (KeyError, TypeError, ValueError):
        raise PiiscanError("labelled.span_keys", place=where) from None


def read_gold(path: Path) -> list[Gold]:
    """Return the labelled texts of a JSON lines file; of two rows with one id the last one counts.

    Raise PiiscanError for a line without ``id``, ``text`` or valid ``spans``.
    """
    rows: dict[str, Gold] = {}
    for number, row in _read_json_lines(path):
        where = f"{path.name}:{number}"
        meta = row.get("meta") or {}
        ignored = [
            (int(item["start"]), int(item["end"]))
            for key in ("nominal", "other")
            for item in meta.get(key) or []
        ]
        if "text" not in row:
            raise PiiscanError("labelled.no_text", place=where)
        rows[row["id"]] = Gold(row["id"], row["text"], _parse_spans(row, where), tuple(ignored))
    return list(rows.values())


def read_spans(path: Path) -> dict[str, tuple[Span, ...]]:
    """Read predicted spans from a JSON lines file: text id -> spans.

    Raise PiiscanError for an invalid line.
    """
    return {
        row["id"]: _parse_spans(row, f"{path.name}:{number}")
        for number, row in _read_json_lines(path)
    }
