"""Surface forms: the ways in which dumps write one value, and what must not be taken for one.

A form takes a value as it is written alone and gives a text in which the same value stands: what
cells, exports, code and running text put around it, and what typing, copying and scanning
change within it (domain rules A.0).  A twin gives a text in which the characters of the value
stand inside something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Form = Callable[[str], str]

_WIDE: Final = {point: point + 0xFEE0 for point in range(0x21, 0x7F)} | {0x20: 0x3000}
_WIDE_DIGITS: Final = {point: point + 0xFEE0 for point in range(0x30, 0x3A)}
_MATHEMATICAL: Final = {0x30 + digit: 0x1D7CE + digit for digit in range(10)}
_RADICALS: Final = {ord("贝"): "⾙", ord("青"): "⾭", ord("黑"): "⿊"}


def between(text: str, mark: str) -> str:
    """``text`` with ``mark`` between all its characters.

    >>> between('123', '-')
    '1-2-3'
    """
    return mark.join(text)


def halved(text: str, mark: str) -> str:
    """``text`` with ``mark`` in its middle.

    >>> halved('1234', ' ')
    '12 34'
    """
    return text[: len(text) // 2] + mark + text[len(text) // 2 :]


def frame(before: str, after: str = "") -> Form:
    """The form that puts ``before`` and ``after`` around a value.

    >>> frame('="', '"')('1')
    '="1"'
    """
    return lambda text: before + text + after


#: What stands around a value that is a whole cell or the whole of something quoted.
QUOTED: Final[dict[str, Form]] = {
    "plain": frame(""),
    "formula": frame('="', '"'),
    "formula of CSV": frame('"=""', '"""'),
    "apostrophe": frame("'"),
    "curly apostrophe": frame("‘"),
    "backtick": frame("`", "`"),
    "quotes": frame('"', '"'),
    "curly quotes": frame("“", "”"),
    "single quotes": frame("'", "'"),
    "corner brackets": frame("「", "」"),
    "blanks": frame("  ", " "),
    "tabs": frame("\t", "\t"),
    "NBSP": frame("\u00a0", "\u00a0"),
    "ideographic blanks": frame("\u3000", "\u3000"),
    "thin blanks": frame("\u2009", "\u202f"),
    "BOM": frame("\ufeff"),
    "zero width": frame("\u200b", "\u200d"),
    "directions": frame("\u202d", "\u202c"),
    "isolates": frame("\u2068", "\u2069"),
    "line ends": frame("\r\n", "\n"),
    "line end in quotes": frame('"', '\n"'),
    "line separator": frame("\u2028", "\u2029"),
    "NUL": frame("\0", "\0"),
    "brackets": frame("(", ")"),
    "full-width brackets": frame("（", "）"),
    "square": frame("[", "]"),
    "lenticular": frame("【", "】"),
    "angles": frame("<", ">"),
    "titles": frame("《", "》"),
    "braces": frame("{", "}"),
    "comma": frame("", ","),
    "full-width comma": frame("，", "，"),
    "full stop": frame("", "。"),
    "semicolon": frame("", "；"),
    "enumeration": frame("、", "、"),
    "slash": frame("/", "/"),
}

#: What stands around a value in files of any kind and in running text.
AROUND: Final[dict[str, Form]] = {
    "Hanzi": frame("数据", "如下"),
    "Hanzi ahead": frame("甲"),
    "Hanzi behind": frame("", "乙"),
    "tab separated": frame("x1\t", "\ty"),
    "pipes": frame("甲|", "|乙"),
    "four hyphens": frame("甲----", "----乙"),
    "colons": frame("甲::", "::乙"),
    "semicolons": frame("甲;", ";乙"),
    "commas": frame("1,甲,", ",乙,2"),
    "two blanks": frame("甲  ", "  乙"),
    "JSON": frame('{"k":"', '"}'),
    "JSON in JSON": frame('{\\"k\\":\\"', '\\"}'),
    "JSON list": frame("[1,'", "',null]"),
    "HTML": frame("<td>", "</td>"),
    "HTML attribute": frame("<a title='", "'>"),
    "HTML blanks": frame("<td>&nbsp;", "&nbsp;</td>"),
    "HTML quotes": frame("&quot;", "&quot;"),
    "XML": frame("<k><![CDATA[", "]]></k>"),
    "URL": frame("?k=", "&x=1"),
    "SQL": frame("VALUES (1,'", "',NULL)"),
    "SQL national": frame("VALUES (1,N'", "',NULL)"),
    "assignment": frame("k=", ";"),
    "Python": frame("u'", "', "),
    "Markdown": frame("| **", "** |"),
    "log": frame("k: ", ", x: 1"),
}

