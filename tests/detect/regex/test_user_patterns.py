"""Patterns: what the prefilter lets through is all that ``re`` matches, and nothing can explode."""

from __future__ import annotations

import datetime
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.cli import error_translation
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import Recognizer, parse_recognizer
from piiscan.detect.engine import Engine
from piiscan.detect.matching.batch import TextBatch
from piiscan.detect.regex.pattern_parser import read_pattern
from piiscan.detect.regex.prefilter import Prefilter
from piiscan.detect.regex.user_patterns import find_bounded
from piiscan.errors import CatalogError
from tests.detect.rules import catalogue
from tests.often import long

RULE = """id: u.rule
entity: NUMBER
title: {{zh: 规则, en: rule}}
whose: person
bare: H
boundary: none
pattern: [{pattern}]
{more}
"""

#: Accepted, of every part of the language; each is asked of the same texts as ``re`` is.
GOOD = (
    r"\bHY\d{8}\b",
    r"(?<!\d)\d{6}(?!\d)",
    r"(?i)[a-k]xs(?-i:y)",
    r"(?i)k\d\d",
    r"(?<=会员号)[0-9]+",
    r"(?:东|西)城区?\d",
    r"(?:AB|CDE)+[^\W\d]",
    r"(\d{2})-\1",
    r"(?P<q>['\"])x\d(?P=q)",
    r"(ab)?(?(1)c|dd)",
    r"^\d{3}-",
    r"-\d{3}$",
    r"(?m)^号:.",
    r"(?s)x.y",
    r"[^\x00-\x7f]{2}\d{2}",
    r"\w+@\w+(?:\.\w+)+",
    r"[①-⑳]x?",
    r"😀\d|\d😀",
    r"(?a:\d{4})\B.",
    r"(?=[A-Z]{3})\w{2}",
    r"x(?!y)z?[0-9]",
    r"(?>a{1,3})b",
    r"\d{3,}+x",
    r"(?:\d{4}[ -]?){2}\d{1,7}",
    "k\u0130|\u017f\\d{2}",
)
PIECES = (
    *("HY12345678", "123456", "会员号77", "东城区5", "西城1", "ABCDEz", "12-12", "12-13", "'x1'"),
    *("123-", "-456", "\n", "\r\n", "号:甲", "x\ny", "é中12", "a@b.c.d", "③x", "😀1", "9😀", "abc"),
    *(
        "add",
        "x1",
        "xz5",
        "xy",
        "aab",
        "123x",
        "1234 5678",
        "K12",
        "\u212a99",
        "ſ12",
        "１２３４５６",
    ),
    *("\u0660\u0661\u0662\u0663\u0664\u0665", "bXſy", "kxsy", " ", "，", "\u200b", "Z", "0"),
)


def rule(pattern: str, more: str = "") -> Recognizer:
    quoted = "'" + pattern.replace("'", "''") + "'"
    return parse_recognizer(RULE.format(pattern=quoted, more=more).encode(), Path("rule.yaml"))


def engine(*rules: Recognizer) -> Engine:
    known = catalogue("phone", "number")
    both = tuple(sorted([*known.recognizers, *rules], key=lambda r: r.id))
    digest = "test:" + repr([(r.id, r.pattern, r.boundary, r.whole_cell, r.anchored) for r in both])
    return Engine(Catalog(both, known.vocabulary, digest), as_of=datetime.date(2026, 1, 1))


def found(engine: Engine, texts: list[str], **options: Any) -> list[tuple[int, int, int]]:
    rows = engine.find_table(pa.array(texts), min_score=0.3, rejected=True, **options).to_pylist()
    own = [row for row in rows if row["recognizer"] == "u.rule"]
    assert all(row["text"] == texts[row["index"]][row["start"] : row["end"]] for row in own)
    return sorted((row["index"], row["start"], row["end"]) for row in own)


def expected(pattern: str, texts: list[str]) -> list[tuple[int, int, int]]:
    return [
        (number, *match.span())
        for number, text in enumerate(texts)
        for match in re.finditer(pattern, text)
    ]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), max_size=6))
