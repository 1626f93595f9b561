r"""Literals: evaluate an SQL expression of literals: ``CONCAT('张', N'三') -> 张三``.

``'张'||'三'``, ``CONCAT('张','三')``, ``NCHAR(24352)+NCHAR(19977)``, ``X'D5C5C8FD'``,
``UTL_RAW.CAST_TO_VARCHAR2(HEXTORAW('e5bca0e4b889'))`` -> 张三
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

#: Nested calls, and characters of an expression.
_MAX_DEPTH: Final = 16
_MAX_LENGTH: Final = 64 << 10
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<string>[NEe]?'(?:[^']|'')*')|(?P<hex>[xX]'[0-9a-fA-F]*'|0[xX][0-9a-fA-F]+)"
    r"|(?P<number>[0-9]+)|(?P<name>[A-Za-z_][\w.$]*)|(?P<sign>\|\||[+&(),]))\s*"
)
#: Functions that return their first value as text, whatever the others say.
_SAME: Final = frozenset(
    [
        *("to_clob", "to_nclob", "to_char", "to_nchar", "cast", "convert", "trim", "convert_from"),
        *("convert_to", "cast_to_varchar2", "cast_to_nvarchar2", "try_cast", "str", "text"),
    ]
)
_FROM_HEX: Final = frozenset(["hextoraw", "unhex", "from_hex"])
_CODES: Final = frozenset(["char", "chr", "nchar", "unichar"])

_Value = str | bytes


def _text(value: _Value) -> str:
    """Return a value as text, bytes decoded as UTF-8 or GBK; raises ValueError."""
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("gb18030")


def _call(name: str, values: list[_Value]) -> _Value:
    """Evaluate the SQL function ``name`` (concat, char, unhex); raises ValueError for others."""
    if name in ("concat", "concat_ws"):
        separator = _text(values.pop(0)) if name == "concat_ws" and values else ""
        return separator.join(map(_text, values))
    if name in _CODES:
        codes = [int(_text(each)) for each in values]
        if name in ("nchar", "unichar") or (len(codes) == 1 and not 127 < codes[0] < 256):
            return "".join(map(chr, codes))
        return b"".join(each.to_bytes((each.bit_length() + 7) // 8 or 1) for each in codes)
    if len(values) < 1:
        raise ValueError("no value")
    if name in _FROM_HEX:
        return bytes.fromhex(_text(values[0]))
    if name == "from_base64":
        return base64.b64decode(_text(values[0]))
    if name in _SAME:
        return values[0]
    raise ValueError("another function")


class _Expression:
    """Parser of one SQL expression of literals."""

    def __init__(self, text: str) -> None:
        """Split the expression into (kind, token); raise ValueError at other characters."""
        self._tokens: list[tuple[str, str]] = []
        self._at = at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError("no literal")
            kind = str(found.lastgroup)
            self._tokens.append((kind, found[kind]))
            at = found.end()

    def _next(self) -> tuple[str, str]:
        """Return the next (kind, token) without moving; ("", "") at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def whole(self) -> str:
        """Evaluate the whole expression to text; raises ValueError."""
        value = self._joined(0)
        if self._at < len(self._tokens):
            raise ValueError("more than an expression")
        return _text(value)

    def _joined(self, depth: int) -> _Value:
        """Evaluate values between ``||``, ``+`` or ``&`` and concatenate them."""
        values = [self._value(depth)]
        while self._next()[1] in ("||", "+", "&"):
            self._at += 1
            values.append(self._value(depth))
        if len(values) == 1:
            return values[0]
        if all(isinstance(each, bytes) for each in values):
            return b"".join(each for each in values if isinstance(each, bytes))
        return "".join(map(_text, values))

    def _value(self, depth: int) -> _Value:
        """Evaluate the literal, call or bracket at the current token."""
        kind, token = self._next()
        self._at += 1
        if kind == "string":
            return token[token.index("'") + 1 : -1].replace("''", "'")
        if kind == "hex":
            return bytes.fromhex(token[2:].strip("'"))
        if kind == "number":
            return token
        if depth >= _MAX_DEPTH:
            raise ValueError("nested too deep")
        if token == "(":
            values = self._list(depth + 1)
            return values[0] if len(values) == 1 else _call("", values)
        if kind == "name" and token.lower() == "null":
            return ""
        if kind == "name" and self._next()[1] == "(":
            self._at += 1
            return _call(token.lower().rpartition(".")[2], self._list(depth + 1))
        raise ValueError("no literal")

    def _list(self, depth: int) -> list[_Value]:
        """Evaluate values up to the closing bracket; ``AS type`` and ``USING name`` are skipped."""
        values: list[_Value] = []
        while self._next()[1] != ")":
            values.append(self._joined(depth))
            if self._next()[1].lower() in ("as", "using"):
                while self._next()[1] not in (")", ""):
                    self._at += 1
                    if self._next()[1] == "(":  # CAST('a' AS varchar(20))
                        while self._next()[1] not in (")", ""):
                            self._at += 1
                        self._at += 1
            if self._next()[1] == ",":
                self._at += 1
            elif self._next()[1] != ")":
                raise ValueError("no list")
        self._at += 1
        return values


def literal_text(text: str) -> str | None:
    """Evaluate an SQL expression of literals; None for anything else or a single literal.

    >>> literal_text("CONCAT('张', N'三')||CHR(49)"), literal_text("now()"), literal_text("12")
    ('张三1', None, None)
    """
    text = text.strip()
    is_joined = "'" in text and ("||" in text or "+" in text)
    if len(text) > _MAX_LENGTH or text[:1] == "(" or not (is_joined or "(" in text):
        return None
    try:
        return _Expression(text).whole()
    except (ValueError, OverflowError, binascii.Error):
        return None
