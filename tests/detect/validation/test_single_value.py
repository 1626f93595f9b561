"""Checks of one value where it stands say what the check says of the whole column."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.bundles import empty_rows
from piiscan.detect.catalog import catalog
from piiscan.detect.checks import Judgement
from piiscan.detect.compiled_catalog import compile_catalog
from piiscan.detect.matching.matcher import Candidates
from piiscan.detect.validation.validation_kernels import judge_in_place
from piiscan.detect.validation.validation_tables import SingleChecks

DAY = 20_260_101
CHECKS = ("resident_id", "mobile", "uscc", "bank_card", "imei", "waybill", "qq_number", "s10")


def said(check: str, value: str) -> tuple[int, int, int] | None:
    """The judgement of the value where it stands; None if it goes to the matrix of its check."""
    recognizers = [each for each in catalog.load().recognizers if each.check == check][:1]
    checks = SingleChecks.of(recognizers, np.arange(256, dtype=np.uint8)[None])
    folded = np.frombuffer(f"\0{value}\0".encode(), np.uint8)
    span = np.array([1], np.int64), np.array([1 + len(value)], np.int64)
    candidate = Candidates(np.zeros(1, np.int16), *span, np.array([len(value)], np.uint8))
    judged, marks = empty_rows(Judgement, 1), np.empty((2, 1), np.bool_)
    others = judge_in_place(folded, candidate, checks, DAY, judged, *marks, np.empty(1, np.int64))
    return None if others else (judged.verdict[0], judged.reason[0], judged.strength[0])


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


@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=40, deadline=None)
@given(value=NUMBERS)
def test_a_value_alone_is_judged_as_in_its_column(check: str, value: str) -> None:
    alone = said(check, value)
    assert alone is None or alone == asked(check, value)


@pytest.mark.parametrize("check", ["landline", "crypto_address"])
def test_a_value_that_is_rewritten_or_has_no_compiled_judge_goes_to_the_matrix(check: str) -> None:
    assert said(check, "0731-80000001") is None
