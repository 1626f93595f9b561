"""Judged findings (T6): false and overlooked ones, by author, reason and effect."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from piiscan.case.count.count_database import PASSED_SQL
from piiscan.case.count.subjects.judgements import JUDGED_FALSE
from piiscan.case.count.table_context import TableContext
from piiscan.pages.report_table import ReportTable, coded, named, number, text

Row = dict[str, Any]

_RECORD: Final = f"""
select r.reason, {PASSED_SQL} from rows r join placed p using (place)
where p.source = ? and p.member = ? and r.row = ? and r."group" = ?
"""


def _judged(context: TableContext) -> list[Row]:
    """Return a row per verdict, author, reason, kind and effect: judgements and records.

    Effects: the record leaves, counts by another
    key, had not counted anyway (``no_change``); nothing matched; an overlooked finding is not
    counted.
    """
    numbers: dict[str, list[int]] = {}
    for each in context.case.sources:
        numbers.setdefault(each["sha256"], []).append(each["source"])
    findings: Counter[tuple[str, ...]] = Counter()
    records: dict[tuple[str, ...], set[tuple[Any, ...]]] = {}
    for judgement in context.rules.judgements:
        head = (judgement.verdict, judgement.author, judgement.reason, judgement.entity)
        if judgement.verdict == "overlooked":
            findings[*head, "not_counted"] += 1
            continue
        found = [
            (source, *row)
            for source in numbers.get(judgement.sha256, ())
            for row in context.connection.execute(
                _RECORD, [source, judgement.member, judgement.record, judgement.group]
            ).fetchall()
        ]
        if not found:
            findings[*head, "unmatched"] += 1
        for source, reason, passed in found:
            effect = "left" if reason == JUDGED_FALSE else "other_key" if passed else "no_change"
            findings[*head, effect] += 1
            place = source, judgement.member, judgement.record, judgement.group
            records.setdefault((*head, effect), set()).add(place)
    names = ("judged_as", "author", "reason_given", "entity", "effect")
    return [
        dict(zip(names, key, strict=True)) | {"count": n, "records": len(records.get(key, ()))}
        for key, n in sorted(findings.items())
    ]


JUDGED_TABLE: Final = ReportTable(
    "judged",
    (
        coded("judged_as", "judged_as"),
        text("author"),
        text("reason_given"),
        named("entity", "entities"),
        coded("effect", "judged_effect"),
        number("count"),
        number("records"),
    ),
    section="T6",
    made_by="count",
    build=_judged,
    notes=("sheet.note.judged",),
)
