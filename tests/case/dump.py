"""A small made-up dump, and how tests scan it."""

import datetime
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from piiscan import Case, scan

DAY = datetime.date(2026, 1, 1)
VALID = ("430104190506150016", "110105194912310021", "43010419050615003X")
REFUTED = "430104190506150017"


def write_dump(folder: Path) -> Path:
    """Tables in two encodings, plain text, an archive, an empty and a broken file."""
    folder.mkdir()
    sale = "姓名,身份证号,手机号\n" + "".join(
        f"张{'三四五'[n % 3]},{VALID[0] if n % 4 else REFUTED},1380013{n:04d}\n" for n in range(40)
    )
    (folder / "sale.csv").write_text(sale, encoding="utf-8")
    (folder / "客户.csv").write_bytes(
        "姓名\t手机号\n李四\t13900139000\n王五\t138****8000\n".encode("gb18030")
    )
    (folder / "notes.txt").write_text(
        "联系 13700137000 邮箱 abc@example.com\n密码：hunter22\n", encoding="utf-8"
    )
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("内层/13812345678.csv"), sale)
    (folder / "empty.txt").touch()
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 not really")
    return folder


def scan_dump(paths: Any, case: Path, **more: Any) -> Case:
    """Scan with a fixed day and a key beside the case."""
    return scan(paths, case=case, **{"as_of": DAY, "key": case.parent / "test.key", **more})


def write_register(
    path: Path, rows: Sequence[Mapping[str, str]], aliases: Iterable[Sequence[str]]
) -> Path:
    """Write a register: rows as heading -> cell, aliases as name, kind, alias; return its path."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    sheets = {
        "检材登记表": [headings, *([row.get(each, "") for each in headings] for row in rows)],
        "别名": [("姓名", "别名类型", "别名"), *aliases],
    }
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(list(line))
    book.save(path)
    return path


def content(case: Path) -> dict[str, bytes]:
    """Name -> bytes of everything that must be the same for the same input."""
    kinds = ("findings", "records", "ledger", "alarms", "sendings", "doubts", "clear", "tables*")
    return {
        path.relative_to(case).as_posix(): path.read_bytes()
        for folder in kinds
        for path in sorted(case.glob(f"{folder}/*"))
    }
