"""What each column of a table holds: its name, borne out (or overruled) by its cells.

A sure name stands unless its cells are plainly something else; an ambiguous name (zh, sj, code)
needs 70 % valid cells; a column without a known name is typed by what most of its cells are.
Decided once from a sample, before scanning, so that results do not depend on order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import Label, is_name, label_of
from piiscan.detect.columns.checksum_chance import by_chance
from piiscan.detect.columns.content_types import (
    ADDRESS,
    CONFIRMED,
    PERSON,
    PREVAILING,
    Sample,
    count_places,
    label_by_content,
    valid_cells,
)
from piiscan.detect.columns.message_columns import message_columns
from piiscan.detect.columns.password_columns import (
    ACCOUNTS,
    looks_like_login_data,
    looks_like_passwords,
    looks_like_qq,
)
from piiscan.detect.engine import Engine

#: Below this share of valid cells a sure name can be overruled.
DOUBTFUL: Final = 0.1


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
    headers = headers if headers is not None else [None] * len(columns)
    cells = [_filled(column) for column in columns]
    named = [label_of(engine.catalog, header) for header in headers]
    sample = Sample(engine, cells, [n for n, label in enumerate(named) if label is None])
    types = [
        _with_role(_infer_one(sample, number, header, label), engine)
        for number, (header, label) in enumerate(zip(headers, named, strict=True))
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
    people = any({PERSON, ADDRESS} & set(each.recognizers) for each in types)
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


def _infer_one(sample: Sample, number: int, header: str | None, named: Label | None) -> ColumnType:
    cells = sample.cells[number]
    if named is not None and named.parts and count_places(cells) >= PREVAILING * len(cells) > 0:
        named = dataclasses.replace(named, parts=False)  # whole addresses, whatever the name
    if named is not None and named.sure and (named.parts or named.other or not cells):
        return ColumnType(header, named, len(cells), len(cells) if named.parts else 0)
    needed = PREVAILING
    if named is not None and named.recognizers and not named.parts:
        valid = valid_cells(sample.engine, cells, named)
        share = valid / len(cells) if cells else 1.0
        if share >= (DOUBTFUL if named.sure else CONFIRMED):
            return ColumnType(header, named, len(cells), valid)
        needed = CONFIRMED
    better = label_by_content(sample, number, header, needed)
    if better is not None:
        return ColumnType(header, better[0], len(cells), better[1])
    if needed == PREVAILING or named is None:
        return ColumnType(header, None, len(cells), 0)
    if named.sure:
        return ColumnType(header, named, len(cells), valid)
    other = Label(header or "", other=named.other) if named.other else None
    return ColumnType(header, other, len(cells), 0)
