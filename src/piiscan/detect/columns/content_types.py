"""What the cells of a column are, whatever it is called: what the engine finds in most of them.

Every call of the engine costs a millisecond, so the columns of a table that have no known name are
asked about all at once, and what few can be is asked only where the cells look it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import pyarrow as pa

from piiscan import data
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import Engine, find_together

#: Share of valid cells that an ambiguous name needs, and that overrules a sure one.
CONFIRMED: Final = 0.7
#: Share of cells of one kind that types a column without a name.
PREVAILING: Final = 0.6

PERSON: Final = "name.person"
ADDRESS: Final = "name.address"
_WAYBILL: Final = "CN_WAYBILL"
_RESIDENT_ID: Final = "cn.resident_id"
#: So many digits, in whatever writing, has the shortest identity number.
_ID_DIGITS: Final = 15
_NAME: Final = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,12}(?:[·•・．][㐀-鿿]{1,12})+")
_PART: Final = re.compile(r"[㐀-鿿]{1,10}(?:省|市|区|县|旗|州|盟|镇|乡|街道)")
_PLACE: Final = re.compile(
    r"[省市区县州旗盟]|[镇乡村屯组]|街道|[路街巷道弄]|[号栋幢座室楼层]|单元|小区|花园|大厦|广场"
)
_CARRIER: Final = re.compile(
    r"顺丰|中通|圆通|申通|韵达|极兔|京东|百世|天天|优速|安能|德邦|邮政|EMS|快递|速运|速递|物流",
    re.IGNORECASE,
)
#: What cells are stripped of before they are measured.
_AROUND: Final = " \t\"'="


class Sample:
    """The filled cells of a table's columns, and what is found in them when it is asked for.

    ``unnamed``: the columns without a known name, which are asked about together.
    """

    def __init__(self, engine: Engine, cells: list[list[str]], unnamed: Iterable[int]) -> None:
        self.engine = engine
        self.cells = cells
        self._together = [number for number in unnamed if cells[number]]
        carrier = any(_share(_CARRIER, each) >= PREVAILING for each in cells)
        # digits-only waybills count beside a column of carriers
        self._least = 0.3 if carrier else 0.5
        self._found: dict[int, pa.Table] = {}

    def found(self, number: int) -> pa.Table:
        """What is found in the cells of a column without a label; ``index`` is by its cells."""
        if number not in self._found:
            numbers = self._together if number in self._together else [number]
            parts = [pa.array(self.cells[each], pa.large_string()) for each in numbers]
            find = partial(self.engine.find_table, min_score=self._least)
            self._found |= dict(zip(numbers, find_together(find, parts), strict=True))
        return self._found[number]


def valid_cells(engine: Engine, cells: list[str], label: Label) -> int:
    """How many cells hold a value of the label that its check does not refute."""
    found = engine.find_table(pa.array(cells, pa.large_string()), label=label, min_score=0.3)
    wanted = set(label.recognizers)
    rows = zip(
        found["index"].to_pylist(),
        found["recognizer"].to_pylist(),
        found["verdict"].to_pylist(),
        strict=True,
    )
    return len(
        {index for index, which, verdict in rows if which in wanted and verdict != "refuted"}
    )


def label_by_content(
    sample: Sample, number: int, header: str | None, needed: float
) -> tuple[Label, int] | None:
    """What at least the share ``needed`` of a column's cells are, whatever its name; how many."""
    engine, cells = sample.engine, sample.cells[number]
    if not cells:
        return None
    found = sample.found(number)
    counts: Counter[str] = Counter()
    ids: dict[str, set[str]] = {}
    whole = set()
    names = ("index", "start", "end", "entity", "recognizer", "score")
    for index, start, end, entity, which, score in zip(
        *(found[name].to_pylist() for name in names), strict=True
    ):
        if score < 0.5 and entity != _WAYBILL:
            continue  # a carrier says nothing of passports
        if which in engine.catalog.watched:
            continue  # known numbers are not a kind of their own
        if end - start >= len(cells[index].strip(_AROUND)) - 3 and (index, entity) not in whole:
            whole.add((index, entity))
            counts[entity] += 1
            ids.setdefault(entity, set()).add(which)
    for entity, count in counts.most_common(1):
        if count >= needed * len(cells) and entity not in ("MASKED", "DAMAGED"):
            named = engine.catalog.name("entities", entity)
            return Label(header or named, _family(engine, ids[entity])), count
    return _misspelt_ids(engine, header, cells) or _names_or_places(sample, number, header)