def test_no_text_that_matches_is_held_back(texts: list[str]) -> None:
    """The prefilter against ``re`` itself, on texts of pieces that nearly match."""
    read = [read_pattern(pattern) for pattern in GOOD]
    batch = TextBatch.of(pa.array(texts, pa.string()))
    passed = Prefilter.of_literals([factors for _, factors in read]).candidate_texts(
        batch.data, batch.offsets
    )
    for (compiled, factors), numbers in zip(read, passed, strict=True):
        assert factors
        matching = {number for number, text in enumerate(texts) if compiled.search(text)}
        assert matching <= set(numbers.tolist()), compiled.pattern


def test_a_text_without_what_is_needed_is_not_asked() -> None:
    texts = TextBatch.of(pa.array(["HY1234", "HX12345678", "hy12345678", "aHY12345678", "号HY1"]))
    _, factors = read_pattern(r"\bHY\d{8}\b")
    (passed,) = Prefilter.of_literals([factors]).candidate_texts(texts.data, texts.offsets)
    assert passed.tolist() == [0, 4]


@pytest.mark.parametrize("pattern", GOOD)
def test_matches_are_those_of_re(pattern: str) -> None:
    texts = ["".join(PIECES[at:] + PIECES[:at]) for at in range(0, len(PIECES), 5)] + list(PIECES)
    made = engine(rule(pattern))
    want = expected(pattern, texts)
    assert want
    assert found(made, texts) == want
    assert found(made, texts, chunk=16) == want


def test_zero_width_and_malformed_bytes_move_no_span() -> None:
    made = engine(rule(r"HY\d{3}"))
    assert found(made, ["\u200b😀HY123", "中\ufeffHY456"]) == [(0, 2, 7), (1, 2, 7)]
    data = b"\xb8HY123\xf0"
    offsets = np.array([0, len(data)], np.int64)
    raw = pa.Array.from_buffers(
        pa.large_string(), 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    table = made.find_table(raw, min_score=0.3).select(["start", "end", "byte_start"])
    (row,) = table.to_pylist()
    assert row["end"] - row["start"] == 5
    assert data[row["byte_start"] :][:5] == b"HY123"


def test_lone_surrogates_pass() -> None:
    from piiscan.finding import as_array

    table = engine(rule(r"HY\d{3}")).find_table(as_array(["\ud800HY123"]), min_score=0.3)
    assert table.select(["start", "end"]).to_pylist() == [{"start": 1, "end": 6}]


@pytest.mark.parametrize(
    ("boundary", "texts", "want"),
    [
        ("digit", ["1A12", "A123", "A12b", "号A12号", "A12３"], [2, 3]),
        ("word", ["xA12", "A12b", "号A12号", "-A12_", "ＸA12"], [2, 3]),
        ("none", ["xA12", "A123", "号A12号"], [0, 1, 2]),
    ],
)
def test_boundaries_hold_as_for_shapes(boundary: str, texts: list[str], want: list[int]) -> None:
    source = RULE.replace("boundary: none", f"boundary: {boundary}")
    own = parse_recognizer(
        source.format(pattern="'A[0-9]{2}'", more="").encode(), Path("rule.yaml")
    )
    assert [index for index, _, _ in found(engine(own), texts)] == want
    if boundary == "none":
        return  # the pattern says itself where it ends; a shape cannot
    shaped = source.replace("pattern:", "shape:").format(pattern="'A[0-9]{2}'", more="")
    same = parse_recognizer(shaped.encode(), Path("rule.yaml"))
    assert [index for index, _, _ in found(engine(same), texts)] == want


def test_a_pattern_is_settled_with_everything_else() -> None:
    made = engine(rule(r"(?<=件)13800138000(?!9)"))
    (row,) = made.find_table(pa.array(["件13800138000"])).to_pylist()
    assert row["recognizer"] == "t.phone"
    assert {each["recognizer"] for each in row["alternatives"]} == {"t.number", "u.rule"}


def test_whole_cells_and_anchored_patterns_keep_to_their_places() -> None:
    more = "whole_cell: true\ncolumns: [暗号]\n"
    made = engine(rule(r"[A-Z]{2}(?!00)\d\d", more))
    label = label_of(made.catalog, "暗号")
    texts = ["AB12", ' "AB12"', "AB12x", "AB00", ""]
    assert found(made, texts, label=label) == [(0, 0, 4), (1, 2, 6)]
    assert found(made, texts) == []
    assert found(made, texts, label=label, names=False) == []
    made = engine(rule(r"[A-Z]{2}(?!00)\d\d", "anchored: true\ncontext: [暗号]\n"))
    rows = made.find_table(pa.array(["暗号：AB12", "其他 AB12"]), min_score=0.3).to_pylist()
    assert [row["index"] for row in rows] == [0]


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "(a?){30}a{30}", r"(\w+\s?)+:", ".*foo.*bar"),
        *(".*abcdefgh.*z", r"\d+\d+x", "(x+x+)+y", r"(.+)\1x", "(?:(?=.*x)y)+", "(?=(a+)+b)a"),
        *(r"^(\d+|\w+)+$", "(a{0,40}){0,40}b", "(?:a{1,30}){1,30}b", "a*a*a*b", r"(?:.*a){12}b"),
        *("(?:(?:ab)?){30}c", "(?:a|b|ab)*c", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(a+)+\b"),
        *(r"(?:aa|aa){15}b", r"\d{1,100}\d{1,100}\d{1,100}x", r".*=.*=.*;", r"a*(?=\w+b)c"),
    ],
)
def test_what_can_explode_is_refused_by_file_and_line(pattern: str) -> None:
    with pytest.raises(CatalogError, match=r"rule\.yaml:7: pattern: .*for ever") as caught:
        rule(pattern)
    assert "永远" in error_translation.translate(str(caught.value), "zh")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(ab", "is no regular expression"),
        ("[[a]", "nested set"),
        ("a**", "is no regular expression"),
        ("(?<=a+)b", "fixed-width"),
        ("a?", "can match nothing"),
        (r"\w+", "prefilter: none"),
        (r"\d{3}", "prefilter: none"),
        ("a" * 2001, "longer than 2000"),
        ("(" * 600 + "ab" + ")" * 600, "nested too deep"),
        ("|".join(f"{number:03d}" for number in range(400)), "too large"),
    ],
)
def test_what_cannot_be_used_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(CatalogError, match=why) as caught:
        rule(pattern)
    assert str(caught.value).startswith("rule.yaml:7: pattern: ")
    assert error_translation.translate(str(caught.value), "zh") != str(caught.value)


