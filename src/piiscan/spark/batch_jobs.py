"""Batch jobs: work on the Arrow batches of a partition in a worker; no Spark is needed.

A job is a small frozen object that Spark pickles once a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.frame import Plan
from piiscan.frame_cells import Leaf
from piiscan.frame_masks import MASK, mask_column, replace_findings, replacer

#: Columns of a finding after the key columns, and those that :func:`detect` adds if asked to.
FINDING: Final[Mapping[str, pa.DataType]] = {
    "column": pa.string(),
    "start": pa.int32(),
    "end": pa.int32(),
    "entity": pa.string(),
    "recognizer": pa.string(),
    "verdict": pa.string(),
    "score": pa.float64(),
    "masked": pa.string(),
    "context": pa.string(),
    "reason": pa.string(),
    "role": pa.string(),
}
CLEAR: Final[Mapping[str, pa.DataType]] = {"text": pa.string(), "value": pa.string()}


@dataclass(frozen=True, slots=True)
class DetectJob:
    """Search of batches: one row per finding, with the key columns ``keep`` of its row.

    ``columns``: names of the batches' columns. ``clear``: add text and value of each finding.
    """

    plan: Plan
    columns: tuple[str, ...]
    keep: tuple[str, ...]
    clear: bool = False

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the findings of each batch, if any."""
        for batch in batches:
            table = pa.table(batch.columns, list(self.columns))
            keys = table.select(list(self.keep))
            for column, leaf, found in self.plan.find_columns(table):
                if len(found):
                    yield from self._rows(keys, column.name, leaf, found).to_batches()

    def _rows(self, keys: pa.Table, name: str, leaf: Leaf, found: pa.Table) -> pa.Table:
        """Return the result rows of the findings in column ``name``, or in a field of its cells.

        ``column`` has the path of nested cells behind the name: ``订单.电话[0]``.
        """
        index = found["index"].combine_chunks()
        paths = pc.fill_null(pc.binary_join_element_wise(".", leaf.paths(index), ""), "")
        made = {
            "column": pc.binary_join_element_wise(name, paths, ""),
            "masked": mask_column(found, "value"),
        }
        schema = {**FINDING, **(CLEAR if self.clear else {})}
        kept = keys.take(leaf.row_numbers(index))
        columns = [made[n] if n in made else found[n].cast(t) for n, t in schema.items()]
        return pa.table([*kept.columns, *columns], [*kept.column_names, *schema])


@dataclass(frozen=True, slots=True)
class MaskJob:
    """Masking of batches: the same rows, with the findings in the planned columns replaced.

    ``columns``: names of the batches' columns. ``operator``, ``params``: as for :func:`replacer`.
    """

    plan: Plan
    columns: tuple[str, ...]
    operator: str = MASK
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield each batch with its findings replaced."""
        for batch in batches:
            table = pa.table(batch.columns, list(self.columns))
            yield from self.plan.mask(table, self.operator, self.params).to_batches()


def find_texts(plan: Plan, texts: pa.Array) -> pa.Table:
    """Return the findings in running text (FOUND)."""
    return plan.engine.find_table(texts, min_score=plan.min_score, names=plan.names)


def mask_texts(plan: Plan, texts: pa.Array) -> list[str | None]:
    """Return running texts with their findings masked; None stays None."""
    masked: list[str | None] = replace_findings(
        texts, find_texts(plan, texts), replacer()
    ).to_pylist()
    return masked


def kinds_of_texts(plan: Plan, texts: pa.Array) -> list[list[str] | None]:
    """Return the entities in each text, by place, each once; None for None."""
    found = find_texts(plan, texts)
    kinds: list[dict[str, None]] = [{} for _ in texts]
    for index, entity in zip(found["index"].to_pylist(), found["entity"].to_pylist(), strict=True):
        kinds[index][entity] = None
    return [
        list(each) if valid else None
        for each, valid in zip(kinds, texts.is_valid().to_pylist(), strict=True)
    ]


def count_findings(plan: Plan, texts: pa.Array) -> list[int | None]:
    """Return the number of findings in each text; None for None."""
    index = find_texts(plan, texts)["index"].to_numpy()
    counts = np.bincount(index, minlength=len(texts)).tolist()
    return [
        each if valid else None
        for each, valid in zip(counts, texts.is_valid().to_pylist(), strict=True)
    ]
