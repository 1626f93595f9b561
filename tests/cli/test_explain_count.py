"""``piiscan explain-count`` on the command line."""

from typing import Any

ROWS = "姓名,手机号,账户余额\n张小明,19900001200,甲\n王建国,19900001201,乙\n张小明,19900001200,丙\n"
LEFT_OUT = {
    "zh": "R5 主体按关键字段去重：不计，关键字段与来源 1 dump/a.csv 第 2 行相同",
    "en": "R5 subjects by distinct key: left out, the same key as source 1 dump/a.csv row 2",
}


def test_a_row_is_explained_in_words(counted: Any, call: Any) -> None:
    case = counted(ROWS)
    for language, words in LEFT_OUT.items():
        told = call("explain-count", case, "--row", "1:4", "--lang", language)
        assert (told.code, told.err, told.lacks(words)) == (0, "", [])
        assert "19900001200" not in told.out
    assert "账户余额：字 | 字　不同" in call("explain-count", case, "--row", "1:4").out


def test_a_value_is_explained_and_shown_in_clear_on_demand(counted: Any, call: Any) -> None:
    case = counted(ROWS)
    words = ("explain-count", case, "--key", "19900001200", "--digest-key", "key")
    assert "19900001200" not in call(*words).out
    assert "手机号：19900001200 | 19900001200　相同" in call(*words, "--clear").out
    found = call(*words, "--format", "json").json
    assert [each["row"] for each in found] == [2, 4]
    assert found[1]["steps"][-1]["repeats"]["row"] == 2
    number = found[0]["person"]
    assert "归为一人（估计）的依据" in call("explain-count", case, "--person", number).out
