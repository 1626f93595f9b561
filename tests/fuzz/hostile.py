"""Hostile files: bombs, odd names, special files, and files that change while they are scanned."""

import os
import random
import re
import shutil
import socket
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from piiscan.case.store.case import Case
from piiscan.sources import content
from tests.fuzz.files import _peak, _reset_peak, _run
from tests.fuzz.format_seeds import PACKERS
from tests.fuzz.mutators import pack_zip
from tests.fuzz.seeds import make_own, ods_file, read_members
from tests.sources.formats import test_bson
from tests.sources.formats.document.planted import W, runs, word_table
from tests.sources.formats.pdf.made import document as pdf
from tests.sources.formats.pdf.made import lined

MOBILE: Final = "13800138000"
_LINE: Final = f"电话：{MOBILE}\n".encode()
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile case: what it makes in a folder, and what must be said of it.

    ``listed``: reason codes of which one must be listed; empty: all is read.  ``found``: the
    number in it must be found.  ``during``: done to the file once it has been opened.
    """

    name: str
    make: Callable[[Path], object]
    listed: frozenset[str] = frozenset()
    found: bool = False
    long: bool = False
    during: Callable[[Path], object] | None = None


def _case(name: str, make: Callable[[Path], object], *listed: str, **more: Any) -> Hostile:
    """Return a case of what a function makes in a folder."""
    return Hostile(name, make, frozenset(listed), **more)


def _file(name: str, data: Callable[[], bytes], *listed: str, **more: Any) -> Hostile:
    """Return a case of one file of this name."""
    return _case(name, lambda folder: (folder / name).write_bytes(data()), *listed, **more)


def _zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return pack_zip(parts.items(), method)


def _nested(depth: int) -> bytes:
    data = _LINE
    for number in range(depth):
        data = _zip({f"{number}.zip" if number else "a.txt": data})
    return data


def _many_nested() -> bytes:
    """Return an archive of 16 archives of 16 archives of 16 archives of 16 MB of blanks each."""
    data = _zip({"a.txt": b" " * (16 << 20)})
    for _ in range(3):
        data = _zip({f"{number}.zip": data for number in range(16)})
    return data


def _entry(name: bytes, data: bytes, size: int, offset: int) -> bytes:
    """Return an entry of a zip's directory for deflated data at ``offset``."""
    fields = (20, 20, 0, 8, 0, 33, 0, len(data), size, len(name), 0, 0, 0, 0, 0, offset)
    return b"PK\x01\x02" + struct.pack("<6H3L5H2L", *fields) + name


