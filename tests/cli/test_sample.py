"""``piiscan sample`` on the command line: what is written, told, and refused."""

from pathlib import Path
from typing import Any

from tests.filled_sheets import fill_in

NAMES = ("张小明", "王建国", "李丽华", "赵志强", "刘秀英")
ROWS = "姓名,手机号\n" + "".join(f"{NAMES[n % 5]},1990000{1200 + n}\n" for n in range(12))


def test_a_sample_tells_how_it_was_drawn(counted: Any, call: Any) -> None:
    called = call("sample", counted(ROWS), "-o", "s.xlsx", "--size", 5, "--seed", "7")
    algorithm = "SHA-256(SEED|SOURCE|MEMBER|ROW|GROUP)"
    assert called.lacks("已写入 5 条：s.xlsx", algorithm, "SEED = 7", "不推算到条数") == []
    assert called.code == 0


def test_results_are_printed_with_bounds_and_told_if_nobody_verified(
    counted: Any, call: Any
) -> None:
    case = counted(ROWS)
    call("sample", case, "-o", "s.xlsx", "--size", 5)
    fill_in(Path("s.xlsx"), lambda _: {"核实结果": "实"})
    told = call("sample", case, "--take", "s.xlsx")
    assert "其中 5 条未填核实方式、核实人或核实时间" in told.err
    by = {"核实方式": "电话", "核实人": "甲", "核实时间": "今天"}
    fill_in(Path("s.xlsx"), lambda _: by)
    told = call("sample", case, "--take", "s.xlsx", "--lang", "en")
    assert (told.code, told.err) == (0, "")
    # 0.05 ** (1 / 5)
    assert told.lacks("54.93", "5 records have a result", "Nothing is deleted") == []


def test_one_by_one_has_no_bounds_and_nothing_drawn(counted: Any, call: Any) -> None:
    called = call("sample", counted(ROWS), "--each", "--step", "R3", "-o", "e.xlsx")
    assert called.lacks("已写入 12 条", "逐一核实：R3 计入的记录，全部列出") == []
    assert "SEED" not in called.out


def test_records_that_another_reading_would_not_sample_are_told(counted: Any, call: Any) -> None:
    rows = "".join(f"{NAMES[n % 5]},wxid_abcdefghijkl{n:02d}\n" for n in range(9))
    called = call("sample", counted("姓名,微信号\n" + rows), "-o", "s.xlsx")
    assert "有 9 条，在其他口径下应逐一核实" in called.err
