"""Small tables that are searched and counted together say what each says alone."""

from pathlib import Path

import pytest

from piiscan import count
from piiscan.case.count.subjects import record_subjects
from piiscan.case.scan import block_scanner, joined_blocks, source_reader
from tests.case.dump import content, scan_dump
from tests.case.scanned import query_rows, write_files
from tests.keys import random_secret, write_key

_RUN = "\n".join(f"张三,138000{n:05}" for n in range(60))
FILES = {
    "a.csv": "姓名,手机号\n张三,13800138000\n李四,13900139000\n",
    "b.csv": "姓名,手机号\n张三,13800138000\n姓名,手机号\n合计,2\n",
    "c.csv": "手机号,买家,价格\n13800138000,王五,4\n13600136000,,\n",
    "d.csv": "手机号,买家,价格\n13600136000,赵六,5\n",
    "e.csv": f"姓名,手机号\n{_RUN}\n",
    "f.csv": f"姓名,手机号\n{_RUN}\n",
    "g.csv": "姓名,手机号\n",
    "i.csv": "姓名,手机号,姓名,手机号\n张三,13800138000,李四,13900139000\n",
    "j.csv": "姓名,手机号,姓名,手机号\n,,李四,13900139001\n",
}
#: A line of names that ends a text, and rows that begin the next; doubts that a list settles.
TEXTS = (
    "张三 13800138000\n紧急联系人：李四\n电话：13900139000\n",
    "发你看看\n姓名/手机/微信",
    "王五/13800138000/demo_88888\n",
    "发你看看\n姓名/手机/微信\n王五/13800138000/demo_88888",
    "陈明/13800138001/demo_99999\n",
    "13600136000\n\n寄件人：陈明的店 13700137000\n",
    "客户冯巩来群里\n那边冯巩学五年\n今天 482910375516 到了\n",
)
LIST = {"list.csv": "姓名,快递单号\n冯巩,482910375516\n"}


def _as_mail(number: int, text: str) -> str:
    head = f"From a@example.com Mon Mar  2 10:00:00 2026\nFrom: a{number}@example.com\n"
    return f"{head}Subject: 名单\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n"


DUMPS = {
    "tables": FILES,
    "texts": LIST | {f"{n}.txt": text for n, text in enumerate(TEXTS)},
    "mails": LIST | {"m.mbox": "".join(_as_mail(n, text) for n, text in enumerate(TEXTS))},
}


@pytest.mark.parametrize("dump", DUMPS)
@pytest.mark.parametrize("whole_case", [False, True])
def test_small_tables_are_found_and_counted_as_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dump: str, whole_case: bool
) -> None:
    folder = write_files(tmp_path / "dump", DUMPS[dump])
    cases, secret, joined = [], random_secret(1), []
    real = joined_blocks.join_blocks

    for name, sources, rows in (("together", 64, 4096), ("alone", 1, -1)):
        monkeypatch.setattr(source_reader, "_BATCH_SOURCES", sources)
        monkeypatch.setattr(block_scanner, "_MOST_ROWS", rows)
        monkeypatch.setattr(record_subjects, "_SMALL", rows)
        monkeypatch.setattr(
            "piiscan.case.scan.block_scanner.join_blocks",
            lambda blocks: (joined.append(len(blocks)), real(blocks))[1],
        )
        (tmp_path / name).mkdir()
        write_key(tmp_path / name / "test.key", secret)
        case = scan_dump([folder], tmp_path / name / "case", reveal=True, whole_case=whole_case)
        cases.append((content(case.path), count(case).tables()))
        assert bool(case.tables()["alarms"]) == (dump == "tables")
        if whole_case and dump != "tables":
            assert query_rows(case, "select 1 from findings where reason = 'SEEN_ELSEWHERE'")
    assert max(joined) > 1
    together, alone = ({k: v for k, v in files.items() if "/" in k} for files, _ in cases)
    assert together == alone
    assert cases[0][1] == cases[1][1]
