"""Text files: what is found is replaced, every other byte stays, in every encoding and format."""

import codecs
import csv
import io
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piiscan.copies.redact_folder import Redaction, redact
from tests.often import long
from tests.sources.formats.json.shapes import SHAPES
from tests.sources.people import PEOPLE

PHONE, MASKED = "13800138000", "138****8000"
ID, MASKED_ID = "430104190506150016", "4301***********016"
#: What stands around values; none of it is found.
PLAIN = ["备注", "好的", 'x "y" z', "a,b", "", "退货；", "a\\b", "it's", "甲\n乙", "|", "\t", "＃"]
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"]
quiet = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def copy_of(tmp_path: Path, name: str, data: bytes, **options: Any) -> tuple[bytes, Redaction]:
    """The bytes of a copy, and what was told of it."""
    number = len(list(tmp_path.iterdir()))
    folder = tmp_path / f"source-{number}"
    folder.mkdir()
    (folder / name).write_bytes(data)
    done = redact(folder / name, out=tmp_path / f"copy-{number}", **options)
    assert (folder / name).read_bytes() == data
    (copy,) = done.copies
    assert copy.copy is not None, copy.problems
    return (done.out / copy.copy).read_bytes(), done


def encoded(text: str, encoding: str) -> bytes:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    return marks.get(encoding, b"") + text.encode(encoding)


#: A cell as (text, the same masked).
cells = st.one_of(
    st.sampled_from(PLAIN).map(lambda text: (text, text)),
    st.tuples(st.sampled_from(PLAIN), st.sampled_from(PLAIN)).map(
        lambda both: (f"{both[0]} {PHONE} {both[1]}", f"{both[0]} {MASKED} {both[1]}")
    ),
)


@quiet
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=12),
    encoding=st.sampled_from(ENCODINGS),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_table_equals_naive_replacement(
    tmp_path: Path, rows: list[Any], encoding: str, delimiter: str, end: str, quoting: Any
) -> None:
    def written(which: int) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerow(["手机号", "身份证号", "说明", "说明二"])
        for row in rows:
            shown = [(PHONE, MASKED), (ID, MASKED_ID), *row]
            writer.writerow([cell[which] for cell in shown])
        return out.getvalue()

    made, done = copy_of(tmp_path, "a.csv", encoded(written(0), encoding), names=False)
    assert made == encoded(written(1), encoding)
    assert done.remaining == 0


@quiet
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8), ascii_only=st.booleans())
def test_json_lines_equal_naive_replacement(
    tmp_path: Path, rows: list[Any], ascii_only: bool
) -> None:
    def written(which: int) -> str:
        lines = []
        for first, second in rows:
            number = json.dumps(PHONE) if which == 2 else PHONE if which == 0 else f'"{MASKED}"'
            told = [json.dumps(c[which], ensure_ascii=ascii_only) for c in (first, second)]
            told[1] = told[1].replace("\\u0031", "1")
            lines.append(f'{{"phone" : {number}, "t": [{told[0]},{told[1]}], "n": {{"a": 1.50}}}}')
        return "\n".join([*lines, '{"phone": null}', ""])

    made, done = copy_of(tmp_path, "a.jsonl", written(0).encode(), names=False)
    assert made.decode() == written(1)
    assert done.remaining == 0


@quiet
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_a_json_document_equals_naive_replacement(tmp_path: Path, rows: list[Any]) -> None:
    def written(which: int) -> str:
        number = (PHONE, f'"{MASKED}"')[which]
        told = [
            f'{{"电话": {number},\n  "a": {json.dumps(row[0][which])}, "b": {{"c": '
            f"{json.dumps(row[1][which], ensure_ascii=False)}}}}}"
            for row in rows
        ]
        last = json.dumps((PHONE, MASKED)[which])
        return f'{{"data": [\n{",".join(told)}], "total": 3, "联系": {last}}}'

    made, done = copy_of(tmp_path, "a.json", written(0).encode(), names=False)
    assert made.decode() == written(1)
    assert done.remaining == 0


