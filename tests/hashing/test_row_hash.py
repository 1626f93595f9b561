"""Row digests: the sum of the keyed digests of cells as they are compared, in any order."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.hashing import digest as digests
from piiscan.hashing.row_hash import RowColumn, hash_rows

KEY = bytes(range(32))


@pytest.fixture(autouse=True, scope="module", params=[digests.HASHLIB_MAX, -1], ids=["few", "many"])
def hashed_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rows are hashed by hashlib, and by the kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "HASHLIB_MAX", request.param)
        yield


def digest(*cells: str, roles: Sequence[str] = (), key: bytes = KEY) -> str:
    columns = [
        RowColumn(pa.array([cell]), np.zeros(1, np.int64), roles[number] if roles else "")
        for number, cell in enumerate(cells)
    ]
    return str(hash_rows(columns, count=1, key=key).rows[0].as_py().hex())


def naive(*cells: bytes, role: str = "") -> str:
    """The sum of the digests of ``cells``, as two 64-bit words."""
    total = [0, 0]
    for cell in cells:
        message = f"row {role}\0".encode() + cell
        made = hashlib.blake2b(message, key=KEY, digest_size=16).digest()
        for half in range(2):
            total[half] += int.from_bytes(made[8 * half : 8 * half + 8], "little")
    return b"".join((each % 2**64).to_bytes(8, "little") for each in total).hex()


def test_a_row_is_the_sum_of_the_keyed_digests_of_its_cells() -> None:
    long = "abc示例" * 60
    assert digest("a", "abcdefgh", long) == naive(b"a", b"abcdefgh", long.encode())
    assert digest("甲", roles=["sender"]) == naive("甲".encode(), role="sender")


def test_without_the_key_a_digest_cannot_be_made() -> None:
    assert digest("13800138000") != digest("13800138000", key=bytes(32))


def told(text: str) -> bytes:
    """The cell as it is compared, naively."""
    if len(text.encode()) > 3 and text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    elif len(text.encode()) > 1 and text.startswith("'"):
        text = text[1:]
    kept = []
    for char in text:
        code = ord(char)
        if code <= 32 or code == 127 or char in "\u00a0\u00ad\u3000\ufeff":
            continue
        if 0x2000 <= code <= 0x200F or 0x2028 <= code <= 0x202F or 0x205F <= code <= 0x206F:
            continue
        narrow = unicodedata.normalize("NFKC", char) if 0xFF01 <= code <= 0xFF5E else char
        kept.append(narrow.lower() if narrow.isascii() else narrow)
    return "".join(kept).encode()


SIGNS = "aZ09 　１２ＡｂÄ张三\u200b\ufeff\u00a0\t'\"=½。、￥～｡ﾀ\u2028\u205f⁰“”"


@given(st.text(st.sampled_from(SIGNS), max_size=24) | st.text(max_size=12))
@settings(max_examples=300, deadline=None)
def test_cells_are_compared_without_blanks_width_and_case(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert digest(text) == (naive(told(text)) if told(text) else "0" * 32)


def test_the_order_of_cells_does_not_matter_and_their_number_does() -> None:
    assert digest("张三", "13800138000") == digest("13800138000", "", "张三")
    assert digest("张三", "张三") != digest("张三")
    assert digest("张三13800138000") != digest("张三", "13800138000")


def test_a_role_tells_equal_cells_apart() -> None:
    assert digest("甲", "乙", roles=("sender", "recipient")) != digest(
        "乙", "甲", roles=("sender", "recipient")
    )
    assert digest("甲", roles=("sender",)) != digest("甲")


def test_a_cell_counts_in_the_row_of_its_slot_or_in_none() -> None:
    made = hash_rows(
        [
            RowColumn(pa.array(["x", "甲", "乙", "甲"])[1:], np.array([1, -1, 0])),
            RowColumn(pa.array(["b", "c", "b"], pa.large_string()), np.array([1, 1, 0])),
        ],
        count=3,
        key=KEY,
    ).rows.to_pylist()
    assert [row.hex() for row in made] == [digest("甲", "b"), digest("甲", "b", "c"), "0" * 32]
    assert hash_rows([], count=1, key=KEY).rows[0].as_py() == bytes(16)


def test_other_cells_count_in_whole_rows_only() -> None:
    name, remark = (RowColumn(pa.array([cell]), np.zeros(1, np.int64)) for cell in ("甲", "b"))
    made = hash_rows([name], [remark], count=1, key=KEY)
    assert made.rows[0].as_py().hex() == digest("甲", "b")
    assert made.compared[0].as_py().hex() == digest("甲")
