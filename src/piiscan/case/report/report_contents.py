"""Contents of the reports: every table of a case, in the order of the sections T1 to T15.

A new table is named here once. What a table shows where is in its own declaration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from piiscan.case.count.by_suspect import BY_SUSPECT
from piiscan.case.count.dealing_money import DEALING_MONEY
from piiscan.case.count.tables.alarm_table import ALARM_TABLE
from piiscan.case.count.tables.business_lines import BUSINESS
from piiscan.case.count.tables.conflict_table import CONFLICT_PLACES, CONFLICTS
from piiscan.case.count.tables.contained import CONTAINED
from piiscan.case.count.tables.distinct_combinations import DISTINCT_COMBINATIONS
from piiscan.case.count.tables.elements_by_scope import ELEMENTS
from piiscan.case.count.tables.event_table import EVENTS
from piiscan.case.count.tables.exclusion_table import EXCLUSION_TABLE
from piiscan.case.count.tables.judged_table import JUDGED_TABLE
from piiscan.case.count.tables.ladder import LADDER
from piiscan.case.count.tables.photo_table import PHOTOS
from piiscan.case.count.tables.reasons import LADDER_REASONS
from piiscan.case.count.tables.transactions import MONEY, MONTHS, PARTIES, STATUSES
from piiscan.case.count.tables.under_age import UNDER_AGE
from piiscan.case.count.tables.units import PEOPLE, SHARED, UNITS
from piiscan.case.flow.edges import FLOW_EDGES
from piiscan.case.flow.file_matching import FLOW_SENT
from piiscan.case.flow.flow_tables import FLOW_TABLES
from piiscan.case.flow.flow_warnings import FLOW_WARNINGS
from piiscan.case.flow.list_overlaps import FLOW_MATRIX, FLOW_SAME
from piiscan.case.flow.masked_matches import FLOW_MASKED
from piiscan.case.flow.transfer_list import TRANSFERS
from piiscan.case.flow.transfers import FLOW_BUYERS, FLOW_GROUP_BUYERS, FLOW_GROUPS, FLOW_TOTAL
from piiscan.case.report.custody import CHECKSUMS, LOG
from piiscan.case.report.inventory import INVENTORY
from piiscan.case.sampling.hit_rates import SAMPLE_COUNTS, SAMPLE_RATES
from piiscan.case.scan.tables.coverage_table import COVERAGE
from piiscan.case.scan.tables.kind_tables import (
    APART,
    BY_SOURCE,
    COMBINATIONS,
    KINDS,
    REASONS,
    ROLES,
)
from piiscan.case.scan.tables.source_tables import HOLDER_ACCOUNTS, PARTS, SOURCES
from piiscan.case.scan.tables.unread_table import UNREAD
from piiscan.case.scan.tables.value_distributions import AGES, CARRIERS, PROVINCES, SEXES
from piiscan.case.tiers.composition_table import COMPOSITIONS, PROPOSALS, SENSITIVITY
from piiscan.case.tiers.crossings import TIER_CROSSINGS
from piiscan.case.tiers.level_table import TIER_LEVELS
from piiscan.case.tiers.ratio_table import RATIOS
from piiscan.case.tiers.rule_times import RULE_TIMES
from piiscan.case.tiers.tier_tables import TIER_MONEY, TIER_NOTES, TIER_RULES, TIER_SCENARIOS, TIERS
from piiscan.case.tiers.total_terms import TOTAL_TERMS
from piiscan.pages.report_table import ReportTable

#: Every table that a case can have; the workbook has them in this order.
REPORT_TABLES: Final[tuple[ReportTable, ...]] = (
    BY_SUSPECT, INVENTORY, PARTS, SOURCES, HOLDER_ACCOUNTS,
    KINDS, ROLES,
    COMBINATIONS, DISTINCT_COMBINATIONS,
    LADDER, BUSINESS, CONTAINED, UNITS, PEOPLE, SHARED, ELEMENTS,
    BY_SOURCE,
    REASONS, LADDER_REASONS, EXCLUSION_TABLE, JUDGED_TABLE,
    *FLOW_TABLES, STATUSES, PARTIES, MONTHS, MONEY,
    CONFLICTS, CONFLICT_PLACES, ALARM_TABLE,
    SAMPLE_RATES, SAMPLE_COUNTS,
    TIERS, TIER_SCENARIOS, TIER_CROSSINGS, TOTAL_TERMS, RULE_TIMES, TIER_LEVELS, EVENTS, TIER_MONEY,
    DEALING_MONEY, TIER_RULES,
    COMPOSITIONS, PROPOSALS,
    SENSITIVITY, PHOTOS, UNDER_AGE,
    PROVINCES, AGES, SEXES, CARRIERS,
    APART,
    COVERAGE, UNREAD,
    LOG, CHECKSUMS,
)  # fmt: skip
TABLE_OF: Final = {table.name: table for table in REPORT_TABLES}

#: Tables that the terminal shows after a count; the files have all.
COUNT_TABLES: Final[tuple[ReportTable, ...]] = (
    BY_SUSPECT, LADDER, BUSINESS, LADDER_REASONS, UNITS, PEOPLE, SHARED, CONFLICTS, ALARM_TABLE,
    STATUSES, MONEY, FLOW_TOTAL, FLOW_GROUPS, FLOW_WARNINGS, FLOW_MATRIX, FLOW_SENT, FLOW_EDGES,
    TIER_CROSSINGS, TOTAL_TERMS, RULE_TIMES, TIERS, TIER_SCENARIOS, TIER_LEVELS, TIER_MONEY, EVENTS,
    COMPOSITIONS, PROPOSALS, UNDER_AGE, EXCLUSION_TABLE, JUDGED_TABLE,
)  # fmt: skip
#: Tables that the terminal shows of a case.
TERMINAL_TABLES: Final[tuple[ReportTable, ...]] = (
    KINDS, COMBINATIONS, PROVINCES, AGES, SEXES, CARRIERS, BY_SOURCE, *COUNT_TABLES, UNREAD,
)  # fmt: skip
#: Tables of the summary; they fit 80 columns.
SUMMARY_TABLES: Final[tuple[ReportTable, ...]] = (
    KINDS, LADDER, BUSINESS, SHARED, FLOW_TOTAL, RATIOS, CONFLICTS, ALARM_TABLE, UNREAD,
)  # fmt: skip
#: Tables of the documents, in their order; the list of electronic data is the inventory.
DOCUMENT_TABLES: Final[tuple[ReportTable, ...]] = (
    INVENTORY, BY_SUSPECT, FLOW_TOTAL, DISTINCT_COMBINATIONS, COMBINATIONS, KINDS, LADDER,
    LADDER_REASONS, UNITS, SAMPLE_RATES, EXCLUSION_TABLE, UNREAD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShortTable:
    """Table of the short report: main columns, most rows, and kinds of scope (() for all).

    Columns that the table lacks are left out; without columns it has those of the summary.
    ``stacked``: two lines a row, the first column alone.
    """

    table: ReportTable
    rows: int
    columns: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    stacked: bool = False


#: Tables of the short report of ``report`` and ``count``. With the headline they fit 60 lines.
SHORT_TABLES: Final[tuple[ShortTable, ...]] = (
    ShortTable(BY_SUSPECT, 6, ("scope", "entry", "by_rows", "by_keys", "by_persons", "beside")),
    ShortTable(LADDER, 7, ("step", "count", "fell")),
    ShortTable(UNITS, 4, ("scope", "U1", "U1d", "U2", "U4", "UF"), ("total", "suspect")),
    ShortTable(FLOW_TOTAL, 4, ("suspect", "sold_sum", "not_sold", "bare", "flow_total")),
    ShortTable(RATIOS, 2),
    ShortTable(KINDS, 5, ("entity", "hits", "valid", "refuted", "distinct")),
    ShortTable(UNREAD, 4, ("path", "reason", "file_kind", "advice"), stacked=True),
)


@dataclass(frozen=True, slots=True)
class PagePart:
    """Part of the page: its heading, sentences, chart, and tables.

    Args:
        tables: the tables in order; a single one has the heading of the part.
        title: key of the heading; empty for the title of the first table.
        notes: keys of the sentences under the heading.
        chart: name of the chart, see ``CHARTS`` in :mod:`piiscan.case.report.html.charts`.
        graph: True to draw the flow between suspects.
        split_by: column by whose codes or names the rows of the first table are split; below each
            part stand the rows of the other tables that name it (``scope_columns``).
        always: True to show the part also without rows, bars and graph.
        empty: key of the sentence that is shown in place of no rows.
        folded: True to show the part only when its heading is clicked.
        printed: True to print the part also if it is closed.
    """

    tables: tuple[ReportTable, ...]
    title: str = ""
    notes: tuple[str, ...] = ()
    chart: str = ""
    graph: bool = False
    split_by: str = ""
    always: bool = False
    empty: str = ""
    folded: bool = True
    printed: bool = False


#: Parts of the page that have tables.
PAGE_PARTS: Final[tuple[PagePart, ...]] = (
    PagePart((BY_SUSPECT,), notes=("sheet.note.by_suspect",), split_by="scope", folded=False),
    PagePart(
        (FLOW_TOTAL, FLOW_GROUPS, FLOW_WARNINGS),
        title="page.flow",
        chart="suspects",
        graph=True,
        folded=False,
    ),
    PagePart((LADDER,), notes=("page.about.ladder",), chart="ladder", folded=False),
    PagePart(
        (KINDS,), chart="kinds", split_by="class", always=True, empty="page.none", folded=False
    ),
    PagePart((UNREAD,), always=True, empty="page.all_clear", folded=False),
    PagePart(
        (COMBINATIONS, DISTINCT_COMBINATIONS),
        title="table.combinations",
        always=True,
        empty="page.none",
    ),
    PagePart(
        (BUSINESS, LADDER_REASONS, CONTAINED, UNITS, PEOPLE),
        title="table.ladder_reasons",
        printed=True,
    ),
    PagePart(
        (
            TIER_CROSSINGS,
            RULE_TIMES,
            TOTAL_TERMS,
            TIERS,
            TIER_SCENARIOS,
            TIER_LEVELS,
            EVENTS,
            TIER_MONEY,
            DEALING_MONEY,
            COMPOSITIONS,
            PROPOSALS,
            SENSITIVITY,
            PHOTOS,
            UNDER_AGE,
        ),
        title="table.tiers",
        notes=TIER_NOTES,
        chart="tiers",
        always=True,
    ),
    PagePart((FLOW_BUYERS, FLOW_GROUP_BUYERS, TRANSFERS), title="table.transfers"),
    PagePart((FLOW_EDGES, FLOW_MATRIX, FLOW_SAME, FLOW_MASKED, SHARED), title="page.flow_hints"),
    PagePart((STATUSES, PARTIES, MONTHS, MONEY), title="page.trade", chart="months"),
    PagePart(
        (CONFLICTS, CONFLICT_PLACES, ALARM_TABLE, EXCLUSION_TABLE, JUDGED_TABLE),
        title="page.doubts",
    ),
    PagePart((ROLES,)),
    PagePart((PROVINCES,), notes=("page.about.provinces",), chart="provinces"),
    PagePart((AGES,), notes=("page.about.ages",), chart="ages"),
    PagePart((SEXES,), notes=("page.about.sexes",)),
    PagePart((CARRIERS,), notes=("page.about.carriers",)),
    PagePart((REASONS,), always=True),
    PagePart((COVERAGE,)),
    PagePart((SOURCES,), chart="sources", always=True, printed=True),
    PagePart((HOLDER_ACCOUNTS,)),
    PagePart((BY_SOURCE,), always=True),
)
