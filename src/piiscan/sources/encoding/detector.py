"""Which encoding some bytes are in, decided by a small cascade of its own.

BOM, NUL lanes, strict UTF-8, then GB18030 against Big5 by how ordinary the characters are.
General detectors were tried and fail on what dumps are full of: short, digit-heavy GBK, and
UTF-16 without a BOM.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

#: Codec behind each name; cp950 is Big5 as Windows writes it.
CODECS: Final = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "big5": "cp950",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
#: What single lines of a file in another encoding can be in.
CODECS_BY_LINE: Final = ("utf-8", "gb18030")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_LINES_JUDGED: Final = 4000
_CHARS_JUDGED: Final = 4000

#: Characters that names, addresses, column names and everyday text are made of, both scripts.
_FREQUENT: Final = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
    "她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三"
    "已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女"
    "问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由"
    "却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路"
    "期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八"
    "特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花"
    "省区县镇乡村街号楼室栋单幢园城州姓址联身份证件码机银卡微账邮箱收寄快递订商品款额备注性别出编"
    "李刘陈杨赵黄周吴徐孙胡朱郭何罗宋郑谢韩唐冯董萧程曹袁邓傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田姜范石姚谭廖邹熊陆郝孔康邱秦江史顾侯邵孟龙段雷钱汤尹黎易武乔贺赖龚伟芳娜敏静丽强磊军洋"
    "勇艳杰娟涛超秀霞刚桂英桃婷玉萍红宇浩然欣怡梓涵轩博晨雨佳俊燕玲丹鹏辉斌梅琳素珍贞莉兰凤洁"
    "這個們來國說為時會過學對後麼沒還發開當無經頭動兩長樣現將與點種聲話兒問幾業間電門東關軍產萬體"
    "處總場師書員華報馬張難數車應許覺統題讓認論義術結連遠資隊帶區縣鎮鄉號樓單園聯證碼機銀帳郵遞"
    "珺璟岚婧焱翊骏峥荣妍婧彤瑶琪瑞睿哲铭鑫淼垚喆煜皓昊晖怿懿嘉豪凯俐莹菲薇蓉媛妮娅茜璐琦倩岩勋彪"
    "訂劉陳楊趙黃吳孫羅鄭謝韓馮蕭鄧葉閻鍾範譚鄒陸賴龔偉麗強靜豔傑濤剛紅鳳潔臺灣縣巷弄"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding's name (a key of ``CODECS``) and how many bytes of BOM stand before the text."""

    encoding: str
    bom: int = 0


@cache
def _ordinary() -> frozenset[str]:
    """The 3,755 first-level characters of GB 2312 and the 5,401 of Big5."""
    gb = bytes(
        x for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for x in (lead, trail)
    )
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = bytes(x for lead in range(0xA4, 0xC7) for trail in trails for x in (lead, trail))
    return frozenset(gb.decode("gb2312", "ignore")) | frozenset(big5.decode("big5", "ignore"))


def _weight(char: str) -> float:
    code = ord(char)
    if char in _FREQUENT:
        return 2.0
    if 0x4E00 <= code <= 0x9FFF:
        return 1.0 if char in _ordinary() else -1.0
    if code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code < 0xA0:
        return -4.0
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFFEF or 0x2010 <= code <= 0x203F:
        return 1.0
    return 0.0 if 0x3040 <= code <= 0x30FF else -1.0


def plausibility(text: str) -> float:
    """How ordinary the non-ASCII characters of ``text`` are: the mean of -4 … 2, 0 if none.

    >>> plausibility("张三") > plausibility("张三".encode("gbk").decode("cp950", "replace"))
    True
    """
    chars = [char for char in text if char > "\x7f"][:_CHARS_JUDGED]
    return sum(map(_weight, chars)) / len(chars) if chars else 0.0


def guess_encoding(head: bytes, others: Iterable[bytes] = ()) -> Guess | None:
    """The encoding of a content from its head and other looks at it; None if it is not text.

    ``others`` may begin and end in the middle of a line; only whole lines of theirs are judged.
    """
    if head.startswith(codecs.BOM_UTF32_LE):
        return None  # begins as UTF-16 does, and would be read with a NUL behind each character
    for bom, name in _BOMS:
        if head.startswith(bom):
            return Guess(name, len(bom))
    if (lanes := _nul_lanes(head)) is not None:
        return Guess(lanes)
    lines = _whole_lines(head, first=True)
    for window in others:
        lines += _whole_lines(window, first=False)
    encoding = _vote(lines[:_LINES_JUDGED])
    return Guess(encoding) if _is_text(b"\n".join(lines), encoding) else None


