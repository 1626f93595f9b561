"""Whatever text comes, offsets are right and all routes agree; no rule pack takes all memory."""

from __future__ import annotations

from functools import cache
from itertools import islice

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.matching.automaton import ShapeSet
from piiscan.detect.self_test import AS_OF
from piiscan.errors import CatalogError
from tests.fuzz.run import fuzz_randomly
from tests.often import long
from tests.oracles.hostile import CHARACTERS, assert_consistent, pieces


@cache
def engine() -> Engine:
    return Engine(load(), as_of=AS_OF)


ANY = st.characters()  # lone surrogates too
PART = st.one_of(
    st.sampled_from(pieces(engine())),
    st.text(st.sampled_from(CHARACTERS), max_size=12),
    st.text(ANY, max_size=8),
    st.from_regex(r"[0-9０-９]{1,24}", fullmatch=True),
)
TEXT = st.lists(PART, max_size=8).map("".join)


@pytest.mark.parametrize("drawn", [30, long(300)])
def test_offsets_are_right_and_routes_agree_on_hostile_text(drawn: int) -> None:
    @settings(max_examples=drawn, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(TEXT, min_size=1, max_size=6))
    def agree(texts: list[str]) -> None:
        assert_consistent(engine(), texts)

    agree()


@pytest.mark.parametrize("step", [5, long(1)])
def test_offsets_are_right_and_routes_agree_on_every_example(step: int) -> None:
    """Every fifth one by default: of all of them the catalogue's own examples say so too."""
    assert assert_consistent(engine(), pieces(engine())[::step]) > 1500 // step


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com----x1",  # a field behind an account and no word at which one may end
        "a@example.com|abc123",
        "",
        "\u200b",
    ],
)
def test_the_first_text_of_an_engine_is_read_like_every_other(text: str) -> None:
    fresh = Engine(load(), as_of=AS_OF)
    assert fresh.find_all([text]) == engine().find_all(["微信号 abc-123", text])[1:]


@pytest.mark.parametrize(
    "malformed",
    [
        b"\xf7\xbf\xbf\xbf",
        b"\xff\xbf\xbf\xbf",
        b"\xe4\xc0\xad",
        b"\xe4",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
    ],
)
def test_malformed_utf8_of_an_arrow_array_hides_no_other_value(malformed: bytes) -> None:
    """Arrow checks no bytes; a file of another program may have any."""
    texts = [
        "张三，手机13800138000。".encode() + malformed + "李四".encode(),
        "收件人：张".encode() + malformed,
    ]
    offsets = pa.array([0, len(texts[0]), len(b"".join(texts))], pa.int32())
    data = [None, offsets.buffers()[1], pa.py_buffer(b"".join(texts))]
    array = pa.Array.from_buffers(pa.string(), 2, data)
    table = engine().find_table(array, rejected=True)
    found = zip(
        table["index"].to_pylist(), table["value"].cast(pa.binary()).to_pylist(), strict=True
    )
    assert (0, b"13800138000") in list(found)


@pytest.mark.parametrize("batches", [5, long(60)])
def test_random_texts_and_bytes_change_nothing(batches: int) -> None:
    assert list(islice(fuzz_randomly(engine(), 20260101), batches))[-1] == batches


@pytest.mark.parametrize(
    "shape",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "(?:(?:a{400}){400}){400}",
        "(?:(?:a?){100}){100}b",
        "(?:(?:a?){400}b?){400}c",
        "(?:(?:a|b|c){400}?)*" * 200,
        "[" + "".join(map(chr, range(0x100, 0xD000))) + "]{400}" * 2,
    ],
)
def test_a_hostile_shape_is_refused_at_once(shape: str) -> None:
    with pytest.raises(CatalogError):
        ShapeSet.empty().add([shape], False)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab1[](){}|?*+\\-^$.,04:é一\ud800"), max_size=30))
def test_any_shape_is_read_or_refused(shape: str) -> None:
    try:
        ShapeSet.empty().add([shape], False)
    except CatalogError:
        return
