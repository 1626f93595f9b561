"""Attribution: the item, device, suspect and layer that each part of a source belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from piiscan.case.count.count_database import ATTRIBUTION
from piiscan.case.count.own_material import find_own_parts, read_columns
from piiscan.case.register.path_tree import longest_prefix
from piiscan.sources.archives.member_names import in_archive, is_recovered, recognised_place


def attribution_table(
    parts: Sequence[Mapping[str, Any]],
    paths: Mapping[int, str],
    register_rows: Iterable[Mapping[str, Any]] = (),
) -> pa.Table:
    """Return the table ATTRIBUTION: one row per part, with item, device, suspect and row counts.

    The register row with the longest member prefix wins. Without a register only source and layer
    are known. If the register gives no layer, contacts, calls and messages of the device's holder
    are ``own``, unless his account itself was obtained, text of pictures is ``ocr``, members of
    archives are ``archived`` and all others ``live``.

    A device belongs to a suspect and an item. If several suspects have devices of the same name,
    the name begins with the suspect: ``笔记本电脑 -> 甲某/笔记本电脑``. If one suspect has several,
    it has the item too: ``甲某/JC-001/笔记本电脑``.

    Args:
        parts: rows of PARTS.
        paths: path of each source.
        register_rows: rows of PROVENANCE.
    """
    own = find_own_parts(parts, paths)
    by_source: dict[int, list[Mapping[str, Any]]] = {}
    for match in register_rows:
        by_source.setdefault(match["source"], []).append(match)
    rows: dict[tuple[int, str], dict[str, Any]] = {}
    for part in parts:
        key = part["source"], part["member"]
        if key not in rows:
            rows[key] = {**_row(key, by_source.get(key[0], []), key in own), "place": len(rows)}
        row = rows[key]
        others = json.loads(part["other_rows"] or "{}")
        row["rows"] += part["rows"] * _tables_side_by_side(part)
        has_header = part["header_row"] is not None  # the first header is no repetition
        row["header_rows"] += max(others.get("HEADER", 0) - has_header, 0)
        row["blank_rows"] += others.get("BLANK", 0)
        row["schema_rows"] += others.get("SCHEMA", 0)
        row["title_rows"] += others.get("TITLE", 0) + others.get("SUBTOTAL", 0)
    _name_devices(rows.values())
    return pa.Table.from_pylist(list(rows.values()), ATTRIBUTION)


def _name_devices(rows: Iterable[dict[str, Any]]) -> None:
    """Put before the name of a device its suspect, its item, or both, if others have its name."""
    items: dict[str, dict[str | None, set[str | None]]] = {}
    rows = [row for row in rows if row["device"]]
    for row in rows:
        items.setdefault(row["device"], {}).setdefault(row["suspect"], set()).add(row["item"])
    for row in rows:
        by_suspect = items[row["device"]]
        suspect = row["suspect"] if len(by_suspect) > 1 else None
        item = row["item"] if len(by_suspect[row["suspect"]]) > 1 else None
        row["device"] = "/".join(filter(None, (suspect, item, row["device"])))


def _tables_side_by_side(part: Mapping[str, Any]) -> int:
    """Return the number of tables side by side in a part; each of its rows is a row of each."""
    columns = read_columns(part["columns"] or "[]")
    return 1 + max((column.get("group") or 0 for column in columns), default=0)


def _row(key: tuple[int, str], register_rows: list[Mapping[str, Any]], own: bool) -> dict[str, Any]:
    """Return the ATTRIBUTION row of the part ``key`` = (source, member), with row counts of 0.

    ``register_rows``: rows of its source; the one with the longest prefix of the member counts.
    Without a match its columns are None. ``own``: True for the holder's own contacts, calls or
    messages.
    """
    source, member = key
    prefix = longest_prefix([match["member_prefix"] for match in register_rows], member)
    match: Mapping[str, Any] = next((p for p in register_rows if p["member_prefix"] == prefix), {})
    proposed = "own" if own and match.get("account") != "yes" else _layer(member)
    return {
        **{name: match.get(name) for name in ATTRIBUTION.names},
        "source": source,
        "member": member,
        "total": "total",
        "layer": match.get("layer") or proposed,
        **{f"stated_{name}": match.get(name) for name in ("time", "price", "channel")},
        **dict.fromkeys(("rows", "header_rows", "blank_rows", "title_rows", "schema_rows"), 0),
    }


def _layer(member: str) -> str:
    """Return the layer of a part for which the register gives none.

    >>> _layer("#OCR text"), _layer("a.zip!b.db#deleted rows of t"), _layer("#Sheet1")
    ('ocr', 'carved', 'live')
    """
    if recognised_place(member) is not None:
        return "ocr"
    if is_recovered(member):
        return "carved"
    return "archived" if in_archive(member) else "live"
