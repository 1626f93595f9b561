"""File transfers: files that messages report as sent and money that they name, with the parties.

A phone and a code in messages are listed, too: they may be two halves of one record.

Messages are those of a chat written as text (``heads``), or rows of a table that has a column for
the sender and one for a file name or the message text.  They become FILE_TRANSFERS rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64
from piiscan.case.scan.block.row_transactions import mask_parties
from piiscan.case.scan.messages.file_mentions import (
    MESSAGE_TIME,
    NAME,
    PEER,
    TITLE,
    WORD,
    FileMention,
    find_mentions,
    flag_lines,
    message_text,
    read_details,
    read_mention,
    read_xml_mention,
)
from piiscan.case.scan.messages.message_times import read_heads
from piiscan.case.scan.messages.money_mentions import MoneyMention, money_lines, read_money
from piiscan.detect.catalog.transaction_terms import normalize_word
from piiscan.detect.columns.message_columns import message_words
from piiscan.detect.engine import Engine
from piiscan.parsing import times
from piiscan.parsing.file_names import MAX_NAME_LENGTH, digest_file_names, parse_size
from piiscan.parsing.party_names import read_chat_title
from piiscan.schemas import FILE_TRANSFERS
from piiscan.sources.block import DATA, Block
from piiscan.tabular.display_names import mask_texts
from piiscan.tabular.layout import TableLayout

#: Message heads with a name after the time: before the message text, or alone on the line.
_ONE_LINE: Final = re.compile(MESSAGE_TIME + r"(?P<name>[^:：]{1,60})[:：]\s*")
_HEAD_LINE: Final = re.compile(MESSAGE_TIME + r"(?P<name>[^:：，。,]{1,40})[:：]?\s*$")
_PARTY: Final = re.compile(r"\s*(?P<name>.*?)\s*[(<（](?P<account>[0-9A-Za-z_.@-]{3,64})[)>）]\s*")
#: Mark of the holder of the device behind his name: ``wxid_abc 阿强 (owner)``.
_OWNER: Final = re.compile(r"\s*[(（](?:owner|机主|本机|本人)[)）]\s*$", re.IGNORECASE)
#: An account, and the name behind it: ``wxid_abc 小芳``.
_BEHIND: Final = re.compile(
    r"\s*(?P<account>(?=\S*[0-9@_])\+?[0-9A-Za-z_.@-]{5,64})\s+(?P<name>\S.*?)\s*"
)
#: Most characters of a head with a message behind it; most heads of a block, and most names of a
#: table, that show who speaks in a chat.
_MAX_HEAD: Final = 200
_MOST_SPEAKERS: Final = 100
#: Kinds of columns that name a party.
_PARTIES: Final = ("sender", "receiver", "peer")
_ACCOUNT: Final = re.compile(r"\+?[0-9A-Za-z_.@-]{3,64}")
#: Number of a chat in its database, which is no account.
_INNER_NUMBER: Final = re.compile("[0-9]{1,4}")
#: Kinds of messages that are payments.
_MONEY_KIND: Final = re.compile(r"(?:微信|支付宝|QQ)?(?:转账|红包)")
_PEER_LINE: Final = re.compile(
    r"\s*(?:消息对象|聊天对象|会话对象|会话名称?|聊天记录对象|群名称?|群聊名?称?|对话对象)"
    r"\s*[:：]\s*(?P<name>[^\r\n]{1,80}?)\s*"
)


Mention = FileMention | MoneyMention | str


@dataclass(slots=True)
class _Transfer:
    """FILE_TRANSFERS row with unmasked names: a file, money, a chat partner, or who speaks.

    ``coded``: CODE or PHONE if the message has a code or a phone. ``by_holder`` of a partner: True
    if the chat is one of two, False if the partner is a group.
    """

    row: int
    mention: FileMention | None = None
    money: MoneyMention | None = None
    by_holder: bool | None = None
    sender: str | None = None
    nick: str | None = None
    receiver: str | None = None
    peer: str | None = None
    time: int = times.NONE
    speaks: bool = False
    coded: str | None = None


def build_file_transfers(
    block: Block,
    layout: TableLayout,
    *,
    engine: Engine,
    key: bytes,
    coded: Mapping[int, str] = MappingProxyType({}),
) -> pa.Table | None:
    """Build the FILE_TRANSFERS rows of a block without source and member; None if it has none.

    ``coded``: index of a line or row -> CODE or PHONE, if a record with such a value begins there.
    """
    transfers: list[_Transfer] = []
    if block.split and layout.message_columns:
        transfers = _read_message_table(block, layout.message_columns, coded)
    elif not block.split and block.message_starts is not None and len(block.rows):
        transfers = _read_chat(block, coded)
    if transfers and layout.chat_title is not None:
        transfers.insert(0, _partner(0, *layout.chat_title))
    return _table(transfers, engine, key) if transfers else None


def _partner(row: int, name: str, two: bool | None) -> _Transfer:
    """Return the row of a chat partner, who may have an account: ``小芳(wx_fang)``."""
    nick, account = _split_account(name)
    two = False if "群" in name else two
    return _Transfer(row, by_holder=two, peer=account or nick, nick=nick if account else None)


def _read_chat(block: Block, coded: Mapping[int, str]) -> list[_Transfer]:
    """Return the file transfers and chat partners in the lines of a chat, sorted by row."""
    heads, texts = block.message_starts, block.columns[0]
    assert heads is not None
    flags = flag_lines(texts)
    transfers: list[_Transfer] = []
    for at in np.flatnonzero(flags & PEER != 0).tolist():  # some are inside a message
        text = texts[at].as_py() or ""
        if (found := _PEER_LINE.fullmatch(text)) is not None:
            transfers.append(_partner(int(block.rows[at]), found["name"], None))
        elif heads[at] <= 0 and (title := read_chat_title(text)) is not None:
            transfers.append(_partner(int(block.rows[at]), *title))
    lines = np.flatnonzero((heads > 0) & (flags & (WORD | NAME | TITLE) != 0))
    paid = money_lines(texts).astype(np.int64)
    paid = paid[heads[paid] > 0]
    halves = {at: what for at, what in coded.items() if heads[at] > 0}
    senders = _Senders.of(block, heads, np.union1d(np.union1d(lines, paid), [*halves]).astype(int))
    mentions: list[tuple[int, Mention]] = [
        *halves.items(),
        *find_mentions(texts, heads, flags, lines, senders.ends),
        *(
            (at, money)
            for at, text in zip(paid.tolist(), texts.take(pa.array(paid)).to_pylist(), strict=True)
            for money in read_money(message_text(text[senders.ends.get(at, 0) :]))
        ),
    ]
    for at, mention in mentions:
        time, name, account = senders.of_head[int(heads[at])]
        transfers.append(
            _Transfer(
                int(block.rows[at]), **_split_mention(mention), time=time, **_speaker(name, account)
            )
        )
    if transfers:
        spoken = {(n, a): row for row, (_, n, a) in reversed(senders.of_head.items()) if n or a}
        transfers += (
            _Transfer(row, speaks=True, **_speaker(*each)) for each, row in spoken.items()
        )
    return sorted(transfers, key=lambda each: each.row)


def _speaker(name: str | None, account: str | None) -> dict[str, Any]:
    """Return the fields of a transfer that say who speaks; the holder has no name."""
    party = account or name
    if normalize_word(party or "") in message_words("holder"):
        return {"by_holder": True}
    return {"sender": party, "nick": name if account else None}


def _split_mention(mention: Mention | None) -> dict[str, Any]:
    """Return the field of a transfer that ``mention`` is: a file, money, CODE or PHONE."""
    if isinstance(mention, str):
        return {"coded": mention}
    return {"mention" if isinstance(mention, FileMention) else "money": mention}


@dataclass(frozen=True, slots=True)
class _Senders:
    """Heads of messages: row of a head -> (time, name, account); line -> end of a head in it."""

    of_head: dict[int, tuple[int, str | None, str | None]]
    ends: dict[int, int]

    @classmethod
    def of(cls, block: Block, heads: Int64, lines: Int64) -> _Senders:
        """Read the heads of the messages that contain ``lines``, and of the block's first ones."""
        if not len(lines):
            return cls({}, {})
        rows = np.unique(heads[heads > 0])
        rows = np.union1d(heads[lines], rows[:_MOST_SPEAKERS])
        at = np.searchsorted(block.rows, rows)
        inline = np.isin(rows, block.rows[lines]).tolist()
        moments, names, accounts, ends = read_heads(block, at)
        texts = block.columns[0].take(pa.array(at)).to_pylist()
        for number, name in enumerate(names):
            if name is None and accounts[number] is None:
                text = texts[number]
                found = (inline[number] and _ONE_LINE.match(text)) or _HEAD_LINE.match(text)
                if found is not None:
                    names[number], accounts[number] = _split_account(found["name"])
                    ends[number] = found.end()
        senders = zip(moments.tolist(), names, accounts, strict=True)
        starts = zip(at.tolist(), ends.tolist(), strict=True)
        return cls(
            dict(zip(rows.tolist(), senders, strict=True)),
            {line: end for line, end in starts if end <= _MAX_HEAD},
        )


