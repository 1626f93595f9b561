"""What is written in place of what was found, and what of a copy is no longer personal."""

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
from piiscan.redact.stand_ins import NONE, Draws
from piiscan.redact.text_map import change, inert
from piiscan.sources.block import Block
from piiscan.tabular.hits import Hits
from piiscan.tabular.layout import Frame
from piiscan.tabular.search import TableSearch, find_hits

#: Operators by the name an option gives them.
OPERATORS: Final = {
    "mask": "cn_mask",
    "replace": "cn_replace",
    "hash": "cn_hash",
    "pseudonym": "cn_pseudonym",
}
KEYED: Final = ("hash", "pseudonym")
#: What they write can be another, if what stands beside it makes it into something else.
DRAWN: Final = ("mask", "pseudonym")
_MASKED: Final = "MASKED"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding in a block: its cell, its place there, what it is, what is written instead."""

    record: int
    column: int
    start: int
    end: int
    offset: int  # in the content's bytes, -1 where it is not known
    item: Item
    new: str = ""


@dataclass(slots=True)
class Pen:
    """Finds and replaces; remembers what it wrote, so that a copy can be told from its source."""

    search: TableSearch
    anonymizing: Callable[[Sequence[Item]], list[str]]
    draws: Draws | None = None  # None: what is written for a value cannot be another
    counts: Counter[str] = field(default_factory=Counter)
    _written: dict[int, int] = field(default_factory=dict)  # hash of a text -> its mark
    _lengths: set[int] = field(default_factory=set)

    def write(self, block: Block, frame: Frame, *, again: bool = False) -> list[Found]:
        """What to replace in a block, with what; ``again``: the block is of a copy."""
        found = list(self._found(block, frame))
        if again:
            found = [each for each in found if not self.is_ours(each, block)]
        found = [each for each in found if each.item.entity != _MASKED]
        made = self._made([each.item for each in found])
        written = []
        for each, (new, mark) in zip(found, made, strict=True):
            if new == each.item.text:
                continue
            self._written[hash(new)] = mark
            self._lengths.add(len(new))
            self.counts[each.item.entity] += 1
            written.append(
                Found(each.record, each.column, each.start, each.end, each.offset, each.item, new)
            )
        return written

    def left(self, block: Block, frame: Frame) -> Iterator[Found]:
        """What a block of a copy still holds that nobody wrote there."""
        for each in self._found(block, frame):
            if not self.is_ours(each, block):
                yield each

    def is_ours(self, found: Found, block: Block) -> bool:
        """Whether a finding is a mask, or lies within what was written in its place."""
        item = found.item
        if item.entity == _MASKED or hash(item.text) in self._written:
            return True
        if mask_value(item.text, item.entity, item.recognizer) == item.text:
            return True
        own = found.end - found.start
        if not self._lengths or own > max(self._lengths):
            return False
        cell = cell_of(block, found)
        return any(
            hash(cell[at : at + length]) in self._written
            for length in self._lengths
            for at in range(max(found.end - length, 0), found.start + 1)
        )

    def beneath(self, found: Found, block: Block) -> set[int]:
        """The marks of what was written where a finding of a copy stands, or part of it."""
        cell = cell_of(block, found)
        marks = {
            self._written.get(hash(cell[at : at + length]), NONE)
            for length in self._lengths
            for at in range(max(found.start - length + 1, 0), found.end)
        }
        return marks - {NONE}

    def name(self, text: str) -> str:
        """A name with what is found in it replaced."""
        search = self.search
        found = search.engine.find_table(
            pa.array([text], pa.string()), min_score=search.min_score, names=search.names
        )
        columns = ("start", "end", "text", "entity", "recognizer", "value")
        rows = zip(*(found[column].to_pylist() for column in columns), strict=True)
        kept = [(start, end, Item(*told)) for start, end, *told in rows if told[1] != _MASKED]
        made = self._made([item for _, _, item in kept])
        return change(
            text, [(start, end, new) for (start, end, _), (new, _) in zip(kept, made, strict=True)]
        )

    def _made(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        """What is written for each item, and its mark."""
        made = [inert(new) for new in self.anonymizing(items)]
        if self.draws is None:
            return [(new, NONE) for new in made]
        return self.draws.settled(items, made)

    def _found(self, block: Block, frame: Frame) -> Iterator[Found]:
        words = self.search.lexicons()
        hits = find_hits(block, frame, self.search, words)
        entities, recognizers = list(words.entity.numbers), list(words.recognizer.numbers)
        for row in _rows(hits):
            record, column, start, end, offset, entity, recognizer, text, value = row
            item = Item(text, entities[entity], recognizers[recognizer], value)
            yield Found(record, column, start, end, offset, item)


def _rows(hits: Hits) -> Iterator[tuple[Any, ...]]:
    numbers = (
        *(hits.record, hits.column, hits.start, hits.end),
        *(hits.byte_offset, hits.entity, hits.recognizer),
    )
    texts = hits.text if hits.text is not None else pa.nulls(len(hits), pa.string())
    columns = [*(each.tolist() for each in numbers), texts.to_pylist(), hits.value.to_pylist()]
    yield from zip(*columns, strict=True)


def cell_of(block: Block, found: Found) -> str:
    """The text of the cell that a finding stands in."""
    return block.columns[found.column][found.record].as_py() or ""


def pen_for(search: TableSearch, operator: str, *, key: bytes | None, language: str) -> Pen:
    """A pen that writes with one of :data:`OPERATORS`."""
    params: dict[str, Any] = {}
    if operator == "replace":
        names = search.engine.catalog.vocabulary.get("entities", {})
        params["names"] = {entity: name[language] for entity, name in names.items()}
    if operator in KEYED:
        params["key"] = key
    draws = Draws(operator == "mask") if operator in DRAWN else None
    if operator == "pseudonym" and draws is not None:
        params |= {"passing": _passing(search), "drawn": draws.times}
    return Pen(search, Anonymizing(OPERATORS[operator], params), draws)


def _passing(search: TableSearch) -> Callable[[Sequence[tuple[str, Item]]], list[bool]]:
    """Tells which stand-ins pass the check of their kind."""

    @cache
    def label(recognizer: str) -> Label:
        return Label(recognizer, (recognizer,))

    def passing(made: Sequence[tuple[str, Item]]) -> list[bool]:
        told = [False] * len(made)
        kinds: dict[str, list[int]] = {}
        for at, (_, item) in enumerate(made):
            kinds.setdefault(item.recognizer, []).append(at)
        for recognizer, places in kinds.items():
            texts = pa.array([made[at][0] for at in places], pa.string())
            found = search.engine.find_table(texts, label=label(recognizer), names=False)
            for index, verdict in zip(
                found["index"].to_pylist(), found["verdict"].to_pylist(), strict=True
            ):
                told[places[index]] |= verdict == "verified"
        return told

    return passing
