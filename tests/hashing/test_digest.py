"""Digests of values and rows equal hashlib's, for every length, kind, slice and array type."""

import hashlib
import itertools
import random
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.arrow_strings import string_buffers
from piiscan.case.scan.block.records import parse_seconds
from piiscan.hashing import digest
from piiscan.hashing.blake2 import keyed_state
from piiscan.hashing.digest import digest_values, file_sha256
from piiscan.hashing.hash_kernels import sort_in_slots
from piiscan.hashing.row_hash import Found, RowColumn, hash_rows

KEY = bytes(range(32))


@pytest.fixture(autouse=True, scope="module", params=[digest.HASHLIB_MAX, -1], ids=["few", "many"])
def hashed_by(request: pytest.FixtureRequest) -> Iterator[None]:
    """By hashlib one by one, and by the kernel."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digest, "HASHLIB_MAX", request.param)
        yield


def oracle(entity: str, value: str, key: bytes = KEY) -> bytes:
    message = entity.encode() + b"\0" + value.encode()
    return hashlib.blake2b(message, key=key, digest_size=16).digest()


def test_every_length_around_the_block_edges_hashes_as_hashlib() -> None:
    values = ["x" * length for length in [*range(300), 511, 512, 513, 1000]]
    for entity in ("A", "CN_RESIDENT_ID"):
        got = digest_values(
            pa.array(values), np.zeros(len(values), np.int16), entities=[entity], key=KEY
        )
        assert got.to_pylist() == [oracle(entity, value) for value in values]


def test_kinds_and_unicode_mixed_in_one_call() -> None:
    random.seed(5)
    entities = ["PERSON", "CN_MOBILE", "CN_ADDRESS"]
    values = [
        "".join(random.choices("张三0123456789x😀é", k=random.randrange(80))) for _ in range(500)
    ]
    kinds = np.array([random.randrange(3) for _ in values])
    key = random.randbytes(32)
    expected = [oracle(entities[k], v, key) for k, v in zip(kinds, values, strict=True)]
    for array in (pa.array(values), pa.array(values, pa.large_string())):
        assert digest_values(array, kinds, entities=entities, key=key).to_pylist() == expected
    sliced = digest_values(pa.array(values)[17:60], kinds[17:60], entities=entities, key=key)
    assert sliced.to_pylist() == expected[17:60]


def test_the_same_value_of_two_kinds_has_two_digests() -> None:
    got = digest_values(
        pa.array(["123456", "123456"]), np.array([0, 1]), entities=["QQ_NUMBER", "X"], key=KEY
    ).to_pylist()
    assert got[0] != got[1]


def test_no_values_give_no_digests() -> None:
    got = digest_values(pa.array([], pa.string()), np.zeros(0, int), entities=[], key=KEY)
    assert got.type == pa.binary(16)
    assert len(got) == 0


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 5"):
        keyed_state(b"short")


def test_string_buffers_of_a_slice_are_its_own_strings() -> None:
    offsets, data = string_buffers(pa.array(["a", "bc", "张"])[1:])
    cells = [bytes(data[a:b]).decode() for a, b in itertools.pairwise(offsets)]
    assert cells == ["bc", "张"]


def test_file_sha256_is_that_of_the_bytes(tmp_path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 100_000)
    assert file_sha256(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()


def row_digest(*cells: str, roles: Sequence[str] = (), key: bytes = KEY) -> str:
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
    assert row_digest("a", "abcdefgh", long) == naive(b"a", b"abcdefgh", long.encode())
    assert row_digest("甲", roles=["sender"]) == naive("甲".encode(), role="sender")


def test_without_the_key_a_digest_cannot_be_made() -> None:
    assert row_digest("13800138000") != row_digest("13800138000", key=bytes(32))


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
    assert row_digest(text) == (naive(told(text)) if told(text) else "0" * 32)


def test_the_order_of_cells_does_not_matter_and_their_number_does() -> None:
    assert row_digest("张三", "13800138000") == row_digest("13800138000", "", "张三")
    assert row_digest("张三", "张三") != row_digest("张三")
    assert row_digest("张三13800138000") != row_digest("张三", "13800138000")


def test_a_role_tells_equal_cells_apart() -> None:
    assert row_digest("甲", "乙", roles=("sender", "recipient")) != row_digest(
        "乙", "甲", roles=("sender", "recipient")
    )
    assert row_digest("甲", roles=("sender",)) != row_digest("甲")


def test_a_cell_counts_in_the_row_of_its_slot_or_in_none() -> None:
    made = hash_rows(
        [
            RowColumn(pa.array(["x", "甲", "乙", "甲"])[1:], np.array([1, -1, 0])),
            RowColumn(pa.array(["b", "c", "b"], pa.large_string()), np.array([1, 1, 0])),
        ],
        count=3,
        key=KEY,
    ).rows.to_pylist()
    assert [row.hex() for row in made] == [
        row_digest("甲", "b"),
        row_digest("甲", "b", "c"),
        "0" * 32,
    ]
    assert hash_rows([], count=1, key=KEY).rows[0].as_py() == bytes(16)


def compared(*columns: RowColumn) -> str:
    return str(hash_rows(columns, count=1, key=KEY).compared[0].as_py().hex())


def column(
    cell: str, *found: tuple[int, int, str], is_time: bool = False, **more: Any
) -> RowColumn:
    starts, ends, values = ([each[n] for each in found] for n in range(3))
    spans = Found(
        np.zeros(len(found), np.int64),
        np.array(starts, np.int32),
        np.array(ends, np.int32),
        pa.array(values, pa.string()),
    )
    cells = pa.array([cell])
    seconds = parse_seconds(cells, is_time=is_time)
    return RowColumn(cells, np.zeros(1, np.int64), found=spans, seconds=seconds, **more)


def test_cells_that_are_left_out_count_in_whole_rows_only() -> None:
    name, remark = column("甲"), column("b", left_out=np.ones(1, np.bool_))
    made = hash_rows([name, remark], count=1, key=KEY)
    assert made.rows[0].as_py().hex() == row_digest("甲", "b")
    assert made.compared[0].as_py().hex() == row_digest("甲")
    assert made.facts.to_pylist() == [[int.from_bytes(made.compared[0].as_py()[:8], "little")]]


#: Cells that are the same when rows are compared, and one that is another.
FORMS: list[tuple[list[str], str]] = [
    (["0.5", "0.50", ".5", "0.500"], "0.05"),
    (["1234.5", "1,234.50", "￥1234.50", "¥1,234.5元", "1234.5元"], "12,34.5"),
    (["-3", "-3.00"], "3"),
    (["7", "7.0", "7."], "007"),
    (["2023/1/2 08:00", "2023-01-02 08:00:00", "2023-1-2T8:00"], "2023/1/2 08:01"),
    (["2023/1/2", "2023-01-02 00:00:00", "2023.1.2 0:00"], "20230103"),
    (["１２.50", "12.5"], "12.5.0"),
]


@pytest.mark.parametrize(("forms", "other"), FORMS)
def test_a_number_and_a_time_are_compared_by_what_they_mean(forms: list[str], other: str) -> None:
    (same,) = {compared(column(form)) for form in forms}
    assert compared(column(other)) != same
    assert row_digest(forms[0]) != row_digest(forms[1])


def test_digits_alone_are_a_time_in_a_column_of_times() -> None:
    same = {compared(column(text, is_time=True)) for text in ("20230712", "2023年7月12日", "45119")}
    assert len(same) == 1
    assert compared(column("20230712")) not in same


def test_a_cell_with_findings_is_compared_by_their_values_and_its_rest() -> None:
    phone = compared(column("13800138000", (0, 11, "13800138000")))
    for text in ("138-0013-8000", "+86 138 0013 8000", "（13800138000）", "13800138000；"):
        span = (text.index("1") - 4 * ("+" in text), len(text.rstrip("）；")), "13800138000")
        assert compared(column(text, (max(span[0], 0), *span[1:]))) == phone
    assert phone == row_digest("13800138000")
    name = compared(column("张三", (0, 2, "张三")))
    assert name == compared(column("张三先生", (0, 2, "张三"))) == row_digest("张三")
    assert name == compared(column("姓名：张三", (3, 5, "张三")))
    assert name != compared(column("母亲姓名：张三", (5, 7, "张三")))
    assert name != compared(column("张三欠款500", (0, 2, "张三")))
    two = compared(column("张三 甲13800138000乙", (0, 2, "张三"), (4, 15, "13800138000")))
    assert two == row_digest("张三", "甲乙", "13800138000")


def test_a_time_without_seconds_has_some_of_the_facts_of_one_with_them() -> None:
    day, minute, second = (
        set(hash_rows([column(text)], count=1, key=KEY).facts[0].as_py())
        for text in ("2023-01-02", "2023-01-02 08:13", "2023/1/2 08:13:27")
    )
    assert day < minute < second


def test_words_are_sorted_in_their_slots() -> None:
    draw = np.random.default_rng(3)
    for count, size in ((1, 0), (3, 0), (1, 5000), (400, 3000), (7, 40)):
        slots, words = draw.integers(0, count, size), draw.integers(0, 2**63, size, np.uint64) * 2
        sizes, out = np.bincount(slots, minlength=count), np.empty(size, np.uint64)
        ends = np.cumsum(sizes) - sizes
        sort_in_slots(slots, words, ends, out)
        assert ends.tolist() == np.cumsum(sizes).tolist()
        assert out.tolist() == words[np.lexsort((words, slots))].tolist()
