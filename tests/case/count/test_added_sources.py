"""Sources that are added in any pieces are counted as those of one scan, byte for byte."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import piiscan
from piiscan.case.store.count_store import Count
from tests.case.scanned import write_files

NAMES = "张王李赵陈杨周吴"
#: Headers of the first file: a role that is the second of its record elsewhere.
SENDERS = "寄件人,寄件人手机号"
#: Headers of files, with roles that meet in one record, in orders of their own.
HEADERS = (
    "姓名,手机号,地址",
    "收件人,收件人手机号,寄件人,寄件人手机号",
    "客户姓名,身份证号,紧急联系人,紧急联系人电话",
    "寄件人,寄件人手机号,收件人,收件人手机号,联系人,联系人电话",
    SENDERS,
    "企业名称,统一社会信用代码,法定代表人,联系电话",
)


def made_files(drawn: random.Random, number: int) -> dict[str, str]:
    """Return files of a few rows, some of which repeat rows and people of others."""

    def cell(header: str) -> str:
        if header.endswith(("号", "电话")):
            if header == "身份证号":
                return drawn.choice(
                    ["11010519491231002X", "440524188001010014", "43010419050615001X"]
                )
            return f"138001380{drawn.randrange(30):02}"
        return drawn.choice(NAMES) + drawn.choice(("伟", "秀英", "建国"))

    files = {}
    for at in range(number):
        headers = drawn.choice(HEADERS) if at else SENDERS
        rows = [[cell(each) for each in headers.split(",")] for _ in range(drawn.randrange(1, 5))]
        files[f"{at:03}.csv"] = "\n".join([headers, *map(",".join, rows)]) + "\n"
    return files


def count_in_pieces(
    home: Path, files: dict[str, str], key: Path, cuts: Sequence[int] = (), counted: int = 0
) -> Count:
    """Scan the files up to each of ``cuts``, by pieces; count the first ``counted``, then all."""
    for start, end in zip([0, *cuts], [*cuts, len(files)], strict=True):
        write_files(home / "in", dict([*files.items()][start:end]))
        piiscan.scan(home / "in", case=home / "case", key=key)
        if end in (counted, len(files)):
            found = piiscan.count(home / "case", key=key)
    return found


def contents(count: Count) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in count.path.iterdir() if p.name != "count.json"}


@pytest.mark.parametrize("seed", range(3))
def test_pieces_in_random_sizes_give_the_bytes_of_one_scan_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    if seed == 2:  # as many rows are counted
        monkeypatch.setattr("piiscan.case.count.count.MOST_SMALL", -1)
        monkeypatch.setattr("piiscan.case.count.record_count.MOST_SMALL", -1)
    drawn = random.Random(seed)
    files = made_files(drawn, 12)
    cuts = [1, *sorted(drawn.sample(range(2, len(files)), 3))]
    counted = drawn.choice(cuts[2:])
    key = tmp_path / "key"
    whole = count_in_pieces(tmp_path, files, key)
    wanted = contents(whole)
    for name in ("case", "in"):
        shutil.rmtree(tmp_path / name)
    pieces = count_in_pieces(tmp_path, files, key, cuts, counted)
    assert pieces.content["carried"] == {"count": 1, "sources": counted}
    assert whole.content["carried"] == {"count": 0, "sources": 0}
    assert contents(pieces) == wanted
    assert not piiscan.verify(tmp_path / "case", key=key).differences


def test_nothing_is_carried_of_another_request_or_of_a_changed_file(tmp_path: Path) -> None:
    files = made_files(random.Random(9), 4)
    key, case = tmp_path / "key", tmp_path / "case"
    first = count_in_pieces(tmp_path, files, key)
    write_files(tmp_path / "in", {"z.csv": "姓名,手机号\n张伟,13800138099\n"})
    piiscan.scan(tmp_path / "in", case=case, key=key)
    asked = piiscan.count(case, key=key, key_by=["phone"])
    assert asked.content["carried"]["sources"] == 0  # another order of keys
    whole = piiscan.count(case, key=key)
    assert whole.content["carried"]["sources"] == 0  # the last one had another order
    write_files(tmp_path / "in", {"zz.csv": "姓名,手机号\n张伟,13800138098\n"})
    piiscan.scan(tmp_path / "in", case=case, key=key)
    subjects = whole.record_subjects
    subjects.write_bytes(first.record_subjects.read_bytes())
    again = piiscan.count(case, key=key)
    assert again.content["carried"]["sources"] == 0
    found = piiscan.verify(case, key=key).differences
    name = f"{whole.path.name}/{subjects.name}"
    assert [(each.reason, each.name) for each in found] == [("FILE_CHANGED", name)]
