"""No cell that decodes to another text is left out by the pass that chooses cells to decode."""

import base64
import random
import urllib.parse

import pyarrow as pa
import pytest

from piiscan.sources.texts.decoded_cells import coded_rows, decode_text

TEXTS = ("张三 13800138000", "湖南省长沙市岳麓区1号", "13800138000", "user@example.com", "é à ü")
CHARS = "0123456789ABCXabcx-_+/=%&#;<>\\u\0 张"


def make_cell(draw: random.Random) -> str:
    """Return coded texts, numbers and noise in one cell, some of them damaged."""
    text, codec = draw.choice(TEXTS), draw.choice(("utf-8", "gb18030"))
    data = text.encode(codec, "replace")
    forms = (
        text, data.hex(), base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(),
        urllib.parse.quote(data), f"0x{data.hex().upper()}", f"\\x{data.hex()}",
        "".join(f"&#{ord(char)};" for char in text), data.decode("latin-1"),
        "".join(f"\\u{ord(char):04x}" for char in text), "\0".join(f"{text}\0"),
        "1<b>38</b>0", "".join(draw.choices("0123456789", k=18)), draw.randbytes(16).hex(),
        "".join(draw.choices(CHARS, k=20)),
    )  # fmt: skip
    cell = "".join(draw.choices(forms, k=draw.randrange(1, 3)))
    at = draw.randrange(len(cell))
    return cell[:at] + draw.choice(CHARS) + cell[at + 1 :] if draw.random() < 0.2 else cell


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_no_coded_cell_is_left_out(kind: pa.DataType) -> None:
    cells = [make_cell(random.Random(seed)) for seed in range(4000)]
    array = pa.array([None, *cells], kind)[1:]
    found = set(coded_rows(array).tolist())
    changed = {at for at, cell in enumerate(cells) if decode_text(cell)[1]}
    assert changed - found == set()
    assert len(changed) > 1000


def test_usual_cells_are_not_looked_at_again() -> None:
    usual = [
        "张三", "430104199003071234", "43010419900307123X", "430104-19900307-123X", "13800138000",
        "6222021234567890123", "SF1234567890123", "91430100MA4L1234XX", "user123456789@qq.com",
        "2024-01-01 12:00:00", "https://example.com/?a=1", "C:\\files",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ]  # fmt: skip
    assert coded_rows(pa.array(usual)).tolist() == []
