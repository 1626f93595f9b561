"""Seeds of the file fuzzer: a small file of every format, with the values planted in it."""

import base64
import bz2
import contextlib
import io
import json
import lzma
import random
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lz4.frame
import openpyxl
from backports import zstd

from piiscan.synth.corpus import make
from tests.copies.documents import document, paragraph, table
from tests.fuzz.format_seeds import LISTED, READ, WITHOUT_TEXT, deep_archive, lines
from tests.fuzz.mutators import pack_zip
from tests.sources.formats.spreadsheet.books import MANIFEST, ODS, XLS

#: Recipes, and rows enough for a few values in every file.
_RECIPES: Final = {
    "mixed-folder": 160,
    "three-party": 60,
    "waybill": 12,
    "sms-codes": 12,
    "appliance-delivery": 12,
}
_PLANTED: Final = ("CN_MOBILE", "CN_RESIDENT_ID", "EMAIL_ADDRESS")
_LARGEST: Final = 8_000
_BESIDE: Final = 4  # characters on each side of a value that must be intact too
#: Stands around the text of a cell.
CELL: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class Seed:
    """One seed: name with extension, bytes, and its planted values with the text around each.

    ``values``: all that must be found or listed as lost, also those that no other reader here sees.
    """

    name: str
    data: bytes
    planted: frozenset[tuple[str, str]] = frozenset()
    values: frozenset[str] = frozenset()

    @property
    def extension(self) -> str:
        """Return the extension of the name, with the dot."""
        return Path(self.name).suffix


