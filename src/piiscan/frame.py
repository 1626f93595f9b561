"""Tables in memory: find personal information in pyarrow, pandas or polars tables.

Column names are used as labels, as in a file: ``姓名 | 手机号`` -> PERSON in 姓名, CN_MOBILE in
手机号.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast, overload

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import Engine, engine_of
from piiscan.detect.findings.finding import Finding
from piiscan.errors import PiiscanError
from piiscan.finding import (
    ArrowTable,
    FoundTable,
    check_options,
    engine_for,
    find_all,
    search_texts,
)
from piiscan.frame_cells import (
    ITEMS,
    Leaf,
    Tables,
    Texts,
    as_table,
    is_table,
    leaves,
    series_texts,
    table_parts,
    with_texts,
)
from piiscan.frame_masks import MASK, replace_findings, replacer
from piiscan.schemas import FOUND

_SAMPLE_ROWS: Final = 300
#: Most texts, and most characters, that :func:`find_iter` reads ahead.
_MOST_TEXTS: Final = 2000
_MOST_CHARACTERS: Final = 1_000_000


def find_table(
    texts: Texts | Tables,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> FoundTable:
    """Return the findings of all texts, or of a table, as one Arrow table.

    Of texts it has the schema ``piiscan.schemas.FOUND``; of a table that of :func:`find_frame`.

    Args:
        texts: texts, None and NaN being empty ones: any iterable, pandas or polars series, pyarrow
            array. Or a table: of pandas, polars, pyarrow, or any ``__arrow_c_stream__``.
        label: name of the column that contains the texts.
        min_score: lowest score to report, 0 to 1.
        names: False skips names and addresses.
        rejected: True adds rejected candidates with their reason.
        as_of: last possible birth date (default: today).
        recognizers: folder with rules of your own.

    Raises:
        CatalogError: a rule is invalid.
        PiiscanError: ``texts`` is one str, or a table with a ``label``, or has bytes that are no
            text; or ``min_score`` is out of range.
        TypeError: ``texts`` are neither texts nor a table.

    >>> find_table(['13800138000', None])['value'].to_pylist()
    ['13800138000']
    """
    given: Any = texts
    if not is_table(given):
        return search_texts(
            given, label, min_score, names, rejected=rejected, as_of=as_of, recognizers=recognizers
        )
    if label is not None:
        raise PiiscanError("frame.label")
    return find_frame(
        given, min_score, names, rejected=rejected, as_of=as_of, recognizers=recognizers
    )


@overload
def find_iter(
    texts: Texts,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> Iterator[list[Finding]]: ...


@overload
def find_iter(
    texts: Tables | Iterable[Tables],
    label: None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> Iterator[FoundTable]: ...


def find_iter(
    texts: Any,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> Iterator[list[Finding]] | Iterator[FoundTable]:
    """Yield the findings of texts, or of the parts of a table, of any number in bounded memory.

    Of texts it yields one list each; up to 2,000 of them, or a million characters, are read ahead.
    Of a table it yields the findings of each part, as :func:`find_frame` gives them, and ``row``
    counts on. The first 900 rows type the columns; if parts differ in types, the first part alone.
    Parameters as for :func:`find_table`.

    Args:
        texts: iterable of texts or of tables, such as an Arrow reader or ``pandas.read_csv`` with
            ``chunksize``; or an Arrow stream.

    >>> [len(found) for found in find_iter(iter(['13800138000', '无']))]
    [1, 0]
    """
    if isinstance(texts, str):
        raise PiiscanError("find.one_text")
    if is_table(texts):
        texts = table_parts(texts)
    elif (array := series_texts(texts)) is not None:
        texts = (each.as_py() for each in array)
    parts = iter(texts)
    first = list(itertools.islice(parts, 1))
    parts = itertools.chain(first, parts)
    if not first or not is_table(first[0]):
        yield from _find_ahead(
            parts, label=label, min_score=min_score, names=names, rejected=rejected,
            as_of=as_of, recognizers=recognizers,
        )  # fmt: skip
        return
    if label is not None:
        raise PiiscanError("frame.label")
    sample: list[pa.Table] = []
    while sum(map(len, sample)) < 3 * _SAMPLE_ROWS and (more := next(parts, None)) is not None:
        sample.append(as_table(more))
    joined = sample[0]
    if len(sample) > 1:
        with contextlib.suppress(pa.ArrowInvalid, pa.ArrowTypeError):
            joined = pa.concat_tables(sample, promote_options="permissive")
    made = plan(joined, names=names, min_score=min_score, as_of=as_of, recognizers=recognizers)
    row = 0
    for part in itertools.chain(sample, map(as_table, parts)):
        found = made.find(part, rejected=rejected)
        yield found.set_column(0, "row", pc.add(found["row"], row))
        row += len(part)


def _find_ahead(texts: Iterator[str | None], **options: Any) -> Iterator[list[Finding]]:
    """Yield the findings of each text; ``options`` are those of :func:`find_all`."""
    batch: list[str | None] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text) if isinstance(text, str) else 0
        if len(batch) == _MOST_TEXTS or size >= _MOST_CHARACTERS:
            yield from find_all(batch, **options)
            batch, size = [], 0
    yield from find_all(batch, **options)


def find_frame(
    table: Tables,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> FoundTable:
    """Return the findings in a table, ordered by row and column.

    The result has the columns ``row`` (int64, from 0), ``column`` (name of the column; levels are
    joined by dots), ``path``, and those of ``piiscan.schemas.FOUND`` without ``index``. Column
    types are inferred from names and cells, as for a scanned file. Each text in a nested cell is
    searched by itself: ``path`` is its place in the cell (``phones[0].number``; null in a plain
    cell), ``start`` and ``end`` are places in it. Bytes are decoded as in a scan. The index of a
    pandas table is not searched. Parameters as for :func:`piiscan.find_table`.

    Args:
        table: table of pandas, polars or pyarrow, or any ``__arrow_c_stream__``.

    Raises:
        PiiscanError: a cell has bytes that are no text.
        TypeError: ``table`` is no table.

    >>> import pyarrow as pa
    >>> found = find_frame(pa.table({'姓名': ['张三'], '手机号': ['13800138000']}))
    >>> found.select(['row', 'column', 'entity']).to_pylist()[1]
    {'row': 0, 'column': '手机号', 'entity': 'CN_MOBILE'}
    """
    arrow = as_table(table)
    made = plan(arrow, names=names, min_score=min_score, as_of=as_of, recognizers=recognizers)
    return made.find(arrow, rejected=rejected)


def plan(
    sample: Tables,
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
        sample: table as for :func:`find_frame`; of more than 900 rows, 300 each of head, middle
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
    sampled = [
        (ColumnPlan(table.column_names[number], at, leaf.key), leaf)
        for at, number in enumerate(numbers)
        for leaf in leaves(table.column(number), table.column_names[number])
    ]
    return Plan(plan_columns(engine, sampled), engine.catalog, engine.as_of, names, min_score)


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

    @property
    def column_names(self) -> list[str]:
        """Return the names of the columns to search."""
        return list({each.at: each.name for each in self.columns}.values())

    def find(self, batch: Tables, *, rejected: bool = False) -> FoundTable:
        """Return the findings in a batch of rows, as :func:`piiscan.find_frame` does.

        ``batch``: table with at least the columns of the plan.
        """
        parts = []
        searched = self.find_columns(as_table(batch), rejected=rejected)
        for number, (column, leaf, found) in enumerate(searched):
            index = found["index"].combine_chunks()
            places = {
                "row": leaf.row_numbers(index),
                "order": pa.array([number] * len(found), pa.int32()),
                "index": index,
                "column": pa.array([column.name] * len(found), pa.string()),
                "path": leaf.paths(index),
            }
            rest = [found[each] for each in FOUND.names[1:]]
            parts.append(pa.table([*places.values(), *rest], [*places, *FOUND.names[1:]]))
        if not parts:
            text = pa.array([], pa.string())
            empty = FOUND.empty_table().rename_columns(["row", *FOUND.names[1:]])
            return cast(
                "FoundTable", empty.add_column(1, "column", text).add_column(2, "path", text)
            )
        keys = [(name, "ascending") for name in ("row", "order", "index", "start", "end")]
        found = pa.concat_tables(parts).sort_by(keys).drop_columns(["order", "index"])
        return cast("FoundTable", found)

    def mask(
        self,
        batch: Tables,
        operator: str = MASK,
        params: Mapping[str, Any] = MappingProxyType({}),
    ) -> ArrowTable:
        """Return a batch of rows with the findings in the columns of the plan replaced.

        Args:
            batch: table with at least the columns of the plan. Their cells that are no text become
                texts, those in nested cells too.
            operator: cn_mask, cn_replace, cn_hash, cn_pseudonym, or an operator of Presidio.
            params: parameters of the operator.

        Raises:
            InvalidParamError: ``params`` do not suit the operator.
        """
        table = as_table(batch)
        replacements = replacer(operator, params)
        masked: dict[int, list[pa.Array]] = {}
        for column, leaf, found in self.find_columns(table):
            texts = replace_findings(leaf.texts, found, replacements)
            masked.setdefault(column.at, []).append(texts)
        numbers = column_numbers(self.column_names, table.column_names)
        for number, texts in zip(numbers, masked.values(), strict=True):
            cells = with_texts(table.column(number), iter(texts))
            table = table.set_column(number, table.column_names[number], cells)
        return table

    def find_columns(
        self, table: pa.Table, *, rejected: bool = False
    ) -> Iterator[tuple[ColumnPlan, Leaf, pa.Table]]:
        """Yield each column, or field of nested cells, with its texts and their findings (FOUND).

        A field that the plan lacks is typed by its name alone. Raise PiiscanError if ``table``
        lacks a column of the plan.
        """
        from piiscan.detect.columns.split_fields import JoinedCells, relocate_to_last

        planned = {(each.at, each.key): each for each in self.columns}
        numbers = column_numbers(self.column_names, table.column_names)
        cells: dict[tuple[int, str], Leaf] = {}
        for at, number in enumerate(numbers):
            found = leaves(table.column(number), table.column_names[number])
            cells |= {(at, leaf.key): leaf for leaf in found}
        missing = Leaf("", pa.nulls(len(table), pa.string()))
        for place, leaf in cells.items():
            column = planned.get(place) or self._unplanned(*place)
            ahead = [self.columns[each] for each in column.leading]
            leading = [cells.get((each.at, each.key), missing).texts for each in ahead]
            joined = JoinedCells.of(leading, leaf.texts) if leading else None
            result = self.engine.find_table(
                leaf.texts if joined is None else joined.cells,
                label=column.label,
                min_score=self.min_score,
                names=self.names,
                rejected=rejected,
            )
            yield column, leaf, result if joined is None else relocate_to_last(result, joined)

    def _unplanned(self, at: int, key: str) -> ColumnPlan:
        """Return the plan of a field of nested cells that no cell of the sample had."""
        column = ColumnPlan(self.column_names[at], at, key)
        return plan_columns(self.engine, [(column, Leaf(key, pa.array([], pa.string())))])[0]


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
    """Plan for the texts of a column, or of one field of its nested cells.

    Args:
        name: name of the column.
        at: number of the column among those of the plan.
        key: key of the field, "" for plain cells; see :class:`piiscan.frame_cells.Leaf`.
        label: meaning of the texts, if known.
        leading: numbers of the plans whose texts come before those of this one (split fields).
    """

    name: str
    at: int = 0
    key: str = ""
    label: Label | None = None
    leading: tuple[int, ...] = ()


def plan_columns(
    engine: Engine, columns: Sequence[tuple[ColumnPlan, Leaf]]
) -> tuple[ColumnPlan, ...]:
    """Return the plans with their types, inferred from names and sample texts.

    Fields of several columns are joined only where each row has one text.
    """
    from piiscan.detect.columns.column_types import infer_column_types
    from piiscan.detect.columns.split_fields import find_split_fields

    headers = [
        each.name + f".{each.key}".replace(f".{ITEMS}", "").replace(ITEMS, "").rstrip(".")
        for each, _ in columns
    ]
    types = infer_column_types(engine, headers, [sample_cells(leaf.texts) for _, leaf in columns])
    single = [number for number, (_, leaf) in enumerate(columns) if leaf.rows is None]
    fields = find_split_fields([types[number] for number in single])
    plans = [replace(each, label=types[n].label) for n, (each, _) in enumerate(columns)]
    for last, joined in fields.items():
        leading = tuple(single[number] for number in joined.leading)
        plans[single[last]] = replace(plans[single[last]], label=joined.label, leading=leading)
    return tuple(plans)


def sample_cells(column: pa.Array) -> pa.Array:
    """Return up to 900 cells of a column to infer its type: 300 each of head, middle, tail."""
    count = len(column)
    if count <= 3 * _SAMPLE_ROWS:
        return column
    middle = (count - _SAMPLE_ROWS) // 2
    pieces = [column.slice(at, _SAMPLE_ROWS) for at in (0, middle, count - _SAMPLE_ROWS)]
    return pa.concat_arrays(pieces)
