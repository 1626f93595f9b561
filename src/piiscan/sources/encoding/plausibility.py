"""Plausibility: how likely characters are in Chinese text, to choose between encodings."""

from __future__ import annotations

from functools import cache
from typing import Final

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


@cache
def _common_characters() -> frozenset[str]:
    """Return the 3,755 level-1 characters of GB 2312 and 5,401 frequent characters of Big5."""
    gb = bytes(
        x for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for x in (lead, trail)
    )
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = bytes(x for lead in range(0xA4, 0xC7) for trail in trails for x in (lead, trail))
    return frozenset(gb.decode("gb2312", "ignore")) | frozenset(big5.decode("big5", "ignore"))


def character_weight(char: str) -> float:
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
    return sum(map(character_weight, chars)) / len(chars) if chars else 0.0


def decodes(data: bytes, codec: str) -> bool:
    """Return True if ``codec`` decodes all of ``data`` without an error."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def is_mostly_text(data: bytes) -> bool:
    """Return True if more than half of ``data``'s bytes are in lines of text."""
    return 2 * sum(len(line) for line in data.split(b"\n") if is_good_text(line)) > len(data)


def is_good_text(data: bytes) -> bool:
    """Return True if ``data`` is ASCII, UTF-8 or plausible GBK."""
    if not data or decodes(data, "utf-8"):
        return bool(data)
    return decodes(data, "gb18030") and plausibility(data[:4096].decode("gb18030", "ignore")) > 0
