"""Copies of mail: no header, body or attachment keeps a value, whatever it was encoded in."""

import base64
import io
import re
import zipfile
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest

from piiscan.copies.check.unpack import unpack
from piiscan.copies.redact_folder import Redaction, redact
from tests.sources.drawn import encoded, picture
from tests.sources.formats.test_mail import message
from tests.sources.tables import cells_of, read_all

NAMES = ("欧阳建国", "李志强")


def numbers() -> Callable[[], str]:
    """The next mobile number at each call."""
    at = iter(range(100))
    return lambda: f"139{next(at) * 10007 + 11:08}"


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", text)
    return out.getvalue()


def mail(new: Callable[[], str]) -> EmailMessage:
    """A message with a number in every place."""
    made = message(Subject=f"名单 {new()}", To=f"{NAMES[0]} <a{new()}@example.com>")
    made["X-Phone"] = new()
    made.set_content(f"联系人：{NAMES[1]}，电话{new()}\n", charset="gb18030", cte="base64")
    made.add_alternative(f"<p>电话<b>{new()}</b></p>", subtype="html", cte="quoted-printable")
    table = f"姓名,手机号\n{NAMES[1]},{new()}\n".encode("gbk")
    made.add_attachment(table, maintype="text", subtype="csv", filename=f"{new()}.csv")
    made.add_attachment(zipped(f"电话{new()}"), maintype="application", subtype="zip")
    inner = message(Subject=new())
    inner.set_content(f"电话{new()}", cte="base64")
    made.add_attachment(inner)
    made.preamble = f"Tel {new()}"
    made.epilogue = f"Tel {new()}"
    return made


def whole(path: Path) -> str:
    """All bytes of a copy, unpacked and decoded."""
    parts = [bytes(part.data) for part in unpack("", path.read_bytes(), path.parent)]
    text = b"\n".join(parts)
    return re.sub(r"<[^<>]*>", "", text.decode("utf-8", "replace") + text.decode("gbk", "replace"))


def copied(tmp_path: Path, name: str, data: bytes) -> tuple[Redaction, Path]:
    (tmp_path / name).write_bytes(data)
    done = redact(tmp_path / name, out=tmp_path / "out")
    return done, tmp_path / "out" / name


@pytest.mark.parametrize("name", ["a.eml", "a.mbox", "a.emlx"])
def test_no_part_of_a_message_keeps_a_value(tmp_path: Path, name: str) -> None:
    new = numbers()
    if name == "a.mbox":
        data = b"".join(
            f"From a{new()}@example.com Mon Jan  1 00:00:00 2024\n".encode()
            + mail(new).as_bytes()
            + b"\n"
            for _ in range(2)
        )
    else:
        data = mail(new).as_bytes()
    if name == "a.emlx":
        data = (
            b"%d\n" % len(data) + data + b"<?xml version='1.0'?><plist><integer>1</integer></plist>"
        )
    done, copy = copied(tmp_path, name, data)
    planted = {f"139{at * 10007 + 11:08}" for at in range(int(new()[3:]) // 10007)}
    assert len(planted) >= 12
    assert (done.remaining, done.copies[0].problems) == (0, ())
    left = whole(copy)
    assert [value for value in (*sorted(planted), *NAMES) if value in left] == []


def test_a_copy_is_read_as_its_source_is(tmp_path: Path) -> None:
    _, copy = copied(tmp_path, "a.eml", mail(numbers()).as_bytes())
    shapes = [
        [
            (table.kind, sorted(map(str, table.headers or ())), len(cells_of(blocks)))
            for table, blocks in read_all(path)[0]
            if table.member != "text"  # what stood between and beside the parts
        ]
        for path in (tmp_path / "a.eml", copy)
    ]
    assert shapes[0][1:] == shapes[1][1:]
    made = message_from_bytes(copy.read_bytes())
    assert [part.get_content_type() for part in made.walk()] == [
        part.get_content_type() for part in mail(numbers()).walk()
    ]
    assert not made.defects


def test_what_cannot_be_masked_is_emptied_and_listed(tmp_path: Path) -> None:
    made = message()
    made.set_content("x")
    rar = b"Rar!\x1a\x07\x01\x0013900000008"
    made.add_attachment(rar, maintype="application", subtype="x-rar", filename="a.rar")
    drawing = encoded(picture(["Tel 13900000008"], width=260))
    made.add_attachment(drawing, maintype="image", subtype="png", filename="b.png")
    done, copy = copied(tmp_path, "a.eml", made.as_bytes())
    told = [(each.member, each.reason) for each in done.copies[0].problems]
    assert told == [("a.rar", "NOT_REDACTED"), ("b.png", "LOOK_AT_PICTURE")]
    assert done.remaining == 0
    assert base64.b64encode(rar)[:12] not in copy.read_bytes()
    parts = [part for part in message_from_bytes(copy.read_bytes()).walk() if part.get_filename()]
    assert parts[0].get_payload(decode=True) == b""
    shown = parts[1].get_payload(decode=True)
    assert isinstance(shown, bytes)
    assert shown[:4] == b"\x89PNG"
    assert shown != drawing


def test_the_check_reads_encoded_parts(tmp_path: Path) -> None:
    body = base64.encodebytes(zipped("电话13900000008") * 3)
    data = b"X: y\nContent-Transfer-Encoding: base64\nZ: a\n\n" + body + b"\n--x\n"
    parts = [bytes(part.data) for part in unpack("", data, tmp_path)]
    assert any(b"13900000008" in part for part in parts)
