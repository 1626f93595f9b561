"""Public functions: find personal information in texts, as objects, lists or one Arrow table.

``手机 138-0013-8000 -> CN_MOBILE, value 13800138000, verified``
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from piiscan.detect.findings.finding import Finding
from piiscan.errors import PiiscanError
from piiscan.kernel_files import check_kernels

if TYPE_CHECKING:
    import pyarrow as pa

    from piiscan.detect.catalog.headers import Label
    from piiscan.detect.engine import Engine

#: Most texts, and most characters, that :func:`find_iter` reads ahead.
_MOST_TEXTS: Final = 2000
_MOST_CHARACTERS: Final = 1_000_000


def find(
    text: str,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> list[Finding]:
    """Return the findings in one text, in order; parameters as for :func:`find_table`.

    >>> [(f.entity, f.value, f.score) for f in find('手机 138-0013-8000')]
    [('CN_MOBILE', '13800138000', 0.85)]
    """
    return find_all(
        [text], label, min_score, names, rejected=rejected, as_of=as_of, recognizers=recognizers
    )[0]


def find_all(
    texts: Iterable[str] | pa.Array,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> list[list[Finding]]:
    """Return the findings of each text: a list of lists as long as ``texts``.

    Parameters as for :func:`find_table`.

    >>> [len(found) for found in find_all(['13800138000', '无', 'a@example.com'])]
    [1, 0, 1]
    """
    if rejected:
        from piiscan.arrow_strings import as_array
        from piiscan.detect.findings.build_findings import objects_of_table

        listed = as_array(texts)
        table = find_table(
            listed, label, min_score, names, rejected=True, as_of=as_of, recognizers=recognizers
        )
        return objects_of_table(table, len(listed))
    engine, column_label = _engine_and_label(
        texts, label, min_score, names, as_of=as_of, recognizers=recognizers
    )
    return engine.find_all(_as_strings(texts), label=column_label, min_score=min_score, names=names)


def find_iter(
    texts: Iterable[str],
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> Iterator[list[Finding]]:
    """Yield the findings of each text, from an iterable of any length in bounded memory.

    Texts are read ahead, up to 2,000 of them or a million characters. Parameters as for
    :func:`find_table`.

    >>> [len(found) for found in find_iter(iter(['13800138000', '无']))]
    [1, 0]
    """
    if isinstance(texts, str):
        raise PiiscanError("find.one_text")
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text or "")
        if len(batch) == _MOST_TEXTS or size >= _MOST_CHARACTERS:
            yield from find_all(
                batch, label, min_score, names, rejected=rejected, as_of=as_of,
                recognizers=recognizers,
            )  # fmt: skip
            batch, size = [], 0
    if batch:
        yield from find_all(
            batch, label, min_score, names, rejected=rejected, as_of=as_of, recognizers=recognizers
        )


def find_table(
    texts: Iterable[str] | pa.Array,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
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
    from piiscan.arrow_strings import as_array

    engine, column_label = _engine_and_label(
        texts, label, min_score, names, as_of=as_of, recognizers=recognizers
    )
    return engine.find_table(
        as_array(texts), label=column_label, min_score=min_score, names=names, rejected=rejected
    )


def _engine_and_label(
    texts: object,
    label: str | None,
    min_score: float,
    names: bool,
    *,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> tuple[Engine, Label | None]:
    """Return the engine of a call and the meaning of its column name; check its arguments."""
    from piiscan.detect.catalog.headers import label_of

    if isinstance(texts, str):
        raise PiiscanError("find.one_text")
    if not isinstance(label, str | None):
        raise TypeError(f"label must be str or None, not {type(label).__name__}")
    check_options(min_score, names)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    return engine, label_of(engine.catalog, label)


def check_options(min_score: float, names: bool) -> None:
    """Raise TypeError, or PiiscanError for a score out of range; quicker than ``checked``."""
    if not isinstance(min_score, int | float):
        raise TypeError(f"min_score must be float, not {type(min_score).__name__}")
    if names not in (True, False):
        raise TypeError(f"names must be bool, not {type(names).__name__}")
    if not 0 <= min_score <= 1:
        raise PiiscanError("find.min_score")


def _as_strings(texts: Iterable[str] | pa.Array) -> list[str]:
    """Return texts as a list of strings; None becomes "".

    Raise TypeError if one is no string.
    """
    listed = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
    if not all(type(text) is str for text in listed):
        listed = ["" if text is None else text for text in listed]
        for text in listed:
            if not isinstance(text, str):
                raise TypeError(f"a text is expected, not {type(text).__name__}")
    return listed


@lru_cache(maxsize=4)
def engine_for(as_of: datetime.date, recognizers: str | Path | None = None) -> Engine:
    """Return the cached engine for the shipped catalogue and the user's ``recognizers``.

    Raise KernelError if compiled modules are missing or stale.
    """
    check_kernels()
    from piiscan.detect.catalog.catalog import load
    from piiscan.detect.engine import engine_of

    return engine_of(load(None if recognizers is None else Path(recognizers)), as_of)
