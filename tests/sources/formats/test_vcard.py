"""A contact is a record: folded, quoted-printable and escaped lines are decoded."""

import quopri

import pytest

from tests.sources.people import PEOPLE, count_whole
from tests.sources.tables import check_numbered


def quoted(text: str, charset: str) -> str:
    return quopri.encodestring(text.encode(charset)).decode().replace("\n", "\r\n")


def card(version: str, person: list[str], charset: str = "utf-8") -> str:
    name, number, phone, address = person
    if version == "2.1":
        how = f";CHARSET={charset};ENCODING=QUOTED-PRINTABLE:"
        lines = [
            f"N{how}{quoted(name, charset)};;;",
            f"TEL;CELL;VOICE:{phone}",
            f"ADR;HOME{how};;{quoted(address, charset)};;;;",
            f"NOTE{how}{quoted('身份证号 ' + number, charset)}",
        ]
    else:
        lines = [
            f"N:{name[0]};{name[1:]};;;",
            f"FN:{name}",
            f"item1.TEL;TYPE=CELL:{phone[:5]}\r\n {phone[5:]}",
            f"ADR:;;{address[3:]};{address[:3]};;;",
            f"NOTE:身份证号\\, {number}",
        ]
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    ("version", "charset", "encoding"),
    [
        ("2.1", "utf-8", "ascii"),
        ("2.1", "GBK", "ascii"),
        ("3.0", "", "utf-8"),
        ("4.0", "", "utf-8"),
        ("3.0", "", "gb18030"),
    ],
)
def test_each_contact_is_a_record(version: str, charset: str, encoding: str) -> None:
    text = "".join(card(version, person, charset) for person in PEOPLE)
    assert count_whole(text.encode(encoding)) == len(PEOPLE)


def test_every_property_is_read() -> None:
    text = (
        'BEGIN:VCALENDAR\nX-A:V01\nBEGIN:VEVENT\nSUMMARY:V02\nATTENDEE;CN="V03@":mailto:V04\n'
        "BEGIN:VALARM\nDESCRIPTION:V05\nEND:VALARM\nno property V06\nEND:VEVENT\nEND:VCALENDAR\n"
        "BEGIN:VCARD\nFN:V07\nPHOTO;ENCODING=b:VjA4\nKEY:data:text/plain;base64,VjA5\nNOTE:V10"
    )
    check_numbered(text, 10)


def test_a_folded_last_line_without_an_end_is_whole() -> None:
    text = "".join(card("4.0", person) for person in PEOPLE)
    number = PEOPLE[-1][1]
    note = text[text.rindex("NOTE:") :]
    text = text.removesuffix(note) + f"NOTE:身份证号\\, {number[:9]}\r\n {number[9:]}"
    assert count_whole(text.encode()) == len(PEOPLE)
