"""How many records, rows, keys and persons there are in each scope, counted once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from piiscan.case.count.count_database import PASSED, scope_name, scopes


@dataclass(frozen=True, slots=True)
class Tally:
    """One number and its companions.

    ``without``: without public business information; ``unconfirmed``: in layers outside of the
    headline, which ``count`` leaves out.
    """

    count: int = 0
    without: int = 0
    unconfirmed: int = 0


#: Scope -> its number.
Tallied = dict[str, Tally]

#: What is made of the table ``standing``.
_STANDING: Final = ("found", "named", "passed", "telling", "bare", "bare_sound")
#: What makes two rows of a table one: table, condition, columns.
_DISTINCT: Final = {
    "rows_by_file": ("passed", "true", "place, row_no"),
    "rows": ("passed", "true", "row_no"),
    "keys": ("passed", "true", "key_no"),
    "persons": ("passed", "true", "person"),
    "bare_keys": ("rows", "counts and bare and step = 3", "key"),
    "people_keys": ("people", PASSED, "key_kind, key"),
}


class Tallies:
    """The numbers of a board, by kind of scope and name."""

    def __init__(self, base: Any) -> None:
        self._base = base
        self.kinds = scopes(base)
        self._known: dict[tuple[str, str], Tallied] = {}
        whole = [kind for kind in self.kinds if self._covers(kind)]
        self._whole = {kind: self._names(kind)[0] for kind in whole if kind != "total"}
        for kind in self.kinds:
            self._stand(kind)
        roles = base.execute(f"select count(*) from people where not main and {PASSED}").fetchone()
        self._alone = roles[0] == 0

    def of(self, kind: str, name: str) -> Tallied:
        """The numbers called ``name`` (found, named, passed, rows, keys, persons …) by scope."""
        if (kind, name) not in self._known:
            if kind in self._whole:
                self._known[kind, name] = self._renamed(kind, name)
            elif name == "people_keys" and self._alone:
                self._known[kind, name] = self.of(kind, "keys")
            else:
                self._known[kind, name] = self._distinct(kind, name)
        return self._known[kind, name]

    def read(self, kind: str) -> Tallied:
        """The rows that were read, by scope."""
        query = (
            f"select {scope_name(kind)} as scope, sum(rows) filter (headline),"
            " sum(rows) filter (not headline) from placed where scope is not null group by scope"
        )
        return {
            scope: Tally(int(rows or 0), int(rows or 0), int(rest or 0))
            for scope, rows, rest in self._base.execute(query).fetchall()
        }

    def _names(self, kind: str) -> list[str]:
        query = f"select distinct {scope_name(kind)} as scope from placed where scope is not null"
        return [name for (name,) in self._base.execute(f"{query} order by scope").fetchall()]

    def _covers(self, kind: str) -> bool:
        """Whether one scope of that kind is the whole evidence."""
        query = f"select count(*) from placed where {scope_name(kind)} is null"
        return len(self._names(kind)) == 1 and self._base.execute(query).fetchone()[0] == 0

    def _renamed(self, kind: str, name: str) -> Tallied:
        return dict.fromkeys([self._whole[kind]], self.of("total", name).get("total", Tally()))

    def _stand(self, kind: str) -> None:
        """All numbers of ``standing`` at once."""
        sums = ", ".join(
            f"coalesce(sum({name}) filter ({where}), 0)::bigint"
            for name in _STANDING
            for where in ("headline", "headline and not business", "not headline")
        )
        query = (
            f"select {scope_name(kind)} as scope, {sums} from standing join placed using (place)"
            " where scope is not null group by scope"
        )
        for name in _STANDING:
            self._known[kind, name] = {}
        for scope, *numbers in self._base.execute(query).fetchall():
            for at, name in enumerate(_STANDING):
                self._known[kind, name][scope] = Tally(*numbers[3 * at : 3 * at + 3])

    def _distinct(self, kind: str, name: str) -> Tallied:
        table, where, same = _DISTINCT[name]
        if kind == "total":
            scope, joined = "'total'", table
        else:
            scope, joined = f"p.{scope_name(kind)}", f"{table} t join placed p using (place)"
        columns = ", ".join(
            column if kind == "total" else f"t.{column}" for column in same.split(", ")
        )
        here = "" if kind == "total" else "t."
        query = (
            "select scope, count(*) filter (headline), count(*) filter (headline and not business),"
            f" count(*) filter (not headline) from (select {scope} as scope, {here}headline,"
            f" bool_and({here}business) as business from {joined} where {where}"
            f" group by scope, {here}headline, {columns}) where scope is not null group by scope"
        )
        return {scope: Tally(*rest) for scope, *rest in self._base.execute(query).fetchall()}
