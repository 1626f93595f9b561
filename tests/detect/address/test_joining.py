"""Spans that stand one behind the other are one address where the second goes on with the first."""

from __future__ import annotations

import pyarrow as pa
import pytest

from piiscan.detect.address.joining import continue_texts, score_texts
from piiscan.detect.address.parser import parse_all


def goes_on(ahead: str, behind: str) -> bool:
    pair = (parse_all(pa.array([text])) for text in (ahead, behind))
    return bool(continue_texts(*pair)[0])


@pytest.mark.parametrize(
    ("ahead", "behind"),
    [
        ("湖南省", "长沙市"),
        ("湖南省长沙市", "岳麓区示例路3号"),
        ("岳麓区", "示例小区3栋2单元501"),
        ("示例路3号", "示例小区3栋"),
        ("示例小区3栋", "2单元501室"),
        ("示例村", "3组45号"),
        ("示例小区3栋2单元501", "长沙市天心区"),
    ],
)
def test_smaller_parts_go_on_and_a_region_left_out_may_follow(ahead: str, behind: str) -> None:
    assert goes_on(ahead, behind)


@pytest.mark.parametrize(
    ("ahead", "behind"),
    [
        ("湖南省长沙市", "广东省深圳市"),
        ("长沙市岳麓区示例路3号", "广州市天河区示例路5号"),
        ("示例小区3栋501", "示例小区5栋201"),
        ("长沙市岳麓区", "广州市示例路"),
        ("湖南省", "张三"),
        ("张三", "李四"),
        ("", "长沙市"),
        ("长沙市", ""),
    ],
)
def test_two_addresses_and_what_is_none_do_not(ahead: str, behind: str) -> None:
    assert not goes_on(ahead, behind)


def test_columns_of_homes_score_high_and_other_columns_low() -> None:
    homes = ["长沙市岳麓区示例路3号", "示例小区3栋501", "示例村3组45号", "湖南省长沙市示例镇示例村"]
    others = ["张三", "示例商贸有限公司", "2023-07-12 10:00", "已签收", "SF0000000000001", None]
    assert score_texts(pa.array(homes)).min() >= 0.5
    assert score_texts(pa.array(others)).max() <= 0.25