@quiet
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8),
    slashes=st.booleans(),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_a_dump_equals_naive_replacement(
    tmp_path: Path, rows: list[Any], slashes: bool, encoding: str
) -> None:
    def literal(text: str) -> str:
        text = text.replace("'", "''")
        if slashes:
            text = text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f"'{text}'"

    def written(which: int) -> str:
        head = "-- MySQL dump 10.13\n" if slashes else "-- PostgreSQL database dump\n"
        values = [
            f"({n},{(PHONE, repr(MASKED))[which]},{literal(a[which])},{literal(b[which])},NULL)"
            for n, (a, b) in enumerate(rows, 1)
        ]
        return (
            head + "CREATE TABLE t (id int, phone bigint, memo text, other text, x int);\n"
            "INSERT INTO t VALUES " + ",\n".join(values) + ";\n"
        )

    made, done = copy_of(tmp_path, "a.sql", written(0).encode(encoding), names=False)
    assert made.decode(encoding) == written(1)
    assert done.remaining == 0


def test_copy_blocks_have_no_quotes(tmp_path: Path) -> None:
    text = (
        f"COPY public.t (id, phone, memo) FROM stdin;\n1\t{PHONE}\ta\\tb {PHONE}\n2\t\\N\tc\n\\.\n"
    )
    made, _ = copy_of(tmp_path, "a.sql", text.encode(), names=False)
    assert made.decode() == text.replace(PHONE, MASKED)


def test_hexadecimal_stays_hexadecimal(tmp_path: Path) -> None:
    held = f"电话{PHONE}"
    digits = held.encode().hex()
    text = f"INSERT INTO t (id, memo) VALUES (1, 0x{digits}),(2, X'{digits}');\n"
    made, _ = copy_of(tmp_path, "a.sql", text.encode(), names=False)
    masked = f"电话{MASKED}".encode().hex()
    assert made.decode() == text.replace(digits, masked)


def test_lines_in_several_encodings_stay_in_theirs(tmp_path: Path) -> None:
    lines = [
        f"第一行电话{PHONE}".encode("gbk"),
        f"第二行电话{PHONE}，中文".encode(),
        b"\xff\xfe \x81 " + f"第三行{PHONE}".encode("gbk") + b" \x81",
        f"第四行电话{PHONE}".encode("gbk"),
    ] * 3
    data = b"\n".join(lines) + b"\n"
    made, done = copy_of(tmp_path, "a.txt", data, names=False)
    assert made == data.replace(PHONE.encode(), MASKED.encode())
    assert {trouble.reason for trouble in done.copies[0].problems} == {"UNDECODABLE"}
    assert done.incomplete == 1


def test_big5_stays_big5(tmp_path: Path) -> None:
    rows = "".join(f"陳家豪,{PHONE},臺北市信義區\n" for _ in range(20))
    data = ("姓名,手機,地址\n" + rows).encode("big5")
    made, done = copy_of(tmp_path, "a.csv", data)
    assert made.decode("big5").startswith("姓名,手機,地址\n陳**,138****8000,臺北市***\n")
    assert done.remaining == 0


def test_columns_say_what_is_found(tmp_path: Path) -> None:
    text = "姓名,QQ号,分数\n张三,123456,123456\n李四,23456789,12345678\n"
    made, _ = copy_of(tmp_path, "a.csv", text.encode())
    assert made.decode() == "姓名,QQ号,分数\n张*,12***6,123456\n李*,23****89,12345678\n"


def test_a_value_that_says_something_by_itself_is_replaced_everywhere(tmp_path: Path) -> None:
    text = "姓名,QQ号,分数\n王伟,12345678,12345678\n李四,23456789,国王伟大\n"
    made, done = copy_of(tmp_path, "a.csv", text.encode())
    assert made.decode() == "姓名,QQ号,分数\n王*,12****78,12****78\n李*,23****89,国王伟大\n"
    assert (done.remaining, done.copies[0].second_pass_count) == (0, 1)


