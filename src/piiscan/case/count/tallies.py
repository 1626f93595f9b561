"""Tallies: number of records, rows, keys and persons in each scope, computed once and cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.count.count_database import SCOPES, scope_sql
from piiscan.case.count.parted_database import PartedDatabase


@dataclass(frozen=True, slots=True)
class Tally:
    """Number of records, rows, keys or persons in one scope.

    ``count``: in the headline. ``without_business``: ``count`` without public business information.
    ``unconfirmed``: in layers outside the headline, not part of ``count``.
    """

    count: int = 0
    without_business: int = 0
    unconfirmed: int = 0


#: Scope -> its tally.
TallyByScope = dict[str, Tally]

#: Tallies that are sums over the table ``standing``.
_STEP_COUNTS: Final = (
    "found", "named", "passed", "telling", "bare", "bare_sound",
    "subjects_found", "subjects_named", "subjects_passed",
)  # fmt: skip
#: Name -> table, condition, and the columns whose distinct values are counted.
_DISTINCT: Final = {
    "rows_by_file": ("passed", "true", "place, row_no"),
    "whole_rows": ("passed", "true", "row_no"),
    "rows": ("passed", "true", "content_no"),
    "keys": ("passed", "true", "key_no"),
    "persons": ("passed", "true", "person"),
    "bare_keys": ("rows", "counts and bare and step = 3", "key"),
    "row_keys": ("passed", "main", "key_no"),
    "subjects_by_row": ("passed", "true", "record, key_no"),
    "subjects_by_file": ("passed", "true", "place, row_no, key_no"),
    "whole_subjects": ("passed", "true", "row_no, key_no"),
    "subjects": ("passed", "true", "content_no, key_no"),
}
#: Tally of subjects -> the tally of rows that equals it if no row has two subjects.
_OF_ONE_SUBJECT: Final = {
    "row_keys": "keys",
    "subjects_by_row": "passed",
    "subjects_by_file": "rows_by_file",
    "whole_subjects": "whole_rows",
    "subjects": "rows",
}


#: SQL: kinds of scope with their number of scopes and of parts.
_KINDS: Final = "select kind, min(scope), count(distinct scope), count(*) from scoped group by kind"
#: Sums over the parts of a scope, from ``placed``.
ROW_COUNTS: Final = ("rows", "header_rows", "blank_rows", "title_rows", "schema_rows")
#: SQL: rows of each scope, in and outside the headline.
_ROWS: Final = f"""
select kind, scope, headline, {", ".join(f"sum(p.{name})::bigint" for name in ROW_COUNTS)}
from placed p join scoped using (place, headline) group by all order by all
"""
_STEPS: Final = f"""
select kind, scope, headline, business, {", ".join(f"sum({name})::bigint" for name in _STEP_COUNTS)}
from standing join scoped using (place) group by all
"""
#: SQL: what tallies of few rows are counted from.
_FEW_PASSED: Final = """
select place, headline, business, main, record, row_no, content_no, key_no, person from passed
"""
_FEW_BARE: Final = """
select place, headline, business, key from rows where counts and bare and step = 3
"""


class Tallies:
    """Tallies of a count database, by scope kind and name."""

    def __init__(self, connection: PartedDatabase, *, small: bool = False) -> None:
        """Read the scope kinds of the count database and its tallies that are sums.

        ``small``: True for few rows. Distinct values are then counted in memory.
        """
        self._connection = connection
        found = connection.execute(_KINDS).fetchall()
        scopes = {kind: (scope, number, parts) for kind, scope, number, parts in found}
        self.kinds = [kind for kind in SCOPES if kind in scopes]
        all_parts = scopes["total"][2] if scopes else 0
        #: Kind with one scope, which has all parts -> that scope.
        self.single_scopes = {
            kind: scope
            for kind, (scope, number, parts) in scopes.items()
            if kind != "total" and number == 1 and parts == all_parts
        }
        #: Kind -> number of its scopes.
        self.scope_counts = {kind: number for kind, (_, number, _) in scopes.items()}
        #: Kind, scope, True in the headline -> its ROW_COUNTS.
        self.rows: dict[str, dict[str, dict[bool, tuple[int, ...]]]] = {k: {} for k in self.kinds}
        for kind, scope, headline, *counts in connection.execute(_ROWS).fetchall():
            self.rows[kind].setdefault(scope, {})[headline] = tuple(counts)
        self._cache: dict[tuple[str, str], TallyByScope] = {}
        self._read_step_counts()
        others = connection.execute("select count(*) from passed where not main").fetchone()
        self._one_subject_each = others[0] == 0
        self._few = self._read_few() if small else None

    def by_scope(self, kind: str, name: str) -> TallyByScope:
        """Return scope -> tally of ``name`` (``passed``, ``keys``, ``persons`` …)."""
        if (kind, name) not in self._cache:
            if kind in self.single_scopes:
                self._cache[kind, name] = self._copy_total(kind, name)
            elif name in _OF_ONE_SUBJECT and self._one_subject_each:
                self._cache[kind, name] = self.by_scope(kind, _OF_ONE_SUBJECT[name])
            elif self._few is not None:
                self._cache[kind, name] = self._count_few(kind, name)
            else:
                self._cache[kind, name] = self._count_distinct(kind, name)
        return self._cache[kind, name]

    def read(self, kind: str) -> TallyByScope:
        """Return scope -> tally of the source rows that were read (step R0)."""
        none = (0,) * len(ROW_COUNTS)
        return {
            scope: Tally(
                counts.get(True, none)[0], counts.get(True, none)[0], counts.get(False, none)[0]
            )
            for scope, counts in self.rows[kind].items()
        }

    def _copy_total(self, kind: str, name: str) -> TallyByScope:
        """Return {single scope of ``kind``: tally of the whole case} for the unit ``name``."""
        return dict.fromkeys(
            [self.single_scopes[kind]], self.by_scope("total", name).get("total", Tally())
        )

    def _read_step_counts(self) -> None:
        """Cache the tallies of all units in the table ``standing``."""
        for kind in self.kinds:
            for name in _STEP_COUNTS:
                self._cache[kind, name] = {}
        for kind, scope, headline, business, *numbers in self._connection.execute(
            _STEPS
        ).fetchall():
            for name, number in zip(_STEP_COUNTS, numbers, strict=True):
                tally = self._cache[kind, name].get(scope, Tally())
                self._cache[kind, name][scope] = Tally(
                    tally.count + number * headline,
                    tally.without_business + number * (headline and not business),
                    tally.unconfirmed + number * (not headline),
                )

    def _read_few(self) -> dict[str, Any]:
        """Return the rows of few subjects by table, and the scopes of each part by kind."""
        places: dict[str, dict[int, str]] = {kind: {} for kind in self.kinds}
        query = "select kind, place, scope from scoped"
        for kind, place, scope in self._connection.execute(query).fetchall():
            places[kind][place] = scope
        rows = {
            table: self._connection.sql(query).to_arrow_table().to_pylist()
            for table, query in (("passed", _FEW_PASSED), ("rows", _FEW_BARE))
        }
        return {"places": places, **rows}

    def _count_few(self, kind: str, name: str) -> TallyByScope:
        """Return the same as ``_count_distinct``, from the rows in memory."""
        assert self._few is not None
        table, where, column_list = _DISTINCT[name]
        columns, places = column_list.split(", "), self._few["places"][kind]
        business: dict[tuple[Any, ...], bool] = {}
        for row in self._few[table]:
            if row["place"] in places and (where != "main" or row["main"]):
                value = (places[row["place"]], row["headline"], *map(row.get, columns))
                business[value] = business.get(value, True) and row["business"]
        counts: dict[str, list[int]] = {}
        for (scope, headline, *_), public in business.items():
            count = counts.setdefault(scope, [0, 0, 0])
            count[0] += headline
            count[1] += headline and not public
            count[2] += not headline
        return {scope: Tally(*count) for scope, count in counts.items()}

    def _count_distinct(self, kind: str, name: str) -> TallyByScope:
        """Return scope -> tally of the distinct values behind ``name`` (_DISTINCT)."""
        table, where, column_list = _DISTINCT[name]
        if kind == "total":
            scope, joined = "'total'", table
        else:
            scope, joined = f"p.{scope_sql(kind)}", f"{table} t join placed p using (place)"
        columns = ", ".join(
            column if kind == "total" else f"t.{column}" for column in column_list.split(", ")
        )
        prefix = "" if kind == "total" else "t."
        query = (
            "select scope, count(*) filter (headline), count(*) filter (headline and not business),"
            f" count(*) filter (not headline) from (select {scope} as scope, {prefix}headline,"
            f" bool_and({prefix}business) as business from {joined} where {where}"
            f" and part({columns}) group by scope, {prefix}headline, {columns})"
            " where scope is not null group by scope"
        )
        return {
            scope: Tally(*unconfirmed) for scope, *unconfirmed in self._connection.add_up(query, 1)
        }
