"""List overlaps: keys that two scopes share, identical files, and lists in the same order.

An overlap does not prove a common origin: lists of one region share people. Stronger signs are keys
that only two scopes have, the same order, and the same bytes. All are reported for a person to
judge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.count.count_database import scope_sql
from piiscan.case.count.table_context import TableContext
from piiscan.case.store.common_columns import SCOPE_KIND, SOURCE
from piiscan.pages.report_table import ReportTable, checksum, number, position, text

Row = dict[str, Any]

#: Scope kinds whose scopes are compared with each other.
COMPARED_KINDS: Final = ("suspect", "device", "item", "source")
#: Most (scope, scope, key) triples that are compared; fewer above MANY_SCOPES scopes, where nearly
#: each triple is a new pair. Keys of more scopes create no pair, but count in the pairs found.
MOST_PAIRS: Final = 200_000_000
MANY_PAIRS: Final = 100_000_000
MANY_SCOPES: Final = 3_000
#: Most pairs listed per kind, largest overlap first. Without it, thousands of small files with one
#: common row would make a table of millions of rows.
MOST_LISTED: Final = 20_000
#: Pairs whose order is compared, largest overlap first, and keys compared in each.
_MAX_ORDERED: Final = 300
_MAX_ORDERED_KEYS: Final = 200_000
#: Fewest common keys for which the order is compared.
_MIN_COMMON: Final = 10

_CREATE_HELD: Final = """
create or replace temp table scoped as
select scope, row_number() over (order by scope)::int as scope_no from (
    select distinct {scope} as scope from placed p where {scope} is not null);
create or replace temp table held as
select n.scope_no, key_no, min(subject) as first
from passed t join placed p using (place) join scoped n on n.scope = {scope}
where t.headline and part(key_no) group by all;
create or replace temp table holders as
select key_no, count(*) as n from held where part(key_no) group by key_no having count(*) > 1;
create or replace temp table shared as
select h.scope_no, h.key_no, n from held h join holders o on h.key_no = o.key_no
where part(h.key_no) and part(o.key_no);
"""
#: SQL: the largest number of scopes per key for which the triples stay below ``most``.
_BOUND: Final = """
select coalesce(max(n), 0) from (
    select n, sum(count(*) * n * n) over (order by n) as work from holders group by n)
where work <= {most}
"""
_MATRIX: Final = """
with few as (select * from shared where n <= {bound}),
found as (
    select a.scope_no as x, b.scope_no as y, count(*) as common, count(*) filter (a.n = 2) as rare
    from few a join few b on a.key_no = b.key_no and a.scope_no < b.scope_no
    group by x, y order by common desc, x, y limit {limit}),
more as (
    select x, y, count(*) as common from found join shared a on a.scope_no = x
    join shared b on b.scope_no = y and a.key_no = b.key_no
    where a.n > {bound} and b.n > {bound} group by x, y),
