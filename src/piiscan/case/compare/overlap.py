"""``piiscan overlap``: find the keys that several cases with one digest key share.

The keys are counted by pairs of cases, suspects, items and files. An overlap is a hint and proves
no origin; a second number has the keys that only two scopes share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from piiscan.case.compare.exchange import key_order, read_exchange, write_exchange_keys
from piiscan.case.count.reopen import reopen_count, require_count
from piiscan.case.flow.list_overlaps import MANY_PAIRS, MANY_SCOPES, MOST_LISTED, MOST_PAIRS
from piiscan.case.store.case import Case
from piiscan.case.store.common_columns import SCOPE_KIND
from piiscan.case.store.connection import connect, literal
from piiscan.errors import CaseError
from piiscan.output_files import make_private_folder, temporary_folder
from piiscan.pages.report_table import ReportTable, number, text

Row = dict[str, Any]
_MEMORY: Final = "800MB"


def overlap(
    cases: Sequence[str | Path | Case], *, exchanged: Sequence[Path] = (), key: Path | None = None
) -> list[Row]:
    """Return the rows of ``cross_matrix`` over the newest counts of two or more cases.

    ``exchanged``: exchange files of other offices, which are cases without further scopes; then
    the sources of ``cases`` are read again for their digests under ``key``, the one-off key.

    Raise CaseError if a case is given twice or has no count, or if digest keys or key orders
    differ: the same person would then have other digests.
    """
    opened = [each if isinstance(each, Case) else Case.open(each) for each in cases]
    _check_comparable(opened)
    names = [*case_names(opened), *(path.name for path in exchanged)]
    with temporary_folder(opened[0].path / "tmp", "overlap-") as folder:
        key_files = []
        for number, case in enumerate(opened):
            key_files.append(make_private_folder(folder / f"{number}") / "keys.parquet")
            if key is not None:
                write_exchange_keys(case, key_files[-1], key)
                continue
            with reopen_count(case, require_count(case)) as connection:
                write_counted_keys(connection, key_files[-1])
        if key is not None:
            key_files += (read_exchange(path, key, key_order(opened[0])) for path in exchanged)
        with connect(Path(folder), memory=_MEMORY) as connection:
            rows = CROSS_MATRIX.rows_from(connection, key_files)
    paths = [case.source_names() for case in opened]
    return [_with_names(row, names, paths) for row in rows]


def _check_comparable(cases: Sequence[Case]) -> None:
    """Raise CaseError unless the cases differ, have counts, and share digest key and key order."""
    first = cases[0]
    seen: set[str] = set()
    for case in cases:
        if case.manifest.sha256 in seen:
            raise CaseError("compare.given_twice", case=case.path)
        seen.add(case.manifest.sha256)
        require_count(case)
        if case.manifest.content["settings"]["key"] != first.manifest.content["settings"]["key"]:
            raise CaseError("compare.other_key_than", case=case.path, first=first.path)
        if key_order(case) != key_order(first):
            raise CaseError("compare.other_key_order", case=case.path, first=first.path)


def case_names(cases: Sequence[Case]) -> list[str]:
    """Return a display name per case: its case number if no other case has it, else its folder."""
    numbers = [case.manifest.content["case_number"].strip() for case in cases]
    return [
        number if number and numbers.count(number) == 1 else str(case.path)
        for number, case in zip(numbers, cases, strict=True)
    ]


def _with_names(row: Row, names: Sequence[str], paths: Sequence[Mapping[int, str]]) -> Row:
    """Return a row of ``cross_matrix`` with case names for case numbers, and paths for sources."""
    result = dict(row)
    for end in ("one", "other"):
        number = row[f"{end}_case"]
        if number is None:
            continue
        result[f"{end}_case"] = names[number]
        if row["scope_kind"] == "source":
            result[end] = f"{row[end]} {paths[number][int(row[end])]}"
    return result


#: Kind of scope -> SQL of its name.
SCOPES: Final[Mapping[str, str]] = {
    "case": "'case'",
    "suspect": "suspect",
    "item": "item",
    "source": "source::varchar",
}

_KEYS_SQL: Final = """
copy (select distinct k.key_kind, k.key, p.suspect, p.item, p.source
      from passed t join placed p using (place) join people k using (subject) where t.headline
      order by all) to {out} (format parquet)
