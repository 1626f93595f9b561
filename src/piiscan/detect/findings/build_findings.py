"""Parts of findings as objects: values that are texts, alternatives, rows of a FOUND table.

``PatternSearch.add_findings`` builds findings without an Arrow table, which costs more for few of
them.  ``手机 138-0013-8000`` -> Finding(CN_MOBILE, value 13800138000, context 手机)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, cast

import pyarrow as pa

from piiscan.detect.checks import REASONS, Verdict
from piiscan.detect.findings.finding import Alternative, Finding, VerdictName
from piiscan.detect.results.found_table import normalize_text
from piiscan.detect.results.result_tables import ResultTables
from piiscan.detect.scoring.score_kernels import LOW

_PLAUSIBLE: Final = int(Verdict.PLAUSIBLE)
_VERDICTS: Final = cast("tuple[VerdictName, ...]", tuple(each.name.lower() for each in Verdict))
_REASONS: Final = (None, *REASONS[1:])
#: Texts that normalization does not change.
_COMMON_HANZI: Final = re.compile("[\u4000-\u9fff]*")
_LEADING_DIGITS: Final = re.compile("[0-9]*")
#: Alternative as numbers: recognizer, start, end, verdict, score, reason.
_Numbers = tuple[int, int, int, int, float, int]


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
