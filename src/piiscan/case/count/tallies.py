"""Tallies: number of records, rows, keys and persons in each scope, computed once and cached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.case.count.count_database import SCOPES
from piiscan.case.count.parted_database import PartedDatabase
from piiscan.case.count.value_groups import group_values, scope_numbers, spread_numbers
from piiscan.hashing.digest_rows import DigestRows, whole_digests


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
#: Name -> table, condition, and the columns whose distinct values are counted: numbers or ``key``.
_DISTINCT: Final = {
    "rows_by_file": ("passed", "true", ("row_no", "place")),
    "whole_rows": ("passed", "true", ("row_no",)),
    "rows": ("passed", "true", ("content_no",)),
    "keys": ("passed", "true", ("key_no",)),
    "persons": ("passed", "true", ("person",)),
    "bare_keys": ("rows", "counts and bare and step = 3", ("key",)),
    "row_keys": ("passed", "main", ("key_no",)),
    "subjects_by_row": ("passed", "true", ("record", "key_no")),
    "subjects_by_file": ("passed", "true", ("row_no", "key_no", "place")),
    "whole_subjects": ("passed", "true", ("row_no", "key_no")),
    "subjects": ("passed", "true", ("content_no", "key_no")),
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
#: Number by which that of a part is multiplied; the flags of its row are added.
_PLACE: Final = 4


class Tallies:
    """Tallies of a count database, by scope kind and name."""

    def __init__(self, connection: PartedDatabase) -> None:
        """Read the scope kinds of the count database and its tallies that are sums."""
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
        self._scopes = {
            kind: scope_numbers(connection, kind)
            for kind in self.kinds
            if kind not in self.single_scopes
        }
        query = "select count(*) from passed where not main"
        ((others,),) = connection.execute(query).fetchall()
        self._one_subject_each = others == 0

    def by_scope(self, kind: str, name: str) -> TallyByScope:
        """Return scope -> tally of ``name`` (``passed``, ``keys``, ``persons`` …)."""
        if (kind, name) not in self._cache:
            if kind in self.single_scopes:
                self._cache[kind, name] = self._copy_total(kind, name)
            elif name in _OF_ONE_SUBJECT and self._one_subject_each:
                self._cache[kind, name] = self.by_scope(kind, _OF_ONE_SUBJECT[name])
            else:
                for each, tally in self._count_distinct(name).items():
                    self._cache[each, name] = tally
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

    def _count_distinct(self, name: str) -> dict[str, TallyByScope]:
        """Return kind -> scope -> tally of the distinct values behind ``name`` (_DISTINCT)."""
        table, where, columns = _DISTINCT[name]
        connection = self._connection
        files = DigestRows(
            connection.folder, connection.ordered["subject"], connection.memory.arrays
        )

        def distribute(batch: pa.RecordBatch) -> None:
            """Add the values of a batch to the files, with part and flags."""
            if columns == ("key",):
                words, _ = whole_digests(batch["key"])
            else:
                first, second, third = (batch[at].to_numpy() for at in range(3, 6))
                words = np.column_stack((spread_numbers(first, second), spread_numbers(third)))
            headline, business = (
                batch[column].to_numpy(zero_copy_only=False) for column in ("headline", "business")
            )
            flag = np.where(headline, np.where(business, 1, 2), 0)
            place = batch["place"].to_numpy().astype(np.int64)
            files.add(np.column_stack((words, (place * _PLACE + flag).astype(np.uint64))))

        values = "key"
        if columns != ("key",):
            numbers = (*columns, "-1", "-1")[:3]
            values = ", ".join(f"coalesce({each}, -1)::bigint" for each in numbers)
        connection.read(
            f"select place, headline, business, {values} from {table} where {where}", distribute
        )
        return self._tally(files)

    def _tally(self, files: DigestRows) -> dict[str, TallyByScope]:
        """Return kind -> scope -> tally of the distinct first two words of rows.

        The third is the part, times ``_PLACE``, plus 0 for a row outside the headline, 1 for public
        business information, 2 for others.
        """
        counts = {
            kind: np.zeros((3, len(names)), np.int64) for kind, (names, _) in self._scopes.items()
        }
        for rows in files.sorted():
            place, flag = np.divmod(rows[:, 2].astype(np.int64), _PLACE)
            for kind, (names, of_place) in self._scopes.items():
                chosen, starts, scope = group_values(rows, of_place[place], len(names))
                flags = np.bitwise_or.reduceat(1 << flag[chosen], starts) if len(starts) else scope
                for at, flag_set in enumerate((0b110, 0b100, 0b001)):
                    found = scope[flags & flag_set > 0]
                    counts[kind][at] += np.bincount(found, minlength=len(names))
        return {
            kind: {
                name: Tally(*numbers)
                for name, numbers in zip(names, counts[kind].T.tolist(), strict=True)
                if any(numbers)
            }
            for kind, (names, _) in self._scopes.items()
        }
