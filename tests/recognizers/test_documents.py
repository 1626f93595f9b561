"""Documents and vehicles: every series behind its word, nothing of it in product codes and logs."""

import datetime
import random
import string
from typing import Any

import pyarrow as pa
import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.engine import Engine

ENGINE = Engine(load(), as_of=datetime.date(2026, 1, 1))
#: What these tests are about; the rest of the catalogue may find what it likes.
KINDS = {
    *("CN_FOREIGN_PR_ID", "CN_TRAVEL_PERMIT", "CN_PASSPORT", "HK_ID", "TW_ID", "MO_ID"),
    *("CN_MILITARY_ID", "CN_DRIVER_ARCHIVE", "CN_PLATE", "VIN"),
}
#: Every series of passports: letters, and how many digits follow.
SERIES = [
    *(("E", 8), ("G", 8), ("14", 7), ("15", 7), ("PE", 7), ("P", 7), ("P", 8), ("SE", 7)),
    *(("S", 7), ("S", 8), ("DE", 7), ("D", 7), ("D", 8), ("MA", 7), ("K", 8), ("KJ", 7), ("H", 8)),
    *((f"E{letter}", 7) for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ"),
]


def found(*texts: str, min_score: float = 0.5) -> list[list[tuple[str, str]]]:
    rows: list[list[tuple[str, str]]] = [[] for _ in texts]
    table: list[dict[str, Any]] = ENGINE.find_table(
        pa.array(texts), min_score=min_score
    ).to_pylist()
    for row in table:
        if row["entity"] in KINDS:
            rows[row["index"]].append((row["entity"], row["value"]))
    return rows


@pytest.mark.parametrize(("head", "digits"), SERIES)
def test_a_passport_of_each_series_needs_its_word(head: str, digits: int) -> None:
    number = head + "0" * (digits - 1) + "1"
    bare, low, behind, lower, longer = (
        found(number)[0],
        found(number, min_score=0.3)[0],
        found(f"护照号码：{number}")[0],
        found(f"passport no. {number.lower()}")[0],
        found(f"护照号码：{number}2345")[0],
    )
    assert bare == []
    assert low or head.isdigit()  # nine digits are likelier a waybill
    assert behind == lower == [("CN_PASSPORT", number)]
    assert longer == []


@pytest.mark.parametrize(
    ("entity", "text", "value"),
    [
        ("CN_PASSPORT", "护照{}", "E00000001"),
        ("CN_TRAVEL_PERMIT", "回乡证{}", "H00000001"),
        ("CN_TRAVEL_PERMIT", "港澳通行证{}", "CA0000001"),
        ("CN_TRAVEL_PERMIT", "台胞证{}", "00000001"),
        ("CN_FOREIGN_PR_ID", "{}", "911124190506150017"),
        ("CN_FOREIGN_PR_ID", "永居证{}", "USA110005061501"),
        ("HK_ID", "{}", "C000001(7)"),
        ("TW_ID", "{}", "F200000017"),
        ("CN_DRIVER_ARCHIVE", "档案编号{}", "110000000002"),
        ("CN_PLATE", "{}", "湘A12345"),
        ("CN_PLATE", "{}", "湘AD12345"),
        ("CN_PLATE", "{}", "湘A12345D"),
        ("CN_PLATE", "{}", "WJ湘00001"),
        ("CN_MILITARY_ID", "{}", "军字第0000001号"),
        ("VIN", "{}", "LVS000005D0000004"),
    ],
)
def test_every_way_to_write_it_gives_the_same_value(entity: str, text: str, value: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    thin = "\u200b".join(value)
    ways = [value, wide, thin, f"'{value}", f'"{value}"', f"\ufeff{value}", f"：{value}，"]
    ways += [f"：{value}持有", value.lower()]
    if text == "{}":
        ways.append(f'="{value}"')
    for way in ways:
        assert found(text.replace("{}", way)) == [[(entity, value)]], way


@pytest.mark.parametrize(
    "text",
    [
        *("E12345678", "G12345678", "型号E12345678", "料号 H12345678", "货号C12345678", "D1234567"),
        *("CA1234", "航班CZ3101", "MU5735次航班", "K12345678", "发票号码12345678", "P/N S12345678"),
        *("SKU E12345678 x2", "order E12345678 shipped", "kernel: D12345678 unhandled"),
        *("142857142", "150000000", "金额 150000000", "MA1234567", "T12345678", "工号L12345678"),
        *("SN: ABC12345678901234", "12345678901234567", "图号A123456(4)", "20230712123456789"),
        *("全新GLK300", "阿里云ECS123", "新款CRV2023", "即使100000人", "验证码123456使用"),
        *(
            "王建军85551234",
            "护士8001234",
            "女士85550000",
            "冠军1234567",
            "1234567(8)",
            "USA110005061501",
        ),
        *("京A12345号楼", "湘A4纸张", "军训第123期", "档案 110000000002 页", "00000001"),
        *("DDH202307120001", "STO202307120001", "VA12345", "WJ12345", "使用123456次"),
    ],
)
def test_codes_of_other_things_are_left_alone(text: str) -> None:
    assert found(text) == [[]]


def test_chance_finds_one_in_ten_where_a_check_digit_is_all_there_is() -> None:
    rng = random.Random(4)

    def codes(alphabet: str, count: int) -> str:
        return "".join(rng.choices(alphabet, k=count))

    capitals, digits = string.ascii_uppercase, string.digits
    made = {
        "letter and nine digits": [codes(capitals, 1) + codes(digits, 9) for _ in range(3000)],
        "letter and six (one)": [
            f"{codes(capitals, 1)}{codes(digits, 6)}({codes(digits, 1)})" for _ in range(3000)
        ],
        "seventeen": [codes(capitals + digits, 17) for _ in range(3000)],
        "seventeen digits": [codes(digits, 17) for _ in range(3000)],
        "letter and eight": [codes(capitals, 1) + codes(digits, 8) for _ in range(3000)],
        "two and seven": [codes(capitals, 2) + codes(digits, 7) for _ in range(3000)],
        "eighteen digits": [codes("9", 1) + codes(digits, 17) for _ in range(3000)],
    }
    rates = {name: sum(map(bool, found(*texts))) / 3000 for name, texts in made.items()}
    assert rates.pop("letter and nine digits") < 0.05
    assert rates.pop("letter and six (one)") < 0.11
    assert max(rates.values()) < 0.001, rates


def test_a_company_code_that_reads_as_a_foreigner_is_a_company_behind_its_label() -> None:
    text = "统一社会信用代码：911101198001011769"
    rows = ENGINE.find_table(pa.array([text])).to_pylist()
    assert [row["entity"] for row in rows] == ["CN_USCC"]


def test_two_plates_in_a_row_and_a_building_beside_them() -> None:
    text = "湘A12345、湘B·54321停在3号楼，京C12345号楼旁"
    assert found(text) == [[("CN_PLATE", "湘A12345"), ("CN_PLATE", "湘B54321")]]