sizes as (select scope_no, count(*) as size from held group by scope_no)
select a.scope, b.scope, s.size, t.size, f.common + coalesce(m.common, 0) as common, rare, f.x, f.y
from found f left join more m on f.x = m.x and f.y = m.y
join sizes s on s.scope_no = f.x join sizes t on t.scope_no = f.y
join scoped a on a.scope_no = f.x join scoped b on b.scope_no = f.y
order by common desc, f.x, f.y
"""


def _key_overlaps(context: TableContext) -> list[Row]:
    """Return ``flow_matrix``: a row per pair of scopes with common keys, with counts and shares.

    ``only_these``: keys that no third scope has. ``order``: share of the common keys in the same
    order in both, if compared. A row without names represents the pairs of its kind that are too
    many to list.
    """
    connection = context.connection
    rows: list[Row] = []
    for kind in context.scopes:
        if kind in COMPARED_KINDS and context.tallies.scope_counts[kind] > 1:
            connection.create(_CREATE_HELD.format(scope=f"p.{scope_sql(kind)}"))
            rows += _matrix(connection, kind)
    return rows


def _matrix(connection: Any, kind: str) -> list[Row]:
    """Return the ``flow_matrix`` rows of one kind of scope, from the table ``held``."""
    ((scope_count,),) = connection.execute("select count(*) from scoped").fetchall()
    max_pairs = MOST_PAIRS if scope_count <= MANY_SCOPES else MANY_PAIRS
    ((bound,),) = connection.execute(_BOUND.format(most=max_pairs)).fetchall()
    ((skipped,),) = connection.execute(f"select count(*) from holders where n > {bound}").fetchall()
    limit = min(MOST_LISTED, MOST_PAIRS // max(skipped, 1))
    found = connection.execute(_MATRIX.format(bound=bound, limit=limit + 1)).fetchall()
    rows: list[Row] = []
    for index, (x, y, x_size, y_size, common, rare, x_no, y_no) in enumerate(found[:limit]):
        row = _row(kind, x, y, x_size, y_size, common, rare)
        if index < _MAX_ORDERED and common >= _MIN_COMMON:
            row["order"] = _share(_share_in_order(connection, x_no, y_no))
        rows.append(row)
    if skipped or len(found) > limit:
        rows.append(_row(kind, None, None, 0, 0, 0, None))
    return rows


def _row(
    kind: str,
    one: str | None,
    other: str | None,
    one_size: int,
    other_size: int,
    common: int,
    only_these: int | None,
) -> Row:
    """Return one row of ``flow_matrix``: scopes ``one`` and ``other`` with ``common`` keys."""
    return {
        "scope_kind": kind,
        "one": one,
        "other": other,
        "one_size": one_size,
        "other_size": other_size,
        "common": common,
        "common_of_one": _share(common / one_size) if one_size else None,
        "common_of_other": _share(common / other_size) if other_size else None,
        "only_these": only_these,
        "order": None,
    }


def _share(ratio: float) -> str:
    """Return a ratio as text with four decimal places: ``0.8 -> 0.8000``; tables have no floats."""
    return f"{ratio:.4f}"


def _share_in_order(connection: Any, x: int, y: int) -> float:
    """Return the share (0 to 1) of the common keys that have the same order in both scopes.

    ``x``, ``y``: scope numbers. It is the longest increasing subsequence of their first
    records.
    """
    found = connection.execute(
        "select b.first from held a join held b using (key_no) where a.scope_no = ?"
        f" and b.scope_no = ? order by a.first limit {_MAX_ORDERED_KEYS}",
        [x, y],
    ).fetchnumpy()["first"]
    return longest_increasing(found) / len(found)


def longest_increasing(values: Sequence[int] | Int64) -> int:
    """Return the length of the longest strictly increasing subsequence.

    >>> longest_increasing([3, 1, 2, 5, 4])
    3
    """
    ends: list[int] = []
    for value in np.asarray(values).tolist():
        index = bisect_left(ends, value)
        if index == len(ends):
            ends.append(value)
        else:
            ends[index] = value
    return len(ends)


def _identical_files(context: TableContext) -> list[Row]:
    """Return ``flow_same``: sources and archive members with the same SHA-256.

    Each group of identical files has a number.
    """
    by_sum: dict[str, list[tuple[int, str]]] = {}
    for source in context.case.sources:
        if source["sha256"]:
            by_sum.setdefault(source["sha256"], []).append((source["source"], ""))
    for part in context.case.parts:
        if part["sha256"] and part["member"]:
            location = (part["source"], part["member"])
            if location not in by_sum.setdefault(part["sha256"], []):
                by_sum[part["sha256"]].append(location)
    groups = [(sha256, locations) for sha256, locations in by_sum.items() if len(locations) > 1]
    return [
        {"number": number, "sha256": sha256, "source": source, "member": member}
        for number, (sha256, locations) in enumerate(sorted(groups, key=lambda g: g[1]), 1)
        for source, member in locations
    ]


FLOW_MATRIX: Final = ReportTable(
    "flow_matrix",
    (
        SCOPE_KIND,
        text("one"),
        text("other"),
        number("one_size"),
        number("other_size"),
        number("common"),
        number("common_of_one"),
        number("common_of_other"),
        number("only_these"),
        number("order"),
    ),
    section="T7",
    made_by="count",
    build=_key_overlaps,
    notes=("sheet.note.matrix",),
)
FLOW_SAME: Final = ReportTable(
    "flow_same",
    (position("number"), SOURCE, text("member"), checksum("sha256")),
    section="T7",
    made_by="count",
    build=_identical_files,
    page_rows=40,
)
