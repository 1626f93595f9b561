"""The native reader is another process: its end, its hang and its hunger cost one workbook."""

import io
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from piiscan.sources.block import Block, Table, Trouble
from piiscan.sources.content import memory_content
from piiscan.sources.formats.spreadsheet import native_reader
from piiscan.sources.formats.spreadsheet.dimensions import measure_strings
from piiscan.sources.formats.spreadsheet.open import open_workbook
from piiscan.sources.limits import Budget
from piiscan.sources.read import open_tables
from tests.sources.formats.spreadsheet.books import workbook
from tests.sources.tables import (
    cells_of,
    count_names,
    read_all,
    read_members,
    read_one,
    reasons,
    told,
)

WORKER = "from piiscan.sources.formats.spreadsheet import sheet_worker as worker\n"
SERVE = "\nworker.serve()"
ROWS = [["姓名", "手机号"], *([f"张三{n}", f"138001{n:05}"] for n in range(20_000))]


@pytest.fixture(autouse=True)
def no_idle_workers() -> None:
    native_reader.POOL.close()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "good.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("a")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        book.add_worksheet("b").write_row(0, 0, ["x", "y"])
    return path


def shared(characters: int, cells: int, prefix: str = "") -> bytes:
    """A workbook of ``cells`` cells that share one string."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    p, name = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    rows = "".join(
        f'<{p}row r="{n}"><{p}c r="A{n}" t="s"><{p}v>0</{p}v></{p}c></{p}row>'
        for n in range(1, cells + 1)
    )
    text = "好" * characters
    strings = f'<{p}sst {name}="{space}"><{p}si><{p}t>{text}</{p}t></{p}si></{p}sst>'
    sheet = f'<{p}worksheet {name}="{space}"><{p}sheetData>{rows}</{p}sheetData></{p}worksheet>'
    changed = {"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": sheet}
    return workbook([["x"]], changed)


def open_good(path: Path) -> list[Table]:
    opened = open_tables(path, count_names=count_names)
    return [each for each in opened if isinstance(each, Table)]


def test_one_worker_reads_all_workbooks(good: Path) -> None:
    assert cells_of(read_all(good)[0][0][1]) == ROWS
    (worker,) = native_reader.POOL.idle
    assert worker.loaded is None  # dropped
    assert cells_of(read_all(good)[0][0][1]) == ROWS
    assert native_reader.POOL.idle == [worker]


def test_sheets_can_be_read_late_together_and_in_any_order(good: Path) -> None:
    first, second = (table.blocks() for table in open_good(good))
    parts = [next(first)]
    assert [each for each in second if isinstance(each, Block)]
    parts += first
    assert cells_of([each for each in parts if isinstance(each, Block)]) == ROWS


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_worker_that_is_killed_between_two_blocks_loses_no_row(good: Path) -> None:
    blocks = open_good(good)[0].blocks()
    parts = [next(blocks)]
    child = Path(f"/proc/self/task/{os.getpid()}/children")
    for pid in child.read_text().split():
        if "sheet_worker" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(int(pid), signal.SIGKILL)
    parts += blocks
    assert cells_of([each for each in parts if isinstance(each, Block)]) == ROWS
    assert all(isinstance(each, Block) for each in parts)


def test_an_abort_costs_one_workbook_after_a_second_try(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = tmp_path / "tried"
    fail = (
        "import os\n"
        f"def fail(*rest): open({str(tried)!r}, 'a').write('x'); os.abort()\n"
        "worker.sample_rows = fail"
    )
    monkeypatch.setattr(native_reader.POOL, "command", WORKER + fail + SERVE)
    tables, troubles = read_all(good)
    assert tables == []
    assert told(troubles) == [("#a", "READER_FAILED", True), ("#b", "READER_FAILED", True)]
    assert troubles[0].detail == "the native reader ended twice: signal 6"
    assert tried.read_text() == "xxxx"
    monkeypatch.setattr(native_reader.POOL, "command", WORKER + SERVE)
    assert len(read_all(good)[0]) == 2  # the next one is read


def test_an_abort_that_does_not_come_again_costs_nothing(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = tmp_path / "once"
    fail = (
        "import os\nreal = worker.row_batches\n"
        f"def fail(*rest, **more):\n for each in real(*rest, **more):\n  yield each\n"
        f"  if not os.path.exists({str(once)!r}): open({str(once)!r}, 'w'); os.abort()\n"
        "worker.row_batches = fail"
    )
    monkeypatch.setattr(native_reader.POOL, "command", WORKER + fail + SERVE)
    tables, troubles = read_all(good)
    assert once.exists()
    assert cells_of(tables[0][1]) == ROWS
    assert troubles == []


def test_a_worker_without_progress_is_stopped_and_listed(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(native_reader.POOL, "patience", 2.0)
    hang = "import time\nworker.row_batches = lambda *rest, **more: iter(lambda: time.sleep(99), 1)"
    monkeypatch.setattr(native_reader.POOL, "command", WORKER + hang + SERVE)
    tables, troubles = read_all(good)
    assert [cells_of(blocks) for _, blocks in tables] == [[], []]
    assert set(reasons(troubles)) == {"READER_STOPPED"}
    assert troubles[0].detail == "no progress for 2 seconds"
    assert native_reader.POOL.patience == 2.0


@pytest.mark.parametrize(
    ("change", "found"), [(lambda d: d + bytes(999), []), (lambda d: d[:-100], ["CORRUPT"])]
)
def test_a_workbook_that_grows_or_shrinks_while_it_is_read_costs_no_other(
    change: Callable[[bytes], bytes], found: list[str]
) -> None:
    small = shared(1, 3)
    whole = memory_content(small, "a.xlsx", member="a.xlsx")
    changed = replace(whole, open=lambda: io.BytesIO(change(small)))
    items = open_workbook(changed, count_names, Budget())
    assert [each.reason for each in items if isinstance(each, Trouble)] == found
    (worker,) = native_reader.POOL.idle
    assert read_members(small)[0] == {"#Sheet": [["好"]] * 3}
    assert native_reader.POOL.idle == [worker]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory")
def test_a_worker_has_a_limit_of_memory(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eat = "worker.sample_rows = lambda *rest: bytearray(5 << 30)"
    monkeypatch.setattr(native_reader.POOL, "command", WORKER + eat + SERVE)
    _, troubles = read_all(good)
    assert {each.detail for each in troubles} == {
        "the native reader ended twice: more than 4096 MB of memory"
    }


@pytest.mark.parametrize("prefix", ["", "x"])
def test_cells_that_share_a_long_string_are_counted_before_they_are_built(prefix: str) -> None:
    bomb = shared(450_000, 5_000, prefix)
    assert len(bomb) < 40_000
    tables, troubles = read_all(bomb)
    assert (tables, told(troubles)) == ([], [("#Sheet", "SHEET_TOO_LARGE", True)])


def test_cells_that_share_a_string_of_ordinary_length_are_read() -> None:
    table, blocks, troubles = read_one(shared(100, 5_000))
    assert (table.kind, troubles) == ("sheet", [])
    assert cells_of(blocks) == [["好" * 100]] * 5_000


@pytest.mark.parametrize("size", [1, 255, 256, 257, (1 << 20) - 5, 1 << 20, (1 << 20) + 3])
def test_sizes_of_shared_strings_do_not_depend_on_pieces(size: int) -> None:
    strings = [b"<si><t>%s</t></si>" % (b"x" * length) for length in (size, 3, size, 0, size)]
    sizes = measure_strings(io.BytesIO(b"".join(strings)), 1 << 30).sizes
    assert sizes.tolist() == [len(each) for each in strings]
