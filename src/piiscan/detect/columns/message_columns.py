"""Tables of messages: what their columns are called, and what their cells say of the holder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from piiscan.detect.catalog.transaction_terms import as_compared, as_named

#: Columns of which one must say who sends, receives or talks, and one what was sent.
_WHO: Final = frozenset(["sender", "receiver", "peer", "direction"])
_WHAT: Final = frozenset(["name", "content"])


@cache
def _told() -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """Names of columns, and words of cells, as they are compared."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    names = {as_named(name): kind for kind, each in content["columns"].items() for name in each}
    words = {kind: frozenset(map(as_compared, each)) for kind, each in content["words"].items()}
    return names, words


def message_words(kind: str) -> frozenset[str]:
    """What cells say: ``own`` and ``other`` of directions, ``holder`` of senders."""
    return _told()[1][kind]


def message_columns(headers: Sequence[str | None]) -> Mapping[str, tuple[int, ...]]:
    """Which columns tell what of messages, by kind; none if the table has no messages.

    >>> message_columns(["发送者", "时间", "文件名", "MD5"])["checksum"]
    (3,)
    >>> message_columns(["文件名", "大小", "MD5"])
    {}
    """
    names, _ = _told()
    found: dict[str, tuple[int, ...]] = {}
    for number, header in enumerate(headers):
        last = (header or "")[-40:].rpartition(".")[2]  # keys of JSON are dotted
        kind = names.get(as_named(last))
        if kind is not None:
            found[kind] = (*found.get(kind, ()), number)
    return found if _WHO & found.keys() and _WHAT & found.keys() else {}
