"""Lines of a list, one after another: values merged, every place, in a fixed order.

DuckDB sorts (and spills into the case); here two sorted streams meet, a line in memory at a time.
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

#: Role of a value that may be anybody's of its record.
NOBODYS: Final = "?"
_AT_ONCE: Final = 50_000
#: Order of the columns that everybody looks for first.
_FIRST: Final = ("PERSON", "CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "CN_ADDRESS")


@dataclass(frozen=True, slots=True)
class Spot:
    """A record of a line: where it stands, and whose that part is."""

    source: int
    member: str
    row: int
    role: str | None
    item: str | None
    suspect: str | None
    device: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list.

    ``values``: kind -> (text, role if another's or NOBODYS, whether refuted), by first places;
    ``notes``: reasons to look again at what passed; ``repeats``: the place that a reject repeats.
    """

    number: int
    key_kind: str | None
    business: bool
    notes: tuple[str, ...]
    spots: Sequence[Spot] = field(repr=False)
    values: Mapping[str, Sequence[tuple[str, str | None, bool]]] = field(repr=False)
    elsewhere: str | None = None
    repeats: Spot | None = field(default=None, repr=False)


def open_values(base: Any, files: Sequence[Path], *, text: str) -> None:
    """The view ``f``: findings in Parquet ``files`` by place; ``text`` is their column to tell."""
    listed = literals(files)
    base.execute(
        f'create temp view f as select p.place, v.record, v."group", v.role, v.entity, v.digest,'
        f" v.verdict, v.{text} as text, v.source::bigint * (1::bigint << 40) + v.file_row_number"
        f" as nth from read_parquet([{listed}], file_row_number = true) v"
        " join placed p on v.source = p.source and v.member = p.member"
    )


def wanted_kinds(base: Any, whose: Mapping[str, str], *, all_kinds: bool) -> list[str]:
    """The kinds that lines have columns of: what tells of a person, of rejects anything.

    Passwords are never listed.
    """
    found = [kind for (kind,) in base.execute("select distinct entity from f").fetchall()]
    least = Element.OTHER if all_kinds else Element.PERSONAL
    kept = [
        kind
        for kind in found
        if kind != "CREDENTIAL" and element_of(kind, whose.get(kind, "none")) <= least
    ]
    return sorted(kept, key=lambda k: (_FIRST.index(k) if k in _FIRST else len(_FIRST), k))


def lines(base: Any, kinds: Sequence[str], *, whole_records: bool) -> Iterator[Line]:
    """The lines of ``chosen`` in order; ``whole_records``: values of other roles too."""
    base.execute(
        'create temp table member as select c.line, c.record, r.place, r.row, r."group", r.role,'
        " n.n from chosen c join rows r using (record)"
        " join (select record, count(*) as n from people group by record) n using (record)"
    )
    records_in_order = _records(base)
    values = groupby(_values(base, kinds, whole_records), key=itemgetter(0))
    ahead = next(values, None)
    for number, records in groupby(records_in_order, key=itemgetter(0)):
        listed = list(records)
        told: dict[str, list[tuple[str, str | None, bool]]] = {}
        if ahead is not None and ahead[0] == number:
            for _, kind, text, role, refuted in ahead[1]:
                told.setdefault(kind, []).append((text, role, refuted))
            ahead = next(values, None)
        yield _line(number, listed, told)


def _line(number: int, records: list[tuple[Any, ...]], told: Mapping[str, Any]) -> Line:
    first = records[0]
    notes = dict.fromkeys(each[9] for each in records if each[9])
    repeats = None
    if first[12] is not None:
        repeats = Spot(first[12], first[13], first[14], first[15], None, None, None)
    return Line(
        number,
        first[10],
        any(each[8] for each in records),
        tuple(notes),
        [Spot(*each[1:8]) for each in records],
        told,
        first[11],
        repeats,
    )


def _records(base: Any) -> Iterator[tuple[Any, ...]]:
    """The records of all lines in order, each with its place and what is said of it."""
    base.execute(
        "create table line_records as select c.line, r.source, r.member, r.row, r.role, p.item,"
        " p.suspect, p.device, r.business, coalesce(c.reason, r.reason), r.key_kind, c.elsewhere,"
        " e.source, e.member, e.row, e.role"
        " from chosen c join rows r using (record) join placed p on r.place = p.place"
        " left join rows e on c.repeats = e.record order by c.line, c.record"
    )
    return _streamed(base, "line_records")


def _values(base: Any, kinds: Sequence[str], whole_records: bool) -> Iterator[tuple[Any, ...]]:
    """The distinct values of all lines in order: line, kind, text, role, refuted."""
    listed = literals(kinds) or "''"
    own = "m.n = 1 or f.role is not distinct from m.role"
    # what has no role in a record of several people may be anybody's, and is told as such
    where = "true" if whole_records else f"({own} or f.role is null)"
    role = f"case when {own} then null else coalesce(f.role, '{NOBODYS}') end"
    base.execute(
        "create table line_values as select line, entity, text, role, refuted"
        " from (select m.line, f.entity, f.digest,"
        f" min(f.nth) as first, arg_min(f.text, f.nth) as text, arg_min({role}, f.nth) as role,"
        " bool_and(f.verdict = 'refuted') as refuted from member m join f on m.place = f.place"
        f' and m.row = f.record and m."group" = f."group" where f.entity in ({listed}) and {where}'
        " group by m.line, f.entity, f.digest) order by line, entity, first"
    )
    return _streamed(base, "line_values")


def _streamed(base: Any, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of ``table`` as it was filled, through a cursor of its own: two run side by side."""
    cursor = base.cursor()
    cursor.execute(f"select * from {table}")
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows
