"""Which stand-in a value has, and which copies hold it."""

from __future__ import annotations

from piiscan.masking.pseudonym import Item, pseudonyms
from piiscan.redact.stand_ins import NONE, Draws, mark

PLAIN = Item("13800138000", "CN_MOBILE", "cn.mobile", "13800138000")
DASHED = Item("138-0013-8000", "CN_MOBILE", "cn.mobile", "13800138000")
NAME = Item("张三", "PERSON", "cn.person", "张三")
SECRET = Item("Demo1234", "CREDENTIAL", "cn.password", "Demo1234")


def test_another_draw_is_another_for_every_way_to_write_a_value() -> None:
    draws = Draws()
    first = pseudonyms([PLAIN, DASHED, NAME], bytes(32), drawn=draws.times)
    assert first == pseudonyms([PLAIN, DASHED, NAME], bytes(32))
    draws.again([mark(DASHED)])
    plain, dashed, name = pseudonyms([PLAIN, DASHED, NAME], bytes(32), drawn=draws.times)
    assert plain != first[0]
    assert name == first[2]
    assert dashed.replace("-", "") == plain
    assert (len(draws), draws.times(PLAIN), draws.times(NAME)) == (1, 1, 0)


def test_of_secrets_nothing_is_drawn() -> None:
    draws = Draws()
    assert draws.again([mark(SECRET)]).tolist() == []
    assert len(draws) == 0


def test_a_copy_holds_its_values_once_and_no_other_copy_does() -> None:
    draws = Draws()
    made = draws.settled([PLAIN, NAME, DASHED], ["1", "2", "3"])
    assert made == [("1", mark(PLAIN)), ("2", mark(NAME)), ("3", mark(PLAIN))]
    draws.settled([NAME], ["2"])
    assert sorted(draws.held().tolist()) == sorted({mark(PLAIN), mark(NAME)})
    assert draws.held().tolist() == []


def test_a_mask_drawn_anew_hides_all_wherever_it_stands() -> None:
    draws = Draws(masks=True)
    (first, known), secret = draws.settled([NAME, SECRET], ["张*", "********"])
    assert (first, secret) == ("张*", ("********", NONE))
    draws.again([known])
    other = Item("张四", "PERSON", "cn.person", "张四")
    again = draws.settled([NAME, other, PLAIN], ["张*", "张*", "138****8000"])
    assert [new for new, _ in again] == ["**", "**", "138****8000"]
    assert [mark for _, mark in again[:2]] == [NONE, NONE]
    assert known in draws.held()
