"""Of a masked value only what is certain is told."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan import data
from piiscan.detect.attributes import attributes
from tests.oracles import attributes as naive

DAY = datetime.date(2026, 11, 25)


def told(kind: str, value: str) -> dict[str, Any]:
    return attributes("MASKED", f"masked.{kind}", value, as_of=DAY)


@pytest.mark.parametrize(
    ("value", "head", "tail", "more"),
    [
        ("4301**********0016", "4301", "0016", {"province": "湖南省", "prefecture": "长沙市"}),
        ("43****************", "43", "", {"province": "湖南省"}),
        ("4****************6", "4", "6", {}),
        ("430***1990******1X", "430", "1X", {"province": "湖南省", "birth_year": 1990}),
        ("430***199*******16", "430", "16", {"province": "湖南省"}),
        ("430***19900307****", "430", "", {"province": "湖南省", "birth_year": 1990}),
        ("430***900307***", "430", "", {"province": "湖南省", "birth_year": 1990}),
        ("4301****0016", "4301", "0016", {"province": "湖南省", "prefecture": "长沙市"}),
    ],
)
def test_identity_numbers(value: str, head: str, tail: str, more: dict[str, Any]) -> None:
    shown = {"mask_head": head, "mask_tail": tail, "mask_length": len(value)}
    assert told("resident_id", value) == shown | more


def test_a_shortened_mask_does_not_say_where_the_year_is() -> None:
    mine = told("resident_id", "4301041990****16")
    assert mine["county"] == "岳麓区"
    assert "birth_year" not in mine


@given(
    st.sampled_from(
        ["1", *sorted({r[0][:n] for r in data.rows("mobile_prefixes") for n in (2, 3, 4)})]
    )
)
@settings(deadline=None)
def test_carriers_of_masked_mobiles_are_certain(head: str) -> None:
    value = head.ljust(7, "*") + "8000"
    assert told("mobile", value).get("carrier") == naive.common_word("mobile_prefixes", head, 1)


@given(st.sampled_from(sorted({r[0][:n] for r in data.rows("bins") for n in (1, 2, 4, 6, 8)})))
@settings(deadline=None, max_examples=200)
def test_banks_of_masked_cards_are_certain(head: str) -> None:
    value = head + "*********0004"
    assert told("bank_card", value).get("bank") == naive.common_word("bins", head, 2)


def test_names_and_damaged_numbers() -> None:
    assert told("name", "张*") == {"mask_head": "张", "mask_tail": "", "mask_length": 2}
    damaged = attributes("DAMAGED", "damaged.resident_id", "430104199003070000", as_of=DAY)
    assert damaged["birth_date"] == "1990-03-07"
    assert "sex" not in damaged
    assert attributes("DAMAGED", "damaged.resident_id", "4.30104E+17", as_of=DAY) == {}
    assert attributes("DAMAGED", "damaged.bank_card", "621700199003070000", as_of=DAY) == {}