def _split_account(text: str) -> tuple[str | None, str | None]:
    """Split ``张三(13800138000)`` into name and account; None for a missing part.

    >>> _split_account("老王(10001)"), _split_account(" 老王 ")
    (('老王', '10001'), ('老王', None))
    >>> _split_account("wxid_fang 小芳"), _split_account("David Wang")
    (('小芳', 'wxid_fang'), ('David Wang', None))
    """
    found = _PARTY.fullmatch(text) or _BEHIND.fullmatch(text)
    if found is None:
        return text.strip() or None, None
    return found["name"] or None, found["account"]


def _read_message_table(
    block: Block, columns: Mapping[str, tuple[int, ...]], coded: Mapping[int, str]
) -> list[_Transfer]:
    """Return the transfers in the rows of a table of messages."""
    data = np.ones(len(block.rows), np.bool_) if block.kinds is None else block.kinds == DATA
    present = {k: [n for n in c if n < len(block.columns)] for k, c in columns.items()}
    mentions: dict[int, FileMention] = {}
    for number in present.get("content", ()):
        texts = block.columns[number].cast(pa.string()).fill_null("")
        flags = flag_lines(texts)
        for at in np.flatnonzero(data & (flags & (WORD | NAME | TITLE) != 0)).tolist():
            mention = _cell_mention(texts[at].as_py(), int(flags[at]))
            if mention is not None:
                mentions.setdefault(at, mention)
    for number in present.get("name", ()):
        cells = block.columns[number].cast(pa.string()).fill_null("")
        flags = flag_lines(cells)
        for at in np.flatnonzero(data & (flags & NAME != 0)).tolist():
            text = cells[at].as_py().strip()
            mentions[at] = read_mention(text, NAME) or FileMention(re.split(r"[\\/]", text)[-1])
    kinds = [block.columns[number] for number in present.get("type", ())[:1]]
    payments = [
        (at, money)
        for number in present.get("content", ())
        for texts in [block.columns[number].cast(pa.string()).fill_null("")]
        for at in money_lines(texts).tolist()
        if data[at]
        for money in read_money(_with_kind(texts[at].as_py(), kinds, at))
    ]
    listed: list[tuple[int, Mention]] = [*mentions.items(), *payments, *coded.items()]
    if not listed:
        return []
    listed.sort(key=itemgetter(0))
    speakers = _first_rows(block, [*present.get("sender", ()), *present.get("peer", ())], data)
    rows = [*speakers, *(at for at, _ in listed)]
    mentioned: list[Mention | None] = [None] * len(speakers)
    mentioned += (each for _, each in listed)
    cells_of = {
        k: _first_filled(block, present.get(k, ()), rows, is_party=k in _PARTIES)
        for k in columns
        if k != "content"
    }
    transfers = [
        _transfer_of_row(int(block.rows[at]), mention, {k: each[n] for k, each in cells_of.items()})
        for n, (at, mention) in enumerate(zip(rows, mentioned, strict=True))
    ]
    return sorted(transfers, key=lambda each: each.row)


