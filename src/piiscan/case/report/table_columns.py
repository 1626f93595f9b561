"""Table columns: the columns of every table in order, and the numeric columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from piiscan.case.sampling import sampling_cells
from piiscan.case.tiers import tier_cells

#: Columns of each table of a scan, in order.
SCAN_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "kinds": ("class", "entity", "code", "hits", "valid", "verified", "refuted", "distinct"),
    "combinations": ("combination", "records", "distinct_records"),
    "roles": ("role", "entity", "code", "hits", "valid", "refuted"),
    "provinces": ("province", "entity", "code", "hits", "distinct"),
    "births": ("decade", "entity", "code", "hits", "distinct"),
    "sexes": ("sex", "entity", "code", "hits", "distinct"),
    "carriers": ("carrier", "entity", "code", "hits", "distinct"),
    "sources": (
        "source", "path", "size", "mtime", "sha256", "sm3", "state", "parts", "rows", "hits",
        "records", "unread",
    ),
    "by_source": (
        "source", "path", "class", "entity", "code", "hits", "valid", "verified", "refuted",
        "distinct",
    ),
    "reasons": ("entity", "code", "verdict", "reason", "hits"),
    "parts": (
        "source", "path", "member", "kind", "encoding", "delimiter", "header_row", "rows",
        "columns", "sha256", "size",
    ),
    "unread": ("source", "path", "member", "row", "reason", "code", "detail", "lost"),
}  # fmt: skip
#: Columns of each table of a count.
COUNT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "ladder": (
        "scope_kind", "scope", "step", "count", "fell", "without_business", "unconfirmed",
    ),
    "ladder_reasons": (
        "scope_kind", "scope", "step", "reason", "code", "where", "count", "other_key", "kept",
    ),
    "units": (
        "scope_kind", "scope", "U1", "U2", "U2_people", "U4", "bare_rows", "bare_sound",
        "bare_distinct",
    ),
    "elements": ("scope_kind", "scope", "entity", "code", "hits", "distinct"),
    "people": ("role", "identifiable", "passed", "distinct"),
    "shared": ("scope_kind", "scope", "distinct", "own", "shared"),
    "flow_total": ("suspect", "acquired", "sold_sum", "sold_distinct", "not_sold", "flow_total"),
    "flow_buyers": ("suspect", "buyer", "distinct"),
    "flow_matrix": (
        "scope_kind", "one", "other", "one_size", "other_size", "common", "common_of_one",
        "common_of_other", "only_these", "order",
    ),
    "flow_same": ("number", "source", "member", "sha256"),
    "flow_masked": ("source", "other_source", "entity", "masks"),
    "flow_sent": (
        "number", "sent_time", "giver", "taker", "name", "told_size", "checksum", "source",
        "member", "row", "sent_state", "matched_by", "fits", "copies", "file_source",
        "file_member", "item", "suspect", "distinct",
    ),
    "flow_sent_places": ("number", "file_source", "file_member", "size"),
    "flow_edges": (
        "giver_id", "taker_id", "giver", "taker", "rests_on", "item", "distinct", "confirmed",
        "sent_time", "matched_by", "messages", "source", "member", "row", "file_source",
        "file_member",
    ),
    "flow_nodes": ("node_id", "label", "node_kind", "belongs_to", "files", "distinct"),
    "exclusions": ("line", "excluded_by", "reason_given", "author", "records", "idle"),
    "alarms": ("source", "member", "column", "entity", "code", "alarm", "row", "count"),
    "conflicts": ("conflict", "values", "records"),
    "conflict_places": ("conflict", "number", "names", "source", "member", "row", "role"),
    "statuses": ("scope_kind", "scope", "status", "rows", "passed", "distinct"),
    "parties": ("status", "party_kind", "party", "rows", "passed", "distinct", "sum"),
    "months": ("month", "status", "rows", "passed", "distinct", "sum"),
    "money": (
        "scope_kind", "scope", "status", "priced", "unpriced", "unreadable", "sum", "lowest",
        "highest",
    ),
}  # fmt: skip
#: Columns of each table that only reports have.
REPORT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "inventory": (
        "source", "item", "suspect", "device", "path", "file_class", "file_format", "size", "mtime",
        "sha256", "sm3", "state", "rows", "hits", "records", "unread",
    ),
    "apart": SCAN_COLUMNS["kinds"],
    "log": ("seq", "time", "event", "times", "file", "sha256"),
    "checksums": ("what", "file", "sha256"),
}  # fmt: skip

#: Columns of each table about several cases.
CROSS_CASE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "cross_matrix": (
        "scope_kind", "one_case", "one", "other_case", "other", "one_size", "other_size",
        "common", "either", "common_of_one", "common_of_other", "only_these",
    ),
}  # fmt: skip

#: Columns of every table that can be written.
TABLE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    **SCAN_COLUMNS,
    **COUNT_COLUMNS,
    **REPORT_COLUMNS,
    **CROSS_CASE_COLUMNS,
    **tier_cells.COLUMNS,
    **sampling_cells.COLUMNS,
    "tiers": ("scope_kind", "scope", "unit", *tier_cells.COLUMNS["tiers"]),
    "tier_scenarios": ("scope_kind", "scope", "unit", *tier_cells.COLUMNS["tier_scenarios"]),
    "tier_money": ("scope_kind", "scope", "status", *tier_cells.COLUMNS["tier_money"]),
}

#: Columns for programs: only in files, because pages and terminals have the words.
PROGRAM_COLUMNS: Final = frozenset({"code", "giver_id", "taker_id"})

#: Numeric columns.
NUMERIC_COLUMNS: Final = frozenset(
    {
        "hits", "valid", "verified", "refuted", "distinct", "records", "distinct_records",
        "source", "size", "parts", "rows", "unread", "row", "header_row", "count", "fell",
        "without_business", "unconfirmed", "other_key", "U1", "U2", "U2_people", "U4", "bare_rows",
        "bare_sound", "bare_distinct", "identifiable", "passed", "own", "shared", "values", "names",
        "acquired", "sold_sum", "sold_distinct", "not_sold", "flow_total", "one_size", "other_size",
        "common", "common_of_one", "common_of_other", "only_these", "order", "other_source",
        "masks", "either",
        "fits", "copies", "file_source", "files", "messages", "number", "seq", "times",
        "priced", "unpriced", "unreadable", "sum", "lowest", "highest",
        *tier_cells.NUMERIC, *sampling_cells.NUMERIC,
    }
)  # fmt: skip
