"""Replacer: finds values in blocks of cells and computes their replacement texts.

It remembers the hash of each replacement, so that a scan of the copy can ignore them.
``电话13800138000 -> 电话138****8000``
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import pyarrow as pa

from piiscan.detect.catalog.headers import Label
from piiscan.masking.mask import mask_value
from piiscan.masking.pseudonym import Item
from piiscan.presidio import Anonymizing
from piiscan.redact.stand_ins import NO_MARK, StandIns
from piiscan.redact.text_map import apply_changes, replace_unsafe
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.search import TableSearch, find_hits

#: Presidio operators by the value of the ``operator`` option.
OPERATORS: Final = {
    "mask": "cn_mask",
    "replace": "cn_replace",
    "hash": "cn_hash",
    "pseudonym": "cn_pseudonym",
}
KEYED_OPERATORS: Final = ("hash", "pseudonym")
#: Operators whose text is drawn again if its context turns it into a finding.
REDRAWABLE_OPERATORS: Final = ("mask", "pseudonym")
_MASKED: Final = "MASKED"


@dataclass(frozen=True, slots=True)
class CellFinding:
    """Finding in a cell of a block, with its replacement text.

    ``start``, ``end``: code points in the cell, end exclusive. ``byte_offset``: offset in the
    content, -1 if unknown. ``new``: the replacement, empty before it is computed.
    """

    record: int
    column: int
    start: int
    end: int
    byte_offset: int  # in the content, -1 if unknown
    item: Item
    new: str = ""


@dataclass(slots=True)
class Replacer:
    """Finds values and replaces them with one operator; recognizes its own replacements.

    ``anonymize``: function from items to replacement texts. ``stand_ins``: redraw state, None if
    the operator has only one text per value. ``counts``: replaced values by entity.
    """

    search: TableSearch
    anonymize: Callable[[Sequence[Item]], list[str]]
    stand_ins: StandIns | None = None  # None: one text per value
    counts: Counter[str] = field(default_factory=Counter)
    _marks: dict[int, int] = field(default_factory=dict)  # hash of a replacement -> its mark
    _lengths: set[int] = field(default_factory=set)

    def find_replacements(
        self, block: Block, layout: TableLayout, *, is_copy: bool = False
    ) -> list[CellFinding]:
        """Find personal data in a block; return the findings with replacement texts.

        ``is_copy``: the block belongs to a copy, so the replacer's own texts are skipped. Masked
        values and findings whose replacement equals them are left out.
        """
        findings = list(self._find(block, layout))
        if is_copy:
            findings = [each for each in findings if not self.is_replacement(each, block)]
        findings = [each for each in findings if each.item.entity != _MASKED]
        new_texts = self._new_texts([each.item for each in findings])
        replacements = []
        for each, (new, mark) in zip(findings, new_texts, strict=True):
            if new == each.item.text:
                continue
            self._marks[hash(new)] = mark
            self._lengths.add(len(new))
            self.counts[each.item.entity] += 1
            replacements.append(
                CellFinding(
                    each.record, each.column, each.start, each.end, each.byte_offset, each.item, new
                )
            )
        return replacements

    def find_remaining(self, block: Block, layout: TableLayout) -> Iterator[CellFinding]:
        """Yield the findings in a copy's block that are neither masks nor own replacements."""
        for each in self._find(block, layout):
            if not self.is_replacement(each, block):
                yield each

    def is_replacement(self, found: CellFinding, block: Block) -> bool:
        """Return True if a finding is a mask or part of a text that this replacer wrote."""
        item = found.item
        if item.entity == _MASKED or hash(item.text) in self._marks:
            return True
        if mask_value(item.text, item.entity, item.recognizer) == item.text:
            return True
        size = found.end - found.start
        if not self._lengths or size > max(self._lengths):
            return False
        cell = cell_text(block, found)
        return any(
            hash(cell[at : at + length]) in self._marks
            for length in self._lengths
            for at in range(max(found.end - length, 0), found.start + 1)
        )

    def marks_under(self, found: CellFinding, block: Block) -> set[int]:
        """Return the value marks of own replacements that overlap a finding in a copy."""
        cell = cell_text(block, found)
        marks = {
            self._marks.get(hash(cell[at : at + length]), NO_MARK)
            for length in self._lengths
            for at in range(max(found.start - length + 1, 0), found.end)
        }
        return marks - {NO_MARK}

    def redact_text(self, text: str) -> str:
        """Redact a short text, such as a file name: replace the findings in it."""
        search = self.search
        found = search.engine.find_table(
            pa.array([text], pa.string()), min_score=search.min_score, names=search.names
        )
        columns = ("start", "end", "text", "entity", "recognizer", "value")
        rows = zip(*(found[column].to_pylist() for column in columns), strict=True)
        spans = [
            (start, end, Item(*fields)) for start, end, *fields in rows if fields[1] != _MASKED
        ]
        new_texts = self._new_texts([item for _, _, item in spans])
        return apply_changes(
            text,
            [(start, end, new) for (start, end, _), (new, _) in zip(spans, new_texts, strict=True)],
        )

    def _new_texts(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        """Return (replacement text, value mark) for each item."""
        texts = [replace_unsafe(new) for new in self.anonymize(items)]
        if self.stand_ins is None:
            return [(new, NO_MARK) for new in texts]
        return self.stand_ins.assign(items, texts)

    def _find(self, block: Block, layout: TableLayout) -> Iterator[CellFinding]:
        """Yield the findings in a block of cells, without replacement texts."""
        code_books = self.search.code_books()
        hits = find_hits(block, layout, self.search, code_books)
        entities, recognizers = list(code_books.entity.codes), list(code_books.recognizer.codes)
        for row in _hit_rows(hits):
            record, column, start, end, byte_offset, entity, recognizer, text, value = row
            item = Item(text, entities[entity], recognizers[recognizer], value)
            yield CellFinding(record, column, start, end, byte_offset, item)


def _hit_rows(hits: Hits) -> Iterator[tuple[Any, ...]]:
    """Yield one tuple per finding in ``hits``.

    Fields: record, column, start, end, byte offset, entity, recognizer, text, value.
    """
    numbers = (
        *(hits.record, hits.column, hits.start, hits.end),
        *(hits.byte_offset, hits.entity, hits.recognizer),
    )
    texts = hits.text if hits.text is not None else pa.nulls(len(hits), pa.string())
    columns = [*(each.tolist() for each in numbers), texts.to_pylist(), hits.value.to_pylist()]
    yield from zip(*columns, strict=True)


def cell_text(block: Block, found: CellFinding) -> str:
    """Return the text of the cell that contains a finding."""
    return block.columns[found.column][found.record].as_py() or ""


def build_replacer(
    search: TableSearch, operator: str, *, key: bytes | None, language: str
) -> Replacer:
    """Build a replacer for ``operator``, one of :data:`OPERATORS`.

    ``key``: 32 bytes, needed by :data:`KEYED_OPERATORS`. ``language``: language of the entity names
    that ``replace`` writes.
    """
    params: dict[str, Any] = {}
    if operator == "replace":
        names = search.engine.catalog.vocabulary.get("entities", {})
        params["names"] = {entity: name[language] for entity, name in names.items()}
    if operator in KEYED_OPERATORS:
        params["key"] = key
    stand_ins = StandIns(operator == "mask") if operator in REDRAWABLE_OPERATORS else None
    if operator == "pseudonym" and stand_ins is not None:
        params |= {"passing": _real_value_check(search), "drawn": stand_ins.redraw_count}
    return Replacer(search, Anonymizing(OPERATORS[operator], params), stand_ins)


def _real_value_check(search: TableSearch) -> Callable[[Sequence[tuple[str, Item]]], list[bool]]:
    """Return a function that marks the stand-ins which a recognizer verifies as real values."""

    @cache
    def label(recognizer: str) -> Label:
        """Return a column label that selects one recognizer."""
        return Label(recognizer, (recognizer,))

    def passes_check(stand_ins: Sequence[tuple[str, Item]]) -> list[bool]:
        """Return a flag per (stand-in, item): True if the recognizer would verify the stand-in."""
        passed = [False] * len(stand_ins)
        by_recognizer: dict[str, list[int]] = {}
        for at, (_, item) in enumerate(stand_ins):
            by_recognizer.setdefault(item.recognizer, []).append(at)
        for recognizer, positions in by_recognizer.items():
            texts = pa.array([stand_ins[at][0] for at in positions], pa.string())
            found = search.engine.find_table(texts, label=label(recognizer), names=False)
            for index, verdict in zip(
                found["index"].to_pylist(), found["verdict"].to_pylist(), strict=True
            ):
                passed[positions[index]] |= verdict == "verified"
        return passed

    return passes_check
