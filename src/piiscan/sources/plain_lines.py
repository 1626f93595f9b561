"""Plain lines: the lines of a content that is plain text, for searches of many small files at once.

Program text, notes and configuration are lines; a list, a JSON file or a mail is not.
"""

from __future__ import annotations

import codecs
from typing import Final

import numpy as np

from piiscan.sources.block import CountNames
from piiscan.sources.content import Content
from piiscan.sources.format import Sample
from piiscan.sources.formats import fitting_formats
from piiscan.sources.lined.fixed_columns import find_cuts
from piiscan.sources.rows.delimiter import find_dialect, looks_like_sql

#: First formats that a text without a table fits.
_PLAIN: Final = frozenset({"sql", "text"})
#: Bytes by which a text is known, and the rank of the format that looks for texts in any bytes.
_BEGIN: Final = 1024
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_SEEN_LINES: Final = 300
_LAST_BINARY: Final = 49
_KEYED: Final = frozenset({"json", "json lines"})


def read_plain_lines(
    content: Content, count_names: CountNames, *, keyed: bool = False
) -> list[str] | None:
    """Return the lines of a plain text in UTF-8; None for other contents, which are opened.

    ``content``: a small one, whose first sample window is all of it. Empty contents are others.
    ``keyed``: True to take JSON for lines too: patterns need only the key before a value.
    """
    data = content.head
    if not data or len(content.windows) > 1 or b"\0" in data:
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    sample = Sample(content)
    first = next(fitting_formats(sample), None)
    if first is None or sample.text_guess.encoding != "utf-8":
        return None
    is_keyed = keyed and first.name in _KEYED
    if not is_keyed and first.name not in _PLAIN:
        return None
    cells = np.frombuffer(data[: data.rfind(b"\n") + 1] or data, np.uint8)
    if not is_keyed and (looks_like_sql(cells) or find_dialect(cells, count_names) is not None):
        return None
    text = text.replace("\r\n", "\n")
    lines = text.removesuffix("\n").split("\n")
    return None if "\r" in text or find_cuts(lines[:_SEEN_LINES]) is not None else lines


def is_unknown_binary(content: Content) -> bool:
    """Return True if a content has NULs, is no text in UTF-16 or UTF-32, and of no known format.

    It is quicker than the reader, which looks for texts in the bytes of such a content.
    """
    begin = content.head[:_BEGIN]
    if (
        0 not in begin
        or begin.startswith(_WIDE_MARKS)
        or 0 in (begin[::2].count(0), begin[1::2].count(0))
    ):
        return False
    sample = Sample(content)
    sample.__dict__["guess"] = None  # known; the search for it is what takes long
    return all(each.rank >= _LAST_BINARY for each in fitting_formats(sample))
