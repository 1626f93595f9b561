"""Replacer: finds values in blocks of cells and computes their replacement texts.

It remembers the hash of each replacement, so that a scan of the copy can ignore them.
``电话13800138000 -> 电话138****8000``
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import accumulate, compress, groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.bundles import take_rows
from piiscan.copies.known_values import TAGGED, KnownValues
from piiscan.copies.read_table import ReadTable
from piiscan.copies.stand_ins import NO_MARK, StandIns
from piiscan.copies.text_map import replace_unsafe
from piiscan.detect.catalog.headers import Label
from piiscan.detect.columns.header_names import count_header_names
from piiscan.masking.mask import mask_value
from piiscan.masking.operators import OPERATORS as ITEM_OPERATORS
from piiscan.masking.operators import replace_distinct
from piiscan.masking.pseudonym import Item
from piiscan.masking.splice import Change, apply_changes, resolve_changes
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import TableLayout
from piiscan.tabular.search import TableSearch, find_hits

#: Operators on items by the value of the ``operator`` option.
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


class CellFinding(NamedTuple):
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
    the operator has only one text per value. ``counts``: replaced values by entity. ``known``:
    all values that were replaced; in a copy they are replaced wherever they stand.
    """

    search: TableSearch
    anonymize: Callable[[Sequence[Item]], list[str]]
    stand_ins: StandIns | None = None  # None: one text per value
    counts: Counter[str] = field(default_factory=Counter)
    known: KnownValues = field(default_factory=KnownValues)
    _marks: dict[int, int] = field(default_factory=dict)  # hash of a replacement -> its mark
    _lengths: set[int] = field(default_factory=set)

    def find_replacements(
        self, block: Block, read: ReadTable, *, is_copy: bool = False
    ) -> list[CellFinding]:
        """Find personal data in a block; return the findings with replacement texts.

        ``is_copy``: the block belongs to a copy, so the replacer's own texts are skipped. Masked
        values and findings whose replacement equals them are left out. Places are those of the
        cells as written.
        """
        seen = read.decoded(block)
        findings = list(self._find(seen, read.layout))
        if is_copy:
            findings += self._find_known(seen)
            findings = [each for each in findings if not self.is_replacement(each, seen)]
            findings = list(_without_inner(findings))
        new_texts = self._remembered([each.item for each in findings])
        replacements = [
            CellFinding(*each[:-1], new)
            for each, new in zip(findings, new_texts, strict=True)
            if new is not None
        ]
        return list(_as_written(replacements, block, seen, read))

    def _find_known(self, block: Block) -> Iterator[CellFinding]:
        """Yield the occurrences of known values in the cells of a block."""
        for column, cells in enumerate(block.columns):
            texts = [text or "" for text in cells.to_pylist()]
            starts = list(accumulate((len(text) + 1 for text in texts), initial=0))
            for begin, end, item in self.known.find("\n".join(texts)):
                record = bisect_right(starts, begin) - 1
                text, start = texts[record], begin - starts[record]
                first = -1 if block.byte_starts is None else int(block.byte_starts[column][record])
                offset = first + len(text[:start].encode()) if first >= 0 else -1
                stop = end - starts[record]
                yield CellFinding(record, column, start, stop, offset, item)

    def find_remaining(self, block: Block, layout: TableLayout) -> Iterator[CellFinding]:
        """Yield the findings in a copy's block that are neither masks nor own replacements."""
        for each in self._find(block, layout):
            if not self.is_replacement(each, block):
                yield each

    def is_replacement(self, found: CellFinding, block: Block) -> bool:
        """Return True if a finding is a mask or part of a text that this replacer wrote."""
        item = found.item
        return item.entity == _MASKED or self.is_own(
            cell_text(block, found), found.start, found.end, item.entity, item.recognizer
        )

    def is_own(self, text: str, start: int, end: int, entity: str, recognizer: str) -> bool:
        """Return True if ``text[start:end]`` is masked, or part of a replacement by this object."""
        value = text[start:end]
        return (
            hash(value) in self._marks
            or any(
                hash(text[at : at + length]) in self._marks
                for length in self._lengths
                for at in range(max(end - length, 0), start + 1)
            )
            or mask_value(value, entity, recognizer) == value
        )

    def is_made(self, text: str, start: int, end: int, entity: str, recognizer: str) -> bool:
        """Return True if ``text[start:end]`` is a replacement, alone or with adjacent characters.

        An own text of digits only may stand in a real number by chance, so it does not count.
        """
        return self.is_own(text, start, end, entity, recognizer) or any(
            hash(text[at : at + length]) in self._marks and not text[at : at + length].isdecimal()
            for length in self._lengths
            for at in range(start, end - length + 1)
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
        spans += self.known.find(text)
        return apply_changes(text, self._changes(spans))

    def find_in_names(self, names: Sequence[str]) -> list[list[Change]]:
        """Return the changes of each name, such as a JSON key; column headers remain."""
        catalog = self.search.engine.catalog
        spans: list[list[tuple[int, int, Item]]] = [[] for _ in names]
        found = self.search.find(pa.array(names, pa.string()), None)
        columns = ("index", "start", "end", "text", "entity", "recognizer", "value")
        for index, start, end, *fields in zip(
            *(found[column].to_pylist() for column in columns), strict=True
        ):
            if fields[1] != _MASKED and not count_header_names(catalog, [names[index]]):
                spans[index].append((start, end, Item(*fields)))
        return [self._changes(each) for each in spans]

    def find_in_lines(self, text: str) -> list[Change]:
        """Return the changes that replace known values and values of pattern kinds in ``text``."""
        lines = text.split("\n")
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        found = self.search.find(pa.array(lines, pa.string()), None, names=False)
        columns = ("index", "start", "end", "text", "entity", "recognizer", "value")
        spans = [
            (starts[index] + start, starts[index] + end, Item(*fields))
            for index, start, end, *fields in zip(
                *(found[column].to_pylist() for column in columns), strict=True
            )
            if fields[1] not in (_MASKED, *TAGGED)
        ]
        spans += self.known.find(text)
        spans = [
            (begin, end, item)
            for begin, end, item in spans
            if not self.is_own(text, begin, end, item.entity, item.recognizer)
        ]
        return self._changes(spans)

    def _changes(self, spans: Sequence[tuple[int, int, Item]]) -> list[Change]:
        """Return the changes that replace items in a text; remember values and replacements."""
        new_texts = self._remembered([item for _, _, item in spans])
        return resolve_changes(
            (start, end, new)
            for (start, end, _), new in zip(spans, new_texts, strict=True)
            if new is not None
        )

    def _remembered(self, items: Sequence[Item]) -> list[str | None]:
        """Return the replacement of each item, None if it is its text; remember both."""
        texts = [replace_unsafe(new) for new in self.anonymize(items)]
        marks = [NO_MARK] * len(texts)
        if self.stand_ins is not None and texts:
            texts, marks = map(list, zip(*self.stand_ins.assign(items, texts), strict=True))
        changed = [new != item.text for new, item in zip(texts, items, strict=True)]
        self._marks.update(compress(zip(map(hash, texts), marks, strict=True), changed))
        self._lengths.update(map(len, compress(texts, changed)))
        replaced = list(compress(items, changed))
        self.counts.update(map(itemgetter(1), replaced))
        self.known.add(replaced)
        return [new if each else None for new, each in zip(texts, changed, strict=True)]

    def _find(self, block: Block, layout: TableLayout) -> Iterator[CellFinding]:
        """Yield the findings in a block of cells but masked ones, without replacement texts."""
        code_books = self.search.code_books()
        hits = find_hits(block, layout, self.search, code_books)
        masked = code_books.entity.codes.get(_MASKED, -1)
        if (hits.entity == masked).any():
            hits = take_rows(hits, np.flatnonzero(hits.entity != masked))
        entities, recognizers = list(code_books.entity.codes), list(code_books.recognizer.codes)
        for row in _hit_rows(hits):
            record, column, start, end, byte_offset, entity, recognizer, text, value = row
            item = Item(text, entities[entity], recognizers[recognizer], value)
            yield CellFinding(record, column, start, end, byte_offset, item)


def _as_written(
    findings: list[CellFinding], block: Block, seen: Block, read: ReadTable
) -> Iterator[CellFinding]:
    """Yield findings of decoded cells as findings of the cells of ``block``, and all others."""
    for (record, column), group in groupby(findings, key=lambda each: (each.record, each.column)):
        cell = list(group)
        if seen.columns[column] is block.columns[column]:
            yield from cell
            continue
        written, decoded = cell_text(block, cell[0]), cell_text(seen, cell[0])
        if written == decoded:
            yield from cell
            continue
        changes = [(each.start, each.end, each.new) for each in cell]
        first = -1 if block.byte_starts is None else int(block.byte_starts[column][record])
        for start, end, new in read.changes_as_written(column, written, changes):
            offset = first + len(written[:start].encode()) if first >= 0 else -1
            item = cell[0].item._replace(text=written[start:end])
            yield CellFinding(record, column, start, end, offset, item, new)


def _without_inner(findings: list[CellFinding]) -> Iterator[CellFinding]:
    """Yield findings by cell and start, without findings inside another one."""
    cell, covered = (-1, -1), 0
    for each in sorted(findings, key=lambda e: (e.record, e.column, e.start, -e.end)):
        if (each.record, each.column) != cell:
            cell, covered = (each.record, each.column), 0
        if each.end > covered:
            covered = each.end
            yield each


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
    known = KnownValues(lambda text: count_header_names(search.engine.catalog, [text]) > 0)
    anonymize = partial(replace_distinct, ITEM_OPERATORS[OPERATORS[operator]], params)
    return Replacer(search, anonymize, stand_ins, known=known)


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
