"""Deletion list (责令删除): every file, sheet or archive member with personal information.

Suspect, device and item come from the register. The checksums identify the deleted file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from piiscan.case.count.reopen import attribution_by_register
from piiscan.case.export.list_file import RowLayout, write_lines
from piiscan.case.register import KIND as REGISTER
from piiscan.case.store.attachments import latest_attachment
from piiscan.case.store.audit_log import now
from piiscan.case.store.case import Case
from piiscan.output_files import make_private_folder
from piiscan.pages.report_table import TableColumn, coded, named
from piiscan.wording.words import Words

Row = dict[str, Any]


def _kinds_text(kinds: Any, _: Mapping[str, Any], words: Words) -> str:
    """Return kinds as text: ``{"PERSON": 3}`` -> ``姓名 3``."""
    return "；".join(f"{words.name('entities', kind)} {count}" for kind, count in kinds.items())


_COUNT, _TEXT = TableColumn("", "number"), TableColumn("")
#: Columns that are no text, in both lists.
_COLUMNS: Final = {
    **dict.fromkeys(("number", "hits", "distinct", "records", "size"), _COUNT),
    **dict.fromkeys(("found_records", "compared_records", "found_values"), _COUNT),
    "kinds": TableColumn("", wording=_kinds_text),
    "result": coded("", "deletion_result"),
    "ground": coded("", "deletion_ground"),
    "reason": named("", "reasons"),
    "found_at": TableColumn("", "texts"),
}
_SORTED_BY: Final = ("suspect", "device", "item", "path", "member")
#: Name of each list -> its columns, in order.
LISTS: Final = {
    "delete_list": (
        *("number", "suspect", "device", "item", "path", "member", "kinds", "hits", "distinct"),
        *("records", "size", "sha256", "sm3", "member_sha256"),
    ),
    "deletion_check": (
        *("number", "result", "ground", "reason", "found_records", "compared_records"),
        *("found_values", "found_at", "suspect", "device", "item", "path", "member", "records"),
        *("sha256", "member_sha256", "folder", "checked", "operator"),
    ),
}
#: Values that are already masked need no deletion.
_FINDINGS_QUERY: Final = """
select source, member, entity, count(*) as hits, count(distinct digest) as distinct_values
from findings where entity <> 'MASKED' group by all order by all
"""
_RECORDS_QUERY: Final = "select source, member, count(*) as n from records group by all"


def deletion_layout(name: str, words: Words) -> RowLayout:
    """Return the layout of ``delete_list`` or ``deletion_check``."""
    columns = [
        replace(_COLUMNS.get(each, _TEXT), name=each, title=f"deletion.{each}")
        for each in LISTS[name]
    ]
    return RowLayout(words, columns, f"deletion.{name}")


def deletion_list(case: Case) -> list[Row]:
    """Return one row per file, sheet or archive member with findings; log ``delete_list``.

    Names are masked.

    ``kinds``: entity -> number of findings. ``distinct``: distinct values, counted per entity.
    """
    rows = [{**row, "number": at} for at, (_, row) in enumerate(deletion_rows(case), 1)]
    with case.open_log() as log:
        log.append(
            "delete_list",
            moment=now(),
            generation=case.manifest.generation,
            places=len(rows),
            hits=sum(row["hits"] for row in rows),
        )
    return rows


def deletion_rows(case: Case) -> list[tuple[tuple[int, str], Row]]:
    """Return (source, member) and row of each part with findings, in order, without ``number``."""
    return sorted(_build_rows(case), key=lambda r: [str(r[1][n] or "") for n in _SORTED_BY])


def _build_rows(case: Case) -> Iterator[tuple[tuple[int, str], Row]]:
    """Yield (source, member) and row of each part with findings."""
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
        yield (
            place,
            {
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
            },
        )


def write_deletion(
    file: Any, form: str, layout: RowLayout, rows: Sequence[Row], case: Case
) -> None:
    """Write a list to the open binary ``file`` as ``form``: xlsx, csv, or json with codes."""
    if form != "json":
        write_lines(file, form, layout, rows, make_private_folder(case.path / "tmp"))
        return
    content = {"table": layout.title.rpartition(".")[2], "rows": rows}
    file.write((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