"""
_NUMBERED_SQL: Final = """
create temp table numbered as
with every as ({every})
select e.*, key_no from every e join (
    select key_kind, key, row_number() over ()::int as key_no
    from (select distinct key_kind, key from every)) using (key_kind, key)
"""
_HELD_SQL: Final = """
create or replace temp table held as
select distinct case_no, {scope} as scope, key_no from numbered where {scope} is not null
"""
_MATRIX_SQL: Final = """
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


def write_counted_keys(connection: Any, out: Path) -> None:
    """Write the counted keys of a count database to the Parquet file ``out``, with their scopes.

    The scopes are suspect, item and source.
    """
    connection.execute(_KEYS_SQL.format(out=literal(out)))


def _cross_matrix(connection: Any, key_files: Sequence[Path]) -> list[Row]:
    """Return the rows of ``cross_matrix``: pairs of scopes in different cases that share keys.

    Columns are |X∩Y|, |X∪Y|, both ratios, and the keys that no other scope has. Cases are numbered
    by their position in ``key_files``. Every pair of cases has a row. A row without names means
    that further pairs were left out.
    """
    all_keys = " union all by name ".join(
        f"select {number} as case_no, * from read_parquet({literal(path)})"
        for number, path in enumerate(key_files)
    )
    connection.execute(_NUMBERED_SQL.format(every=all_keys))
    rows: list[Row] = []
    for kind, scope in SCOPES.items():
        connection.execute(_HELD_SQL.format(scope=scope))
        if _has_too_many_pairs(connection):
            rows.append({**_EMPTY_ROW, "scope_kind": kind})
            continue
        found = (
            connection.sql(_MATRIX_SQL.format(limit=MOST_LISTED + 1)).to_arrow_table().to_pylist()
        )
        rows += [_matrix_row(kind, row) for row in found[:MOST_LISTED]]
        if len(found) > MOST_LISTED:
            rows.append({**_EMPTY_ROW, "scope_kind": kind})
    return _with_every_pair(connection, rows, len(key_files))


_EMPTY_ROW: Final[Row] = dict.fromkeys(
    (
        *("scope_kind", "one_case", "one", "other_case", "other", "one_size", "other_size"),
        *("common", "either", "common_of_one", "common_of_other", "only_these"),
    )
)


def _has_too_many_pairs(connection: Any) -> bool:
    """Return True if comparing all pairs of scopes in the table ``held`` would exceed MOST_PAIRS.

    The limit is MANY_PAIRS if there are more than MANY_SCOPES scopes.
    """
    query = (
        "select coalesce(sum(n * n), 0)::bigint, (select count(*) from (select distinct case_no,"
        " scope from held)) from (select count(*) n from held group by key_no)"
    )
    ((work, scopes),) = connection.execute(query).fetchall()
    return bool(work > (MOST_PAIRS if scopes <= MANY_SCOPES else MANY_PAIRS))


def _matrix_row(kind: str, row: Row) -> Row:
    """Return one row of ``cross_matrix`` with the size of the union and both shares added."""
    one, other, both = row["one_size"], row["other_size"], row["common"]
    ratios = {
        "either": one + other - both,
        "common_of_one": f"{both / one:.4f}" if one else None,
        "common_of_other": f"{both / other:.4f}" if other else None,
    }
    names = dict.fromkeys(("one", "other")) if kind == "case" else {}
    return {**_EMPTY_ROW, **row, **ratios, **names, "scope_kind": kind}


def _with_every_pair(connection: Any, rows: list[Row], count: int) -> list[Row]:
    """Return the matrix rows, with a row for each pair of the ``count`` cases put first.

    Pairs without shared keys get 0.
    """
    query = "select case_no, count(distinct key_no) from numbered group by case_no"
    sizes: dict[int, int] = dict(connection.execute(query).fetchall())
    found = {(r["one_case"], r["other_case"]): r for r in rows if r["scope_kind"] == "case"}
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    none = {"common": 0, "only_these": 0}
    cases = [
        found.get(pair)
        or _matrix_row(
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


CROSS_MATRIX: Final = ReportTable(
    "cross_matrix",
    (
        SCOPE_KIND,
        text("one_case"),
        text("one"),
        text("other_case"),
        text("other"),
        number("one_size"),
        number("other_size"),
        number("common"),
        number("either"),
        number("common_of_one"),
        number("common_of_other"),
        number("only_these"),
    ),
    section="T7",
    made_by="count",
    build=_cross_matrix,
    notes=("cross.note",),
)
