"""Checks of one value where it stands say what the check says of the whole column."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.detect.catalog import catalog
from piiscan.detect.compiled_catalog import compile_catalog
from piiscan.detect.engine import Engine

DAY = 20_260_101
CHECKS = ("resident_id", "mobile", "uscc", "bank_card", "imei", "waybill", "qq_number", "s10")


@cache
def engine() -> Engine:
    return Engine(catalog.load(), as_of=date(2026, 1, 1))


def said(check: str, value: str) -> tuple[int, int, int] | None:
    """The judgement of the value where it stands in a text; None if nothing takes it for one."""
    whole = engine()
    for resolved in whole.resolve_one(value, whole.column(None)):
        found, judged = resolved.candidates, resolved.validated.judgement
        for row, which in enumerate(found.recognizer):
            is_whole = found.end[row] - found.start[row] == len(value)
            if is_whole and whole.catalog.recognizers[which].check == check:
                return int(judged.verdict[row]), int(judged.reason[row]), int(judged.strength[row])
    return None


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


def test_the_check_of_a_value_in_a_text_is_found() -> None:
    for check, value in (("mobile", "13800138000"), ("resident_id", "11010519491231002X")):
        assert said(check, value) is not None
