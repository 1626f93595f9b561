"""What each column of a table holds: its name, borne out (or overruled) by its cells.

A sure name stands unless its cells are plainly something else; an ambiguous name (zh, sj, code)
needs 70 % valid cells; a column without a known name is typed by what most of its cells are.
Decided once from a sample, before scanning, so that results do not depend on order.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from piiscan import data
from piiscan.detect.catalog import Catalog
from piiscan.detect.chance import by_chance
from piiscan.detect.engine import Engine
from piiscan.detect.labels import Label, is_name, label_of
from piiscan.detect.messages import message_columns
from piiscan.detect.passwords import (
    ACCOUNTS,
    looks_like_login_data,
    looks_like_passwords,
    looks_like_qq,
)

#: Share of valid cells that an ambiguous name needs, and that overrules a sure one.
CONFIRMED: Final = 0.7
#: Share of cells of one kind that types a column without a name.
PREVAILING: Final = 0.6
#: Below this share of valid cells a sure name can be overruled.
DOUBTFUL: Final = 0.1

_PERSON: Final = "name.person"
_ADDRESS: Final = "name.address"
_WAYBILL: Final = "CN_WAYBILL"
_RESIDENT_ID: Final = "cn.resident_id"
_NAME: Final = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,12}(?:[·•・．][㐀-鿿]{1,12})+")
_PART: Final = re.compile(r"[㐀-鿿]{1,10}(?:省|市|区|县|旗|州|盟|镇|乡|街道)")
_PLACE: Final = re.compile(
    r"[省市区县州旗盟]|[镇乡村屯组]|街道|[路街巷道弄]|[号栋幢座室楼层]|单元|小区|花园|大厦|广场"
)
_CARRIER: Final = re.compile(
    r"顺丰|中通|圆通|申通|韵达|极兔|京东|百世|天天|优速|安能|德邦|邮政|EMS|快递|速运|速递|物流",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """What a column holds: ``valid`` of its ``filled`` sample cells bear ``label`` out."""

    header: str | None
    label: Label | None
    filled: int
    valid: int
    trade: str | None = None  # what it tells of a trade in its row: price, buyer … (ledger.yaml)

    @property
    def recognizers(self) -> tuple[str, ...]:
        """The recognizers that the column's label names."""
        return self.label.recognizers if self.label else ()

    @property
    def role(self) -> str | None:
        """Whose values they are: recipient, sender and so on."""
        return self.label.role if self.label else None

    @property
    def share(self) -> float:
        """Valid cells among the filled ones, 0 to 1."""
        return self.valid / self.filled if self.filled else 0.0


def count_names(catalog: Catalog, cells: Sequence[str]) -> int:
    """How many of ``cells`` are known column names."""
    messages = {at for columns in message_columns(cells).values() for at in columns}
    return sum(
        len(cell) <= 40 and (at in messages or is_name(catalog, cell))
        for at, cell in enumerate(cells)
    )


def infer(
    engine: Engine, headers: Sequence[str | None] | None, columns: Sequence[pa.Array]
) -> list[ColumnType]:
    """The type of each column, from its name (if any) and a sample of its cells."""
    names = headers if headers is not None else [None] * len(columns)
    cells = [_filled(column) for column in columns]
    carrier = any(_share(_CARRIER, each) >= PREVAILING for each in cells)
    types = [
        _with_role(_infer_one(engine, name, own, carrier=carrier), engine)
        for name, own in zip(names, cells, strict=True)
    ]
    types = _with_passwords(engine, types, cells)
    return [_with_chance(engine, each, own) for each, own in zip(types, cells, strict=True)]


def _with_chance(engine: Engine, column: ColumnType, cells: list[str]) -> ColumnType:
    """``column`` with the kinds noted whose checks its codes pass by chance; never its own."""
    if column.recognizers or (column.label is not None and column.label.parts):
        return column
    chance = by_chance(engine, cells)
    if not chance:
        return column
    label = dataclasses.replace(column.label or Label(column.header or ""), chance=chance)
    return dataclasses.replace(column, label=label)


def _with_role(column: ColumnType, engine: Engine) -> ColumnType:
    """``column`` with the role that its name says, whatever its cells turned out to be."""
    if column.role is not None or not column.header:
        return column
    named = label_of(engine.catalog, column.header)
    if named is None or named.role is None:
        return column
    label = column.label or Label(column.header)
    return dataclasses.replace(column, label=dataclasses.replace(label, role=named.role))


def _with_passwords(
    engine: Engine, types: list[ColumnType], cells: list[list[str]]
) -> list[ColumnType]:
    """``types`` with the secrets of a list without names: passwords right behind its accounts."""
    entity_of = {r.id: r.entity for r in engine.catalog.recognizers}
    secret = tuple(i for i, entity in entity_of.items() if entity == "CREDENTIAL")
    label = Label(engine.catalog.name("entities", "CREDENTIAL"), secret)
    sought = bool(secret)
    people = any({_PERSON, _ADDRESS} & set(each.recognizers) for each in types)
    for at in range(1, len(types)):
        here, ahead = types[at], types[at - 1]
        if here.label is not None or here.header or not secret:
            continue
        own = [cell.strip() for cell in cells[at]]
        account = bool(ACCOUNTS & {entity_of[i] for i in ahead.recognizers if i in entity_of})
        if at == 1 and ahead.label is None and not ahead.header:
            account = looks_like_qq([cell.strip() for cell in cells[0]])
        password = sought and account and looks_like_passwords(own, among_people=people)
        if password or looks_like_login_data(own):
            sought = sought and not password
            types[at] = ColumnType(here.header, label, here.filled, here.filled)
    return types


