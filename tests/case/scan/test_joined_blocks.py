"""Small tables that are searched and counted together say what each says alone."""

from pathlib import Path

import pytest

from piiscan import count
from piiscan.case.count.subjects import record_subjects
from piiscan.case.scan import joined_blocks, source_reader
from tests.case.dump import content, scan_dump
from tests.case.scanned import write_files
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
    "h.txt": "张三 13800138000\n紧急联系人：李四\n电话：13900139000\n",
    "i.csv": "姓名,手机号,姓名,手机号\n张三,13800138000,李四,13900139000\n",
    "j.csv": "姓名,手机号,姓名,手机号\n,,李四,13900139001\n",
}


def test_small_tables_are_found_and_counted_as_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = write_files(tmp_path / "dump", FILES)
    cases, secret, joined = [], random_secret(1), []
    real = joined_blocks.join_blocks

    for name, sources, rows in (("together", 64, 4096), ("alone", 1, -1)):
        monkeypatch.setattr(source_reader, "_BATCH_SOURCES", sources)
        monkeypatch.setattr(record_subjects, "_SMALL", rows)
        monkeypatch.setattr(
            "piiscan.case.scan.block_scanner.join_blocks",
            lambda blocks: (joined.append(len(blocks)), real(blocks))[1],
        )
        (tmp_path / name).mkdir()
        write_key(tmp_path / name / "test.key", secret)
        case = scan_dump([dump], tmp_path / name / "case", reveal=True)
        cases.append((content(case.path), count(case).tables()))
        assert case.tables()["alarms"]
    assert max(joined) > 1
    together, alone = ({k: v for k, v in files.items() if "/" in k} for files, _ in cases)
    assert together == alone
    assert cases[0][1] == cases[1][1]
