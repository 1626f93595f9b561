"""Patterns: what RE2 finds in each text alone, at folded positions, in time linear in the text."""

import datetime
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.arrow_strings import as_array
from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import Recognizer, parse_recognizer
from piiscan.detect.engine import Engine
from piiscan.detect.matching.pattern_parser import Regexp, read_pattern
from piiscan.detect.matching.user_patterns import JoinedTexts, find_bounded
from piiscan.errors import CatalogError
from tests.detect.rules import catalogue

RULE = """id: u.rule
entity: NUMBER
title: {{zh: 规则, en: rule}}
whose: person
bare: H
boundary: none
pattern: [{pattern}]
{more}
"""

#: Accepted, of every part of the language; each matches some text made of ``PIECES``.
GOOD = (
    r"\bHY\d{8}\b",
    r"\d{6}",
    r"(?i)[a-k]xs(?-i:y)",
    r"(?i)k\d\d",
    r"会员号[0-9]+",
    r"(?:东|西)城区?\d",
    r"(?:AB|CDE)+[^\W\d]",
    r"(?P<q>['\"])x\d['\"]",
    r"(?<q>ab)?c",
    r"^\d{3}-",
    r"-\d{3}$",
    r"\A[a-z]|\d\z",
    r"(?m)^号:.",
    r"(?m)^x$",
    r"(?m)^1(?-m:$)|2(?-m:$)",
    r"(?s)x.y",
    r"[^\x00-\x7f]{2}\d{2}",
    r"[\x{4e00}-\x{9fff}]{2}|\p{Han}\d",
    r"\p{Nd}{6}",
    r"\w+@\w+(?:\.\w+)+",
    r"[①-⑳]x?",
    r"😀\d|\d😀",
    r"\d{4}\B.",
    r"(?:\d{4}[ -]?){2}\d{1,7}",
    r"a\s|\s[^a]",
    r"\Qa.b\E|[[:alpha:]]{3}",
    r"x(?:.*y)?",
    r"[^x]{3}",
    r"a|\b\W",
)
PIECES = (
    *("HY12345678", "123456", "会员号77", "东城区5", "西城1", "ABCDEz", "12-12", "12-13", "'x1'"),
    *("123-", "-456", "\n", "\r\n", "号:甲", "x\ny", "é中12", "a@b.c.d", "③x", "😀1", "9😀", "abc"),
    *("add", "x1", "xz5", "xy", "aab", "123x", "1234 5678", "K12", "\u212a99", "ſ12"),
    "１２３４５６",
    *("\u0660\u0661\u0662\u0663\u0664\u0665", "bXſy", "kxsy", " ", "，", "\u200b", "Z", "0", "a.b"),
)


def rule(pattern: str, more: str = "") -> Recognizer:
    quoted = "'" + pattern.replace("'", "''") + "'"
    return parse_recognizer(RULE.format(pattern=quoted, more=more).encode(), Path("rule.yaml"))


def engine(*rules: Recognizer) -> Engine:
    known = catalogue("phone", "number")
    both = tuple(sorted([*known.recognizers, *rules], key=lambda r: r.id))
    digest = "test:" + repr(
        [(r.id, r.pattern, r.ignore_case, r.boundary, r.whole_cell) for r in both]
    )
    return Engine(Catalog(both, known.vocabulary, digest), as_of=datetime.date(2026, 1, 1))


def found(engine: Engine, texts: list[str], **options: Any) -> list[tuple[int, int, int]]:
    rows = engine.find_table(pa.array(texts), min_score=0.3, rejected=True, **options).to_pylist()
    own = [row for row in rows if row["recognizer"] == "u.rule"]
    assert all(row["text"] == texts[row["index"]][row["start"] : row["end"]] for row in own)
    return sorted((row["index"], row["start"], row["end"]) for row in own)


def expected(pattern: str, texts: list[str]) -> list[tuple[int, int, int]]:
    """Return the code-point spans that RE2 finds in each text by itself."""
    return [
        (number, len(text.encode()[:start].decode()), len(text.encode()[:end].decode()))
        for number, text in enumerate(texts)
        for start, end in spans(pattern, text.encode())
    ]


def spans(pattern: str, text: bytes) -> list[tuple[int, int]]:
    matches = read_pattern(pattern).compiled.finditer(text)
    return [span for match in matches if (span := match.span())[0] < span[1]]


def joined(texts: list[bytes]) -> JoinedTexts:
    offsets = np.cumsum([0, *map(len, texts)])
    return JoinedTexts.of(np.frombuffer(b"".join(texts), np.uint8), offsets)


def raw_array(data: bytes) -> pa.Array:
    offsets = np.array([0, len(data)], np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), 1, buffers)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*map(str.encode, PIECES), b"\xff", b"\xe4", b"\xb8"]), max_size=6)
        .map(b"".join),
        max_size=6,
    )
)  # fmt: skip
def test_no_text_that_matches_is_held_back(texts: list[bytes]) -> None:
    """The joined texts against each text alone, on texts of pieces that nearly match."""
    batch = joined(texts)
    for source in GOOD:
        matching = [number for number, text in enumerate(texts) if spans(source, text)]
        selected = list(batch.with_match(read_pattern(source).by_line))
        assert set(matching) <= set(selected), source
        assert selected == sorted(set(selected))


