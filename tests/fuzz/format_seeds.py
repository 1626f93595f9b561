"""Seeds of the formats that are no text and no workbook; a test fails for a format without any.

A format's own test may have them: ``FUZZ_SEEDS``, as READ here, and ``FUZZ_PACKERS``, as PACKERS,
in a ``test_*.py`` file below ``tests/sources/formats``.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import plistlib
import random
import re
import sqlite3
import tarfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest import mock

import lz4.frame
import py7zr
import pyarrow as pa
import pyarrow.parquet as pq
from backports import zstd

from tests.sources.drawn import encoded, picture
from tests.sources.formats import test_bson, test_dbf, test_leveldb, test_rar_archive
from tests.sources.formats.document.old_office import (
    ROW_END,
    cell,
    plain,
    presentation,
    slide,
    word,
)
from tests.sources.formats.document.planted import (
    ODF,
    WORD_2003,
    P,
    odf_table,
    runs,
    slide_table,
    word_table,
)
from tests.sources.formats.document.test_rich_text import package, rich, table
from tests.sources.formats.pdf.made import document, lined, ruled, wide
from tests.sources.formats.test_ofd_page import page as ofd_page
from tests.sources.formats.test_registry import OLE
from tests.sources.ole_writer import Mail, write_ole
from tests.sources.pst_writer import write_pst
from tests.sources.tables import zipped

_PEOPLE: Final = ("张伟", "王芳", "李娜", "刘洋", "陈静")
_HEADER: Final = ("姓名", "手机号")


def rows_of(numbers: list[str]) -> list[list[str]]:
    """Return a row with a name for each number."""
    return [[_PEOPLE[at % len(_PEOPLE)], number] for at, number in enumerate(numbers)]


def table_of(numbers: list[str]) -> list[list[str]]:
    """Return the rows below their header."""
    return [list(_HEADER), *rows_of(numbers)]


def dicts_of(numbers: list[str]) -> list[dict[str, str]]:
    """Return the rows as dictionaries."""
    return [dict(zip(_HEADER, row, strict=True)) for row in rows_of(numbers)]


def csv_of(numbers: list[str]) -> bytes:
    """Return the rows as delimited text."""
    return "".join(",".join(line) + "\n" for line in table_of(numbers)).encode()


def pack_tar(members: dict[str, bytes]) -> bytes:
    """Return a tar archive of members."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def pack_7z(members: dict[str, bytes], password: str | None = None) -> bytes:
    """Return a 7z archive of members; it is the same whenever it is made."""
    out, then = io.BytesIO(), py7zr.helpers.ArchiveTimestamp.from_datetime(1.0)
    with (
        mock.patch.object(py7zr.helpers.ArchiveTimestamp, "from_now", return_value=then),
        py7zr.SevenZipFile(out, "w", password=password) as archive,
    ):
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


def _pack_mail(name: str, data: bytes) -> bytes:
    """Return a message with an attachment in base64."""
    made = EmailMessage()
    made["From"], made["Subject"] = "a@example.com", "x"
    made.set_content("x\n")
    made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    boundary = made.as_bytes().partition(b'boundary="')[2].partition(b'"')[0] or b"-"
    return made.as_bytes().replace(boundary, b"=====b")


def chat_page(texts: list[str]) -> bytes:
    """Return a page of Telegram with a message for each text."""
    rows = "".join(
        f'<div class="message default" id="message{at}"><div class="body">'
        f'<div class="pull_right date details" title="06.05.2023 12:00:0{at % 10}">12:00</div>'
        f'<div class="from_name">小芳</div><div class="text">{text}</div></div></div>\n'
        for at, text in enumerate(texts)
    )
    return f"<html><head><meta charset=utf-8></head><body>{rows}</body></html>".encode()


def chat_export(texts: list[str]) -> bytes:
    """Return Telegram's result.json with a message for each text."""
    messages = [
        {"id": at, "date": f"2023-05-06T12:00:0{at % 10}", "from": "小芳", "text": text}
        for at, text in enumerate(texts)
    ]
    chat = {"name": "小芳", "type": "personal_chat", "id": 5, "messages": messages}
    return json.dumps({"chats": {"list": [chat]}}, ensure_ascii=False, indent=1).encode()