def test_a_slow_pattern_is_taken_if_its_author_says_so() -> None:
    made = engine(rule(r"\b\w{3}\b", "prefilter: none"))
    assert found(made, ["ab", "abc", "", "甲乙丙"]) == [(1, 0, 3), (3, 0, 3)]
    shaped = RULE.replace("pattern: ", "shape: ").format(pattern="a", more="prefilter: none")
    with pytest.raises(CatalogError, match="goes with a pattern only"):
        parse_recognizer(shaped.encode(), Path("rule.yaml"))


def test_a_long_text_is_gone_through_in_steps() -> None:
    text = "".join(f"x{number:05d}，" for number in range(3000)) + "y" * 600
    compiled = re.compile(r"(?<=，)x(\d{4})\d(?!\d)")
    assert list(find_bounded(compiled, text)) == [m.span() for m in compiled.finditer(text)]
    assert list(find_bounded(re.compile("y+"), text)) == []
    assert list(find_bounded(re.compile(r"^x0"), text)) == [(0, 2)]
    assert list(find_bounded(re.compile(r"y$"), text)) == [(len(text) - 1, len(text))]


HOSTILE = tuple(
    (piece * 20_000)[:20_000]
    for piece in ("a", "1", "ab", "a.", "1-", " ", "@a", '"', "foo", "中", "1234 ", "=", "\n", "a=")
)


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"[\w.+-]+@[\w.]+\.\w+", r'"[^"]*"x', r"\w+=\w+;", r".{1,20}foo.{1,20}z"),
        long(r"\S+@\w+x"),  # as the first
        *(r"(?:\d{4}[ -]?){3}\d{1,7}x", r"(?=.*\d)[a-z]{8}x", r"(\w{1,9})-\1x", r"[^=]*=[^=]*;"),
    ],
)
def test_hostile_texts_cost_their_length(pattern: str) -> None:
    """280,000 characters: a second or two at most, where squares would be minutes, more hours."""
    compiled, _ = read_pattern(pattern, prefilter="none")
    begin = time.process_time()
    for text in HOSTILE:
        list(find_bounded(compiled, text))
    assert time.process_time() - begin < 10
