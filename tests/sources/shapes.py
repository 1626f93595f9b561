"""Texts of one shape and any size, made to be slow: what a reader must take in one pass."""

from collections.abc import Callable, Mapping
from typing import Final


def _repeat(piece: str) -> Callable[[int], str]:
    """Return a function from a size to that many code points of repeated pieces."""
    return lambda size: (piece * (size // len(piece) + 1))[:size]


SHAPES: Final[Mapping[str, Callable[[int], str]]] = {
    "line ends": _repeat("\n"),
    "returns": _repeat("\r"),
    "blank lines": _repeat(" \r\n"),
    "blanks": _repeat(" "),
    "tabs": _repeat("\t"),
    "one letter": _repeat("a"),
    "one digit": _repeat("1"),
    "one surname": _repeat("张"),
    "hanzi": _repeat("的一是在"),
    "marks": _repeat("\ufeff"),
    "quotes": _repeat('"'),
    "lines of a quote": _repeat('"\n'),
    "quotes that stay open": _repeat('a,"b\n'),
    "commas": _repeat(","),
    "rows": _repeat("张三,13800138000\n"),
    "prose with commas": _repeat("你好，世界，再见\n"),
    "pipes": _repeat("a|b|c\n"),
    "a long label": lambda size: "备注：" + "好" * size,
    "labels": _repeat("姓名：张三\n"),
    "labels without text": _repeat("姓名： \n"),
    "labels in one line": _repeat("姓名：张三 电话：1 "),
    "message heads": _repeat("2023-07-12 10:05:30 张三(10000)\n"),
    "cards": _repeat("BEGIN:VCARD\n"),
    "separators": _repeat("----\n"),
    "mobile numbers": _repeat("13800138000 "),
    "identity numbers": _repeat("430104190506150016\n"),
    "mails": _repeat("a@b.cn "),
    "JSON lines": _repeat('{"a":"b"}\n'),
    "open objects": _repeat('{"a":'),
    "open arrays": _repeat("["),
    "JSON document": lambda size: "[" + ",".join(['{"a":"1"}'] * (size // 10 + 1)) + "]",
    "JSON escapes": lambda size: '{"a":"' + "\\u5f20" * (size // 6) + '"}\n',
    "statements": _repeat("INSERT INTO a VALUES ('x');\n"),
    "a wide statement": lambda size: (
        "INSERT INTO a VALUES " + ",".join(["('x','y')"] * (size // 10 + 1)) + ";\n"
    ),
    "open statements": _repeat("INSERT INTO a VALUES ('x\n"),
    "backslashes": _repeat("INSERT INTO a VALUES ('\\"),
    "addresses": _repeat("北京市朝阳区建国路1号"),
    "broken lines": _repeat("\udc80\n"),
}


def encoded(shape: str, size: int) -> bytes:
    """Return the bytes of a shape; ``\\udc80`` stands for a byte that is no UTF-8."""
    return SHAPES[shape](size).encode("utf-8", "surrogateescape")
