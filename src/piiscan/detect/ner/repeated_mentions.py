"""Repeated mentions: further places of a confident name in the same text.

``王建国…后来王建国`` -> the second mention too.  The search stays within one text, so that results
do not depend on the other texts of a batch.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.detect.ner.name_kernels import find_mentions, find_repeatable_names
from piiscan.detect.ner.name_spans import NameSpans, NameText, Proposal

#: Fewest characters of a confident name that is repeated.
MIN_REPEATED: Final = 3


def propose_repeated_mentions(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose the further mentions of confident names in the same text, outside all spans."""
    codes, offsets, begin, stop = text.codes, text.offsets, spans.begin, spans.stop
    rows = np.empty(len(spans), np.int64)
    rows = rows[: find_repeatable_names(offsets, begin, stop, spans.kind, spans.score, rows)]
    if not len(rows):
        return spans
    starts, names = np.empty(len(codes), np.int64), np.empty(len(codes), np.int64)
    count = find_mentions(codes, offsets, begin, stop, rows, starts, names)
    if not count:
        return spans
    return spans.propose(
        Proposal(
            start,
            start + int(stop[name] - begin[name]),
            float(spans.score[name]),
            int(spans.kind[name]),
        )
        for start, name in zip(starts[:count].tolist(), names[:count].tolist(), strict=True)
    )
