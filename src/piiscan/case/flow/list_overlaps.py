"""Who has the same keys: overlaps, files that are the same, lists in the same order.

Overlap is no proof of descent: lists of one place share people.  Marks of descent are keys that
only two have, the same order, the same bytes; all are told for a person to judge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from piiscan.arrays import Int64
from piiscan.case.count.count_database import scope_name, scopes

Row = dict[str, Any]

#: Kinds of scope that are compared with each other.
KINDS: Final = ("suspect", "device", "item", "source")
#: Most pairs of (scope, scope, key) that are gone through, and where scopes are so many that nearly
#: each would be a pair of its own.  Keys that more have find no pairs, but count in those found.
MOST_PAIRS: Final = 200_000_000
MANY_PAIRS: Final = 100_000_000
MANY_SCOPES: Final = 3_000
#: Most pairs of a kind that are listed, those with most in common first; thousands of small files
#: that all hold one row would make a table of millions.
MOST_LISTED: Final = 20_000
#: Pairs whose order is compared, those with most in common first, and keys looked at in each.
_ORDERED: Final = 300
_KEYS: Final = 200_000
#: Fewest keys in common for an order to say anything.
_FEWEST: Final = 10

_HELD: Final = """
create or replace temp table scoped as
select scope, row_number() over (order by scope)::int as scope_no from (
    select distinct {scope} as scope from placed p where {scope} is not null);
create or replace temp table held as
select n.scope_no, key_no, min(record) as first
from passed t join placed p using (place) join scoped n on n.scope = {scope}
where t.headline group by all;
create or replace temp table holders as
select key_no, count(*) as n from held group by key_no having count(*) > 1;
"""
#: The most that may have a key for it to find pairs: as many as the work allows.
_BOUND: Final = """
select coalesce(max(n), 0) from (
    select n, sum(count(*) * n * n) over (order by n) as work from holders group by n)
where work <= {most}
"""
_MATRIX: Final = """
with shared as (select h.scope_no, h.key_no, n from held h join holders using (key_no)),
few as (select * from shared where n <= {bound}),
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


def overlaps(base: Any) -> list[Row]:
    """``flow_matrix``: pairs that share keys, with |X∩Y|, both ratios, keys only they have.

    A row without names stands for the pairs of its kind that are too many to be told.
    ``order``: which part of the shared keys stands in the same order in both, where compared.
    """
    rows: list[Row] = []
    for kind in scopes(base):
        if kind in KINDS:
            base.execute(_HELD.format(scope=f"p.{scope_name(kind)}"))
            rows += _matrix(base, kind)
    return rows


def _matrix(base: Any, kind: str) -> list[Row]:
    """The rows of the scopes in ``held``."""
    ((scopes_held,),) = base.execute("select count(*) from scoped").fetchall()
    most = MOST_PAIRS if scopes_held <= MANY_SCOPES else MANY_PAIRS
    ((bound,),) = base.execute(_BOUND.format(most=most)).fetchall()
    ((left,),) = base.execute(f"select count(*) from holders where n > {bound}").fetchall()
    limit = min(MOST_LISTED, MOST_PAIRS // max(left, 1))
    found = base.execute(_MATRIX.format(bound=bound, limit=limit + 1)).fetchall()
    rows: list[Row] = []
    for place, (x, y, own, other, both, rare, x_no, y_no) in enumerate(found[:limit]):
        row = _row(kind, x, y, own, other, both, rare)
        if place < _ORDERED and both >= _FEWEST:
            row["order"] = _share(_in_order(base, x_no, y_no))
        rows.append(row)
    if left or len(found) > limit:
        rows.append(_row(kind, None, None, 0, 0, 0, None))
    return rows


def _row(
    kind: str, x: str | None, y: str | None, own: int, other: int, both: int, rare: int | None
) -> Row:
    return {
        "scope_kind": kind,
        "one": x,
        "other": y,
        "one_size": own,
        "other_size": other,
        "common": both,
        "common_of_one": _share(both / own) if own else None,
        "common_of_other": _share(both / other) if other else None,
        "only_these": rare,
        "order": None,
    }


def _share(part: float) -> str:
    """A share of one with four places, as text: tables hold no floats."""
    return f"{part:.4f}"


def _in_order(base: Any, x: int, y: int) -> float:
    """Which part of the keys of both stands in the same order: the longest such row of them."""
    found = base.execute(
        "select b.first from held a join held b using (key_no) where a.scope_no = ?"
        f" and b.scope_no = ? order by a.first limit {_KEYS}",
        [x, y],
    ).fetchnumpy()["first"]
    return longest_rising(found) / len(found)


def longest_rising(values: Sequence[int] | Int64) -> int:
    """The length of the longest strictly rising subsequence.

    >>> longest_rising([3, 1, 2, 5, 4])
    3
    """
    ends: list[int] = []
    for value in np.asarray(values).tolist():
        place = bisect_left(ends, value)
        if place == len(ends):
            ends.append(value)
        else:
            ends[place] = value
    return len(ends)


def same_files(
    sources: Sequence[Mapping[str, Any]], parts: Sequence[Mapping[str, Any]]
) -> list[Row]:
    """``flow_same``: files and members of archives with the same SHA-256, a group a number."""
    by_sum: dict[str, list[tuple[int, str]]] = {}
    for source in sources:
        if source["sha256"]:
            by_sum.setdefault(source["sha256"], []).append((source["source"], ""))
    for part in parts:
        if part["sha256"] and part["member"]:
            place = (part["source"], part["member"])
            if place not in by_sum.setdefault(part["sha256"], []):
                by_sum[part["sha256"]].append(place)
    groups = [(sha256, places) for sha256, places in by_sum.items() if len(places) > 1]
    return [
        {"number": number, "sha256": sha256, "source": source, "member": member}
        for number, (sha256, places) in enumerate(sorted(groups, key=lambda g: g[1]), 1)
        for source, member in places
    ]
