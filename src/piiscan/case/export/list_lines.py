"""List lines: one line per row, key or person, with merged values and every location.

The order is fixed. DuckDB sorts and spills into the case. Two sorted streams are merged here, so
one line at a time is in memory.

The lines are those of the table ``chosen`` (line, subject), in order of first subjects; a row is
listed by its main subject. Rejects also have ``reason``, ``elsewhere`` (file or across) and
``repeats``, the repeated subject. Unconfirmed records are in no list.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from piiscan.case.count.count_database import IDENTIFIABLE_SQL, PASSED_SQL
from piiscan.case.count.subjects.elements import Element, element_of
from piiscan.case.store.connection import literal, literals
from piiscan.detect.catalog.role_classes import OBTAINED, RoleClasses
from piiscan.errors import CountError

#: Role of a value that can belong to any person of its record.
UNCERTAIN_OWNER: Final = "?"
#: Classes of roles of people who are no victims.
NO_VICTIMS: Final = ("speaker", "dealer", "staff", "own")
#: SQL: a finding ``f`` is of the subject ``m``. A value without a role is of the record's subject.
SAME_PERSON: Final = (
    "(m.n = 1 or f.role is not distinct from m.role or (f.role is null and not m.side))"
)
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
    findings = f"read_parquet([{literals(files)}], file_row_number = true)"
    if not files:
        findings = (
            "(select 0 as source, '' as member, 0 as record, 0 as \"group\", '' as role,"
            f" '' as entity, ''::blob as digest, '' as verdict, '' as {text}, 0 as file_row_number"
            " where false)"
        )
    base = "split_part(v.role, '#', 1)"
    role = (
        f"case when p.account = 'yes' then coalesce(map {OBTAINED}[{base}]"
        f" || substr(v.role, length({base}) + 1), v.role) else v.role end"
    )
    connection.execute(
        f'create or replace temp view f as select p.place, v.record, v."group", {role} as role,'
        f" v.entity, v.digest, v.verdict, v.{text} as text, v.source::bigint * (1::bigint << 40)"
        f" + v.file_row_number as nth from {findings} v"
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


def speaker_roles(
    roles: Iterable[Sequence[object]], classes: Container[str] = ("speaker",)
) -> list[str]:
    """Return the roles of people who only write or read messages, or of other ``classes``.

    ``roles``: of the manifest.
    """
    stored = RoleClasses.of_rows(roles).classes
    return [role for role, class_ in stored.items() if class_ in classes]


def build_lines(
    connection: Any, kinds: Sequence[str], *, whole_records: bool, speakers: Sequence[str] = ()
) -> Iterator[ListLine]:
    """Yield a list line per line number of the table ``chosen``, with its records and values.

    ``whole_records``: include values of other roles. ``speakers``: roles of people who are no part
    of another's record.
    """
    create_members(connection)
    connection.execute(
        "create or replace table line_records as"
        " select c.line, r.source, r.member, r.row, r.role, p.item,"
        " p.suspect, p.device, r.business, coalesce(c.reason, r.reason), r.key_kind, c.elsewhere,"
        " e.source, e.member, e.row, e.role"
        " from chosen c join people r using (subject) join placed p on r.place = p.place"
        " left join people e on c.repeats = e.subject order by c.line, c.subject"
    )
    records_in_order = _stream_table(connection, "line_records")
    values = groupby(_stream_values(connection, kinds, whole_records, speakers), key=itemgetter(0))
    next_values = next(values, None)
    for number, records in groupby(records_in_order, key=itemgetter(0)):
        line_records = list(records)
        values_by_kind: dict[str, list[tuple[str, str | None, bool]]] = {}
        if next_values is not None and next_values[0] == number:
            for _, kind, text, role, refuted in next_values[1]:
                values_by_kind.setdefault(kind, []).append((text, role, refuted))
            next_values = next(values, None)
        yield _build_line(number, line_records, values_by_kind)


def create_members(connection: Any) -> None:
    """Create ``member``: the subjects of ``chosen`` by line, with the number of their record's."""
    connection.execute(
        "create or replace temp table member as"
        ' select c.line, r.record, r.place, r.row, r."group", r.role, r.side, r.combination, n.n'
        " from chosen c join people r using (subject)"
        " join (select record, count(*) as n from people group by record) n using (record)"
    )


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


