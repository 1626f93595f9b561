"""Lone candidates: nothing overlaps them, and nothing around them speaks for or against them.

Most findings of a table are such.  They need no look at words, surroundings or roles and have no
rival: what their check says is all there is to say.  Whoever may have anything beside it goes the
general road; what is told apart here is only which road, never what is found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from piiscan.arrays import Bool, Float64, Int8, Int16, Int64, UInt8
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.checks import Judgement, Verdict
from piiscan.detect.context.context_words import AHEAD
from piiscan.detect.context.roles import REACH
from piiscan.detect.context.separators import ENDS
from piiscan.detect.context.surroundings import unremarkable
from piiscan.detect.context.word_trie import WINDOW
from piiscan.detect.matching.alphabet import Alphabet
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.matching.offsets import Laid
from piiscan.detect.scoring.candidate_score import Traits, worth_alone
from piiscan.jit import kernel

_REFUTED = int(Verdict.REFUTED)


@dataclass(frozen=True, slots=True)
class Quiet:
    """By recognizer: whether it can be alone; by folded byte: whether nothing is said by it.

    ``ahead`` in front of a candidate, ``behind`` behind it.
    """

    can: Bool
    ahead: Bool
    behind: Bool

    @classmethod
    def of(cls, recognizers: tuple[Recognizer, ...], alphabet: Alphabet, raised: Bool) -> Quiet:
        """What the places of other stages say: surroundings, separators of lists, the tagger.

        ``raised`` are the recognizers whose findings the tagger may make worth more.
        """
        can = [not (r.anchored or r.behind or r.implies or r.never) for r in recognizers]
        ahead = unremarkable(alphabet)
        return cls(np.array(can, np.bool_) & ~raised, ahead, ahead & ~ENDS)


@dataclass(frozen=True, slots=True)
class Lone:
    """Lone candidates in order; the arrays behind ``row`` are of all candidates.

    Each one's value is what stands in ``folded``, unchanged.
    """

    row: Int64
    size: int  # characters in all of them
    candidates: Candidates
    judged: Judgement
    folded: UInt8
    laid: Laid

    @classmethod
    def none(cls, folded: UInt8, laid: Laid) -> Lone:
        """None at all."""
        nothing = np.empty(0, np.int64)
        judged = Judgement.of(0)
        return cls(nothing, 0, Candidates.empty(0), judged, folded, laid)

    def __len__(self) -> int:
        return len(self.row)

    def scores(self, traits: Traits, *, other_label: bool) -> Float64:
        """What each is worth, 0 if it is refused."""
        score = np.empty(len(self.row))
        judged = self.judged
        _scores(
            self.row, self.candidates.recognizer, judged.verdict, judged.reason, judged.strength,
            traits.strength, traits.own_label, traits.by_chance, other_label, score,
        )  # fmt: skip
        return score


@kernel
def _scores(
    rows: Int64,
    recognizer: Int16,
    verdict: Int8,
    checked: Int16,
    strength: Int8,
    bare: Int8,
    own_label: Bool,
    by_chance: Bool,
    other_label: bool,
    score: Float64,
) -> None:  # pragma: no cover - compiled
    for number in range(len(rows)):
        row = rows[number]
        which = recognizer[row]
        value, _, out = worth_alone(
            verdict[row], checked[row], strength[row], bare[which],
            own_label[which], by_chance[which], other_label,
        )  # fmt: skip
        score[number] = 0.0 if out else value


@kernel
def _part(
    folded: UInt8,
    recognizer: Int16,
    start: Int64,
    end: Int64,
    verdict: Int8,
    spelt: Bool,
    own: Bool,
    ends: Int64,
    can: Bool,
    quiet_ahead: Bool,
    quiet_behind: Bool,
    lone: Int64,
    rest: Int64,
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Rows that are alone, and all others that can still be findings; how many of each.

    With them how many characters are in those that are alone.
    """
    alone = others = size = 0
    near = far = 0  # the first word end that the window, or the reach of roles, still holds
    reach = np.int64(0)
    waiting = False  # whether the last of ``lone`` may still be overlapped
    for row in range(len(start)):
        first, last, which = start[row], end[row], np.uint64(recognizer[row])
        while near < len(ends) and ends[near] < first - WINDOW:
            near += 1
        unsaid = not own[which] and (near == len(ends) or ends[near] >= first)
        if verdict[row] == _REFUTED and unsaid:
            continue  # no label, no word: it cannot be a finding
        if first < reach:
            if waiting:
                alone -= 1
                size -= end[lone[alone]] - start[lone[alone]]
                rest[others] = lone[alone]
                others += 1
            waiting = False
        else:
            while far < len(ends) and ends[far] < first - REACH:
                far += 1
            waiting = (
                can[which]
                and spelt[row]
                and quiet_ahead[folded[first - 1]]
                and quiet_behind[folded[last]]
                and (far == len(ends) or ends[far] >= last + AHEAD)
            )
        reach = max(reach, last)
        if waiting:
            lone[alone] = row
            size += last - first
            alone += 1
        else:
            rest[others] = row
            others += 1
    return alone, others, size


def part(
    laid: Laid,
    folded: UInt8,
    candidates: Candidates,
    judged: Judgement,
    spelt: Bool,
    own: Bool,
    ends: Int64,
    quiet: Quiet,
) -> tuple[Lone, Int64]:
    """The lone candidates, and the rows of all others that can still be findings.

    ``spelt``: whose value is what stands there; ``own``: named by the column's label; ``ends``:
    where words end.
    """
    count = len(candidates.start)
    row, rest = np.empty((2, count), np.int64)
    alone, others, size = _part(
        folded, candidates.recognizer, candidates.start, candidates.end, judged.verdict, spelt,
        own, ends, quiet.can, quiet.ahead, quiet.behind, row, rest,
    )  # fmt: skip
    return Lone(row[:alone], size, candidates, judged, folded, laid), rest[:others]
