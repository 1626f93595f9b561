"""A block's findings: place, digest, mask, records, counts; labels speak of data rows only."""

import datetime
import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from piiscan.arrow_strings import valid_utf8
from piiscan.case.scan.block.records import CountedKinds
from piiscan.case.scan.block_scanner import ScanContext, scan_block
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.schemas import CLEAR_VALUES, FINDINGS, RECORDS
from piiscan.sources.block import BLANK, DATA, HEADER, SUBTOTAL, TITLE, Block
from piiscan.tabular.layout import ColumnLayout, TableLayout
from piiscan.tabular.search import TableSearch

KEY = bytes(range(32))
ID = "430104190506150016"
BAD = "430104190506150017"


@pytest.fixture
def kit() -> ScanContext:
    catalog = load()
    engine = Engine(catalog, as_of=datetime.date(2026, 1, 1))
    return ScanContext(TableSearch(engine), KEY, CountedKinds.of(catalog))


def frame(kit: ScanContext, *headers: str | None, groups: tuple[int, ...] = ()) -> TableLayout:
    columns = [
        ColumnLayout(label_of(kit.engine.catalog, header), groups[n] if groups else 0, header)
        for n, header in enumerate(headers)
    ]
    return TableLayout(7, 0, "a.zip!b.csv", tuple(columns))


def block(*columns: list[str | None], **more) -> Block:
    count = len(columns[0])
    facts = {
        "rows": np.arange(count) + 2,
        "lines": np.arange(count) + 2,
        "byte_starts": None,
        "encoding": None,
        **more,
    }
    return Block([pa.array(column, pa.string()) for column in columns], **facts)


def select(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.select(names).to_pylist()]


def test_a_finding_carries_its_address_kind_digest_and_mask(kit: ScanContext) -> None:
    starts = [np.array([20, 60]), np.array([27, 67])]
    cells = (["张三", "李四"], ["13800138001", "13900139000"])
    placed = block(*cells, byte_starts=starts, encoding="utf-8")
    found = scan_block(placed, frame(kit, "姓名", "手机号"), kit)
    assert found.findings.schema == FINDINGS
    assert found.records.schema == RECORDS
    first, second, *_ = found.findings.to_pylist()
    assert (first["entity"], first["masked"], first["column"]) == ("PERSON", "张*", 1)
    digest = hashlib.blake2b(b"CN_MOBILE\x0013800138001", key=KEY, digest_size=16).digest()
    assert second == {
        "source": 7,
        "member": "a.zip!b.csv",
        "row": 2,
        "record": 2,
        "row_kind": None,
        "column": 2,
        "header": "手机号",
        "group": 0,
        "line": 2,
        "start": 0,
        "end": 11,
        "byte_offset": 27,
        "entity": "CN_MOBILE",
        "recognizer": "cn.mobile",
        "digest": digest,
        "masked": "138****8001",
        "coarse": "//中国移动/",
        "verdict": "plausible",
        "score": 0.9,
        "context": "手机号",
        "reason": None,
        "role": None,
        "alternatives": None,
    }


def test_findings_are_ordered_by_row_column_and_start(kit: ScanContext) -> None:
    cells = block(["a@b.com 13800138001", "13700137000"], ["13900139000", "c@d.com"])
    found = scan_block(cells, frame(kit, None, None), kit).findings
    order = select(found, "row", "column", "start")
    assert order == [(2, 1, 0), (2, 1, 8), (2, 2, 0), (3, 1, 0), (3, 2, 0)]


def test_a_label_does_not_speak_of_headers_titles_and_sums(kit: ScanContext) -> None:
    kinds = np.array([TITLE, HEADER, DATA, SUBTOTAL, BLANK], np.int8)
    cells = block(["名单 13800138001", "姓名", "张三", "合计", ""], kinds=kinds)
    found = scan_block(cells, frame(kit, "姓名"), kit)
    assert select(found.findings, "row", "entity") == [(2, "CN_MOBILE"), (4, "PERSON")]
    assert (found.rows, select(found.records, "row")) == (1, [(4,)])