def phone_report(texts: list[str]) -> bytes:
    """Return a phone report in XML with a contact for each text."""
    models = "".join(
        f'<model type="Contact" id="{at}"><field name="Name"><value>{name}</value></field>'
        f'<multiModelField name="Entries"><model type="PhoneNumber"><field name="Value"><value>'
        f"{text}</value></field></model></multiModelField></model>\n"
        for at, (name, text) in enumerate(zip(_PEOPLE, texts, strict=False))
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<project id="a" name="b"><decodedData>'
    return f'{head}<modelType type="Contact">{models}</modelType></decodedData></project>'.encode()


def _letter(name: str, data: bytes) -> Mail:
    """Return a message of Outlook with an attachment."""
    attachment = Mail({0x3707: name}, {0x3701: data})
    return Mail({0x001A: "IPM.Note", 0x0037: "x"}, attachments=[attachment])


def _epub(name: str, data: bytes) -> bytes:
    return zipped({"mimetype": b"application/epub+zip", name: data})


def _in_base64(
    template: str, wrap: Callable[[str], bytes] = str.encode
) -> Callable[[str, bytes], bytes]:
    """Return the packer that puts a member's name and its bytes in base64 into a text."""
    return lambda name, data: wrap(template.format(name=name, data=base64.b64encode(data).decode()))


_LINK: Final = '<a href="data:x/y;base64,{data}">{name}</a>'
_CARD: Final = "BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nPHOTO;ENCODING=b:{data}\nEND:VCARD\n"
#: Format -> (extension, packer of one member), for each format that yields members.
PACKERS: Final[dict[str, tuple[str, Callable[[str, bytes], bytes]]]] = {
    "zip": ("zip", lambda name, data: zipped({name: data})),
    "epub": ("epub", _epub),
    "tar": ("tar", lambda name, data: pack_tar({name: data})),
    "7z": ("7z", lambda name, data: pack_7z({name: data})),
    "rar": ("rar", lambda name, data: test_rar_archive.packed({name: data})),
    "gzip": ("gz", lambda _, data: gzip.compress(data, mtime=0)),
    "zlib": ("z", lambda _, data: zlib.compress(data)),
    "bzip2": ("bz2", lambda _, data: bz2.compress(data)),
    "xz": ("xz", lambda _, data: lzma.compress(data)),
    "lzma": ("lzma", lambda _, data: lzma.compress(data, lzma.FORMAT_ALONE)),
    "zstd": ("zst", lambda _, data: zstd.compress(data)),
    "lz4": ("lz4", lambda _, data: lz4.frame.compress(data, content_checksum=True)),
    "mail": ("eml", _pack_mail),
    "html": ("html", _in_base64(f"<html><body>{_LINK}</body></html>")),
    "xml": ("xml", _in_base64('<?xml version="1.0"?><a><n>{name}</n><d>{data}</d></a>')),
    "vcard": ("vcf", _in_base64(_CARD)),
    "chat page": ("html", _in_base64(_LINK, lambda text: chat_page([text]))),
    "telegram": ("json", _in_base64("{name} {data}", lambda text: chat_export([text]))),
    "phone report": ("xml", _in_base64("{name} {data}", lambda text: phone_report([text]))),
    "msg": ("msg", lambda name, data: write_ole(_letter(name, data).tree())),
    "pst": ("pst", lambda name, data: write_pst({"a": [_letter(name, data)]})),
    "plist": ("plist", lambda name, data: plistlib.dumps({name: data})),
}
#: Those of them whose base64 is decoded as text in a cell, at most three times, and one that grows
#: fourfold each time.
DECODED: Final = ("html", "xml", "chat page", "telegram", "phone report", "dump of bytes")


def _unzipped_behind(numbers: list[str]) -> bytes:
    return b"MZ\x90\0\xff\xfe\0\1" * 99 + zipped({"a.csv": csv_of(numbers)})


def _parquet(numbers: list[str], **options: Any) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(dicts_of(numbers)), out, **options)
    return bytes(out.getvalue())


def _arrow(numbers: list[str], new: Any) -> bytes:
    out, table = pa.BufferOutputStream(), pa.Table.from_pylist(dicts_of(numbers))
    with new(out, table.schema) as writer:
        writer.write_table(table)
    return bytes(out.getvalue())


def _bson(numbers: list[str]) -> bytes:
    return b"".join(
        test_bson.document({"n": at, "who": row}) for at, row in enumerate(dicts_of(numbers))
    )


def _dbf(numbers: list[str]) -> bytes:
    rows = [tuple(cell.encode("gbk") for cell in row) for row in rows_of(numbers)]
    return test_dbf.table((("姓名", "C", 20), ("手机号", "C", 20)), rows)


