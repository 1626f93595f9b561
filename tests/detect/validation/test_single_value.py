"""Checks of one value where it stands say what the check says of the whole column."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.detect.catalog import catalog
from piiscan.detect.checks import UNDECIDED
from piiscan.detect.compiled_catalog import compile_catalog
from piiscan.detect.validation.single_value import CHECK_NUMBERS, check_single, check_tables
from piiscan.jit import kernel, unaligned_words

DAY = 20_260_101


@kernel
def _one(number, chars, words, at, length, levels, allotted, as_of):  # type: ignore[no-untyped-def]
    return check_single(number, chars, words, at, length, levels, allotted, as_of)


def said(check: str, value: str) -> tuple[int, int, int]:
    chars = np.frombuffer(f"\0{value}\0".encode().ljust(64, b"9"), np.uint8).copy()
    found = _one(
        CHECK_NUMBERS[check], chars, unaligned_words(chars), 1, len(value), *check_tables(), DAY
    )
    return tuple(map(int, found))  # type: ignore[return-value]


def asked(check: str, value: str) -> tuple[int, int, int]:
    whole = catalog.load()
    which = next(n for n, r in enumerate(whole.recognizers) if r.check == check)
    arithmetic = compile_catalog(whole).validation.checks[which]
    assert arithmetic.check is not None
    chars = np.frombuffer(value.encode().ljust(24, b"\0"), np.uint8).copy()[None]
    judged = arithmetic.check(chars, np.array([len(value)], np.int32), as_of=DAY)
    return int(judged.verdict[0]), int(judged.reason[0]), int(judged.strength[0])


BIRTH = st.dates().map(lambda day: f"{day:%Y%m%d}".zfill(8))
NUMBERS = st.one_of(
    st.from_regex(re.compile("[0-9]{11,19}", re.ASCII), fullmatch=True),
    st.from_regex(re.compile("1[3-9][0-9]{9}", re.ASCII), fullmatch=True),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["430104", "110105", "439900", "990104", "430199", "710000"]),
        st.one_of(BIRTH, st.sampled_from(["19491231", "19000229", "20000229", "20231301"])),
        st.from_regex(re.compile("[0-9]{3}[0-9X]", re.ASCII), fullmatch=True),
    ),
    st.sampled_from(
        [
            *("11010519491231002X", "430104190506150016", "13800138000", "12345678901"),
            *("11111111111", "13900000000", "15412345678", "91110000600037341L"),
            *("6217000000000000004", "1600000000000000", "00000000000", "000000000000000000"),
        ]
    ),
)


@pytest.mark.parametrize("check", CHECK_NUMBERS)
@settings(max_examples=100, deadline=None)
@given(value=NUMBERS)
def test_a_value_alone_is_judged_as_in_its_column(check: str, value: str) -> None:
    alone = said(check, value)
    assert alone[0] == UNDECIDED or alone == asked(check, value)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("resident_id", "11010519491231002X"),
        ("mobile", "13912345678"),
        ("uscc", "430104190506150016"),
        ("bank_card", "6217000000000000003"),
        ("imei", "86000000000000900"),
    ],
)
def test_what_tables_are_full_of_is_judged_alone(check: str, value: str) -> None:
    assert said(check, value)[0] != UNDECIDED
