"""File mentions: name, size and checksum of a file that a chat message reports as sent.

    [文件] 名单.xlsx (1.2MB)        [文件: 名单.xlsx]        成功发送文件“名单.xlsx”
    文件名：名单.xlsx  大小：12,345 字节  MD5：…             名单.xlsx
    <appmsg …><title>名单.xlsx</title><type>6</type>…<totallen>12345</totallen>…<md5>…</md5>

A kernel selects candidate lines; only those are parsed.  A name inside a sentence is no mention.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.arrays import Int64, UInt8
from piiscan.arrow_strings import string_buffers
from piiscan.case.scan import scan_kernels
from piiscan.parsing.file_names import parse_size

#: Flags of a line.  WORD: contains 文件 or [file]; NAME: a file name with a known extension;
#: TITLE: an XML title; PEER: names a chat partner; SPOKEN: 文件 without a sign before a name.
WORD, NAME, TITLE, PEER, SPOKEN = 1, 2, 4, 8, 16
_EXTENSIONS: Final = tuple(
    " ".join(
        (
            "xls xlsx xlsm xlsb xlt et csv tsv txt doc docx wps rtf ppt pptx dps pdf zip rar 7z",
            "tar gz tgz bz2 xz sql db sqlite sqlite3 mdb accdb dbf json jsonl xml vcf mht mhtml",
            "htm html eml msg mbox pst bak dat log dump dmp md apk exe iso img jpg jpeg png gif",
            "bmp tif tiff heic mp3 mp4 mov avi wav amr m4a silk psd parquet feather rdb aof",
        )
    ).split()
)
#: Time before a message.
MESSAGE_TIME: Final = (
    r"\W*[0-9]{4}\W[0-9]{1,2}\W[0-9]{1,2}\W{1,3}[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?[\])】]?\s*"
)
#: Most characters of a line that are read, and of an XML message.
_MAX_LINE: Final = 1000
_MAX_XML: Final = 8000


#: Known file extensions as sorted numbers, their bytes from the left.
_EXTENSION_NUMBERS: Final = np.array(
    sorted(int.from_bytes(each.encode(), "big") for each in _EXTENSIONS), np.uint64
)


def flag_lines(texts: pa.Array) -> UInt8:
    """Return the flag bits of each text (``uint8[n]``): WORD, NAME, TITLE, PEER, SPOKEN."""
    out = np.zeros(len(texts), np.uint8)
    offsets, data = string_buffers(texts)
    if len(texts):
        starts = np.ascontiguousarray(offsets, np.int64)
        scan_kernels.flag_lines(starts, data, _EXTENSION_NUMBERS, out)
    return out


@dataclass(frozen=True, slots=True)
class FileMention:
    """File that a message mentions. ``name_end``: end of its name in the line, -1 if done.

    ``size``: least and most bytes that the written size can mean.
    """

    name: str
    name_end: int = -1
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
_BARE_NAME: Final = re.compile(
    rf"(?P<name>[^\s\"“”<>|:：?？*。，！][^\"“”<>|:：?？*。，！\t]{{0,120}}"
    rf"\.(?:{'|'.join(_EXTENSIONS)}))\s*(?:[(（\[](?P<size>[^)）\]]{{1,20}})[)）\]])?\s*",
    re.IGNORECASE,
)
#: Sentence that only says that a file was sent: 发你了 客户.xlsx.
_SENT_NAME: Final = re.compile(
    r"(?:.{0,6}[，, ])?(?:已经?|刚刚?|都|再)?(?:给你|给您)?(?:发|传)(?:给)?(?:你|您|过去|过来)?"
    r"(?:了|啦|过去了|过来了)?"
    rf"[\s:：，,]+(?P<name>[^\s\"“”<>|:：?？*。，！][^\"“”<>|:：?？*。，！\t]{{0,120}}"
    rf"\.(?:{'|'.join(_EXTENSIONS)}))\s*(?:[(（\[](?P<size>[^)）\]]{{1,20}})[)）\]])?\s*",
    re.IGNORECASE,
)
#: Head of a one-line message: time and sender.
_MESSAGE_HEAD: Final = re.compile(rf"{MESSAGE_TIME}[^:：]{{0,60}}[:：]\s*")
_SIZE: Final = re.compile(
    r"(?:大小|size|长度)?\s*[:：]?\s*(?<![0-9.,])(?P<size>[0-9][0-9.,]{0,18}\s?"
    r"(?:字节|bytes?|[kmgt]i?b|[kmg]|b))(?![a-z0-9])",
    re.IGNORECASE,
)
_CHECKSUM: Final = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])"
)


def read_mention(text: str, flags: int) -> FileMention | None:
    """Return the file that a line or cell mentions; None if it mentions none."""
    start = text[:_MAX_LINE]
    if flags & (WORD | SPOKEN) and not _NOT_SENT.search(start):
        for form in _FORMS:
            found = form.search(start)
            if found is not None:
                return FileMention(found["name"].strip(), found.end())
    if flags & NAME:
        head = _MESSAGE_HEAD.match(start)
        said = start[head.end() :] if head else start.strip()
        found = _SENT_NAME.fullmatch(said) or _BARE_NAME.fullmatch(said)
        if found is not None:
            return FileMention(found["name"], len(text), parse_size(found["size"] or ""))
    return None


def message_text(text: str) -> str:
    """Return the first 1,000 characters of a chat line, without the head (time, sender).

    >>> message_text("2023-05-01 10:00:00 小芳: 发你了"), message_text("4元一条")
    ('发你了', '4元一条')
    """
    start = text[:_MAX_LINE]
    head = _MESSAGE_HEAD.match(start)
    return start[head.end() :] if head else start


def read_details(mention: FileMention, rest: str) -> FileMention:
    """Return the mention completed with size and checksum from ``rest``, after its name.

    ``rest``: that text.
    """
    start = rest[:_MAX_LINE]
    sum_, size = _CHECKSUM.search(start.lower()), mention.size
    if size is None and (found := _SIZE.search(start)) is not None:
        size = parse_size(found["size"])
    return FileMention(mention.name, -1, size, sum_[0] if sum_ else None)


def read_xml_mention(text: str) -> FileMention | None:
    """Return the file in WeChat's XML of a message; None for links and other cards."""
    xml = text[:_MAX_XML]
    if "&lt;" in xml:
        xml = html.unescape(xml)
    name = _element_text(xml, "title")
    if not name or not ("<type>6</type>" in xml or _element_text(xml, "fileext")):
        return None
    md5 = _element_text(xml, "md5") or ""
    sum_ = _CHECKSUM.fullmatch(md5.lower())
    return FileMention(
        html.unescape(name)[:_MAX_LINE],
        -1,
        parse_size(_element_text(xml, "totallen") or ""),
        sum_[0] if sum_ else None,
    )


