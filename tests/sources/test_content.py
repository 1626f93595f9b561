"""Contents: sample windows, streams from the start, and the same bytes from a disk or a zip."""

import io
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from piiscan.sources.archives.archive import open_members
from piiscan.sources.archives.spool import limit_stream
from piiscan.sources.content import (
    HEAD_BYTES,
    WINDOW_BYTES,
    Content,
    file_content,
    load_content,
    memory_content,
    middle_start,
    open_file,
    read_windows,
)
from piiscan.sources.limits import Budget, BudgetUsage
from tests.sources.tables import zipped

DATA = random.Random(1).randbytes(HEAD_BYTES + 3 * WINDOW_BYTES + 99)
SIZES = [0, 1, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, HEAD_BYTES + WINDOW_BYTES, len(DATA)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", [0, 3])
def test_windows_are_bytes_of_the_content_at_their_places(size: int, seed: int) -> None:
    data = DATA[:size]
    windows = read_windows(io.BytesIO(data), size, seed=seed)
    assert windows[0].data == data[:HEAD_BYTES]
    assert windows == read_windows(io.BytesIO(data), size, seed=seed)
    end = len(windows[0].data)
    for window in windows[1:]:
        assert window.data == data[window.start : window.start + WINDOW_BYTES] != b""
        assert window.start >= end  # no byte counts twice
        end = window.start + len(window.data)
    assert end == size  # the tail is read to its last byte


def test_the_middle_is_drawn_from_the_second_and_third_quarter() -> None:
    drawn = [middle_start(1000, seed) for seed in range(300)]
    assert min(drawn) in range(250, 260)
    assert max(drawn) in range(740, 750)
    assert [middle_start(size, 0) for size in (0, 1)] == [0, 0]


@pytest.mark.parametrize("size", [0, 5, HEAD_BYTES + 1, len(DATA)])
@pytest.mark.parametrize("limit", [0, 8 << 20])
def test_a_member_has_the_windows_of_a_file(size: int, limit: int, tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.bin", tmp_path / "a.zip"
    plain.write_bytes(DATA[:size])
    packed.write_bytes(zipped({"d/a.bin": DATA[:size]}))
    usage = BudgetUsage(Budget(member_in_memory=limit))
    (member,) = open_members(file_content(packed), usage, seed=3)
    assert isinstance(member, Content)
    assert (member.data is None) == (size > limit)
    assert (member.name, member.member, member.size) == ("a.bin", "d/a.bin", size)
    assert member.packed_size == size
    for content in (member, file_content(plain, seed=3)):
        assert b"".join(w.data for w in content.windows)[:HEAD_BYTES] == DATA[:size][:HEAD_BYTES]
        for window in content.windows:
            assert window.data == DATA[:size][window.start :][: len(window.data)]
        assert content.windows[-1].start + len(content.windows[-1].data) == size
        for _ in range(2):  # each stream begins at the start
            with content.open() as stream:
                assert stream.read() == DATA[:size]


def test_a_content_is_loaded_up_to_its_limit_once() -> None:
    kept = memory_content(b"12345", "a", member="m", sha256="x", packed_size=3)
    assert load_content(kept, 0) is kept  # in memory already
    bare = Content("a", "m", 5, kept.windows, kept.open, "x", 3)
    assert load_content(bare, 4) is None
    loaded = load_content(bare, 5)
    assert loaded is not None
    assert loaded.data == b"12345"
    with loaded.open() as stream:
        assert stream.read() == b"12345"
    assert (loaded.name, loaded.member, loaded.size, loaded.sha256, loaded.packed_size) == (
        "a", "m", 5, "x", 3,
    )  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="Linux only")
def test_a_file_of_somebody_else_is_opened_with_its_access_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real, seen = tmp_path / "a", os.open, []
    path.write_bytes(b"x")

    def only_the_owner(name: Path, flags: int) -> int:
        seen.append(flags)
        if flags & os.O_NOATIME:
            raise PermissionError(1, "not permitted")
        return real(name, flags)

    monkeypatch.setattr(os, "open", only_the_owner)
    with open_file(path) as stream:
        assert stream.read() == b"x"
    assert len(seen) == 2
    assert all(flags & os.O_CLOEXEC and flags & os.O_NONBLOCK for flags in seen)
    assert not any(flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) for flags in seen)


def test_a_fifo_or_device_in_the_place_of_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    (tmp_path / "b").symlink_to("/dev/zero")
    for path in (tmp_path / "a", tmp_path / "b"):
        with pytest.raises(OSError, match="no plain file"):
            open_file(path)


@pytest.mark.parametrize(
    ("shorter", "reads"),
    [(lambda s: s.read(), [b"1234567", b""]), (lambda s: s.read(4), [b"1234", b"567", b""])],
)
def test_a_damaged_member_is_read_as_far_as_it_was(
    shorter: Callable[[BinaryIO], bytes], reads: list[bytes]
) -> None:
    below = io.BytesIO(b"1234567890")
    stream = limit_stream(below, left=7)
    assert [shorter(stream) for _ in reads] == reads
    stream.close()
    assert below.closed
