"""A block's findings: place, digest, mask, records, counts; labels speak of data rows only."""

from __future__ import annotations

import datetime
import hashlib

import numpy as np
import pyarrow as pa
import pytest

from piiscan.case.scan.block.findings import valid_utf8
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


def test_a_finding_carries_its_address_kind_digest_and_mask(kit: ScanContext) -> None:
    starts = [np.array([20, 60]), np.array([27, 67])]
    cells = block(
        ["张三", "李四"], ["13800138001", "13900139000"], byte_starts=starts, encoding="utf-8"
    )
    found = scan_block(cells, frame(kit, "姓名", "手机号"), kit)
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
    order = list(zip(*(found[n].to_pylist() for n in ("row", "column", "start")), strict=True))
    assert order == [(2, 1, 0), (2, 1, 8), (2, 2, 0), (3, 1, 0), (3, 2, 0)]


def test_a_label_does_not_speak_of_headers_titles_and_sums(kit: ScanContext) -> None:
    kinds = np.array([TITLE, HEADER, DATA, SUBTOTAL, BLANK], np.int8)
    cells = block(["名单 13800138001", "姓名", "张三", "合计", ""], kinds=kinds)
    found = scan_block(cells, frame(kit, "姓名"), kit)
    kept = found.findings.select(["row", "entity"]).to_pylist()
    assert kept == [{"row": 2, "entity": "CN_MOBILE"}, {"row": 4, "entity": "PERSON"}]
    assert found.rows == 1
    assert found.records["row"].to_pylist() == [4]


def test_a_record_names_the_counted_kinds_that_stand_together(kit: ScanContext) -> None:
    cells = block(
        ["张三", "李四", "", "王五"],
        ["13800138001", "13800138002", "138****8001", ""],
        [ID, BAD, "", ""],
    )
    found = scan_block(cells, frame(kit, "姓名", "手机号", "身份证号"), kit)
    assert found.records.select(["row", "combination"]).to_pylist() == [
        {"row": 2, "combination": "CN_MOBILE+CN_RESIDENT_ID+PERSON"},
        {"row": 3, "combination": "CN_MOBILE+PERSON"},  # its ID is refuted
        {"row": 5, "combination": "PERSON"},  # a masked value makes no record
    ]
    assert found.counts["CN_RESIDENT_ID", "cn.resident_id", "refuted", "CHECK_FAIL", None] == 1
    assert sum(found.counts.values()) == found.findings.num_rows


def test_records_with_the_same_values_have_the_same_digest(kit: ScanContext) -> None:
    cells = block(["张三", "李四", "张三"], ["13800138001", "13800138001", "13800138001"])
    digests = scan_block(cells, frame(kit, "姓名", "手机号"), kit).records["digest"].to_pylist()
    assert digests[0] == digests[2] != digests[1]


def test_tables_side_by_side_make_records_of_their_own(kit: ScanContext) -> None:
    cells = block(["13800138001"], ["a@b.com"], ["13800138002"])
    found = scan_block(cells, frame(kit, None, None, None, groups=(0, 0, 1)), kit)
    assert found.records.select(["group", "combination"]).to_pylist() == [
        {"group": 0, "combination": "CN_MOBILE+EMAIL_ADDRESS"},
        {"group": 1, "combination": "CN_MOBILE"},
    ]
    assert found.findings["group"].to_pylist() == [0, 0, 1]


def test_lines_of_text_have_column_0_and_no_header(kit: ScanContext) -> None:
    found = scan_block(block(["x 13800138001"], split=False), frame(kit), kit).findings
    assert found.select(["column", "header", "start"]).to_pylist() == [
        {"column": 0, "header": None, "start": 2}
    ]


def test_a_piece_of_a_long_record_keeps_only_its_own_findings(kit: ScanContext) -> None:
    text = "13800138001 13900139000"
    piece = block([text], split=False, piece_start=1000, own_range=(5, 23))
    found = scan_block(piece, frame(kit), kit)
    assert found.findings.select(["start", "end"]).to_pylist() == [{"start": 1012, "end": 1023}]
    assert found.rows == 0  # the record was counted with its first piece


