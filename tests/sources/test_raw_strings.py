"""Strings of binary contents: each once, at its byte, over the edges of buffers."""

import random

import pytest

from piiscan.sources.block import Block, Table
from piiscan.sources.content import memory_content
from piiscan.sources.read import open_text_tables
from piiscan.sources.texts import raw_strings
from piiscan.sources.texts.raw_strings import open_strings

CODECS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def strings(data: bytes) -> list[tuple[str, int, str]]:
    table = open_strings(memory_content(data, "x", member="m"))
    if table is None:
        return []
    tables = [table, *table.siblings]
    found = []
    for block in table.blocks():
        assert isinstance(block, Block)
        assert block.byte_starts is not None
        view = tables[block.table].member.removeprefix("m#strings-")
        texts = block.columns[0].to_pylist()
        found += [
            (view, int(at), text) for at, text in zip(block.byte_starts[0], texts, strict=True)
        ]
    return found


@pytest.mark.parametrize("encoding", CODECS)
@pytest.mark.parametrize("buffer", [4 << 20, 1 << 10, 64])
def test_each_text_once_at_its_byte(
    encoding: str, buffer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_strings, "_BUFFER_BYTES", buffer)
    data, planted = bytearray(), []
    for number in range(40):
        data += bytes(number % 7 + 1)
        text = f"收件人张伟{number:02} 电话138{number:08} 地址北京市海淀区中关村"
        planted.append((encoding, len(data), text))
        data += text.encode(encoding) + b"\0\x01"
    found = [each for each in strings(bytes(data)) if "138" in each[2]]
    assert found == planted


def test_noise_between_texts_costs_no_number() -> None:
    rng = random.Random(1)
    data, numbers = bytearray(), []
    for number in range(300):
        numbers.append(f"139{rng.randrange(10**8):08}")
        text = f"微信号 {numbers[-1]}"
        data += rng.randbytes(rng.randrange(200)) + b"\0\0"
        data += text.encode(CODECS[number % 4]) + b"\0\0"
    texts = [text for _, _, text in strings(bytes(data))]
    assert [sum(each in text for text in texts) for each in numbers] == [1] * 300


def test_lines_and_long_strings_are_cut_at_their_bytes() -> None:
    lines = ["电话 13800138000", "", "甲" * 20_000 + " 13900139000"]
    data = b"\x01\0" + "\r\n".join(lines).encode("utf-16-le") + b"\0"
    found = strings(data)
    assert [view for view, _, _ in found] == ["utf-16-le"] * len(found)
    assert all(data[at:].startswith(text.encode("utf-16-le")) for _, at, text in found)
    assert max(len(text) for _, _, text in found) <= 8192
    assert "".join(text for _, _, text in found) == "".join(lines)


def test_nothing_in_nothing() -> None:
    assert strings(bytes(1000)) == []
    assert [strings(bytes(size)) for size in range(4)] == [[]] * 4
    assert strings(b"\x01abc\x02") == []


def test_without_the_option_a_binary_is_only_listed() -> None:
    content = memory_content(b"\0\x01" * 50 + b"13800138000" + bytes(50), "x", member="m")
    (only,) = open_text_tables(content, count_names=len)
    assert not isinstance(only, Table)
    assert only.reason == "BINARY"
