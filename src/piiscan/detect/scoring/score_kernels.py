# mypy: ignore-errors
# cython: infer_types=True
"""Kernels of scoring: score and priority of candidates, isolated ones, winners of overlaps."""

from typing import TYPE_CHECKING

import cython
from cython.cimports.libc.stdint import int64_t
from cython.cimports.libc.stdlib import free, malloc
from cython.cimports.piiscan.detect.checks import (
    CHANCE,
    CONTEXT_AGAINST,
    NO_CONTEXT,
    NOT_LABELLED,
    PLACEHOLDER,
    PLAUSIBLE,
    REFUTED,
    VERIFIED,
)  # fmt: skip
from cython.cimports.piiscan.kernel_arrays import *

from piiscan import arrays
from piiscan.detect.checks import REASON
from piiscan.detect.scoring.priority import PLACE_VALUES

if TYPE_CHECKING:
    from piiscan.detect import checks
    from piiscan.detect.catalog import column
    from piiscan.detect.matching import matcher
    from piiscan.detect.scoring import candidate_score

#: Cap of contradicted candidates, and base score of the low level.
LOW = 0.3
#: Score of a failed check under its own label; also the lowest score of a sure finding.
REFUTED_LABELLED = 0.5
#: Score under the column label of the recognizer.
LABELLED = 0.9
# By level (a Strength; 0 is none): base score, score with a context word, and the
# nearness from which a word counts.
BASE_SCORE = (0.0, LOW, 0.6, 0.85)
SCORE_WITH_WORD = (0.0, 0.6, 0.85, 0.85)
WORD_NEEDED = (NEAREST, NEAREST, NEAR, NEAR)

_LOW = cython.declare(cython.double, LOW)
_REFUTED_LABELLED = cython.declare(cython.double, REFUTED_LABELLED)
_LABELLED = cython.declare(cython.double, LABELLED)
_BASE_SCORE = cython.declare(cython.double[4])
_SCORE_WITH_WORD = cython.declare(cython.double[4])
_WORD_NEEDED = cython.declare(cython.int[4])
#: Reason code of each surroundings code.
_SURROUNDINGS_REASON = cython.declare(cython.int[6])
#: Factor of each part of a priority.
_PLACE_VALUES = cython.declare(int64_t[7])
# Rank of identity numbers: region, date and check character together.
_IDENTITY_RANK = cython.declare(int64_t, 50)


def _fill_tables() -> None:
    """Fill the tables of scores, reasons and priorities."""
    for level in range(4):
        _BASE_SCORE[level] = BASE_SCORE[level]
        _SCORE_WITH_WORD[level] = SCORE_WITH_WORD[level]
        _WORD_NEEDED[level] = WORD_NEEDED[level]
    reasons = {GLUED: "GLUED", DECIMAL: "DECIMAL", INSIDE_TOKEN: "INSIDE_TOKEN"}
    reasons |= {AMOUNT_UNIT: "AMOUNT", AMOUNT_SIGN: "AMOUNT"}
    for code in range(6):
        _SURROUNDINGS_REASON[code] = REASON[reasons[code]] if code in reasons else 0
    for part, value in enumerate(PLACE_VALUES.tolist()):
        _PLACE_VALUES[part] = value


_fill_tables()