def _sqlite(numbers: list[str]) -> bytes:
    with sqlite3.connect(":memory:") as made:
        made.execute("CREATE TABLE u (姓名 TEXT, 手机号 TEXT)")
        made.executemany("INSERT INTO u VALUES (?, ?)", rows_of(numbers))
        made.execute("CREATE INDEX i ON u (姓名)")
        made.execute("CREATE TABLE b (n INTEGER PRIMARY KEY, data BLOB)")
        made.execute("INSERT INTO b VALUES (1, ?)", [csv_of(numbers[:2])])
        made.commit()
        data: bytes = made.serialize()
    made.close()
    return data


def _mail(numbers: list[str]) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.com", "b@example.com", numbers[0]
    made.set_content("".join(f"电话 {n}\n" for n in numbers[1:3]), cte="8bit")
    made.add_attachment(csv_of(numbers[3:]), maintype="text", subtype="csv", filename="a.csv")
    data = made.as_bytes()
    return data.replace(data.partition(b'boundary="')[2].partition(b'"')[0], b"=====b")


def _page(numbers: list[str]) -> bytes:
    rows = "".join(
        f"<tr><td>{name}</td><td>{number}</td></tr>\n" for name, number in rows_of(numbers[:3])
    )
    return (
        "<html><head><meta charset=utf-8></head><body><table>"
        "<tr><th>姓名</th><th>手机号</th></tr>\n"
        f'{rows}</table><a href="tel:{numbers[3]}">x</a><!-- {numbers[4]} --></body></html>'
    ).encode()


def _slides(numbers: list[str]) -> bytes:
    paragraph = f"<a:p><a:r><a:t>电话 {numbers[0][:4]}</a:t></a:r><a:r><a:t>{numbers[0][4:]}</a:t>"
    body = f"<a:txBody>{paragraph}</a:r></a:p></a:txBody>{slide_table(table_of(numbers[2:]))}"
    return zipped(
        {
            "ppt/presentation.xml": b"<p/>",
            "ppt/slides/slide1.xml": f"<p:sld {P}>{body}</p:sld>".encode(),
            "docProps/core.xml": f"<c><title>{numbers[1]}</title></c>".encode(),
        }
    )


def _odf(numbers: list[str]) -> bytes:
    body = f"<text:p>电话 {numbers[0]}</text:p>{odf_table(table_of(numbers[1:]))}"
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document {ODF}>{body}</office:document>".encode(),
        }
    )


def _pdf(numbers: list[str]) -> bytes:
    pages = [lined(f"电话 {numbers[0]}"), ruled(table_of(numbers[2:]), (90, 90))]
    return document(pages, info=f"/Title{wide(numbers[1])}")


def _rich_text(numbers: list[str]) -> bytes:
    head = rf"{{\info{{\title {numbers[0]}}}}}{{\b {numbers[1][:4]}}}{numbers[1][4:]}\par"
    return rich(head + table(table_of(numbers[2:])))


def _old_word(numbers: list[str]) -> bytes:
    cells = [part for row in table_of(numbers[1:]) for part in [*map(cell, row), ROW_END]]
    return word([plain(f"电话 {numbers[0]}"), *cells])


def _flat_word(numbers: list[str]) -> bytes:
    body = runs(f"电话 {numbers[0]}") + word_table(table_of(numbers[1:]))
    return f'<?xml version="1.0"?><w:wordDocument {WORD_2003}>{body}</w:wordDocument>'.encode()


def _elements(numbers: list[str]) -> bytes:
    rows = "".join(f"<u><name>张伟</name><tel>{n}</tel></u>\n" for n in numbers[:3])
    return (
        f'<?xml version="1.0"?>\n<a>{rows}<u tel="{numbers[3]}"/><!--{numbers[4]}--></a>'.encode()
    )


def _snapshot(numbers: list[str]) -> bytes:
    rows = (b"\0\2k%d\x0b%s" % (at, number.encode()) for at, number in enumerate(numbers))
    return b"REDIS0009\xfe\0" + b"".join(rows) + b"\xff" + bytes(8)


def lines(
    line: str, head: str = "", tail: str = "", encoding: str = "utf-8"
) -> Callable[[list[str]], bytes]:
    """Return the maker of a text with a line for each number, between head and tail."""
    return lambda numbers: (
        head
        + "".join(
            line.format(at=at, name=name, number=number)
            for at, (name, number) in enumerate(rows_of(numbers), 1)
        )
        + tail
    ).encode(encoding)