def _first_rows(block: Block, columns: Sequence[int], data: Any) -> list[int]:
    """Return the first row of each combination of ``columns``: who speaks in which chat.

    At most _MOST_SPEAKERS, of rows that are ``data``.
    """
    keys = {str(at): block.columns[at] for at in columns}
    rows = pa.table({**keys, "row": pa.array(np.arange(len(data)))}).filter(pa.array(data))
    if not keys:
        return []
    first = rows.group_by([*keys]).aggregate([("row", "min")])["row_min"]
    return sorted(first.to_pylist())[:_MOST_SPEAKERS]


def _with_kind(text: str, kinds: Sequence[pa.Array], at: int) -> str:
    """Return a message with the kind that its row names: ``转账 | ￥4800 -> [转账] ￥4800``."""
    kind = (kinds[0][at].as_py() or "").strip() if kinds else ""
    return f"[{kind}] {text}" if _MONEY_KIND.fullmatch(kind) else text


def _cell_mention(text: str, flags: int) -> FileMention | None:
    """Return the file that a message cell mentions, with size and checksum; None for none."""
    if flags & TITLE:
        return read_xml_mention(text)
    mention = read_mention(text, flags)
    return None if mention is None else read_details(mention, text[mention.name_end :])


def _first_filled(
    block: Block, columns: Sequence[int], rows: Sequence[int], *, is_party: bool
) -> list[str]:
    """Return the first filled cell of each row, in the order of ``columns``; "" if none.

    Of a party, an account and a name are one cell: ``小芳 | wxid_fang -> 小芳(wxid_fang)``.
    """
    found = [""] * len(rows)
    for number in columns:
        cells = block.columns[number].take(pa.array(rows, pa.int64())).to_pylist()
        pairs = list(zip(found, (_one_line(cell or "") for cell in cells), strict=True))
        found = [_joined(*pair) if is_party else pair[0] or pair[1] for pair in pairs]
    return found