def _stream_values(
    connection: Any, kinds: Sequence[str], whole_records: bool, speakers: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield (line, entity, text, role, refuted) of each distinct value, by line.

    ``whole_records``: include values of other roles. ``speakers``: roles of people who are no part
    of another's record.
    """
    kind_list = literals(kinds) or "''"
    condition = "true" if whole_records else SAME_PERSON
    if speakers:
        condition += (
            " and (f.role is not distinct from m.role"
            f" or split_part(coalesce(f.role, ''), '#', 1) not in ({literals(speakers)}))"
        )
    role = f"case when {SAME_PERSON} then null else coalesce(f.role, '{UNCERTAIN_OWNER}') end"
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


#: Unit -> allowed steps, the default first.
UNIT_STEPS: Final = {"row": ("R4", "R1", "R2", "R3"), "key": ("R5",), "person": ("R6",)}
#: Steps whose rejects have findings.
REJECT_STEPS: Final = ("R2", "R3", "R4", "R5", "R6")

_CREATE_CHOSEN: Final = (
    "create or replace temp table chosen as"
    " select dense_rank() over (order by first)::bigint as line, subject,"
    " null::varchar as reason, null::varchar as elsewhere, null::bigint as repeats"
    " from (select subject, {first} as first from {table} where headline and {where} and {within})"
)
_LINE_SQL: Final = {
    "R1": ("rows", "data", "subject"),
    "R2": ("rows", IDENTIFIABLE_SQL, "subject"),
    "R3": ("rows", PASSED_SQL, "subject"),
    "R4": ("passed", "main", "min(subject) over (partition by content_no)"),
    "R5": ("passed", "true", "min(subject) over (partition by key_no)"),
    "R6": ("passed", "true", "min(subject) over (partition by person)"),
}

_DROPPED_SQL: Final = """
select subject, case when excluded is not null then 'EXCLUDED' when period <> 'IN' then period
       when bare then 'BARE_PHONE' else coalesce(reason, '{other}') end as reason,
       null as elsewhere, null::bigint as repeats
from rows where headline and data and {where} and {within}
"""
_REJECTED_SQL: Final = {
    "R2": _DROPPED_SQL.format(
        other="NOT_IDENTIFIABLE", where=f"not ({IDENTIFIABLE_SQL})", within="{within}"
    ),
    "R3": _DROPPED_SQL.format(
        other="LOW_CONFIDENCE",
        where=f"{IDENTIFIABLE_SQL} and not ({PASSED_SQL})",
        within="{within}",
    ),
}
#: Condition of the records of every suspect.
EVERY_RECORD: Final = "true"
_FIRST_RECORDS_SQL: Final = """
with p as (
  select *, min(subject) filter (main) over (partition by row_no) as of_row,
         min(subject) filter (main) over (partition by row_no, place) as of_file,
         min(subject) filter (main) over (partition by content_no) as of_content,
         min(subject) over (partition by content_no, key_no) as of_row_key,
         min(subject) over (partition by key_no) as of_key,
         min(subject) over (partition by person) as of_person
  from passed where headline and {within}
)
"""
_REPEATED_SQL: Final = {
    "R4": "select subject,"
    " case when of_row < subject then 'DUP_ROW' else 'DUP_CONTENT' end as reason,"
    " case when of_file < subject then 'file' when of_row < subject then 'across' end as elsewhere,"
    " case when of_file < subject then of_file when of_row < subject then of_row"
    " else of_content end as repeats from p where main and of_content < subject",
    "R5": "select subject, 'DUP_KEY' as reason, null as elsewhere, of_key as repeats"
    " from p where of_row_key = subject and of_key < subject",
    "R6": "select subject, 'DUP_PERSON' as reason, null as elsewhere, of_person as repeats"
    " from p where of_key = subject and of_person < subject",
}


def suspect_sql(suspect: str | None) -> str:
    """Return the SQL condition of a suspect's records; None: records without a suspect.

    >>> suspect_sql(None)
    'place in (select place from placed where suspect is not distinct from null)'
    """
    value = "null" if suspect is None else literal(suspect)
    return f"place in (select place from placed where suspect is not distinct from {value})"


def select_lines(
    connection: Any, unit: str, step: str | None, *, within: str = EVERY_RECORD
) -> str:
    """Create ``chosen`` (line, subject) of a list by row, key or person. Return its ladder step.

    ``step`` None: the unit's first step. ``within``: condition of the records that are listed, see
    :func:`suspect_sql`. Raise CountError if the unit has no such step.
    """
    steps = UNIT_STEPS[unit]
    step = step or steps[0]
    if step not in steps:
        raise CountError(
            "export.unknown_step", unit=unit, steps=" or ".join(sorted(steps)), step=step
        )
    table, condition, first = _LINE_SQL[step]
    connection.execute(
        _CREATE_CHOSEN.format(table=table, where=condition, first=first, within=within)
    )
    return step


def select_rejects(connection: Any, steps: Sequence[str], *, within: str = EVERY_RECORD) -> None:
    """Create ``chosen`` with a line per row rejected at ``steps`` (R5, R6: per subject).

    Raise CountError for a step without such rows. Rows rejected at R1 are in no shard.
    """
    unknown = [step for step in steps if step not in REJECT_STEPS]
    if unknown:
        raise CountError("export.unknown_rejects", steps=REJECT_STEPS, step=unknown[0])
    query = " union all ".join(_REPEATED_SQL.get(s) or _REJECTED_SQL[s] for s in steps)
    if not _REPEATED_SQL.keys().isdisjoint(steps):
        query = _FIRST_RECORDS_SQL + query
    query = query.replace("{within}", within)
    connection.execute(
        "create or replace temp table chosen as"
        f" select dense_rank() over (order by subject)::bigint as line, * from ({query})"
    )