def _signed(signature: bytes, at: int = 0) -> Callable[[list[str]], bytes]:
    """Return the maker of a file that is known by a signature alone."""
    return lambda numbers: bytes(at) + signature + b"\0\xff\x80" * 9 + csv_of(numbers)


def _part(name: str, data: bytes = b"") -> Callable[[list[str]], bytes]:
    """Return the maker of a zip file that is known by one part."""
    return lambda numbers: zipped({name: data, "x/a.csv": csv_of(numbers)})


def _stream(name: str) -> Callable[[list[str]], bytes]:
    """Return the maker of an OLE file that is known by one stream."""
    return lambda numbers: OLE + name.encode("utf-16-le") + csv_of(numbers)


def _header_of_text(numbers: list[str]) -> bytes:
    """Return a table before bytes that are no text."""
    return csv_of(numbers) * 3 + random.Random(9).randbytes(8192)


#: Makers by name of file: of formats with a reader.
READ: Final[dict[str, Callable[[list[str]], bytes]]] = {
    "behind.bin": _unzipped_behind,
    "a.pptx": _slides,
    "a.odt": _odf,
    "flat.xml": _flat_word,
    "a.rtf": _rich_text,
    "a.doc": _old_word,
    "a.ppt": lambda numbers: presentation([slide(f"电话 {number}") for number in numbers]),
    "other.ole": lambda numbers: write_ole(
        {"\x01Ole10Native": bytes(4) + package("a.csv", csv_of(numbers))}
    ),
    "a.epub": lambda numbers: _epub("c.html", _page(numbers)),
    "Content.xml": lambda numbers: ofd_page([(9, 9, f"电话 {each}") for each in numbers]).encode(),
    "a.png": lambda numbers: encoded(picture(numbers, width=220)),
    "a.bmp": lambda numbers: encoded(picture(numbers, width=220), "BMP"),
    "0f1e.dat": lambda numbers: bytes(each ^ 0x5A for each in encoded(picture(numbers, width=220))),
    "a.pdf": _pdf,
    "behind.pdf": lambda numbers: b"\0\xff" * 9 + _pdf(numbers),
    "a.parquet": lambda numbers: _parquet(numbers, compression="none", use_dictionary=False),
    "packed.parquet": _parquet,
    "a.feather": lambda numbers: _arrow(numbers, pa.ipc.new_file),
    "a.arrows": lambda numbers: _arrow(numbers, pa.ipc.new_stream),
    "a.bson": _bson,
    "000003.log": lambda numbers: test_leveldb.journal([(b"k", each.encode()) for each in numbers]),
    "a.dbf": _dbf,
    "a.db": _sqlite,
    "a.eml": _mail,
    "a.mbox": lines(
        "From a@example.com Mon Jan  1 00:00:00 2024\nFrom: a@example.com\nSubject: x\n\n"
        "电话：{number}\n\n"
    ),
    "a.html": _page,
    "a.xml": _elements,
    "a.vcf": lines("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:{number}\r\nEND:VCARD\r\n"),
    "messages.html": lambda numbers: chat_page([f"电话 {number}" for number in numbers]),
    "report.xml": phone_report,
    "a.msg": lambda numbers: write_ole(_letter("a.csv", csv_of(numbers)).tree()),
    "a.pst": lambda numbers: write_pst({"a": [_letter("a.csv", csv_of(numbers))]}),
    "result.json": lambda numbers: chat_export([f"电话 {number}" for number in numbers]),
    "a.aof": lines("*3\r\n$3\r\nSET\r\n$2\r\nk{at}\r\n$11\r\n{number}\r\n"),
    "a.rdb": _snapshot,
    "replies.txt": lines('1) "name"\n2) "{name}"\n3) "phone"\n4) "{number}"\n'),
    "objects.log": lines("User{{name={name}, phone={number}}}\n"),
    "a.plist": lambda numbers: plistlib.dumps(dicts_of(numbers)),
    "binary.plist": lambda numbers: plistlib.dumps(dicts_of(numbers), fmt=plistlib.FMT_BINARY),
    "a.tar": lambda numbers: pack_tar({"a.csv": csv_of(numbers[:3]), "b.txt": csv_of(numbers[3:])}),
    "a.7z": lambda numbers: pack_7z({"a.csv": csv_of(numbers[:3]), "b.txt": csv_of(numbers[3:])}),
    "password.7z": lambda numbers: pack_7z({"a.csv": csv_of(numbers)}, "x"),
    "a.rar": lambda numbers: test_rar_archive.packed(
        {"a.csv": csv_of(numbers[:3]), "b.txt": csv_of(numbers[3:])}
    ),
    "a.tar.gz": lambda numbers: gzip.compress(pack_tar({"a.csv": csv_of(numbers)}), mtime=0),
    **{
        f"{name}.csv.{PACKERS[name][0]}": lambda numbers, pack=PACKERS[name][1]: pack(  # type: ignore[misc]
            "", csv_of(numbers)
        )
        for name in ("gzip", "zlib", "bzip2", "xz", "lzma", "zstd", "lz4")
    },
}
#: Makers by name of file: of formats that are only listed.
LISTED: Final[dict[str, Callable[[list[str]], bytes]]] = {
    "empty.txt": lambda _: b"",
    "a.zip.001": _signed(b"\xfe\xfd\xfb"),
    "random.bin": lambda _: random.Random(9).randbytes(4096),
    "a.db-shm": lambda _: (b"\x18\xe2\x2d\x00" + bytes(44)) * 2 + bytes(32768),
    "a.db-wal": _signed(b"\x37\x7f\x06\x82"),
    "encrypted.parquet": _signed(b"PARE"),
    "a.archive": _signed(b"\x6d\xe2\x99\x81"),
    "desktop.dat": lambda _: b"\x00\x05\x16\x07" + bytes(40),
    "a.numbers": _part("Index/Document.iwa"),
    "password.xlsx": _stream("EncryptedPackage"),
    "a.heic": _signed(b"ftypheic", 4),
    "aes.dat": _signed(b"\x07\x08V2\x08\x07"),
    "a.realm": _signed(b"T-DB", 16),
    "a.cab": _signed(b"MSCF"),
    "a.ar": _signed(b"!<arch>\n"),
    "a.Z": _signed(b"\x1f\x9d"),
    "a.lz": _signed(b"LZIP\x01"),
    "a.lzo": _signed(b"\x89LZO\0\r\n\x1a\n"),
    "a.lzh": _signed(b"-lh5-", 2),
    "a.ace": _signed(b"**ACE**", 7),
    "a.wim": _signed(b"MSWIM\0\0\0"),
    "a.iso": _signed(b"CD001", 32769),
    "header.dat": _header_of_text,
    "a.mdb": _signed(b"\x00\x01\x00\x00Standard Jet DB"),
    "old.feather": _signed(b"FEA1"),
    "a.vmdk": _signed(b"KDMV"),
    "a.vhdx": _signed(b"vhdxfile"),
    "a.vdi": _signed(b"\x7f\x10\xda\xbe", 64),
    "a.Ex01": _signed(b"EVF2\r\n\x81\0"),
    "a.L01": _signed(b"LVF\x09\r\n\xff\0"),
    "a.aff": _signed(b"AFF10\r\n\0"),
}
#: Those of them that have no room for text.
WITHOUT_TEXT: Final = ("empty.txt", "a.db-shm", "desktop.dat")
#: Formats that no single file can show: the file beside it says what it is.
BESIDE_OTHERS: Final = ("dbf memo", "piece of a disk image")


