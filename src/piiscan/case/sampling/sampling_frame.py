"""What a sample is drawn from, and the drawing: a count's records in DuckDB.

The frame are the distinct keys of step R5; a key is represented by its first record.  Records at a
line that a rule wants verified one by one are no part of it.  Drawn are, in each stratum, those
records that come first when ordered by SHA-256 of ``SEED|SOURCE|MEMBER|ROW|GROUP``: anybody can
do it again with sha256sum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from piiscan.case.sampling.allocation import allocate

By = Literal["total", "source", "suspect", "item", "kind"]
BYS: Final[tuple[By, ...]] = ("total", "source", "suspect", "item", "kind")
Step = Literal["R1", "R2", "R3", "R4", "R5"]
STEPS: Final[tuple[Step, ...]] = ("R1", "R2", "R3", "R4", "R5")

#: How the order is made, as sheets and reports print it.
ALGORITHM: Final = "SHA-256(SEED|SOURCE|MEMBER|ROW|GROUP)"

_PASSED: Final = "counts and headline and not bare and step = 3"
#: Step -> which records stand at it, and what makes two of them one.
_STEPS: Final[Mapping[Step, tuple[str, str | None]]] = {
    "R1": ("data and headline", None),
    "R2": ("counts and headline and not bare and step >= 2", None),
    "R3": (_PASSED, None),
    "R4": (_PASSED, "row_digest"),
    "R5": (_PASSED, "key_kind, key"),
}
_STRATUM: Final[Mapping[By, str]] = {
    "total": "'total'",
    "source": "r.source::varchar",
    "suspect": "coalesce(r.suspect, '')",
    "item": "coalesce(r.item, '')",
    "kind": "k.categories",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the frame: where it stands, what it is of, how many records it stands for."""

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

    @property
    def place(self) -> tuple[int, str, int, int]:
        """Source, member, row and group."""
        return (self.source, self.member, self.row, self.group)


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum: how many records it has, and how many are drawn of them."""

    name: str
    size: int
    drawn: int


def open_rows(base: Any) -> None:
    """The view ``framed`` of a count's board: its records with suspect and item."""
    base.execute(
        "create view framed as select r.*, p.suspect, p.item"
        " from rows r join placed p using (place)"
    )


def make_frame(
    base: Any, step: Step, *, by: By, categories: Callable[[int, str, str], tuple[str, bool]]
) -> None:
    """The table ``frame`` in ``base`` from its view ``framed``.

    ``categories``: source, member and combination -> categories, and whether they are to be
    verified one by one.
    """
    where, same = _STEPS[step]
    found = base.execute(
        f"select distinct source, member, combination from framed where {where}"
    ).fetchall()
    told = [(*each, *categories(each[0], each[1] or "", each[2] or "")) for each in found]
    _put(base, "kinds", told, _KINDS)
    kinds = (
        "kinds k on r.source = k.source and r.member = k.member"
        " and r.combination is not distinct from k.combination"
    )
    # Of records that are one, the first to be verified singly speaks for them, else the first.
    base.execute(
        'create temp table frame as select r.record, r.source, r.member, r.row, r."group",'
        " coalesce(r.combination, '') as combination, r.suspect, r.item, k.categories, k.singly,"
        f" {_STRATUM[by]} as stratum, f.copies from (select coalesce(min(record) filter (singly),"
        f" min(record)) as record, count(*) as copies from framed r join {kinds}"
        f" where {where} group by {same or 'record'}) f join framed r using (record) join {kinds}"
    )


def sizes_of(base: Any, *, singly: bool | None) -> dict[str, int]:
    """Stratum -> records of the frame that are to be verified one by one, or are not; None: all."""
    where = "" if singly is None else f"where singly = {singly}"
    query = f"select stratum, count(*) from frame {where} group by 1 order by 1"
    return dict(base.execute(query).fetchall())


def kinds_of(base: Any) -> dict[str, int]:
    """Categories -> records of the frame that are sampled."""
    query = "select categories, count(*) from frame where not singly group by 1 order by 1"
    return dict(base.execute(query).fetchall())


def draw(
    base: Any, sizes: Mapping[str, int], *, size: int, minimum: int, seed: str
) -> tuple[list[Stratum], list[Record]]:
    """The strata, and the records drawn, by stratum and in the order in which they come up."""
    given = allocate(sizes, size, minimum=minimum)
    _put(base, "given", list(given.items()), _GIVEN)
    rows = base.execute(
        f"select {_COLUMNS} from (select *, row_number() over (partition by stratum order by"
        " sha256(?::varchar || '|' || source || '|' || member || '|' || row || '|' || \"group\"),"
        " record) as place from frame where not singly) join given using (stratum)"
        " where place <= drawn order by stratum, place",
        [seed],
    ).fetchall()
    strata = [Stratum(name, sizes[name], number) for name, number in given.items()]
    return strata, [Record(*row) for row in rows]


def every_record(base: Any, *, singly: bool) -> Iterator[Record]:
    """All records of the frame, or those to be verified one by one, in the order of the case."""
    which = "where singly" if singly else ""
    base.execute(
        "create or replace temp table listed as"
        " select *, row_number() over (order by record) as place"
        f" from frame {which} order by record"
    )
    # By pages, as each other query on the connection would end one that is still being read.
    query = f"select {_COLUMNS} from listed where place > ? and place <= ? order by place"
    first = 0
    while rows := base.execute(query, [first, first + _PAGE]).fetchall():
        yield from (Record(*row) for row in rows)
        first += _PAGE


def _put(base: Any, name: str, rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> None:
    """A table of DuckDB with these rows (inserting them one by one is slow)."""
    columns = zip(*rows, strict=True) if rows else [[]] * len(schema)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)]
    base.register(f"{name}_given", pa.table(arrays, schema=schema))
    base.execute(f"create temp table {name} as select * from {name}_given")
    base.unregister(f"{name}_given")


_KINDS: Final = pa.schema(
    [
        ("source", pa.int32()),
        ("member", pa.string()),
        ("combination", pa.string()),
        ("categories", pa.string()),
        ("singly", pa.bool_()),
    ]
)
_GIVEN: Final = pa.schema([("stratum", pa.string()), ("drawn", pa.int64())])
_PAGE: Final = 20_000
_COLUMNS: Final = (
    'record, source, member, row, "group", combination, stratum, suspect, item, copies'
)


def order_key(seed: str, record: Record) -> str:
    """What records are ordered by, the smallest first: hexadecimal SHA-256.

    >>> order_key("7", Record(0, 3, "a.csv", 12, 0, "CN_MOBILE", "total", None, None, 1))[:12]
    '64f94323dbf1'
    """
    return hashlib.sha256("|".join(map(str, (seed, *record.place))).encode()).hexdigest()
