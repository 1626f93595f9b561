"""Whatever text comes, offsets are right and all routes agree; no rule pack takes all memory."""

from __future__ import annotations

from functools import cache
from itertools import islice

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
