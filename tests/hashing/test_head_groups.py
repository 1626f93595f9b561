"""A head that people copy by hand: groups, errors of typing, and full digits."""

from __future__ import annotations

import random
from typing import Final

import pytest

from piiscan.errors import CaseError
from piiscan.hashing.head_groups import head_groups, parse_head
from tests.keys import random_secret

HEADS: Final = [random_secret(number).hex() for number in range(200)]


def test_groups_have_160_bits_and_come_back_as_them() -> None:
    for sha256 in HEADS:
        groups = head_groups(sha256)
        assert [len(each) for each in groups.split(" ")] == [4] * 9
        assert not set(groups) & set("ILOU")
        assert parse_head(groups) == sha256[:40]


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace(" ", ""),
        lambda text: text.replace(" ", "-"),
        lambda text: text.replace(" ", "\u3000，"),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in text),
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: f"\n {text} \n",
    ],
)
def test_width_case_blanks_and_dashes_are_ignored(change: object) -> None:
    for sha256 in HEADS[:20]:
        assert parse_head(change(head_groups(sha256))) == sha256[:40]  # type: ignore[operator]


def test_64_hexadecimal_digits_are_the_head_itself() -> None:
    assert parse_head(HEADS[0].upper()) == HEADS[0]
    assert parse_head(" ".join(HEADS[0][at : at + 8] for at in range(0, 64, 8))) == HEADS[0]


def test_an_error_of_typing_is_told_from_another_head() -> None:
    draw = random.Random(7)
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for sha256 in HEADS:
        typed = list(head_groups(sha256).replace(" ", ""))
        at = draw.randrange(36)
        typed[at] = draw.choice([sign for sign in signs if sign != typed[at]])
        with pytest.raises(CaseError, match="mistyped"):
            parse_head("".join(typed))
        swapped = list(head_groups(sha256).replace(" ", ""))
        at = draw.randrange(35)
        if swapped[at] != swapped[at + 1]:
            swapped[at : at + 2] = swapped[at + 1], swapped[at]
            with pytest.raises(CaseError, match="mistyped"):
                parse_head("".join(swapped))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "not 0"),
        (head_groups(HEADS[0])[:-1], "not 35"),
        (HEADS[0][:-1], "not 63"),
        (head_groups(HEADS[0])[:5] + "U" + head_groups(HEADS[0])[6:], "group 2"),
    ],
)
def test_what_is_no_head_is_refused(typed: str, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        parse_head(typed)