@cython.cfunc
@cython.nogil
def score_candidate(
    verdict: cython.int,
    check_reason: cython.int,
    level: cython.int,
    which: int64_t,
    column: cython.pointer[ColumnTraits],
    surroundings: cython.int,
    nearness: cython.int,
    against: cython.bint,
) -> Score:
    """Return score, reason code and refusal of one candidate.

    Args:
        verdict: verdict of its check
        check_reason: reason code of its check, 0 for none
        level: LOW to HIGH of Strength
        which: number of its recognizer
        column: traits of its column
        surroundings: code of the kernels of context, CLEAR to INSIDE_TOKEN
        nearness: nearness of its context word
        against: True if a contradicting word is near
    """
    found: Score
    direct: cython.bint = nearness == LABEL or nearness == FAR_LABEL or nearness == KEYED
    refuted: cython.bint = verdict == REFUTED
    own_label: cython.bint = column.labelled[which]
    if surroundings == GLUED and direct:
        surroundings = CLEAR  # dh13800138000xm
    capped: cython.bint = (
        surroundings == GLUED or surroundings == DECIMAL or surroundings == AMOUNT_UNIT
    )
    contradicted: cython.bint = against and not direct
    other_label: cython.bint = column.other_label[which] and verdict == PLAUSIBLE and not direct
    by_chance: cython.bint = column.by_chance[which] and verdict == VERIFIED and not direct
    found.reason = check_reason
    if nearness >= _WORD_NEEDED[level]:
        found.score = _SCORE_WITH_WORD[level]
    else:
        found.score = _BASE_SCORE[level]
    if (capped or contradicted or other_label or by_chance) and found.score > _LOW:
        found.score = _LOW
    if check_reason == 0 and not capped:
        if contradicted:
            found.reason = CONTEXT_AGAINST
        elif other_label:
            found.reason = NOT_LABELLED
        elif by_chance:
            found.reason = CHANCE
    if own_label:
        found.score = _LABELLED
    if refuted:
        found.score = _REFUTED_LABELLED
    elif surroundings != CLEAR and not (own_label and capped):
        found.reason = _SURROUNDINGS_REASON[surroundings]
    found.refused = (
        surroundings == AMOUNT_SIGN
        or surroundings == INSIDE_TOKEN
        or check_reason == PLACEHOLDER
        or (refuted and not own_label and not direct)
    )
    return found


@cython.cfunc
@cython.nogil
def score_isolated(
    judgement: cython.pointer[Judgement],
    row: int64_t,
    which: int64_t,
    tables: cython.pointer[ScoringTables],
    column: cython.pointer[ColumnTraits],
) -> Score:
    """Return the score of candidate ``row`` without context or neighbours.

    The level that its check sets counts; if it sets none, that of the recognizer ``which``.
    """
    level: cython.int = judgement.strength[row]
    if level == 0:
        level = tables.base_level[which]
    return score_candidate(
        judgement.verdict[row], judgement.reason[row], level, which, column, CLEAR, 0, False
    )


def score_all(
    folded: arrays.UInt8,
    candidates: matcher.Candidates,
    evidence: tuple,
    tables: candidate_score.ScoringTables,
    column: column.ColumnTraits,
    out: candidate_score.CandidateScores,
) -> None:
    """Score all candidates.

    An anchored candidate without a word directly before it is refused with NO_CONTEXT.  It counts
    without a word if its column is labelled and no letter, digit or Hanzi touches it in the cell.
    ``evidence``: judgements, context and surroundings of the candidates.
    """
    source: UInt8 = uint8(folded)
    spans: Candidates = candidates_of(candidates)
    judgement: Judgement = judgement_of(evidence[0])
    context: Context = context_of(evidence[1])
    surroundings: UInt8 = uint8(evidence[2])
    rules: ScoringTables = scoring_tables_of(tables)
    traits: ColumnTraits = column_traits_of(column)
    scores: CandidateScoresOut = candidate_scores_out(out)
    with cython.nogil:
        scores_into(
            source, cython.address(spans), cython.address(judgement), cython.address(context),
            surroundings, cython.address(rules), cython.address(traits), cython.address(scores),
        )  # fmt: skip


