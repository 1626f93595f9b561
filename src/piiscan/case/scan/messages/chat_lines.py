"""Chat lines: find the lines of a chat that mention files, with the details in the same message."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.messages.file_mentions import (
    TITLE,
    FileMention,
    read_details,
    read_mention,
    read_xml_mention,
)

#: Lines after a name that are searched for size and checksum, and lines of an XML message.
_MAX_DETAIL_LINES: Final = 6
_XML_LINES: Final = 60
#: If more than one in this number of a block's lines is wanted, all are converted at once.
_CONVERT_ALL: Final = 20


def find_mentions(
    texts: pa.Array, heads: Int64, flags: Any, lines: Int64
) -> list[tuple[int, FileMention]]:
    """Return (line index, file mention) for each of ``lines`` that mentions a file.

    Args:
        texts: all lines of the block.
        heads: line on which the message of each line begins.
        flags: flags of each line, from ``flag_lines``.
        lines: lines to read.
    """
    found: list[tuple[int, FileMention]] = []
    reader = _LineReader(texts, lines)
    head_of_line = heads.tolist()
    done = -1  # last line already read: an XML message has one file
    following = [*lines.tolist(), len(texts)][1:]
    for at, next_line in zip(lines.tolist(), following, strict=True):
        if at <= done:
            continue
        if flags[at] & TITLE:
            low, end = _message_lines(head_of_line, at)
            mention = read_xml_mention("\n".join(reader.lines(low, end)))
            done = at if mention is None else end - 1
        else:
            text = reader.lines(at, at + 1)[0]
            mention = read_mention(text, int(flags[at]))
            if mention is not None:
                end = at + 1
                while (
                    end < min(next_line, at + 1 + _MAX_DETAIL_LINES)
                    and head_of_line[end] == head_of_line[at]
                ):
                    end += 1
                more = "\n".join([text[mention.name_end :], *reader.lines(at + 1, end)])
                mention = read_details(mention, more)
        if mention is not None:
            found.append((at, mention))
    return found


def _message_lines(head_of_line: list[int], at: int) -> tuple[int, int]:
    """Return [start, end) of the lines of the message around line ``at``, at most _XML_LINES."""
    low, end = at, at + 1
    while low > max(0, at - _XML_LINES) and head_of_line[low - 1] == head_of_line[at]:
        low -= 1
    while end < min(len(head_of_line), at + _XML_LINES) and head_of_line[end] == head_of_line[at]:
        end += 1
    return low, end


class _LineReader:
    """Reader of a block's lines as strings; it converts all at once if many are wanted."""

    def __init__(self, texts: pa.Array, lines: Int64) -> None:
        self._texts = texts
        self._all: list[str] | None = None
        if len(lines) * _CONVERT_ALL > len(texts):
            self._all = texts.to_pylist()

    def lines(self, low: int, high: int) -> list[str]:
        """Return the lines [low, high) of the block as strings."""
        if self._all is not None:
            return self._all[low:high]
        return list(self._texts.slice(low, high - low).to_pylist()) if high > low else []