def test_keys_of_json_are_values_too(tmp_path: Path) -> None:
    text = (
        f'{{"{PHONE}": {{"姓名": "李四"}}, "张三丰": 1}}\n'
        '{"\\u738b\\u5c0f\\u660e13900139001": {"手机号": 1}}\n'
    )
    for name, data in (("a.jsonl", text), ("a.json", text.split("\n", 1)[0])):
        made, done = copy_of(tmp_path, name, data.encode())
        assert made.decode().startswith(f'{{"{MASKED}": {{"姓名": "李*"}}, "张**": 1}}')
        assert done.remaining == 0
    assert all(
        json.loads(line) for line in copy_of(tmp_path, "a.jsonl", text.encode())[0].splitlines()
    )


def test_names_and_comments_of_a_dump_are_masked(tmp_path: Path) -> None:
    text = (
        f"-- 导出人电话 {PHONE}\nCREATE TABLE `t_{PHONE}` (id int COMMENT '电话{PHONE}');\n"
        f"INSERT INTO t VALUES (1,'{PHONE}');\n"
    )
    made, done = copy_of(tmp_path, "a.sql", text.encode(), names=False)
    assert made.decode() == text.replace(PHONE, MASKED)
    assert done.remaining == 0


def test_without_names_names_stay(tmp_path: Path) -> None:
    made, _ = copy_of(tmp_path, "a.csv", f"姓名,手机号\n张三,{PHONE}\n".encode(), names=False)
    assert made.decode() == f"姓名,手机号\n张三,{MASKED}\n"


def test_what_is_masked_already_stays(tmp_path: Path) -> None:
    text = "姓名,手机号\n张*,138****8000\n李**,139****0000\n"
    made, done = copy_of(tmp_path, "a.csv", text.encode())
    assert made.decode() == text
    assert (done.counts.total(), done.remaining) == (0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", long("utf-16-le")])
def test_a_line_longer_than_memory(tmp_path: Path, encoding: str) -> None:
    unit = f"电话是{PHONE}，"
    text = unit * 60_000 + "\n结尾\n"
    made, done = copy_of(tmp_path, "a.txt", encoded(text, encoding), names=False)
    assert made == encoded(text.replace(PHONE, MASKED), encoding)
    assert done.remaining == 0


def test_many_edits_go_over_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("piiscan.copies.text.edits._RUN_EDITS", 10)
    text = "手机号,备注\n" + "".join(f'138{n:08},"a""{PHONE}"\n' for n in range(200))
    made, done = copy_of(tmp_path, "a.csv", text.encode(), names=False)
    assert made.decode() == "手机号,备注\n" + "".join(
        f'138****{n:04},"a""{MASKED}"\n' for n in range(200)
    )
    assert not (done.out / ".work").exists()


def test_nothing_found_nothing_changed(tmp_path: Path) -> None:
    for data in (b"", b"\xef\xbb\xbf", "没有\r\n什么".encode("gbk"), b"\n\n", b"{}\n[]"):
        assert copy_of(tmp_path, "a.txt", data)[0] == data


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_json_is_masked(tmp_path: Path, name: str) -> None:
    in_changsha = partial(re.sub, "示例市测试区", "长沙市岳麓区")  # read without any label
    made, done = copy_of(tmp_path, "a.json", in_changsha(SHAPES[name]).encode())
    assert [v for p in PEOPLE for v in map(in_changsha, p[1:]) if v in made.decode()] == []
    assert done.remaining == 0


@pytest.mark.parametrize("cell", [PHONE, "138<b>0013</b>8000", "&#49;3800138000"])
def test_values_of_a_page_in_any_dress_are_masked(tmp_path: Path, cell: str) -> None:
    page = f"<table><tr><th>手机号<th>数<tr><td>{cell}<td>1<tr><td>无<td>2</table>"
    made, done = copy_of(tmp_path, "a.xls", page.encode())
    assert (PHONE.encode() in made, cell.encode() in made, done.remaining) == (False, False, 0)


def test_entries_of_a_directory_are_masked(tmp_path: Path) -> None:
    text = "dn: uid=a,dc=b\nobjectClass: person\nmobile: 13800138000\n\n"
    made, done = copy_of(tmp_path, "a.ldif", text.encode())
    assert (made.decode(), done.remaining) == (text.replace(PHONE, MASKED), 0)
