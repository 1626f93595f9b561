"""Tables in memory: find personal information in pyarrow, pandas or polars tables.

Column names are used as labels, as in a file: ``姓名 | 手机号`` -> PERSON in 姓名, CN_MOBILE in
手机号.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import Engine, engine_of
from piiscan.errors import PiiscanError
from piiscan.finding import check_options, engine_for
from piiscan.frame_masks import MASK, replace_findings, replacer
from piiscan.schemas import FOUND

_SAMPLE_ROWS = 300


def find_frame(
    table: Any,
    min_score: float = 0.5,
    names: bool = True,
    *,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> pa.Table:
    """Return the findings in a pyarrow, pandas or polars table, ordered by row and column.

    The result has the columns ``row`` (int64, from 0), ``column`` (name of the column), and those
    of ``piiscan.schemas.FOUND`` without ``index``. Column types are inferred from names and cells,
    as for a scanned file. Parameters as for :func:`piiscan.find_table`.

    Raises:
        TypeError: ``table`` is no table.

    >>> import pyarrow as pa
    >>> found = find_frame(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}))
    >>> found.select(['row', 'column', 'entity']).to_pylist()[1]
    {'row': 0, 'column': '手机号', 'entity': 'CN_MOBILE'}
    """
    arrow = as_table(table)
    made = plan(arrow, names=names, min_score=min_score, as_of=as_of, recognizers=recognizers)
    return made.find(arrow)


def plan(
    sample: Any,
    columns: Sequence[str] | str | None = None,
    *,
    names: bool = True,
    min_score: float = 0.5,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> Plan:
    """Return the plan of a table of any size, made from a sample of its rows.

    Batches that are searched with one plan have the findings of the whole table, however it is
    cut: a worker decides nothing anew. A plan pickles, with rules of your own; the shipped ones
    are those of the same piiscan on the other side, else it is refused.

    Args:
        sample: pyarrow, pandas or polars table; of more than 900 rows, 300 each of head, middle
            and end.
        columns: names of the columns to search (None: all).
        names, min_score, as_of, recognizers: as for :func:`piiscan.find_table`.

    Raises:
        CatalogError: a rule is invalid.
        PiiscanError: the table lacks a column, or ``min_score`` is out of range.
        TypeError: ``sample`` is no table.

    >>> import pyarrow as pa
    >>> made = plan(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}), ['手机号'])
    >>> made.find(pa.table({'姓名': ['李四'], '手机号': ['13900139000']}))['value'].to_pylist()
    ['13900139000']
    >>> made.mask(pa.table({'手机号': ['13900139000']}))['手机号'].to_pylist()
    ['139****9000']
    """
    check_options(min_score, names)
    table = as_table(sample)
    numbers = column_numbers(columns, table.column_names)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    samples = [sample_cells(as_texts(table.column(number))) for number in numbers]
    planned = plan_columns(engine, [table.column_names[number] for number in numbers], samples)
    return Plan(planned, engine.catalog, engine.as_of, names, min_score)


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns to search with their types, the rules, and the options of the search."""

    columns: tuple[ColumnPlan, ...]
    catalog: Catalog = field(repr=False)
    as_of: datetime.date
    names: bool = True
    min_score: float = 0.5

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the state; the shipped rules are named by their digest, and read where it is."""
        _, catalog, *options = (getattr(self, each.name) for each in fields(self))
        rules = catalog.digest if catalog.folder is None else catalog
        return _restore, (rules, self.columns, *options)

    @property
    def engine(self) -> Engine:
        """Return the engine of this process for the plan's rules, cached."""
        return engine_of(self.catalog, self.as_of)

    def find(self, batch: Any) -> pa.Table:
        """Return the findings in a batch of rows, as :func:`piiscan.find_frame` does.

        ``batch``: pyarrow, pandas or polars table with at least the columns of the plan.
        """
        parts = []
        for number, (column, _, found) in enumerate(self.find_columns(as_table(batch))):
            order = pa.array([number] * len(found), pa.int32())
            name_of = pa.array([column.name] * len(found), pa.string())
            cells = [found["index"], order, name_of, *(found[each] for each in FOUND.names[1:])]
            parts.append(pa.table(cells, ["row", "order", "column", *FOUND.names[1:]]))
        if not parts:
            empty = FOUND.empty_table()
            return empty.rename_columns(["row", *empty.column_names[1:]]).add_column(
                1, "column", pa.array([], pa.string())
            )
        keys = [(name, "ascending") for name in ("row", "order", "start", "end")]
        return pa.concat_tables(parts).sort_by(keys).drop_columns(["order"])

    def mask(
        self, batch: Any, operator: str = MASK, params: Mapping[str, Any] = MappingProxyType({})
    ) -> pa.Table:
        """Return a batch of rows with the findings in the columns of the plan replaced.

        Args:
            batch: pyarrow, pandas or polars table. Masked columns become texts unless their type
                holds texts.
            operator: cn_mask, cn_replace, cn_hash, cn_pseudonym, or an operator of Presidio.
            params: parameters of the operator.

        Raises:
            InvalidParamError: ``params`` do not suit the operator.
        """
        table = as_table(batch)
        replacements = replacer(operator, params)
        numbers = column_numbers([column.name for column in self.columns], table.column_names)
        for number, (column, texts, found) in zip(numbers, self.find_columns(table), strict=True):
            masked = replace_findings(texts, found, replacements)
            kind = table.schema.field(number).type
            if not pa.types.is_primitive(kind) and not pa.types.is_nested(kind):
                masked = masked.cast(kind)
            table = table.set_column(number, column.name, masked)
        return table

    def find_columns(self, table: pa.Table) -> Iterator[tuple[ColumnPlan, pa.Array, pa.Table]]:
        """Yield each column with its cells as texts and its findings (FOUND).

        Raise PiiscanError if ``table`` lacks a column of the plan.
        """
        numbers = column_numbers([column.name for column in self.columns], table.column_names)
        texts = [as_texts(table.column(number)) for number in numbers]
        found = find_columns(self.engine, self.columns, texts, self.min_score, self.names)
        yield from zip(self.columns, texts, found, strict=True)