def _add_seeds_of_tests() -> None:
    """Add the seeds and packers that tests of formats have."""
    root = Path(__file__).parents[2]
    for path in sorted((root / "tests" / "sources" / "formats").rglob("test_*.py")):
        if re.search("^FUZZ_(SEEDS|PACKERS)", path.read_text("utf-8"), re.MULTILINE):
            parts = path.relative_to(root).with_suffix("").parts
            module = import_module(".".join(parts))
            READ.update(getattr(module, "FUZZ_SEEDS", {}))
            PACKERS.update(getattr(module, "FUZZ_PACKERS", {}))


_add_seeds_of_tests()


def container_seed(name: str, numbers: list[str], depth: int) -> tuple[str, bytes]:
    """Return name and bytes of a text in containers of one format, ``depth`` deep."""
    extension, pack = PACKERS[name]
    member, data = "a.csv", csv_of(numbers)
    for _ in range(depth):
        data, member = pack(member, data), f"{member}.{extension}"
    return member, data


def deep_archive(numbers: list[str]) -> bytes:
    """Return containers of three formats in each other."""
    return zipped(
        {
            "内/a.tar.gz": gzip.compress(
                pack_tar({"b.7z": pack_7z({"c.csv": csv_of(numbers)})}), mtime=0
            )
        }
    )
