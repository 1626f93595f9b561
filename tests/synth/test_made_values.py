"""Made values are what their form says: right, wrong, damaged or masked; parts of a row agree."""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from stdnum import ean, luhn
from stdnum.cn import ric, uscc

from piiscan import data
from piiscan.errors import PiiscanError
from piiscan.synth import made_addresses, made_identities, made_phones, made_strings, word_lists
from piiscan.synth.planted_cells import Cells, blank_cells, mask_cells, plant
from piiscan.synth.sampler import Draw

Draws = Callable[..., Draw]
MAKERS = {
    "address": made_addresses.address,
    "resident_id": made_identities.resident_id,
    "name": made_identities.name,
    "mobile": made_phones.mobile,
    "landline": made_phones.landline,
}


def texts_of(cells: Cells) -> list[str]:
    texts: list[str] = cells.text.to_pylist()
    return texts


@pytest.mark.parametrize(
    ("kind", "form", "shape"),
    [
        ("address", "plain", r"[一-鿿]{4,}\d+号[一-鿿]+\d+栋\d单元\d{3,4}"),
        ("address", "village", r"[一-鿿]{4,}\d+组\d+号"),
        ("address", "postcode", r".+\(000000\)"),
        ("address", "masked_2023", r"[一-鿿]{4,}\d+号[一-鿿]+\*{3}"),
        ("resident_id", "grouped", r"\d{6}-\d{8}-\d{3}[\dX]"),
        ("resident_id", "spaced", r"\d{6} \d{8} \d{3}[\dX]"),
        ("resident_id", "full_width", r"[０-９]{17}[０-９Ｘ]"),
        ("resident_id", "lower_x", r"\d{17}[\dx]"),
        ("resident_id", "hmt", r"8[123]0000\d{11}[\dX]"),
        ("resident_id", "old15", r"\d{12}000"),
        ("resident_id", "damaged_15sig", r"\d{15}000"),
        ("resident_id", "damaged_sci", r"[1-9](\.\d{1,5})?E\+17"),
        ("resident_id", "masked_6_4", r"\d{6}\*{8}\d{3}[\dX]"),
        ("resident_id", "masked_1_1", r"\d\*{16}[\dX]"),
        ("resident_id", "bad_date", r"\d{10}1[3-9]\d{5}[\dX]"),
        ("name", "plain", r"[一-鿿]{2,4}"),
        ("name", "dotted", r"[一-鿿]+·[一-鿿]+"),
        ("name", "masked_star", r"[一-鿿]{1,2}\*"),
        ("name", "masked_stars", r"[一-鿿]{1,2}\*\*"),
        ("name", "masked_head", r"\*[一-鿿]{1,2}"),
        ("mobile", "plus86", r"\+86\d{11}"),
        ("mobile", "plus86_spaced", r"\+86 \d{11}"),
        ("mobile", "bare86", r"86\d{11}"),
        ("mobile", "intl86", r"0086-\d{11}"),
        ("mobile", "bracket86", r"\(\+86\)\d{11}"),
        ("mobile", "leading0", r"01\d{10}"),
        ("mobile", "spaced", r"\d{3} \d{4} \d{4}"),
        ("mobile", "hyphenated", r"\d{3}-\d{4}-\d{4}"),
        ("mobile", "full_width", r"[０-９]{11}"),
        ("mobile", "double", r"\d{11}/\d{11}"),
        ("mobile", "unallotted", r"1(54|60|63|69|79)\d{8}"),
        ("mobile", "damaged_sci", r"1\.[3-9]\dE\+10"),
        ("mobile", "masked_3_4", r"\d{3}\*{4}\d{4}"),
        # labels since 2023 hide at least six digits
        ("mobile", "masked_2023", r"(?=(\d*\*){6})[\d*]{11}"),
        ("mobile", "masked_2_2", r"(?=(\d*\*){6})[\d*]{11}"),
    ],
)
def test_forms_are_written_as_named(draw: Draws, kind: str, form: str, shape: str) -> None:
    cells = MAKERS[kind](draw(300), forms={form: 1})  # type: ignore[operator]
    assert all(re.fullmatch(shape, text, re.ASCII) for text in texts_of(cells))
    if cells.planted[0].entity == "CN_MOBILE":
        values = [value for marks in cells.planted for value in marks.value.to_pylist()]
        assert all(re.fullmatch(r"1\d{10}", value) for value in values)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        *((lambda one, f=f: f(one, forms={"odd": 1}), "no form 'odd'") for f in MAKERS.values()),
        (lambda one: made_addresses.region(one, level="planet"), "'planet'"),
        (lambda one: made_addresses.goods(one, what="weapons"), "'weapons'"),
        (lambda one: made_strings.pattern(one, patterns={"##": 1}, check="crc"), "'crc'"),
        (lambda one: made_strings.time(one, first="2022-01-01", last="2022-01-02", style="moon"),
         "'moon'"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_refused_by_name(
    draw: Draws, make: Callable[[Draw], Any], named: str
) -> None:
    with pytest.raises(PiiscanError, match=named):
        make(draw(3))


def test_columns_of_one_row_make_up_its_address(draw: Draws) -> None:
    one = draw(400)
    parts = [made_addresses.region(one, level=each) for each in ("province", "city", "county")]
    columns = [texts_of(cells) for cells in (made_addresses.address(one), *parts)]
    for text, province, city, county in zip(*columns, strict=True):
        assert text.startswith(province)
        assert county in text
        assert city in text


@pytest.mark.parametrize(("form", "tail"), [("postcode", "(000000)"), ("masked_2023", "***")])
def test_what_stands_behind_an_address_is_not_part_of_it(draw: Draws, form: str, tail: str) -> None:
    cells = made_addresses.address(draw(50), forms={form: 1})
    ends = cells.planted[0].end.tolist()
    assert {text[end:] for text, end in zip(texts_of(cells), ends, strict=True)} == {tail}


def has_right_check(number: str) -> bool:
    """Return True if the check character is right, by another implementation."""
    return bool(ric.calc_check_digit(number) == number[17])


@pytest.mark.parametrize("form", ["plain", "hmt", "grouped", "spaced", "full_width", "lower_x"])
def test_sound_forms_have_a_right_check_character(draw: Draws, form: str) -> None:
    marks = made_identities.resident_id(draw(), forms={form: 1}).planted[0]
    assert all(map(has_right_check, marks.value.to_pylist()))
    assert not marks.refuted


@pytest.mark.parametrize("form", ["wrong_check", "damaged_15sig"])
def test_wrong_check_characters_are_all_wrong(draw: Draws, form: str) -> None:
    cells = made_identities.resident_id(draw(5000), forms={form: 1})
    assert not any(map(has_right_check, texts_of(cells)))
    assert cells.planted[0].refuted == (form == "wrong_check")


def test_damaged_and_masked_numbers_are_no_resident_ids(draw: Draws) -> None:
    cells = made_identities.resident_id(draw(), forms={"damaged_sci": 1, "masked_3_4": 1})
    assert {(m.entity, m.of) for m in cells.planted} == {
        ("DAMAGED", "CN_RESIDENT_ID"),
        ("MASKED", "CN_RESIDENT_ID"),
    }


def test_forms_and_choices_come_at_their_stated_rates(draw: Draws) -> None:
    cells = made_identities.resident_id(draw(20_000), forms={"plain": 0.9, "wrong_check": 0.1})
    wrong = next(marks for marks in cells.planted if marks.form == "wrong_check")
    assert abs(len(wrong.cell) / 20_000 - 0.1) < 0.01
    texts = texts_of(made_strings.choice(draw(20_000), items={"已售": 3, "未售": 7}))
    assert abs(texts.count("已售") / 20_000 - 0.3) < 0.02


def test_name_number_sex_and_birth_of_a_row_are_one_person(draw: Draws) -> None:
    one = draw(500)
    numbers = texts_of(made_identities.resident_id(one))
    births = texts_of(made_identities.attribute(one, what="birth"))
    sexes = texts_of(made_identities.attribute(one, what="sex"))
    assert [number[6:14] for number in numbers] == [birth.replace("-", "") for birth in births]
    assert [int(number[16]) % 2 for number in numbers] == [int(sex == "男") for sex in sexes]


def test_mobile_numbers_have_allotted_prefixes_and_free_segments(draw: Draws) -> None:
    allotted = tuple(row[0] for row in data.rows("mobile_prefixes"))
    numbers = texts_of(made_phones.mobile(draw(20_000)))
    assert all(number.startswith(allotted) for number in numbers)
    spans = [(int(a), int(b)) for a, b, _ in word_lists.read_table("segments.tsv")]
    for head in {int(number[:7]) for number in numbers}:
        assert any(first <= head <= last for first, last in spans)
    assert len({number[:3] for number in numbers}) >= 20
    assert any(number.startswith("192") for number in numbers)


def test_virtual_numbers_share_few_hosts_and_keep_the_extension_in_the_value(draw: Draws) -> None:
    cells = made_phones.virtual(draw(500))
    for text, value in zip(texts_of(cells), cells.planted[0].value.to_pylist(), strict=True):
        host, extension = value.split(";ext=")
        assert text.startswith(host)
        assert text.endswith(extension)
        assert host.startswith("18412000")


def test_landlines_have_the_length_of_their_area(draw: Draws) -> None:
    lengths = {row[0]: row[1] for row in data.rows("area_codes")}
    for text in texts_of(made_phones.landline(draw(500))):
        area, number = text.split("-")
        assert str(len(number)) in lengths[area].split(",")


def postal_check(item: str) -> int:
    """Return the check digit of UPU S10: RB 12345678 5 GB."""
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    rest = 11 - sum(w * int(d) for w, d in zip(weights, item[2:10], strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


@pytest.mark.parametrize(
    ("pattern", "check", "holds"),
    [
        ("690#########0", "ean13", ean.is_valid),
        ("RB########0GB", "s10", lambda text: int(text[10]) == postal_check(text)),
        ("91430100MA00####00", "uscc", uscc.is_valid),
        ("62220200########0", "luhn_wrong", lambda text: not luhn.is_valid(text)),
        (
            *("a-#~^%&", None),
            lambda text: re.fullmatch(r"a-\d[0-9a-f][A-Z][a-z0-9][A-Za-z0-9]", text),
        ),
    ],
)
def test_patterns_are_filled_in_and_have_their_check_digits(
    draw: Draws, pattern: str, check: str | None, holds: Callable[[str], bool]
) -> None:
    texts = texts_of(made_strings.pattern(draw(), patterns={pattern: 1}, check=check))
    assert all(map(holds, texts))
    assert len(set(texts)) > 900


def test_bank_and_card_of_a_row_belong_together(draw: Draws) -> None:
    one = draw()
    banks = texts_of(made_strings.shared_pattern(one, table="cards.tsv", name=True))
    cards = texts_of(made_strings.shared_pattern(one, table="cards.tsv", entity="CN_BANK_CARD"))
    prefix = {row[0]: row[2][:6] for row in word_lists.read_table("cards.tsv")}
    assert all(card.startswith(prefix[bank]) for bank, card in zip(banks, cards, strict=True))
    assert all(luhn.is_valid(card) and card[6:9] == "000" for card in cards)
    assert {len(card) for card in cards} == {16, 18, 19}


def test_addresses_of_mail_have_a_sign_that_providers_do_not_give_out(draw: Draws) -> None:
    texts = texts_of(made_strings.email(draw(), domains={"163.com": 1}))
    assert all(re.fullmatch(r"[a-z]+-[a-z0-9]{6}@163\.com", text) for text in texts)


@pytest.mark.parametrize(
    ("style", "shape"),
    [
        ("minute", r"20\d\d-\d\d-\d\d \d\d:\d\d"),
        ("second", r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d"),
        ("day", r"20\d\d-\d\d-\d\d"),
        ("compact", r"20\d{12}"),
        ("epoch_ms", r"16\d{11}"),
    ],
)
def test_times_are_written_in_their_style_and_within_their_limits(
    draw: Draws, style: str, shape: str
) -> None:
    made = made_strings.time(draw(), first="2022-01-01", last="2023-07-12", style=style)
    texts = texts_of(made)
    assert all(re.fullmatch(shape, text) for text in texts)
    assert style != "day" or "2022-01-01" <= min(texts) <= max(texts) < "2023-07-12"


def test_amounts_and_numbers_keep_to_their_limits(draw: Draws) -> None:
    amounts = list(map(float, texts_of(made_strings.price(draw(), low=9.9, high=3999))))
    assert 9.89 <= min(amounts) <= max(amounts) <= 3999
    assert set(texts_of(made_strings.integer(draw(), low=1, high=5))) == set("12345")


@pytest.mark.parametrize(
    ("text", "value", "form", "masked"),
    [
        ("19900001234", "19900001234", "masked_3_4", "199****1234"),
        ("+86 199 0000 1234", "19900001234", "masked_3_4", "199****1234"),
        ("430104190506150016", "430104190506150016", "masked_6_4", "430104********0016"),
        ("张小明", "张小明", "masked_star", "张*"),
    ],
)
def test_the_middle_of_a_value_is_hidden(text: str, value: str, form: str, masked: str) -> None:
    cells = mask_cells(plant(pa.array([text]), "CN_MOBILE", value=pa.array([value])), form)
    assert texts_of(cells) == [masked]
    (marks,) = cells.planted
    assert (marks.entity, marks.of, marks.form) == ("MASKED", "CN_MOBILE", form)
    assert marks.value.to_pylist() == [value]
    assert marks.end.tolist() == [len(masked)]


def test_empty_and_damaged_cells_stay_what_they_are() -> None:
    damaged = plant(pa.array(["1.99E+10", "1.98E+10"]), "DAMAGED", original_entity="CN_MOBILE")
    cells = blank_cells(damaged, pa.array([True, False]).to_numpy(zero_copy_only=False))
    assert texts_of(mask_cells(cells, "masked_3_4")) == ["", "1.98E+10"]
