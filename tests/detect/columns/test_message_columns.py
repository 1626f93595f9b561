"""Columns of the device's holder: in messages and calls of one device, in no list of people."""

from __future__ import annotations

import pyarrow as pa
import pytest

from piiscan.detect.columns.message_columns import own_columns

CALLS = ["本机号码", "对方号码", "通话时长"]


def columns(own: list[str | None]) -> list[pa.Array]:
    return [pa.array(own), pa.array(["13900139000"] * len(own)), pa.array(["60"] * len(own))]


@pytest.mark.parametrize(
    ("headers", "own", "found"),
    [
        (CALLS, ["13800138000"] * 9, (0,)),
        (CALLS, ["13800138000", "13800138001", None] * 3, (0,)),
        (CALLS, [f"1380013800{n}" for n in range(9)], ()),  # a list of subscribers
        (["本机号码", "姓名", "地址"], ["13800138000"] * 9, ()),
        (["机主账号", "发送者", "内容"], ["wxid_a"] * 9, (0,)),
        (["本机账号信息", "id", "type"], [f"{n}" for n in range(9)], (0,)),
    ],
)
def test_who_holds_the_device(
    headers: list[str | None], own: list[str | None], found: tuple[int, ...]
) -> None:
    assert own_columns(headers, columns(own)) == found
