"""What single cells of a register say."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from piiscan.case.register.entry import (
    ALGORITHMS,
    VALUE_COLUMNS,
    Entry,
    merge_entries,
    read_choice,
    read_number,
    read_price,
    read_text,
    read_time,
    register_form,
)
from piiscan.errors import CellError
from piiscan.forms.schema import heading_keys

DAYS = ("2024-03-05", "2024/3/5", "2024.03.05", "2024年3月5日", "20240305", "２０２４－３－５")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        *((cell, "2024-03-05") for cell in DAYS),
        ("2024-03-05 14:30", "2024-03-05 14:30"),
        ("2024-03-05T14:30:09", "2024-03-05 14:30:09"),
        ("2024年3月5日 9时05分", "2024-03-05 09:05"),
        ("45356", "2024-03-05"),  # as a reformatted cell holds it
        ("45356.5", "2024-03-05 12:00"),
    ],
)
def test_days_and_moments_are_read(cell: str, moment: str) -> None:
    assert read_time(cell) == datetime.datetime.fromisoformat(moment)


@pytest.mark.parametrize("cell", ["2024-13-05", "2024年3月", "三月五日", "2024", "昨天", "24-3-5"])
def test_what_is_no_day_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="no date"):
        read_time(cell)


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        *((cell, "1200.00") for cell in ("1200", "1200.0", "￥1200元", "人民币 1200 元整")),
        *(("1,200.50", "1200.50"), ("1.2万", "12000.00"), ("３０万元", "300000.00")),
        *(("0", "0.00"), ("三千元", "3000.00"), ("12,345,678", "12345678.00")),
    ],
)
def test_amounts_are_read(cell: str, yuan: str) -> None:
    assert read_price(cell) == Decimal(yuan)


NO_AMOUNTS = (
    "800元/条",
    "每条5元",
    "4元一条",
    "-5",
    "20-30",
    "100 USDT",
    "1,2",
    "1e5",
    "1.005",
    "约500",
)


@pytest.mark.parametrize("cell", [*NO_AMOUNTS, "9" * 20, "9" * 200])
def test_what_is_no_amount_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="no amount"):
        read_price(cell)


@pytest.mark.parametrize("read", [read_text, read_time, read_price])
@pytest.mark.parametrize("cell", ["-", "无", "—", " None "])
def test_a_sign_for_nothing_is_nothing(read: Any, cell: str) -> None:
    assert read(cell) is None
    assert read_choice(cell, "role") is None


def test_texts_are_one_line() -> None:
    assert read_text(" 张三\n 、李四 ") == "张三 、李四"


WORDS = {
    "role": "获取=acquired 购买=acquired 出售=sold 提供=provided 持有=held 未知=unknown Sold=sold",
    "layer": "已删除=deleted 恢复=deleted ＯＣＲ=ocr carved=carved",
}


@pytest.mark.parametrize("column", WORDS)
def test_roles_and_layers_are_known_by_their_words(column: str) -> None:
    for cell, _, code in (each.partition("=") for each in WORDS[column].split()):
        assert read_choice(f" {cell}", column) == code


def test_an_unknown_word_is_refused_without_repeating_it() -> None:
    with pytest.raises(CellError) as caught:
        read_choice("13800138000", "role")
    assert "138" not in str(caught.value)


def entry(row: int, **said: Any) -> Entry:
    return Entry(row, "x", said, {})


def test_the_deepest_row_wins_cell_by_cell() -> None:
    rows = [entry(1, item="1", suspect="张三", device="手机"), entry(2, item="2", device=None)]
    assert merge_entries(rows, {}) == {"item": "2", "suspect": "张三", "device": None}


def test_another_role_is_another_transfer() -> None:
    above = {"suspect": "张三", "role": "sold", "party_to": "乙", "price": Decimal(5)}
    assert merge_entries([entry(1, role="acquired", party_from="甲")], above) == {
        "suspect": "张三", "role": "acquired", "party_from": "甲", "register_row": 1,
    }  # fmt: skip
    rows = {"register_row": 2, "price_row": 2}
    assert merge_entries([entry(2, role="sold", price=None)], above) == above | rows | {
        "price": None
    }
    assert merge_entries([entry(2, price=Decimal(7))], above) == above | rows | {
        "price": Decimal(7)
    }


def test_a_price_and_a_number_are_those_of_the_row_that_states_them() -> None:
    folder = entry(1, role="sold", price=Decimal(5), lost_records=9)
    assert merge_entries([folder, entry(2, item="2")], {})["register_row"] == 1
    inner = merge_entries([folder, entry(2, unlawful="no")], {})
    assert (inner["register_row"], inner["price_row"], inner["lost_records"]) == (2, 1, 9)
    other = merge_entries([folder, entry(3, role="held")], {})
    assert other == {"role": "held", "register_row": 3}


def test_numbers_of_records_are_read_and_nothing_else() -> None:
    assert [read_number(c) for c in ("4300", "4,300条", "1.2万", "-")] == [4300, 4300, 12000, None]
    for cell in ("0.5", "很多", "20-30"):
        with pytest.raises(CellError):
            read_number(cell)


def test_every_column_is_known_by_headings_that_no_other_has() -> None:
    form = register_form()
    seen: dict[str, str] = {}
    for column in form.columns:
        for text in (column.name, *column.heading.values(), *column.also):
            for key in heading_keys(text):
                assert seen.setdefault(key, column.name) == column.name, key
    assert {*VALUE_COLUMNS, *ALGORITHMS} <= {column.name for column in form.columns}
    for column in form.columns:
        words = [w for c in column.choices for w in (c.code, *c.words.values(), *c.also)]
        assert {column.code_of(word) for word in words} == {c.code for c in column.choices}
