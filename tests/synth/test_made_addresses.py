"""Addresses name counties of today; parts of a row belong together."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from piiscan.errors import PiiscanError
from piiscan.synth import made_addresses
from piiscan.synth.sampler import Draw

Draws = Callable[..., Draw]


def test_columns_of_one_row_make_up_its_address(draw: Draws) -> None:
    one = draw(400)
    whole = made_addresses.address(one).text.to_pylist()
    parts = [
        made_addresses.region(one, level=level).text.to_pylist()
        for level in ("province", "city", "county")
    ]
    for text, province, city, county in zip(whole, *parts, strict=True):
        assert text.startswith(province)
        assert county in text
        assert city in text


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("plain", r"[一-鿿]{4,}\d+号[一-鿿]+\d+栋\d单元\d{3,4}"),
        ("village", r"[一-鿿]{4,}\d+组\d+号"),
        ("postcode", r".+\(000000\)"),
        ("masked_2023", r"[一-鿿]{4,}\d+号[一-鿿]+\*{3}"),
    ],
)
def test_forms_are_written_as_named(draw: Draws, form: str, shape: str) -> None:
    texts = made_addresses.address(draw(200), forms={form: 1}).text.to_pylist()
    assert all(re.fullmatch(shape, text) for text in texts)


def test_what_stands_behind_an_address_is_not_part_of_it(draw: Draws) -> None:
    for form in ("postcode", "masked_2023"):
        cells = made_addresses.address(draw(50), forms={form: 1})
        ends = cells.planted[0].end.tolist()
        tails = [text[end:] for text, end in zip(cells.text.to_pylist(), ends, strict=True)]
        assert set(tails) == {"(000000)" if form == "postcode" else "***"}


def test_unknown_words_are_refused_by_name(draw: Draws) -> None:
    with pytest.raises(PiiscanError, match="'planet'"):
        made_addresses.region(draw(2), level="planet")
    with pytest.raises(PiiscanError, match="'weapons'"):
        made_addresses.goods(draw(2), what="weapons")
    with pytest.raises(PiiscanError, match="no form 'upside_down'"):
        made_addresses.address(draw(2), forms={"upside_down": 1})
