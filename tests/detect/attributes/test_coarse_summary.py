"""What a scan keeps of each finding is what the attributes of its value say, and no more."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from piiscan.detect.attributes import COARSE_NAMES, attributes, coarse
from piiscan.detect.attributes.coarse_summary import parse_summary, summarise
from piiscan.detect.attributes.identity_numbers import age_band
from piiscan.detect.catalog.catalog import load

DAY = datetime.date(2026, 11, 25)
#: A scan leaves the place of a mobile segment out.
PLACELESS = {"CN_MOBILE"}


def words(told: Any, row: int) -> dict[str, Any]:
    word = told[row].as_py()
    return {} if word is None else parse_summary(word)


def expected(entity: str, recognizer: str, value: str) -> dict[str, Any]:
    known = attributes(entity, recognizer, value, as_of=DAY)
    told = coarse(known)
    if recognizer == "masked.resident_id" and "birth_year" in known:
        bands = {age_band(DAY.year - int(known["birth_year"]) - n) for n in (0, 1)}
        if len(bands) == 1 and int(known["birth_year"]) < DAY.year:
            told["age_band"] = bands.pop()
    if entity == "CN_RESIDENT_ID" and "sex" in known:
        told["sex"] = known["sex"]
    return {k: v for k, v in told.items() if not (k == "province" and entity in PLACELESS)}


def test_it_says_what_the_attributes_say_of_every_example_of_the_catalogue() -> None:
    catalog = load()
    kinds = [(r.entity, r.id) for r in catalog.recognizers]
    known = [
        (number, example.value)
        for number, rule in enumerate(catalog.recognizers)
        for example in rule.examples
        if example.value
    ]
    values = pa.array([value for _, value in known])
    told = summarise(values, np.array([number for number, _ in known]), names=kinds, as_of=20261125)
    for row, (number, value) in enumerate(known):
        assert words(told, row) == expected(*kinds[number], value)
    found = [key for row in range(len(known)) for key in words(told, row)]
    assert all(found.count(key) > 10 for key in (*COARSE_NAMES, "sex"))


NAMES = [
    ("CN_RESIDENT_ID", "cn.resident_id"),
    ("CN_MOBILE", "cn.mobile"),
    ("MASKED", "masked.resident_id"),
    ("DAMAGED", "damaged.resident_id"),
    ("MASKED", "masked.mobile"),
    ("CN_FOREIGN_PR_ID", "cn.foreign_pr_id"),
    ("EMAIL_ADDRESS", "net.email"),
    ("CN_PLATE", "cn.plate"),
    ("ICCID", "device.iccid"),
    ("IMSI", "device.imsi"),
]
day = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)).map(
    lambda each: f"{each.year:04}{each.month:02}{each.day:02}"
)
almost = st.tuples(
    st.sampled_from(["43", "81", "11", "99", "9"]),
    st.text("0123456789", min_size=4, max_size=4),
    day | st.text("0123456789", min_size=6, max_size=8),
    st.text("0123456789X*", min_size=2, max_size=5),
).map("".join)


@example([(2, "0A0000000000000")], 0)
@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), almost | st.text("0123456789X*湘A"))), st.integers(0, 3)
)
def test_it_says_what_the_attributes_say_of_anything(
    found: list[tuple[int, str]], skip: int
) -> None:
    values = pa.array([value for _, value in found], pa.string()).slice(skip)
    found = found[skip:]
    told = summarise(
        values, np.array([kind for kind, _ in found], int), names=NAMES, as_of=20261125
    )
    for row, (kind, value) in enumerate(found):
        assert words(told, row) == expected(*NAMES[kind], value)
