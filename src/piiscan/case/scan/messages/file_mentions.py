"""What a line of a chat says of a file that was sent: its name, size, checksum.

    [文件] 名单.xlsx (1.2MB)        [文件: 名单.xlsx]        成功发送文件“名单.xlsx”
    文件名：名单.xlsx  大小：12,345 字节  MD5：…             名单.xlsx
    <appmsg …><title>名单.xlsx</title><type>6</type>…<totallen>12345</totallen>…<md5>…</md5>

A kernel says which lines may; only those are read closely.  A name in a sentence is no message.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import UInt8, UInt64
from piiscan.hashing.digest import string_buffers
from piiscan.jit import frozen, inner, kernel
from piiscan.parsing.file_names import read_size
from piiscan.sources.lined.line_markers import skip_blanks, three

#: Bits of a line: says 文件 or [file], has a name of a known kind, a title in XML, names a chat.
#: SPOKEN: says 文件 with nothing behind it that announces a name.
WORD, NAME, TITLE, PEER, SPOKEN = 1, 2, 4, 8, 16
_EXTENSIONS: Final = tuple(
    " ".join(
        (
            "xls xlsx xlsm xlsb xlt et csv tsv txt doc docx wps rtf ppt pptx dps pdf zip rar 7z",
            "tar gz tgz bz2 xz sql db sqlite sqlite3 mdb accdb dbf json jsonl xml vcf mht mhtml",
            "htm html eml msg mbox pst bak dat log dump dmp md apk exe iso img jpg jpeg png gif",
            "bmp tif tiff heic mp3 mp4 mov avi wav amr m4a silk psd parquet",
        )
    ).split()
)
#: The time in front of a message.
MOMENT: Final = (
    r"\W*[0-9]{4}\W[0-9]{1,2}\W[0-9]{1,2}\W{1,3}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?[\])】]?\s*"
)
#: Characters of a line that are looked at, and of a message of XML.
_LOOKED_AT: Final = 1000
_XML: Final = 8000


def _numbers() -> UInt64:
    """The extensions as numbers, bytes from the left."""
    told = [int.from_bytes(each.encode(), "big") for each in _EXTENSIONS]
    table = np.array(sorted(told), np.uint64)
    table.setflags(write=False)
    return table


_KNOWN: Final = _numbers()


@inner
def _extension(data: UInt8, at: int, high: int, known: UInt64) -> bool:
    """Whether a known extension stands there, and no more letters behind it."""
    number: Any = np.uint64(0)
    size = 0
    while at < high and size < 8:
        byte = data[at]
        if 65 <= byte <= 90:
            byte += 32
        if not (97 <= byte <= 122 or 48 <= byte <= 57):
            break
        number = (number << np.uint64(8)) | np.uint64(byte)
        at += 1
        size += 1
    found = False
    for k in range(len(known) if 1 <= size < 8 else 0):
        found |= known[k] == number
    return found


@inner
def _spells(data: UInt8, at: int, high: int, word: UInt8) -> bool:
    """Whether the small letters of ``word`` stand there, capital or not."""
    same = at + len(word) <= high
    for k in range(len(word) if same else 0):
        same &= data[at + k] | 32 == word[k]
    return same


@inner
def _announces(data: UInt8, at: int, high: int) -> bool:
    """Whether a name is announced behind 文件: ] : “ and the like, 名称 and blanks passed."""
    while at < high and (data[at] == 32 or three(data, at, high) in (0xE5908D, 0xE7A7B0)):  # 名 称
        at += 1 if data[at] == 32 else 3
    if at >= high:
        return False
    if data[at] < 128:
        return data[at] in (93, 41, 62, 58, 34)  # ] ) > : "
    mark = three(data, at, high)  # 】 ） ： “ 「 『 《
    return mark in (0xE38091, 0xEFBC89, 0xEFBC9A, 0xE2809C, 0xE3808C, 0xE3808E, 0xE3808A)


@kernel
def _tell(offsets: Any, data: UInt8, known: UInt64, file: UInt8, title: UInt8, out: UInt8) -> None:
    for i in range(len(out)):
        low, high = offsets[i], offsets[i + 1]
        out[i] = 0
        begin = three(data, skip_blanks(data, low, high), high)
        # 消 聊 会 群 对
        if begin in (0xE6B688, 0xE8818A, 0xE4BC9A, 0xE7BEA4, 0xE5AFB9):
            out[i] |= 8
        for at in range(low, high):
            byte = data[at]
            if byte == 46:
                if out[i] & 2 == 0 and _extension(data, at + 1, high, known):
                    out[i] |= 2
            elif byte == 0xE4 or byte == 0xE6:
                mark = three(data, at, high)
                if (mark == 0xE4BBB6 or mark == 0xE6A1A3) and at - 3 >= low:  # 件 档
                    ahead = three(data, at - 3, high)
                    if ahead == 0xE69687 or ahead == 0xE99984:  # 文 附
                        out[i] |= 1 if _announces(data, at + 3, high) else 16
            elif byte == 91 or byte == 40:
                if _spells(data, at + 1, high, file):
                    out[i] |= 1
            elif (byte == 60 or byte == 59) and _spells(data, at + 1, high, title):
                out[i] |= 4


_FILE: Final = frozen(np.frombuffer(b"file", np.uint8))
_TITLE: Final = frozen(np.frombuffer(b"title", np.uint8))


def tell_marks(texts: pa.Array) -> UInt8:
    """The bits of each text."""
    out = np.zeros(len(texts), np.uint8)
    offsets, data = string_buffers(texts)
    if len(texts):
        places = frozen(np.ascontiguousarray(offsets, np.int64))
        _tell(places, frozen(data), _KNOWN, _FILE, _TITLE, out)
    return out


@dataclass(frozen=True, slots=True)
class Mark:
    """A file as a message tells it; ``end``: where its name ends, -1 if all was read already."""

    name: str
    end: int = -1
    size: tuple[int, int] | None = None
    checksum: str | None = None


_NOUN: Final = r"(?:离线|在线|群|聊天)?(?:文件|附件|文档)"
_TAIL: Final = r"(?=$|[\s\"“”」』》）)\]】(（,，;；、。!！]|大小|md5)"
_WITH_BLANKS: Final = rf"(?P<name>[^\s\"“”<>|:：][^\"“”<>|:：]{{0,250}}?\.[a-z0-9]{{1,8}}){_TAIL}"
_WITHOUT: Final = rf"(?P<name>[^\s\"“”<>|:：]{{1,250}}?\.[a-z0-9]{{1,8}}){_TAIL}"
_VERB: Final = "(?:发送|上传|分享|转发|传输|传送|接收|收到|发来|发出)"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"[\[【(（<](?:{_NOUN}|file|document)[\]】)）>]\s*[:：]?\s*[\"“「『《]?{_WITH_BLANKS}",
        rf"[\[【(（](?:{_NOUN}|file|document)\s*[:：]?\s*(?P<name>[^\]】:：\"“”<>|]{{1,250}})[\]】)）]",
        rf"{_NOUN}\s*[:：]?\s*[\"“「『《](?P<name>[^\"“”」』》<>|]{{1,250}})[\"”」』》]",
        rf"{_VERB}(?:了|的)?{_NOUN}\s*[:：]?\s*{_WITHOUT}",
        rf"(?:{_NOUN}(?:名称?)?|file ?name|file)\s*[:：]\s*[\"“「『《]?{_WITH_BLANKS}",
    )
)
_NOT_SENT: Final = re.compile("取消|拒绝|失败")
_BARE: Final = re.compile(
    rf"(?P<name>[^\s\"“”<>|:：?？*。，！][^\"“”<>|:：?？*。，！\t]{{0,120}}"
    rf"\.(?:{'|'.join(_EXTENSIONS)}))\s*(?:[(（\[](?P<size>[^)）\]]{{1,20}})[)）\]])?\s*",
    re.IGNORECASE,
)
#: What stands in front of the words of a message that is one line.
_AHEAD: Final = re.compile(rf"{MOMENT}[^:：]{{0,60}}[:：]\s*")
_SIZE: Final = re.compile(
    r"(?:大小|size|长度)?\s*[:：]?\s*(?<![0-9.,])(?P<size>[0-9][0-9.,]{0,18}\s?"
    r"(?:字节|bytes?|[kmgt]i?b|[kmg]|b))(?![a-z0-9])",
    re.IGNORECASE,
)
_SUM: Final = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])")


def read_mark(text: str, bits: int) -> Mark | None:
    """The file that a line or cell tells of; None if it tells of none."""
    looked = text[:_LOOKED_AT]
    if bits & (WORD | SPOKEN) and not _NOT_SENT.search(looked):
        for form in _FORMS:
            found = form.search(looked)
            if found is not None:
                return Mark(found["name"].strip(), found.end())
    if bits & NAME:
        ahead = _AHEAD.match(looked)
        found = _BARE.fullmatch(looked[ahead.end() :] if ahead else looked.strip())
        if found is not None:
            return Mark(found["name"], len(text), read_size(found["size"] or ""))
    return None


def read_more(mark: Mark, rest: str) -> Mark:
    """The mark with the size and checksum that stand behind the name."""
    looked = rest[:_LOOKED_AT]
    sum_, size = _SUM.search(looked.lower()), mark.size
    if size is None and (found := _SIZE.search(looked)) is not None:
        size = read_size(found["size"])
    return Mark(mark.name, -1, size, sum_[0] if sum_ else None)


def read_xml(text: str) -> Mark | None:
    """The file of a message as WeChat keeps it; None for links and other cards."""
    plain = text[:_XML]
    if "&lt;" in plain:
        plain = html.unescape(plain)
    name = _element(plain, "title")
    if not name or not ("<type>6</type>" in plain or _element(plain, "fileext")):
        return None
    told = _element(plain, "md5") or ""
    sum_ = _SUM.fullmatch(told.lower())
    return Mark(
        html.unescape(name)[:_LOOKED_AT],
        -1,
        read_size(_element(plain, "totallen") or ""),
        sum_[0] if sum_ else None,
    )


def _element(text: str, name: str) -> str | None:
    """The text of the first element of a name."""
    at = text.find(f"<{name}>")
    end = text.find(f"</{name}>", at)
    if at < 0 or end < 0:
        return None
    inner = text[at + len(name) + 2 : end].strip()
    return inner.removeprefix("<![CDATA[").removesuffix("]]>").strip()
