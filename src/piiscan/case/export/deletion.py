"""Deletion list (责令删除): every file, sheet or archive member with personal information.

Suspect, device and item come from the register. The checksums identify the deleted file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from piiscan.case.count.reopen import attribution_by_register
from piiscan.case.register import KIND as REGISTER
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.audit_log import now, open_log
from piiscan.case.store.case import Case

Row = dict[str, Any]

#: Columns of the list, in order.
COLUMNS: Final = (
    *("number", "suspect", "device", "item", "path", "member", "kinds", "hits", "distinct"),
    *("records", "size", "sha256", "sm3", "member_sha256"),
)
#: Values that are already masked need no deletion.
_FINDINGS_QUERY: Final = """
select source, member, entity, count(*) as hits, count(distinct digest) as distinct_values
from findings where entity <> 'MASKED' group by all order by all
"""
_RECORDS_QUERY: Final = "select source, member, count(*) as n from records group by all"


def deletion_list(case: Case) -> list[Row]:
    """Return one row per file, sheet or archive member with findings; log ``delete_list``.

    Names are masked.

    ``kinds``: entity -> number of findings. ``distinct``: distinct values, counted per entity.
    """
    rows = sorted(_build_rows(case), key=lambda r: [str(r[name] or "") for name in COLUMNS[1:6]])
    for number, row in enumerate(rows, 1):
        row["number"] = number
    with open_log(case.path, case.key) as log:
        log.append(
            "delete_list",
            moment=now(),
            generation=case.manifest.generation,
            places=len(rows),
            hits=sum(row["hits"] for row in rows),
        )
    return rows


def _build_rows(case: Case) -> Iterator[Row]:
    """Yield a row of the deletion list for each part with findings, without ``number``."""
    register = latest_attachment(case.path, REGISTER)
    placed = {
        (p["source"], p["member"]): p for p in attribution_by_register(case, register).to_pylist()
    }
    of_part = {(p["source"], p["member"]): p for p in case.stored("parts").to_pylist()}
    sources = {each["source"]: each for each in case.stored("sources").to_pylist()}
    records = {(r["source"], r["member"]): r["n"] for r in case.sql(_RECORDS_QUERY).to_pylist()}
    shown = case.shown()
    found: dict[tuple[int, str], list[Mapping[str, Any]]] = {}
    for each in case.sql(_FINDINGS_QUERY).to_pylist():
        found.setdefault((each["source"], each["member"]), []).append(each)
    for place, kinds in found.items():
        source, ownership = sources[place[0]], placed.get(place, {})
        yield {
            **{name: ownership.get(name) for name in ("suspect", "device", "item")},
            "path": shown.get(source["path"], source["path"]),
            "member": shown.get(place[1], place[1]),
            "kinds": {each["entity"]: each["hits"] for each in kinds},
            "hits": sum(each["hits"] for each in kinds),
            "distinct": sum(each["distinct_values"] for each in kinds),
            "records": records.get(place, 0),
            "size": source["size"],
            "sha256": source["sha256"],
            "sm3": source["sm3"],
            "member_sha256": of_part[place]["sha256"] if place in of_part else None,
        }


def deletion_json(rows: list[Row]) -> bytes:
    """Return the deletion list as JSON for programs."""
    content = {"table": "delete_list", "rows": rows}
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
