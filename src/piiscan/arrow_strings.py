"""Arrow string arrays: copied out of a byte buffer by kernels, or made of Python strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int32, Int64, UInt8, UInt64
from piiscan.jit import eights, frozen, kernel, woven

#: Bytes, and eight of them from every place on.
Source = tuple[UInt8, UInt64]
#: Bytes to be written, the same eight at a time, and where each string ends in them.
Room = tuple[UInt8, UInt64, Int32]


@kernel
def _copy(
    source: Source, more: UInt8, start: Int64, end: Int64, room: Room
) -> None:  # pragma: no cover - compiled
    data, words = source
    out, eight, offsets = room
    at = np.uint64(0)
    own = np.uint64(len(data))
    for row in range(len(start)):
        place, stop = np.uint64(start[row]), np.uint64(end[row])
        if place < own:
            at = copied(data, words, place, stop, out, eight, at)
        else:
            for byte in range(place - own, stop - own):
                out[at] = more[byte]
                at += np.uint64(1)
        offsets[row + 1] = at


@woven
def copied(
    data: UInt8, words: UInt64, place: Any, stop: Any, out: UInt8, eight: UInt64, at: Any
) -> Any:  # pragma: no cover - compiled
    """Copies ``data[place:stop]`` to ``out`` from ``at`` on: where it ends there.

    Up to seven bytes more are written behind it, which whatever follows overwrites.
    """
    behind = at + (stop - place)
    if stop <= np.uint64(len(words)):
        while at < behind:
            eight[at] = words[place]
            at += np.uint64(8)
            place += np.uint64(8)
    else:
        while at < behind:
            out[at] = data[place]
            at += np.uint64(1)
            place += np.uint64(1)
    return behind


def bytes_of(texts: pa.Array) -> tuple[UInt8, Int32]:
    """The bytes of a string array, and int32[n + 1] offsets into them."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return frozen(np.frombuffer(data or b"", np.uint8)), frozen(places)


def texts_of(data: UInt8, start: Int64, end: Int64, more: UInt8 | None = None) -> pa.Array:
    """The texts ``data[start[i]:end[i]]``; places behind ``data`` are places in ``more``."""
    room = room_for(int((end - start).sum()), len(start))
    source = source_of(data)
    _copy(source, source[0][:0] if more is None else frozen(more), start, end, room)
    return strings_in(room, len(start))


def source_of(data: UInt8) -> Source:
    """``data`` to be copied from, eight bytes at a time."""
    plain = frozen(data)
    return plain, eights(plain)


def room_for(size: int, count: int) -> Room:
    """Room for ``count`` strings of ``size`` bytes together."""
    data = np.empty(size + 16, np.uint8)
    return data, eights(data), np.zeros(count + 1, np.int32)


def strings_in(room: Room, count: int) -> pa.Array:
    """The first ``count`` strings; what no string needs of their room is given back."""
    data, _, offsets = room
    size = int(offsets[count])
    kept = data[:size] if 2 * size >= len(data) else data[:size].copy()
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(kept))


@woven
def give(
    strings: tuple[UInt8, Int32], number: Any, room: Room, behind: Any, at: Any
) -> Any:  # pragma: no cover - compiled
    """Copies string ``number`` to place ``at`` of ``room``: where it ends there."""
    data, offsets = strings
    for byte in range(offsets[number], offsets[number + np.uint64(1)]):
        room[0][behind] = data[byte]
        behind += np.uint64(1)
    room[2][at + np.uint64(1)] = behind
    return behind


def string_column(cells: Sequence[str | None]) -> pa.Array:
    r"""A ``pa.string()`` array; lone surrogates, which UTF-8 cannot hold, become U+FFFD.

    >>> string_column(["a\ud800", None]).to_pylist()
    ['a\ufffd', None]
    """
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        return pa.array([None if cell is None else _whole(cell) for cell in cells], pa.string())


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