def _family(engine: Engine, ids: set[str]) -> tuple[str, ...]:
    """``ids`` and those that share their column names: masked and damaged forms of the same."""
    like = {r.id for r in engine.catalog.recognizers if ids & set(r.like)}
    return tuple(sorted(ids | like))


def _misspelt_ids(engine: Engine, header: str | None, cells: list[str]) -> tuple[Label, int] | None:
    """A column of identity numbers with good regions and birth dates but bad check digits.

    Made up or altered numbers are still what the column holds; each is reported as refuted.
    """
    known = engine.catalog.by_id.get(_RESIDENT_ID)
    long = sum(sum(map(str.isnumeric, cell)) >= _ID_DIGITS for cell in cells)
    if known is None or long < CONFIRMED * len(cells):
        return None
    array = pa.array(cells, pa.large_string())
    found = engine.find_table(array, min_score=0.3, rejected=True)
    like = {
        index
        for index, which, reason in zip(
            *(found[name].to_pylist() for name in ("index", "recognizer", "reason")), strict=True
        )
        if which == _RESIDENT_ID and reason in (None, "CHECK_FAIL", "LOST")
    }
    if len(like) < CONFIRMED * len(cells):
        return None
    family = _family(engine, {_RESIDENT_ID})
    label = Label(header or engine.catalog.name("entities", known.entity), family)
    return label, valid_cells(engine, cells, label)


def _names_or_places(sample: Sample, number: int, header: str | None) -> tuple[Label, int] | None:
    engine, cells = sample.engine, sample.cells[number]
    names = sum(_is_like_a_name(cell.strip()) for cell in cells)
    if names >= CONFIRMED * len(cells) and _people(sample, number) < PREVAILING * names:
        names = 0  # 周大福, 王老吉: a column of shops
    several = len(set(cells)) >= min(len(cells), 3)
    parts = sum(_PART.fullmatch(cell.strip()) is not None for cell in cells)
    for count, id_, is_part, share in (
        (names, PERSON, False, CONFIRMED if several else 2.0),
        (parts, ADDRESS, True, CONFIRMED),
        (count_places(cells), ADDRESS, False, PREVAILING),
    ):
        known = engine.catalog.by_id.get(id_)
        if known is not None and count >= share * len(cells):
            title = header or engine.catalog.name("entities", known.entity)
            return Label(title, _family(engine, {id_}), parts=is_part), count
    return None


def _people(sample: Sample, number: int) -> int:
    """How many cells are names as the tagger reads them."""
    found = sample.found(number)
    names = ("index", "recognizer", "score")
    rows = zip(*(found[name].to_pylist() for name in names), strict=True)
    return len({index for index, which, score in rows if which == PERSON and score >= 0.5})


def count_places(cells: Sequence[str]) -> int:
    """How many cells name two or more levels of a place, or a place and a house."""
    return sum(
        len(cell) >= 6 and len({hit.group() for hit in _PLACE.finditer(cell)}) >= 2
        for cell in cells
    )


def _is_like_a_name(cell: str) -> bool:
    """Surname and one or two characters, a compound surname and one or two, or parts with a dot."""
    if _NAME.fullmatch(cell) is None or _PART.fullmatch(cell) is not None:
        return False
    surnames = data.surnames()
    if len(cell) >= 3 and cell[:2] in surnames:
        return True
    return (len(cell) <= 3 and cell[0] in surnames) or "·" in cell


def _share(pattern: re.Pattern[str], cells: list[str]) -> float:
    short = [cell for cell in cells if len(cell) <= 16]
    return sum(pattern.search(cell) is not None for cell in short) / len(cells) if cells else 0.0
