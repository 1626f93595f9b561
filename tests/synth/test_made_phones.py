"""Telephone numbers are allotted ones that no subscriber has."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from piiscan import data
from piiscan.errors import PiiscanError
from piiscan.synth import made_phones, word_lists
from piiscan.synth.sampler import Draw

Draws = Callable[..., Draw]


def free(number: str) -> bool:
    """Whether the number's segment has no subscribers."""
    return any(
        int(a) <= int(number[:7]) <= int(b) for a, b, _ in word_lists.read_table("segments.tsv")
    )


def test_mobile_numbers_have_allotted_prefixes_and_free_segments(draw: Draws) -> None:
    allotted = tuple(row[0] for row in data.rows("mobile_prefixes"))
    numbers = made_phones.mobile(draw(3000)).text.to_pylist()
    assert all(number.startswith(allotted) and free(number) for number in numbers)


def test_all_networks_and_many_prefixes_occur(draw: Draws) -> None:
    numbers = made_phones.mobile(draw(20_000)).text.to_pylist()
    assert len({number[:3] for number in numbers}) >= 20
    assert any(number.startswith("192") for number in numbers)


@pytest.mark.parametrize(
    ("form", "shape"),
    [
        ("plus86", r"\+86\d{11}"),
        ("plus86_spaced", r"\+86 \d{11}"),
        ("bare86", r"86\d{11}"),
        ("intl86", r"0086-\d{11}"),
        ("bracket86", r"\(\+86\)\d{11}"),
        ("leading0", r"01\d{10}"),
        ("spaced", r"\d{3} \d{4} \d{4}"),
        ("hyphenated", r"\d{3}-\d{4}-\d{4}"),
        ("full_width", r"[０-９]{11}"),
        ("double", r"\d{11}/\d{11}"),
        ("unallotted", r"1(54|60|63|69|79)\d{8}"),
        ("damaged_sci", r"1\.[3-9]\dE\+10"),
        ("masked_3_4", r"\d{3}\*{4}\d{4}"),
    ],
)
def test_forms_are_written_as_named(draw: Draws, form: str, shape: str) -> None:
    cells = made_phones.mobile(draw(300), forms={form: 1})
    assert all(re.fullmatch(shape, text) for text in cells.text.to_pylist())
    if cells.planted[0].entity == "CN_MOBILE":
        values = [value for marks in cells.planted for value in marks.value.to_pylist()]
        assert all(re.fullmatch(r"1\d{10}", value) for value in values)


@pytest.mark.parametrize("form", ["masked_2023", "masked_2_2"])
def test_labels_since_2023_hide_at_least_six_digits(draw: Draws, form: str) -> None:
    texts = made_phones.mobile(draw(100), forms={form: 1}).text.to_pylist()
    assert all(len(text) == 11 and text.count("*") >= 6 for text in texts)


def test_virtual_numbers_share_few_hosts_and_keep_the_extension_in_the_value(draw: Draws) -> None:
    cells = made_phones.virtual(draw(500))
    for text, value in zip(cells.text.to_pylist(), cells.planted[0].value.to_pylist(), strict=True):
        host, extension = value.split(";ext=")
        assert text.startswith(host)
        assert text.endswith(extension)
        assert host.startswith("18412000")


def test_landlines_have_the_length_of_their_area(draw: Draws) -> None:
    lengths = {row[0]: row[1] for row in data.rows("area_codes")}
    for text in made_phones.landline(draw(500)).text.to_pylist():
        area, number = text.split("-")
        assert str(len(number)) in lengths[area].split(",")


def test_an_unknown_form_is_refused_by_name(draw: Draws) -> None:
    for make in (made_phones.mobile, made_phones.landline):
        with pytest.raises(PiiscanError, match="no form 'upside_down'"):
            make(draw(3), forms={"upside_down": 1})
