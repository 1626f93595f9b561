"""Messages are read with their attachments, however encoded and whatever the file is called."""

import base64
import plistlib
import quopri
from email.message import EmailMessage

import pytest

from piiscan.sources.limits import Budget
from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import (
    check_numbered,
    lost,
    read_members,
    read_reasons,
    read_text,
    reasons,
)

CSV = "\n".join(",".join(row) for row in [HEAD, *PEOPLE]) + "\n"
PAGE = "<table>" + "".join(
    "<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>" for row in [HEAD, *PEOPLE]
)


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "a@example.com", "Subject": "名单", **headers}.items():
        made[name] = value
    return made


def attached() -> bytes:
    made = message()
    made.set_content("见附件")
    made.add_attachment(CSV.encode("gb18030"), maintype="text", subtype="csv", filename="名单.csv")
    return made.as_bytes()


def forwarded() -> bytes:
    inner, outer = message(), message()
    inner.set_content(PAGE, subtype="html", cte="base64")
    outer.set_content("x")
    outer.add_attachment(inner)
    return outer.as_bytes()


def boxed(charset: str, cte: str) -> bytes:
    found = b""
    for person in PEOPLE:
        made = message()
        lines = [f"{key}：{value}\n" for key, value in zip(HEAD, person, strict=True)]
        made.set_content("".join(lines), charset=charset, cte=cte)
        found += b"From a@example.com Mon Jan  1 00:00:00 2024\n" + made.as_bytes() + b"\n"
    return found


def archived(cte: str) -> bytes:
    page = PAGE.encode()
    body = quopri.encodestring(page) if cte == "quoted-printable" else base64.encodebytes(page)
    return (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="--X"\r\n\r\n----X\r\n'
        b"Content-Location: file:///C:/a.htm\r\nContent-Type: text/html\r\n"
        + f"Content-Transfer-Encoding: {cte}\r\n\r\n".encode()
        + body
        + b"\r\n----X--\r\n"
    )


FILES = {
    "a.eml": attached(),
    "a.txt": attached(),
    "1700.M1P2.host,S=3:2,S": forwarded(),
    "a.emlx": str(len(attached())).encode() + b"  \n" + attached() + plistlib.dumps({"a": 1}),
    "utf8.mbox": boxed("utf-8", "8bit"),
    "qp.mbox": boxed("utf-8", "quoted-printable"),
    "gbk.mbox": boxed("gbk", "base64"),
    "a.doc": archived("base64"),
    "a.xls": archived("quoted-printable"),
    "a.mht": archived("base64"),
}


@pytest.mark.parametrize("name", FILES)
def test_each_person_is_a_record_and_each_value_is_read_once(name: str) -> None:
    assert count_whole(FILES[name], name) == len(PEOPLE)


def test_every_part_of_a_message_is_read() -> None:
    data = (
        b"From: =?utf-8?B?VjAx?= <V02@b.c>\nSubject: V03\n V04\nX-A: V05 \xd5\xc5\xce\xb0\n"
        b'Content-Type: multipart/mixed; boundary="B"\n\nV06\n--B\nX-B: V07@\n\nV08\n--B\n'
        b'Content-Disposition: attachment; filename="V09.txt"\n\nV10\n--B\n'
        b'Content-Type: application/x; name="a"\nContent-Transfer-Encoding: base64\n'
        b"\nVjEx\n--B--\nV12\n"
    )
    check_numbered(data, 12)
    assert "张伟" in read_text(data)


def test_a_mailbox_is_read_message_by_message() -> None:
    head = b"From a@b Mon Jan  1 00:00:00 2024\nFrom: a@b\nSubject: x\n\n"
    data = head + b"one\nFrom here on\n\n" + head + b"y" * 900_000 + b"\n\n" + head + b"two"
    rows, troubles = read_members(data, budget=Budget(in_memory=300_000))
    assert reasons(troubles) == ["MEMBER_TOO_LARGE"]
    assert {member: rows[member] for member in rows if "!" in member} == {
        "message 1!body": [["one"], ["From here on"], [""]],
        "message 3!body": [["two"]],
    }


def test_parts_share_the_budget() -> None:
    assert set(read_reasons(attached(), budget=Budget(total=20))) == {"ZIP_TOTAL"}


def test_broken_messages_break_nothing() -> None:
    start = b"From: a@b\nSubject: x\n"
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=B%d\n\n--B%d\n" % (n, n) for n in range(300)
    )
    for body in (b"Content-Type: multipart/mixed\n\nVALUE", deep + b"\nVALUE"):
        rows, troubles = read_members(start + body)
        assert "VALUE" in str(rows) or lost(troubles)


def test_a_body_in_text_and_in_html_counts_once() -> None:
    made = message()
    made.set_content(CSV)
    made.add_alternative(PAGE, subtype="html")
    assert count_whole(made.as_bytes()) == len(PEOPLE)
    assert read_reasons(made.as_bytes()) == ["SAME_TEXT"]
    made = message()
    made.set_content("另有 13800138001")  # what the page does not say is read
    made.add_alternative(PAGE, subtype="html")
    assert "13800138001" in read_text(made.as_bytes())


def test_a_damaged_line_of_base64_costs_itself_and_is_listed() -> None:
    made = message()
    made.set_content(CSV, cte="base64")
    lines = made.as_bytes().split(b"\n")
    assert reasons(read_members(b"\n".join(lines))[1]) == []
    first = next(at for at, line in enumerate(lines) if len(line) == 76)
    for damaged in (lines[first + 1][:-1], b"*" + lines[first + 1][1:], b"*** !!! ***"):
        data = b"\n".join([*lines[: first + 1], damaged, *lines[first + 2 :]])
        assert lost(read_members(data)[1]) == ["CORRUPT"]
        assert PEOPLE[4][2] in read_text(data)
