"""However a dump is cut into pieces, its rows are those that were written."""

import io
import random

import pytest

from piiscan.sources.encoding.decoder import read_pieces
from piiscan.sources.encoding.detector import EncodingGuess
from piiscan.sources.formats.sql.dump_scanner import DumpScanner, ScannedText
from piiscan.sources.formats.sql.table_definitions import DumpTables
from tests.sources.formats.sql.dumps import Rows, scan_dump

ALPHABET = ["'", '"', "\\", "\n", "\r\n", "\t", ",", "(", ")", ";", "--", "/*", "*/", "#", "`", "%"]
ALPHABET += ["张", "13800138000", " ", "N'", "),(", "NULL", "\\.", "INSERT INTO x VALUES (1)", "é"]


def draw_rows(rng: random.Random, *, width: int) -> Rows:
    return [
        (
            rng.choice(["甲", "乙"]),
            ["".join(rng.choices(ALPHABET, k=rng.randrange(6))) for _ in range(width)],
        )
        for _ in range(rng.randrange(5, 60))
    ]


def slashed(text: str) -> str:
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "'" + "".join(escapes.get(char, char) for char in text) + "'"


def doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def inserts(rows: Rows, rng: random.Random, *, slashes: bool) -> str:
    """The rows as statements of one or several."""
    parts, before = [], ""
    for table, cells in rows:
        quote = slashed if slashes and rng.random() < 0.7 else doubled
        texts = [
            quote(cell.replace("\\", "\\\\") if slashes and quote is doubled else cell)
            for cell in cells
        ]
        row = "(" + rng.choice([",", ", ", " ,\n"]).join(texts) + ")"
        if table == before and rng.random() < 0.6:
            parts.append(rng.choice([",", ",\n", " , "]) + row)
        else:
            parts.append((";\n" if parts else "") + f"INSERT INTO `{table}` VALUES {row}")
        before = table
    return "".join(parts) + ";\n"


@pytest.mark.parametrize("seed", range(60))
def test_rows_of_inserts_are_those_written(seed: int) -> None:
    rng = random.Random(seed)
    rows = draw_rows(rng, width=rng.randrange(1, 5))
    slashes = bool(seed % 2)
    encoding = rng.choice(["utf-8", "gb18030", "utf-16-le"])
    data = inserts(rows, rng, slashes=slashes).encode(encoding)
    for size in (1 << 20, rng.randrange(20, 400) * 2):
        assert scan_dump(data, size=size, slashes=slashes, encoding=encoding) == (rows, [])


@pytest.mark.parametrize("seed", range(30))
def test_rows_of_copy_are_those_written(seed: int) -> None:
    rng = random.Random(seed)
    rows = [("t", cells) for _, cells in draw_rows(rng, width=rng.randrange(2, 5))]
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    lines = [
        "\t".join("".join(escapes.get(c, c) for c in cell) for cell in cells) for _, cells in rows
    ]
    data = ("COPY t FROM stdin;\n" + "".join(f"{line}\n" for line in lines) + "\\.\n").encode()
    for size in (1 << 20, rng.randrange(20, 400)):
        assert scan_dump(data, size=size, slashes=False) == (rows, [])


@pytest.mark.parametrize("seed", range(60))
def test_nothing_of_a_damaged_dump_is_lost_wherever_it_is_cut(seed: int) -> None:
    rng = random.Random(seed)
    rows = [(t, [f"138{n:04}{k:04}" for k in range(3)]) for n, t in enumerate("甲乙" * 20)]
    text = list(inserts(rows, rng, slashes=True))
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(text))
        if not text[at].isdigit():
            text[at] = rng.choice(["'", '"', "`", "(", ")", ";", ",", "\n", "/*", "-- ", "x"])
    tables = DumpTables()
    reader = DumpScanner(tables, slashes=True, encoding="utf-8", member="")
    seen = b""
    stream = io.BytesIO("".join(text).encode())
    for found in reader.read(
        read_pieces(stream, EncodingGuess("utf-8", 0), size=rng.randrange(30, 4000))
    ):
        if isinstance(found, ScannedText):
            cut, data = found.buffer.rows(None), found.buffer.text.tobytes()
            ranges = [*found.text_ranges, *zip(cut.starts.tolist(), cut.ends.tolist(), strict=True)]
            seen += b"|".join([b"", *(data[a:b] for a, b in ranges)])
    assert [cell for _, cells in rows for cell in cells if cell.encode() not in seen] == []
