"""Batch jobs: work on the Arrow batches of a partition in a worker; no Spark is needed.

A job is a small frozen object that Spark pickles once a task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.masking.mask import mask_values
from piiscan.masking.pseudonym import Item
from piiscan.masking.splice import splice
from piiscan.spark.table_plan import TablePlan

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
MASK: Final = "cn_mask"
#: Values that are masks already: they stay as they are.
_MASKED: Final = "MASKED"


@dataclass(frozen=True, slots=True)
class DetectJob:
    """Search of batches: one row per finding, with the key columns ``keep`` of its row.

    ``columns``: names of the batches' columns. ``clear``: add text and value of each finding.
    """

    plan: TablePlan
    columns: tuple[str, ...]
    keep: tuple[str, ...]
    clear: bool = False

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the findings of each batch, if any."""
        for batch in batches:
            table = pa.table(batch.columns, list(self.columns))
            keys = table.select(list(self.keep))
            for column, _, found in self.plan.find(table):
                if len(found):
                    yield from self._rows(keys, column.name, found).to_batches()

    def _rows(self, keys: pa.Table, name: str, found: pa.Table) -> pa.Table:
        """Return the result rows of the findings in column ``name``."""
        made = {
            "column": pa.array([name] * len(found), pa.string()),
            "masked": mask_column(found, "value"),
        }
        schema = {**FINDING, **(CLEAR if self.clear else {})}
        kept = keys.take(found["index"].combine_chunks())
        columns = [made[n] if n in made else found[n].cast(t) for n, t in schema.items()]
        return pa.table([*kept.columns, *columns], [*kept.column_names, *schema])


@dataclass(frozen=True, slots=True)
class MaskJob:
    """Masking of batches: the same rows, with the findings in the planned columns replaced.

    ``columns``: names of the batches' columns. ``operator``, ``params``: as for :func:`replacer`.
    """

    plan: TablePlan
    columns: tuple[str, ...]
    operator: str = MASK
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def run(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield each batch with its findings replaced."""
        replacements = replacer(self.operator, self.params)
        for batch in batches:
            cells = dict(zip(self.columns, batch.columns, strict=True))
            for column, texts, found in self.plan.find(pa.table(cells)):
                masked = replace_findings(texts, found, replacements)
                cells[column.name] = masked.cast(cells[column.name].type)
            yield pa.record_batch(cells)


#: Function: FOUND table -> new text of each finding.
Replacer = Callable[[pa.Table], pa.Array]


def replacer(operator: str = MASK, params: Mapping[str, Any] = MappingProxyType({})) -> Replacer:
    """Return the function that computes replacement texts by a Presidio operator.

    cn_mask without ``params`` imports no Presidio. Raise InvalidParamError for invalid ``params``.
    """
    if operator == MASK and not params:
        return partial(mask_column, name="text")
    from piiscan.presidio import Anonymizing

    anonymize = Anonymizing(operator, dict(params))

    def replacements(found: pa.Table) -> pa.Array:
        """Return the operator's text for each finding."""
        columns = (found[name].to_pylist() for name in ("text", "entity", "recognizer", "value"))
        return pa.array(
            anonymize([Item(*each) for each in zip(*columns, strict=True)]), pa.string()
        )

    return replacements


def replace_findings(texts: pa.Array, found: pa.Table, replacements: Replacer) -> pa.Array:
    """Return ``texts`` with the findings replaced; values that are masks already stay."""
    found = found.filter(pc.not_equal(found["entity"].cast(pa.string()), _MASKED))
    if not len(found):
        return texts
    start = found["byte_start"].to_numpy().astype(np.int64)
    end = start + pc.binary_length(found["text"]).to_numpy()
    return splice(texts, found["index"].to_numpy(), start, end, replacements(found))


def mask_column(found: pa.Table, name: str) -> pa.Array:
    """Return the masks of column ``name`` (text or value) of a FOUND table."""
    words = [found[each].combine_chunks() for each in ("entity", "recognizer")]
    entity, recognizer = (each.indices.to_numpy().astype(np.int64) for each in words)
    size = len(words[1].dictionary)
    pairs, kinds = np.unique(entity * size + recognizer, return_inverse=True)
    entities, recognizers = (each.dictionary.to_pylist() for each in words)
    names = [(entities[pair // size], recognizers[pair % size]) for pair in pairs.tolist()]
    return mask_values(found[name].combine_chunks(), kinds, names=names)


def find_texts(plan: TablePlan, texts: pa.Array) -> pa.Table:
    """Return the findings in running text (FOUND)."""
    return plan.engine.find_table(texts, min_score=plan.min_score, names=plan.names)


def mask_texts(plan: TablePlan, texts: pa.Array) -> list[str | None]:
    """Return running texts with their findings masked; None stays None."""
    masked: list[str | None] = replace_findings(
        texts, find_texts(plan, texts), replacer()
    ).to_pylist()
    return masked


def kinds_of_texts(plan: TablePlan, texts: pa.Array) -> list[list[str] | None]:
    """Return the entities in each text, by place, each once; None for None."""
    found = find_texts(plan, texts)
    kinds: list[dict[str, None]] = [{} for _ in texts]
    for index, entity in zip(found["index"].to_pylist(), found["entity"].to_pylist(), strict=True):
        kinds[index][entity] = None
    return [
        list(each) if valid else None
        for each, valid in zip(kinds, texts.is_valid().to_pylist(), strict=True)
    ]


def count_findings(plan: TablePlan, texts: pa.Array) -> list[int | None]:
    """Return the number of findings in each text; None for None."""
    index = find_texts(plan, texts)["index"].to_numpy()
    counts = np.bincount(index, minlength=len(texts)).tolist()
    return [
        each if valid else None
        for each, valid in zip(counts, texts.is_valid().to_pylist(), strict=True)
    ]
