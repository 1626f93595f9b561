"""All that the network is trained with: drawn lines, silver texts and their variants."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Int16
from piiscan.detect.ner.model.tagger import Tagger

from .addresses import Addresses
from .agree import agreed
from .lines import LOCATION, PERSON, Line, Lines, Span
from .numbers import Numbers
from .organisations import Organisations
from .people import People
from .prose import Prose, sound
from .sentences import Sentences
from .silver import Silver, mended, read_spans, repeated, steady
from .tables import Tables
from .teacher import Word
from .units import Units


class Corpus(NamedTuple):
    """Lines to learn, and for each, if known, the teacher's tag of each character."""

    lines: list[Line]
    aside: list[Int16 | None]
    tags: int
    names: frozenset[str] = frozenset()  # that were marked wherever they stand


def makers(tables: Tables, seed: int) -> Lines:
    """What draws lines from these tables."""
    random = Random(seed)
    people = People(tables, random)
    addresses = Addresses(tables, people, Units(random), random)
    firms = Organisations(tables, addresses, random)
    return Lines(people, addresses, firms, Numbers(random), tables, random)


def drawn(lines: Lines, count: int) -> list[Line]:
    """So many lines of all shapes."""
    sentences = Sentences(lines)
    shapes = (
        (lines.waybill, 0.24), (lines.labelled, 0.1), (lines.row, 0.1), (lines.cell, 0.24),
        (lines.negative, 0.1), (sentences.sentence, 0.22),
    )  # fmt: skip
    chosen = lines.random.choices([s for s, _ in shapes], [w for _, w in shapes], k=count)
    return [shape() for shape in chosen]


def assemble(
    tables: Tables,
    texts: Sequence[str],
    words: Sequence[Sequence[Word]],
    *,
    drawn_lines: int,
    variants: int,
    seed: int,
    second: Tagger | None = None,
    mend: bool = False,
) -> Corpus:
    """The corpus: silver texts as they are, ``variants`` of each, and drawn lines.

    ``second`` is a tagger of an earlier round, whose word counts beside the teacher's; ``mend``
    marks names where they stand that the teacher has seen whole elsewhere.
    """
    lines = makers(tables, seed)
    numbers: dict[str, int] = {}
    silver = labelled(tables, texts, words)
    if second is not None:
        silver = agreed(silver, second)
    names = steady(silver, words) if mend else frozenset[str]()
    silver = mended(silver, names) if mend else silver
    out: list[Line] = [Line(each.text, each.spans) for each in silver]
    aside: list[Int16 | None] = [tag_row(t, w, numbers) for t, w in zip(texts, words, strict=True)]
    prose = Prose(lines)
    rich = [each for each in sound(silver) if each.spans]
    for _ in range(variants):
        out += [prose.variant(each) for each in rich]
    out += drawn(lines, drawn_lines)
    aside += [None] * (len(out) - len(aside))
    return Corpus(out, aside, len(numbers), names)


def labelled(tables: Tables, texts: Sequence[str], words: Sequence[Sequence[Word]]) -> list[Silver]:
    """Silver texts by the teacher's word; what a list knows as a place abroad is no person."""
    silver = []
    for text, said in zip(texts, words, strict=True):
        spans = [
            Span(
                start,
                end,
                LOCATION if kind == PERSON and text[start:end] in tables.abroad else kind,
            )
            for start, end, kind in read_spans(text, said)
        ]
        silver.append(Silver(text, tuple(spans)))
    return repeated(silver)


def tag_row(text: str, words: Sequence[Word], numbers: dict[str, int]) -> Int16:
    """The number of the teacher's tag for each character, begin and inside apart."""
    row = np.full(len(text), -1, np.int16)
    for start, end, tag in words:
        begin = numbers.setdefault(f"{tag}-B", len(numbers))
        inside = numbers.setdefault(f"{tag}-I", len(numbers))
        row[start] = begin
        row[start + 1 : end] = inside
    return row
