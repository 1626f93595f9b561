"""Persons of a text: what follows a label, further persons of a cell, and who writes a chat."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from piiscan.case.scan.messages.text_persons import _person_numbers
from tests.case.dump import scan_dump


@pytest.fixture
def own_rules() -> None:
    """The shipped catalogue, not the small one of the other tests of this folder."""


def found(folder: Path, text: str, name: str = "a.txt") -> list[tuple[int, str | None, str]]:
    """Row, role and entity of the findings in a file."""
    (folder / "dump").mkdir()
    (folder / "dump" / name).write_text(text, "utf-8")
    case = scan_dump([folder / "dump"], folder / "case")
    rows = [row for shard in case.shards("findings") for row in pq.read_table(shard).to_pylist()]
    return [(row["row"], row["role"], row["entity"]) for row in rows]


def test_lines_after_a_label_are_the_partys(tmp_path: Path) -> None:
    text = "收件人：张小明\n电话：13800138001\n寄件人：李建国\n电话：13900139001\n"
    assert found(tmp_path, text) == [
        (1, "recipient", "PERSON"), (2, "recipient", "CN_MOBILE"),
        (3, "sender", "PERSON"), (4, "sender", "CN_MOBILE"),
    ]  # fmt: skip


def test_a_contact_has_the_second_phone_and_not_the_identity_number(tmp_path: Path) -> None:
    text = (
        "姓名：张小明\n手机：13800138001\n紧急联系人：李建国\n电话：13900139001\n"
        "身份证号：430104190506150016\n"
    )
    assert found(tmp_path, text) == [
        (1, None, "PERSON"), (2, None, "CN_MOBILE"), (3, "contact", "PERSON"),
        (4, "contact", "CN_MOBILE"), (5, None, "CN_RESIDENT_ID"),
    ]  # fmt: skip


def test_a_line_can_have_several_persons(tmp_path: Path) -> None:
    text = "借款人：张小明 电话：13800138001 紧急联系人：李建国 13900139001 赵文博 13900139002\n"
    assert [role for _, role, _ in found(tmp_path, text)] == [
        "borrower", "borrower", "contact", "contact", "contact#2", "contact#2",
    ]  # fmt: skip


@pytest.mark.parametrize("head", ["{} - {}: ", "[{}] {}: ", "{1}, [{0}]\n"])
def test_who_writes_is_a_speaker_in_exports_of_other_programs(tmp_path: Path, head: str) -> None:
    said = zip(("2023/5/3 10:00", "2023/5/3 10:02"), ("在吗", "样本 13800138001"), strict=True)
    text = "".join(f"{head.format(time, '王建国')}{what}\n\n" for time, what in said)
    roles = [(role, entity) for _, role, entity in found(tmp_path, text)]
    assert roles == [*[("speaker", "PERSON")] * 2, (None, "CN_MOBILE")]


def test_lines_of_a_log_have_no_speaker(tmp_path: Path) -> None:
    text = "".join(
        f"2023-05-03 10:0{n}:00 - {word}: 13800138001\n" for n, word in enumerate(("信息", "短信"))
    )
    assert [role for _, role, _ in found(tmp_path, text)] == [None, None]


def test_who_writes_is_a_speaker(tmp_path: Path) -> None:
    text = "2024-01-05 10:00:00 王建国(13800138009)\n张小明 13800138001\n"
    assert found(tmp_path, text) == [
        (1, "speaker", "PERSON"), (1, "speaker", "CN_MOBILE"), (2, None, "PERSON"),
        (2, None, "CN_MOBILE"),
    ]  # fmt: skip
    (tmp_path / "table").mkdir()
    table = "发送者,时间,内容\n13800138009,2024-01-05 10:00:00,张小明 13800138001\n" * 1
    roles = [role for _, role, _ in found(tmp_path / "table", table, "a.csv")]
    assert roles == ["speaker", None, None]


@pytest.mark.parametrize("seed", range(50))
def test_numbers_of_persons_are_those_of_plain_python(seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(40):
        size = draw.randrange(1, 25)
        group = np.sort(np.array([draw.randrange(4) for _ in range(size)], np.int64))
        name = np.array([draw.random() < 0.4 for _ in range(size)])
        strong = np.array([draw.random() < 0.4 for _ in range(size)]) & ~name
        value = np.array([draw.randrange(4) for _ in range(size)], np.int64)
        numbers = _person_numbers(group, name, strong, value).tolist()
        assert numbers == truth(group, name, strong, value)


def truth(group: Any, name: Any, strong: Any, value: Any) -> list[int]:
    """A person begins at a name with a number behind it, if the one before has another name."""
    out: list[int] = []
    for each in sorted(set(group.tolist())):
        segments: list[list[int]] = [[]]
        for at in np.flatnonzero(group == each).tolist():
            if name[at] and segments[-1]:
                segments.append([])
            segments[-1].append(at)
        number, known = 1, None
        for segment in segments:
            first = segment[0]
            if name[first] and strong[segment].any():
                number += known is not None and known != value[first]
                known = value[first]
            out += [number] * len(segment)
    return out


def test_who_writes_on_the_line_of_his_message_is_a_speaker(tmp_path: Path) -> None:
    text = "2024-01-05 10:00:00 王建国(13800138009): 张小明 13800138001\n"
    assert found(tmp_path, text) == [
        (1, "speaker", "PERSON"), (1, "speaker", "CN_MOBILE"), (1, None, "PERSON"),
        (1, None, "CN_MOBILE"),
    ]  # fmt: skip