def _joined(before: str, cell: str) -> str:
    """Join the cell ``before`` with a name or account that only the next ``cell`` has.

    >>> _joined("小芳", "wxid_fang"), _joined("wxid_fang", "小芳"), _joined("小芳", "老王")
    ('小芳(wxid_fang)', '小芳(wxid_fang)', '小芳')
    """
    accounts = [_ACCOUNT.fullmatch(each) is not None for each in (before, cell)]
    if not before or not cell or accounts[0] == accounts[1] or _PARTY.fullmatch(before):
        return before or cell
    return f"{cell}({before})" if accounts[0] else f"{before}({cell})"


def _one_line(cell: str) -> str:
    r"""Return a cell on one line; of two chat participants, the one who is not the holder.

    >>> _one_line("wxid_fang 小芳\nwxid_aqiang 阿强 (owner)")
    'wxid_fang 小芳'
    """
    lines = cell.split("\n")
    others = [line for line in lines if not _OWNER.search(line)]
    return " ".join((others[0] if len(others) == 1 < len(lines) else cell).split())


def _transfer_of_row(row: int, mention: Mention | None, cells: Mapping[str, str]) -> _Transfer:
    """Build the transfer of one row of a message table from its cells; without one, who speaks.

    ``direction`` cells or a sender named 我 decide whether the holder of the device sent the file.
    """
    holder = message_words("holder")
    if isinstance(mention, FileMention):
        size, sum_ = parse_size(cells.get("size", "")), cells.get("checksum", "").lower()
        file = read_details(mention, sum_) if mention.checksum is None and sum_ else mention
        mention = file if size is None else FileMention(file.name, -1, size, file.checksum)
    direction = normalize_word(cells.get("direction", ""))
    by_holder = (
        True
        if direction in message_words("own")
        else False
        if direction in message_words("other")
        else None
    )
    name, account = _split_account(_OWNER.sub("", cells.get("sender", "")))
    receiver, own = cells.get("receiver", ""), cells.get("own", "")
    if normalize_word(name or "") in holder:
        name, by_holder = None, True
    if normalize_word(receiver) in holder:
        receiver, by_holder = "", False
    if by_holder is None and _OWNER.search(cells.get("sender", "")):
        by_holder = True
    if by_holder is None and own and (account or name):
        by_holder = own in (account, name)
    if own and own in _split_account(receiver):
        receiver = ""
    time, peer = times.parse_time(cells.get("time", "")), cells.get("peer", "")
    return _Transfer(
        row,
        by_holder=by_holder,
        sender=account or name,
        nick=name if account else None,
        receiver=_account_or_name(receiver),
        peer=None if _INNER_NUMBER.fullmatch(peer) else _account_or_name(_OWNER.sub("", peer)),
        time=times.NONE if time is None else time,
        speaks=mention is None,
        **_split_mention(mention),
    )