def test_a_record_names_the_counted_kinds_that_stand_together(kit: ScanContext) -> None:
    cells = block(
        ["张三", "李四", "", "王五"],
        ["13800138001", "13800138002", "138****8001", ""],
        [ID, BAD, "", ""],
    )
    found = scan_block(cells, frame(kit, "姓名", "手机号", "身份证号"), kit)
    assert select(found.records, "row", "combination", "people") == [
        (2, "CN_MOBILE+CN_RESIDENT_ID+PERSON", None),
        (3, "CN_MOBILE+PERSON", None),  # its ID is refuted
        (5, "PERSON", None),  # a masked value makes no record
    ]
    assert found.counts["CN_RESIDENT_ID", "cn.resident_id", "refuted", "CHECK_FAIL", None] == 1
    assert sum(found.counts.values()) == found.findings.num_rows


def test_lines_of_text_have_column_0_and_no_header(kit: ScanContext) -> None:
    found = scan_block(block(["x 13800138001"], split=False), frame(kit), kit).findings
    assert select(found, "column", "header", "start") == [(0, None, 2)]


def test_a_piece_of_a_long_record_keeps_only_its_own_findings(kit: ScanContext) -> None:
    text = "13800138001 13900139000"
    piece = block([text], split=False, piece_start=1000, own_range=(5, 23))
    found = scan_block(piece, frame(kit), kit)
    assert select(found.findings, "start", "end") == [(1012, 1023)]
    assert found.rows == 0  # the record was counted with its first piece


def test_a_row_wider_than_its_table_is_examined_to_its_end(kit: ScanContext) -> None:
    found = scan_block(block(["张三"], ["13800138001"]), frame(kit, "姓名"), kit).findings
    assert select(found, "column", "header") == [(1, "姓名"), (2, None)]


def test_reveal_gives_values_but_never_a_credential(kit: ScanContext) -> None:
    shown = ScanContext(TableSearch(kit.engine, reveal=True), KEY, kit.counted_kinds)
    cells = block(["手机 138 0013 8001 13800138001 密码：hunter22"])
    assert scan_block(cells, frame(kit, None), kit).clear is None
    found = scan_block(cells, frame(kit, None), shown)
    assert found.clear is not None
    assert found.clear.schema == CLEAR_VALUES
    phone, secret = ("CN_MOBILE", "13800138001", "13800138001"), ("CREDENTIAL", None, None)
    assert select(found.clear, "entity", "text", "value") == [phone, secret]
    assert found.clear["digest"].to_pylist() == found.findings["digest"].to_pylist()


def test_a_header_that_names_a_person_is_shown_masked(kit: ScanContext) -> None:
    label = label_of(kit.engine.catalog, "手机号")
    assert label is not None
    column = ColumnLayout(label, 0, "手****")
    found = scan_block(block(["13800138001"]), TableLayout(1, 0, "", (column,)), kit).findings
    assert select(found, "header", "context") == [("手****", "手****")]


def test_a_block_without_findings_gives_empty_tables(kit: ScanContext) -> None:
    found = scan_block(block(["nothing"]), frame(kit, None), kit)
    assert found.findings.num_rows == found.records.num_rows == len(found.counts) == 0
    assert found.rows == 1


def test_halves_of_surrogate_pairs_become_valid_text() -> None:
    broken = pa.array([b"a\xed\xa0\x80b", "张".encode()], pa.binary()).view(pa.string())
    assert valid_utf8(broken).to_pylist() == ["a\ufffd\ufffd\ufffdb", "张"]


def test_columns_asked_about_together_answer_as_each_would_alone(kit: ScanContext) -> None:
    columns: dict[str | None, list[str | None]] = {
        "姓名": ["张三", "姓名", "李四、王五", "合计"],
        "备注": ["联系人王建国 13800138000", "备注", None, "张三 13900139000"],
        "来源": ["示例商贸公司", "来源", "13700137000", ""],
        "证件": [ID, "证件", BAD, "2"],
        None: [f"快递 SF1234567890123 {ID}", "", "", "长沙市岳麓区麓山南路1号"],
    }
    kinds = np.array([DATA, HEADER, DATA, SUBTOTAL], np.int8)
    whole = scan_block(block(*columns.values(), kinds=kinds), frame(kit, *columns), kit).findings
    places = ("end", "entity", "recognizer", "masked", "score", "context", "reason")
    apart: list[tuple[Any, ...]] = []
    for number, (header, cells) in enumerate(columns.items(), 1):
        alone = scan_block(block(cells, kinds=kinds), frame(kit, header), kit).findings
        apart += [(row, number, *rest) for row, *rest in select(alone, "row", "start", *places)]
    assert len(apart) == 6
    together = select(whole, "row", "column", "start", *places)
    assert together == sorted(apart, key=lambda found: found[:3])
