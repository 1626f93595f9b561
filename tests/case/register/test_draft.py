"""The draft of a register: rows of use, and proposals that can be seen to be such."""

from pathlib import Path

import pytest

from piiscan.case.register.draft import build_nodes, draft_lines, proposal_cells, propose_values
from piiscan.case.register.entry import register_form
from piiscan.case.register.intake import parse_proposals, read_register
from piiscan.forms.writer import sheet_bytes
from piiscan.sources.walk import Input


def inputs(*paths: str) -> list[Input]:
    return [Input(Path(path), path, 10, 0) for path in paths]


def rows(*paths: str, roots: tuple[str, ...] = ("d",)) -> dict[str, dict[str, object]]:
    lines = draft_lines(build_nodes(inputs(*paths), roots), "zh")
    return {str(line.cells["path"]): dict(line.cells) for line in lines}


def test_each_file_and_each_folder_of_use_has_a_row_folders_first() -> None:
    found = rows("d/a/b/c/x.csv", "d/a/b/c/y.csv", "d/z.csv")
    assert list(found) == ["d", "d/a/b/c", "d/a/b/c/x.csv", "d/a/b/c/y.csv", "d/z.csv"]
    assert [found[p].get("files") for p in found] == [3, 2, None, None, None]
    assert [found[p]["size"] for p in found] == [30, 20, 10, 10, 10]
    assert [found[p]["kind"] for p in found][:3] == ["文件夹", "文件夹", "文件"]


@pytest.mark.parametrize(
    ("path", "root", "first"),
    [
        ("x/d/a.csv", "x/d", "x/d"),
        ("/x/d/a.csv", "/x/d/", "/x/d"),
        ("/a.csv", "/", "/"),
        ("b/a.csv", ".", "."),
        ("../d/a.csv", "../d", "../d"),
        ("d/a.csv", "d/a.csv", "d/a.csv"),
    ],
)
def test_rows_begin_with_what_was_given(path: str, root: str, first: str) -> None:
    assert next(iter(rows(path, roots=(root,)))) == first


#: Name of a folder -> what it proposes.
PROPOSED: dict[str, dict[str, str]] = {
    "张三-手机1": {"suspect": "张三", "device": "手机1"},
    "张三的iPhone 12 Pro": {"suspect": "张三", "device": "iPhone12Pro"},
    "嫌疑人李四": {"suspect": "李四"},
    "嫌疑人甲": {"suspect": "甲"},
    "嫌疑人阿强-手机": {"suspect": "阿强", "device": "手机"},
    "嫌疑人的手机": {"device": "手机"},
    "李四（嫌疑人）电脑": {"suspect": "李四", "device": "电脑"},
    "检材1": {"item": "检材1"},
    "检材2024-001 张三手机": {"item": "检材2024-001", "suspect": "张三", "device": "手机"},
    "3号检材": {"item": "3号检材"},
    **{name: {"layer": "deleted"} for name in ("已删除", "微信恢复数据", "$RECYCLE.BIN")},
    **{name: {"layer": "carved"} for name in ("carved", "recup_dir.2")},
    "OCR": {"layer": "ocr"},
    "备份": {"layer": "archived"},
    **{
        name: {}
        for name in ("嫌疑人名单", "未删除", "手机号码", "张三", "文件-资料", "电脑配件客户")
    },
}


@pytest.mark.parametrize("name", PROPOSED)
def test_names_of_folders_propose_what_they_say(name: str) -> None:
    assert propose_values(name, folder=True) == PROPOSED[name]
    cells, told = proposal_cells(PROPOSED[name], "zh")
    assert parse_proposals(told) == cells


def test_a_folder_called_like_a_person_is_theirs_if_it_holds_a_device() -> None:
    found = rows("d/张三/手机1/a.csv", "d/张三/电脑/b.csv", "d/李四/客户/c.csv")
    assert found["d/张三"]["suspect"] == "张三"
    assert found["d/张三/手机1"]["proposed"] == "设备=手机1"
    assert "suspect" not in found.get("d/李四", {})
    assert "suspect" not in rows("查获/张三-手机/a.csv", roots=("查获",))["查获"]


def test_a_draft_given_back_untouched_says_nothing_but_that_proposals_wait() -> None:
    nodes = build_nodes(inputs("d/张三-手机1/=cmd.csv", "d/检材2/b.csv", "d/😀 c.csv"), ["d"])
    for language in ("zh", "en"):
        content = sheet_bytes(register_form(), draft_lines(nodes, language), language=language)  # type: ignore[arg-type]
        register = read_register(content, "r.xlsx")
        assert [entry.path for entry in register.entries] == [node.path for node in nodes]
        assert [entry.values for entry in register.entries] == [{}] * len(nodes)
        assert sum(bool(entry.unconfirmed) for entry in register.entries) == 2


def test_proposals_stand_out_and_files_can_be_left_out() -> None:
    nodes = build_nodes(inputs("d/张三-手机1/a.csv", "d/b.csv"), ["d"])
    marked = {str(line.cells["path"]): set(line.marked) for line in draft_lines(nodes, "zh")}
    assert marked["d/张三-手机1"] == {"state", "suspect", "device"}
    assert marked["d/b.csv"] == set()
    assert [line.cells["path"] for line in draft_lines(nodes, "zh", list_files=False)] == [
        "d",
        "d/张三-手机1",
    ]