def _account_or_name(text: str) -> str | None:
    """Return the account in ``张三(13800138000)`` if there is one, else the name."""
    name, account = _split_account(text)
    return account or name


def _table(transfers: list[_Transfer], engine: Engine, key: bytes) -> pa.Table:
    """Return the transfers as FILE_TRANSFERS rows with masked names and keyed digests."""
    files = [each.mention.name if each.mention else "" for each in transfers]
    distinct = sorted(set(files))
    masked = dict(
        zip(
            distinct,
            mask_texts(
                engine,
                [
                    "".join(
                        c for c in re.split(r"[\\/]", t)[-1][:MAX_NAME_LENGTH] if c.isprintable()
                    )
                    for t in distinct
                ],
            ),
            strict=True,
        )
    )
    values: dict[str, Any] = {
        "row": [each.row for each in transfers],
        "what": [
            t.coded
            or ("FILE" if t.mention else "MONEY" if t.money else "SPEAKER" if t.speaks else "PEER")
            for t in transfers
        ],
        "money_kind": [each.money.kind if each.money else None for each in transfers],
        "amount": [each.money.amount if each.money else None for each in transfers],
        "own": [each.by_holder for each in transfers],
        "time": [None if each.time == times.NONE else each.time for each in transfers],
        "name": [masked[name] if name else None for name in files],
        "least": [
            each.mention.size[0] if each.mention and each.mention.size else None
            for each in transfers
        ],
        "most": [
            each.mention.size[1] if each.mention and each.mention.size else None
            for each in transfers
        ],
        "checksum": [each.mention.checksum if each.mention else None for each in transfers],
    }
    for kind in ("sender", "receiver", "peer", "nick"):
        people, indices = _distinct(
            [(getattr(each, kind) or "")[:MAX_NAME_LENGTH] for each in transfers]
        )
        parties, digests = mask_parties(people, key)
        values[kind] = parties.take(indices)
        values[f"{kind}_digest"] = digests.take(indices)
    names, indices = _distinct(files)
    values["name_digest"] = digest_file_names(names, key).take(indices)
    schema = pa.schema(list(FILE_TRANSFERS)[2:])
    columns = [
        values[f.name].cast(f.type)
        if isinstance(values[f.name], pa.Array)
        else _array(values[f.name], f)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _distinct(texts: list[str]) -> tuple[list[str], pa.Array]:
    """Return (distinct texts, index of each text among them; null for "")."""
    words: dict[str, int] = {}
    indices = [words.setdefault(text, len(words)) if text else None for text in texts]
    return list(words), pa.array(indices, pa.int64())


def _array(values: Sequence[Any], field: pa.Field) -> pa.Array:
    """Return ``values`` as an Arrow array of the type of ``field``."""
    if pa.types.is_dictionary(field.type):
        return pa.array(values, pa.string()).dictionary_encode().cast(field.type)
    return pa.array(values, field.type)
