"""Column types: the recognizers of each column of a table, from its header and a sample of cells.

A sure header counts unless the cells are clearly of another kind.  An ambiguous header (zh, sj,
code) needs 70 % valid cells.  A column without a known header gets the kind of most of its cells.
The decision precedes the scan, so that results do not depend on the order of rows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from piiscan.detect.catalog.headers import Label, label_of, role_of
from piiscan.detect.columns.checksum_chance import find_chance_passes
from piiscan.detect.columns.content_types import (
    ADDRESS,
    CONFIRMED,
    MIXED,
    PERSON,
    PREVAILING,
    Sample,
    count_addresses,
    count_valid_cells,
    label_by_content,
    share_of_words,
)
from piiscan.detect.columns.password_columns import (
    ACCOUNTS,
    looks_like_login_data,
    looks_like_passwords,
    looks_like_qq,
)
from piiscan.detect.columns.shared_hosts import with_hosts
from piiscan.detect.engine import Engine

#: Share of valid cells below which cells can overrule a sure header.
DOUBTFUL: Final = 0.1


@dataclass(frozen=True, slots=True)
class ColumnType:
    """Type of a column: its label, confirmed by ``valid`` of ``filled`` sample cells."""

    header: str | None
    label: Label | None
    filled: int
    valid: int
    transaction: str | None = None  # kind of transaction column: price, buyer … (ledger.yaml)
    bookkeeping: bool = False  # copies of a row may differ in it (tabular/bookkeeping_columns.py)
    subject: str | None = None  # person of the row, if the label has another role or none

    @property
    def recognizers(self) -> tuple[str, ...]:
        """Return the ids of the recognizers that the column's label names."""
        return self.label.recognizers if self.label else ()

    @property
    def role(self) -> str | None:
        """Return the role of the column's person (sender, contact#2); None without one."""
        return self.subject or (self.label.role if self.label else None)

    @property
    def share(self) -> float:
        """Return valid cells divided by filled cells, 0 to 1."""
        return self.valid / self.filled if self.filled else 0.0


def infer_column_types(
    engine: Engine, headers: Sequence[str | None] | None, columns: Sequence[pa.Array]
) -> list[ColumnType]:
    """Return the type of each column, from its header (if any) and a sample of its cells.

    ``headers`` is None for a table without a header row.
    """
    headers = headers if headers is not None else [None] * len(columns)
    filled = (filter(None, column.to_pylist()) for column in columns)
    cells = [[cell for cell in each if cell.strip(" \t\"'=")] for each in filled]
    named = [label_of(engine.catalog, header) for header in headers]
    sample = Sample(engine, cells, [n for n, label in enumerate(named) if label is None])
    types = [
        _with_role(_infer_column(sample, number, header, label), engine)
        for number, (header, label) in enumerate(zip(headers, named, strict=True))
    ]
    types = _with_passwords(engine, types, cells)
    return [
        _with_hosts(_with_chance_passes(engine, each, filled), filled)
        for each, filled in zip(types, cells, strict=True)
    ]


def _with_hosts(column: ColumnType, cells: list[str]) -> ColumnType:
    """Add to the label of ``column`` if its phone numbers are hosts of many extensions."""
    label = with_hosts(column.label, cells, column.header or "")
    return column if label is column.label else dataclasses.replace(column, label=label)


def _with_chance_passes(engine: Engine, column: ColumnType, cells: list[str]) -> ColumnType:
    """Add to ``column`` the recognizers whose checks its cells pass only by chance.

    A column whose label names recognizers is returned unchanged.
    """
    if column.recognizers or (column.label is not None and column.label.parts):
        return column
    chance = find_chance_passes(engine, cells)
    if not chance:
        return column
    label = dataclasses.replace(column.label or Label(column.header or ""), chance=chance)
    return dataclasses.replace(column, label=label)


def _with_role(column: ColumnType, engine: Engine) -> ColumnType:
    """Add the party role named by its header to ``column``, even if the cells changed its type."""
    if column.role is not None or not column.header:
        return column
    role = role_of(engine.catalog, column.header)
    if role is None:
        return column
    label = column.label or Label(column.header)
    return dataclasses.replace(column, label=dataclasses.replace(label, role=role))


def _with_passwords(
    engine: Engine, types: list[ColumnType], cells: list[list[str]]
) -> list[ColumnType]:
    """Label password columns after account columns as CREDENTIAL.  Return all types.

    Only lists without a header count.  At most one column becomes a password column.  Every column
    of login data is labelled too.
    """
    entity_of = {r.id: r.entity for r in engine.catalog.recognizers}
    secret = tuple(i for i, entity in entity_of.items() if entity == "CREDENTIAL")
    label = Label(engine.catalog.name("entities", "CREDENTIAL"), secret)
    wanted = bool(secret)
    people = any({PERSON, ADDRESS} & set(each.recognizers) for each in types)
    for at in range(1, len(types)):
        column, before = types[at], types[at - 1]
        if column.label is not None or column.header or not secret:
            continue
        stripped = [cell.strip() for cell in cells[at]]
        account = bool(ACCOUNTS & {entity_of[i] for i in before.recognizers if i in entity_of})
        if at == 1 and before.label is None and not before.header:
            account = looks_like_qq([cell.strip() for cell in cells[0]])
        password = wanted and account and looks_like_passwords(stripped, among_people=people)
        if password or looks_like_login_data(stripped):
            wanted = wanted and not password
            types[at] = ColumnType(column.header, label, column.filled, column.filled)
    return types


def _infer_column(
    sample: Sample, number: int, header: str | None, named: Label | None
) -> ColumnType:
    """Return the type of column ``number``, from its header, its label and its cells."""
    cells = sample.cells[number]
    if named is not None and named.parts and count_addresses(cells) >= PREVAILING * len(cells) > 0:
        named = dataclasses.replace(named, parts=False)  # whole addresses, despite the header
    if named is not None and named.sure and (named.parts or named.other or not cells):
        return ColumnType(header, named, len(cells), len(cells) if named.parts else 0)
    needed = PREVAILING
    if named is not None and named.recognizers and not named.parts:
        valid = count_valid_cells(sample.engine, cells, named)
        share = valid / len(cells) if cells else 1.0
        if share >= (DOUBTFUL if named.sure else CONFIRMED):
            return ColumnType(header, named, len(cells), valid)
        needed = CONFIRMED
    better = label_by_content(sample, number, header, needed)
    if better is not None:
        label, count = better
        mixed = PERSON in label.recognizers and share_of_words(cells) > MIXED
        return ColumnType(header, dataclasses.replace(label, mixed=mixed), len(cells), count)
    if named is None or (needed == PREVAILING and named.other is None):
        return ColumnType(header, None, len(cells), 0)
    if named.sure:
        return ColumnType(header, named, len(cells), valid)
    other = Label(header or "", other=named.other) if named.other else None
    return ColumnType(header, other, len(cells), 0)
