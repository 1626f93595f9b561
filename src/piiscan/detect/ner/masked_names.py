"""Masked names: names with a mask character inside or directly before them: ``李*``, ``*建国``."""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.arrays import Bool
from piiscan.data import surnames
from piiscan.detect.ner.model.network_numbers import PERSON
from piiscan.detect.ner.name_spans import NameSpans, NameText, are_among

#: Mask characters that also start list items (●王建国), and the length of a whole name after them.
_LIST_SIGNS: Final = "●○"
_MIN_WHOLE_NAME: Final = 3


def drop_names_before_masks(text: NameText, spans: NameSpans) -> NameSpans:
    """Drop a name directly before a mask character: ``万和城***`` is part of an address."""
    if not text.has_masks:
        return spans
    before_mask = text.hidden[spans.stop] & ~are_among(spans.stop, text.offsets)
    before_mask &= (spans.kind == PERSON) & ~_follow_mask(text, spans)
    return spans.drop(before_mask) if before_mask.any() else spans


def are_masked(text: NameText, spans: NameSpans) -> Bool:
    """Return True for each name with a mask character inside or directly before it."""
    if not text.has_masks:
        return np.zeros(len(spans), np.bool_)
    hidden_before = np.concatenate([[0], np.cumsum(text.hidden)])
    inside = hidden_before[spans.stop] > hidden_before[spans.begin]
    masked: Bool = (spans.kind == PERSON) & (inside | _follow_mask(text, spans))
    return masked


def _follow_mask(text: NameText, spans: NameSpans) -> Bool:
    """Return True for each span directly after a mask character (``*``).

    False for a whole name after the sign of a list item: ``●王建国``.
    """
    begin, stop = spans.begin, spans.stop
    after_mask: Bool = text.hidden[begin - 1] & ~are_among(begin, text.offsets)
    whole = after_mask & (spans.kind == PERSON) & (stop - begin >= _MIN_WHOLE_NAME)
    for row in np.flatnonzero(whole).tolist():
        at = int(begin[row])
        signed = text.slice(at - 1, at) in _LIST_SIGNS
        after_mask[row] = not (signed and text.slice(at, at + 1) in surnames())
    return after_mask
