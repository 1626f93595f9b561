"""Encoding detection for Chinese text: BOM, UTF-16 by its NULs, strict UTF-8, GB18030 or Big5.

GB18030 and Big5 are compared by the plausibility of the decoded characters.  General detectors fail
on the usual content of dumps: short, digit-heavy GBK, and UTF-16 without a BOM.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

#: Python codec of each encoding; cp950 is the Big5 of Windows.
CODECS: Final = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "big5": "cp950",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}
#: Encodings to try for single lines of a file that is in another encoding.
_LINE_ENCODINGS: Final = ("utf-8", "gb18030")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_MAX_LINES: Final = 4000
_MAX_CHARS: Final = 4000

#: Frequent characters of names, addresses, column names and everyday text, in both scripts.
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
class EncodingGuess:
    """Detected encoding (a key of ``CODECS``) and the number of bytes of BOM before the text."""

    encoding: str
    bom: int = 0


@cache
def _common_characters() -> frozenset[str]:
    """Return the 3,755 level-1 characters of GB 2312 and the 5,401 frequent ones of Big5."""
    gb = bytes(
        x for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for x in (lead, trail)
    )
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = bytes(x for lead in range(0xA4, 0xC7) for trail in trails for x in (lead, trail))
    return frozenset(gb.decode("gb2312", "ignore")) | frozenset(big5.decode("big5", "ignore"))


def _character_weight(char: str) -> float:
    """Return the plausibility of one character: 2 if frequent, -4 if it does not occur in text."""
    code = ord(char)
    if char in _FREQUENT:
        return 2.0
    if 0x4E00 <= code <= 0x9FFF:
        return 1.0 if char in _common_characters() else -1.0
    if code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code < 0xA0:
        return -4.0
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFFEF or 0x2010 <= code <= 0x203F:
        return 1.0
    return 0.0 if 0x3040 <= code <= 0x30FF else -1.0


def plausibility(text: str) -> float:
    """Return the mean plausibility (-4 to 2) of the non-ASCII characters of ``text``, 0 if none.

    >>> plausibility("张三") > plausibility("张三".encode("gbk").decode("cp950", "replace"))
    True
    """
    chars = [char for char in text if char > "\x7f"][:_MAX_CHARS]
    return sum(map(_character_weight, chars)) / len(chars) if chars else 0.0


def guess_encoding(head: bytes, others: Iterable[bytes] = ()) -> EncodingGuess | None:
    """Detect the encoding of a content from its head and other samples; return None if not text.

    ``others`` may begin and end inside a line; only their complete lines are used.
    """
    if head.startswith(codecs.BOM_UTF32_LE):
        return None  # the BOM begins like that of UTF-16, which would decode to NULs
    for bom, name in _BOMS:
        if head.startswith(bom):
            return EncodingGuess(name, len(bom))
    if (utf16 := _detect_utf16(head)) is not None:
        return EncodingGuess(utf16)
    lines = _whole_lines(head, first=True)
    for window in others:
        lines += _whole_lines(window, first=False)
    encoding = _detect_by_lines(lines[:_MAX_LINES])
    return EncodingGuess(encoding) if _is_text(b"\n".join(lines), encoding) else None


def _detect_utf16(head: bytes) -> str | None:
    """Detect UTF-16 without a BOM: return the byte order with a clean decoding, else None.

    ASCII characters (digits, line ends) have a NUL as their high byte.  Text with hardly any ASCII
    must be plausible Chinese instead, as 一 (U+4E00) has a NUL as its low byte.
    """
    even = head[: len(head) // 2 * 2]
    if 0 not in even:
        return None
    found: list[tuple[float, str]] = []
    for name, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        text = even.decode(name, "replace")
        control_characters = sum(
            1 for c in text if c == "\ufffd" or (c < " " and c not in "\t\r\n\f\x1b")
        )
        nul_share = even[high::2].count(0) / len(text)
        quality = plausibility(text)
        if (
            control_characters * 50 <= len(text)
            and quality > -0.5
            and (nul_share > 0.2 or quality > 0.5)
        ):
            found.append((nul_share + quality, name))
    return max(found)[1] if found else None


def _whole_lines(window: bytes, *, first: bool) -> list[bytes]:
    """Return the complete lines of a sample window; the whole head if it has no line end."""
    lines = window.split(b"\n")
    if first:
        return lines[:-1] or [window[:-4] if len(window) > 1024 else window]
    return lines[1:-1]


def _detect_by_lines(lines: list[bytes]) -> str:
    """Return the encoding of the majority of the non-ASCII lines."""
    valid, invalid, three_byte = 0, [], False
    for line in lines:
        if line.isascii():
            continue
        try:
            text = line.decode("utf-8")
            valid += 1
            # UTF-8 with many three-byte characters and hardly any two-byte ones is no coincidence
            two_byte = sum(1 for char in text if "\x7f" < char < "\u0800")
            three_byte = three_byte or sum(1 for char in text if char >= "\u0800") > 2 * two_byte
        except UnicodeDecodeError:
            invalid.append(line)
    if three_byte and not invalid:
        return "utf-8"
    if valid + len(invalid) < 4:  # too few for a majority; 薛伟强 in GBK is also valid UTF-8
        return best_encoding(b"\n".join(line for line in lines if not line.isascii()))
    return "utf-8" if valid >= len(invalid) else best_encoding(b"\n".join(invalid))


def best_encoding(line: bytes) -> str:
    """Return the most plausible of utf-8, gb18030 and big5; undecodable bytes lower the score.

    >>> best_encoding("刘伟,13800138000".encode("gbk"))
    'gb18030'
    """
    # GB18030 is far more common than Big5, so it wins if both score nearly the same
    bonus = {"utf-8": 0.5, "gb18030": 0.4, "big5": 0.0}
    scores = {
        name: plausibility(line.decode(CODECS[name], "replace")) + bonus[name] for name in bonus
    }
    return max(scores, key=lambda name: scores[name])


def _is_text(data: bytes, encoding: str) -> bool:
    """Return True if the decoding has few enough control characters and undecodable bytes."""
    data = data[: 1 << 16]
    try:
        # U+FFFD may be part of the text, from an earlier conversion; the end may be cut off
        text = codecs.getincrementaldecoder(CODECS[encoding])().decode(data)
        unreadable = 0
    except UnicodeDecodeError:
        text = "\n".join(_decode_line(line, encoding) for line in data.split(b"\n"))
        unreadable = text.count("\ufffd")
    nuls = text.count("\0")  # fields padded with NUL are still text
    control_characters = (
        sum(1 for c in text if c == "\x7f" or (c < " " and c not in "\t\r\n\f\x1b")) - nuls
    )
    return (control_characters + unreadable) * 10 <= len(text) - nuls and nuls * 2 <= len(text)


def _decode_line(line: bytes, encoding: str) -> str:
    """Decode one line in the first encoding that fits, ``encoding`` first."""
    for codec in dict.fromkeys((CODECS[encoding], *_LINE_ENCODINGS)):
        try:
            return line.decode(codec)
        except UnicodeDecodeError:
            continue
    return line.decode(CODECS[encoding], "replace")


def decode_name(name: bytes, *, others: bytes = b"") -> str:
    """Decode a file name as UTF-8, else GB18030 or Big5; undecodable bytes become U+FFFD.

    ``others`` are further names from the same folder or archive, to decide the encoding by.

    >>> decode_name("名单.txt".encode("gbk"))
    '名单.txt'
    """
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        codec = CODECS[best_encoding(name + b"\n" + others)]
    return name.decode(codec, "replace")
