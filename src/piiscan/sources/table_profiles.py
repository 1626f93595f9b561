"""Table profiles: meaning of the columns in tables of known programs, as WeChat's ``message``.

``talker | isSend | createTime | content`` -> headers 会话, 方向, 内容, and a readable column 时间.
The profiles are in table_profiles.toml. A profile renames and adds columns; no cell of the
table is left out.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import tomllib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from piiscan.arrow_strings import string_column
from piiscan.errors import SourceError
from piiscan.sources.block import DATA, Block, Table, Trouble
from piiscan.sources.packed_texts import READERS, Reader, each_without, tagged_text
from piiscan.sources.stored_values import cell_text

#: Directions of messages, as words of their column say.
SENT, RECEIVED = "发送", "接收"
_CHINA: Final = datetime.timezone(datetime.timedelta(hours=8))
_EPOCH: Final = {
    "time": datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
    "apple": datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC),
}
_MAX_SECONDS: Final = 4_102_444_800  # in the year 2100
#: Kinds of tables outside of databases that may have a profile.
_KINDS: Final = ("xml", "sheet", "html")
#: Header of what tells the owner of the device.
_OWN_HEADER: Final = "本机账号信息"
_BEFORE: Final = re.compile(r"([0-9A-Za-z_@.-]{3,64}):\r?\n")
_MOST_ENTRIES: Final = 5_000_000

#: Function that yields the rows of a query of the database.
Query = Callable[[str], Iterator[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Profile:
    """Profile of one table of a program: patterns that recognise it, headers, columns to add."""

    table: re.Pattern[str]
    columns: tuple[re.Pattern[str], ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    decoded: Mapping[str, str] = field(default_factory=dict)
    add: Sequence[Mapping[str, Any]] = ()
    owner: str = ""
    own: Sequence[Any] = ()
    anywhere: bool = False


@cache
def _written() -> tuple[tuple[Profile, ...], tuple[re.Pattern[str], ...]]:
    """Load the profiles of ``table_profiles.toml``, and the patterns of accounts in paths."""
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    for each in content["profile"]:
        each["table"] = re.compile(each["table"])
        each["columns"] = tuple(map(re.compile, each["columns"]))
    profiles = tuple(Profile(**each) for each in content["profile"])
    return profiles, tuple(map(re.compile, content["accounts"]))


def find_profile(table: str, columns: Sequence[str]) -> Profile | None:
    """Return the profile of a database table; None for a table of no known program.

    >>> find_profile("message", ["msgId", "talker", "isSend", "content", "createTime"]) is None
    False
    """
    return next(
        (each for each in _written()[0] if each.table.fullmatch(table) and _fits(each, columns)),
        None,
    )


def _fits(profile: Profile, columns: Sequence[str]) -> bool:
    """Return True if ``columns`` match all column patterns of a profile."""
    return all(any(column.fullmatch(name) for name in columns) for column in profile.columns)


def with_profile(table: Table) -> Table:
    """Return a table with the headers and added columns of its profile; unchanged without one."""
    if table.headers is None or table.kind not in _KINDS or table.sample.byte_starts is not None:
        return table
    names = tuple(each or "" for each in table.headers)
    profile = next((each for each in _written()[0] if each.anywhere and _fits(each, names)), None)
    if profile is None:
        return table
    rows = ProfiledRows(profile, StoredTable("", names), "", lambda _: iter(()), {})
    headers = rows.headers(table.headers)
    more = len(headers) - len(names)

    def blocks() -> Iterator[Block | Trouble]:
        """Yield the blocks with the added columns."""
        for each in table.blocks():
            yield each if isinstance(each, Trouble) else _changed(each, rows, len(names), more)

    return replace(
        table,
        headers=headers,
        groups=[*table.groups, *(table.groups[-1:] or [0]) * more][: len(headers)],
        sample=_changed(table.sample, rows, len(names), more),
        blocks=blocks,
    )


def _changed(block: Block, rows: ProfiledRows, width: int, more: int) -> Block:
    """Return a block with the cells of a profile's added columns after the first ``width``."""
    given = [column.to_pylist() for column in block.columns]
    given += [[None] * len(block.rows)] * (width - len(given))
    found: list[list[str | None]] = []
    for at in range(len(block.rows)):
        cells = [column[at] for column in given[:width]]
        is_data = block.kinds is None or block.kinds[at] == DATA
        found.append(rows.cells(cells, cells) if is_data else [*cells, *[None] * more])
    columns = [string_column([row[at] for row in found]) for at in range(width + more)]
    return replace(block, columns=[*columns, *block.columns[width:]])


