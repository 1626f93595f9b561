"""Surface forms: the forms in which dumps write one value, and texts that only look like it.

A form takes a plain value and returns a text with the same value. Forms cover the surroundings in
cells, exports, code and running text, and the changes by typing, copying and scanning. A longer
token is a text in which the characters of the value are part of something else.
"""

from collections.abc import Callable
from typing import Final

Form = Callable[[str], str]

_WIDE: Final = {point: point + 0xFEE0 for point in range(0x21, 0x7F)} | {0x20: 0x3000}
_WIDE_DIGITS: Final = {point: point + 0xFEE0 for point in range(0x30, 0x3A)}
_MATHEMATICAL: Final = {0x30 + digit: 0x1D7CE + digit for digit in range(10)}
_RADICALS: Final = {ord("贝"): "⾙", ord("青"): "⾭", ord("黑"): "⿊"}


def insert_everywhere(text: str, mark: str) -> str:
    """Return ``text`` with ``mark`` between all its characters.

    >>> insert_everywhere('123', '-')
    '1-2-3'
    """
    return mark.join(text)


def insert_in_middle(text: str, mark: str) -> str:
    """Return ``text`` with ``mark`` in its middle.

    >>> insert_in_middle('1234', ' ')
    '12 34'
    """
    return text[: len(text) // 2] + mark + text[len(text) // 2 :]


def wrap(before: str, after: str = "") -> Form:
    """Return the form that puts ``before`` and ``after`` around a value.

    >>> wrap('="', '"')('1')
    '="1"'
    """
    return lambda text: before + text + after


#: Characters around a value that is a whole cell or a whole quoted string.
QUOTED: Final[dict[str, Form]] = {
    "plain": wrap(""),
    "formula": wrap('="', '"'),
    "formula of CSV": wrap('"=""', '"""'),
    "apostrophe": wrap("'"),
    "curly apostrophe": wrap("‘"),
    "backtick": wrap("`", "`"),
    "quotes": wrap('"', '"'),
    "curly quotes": wrap("“", "”"),
    "single quotes": wrap("'", "'"),
    "corner brackets": wrap("「", "」"),
    "blanks": wrap("  ", " "),
    "tabs": wrap("\t", "\t"),
    "NBSP": wrap("\u00a0", "\u00a0"),
    "ideographic blanks": wrap("\u3000", "\u3000"),
    "thin blanks": wrap("\u2009", "\u202f"),
    "BOM": wrap("\ufeff"),
    "zero width": wrap("\u200b", "\u200d"),
    "directions": wrap("\u202d", "\u202c"),
    "isolates": wrap("\u2068", "\u2069"),
    "line ends": wrap("\r\n", "\n"),
    "line end in quotes": wrap('"', '\n"'),
    "line separator": wrap("\u2028", "\u2029"),
    "NUL": wrap("\0", "\0"),
    "brackets": wrap("(", ")"),
    "full-width brackets": wrap("（", "）"),
    "square": wrap("[", "]"),
    "lenticular": wrap("【", "】"),
    "angles": wrap("<", ">"),
    "titles": wrap("《", "》"),
    "braces": wrap("{", "}"),
    "comma": wrap("", ","),
    "full-width comma": wrap("，", "，"),
    "full stop": wrap("", "。"),
    "semicolon": wrap("", "；"),
    "enumeration": wrap("、", "、"),
    "slash": wrap("/", "/"),
}

#: Texts around a value in files of any kind and in running text.
CONTEXTS: Final[dict[str, Form]] = {
    "Hanzi": wrap("数据", "如下"),
    "Hanzi ahead": wrap("甲"),
    "Hanzi behind": wrap("", "乙"),
    "tab separated": wrap("x1\t", "\ty"),
    "pipes": wrap("甲|", "|乙"),
    "four hyphens": wrap("甲----", "----乙"),
    "colons": wrap("甲::", "::乙"),
    "semicolons": wrap("甲;", ";乙"),
    "commas": wrap("1,甲,", ",乙,2"),
    "two blanks": wrap("甲  ", "  乙"),
    "JSON": wrap('{"k":"', '"}'),
    "JSON in JSON": wrap('{\\"k\\":\\"', '\\"}'),
    "JSON list": wrap("[1,'", "',null]"),
    "HTML": wrap("<td>", "</td>"),
    "HTML attribute": wrap("<a title='", "'>"),
    "HTML blanks": wrap("<td>&nbsp;", "&nbsp;</td>"),
    "HTML quotes": wrap("&quot;", "&quot;"),
    "XML": wrap("<k><![CDATA[", "]]></k>"),
    "URL": wrap("?k=", "&x=1"),
    "SQL": wrap("VALUES (1,'", "',NULL)"),
    "SQL national": wrap("VALUES (1,N'", "',NULL)"),
    "assignment": wrap("k=", ";"),
    "Python": wrap("u'", "', "),
    "Markdown": wrap("| **", "** |"),
    "log": wrap("k: ", ", x: 1"),
}

#: Changes within a value.
INNER_CHANGES: Final[dict[str, Form]] = {
    "full width": lambda text: text.translate(_WIDE),
    "full-width digits": lambda text: text.translate(_WIDE_DIGITS),
    "mathematical digits": lambda text: text.translate(_MATHEMATICAL),
    "radicals": lambda text: text.translate(_RADICALS),
    "zero width inside": lambda text: insert_in_middle(text, "\u200b"),
    "zero width everywhere": lambda text: insert_everywhere(text, "\u200b"),
    "soft hyphen": lambda text: insert_in_middle(text, "\u00ad"),
    "word joiner": lambda text: insert_in_middle(text, "\u2060"),
    "BOM inside": lambda text: insert_in_middle(text, "\ufeff"),
    "direction inside": lambda text: insert_in_middle(text, "\u200e"),
    "isolate inside": lambda text: insert_in_middle(text, "\u2066"),
    "variation selector": lambda text: insert_in_middle(text, "\ufe0f"),
    "unusual hyphens": lambda text: text.replace("-", "\u2011"),
    "minus signs": lambda text: text.replace("-", "\u2212"),
    "NBSP for blanks": lambda text: text.replace(" ", "\u00a0"),
}

#: Separators of a label and its value.
GAPS: Final = (
    ":", "：", ": ", "： ", " : ", " ： ", "", " ", "\u00a0", "\u3000", "\t", "=", " = ", "：\n",
    "\n", "\r\n", "是", "为", "号码", "号码为", "-", "－", "→", "——", "，", ", ", "#", "﹕", "∶",
    "】", "】：", "]:", ")", "）：",
    '":"', '": "', "':'", "=>", " => ", "='", '="', "</th><td>", "：【",
    "（", "(", "[", "：“", "\u200b:\u200b", "\ufeff：", "|", ";", "；",
)  # fmt: skip

#: Longer tokens that contain the characters of a value: no finding.
LONGER_TOKENS: Final[dict[str, Form]] = {
    "digit ahead": wrap("9"),
    "digit behind": wrap("", "7"),
    "zero width digit": wrap("", "\u200b7"),
    "full-width digit": wrap("", "７"),
    "day ahead": wrap("20230712"),
    "time ahead": wrap("20230712153000"),
    "letters on both sides": wrap("a", "b"),
    "hexadecimal run": wrap("9b2e4f5a", "c7d8e9f0a1b2c3d4e5f6"),
    "upper hexadecimal run": wrap("9B2E4F5A", "C7D8E9F0A1B2C3D4E5F6"),
    "hexadecimal number": wrap("0x", "ab"),
    "base64": wrap("c2Fk", "ZkdGb2x1bW5zLmFzZGZhc2Rm4aSd8f7Gh2Q=="),
    "URL token": wrap("eyJhbGciOiJIUzI1NiJ9_", "-x8Kd02nfQ7bZpWm4LrT9vYc"),
    "decimal places": wrap("", ".52"),
    "decimal ahead": wrap("x=0."),
    "yuan sign": wrap("¥"),
    "full-width yuan sign": wrap("￥ "),
    "dollar sign": wrap("$"),
    "dollar of": wrap("US$"),
    "euro sign": wrap("€"),
    "pound sign": wrap("£"),
    "yuan": wrap("", "元"),
    "yuan behind a blank": wrap("", " 元"),
    "ten thousand yuan": wrap("", "万元"),
    "US dollars": wrap("", "美元"),
    "cents": wrap("", ".00元"),
    "RMB": wrap("RMB"),
    "RMB behind": wrap("", "RMB"),
    "CNY": wrap("CNY "),
    "USD": wrap("", " USD"),
    "percent": wrap("", "%"),
    "full-width percent": wrap("", "％"),
    "per mille": wrap("", "‰"),
    "kilogram": wrap("", "kg"),
    "millisecond": wrap("", "ms"),
    "bytes": wrap("", " bytes"),
    "megabyte": wrap("", "MB"),
    "degrees": wrap("", "℃"),
    "version": wrap("v1.2."),
    "version of four": wrap("1.2.3."),
    "version behind": wrap("", ".1.2"),
    "exponent": wrap("", "e5"),
    "exponent with sign": wrap("", "E+5"),
    "page": wrap("/item/", ".html"),
    "fraction of a second": wrap("2023-07-12 15:30:00."),
}
