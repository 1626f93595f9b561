"""No finding begins or ends with a blank, whatever stands around the value."""

from __future__ import annotations

import pytest

from piiscan import find_all
from piiscan.detect.catalog.catalog import load

CATALOG = load()
TEXTS = [
    example.text for rule in CATALOG.recognizers for example in rule.examples if not example.label
]


@pytest.mark.parametrize("around", ["甲 {} 乙", "甲  {}  ，", "{}\u3000\u3000乙", "\t{}\t "])
def test_blanks_around_a_value_are_not_of_it(around: str) -> None:
    texts = [around.format(text) for text in TEXTS]
    edged = [
        (finding.recognizer, finding.start)
        for findings in find_all(texts, min_score=0.3)
        for finding in findings
        if finding.text != finding.text.strip()
    ]
    assert edged == []
