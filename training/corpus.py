"""Training corpus: silver texts, their variants with other names, and generated lines."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from piiscan.arrays import Int16
from piiscan.detect.ner.model.tagger import Tagger

from .addresses import Addresses
from .agreement import merge_predictions
from .augmentation import Augmenter, mostly_certain
from .clauses import Clauses
from .lines import LOCATION, PERSON, Line, LineGenerator, Span
from .numbers import Numbers
from .organisations import Organisations
from .people import People
from .sentences import Sentences
from .silver import Silver, consistent_names, mark_repeated_names, read_spans, restore_names
from .tables import Tables
from .teacher import Word
from .unit_numbers import UnitNumbers


class Corpus(NamedTuple):
    """Training lines, with the teacher's tag numbers of each character where known."""

    lines: list[Line]
    auxiliary: list[Int16 | None]
    tag_count: int
    names: frozenset[str] = frozenset()  # names that are marked at every occurrence


def build_generator(tables: Tables, seed: int) -> LineGenerator:
    """Return a line generator that draws from ``tables``. Equal seeds give equal lines."""
    random = Random(seed)
    people = People(tables, random)
    addresses = Addresses(tables, people, UnitNumbers(random), random)
    organisations = Organisations(tables, addresses, random)
    return LineGenerator(people, addresses, organisations, Numbers(random), tables, random)


def generate_lines(lines: LineGenerator, count: int) -> list[Line]:
    """Return ``count`` random lines: waybills, forms, rows, cells, sentences, negatives."""
    sentences = Sentences(lines)
    shapes = (
        (lines.waybill_line, 0.18), (lines.labelled_form, 0.09), (lines.table_row, 0.08),
        (lines.cell, 0.18), (lines.negative, 0.07), (sentences.sentence, 0.15),
        (Clauses(sentences).clause, 0.08), (sentences.parties, 0.08), (sentences.tempting, 0.09),
    )  # fmt: skip
    chosen = lines.random.choices([s for s, _ in shapes], [w for _, w in shapes], k=count)
    return [shape() for shape in chosen]


def build_corpus(
    tables: Tables,
    texts: Sequence[str],
    words: Sequence[Sequence[Word]],
    *,
    generated_lines: int,
    variants: int,
    seed: int,
    second_tagger: Tagger | None = None,
    restore: bool = False,
) -> Corpus:
    """Return the corpus for one round: silver texts, their variants and generated lines.

    Args:
        tables: word, name and place tables of the generator.
        texts: raw texts.
        words: the teacher's words of each text.
        generated_lines: number of generated lines.
        variants: number of variants of each silver text that has spans.
        seed: seed of the generator.
        second_tagger: tagger of an earlier round, whose persons are merged with the teacher's.
        restore: True to mark names whole that the teacher labelled whole elsewhere.
    """
    lines = build_generator(tables, seed)
    tag_numbers: dict[str, int] = {}
    silver = label_silver(tables, texts, words)
    if second_tagger is not None:
        silver = merge_predictions(silver, second_tagger)
    names = consistent_names(silver, words) if restore else frozenset[str]()
    silver = restore_names(silver, names) if restore else silver
    out: list[Line] = [Line(each.text, each.spans) for each in silver]
    auxiliary: list[Int16 | None] = [
        tag_row(t, w, tag_numbers) for t, w in zip(texts, words, strict=True)
    ]
    augmenter = Augmenter(lines)
    with_spans = [each for each in mostly_certain(silver) if each.spans]
    for _ in range(variants):
        out += [augmenter.variant(each) for each in with_spans]
    out += generate_lines(lines, generated_lines)
    auxiliary += [None] * (len(out) - len(auxiliary))
    return Corpus(out, auxiliary, len(tag_numbers), names)


def label_silver(
    tables: Tables, texts: Sequence[str], words: Sequence[Sequence[Word]]
) -> list[Silver]:
    """Return the texts with spans from the teacher's ``words``."""
    silver = []
    for text, tagged_words in zip(texts, words, strict=True):
        spans = [
            Span(
                start,
                end,
                LOCATION if kind == PERSON and text[start:end] in tables.foreign_places else kind,
            )
            for start, end, kind in read_spans(text, tagged_words)
        ]
        silver.append(Silver(text, tuple(spans)))
    return mark_repeated_names(silver)


def tag_row(text: str, words: Sequence[Word], tag_numbers: dict[str, int]) -> Int16:
    """Return the teacher's tag number of each character of ``text``, -1 for none.

    The number is -1 without a tag. The first character of a word has another tag than the others.
    New tags are added to ``tag_numbers``.
    """
    row = np.full(len(text), -1, np.int16)
    for start, end, tag in words:
        begin = tag_numbers.setdefault(f"{tag}-B", len(tag_numbers))
        inside = tag_numbers.setdefault(f"{tag}-I", len(tag_numbers))
        row[start] = begin
        row[start + 1 : end] = inside
    return row
