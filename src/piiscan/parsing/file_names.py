r"""File names and sizes in chat messages, normalized for comparison.

D:\收到的文件\名单 (1).XLSX -> 名单.xlsx     1.5 MB -> 1,400,000 to 1,677,722 bytes
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.hashing.digest import digest_values

#: Entity name under which digests of file names are computed.
ENTITY: Final = "FILE_NAME"
#: Maximum code points of a name; file systems allow 255 bytes.
MAX_NAME_LENGTH: Final = 300

#: Suffix that programs add to the name of a file that is received twice or copied.
_COPY_SUFFIX: Final = re.compile(r"(?:\s*\([0-9]{1,3}\)|\s*-\s*副本)+(?=\.[^.\s]*$|$)")
_INVISIBLE: Final = ("Cc", "Cf", "Cs")
_SIZE: Final = re.compile(
    r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.(?P<part>[0-9]{1,6}))?\s*"
    r"(?P<unit>字节|bytes?|[kmgt]?i?b|[kmgt])?",
    re.IGNORECASE,
)
_POWERS: Final = {"k": 1, "m": 2, "g": 3, "t": 4}


def normalize_file_name(text: str) -> str:
    r"""Return a file name for comparison: without folders, invisible characters, ``(1)``, capitals.

    >>> normalize_file_name(r"D:\收到的文件\名单 （2）.XLSX"), normalize_file_name("a/b\u202e.csv")
    ('名单.xlsx', 'b.csv')
    """
    last = re.split(r"[\\/]", text)[-1][:MAX_NAME_LENGTH]
    normalized = unicodedata.normalize("NFKC", last)
    normalized = "".join(c for c in normalized if unicodedata.category(c) not in _INVISIBLE)
    return _COPY_SUFFIX.sub("", " ".join(normalized.split()).lower())


def digest_file_names(names: list[str], key: bytes) -> pa.Array:
    """Return the keyed digest of each normalized name (``binary(16)``)."""
    compared = pa.array([normalize_file_name(name) for name in names], pa.string())
    return digest_values(compared, np.zeros(len(names), np.int64), entities=[ENTITY], key=key)


def parse_size(text: str) -> tuple[int, int] | None:
    """Return the fewest and most bytes that a written size can mean; None if it is not a size.

    Programs round or cut, and a kilobyte is 1,000 or 1,024 bytes.

    >>> parse_size("12,345 字节"), parse_size("1.5 MB"), parse_size("很大")
    ((12345, 12345), (1400000, 1677722), None)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    decimals = found["part"] or ""
    number = int(found["number"].replace(",", "") + decimals)
    power = _POWERS.get((found["unit"] or "b")[0].lower(), 0)
    if not power:
        return (number, number) if not decimals.strip("0") else None
    scale = 10 ** len(decimals)
    least = max(number - 1, 0) * 1000**power // scale
    return least, -(-(number + 1) * 1024**power // scale)