def test_a_row_wider_than_its_table_is_examined_to_its_end(kit: ScanContext) -> None:
    found = scan_block(block(["张三"], ["13800138001"]), frame(kit, "姓名"), kit).findings
    assert found.select(["column", "header"]).to_pylist() == [
        {"column": 1, "header": "姓名"},
        {"column": 2, "header": None},
    ]


def test_without_reveal_no_clear_value_is_anywhere(kit: ScanContext) -> None:
    found = scan_block(block(["13800138001"], [ID]), frame(kit, None, None), kit)
    assert found.clear is None
    for table in (found.findings, found.records):
        assert "13800138001" not in str(table.to_pylist())
        assert ID not in str(table.to_pylist())


def test_reveal_gives_values_but_never_a_credential(kit: ScanContext) -> None:
    shown = ScanContext(TableSearch(kit.engine, reveal=True), KEY, kit.counted_kinds)
    found = scan_block(
        block(["手机 138 0013 8001 13800138001 密码：hunter22"]), frame(kit, None), shown
    )
    assert found.clear is not None
    assert found.clear.schema == CLEAR_VALUES
    assert found.clear.select(["entity", "text", "value"]).to_pylist() == [
        {"entity": "CN_MOBILE", "text": "13800138001", "value": "13800138001"},
        {"entity": "CREDENTIAL", "text": None, "value": None},
    ]
    assert found.clear["digest"].to_pylist() == found.findings["digest"].to_pylist()


def test_a_header_that_names_a_person_is_shown_masked(kit: ScanContext) -> None:
    label = label_of(kit.engine.catalog, "手机号")
    assert label is not None
    column = ColumnLayout(label, 0, "手****")
    found = scan_block(block(["13800138001"]), TableLayout(1, 0, "", (column,)), kit).findings
    assert found.select(["header", "context"]).to_pylist() == [
        {"header": "手****", "context": "手****"}
    ]


def test_a_block_without_findings_gives_empty_tables(kit: ScanContext) -> None:
    found = scan_block(block(["nothing"]), frame(kit, None), kit)
    assert found.findings.num_rows == found.records.num_rows == 0
    assert not found.counts
    assert found.rows == 1


def test_halves_of_surrogate_pairs_become_valid_text() -> None:
    broken = pa.array([b"a\xed\xa0\x80b", "张".encode()], pa.binary()).view(pa.string())
    assert valid_utf8(broken).to_pylist() == ["a\ufffd\ufffd\ufffdb", "张"]


def test_two_people_in_a_row_stay_two_people(kit: ScanContext) -> None:
    cells = block(
        ["张三", "李四"],
        ["13800138001", "13900139000"],
        ["13700137000", ""],
        ["a@b.com", "c@d.com"],
    )
    headers = ("收件人姓名", "收件人手机号", "寄件人手机号", None)
    found = scan_block(cells, frame(kit, *headers), kit)
    roles = {(f["entity"], f["column"]): f["role"] for f in found.findings.to_pylist()}
    assert roles["PERSON", 1] == roles["CN_MOBILE", 2] == "recipient"
    assert roles["CN_MOBILE", 3] == "sender"
    assert roles["EMAIL_ADDRESS", 4] is None
    assert found.records["people"].to_pylist() == [
        "recipient:CN_MOBILE+PERSON;sender:CN_MOBILE;EMAIL_ADDRESS",
        "recipient:CN_MOBILE+PERSON;EMAIL_ADDRESS",
    ]
    assert found.counts["CN_MOBILE", "cn.mobile", "plausible", None, "sender"] == 1


def test_records_without_roles_name_no_people(kit: ScanContext) -> None:
    found = scan_block(block(["张三"], ["13800138001"]), frame(kit, "姓名", "手机号"), kit)
    assert found.records.num_rows == 1
    assert found.records["people"].to_pylist() == [None]


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
    places = ("row", "start", "end", "entity", "recognizer", "masked", "score", "context", "reason")
    apart = []
    for number, (header, cells) in enumerate(columns.items(), 1):
        alone = scan_block(block(cells, kinds=kinds), frame(kit, header), kit).findings
        apart += [
            (row["row"], number, *(row[name] for name in places[1:])) for row in alone.to_pylist()
        ]
    assert len(apart) == 6
    assert [
        (row["row"], row["column"], *(row[name] for name in places[1:]))
        for row in whole.to_pylist()
    ] == sorted(apart, key=lambda found: found[:3])
