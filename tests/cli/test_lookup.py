"""Asking a case on the command line: masked unless revealed, and no value where none belongs."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.sources.formats.pdf import made

PHONE, NAME, ID = "13800138000", "张三", "430104190506150016"
ROWS = f"姓名,身份证号,手机号\n{NAME},{ID},{PHONE}\n李四,110105194912310021,13900139000\n"


@pytest.fixture
def case(counted: Any) -> Path:
    return counted(ROWS)


def test_a_value_is_answered_with_its_masked_row(case: Path, call: Any) -> None:
    called = call("lookup", case, PHONE, "--key", "key")
    assert (called.code, called.lacks("138****8000", "a.csv", "同一值，1 处")) == (0, [])
    assert called.lacks(PHONE, ID, NAME) == [PHONE, ID, NAME]


def test_a_waybill_is_found_by_its_ending(counted: Any, call: Any) -> None:
    case = counted("运单号,收件人,收件人电话\nSF1000000003897,李四,13900139000\n")
    assert "快递运单号" in call("lookup", case, "尾号3897").out


def test_a_nickname_is_found_where_it_speaks_and_shown_as_typed(
    tmp_path: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chat").mkdir()
    chat = "2024-03-01 10:00:00 老K\n名单.xlsx\n2024-03-01 10:00:05 阿强\n收到\n"
    (tmp_path / "chat" / "与老K聊天记录.txt").write_text(chat, "utf-8")
    call("scan", "chat", "--case", "own", "--key", "key")
    called = call("lookup", "own", "老K", "小马", "--key", "key")
    path = "chat/与老K聊天记录.txt"
    assert called.lacks(f"发言人\n   {path} 第 1 行\n", f"{path}（标题、文件名）\n") == []
    assert called.lacks("老K：称呼或昵称，同一值，3 处") == []
    assert called.lacks("未找到 1 项：小马", "昵称只按聊天和清单中的一方查") == []


def test_a_hit_is_one_block(case: Path, call: Any) -> None:
    first, place, record, *_ = call("lookup", case, "尾号8000").out.splitlines()
    assert first.startswith("1  138****8000  手机号码  ")
    assert place.strip().endswith("a.csv 第 2 行 C 列 手机号")
    assert record.strip().startswith("所在记录：姓名：张")


def test_json_and_csv_have_the_same_answers(case: Path, call: Any) -> None:
    asked = ("lookup", case, "尾号8000", "--surname", "张")
    (told,) = call(*asked, "--format", "json").json
    assert (told["row"], told["header"], told["masked"]) == (2, "手机号", "138****8000")
    text = call(*asked, "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["行"], row["列名"], row["值"]) == ("2", "手机号", "138****8000")


def test_values_come_from_stdin_or_a_list_too(case: Path, call: Any) -> None:
    (case.parent / "list.txt").write_text(f"{PHONE}\n13700137000\n", "utf-8")
    for asked in (("--list", "list.txt"), ("-",)):
        called = call(
            "lookup", case, *asked, "--key", "key", stdin=f"{PHONE}\n13700137000\n".encode()
        )
        assert "未找到 1 项：137****7000" in called.out


def test_revealed_values_stand_as_in_the_source(case: Path, call: Any) -> None:
    called = call("lookup", case, "138****8000", "--reveal", "--format", "json")
    (told,) = called.json
    assert told["value"] == PHONE
    assert told["cells"] == [["姓名", NAME], ["身份证号", ID], ["手机号", PHONE]]


def test_a_spot_is_shown_masked_unless_clear(case: Path, call: Any) -> None:
    called = call("lookup", case, PHONE, "--key", "key", "--show")
    line = ">      2  姓名：张*；身份证号：4301***********016；手机号：【138****8000】"
    assert called.lacks("所在位置：第 2 行", line) == []
    assert called.lacks(PHONE, ID, NAME) == [PHONE, ID, NAME]
    (told,) = call("lookup", case, "尾号8000", "--show", "--clear", "--format", "json").json
    (line,) = told["spot"]["lines"]
    assert line["cells"] == [["姓名", NAME], ["身份证号", ID], ["手机号", f"【{PHONE}】"]]


def test_a_page_is_drawn_into_a_folder(tmp_path: Path, call: Any, case: Path) -> None:
    (tmp_path / "more").mkdir()
    page = made.document([made.lined("x", f"Tel {PHONE}")])
    (tmp_path / "more" / "a.pdf").write_bytes(page)
    assert call("scan", "more", "--case", "pages", "--key", "key").code == 0
    asked = ("lookup", "pages", "尾号8000", "--show", "-o", "out")
    called = call(*asked)
    assert f"图：{Path('out', '000001-000001.png')}\n" in called.out
    assert PHONE not in called.out
    (told,) = call(*asked, "--clear", "--format", "json").json
    assert told["spot"]["boxed"]
    assert Path(told["spot"]["picture"]).read_bytes().startswith(b"\x89PNG")


def test_errors_name_no_value(case: Path, call: Any) -> None:
    call("scan", "dump", "--case", "own", "--key", "key")
    Path("dump/a.csv").write_text("姓名\n无\n", "utf-8")
    called = call("lookup", "own", PHONE, "--key", "key", "--reveal")
    assert (called.code, called.lacks("a.csv 与扫描时不一致")) == (2, [])
    assert PHONE not in called.err
