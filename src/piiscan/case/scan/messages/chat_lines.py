"""The lines of a chat that tell of files, each with all that its message says of the file."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.messages.file_mentions import TITLE, Mark, read_mark, read_more, read_xml

#: Lines behind a name in which its size and checksum may stand, and lines of a message of XML.
_BEHIND: Final = 6
_XML_LINES: Final = 60
#: Share of a block's lines (one in) from which on all of them are made Python's at once.
_MANY: Final = 20


def marks_of(texts: pa.Array, heads: Int64, marks: Any, lines: Int64) -> list[tuple[int, Mark]]:
    """Those of ``lines`` that tell of a file; ``heads``: where the message of each begins."""
    found: list[tuple[int, Mark]] = []
    read = _Lines(texts, lines)
    head = heads.tolist()
    done = -1  # lines of a message of XML tell of one file
    following = [*lines.tolist(), len(texts)][1:]
    for at, behind in zip(lines.tolist(), following, strict=True):
        if at <= done:
            continue
        if marks[at] & TITLE:
            low, end = _message(head, at)
            mark = read_xml("\n".join(read.some(low, end)))
            done = at if mark is None else end - 1
        else:
            text = read.some(at, at + 1)[0]
            mark = read_mark(text, int(marks[at]))
            if mark is not None:
                end = at + 1
                while end < min(behind, at + 1 + _BEHIND) and head[end] == head[at]:
                    end += 1
                more = "\n".join([text[mark.end :], *read.some(at + 1, end)])
                mark = read_more(mark, more)
        if mark is not None:
            found.append((at, mark))
    return found


def _message(head: list[int], at: int) -> tuple[int, int]:
    """The lines of the message in which a line stands, not too many."""
    low, end = at, at + 1
    while low > max(0, at - _XML_LINES) and head[low - 1] == head[at]:
        low -= 1
    while end < min(len(head), at + _XML_LINES) and head[end] == head[at]:
        end += 1
    return low, end


class _Lines:
    """Lines of a block as Python has them; all at once if many are wanted."""

    def __init__(self, texts: pa.Array, wanted: Int64) -> None:
        self._texts = texts
        self._all: list[str] | None = None
        if len(wanted) * _MANY > len(texts):
            self._all = texts.to_pylist()

    def some(self, low: int, high: int) -> list[str]:
        """Lines low:high."""
        if self._all is not None:
            return self._all[low:high]
        return list(self._texts.slice(low, high - low).to_pylist()) if high > low else []