def _overlapping(count: int, unpacked: int) -> bytes:
    """Return a zip archive whose many entries all lead to the same data."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(unpacked)) + packer.flush()
    head = b"PK\x03\x04" + struct.pack("<5H3L2H", 20, 0, 8, 0, 33, 0, len(data), unpacked, 1, 0)
    entries = b"".join(_entry(b"a", data, unpacked, 0) for _ in range(count))
    start = len(head) + 1 + len(data)
    end = struct.pack("<4H2LH", 0, 0, min(count, 65535), min(count, 65535), len(entries), start, 0)
    return head + b"a" + data + entries + b"PK\x05\x06" + end


def _million(folder: Path) -> None:
    """Write an archive of a million files, by the zip64 record of its directory."""
    count = 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(_LINE) + packer.flush()
    crc = zlib.crc32(_LINE)
    with (folder / "million.zip").open("wb") as out:
        offsets = []
        for number in range(count):
            offsets.append(out.tell())
            fields = (20, 0, 8, 0, 33, crc, len(data), len(_LINE), 7, 0)
            out.write(b"PK\x03\x04" + struct.pack("<5H3L2H", *fields) + b"%07d" % number + data)
        start = out.tell()
        for number, offset in enumerate(offsets):
            entry = bytearray(_entry(b"%07d" % number, data, len(_LINE), offset))
            entry[16:20] = crc.to_bytes(4, "little")
            out.write(entry)
        size, at = out.tell() - start, out.tell()
        out.write(
            b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, count, count, size, start)
        )
        out.write(b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1))
        out.write(
            b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
        )


def _workbook(
    sheet: str, *, strings: str | None = None, head: str = "", sheets: int = 1, part: bytes = b""
) -> bytes:
    """Return an xlsx file; ``head`` stands before the root of the workbook part."""
    parts = dict(read_members(_OWN["sheets.xlsx"]))
    del parts["xl/worksheets/sheet2.xml"]
    book = parts["xl/workbook.xml"].decode()
    one = re.search("<sheet [^>]*>", book)
    assert one is not None
    names = (one[0].replace('name="Sheet', f'name="S{n}') for n in range(sheets))
    book = re.sub("<sheets>.*</sheets>", f"<sheets>{''.join(names)}</sheets>", book)
    parts["xl/workbook.xml"] = (head + book).encode()
    parts["xl/worksheets/sheet1.xml"] = (
        part or f'<worksheet xmlns="{_MAIN}">{sheet}</worksheet>'.encode()
    )
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings.encode()
        link = (
            '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        )
        rels = parts["xl/_rels/workbook.xml.rels"].decode()
        parts["xl/_rels/workbook.xml.rels"] = rels.replace("</Relationships>", link).encode()
    return _zip(parts)


def _document(body: str, head: str = "") -> bytes:
    """Return a docx file; ``head`` stands before its root."""
    return _zip({"word/document.xml": f"{head}<w:document {W}>{body}</w:document>".encode()})


def _cell(place: str, text: str = MOBILE) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _rows(*rows: str) -> str:
    return "<sheetData>" + "".join(f"<row>{row}</row>" for row in rows) + "</sheetData>"


def _shared(strings: str, cells: int, head: str = "") -> bytes:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, cells + 1)
    )
    text = f'{head}<sst xmlns="{_MAIN}"><si><t>{strings}</t></si></sst>'
    return _workbook(f"<sheetData>{rows}</sheetData>", strings=text)


_LAUGHS: Final = (
    "<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)
_ODS_CELL: Final = (
    '<table:table-row{}><table:table-cell{} office:value-type="string"><text:p>{}</text:p>'
    "</table:table-cell></table:table-row>"
)


_OWN: Final = {seed.name.removeprefix("own/"): seed.data for seed in make_own()}


def _set(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def _named(name: bytes, data: bytes = _LINE) -> Callable[[Path], object]:
    """Return a maker of a file with this name, as bytes."""

    def make(folder: Path) -> None:
        (folder / os.fsdecode(name)).write_bytes(data)

    return make


def _deep_folders(folder: Path) -> None:
    """Make folders so deep that the path is longer than the system takes, with a file below."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    number = os.open("a.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(number, _LINE)
    os.close(number)
    os.close(here)


def _folders(folder: Path) -> None:
    inner = folder
    for _ in range(300):
        inner /= "d"
    inner.mkdir(parents=True)
    (inner / "a.txt").write_bytes(_LINE)


