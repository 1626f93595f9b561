"""Names and sizes of files as messages tell them, in a form to compare them by."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.hashing.digest import digest_values

#: The kind under which names of files are digested.
ENTITY: Final = "FILE_NAME"
#: Longest name that is read; file systems end at 255 bytes.
LONGEST: Final = 300

#: What programs put behind the name of a file that was received again or copied.
_AGAIN: Final = re.compile(r"(?:\s*\([0-9]{1,3}\)|\s*-\s*副本)+(?=\.[^.\s]*$|$)")
_HIDDEN: Final = ("Cc", "Cf", "Cs")
_SIZE: Final = re.compile(
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.(?P<part>[0-9]{1,6}))?\s*"
    r"(?P<unit>字节|bytes?|[kmgt]?i?b|[kmgt])?",
    re.IGNORECASE,
)
_POWERS: Final = {"k": 1, "m": 2, "g": 3, "t": 4}


def compared_name(text: str) -> str:
    r"""The name of a file as names are compared: without folders, hidden marks, ``(1)``, capitals.

    >>> compared_name(r"D:\收到的文件\名单 （2）.XLSX"), compared_name("a/b\u202e.csv")
    ('名单.xlsx', 'b.csv')
    """
    last = re.split(r"[\\/]", text)[-1][:LONGEST]
    plain = unicodedata.normalize("NFKC", last)
    plain = "".join(c for c in plain if unicodedata.category(c) not in _HIDDEN)
    return _AGAIN.sub("", " ".join(plain.split()).lower())


def digest_names(names: list[str], key: bytes) -> pa.Array:
    """``binary(16)``: the keyed digest of each name as it is compared."""
    compared = pa.array([compared_name(name) for name in names], pa.string())
    return digest_values(compared, np.zeros(len(names), np.int64), entities=[ENTITY], key=key)


def read_size(text: str) -> tuple[int, int] | None:
    """The fewest and most bytes that a size as written can mean; None if it is none.

    Programs round or cut, and take a kilobyte for 1,000 or 1,024.

    >>> read_size("12,345 字节"), read_size("1.5 MB"), read_size("很大")
    ((12345, 12345), (1400000, 1677722), None)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    part = found["part"] or ""
    number = int(found["number"].replace(",", "") + part)
    power = _POWERS.get((found["unit"] or "b")[0].lower(), 0)
    if not power:
        return (number, number) if not part.strip("0") else None
    scale = 10 ** len(part)
    least = max(number - 1, 0) * 1000**power // scale
    return least, -(-(number + 1) * 1024**power // scale)
