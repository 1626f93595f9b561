"""Lines of pairs: objects as programs print them: ``User{name=张三, phone=138…}`` is a record.

User{name=张三, phone=13800138000} -> columns name, phone; one row.  So are ``{'name': '张三'}`` of
Python, ``array('name'=>'张三')`` of PHP, ``{:name=>"张三"}`` of Ruby and ``{name: '张三'}`` of
JavaScript, and what PHP serializes.  A key that comes again begins the next object; what is outside
of pairs is a column without name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from piiscan.errors import OtherFormatError
from piiscan.sources.block import CountNames
from piiscan.sources.format import Format, Opened, Sample
from piiscan.sources.read_context import ReadContext
from piiscan.sources.rows.keyed_records import Record, open_records

#: The key of a pair and the sign behind it, at the beginning of an object or behind a separator.
_KEY: Final = re.compile(
    r"""[{(\[,;][ \t]{0,8}(?:(['"])([^\W\d]\w{0,39})\1[ \t]{0,8}(?:=>|:)"""
    r"""|:?([^\W\d]\w{0,39})(?:=>?(?!=)|:(?=[ \t]{0,8}['"]))|s:\d{1,9}:"([^\W\d]\w{0,39})";)"""
    r"""[ \t]{0,8}"""
)
_STRING: Final = re.compile(
    r"""'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)"|s:\d{1,9}:"((?:[^"]|"(?!;))*+)\""""
)
#: Beginnings of the other values that PHP writes; what a list or object begins with is no value.
_TYPE: Final = re.compile(r"[idb]:(?=[\d.-])|[aO]:.*|N$")
_ESCAPED: Final = re.compile(r"""\\(['"\\])""")
_BRACKET: Final = re.compile(r"[\[({}\])]")
_END: Final = re.compile(r"[\])}][\s,;]*$")
_VISIBLE: Final = re.compile(r"\w")
_SAMPLE_LINES: Final = 100
_SAMPLE_BYTES: Final = 64 << 10
_FRAME_LINES: Final = 2
#: Least share of a line that is pairs.
_LEAST_SHARE: Final = 0.5


def read_line(line: str) -> tuple[list[dict[str, str]], float]:
    """Parse a line: return its objects, and the share of its characters in pairs.

    >>> read_line("User{name=张三, phone=13800138000}")[0]
    [{'name': '张三', 'phone': '13800138000', '': 'User'}]
    """
    records: list[dict[str, str]] = [{}]
    outside, at, inside = list[str](), 0, 0
    found = _KEY.search(line)
    while found is not None:
        outside.append(line[at : found.start()])
        key, begin = found[2] or found[3] or found[4], found.end()
        string = _STRING.match(line, begin)
        following = _KEY.search(line, begin if string is None else string.end())
        if string is None:
            at = following.start() if following is not None else len(line)
            at = begin + _value_end(line[begin:at])
            value = line[begin:at].strip()
            value = _TYPE.sub("", value) if found[4] else value
        else:
            at, value = string.end(), string[1] or string[2] or string[3] or ""
            value = value if string[3] else _ESCAPED.sub(r"\1", value)
        if key in records[-1]:
            records.append({})
        records[-1][key] = value
        inside += at - found.start()
        found = following
    outside.append(line[at:])
    rest = " ".join(part for part in map(str.strip, outside) if _VISIBLE.search(part))
    if rest:
        records[0][""] = rest
    return records, inside / max(len(line.strip()), 1)


def _value_end(text: str) -> int:
    """Return the end offset of an unquoted value: before a bracket that closes its object.

    >>> _value_end("示例路1号(东), "), _value_end("1), User")
    (8, 1)
    """
    depth = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found[0] in "[({" else -1
        if depth < 0:
            return found.start()
    return len(text.rstrip(" \t,;"))


def _is_pairs(text: str, count_names: CountNames) -> bool:
    """Return True if four of five lines are mostly pairs with known column names as keys.

    Two lines more may be what such a list stands in (``<?php return [`` and ``];``).
    """
    lines = [line for line in text[:_SAMPLE_BYTES].split("\n")[:_SAMPLE_LINES] if line.strip()]
    good = 0
    for line in lines:
        records, share = read_line(line)
        keys = [key for key in records[0] if key]
        known = count_names(keys) if keys and share > _LEAST_SHARE else 0
        good += known >= 2 or (known == 1 == len(keys) and _END.search(line) is not None)
    return good * 5 >= 4 * (len(lines) - _FRAME_LINES) and good * 2 > len(lines)


def _open(sample: Sample, context: ReadContext) -> Opened:
    """Yield the table of the objects; OtherFormatError if the lines are others."""
    if not context.decode or not _is_pairs(sample.text, context.count_names):
        raise OtherFormatError("")

    def read() -> Iterator[Record]:
        """Yield the objects of each line."""
        for number, line in enumerate(sample.lines(), 1):
            if line.strip():
                yield from ((number, record) for record in read_line(line)[0])

    encoding = sample.text_guess.encoding
    yield from open_records(sample.content, read, kind="jsonl", encoding=encoding)


FORMATS: Final = (
    Format("lines of pairs", 63, _open, probe=lambda sample: bool(_KEY.search(sample.text[:4096]))),
)