def test_a_text_without_a_match_is_not_asked() -> None:
    texts = joined([b"HY1234", b"HX12345678", b"aHY12345678", b"HY12345678", b"HY1", b"2345678"])
    assert list(texts.with_match(read_pattern(r"\bHY\d{8}\b").by_line)) == [3]
    assert list(texts.with_match(read_pattern(r"^\d+$").by_line)) == [5]


@pytest.mark.parametrize("pattern", GOOD)
def test_matches_are_those_of_each_text_alone(pattern: str) -> None:
    texts = ["".join(PIECES[at:] + PIECES[:at]) for at in range(0, len(PIECES), 5)] + list(PIECES)
    made = engine(rule(pattern))
    want = expected(pattern, texts)
    assert want
    assert found(made, texts) == want
    assert found(made, texts, chunk=16) == want


@pytest.mark.parametrize(
    ("pattern", "text", "want"),
    [
        (r"\d{2}", "１２", None),
        (r"\p{Nd}{2}", "１２", (0, 2)),
        (r"\w{2}", "甲é", None),
        (r"[\p{L}\p{N}_]{2}", "甲é", (0, 2)),
        (r"a\s", "a\u3000", None),
        (r"a[\s\p{Z}]", "a\u3000", (0, 2)),
        (r"\bA1\b", "号A1号", (1, 3)),
        (r"a$", "a\n", None),
        (r"a\n?$", "a\n", (0, 2)),
        (r"(?i)k", "\u212a", (0, 1)),
        (r"\x{4e00}", "一", (0, 1)),
        (r"a{,2}", "a{,2}", (0, 5)),
    ],
)
def test_the_language_is_that_of_re2(pattern: str, text: str, want: tuple[int, int] | None) -> None:
    assert found(engine(rule(pattern)), [text]) == ([(0, *want)] if want else [])


def test_case_is_ignored_if_the_file_says_so() -> None:
    assert found(engine(rule("hy[0-9]", "ignore_case: true")), ["HY1 hy2"]) == [
        (0, 0, 3),
        (0, 4, 7),
    ]
    assert found(engine(rule("hy[0-9]")), ["HY1 hy2"]) == [(0, 4, 7)]


def test_zero_width_and_malformed_bytes_move_no_span() -> None:
    made = engine(rule(r"HY\d{3}"))
    assert found(made, ["\u200b😀HY123", "中\ufeffHY456"]) == [(0, 2, 7), (1, 2, 7)]
    table = made.find_table(as_array(["\ud800HY123"]), min_score=0.3)
    assert table.select(["start", "end"]).to_pylist() == [{"start": 1, "end": 6}]
    data = b"\xb8HY123\xf0"
    table = made.find_table(raw_array(data), min_score=0.3)
    (row,) = table.select(["start", "end", "byte_start"]).to_pylist()
    assert row["end"] - row["start"] == 5
    assert data[row["byte_start"] :][:5] == b"HY123"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b"H", b"Y", b"1", b"\xe4", b"\xf0\x9f", b"\xb8", b"\xff", b"\xc3"]))
)
def test_a_match_never_cuts_a_folded_character(parts: list[bytes]) -> None:
    """A lead byte takes the bytes after it with it, whatever they are."""
    data = b"".join(parts)
    chars, at = [], 0
    while at < len(data):
        width = 1 + (data[at] >= 0xC0) + (data[at] >= 0xE0) + (data[at] >= 0xF0)
        chars.append(data[at : at + width] if at + width <= len(data) else data[at : at + 1])
        at += len(chars[-1])
    values = {}
    for pattern in ("HY", r"\C1"):
        table = engine(rule(pattern)).find_table(raw_array(data), min_score=0.3, rejected=True)
        values[pattern] = [
            b"".join(chars[row["start"] : row["end"]])
            for row in table.select(["recognizer", "start", "end"]).to_pylist()
            if row["recognizer"] == "u.rule"
        ]
    assert values["HY"] == [b"HY"] * list(pairwise(chars)).count((b"H", b"Y"))
    assert all(len(value) == 2 and value[1:] == b"1" for value in values[r"\C1"])


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


def test_of_two_patterns_the_longer_match_counts() -> None:
    both = RULE.format(pattern="'A[0-9]', 'A[0-9]{3}'", more="").encode()
    made = engine(parse_recognizer(both, Path("rule.yaml")))
    assert found(made, ["A1", "A123"]) == [(0, 0, 2), (1, 0, 4)]


def test_a_pattern_is_settled_with_everything_else() -> None:
    made = engine(rule(r"13800138000"))
    (row,) = made.find_table(pa.array(["件13800138000"])).to_pylist()
    assert row["recognizer"] == "t.phone"
    assert {each["recognizer"] for each in row["alternatives"]} == {"t.number", "u.rule"}


