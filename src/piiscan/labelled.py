"""Labelled texts and predicted spans, read from JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piiscan.errors import PiiscanError

#: start, end (exclusive), type
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """One labelled text; a finding that touches only ``ignored`` places counts neither way."""

    id: str
    text: str
    spans: tuple[Span, ...]
    ignored: tuple[tuple[int, int], ...] = ()


def _json_lines(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Line numbers and objects of a JSON lines file."""
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                raise PiiscanError(f"{path.name}:{number}: not a JSON object") from None
            if not isinstance(row, dict) or "id" not in row:
                raise PiiscanError(f'{path.name}:{number}: needs {{"id", "spans"}}')
            yield number, row


def _spans(row: Mapping[str, Any], where: str) -> tuple[Span, ...]:
    """The spans of one row."""
    try:
        return tuple(
            (int(span["start"]), int(span["end"]), str(span["type"])) for span in row["spans"]
        )
    except (KeyError, TypeError, ValueError):
        raise PiiscanError(f'{where}: a span needs "start", "end" and "type"') from None


def read_gold(path: Path) -> list[Gold]:
    """The labelled texts of a JSON lines file; of two rows with one id the last counts."""
    rows: dict[str, Gold] = {}
    for number, row in _json_lines(path):
        where = f"{path.name}:{number}"
        meta = row.get("meta") or {}
        ignored = [
            (int(place["start"]), int(place["end"]))
            for key in ("nominal", "other")
            for place in meta.get(key) or []
        ]
        if "text" not in row:
            raise PiiscanError(f'{where}: needs "text"')
        rows[row["id"]] = Gold(row["id"], row["text"], _spans(row, where), tuple(ignored))
    return list(rows.values())


def read_spans(path: Path) -> dict[str, tuple[Span, ...]]:
    """Predicted spans by id from a JSON lines file."""
    return {row["id"]: _spans(row, f"{path.name}:{number}") for number, row in _json_lines(path)}