@cython.cfunc
@cython.nogil
def scores_into(
    folded: UInt8,
    spans: cython.pointer[Candidates],
    judgement: cython.pointer[Judgement],
    context: cython.pointer[Context],
    surroundings: UInt8,
    tables: cython.pointer[ScoringTables],
    column: cython.pointer[ColumnTraits],
    out: cython.pointer[CandidateScoresOut],
) -> cython.void:
    """Score one candidate after the other, and pack the parts of its priority."""
    which: int64_t
    found: Score
    labelled: cython.bint
    keyed: cython.bint
    verified: cython.bint
    sure: cython.bint
    level: cython.int
    verdict: cython.int
    nearness: cython.int
    label: int64_t
    length: int64_t
    priority: int64_t
    for row in range(spans.rows):
        which = spans.recognizer[row]
        labelled = column.labelled[which]
        nearness = context.nearness[row]
        verdict = judgement.verdict[row]
        level = judgement.strength[row]
        found = score_candidate(
            verdict, judgement.reason[row], level if level != 0 else tables.base_level[which],
            which, column, surroundings[row], nearness, context.against[row] >= 0,
        )  # fmt: skip
        keyed = nearness == KEYED
        if tables.anchored[which] and nearness != LABEL and not keyed:
            if not (
                labelled
                and tables.outside[folded[spans.start[row] - 1]]
                and tables.outside[folded[spans.end[row]]]
            ):
                found.refused = True
                found.reason = NO_CONTEXT
        out.refused[row] = found.refused != 0
        out.score[row] = 0.0 if found.refused else found.score
        out.reason[row] = found.reason
        length = min(spans.end[row] - spans.start[row], 4095)
        verified = verdict == VERIFIED
        sure = found.score >= _REFUTED_LABELLED
        label = 0
        if labelled:
            label = 1 if verdict == REFUTED else 3
        elif verified and sure and tables.outranks[which] >= _IDENTITY_RANK:
            label = 2
        elif keyed and verdict != REFUTED:
            label = 1
        priority = label * _PLACE_VALUES[0]
        priority += _PLACE_VALUES[1] if sure else 0
        priority += _PLACE_VALUES[2] if verdict != REFUTED else 0
        priority += _PLACE_VALUES[3] + length * _PLACE_VALUES[4] if verified else 0
        rank = tables.outranks[which] + column.rank_shift[which]
        priority += min(max(rank + 512, 0), 1023) * _PLACE_VALUES[5]
        out.priority[row] = priority + length


def score_isolated_rows(
    rows: arrays.Int64,
    recognizer: arrays.Int16,
    judgement: checks.Judgement,
    tables: candidate_score.ScoringTables,
    column: column.ColumnTraits,
    score: arrays.Float64,
) -> None:
    """Write the score of each of ``rows``, 0 if the candidate is refused."""
    count: cython.Py_ssize_t = len(rows)
    chosen: Int64 = int64(rows)
    which: Int16 = int16(recognizer)
    judged: Judgement = judgement_of(judgement)
    rules: ScoringTables = scoring_tables_of(tables)
    traits: ColumnTraits = column_traits_of(column)
    out: Float64Out = float64_out(score)
    with cython.nogil:
        for number in range(count):
            found = score_isolated(
                cython.address(judged), chosen[number], which[chosen[number]],
                cython.address(rules), cython.address(traits),
            )  # fmt: skip
            out[number] = 0.0 if found.refused else found.score


@cython.cfunc
@cython.nogil
def isolated_into(
    folded: UInt8,
    spans: cython.pointer[Candidates],
    verdict: Int8,
    unchanged: Bool,
    labelled: Bool,
    word_ends: Int64,
    end_count: cython.Py_ssize_t,
    eligible: Bool,
    neutral_before: Bool,
    neutral_after: Bool,
    supported: Bool,
    isolated: Int64Out,
    rest: Int64Out,
) -> tuple[int64_t, int64_t, int64_t]:
    """Split the candidates in one pass over them and over the word ends.

    A candidate and the neighbour that may support it count as overlapping.
    """
    reach: int64_t
    isolated_count: int64_t = 0
    other_count: int64_t = 0
    size: int64_t = 0
    # indices of the first word ends inside the window, and inside the distance of roles
    window_end: cython.Py_ssize_t = 0
    role_end: cython.Py_ssize_t = 0
    covered: int64_t = 0
    pending: cython.bint = False  # True while a later span may overlap the last of ``isolated``
    which: int64_t
    for row in range(spans.rows):
        first, last, which = spans.start[row], spans.end[row], spans.recognizer[row]
        while window_end < end_count and word_ends[window_end] < first - WINDOW:
            window_end += 1
        if verdict[row] == REFUTED and not labelled[which]:
            if window_end == end_count or word_ends[window_end] >= first:
                continue  # no label, no word: it cannot be a finding
        reach = NEIGHBOUR_GAP + 1 if supported[which] else 0
        if first - reach < covered:
            if pending:
                isolated_count -= 1
                previous = isolated[isolated_count]
                size -= spans.end[previous] - spans.start[previous]
                rest[other_count] = previous
                other_count += 1
            pending = False
        else:
            while role_end < end_count and word_ends[role_end] < first - MAX_ROLE_DISTANCE:
                role_end += 1
            pending = (
                eligible[which]
                and unchanged[row]
                and neutral_before[folded[first - 1]]
                and neutral_after[folded[last]]
                and (role_end == end_count or word_ends[role_end] >= last + WINDOW_AFTER)
            )
        covered = max(covered, last + reach)
        if pending:
            isolated[isolated_count] = row
            size += last - first
            isolated_count += 1
        else:
            rest[other_count] = row
            other_count += 1
    return isolated_count, other_count, size