def _socket(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # a path of a socket is short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("s")
    os.chdir(here)


def _links(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "up").symlink_to(".", target_is_directory=True)


def _sparse(size: int) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        with (folder / "sparse.txt").open("wb") as file:
            file.write(_LINE)
            file.truncate(size)

    return make


def _deep_bson(depth: int) -> bytes:
    """Return documents in each other."""
    data = test_bson.document({"a": MOBILE})
    for _ in range(depth):
        data = test_bson.document({"a": (3, data)})
    return data


_XLS: Final = _OWN["a.xls"]
_XLSB: Final = _OWN["a.xlsb"]
_MB: Final = 1 << 20
_CHANGED: Final = ("SOURCE_CHANGED", "READ_ERROR", "UNREADABLE", "changed")

HOSTILE: Final = (
    # bombs by size, ratio, depth and count
    _file("ratio.zip", lambda: _zip({"a.txt": bytes(80 * _MB)}), "ZIP_RATIO", long=True),
    _file("deep.zip", lambda: _nested(40), "ZIP_DEPTH"),
    _file("many-nested.zip", _many_nested, "ZIP_RATIO", long=True),
    _file("overlapping.zip", lambda: _overlapping(60_000, 4 * _MB), "ZIP_RATIO", "CRC", long=True),
    _file("lying-size.zip", lambda: _set(
        _zip({"a": _LINE}), 24 + _zip({"a": _LINE}).index(b"PK\x01\x02"), b"\xfe\xff\xff\xff"
    ), found=True),
    _file("many-members.zip", lambda: _zip({f"{n}.txt": b"x" for n in range(3000)}), long=True),
    _case("million.zip", _million, "ZIP_MEMBERS", long=True),
    _file("bzip2.zip", lambda: _zip({"a.txt": bytes(80 * _MB)}, zipfile.ZIP_BZIP2), "ZIP_RATIO"),
    _file("xz.zip", lambda: _zip({"a.txt": bytes(80 * _MB)}, zipfile.ZIP_LZMA), "ZIP_RATIO"),
    _file("itself.zip",
        lambda: _set(_zip({"a.zip": _LINE * 3}, zipfile.ZIP_STORED), 6, b"\1\0"), found=False),
    # documents
    _file("bomb.docx", lambda: _document(runs("x") * 1_200_000), "ZIP_RATIO", long=True),
    _file("one-text.docx", lambda: _document(runs("电话：13800138000，" * 3_000_000)), "ZIP_RATIO",
        long=True),
    _file("laughs.docx", lambda: _document(runs("&a9;"), _LAUGHS), "CORRUPT"),
    _file("deep.docx", lambda: _document("<w:tbl><w:tr><w:tc>" * 100_000 + runs(MOBILE)), "CORRUPT",
        found=True),
    _file("wide.docx", lambda: _document(word_table([[MOBILE] + ["x"] * 30_000])), found=True),
    _file("spans.docx", lambda: _document(
        "<w:tbl><w:tr>" + '<w:tc><w:gridSpan w:val="999999999"/></w:tc>' * 999
        + f"</w:tr></w:tbl>{runs(MOBILE)}"), found=True),
    _file("fields.docx", lambda: _document(
        "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 100_000 + "</w:p>"
        + runs(MOBILE)), found=True),
    _file("groups.rtf", lambda: b"{\\rtf1 " + b"{" * 1_000_000 + MOBILE.encode(), "CORRUPT",
        found=True),
    _file("words.rtf", lambda: b"{\\rtf1 " + b"\\trowd\\cell\\row" * 100_000 + _LINE + b"}",
        found=True),
    _file("count.pdf", lambda: pdf([lined(MOBILE)]).replace(b"/Count 1>>", b"/Count 999999>>"),
        "CORRUPT", found=True),
    _file("kids.pdf", lambda: pdf([lined(MOBILE)]).replace(b"/Parent 2 0 R", b"/Parent 3 0 R"),
        found=True),
    _file("form-loop.pdf", lambda: pdf([lined(MOBILE) + "/P Do"]).replace(
        b"/Subtype/Image/Width 1/Height 1", b"/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject"
        b"<</P 5 0 R>>>>"), found=True),
    _file("lines.pdf", lambda: pdf([lined(MOBILE) + "0 0 m 9 9 l S\n" * 100_000]), found=True),
    # workbooks
    _file("shared.xlsx", lambda: _shared("x" * 450_000, 5_000), "SHEET_TOO_LARGE"),
    _file("dimension.xlsx",
        lambda: _workbook(_rows(_cell("A1"), _cell("XFD1048576"))), "SHEET_TOO_LARGE"),
    _file("laughs.xlsx",
        lambda: _shared("&a9;", 3, _LAUGHS), "CORRUPT", "EMPTY", "SHEET_TOO_LARGE"),
    _file("laughs-book.xlsx", lambda: _workbook(_rows(_cell("A1")), head=_LAUGHS), found=True),
    _file("merged.xlsx", lambda: _workbook(
        _rows(_cell("A1")) + "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 50_000
        + "</mergeCells>"), found=True),
    _file("formulas.xlsx", lambda: _workbook(_rows(_cell("A1"), "".join(
        f'<c r="A{n}"><f>{"(" * 500}A1{")" * 500}</f><v>1</v></c>' for n in range(2, 2000)))),
        found=True),
    _file("shared-formula.xlsx", lambda: _workbook(_rows(_cell("A1"),
        '<c r="A2"><f t="shared" ref="A2:XFD1048576" si="0">A1</f><v>1</v></c>')), found=True),
    _file("sheets.xlsx",
        lambda: _workbook(_rows(_cell("A1")), sheets=1_000), found=True, long=True),
    _file("rows.xlsx", lambda: _workbook(
        '<sheetData><row r="0">' + _cell("A0") + '</row><row r="-1">' + _cell("A-1")
        + '</row><row r="99999999999">' + _cell("A99999999999") + "</row></sheetData>"),
        "CORRUPT", "SHEET_TOO_LARGE", "READER_FAILED"),
    _file("columns.xlsx",
        lambda: _workbook(_rows(_cell("ZZZZZZZZ1"), _cell("1"), _cell("A"), _cell(""))),
        "CORRUPT", "SHEET_TOO_LARGE", "READER_FAILED"),
    _file("deep.xlsx", lambda: _workbook("", part=b"<a>" * 500_000), "CORRUPT", "EMPTY"),
    _file("zeros.xlsx", lambda: _workbook("", part=bytes(60 * _MB)), "CORRUPT", "EMPTY"),
    _file("cdata.xlsx",
        lambda: _workbook(_rows(_cell("A1", f"<![CDATA[{MOBILE}]]>"))), found=True),
    _file("strings.xlsx", lambda: _shared("</t></si><si><t>".join(map(str, range(100_000))), 2)),
    _file("repeated.ods", lambda: ods_file(_ODS_CELL.format(
        ' table:number-rows-repeated="1048576"', ' table:number-columns-repeated="16384"', MOBILE)),
        "SHEET_TOO_LARGE", "CORRUPT"),
    _file("overflow.ods", lambda: ods_file(_ODS_CELL.format(
        ' table:number-rows-repeated="99999999999999999999"', "", MOBILE)),
        "SHEET_TOO_LARGE", "CORRUPT"),
    _file("laughs.ods",
        lambda: ods_file(_ODS_CELL.format("", "", "&a9;"), _LAUGHS), "CORRUPT", "CELLS_NOT_READ"),
    _file("deep.ods", lambda: ods_file("<text:p>" * 300_000), "CORRUPT"),
    _file("cut.xls", lambda: _XLS[:3000], "CORRUPT", "READER_FAILED"),
    _file("loop.xls", lambda: _set(_XLS, 512, struct.pack("<4i", 0, 0, 0, 0)), found=True),
    _file("sectors.xls", lambda: _set(_XLS, 44, b"\xff\xff\xff\x7f"), found=True),
    _file("length.xlsb", lambda: _zip({"xl/workbook.bin": b"\x9c\x01\xff\xff\xff\x7f" + bytes(99)}),
        "CORRUPT", "READER_FAILED"),
    # texts
    _file("deep.json", lambda: b"[" * 1_000_000 + _LINE, found=True, long=True),
    _file("key.json", lambda: b'[{"' + b"k" * (5 * _MB) + b'": "13800138000"}]',
        found=True, long=True),
    _file("number.json",
        lambda: b'[{"a": ' + b"9" * 1_000_000 + b', "b": "13800138000"}]', found=True),
    _file("surrogates.json", lambda: b'[{"\\ud800": "\\udc00", "a": "13800138000"}]', found=True),
    _file("keys.jsonl",
        lambda: b"".join(b'{"k%d": "13800138000"}\n' % n for n in range(20_000)),
        found=True, long=True),
    _file("equal-keys.json", lambda: b'[{"a": "13800138000", "a": "x"}]', found=True),
    _file("one-line.csv", lambda: b"a,b\n" + b"x," * (10 * _MB) + _LINE, found=True, long=True),
    _file("columns.csv", lambda: b"," * 1_000_000 + b"\n" + _LINE, found=True),
    _file("quote.csv", lambda: b'a,b\n"' + b"x\n" * (4 * _MB) + _LINE, found=True),
    _file("newlines.txt", lambda: b"\n" * 2_000_000 + _LINE, found=True),
    _file("nuls.txt", lambda: bytes(5 * _MB) + _LINE, found=True),
    _file("label.txt", lambda: "备注：".encode() + b"x" * 70_000 + b"\n" + _LINE, found=True),
    _file("name.txt", lambda: "张".encode() * 131_072 + b"\n" + _LINE, found=True, long=True),
    _file("digits.txt", lambda: b"1" * (3 * _MB) + b"\n" + _LINE, found=True),
    _file("no-separator.txt", lambda: MOBILE.encode() * 200_000 + b"\n" + _LINE, found=True),
    _file("encodings.txt", lambda: b"".join(
        f"手機：{MOBILE}\n".encode(("utf-8", "gb18030", "big5")[n % 3]) for n in range(3000)),
        found=True),
    _file("random.bin", lambda: random.Random(1).randbytes(2 * _MB), "ENCRYPTED"),
    _file("string.sql",
        lambda: b"INSERT INTO t VALUES (1,'" + b"x\n" * (2 * _MB) + _LINE, found=True),
    _file("tuples.sql",
        lambda: b"INSERT INTO t VALUES " + b"()," * 500_000 + b"('13800138000');", found=True),
    _file("comments.sql",
        lambda: b"/*" * 500_000 + b"\nINSERT INTO t VALUES ('13800138000');", found=True),
    _file("copy.sql",
        lambda: b"COPY t (a) FROM stdin;\n" + b"\\N\n" * 500_000 + MOBILE.encode(), found=True),
    # other formats
    *(_file(f"bomb.{PACKERS[name][0]}",
        partial(PACKERS[name][1], "a.txt", bytes(80 * _MB)), "ZIP_RATIO", long=name != "zstd")
        for name in ("gzip", "bzip2", "xz", "lzma", "zstd", "7z")),
    _file("deep.html", lambda: b"<html>" + b"<div>" * 300_000 + _LINE, found=True, long=True),
    _file("deep.xml", lambda: b'<?xml version="1.0"?>' + b"<a>" * 300_000 + _LINE,
        found=True, long=True),
    _file("laughs.xml",
        f'<?xml version="1.0"?>{_LAUGHS}<x><b>&a9;</b><b>{MOBILE}</b></x>'.encode,
        found=True),
    _file("deep.plist", lambda: b"<plist>" + b"<array>" * 100_000 + b"<string>" + _LINE,
        found=True, long=True),
    _file("loop.plist", lambda: b"bplist00\xa1\0\x08" + bytes(6) + b"\1\1" + bytes(7) + b"\1"
        + bytes(15) + b"\x0a", "CORRUPT"),
    _file("deep.bson", lambda: _deep_bson(3000), "CORRUPT", "BINARY"),
    _file("parts.eml", lambda: b"From: a@example.com\nSubject: x\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(300))
        + b"\n" + _LINE, found=True),
    _file("lines.vcf", lambda: b"BEGIN:VCARD\n" + b"TEL:13800138000\n" * 300_000,
        found=True, long=True),
    _file("records.dbf", lambda: _set(_OWN["a.dbf"], 4, b"\xff" * 4), "CORRUPT"),
    _file("size.tar", lambda: _set(_OWN["a.tar"], 124, b"\x80" + b"\x7f" * 11), "CORRUPT"),
    _file("pages.db", lambda: _set(_OWN["a.db"], 4096 + 8, b"\0\0\0\2"), "CORRUPT"),
    # names
    _file("names.zip", lambda: _zip(dict.fromkeys(
        ("", "\0", "a\0b", "\n", "\u202egpj.exe", "../../../etc/x", "/", "C:\\x"),
        _LINE)), found=True),
    _case("255 bytes", _named(b"x" * 251 + b".txt"), found=True),
    _case("newline", _named(b"a\nb\r\x1b[31m.txt"), found=True),
    _case("right to left", _named("\u202etxt.exe".encode()), found=True),
    _case("no UTF-8", _named(b"\xff\xfe\xc3\x28.txt"), found=True),
    _case("option", _named(b"--case"), found=True),
    _case("deep folders", _folders, found=True),
    _case("path too long", _deep_folders, "UNREADABLE"),
    # special files
    _case("fifo", lambda folder: os.mkfifo(folder / "f"), "FIFO"),
    _case("socket", _socket, "SOCKET"),
    _case("device", lambda folder: (folder / "zero").symlink_to("/dev/zero"), "SYMLINK"),
    _case("loops", _links, "SYMLINK_LOOP"),
    _case("sparse", _sparse(300 * _MB), found=True, long=True),
    _case("sparse of 100 GB", _sparse(100 << 30), "UNDECODABLE", "BINARY", found=True, long=True),
    # files that change during the scan
    _case("grows", _named(b"grows", _LINE), *_CHANGED,
        during=lambda path: path.write_bytes(_LINE * 10)),
    _case("shrinks", _named(b"shrinks", _LINE * 100_000), *_CHANGED,
        during=lambda path: os.truncate(path, 5)),
    _case("vanishes", _named(b"vanishes", _LINE), *_CHANGED, during=lambda path: path.unlink()),
    _case("changes", _named(b"changes", _LINE), *_CHANGED,
        during=lambda path: path.write_bytes(_LINE.replace(b"8", b"9"))),
    _case("becomes a fifo", _named(b"becomes", _LINE), *_CHANGED,
        during=lambda path: (path.unlink(), os.mkfifo(path))),
    _case("becomes a folder", _named(b"becomes2", _LINE), *_CHANGED,
        during=lambda path: (path.unlink(), path.mkdir())),
    _file("shrinks.xlsx", lambda: _OWN["sheets.xlsx"], *_CHANGED, "CORRUPT",
        during=lambda path: os.truncate(path, 400)),
    _file("vanishes.zip",
        lambda: _OWN["deep.zip"], *_CHANGED, during=lambda path: path.unlink()),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """How a case ended: exit code, reasons listed, True if the number was found, most memory."""

    code: int
    reasons: frozenset[str]
    found: bool
    peak: int

    def wrong(self, case: Hostile) -> str | None:
        """Return what does not hold; None if all is as expected."""
        if self.code not in (0, 1):
            return f"exit code {self.code}"
        if case.listed and not case.listed & self.reasons:
            return f"listed {sorted(self.reasons)}, not {sorted(case.listed)}"
        if case.found and not self.found:
            return f"the number is not found; {sorted(self.reasons)}"
        return None


def try_case(case: Hostile, home: Path) -> Result:
    """Make a case below ``home``, scan it, and remove it."""
    folder = Path(tempfile.mkdtemp(dir=home))
    (folder / "in").mkdir()
    try:
        case.make(folder / "in")
        held = _reset_peak()
        with _change_once_opened(folder / "in", case.during):
            arguments = ["scan", "in", "--case", "case", "--key", "key", "--reveal"]
            code, said = _run([*arguments, "--as-of", "2026-01-01"], folder)
        if code not in (0, 1):
            return Result(code, frozenset([said]), False, _peak(held))
        done = Case.open(folder / "case")
        reasons = {error["reason"] for error in done.stored("errors").to_pylist()}
        reasons |= {
            s["state"] for s in done.stored("sources").to_pylist() if s["state"] == "changed"
        }
        found = done.sql(f"select count(*) as n from clear where value = '{MOBILE}'").to_pylist()
        return Result(code, frozenset(reasons), bool(found[0]["n"]), _peak(held))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _change_once_opened(folder: Path, change: Callable[[Path], object] | None) -> Any:
    """Return a context in which ``change`` is done to the file that is opened first."""
    real, left = content.open_file, [change]

    def opened(path: Path) -> Any:
        stream = real(path)
        if left[0] is not None and path.parent.name == folder.name:
            action, left[0] = left[0], None
            action(path)
        return stream

    return mock.patch.object(content, "open_file", opened)