def _restore(rules: str | Catalog, columns: tuple[ColumnPlan, ...], *options: Any) -> Plan:
    """Return the plan with this state. Raise PiiscanError if other rules are shipped here."""
    catalog = load() if isinstance(rules, str) else rules
    if isinstance(rules, str) and catalog.digest != rules:
        raise PiiscanError("spark.other_rules", sha256=rules)
    return Plan(columns, catalog, *options)


def column_numbers(names: Sequence[str] | str | None, existing: Sequence[str]) -> list[int]:
    """Return the numbers of columns by name; None: all ``existing`` ones.

    Of columns with one name the first comes first. Raise PiiscanError if one does not exist.

    >>> column_numbers(["号", "名", "号"], ["名", "号", "号"])
    [1, 0, 2]
    """
    if names is None:
        return list(range(len(existing)))
    numbers: list[int] = []
    for name in (names,) if isinstance(names, str) else names:
        free = (n for n, each in enumerate(existing) if each == name and n not in numbers)
        number = next(free, None)
        if number is None:
            raise PiiscanError("spark.no_column", name=name)
        numbers.append(number)
    return numbers


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """Plan for the cells of a column: under a label, after the cells of other columns.

    ``leading``: numbers of the columns whose cells come before those of the column (split fields).
    """

    name: str
    label: Label | None = None
    leading: tuple[int, ...] = ()


def plan_columns(
    engine: Engine, headers: Sequence[object], samples: Sequence[pa.Array]
) -> tuple[ColumnPlan, ...]:
    """Infer the types of columns from their headers and sample cells; return one plan each."""
    from piiscan.detect.columns.column_types import infer_column_types
    from piiscan.detect.columns.split_fields import find_split_fields

    names = [str(header) for header in headers]
    types = infer_column_types(engine, names, samples)
    fields = find_split_fields(types)
    return tuple(
        ColumnPlan(name, fields[number].label, fields[number].leading)
        if number in fields
        else ColumnPlan(name, types[number].label)
        for number, name in enumerate(names)
    )


def find_columns(
    engine: Engine,
    plans: Sequence[ColumnPlan],
    texts: Sequence[pa.Array],
    min_score: float,
    names: bool,
) -> Iterator[pa.Table]:
    """Yield the findings of each column, a FOUND table; ``texts``: the cells of all columns."""
    from piiscan.detect.columns.split_fields import JoinedCells, relocate_to_last

    for plan, column in zip(plans, texts, strict=True):
        joined = (
            JoinedCells.of([texts[at] for at in plan.leading], column) if plan.leading else None
        )
        found = engine.find_table(
            column if joined is None else joined.cells,
            label=plan.label,
            min_score=min_score,
            names=names,
        )
        yield found if joined is None else relocate_to_last(found, joined)


def as_table(table: Any) -> pa.Table:
    """Return a pyarrow, pandas or polars table as a pyarrow table.

    Raise TypeError for other objects.
    """
    from piiscan.arrow_strings import replace_surrogates

    if isinstance(table, pa.Table):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.Table.from_batches([table])
    if hasattr(table, "collect") and hasattr(table, "to_arrow") is False:  # polars LazyFrame
        table = table.collect()
    if hasattr(table, "to_arrow"):  # polars
        return table.to_arrow()
    if type(table).__module__.split(".")[0] == "pandas":
        names = [replace_surrogates(str(name)) for name in table.columns]
        return pa.table([_pandas_column(table[name]) for name in table.columns], names)
    raise TypeError(f"a pyarrow, pandas or polars table is expected, not {type(table).__name__}")


def _pandas_column(column: Any) -> pa.Array:
    """Return the cells of a pandas column; missing cells are null.

    Cells of mixed types are converted by ``str``; an unpaired surrogate becomes U+FFFD.
    """
    from piiscan.arrow_strings import string_column

    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        missing = column.isna().tolist()
        cells = [
            None if is_missing else str(cell)
            for cell, is_missing in zip(column, missing, strict=True)
        ]
        return string_column(cells)


def as_texts(column: Any) -> pa.Array:
    """Convert a column to strings: integral floats without ``.0``, ISO dates, nulls kept."""
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_texts(column.dictionary_decode())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_floating(kind):
        whole = pc.fill_null(
            pc.and_(pc.equal(pc.floor(column), column), pc.is_finite(column)), False
        )
        big = pc.fill_null(pc.less(pc.abs(column), 1e18), False)
        exact = pc.and_(whole, big)
        numbers = pc.if_else(exact, column, pa.scalar(None, kind)).cast(pa.int64())
        return pc.if_else(exact, numbers.cast(pa.string()), column.cast(pa.string()))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array(
            [None if cell is None else str(cell) for cell in column.to_pylist()], pa.string()
        )
    return column.cast(pa.string())


def sample_cells(column: pa.Array) -> pa.Array:
    """Return up to 900 cells of a column to infer its type: 300 each of head, middle, tail."""
    count = len(column)
    if count <= 3 * _SAMPLE_ROWS:
        return column
    middle = (count - _SAMPLE_ROWS) // 2
    pieces = [column.slice(at, _SAMPLE_ROWS) for at in (0, middle, count - _SAMPLE_ROWS)]
    return pa.concat_arrays(pieces)
