"""Isolated candidates: no other candidate overlaps them, and no word or sign near them counts.

Most findings of a table are isolated.  Their check alone decides their score, so they skip the
search for context words, surroundings, roles and overlaps.  The split changes only the speed,
never the result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.context.context_words import WINDOW_AFTER
from piiscan.detect.context.roles import MAX_ROLE_DISTANCE
from piiscan.detect.context.separators import SEPARATOR_STARTS
from piiscan.detect.context.surroundings import neutral_bytes
from piiscan.detect.context.word_trie import WINDOW
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import TextLayout
from piiscan.detect.scoring.candidate_score import ScoringRules, score_isolated
from piiscan.jit import kernel

_REFUTED = int(Verdict.REFUTED)


@dataclass(frozen=True, slots=True)
class NeutralNeighbours:
    """Masks for the split: recognizers that can be isolated, and bytes that cannot change a score.

    ``eligible[recognizer]``; ``before[byte]`` and ``after[byte]`` for the folded byte next to a
    candidate.
    """

    eligible: Bool
    before: Bool
    after: Bool

    @classmethod
    def of(
        cls, recognizers: tuple[Recognizer, ...], alphabet: Alphabet, excluded: Bool
    ) -> NeutralNeighbours:
        """Build the masks from the rules of surroundings, credential lists and the name tagger.

        ``excluded[recognizer]``: True for recognizers whose scores the tagger may raise.
        """
        eligible = [not (r.anchored or r.behind or r.implies or r.never) for r in recognizers]
        before = neutral_bytes(alphabet)
        return cls(np.array(eligible, np.bool_) & ~excluded, before, before & ~SEPARATOR_STARTS)


@dataclass(frozen=True, slots=True)
class IsolatedSpans:
    """Isolated candidates of a chunk, in order of start.

    ``rows`` are their indices in ``candidates`` and ``judgement``, which have all candidates of the
    chunk.  The value of each is its folded text, unchanged.
    """

    rows: Int64
    size: int  # characters in all spans together
    candidates: Candidates
    judgement: Judgement
    folded: UInt8
    layout: TextLayout

    @classmethod
    def empty(cls, folded: UInt8, layout: TextLayout) -> IsolatedSpans:
        """Return IsolatedSpans without any span, for this text."""
        no_rows = np.empty(0, np.int64)
        judgement = Judgement.of(0)
        return cls(no_rows, 0, Candidates.empty(0), judgement, folded, layout)

    def __len__(self) -> int:
        return len(self.rows)

    def scores(self, rules: ScoringRules, *, other_label: bool) -> Float64:
        """Return the score of each span, 0 if it is refused."""
        score = np.empty(len(self.rows))
        judgement = self.judgement
        _score_isolated_rows(
            self.rows, self.candidates.recognizer, judgement.verdict, judgement.reason,
            judgement.strength, rules.base_level, rules.own_label, rules.by_chance, other_label,
            score,
        )  # fmt: skip
        return score


@kernel
def _score_isolated_rows(
    rows: Int64,
    recognizer: Int16,
    verdict: Int8,
    check_reason: Int16,
    strength: Int8,
    base_level: Int8,
    own_label: Bool,
    by_chance: Bool,
    other_label: bool,
    score: Float64,
) -> None:  # pragma: no cover - compiled
    """Write the score of each of ``rows``, 0 if the candidate is refused."""
    for number in range(len(rows)):
        row = rows[number]
        which = recognizer[row]
        value, _, is_refused = score_isolated(
            verdict[row], check_reason[row], strength[row], base_level[which],
            own_label[which], by_chance[which], other_label,
        )  # fmt: skip
        score[number] = 0.0 if is_refused else value


@kernel
def _split_isolated(
    folded: UInt8,
    recognizer: Int16,
    start: Int64,
    end: Int64,
    verdict: Int8,
    unchanged: Bool,
    own_rules: Bool,
    word_ends: Int64,
    eligible: Bool,
    neutral_before: Bool,
    neutral_after: Bool,
    isolated: Int64,
    rest: Int64,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Write indices of isolated candidates to ``isolated``, of other possible findings to ``rest``.

    Candidates are ordered by start.  A refuted candidate without a label and without a word before
    it goes into neither.  Return (isolated count, other count, characters in all isolated ones).

    Args:
        unchanged: True if the value of a candidate is its folded text
        own_rules: ``bool[recognizer]``, True if the column's label names it
        word_ends: ordered code points at which a word may end
        eligible, neutral_before, neutral_after: the arrays of ``NeutralNeighbours``
        isolated, rest: outputs
    """
    isolated_count = other_count = size = 0
    # indices of the first word ends inside the window, and inside the distance of roles
    window_end = role_end = 0
    covered = np.int64(0)
    pending = False  # True while a later span may overlap the last of ``isolated``
    for row in range(len(start)):
        first, last, which = start[row], end[row], np.uint64(recognizer[row])
        while window_end < len(word_ends) and word_ends[window_end] < first - WINDOW:
            window_end += 1
        unsupported = not own_rules[which] and (
            window_end == len(word_ends) or word_ends[window_end] >= first
        )
        if verdict[row] == _REFUTED and unsupported:
            continue  # no label, no word: it cannot be a finding
        if first < covered:
            if pending:
                isolated_count -= 1
                size -= end[isolated[isolated_count]] - start[isolated[isolated_count]]
                rest[other_count] = isolated[isolated_count]
                other_count += 1
            pending = False
        else:
            while role_end < len(word_ends) and word_ends[role_end] < first - MAX_ROLE_DISTANCE:
                role_end += 1
            pending = (
                eligible[which]
                and unchanged[row]
                and neutral_before[folded[first - 1]]
                and neutral_after[folded[last]]
                and (role_end == len(word_ends) or word_ends[role_end] >= last + WINDOW_AFTER)
            )
        covered = max(covered, last)
        if pending:
            isolated[isolated_count] = row
            size += last - first
            isolated_count += 1
        else:
            rest[other_count] = row
            other_count += 1
    return isolated_count, other_count, size


def split_isolated(
    layout: TextLayout,
    folded: UInt8,
    candidates: Candidates,
    judgement: Judgement,
    unchanged: Bool,
    own_rules: Bool,
    word_ends: Int64,
    neighbours: NeutralNeighbours,
) -> tuple[IsolatedSpans, Int64]:
    """Split candidates into isolated ones and the indices of other possible findings.

    Args:
        layout: layout of the texts in bytes and in folded text
        judgement: verdicts of the checks
        unchanged: True if the value of a candidate is its folded text
        own_rules: ``bool[recognizer]``, True if the column's label names it
        word_ends: ordered code points at which a word may end
        neighbours: recognizers and bytes that allow isolation
    """
    count = len(candidates.start)
    row, rest = np.empty((2, count), np.int64)
    found, others, size = _split_isolated(
        folded, candidates.recognizer, candidates.start, candidates.end, judgement.verdict,
        unchanged, own_rules, word_ends, neighbours.eligible, neighbours.before, neighbours.after,
        row, rest,
    )  # fmt: skip
    return IsolatedSpans(row[:found], size, candidates, judgement, folded, layout), rest[:others]
