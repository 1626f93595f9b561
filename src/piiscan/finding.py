"""Public functions: find personal information in texts, as objects, lists or one Arrow table.

``手机 138-0013-8000 -> CN_MOBILE, value 13800138000, verified``
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, Protocol, TypeAlias, TypedDict

from piiscan.detect.findings.finding import Finding, VerdictName
from piiscan.errors import PiiscanError
from piiscan.kernel_files import check_kernels

if TYPE_CHECKING:
    from piiscan.detect.catalog.headers import Label
    from piiscan.detect.engine import Engine
    from piiscan.frame_cells import Texts

#: ``pyarrow.Table``: pyarrow has no types for checkers.
ArrowTable: TypeAlias = Any


class FoundRow(TypedDict):
    """Row of a :class:`FoundTable`: ``index`` of texts; ``row``, ``column``, ``path`` of tables."""

    index: NotRequired[int]
    row: NotRequired[int]
    column: NotRequired[str]
    path: NotRequired[str | None]
    start: int
    end: int
    byte_start: int
    entity: str
    recognizer: str
    text: str
    value: str
    verdict: VerdictName
    score: float
    context: str | None
    reason: str | None
    role: str | None
    alternatives: list[dict[str, Any]]


class FoundTable(Protocol):
    """``pyarrow.Table`` of findings, as checkers know it; it has all other methods too."""

    @property
    def num_rows(self) -> int:
        """Return the number of findings."""

    def to_pylist(self) -> list[FoundRow]:
        """Return the findings as dictionaries."""

    def to_pandas(self) -> Any:
        """Return the findings as a pandas table."""

    def __len__(self) -> int:
        """Return the number of findings."""

    def __getitem__(self, column: str | int) -> Any:
        """Return a column."""

    def __getattr__(self, name: str) -> Any:
        """Return any other attribute of the table."""


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
    """Return the findings in one text, in order; parameters as for :func:`piiscan.find_table`.

    >>> [(f.entity, f.value, f.score) for f in find('手机 138-0013-8000')]
    [('CN_MOBILE', '13800138000', 0.85)]
    """
    return find_all(
        [text], label, min_score, names, rejected=rejected, as_of=as_of, recognizers=recognizers
    )[0]


async def afind(
    text: str,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> list[Finding]:
    """Return the findings in one text as :func:`piiscan.find` does, from another thread.

    >>> import asyncio
    >>> [each.entity for each in asyncio.run(afind('手机 138-0013-8000'))]
    ['CN_MOBILE']
    """
    import asyncio  # takes longer to load than a text to search

    return await asyncio.to_thread(
        find, text, label, min_score, names,
        rejected=rejected, as_of=as_of, recognizers=recognizers,
    )  # fmt: skip


def find_all(
    texts: Texts,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> list[list[Finding]]:
    """Return the findings of each text: a list of lists as long as ``texts``.

    Parameters as for :func:`piiscan.find_table`.

    >>> [len(found) for found in find_all(['13800138000', '无', 'a@example.com'])]
    [1, 0, 1]
    """
    if rejected:
        from piiscan.detect.findings.build_findings import objects_of_table
        from piiscan.frame_cells import text_array

        listed = text_array(texts)
        table = search_texts(
            listed, label, min_score, names, rejected=True, as_of=as_of, recognizers=recognizers
        )
        return objects_of_table(table, len(listed))
    engine, column_label = _engine_and_label(
        texts, label, min_score, names, as_of=as_of, recognizers=recognizers
    )
    return engine.find_all(_as_strings(texts), label=column_label, min_score=min_score, names=names)


def search_texts(
    texts: Texts,
    label: str | None = None,
    min_score: float = 0.5,
    names: bool = True,
    *,
    rejected: bool = False,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
) -> FoundTable:
    """Return the findings of all texts as one Arrow table (schema ``piiscan.schemas.FOUND``).

    Parameters as for :func:`piiscan.find_table`.
    """
    from piiscan.frame_cells import text_array

    engine, column_label = _engine_and_label(
        texts, label, min_score, names, as_of=as_of, recognizers=recognizers
    )
    found: FoundTable = engine.find_table(
        text_array(texts), label=column_label, min_score=min_score, names=names, rejected=rejected
    )
    return found


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
    if isinstance(texts, str):
        raise PiiscanError("find.one_text")
    if label is not None and not isinstance(label, str):
        raise TypeError(f"label must be str or None, not {type(label).__name__}")
    check_options(min_score, names)
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    if label is None:  # the import takes as long as the checks
        return engine, None
    from piiscan.detect.catalog.headers import label_of

    return engine, label_of(engine.catalog, label)


def check_options(min_score: float, names: bool) -> None:
    """Raise TypeError, or PiiscanError for a score out of range; quicker than ``checked``."""
    if not isinstance(min_score, int | float):
        raise TypeError(f"min_score must be float, not {type(min_score).__name__}")
    if names not in (True, False):
        raise TypeError(f"names must be bool, not {type(names).__name__}")
    if not 0 <= min_score <= 1:
        raise PiiscanError("find.min_score")


def _as_strings(texts: Texts) -> list[str]:
    """Return texts as a list of strings; None becomes "".

    Raise TypeError if one is no string.
    """
    if type(texts) is list:
        if set(map(type, texts)) == {str}:
            return texts
    elif not isinstance(texts, tuple):
        from piiscan.frame_cells import series_texts

        array = series_texts(texts)
        texts = texts if array is None else array.to_pylist()
    from piiscan.arrow_strings import list_texts

    return ["" if text is None else text for text in list_texts(texts)]


@lru_cache(maxsize=4)
def engine_for(as_of: datetime.date, recognizers: str | Path | None = None) -> Engine:
    """Return the cached engine for the shipped catalogue and the user's ``recognizers``.

    Raise KernelError if compiled modules are missing or stale.
    """
    check_kernels()
    from piiscan.detect.catalog.catalog import load
    from piiscan.detect.engine import engine_of

    return engine_of(load(recognizers), as_of)
