"""Folding, the automaton and spellings agree with Python's re on whatever text comes."""

import datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import piiscan
from piiscan.detect.catalog.catalog import load
from piiscan.detect.compiled_catalog import CompiledCatalog, compile_catalog
from piiscan.detect.matching.alphabet import SKIP, Alphabet
from piiscan.detect.matching.automaton import ShapeSet, determinise
from piiscan.detect.matching.batch import TextBatch
from piiscan.detect.matching.boundaries import BOUNDARIES
from piiscan.detect.matching.fold import fold_texts
from piiscan.detect.matching.match_kernels import find_starts_and_word_ends
from piiscan.detect.matching.matcher import match
from piiscan.detect.matching.spellings import child_node, trie_steps
from piiscan.errors import CatalogError
from tests.detect.matching.starts import match_starts
from tests.oracles.matching import longest_matches

SHAPES = [
    (["[0-9]{11}", "1[3-9][0-9] [0-9]{4} [0-9]{4}"], "digit"),
    (["[0-9]{3,5}(?:-[0-9]{2,4})?"], "digit"),
    (["S[A-F]\\d{2,6}", "wx_[a-z0-9]{3,}"], "word"),
    (["[京沪湘][A-H][·]?[A-Z0-9]{3}"], "none"),
    (["[0-9]{2}[×xX]", "(?:转|,)?[0-9]{1,2}●+"], "digit"),
]
ALPHABET = "0123456789SAFBx wx_-,·×●京湘转张三●\n１Ａ\u200b\u3000𝟗①é"


def run(texts: list[str]) -> list[set[tuple[int, int, int, int]]]:
    """(shape set, text, start, end) by the engine's own kernels."""
    parsed = ShapeSet.empty()
    for shapes, _ in SHAPES:
        parsed.add(shapes, False)
    alphabet = Alphabet.of(parsed.chars(), [])
    automaton = determinise(parsed, alphabet)
    boundary = np.array([BOUNDARIES[rule] for _, rule in SHAPES], np.uint8)
    batch = TextBatch.of(pa.array(texts, pa.string()))
    folded, starts, *_ = fold_texts(batch.data, batch.offsets, alphabet.table)
    crossed = np.flatnonzero(folded != SKIP)
    text = folded[crossed]
    found = match(text, match_starts(text, automaton, alphabet), automaton, alphabet, boundary)
    found = found.map_positions(crossed)
    answer: list[set[tuple[int, int, int, int]]] = [set() for _ in SHAPES]
    numbers = np.searchsorted(starts, found.start, "right") - 1
    for which, number, start, end in zip(
        found.recognizer, numbers, found.start, found.end, strict=True
    ):
        first = int(starts[number])
        answer[which].add((int(which), int(number), int(start) - first, int(end) - first))
    return answer


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.sampled_from(ALPHABET), max_size=40), min_size=1, max_size=4))
def test_scan_finds_what_re_finds(texts: list[str]) -> None:
    found = run(texts)
    for which, (shapes, boundary) in enumerate(SHAPES):
        expected = {
            (which, number, start, end)
            for number, text in enumerate(texts)
            for start, end in longest_matches(text, shapes, boundary)
        }
        assert found[which] == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_folds_to_one_byte_a_code_point(texts: list[str]) -> None:
    alphabet = Alphabet.of([], ["号", "q"])
    batch = TextBatch.of(pa.array(texts, pa.string()))
    folded, starts, *_ = fold_texts(batch.data, batch.offsets, alphabet.table)
    assert len(folded) == sum(map(len, texts)) + len(texts) + 1
    assert np.diff(starts).tolist() == [len(text) + 1 for text in texts]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from(ALPHABET + "ab\t\x00"), max_size=30), max_size=5))
def test_the_ascii_tail_of_a_text_is_counted(texts: list[str]) -> None:
    batch = TextBatch.of(pa.array(texts, pa.string()))
    _, _, tail, _ = fold_texts(batch.data, batch.offsets, Alphabet.of([], []).table)
    expected = [len(text) - max((at + 1 for at, c in enumerate(text) if c > "\x7f"), default=0)
                for text in texts]  # fmt: skip
    assert tail.tolist() == expected


@cache
def compiled() -> CompiledCatalog:
    return compile_catalog(load(None))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.sampled_from("0123456789aB张。-,"), max_size=60), max_size=4))
