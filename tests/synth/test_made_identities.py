"""Numbers are what their form says: right, wrong, damaged or masked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from stdnum.cn import ric

from piiscan.errors import PiiscanError
from piiscan.synth import made_identities
from piiscan.synth.sampler import Draw

Draws = Callable[..., Draw]


def sound(number: str) -> bool:
    """Whether the check character is right, by another implementation."""
    return bool(ric.calc_check_digit(number) == number[17])


@pytest.mark.parametrize("form", ["plain", "hmt", "grouped", "spaced", "full_width", "lower_x"])
def test_sound_forms_have_a_right_check_character(draw: Draws, form: str) -> None:
    marks = made_identities.resident_id(draw(), forms={form: 1}).planted[0]
    assert all(sound(number) for number in marks.value.to_pylist())
    assert not marks.refuted


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("grouped", r"\d{6}-\d{8}-\d{3}[\dX]"),
        ("spaced", r"\d{6} \d{8} \d{3}[\dX]"),
        ("full_width", r"[０-９]{17}[０-９Ｘ]"),
        ("lower_x", r"\d{17}[\dx]"),
        ("hmt", r"8[123]0000\d{11}[\dX]"),
        ("old15", r"\d{12}000"),
        ("damaged_15sig", r"\d{15}000"),
        ("damaged_sci", r"[1-9](\.\d{1,5})?E\+17"),
        ("masked_6_4", r"\d{6}\*{8}\d{3}[\dX]"),
        ("masked_1_1", r"\d\*{16}[\dX]"),
        ("bad_date", r"\d{10}1[3-9]\d{5}[\dX]"),
    ],
)
def test_forms_are_written_as_named(draw: Draws, form: str, shape: str) -> None:
    texts = made_identities.resident_id(draw(), forms={form: 1}).text.to_pylist()
    assert all(re.fullmatch(shape, text, re.ASCII) for text in texts)


def test_wrong_check_characters_are_all_wrong(draw: Draws) -> None:
    cells = made_identities.resident_id(draw(), forms={"wrong_check": 1})
    assert not any(sound(number) for number in cells.text.to_pylist())
    assert cells.planted[0].refuted


def test_no_number_cut_to_15_digits_passes_by_luck(draw: Draws) -> None:
    texts = made_identities.resident_id(draw(5000), forms={"damaged_15sig": 1}).text.to_pylist()
    assert not any(sound(text) for text in texts)


def test_damaged_and_masked_numbers_are_no_resident_ids(draw: Draws) -> None:
    cells = made_identities.resident_id(draw(), forms={"damaged_sci": 1, "masked_3_4": 1})
    assert {(m.entity, m.of) for m in cells.planted} == {
        ("DAMAGED", "CN_RESIDENT_ID"),
        ("MASKED", "CN_RESIDENT_ID"),
    }


def test_forms_come_at_their_stated_rates(draw: Draws) -> None:
    cells = made_identities.resident_id(draw(20_000), forms={"plain": 0.9, "wrong_check": 0.1})
    wrong = next(marks for marks in cells.planted if marks.form == "wrong_check")
    assert abs(len(wrong.cell) / 20_000 - 0.1) < 0.01


def test_name_number_sex_and_birth_of_a_row_are_one_person(draw: Draws) -> None:
    one = draw(500)
    numbers = made_identities.resident_id(one).text.to_pylist()
    births = made_identities.attribute(one, what="birth").text.to_pylist()
    sexes = made_identities.attribute(one, what="sex").text.to_pylist()
    assert [number[6:14] for number in numbers] == [birth.replace("-", "") for birth in births]
    assert [int(number[16]) % 2 for number in numbers] == [int(sex == "男") for sex in sexes]


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("plain", r"[一-鿿]{2,4}"),
        ("dotted", r"[一-鿿]+·[一-鿿]+"),
        ("masked_star", r"[一-鿿]{1,2}\*"),
        ("masked_stars", r"[一-鿿]{1,2}\*\*"),
        ("masked_head", r"\*[一-鿿]{1,2}"),
    ],
)
def test_names_are_written_as_named(draw: Draws, form: str, shape: str) -> None:
    assert all(
        re.fullmatch(shape, text)
        for text in made_identities.name(draw(), forms={form: 1}).text.to_pylist()
    )


def test_an_unknown_form_is_refused_by_name(draw: Draws) -> None:
    for make in (made_identities.name, made_identities.resident_id):
        with pytest.raises(PiiscanError, match="no form 'upside_down'"):
            make(draw(3), forms={"upside_down": 1})
