"""Who has the same keys: overlaps, files that are the same, lists in the same order.

Overlap is no proof of descent: lists of one place share people.  Marks of descent are keys that
only two have, the same order, the same bytes; all are told for a person to judge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from piiscan.evidence.count.board import scope_name, scopes

Row = dict[str, Any]
Int64 = npt.NDArray[np.int64]

#: Kinds of scope that are compared with each other.
KINDS: Final = ("suspect", "device", "item", "source")
#: Most pairs of (scope, scope, key) that are gone through; beyond, that kind is told as too many.
MOST_PAIRS: Final = 200_000_000
#: Most pairs of a kind that are listed, those with most in common first; thousands of small files
#: that all hold one row would make a table of millions.
MOST_LISTED: Final = 20_000
#: Pairs whose order is compared, those with most in common first, and keys looked at in each.
_ORDERED: Final = 300
_KEYS: Final = 200_000
#: Fewest keys in common for an order to say anything.
_FEWEST: Final = 10

_HELD: Final = """
create or replace temp table held as
select {scope} as scope, key_no, min(record) as first from passed t join placed p using (place)
where t.headline and {scope} is not null group by all
"""
_MATRIX: Final = """
with holders as (select key_no, count(*) as n from held group by key_no having count(*) > 1),
shared as (select h.scope, h.key_no, n from held h join holders using (key_no)),
sizes as (select scope, count(*) as size from held group by scope)
select a.scope, b.scope, any_value(x.size), any_value(y.size), count(*),
       count(*) filter (a.n = 2)
from shared a join shared b on a.key_no = b.key_no and a.scope < b.scope
join sizes x on x.scope = a.scope join sizes y on y.scope = b.scope
group by a.scope, b.scope order by count(*) desc, a.scope, b.scope limit {limit}
"""


def overlaps(base: Any) -> list[Row]:
    """``flow_matrix``: pairs that share keys, with |X∩Y|, both ratios, keys only they have.

    A row without names stands for the pairs of its kind that are too many to be told.
    ``order``: which part of the shared keys stands in the same order in both, where compared.
    """
    rows: list[Row] = []
    for kind in scopes(base):
        if kind not in KINDS:
            continue
        base.execute(_HELD.format(scope=f"p.{scope_name(kind)}"))
        if _work(base) > MOST_PAIRS:
            rows.append(_row(kind, None, None, 0, 0, 0, None))
            continue
        found = base.execute(_MATRIX.format(limit=MOST_LISTED + 1)).fetchall()
        for place, (x, y, own, other, both, rare) in enumerate(found[:MOST_LISTED]):
            row = _row(kind, x, y, own, other, both, rare)
            if place < _ORDERED and both >= _FEWEST:
                row["order"] = _share(_in_order(base, x, y))
            rows.append(row)
        if len(found) > MOST_LISTED:
            rows.append(_row(kind, None, None, 0, 0, 0, None))
    return rows


def _work(base: Any) -> int:
    query = (
        "select coalesce(sum(n * n), 0)::bigint from (select count(*) n from held group by key_no)"
    )
    return int(base.execute(query).fetchone()[0])


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


def _in_order(base: Any, x: str, y: str) -> float:
    """Which part of the keys of both stands in the same order: the longest such row of them."""
    found = base.execute(
        "select b.first from held a join held b using (key_no) where a.scope = ? and b.scope = ?"
        f" order by a.first limit {_KEYS}",
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
