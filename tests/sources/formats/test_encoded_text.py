"""Uuencoded files, files of base64 or hex digits and dumps are read as the files they encode."""

import base64
import binascii

import pytest

from tests.sources.people import HEAD, PEOPLE, count_whole
from tests.sources.tables import CSV, lost, read_members, reasons, zipped

TABLE = "\n".join(",".join(row) for row in [HEAD, *PEOPLE]).encode()


def uuencoded(name: str, data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    return b"begin 644 %s\n%s`\nend\n" % (name.encode(), b"".join(lines))


def in_base64(name: str, data: bytes) -> bytes:
    del name
    return base64.encodebytes(data)


def dump(data: bytes, line: str = "{at:08x}: {words:39}  {shown}\n", step: int = 2) -> bytes:
    """A dump of bytes as xxd writes it; other ``line``s and steps are those of hexdump -C."""
    text = ""
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        words = " ".join(row[k : k + step].hex() for k in range(0, 16, step))
        text += line.format(at=at, words=words, shown=shown)
    return text.encode()


def canonical_dump(data: bytes) -> bytes:
    return dump(data, "{at:08x}  {words:48}  |{shown}|\n", 1) + b"%08x\n" % len(data)


def in_hex(data: bytes) -> bytes:
    digits = data.hex()
    return "\n".join(digits[at : at + 60] for at in range(0, len(digits), 60)).encode()


def numbered(numbers: list[str]) -> bytes:
    return ("姓名,手机号\n" + "".join(f"张三,{number}\n" for number in numbers)).encode()


#: Seeds of the fuzzer.
FUZZ_SEEDS = {
    "a.uue": lambda numbers: uuencoded("a.csv", numbered(numbers)),
    "a.b64": lambda numbers: in_base64("", numbered(numbers)),
    "a.xxd": lambda numbers: dump(numbered(numbers)),
}
FUZZ_PACKERS = {
    "uuencode": ("uue", uuencoded),
    "base64": ("b64", in_base64),
    "dump of bytes": ("xxd", lambda name, data: dump(data)),
}


@pytest.mark.parametrize("data", [TABLE, zipped({"a.csv": TABLE})])
@pytest.mark.parametrize(
    "text",
    [
        lambda data: uuencoded("名单", data),
        lambda data: "附件如下\n\n".encode() + uuencoded("名单", data) + b"-- \nx\n",
        dump,
        canonical_dump,
        in_hex,
        base64.encodebytes,
        base64.b64encode,
        lambda data: base64.encodebytes(data).replace(b"\n", b"\r\n"),
    ],
)
def test_the_file_inside_is_read(text, data: bytes) -> None:  # type: ignore[no-untyped-def]
    assert count_whole(text(data)) == len(PEOPLE)


def test_other_lines_keep_their_numbers_and_broken_ones_are_listed() -> None:
    coded = uuencoded("a.csv", CSV * 9)
    members, troubles = read_members("电话 13800138001\n".encode() + coded + "王芳\n".encode())
    lines = [row[0] for row in members["text"]]
    assert (lines[0], lines[-1]) == ("电话 13800138001", "王芳")
    assert len(members["a.csv"]) == 36
    assert troubles == []
    broken = coded.splitlines(keepends=True)
    broken[2] = b"\x80" + broken[2]
    members, troubles = read_members(b"".join(broken[:-1]))
    assert len(members["a.csv"]) > 20
    assert lost(troubles).count("CORRUPT") == 2  # a broken line, and no end


@pytest.mark.parametrize(
    "text",
    [
        b"d41d8cd98f00b204e9800998ecf8427e\n9e107d9d372bb6826bd81d3542a419d6\n",
        b"073188888888\n073188888889\n073188888890\n",
        b"begin 644 something\nwas said\n",
    ],
)
def test_digests_numbers_and_prose_are_texts(text: bytes) -> None:
    members, troubles = read_members(text)
    assert list(members) == [""]
    assert reasons(troubles) in ([], ["DECODED"])


def test_rows_that_a_dump_leaves_out_are_repeated() -> None:
    data = CSV + b"\n" * (15 - len(CSV) % 16) + b"\n" + b"x" * 64 + CSV
    lines = canonical_dump(data).splitlines(keepends=True)
    same = [line for line in lines if b"|xxxxxxxxxxxxxxxx|" in line]
    lines[lines.index(same[1])] = b"*\n"
    text = b"".join(line for line in lines if line not in same[2:])
    assert read_members(text) == read_members(canonical_dump(data))
