"""Each byte of a decoded text leads back to its character; lines are UTF-8 if nothing else fits."""

import random
import re

import numpy as np
import pytest

from piiscan.sources.encoding.byte_map import align_offsets, utf8_lines

CHARACTERS = "a1\n é张ß€𠀀\u3000\U0001f600"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("base", [0, 1000])
def test_every_byte_has_the_place_of_its_character(encoding: str, base: int) -> None:
    rng = random.Random(base)
    for length in [*range(8), 300]:
        usable = CHARACTERS if encoding != "big5" else "a1\n 張電話，"
        text = "".join(rng.choices(usable, k=length))
        expected, at = [], base
        for char in text:
            expected += [at] * len(char.encode())
            at += len(char.encode(encoding))
        raw, decoded = (np.frombuffer(text.encode(e), np.uint8) for e in (encoding, "utf-8"))
        assert align_offsets(raw, decoded, encoding, base).tolist() == expected


WIDE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
VALID = re.compile(rb"(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|" + WIDE.pattern + rb")*")


def test_lines_that_only_utf_8_explains() -> None:
    rng = random.Random(1)
    edges = [*b"\x00a\x7f\x80\xbf\xc0\xc1\xc2\xdf\xe0\xef\xf0\xf4\xf5\xff", *"张é𠀀".encode()]
    lines = ["张".encode(), "é".encode(), b"", b"a", "é张".encode(), "张三".encode("gbk")]
    lines += [bytes(rng.choices(edges, k=rng.randrange(7))) for _ in range(3000)]
    lines += [
        b"".join(rng.choices([b"a", "é".encode(), "张".encode(), "𠀀".encode()], k=3))
        for _ in lines
    ]
    for line in ("张".encode(), "𠀀".encode()):
        lines += [line[:size] for size in range(1, len(line))]
    lines.append("张".encode())  # up to the last byte
    expected = [n for n, line in enumerate(lines) if VALID.fullmatch(line) and WIDE.search(line)]
    for end in (b"", b"\n"):
        raw = np.frombuffer(b"\n".join(lines) + end, np.uint8)
        assert utf8_lines(raw).tolist() == expected
