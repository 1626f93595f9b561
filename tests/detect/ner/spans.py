"""Texts with spans as the tagger gives them; kinds are written with a letter: 张三/p."""

import numpy as np

from piiscan.detect.ner.model.network_numbers import ADDRESS, ORGANIZATION, PERSON
from piiscan.detect.ner.model.tagger import Spans
from piiscan.detect.ner.name_spans import NameText
from piiscan.detect.ner.span_rules import NICKNAME, apply_span_rules

KINDS = {"p": PERSON, "a": ADDRESS, "o": ORGANIZATION, "n": NICKNAME}
LETTERS = {kind: letter for letter, kind in KINDS.items()}


def name_text(text: str, *ends: int) -> NameText:
    """Return texts in which nothing is taken; ``ends``: where the first ones end."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return NameText(codes, np.array([0, *ends, len(codes)]), np.zeros(len(codes), np.bool_))


def tagged_spans(rows: list[tuple[int, int, int]], score: float = 0.9) -> Spans:
    """Return spans of (start, end, kind)."""
    table = np.array(sorted(rows), np.int64).reshape(-1, 3)
    scores = np.full(len(table), score, np.float32)
    return Spans(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8), scores)


def tagged(text: str, words: str) -> tuple[NameText, Spans]:
    """Return a text and spans of some of its words: ``张三/p; 示例路1号/a``."""
    rows = []
    for each in filter(None, words.split("; ")):
        word, _, letter = each.rpartition("/")
        rows.append((text.index(word), text.index(word) + len(word), KINDS[letter]))
    return name_text(text), tagged_spans(rows)


def apply_rules(text: str, words: str) -> str:
    """Return the names that the span rules make of tagged words, as words with kinds."""
    found = apply_span_rules(*tagged(text, words))
    rows = zip(found.begin.tolist(), found.stop.tolist(), found.kind.tolist(), strict=True)
    return "; ".join(f"{text[b:e]}/{LETTERS[kind]}" for b, e, kind in rows if e > b)
