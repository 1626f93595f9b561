"""Decrypted databases of chat programs and phones, as their makers lay them out, from messages."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import lz4.block
from backports import zstd

#: Seconds from 1970 to 2001.
APPLE: Final = 978_307_200


@dataclass(frozen=True)
class Message:
    """A message: seconds since 1970, chat, speaker (the owner's own are ``own``), text."""

    time: int
    chat: str
    speaker: str
    own: bool
    text: str

    @property
    def in_group(self) -> bool:
        return self.chat.endswith("@chatroom")

    @property
    def marked(self) -> str:
        """The text with the speaker before it, as WeChat keeps what others say in groups."""
        return f"{self.speaker}:\n{self.text}" if self.in_group and not self.own else self.text


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def entry(number: int, value: bytes | str | int) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def write(path: Path, tables: dict[str, tuple[str, Iterable[tuple[Any, ...]]]]) -> Path:
    """A database with these tables: columns and rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for name, (columns, rows) in tables.items():
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            for row in rows:
                marks = ", ".join("?" * len(row))
                connection.execute(f'INSERT INTO "{name}" VALUES ({marks})', row)
        connection.commit()
    return path


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


Accounts = dict[str, str]  # account -> nickname
Tables = dict[str, tuple[str, Iterable[tuple[Any, ...]]]]
Maker = Callable[[Path, list[Message], Accounts, str], Path]


def written(tables: Callable[[list[Message], Accounts, str], Tables]) -> Maker:
    """Return a maker that writes the tables of messages, accounts and the own account."""
    return lambda path, messages, accounts, own: write(path, tables(messages, accounts, own))


def by_chat(messages: list[Message]) -> dict[str, list[tuple[int, Message]]]:
    """The messages of each chat, numbered."""
    chats = dict.fromkeys(m.chat for m in messages)
    return {chat: list(enumerate((m for m in messages if m.chat == chat), 1)) for chat in chats}


@written
def wechat_android(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    rows = [
        (at, 1, int(m.own), m.time * 1000, m.chat, m.marked) for at, m in enumerate(messages, 1)
    ]
    contacts = [(who, "", "", nick, 3) for who, nick in accounts.items()]
    return {
        "message": (
            "msgId INTEGER PRIMARY KEY, type INT, isSend INT, createTime INT, talker, content",
            rows,
        ),
        "rcontact": ("username, alias, conRemark, nickname, type INT", contacts),
        "userinfo": ("id INTEGER PRIMARY KEY, type INT, value TEXT", [(2, 3, own)]),
    }


@written
def wechat_pc(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    known = list(dict.fromkeys([*accounts, *(m.chat for m in messages)]))
    rows: list[tuple[Any, ...]] = []
    for at, m in enumerate(messages, 1):
        packed = lz4.block.compress(m.text.encode(), store_size=False) if at % 2 else None
        extra = entry(1, entry(1, 16)) + entry(3, entry(1, 7) + entry(2, "<msgsource/>"))
        if m.in_group and not m.own:
            extra += entry(3, entry(1, 1) + entry(2, m.speaker))
        kind, text, chat = 49 if packed else 1, "" if packed else m.text, m.chat if at % 3 else None
        talker = known.index(m.chat) + 1
        rows.append((at, talker, kind, int(m.own), m.time, text, chat, packed, extra))
    columns = (
        "localId, TalkerId, Type, IsSender, CreateTime, StrContent, StrTalker, CompressContent,"
        " BytesExtra"
    )
    names = [(each,) for each in known]
    return {"MSG": (columns, rows), "Name2ID": ("UsrName TEXT PRIMARY KEY", names)}


@written
def wechat_4(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    known = list(dict.fromkeys([*accounts, own, *(m.chat for m in messages)]))
    tables: Tables = {"Name2Id": ("user_name TEXT PRIMARY KEY", [(each,) for each in known])}
    columns = (
        "local_id, server_id, local_type, real_sender_id, create_time, message_content,"
        " packed_info_data"
    )
    for chat, numbered in by_chat(messages).items():
        rows = []
        for at, m in numbered:
            text = zstd.compress(m.marked.encode()) if at % 2 else m.marked
            speaker = known.index(own if m.own else m.speaker) + 1
            rows.append((at, at * 7, 1, speaker, m.time, text, entry(1, 5)))
        tables[f"Msg_{md5(chat)}"] = (columns, rows)
    return tables


@written
def wechat_ios(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    remark = {account: entry(1, nick) for account, nick in accounts.items()}
    remark |= {m.chat: entry(1, "群") for m in messages if m.in_group}
    tables: Tables = {"Friend": ("userName TEXT, dbContactRemark BLOB", remark.items())}
    columns = "MesLocalID INTEGER PRIMARY KEY, CreateTime INT, Des INT, Type INT, Message TEXT"
    for chat, numbered in by_chat(messages).items():
        rows = [(at, m.time, int(not m.own), 1, m.marked) for at, m in numbered]
        tables[f"Chat_{md5(chat)}"] = (columns, rows)
    return tables


@written
def qq_nt(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    columns = '"40001" INTEGER PRIMARY KEY, "40030" INT, "40033" INT, "40050" INT, "40800" BLOB'
    rows: dict[bool, list[tuple[Any, ...]]] = {False: [], True: []}
    for at, m in enumerate(messages, 1):
        text = entry(40800, entry(45001, at) + entry(45002, 1) + entry(45101, m.text))
        peer, speaker = int(m.chat.removesuffix("@chatroom")), int(own if m.own else m.speaker)
        rows[m.in_group].append((at, peer, speaker, m.time, text))
    return {"c2c_msg_table": (columns, rows[False]), "group_msg_table": (columns, rows[True])}


@written
def qq_android(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    columns = "_id, frienduin, issend, senderuin, selfuin, time, msgtype, msgData"
    tables: Tables = {}
    for chat, numbered in by_chat(messages).items():
        peer = chat.removesuffix("@chatroom")
        kind = "troop" if chat != peer else "friend"
        rows = [
            (at, peer, int(m.own), own if m.own else m.speaker, own, m.time, -1000, m.text.encode())
            for at, m in numbered
        ]
        tables[f"mr_{kind}_{md5(peer).upper()}_New"] = (columns, rows)
    return tables


@written
def qq_pc(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    tables: Tables = {}
    for chat, numbered in by_chat(messages).items():
        peer = chat.removesuffix("@chatroom")
        rows = [(m.time, int(own if m.own else m.speaker), m.text.encode()) for _, m in numbered]
        name = f"{'group' if chat != peer else 'buddy'}_{peer}"
        tables[name] = ("Time INT, SenderUin INT, MsgContent BLOB", rows)
    return tables


@written
def sms_android(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    rows = [(at, m.chat, m.time * 1000, 2 if m.own else 1, m.text) for at, m in enumerate(messages)]
    return {"sms": ("_id INTEGER PRIMARY KEY, address TEXT, date INT, type INT, body TEXT", rows)}


@written
def sms_ios(messages: list[Message], accounts: Accounts, own: str) -> Tables:
    handles = list(dict.fromkeys(m.chat for m in messages))
    rows: list[tuple[Any, ...]] = []
    for at, m in enumerate(messages, 1):
        data = m.text.encode()
        size = bytes([len(data)]) if len(data) < 128 else b"\x81" + len(data).to_bytes(2, "little")
        packed = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00"
        packed += b"\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+"
        packed += size + data + b"\x86\x84\x02iI\x01"
        texts = (m.text, None) if at % 2 else (None, packed)
        handle, time = handles.index(m.chat) + 1, (m.time - APPLE) * 10**9
        rows.append((at, texts[0], handle, time, int(m.own), texts[1]))
    columns = "ROWID INTEGER PRIMARY KEY, text, handle_id, date, is_from_me, attributedBody"
    return {
        "message": (columns, rows),
        "handle": ("ROWID INTEGER PRIMARY KEY, id TEXT", list(enumerate(handles, 1))),
        "chat": ("ROWID INTEGER PRIMARY KEY, display_name TEXT", [(9, "老友群")]),
        "chat_message_join": ("chat_id INT, message_id INT", [(9, 1)]),
    }


#: Program -> path below a folder, and maker.
PROGRAMS: Final[dict[str, tuple[str, Maker]]] = {
    "wechat_android": ("MicroMsg/0123456789abcdef0123456789abcdef/EnMicroMsg.db", wechat_android),
    "wechat_pc": ("WeChat Files/{own}/Msg/Multi/MSG0.db", wechat_pc),
    "wechat_4": ("xwechat_files/{own}_1a2b/db_storage/message/message_0.db", wechat_4),
    "wechat_ios": ("Documents/0123456789abcdef0123456789abcdef/DB/MM.sqlite", wechat_ios),
    "qq_nt": ("Tencent Files/{own}/nt_qq/nt_db/nt_msg.db", qq_nt),
    "qq_android": ("com.tencent.mobileqq/databases/{own}.db", qq_android),
    "qq_pc": ("Tencent Files/{own}/Msg3.0.db", qq_pc),
    "sms_android": ("mmssms.db", sms_android),
    "sms_ios": ("sms.db", sms_ios),
}


def make(folder: Path, program: str, messages: list[Message], accounts: Accounts, own: str) -> Path:
    """The database of a program at its usual place below ``folder``."""
    place, maker = PROGRAMS[program]
    return maker(folder / place.format(own=own), messages, accounts, own)
