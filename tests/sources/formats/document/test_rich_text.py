"""Rich text: each text is read once, in the encoding of its font, with its tables and objects."""

import struct

import pytest

from tests.sources.formats.document.planted import places
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import read_all, read_members, read_reasons

FONTS = (
    r"{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}{\f1\fcharset0 Arial;}"
    r"{\f2\fcharset136 x;}{\f3\fcharset204 x;}}"
)


def coded(text: str, codec: str = "gb18030") -> str:
    return "".join(
        chr(byte) if byte < 128 and chr(byte) not in "\\{}" else f"\\'{byte:02x}"
        for byte in text.encode(codec)
    )


def rich(body: str, head: str = r"\ansi\ansicpg936\deff0") -> bytes:
    return f"{{\\rtf1{head}{FONTS}{body}}}".encode("latin-1")


def table(rows: list[list[str]]) -> str:
    return "".join(
        r"\trowd\cellx100\cellx200\pard\intbl "
        + "".join(f"{coded(c)}\\cell " for c in row)
        + r"\row "
        for row in rows
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (coded("电话13800138000"), "电话13800138000"),
        (r"{\b 138}00{\i\fs20 138}000", "13800138000"),
        ("138\r\n00138000", "13800138000"),
        (r"\u30005?\u-29731?138\u48?0", "电话138" + "0" + "0"),
        (r"\uc2\u30005\'b5\'e7\u-29731\'bb\'b0x", "电话x"),
        (r"\uc0\u30005\u-29731 x", "电话x"),
        (r"\u-10179?\u-8704?", "\U0001f600"),
        (r"{\f2 " + coded("電話", "big5") + r"}\f3 " + coded("Ж", "cp1251"), "電話Ж"),
        (r"\'d5\'c5\{\'c8\'fd\}\\", "张{三}\\"),
        (r"a\tab b\line c\~d\_e\-f", "a\tb"),
        (r"{\v 13800138000}", "13800138000"),
        (r"{\upr{zhang}{\*\ud{\u24352?}}}", "张"),
        (r"{\*\generator x}{\colortbl;\red0;}y{\nonesttables\par z}", "y"),
        (r"a\bin5 {}{}{b", "ab"),
    ],
)
def test_text_is_decoded_and_joined(body: str, text: str) -> None:
    assert read_members(rich(body))[0]["#text"][0] == [text]


DESTINATIONS = {
    "#text": [
        r"{\footnote\pard 13900000001}",
        r"""{\field{\*\fldinst HYPERLINK "tel:139000{\b 00002}"}{\fldrslt x}}""",
        r"{\deleted 13900000003}",
        r"{\*\annotation 13900000004}",
        r"{\shp{\*\shpinst{\shptxt 13900000005\par}}{\shprslt 13900000005\par}}",
        r"{\object{\result 13900000006}}",
    ],
    "#header 1": [r"{\header\pard 13900000007\par}"],
    "#footer 2": [r"{\footerf\pard 13900000008\par}"],
    "#other texts": [
        r"{\info{\author 13900000009}}",
        r"{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv 13900000010}}}}",
        r"{\*\atnauthor 13900000011}",
        r"{\*\whatever{\x 1390000}0012}",
        r"{\*\bkmkstart 13900000013}",
    ],
}


def test_a_value_in_every_destination_is_read_once() -> None:
    members = [member for member, texts in DESTINATIONS.items() for _ in texts]
    found = places(rich(r"\par ".join(text for texts in DESTINATIONS.values() for text in texts)))
    assert {value: [member for member, _, _ in each] for value, each in found.items()} == {
        f"139000000{number:02}": [member] for number, member in enumerate(members, 1)
    }


def test_five_people_in_a_table_are_five_rows() -> None:
    data = rich(r"x\par " + table([HEAD, *PEOPLE]) + r"\pard y\par")
    assert count_whole(data) == 5
    assert [each.headers for each, _ in read_all(data)[0]] == [None, HEAD]


def test_a_table_in_a_cell_is_a_table_of_its_own() -> None:
    inner = (
        r"\pard\intbl\itap2 a\nestcell b\nestcell{\*\nesttableprops\trowd\nestrow}"
        r"\pard\intbl\itap2 13900000001\nestcell d\nestcell{\*\nesttableprops\trowd\nestrow}"
    )
    outer = rf"\trowd\pard\intbl x\cell {inner}\pard\intbl y\cell\row"
    data = rich(outer + r"\trowd\pard\intbl z\cell w\cell\row")
    rows = read_members(data)[0]
    assert rows == {
        "#table 1": [["x", "y"], ["z", "w"]],
        "#table 2": [["a", "b"], ["13900000001", "d"]],
    }


def package(name: str, data: bytes) -> bytes:
    head = struct.pack("<H", 2) + name.encode("gbk") + b"\0" + b"C:\\" + name.encode("gbk") + b"\0"
    return head + struct.pack("<II", 0x30000, 2) + b"x\0" + struct.pack("<I", len(data)) + data


def test_pictures_and_objects_are_members() -> None:
    data = package("名单.csv", "姓名,手机号\n张三,13900000001\n".encode("gbk"))
    made = struct.pack("<III", 0x501, 2, 8) + b"Package\0" + bytes(8) + struct.pack("<I", len(data))
    text = (
        r"{\pict\pngblip 89504e47" + "\r\n" + r"0d0a1a0a}{\object{\*\objdata " + (made + data).hex()
    )
    tables, troubles = read_all(rich(text + "}}"))
    assert [each.member for each, _ in tables] == ["object 2/名单.csv"]
    assert [(t.member, t.reason) for t in troubles] == [("picture 1", "CORRUPT")]


@pytest.mark.parametrize(
    "text", [r"{\b 13900000001", r"}}}}13900000001\par}}{", r"{\u9\uc-3\bin-9 13900000001"]
)
def test_groups_that_do_not_end_are_listed_or_harmless(text: str) -> None:
    data = rich(text)[:-1]
    assert "13900000001" in places(data)
    assert read_reasons(data) in (["CORRUPT"], [])


def test_deep_groups_end_nothing() -> None:
    data = rich("{" * 300_000 + "13900000001")
    assert list(places(data)) == ["13900000001"]
    assert read_reasons(data) == ["CORRUPT"]
