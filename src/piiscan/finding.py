"""Public functions: find personal information in texts, as objects, lists or one Arrow table.

``手机 138-0013-8000 -> CN_MOBILE, value 13800138000, verified``
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piiscan.errors import PiiscanError

if TYPE_CHECKING:
    import pyarrow as pa

    from piiscan.detect.engine import Engine


@dataclass(frozen=True, slots=True)
class Alternative:
    """Candidate that lost an overlap to a finding."""

    entity: str
    recognizer: str
    start: int
    end: int
    verdict: str
    score: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal information in a text. Its repr contains no value.

    ``start``, ``end``: code points, ``text == source[start:end]``. ``value``: canonical value.
    ``verdict``: verified, plausible or refuted. ``score``: 0 to 1. ``context``: context word or
    column label that raised the score. ``reason``: code of the reason for the score. ``role``: role
    of the person (recipient, sender, courier, …) according to the column or the text.
    """

    entity: str
    recognizer: str
    start: int
    end: int
    text: str
    value: str
    verdict: str
    score: float
    context: str | None
    alternatives: tuple[Alternative, ...] = ()
    reason: str | None = None
    role: str | None = None

    def attributes(self, *, as_of: datetime.date | None = None) -> dict[str, str | int]:
        """Return the attributes encoded in the value: region, birth date, carrier, ….

        ``as_of``: day for ages, today if None. Only ``piiscan.coarse`` of the result may be
        displayed with a masked value.

        >>> (found,) = find('身份证430104190506150016')
        >>> details = found.attributes(as_of=datetime.date(2026, 12, 31))
        >>> details['province'], details['birth_date'], details['sex'], details['age']
        ('湖南省', '1905-06-15', 'male', 121)
        """
        from piiscan.detect.attributes import attributes

        day = as_of or datetime.date.today()
        return attributes(self.entity, self.recognizer, self.value, as_of=day)

    def __repr__(self) -> str:
        """Return entity, recognizer, position, verdict and score, without the value."""
        return (
            f"Finding({self.entity}, {self.recognizer}, {self.start}:{self.end}, "
            f"{self.verdict}, {self.score})"
        )


def find(
    text: str, label: str | None = None, min_score: float = 0.5, names: bool = True, **options: Any
) -> list[Finding]:
    """Return the findings in one text, in order; options as for :func:`find_table`.

    >>> [(f.entity, f.value, f.score) for f in find('手机 138-0013-8000')]
    [('CN_MOBILE', '13800138000', 0.85)]
    """
    return find_all([text], label, min_score, names, **options)[0]


def find_all(
    texts: Iterable[str] | pa.Array,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    **options: Any,
) -> list[list[Finding]]:
    """Return the findings of each text: a list of lists as long as ``texts``.

    >>> [len(found) for found in find_all(['13800138000', '无', 'a@example.com'])]
    [1, 0, 1]
    """
    array = as_array(texts)
    table = find_table(array, label, min_score, names, **options)
    found: list[list[Finding]] = [[] for _ in range(len(array))]
    for row in table.to_pylist():
        index = row.pop("index")
        del row["byte_start"]
        row["alternatives"] = tuple(Alternative(**each) for each in row["alternatives"])
        found[index].append(Finding(**row))
    return found


def find_table(
    texts: Iterable[str] | pa.Array,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: Path | None = None,
) -> pa.Table:
    """Return the findings of all texts as one Arrow table (schema ``piiscan.schemas.FOUND``).

    Args:
        texts: iterable of str, or a pyarrow string array (null is an empty text).
        label: name of the column that contains the texts.
        min_score: lowest score to report, 0 to 1.
        names: False skips names and addresses.
        rejected: True adds rejected candidates with their reason.
        as_of: last possible birth date (default: today).
        recognizers: folder with rules of your own.

    Raises:
        CatalogError: a rule is invalid.
        PiiscanError: ``texts`` is one str, or ``min_score`` is out of range.

    >>> find_table(['13800138000'])['value'].to_pylist()
    ['13800138000']
    """
    from piiscan.detect.catalog.headers import label_of

    if isinstance(texts, str):
        raise PiiscanError("find.one_text")
    if not 0 <= min_score <= 1:
        raise PiiscanError("find.min_score")
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    return engine.find_table(
        as_array(texts),
        label=label_of(engine.catalog, label),
        min_score=min_score,
        names=names,
        rejected=rejected,
    )


def as_array(texts: Iterable[str] | pa.Array) -> pa.Array:
    """Convert texts to a pyarrow string array; None becomes "", lone surrogates are kept.

    >>> len(as_array(['a', None]))
    2
    """
    import numpy as np
    import pyarrow as pa

    if isinstance(texts, pa.Array | pa.ChunkedArray):
        return texts
    listed = list(texts)
    try:
        return pa.array(listed, pa.large_string())
    except UnicodeEncodeError:
        encoded = [(text or "").encode("utf-8", "surrogatepass") for text in listed]
        offsets = np.cumsum([0, *(len(each) for each in encoded)], dtype=np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
        return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)


@lru_cache(maxsize=4)
def engine_for(as_of: datetime.date, recognizers: Path | None = None) -> Engine:
    """Return the cached engine for the shipped catalogue and the user's ``recognizers``."""
    from piiscan.detect.catalog.catalog import load
    from piiscan.detect.engine import Engine

    return Engine(load(recognizers), as_of=as_of)
