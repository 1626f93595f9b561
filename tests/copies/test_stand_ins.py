"""What is written in copies: stand-ins of values, and which copies hold them."""

import pyarrow as pa

from piiscan.copies.replacer import build_replacer
from piiscan.copies.stand_ins import NO_MARK, StandIns, value_mark
from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF
from piiscan.masking.pseudonym import Item, pseudonyms
from piiscan.tabular.search import TableSearch

PLAIN = Item("13800138000", "CN_MOBILE", "cn.mobile", "13800138000")
DASHED = Item("138-0013-8000", "CN_MOBILE", "cn.mobile", "13800138000")
NAME = Item("张三", "PERSON", "cn.person", "张三")
SECRET = Item("Demo1234", "CREDENTIAL", "cn.password", "Demo1234")


def test_another_draw_is_another_for_every_way_to_write_a_value() -> None:
    stand_ins = StandIns()
    first = pseudonyms([PLAIN, DASHED, NAME], bytes(32), redraws=stand_ins.redraw_count)
    assert first == pseudonyms([PLAIN, DASHED, NAME], bytes(32))
    stand_ins.redraw([value_mark(DASHED)])
    plain, dashed, name = pseudonyms(
        [PLAIN, DASHED, NAME], bytes(32), redraws=stand_ins.redraw_count
    )
    assert plain != first[0]
    assert name == first[2]
    assert dashed.replace("-", "") == plain
    assert (len(stand_ins), stand_ins.redraw_count(PLAIN), stand_ins.redraw_count(NAME)) == (
        1,
        1,
        0,
    )


def test_of_secrets_nothing_is_drawn() -> None:
    stand_ins = StandIns()
    assert stand_ins.redraw([value_mark(SECRET)]).tolist() == []
    assert len(stand_ins) == 0


def test_a_copy_holds_its_values_once_and_no_other_copy_does() -> None:
    stand_ins = StandIns()
    made = stand_ins.assign([PLAIN, NAME, DASHED], ["1", "2", "3"])
    assert made == [("1", value_mark(PLAIN)), ("2", value_mark(NAME)), ("3", value_mark(PLAIN))]
    stand_ins.assign([NAME], ["2"])
    for _ in range(2):  # a query changes nothing
        assert stand_ins.marks.tolist() == sorted({value_mark(PLAIN), value_mark(NAME)})
    stand_ins.start_copy()
    assert stand_ins.marks.tolist() == []


def test_a_mask_drawn_anew_hides_all_wherever_it_stands() -> None:
    stand_ins = StandIns(is_mask=True)
    (first, known), secret = stand_ins.assign([NAME, SECRET], ["张*", "********"])
    assert (first, secret) == ("张*", ("********", NO_MARK))
    stand_ins.redraw([known])
    other = Item("张四", "PERSON", "cn.person", "张四")
    again = stand_ins.assign([NAME, other, PLAIN], ["张*", "张*", "138****8000"])
    assert [new for new, _ in again] == ["**", "**", "138****8000"]
    assert [mark for _, mark in again[:2]] == [NO_MARK, NO_MARK]
    assert known in stand_ins.marks


def test_no_pseudonym_of_an_example_passes_for_real() -> None:
    engine = Engine(load(), as_of=AS_OF)
    rules = engine.catalog.recognizers
    texts = [example.text for rule in rules for example in rule.examples]
    found = engine.find_table(pa.array(texts, pa.string()), names=False)
    columns = ("text", "entity", "recognizer", "value")
    items = [Item(*row) for row in zip(*(found[c].to_pylist() for c in columns), strict=True)]
    search = TableSearch(engine, reveal=True)
    made = build_replacer(search, "pseudonym", key=bytes(32), language="zh").anonymize(items)
    assert len(items) > 200
    assert not any(new == item.text for new, item in zip(made, items, strict=True))
    real = engine.find_table(pa.array(made, pa.string()), names=False).to_pylist()
    verified = {each["entity"] for each in real if each["verdict"] == "verified"}
    assert verified <= {"EMAIL_ADDRESS", "IP_ADDRESS"}
