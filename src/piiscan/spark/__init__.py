"""piiscan for Spark: find and mask personal information in Spark tables, and SQL functions.

Column types are decided on the driver, once, and sent to the workers with the rules
(:func:`plan`). Each Python worker makes one engine and searches Arrow batches. PySpark is imported
only by calls that are given a Spark table or session.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from piiscan.errors import PiiscanError
from piiscan.finding import engine_for
from piiscan.frame import Plan
from piiscan.frame_masks import MASK, replacer
from piiscan.spark.batch_jobs import CLEAR, FINDING, DetectJob, MaskJob
from piiscan.spark.spark_tables import as_names, plan, sample_rows, select

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

make_plan = plan  # the argument ``plan`` hides the function
#: Types of Spark that can contain texts.
_NESTED: Final = ("array", "binary", "map", "struct", "udt", "variant")

__all__ = ["Plan", "case", "detect", "mask", "plan", "register", "scan"]
#: Doors of cases and their modules, imported on first use: tables need no case.
_OF_CASES: Final = {"case": "table_case", "scan": "file_scan"}


def __getattr__(name: str) -> Any:
    """Return the door of cases ``name``. Raise AttributeError for other names."""
    if name not in _OF_CASES:
        raise AttributeError(f"module 'piiscan.spark' has no attribute {name!r}")
    return getattr(import_module(f"piiscan.spark.{_OF_CASES[name]}"), name)


def detect(
    df: DataFrame,
    columns: Sequence[str] | str | None = None,
    *,
    keep: Sequence[str] | str = (),
    clear: bool = False,
    plan: Plan | None = None,
    key: str | Path | None = None,
    row: str | None = None,
    name: str = "",
    **options: Any,
) -> DataFrame:
    """Return the findings in a Spark table, one row each, as a Spark table.

    Its columns are those of ``keep``, and ``column``, ``start``, ``end`` (int; code points in the
    cell), ``entity``, ``recognizer``, ``verdict``, ``score`` (double), ``masked``, ``context``,
    ``reason`` and ``role``; strings if no type is named.

    With ``key`` they are what a case stores, for :func:`piiscan.spark.case`: ``kind`` (findings,
    records, ledger, sendings, rows) and the columns of ``piiscan.schemas`` (``row``, ``record``,
    ``group``, ``header``, ``digest`` …), masked values and digests only.

    Args:
        df: the table.
        columns: columns to search (None: all but ``keep`` and ``row``); columns that are no text
            are searched as text.
        keep: columns that identify a row. They are copied as they are, and not masked.
        clear: add the columns ``text`` and ``value``, which are not masked.
        plan: a plan that :func:`plan` made, instead of ``columns`` and ``options``.
        key: key file of a case, at the same place on driver and workers; made if it is absent.
        row: with ``key``: column of whole numbers, another one in each row.
        name: with ``key``: name of the table, which may be the title of a chat.
        options: as for :func:`plan`.

    Raises:
        PiiscanError: ``keep`` (with ``key``: ``row``) is empty, or a column is not there.
    """
    from pyspark.sql.types import DoubleType, IntegerType, StringType, StructField, StructType

    keys = as_names(keep if key is None else row or (), df.columns)
    if not keys:
        raise PiiscanError("spark.no_key" if key is None else "spark.no_row")
    if key is not None:
        from piiscan.spark.table_records import detect_records

        chosen = [each for each in df.columns if each not in keys]
        if plan is not None:
            chosen = plan.column_names
        elif columns is not None:
            chosen = [*as_names(columns, df.columns)]
        made_plan = plan or make_plan(df, chosen, **options)
        return detect_records(df, chosen, row=keys[0], key=Path(key), plan=made_plan, name=name)
    fields = {**FINDING, **(CLEAR if clear else {})}
    for key in keys:
        if key in fields:
            raise PiiscanError("spark.key_name", name=key)
    if plan is None:
        others = [each for each in df.columns if each not in keys]
        plan = make_plan(df, others if columns is None else columns, **options)
    types = {"int32": IntegerType(), "double": DoubleType(), "string": StringType()}
    kept = [df.schema[key] for key in keys]
    made = [StructField(name, types[str(kind)]) for name, kind in fields.items()]
    needed = tuple(dict.fromkeys([*keys, *plan.column_names]))
    job = DetectJob(plan, needed, keys, clear)
    return _numbered(df, needed).mapInArrow(job.run, StructType([*kept, *made]))


def mask(
    df: DataFrame,
    columns: Sequence[str] | str | None = None,
    *,
    operator: str = MASK,
    params: Mapping[str, Any] = MappingProxyType({}),
    plan: Plan | None = None,
    **options: Any,
) -> DataFrame:
    """Return a Spark table with its rows and columns, and the findings in its cells replaced.

    Args:
        df: the table.
        columns: text columns to mask (None: all text columns; others stay as they are).
        operator: cn_mask, cn_replace, cn_hash, cn_pseudonym, or an operator of Presidio.
        params: parameters of the operator; a ``key`` is sent to the workers.
        plan: a plan that :func:`plan` made, instead of ``columns`` and ``options``.
        options: as for :func:`plan`.

    Raises:
        InvalidParamError: ``params`` do not suit the operator.
        PiiscanError: a column is not there; a column to mask is no text; or ``columns`` is None,
            and a column that is no text has findings in the sample (手机号 as bigint) or may
            contain texts (array, map, struct, binary).
    """
    replacer(operator, params)
    kinds = {field.name: field.dataType for field in df.schema}
    texts = [name for name, kind in kinds.items() if kind.typeName() == "string"]
    unmasked: list[str] = []
    if plan is None:
        sample = sample_rows(df, columns)
        if columns is None:
            columns, others = texts, [name for name in kinds if name not in texts]
            searched = make_plan(sample, others, **options).find_columns(sample)
            unmasked = [name for name in others if kinds[name].typeName() in _NESTED]
            unmasked += [column.name for column, _, found in searched if len(found)]
        plan = make_plan(sample, columns, **options)
    planned = as_names(plan.column_names, df.columns)
    for name in (*unmasked, *(each for each in planned if each not in texts)):
        raise PiiscanError("spark.not_text", name=name, kind=kinds[name].simpleString())
    job = MaskJob(plan, tuple(df.columns), operator, dict(params))
    return _numbered(df, df.columns).mapInArrow(job.run, df.schema)


def _numbered(df: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Return ``columns`` of a Spark table under numbers: mapInArrow takes no name with a dot."""
    return select(df, columns).toDF(*map(str, range(len(columns))))


def register(
    spark: SparkSession,
    *,
    names: bool = True,
    min_score: float = 0.5,
    as_of: datetime.date | None = None,
    recognizers: Path | None = None,
) -> None:
    """Register the SQL functions of piiscan for running text in a Spark session.

    ``pii_mask(text)``: the text with its findings masked; ``pii_kinds(text)``: array of the
    entities in it, each once; ``pii_count(text)``: number of findings. Null for null. Options as
    for :func:`piiscan.find_table`. PySpark needs pandas for them.
    """
    from piiscan.spark.sql_functions import sql_functions

    engine = engine_for(as_of or datetime.date.today(), recognizers)
    plan = Plan((), engine.catalog, engine.as_of, names, min_score)
    for name, function in sql_functions(plan).items():
        spark.udf.register(name, function)
