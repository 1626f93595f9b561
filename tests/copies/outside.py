"""Whether a copy is its source but for what a scan found there: told by the scan's own places."""

import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import openpyxl

from piiscan.case.store.case import Case

Span = dict[str, Any]

_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")
#: The longest that is written in place of a value.
_NEW = 200


def found(case: Case) -> dict[tuple[int, str], list[Span]]:
    """(source, member) -> what was found there, but for what is masked already; scan with reveal.

    Sheets of a workbook and tables of a dump are one member.
    """
    rows = case.sql(
        'select f.source, f.member, f.row, f."column" as "column", f.line, f.start, f."end",'
        " f.byte_offset, p.encoding, p.kind, c.text from findings f join parts p using (source,"
        ' member) left join clear c on (f.source, f.member, f.row, f."column", f.start, f.entity) ='
        ' (c.source, c.member, c.row, c."column", c.start, c.entity)'
        " where f.entity <> 'MASKED' order by f.source, f.byte_offset, f.start"
    ).to_pylist()
    by_part: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for row in rows:
        by_part[row["source"], row["member"].partition("#")[0]].append(row)
    return by_part


def differences(source: bytes, copy: bytes, spans: Iterable[Span], *, kind: str) -> Iterator[str]:
    """What differs outside of the spans, as far as it can be told."""
    if kind == "sheet":
        yield from _sheets(source, copy, list(spans))
    elif kind == "jsonl":
        yield from _json(source, copy, list(spans))
    else:
        yield from _text(source, copy, list(spans))


def _size(source: bytes, span: Span) -> int:
    """How many bytes a span has; lines of one file may be in two encodings."""
    if span["text"] is None:  # passwords are kept nowhere
        wide = 2 if (span["encoding"] or "").startswith("utf-16") else 1
        return int((span["end"] - span["start"]) * wide)
    for encoding in (span["encoding"], *_ENCODINGS):
        data = span["text"].encode(encoding, "replace")
        if source.startswith(data, span["byte_offset"]):
            return len(data)
    raise AssertionError("a finding does not stand where it is said to stand")


def _text(source: bytes, copy: bytes, spans: list[Span]) -> Iterator[str]:
    placed = [(s["byte_offset"], s["byte_offset"] + _size(source, s)) for s in spans
              if s["byte_offset"] is not None]  # fmt: skip
    lines = {s["line"] for s in spans if s["byte_offset"] is None}
    begins = [0, *(m.end() for m in re.finditer(b"\n", source)), len(source)]
    placed += [(begins[line - 1], begins[line] - 1) for line in lines]
    gaps, at = [], 0
    for start, end in sorted(placed):
        gaps.append(source[at : max(start, at)])
        at = max(at, end)
    yield from _gaps([*gaps, source[at:]], copy)


def _gaps(gaps: list[bytes], copy: bytes) -> Iterator[str]:
    """Whether ``copy`` is the gaps with something short between each, in their order."""
    at, pattern = 0, b""
    for number, gap in enumerate(gaps):
        pattern += (b"(?:.{0,%d}?)" % _NEW if number else b"") + re.escape(gap)
        if b"\n" in gap or number == len(gaps) - 1:
            pattern += b"" if number < len(gaps) - 1 else rb"\Z"
            match = re.compile(pattern, re.DOTALL).match(copy, at)
            if match is None:
                yield f"bytes from {at} on"
                return
            at, pattern = match.end(), b""


def _json(source: bytes, copy: bytes, spans: list[Span]) -> Iterator[str]:
    one, other = source.decode().split("\n"), copy.decode().split("\n")
    if len(one) != len(other):
        yield "lines"
    texts = defaultdict(list)
    for span in spans:
        texts[span["line"]].append(span["text"])
    for number, (line, told) in enumerate(zip(one, other, strict=True), 1):
        if number not in texts:
            if line != told:
                yield f"line {number}"
            continue
        gaps = re.split("|".join(map(re.escape, texts[number])), line)
        yield from _gaps([gap.encode() for gap in gaps], told.encode())
        if json.loads(line).keys() != json.loads(told).keys():
            yield f"keys of line {number}"


def _sheets(source: bytes, copy: bytes, spans: list[Span]) -> Iterator[str]:
    there = {(s["member"].rpartition("#")[2], s["row"], s["column"]): [] for s in spans}
    for s in spans:
        there[s["member"].rpartition("#")[2], s["row"], s["column"]].append(s)
    for one, other in zip(_books(source), _books(copy), strict=True):
        if (one.title, one.dimensions) != (other.title, other.dimensions):
            yield f"sheet {one.title}"
        for row in one.iter_rows():
            for cell in row:
                told = other.cell(cell.row, cell.column).value
                own = there.get((one.title, cell.row, cell.column))
                if own is None:
                    if cell.value != told:
                        yield f"cell {cell.coordinate}"
                    continue
                if not isinstance(cell.value, str):  # of a number nothing is left as it was
                    continue
                gaps, at = [], 0
                text = cell.value
                for each in own:
                    gaps.append(text[at : each["start"]])
                    at = each["end"]
                yield from _gaps([g.encode() for g in (*gaps, text[at:])], str(told).encode())
    yield from _members(source, copy)


def _books(data: bytes) -> list[Any]:
    return list(openpyxl.load_workbook(io.BytesIO(data)).worksheets)


def _members(source: bytes, copy: bytes) -> Iterator[str]:
    """Parts of a workbook that hold no cells are the same bytes."""
    with zipfile.ZipFile(io.BytesIO(source)) as one, zipfile.ZipFile(io.BytesIO(copy)) as other:
        if one.namelist() != other.namelist():
            yield "members"
        for name in one.namelist():
            cells = "worksheets/" in name or "sharedStrings" in name
            if not cells and one.read(name) != other.read(name):
                yield name
