"""Duplicate pairs (重复对照): each repeated record next to the record that was kept.

Both have their place and their values; the columns that were not compared are named. Rows are those
of R4 (逐字重复, 信息重复) and of R5 (关键字段重复).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from piiscan.case.export.list_file import listed, place_text
from piiscan.case.export.list_lines import RecordLocation
from piiscan.case.store.case import Case
from piiscan.pages.report_table import TableColumn
from piiscan.pages.sanitize import clean
from piiscan.wording.words import Words

#: Steps whose rejects are pairs.
PAIR_STEPS: Final = ("R4", "R5")
#: Separators of the values of a record, and of entity and text; no text has them.
_NEXT, _COLON = "\x1e", "\x1f"
_COLUMNS: Final = (
    listed("number", "number"),
    listed("pair_reason"),
    listed("kept"),
    listed("kept_values", "texts"),
    listed("left"),
    listed("left_values", "texts"),
    listed("apart", "texts"),
)
_BATCH: Final = 10_000

#: SQL: the values of each record of a pair, as one text, in reading order.
_CREATE_VALUES: Final = f"""
create or replace temp table pair_values as
select record, string_agg(entity || '{_COLON}' || text, '{_NEXT}' order by first) as told from (
    select r.record, f.entity, f.text, min(f.nth) as first
    from rows r join f on r.place = f.place and r.row = f.record and r."group" = f."group"
    where f.entity <> 'CREDENTIAL'
      and r.record in (select p.record from people p where p.subject in (
          select c.subject from chosen c union select c.repeats from chosen c))
    group by all
) group by record
"""
_CREATE_PAIRS: Final = """
create or replace table pairs as
select c.line, c.reason, l.source, l.member, l.row, k.source as kept_source,
       k.member as kept_member, k.row as kept_row, v.told, w.told as kept_told
from chosen c join people l using (subject) join people k on c.repeats = k.subject
left join pair_values v on l.record = v.record left join pair_values w on k.record = w.record
order by c.line
"""


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Repeated record and kept record: places, (entity, text) of both, the reason."""

    number: int
    reason: str
    left: RecordLocation = field(repr=False)
    kept: RecordLocation = field(repr=False)
    left_values: str = field(repr=False)
    kept_values: str = field(repr=False)


def build_pairs(connection: Any) -> Iterator[DuplicatePair]:
    """Yield the pairs of the table ``chosen``; the view ``f`` has the findings."""
    connection.execute(_CREATE_VALUES)
    connection.execute(_CREATE_PAIRS)
    cursor = connection.cursor()
    cursor.execute("select * from pairs")
    while rows := cursor.fetchmany(_BATCH):
        for number, reason, *places, left_values, kept_values in rows:
            left, kept = (RecordLocation(*places[at : at + 3]) for at in (0, 3))
            yield DuplicatePair(number, reason, left, kept, left_values or "", kept_values or "")


def columns_left_out(case: Case) -> dict[tuple[int, str], list[str]]:
    """Return (source, member) -> headers of its columns that R4 does not compare."""
    found = {}
    for part in case.stored("parts").to_pylist():
        columns = json.loads(part["columns"])
        names = [
            clean(each["header"] or str(each["column"]))
            for each in columns
            if each.get("bookkeeping")
        ]
        found[part["source"], part["member"]] = names
    return found


@dataclass(frozen=True, slots=True)
class PairLayout:
    """Layout of the list of pairs: wording, display names, and columns left out."""

    words: Words
    paths: Mapping[int, str]
    members: Mapping[str, str]
    left_out: Mapping[tuple[int, str], list[str]]
    title: ClassVar[str] = "listed.sheet"

    @property
    def columns(self) -> Sequence[TableColumn]:
        """Return the columns in order."""
        return _COLUMNS

    def rows(self, lines: Iterable[DuplicatePair]) -> Iterator[list[str | int | list[str]]]:
        """Yield one list of cells per pair."""
        for pair in lines:
            yield [
                pair.number,
                self.words.name("reasons", pair.reason),
                place_text(pair.kept, self.words, self.paths, self.members),
                self._values(pair.kept_values),
                place_text(pair.left, self.words, self.paths, self.members),
                self._values(pair.left_values),
                self._apart(pair),
            ]

    def _values(self, told: str) -> list[str]:
        """Return the values of a record as texts: ``手机号码：138****8000``."""
        pairs = [each.split(_COLON) for each in told.split(_NEXT) if each]
        colon = self.words("sheet.colon")
        return [f"{self.words.name('entities', e)}{colon}{clean(text)}" for e, text in pairs]

    def _apart(self, pair: DuplicatePair) -> list[str]:
        """Return the headers of the columns that were not compared for this pair."""
        if pair.reason == "DUP_ROW":
            return []
        if pair.reason == "DUP_KEY":
            return [self.words("listed.key_only")]
        places = ((place.source, place.member) for place in (pair.kept, pair.left))
        return list(
            dict.fromkeys(name for place in places for name in self.left_out.get(place, ()))
        )