def _element_text(text: str, name: str) -> str | None:
    """Return the text of the first XML element ``name``; None if absent."""
    at = text.find(f"<{name}>")
    end = text.find(f"</{name}>", at)
    if at < 0 or end < 0:
        return None
    inner = text[at + len(name) + 2 : end].strip()
    return inner.removeprefix("<![CDATA[").removesuffix("]]>").strip()


#: Lines after a name that are searched for size and checksum, and lines of an XML message.
_MAX_DETAIL_LINES: Final = 6
_XML_LINES: Final = 60
#: If more than one in this number of a block's lines is wanted, all are converted at once.
_CONVERT_ALL: Final = 20


def find_mentions(
    texts: pa.Array, heads: Int64, flags: Any, lines: Int64, ends: Mapping[int, int]
) -> list[tuple[int, FileMention]]:
    """Return (line index, file mention) for each of ``lines`` that mentions a file.

    Args:
        texts: all lines of the block.
        heads: line on which the message of each line begins.
        flags: flags of each line, from ``flag_lines``.
        lines: lines to read.
        ends: line -> end of the head of a message in it.
    """
    found: list[tuple[int, FileMention]] = []
    reader = _LineReader(texts, lines)
    head_of_line = heads.tolist()
    done = -1  # last line already read: an XML message has one file
    following = [*lines.tolist(), len(texts)][1:]
    for at, next_line in zip(lines.tolist(), following, strict=True):
        if at <= done:
            continue
        if flags[at] & TITLE:
            low, end = _message_lines(head_of_line, at)
            mention = read_xml_mention("\n".join(reader.lines(low, end)))
            done = at if mention is None else end - 1
        else:
            text = reader.lines(at, at + 1)[0][ends.get(at, 0) :]
            mention = read_mention(text, int(flags[at]))
            if mention is not None:
                end = at + 1
                while (
                    end < min(next_line, at + 1 + _MAX_DETAIL_LINES)
                    and head_of_line[end] == head_of_line[at]
                ):
                    end += 1
                more = "\n".join([text[mention.name_end :], *reader.lines(at + 1, end)])
                mention = read_details(mention, more)
        if mention is not None:
            found.append((at, mention))
    return found


def _message_lines(head_of_line: list[int], at: int) -> tuple[int, int]:
    """Return [start, end) of the lines of the message around line ``at``, at most _XML_LINES."""
    low, end = at, at + 1
    while low > max(0, at - _XML_LINES) and head_of_line[low - 1] == head_of_line[at]:
        low -= 1
    while end < min(len(head_of_line), at + _XML_LINES) and head_of_line[end] == head_of_line[at]:
        end += 1
    return low, end


class _LineReader:
    """Reader of a block's lines as strings; it converts all at once if many are wanted."""

    def __init__(self, texts: pa.Array, lines: Int64) -> None:
        self._texts = texts
        self._all: list[str] | None = None
        if len(lines) * _CONVERT_ALL > len(texts):
            self._all = texts.to_pylist()

    def lines(self, low: int, high: int) -> list[str]:
        """Return the lines [low, high) of the block as strings."""
        if self._all is not None:
            return self._all[low:high]
        return list(self._texts.slice(low, high - low).to_pylist()) if high > low else []
