"""Message columns: the columns of a table of chat messages, found by their headers.

``发送者 | 时间 | 内容`` -> sender, time, content.  The words are in message_columns.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from piiscan.detect.catalog.transaction_terms import normalize_column_name, normalize_word

#: Kinds of which a message table has at least one: a party, and a content.
_PARTY_KINDS: Final = frozenset(["sender", "receiver", "peer", "direction"])
_CONTENT_KINDS: Final = frozenset(["name", "content"])


#: Most distinct values of a column of the device's holder: a phone has few numbers and accounts.
_MOST_OWN: Final = 4
#: Fewest rows of a table without headers that are messages.
_LEAST_MESSAGES: Final = 5


@cache
def _content() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the words of message_columns.toml."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def mail_role(header: str | None) -> str | None:
    """Return the role of the people in a header of a mail; None for its subject.

    >>> mail_role("From"), mail_role("Cc"), mail_role("Subject")
    ('mail_sender', 'mail_recipient', None)
    """
    name = normalize_column_name(header or "")
    named = {word: role for role, words in _content()["mail"].items() for word in words}
    role = named.get(name, "mail_sender")
    return None if role == "other" else role


@cache
def _vocabulary() -> tuple[Mapping[str, str], Mapping[str, frozenset[str]]]:
    """Return (header -> kind of message column, kind -> its known cell words)."""
    content = _content()
    names = {
        normalize_column_name(name): kind
        for kind, each in content["columns"].items()
        for name in each
    }
    words = {kind: frozenset(map(normalize_word, each)) for kind, each in content["words"].items()}
    return names, words


def message_words(kind: str) -> frozenset[str]:
    """Return the cell words of a kind of message column: ``own``, ``other``, ``holder``.

    ``own`` and ``other`` are directions, ``holder`` is a sender.
    """
    return _vocabulary()[1][kind]


def message_columns(
    headers: Sequence[str | None], cells: Sequence[pa.Array] = ()
) -> Mapping[str, tuple[int, ...]]:
    """Return kind -> column numbers of a table of chat messages; {} for other tables.

    ``cells``: a sample of each column; a column of types that says 接收 and 发送 is a direction.
    Three columns without headers may be time, speaker and message.

    >>> message_columns(["发送者", "时间", "文件名", "MD5"])["checksum"]
    (3,)
    >>> message_columns(["文件名", "大小", "MD5"])
    {}
    """
    found = _known_columns(headers)
    if len(cells) == len(headers) == 3 and not any(headers) and _are_messages(*cells):
        return {"time": (0,), "sender": (1,), "content": (2,)}
    for at in found.get("type", ()) if "direction" not in found and cells else ():
        if _are_directions(cells[at]):
            found["direction"] = (at,)
    others = (*found.get("peer_number", ()), *found.get("peer_name", ()))
    if "direction" in found and others and not _PARTY_KINDS & found.keys() - {"direction"}:
        found["peer"] = others
    return found if _PARTY_KINDS & found.keys() and _CONTENT_KINDS & found.keys() else {}


def _are_messages(times: pa.Array, names: pa.Array, texts: pa.Array) -> bool:
    """Return True if columns are times, a few names that come again, and always other texts.

    ``2023-05-01 10:00:00 | 小芳 | 在吗``; in a list of people, the same name has the same number.
    """
    rows, clock = (
        len(times),
        r"^[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ T]*[0-9]{1,2}:[0-9]{2}",
    )
    speakers, said = len(names.unique()), len(texts.unique())
    if rows < _LEAST_MESSAGES or speakers > max(2, rows // 4) or said * 5 < rows * 3:
        return False
    lines = pc.sum(pc.match_substring_regex(times, clock)).as_py()
    short = pc.sum(pc.match_substring_regex(names, r"^[^0-9]{1}.{0,29}$")).as_py()
    lists = pc.sum(pc.match_substring_regex(texts, "[0-9]{6}")).as_py()
    return bool(lines == rows and short == rows and lists * 2 < rows)


def _are_directions(cells: pa.Array) -> bool:
    """Return True if all filled cells are words of direction (发送, 接收), not mere signs."""
    words = {normalize_word(cell) for cell in cells.unique().to_pylist() if cell}
    known = message_words("own") | message_words("other")
    return bool(words) and words <= known and all(len(word) > 1 for word in words)


def own_columns(headers: Sequence[str | None], cells: Sequence[pa.Array]) -> tuple[int, ...]:
    """Return the columns about the device's holder in a table of messages or calls.

    ``cells``: a sample of each column; a list of many holders is no table of one device.

    >>> cells = [pa.array(["13800138000"] * 2), pa.array(["13900139000"] * 2), pa.array(["9"] * 2)]
    >>> own_columns(["本机号码", "对方号码", "通话时长"], cells)
    (0,)
    """
    found = _known_columns(headers)
    own = found.get("own", ())
    if not (_PARTY_KINDS & found.keys() and (_CONTENT_KINDS | {"duration"}) & found.keys()):
        own = ()
    few = (at for at in own if at < len(cells) and len(cells[at].unique()) <= _MOST_OWN)
    return (*few, *found.get("holder", ()))


def is_own_record(headers: Sequence[str | None], cells: Sequence[pa.Array]) -> bool:
    """Return True if a table of one row describes the holder of the device.

    >>> is_own_record(["本机号码", "IMEI"], [pa.array(["13800138000"]), pa.array(["9"])])
    True
    """
    return "own" in _known_columns(headers) and all(len(column) <= 1 for column in cells)


def _known_columns(headers: Sequence[str | None]) -> dict[str, tuple[int, ...]]:
    """Return kind -> column numbers of all known headers."""
    names, _ = _vocabulary()
    found: dict[str, tuple[int, ...]] = {}
    for number, header in enumerate(headers):
        last = (header or "")[-40:].rpartition(".")[2]  # JSON keys have dots
        kind = names.get(normalize_column_name(last))
        if kind is not None:
            found[kind] = (*found.get(kind, ()), number)
    return found
