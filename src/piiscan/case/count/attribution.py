"""Which item, device, suspect and layer each part of the evidence belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from piiscan.case.count.count_database import PLACED
from piiscan.case.register.path_tree import longest


def placed_table(
    parts: Iterable[Mapping[str, Any]], places: Iterable[Mapping[str, Any]] = ()
) -> pa.Table:
    """PLACED: one row a part (``parts`` as in PARTS), by the ``places`` that a register names.

    The longest member prefix wins.  Without a register everything is one whole, by source and
    layer.  Where no layer is told, what stands in an archive is ``archived``, the rest ``live``.
    """
    by_source: dict[int, list[Mapping[str, Any]]] = {}
    for place in places:
        by_source.setdefault(place["source"], []).append(place)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for part in parts:
        key = part["source"], part["member"]
        if key not in rows:
            rows[key] = {"place": len(rows), **_row(key, by_source.get(part["source"], []))}
        row = rows[key]
        others = json.loads(part["other_rows"] or "{}")
        row["rows"] += part["rows"]
        own = part["header_row"] is not None  # its first header is no repetition
        row["header_rows"] += max(others.get("HEADER", 0) - own, 0)
        row["blank_rows"] += others.get("BLANK", 0)
        row["title_rows"] += others.get("TITLE", 0) + others.get("SUBTOTAL", 0)
    return pa.Table.from_pylist(list(rows.values()), PLACED)


def _row(key: tuple[int, str], places: list[Mapping[str, Any]]) -> dict[str, Any]:
    source, member = key
    best = longest([place["member_prefix"] for place in places], member)
    place: Mapping[str, Any] = next((p for p in places if p["member_prefix"] == best), {})
    layer = place.get("layer") or ("archived" if "!" in member or _archived(member) else "live")
    told = ("suspect", "device", "item", "role", "party_from", "party_to")
    return {
        "source": source,
        "member": member,
        "total": "total",
        "layer": layer,
        **{name: place.get(name) for name in told},
        **dict.fromkeys(("rows", "header_rows", "blank_rows", "title_rows"), 0),
    }


def _archived(member: str) -> bool:
    """Whether a member lies in an archive: a sheet or a table of a file begins with ``#``.

    >>> _archived("名单.csv"), _archived("#Sheet1"), _archived("")
    (True, False, False)
    """
    return bool(member) and not member.startswith("#")
