"""A worker is in the hands of the file it reads: whatever it sends costs this file alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from piiscan.sources.block import Block, Table, Trouble, unbuilt_table
from piiscan.sources.content import Content, Window, memory_content
from piiscan.sources.drawing import Drawing, DrawnLine
from piiscan.sources.formats.spreadsheet import native_reader
from piiscan.sources.isolation import isolation
from piiscan.sources.isolation.isolation_frames import (
    AnswerReader,
    pack_item,
    pack_opening,
    read_opening,
)
from piiscan.sources.limits import STANDARD_BUDGET, BudgetUsage
from piiscan.sources.lined.line_kinds import build_label_names
from piiscan.sources.read_context import ReadContext
from piiscan.sources.workers import worker_frames
from piiscan.sources.workers.worker_frames import (
    HEAD,
    checked_value,
    pack_batch,
    pack_frame,
    read_frame,
)
from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.tables import database, read_all, told

#: A worker that answers the first requests with the bytes in a file, then ends.
FAKE = """
import json, struct, sys
answers = [line.split() for line in open({path!r})]
while answers:
    head = sys.stdin.buffer.read(12)
    if len(head) < 12:
        break
    size, more = struct.unpack("<IQ", head)
    kind = json.loads(sys.stdin.buffer.read(size))["kind"]
    if sys.stdin.buffer.read(more):
        continue
    for known, data in answers:
        if known == kind:
            sys.stdout.buffer.write(bytes.fromhex(data))
            sys.stdout.buffer.flush()
            if known == answers[-1][0]:
                answers = []
