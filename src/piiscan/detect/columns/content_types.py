"""Content types: the kind of most cells of a column, whatever its header.

A call of the engine has a fixed cost.  So one call scans all columns without a known header.  Rare
kinds are checked only if the cells have their shape.
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
from piiscan.detect.engine import Engine, find_batched

#: Share of valid cells that an ambiguous header needs, and that overrules a sure one.
CONFIRMED: Final = 0.7
#: Share of cells of one kind that decides a column without a header.
PREVAILING: Final = 0.6
#: Share of words from which the cells of a column of names are names only if they look like one.
MIXED: Final = 0.05

PERSON: Final = "name.person"
ADDRESS: Final = "name.address"
_WAYBILL: Final = "CN_WAYBILL"
_RESIDENT_ID: Final = "cn.resident_id"
#: Digits of the shortest identity number, in any script.
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
#: Characters stripped from cells before their length counts.
_STRIPPED: Final = " \t\"'="


class Sample:
    """Filled cells of a table's columns, with the engine's findings, computed at first use.

    ``unnamed``: numbers of the columns without a known header, which are scanned together.
    """

    def __init__(self, engine: Engine, cells: list[list[str]], unnamed: Iterable[int]) -> None:
        self.engine = engine
        self.cells = cells
        self._together = [number for number in unnamed if cells[number]]
        carrier = any(_matching_share(_CARRIER, each) >= PREVAILING for each in cells)
        # waybill numbers of digits alone count next to a column of carriers
        self._min_score = 0.3 if carrier else 0.5
        self._found: dict[int, pa.Table] = {}

    def findings(self, number: int) -> pa.Table:
        """Return the FOUND table of column ``number``, scanned without a label."""
        if number not in self._found:
            numbers = self._together if number in self._together else [number]
            parts = [pa.array(self.cells[each], pa.large_string()) for each in numbers]
            find = partial(self.engine.find_table, min_score=self._min_score)
            self._found |= dict(zip(numbers, find_batched(find, parts), strict=True))
        return self._found[number]


def count_valid_cells(engine: Engine, cells: list[str], label: Label) -> int:
    """Return the number of cells with an unrefuted value of the label's recognizers."""
    found = engine.find_all(cells, label=label, min_score=0.3)
    wanted = set(label.recognizers)
    return sum(
        any(each.recognizer in wanted and each.verdict != "refuted" for each in of_cell)
        for of_cell in found
    )


def label_by_content(
    sample: Sample, number: int, header: str | None, needed: float
) -> tuple[Label, int] | None:
    """Label a column by the kind of value in at least the share ``needed`` of its cells.

    Return (label, number of those cells), None if no kind is frequent enough.
    """
    engine, cells = sample.engine, sample.cells[number]
    if not cells:
        return None
    found = sample.findings(number)
    counts: Counter[str] = Counter()
    matched_ids: dict[str, set[str]] = {}
    whole = set()
    names = ("index", "start", "end", "entity", "recognizer", "score")
    for index, start, end, entity, recognizer, score in zip(
        *(found[name].to_pylist() for name in names), strict=True
    ):
        if score < 0.5 and entity != _WAYBILL:
            continue  # a carrier column lowers the limit for waybills only
        if recognizer in engine.catalog.watchlist_digests:
            continue  # known numbers are not a kind of their own
        if end - start >= len(cells[index].strip(_STRIPPED)) - 3 and (index, entity) not in whole:
            whole.add((index, entity))
            counts[entity] += 1
            matched_ids.setdefault(entity, set()).add(recognizer)
    for entity, count in counts.most_common(1):
        if count >= needed * len(cells) and entity not in ("MASKED", "DAMAGED"):
            named = engine.catalog.name("entities", entity)
            return Label(header or named, _related_recognizers(engine, matched_ids[entity])), count
    return _label_failed_ids(engine, header, cells) or _label_names_or_addresses(
        sample, number, header
    )


def _related_recognizers(engine: Engine, ids: set[str]) -> tuple[str, ...]:
    """Return recognizer ``ids`` with the recognizers of their masked and damaged forms."""
    like = {r.id for r in engine.catalog.recognizers if ids & set(r.like)}
    return tuple(sorted(ids | like))


