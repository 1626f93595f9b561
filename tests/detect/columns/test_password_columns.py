"""Lists of accounts and passwords without column names; and device columns, whose names decide."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from piiscan.detect.catalog import catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.columns import column_types
from piiscan.detect.engine import Engine

ENGINE = Engine(catalog.load(), as_of=datetime.date(2026, 1, 1))
PHONES = ["19900000001", "19900000012", "19900000023", "19900000034", "19900000045"]
MAILS = [f"demo{n}@example.com" for n in range(5)]
QQ = ["9000000002", "123456789", "98765", "876543210", "55667788"]
PASSWORDS = ["abc12345", "Li198807", "qwe!23456", "woaini520", "123456a"]


def entities(*tables: list[str]) -> list[set[str]]:
    found = column_types.infer_column_types(ENGINE, None, [pa.array(cells) for cells in tables])
    by_id = ENGINE.catalog.by_id
    return [{by_id[id_].entity for id_ in column.recognizers} for column in found]


@pytest.mark.parametrize("accounts", [PHONES, MAILS, QQ], ids=["phones", "mails", "qq"])
def test_a_column_of_chosen_secrets_behind_accounts_is_one_of_passwords(
    accounts: list[str],
) -> None:
    assert entities(accounts, PASSWORDS)[1] == {"CREDENTIAL"}


@pytest.mark.parametrize(
    "cells",
    [
        ["SN000001", "SN000002", "SN000003", "SN000004", "SN000005"],
        ["2023-07-12", "2023-07-13", "2023-08-01", "2023-09-30", "2024-01-01"],
        ["e10adc3949ba59abbe56e057f20f883e"] * 2 + ["d41d8cd98f00b204e9800998ecf8427e"] * 3,
        ["active", "active", "blocked", "active", "deleted"],
        ["A123 B", "B234 C", "C345 D", "D456 E", "E567 F"],
        ["13.5", "99.0", "1024.75", "7.5", "120.25"],
        ["iPhone12", "iPhone12", "iPhone13", "iPhone12", "iPhone13"],
    ],
    ids=["serials", "days", "hashes", "states", "blanks", "amounts", "models"],
)
def test_codes_and_words_behind_accounts_are_no_passwords(cells: list[str]) -> None:
    assert "CREDENTIAL" not in entities(PHONES, cells)[1]


def test_passwords_need_an_account_in_front() -> None:
    assert entities(PASSWORDS, PHONES)[0] == set()
    assert entities(["x", "y", "zz", "w", "v"], PASSWORDS)[1] == set()


def test_aliases_beside_names_are_no_passwords() -> None:
    names = ["张三", "李四", "王小明", "欧阳娜娜", "赵六"]
    aliases = ["lilei1988", "wang520", "Summer2008", "zhao_66", "qian77888"]
    assert entities(names, PHONES, aliases)[2] == set()
    assert entities(names, PHONES, PASSWORDS)[2] == {"CREDENTIAL"}
    assert entities(PHONES, aliases)[1] == {"CREDENTIAL"}


def test_login_data_of_accounts_is_told_from_other_codes() -> None:
    data = [f"62706C6973743030{n:040X}" for n in range(5)]
    android = [f"A{n:015x}" for n in range(7, 12)]
    found = entities(PHONES, PASSWORDS, data, android)
    assert found[1:] == [{"CREDENTIAL"}] * 3
    assert entities(PHONES, [f"B{n:015x}" for n in range(7, 12)])[1] == set()


def test_the_secrets_of_a_line_are_found_behind_the_account() -> None:
    lines = ["13800138000----abc12345", "demo@qq.com:letmein", "demo@example.com----Demo_2023!"]
    found = ENGINE.find_table(pa.array(lines)).to_pylist()
    secrets = [
        (row["index"], row["start"], row["end"]) for row in found if row["entity"] == "CREDENTIAL"
    ]
    assert secrets == [(0, 15, 23), (1, 12, 19), (2, 20, 30)]


def test_login_data_of_thousands_of_characters_are_found_in_their_column() -> None:
    data = ["62706C6973743030" + f"{n:064X}" * 45 for n in range(5)]
    assert {len(cell) for cell in data} == {2896}
    for header in ("62数据", None):
        headers = ["手机号", header] if header else None
        (_, column) = column_types.infer_column_types(
            ENGINE, headers, [pa.array(PHONES), pa.array(data)]
        )
        found = ENGINE.find_table(pa.array(data), label=column.label)
        assert set(zip(found["start"].to_pylist(), found["end"].to_pylist(), strict=True)) == {
            (0, 2896)
        }
        assert found["value"].to_pylist() == data
        assert set(found["entity"].to_pylist()) == {"CREDENTIAL"}
    edge = ["A1" * (1 << 15), "A1" * (1 << 15) + "A"]
    found = ENGINE.find_table(pa.array(edge), label=label_of(ENGINE.catalog, "token"))
    assert found["index"].to_pylist() == [0]


def test_a_column_with_a_name_of_its_own_is_left_alone() -> None:
    found = column_types.infer_column_types(
        ENGINE, ["手机号", "备注"], [pa.array(PHONES), pa.array(PASSWORDS)]
    )
    assert found[1].label is None


def test_every_cell_of_a_password_column_is_found() -> None:
    (_, column) = column_types.infer_column_types(
        ENGINE, None, [pa.array(PHONES), pa.array(PASSWORDS)]
    )
    found = ENGINE.find_table(pa.array(PASSWORDS), label=column.label)
    assert found["index"].to_pylist() == list(range(5))
    assert set(found["entity"].to_pylist()) == {"CREDENTIAL"}


def test_a_column_called_imei_is_no_column_of_identity_numbers() -> None:
    cells = ["350301560525808", "350301560525816", "350301560525824"]  # Fujian, 1956-05-25
    (column,) = column_types.infer_column_types(ENGINE, ["IMEI"], [pa.array(cells)])
    assert "device.imei" in column.recognizers
    found = ENGINE.find_table(pa.array(cells), label=column.label)
    assert found["entity"].to_pylist() == ["IMEI"] * 3
    assert found["score"].to_pylist()[0] == 0.9


def test_coordinates_in_two_columns_are_parts() -> None:
    cells = [pa.array(["112.938812"]), pa.array(["28.228209"])]
    found = column_types.infer_column_types(ENGINE, ["经度", "纬度"], cells)
    assert all(column.label is not None and column.label.parts for column in found)
