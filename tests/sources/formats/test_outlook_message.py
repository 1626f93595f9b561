"""Messages of Outlook: each text and attachment is found once, three deep and in any code page."""

import struct
from typing import Final

import pytest

from piiscan.sources.mapi_items import unpack_rtf
from tests.sources.formats.five import PEOPLE, VALUES, found_values
from tests.sources.ole_writer import Mail, write_ole
from tests.sources.tables import lost, zipped

#: 2023-05-06 12:00:01 in China.
TIME: Final = 133_278_192_010_000_000
CSV: Final = ("姓名,手机号,email,地址\n" + "".join(",".join(p) + "\n" for p in PEOPLE)).encode()


def party(name: str, address: str, kind: int = 1) -> Mail:
    return Mail({0x3001: name, 0x39FE: address}, numbers={0x0C15: kind})


def message(narrow: bool = False) -> Mail:
    """A message with all kinds of parts."""
    inner = Mail(
        {0x0037: "转发的", 0x1000: "周伟 13900139009", 0x0C1A: "孙七", 0x001A: "IPM.Note"},
        attachments=[Mail({0x3707: "深处.txt"}, {0x3701: "联系 13900139010\n".encode()})],
    )
    return Mail(
        {
            0x001A: "IPM.Note", 0x0037: "\x01\x05RE: 名单", 0x0C1A: "张伟",
            0x5D01: "zw@example.com",
            0x0042: "张伟", 0x0E04: "王芳; 李娜",
            0x1000: "您好\n刘洋 13900139001\n仅在文本 13900139002",
            0x8001: "自定义 13900139003", 0x007D: "Received: from 203.0.113.7\nSubject: RE: 名单",
        },
        {0x1013: "<html>您好 <b>刘洋 13900139001</b></html>".encode(), 0x300B: b"\0\1"},
        {0x0039: TIME, 0x3FFD: 936},
        [party("王芳", "wf@example.com"), party("李娜", "ln@example.com", 2)],
        [
            Mail({0x3707: "客户.csv"}, {0x3701: CSV}),
            Mail({0x3001: "转发的.msg"}, numbers={0x3705: 5}, message=inner),
            Mail({0x3704: "LONG.TXT"}, {0x3701: ("陈静 13900139004\n" * 500).encode()}),
        ],
        narrow=narrow,
    )  # fmt: skip


@pytest.mark.parametrize("narrow", [False, True])
def test_every_part_of_a_message(narrow: bool) -> None:
    places, troubles = found_values(write_ole(message(narrow).tree()))
    assert lost(troubles) == []
    cells = {
        header: text for text, found in places.items() for member, _, header in found if not member
    }
    assert cells == {
        "From": "张伟 <zw@example.com>", "To": "王芳 <wf@example.com>",
        "Cc": "李娜 <ln@example.com>", "Subject": "RE: 名单", "Date": "2023-05-06 12:00:01",
    }  # fmt: skip
    texts = "\n".join(text for text, found in places.items() for _ in found)
    for number in range(1, 4):
        assert texts.count(f"1390013900{number}") == 1
    assert texts.count("13900139004") == 500
    assert (texts.count("13900139009"), texts.count("13900139010")) == (1, 1)
    assert texts.count("203.0.113.7") == 1
    for value in VALUES:
        assert places[value][0][0] == "客户.csv"


def test_a_message_in_an_archive_and_a_contact() -> None:
    contact = Mail({0x001A: "IPM.Contact", 0x3001: "赵敏", 0x3A1C: "13900139005", 0x3A16: "甲公司"})
    data = write_ole(contact.tree())
    places, troubles = found_values(zipped({"a.bin": data}))
    assert troubles == []
    assert places["赵敏"] == [("a.bin", 1, "name")]
    assert places["13900139005"] == [("a.bin", 1, "mobile")]


def test_a_body_in_compressed_rtf() -> None:
    packed = bytes.fromhex(  # the example of [MS-OXRTFCP], 4.1.1
        "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
        "0a f3 20 68 65 6c 09 00 20 62 77 05 b0 6c 64 7d 0a 80 0f a0".replace(" ", "")
    )
    text = unpack_rtf(packed)
    assert text is not None
    assert text.startswith(b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}")
    plain = struct.pack("<IIII", 20, 5, 0x414C454D, 0) + b"{\\rtf"
    assert unpack_rtf(plain) == b"{\\rtf"
    assert unpack_rtf(b"") is unpack_rtf(bytes(20)) is None


def test_what_is_damaged_is_listed() -> None:
    data = write_ole(message().tree())
    for cut in (600, 1500, 4000, len(data) - 600):
        assert lost(found_values(data[:cut])[1])


def test_streams_that_a_damaged_directory_does_not_name_are_lost() -> None:
    attachment = Mail({0x3707: "a.csv"}, {0x3701: b"name,phone\nx,13800138000\n"})
    data = bytearray(write_ole(Mail({0x0037: "x"}, attachments=[attachment]).tree()))
    at = data.index("__properties_version1.0".encode("utf-16-le"))
    data[at + 66] = 0  # neither stream nor storage
    _, troubles = found_values(data)
    assert [(each.reason, each.lost) for each in troubles] == [("CORRUPT", True)]