"""
TEXT, LARGE = pa.string(), pa.large_string()


def framed(kind: str, answer: Any, data: bytes = b"", **more: Any) -> bytes:
    return pack_frame(kind, {"total": 0, "answer": answer, **more}, len(data)) + bytes(data)


def raw(text: bytes, size: int | None = None, data_size: int = 0) -> bytes:
    return HEAD.pack(len(text) if size is None else size, data_size) + text


def block(*columns: pa.Array, **numbers: Any) -> tuple[Any, bytes]:
    texts = columns or (pa.array(["张三"]), pa.array(["13800138001"]))
    found = {"rows": np.arange(1, len(texts[0]) + 1), **numbers}
    fields = pack_item(Block([], np.arange(0), None, None, None))[1]
    return fields, bytes(pack_batch(texts, found))


def with_fields(change: dict[str, Any]) -> bytes:
    fields, data = block()
    return framed("block", {**fields, **change}, data)


def with_data(data: bytes) -> bytes:
    return framed("block", block()[0], data)


def table(**change: Any) -> bytes:
    fields, data = block()
    content = {
        "member": "#t",
        "kind": "database",
        "headers": ["姓名", "手机号"],
        "groups": [0, 0],
        **dict.fromkeys(("encoding", "delimiter", "header_row", "sha256", "size")),
        "troubles": [],
    }
    whole = {"sample": fields, "sample_size": len(data), "siblings": []}
    for name in set(change) & set(whole):
        whole[name] = change.pop(name)
    return framed("table", {"content": {**content, **change}, **whole}, data)


def stream(columns: list[pa.Array], names: list[str], times: int = 1, **options: Any) -> bytes:
    batch = pa.RecordBatch.from_arrays(columns, names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for _ in range(times):
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def texts_of(offsets: list[int], data: bytes) -> pa.Array:
    buffers = [None, pa.py_buffer(np.array(offsets, np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(TEXT, len(offsets) - 1, buffers)


GOOD = block()[1]
TROUBLE = {"member": "", "reason": "CORRUPT", "detail": "", "row": None, "lost": True}
ROWS = pa.array([1], pa.int64())
#: Answers to the request for an item.
ITEMS: dict[str, bytes] = {
    "nothing": b"",
    "a head that is cut": b"\x05\x00\x00",
    "a line of text": b"Traceback (most recent call last)\n",
    "fields that are cut": raw(b'{"kind": "end"', size=99),
    "data that are cut": raw(b'{"kind": "end", "total": 0, "answer": null}', data_size=99),
    "fields of 4 GB": raw(b"", size=(1 << 32) - 1),
    "data of 2^63 bytes": raw(b"{}", data_size=1 << 63),
    "no JSON": raw(b"not json"),
    "a pickle": raw(b"\x80\x05\x95\x00\x00\x00\x00\x00\x00\x00\x00."),
    "fields in GBK": raw('{"kind": "终"}'.encode("gbk")),
    "nested too deep": raw(b"[" * 200_000),
    "a number of 5,000 digits": raw(b'{"kind": "end", "total": ' + b"9" * 5000 + b"}"),
    "a list": raw(b"[1, 2]"),
    "no kind": raw(b'{"total": 0, "answer": null}'),
    "a kind that is no text": raw(b'{"kind": 5, "total": 0, "answer": null}'),
    "an unknown kind": framed("exec", "import os"),
    "more fields": framed("end", None, extra=1),
    "an end with an answer": framed("end", 1),
    "an end with data": framed("end", None, b"x"),
    "a total that is a text": raw(b'{"kind": "end", "total": "0", "answer": null}'),
    "a total that is true": raw(b'{"kind": "end", "total": true, "answer": null}'),
    "a total of 70 bits": raw(b'{"kind": "end", "total": %d, "answer": null}' % (1 << 70)),
    "a total of NaN": raw(b'{"kind": "end", "total": NaN, "answer": null}'),
    "a block": framed("block", *block()),
    "a trouble without a reason": framed("trouble", {**TROUBLE, "reason": ""}),
    "a reason in prose": framed("trouble", {**TROUBLE, "reason": "drop table"}),
    "a trouble with a field more": framed("trouble", {**TROUBLE, "path": "/etc"}),
    "a trouble of one field": framed("trouble", {"member": ""}),
    "a question without cells": framed("count", "姓名"),
    "a question of numbers": framed("count", [1]),
    "an error without detail": framed("failed", ["CORRUPT"]),
    "an error without a reason": framed("failed", ["", ""]),
    "a member of three fields": framed("member", ["a", "b", None], b"data"),
    "a drawing of other pixels": framed("drawing", [[2, 2], {}], bytes(3)),
    "a drawing of negative size": framed("drawing", [[-1, -1], {}], bytes(3)),
    "a drawing without fields": framed("drawing", [[1, 1], {}], bytes(3)),
    "a drawing that is a text": framed("drawing", "ab", bytes(3)),
    "a table that is null": framed("table", None),
    "a table of an unknown kind": table(kind="spell"),
    "a table in an unknown encoding": table(encoding="klingon"),
    "headers that are numbers": table(headers=[1, 2]),
    "a column of no table": table(groups=[0, 99]),
    "a trouble of a table in prose": table(troubles=[{**TROUBLE, "reason": "no"}]),
    "siblings without end": table(siblings=[{}]),
    "siblings that are a text": table(siblings="abc"),
    "a sample of negative size": table(sample_size=-1),
    "a sample that is too short": table(sample_size=7),
    "a sample with bytes behind it": framed(
        "table", json.loads(table()[HEAD.size : -len(GOOD)])["answer"], GOOD + b"x"
    ),
}
#: Answers to the request for a block.
BLOCKS: dict[str, bytes] = {
    "a table": table(),
    "a member": framed("member", ["a", "a", None, None], b"data"),
    "a block without data": with_data(b""),
    "no Arrow stream": with_data(b"ARROW1" + bytes(99)),
    "a stream of a schema": with_data(stream([pa.array(["a"])], ["0"])[:152]),
    "two batches": with_data(stream([pa.array(["a"])], ["0"], times=2)),
    "a packed batch": with_data(stream([pa.array(["a" * 9999]), ROWS], ["0", "rows"],
                                       compression="zstd")),
    "a dictionary": with_data(stream([pa.array(["a"]).dictionary_encode(), ROWS], ["0", "rows"])),
    "a column of lists": with_data(stream([pa.array([["a"]]), ROWS], ["0", "rows"])),
    "a column of bytes": with_data(stream([pa.array([b"a"]), ROWS], ["0", "rows"])),
    "an extra column": with_data(stream([pa.array(["a"]), ROWS, ROWS], ["0", "rows", "more"])),
    "a column twice": with_data(stream([pa.array(["a"]), ROWS, ROWS], ["0", "rows", "rows"])),
    "columns out of order": with_data(stream([pa.array(["a"]), ROWS], ["1", "rows"])),
    "numbers before texts": with_data(stream([ROWS, pa.array(["a"])], ["rows", "0"])),
    "no numbers of rows": with_data(stream([pa.array(["a"])], ["0"])),
    "numbers that are texts": with_data(stream([pa.array(["a"]), pa.array(["1"])], ["0", "rows"])),
    "numbers of 32 bits": with_data(stream([pa.array(["a"]), ROWS.cast(pa.int32())],
                                           ["0", "rows"])),
    "a number that is null": with_data(stream([pa.array(["a"]), pa.array([None], pa.int64())],
                                              ["0", "rows"])),
    "a text that is no UTF-8": framed("block", *block(texts_of([0, 2], b"\xff\xfe"))),
    "a surrogate in a text": framed("block", *block(texts_of([0, 3], b"\xed\xa0\x80"))),
    "an offset out of range": with_data(GOOD.replace(b"\x06\0\0\0", b"\x99\0\0\7")),
    "offsets that fall": framed("block", *block(texts_of([0, 9, 3], b"a" * 9))),
    "an unknown kind of record": framed("block", *block(kinds=np.array([77], np.int8))),
    "starts of one column of two": framed("block", *block(**{"start 0": np.array([0])})),
    "starts of a column that is none": framed("block", *block(**{"start 9": np.array([0])})),
    "starts beyond the content": framed("block", *block(**{
        "start 0": np.array([1 << 60]), "start 1": np.array([0])})),
    "starts before the content": framed("block", *block(**{
        "start 0": np.array([0]), "start 1": np.array([-(1 << 60)])})),
    "a block in an unknown encoding": with_fields({"encoding": "klingon"}),
    "a negative piece": with_fields({"piece_start": -5}),
    "a range of one end": with_fields({"own_range": [1]}),
    "a field more": with_fields({"path": "/etc/passwd"}),
    "fields that are a list": framed("block", [], GOOD),
}  # fmt: skip
BLOCKS |= {f"a stream cut at {at}": with_data(GOOD[:at]) for at in range(1, len(GOOD) - 8, 47)}


@pytest.fixture(autouse=True)
def _own_workers() -> Iterator[None]:
    for pool in (isolation.POOL, native_reader.POOL):
        pool.close()
    yield
    for pool in (isolation.POOL, native_reader.POOL):
        pool.close()


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the next worker answer with given bytes."""

    def answer(pool: Any, **answers: bytes) -> None:
        path = tmp_path / "answers"
        path.write_text("\n".join(f"{kind} {each.hex() or '00'}" for kind, each in answers.items()))
        monkeypatch.setattr(pool, "command", FAKE.format(path=str(path)))
        monkeypatch.setattr(pool, "patience", 20.0)

    return answer


