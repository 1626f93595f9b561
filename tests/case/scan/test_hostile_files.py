"""No file ends a scan: it is listed as lost, and the others are scanned."""

import shutil
from pathlib import Path

import openpyxl
import pytest

from piiscan import Case, PiiscanError
from piiscan.case.scan import source_reader
from piiscan.copies import redact_folder
from piiscan.sources.formats.spreadsheet import native_reader
from tests.case.dump import scan_dump
from tests.case.scanned import query_rows, write_files


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    row = "姓名,手机号\n张三,1380013800{}\n"
    files = {f"{name}.csv": row.format(digit) for digit, name in enumerate("abc", 1)}
    return write_files(tmp_path / "dump", files)


def values(case: Case) -> list[tuple[str]]:
    return query_rows(case, "select masked from findings")


def test_a_table_that_cannot_be_typed_is_listed_and_the_others_are_scanned(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = source_reader.type_table

    def fail(source: int, *rest: object) -> object:
        if source == 2:
            raise IndexError("13800138002")
        return real(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(source_reader, "type_table", fail)
    case = scan_dump([dump], tmp_path / "case")
    ((*error, detail),) = query_rows(case, "select source, reason, lost, detail from errors")
    assert error == [2, "READER_FAILED", True]
    assert detail.startswith("IndexError at ")
    assert len(values(case)) == 4


def test_a_share_that_vanishes_ends_the_scan_which_goes_on_when_it_is_back(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scan_dump([dump], tmp_path / "whole")
    real = source_reader.type_table

    def vanish(source: int, *rest: object) -> object:
        if source == 2 and dump.is_dir():
            dump.rename(tmp_path / "away")
        return real(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(source_reader, "type_table", vanish)
    with pytest.raises(PiiscanError, match="vanished") as raised:
        scan_dump([dump], tmp_path / "case")
    assert raised.value.code == "source.vanished"
    assert not list((tmp_path / "case").glob("manifest*"))
    monkeypatch.setattr(source_reader, "type_table", real)
    (tmp_path / "away").rename(dump)
    case = scan_dump([dump], tmp_path / "case")
    assert case.manifest.content["counters"]["unread"] == 0
    assert values(case) == values(whole)


def test_a_share_that_vanishes_ends_redact(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = redact_folder.sha256_of

    def vanish(path: Path) -> str:
        if path.name == "b.csv":
            shutil.rmtree(dump)
        return real(path)

    monkeypatch.setattr(redact_folder, "sha256_of", vanish)
    with pytest.raises(PiiscanError, match="vanished"):
        redact_folder.redact(dump, out=tmp_path / "out")


def test_a_reader_that_was_stopped_is_tried_again_by_the_next_run(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["手机号"])
    book.active.append(["13800138009"])
    book.save(dump / "d.xlsx")
    serve = native_reader.POOL.command
    hang = "import time\nfrom piiscan.sources.formats.spreadsheet import sheet_worker as worker\n"
    hang += "worker.sample_rows = lambda *rest: time.sleep(99)\nworker.serve()"
    native_reader.POOL.close()
    monkeypatch.setattr(native_reader.POOL, "patience", 2.0)
    monkeypatch.setattr(native_reader.POOL, "command", hang)
    case = scan_dump([dump], tmp_path / "case")
    assert query_rows(case, "select reason, lost from errors") == [("READER_STOPPED", True)]
    found = len(values(case))
    monkeypatch.setattr(native_reader.POOL, "patience", 600.0)
    monkeypatch.setattr(native_reader.POOL, "command", serve)
    case = scan_dump([dump], tmp_path / "case")
    assert case.sql("select reason from errors").num_rows == 0
    assert len(values(case)) == found + 1
    assert case.manifest.generation == 2
    assert scan_dump([dump], tmp_path / "case").manifest.generation == 2
