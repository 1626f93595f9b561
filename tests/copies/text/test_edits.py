"""Edits of texts and bytes are those of naive replacement, in memory, on disk and in pieces."""

import io
import random
from pathlib import Path

import pytest

from piiscan.copies.text.edits import SortedEdits, copy_with_edits
from piiscan.copies.text_map import TextMap, apply_edits, encode_text, replace_unsafe
from piiscan.masking.splice import apply_changes, resolve_changes


def naive(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for begin, end, new in sorted(edits, reverse=True):
        data = data[:begin] + new + data[end:]
    return data


def drawn(seed: int, size: int) -> list[tuple[int, int, bytes]]:
    """Edits side by side: replaced, removed, put in."""
    rng = random.Random(seed)
    bounds = sorted(rng.sample(range(size + 1), 2 * rng.randrange(1, 9)))
    return [
        (begin, end, rng.choice([b"", b"*", b"longer than before"]))
        for begin, end in zip(bounds[::2], bounds[1::2], strict=True)
    ]


class Pieces(io.BytesIO):
    """A stream that reads at most ``piece`` bytes at a time."""

    piece = 1

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.piece)


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_has_its_edits_and_its_size_whatever_the_pieces(seed: int) -> None:
    data, edits = bytes(range(60)), drawn(seed, 60)
    assert apply_edits(data, reversed(edits)) == naive(data, edits)
    for piece in (1, 7, 59, 60, 100):
        source, out = Pieces(data), io.BytesIO()
        source.piece = piece
        assert copy_with_edits(source, edits, out) == len(out.getvalue())
        assert out.getvalue() == naive(data, edits)


def test_a_source_that_ends_before_an_edit_is_an_error() -> None:
    for edit in ((5, 6, b"x"), (3, 5, b"x")):
        with pytest.raises(OSError, match="ends before"):
            copy_with_edits(io.BytesIO(b"1234"), [edit], io.BytesIO())
    out = io.BytesIO()
    assert copy_with_edits(io.BytesIO(b"1234"), [(4, 4, b"x")], out) == 5
    assert out.getvalue() == b"1234x"


@pytest.mark.parametrize("run", [0, 1, 3, 1000])
def test_edits_come_in_order_from_memory_and_disk(run: int, tmp_path: Path) -> None:
    rng = random.Random(run)
    edits = [(at, at + 3, str(at)) for at in range(0, 60, 3)]
    shuffled = rng.sample(edits, len(edits))
    found = SortedEdits(tmp_path, run=run, batch=2, new=str)
    for at in range(0, len(shuffled), 4):
        found.add(shuffled[at : at + 4])
    assert list(found.ordered()) == edits == list(found.ordered())
    found.add([(1, 2, "inside another"), (60, 60, ""), (60, 60, "put in"), (58, 61, "over")])
    assert list(found.ordered()) == [*edits, (60, 60, "put in")]
    found.close()
    assert list(found.ordered()) == []


def test_of_changes_that_overlap_the_later_one_is_cut() -> None:
    assert resolve_changes([(4, 8, "b"), (0, 5, "a"), (1, 3, "c")]) == [(0, 5, "a"), (5, 8, "b")]
    assert resolve_changes([(0, 2, "short"), (0, 5, "long")]) == [(0, 5, "long")]
    assert apply_changes("0123456789", [(4, 8, "b"), (0, 5, "a"), (9, 9, "!")]) == "ab8!9"


def test_a_change_over_several_ranges_of_bytes_is_written_once() -> None:
    # 张<b>三</b>\n四 as text 张三\n四; the line break has no bytes
    mapped = TextMap("张三\n四", [0, 6, 13, 13], [3, 9, 13, 16])
    assert mapped.edits([(0, 4, "**")]) == [(0, 3, b"**"), (6, 9, b""), (13, 16, b"")]
    assert mapped.edits([(1, 2, "甲")]) == [(6, 9, "甲".encode())]
    assert mapped.edits([(2, 3, "x")]) == []
    side = TextMap("ab", [0, 1], [1, 2], lambda new: new.upper().encode())
    assert side.edits([(0, 2, "x")]) == [(0, 2, b"X")]
    assert side.edits([(1, 2, "y"), (0, 1, "x")]) == [(0, 1, b"X"), (1, 2, b"Y")]


def test_an_edit_over_an_earlier_one_is_left_out() -> None:
    assert apply_edits(b"0123456789", [(2, 5, b"x"), (4, 6, b"y"), (5, 6, b"z")]) == b"01xz6789"


def test_stand_ins_have_no_character_with_a_meaning_in_a_format() -> None:
    unsafe = "\"'\\<>&`\x7f\0\n\t\x1f"
    assert replace_unsafe(f"张{unsafe}1 -,.") == f"张{'*' * len(unsafe)}1 -,."
    assert replace_unsafe("张三1") == "张三1"


@pytest.mark.parametrize(
    ("codec", "data"),
    [("ascii", b"a**"), ("gbk", "a赵*".encode("gbk")), ("utf-16-le", "a赵𠀀".encode("utf-16-le"))],
)
def test_what_a_codec_lacks_is_an_asterisk(codec: str, data: bytes) -> None:
    assert encode_text("a赵𠀀", codec) == data