def own_accounts(path: str) -> frozenset[str]:
    r"""Return the owner's accounts in the folder names of a path: ``wxid_abc123``.

    >>> sorted(own_accounts("D:\\WeChat Files\\wxid_abc123\\Msg\\Multi\\MSG0.db"))
    ['wxid_abc123']
    """
    return frozenset(found[1] for each in _written()[1] if (found := each.search(path)))


def time_text(value: Any, epoch: str = "time") -> str | None:
    """Format a stored time as Chinese time: ``1683345601000 -> 2023-05-06 12:00:01``.

    >>> time_text(1683345601), time_text(1683345601000), time_text(705038401000000000, "apple")
    ('2023-05-06 12:00:01', '2023-05-06 12:00:01', '2023-05-06 12:00:01')
    """
    try:
        seconds = float(value)
    except (OverflowError, TypeError, ValueError):
        return None
    if not 0 < seconds < _MAX_SECONDS * 1e9:
        return None
    while seconds > _MAX_SECONDS:
        seconds /= 1000
    moment = _EPOCH[epoch] + datetime.timedelta(seconds=int(seconds))
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(slots=True)
class _Entries:
    """Key -> cell of a table that other tables refer to, in little memory."""

    numbers: array[int] = field(default_factory=lambda: array("q"))  # ascending
    cells: list[str] | array[int] = field(default_factory=list)
    others: dict[Any, str] = field(default_factory=dict)

    def get(self, key: Any) -> Any:
        """Return the cell of a key; None if it is missing."""
        if not isinstance(key, int):
            return self.others.get(key)
        at = bisect_left(self.numbers, key) if -(1 << 63) <= key < 1 << 63 else len(self.numbers)
        return self.cells[at] if at < len(self.numbers) and self.numbers[at] == key else None


def _quoted(name: str) -> str:
    """Return a column or table name in SQL quotes; ``rowid`` unquoted."""
    return name if name.lower() == "rowid" else '"' + name.replace('"', '""') + '"'


def _entries(query: Query, table: str, key: str, *values: str) -> _Entries:
    """Read a table as key -> cell; several ``values`` columns are joined."""
    found = _Entries()
    names = ", ".join(map(_quoted, (key, *values)))
    numbers: array[int] | None = array("q")
    rows = query(f"SELECT {names} FROM {_quoted(table)} ORDER BY 1")
    for row in islice(rows, _MOST_ENTRIES):
        whole = len(row) == 2 and isinstance(row[1], int)
        text = "" if whole else "".join(cell_text(each) or "" for each in row[1:])
        if not isinstance(row[0], int):
            found.others[row[0]] = text or str(row[1])
            continue
        if numbers is not None and not whole:
            found.cells, numbers = [str(each) for each in numbers], None
        found.numbers.append(row[0])
        if numbers is not None:
            numbers.append(row[1])
        else:
            found.cells.append(text or cell_text(row[1]) or "")  # type: ignore[arg-type]
    if numbers is not None:
        found.cells = numbers
    return found


def _digests(query: Query, table: str, column: str) -> dict[str, str]:
    """Return MD5 of a value -> value, of all values in a column."""
    rows = query(f"SELECT {_quoted(column)} FROM {_quoted(table)}")
    values = [cell_text(value) or "" for (value,) in islice(rows, _MOST_ENTRIES)]
    return {hashlib.md5(v.encode(), usedforsecurity=False).hexdigest(): v for v in values}


class StoredTable(NamedTuple):
    """Name and columns of a table of a database or of another file."""

    name: str
    columns: tuple[str, ...]


