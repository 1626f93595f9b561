"""Rings of sectors in an OLE file are seen before its reader would follow them without end."""

from pathlib import Path

import numpy as np

from piiscan.sources.block import Trouble
from piiscan.sources.containers.ole_chains import has_ring
from piiscan.sources.read import open_tables
from tests.sources.formats.spreadsheet.books import old_workbook

WHOLE = old_workbook()
END = 0xFFFFFFFE


def table_of(data: bytes) -> tuple[int, np.ndarray]:
    """Return the place of the first sector of the table, and its words."""
    at = (int.from_bytes(data[76:80], "little") + 1) * 512
    return at, np.frombuffer(data, "<u4", 128, at).copy()


def with_table(data: bytes, words: np.ndarray) -> bytes:
    at, _ = table_of(data)
    return data[:at] + words.astype("<u4").tobytes() + data[at + 512 :]


def test_a_whole_file_has_none() -> None:
    assert not has_ring(WHOLE)
    assert not has_ring(b"")
    assert not has_ring(WHOLE[:600])
    assert not has_ring(bytes(len(WHOLE)))


def test_a_directory_that_leads_back_to_its_first_sector(tmp_path: Path) -> None:
    _, words = table_of(WHOLE)
    first = int.from_bytes(WHOLE[48:52], "little")
    words[first] = first
    damaged = with_table(WHOLE, words)
    assert has_ring(damaged)
    (tmp_path / "a.xls").write_bytes(damaged)
    (told,) = open_tables(tmp_path / "a.xls", count_names=len)
    assert isinstance(told, Trouble)
    assert (told.reason, told.lost) == ("CORRUPT", True)


def test_every_chain_of_a_stream_is_followed() -> None:
    """Any sector that ends a chain in use may lead back to the sector before it."""
    _, words = table_of(WHOLE)
    ends = [at for at in range(len(words)) if words[at] == END]
    assert len(ends) > 1
    rings = 0
    for at in ends:
        changed = words.copy()
        changed[at] = at
        rings += has_ring(with_table(WHOLE, changed))
    assert rings == len(ends)


def test_a_list_of_table_sectors_that_leads_back_to_itself() -> None:
    data = bytearray(WHOLE)
    sector = len(data) // 512 - 1
    data += (sector).to_bytes(4, "little") * 128
    data[68:72] = sector.to_bytes(4, "little")
    assert has_ring(bytes(data))
