"""Sampling frame and draw: the records of a count that can be sampled, selected in DuckDB.

The frame ``counted`` has the records of a step; at R5 one record per distinct key, its first. By
suspect or item, each has the distinct keys of its own material, so one key can be in several
strata. The frame ``duplicates`` has the records that a step calls repetitions, ``excluded`` those
that leave before them; ``unfound``, the rows without findings, is read from the sources. Records of
a policy line that must be verified one by one are drawn only on request.

In each stratum the records are ordered by SHA-256 of ``SEED|SOURCE|MEMBER|ROW|GROUP`` and the first
ones are drawn. Any person can repeat the draw with sha256sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

Grouping = Literal["total", "source", "suspect", "item", "kind"]
GROUPINGS: Final[tuple[Grouping, ...]] = ("total", "source", "suspect", "item", "kind")
Step = Literal["R1", "R2", "R3", "R4", "R5"]
STEPS: Final[tuple[Step, ...]] = ("R1", "R2", "R3", "R4", "R5")

#: Frames: counted records, records called repetitions, records left out, rows without findings.
Frame = Literal["counted", "duplicates", "excluded", "unfound"]
FRAMES: Final[tuple[Frame, ...]] = ("counted", "duplicates", "excluded", "unfound")
#: Groupings whose strata are distinct by themselves, so that one key can be in several.
OWN_UNIONS: Final[tuple[Grouping, ...]] = ("suspect", "item")

#: Formula of the drawing order, as sheets and reports print it.
ALGORITHM: Final = "SHA-256(SEED|SOURCE|MEMBER|ROW|GROUP)"

_PASSED_CONDITION: Final = "counts and headline and not bare and step = 3"
#: Step -> condition for its records, and the columns by which equal records are merged.
_STEP_CONDITIONS: Final[Mapping[Step, tuple[str, str | None]]] = {
    "R1": ("main and data and headline", None),
    "R2": ("main and counts and headline and not bare and step >= 2", None),
    "R3": (f"main and {_PASSED_CONDITION}", None),
    "R4": (f"main and {_PASSED_CONDITION}", "content_digest"),
    "R5": (_PASSED_CONDITION, "key_kind, key"),
}
#: Records with findings that leave before repetitions are removed, and their reasons.
_EXCLUDED_CONDITION: Final = f"data and headline and not ({_PASSED_CONDITION})"
_REASON_SQL: Final = (
    "case when r.excluded is not null then 'EXCLUDED' when r.period <> 'IN' then r.period"
    " when r.bare then 'BARE_PHONE' else coalesce(r.reason, 'NOT_IDENTIFIABLE') end"
)
_STRATUM_SQL: Final[Mapping[Grouping, str]] = {
    "total": "'total'",
    "source": "r.source::varchar",
    "suspect": "coalesce(r.suspect, '')",
    "item": "coalesce(r.item, '')",
    "kind": "k.categories",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the frame: its location, entities, stratum, suspect and item.

    ``copies``: number of records with the same key or row that it represents. ``kept``: number of
    the record that it is said to repeat. ``reason``: why it was left out.
    """

    record: int
    source: int
    member: str
    row: int
    group: int
    combination: str
    stratum: str
    suspect: str | None
    item: str | None
    copies: int
    kept: int | None = None
    reason: str | None = None

    @property
    def location(self) -> tuple[int, str, int, int]:
        """Return (source, member, row, group) of the record."""
        return (self.source, self.member, self.row, self.group)


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum: its name, number of records, and number of drawn records."""

    name: str
    size: int
    drawn: int


def create_record_view(connection: Any) -> None:
    """Create the view ``framed``: counted subjects with ``suspect`` and ``item``.

    ``record`` is the number of the subject.
    """
    connection.execute(
        "create view framed as select r.* replace (r.subject as record), p.suspect, p.item"
        " from people r join placed p using (place) where counted"
    )


def create_frame(
    connection: Any,
    step: Step,
    *,
    by: Grouping,
    categories: Callable[[int, str, str], tuple[str, bool]],
    frame: Frame = "counted",
) -> None:
    """Create the table ``frame``, a row per record of ``frame`` at ``step``, with its stratum.

    ``categories``: function from (source, member, combination) to the categories and True if the
    record must be verified one by one.
    """
    condition, distinct_by = _STEP_CONDITIONS[step]
    if frame == "excluded":
        condition, distinct_by = _EXCLUDED_CONDITION, None
    if distinct_by and by in OWN_UNIONS:
        distinct_by = f"{by}, {distinct_by}"
    found = connection.execute(
        f"select distinct source, member, combination from framed where {condition}"
    ).fetchall()
    rows = [(*each, *categories(each[0], each[1] or "", each[2] or "")) for each in found]
    _create_table(connection, "kinds", rows, _KINDS)
    kinds = (
        "kinds k on r.source = k.source and r.member = k.member"
        " and r.combination is not distinct from k.combination"
    )
    # Of equal records the first that must be verified singly represents them, else the first.
    chosen = (
        "select coalesce(min(record) filter (singly), min(record)) as record, count(*) as copies,"
        f" null::bigint as kept from framed r join {kinds}"
        f" where {condition} group by {distinct_by or 'record'}"
    )
    if frame == "duplicates":
        chosen = (
            "select record, 1 as copies, min(record) over (partition by"
            f" {distinct_by or 'record'}) as kept from framed where {condition}"
            " qualify record <> kept"
        )
    reason = _REASON_SQL if frame == "excluded" else "null::varchar"
    connection.execute(
        'create temp table frame as select r.record, r.source, r.member, r.row, r."group",'
        " coalesce(r.combination, '') as combination, r.suspect, r.item, k.categories, k.singly,"
        f" {_STRATUM_SQL[by]} as stratum, f.copies, f.kept, {reason} as reason"
        f" from ({chosen}) f join framed r using (record) join {kinds}"
    )


def stratum_sizes(connection: Any, *, singly: bool | None) -> dict[str, int]:
    """Return stratum -> number of records in the table ``frame``.

    ``singly``: count only records that must (True) or need not (False) be verified one by one; None
    for all.
    """
    condition = "" if singly is None else f"where singly = {singly}"
    query = f"select stratum, count(*) from frame {condition} group by 1 order by 1"
    return dict(connection.execute(query).fetchall())


def category_sizes(connection: Any) -> dict[str, int]:
    """Return categories (``A+B``) -> number of records that can be sampled."""
    query = "select categories, count(*) from frame where not singly group by 1 order by 1"
    return dict(connection.execute(query).fetchall())


def draw_sample(
    connection: Any,
    sizes: Mapping[str, int],
    *,
    size: int,
    minimum: int,
    seed: str,
    singly: bool = False,
) -> tuple[list[Stratum], list[Record]]:
    """Draw ``size`` records from the table ``frame``; return strata and records, by stratum.

    ``singly``: from the records that must be verified one by one, else from the others.
    """
    allocation = allocate(sizes, size, minimum=minimum)
    _create_table(connection, "given", list(allocation.items()), _ALLOCATION)
    rows = connection.execute(
        f"select {_COLUMNS} from (select *, row_number() over (partition by stratum order by"
        " sha256(?::varchar || '|' || source || '|' || member || '|' || row || '|' || \"group\"),"
        " record) as place from frame where singly = ?) join given using (stratum)"
        " where place <= drawn order by stratum, place",
        [seed, singly],
    ).fetchall()
    strata = [Stratum(name, sizes[name], number) for name, number in allocation.items()]
    return strata, [Record(*row) for row in rows]


def all_records(connection: Any, *, singly: bool) -> Iterator[Record]:
    """Yield all records of the table ``frame``, in the order of the case.

    ``singly``: only records that must be verified one by one.
    """
    condition = "where singly" if singly else ""
    connection.execute(
        "create or replace temp table listed as"
        " select *, row_number() over (order by record) as place"
        f" from frame {condition} order by record"
    )
    # In pages, because another query on the connection would end an unfinished one.
    query = f"select {_COLUMNS} from listed where place > ? and place <= ? order by place"
    first = 0
    while rows := connection.execute(query, [first, first + _PAGE]).fetchall():
        yield from (Record(*row) for row in rows)
        first += _PAGE


def _create_table(
    connection: Any, name: str, rows: Sequence[tuple[Any, ...]], schema: pa.Schema
) -> None:
    """Create the temporary table ``name`` with ``rows``, all at once through Arrow.

    Single inserts are slow.
    """
    columns = zip(*rows, strict=True) if rows else [[]] * len(schema)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
    connection.register(f"{name}_given", pa.table(arrays, schema=schema))
    connection.execute(f"create temp table {name} as select * from {name}_given")
    connection.unregister(f"{name}_given")


_KINDS: Final = pa.schema(
    [
        ("source", pa.int32()),
        ("member", pa.string()),
        ("combination", pa.string()),
        ("categories", pa.string()),
        ("singly", pa.bool_()),
    ]
)
_ALLOCATION: Final = pa.schema([("stratum", pa.string()), ("drawn", pa.int64())])
_PAGE: Final = 20_000
_COLUMNS: Final = (
    'record, source, member, row, "group", combination, stratum, suspect, item, copies, kept,'
    " reason"
)


def order_key(seed: str, record: Record) -> str:
    """Return SHA-256 of seed and record in hexadecimal; the smallest are drawn first.

    >>> order_key("7", Record(0, 3, "a.csv", 12, 0, "CN_MOBILE", "total", None, None, 1))[:12]
    '64f94323dbf1'
    """
    return hashlib.sha256("|".join(map(str, (seed, *record.location))).encode()).hexdigest()


def allocate(sizes: Mapping[str, int], size: int, *, minimum: int) -> dict[str, int]:
    """Return stratum -> number of records to draw, about ``size`` in all and ``minimum`` each.

    Shares of ``size`` follow the largest remainder; of equal remainders the earlier stratum wins. A
    stratum with a share below ``minimum`` gets ``minimum``, or all its records. The sum can
    therefore exceed ``size``.

    >>> allocate({"a": 900, "b": 90, "c": 10}, 100, minimum=5)
    {'a': 90, 'b': 9, 'c': 5}
    """
    total = sum(sizes.values())
    if total <= size:
        return dict(sizes)
    share = {name: divmod(size * number, total) for name, number in sizes.items()}
    allocated = {name: whole for name, (whole, _) in share.items()}
    order = sorted(sizes, key=lambda name: -share[name][1])  # stable: earlier ones first
    for name in order[: size - sum(allocated.values())]:
        allocated[name] += 1
    return {name: min(sizes[name], max(number, minimum)) for name, number in allocated.items()}