#: What changes within a value.
WITHIN: Final[dict[str, Form]] = {
    "full width": lambda text: text.translate(_WIDE),
    "full-width digits": lambda text: text.translate(_WIDE_DIGITS),
    "mathematical digits": lambda text: text.translate(_MATHEMATICAL),
    "radicals": lambda text: text.translate(_RADICALS),
    "zero width inside": lambda text: halved(text, "\u200b"),
    "zero width everywhere": lambda text: between(text, "\u200b"),
    "soft hyphen": lambda text: halved(text, "\u00ad"),
    "word joiner": lambda text: halved(text, "\u2060"),
    "BOM inside": lambda text: halved(text, "\ufeff"),
    "direction inside": lambda text: halved(text, "\u200e"),
    "isolate inside": lambda text: halved(text, "\u2066"),
    "variation selector": lambda text: halved(text, "\ufe0f"),
    "unusual hyphens": lambda text: text.replace("-", "\u2011"),
    "minus signs": lambda text: text.replace("-", "\u2212"),
    "NBSP for blanks": lambda text: text.replace(" ", "\u00a0"),
}

#: What stands between a label and its value.
GAPS: Final = (
    ":", "：", ": ", "： ", " : ", " ： ", "", " ", "\u00a0", "\u3000", "\t", "=", " = ", "：\n",
    "\n", "\r\n", "是", "为", "号码", "号码为", "-", "－", "→", "——", "，", ", ", "#", "﹕", "∶",
    "】", "】：", "]:", ")", "）：",
    '":"', '": "', "':'", "=>", " => ", "='", '="', "</th><td>", "：【",
    "（", "(", "[", "：“", "\u200b:\u200b", "\ufeff：", "|", ";", "；",
)  # fmt: skip

#: Longer things that the characters of a value may stand inside: there it is nothing.
TWINS: Final[dict[str, Form]] = {
    "digit ahead": frame("9"),
    "digit behind": frame("", "7"),
    "zero width digit": frame("", "\u200b7"),
    "full-width digit": frame("", "７"),
    "day ahead": frame("20230712"),
    "time ahead": frame("20230712153000"),
    "letters on both sides": frame("a", "b"),
    "hexadecimal run": frame("9b2e4f5a", "c7d8e9f0a1b2c3d4e5f6"),
    "upper hexadecimal run": frame("9B2E4F5A", "C7D8E9F0A1B2C3D4E5F6"),
    "hexadecimal number": frame("0x", "ab"),
    "base64": frame("c2Fk", "ZkdGb2x1bW5zLmFzZGZhc2Rm4aSd8f7Gh2Q=="),
    "URL token": frame("eyJhbGciOiJIUzI1NiJ9_", "-x8Kd02nfQ7bZpWm4LrT9vYc"),
    "decimal places": frame("", ".52"),
    "decimal ahead": frame("x=0."),
    "yuan sign": frame("¥"),
    "full-width yuan sign": frame("￥ "),
    "dollar sign": frame("$"),
    "dollar of": frame("US$"),
    "euro sign": frame("€"),
    "pound sign": frame("£"),
    "yuan": frame("", "元"),
    "yuan behind a blank": frame("", " 元"),
    "ten thousand yuan": frame("", "万元"),
    "US dollars": frame("", "美元"),
    "cents": frame("", ".00元"),
    "RMB": frame("RMB"),
    "RMB behind": frame("", "RMB"),
    "CNY": frame("CNY "),
    "USD": frame("", " USD"),
    "percent": frame("", "%"),
    "full-width percent": frame("", "％"),
    "per mille": frame("", "‰"),
    "kilogram": frame("", "kg"),
    "millisecond": frame("", "ms"),
    "bytes": frame("", " bytes"),
    "megabyte": frame("", "MB"),
    "degrees": frame("", "℃"),
    "version": frame("v1.2."),
    "version of four": frame("1.2.3."),
    "version behind": frame("", ".1.2"),
    "exponent": frame("", "e5"),
    "exponent with sign": frame("", "E+5"),
    "page": frame("/item/", ".html"),
    "fraction of a second": frame("2023-07-12 15:30:00."),
}
