"""Table context: the count database, the case and the rules, from which each table is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import pyarrow as pa

from piiscan.case.count.count_memory import CountMemory
from piiscan.case.count.count_rules import CountRules
from piiscan.case.count.parted_database import PartedDatabase
from piiscan.case.count.tallies import Tallies
from piiscan.case.store.connection import literals
from piiscan.schemas import ERRORS, FILES

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CountedCase:
    """Facts of the case that tables need beside the count database.

    Attributes:
        sources: rows with source, path and sha256
        parts: rows with source, member, sha256 and ``headers``
        errors: rows of ERRORS
        files: rows of FILES
        alarms: rows of ALARMS
        display_names: masked form of each path or member that contains personal data
        hits: number of findings
        views: names of the views of the count database that have rows
        small: True if there are few findings, parts, transactions and messages
        has_register: True if a register states transfers
        excluded_columns: (source, header) of the columns that the exclusion list names
        judged: source, member, record, group, column and digest of each false finding
        unused_lines: numbers of the lines of the exclusion list that match nothing
    """

    sources: Sequence[Mapping[str, Any]] = ()
    parts: Sequence[Mapping[str, Any]] = ()
    errors: pa.Table = field(default_factory=ERRORS.empty_table)
    files: pa.Table = field(default_factory=FILES.empty_table)
    alarms: Sequence[Mapping[str, Any]] = ()
    display_names: Mapping[str, str] = field(default_factory=dict)
    hits: int = 0
    views: frozenset[str] = frozenset()
    small: bool = False
    has_register: bool = False
    excluded_columns: Sequence[tuple[int, str]] = ()
    judged: Sequence[tuple[int, str, int, int, int, bytes]] = ()
    unused_lines: frozenset[int] = frozenset()

    @property
    def paths(self) -> dict[int, str]:
        """Return source -> path."""
        return {each["source"]: each["path"] for each in self.sources}

    @property
    def has_flow(self) -> bool:
        """Return True if a register, transactions or messages can name givers and takers."""
        return self.has_register or bool(self.views & {"ledger", "messages"})


@dataclass(slots=True)
class TableContext:
    """Inputs of every table: count database, case, rules, and the tables built before it."""

    connection: PartedDatabase
    case: CountedCase = field(default_factory=CountedCase)
    rules: CountRules = field(default_factory=CountRules)
    memory: CountMemory = field(default_factory=partial(CountMemory, 1 << 30))
    tables: dict[str, list[Row]] = field(default_factory=dict)
    _prepared: dict[Any, Any] = field(default_factory=dict)

    @property
    def tallies(self) -> Tallies:
        """Return the tallies of the count database."""
        return self.once(_read_tallies)

    @property
    def scopes(self) -> list[str]:
        """Return the kinds of scope in use."""
        return self.tallies.kinds

    @property
    def small(self) -> bool:
        """Return True if all rows are few."""
        return self.case.small

    def by_scope(
        self, query: str, keys: int, kinds: Sequence[str] | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query with ``{kinds}`` in place of the kinds of ``scoped.kind``.

        The first columns are kind and scope; rows are in the order of ``kinds`` (default: all in
        use). Few rows are read at once. Many are read kind by kind, in less memory. A kind with
        one scope for all has the rows of the total. ``keys``: number of the first columns that name
        a row (``PartedDatabase.add_up``).
        """
        kinds = self.scopes if kinds is None else [kind for kind in kinds if kind in self.scopes]
        single = self.tallies.single_scopes if "total" in kinds else {}
        read = [kind for kind in kinds if kind not in single]
        groups = [read] if self.small else [[kind] for kind in read]
        rows: list[tuple[Any, ...]] = []
        for group in filter(None, groups):
            rows += self.connection.add_up(query.format(kinds=literals(group)), keys)
        totals = [row[2:] for row in rows if row[0] == "total"]
        rows += [(kind, single[kind], *row) for kind in kinds if kind in single for row in totals]
        return sorted(rows, key=lambda row: kinds.index(row[0]))

    def once(self, prepare: Callable[[TableContext], T]) -> T:
        """Return ``prepare(self)``, called for the first table that needs it."""
        if prepare not in self._prepared:
            self._prepared[prepare] = prepare(self)
        result: T = self._prepared[prepare]
        return result

    def rows(self, query: str) -> list[Row]:
        """Return the rows of an SQL query as dicts by column name."""
        return list(self.connection.sql(query).to_arrow_table().to_pylist())


def _read_tallies(context: TableContext) -> Tallies:
    """Return the tallies of the count database."""
    return Tallies(context.connection)
