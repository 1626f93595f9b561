"""Table of reasons (T6): findings by entity, verdict and reason."""

from __future__ import annotations

from collections import Counter
from typing import Final

from piiscan.case.scan.distinct_counts import DistinctCounts
from piiscan.case.scan.tables.scan_table_inputs import Row, TableInputs
from piiscan.case.store.common_columns import CODE, ENTITY
from piiscan.pages.report_table import ReportTable, named, number


def _reasons(inputs: TableInputs, _: DistinctCounts) -> list[Row]:
    """Build the table ``reasons`` (T6): findings by entity, verdict and reason."""
    total: Counter[tuple[str, str, str]] = Counter()
    for source in inputs.sources:
        for entity, _recognizer, verdict, reason, _role, hits in source.outcome.counts:
            total[entity, verdict, reason or ""] += hits
    return [
        {"entity": entity, "verdict": verdict, "reason": reason or None, "hits": hits}
        for (entity, verdict, reason), hits in sorted(total.items())
    ]


REASONS: Final = ReportTable(
    "reasons",
    (
        ENTITY,
        CODE,
        named("verdict", "verdicts", wraps=False),
        named("reason", "reasons"),
        number("hits"),
    ),
    section="T6",
    build=_reasons,
    notes=("page.rules.refuted",),
    page_rows=80,
)
