"""Tallies: number of records, rows, keys and persons in each scope, computed once and cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.count.count_database import scope_sql, scopes


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


class Tallies:
    """Tallies of a count database, by scope kind and name."""

    def __init__(self, connection: Any) -> None:
        """Read the scope kinds of the count database and cache the step counts of each kind."""
        self._connection = connection
        self.kinds = scopes(connection)
        self._cache: dict[tuple[str, str], TallyByScope] = {}
        whole = [kind for kind in self.kinds if self._is_single(kind)]
        self._single_scopes = {
            kind: self._scope_names(kind)[0] for kind in whole if kind != "total"
        }
        for kind in self.kinds:
            self._read_step_counts(kind)
        others = connection.execute("select count(*) from passed where not main").fetchone()
        self._one_subject_each = others[0] == 0

    def by_scope(self, kind: str, name: str) -> TallyByScope:
        """Return scope -> tally of ``name`` (``passed``, ``keys``, ``persons`` …)."""
        if (kind, name) not in self._cache:
            if kind in self._single_scopes:
                self._cache[kind, name] = self._copy_total(kind, name)
            elif name in _OF_ONE_SUBJECT and self._one_subject_each:
                self._cache[kind, name] = self.by_scope(kind, _OF_ONE_SUBJECT[name])
            else:
                self._cache[kind, name] = self._count_distinct(kind, name)
        return self._cache[kind, name]

    def read(self, kind: str) -> TallyByScope:
        """Return scope -> tally of the source rows that were read (step R0)."""
        query = (
            f"select {scope_sql(kind)} as scope, sum(rows) filter (headline),"
            " sum(rows) filter (not headline) from placed where scope is not null group by scope"
        )
        return {
            scope: Tally(int(rows or 0), int(rows or 0), int(unconfirmed or 0))
            for scope, rows, unconfirmed in self._connection.execute(query).fetchall()
        }

    def _scope_names(self, kind: str) -> list[str]:
        """Return the names of all scopes of ``kind``, sorted."""
        query = f"select distinct {scope_sql(kind)} as scope from placed where scope is not null"
        return [name for (name,) in self._connection.execute(f"{query} order by scope").fetchall()]

    def _is_single(self, kind: str) -> bool:
        """Return True if a single scope of ``kind`` has all parts: one suspect only."""
        query = f"select count(*) from placed where {scope_sql(kind)} is null"
        return (
            len(self._scope_names(kind)) == 1 and self._connection.execute(query).fetchone()[0] == 0
        )

    def _copy_total(self, kind: str, name: str) -> TallyByScope:
        """Return {single scope of ``kind``: tally of the whole case} for the unit ``name``."""
        return dict.fromkeys(
            [self._single_scopes[kind]], self.by_scope("total", name).get("total", Tally())
        )

    def _read_step_counts(self, kind: str) -> None:
        """Cache the tallies of all units in the table ``standing`` for one kind of scope."""
        sums = ", ".join(
            f"coalesce(sum({name}) filter ({where}), 0)::bigint"
            for name in _STEP_COUNTS
            for where in ("headline", "headline and not business", "not headline")
        )
        query = (
            f"select {scope_sql(kind)} as scope, {sums} from standing join placed using (place)"
            " where scope is not null group by scope"
        )
        for name in _STEP_COUNTS:
            self._cache[kind, name] = {}
        for scope, *numbers in self._connection.execute(query).fetchall():
            for place, name in enumerate(_STEP_COUNTS):
                self._cache[kind, name][scope] = Tally(*numbers[3 * place : 3 * place + 3])

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
            f" group by scope, {prefix}headline, {columns}) where scope is not null group by scope"
        )
        return {
            scope: Tally(*unconfirmed)
            for scope, *unconfirmed in self._connection.execute(query).fetchall()
        }
