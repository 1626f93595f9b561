"""Own material: contacts, calls and short messages of the device's holder, by names of tables.

``手机报告.xlsx#通讯录`` beside a sheet with 本机号码; ``contacts2.db``. It is proposed, and counts
for nothing until a person confirms it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

#: Names of contacts, calls and short messages; headers that only calls and short messages have.
_NAMES: Final = re.compile(
    r"通讯录|通信录|联系人|电话[本簿]|好友|短信|彩信|通话|呼叫|来电|contact|phone_?book|address_?book"
    r"|(?<![a-z])(?:sms|mms|calls?|call_?log|call_?history|zcallrecord|abperson|abmultivalue|name2id)(?![a-z])",
    re.IGNORECASE,
)
_HEADERS: Final = re.compile(
    "短信|彩信|通话(?:类型|时长|时间)|呼叫类型|call_?duration", re.IGNORECASE
)
#: Databases of telephones and of chat programs, which have the holder's own.
_DATABASES: Final = re.compile(
    r"(?:^|[/\\!])(?:(?:mmssms|sms|calllog|contacts2?|callhistory|addressbook)"
    r"|(?:x?wechat[ _]files|tencent files|com\.tencent\.\w+)[/\\].*)\.(?:db|sqlite\w*|storedata)$",
    re.IGNORECASE,
)
#: Roles of columns in such tables; one of another role is of somebody else's contacts.
_ROLES: Final = {None, "own", "speaker", "listener", "contact", "contact_person", "person"}
#: Most files of one folder that are the calls or messages of one telephone.
_MOST_FILES: Final = 3
#: Folder and name of a file; names of sheets that say nothing.
_FOLDER: Final = re.compile(r"((?:.*[/\\!])?)(.*)", re.DOTALL)
_SHEET: Final = re.compile("(?:sheet ?[0-9]*|工作表[0-9]*|table[0-9]*|)", re.IGNORECASE)


def find_own_parts(
    part_rows: Sequence[Mapping[str, Any]], paths: Mapping[int, str]
) -> set[tuple[int, str]]:
    """Return source and member of the parts that are the holder's own contacts, calls or messages.

    Such a part is in a telephone's database, or a column of its file or folder names the holder
    (本机号码, 本机信息).

    Args:
        part_rows: rows of PARTS.
        paths: path of each source.
    """
    homes, files = set[str](), defaultdict[str, set[str]](set)
    candidates: list[tuple[str, str, tuple[int, str], bool]] = []
    for part in part_rows:
        inside, _, table = part["member"].partition("#")
        file = paths[part["source"]] + f"!{inside}" * bool(inside)
        folder, name = _FOLDER.findall(file)[0]
        columns = json.loads(part["columns"])
        roles = {column["role"] for column in columns}
        headers = "".join(f" {column['header']}" for column in columns)
        named = _NAMES.search(name if _SHEET.fullmatch(table) else table) or _HEADERS.search(
            headers
        )
        if "own" in roles:
            homes |= {file, folder}
        stored = _DATABASES.search(file) is not None
        if named and (stored or roles <= _ROLES):
            key = part["source"], part["member"]
            candidates.append((file, folder, key, stored))
            if "own" in roles:
                files[folder].add(file)
    return {
        key
        for file, folder, key, stored in candidates
        if stored or (not {file, folder}.isdisjoint(homes) and len(files[folder]) <= _MOST_FILES)
    }