def test_whole_cells_and_anchored_patterns_keep_to_their_places() -> None:
    more = "whole_cell: true\ncolumns: [暗号]\n"
    made = engine(rule(r"^[A-Z]{2}[1-9]\d$", more))
    label = label_of(made.catalog, "暗号")
    texts = ["AB12", ' "AB12"', "AB12x", "AB00", "", " \t", "号AB12"]
    assert found(made, texts, label=label) == [(0, 0, 4), (1, 2, 6)]
    assert found(made, texts) == []
    assert found(made, texts, label=label, names=False) == []
    long_cells = engine(rule("甲+", more))
    assert found(long_cells, ["甲" * 512, "甲" * 513], label=label) == [(0, 0, 512)]
    made = engine(rule(r"[A-Z]{2}[1-9]\d", "anchored: true\ncontext: [暗号]\n"))
    rows = made.find_table(pa.array(["暗号：AB12", "其他 AB12"]), min_score=0.3).to_pylist()
    assert [row["index"] for row in rows] == [0]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"HY(?!0000)\d{8}", "no look-ahead; the key boundary"),
        (r"HY(?=\d)", "no look-ahead; the key boundary"),
        (r"(?<![A-Z])HY", "no look-behind; the key boundary"),
        (r"(?<=号)HY", "no look-behind; the key boundary"),
        (r"(\d{2})-\1", "no back-reference"),
        (r"(?P<q>a)(?P=q)", "no back-reference"),
        (r"(?>a+)b", "never goes back"),
        (r"\d++x", "never goes back"),
        (r"\d{2}+x", "never goes back"),
        (r"(ab)?(?(1)c|dd)", "no conditions"),
        ("(ab", "is no expression of RE2"),
        ("a**", "is no expression of RE2"),
        (r"\N{DIGIT ONE}", "is no expression of RE2"),
        ("\\u4e00", "is no expression of RE2"),
        (r"a\Z", "is no expression of RE2"),
        ("a{1001}", "is no expression of RE2"),
        ("a?", "can match nothing"),
        (r"x*\bx*", "can match nothing"),
        ("a" * 2001, "longer than 2000"),
        (r"[\p{L}\p{N}]{50}", "too large"),
        (r"(?:[\pL\pN]{50}){20}", "too large"),
    ],
)
def test_what_cannot_be_used_is_refused(
    pattern: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CatalogError, match=why) as caught:
        rule(pattern)
    assert str(caught.value).startswith("rule.yaml:7: pattern 1: ")
    assert "：正则 " in caught.value.text("zh")
    assert capfd.readouterr() == ("", "")


def test_a_long_text_is_gone_through_in_steps() -> None:
    text = ("".join(f"x{number:05d}，" for number in range(3000)) + "y" * 3000).encode()
    for source in (r"x(\d{4})\d\b", r"，x0", r"[x，]{2}", "^x0", "x02999，y{500}"):
        compiled = read_pattern(source).compiled
        assert list(find_bounded(compiled, text)) == spans(source, text)
    assert list(find_bounded(read_pattern("y$").compiled, text)) == [(len(text) - 1, len(text))]
    assert list(find_bounded(read_pattern("x0{4}").compiled, text[:3])) == []


def test_a_match_has_512_characters_at_most() -> None:
    made = engine(rule("甲+|😀+"))
    texts = [char * length for char in "甲😀" for length in (512, 513, 5000)]
    assert found(made, texts) == [(0, 0, 512), (3, 0, 512)]


class CountedSearch:
    """Compiled expression that counts the bytes that each search may read."""

    def __init__(self, compiled: Regexp) -> None:
        self.compiled = compiled
        self.read = 0

    def finditer(self, text: bytes, pos: int, endpos: int) -> Iterator[Any]:
        """Yield the matches; each search reads to the end of the window at most."""
        for match in self.compiled.finditer(text, pos, endpos):
            self.read += endpos - match.span()[0]
            yield match
        self.read += endpos - pos


@pytest.mark.parametrize("pattern", ["a(.*z)?", "a", "aa.*z|a", r"\w+@\w+x|a"])
def test_hostile_texts_cost_their_length(pattern: str) -> None:
    """Where every search reads all it may, twice the text costs twice the work, not four times."""
    work = []
    for length in (50_000, 100_000):
        counted = CountedSearch(read_pattern(pattern).compiled)
        assert len(list(find_bounded(counted, b"a" * length))) == length
        work.append(counted.read)
    assert work[1] < 2.1 * work[0]
    assert work[1] < 100_000 * 4200


def test_texts_that_match_are_searched_once_each_in_the_joined_texts() -> None:
    """Each search begins behind the text of the one before, and none reads over a text's end."""
    texts = joined([b"a" * 100] * 50)
    calls = []

    class Recorded:
        def search(self, text: bytes, pos: int) -> Any:
            calls.append(pos)
            return read_pattern("(?s)a(.*z)?").by_line.search(text, pos)

    assert list(texts.with_match(Recorded())) == list(range(50))
    assert calls == texts.starts
