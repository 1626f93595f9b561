"""Findings of a chunk as objects, built without an Arrow table, which costs more for few findings.

The fields are the columns of the FOUND table (:mod:`piiscan.detect.results.found_table`).
``手机 138-0013-8000`` -> Finding(CN_MOBILE, value 13800138000, context 手机)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.detect.catalog.column import Column
from piiscan.detect.checks import REASON, REASONS, Verdict
from piiscan.detect.findings.finding import Alternative, Finding
from piiscan.detect.results.found_table import normalize_text, winners_and_superseded
from piiscan.detect.results.result_tables import ResultTables
from piiscan.detect.scoring.overlap_resolution import Resolved
from piiscan.detect.scoring.score_kernels import LOW

#: Place of a finding, by which findings are ordered: text, start, end, number of the recognizer.
Place = tuple[int, int, int, int]

#: Sort key of (place, finding).
PLACE: Final = itemgetter(0)

_AGAINST: Final = REASON["CONTEXT_AGAINST"]
_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)
_VERDICTS: Final = tuple(verdict.name.lower() for verdict in Verdict)
_REASONS: Final = (None, *REASONS[1:])
#: Texts that normalization does not change.
_COMMON_HANZI: Final = re.compile("[\u4000-\u9fff]*")
_LEADING_DIGITS: Final = re.compile("[0-9]*")


def findings_of(
    resolved: Resolved, column: Column, tables: ResultTables, texts: Sequence[str], min_score: float
) -> Iterator[tuple[Place, Finding]]:
    """Yield the reported spans of a chunk as findings, each with its place.

    Args:
        resolved: all spans of the chunk, isolated ones too
        column: the column that the texts come from
        texts: texts of the chunk
        min_score: lowest score reported
    """
    rows, superseded = winners_and_superseded(resolved, min_score)
    if not len(rows):
        return
    annotated, candidates, scores = resolved.annotated, resolved.candidates, resolved.scores
    offsets, context, values = annotated.offsets, annotated.context, resolved.validated.values
    columns = (
        rows,
        candidates.recognizer[rows],
        offsets.text[rows],
        offsets.start[rows],
        offsets.end[rows],
        resolved.validated.judgement.verdict[rows],
        scores.score[rows],
        scores.reason[rows],
        context.word[rows],
        context.against[rows],
        context.implied[rows],
        values.is_text[rows],
    )
    names, alternatives = tables.names, _superseded_by(resolved, superseded)
    roles = _roles(resolved, column, tables, rows)
    header = column.label.header if column.label is not None else ""
    spans = zip(*(each.tolist() for each in columns), roles, strict=True)
    for (
        row, which, at, start, end, verdict, score, reason, word, against, account, is_text, role,
    ) in spans:  # fmt: skip
        text = texts[at][start:end]
        value = normal_text(text, which, tables) if is_text else values.ascii_value(row, candidates)
        context_word: str | None = header
        if not (column.is_labelled and column.labelled[which]):
            number = against if word < 0 and reason == _AGAINST else word
            context_word = names.words[number] if number >= 0 else None
        others = alternatives.get(row, [])
        if tables.implies[which] >= 0:
            others = [*others, implied_alternative(value, start, int(tables.implies[which]))]
        elif account >= 0:
            others = [*others, (account, start, end, _PLAUSIBLE, LOW, 0)]
        yield (
            (at, start, end, which),
            Finding(
                names.entities[which], names.recognizers[which], start, end, text, value,
                _VERDICTS[verdict], score, context_word,
                alternatives_of(others, tables) if others else (),
                _REASONS[reason], role,
            ),
        )  # fmt: skip


#: Alternative as numbers: recognizer, start, end, verdict, score, reason.
_Numbers = tuple[int, int, int, int, float, int]


def _superseded_by(resolved: Resolved, superseded: Int64) -> dict[int, list[_Numbers]]:
    """Return the spans ``superseded`` by the index of their winner."""
    found: dict[int, list[_Numbers]] = {}
    if not len(superseded):
        return found
    columns = (
        resolved.candidates.recognizer,
        resolved.offsets.start,
        resolved.offsets.end,
        resolved.validated.judgement.verdict,
        resolved.scores.score,
        resolved.scores.reason,
    )
    spans = zip(*(each[superseded].tolist() for each in columns), strict=True)
    for winner, span in zip(resolved.winner[superseded].tolist(), spans, strict=True):
        found.setdefault(winner, []).append(span)
    return found


def implied_alternative(value: str, start: int, recognizer: int) -> _Numbers:
    """Return the alternative that ``value`` implies: its leading digits (``10001@qq.com``)."""
    digits = _LEADING_DIGITS.match(value)
    return recognizer, start, start + (digits.end() if digits else 0), _PLAUSIBLE, LOW, 0


def alternatives_of(spans: Sequence[_Numbers], tables: ResultTables) -> tuple[Alternative, ...]:
    """Return alternatives as objects, best first, then by recognizer number."""
    names = tables.names
    return tuple(
        Alternative(
            names.entities[which], names.recognizers[which], start, end,
            _VERDICTS[verdict], score, _REASONS[reason],
        )
        for which, start, end, verdict, score, reason in sorted(
            spans, key=lambda span: (-span[4], span[0])
        )
    )  # fmt: skip


def _roles(
    resolved: Resolved, column: Column, tables: ResultTables, rows: Int64
) -> list[str | None]:
    """Return the roles of ``rows``, from the text or else from the column label."""
    label_role = None if column.label is None else column.label.role
    numbers = resolved.annotated.role
    if numbers is None:
        return [label_role] * len(rows)
    roles = tables.names.roles
    return [roles[each] if each >= 0 else label_role for each in numbers[rows].tolist()]


def normal_text(text: str, which: int, tables: ResultTables) -> str:
    """Return the canonical value of a name or address: its normalized text."""
    if _COMMON_HANZI.fullmatch(text):
        return text
    rule = tables.values[which]
    return normalize_text(text, rule.replace, rule.case)


def objects_of_table(found: pa.Table, count: int) -> list[list[Finding]]:
    """Return the rows of a FOUND table as findings, a list for each of ``count`` texts."""
    texts: list[list[Finding]] = [[] for _ in range(count)]
    for row in found.to_pylist():
        index = row.pop("index")
        del row["byte_start"]
        row["alternatives"] = tuple(Alternative(**each) for each in row["alternatives"])
        texts[index].append(Finding(**row))
    return texts