LISTED = database("CREATE TABLE t (姓名, 手机号)", rows=[("张三", "13800138001")])


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_that_is_none_is_a_trouble_of_its_file(
    name: str, answering: Callable[..., None]
) -> None:
    answering(isolation.POOL, next=ITEMS[name])
    tables, troubles = read_all(LISTED)
    assert (tables, told(troubles)) == ([], [("", "READER_FAILED", True)])
    assert isolation.POOL.idle == []


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_is_none_is_a_trouble_of_its_table(
    name: str, answering: Callable[..., None]
) -> None:
    good = framed("block", *block())
    answering(isolation.POOL, next=table(), blocks=good, more=BLOCKS[name])
    ((read, blocks),), troubles = read_all(LISTED)
    assert read.headers == ["姓名", "手机号"]
    assert [each.columns[1].to_pylist() for each in blocks] == [["13800138001"]]
    assert {each.reason for each in troubles} == {"READER_FAILED"}
    assert "invalid answer" in troubles[0].detail
    assert isolation.POOL.idle == []


def test_questions_without_end_are_refused(
    answering: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "_MOST_QUESTIONS", 3)
    answering(isolation.POOL, next=framed("count", ["姓名"]) * 4, count=b"", blocks=b"")
    tables, (trouble,) = read_all(LISTED)
    assert (tables, trouble.reason) == ([], "READER_FAILED")
    assert "questions without end" in trouble.detail


