"""A file is what its first bytes and its parts say, whatever its name says."""

import pytest

from piiscan.sources.content import memory_content
from piiscan.sources.formats import file_type
from tests.sources.tables import zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


def type_of(data: bytes, name: str = "a.txt") -> str:
    return file_type(memory_content(data, name, member="m"))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty"),
        (b"x", "text"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "rar"),
        (b"\x1f\x8b", "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"a" * 257 + b"ustar", "tar"),
        (b"a" * 256 + b"ustar", "text"),
        (b"MSCF", "cab"),
        (b"GIF89a", "picture"),
        (b"II*\x00", "picture"),
        (b"MM\x00*", "picture"),
        (b"BM1234\0\0\0\0", "picture"),
        (b"BM1234\0\0\0", "text"),
        (b"BM,12345678", "text"),
        (b"RIFF1234WEBP", "picture"),
        (b"RIFF1234WAVE", "text"),
        (b"RIFF\xff\xff\0\0WAVE", "other file"),
        (bytes(16) + b"T-DB\xff", "other file"),
        (b"abcd1234WEBP", "text"),
        (b"\0\0\0\x18ftypheic", "HEIC picture"),
        (b"\x00\x01\x00\x00Standard Jet DB", "access"),
        (b"\x00\x01\x00\x00Standard ACE DB", "access"),
        (b"PAR1", "parquet"),
        (b"!BDN", "pst"),
        (b"EVF\x09\x0d\x0a\xff\x00", "disk image"),
        (b"KDMV", "disk image"),
        (b"QFI\xfb", "disk image"),
        (b"\x00\x05\x16\x07", "system file"),
        (b"\x00\x00\x00\x01Bud1", "system file"),
        (b" PK\x03\x04", "text"),
        (b"PK\x03\x04", "zip"),  # torn: its reader reports it
        (b"PK\x05\x06" + bytes(18), "zip"),
        (b"PK\x07\x08", "zip"),
    ],
)
def test_a_type_by_the_first_bytes(data: bytes, name: str) -> None:
    assert type_of(data) == name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"a.txt": b""}, "zip"),
        ({"xl/workbook.xml": b""}, "sheet"),
        ({"xl/workbook.bin": b""}, "sheet"),
        ({"word/document.xml": b""}, "docx"),
        ({"ppt/presentation.xml": b""}, "pptx"),
        ({"word/document2.xml": b"", "[Content_Types].xml": b""}, "docx"),
        ({"word/document2.xml": b""}, "zip"),
        ({"Index/Document.iwa": b""}, "iwork"),
        ({"b/xl/workbook.xml": b""}, "zip"),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}, "sheet"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "odt"),
        ({"mimetype": b"application/epub+zip"}, "epub"),
        ({"mimetype": b"x"}, "zip"),
        ({"mimetype": b"opendocument".ljust(199)}, "odt"),
        ({"mimetype": b"opendocument".ljust(200)}, "zip"),
    ],
)
def test_a_zip_by_its_parts(parts: dict[str, bytes], name: str) -> None:
    assert type_of(zipped(parts)) == name


@pytest.mark.parametrize(
    ("place", "value"), [(8, b"\x01"), (10, b"\x63"), (42, b"\x01\0\0\0"), (46, b"\xff")]
)
def test_a_zip_with_a_damaged_directory_is_a_zip(place: int, value: bytes) -> None:
    data = bytearray(zipped({"mimetype": b"application/epub+zip"}))
    at = data.rindex(b"PK\x01\x02") + place
    data[at : at + len(value)] = value
    data[data.rindex(b"PK\x01\x02") + 9] |= 8  # names are flagged as UTF-8
    assert type_of(bytes(data)) == "zip"


@pytest.mark.parametrize(
    ("stream", "file", "name"),
    [
        ("EncryptedPackage", "a.txt", "encrypted office"),
        ("WordDocument", "a.txt", "doc"),
        ("PowerPoint Document", "a.txt", "ppt"),
        ("__substg1.0_001", "a.txt", "msg"),
        ("Workbook", "a.txt", "sheet"),
        ("Book", "a.txt", "sheet"),
        ("x", "a.txt", "ole"),
        ("", "a.xls", "sheet"),
        ("", "a.XLT", "sheet"),
        ("", "a.et", "sheet"),
        ("", "a.doc", "ole"),
    ],
)
def test_an_ole_file_by_its_streams_else_by_its_name(stream: str, file: str, name: str) -> None:
    assert type_of(OLE + stream.encode("utf-16-le"), file) == name


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.html", "<134>Jan 1 kernel: x\n"),
        ("a.html", "<张三> 你好\n<李四> 好\n"),
        ("a.html", "a <b> c\n"),
        ("a.xml", "<134>Jan 1 x: y\n"),
        ("a.xml", "<张三> 你好\n<李四> 好\n"),
        ("a.xml", "a <b/>"),
        ("a.xml", "<x y"),
        ("a.eml", "From: 张三\nTo: 李四\n\n"),
        ("a.eml", "姓名: a\n电话: b\n"),
        ("a.eml", "Subject: x\nhello\n"),
        ("a.eml", "key: value\nother: value\n\n"),
        ("a.mbox", "From here: on\n"),
        ("a.ldif", "dn: a\n"),
        ("a.ldif", "dn: a\n\nmobile: 1\n"),
        ("a.ldif", "cn: a\ndn: b\nc: d\n"),
    ],
)
def test_a_text_that_only_resembles_a_format_is_a_text(file: str, text: str) -> None:
    assert type_of(text.encode(), file) == type_of(text.encode()) == "text"