def _label_failed_ids(
    engine: Engine, header: str | None, cells: list[str]
) -> tuple[Label, int] | None:
    """Label a column of identity numbers with valid regions and dates, but wrong check digits.

    Return the label and the number of valid cells, or None.  Invented or altered numbers are
    identity numbers too, and each is reported as refuted.
    """
    recognizer = engine.catalog.by_id.get(_RESIDENT_ID)
    long = sum(sum(map(str.isnumeric, cell)) >= _ID_DIGITS for cell in cells)
    if recognizer is None or long < CONFIRMED * len(cells):
        return None
    array = pa.array(cells, pa.large_string())
    found = engine.find_table(array, min_score=0.3, rejected=True)
    like = {
        index
        for index, recognizer_id, reason in zip(
            *(found[name].to_pylist() for name in ("index", "recognizer", "reason")), strict=True
        )
        if recognizer_id == _RESIDENT_ID and reason in (None, "CHECK_FAIL", "LOST")
    }
    if len(like) < CONFIRMED * len(cells):
        return None
    family = _related_recognizers(engine, {_RESIDENT_ID})
    label = Label(header or engine.catalog.name("entities", recognizer.entity), family)
    return label, count_valid_cells(engine, cells, label)


def _label_names_or_addresses(
    sample: Sample, number: int, header: str | None
) -> tuple[Label, int] | None:
    """Label a column of person names, address parts or addresses by the form of its cells.

    Return the label and the number of such cells, or None.
    """
    engine, cells = sample.engine, sample.cells[number]
    names = sum(_is_like_a_name(cell.strip()) for cell in cells)
    if (
        names >= CONFIRMED * len(cells)
        and _count_tagged_persons(sample, number) < PREVAILING * names
    ):
        names = 0  # 周大福, 王老吉: a column of shops
    several = len(set(cells)) >= min(len(cells), 3)
    parts = sum(_PART.fullmatch(cell.strip()) is not None for cell in cells)
    for count, id_, is_part, share in (
        (names, PERSON, False, CONFIRMED if several else 2.0),
        (parts, ADDRESS, True, CONFIRMED),
        (count_addresses(cells), ADDRESS, False, PREVAILING),
    ):
        recognizer = engine.catalog.by_id.get(id_)
        if recognizer is not None and count >= share * len(cells):
            title = header or engine.catalog.name("entities", recognizer.entity)
            return Label(title, _related_recognizers(engine, {id_}), parts=is_part), count
    return None


def _count_tagged_persons(sample: Sample, number: int) -> int:
    """Return the number of cells in which the name tagger reads a person."""
    found = sample.findings(number)
    names = ("index", "recognizer", "score")
    rows = zip(*(found[name].to_pylist() for name in names), strict=True)
    return len(
        {index for index, recognizer, score in rows if recognizer == PERSON and score >= 0.5}
    )


def count_addresses(cells: Sequence[str]) -> int:
    """Return the number of cells with two or more address levels (市, 区, 路, 号)."""
    return sum(
        len(cell) >= 6 and len({hit.group() for hit in _PLACE.finditer(cell)}) >= 2
        for cell in cells
    )


def _is_like_a_name(cell: str) -> bool:
    """Return True if ``cell`` has the form of a person's name: 张三, 欧阳修, 古丽·买买提."""
    if _NAME.fullmatch(cell) is None or _PART.fullmatch(cell) is not None:
        return False
    surnames = data.surnames()
    if len(cell) >= 3 and cell[:2] in surnames:
        return True
    return (len(cell) <= 3 and cell[0] in surnames) or "·" in cell


def share_of_words(cells: Sequence[str]) -> float:
    """Return the share of ``cells`` (0 to 1) that are two to four Hanzi, but no Chinese name."""
    words = (cell for cell in map(str.strip, cells) if _NAME.fullmatch(cell) and "·" not in cell)
    return sum(not _is_like_a_name(cell) for cell in words) / len(cells) if cells else 0.0


def _matching_share(pattern: re.Pattern[str], cells: list[str]) -> float:
    """Return the share of ``cells`` (0 to 1) of at most 16 code points that match ``pattern``."""
    short = [cell for cell in cells if len(cell) <= 16]
    return sum(pattern.search(cell) is not None for cell in short) / len(cells) if cells else 0.0
