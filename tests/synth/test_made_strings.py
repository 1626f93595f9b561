"""Patterns are filled in as written, and check digits are right."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from stdnum import ean, luhn
from stdnum.cn import uscc

from piiscan.errors import PiiscanError
from piiscan.synth import made_strings, word_lists
from piiscan.synth.sampler import Draw

Draws = Callable[..., Draw]


def test_signs_of_a_pattern_stand_for_their_characters(draw: Draws) -> None:
    texts = made_strings.pattern(draw(), patterns={"a-#~^%&": 1}).text.to_pylist()
    assert all(re.fullmatch(r"a-\d[0-9a-f][A-Z][a-z0-9][A-Za-z0-9]", text) for text in texts)
    assert len(set(texts)) > 900


def test_cards_pass_luhn_and_accounts_begin_with_zeros(draw: Draws) -> None:
    texts = made_strings.shared_pattern(
        draw(), table="cards.tsv", entity="CN_BANK_CARD"
    ).text.to_pylist()
    assert all(luhn.is_valid(text) and text[6:9] == "000" for text in texts)
    assert {len(text) for text in texts} == {16, 18, 19}


def test_a_wrong_luhn_digit_is_always_wrong(draw: Draws) -> None:
    cells = made_strings.pattern(draw(), patterns={"62220200########0": 1}, check="luhn_wrong")
    assert not any(luhn.is_valid(text) for text in cells.text.to_pylist())


def test_bank_and_card_of_a_row_belong_together(draw: Draws) -> None:
    one = draw()
    banks = made_strings.shared_pattern(one, table="cards.tsv", name=True).text.to_pylist()
    cards = made_strings.shared_pattern(one, table="cards.tsv").text.to_pylist()
    prefix = {row[0]: row[2][:6] for row in word_lists.read_table("cards.tsv")}
    assert all(card.startswith(prefix[bank]) for bank, card in zip(banks, cards, strict=True))


def test_barcodes_and_postal_items_have_right_check_digits(draw: Draws) -> None:
    codes = made_strings.pattern(
        draw(), patterns={"690#########0": 1}, check="ean13"
    ).text.to_pylist()
    assert all(ean.is_valid(code) for code in codes)
    items = made_strings.pattern(
        draw(), patterns={"RB########0GB": 1}, check="s10"
    ).text.to_pylist()
    weights = (8, 6, 4, 2, 3, 5, 9, 7)
    for item in items:  # UPU S10: RB 12345678 5 GB
        rest = 11 - sum(w * int(d) for w, d in zip(weights, item[2:10], strict=True)) % 11
        assert int(item[10]) == {10: 0, 11: 5}.get(rest, rest)


def test_addresses_of_mail_have_a_sign_that_providers_do_not_give_out(draw: Draws) -> None:
    texts = made_strings.email(draw(), domains={"163.com": 1}).text.to_pylist()
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
    texts = made_strings.time(draw(), first="2022-01-01", last="2023-07-12", style=style).text
    assert all(re.fullmatch(shape, text) for text in texts.to_pylist())
    if style == "day":
        assert min(texts.to_pylist()) >= "2022-01-01"
        assert max(texts.to_pylist()) < "2023-07-12"


def test_amounts_and_numbers_keep_to_their_limits(draw: Draws) -> None:
    amounts = [
        float(text) for text in made_strings.price(draw(), low=9.9, high=3999).text.to_pylist()
    ]
    assert 9.89 <= min(amounts) <= max(amounts) <= 3999
    numbers = {int(text) for text in made_strings.integer(draw(), low=1, high=5).text.to_pylist()}
    assert numbers == {1, 2, 3, 4, 5}


def test_choices_come_at_their_weights(draw: Draws) -> None:
    texts = made_strings.choice(draw(20_000), items={"已售": 3, "未售": 7}).text.to_pylist()
    assert abs(texts.count("已售") / 20_000 - 0.3) < 0.02


def test_social_credit_codes_pass_their_checks(draw: Draws) -> None:
    made = made_strings.pattern(draw(), patterns={"91430100MA00####00": 1}, check="uscc").text
    assert all(uscc.is_valid(text) for text in made.to_pylist())


def test_unknown_checks_and_styles_are_refused_by_name(draw: Draws) -> None:
    with pytest.raises(PiiscanError, match="'crc'"):
        made_strings.pattern(draw(2), patterns={"##": 1}, check="crc")
    with pytest.raises(PiiscanError, match="'moon'"):
        made_strings.time(draw(2), first="2022-01-01", last="2022-01-02", style="moon")
