"""Count of records as a function: rows of sources, a register and rules in, tables out.

No file, clock or store is read or written. Sources are added one by one, counts of different
sources are merged, and the state is a set of Arrow tables: :class:`RecordCount` is a fold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.arguments import checked
from piiscan.case.count.count_database import (
    MOST_SMALL,
    PERSONS,
    Relation,
    count_rows,
    create_count_tables,
    create_views,
)
from piiscan.case.count.count_memory import CountMemory
from piiscan.case.count.count_rules import CountRules
from piiscan.case.count.count_tables import build_tables
from piiscan.case.count.counted_sources import SourceParts, SourceRecords, prepare_sources
from piiscan.case.count.parted_database import open_database
from piiscan.case.count.person_linking import link_persons
from piiscan.case.count.shipped_rules import shipped_rules
from piiscan.case.count.subjects.record_subjects import record_subjects
from piiscan.case.count.table_context import CountedCase, TableContext
from piiscan.case.register import Register
from piiscan.errors import CountError
from piiscan.schemas import (
    ALARMS,
    ERRORS,
    FILE_TRANSFERS,
    FILES,
    FINDINGS,
    PARTS,
    RECORD_SUBJECTS,
    RECORDS,
    SOURCES,
    TRANSACTIONS,
)

Row = dict[str, Any]
#: Rows of all tables, by name.
Tables = dict[str, list[Row]]


def _chosen(schema: pa.Schema, *names: str) -> pa.Schema:
    """Return the fields ``names`` of a schema."""
    return pa.schema([schema.field(name) for name in names])


#: Tables of the state. Records, subjects and parts have numbers from 0 in each source.
STATE: Final[Mapping[str, pa.Schema]] = {
    "sources": _chosen(SOURCES, "source", "path", "sha256"),
    "parts": PARTS,
    "subjects": RECORD_SUBJECTS,
    "findings": _chosen(
        FINDINGS,
        *("source", "member", "record", "column", "header", "group", "entity", "recognizer"),
        *("digest", "masked", "coarse", "verdict", "reason", "role"),
    ),
    "young_records": _chosen(
        RECORDS, "source", "member", "row", "group", "row_digest", "under_14", "birthdays"
    ),
    "facts": _chosen(RECORDS, "source", "member", "row", "group", "facts"),
    "transactions": TRANSACTIONS,
    "messages": FILE_TRANSFERS,
    "alarms": ALARMS,
    "errors": ERRORS,
    "files": FILES,
}
#: Rows of ``young_records``: of persons who were under fourteen on some day that may matter.
IS_YOUNG: Final = pc.field("under_14").is_valid() | pc.field("birthdays").is_valid()


class RecordCount:
    """Count of the records of some sources, under the rules of a case.

    >>> import piiscan
    >>> one, other = (piiscan.RecordCount(piiscan.CountRules()) for _ in "ab")
    >>> row = [{"row": 2, "entity": "WECHAT_ID", "value": "wxid_abc123"}]
    >>> one.add(piiscan.literal_source(1, "甲.csv", row))
    >>> other.add(piiscan.literal_source(2, "乙.csv", row))
    >>> one.merge(other)
    >>> [row["U2"] for row in one.tables()["units"] if row["scope_kind"] == "total"]
    [1]
    """

    def __init__(self, rules: CountRules, register: Register | None = None) -> None:
        """Prepare a count without sources."""
        self._rules = rules
        self._register = register
        entries = register.entries if register else ()
        obtained = any(entry.values.get("account") == "yes" for entry in entries)
        self._of_accounts = register if obtained else None
        self._rows: dict[str, list[pa.Table]] = {name: [] for name in STATE}

    @classmethod
    def of_state(
        cls,
        state: Mapping[str, pa.Table],
        rules: CountRules,
        register: Register | None = None,
    ) -> RecordCount:
        """Return the count with this state, under the rules with which it was made."""
        found = cls(rules, register)
        for name, schema in STATE.items():
            found._rows[name].append(state[name].cast(schema))
        return found

    @property
    def state(self) -> dict[str, pa.Table]:
        """Return the state as tables of the schemas STATE, by source, each in reading order."""
        return {name: self._state_table(name) for name in STATE}

    def add(self, source: SourceRecords) -> None:
        """Add the records of one source."""
        sources = [{"source": source.source, "path": source.path, "sha256": source.sha256}]
        part_rows = source.parts.to_pylist()
        matched = SourceParts.of(sources, part_rows, self._rules, self._of_accounts)
        members = dict.fromkeys(row["member"] for row in part_rows)
        numbers = {source.source: {member: number for number, member in enumerate(members)}}
        findings = list(source.findings)
        records = list(source.records)
        kept = replace(source, findings=findings, records=records)
        prepared = prepare_sources([kept], matched, part_rows, numbers, self._rules)
        new: dict[str, Iterable[Any]] = {
            "sources": [pa.Table.from_pylist(sources, STATE["sources"])],
            "parts": [source.parts],
            "subjects": record_subjects(prepared, matched.context),
            "findings": findings,
            "young_records": records,
            "facts": records,
            "transactions": [source.transactions],
            "messages": [source.messages],
            "alarms": [source.alarms],
            "errors": [source.errors],
            "files": [source.files],
        }
        for name, tables in new.items():
            for rows in tables:
                table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
                table = table.select(STATE[name].names).cast(STATE[name])
                if name == "young_records":
                    table = table.filter(IS_YOUNG)
                self._rows[name].append(table)

    def merge(self, other: RecordCount) -> None:
        """Add the sources of another count under the same rules."""
        for name, tables in other._rows.items():
            self._rows[name] += tables

    def tables(self, temporary: Path | None = None, memory: str | None = None) -> Tables:
        """Return all tables of the count, by name. Raise CountError if a source was added twice.

        ``temporary``: folder for data that does not fit in memory. None: nothing spills.
        ``memory``: memory of the tables, as of ``count_records``.
        """
        state = self.state
        subjects = state["subjects"]
        numbers = Counter(state["sources"]["source"].to_pylist())
        if twice := [number for number, count in numbers.items() if count > 1]:
            raise CountError("count.source_twice", source=min(twice))
        part_rows = state["parts"].to_pylist()
        matched = SourceParts.of(
            state["sources"].to_pylist(), part_rows, self._rules, self._register
        )
        attribution = matched.attribution
        relations: dict[str, Relation] = {
            "candidates": _number_subjects(subjects, attribution),
            "findings": state["findings"],
            "young_records": state["young_records"],
            "facts": state["facts"],
            "ledger": state["transactions"],
            "messages": state["messages"],
        }
        case = counted_case(
            matched,
            relations,
            has_register=self._register is not None,
            hits=state["findings"].num_rows,
            errors=state["errors"],
            files=state["files"],
            alarms=state["alarms"].to_pylist(),
        )
        return count_tables(
            relations,
            attribution,
            case,
            self._rules,
            temporary=temporary,
            memory=CountMemory.of(memory),
        )

    def _state_table(self, name: str) -> pa.Table:
        """Return one table of the state, sorted by source."""
        table = pa.concat_tables([STATE[name].empty_table(), *self._rows[name]])
        order = ["source", "subject"] if name == "subjects" else ["source"]
        table = table.unify_dictionaries()
        places = pc.sort_indices(table, [(column, "ascending") for column in order])
        return table.take(places).combine_chunks()


@checked
def count_records(
    records: Iterable[SourceRecords],
    register: Register | None = None,
    rules: CountRules | None = None,
    *,
    temporary: Path | None = None,
    memory: str | None = None,
) -> Tables:
    """Count the records of sources. Return the tables of a count, by name.

    No file, clock or store is read or written. Raise CountError if two sources have one number.

    Args:
        records: the sources, in any order.
        register: register of the seized items, or None.
        rules: rules of the count. Default: those shipped.
        temporary: folder for data that does not fit in memory. None: nothing spills.
        memory: memory that the tables may take beside the records, ``2GB``. Default: a quarter of
            the machine's.

    >>> import piiscan
    >>> rows = [
    ...     {"row": 2, "entity": "PERSON", "value": "张三"},
    ...     {"row": 2, "entity": "CN_MOBILE", "value": "13912345678"},
    ...     {"row": 3, "entity": "PERSON", "value": "张三"},
    ...     {"row": 3, "entity": "CN_MOBILE", "value": "13912345678"},
    ... ]
    >>> tables = piiscan.count_records([piiscan.literal_source(1, "名单.csv", rows)])
    >>> [(row["step"], row["count"]) for row in tables["ladder"] if row["scope"] == "total"]
    [('R0', 2), ('R1', 2), ('R2', 2), ('R3', 2), ('R4', 1), ('R5', 1), ('R6', 1)]
    """
    count = RecordCount(shipped_rules() if rules is None else rules, register)
    for source in records:
        count.add(source)
    return count.tables(temporary, memory)


def _join_persons(tables: Iterator[pa.Table]) -> pa.Table:
    """Return the tables of PERSONS as one."""
    return pa.concat_tables([PERSONS.empty_table(), *tables])


def _number_subjects(subjects: pa.Table, attribution: pa.Table) -> pa.Table:
    """Return the subjects with running numbers of record, subject and part over all sources."""
    source = subjects["source"].to_numpy()
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    lengths = np.diff(np.append(starts, len(source)))
    columns = {}
    for name in ("record", "subject"):
        numbers = subjects[name].to_numpy()
        sizes = np.maximum.reduceat(numbers, starts) + 1 if len(starts) else numbers[:0]
        first = np.cumsum(sizes) - sizes
        columns[name] = numbers + np.repeat(first, lengths)
    sources, firsts = np.unique(attribution["source"].to_numpy(), return_index=True)
    place = subjects["place"].to_numpy()
    at = np.minimum(np.searchsorted(sources, source), max(len(sources) - 1, 0))
    columns["place"] = np.where(place < 0, place, place + firsts[at]) if len(sources) else place
    for name, values in columns.items():
        field = subjects.schema.field(name)
        at_column = subjects.schema.get_field_index(name)
        subjects = subjects.set_column(at_column, field, pa.array(values, field.type))
    return subjects


def count_tables(
    relations: Mapping[str, Relation],
    attribution: pa.Table,
    case: CountedCase,
    rules: CountRules,
    *,
    store_persons: Callable[[Iterator[pa.Table]], Relation] = _join_persons,
    temporary: Path | None = None,
    memory: CountMemory,
) -> Tables:
    """Return all tables of a count, by name.

    Args:
        relations: rows of the count database, by name of the view.
        attribution: table with the schema ATTRIBUTION.
        case: facts of the case.
        rules: rules of the count.
        store_persons: function that stores the tables of PERSONS. Default: in memory.
        temporary: folder for data that does not fit in memory. None: nothing spills.
        memory: memory of the count.
    """
    rows = count_rows(relations["candidates"])
    with open_database(
        temporary, memory, rows=rows, findings=max(case.hits, rows), small=case.small
    ) as connection:
        create_views(connection, relations)
        create_views(connection, {"person_numbers": store_persons(link_persons(connection))})
        create_count_tables(connection, attribution, period=rules.period, small=case.small)
        return build_tables(TableContext(connection, case, rules, memory))


def counted_case(
    matched: SourceParts, relations: Mapping[str, Relation], *, files: pa.Table, **facts: Any
) -> CountedCase:
    """Return the facts of a case that its tables need.

    ``relations``: rows of the count database, by name of the view. ``files``: rows of FILES.
    ``facts``: further fields.
    """
    others = (relations["ledger"], relations["messages"], files)
    sizes = (facts["hits"], len(matched.parts), *map(count_rows, others))
    return CountedCase(
        small=max(sizes) <= MOST_SMALL,
        files=files,
        sources=matched.sources,
        parts=matched.parts,
        views=frozenset(name for name, rows in relations.items() if len(rows)),
        excluded_columns=matched.excluded_columns,
        judged=list(matched.context.judgements.rows()),
        unused_lines=matched.unused_lines,
        **facts,
    )