def _nul_lanes(head: bytes) -> str | None:
    """UTF-16 without a BOM: the byte order whose decode is clean, by NULs in its high lane.

    ASCII (digits, line ends) leaves its NULs in the high lane; text with hardly any ASCII must
    read like Chinese instead, as 一 U+4E00 leaves one in the low lane.
    """
    even = head[: len(head) // 2 * 2]
    if 0 not in even:
        return None
    found: list[tuple[float, str]] = []
    for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        text = even.decode(name, "replace")
        odd = sum(1 for c in text if c == "\ufffd" or (c < " " and c not in "\t\r\n\f\x1b"))
        share = even[high::2].count(0) / len(text)
        ordinary = plausibility(text)
        if odd * 50 <= len(text) and ordinary > -0.5 and (share > 0.2 or ordinary > 0.5):
            found.append((share + ordinary, name))
    return max(found)[1] if found else None


def _whole_lines(window: bytes, *, first: bool) -> list[bytes]:
    """Its lines but the cut ones (a head shorter than one line is kept as it is)."""
    lines = window.split(b"\n")
    if first:
        return lines[:-1] or [window[:-4] if len(window) > 1024 else window]
    return lines[1:-1]


def _vote(lines: list[bytes]) -> str:
    """The encoding most non-ASCII lines are in."""
    valid, broken, wide = 0, [], False
    for line in lines:
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
            valid += 1
            # characters of three bytes, and hardly any of two, are not there by chance
            two = sum(1 for char in text if "\x7f" < char < "\u0800")
            wide = wide or sum(1 for char in text if char >= "\u0800") > 2 * two
        except UnicodeDecodeError:
            broken.append(line)
    if wide and not broken:
        return "utf-8"
    if valid + len(broken) < 4:  # too few for a majority; 薛伟强 in GBK is also valid UTF-8
        return best_encoding(b"\n".join(line for line in lines if not line.isascii()))
    return "utf-8" if valid >= len(broken) else best_encoding(b"\n".join(broken))


def best_encoding(line: bytes) -> str:
    """Which of UTF-8, GB18030 and Big5 reads best, bytes it cannot read counted against it.

    >>> best_encoding("刘伟,13800138000".encode("gbk"))
    'gb18030'
    """
    # GB18030 is far more usual in the field than Big5, so it wins near draws
    bonus = {"utf-8": 0.5, "gb18030": 0.4, "big5": 0.0}
    scores = {
        name: plausibility(line.decode(CODECS[name], "replace")) + bonus[name] for name in bonus
    }
    return max(scores, key=lambda name: scores[name])


def _is_text(data: bytes, encoding: str) -> bool:
    """Whether the decode has few enough control characters and unreadable bytes to be text."""
    data = data[: 1 << 16]
    try:
        # U+FFFD may stand in the text itself, from an earlier hand; the end may be cut
        text = codecs.getincrementaldecoder(CODECS[encoding])().decode(data)
        unreadable = 0
    except UnicodeDecodeError:
        text = "\n".join(_read_line(line, encoding) for line in data.split(b"\n"))
        unreadable = text.count("\ufffd")
    nuls = text.count("\0")  # fields padded with NUL are still text
    odd = sum(1 for c in text if c == "\x7f" or (c < " " and c not in "\t\r\n\f\x1b")) - nuls
    return (odd + unreadable) * 10 <= len(text) - nuls and nuls * 2 <= len(text)


def _read_line(line: bytes, encoding: str) -> str:
    """One line in whichever encoding reads it, the file's own first: files are mixed by line."""
    for codec in dict.fromkeys((CODECS[encoding], *CODECS_BY_LINE)):
        try:
            return line.decode(codec)
        except UnicodeDecodeError:
            continue
    return line.decode(CODECS[encoding], "replace")


def decode_name(name: bytes, *, others: bytes = b"") -> str:
    """A file or member name as text: UTF-8, else GB18030 or Big5; what is neither as U+FFFD.

    ``others`` are further names from the same place, which help to decide.

    >>> decode_name("名单.txt".encode("gbk"))
    '名单.txt'
    """
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        codec = CODECS[best_encoding(name + b"\n" + others)]
    return name.decode(codec, "replace")
