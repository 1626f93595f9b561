from typing import Any

from piiscan.arrays import Float64, Int16, Int32, Int64, UInt8
from piiscan.detect.matching.offsets import FoldedTexts

def split_winners(
    recognizer: Int16,
    winner: Int64,
    score: Float64,
    min_score: float,
    rows: Int64,
    superseded: Int64,
) -> tuple[int, int]: ...
def write_resolved(
    rows: Int64,
    row_numbers: Int64,
    spans: tuple[Any, ...],
    rules: tuple[Int16, int, float],
    out: tuple[Any, ...],
) -> None: ...
def write_isolated(
    texts: FoldedTexts,
    spans: tuple[Any, ...],
    rules: tuple[Int16, int, float],
    others: tuple[Any, ...],
    text_buffers: tuple[UInt8, Int32],
    value_buffers: tuple[UInt8, Int32],
    out: tuple[Any, ...],
) -> int: ...
