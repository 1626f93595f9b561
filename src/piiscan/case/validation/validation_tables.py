"""Tables of a validation: checks with a known answer, rates per kind, sources scanned again."""

from __future__ import annotations

from typing import Final

from piiscan.case.store.common_columns import ENTITY, SOURCE
from piiscan.pages.report_table import USUAL, ReportTable, checksum, coded, number, text

CHECKS: Final = ReportTable(
    "validation_checks",
    (
        coded("check", "validation_check"),
        number("cases"),
        number("failures"),
        coded("outcome", "validation_outcome"),
    ),
)
RATES: Final = ReportTable(
    "validation_rates",
    (
        ENTITY.only_in(USUAL),
        number("planted"),
        number("detected"),
        text("detection_rate"),
        text("detection_bounds"),
        number("reported"),
        number("false_reports"),
        text("false_rate"),
        text("false_bounds"),
    ),
)
RELIABILITY: Final = ReportTable(
    "validation_reliability",
    (
        coded("text_kind", "text_kind"),
        coded("value_kind", "value_kind"),
        text("least_score"),
        number("reported"),
        number("right_reports"),
        text("right_rate"),
        text("right_bounds"),
    ),
)
RERUNS: Final = ReportTable(
    "validation_reruns",
    (
        SOURCE.only_in(USUAL),
        text("path"),
        number("size"),
        coded("outcome", "rerun_outcome"),
        checksum("sha256"),
    ),
)
VALIDATION_TABLES: Final = (CHECKS, RATES, RELIABILITY, RERUNS)
