"""Keys that stand in several cases of one digest key: pairs of cases, suspects, items, files.

Overlap is a hint, not descent; what only two have is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.flow.list_overlaps import MANY_PAIRS, MANY_SCOPES, MOST_LISTED, MOST_PAIRS
from piiscan.case.store.connection import literal

Row = dict[str, Any]

#: What is compared across cases, and the SQL of its name.
SCOPES: Final[Mapping[str, str]] = {
    "case": "'case'",
    "suspect": "suspect",
    "item": "item",
    "source": "source::varchar",
}

_KEPT: Final = """
copy (select distinct k.key_kind, k.key, p.suspect, p.item, p.source
      from passed t join placed p using (place) join keys k using (key_no) where t.headline
      order by all) to {out} (format parquet)
"""
_NUMBERED: Final = """
create temp table numbered as
with every as ({every})
select e.*, key_no from every e join (
    select key_kind, key, row_number() over ()::int as key_no
    from (select distinct key_kind, key from every)) using (key_kind, key)
"""
_HELD: Final = """
create or replace temp table held as
select distinct case_no, {scope} as scope, key_no from numbered where {scope} is not null
"""
_MATRIX: Final = """
with holders as (select key_no, count(*) as n from held group by key_no having count(*) > 1),
shared as (select h.*, n from held h join holders using (key_no)),
sizes as (select case_no, scope, count(*) as size from held group by all)
select a.case_no as one_case, a.scope as one, b.case_no as other_case, b.scope as other,
       any_value(x.size) as one_size, any_value(y.size) as other_size, count(*) as common,
       count(*) filter (a.n = 2) as only_these
from shared a join shared b on a.key_no = b.key_no and a.case_no < b.case_no
join sizes x on x.case_no = a.case_no and x.scope = a.scope
join sizes y on y.case_no = b.case_no and y.scope = b.scope
group by a.case_no, a.scope, b.case_no, b.scope
order by count(*) desc, one_case, one, other_case, other limit {limit}
"""


def keep_keys(base: Any, out: Path) -> None:
    """Write the keys of a board that count, with whose they are, to ``out``."""
    base.execute(_KEPT.format(out=literal(out)))


def crossing(base: Any, kept: Sequence[Path]) -> list[Row]:
    """``cross_matrix``: pairs of different cases (by place in ``kept``) that share keys.

    |X∩Y|, |X∪Y|, both ratios, and keys that no other scope of the kind has.  Pairs of cases
    are told even where they share nothing; a row without names stands for pairs too many to tell.
    """
    every = " union all ".join(
        f"select {number} as case_no, * from read_parquet({literal(path)})"
        for number, path in enumerate(kept)
    )
    base.execute(_NUMBERED.format(every=every))
    rows: list[Row] = []
    for kind, scope in SCOPES.items():
        base.execute(_HELD.format(scope=scope))
        if _too_many(base):
            rows.append({**_EMPTY, "scope_kind": kind})
            continue
        found = base.sql(_MATRIX.format(limit=MOST_LISTED + 1)).to_arrow_table().to_pylist()
        rows += [_told(kind, row) for row in found[:MOST_LISTED]]
        if len(found) > MOST_LISTED:
            rows.append({**_EMPTY, "scope_kind": kind})
    return _with_strangers(base, rows, len(kept))


_EMPTY: Final[Row] = dict.fromkeys(
    (
        *("scope_kind", "one_case", "one", "other_case", "other", "one_size", "other_size"),
        *("common", "either", "common_of_one", "common_of_other", "only_these"),
    )
)


def _too_many(base: Any) -> bool:
    """Whether the pairs are more than can be gone through."""
    query = (
        "select coalesce(sum(n * n), 0)::bigint, (select count(*) from (select distinct case_no,"
        " scope from held)) from (select count(*) n from held group by key_no)"
    )
    ((work, scopes),) = base.execute(query).fetchall()
    return bool(work > (MOST_PAIRS if scopes <= MANY_SCOPES else MANY_PAIRS))


def _told(kind: str, row: Row) -> Row:
    own, other, both = row["one_size"], row["other_size"], row["common"]
    ratios = {
        "either": own + other - both,
        "common_of_one": f"{both / own:.4f}" if own else None,
        "common_of_other": f"{both / other:.4f}" if other else None,
    }
    names = dict.fromkeys(("one", "other")) if kind == "case" else {}
    return {**_EMPTY, **row, **ratios, **names, "scope_kind": kind}


def _with_strangers(base: Any, rows: list[Row], count: int) -> list[Row]:
    """The rows, those of cases for every pair and in order."""
    query = "select case_no, count(distinct key_no) from numbered group by case_no"
    sizes: dict[int, int] = dict(base.execute(query).fetchall())
    met = {(r["one_case"], r["other_case"]): r for r in rows if r["scope_kind"] == "case"}
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    none = {"common": 0, "only_these": 0}
    cases = [
        met.get(pair)
        or _told(
            "case",
            {
                "one_case": pair[0],
                "other_case": pair[1],
                **none,
                "one_size": sizes.get(pair[0], 0),
                "other_size": sizes.get(pair[1], 0),
            },
        )
        for pair in pairs
    ]
    return [*cases, *(row for row in rows if row["scope_kind"] != "case")]