def test_marks_are_where_openings_are(texts: list[str]) -> None:
    made = compiled().matching
    batch = TextBatch.of(pa.array(texts, pa.string()))
    folded, *_ = fold_texts(batch.data, batch.offsets, made.alphabet.table)
    opening, word_ends = np.empty((2, len(folded) + 8), np.int64)
    count, _ = find_starts_and_word_ends(folded, made.marks, made.word_sieve, opening, word_ends)
    assert (
        opening[:count].tolist()
        == match_starts(folded, made.text_automaton, made.alphabet).tolist()
    )


def test_malformed_bytes_stay_inside_their_text() -> None:
    alphabet = Alphabet.of([], [])
    data = np.frombuffer(b"\xe4\xbd1\xf0\x9f\xff2\x80\xc3", np.uint8)
    offsets = np.array([0, 3, 7, 9], np.int64)
    folded, starts, *_ = fold_texts(data, offsets, alphabet.table)
    assert len(folded) <= len(data) + 4
    assert [folded[at - 1] for at in starts.tolist()] == [0, 0, 0, 0]  # every text ends in BREAK
    assert starts[3] == len(folded)


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ("(?=1)2", "only"),
        ("[^0-9]1", "negated"),
        ("a{5,2}", "repeat"),
        ("a{1,999}", "repeat"),
        ("1*", "nothing"),
        ("^1", "shape language"),
        ("(1", "ends too early"),
        ("1)", "unexpected"),
        ("\\w+", "shape language"),
        ("[]", "empty"),
    ],
)
def test_what_is_not_in_the_shape_language_is_refused(shape: str, why: str) -> None:
    with pytest.raises(CatalogError, match=why):
        ShapeSet.empty().add([shape], False)


def test_too_many_states_are_refused() -> None:
    parsed = ShapeSet.empty()
    parsed.add(["(?:a|b)*a(?:a|b){17}"], False)
    with pytest.raises(CatalogError, match="states"):
        determinise(parsed, Alphabet.of([], []))


@given(st.sets(st.binary(max_size=6), max_size=60), st.data())
def test_a_packed_trie_has_the_children_of_the_plain_one(
    words: set[bytes], data: st.DataObject
) -> None:
    rows: list[dict[int, int]] = [{}]
    for word in sorted(words):
        node = 0
        for byte in word:
            node = child_node(rows, node, byte)
    shared = data.draw(st.integers(0, len(rows) - 1))
    if shared:  # a node may have several parents
        rows[0].setdefault(255, shared)
    steps, numbers = trie_steps(rows)
    assert len(set(numbers.tolist())) == len(rows)
    assert numbers[0] == 0
    for row, node in zip(rows, numbers.tolist(), strict=True):
        for byte in range(256):
            owner, child = steps[node + byte].tolist()
            expected = numbers[row[byte]] if byte in row else None
            assert (child if owner == node else None) == expected


AS_OF = datetime.date(2026, 1, 1)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.recognizer, each.value) for each in piiscan.find(text, as_of=AS_OF, names=False)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("电话1990 000 0008", "cn.mobile_grouped", "19900000008"),
        ("张三 1990 000 0008 长沙", "cn.mobile_grouped", "19900000008"),
        ("(199)0000-0008", "cn.mobile_grouped", "19900000008"),
        ("电话1️⃣9️⃣9️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣8️⃣", "cn.mobile", "19900000008"),
        ("①19900000008", "cn.mobile", "19900000008"),
        ("电话①❾⑼⁰₀⓪⓪⓪⓪⓪⑧", "cn.mobile_spelt", "19900000008"),
        ("电话199零零零零0008", "cn.mobile_spelt", "19900000008"),
        ("电话l99OOOOOOO8", "cn.mobile_lookalike", "19900000008"),
        ("电话199😊0000😊0008", "cn.mobile_strewn", "19900000008"),
        ("4301 0419 8811 2217 10", "cn.resident_id_dressed", "430104198811221710"),
        ("43010419050615😊0016", "cn.resident_id_dressed", "430104190506150016"),
        ("6217/0000/0000/0000/004", "cn.bank_card_dressed", "6217000000000000004"),
        ("138 0013 8001 139 0013 9001", "cn.mobile", "13800138001"),
    ],
)
def test_a_number_is_read_in_its_dress(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "138-0013-8001-1390",
        "料号 138-4567-8901-22",
        "138 0013 8001 1234 5678",
        "4301 0419 8811 2217 1",
        "193.110.106.11",
        "4800.935999999999",
        "13800.138000",
        "①②③④⑤⑥⑦⑧⑨",
        "199😊0000😊0008",
    ],
)
def test_a_row_of_groups_is_no_number(text: str) -> None:
    entities = {each.entity for each in piiscan.find(text, as_of=AS_OF, names=False)}
    assert entities <= {"IP_ADDRESS"}