def sheets(value: Any, data: bytes = b"", kind: str = "sheets") -> bytes:
    return pack_frame(kind, {"value": value}, len(data)) + data


def rows(data: bytes) -> bytes:
    return pack_frame("rows", {}, len(data)) + data


END = sheets(None, kind="end")
LOADED = [sheets([["a", "Visible", "WorkSheet"]]) + END]
SAMPLED = [*LOADED, rows(GOOD) + END]
#: Answers of a worker to the requests to load a workbook, to sample a sheet, to read it.
WORKBOOKS: dict[str, list[bytes]] = {
    "sheets of two fields": [sheets([["a", "b"]]) + END],
    "sheets with data": [sheets([], b"x") + END],
    "an unknown kind": [sheets(None, kind="run")],
    "an end that is a number": [sheets(0, kind="end")],
    "an error in prose": [sheets(["rm -rf", ""], kind="failed")],
    "rows for sheets": [rows(GOOD[:-20]) + END],
    "a sample cut": [*LOADED, rows(GOOD[:200])],
    "numbers that fall": [*LOADED, rows(block(rows=np.array([0]))[1])],
    "a kind that is none": [*SAMPLED, rows(block(kinds=np.array([9], np.int8))[1])],
    "a row that is a text": [*SAMPLED, sheets("1", kind="wide")],
    "more columns": [*SAMPLED, rows(block(lines=np.array([1]))[1])],
    "an end without fields": [*SAMPLED, pack_frame("end", {}, 0)],
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_whose_worker_lies_is_a_trouble(
    name: str, tmp_path: Path, answering: Callable[..., None]
) -> None:
    answers = zip(("bytes", "sample", "read"), WORKBOOKS[name], strict=False)
    answering(native_reader.POOL, **dict(answers))
    tables, troubles = read_all(workbook([["姓名", "手机号"]]))
    assert [blocks for _, blocks in tables] in ([], [[]])
    assert {each.reason for each in troubles} == {"READER_FAILED"}
    assert native_reader.POOL.idle == []


def test_every_flipped_byte_of_a_block_is_read_or_refused() -> None:
    content = memory_content(b"x" * 100, "a.db", member="")
    reader = AnswerReader(content, 0)
    answer = framed("block", *block(kinds=np.array([0], np.int8)))
    read = refused = 0
    for at in range(HEAD.size, len(answer)):
        for flip in (1, 0x80):
            damaged = bytearray(answer)
            damaged[at] ^= flip
            stream = memoryview(bytes(damaged))
            taken = iter([stream[:12], stream[12 : 12 + HEAD.unpack(stream[:12])[0]]])
            rest = stream[12 + HEAD.unpack(stream[:12])[0] :]
            try:
                frame = read_frame(lambda size: bytes(next(taken, rest)))  # noqa: B023
                kind, _, found = reader.part(frame)
            except ValueError:
                refused += 1
                continue
            read += 1
            if kind == "block":
                for column in found.columns:
                    assert all(each is None or each.encode() for each in column.to_pylist())
    assert read > 100
    assert refused > 100


def test_items_come_back_as_they_were() -> None:
    reader = AnswerReader(memory_content(LISTED, "a.db", member=""), 0)
    sample = Block(
        [pa.array(["张三", None]), pa.array(["a", "b"], LARGE)],
        np.array([3, 4]),
        np.array([5, 6]),
        [np.array([0, -1]), np.array([7, -9])],
        "gb18030",
        own_range=(0, 9),
        kinds=np.array([0, 3], np.int8),
        extra_headers=("x", None),
        record_starts=np.array([3, 3]),
        keys=("a.b",),
    )
    sibling = Table(member="#u", kind="text", encoding="utf-8", groups=[], sample=sample)
    trouble = Trouble("#t", "CORRUPT", "坏", 5, lost=False)
    made = Table(
        member="#t",
        kind="database",
        encoding="utf-8",
        headers=["姓名", None],
        header_row=1,
        groups=[0, 1],
        sample=sample,
        sha256="ab",
        size=5,
        troubles=[trouble],
        siblings=(sibling,),
    )
    drawn = Drawing(
        np.arange(12, dtype=np.uint8).reshape(2, 2, 3),
        (DrawnLine("字", (0, 0, 1, 1), ((0, 1, (0, 0, 1, 1)),)),),
        ((1, 1, 2, 2),),
        recognised=True,
    )

    def returned(item: Any, part: bool = False) -> Any:
        kind, answer, data = pack_item(item)
        sent = framed(kind, answer, data)
        at = iter((0, 12, 12 + HEAD.unpack(sent[:12])[0]))
        frame = read_frame(lambda size: sent[(start := next(at)) : start + size])
        return (reader.part if part else reader.item)(frame)[2]

    found = returned(made)
    assert found.siblings[0].member == "#u"
    assert (found.troubles, found.headers, found.groups) == ([trouble], ["姓名", None], [0, 1])
    for each in (found.sample, found.siblings[0].sample, returned(sample, part=True)):
        assert repr(replace(each, columns=[])) == repr(replace(sample, columns=[]))
        assert each.columns == sample.columns
    picture = returned(drawn)
    assert (picture.pixels == drawn.pixels).all()
    assert (picture.lines, picture.unsure) == (drawn.lines, drawn.unsure)
    assert (returned(trouble), returned(None)) == (trouble, None)
    text = returned(unbuilt_table("#t", "张三\n"))
    assert (text.member, text.whole) == ("#t", "张三\n")
    member = returned(memory_content(b"abc", "b", member="b", sha256="ff", packed_size=2))
    assert (member.data, member.member, member.sha256, member.packed_size) == (b"abc", "b", "ff", 2)


def test_a_request_comes_back_as_it_was(tmp_path: Path) -> None:
    content = Content(
        "\udcff.db", "a!b", 9, (Window(0, b"ab"), Window(7, b"c")), open, path=tmp_path / "\udcff"
    )
    labels = build_label_names(["姓名", "收件人"], {"收件人"})
    usage = BudgetUsage(STANDARD_BUDGET, 5, 1, 3)
    context = ReadContext(len, STANDARD_BUDGET, 7, usage, labels, passwords=(b"\xff\0",),
                          wanted=frozenset(["b", "a"]))  # fmt: skip
    kind, fields, data = pack_opening("sqlite", 25, content, context)
    text = json.loads(pack_frame(kind, fields, len(data))[12:])
    text.pop("kind")
    opening, windows, found = read_opening(worker_frames.Frame(kind, text, data))
    assert opening.path == bytes(content.path or Path())
    assert (opening.usage, opening.passwords) == (usage, (b"\xff\0",))
    assert (opening.wanted, windows) == (frozenset("ab"), content.windows)
    assert found is not None
    assert (found.table == labels.table).all()
    assert (found.parties == labels.parties).all()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, True),
        (int, 1.0),
        (int, 1 << 63),
        (bool, 1),
        (str, None),
        (list[str], "ab"),
        (tuple[int, int], [1, 2, 3]),
        (int | None, "1"),
        (bytes, "zz"),
    ],
)
def test_fields_have_their_types(kind: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r"a field is no|hexadecimal"):
        checked_value(kind, value)
