"""Why a text gives what it gives: folding, candidates, checks, context, score, outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from unicodedata import category

import pyarrow as pa

from piiscan.detect.alphabet import BREAK, HAN, HAN_DIGIT, OTHER, SKIP, Alphabet, base_of
from piiscan.detect.engine import Engine, Texts
from piiscan.detect.fold import fold_texts
from piiscan.detect.labels import Label
from piiscan.detect.recognizer import Recognizer
from piiscan.detect.separators import SEPARATORS

Span = tuple[int, int]

#: What separators of lists are made of.
_JOINTS: Final = frozenset("".join(SEPARATORS) + " ")


@dataclass(frozen=True, slots=True)
class Step:
    """One candidate: what stood there, what was made of it, and what became of it."""

    recognizer: Recognizer
    start: int
    end: int
    text: str
    value: str
    verdict: str  # verified | plausible | refuted
    reason: str | None
    context: str | None
    behind: Span | None  # where the account stands that labels it in a list
    role: str | None
    bare: float
    score: float
    outcome: str  # found | low | refused | lost
    lost_to: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """``folded`` shows the text as shapes see it; ``steps`` are all candidates in text order."""

    text: str
    folded: str
    label: Label | None
    steps: tuple[Step, ...]


def explain(
    engine: Engine, text: str, label: Label | None = None, *, min_score: float = 0.5
) -> Explanation:
    """Every candidate in ``text``, those refused and those that lost included."""
    batch = pa.array([text], pa.string())
    rows = engine.find_table(batch, label=label, min_score=0.0, rejected=True).to_pylist()
    winners = [row for row in rows if row["score"] > 0 and row["reason"] != "LOST"]
    steps = []
    for row in rows:
        recognizer = engine.catalog.by_id[row["recognizer"]]
        over = None
        if row["score"] == 0:
            outcome = "refused"
        elif row["reason"] == "LOST":
            outcome = "lost"
            over = next(w for w in winners if _overlap(row, w))
        else:
            outcome = "found" if row["score"] >= min_score else "low"
        steps.append(
            Step(
                recognizer,
                row["start"],
                row["end"],
                row["text"],
                row["value"],
                row["verdict"],
                row["reason"],
                row["context"],
                _account(text, row, rows),
                row["role"],
                recognizer.score,
                row["score"],
                outcome,
                over["recognizer"] if over is not None else None,
            )
        )
    return Explanation(text, _shown(engine, batch), label, tuple(steps))


def _account(text: str, row: dict[str, Any], rows: list[dict[str, Any]]) -> Span | None:
    """Where the account stands that labels ``row`` in a list: a candidate, or else a word."""
    if row["context"] not in SEPARATORS:
        return None
    end = row["start"]
    while end and (base_of(text[end - 1]) in _JOINTS or category(text[end - 1]) == "Cf"):
        end -= 1
    begin = min((each["start"] for each in rows if each["end"] == end), default=end)
    while begin == end or (begin and text[begin - 1].isalnum()):
        begin -= 1
    return begin, end


def _overlap(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(row["start"] < other["end"] and other["start"] < row["end"])


def _shown(engine: Engine, batch: pa.Array) -> str:
    """The folded text, printable: 汉 for any Hanzi, 　 for other, an example of a named class."""
    texts = Texts.of(batch)
    alphabet = engine.plan.alphabet
    folded, _ = fold_texts(texts.data, texts.offsets, alphabet.table)
    return "".join(_char(byte, alphabet) for byte in folded[1:-1].tolist())


def _char(byte: int, alphabet: Alphabet) -> str:
    named = {BREAK: "⏎", SKIP: "∅", HAN: "汉", OTHER: "▢"}
    if byte in named:
        return named[byte]
    if HAN_DIGIT <= byte < HAN_DIGIT + 10:
        return alphabet.members[byte][0]
    return chr(byte) if byte < 128 else alphabet.members[byte][0]
