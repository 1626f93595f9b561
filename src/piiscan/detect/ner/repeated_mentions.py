"""Repeated mentions: further places of a confident name in the same text.

``王建国…后来王建国`` -> the second mention too.  The search stays within one text, so that results
do not depend on the other texts of a batch.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from piiscan.detect.ner.name_kernels import find_mentions
from piiscan.detect.ner.name_spans import NameSpans, NameText, Proposal

#: Fewest characters of a confident name that is repeated.
MIN_REPEATED: Final = 3


def propose_repeated_mentions(text: NameText, spans: NameSpans) -> NameSpans:
    """Propose the further mentions of confident names in the same text, outside all spans."""
    codes, offsets, begin, stop = text.codes, text.offsets, spans.begin, spans.stop
    starts, names = np.empty((2, len(codes)), np.int64)
    count = find_mentions(codes, offsets, begin, stop, spans.kind, spans.score, starts, names)
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
