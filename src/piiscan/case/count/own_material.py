"""Own material: contacts, calls and short messages of the device's holder, by names of tables.

``手机报告.xlsx#通讯录`` beside a sheet with 本机号码; ``contacts2.db``. It is proposed, and counts
for nothing until a person confirms it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

#: Names of contacts, calls and short messages; headers that only calls and short messages have.
_NAMES: Final = re.compile(
    "(?i)通讯录|通信录|联系人|电话[本簿]|好友|短信|彩信|通话|呼叫|来电|contact|phone_?book|address_?book"
    "|(?<![a-z])(?:sms|mms|calls?|call_?log|call_?history|name2id)(?![a-z])"
)
_HEADERS: Final = re.compile("(?i)短信|彩信|通话(?:类型|时长|时间)|呼叫类型|call_?duration")
#: Databases of telephones, which are the holder's own, and of chat programs, whose contacts are.
_TELEPHONE: Final = re.compile(
    r"(?i)(?:^|[/\\!])(?:mmssms|sms|calllog|contacts2?|callhistory|addressbook)\.(?:\w*db|sqlite\w*|storedata)$"
)
_CHATS: Final = re.compile(r"(?i)(?:x?wechat.?files|tencent.?files|com\.tencent\.\w+)[/\\].*\.db$")
#: Roles of columns in such tables; one of another role is of somebody else's contacts.
_ROLES: Final = {None, "own", "speaker", "listener", "contact", "contact_person", "person"}
#: Most files of one folder that are the calls or messages of one telephone.
_MOST_FILES: Final = 3
#: Folder and name of a file; names of sheets that say nothing.
_FOLDER: Final = re.compile(r"((?:.*[/\\!])?)(.*)", re.DOTALL)
_SHEET: Final = re.compile("(?i)(?:sheet ?[0-9]*|工作表[0-9]*|table[0-9]*|)")


@lru_cache(maxsize=4096)
def read_columns(text: str) -> Sequence[Mapping[str, Any]]:
    """Return the columns of a part, which PARTS has as JSON; many parts have the same."""
    columns: Sequence[Mapping[str, Any]] = json.loads(text)
    return columns


def find_own_parts(
    part_rows: Sequence[Mapping[str, Any]], paths: Mapping[int, str]
) -> set[tuple[int, str]]:
    """Return source and member of the parts that are the holder's own contacts, calls or messages.

    Such a part is in a telephone's database, or a column of its file or folder names the holder
    (本机号码, 本机信息). ``part_rows``: rows of PARTS. ``paths``: path of each source.
    """
    own, homes, files = set[tuple[int, str]](), set[str](), defaultdict[str, set[str]](set)
    proposed: list[tuple[str, str, tuple[int, str]]] = []
    for part in part_rows:
        key = part["source"], part["member"]
        inside, _, table = key[1].partition("#")
        file = paths[key[0]] + f"!{inside}" * bool(inside)
        ((folder, name),) = _FOLDER.findall(file)[:1]
        columns = read_columns(part["columns"])
        roles = {column["role"] for column in columns}
        headers = "".join(f" {column['header']}" for column in columns)
        told = _NAMES.search(name if _SHEET.fullmatch(table) else table) or _HEADERS.search(headers)
        if "own" in roles:
            homes |= {file, folder}
            files[folder] |= {file} if told else set()
        if _TELEPHONE.search(file) or (told and _CHATS.search(file)):
            own.add(key)
        elif told and roles <= _ROLES:
            proposed.append((file, folder, key))
    return own | {
        key
        for file, folder, key in proposed
        if {file, folder} & homes and len(files[folder]) <= _MOST_FILES
    }