def _filled(column: pa.Array) -> list[str]:
    return [cell for cell in column.to_pylist() if cell and cell.strip(" \t\"'=")]


def _infer_one(
    engine: Engine, header: str | None, cells: list[str], *, carrier: bool
) -> ColumnType:
    named = label_of(engine.catalog, header)
    if named is not None and named.parts and _places(cells) >= PREVAILING * len(cells) > 0:
        named = dataclasses.replace(named, parts=False)  # whole addresses, whatever the name
    if named is not None and named.sure and (named.parts or named.other or not cells):
        return ColumnType(header, named, len(cells), len(cells) if named.parts else 0)
    if named is not None and named.recognizers and not named.parts:
        valid = _valid(engine, cells, named)
        share = valid / len(cells) if cells else 1.0
        if share >= (DOUBTFUL if named.sure else CONFIRMED):
            return ColumnType(header, named, len(cells), valid)
        better = _by_content(engine, header, cells, CONFIRMED, carrier=carrier)
        if better is not None:
            return better
        if named.sure:
            return ColumnType(header, named, len(cells), valid)
        other = Label(header or "", other=named.other) if named.other else None
        return ColumnType(header, other, len(cells), 0)
    found = _by_content(engine, header, cells, PREVAILING, carrier=carrier)
    return found or ColumnType(header, None, len(cells), 0)


def _valid(engine: Engine, cells: list[str], label: Label) -> int:
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


def _by_content(
    engine: Engine, header: str | None, cells: list[str], needed: float, *, carrier: bool
) -> ColumnType | None:
    """The type that at least the share ``needed`` of the cells have, whatever the name."""
    if not cells:
        return None
    low = 0.3 if carrier else 0.5  # digits-only waybills count beside a column of carriers
    found = engine.find_table(pa.array(cells, pa.large_string()), min_score=low)
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
        if end - start >= len(cells[index].strip(" \t\"'=")) - 3 and (index, entity) not in whole:
            whole.add((index, entity))
            counts[entity] += 1
            ids.setdefault(entity, set()).add(which)
    for entity, count in counts.most_common(1):
        if count >= needed * len(cells) and entity not in ("MASKED", "DAMAGED"):
            named = engine.catalog.name("entities", entity)
            label = Label(header or named, _family(engine, ids[entity]))
            return ColumnType(header, label, len(cells), count)
    return _misspelt_ids(engine, header, cells) or _names_or_places(engine, header, cells)


def _family(engine: Engine, ids: set[str]) -> tuple[str, ...]:
    """``ids`` and those that share their column names: masked and damaged forms of the same."""
    like = {r.id for r in engine.catalog.recognizers if ids & set(r.like)}
    return tuple(sorted(ids | like))


def _misspelt_ids(engine: Engine, header: str | None, cells: list[str]) -> ColumnType | None:
    """A column of identity numbers with good regions and birth dates but bad check digits.

    Made up or altered numbers are still what the column holds; each is reported as refuted.
    """
    known = engine.catalog.by_id.get(_RESIDENT_ID)
    if known is None:
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
    return ColumnType(header, label, len(cells), _valid(engine, cells, label))


def _names_or_places(engine: Engine, header: str | None, cells: list[str]) -> ColumnType | None:
    names = sum(_is_like_a_name(cell.strip()) for cell in cells)
    if names >= CONFIRMED * len(cells) and _people(engine, cells) < PREVAILING * names:
        names = 0  # 周大福, 王老吉: a column of shops
    several = len(set(cells)) >= min(len(cells), 3)
    parts = sum(_PART.fullmatch(cell.strip()) is not None for cell in cells)
    for count, id_, is_part, share in (
        (names, _PERSON, False, CONFIRMED if several else 2.0),
        (parts, _ADDRESS, True, CONFIRMED),
        (_places(cells), _ADDRESS, False, PREVAILING),
    ):
        known = engine.catalog.by_id.get(id_)
        if known is not None and count >= share * len(cells):
            title = header or engine.catalog.name("entities", known.entity)
            label = Label(title, _family(engine, {id_}), parts=is_part)
            return ColumnType(header, label, len(cells), count)
    return None


def _people(engine: Engine, cells: list[str]) -> int:
    """How many cells are names as the tagger reads them."""
    found = engine.find_table(pa.array(cells, pa.large_string()))
    rows = zip(found["index"].to_pylist(), found["recognizer"].to_pylist(), strict=True)
    return len({index for index, which in rows if which == _PERSON})


def _places(cells: list[str]) -> int:
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