class ProfiledRows:
    """Converter of a table's rows to the columns of its profile.

    ``query`` runs SQL in its database; a table that it does not have refers to nothing.
    """

    def __init__(
        self, profile: Profile, table: StoredTable, path: str, query: Query, entries: dict[Any, Any]
    ) -> None:
        """Prepare the columns of ``profile`` for ``table``.

        ``path``: of the database, for the account of its owner; ``entries``: what was read of other
        tables, which those of one database share.
        """
        self._profile, self._table, self._query = profile, table.name, query
        self._entries = entries
        self._columns = {name: at for at, name in enumerate(table.columns)}
        self._own = own_accounts(path)
        if profile.own:
            other, key, value, column = profile.own
            known: _Entries = self._shared(_entries, other, key, column)
            self._own |= {str(each) for each in [known.get(value)] if each is not None}
        self._owner = self._columns.get(profile.owner)
        self._person = [self._columns[name] for name in profile.headers if name in self._columns]
        self._decoded = {
            self._columns[name]: [READERS[each] for each in readers.split()]
            for name, readers in profile.decoded.items()
            if name in self._columns
        }
        self._via = [
            [self._shared(_entries, *via) for via in each.get("via", ())] for each in profile.add
        ]
        self._named = {
            number: self._name(each)
            for number, each in enumerate(profile.add)
            if each.get("as") == "name"
        }
        self.missing: set[str] = set()

    def _shared(self, read: Callable[..., Any], *of: str) -> Any:
        """Return ``read(query, *of)`` for another table; the result is cached for the database."""
        if of not in self._entries:
            self._entries[of] = read(self._query, *of)
        return self._entries[of]

    def _name(self, added: Mapping[str, Any]) -> str | None:
        """Return the account in the table's name (``Chat_<MD5>``), else the MD5, else None."""
        found = re.search(r"[0-9a-f]{32}|[0-9]{5,11}", self._table)
        if found is None or "md5" not in added:
            return found and found[0]
        names: dict[str, str] = self._shared(_digests, *added["md5"])
        return names.get(found[0], found[0])

    def headers(self, headers: Sequence[str | None]) -> list[str | None]:
        """Return the headers of the table's columns, then those of the added columns."""
        names = {name.lower(): header for name, header in self._profile.headers.items()}
        kept = [names.get((each or "").lower(), each) for each in headers]
        own = [] if self._owner is None else [_OWN_HEADER]
        return [*kept, *(each["header"] for each in self._profile.add), *own]

    def cells(self, row: Sequence[Any], cells: Sequence[str | None]) -> list[str | None]:
        """Return the cells of a row with its added cells. ``row``: its stored values."""
        found = list(cells)
        for at, readers in self._decoded.items():
            if isinstance(row[at], bytes) and row[at]:
                found[at] = self._unpacked(readers, row[at]) or found[at]
        added: dict[str, str | None] = {}
        for number, each in enumerate(self._profile.add):
            added[each["header"]] = self._added(number, each, row, found, added)
        if self._owner is None:
            return [*found, *added.values()]
        own = None
        if cell_text(row[self._owner]) in self._own:  # the owner's row: one cell has it all
            own = "\n".join(cell for at in self._person if (cell := found[at]))
            for at in self._person:
                found[at] = None
        return [*found, *added.values(), own]

    def is_packed(self, at: int, value: bytes) -> bool:
        """Return True if a reader of column ``at`` decodes the binary ``value`` to text.

        Add a missing package to ``missing``.
        """
        return self._unpacked(self._decoded.get(at, ()), value) is not None

    def _unpacked(self, readers: Iterable[Reader], value: bytes) -> str | None:
        """Return the text of packed bytes by the first reader that can decode them; else None.

        Add a missing package to ``missing``.
        """
        for read in readers:
            try:
                if (text := read(value)) is not None:
                    return text
            except SourceError as error:
                self.missing.add(error.detail)
        return None

    def _added(
        self,
        number: int,
        added: Mapping[str, Any],
        row: Sequence[Any],
        cells: list[str | None],
        others: Mapping[str, str | None],
    ) -> str | None:
        """Return the cell of an added column. ``others``: the added cells before it."""
        how, name = added.get("as", ""), added.get("from", "")
        at = self._columns.get(name)
        value = others.get(name) if at is None else row[at]
        if how == "name":
            text = self._named[number]
        elif value is None:
            return None
        elif how in _EPOCH:
            return time_text(value, how)
        elif how == "words":
            return cell_text(added["words"].get(str(value)))
        elif how == "own":
            known = self._own and cell_text(value)
            return (SENT if cell_text(value) in self._own else RECEIVED) if known else None
        elif how == "before" and at is not None:  # the speaker before the text: ``wxid_abc:``
            whole = cells[at] or ""
            speaker = _BEFORE.match(whole)
            text = None if speaker is None else speaker[1]
            cells[at] = cells[at] if speaker is None else whole[speaker.end() :]
        elif how == "tagged" and at is not None:
            text = tagged_text(value, added["tag"]) if isinstance(value, bytes) else None
            cells[at] = each_without(cells[at] or "", text or "")
        else:
            for entries in self._via[number]:
                value = entries.get(value)
            text = cell_text(value)
        same = added.get("unless", "")
        told = cells[self._columns[same]] if same in self._columns else others.get(same)
        return text if text and text != told else None
