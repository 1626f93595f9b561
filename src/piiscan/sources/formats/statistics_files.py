"""Files of SPSS, Stata and SAS: rows under the labels of their variables, codes as their labels.

q1 «姓名» = 张三, sex «性别» = 1 «男» -> 姓名 张三, 性别 男
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from piiscan.errors import SourceError
from piiscan.sources.block import Trouble
from piiscan.sources.content import Content, read_whole
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.object_lines import PARSE_ERRORS
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.row_table import Cells, open_rows
from piiscan.sources.stored_values import RowLimits, cell_text, decode_stored

_CHUNK_ROWS: Final = 100_000
#: Encodings that are tried: the one that the file names, then bytes, which are decoded one by one.
_BYTES: Final = "iso-8859-1"
_ENCODINGS: Final = (None, _BYTES)


class _File:
    """Opened file of a statistics program: its reader, and the encoding in which it can be read."""

    def __init__(self, content: Content, context: ReadContext, reader: str) -> None:
        import pyreadstat

        self.content, self.context = content, context
        self._read = getattr(pyreadstat, reader)
        self._errors = (*PARSE_ERRORS, pyreadstat.ReadstatError, pyreadstat.PyreadstatError)
        self._data = None if content.path else read_whole(content, context.budget.in_memory)
        for self._encoding in _ENCODINGS:
            try:
                _, self.meta = self.read(0, 100)
            except self._errors as error:
                failure = type(error).__name__
            else:
                return
        raise SourceError("CORRUPT", failure)

    def read(self, begin: int, rows: int) -> tuple[dict[str, Any], Any]:
        """Return (column name -> values, metadata) of ``rows`` rows after the first ``begin``."""
        source = str(self.content.path) if self._data is None else io.BytesIO(self._data)
        options = {"encoding": self._encoding, "output_format": "dict"}
        found: tuple[dict[str, Any], Any] = self._read(
            source, row_offset=begin, row_limit=rows, **options
        )
        return found

    @property
    def headers(self) -> list[str]:
        """Return the label of each variable, or its name."""
        labels = self.meta.column_names_to_labels
        names = ((labels.get(name) or "").strip() or name for name in self.meta.column_names)
        return [self.text(each) for each in names]

    def text(self, stored: str) -> str:
        """Return a text in its own encoding if the file's is not that of all its texts."""
        return decode_stored(stored.encode(_BYTES, "replace")) if self.is_mixed else stored

    @property
    def is_mixed(self) -> bool:
        """Return True if some texts are not in the encoding of the file."""
        return self._encoding == _BYTES

    def rows(self) -> Iterator[Cells | Trouble]:
        """Yield each row as texts; a Trouble where the file cannot be read any more."""
        limits = RowLimits(self.content.size, self.context.budget)
        labels = [self.meta.variable_value_labels.get(name, {}) for name in self.meta.column_names]
        begin, step = 0, _CHUNK_ROWS
        while True:
            try:
                columns = list(self.read(begin, step)[0].values())
            except self._errors as error:
                if step > 1:
                    step = max(step // 32, 1)
                    continue
                detail = f"{type(error).__name__} after row {begin}"
                yield Trouble(self.content.member, "CORRUPT", detail)
                return
            count = min(map(len, columns), default=0)
            for row in zip(*columns, strict=False):
                cells = [_text(value, of) for value, of in zip(row, labels, strict=False)]
                if self.is_mixed:
                    cells = [each and self.text(each) for each in cells]
                if limits.exceeded(cells):
                    detail = f"stopped after {begin} rows"
                    yield Trouble(self.content.member, "ZIP_RATIO", detail)
                    return
                yield cells
            if count < step:
                return
            begin += count


def _text(value: Any, labels: dict[Any, str]) -> str | None:
    """Return the label of a value, or the value as text; None for a missing number."""
    plain = value.item() if hasattr(value, "item") else value
    if plain is None or plain != plain:
        return None
    return labels.get(plain) or cell_text(plain) or None


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of a file, and its notes and labels as a table of their own."""
    content = sample.content
    reader = next(_READERS[each] for each in _READERS if content.head.startswith(each))
    file = _File(content, context, reader)
    if file.is_mixed:
        detail = "some texts are not in the encoding that the file names"
        yield Trouble(content.member, "UNDECODABLE", detail)
    notes = [file.meta.file_label, file.meta.table_name, *(file.meta.notes or ())]
    told = [[file.text(str(each))] for each in notes if each]
    member = f"{content.member}#notes"
    yield from open_rows(
        *(content, context, partial(iter, told)), kind="database", member=member, headers=[None]
    )
    tables = list(open_rows(content, context, file.rows, kind="database", headers=file.headers))
    if not tables:
        empty = Trouble(content.member, "EMPTY", "a table without rows", lost=False)
        yield from [each for each in file.rows() if isinstance(each, Trouble)] or [empty]
    yield from tables


_SAS: Final = bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c"
_DTA: Final = tuple(bytes((version, order, 1)) for version in (113, 114, 115) for order in (1, 2))
#: First bytes and the function of the library.
_READERS: Final = {
    **dict.fromkeys((b"$FL2", b"$FL3"), "read_sav"),
    **dict.fromkeys((b"<stata_dta>", *_DTA), "read_dta"),
    _SAS: "read_sas7bdat",
    b"HEADER RECORD*******LIB": "read_xport",
    **dict.fromkeys((b"ASCII SPSS PORT FILE", b"0" * 40 + b"ASCII SPSS PORT FILE"), "read_por"),
}

FORMATS: Final = (
    Format(
        *("statistics file", 25, _open),
        signatures=tuple((0, each) for each in _READERS),
        isolated=True,
        extensions=("sav", "zsav", "por", "dta", "sas7bdat", "xpt"),
        packages=("pyreadstat",),
        extra="data",
    ),
)
