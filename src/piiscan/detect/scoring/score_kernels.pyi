from typing import Final

from piiscan.arrays import Bool, Float64, Int16, Int64, UInt8
from piiscan.detect.catalog.column import ColumnTraits
from piiscan.detect.checks import Judgement
from piiscan.detect.context.context_words import Context
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.scoring.candidate_score import CandidateScores, ScoringTables

LOW_LEVEL: Final = 1
MEDIUM_LEVEL: Final = 2
HIGH_LEVEL: Final = 3
REFUSED: Final = -1
LOW: Final = 0.3
REFUTED_LABELLED: Final = 0.5
LABELLED: Final = 0.9
BASE_SCORE: Final[tuple[float, ...]]
SCORE_WITH_WORD: Final[tuple[float, ...]]
WORD_NEEDED: Final[tuple[int, ...]]

def score_all(
    folded: UInt8,
    candidates: Candidates,
    evidence: tuple[Judgement, Context, UInt8],
    tables: ScoringTables,
    column: ColumnTraits,
    out: CandidateScores,
) -> None: ...
def score_isolated_rows(
    rows: Int64,
    recognizer: Int16,
    judgement: Judgement,
    tables: ScoringTables,
    column: ColumnTraits,
    score: Float64,
) -> None: ...
def resolve_overlaps(
    start: Int64, end: Int64, priority: Int64, refused: Bool, winner: Int64
) -> None: ...
