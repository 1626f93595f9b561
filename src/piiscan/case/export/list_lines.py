"""List lines: one line per row, key or person, with merged values and every location.

The order is fixed. DuckDB sorts and spills into the case. Two sorted streams are merged here, so
one line at a time is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.store.connection import literals

#: Role of a value that can belong to any person of its record.
UNCERTAIN_OWNER: Final = "?"
_BATCH: Final = 50_000
#: Entities whose columns come first.
_LEADING_KINDS: Final = ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS")


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Location of a record: source, member and row, with item, suspect and device of the part."""

    source: int
    member: str
    row: int
    role: str | None = None
    item: str | None = None
    suspect: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class ListLine:
    """Line of a list: merged values, locations, roles, notes.

    ``values``: entity -> (text, role if it is another person's or UNCERTAIN_OWNER, True if
    refuted), by first location. ``notes``: reasons to check a record that passed. ``repeats``:
    location of the record that a reject repeats.
    """

    number: int
    key_kind: str | None
    business: bool
    notes: tuple[str, ...]
    locations: Sequence[RecordLocation] = field(repr=False)
    values: Mapping[str, Sequence[tuple[str, str | None, bool]]] = field(repr=False)
    repeat_scope: str | None = None
    repeats: RecordLocation | None = field(default=None, repr=False)


def create_finding_view(connection: Any, files: Sequence[Path], *, text: str) -> None:
    """Create the view ``f``: a row per finding in ``files``, with its part and text.

    ``text``: the column to show, ``masked`` or ``value``.
    """
    paths = literals(files)
    connection.execute(
        f'create or replace temp view f as select p.place, v.record, v."group", v.role, v.entity,'
        f" v.digest, v.verdict, v.{text} as text, v.source::bigint * (1::bigint << 40)"
        f" + v.file_row_number as nth from read_parquet([{paths}], file_row_number = true) v"
        " join placed p on v.source = p.source and v.member = p.member"
    )


def listed_kinds(
    connection: Any, owner_classes: Mapping[str, str], *, all_kinds: bool
) -> list[str]:
    """Return the entities with a column in a list: personal entities, or all if ``all_kinds``.

    The view ``f`` is read. ``all_kinds`` is for rejects. Passwords are never listed.
    ``owner_classes``: entity -> class of its owner.
    """
    found = [kind for (kind,) in connection.execute("select distinct entity from f").fetchall()]
    widest = Element.OTHER if all_kinds else Element.PERSONAL
    kinds = [
        kind
        for kind in found
        if kind != "CREDENTIAL" and element_of(kind, owner_classes.get(kind, "none")) <= widest
    ]
    return sorted(
        kinds,
        key=lambda k: (_LEADING_KINDS.index(k) if k in _LEADING_KINDS else len(_LEADING_KINDS), k),
    )


def build_lines(
    connection: Any, kinds: Sequence[str], *, whole_records: bool
) -> Iterator[ListLine]:
    """Yield a list line per line number of the table ``chosen``, with its records and values.

    ``whole_records``: include values of other roles.
    """
    connection.execute(
        "create or replace temp table member as"
        ' select c.line, r.record, r.place, r.row, r."group", r.role, r.side, n.n'
        " from chosen c join people r using (subject)"
        " join (select record, count(*) as n from people group by record) n using (record)"
    )
    records_in_order = _stream_records(connection)
    values = groupby(_stream_values(connection, kinds, whole_records), key=itemgetter(0))
    next_values = next(values, None)
    for number, records in groupby(records_in_order, key=itemgetter(0)):
        line_records = list(records)
        values_by_kind: dict[str, list[tuple[str, str | None, bool]]] = {}
        if next_values is not None and next_values[0] == number:
            for _, kind, text, role, refuted in next_values[1]:
                values_by_kind.setdefault(kind, []).append((text, role, refuted))
            next_values = next(values, None)
        yield _build_line(number, line_records, values_by_kind)


def _build_line(number: int, records: list[tuple[Any, ...]], values: Mapping[str, Any]) -> ListLine:
    """Return the line ``number`` from its records and values."""
    first = records[0]
    notes = dict.fromkeys(each[9] for each in records if each[9])
    repeats = None if first[12] is None else RecordLocation(*first[12:16])
    return ListLine(
        number,
        first[10],
        any(each[8] for each in records),
        tuple(notes),
        [RecordLocation(*each[1:8]) for each in records],
        values,
        first[11],
        repeats,
    )


def _stream_records(connection: Any) -> Iterator[tuple[Any, ...]]:
    """Yield a tuple per record, line by line: location, role, notes, repeated record."""
    connection.execute(
        "create or replace table line_records as"
        " select c.line, r.source, r.member, r.row, r.role, p.item,"
        " p.suspect, p.device, r.business, coalesce(c.reason, r.reason), r.key_kind, c.elsewhere,"
        " e.source, e.member, e.row, e.role"
        " from chosen c join people r using (subject) join placed p on r.place = p.place"
        " left join people e on c.repeats = e.subject order by c.line, c.subject"
    )
    return _stream_table(connection, "line_records")


def _stream_values(
    connection: Any, kinds: Sequence[str], whole_records: bool
) -> Iterator[tuple[Any, ...]]:
    """Yield (line, entity, text, role, refuted) of each distinct value, by line.

    ``whole_records``: include values of other roles.
    """
    kind_list = literals(kinds) or "''"
    # A value without a role belongs to the subject of the record.
    same_person = "m.n = 1 or f.role is not distinct from m.role or (f.role is null and not m.side)"
    condition = "true" if whole_records else f"({same_person})"
    role = f"case when {same_person} then null else coalesce(f.role, '{UNCERTAIN_OWNER}') end"
    connection.execute(
        "create or replace table line_values as select line, entity, text, role, refuted"
        " from (select m.line, f.entity, f.digest,"
        f" min(f.nth) as first, arg_min(f.text, f.nth) as text, arg_min({role}, f.nth) as role,"
        " bool_and(f.verdict = 'refuted') as refuted from member m join f on m.place = f.place"
        ' and m.row = f.record and m."group" = f."group"'
        f" where f.entity in ({kind_list}) and {condition}"
        " group by m.line, f.entity, f.digest) order by line, entity, first"
    )
    return _stream_table(connection, "line_values")


def _stream_table(connection: Any, table: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of ``table`` from its own cursor, as two tables are read in turn."""
    cursor = connection.cursor()
    cursor.execute(f"select * from {table}")
    while rows := cursor.fetchmany(_BATCH):
        yield from rows