def texts_of(data: bytes, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield (place, text) of everything readable in a file, by a reader that is not piiscan's.

    A text is given once in each encoding in which it might be meant, cells of a sheet between
    ``CELL`` signs.  What cannot be unpacked is left out.
    """
    if data[:2] != b"PK":
        for codec in ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"):
            yield place, data.decode(codec, "replace")
        if (inner := unpack(data)) is not None:
            yield from texts_of(inner, place)
        return
    members = dict(read_members(data))
    if any(name.startswith("xl/") for name in members):
        shared = _strings(members.get("xl/sharedStrings.xml", b""))
        for name, part in members.items():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                yield place, _cells(part.decode("utf-8", "replace"), shared)
            elif re.fullmatch(r"xl/worksheets/[^/]+\.bin", name):
                yield place, part.decode("utf-16-le", "replace")
                yield place, part[1:].decode("utf-16-le", "replace")
    elif "content.xml" in members:
        text = members["content.xml"].decode("utf-8", "replace")
        found = re.findall(r"<text:p>([^<&]*)</text:p></table:table-cell>", text)
        yield place, CELL + CELL.join(found) + CELL
    elif "word/document.xml" not in members:
        for name, part in members.items():
            yield from texts_of(part, f"{place}!{name}" if place else name)


def unpack(data: bytes) -> bytes | None:
    """Return the first bytes of a compressed stream, as far as they are whole; None for others."""
    for signature, new in _DECOMPRESSORS:
        if data.startswith(signature):
            out = io.BytesIO()
            with contextlib.suppress(Exception):
                decompressor = new()
                for at in range(0, len(data), 64):
                    out.write(decompressor.decompress(data[at : at + 64]))
            return out.getvalue()
    return None


_DECOMPRESSORS: Final[tuple[tuple[bytes, Any], ...]] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", lzma.LZMADecompressor),
    (b"\x5d\0\0", lzma.LZMADecompressor),
    (b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor),
    (b"\x04\x22\x4d\x18", lz4.frame.LZ4FrameDecompressor),
)


def read_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the members of a zip archive that are whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                try:
                    yield info.filename, archive.read(info)
                except Exception:  # noqa: BLE001 - whatever a damaged member raises
                    continue
    except Exception:  # noqa: BLE001 - no archive any more
        return


def _strings(data: bytes) -> list[str]:
    """Return the shared strings of a workbook, those of several runs as ""."""
    text = data.decode("utf-8", "replace")
    items = re.findall(r"<si>(.*?)</si>", text, re.DOTALL)
    plain = [re.fullmatch(r"<t(?: [^<>]*)?>([^<&]*)</t>", item) for item in items]
    return [found[1] if found else "" for found in plain]


def _cells(text: str, shared: list[str]) -> str:
    """Return the texts of the cells of a sheet between ``CELL`` signs."""
    texts = []
    for kind, value, inline in re.findall(
        r'<c r="[A-Z]{1,2}[1-9][0-9]{0,3}"(?: s="\d+")?(?: t="(\w+)")?><(?:v>([0-9]+)</v'
        r"|is><t>([^<&]*)</t></is)></c>",
        text,
    ):
        if kind == "s" and value and int(value) < len(shared):
            texts.append(shared[int(value)])
        elif kind in ("", "n") and value:
            texts.append(value)
        elif kind == "inlineStr":
            texts.append(inline)
    return CELL + CELL.join(texts) + CELL


def _planted(data: bytes, values: set[str]) -> frozenset[tuple[str, str]]:
    """Return each value that a seed's texts have, with the characters around it."""
    found = set()
    for _, text in texts_of(data):
        for value in values:
            for at in re.finditer(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", text):
                beside = text[max(at.start() - _BESIDE, 0) : at.end() + _BESIDE]
                found.add((value, beside))
    return frozenset(found)


def _corpora(folder: Path) -> Iterator[Seed]:
    """Yield the small files of the recipes."""
    for recipe, rows in _RECIPES.items():
        made = make(recipe, rows=rows, seed=1, out=folder / recipe, list_rows=True)
        values: dict[str, set[str]] = {}
        assert made.truth_rows is not None
        for line in made.truth_rows.read_text("utf-8").splitlines():
            row = json.loads(line)
            planted = {v[4] for v in row["values"] if v[1] in _PLANTED and not v[5]}
            values.setdefault(row["file"].partition("!")[0], set()).update(planted)
        for path in made.files:
            name = path.relative_to(made.folder).as_posix()
            if path.stat().st_size <= _LARGEST:
                data = path.read_bytes()
                yield Seed(f"{recipe}/{name}", data, _planted(data, values.get(name, set())))


def _mobile(rng: random.Random) -> str:
    return f"13{rng.randrange(5, 10)}{rng.randrange(10**8):08}"


def make_own() -> Iterator[Seed]:
    """Yield files of the formats that no recipe has, values drawn anew for each."""
    rng = random.Random(5)

    for name, make_data in {**OWN, **READ, **LISTED, "deep.x.zip": deep_archive}.items():
        numbers = [_mobile(rng) for _ in range(5)]
        data = make_data(numbers)
        values = set() if name in WITHOUT_TEXT else set(numbers)
        yield Seed(f"own/{name}", data, _planted(data, values), frozenset(values))
    yield Seed("own/a.xls", zlib.decompress(base64.b64decode(XLS)))


def _json(numbers: list[str]) -> bytes:
    rows = [{"姓名": "张伟", "手机号": number, "n": at} for at, number in enumerate(numbers)]
    return json.dumps(rows, ensure_ascii=False).encode()


def _nested_json(numbers: list[str]) -> bytes:
    orders = [{"id": at, "to": {"name": "李四", "tel": [n]}} for at, n in enumerate(numbers)]
    return json.dumps({"code": 0, "data": {"list": orders}}, indent=1).encode()


def _deep_zip(numbers: list[str]) -> bytes:
    inner = pack_zip([("内.csv", ("手机号\n" + "\n".join(numbers[:3]) + "\n").encode())])
    text = "\n".join(f"电话 {number}" for number in numbers[3:]).encode()
    return pack_zip([("a/b.zip", inner), ("c.txt", text), ("d.json", _json(numbers[:2]))])


def _workbook(numbers: list[str]) -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["姓名", "手机号"])
    for number in numbers[:2]:
        first.append(["张伟", number])
    second = book.create_sheet("二")
    for number in numbers[2:]:
        second.append([None, int(number), "=A1"])
    second.merge_cells("E1:F3")
    out = io.BytesIO()
    book.save(out)
    parts = read_members(out.getvalue())
    return pack_zip(part for part in parts if not part[0].startswith(("docProps/", "xl/theme/")))


def _record(kind: int, data: bytes = b"") -> bytes:
    """Return a record of [MS-XLSB] 2.1.4; kinds above 127 take two bytes."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return head + bytes([len(data)]) + data


def _wide(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def _binary_workbook(numbers: list[str]) -> bytes:
    def word(number: int) -> bytes:
        return number.to_bytes(4, "little")

    rows = b"".join(
        _record(0, word(at) + bytes(13)) + _record(6, word(0) + word(0) + _wide(number))
        for at, number in enumerate(numbers)
    )
    size = word(0) + word(len(numbers) - 1) + word(0) + word(0)
    sheet = _record(129) + _record(148, size) + _record(145) + rows + _record(146) + _record(130)
    book = _record(131) + _record(143)
    book += _record(156, word(0) + word(1) + _wide("rId1") + _wide("S"))
    book += _record(144) + _record(132)
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    links = f'<Relationships xmlns="{rels}">{link}</Relationships>'
    return pack_zip(
        [
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/workbook.bin", book),
            ("xl/_rels/workbook.bin.rels", links.encode()),
            ("xl/worksheets/sheet1.bin", sheet),
        ]
    )


def ods_file(rows: str, head: str = "") -> bytes:
    """Return an ods file with rows of XML; ``head`` stands before its root."""
    start, rest = ODS.replace(">\n", ">").split("<table:table-row ", 1)
    tail = rest[rest.index("</table:table></office:spreadsheet>") :]
    xml, body = start.split("?>", 1)
    return pack_zip(
        [
            ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
            ("META-INF/manifest.xml", MANIFEST.encode()),
            ("content.xml", f"{xml}?>{head}{body}{rows}{tail}".encode()),
        ]
    )


def _ods(numbers: list[str]) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = f"<table:table-row>{cell}</table:table-row>"
    return ods_file("".join(map(row.format, numbers)))


def _document(numbers: list[str]) -> bytes:
    body = paragraph("电话 ", numbers[0][:5], numbers[0][5:]) + table(("张伟", numbers[1]))
    made = document(body, header=numbers[2], footnote=numbers[3], comment=numbers[4])
    return pack_zip(read_members(made))


#: Makers by name of file: of texts, workbooks and documents.
OWN: Final[dict[str, Callable[[list[str]], bytes]]] = {
    "a.json": _json,
    "nested.json": _nested_json,
    "postgres.sql": lines(
        "{at}\t{name}\t{number}\n",
        "SET x = 1;\nCOPY t (id, name, tel) FROM stdin;\n",
        "\\.\n\nSELECT 1;\n",
    ),
    "mysql.sql": lines(
        "({at},'{number}'),\n",
        "-- dump\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE `u` (`id` int, `tel` varchar(20));\n"
        "INSERT INTO `u` VALUES ",
        "(0,'');\nUNLOCK TABLES;\n",
    ),
    "sheets.xlsx": _workbook,
    "a.xlsb": _binary_workbook,
    "a.ods": _ods,
    "chat.txt": lines(
        "2023-01-0{at} 10:00:0{at} 小王\r\n收件人：{name} 电话：{number}\r\n\r\n",
        encoding="gb18030",
    ),
    "long.txt": lambda numbers: "，".join(numbers * 9).encode(),
    "deep.zip": _deep_zip,
    "a.docx": _document,
}


def make_seeds(folder: Path) -> list[Seed]:
    """Return all seeds; corpora are made in ``folder``."""
    return [*_corpora(folder), *make_own()]
