"""Name finder: persons, addresses, organisations in the parts of texts without patterns.

``张三住在示例路1号`` -> 张三 (person), 示例路1号 (address).  The spans of patterns are resolved
first and hidden from the name tagger, so the two never overlap.  The tagger reads equal texts (the
cells of a column) once, because its spans depend on the text alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.bundles import empty_rows
from piiscan.detect.catalog.column import Column
from piiscan.detect.catalog.headers import Label
from piiscan.detect.catalog.recognizer import TAGGED, Recognizer
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import FoldedTexts
from piiscan.detect.ner import name_kernels
from piiscan.detect.ner.evidence_kernels import EvidenceSearch
from piiscan.detect.ner.masked_names import are_masked
from piiscan.detect.ner.model.network_numbers import ADDRESS
from piiscan.detect.ner.model.tagger import Spans, Tagger
from piiscan.detect.ner.model_input import ModelInput
from piiscan.detect.ner.name_evidence import EvidenceTables
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import apply_span_rules
from piiscan.detect.ner.span_trace import NameChange, trace_span_rules
from piiscan.errors import CatalogError

#: Characters from which a number in a cell is a finding of its own.
_MIN_NUMBER: Final = 7
#: Kinds of other columns whose cells may name a person; goods and amounts do not.
_NAME_BEARING: Final = frozenset({"account", "employer"})


@dataclass(frozen=True, slots=True)
class NameTables:
    """Recognizers of the name tagger's spans, by number.

    Attributes:
        tagged: recognizer of each kind of span that the tagger finds, -1 for none
        taggable: ``bool[recognizer]``, True for the recognizers in ``tagged``
        alike: ``bool[recognizer]``, True for all recognizers of their entities
        whole_cell: those of them that match whole cells
        masked_person: ``bool[recognizer]``, True for masked personal names (``张*``)
        kind: ``uint8[256]``, kind of each folded byte
        evidence: search for words that are names by what stands beside them
    """

    tagged: Int16
    taggable: Bool
    alike: Bool
    whole_cell: Bool
    masked_person: Bool
    kind: UInt8
    evidence: EvidenceSearch

    @classmethod
    def of(
        cls, recognizers: Sequence[Recognizer], kind: UInt8, labels: EvidenceTables
    ) -> NameTables:
        """Collect the recognizers. Raise CatalogError if two claim one kind of span."""
        persons = {r.id for r in recognizers if r.tagged == "person"}
        taggable = np.array([r.tagged is not None for r in recognizers], np.bool_)
        entities = {r.entity for r in recognizers if r.tagged is not None}
        return cls(
            tagged=_recognizers_by_tag(recognizers),
            taggable=taggable,
            alike=np.array([r.entity in entities for r in recognizers], np.bool_),
            whole_cell=taggable & np.array([r.whole_cell for r in recognizers], np.bool_),
            masked_person=np.array(
                [r.entity == "MASKED" and bool({*r.like} & persons) for r in recognizers], np.bool_
            ),
            kind=kind,
            evidence=EvidenceSearch(labels),
        )


def _recognizers_by_tag(recognizers: Sequence[Recognizer]) -> Int16:
    """Return the recognizer number of each name-tagger kind: int16[kinds], -1 for none.

    Raise CatalogError if two recognizers claim one kind.
    """
    found = np.full(len(TAGGED), -1, np.int16)
    for number, recognizer in enumerate(recognizers):
        if recognizer.tagged is not None:
            kind = TAGGED.index(recognizer.tagged)
            if found[kind] >= 0:
                other = recognizers[found[kind]].id
                raise CatalogError("rule.tagged_twice", file=recognizer.file, other=other)
            found[kind] = number
    return found


class TaggedNames(NamedTuple):
    """Spans of the name tagger: candidates, confidence, and True for masked names (李*)."""

    candidates: Candidates
    confidence: Float64
    masked: Bool


def may_contain_names(label: Label | None) -> bool:
    """Return True if the name tagger should read the cells of a column with this label."""
    if label is None:
        return True
    return not label.parts and (label.other is None or label.other in _NAME_BEARING)


def find_names(
    texts: FoldedTexts, claimed: Bool, column: Column, tables: NameTables
) -> TaggedNames | None:
    """Return the tagger's spans in a chunk, outside ``claimed`` (patterns); None without spans.

    ``claimed``: mask of folded positions inside the span of a pattern.
    """
    model_input = _model_input(texts, claimed, column, tables)
    if model_input is None:
        return None
    return _tag_texts(model_input, texts.starts, column.labelled, tables)


def _model_input(
    texts: FoldedTexts, claimed: Bool, column: Column, tables: NameTables
) -> ModelInput | None:
    """Return the texts for the tagger; None if column or texts cannot contain names."""
    if not may_contain_names(column.label) or max(tables.tagged.tolist()) < 0:
        return None
    return ModelInput.of(texts, claimed, tables.kind)


def _tag_texts(
    model_input: ModelInput, starts: Int64, labelled: Bool, tables: NameTables
) -> TaggedNames | None:
    """Return the name tagger's spans in a chunk; None without spans.

    Args:
        model_input: distinct texts of the chunk
        starts: code point at which each text starts in the folded text
        labelled: ``bool[recognizer]``, True if the column's label names it
    """
    text = _name_text(model_input, tables, labelled)
    spans = apply_span_rules(text, _read_spans(text))
    if not len(spans):
        return None
    names = Names(spans.begin, spans.stop, spans.kind, spans.score, are_masked(text, spans))
    first = np.empty(len(model_input.offsets), np.int64)
    texts = Texts(model_input.text, model_input.distinct, model_input.position, starts)
    count = name_kernels.count_names(
        names, model_input.offsets, texts.distinct, tables.tagged, first
    )
    if not count:
        return None
    found = TaggedNames(
        empty_rows(Candidates, count), np.empty(count, np.float64), np.empty(count, np.bool_)
    )
    name_kernels.repeat_names(names, first, texts, tables.tagged, found)
    return found


class Names(NamedTuple):
    """Spans in the distinct texts: code points ``[begin, stop)``, kind, score, masked or not."""

    begin: Int64
    stop: Int64
    kind: Int8
    score: Float64
    masked: Bool


class Texts(NamedTuple):
    """Texts of a chunk to read, their distinct texts, and positions (:class:`ModelInput`).

    ``starts``: code point at which each text of the chunk starts in the folded text.
    """

    text: Int64
    distinct: Int64
    position: Int64
    starts: Int64


def _name_text(model_input: ModelInput, tables: NameTables, labelled: Bool) -> NameText:
    """Return the texts that the span rules read; ``labelled``: ``bool[recognizer]``."""
    address = tables.tagged[ADDRESS]
    is_address_column = address >= 0 and bool(labelled[address])
    return NameText(
        model_input.codes, model_input.offsets, model_input.taken, is_address_column,
        tables.evidence,
    )  # fmt: skip


def _read_spans(text: NameText) -> Spans:
    """Return the name tagger's spans in ``text``."""
    return Tagger.load().spans(text.codes, text.offsets, taken=text.taken)


def trace_names(
    texts: FoldedTexts, claimed: Bool, column: Column, tables: NameTables
) -> tuple[NameChange, ...]:
    """Return the change that each span rule made to the tagger's spans in a chunk of one text.

    ``claimed``: mask of folded positions inside the span of a pattern.
    """
    model_input = _model_input(texts, claimed, column, tables)
    if model_input is None:
        return ()
    text = _name_text(model_input, tables, column.labelled)
    return tuple(trace_span_rules(text, _read_spans(text), model_input.position))
