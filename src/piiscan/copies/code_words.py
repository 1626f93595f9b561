r"""Code words: a changed text written as the word was that it replaces.

``MTM4MDAxMzgwMDA=`` -> ``MTM4KioqKjgwMDA=``, ``\u5f20\u4e09`` -> ``\u5f20*``.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

#: Signs that a text keeps where no code can be written: none has a meaning in a file format.
_PLAIN: Final = frozenset(" .@_-*：。，、（）【】")
_HEX: Final = re.compile(r"(\\x|0[xX]|[xX]')?[0-9a-fA-F]*('?)")


def encode_word(text: str, view: str, word: str) -> str:
    """Return ``text`` in the code of ``word``, which ``view`` decoded (see ``decoded_cells``).

    A text that stands for itself is returned as it is; one of another code with ``*`` for each sign
    that can have a meaning in a file format.

    >>> encode_word("138****8000", "base64", "MTM4MDAxMzgwMDA="), encode_word("张*", "hex", "0xAB")
    ('MTM4KioqKjgwMDA=', '0xE5BCA02A')
    """
    if not view:
        return text
    encode = _ENCODERS.get(view)
    if encode is not None:
        return encode(text, word)
    return "".join(sign if sign.isalnum() or sign in _PLAIN else "*" for sign in text)


def _base64(text: str, word: str) -> str:
    """Return ``text`` in base64, of the alphabet and with the padding of ``word``."""
    code = base64.b64encode(text.encode()).decode()
    if "-" in word or "_" in word:
        code = code.translate({43: "-", 47: "_"})
    return code if len(word) % 4 == 0 else code.rstrip("=")


def _hex(text: str, word: str) -> str:
    """Return the UTF-8 of ``text`` in hexadecimal digits, between the marks of ``word``."""
    found = _HEX.match(word)
    before, after = (found[1] or "", found[2]) if found else ("", "")
    digits = text.encode().hex()
    code = word[len(before) :]
    return f"{before}{digits.upper() if code.upper() == code else digits}{after}"


def _escapes(text: str, word: str) -> str:
    """Return ``text`` with the escapes of ``word`` for all but ASCII: UTF-16 units, or bytes."""
    mark = "%u" if word.startswith("%u") else word[: word.find("u") + 1]
    if not mark.endswith("u"):
        return "".join(f"\\x{byte:02x}" for byte in text.encode())
    units = text.encode("utf-16-be").hex()
    pieces = [units[at : at + 4] for at in range(0, len(units), 4)]
    signs = [(piece, chr(int(piece, 16))) for piece in pieces]
    return "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in _PLAIN) else f"{mark}{piece}"
        for piece, sign in signs
    )


_ENCODERS: Final[Mapping[str, Callable[[str, str], str]]] = {
    "base64": _base64,
    "hex": _hex,
    "bytea": _hex,
    "escapes": _escapes,
    "percent": lambda text, _: quote(text, safe="*"),
    "entities": lambda text, _: html.escape(text, quote=True),
    "mail words": lambda text, _: f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?=",
    "expression": lambda text, _: "'{}'".format(text.replace("'", "''")),
}