def resolve_overlaps(
    start: arrays.Int64,
    end: arrays.Int64,
    priority: arrays.Int64,
    refused: arrays.Bool,
    winner: arrays.Int64,
) -> None:
    """Write to ``winner`` the index of the overlapping span that wins; spans are ordered by start.

    The higher ``priority`` wins; of equal ones, the earlier span.  A winner has its own index, a
    refused candidate REFUSED.  Raise MemoryError if there is no room for a cluster of spans.
    """
    count: int64_t = len(start)
    starts: Int64 = int64(start)
    ends: Int64 = int64(end)
    priorities: Int64 = int64(priority)
    is_refused: Bool = boolean(refused)
    out: Int64Out = int64_out(winner)
    with cython.nogil:
        done = winners_into(starts, ends, priorities, is_refused, count, out)
    if not done:
        raise MemoryError


@cython.cfunc
@cython.nogil
def winners_into(
    start: Int64, end: Int64, priority: Int64, refused: Bool, count: int64_t, winner: Int64Out
) -> cython.bint:
    """Resolve overlap cluster by cluster; return False if memory is short."""
    first: int64_t = 0
    while first < count:
        if refused[first]:
            winner[first] = REFUSED
            first += 1
            continue
        last = first + 1
        cluster_end = end[first]
        overlapping = False
        while last < count and start[last] < cluster_end:
            if not refused[last]:
                cluster_end = max(cluster_end, end[last])
                overlapping = True
            last += 1
        if overlapping:
            if not _resolve_cluster(start, end, priority, refused, winner, first, last):
                return False
        else:
            for span in range(first, last):
                winner[span] = REFUSED
            winner[first] = first
        first = last
    return True


@cython.cfunc
@cython.nogil
def _sort_by_priority(priority: Int64, order: Int64Out, count: int64_t) -> cython.void:
    """Sort the indices ``order`` in place by priority, highest first; ties by index.

    A Shell sort: clusters are small, and it needs no memory.
    """
    gap: int64_t = count
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for place in range(gap, count):
            current = order[place]
            at = place
            while at >= gap:
                other = order[at - gap]
                if priority[other] > priority[current] or (
                    priority[other] == priority[current] and other < current
                ):
                    break
                order[at] = other
                at -= gap
            order[at] = current


@cython.cfunc
@cython.nogil
def _resolve_cluster(
    start: Int64,
    end: Int64,
    priority: Int64,
    refused: Bool,
    winner: Int64Out,
    first: int64_t,
    last: int64_t,
) -> cython.bint:
    """Write to ``winner`` the winners of the overlapping spans ``first`` to ``last - 1``.

    A span wins if all its code points are free.  Otherwise its winner is the highest-priority span
    among those that occupy them.  ``occupied`` has the rank of the winner of each code point.  The
    cost of many overlapping candidates is the sum of their lengths, not the square of their number.
    Return False if memory is short.
    """
    count: int64_t = last - first
    base: int64_t = start[first]
    cluster_end: int64_t = base
    for current in range(first, last):
        cluster_end = max(cluster_end, end[current])
    order: Int64Out = cython.cast(Int64Out, malloc((count + cluster_end - base) * 8))
    if order == cython.NULL:
        return False
    occupied: Int64Out = order + count
    for rank in range(count):
        order[rank] = rank
    _sort_by_priority(priority + first, order, count)
    for place in range(cluster_end - base):
        occupied[place] = -1
    for rank in range(count):
        current = first + order[rank]
        if refused[current]:
            winner[current] = REFUSED
            continue
        best = -1
        for place in range(start[current] - base, end[current] - base):
            if occupied[place] >= 0 and (best < 0 or occupied[place] < best):
                best = occupied[place]
        if best >= 0:
            winner[current] = first + order[best]
            continue
        winner[current] = current
        for place in range(start[current] - base, end[current] - base):
            occupied[place] = rank
    free(order)
    return True
