"""Calls that cannot be done: code 2 and the reason, and nothing is written or changed."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

import piiscan
from tests.case.scanned import write_files
from tests.cli.conftest import TWO, contents

#: Call -> part of its message.
REFUSED = {
    "serve case": "须给出操作人",
    "run dump --serve": "须给出操作人",
    "judge case": "--row、--sheet 或 --from",
    "judge case --row 1:2": "须有理由和认定人",
    "judge case --row 1:2 --as wrong": "false, overlooked, right",
    "judge case --row 1:2 --as overlooked --reason a --author b": "--kind",
    "judge case --row 1:2 --kind 鞋码": "没有这种类型",
    "sample case": "须给出要写入的文件",
    "sample case -o dump": "已存在",
    "sample case -o x.xlsx --by people": "total, source, suspect, item, kind",
    "sample case -o x.xlsx --singly": "没有可供核实的记录",
    "sample case -o x.xlsx --policy tier-1999": "没有这个规则",
    "sample case --take none.xlsx": "none.xlsx",
    "sample case --take dump/a.csv": "编号",
    "explain-count case": "--row、--key、--person 之一",
    "explain-count case --row 1:2 --person 0": "--row、--key、--person 之一",
    "explain-count case --row 2": "行的写法应为",
    "explain-count case --person 99": "没有第 99 号人",
    "report case --format rtf": "terminal, csv, json, html",
    "report case -o x": "--format csv",
    "report case --format json -o dump/a.csv": "位于来源",
    "report case --format json -o case/manifest.json": "案卷自己的文件",
    "report case --format xlsx -o case/manifest.json": "案卷自己的文件",
    "report case --format html -o case/manifest.json": "案卷自己的文件",
    "report case --format docx --template none.docx": "没有这个文件",
    "report case --format docx --template key": "不是 .docx 文档",
    "report case --format docx --field x": "名称=内容",
    "report case --format xlsx --field a=b": "--format docx",
    "report case --format template": "写到哪个文件",
    "report case --as 公安 --format csv": "只用于 --format docx 或 template",
    "report dump": "请用同样的命令再次扫描",
    "export case -o list.csv": "不会覆盖",
    "export case -o a.doc": ".xlsx, .csv, .parquet",
    "export case -o a.csv --unit x": "row, key, person",
    "export case -o a.csv --step R9": "只能取 R5，不能取 R9",
    "disc case -o 盘 --as 法院": "可选 公安, 检察, 说明",
    "overlap case": "两个或更多",
    "overlap case case": "给了两次",
    "lookup case": "没有要查的值",
    "lookup case 13800138000 --key none": "没有密钥文件 none",
    "lookup case 13800138000 --key key --clear": "须与 --show 一起使用",
    "lookup case 13800138000 --key key -o out": "须与 --show 一起使用",
    "lookup case 13800138000 --key key --show --format csv": "--show 用于 terminal 或 json",
    "lookup case 13800138000 --key key --kind x": "没有这种类型",
    "lookup case --tail x": "尾号应为两位以上的数字",
    "lookup case 尾号8000 --show -o dump/out": "不得向证据中写入",
    "verify case --signature key": "--signature, --public-key",
    "verify a.zip": "--timestamp",
    "delete-list case --format csv -o case/manifest.json": "位于案卷",
    "delete-list case --format csv -o case/list.csv": "位于案卷",
    "scan dump --case dump/case --key key": "位于来源",
    "scan nowhere --case new": "没有这个文件或文件夹：nowhere",
    "scan dump --case new --register none.xlsx": "没有这个文件",
    "columns dump -o list.csv": "不会覆盖",
    "register dump -o list.csv": "不会覆盖",
    "score gold.jsonl --merge X": "piiscan score --help",
    "score gold.jsonl --pred no": "piiscan score --help",
    "score gold.jsonl --format csv": "piiscan score --help",
    "explain 13800138000 --reveal": "只用于 --html",
    "explain 13800138000 --json --html x.html": "只能选一个",
    "explain 13800138000 --html nowhere/x.html": "nowhere",
    "redact dump -o out --operator no": "mask, replace",
    "redact . -o ./out": "位于来源",
    "recognizers show cn.resident": "cn.resident_id",
    "recognizers check dump": "dump",
    "sources dump --only sheets": "既不是文件种类，也不是路径模式",
    "find --version": "没有选项 --version",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A counted case beside its source and key, labelled texts, a list, and an empty zip."""
    home = write_files(
        tmp_path_factory.mktemp("refused"),
        {
            "dump/a.csv": TWO,
            "gold.jsonl": json.dumps({"text": "a", "spans": []}) + "\n",
            "list.csv": "somebody's work",
            "a.zip": b"",
        },
    )
    case = piiscan.scan(home / "dump", case=home / "case", key=home / "key")
    piiscan.count(case)
    return home


@pytest.mark.parametrize("words", REFUSED)
def test_a_call_that_cannot_be_done_says_why(
    words: str, home: Path, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    before = contents(home)
    called = call(*shlex.split(words))
    assert called.code == 2
    assert REFUSED[words] in called.err
    assert contents(home) == before
