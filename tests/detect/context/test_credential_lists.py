"""Fields of lists: which stand behind an account, across which separator, and at what cost."""

import datetime
import time

import pyarrow as pa
import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine

ENGINE = Engine(catalog.load(), as_of=datetime.date(2026, 1, 1))
ACCOUNTS = (
    "13800138000",
    "demo@example.com",
    "10018@qq.com",
    "wxid_abcdefghij0012",
    "430104190506150016",
)
SEPARATORS = ("----", "---", " ---- ", " --- ", "::", "|", "\t", ":", "－－－－", "｜", "：")


def secrets(text: str) -> list[str]:
    found = ENGINE.find_table(pa.array([text])).to_pylist()
    return [row["text"] for row in found if row["entity"] == "CREDENTIAL"]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_password_is_found_one_separator_behind_every_account(
    account: str, separator: str
) -> None:
    assert secrets(f"{account}{separator}abc12345") == ["abc12345"]
    assert secrets(f"序\n{account}{separator}abc12345\n") == ["abc12345"]


@pytest.mark.parametrize(
    "separator", ["-----", "--", "-", " | ", ",", " ", "------", "|||", "----|"]
)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_nothing_else_separates(account: str, separator: str) -> None:
    assert secrets(f"{account}{separator}abc12345") == []


@pytest.mark.parametrize("separator", ["::", "|", "\t", ":"])
def test_a_later_column_of_a_table_is_no_account(separator: str) -> None:
    assert secrets(f"7{separator}13800138000{separator}abc12345") == []
    assert secrets(f"张三,13800138000{separator}abc12345") == []


def test_every_separator_of_a_chain_counts() -> None:
    chain = "13800138000----pw111111----demo@example.com----pw222222----A0123456789abcde"
    assert secrets(chain) == ["pw111111", "pw222222", "A0123456789abcde"]


@pytest.mark.parametrize(
    "field",
    ["12345", "1234567890123", "2023-01-01", "45.00", "430104190506150017", "13900139000", "张三"],
)
def test_numbers_that_nobody_chose_are_no_passwords(field: str) -> None:
    for separator in ("----", "|", "::", "\t", ":"):
        assert secrets(f"13800138000{separator}{field}") == []


def test_digits_alone_are_a_password_only_where_their_line_ends() -> None:
    assert secrets("13800138000|123456\n13800138000|654321") == ["123456", "654321"]
    assert secrets("13800138000|123456|1") == []
    assert secrets("13800138000----123456----1") == ["123456"]


def test_a_refuted_account_labels_nothing() -> None:
    assert secrets("430104190506150017|abc12345") == []


def test_zero_width_characters_are_crossed() -> None:
    assert secrets("138\u200b00138000-\u200b---abc\u200b12345") == ["abc\u200b12345"]


def test_the_separator_is_the_context() -> None:
    (_, row) = ENGINE.find_table(pa.array(["13800138000::abc12345"])).to_pylist()
    assert (row["context"], row["score"]) == ("::", 0.85)
    label = label_of(ENGINE.catalog, "密码")
    (row,) = ENGINE.find_table(pa.array(["abc12345"]), label=label).to_pylist()
    assert row["context"] == "密码"


@pytest.mark.parametrize(
    "text",
    [
        "10018----" * 40_000,
        "13800138000----a1b2c3----" * 20_000,
        "a1b2c3---" * 40_000,
        "-" * 400_000,
        "姓名,手机\n" * 40_000,
        "姓名,手机,微信\n" + "张三,13800138000,demo_88888\n" * 12_000,
    ],
)
def test_a_hostile_list_costs_its_length(text: str) -> None:
    ENGINE.find_table(pa.array([text[:100]]))
    times = []
    for share in (4, 1):
        begun = time.perf_counter()
        ENGINE.find_table(pa.array([text[: len(text) // share]]))
        times.append(time.perf_counter() - begun)
    assert times[1] < 12 * times[0] + 0.5
