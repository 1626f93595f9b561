r"""Replies of Redis as its client prints them: a list of fields and values is a record.

``1) "name"`` / ``2) "\xe5\xbc\xa0\xe4\xb8\x89"`` -> column name: 张三.  Other values are rows of
the column value; commands and whatever else stands there, of a column without name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from piiscan.sources.block import CountNames
from piiscan.sources.format import Sample
from piiscan.sources.rows.keyed_records import Record
from piiscan.sources.stored_values import decode_stored

_TEXT: Final = r'"((?:[^"\\]|\\.)*+)"'
_ITEM: Final = re.compile(
    rf"((?: *\d{{1,9}}[)#] )+){_TEXT}(?: => {_TEXT})?\s*|((?: *\d{{1,9}}[)#] )+)(.*)"
)
_LAST: Final = re.compile(r"(\d+)[)#] $")
_FIELD: Final = re.compile(r"[^\W\d][\w.:-]{0,39}")
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))")
_SIGNS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}
#: Lines of a sample, and the least of them that are numbered texts.
_SAMPLE_LINES: Final = 200
_LEAST_ITEMS: Final = 2
Item = tuple[int, str]  # number of the line, value


def _unescape(text: str) -> str:
    r"""Return a text with each escape replaced by its byte, decoded.

    >>> _unescape(r"\xe5\xbc\xa0\"")
    '张"'
    """
    if "\\" not in text:
        return text
    data = _ESCAPE.sub(
        lambda found: (
            bytes.fromhex(found[1].decode()) if found[1] else _SIGNS.get(found[2], found[2])
        ),
        text.encode("utf-8", "surrogatepass"),
    )
    return decode_stored(data)


def look_like_replies(sample: Sample) -> bool:
    """Return True if three of five lines are numbered quoted texts: ``1) "张三"``."""
    if '1) "' not in sample.text[:4096] and '1# "' not in sample.text[:4096]:
        return False
    lines = [each for each in sample.text.split("\n")[:_SAMPLE_LINES] if each.strip()]
    items = sum(1 for each in lines if (found := _ITEM.match(each)) is not None and found[1])
    return items >= _LEAST_ITEMS and items * 5 >= 3 * len(lines)


def read_replies(sample: Sample, count_names: CountNames) -> Iterator[Record]:
    """Yield the records of a text of replies, in the order of their first lines."""
    lists: dict[int, list[Item]] = {}  # open lists by the column of their numbers
    for number, line in enumerate(sample.lines(), 1):
        found = _ITEM.fullmatch(line.rstrip())
        if found is None:
            yield from _close(lists, 0, count_names)
            if line.strip():
                yield number, {"": line.strip()}
            continue
        signs = found[1] or found[4]
        last = _LAST.search(signs)
        column = 0 if last is None else last.start()
        first = last is not None and last[1] == "1"
        yield from _close(lists, column + (not first), count_names)
        items = lists.setdefault(column, [])
        values = found.group(2, 3) if found[1] else (found[5],)
        items += [(number, _unescape(each)) for each in values if each is not None]
    yield from _close(lists, 0, count_names)


def _close(lists: dict[int, list[Item]], column: int, count_names: CountNames) -> Iterator[Record]:
    """Yield the records of the open lists that begin at text column ``column`` or after."""
    for at in sorted(each for each in lists if each >= column):
        items = lists.pop(at)
        fields = [value for _, value in items[::2]]
        named = len(items) % 2 == 0 and len({*fields}) == len(fields)
        if named and all(map(_FIELD.fullmatch, fields)) and count_names(fields):
            yield items[0][0], dict(zip(fields, (value for _, value in items[1::2]), strict=True))
        else:
            yield from ((number, {"value": value}) for number, value in items)
