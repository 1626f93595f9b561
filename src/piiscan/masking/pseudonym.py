"""Pseudonyms: one replacement of the same shape for each value, under a key; never a real number.

Without the key and a list of all values nobody can reverse them.  A reader sees that they are not
real: numbers begin with 00, e-mail ends in ``.invalid`` (RFC 2606), IPv4 is in 240.0.0.0/4 (RFC
1112, never assigned), IPv6 in 2001:db8::/32 (RFC 3849).  MAC addresses are locally administered;
names are in brackets and begin with 某, as places do.  Two names share a pseudonym by a chance of
one in 17 million.

The brackets separate a name from the text around it.  Without them a reader may join 某 with the
next characters, and no other choice of characters prevents that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from piiscan.hashing.digest import digest_values

#: Characters of made-up names, in GB 2312 and in Big5.
NAME_CHARACTERS: Final = (
    "天地宇宙洪荒日月盈辰宿列寒暑往秋收冬藏成律露霜金生水玉出巨珠夜光"
    "果珍火帝木官人皇始制文字乃服推位有唐民伐罪周坐朝道垂拱平章育首臣"
)[:64]
#: Entities without pseudonyms: not even the equality of two values may be shown.
HIDDEN_KINDS: Final = ("CREDENTIAL", "VERIFICATION_CODE")
_PLACEHOLDER: Final = "某"
_NAME_LENGTH: Final = 4
_BRACKETS: Final = "【】"


class Item(NamedTuple):
    """One value to replace: its written text, its kind, its canonical value."""

    text: str
    entity: str
    recognizer: str
    value: str


#: Function: pairs of pseudonym and item -> True for each pseudonym that passes a real check.
PassesCheck = Callable[[Sequence[tuple[str, Item]]], Sequence[bool]]
#: Function: item -> number of earlier redraws.
RedrawCount = Callable[[Item], int]
_MAX_DRAWS: Final = 40


def pseudonyms(
    items: Sequence[Item],
    key: bytes,
    passes_check: PassesCheck | None = None,
    redraws: RedrawCount | None = None,
) -> list[str]:
    """Return a pseudonym for each item; equal values of one entity get the same pseudonym.

    Args:
        items: values to replace.
        key: the digest key.
        passes_check: marks pseudonyms that would pass a real check; those are drawn again.
        redraws: function that returns the number of earlier redraws of an item. It is the same for
            all items of one value.

    >>> phone = Item("138-0013-8000", "CN_MOBILE", "cn.mobile", "13800138000")
    >>> pseudonyms([phone], bytes(32)), pseudonyms([phone], bytes(32), redraws=lambda _: 1)
    (['007-4156-2189'], ['005-2313-2104'])
    """
    results = [""] * len(items)
    first = [0 if redraws is None else _MAX_DRAWS * redraws(item) for item in items]
    remaining = list(range(len(items)))
    for turn in range(_MAX_DRAWS):
        turns = [first[at] + turn for at in remaining]
        digests = keyed_digests([items[at] for at in remaining], key, turns)
        for at, digest in zip(remaining, digests, strict=True):
            results[at] = _pseudonym(items[at], digest)
        if passes_check is None:
            break
        passed = passes_check([(results[at], items[at]) for at in remaining])
        remaining = [at for at, passes in zip(remaining, passed, strict=True) if passes]
        if not remaining:
            break
    return results


def keyed_digests(items: Sequence[Item], key: bytes, turns: Sequence[int] = ()) -> list[bytes]:
    """Return the keyed digest (16 bytes) of each item's value and draw number in ``turns``.

    Turn 0 gives the digest that a case stores.
    """
    entities = sorted({item.entity for item in items})
    number = {entity: at for at, entity in enumerate(entities)}
    tails = [f"\0{turn}" if turn else "" for turn in turns or [0] * len(items)]
    texts = [item.value + tail for item, tail in zip(items, tails, strict=True)]
    values = pa.array(texts, pa.string())
    kinds = np.array([number[item.entity] for item in items], np.int64)
    digests: list[bytes] = digest_values(values, kinds, entities=entities, key=key).to_pylist()
    return digests


def _pseudonym(item: Item, digest: bytes) -> str:
    """Derive the pseudonym of ``item`` from its digest, in the shape of its kind."""
    random = _random_numbers(digest)
    match item.entity:
        case entity if entity in HIDDEN_KINDS:
            return "***"
        case "EMAIL_ADDRESS":
            return f"u{digest.hex()[:12]}@example.invalid"
        case "CN_ADDRESS":
            return f"某省某市某区某路{int.from_bytes(digest[:4]) % 10**6:06}号"
        case "IP_ADDRESS":
            return _ip_address(item.value, digest)
        case "MAC_ADDRESS":
            return _fit_format(item.text, "02" + digest.hex()[:10])
    value = item.value
    if not any("0" <= char <= "9" or "a" <= char.lower() <= "z" for char in value):
        signs = "".join(NAME_CHARACTERS[next(random) % 64] for _ in range(_NAME_LENGTH))
        return f"{_BRACKETS[0]}{_PLACEHOLDER}{signs}{_BRACKETS[1]}"
    return _fit_format(item.text, _invalid_value(value, random), value)


def _random_numbers(digest: bytes) -> Iterator[int]:
    """Yield pseudo-random integers derived from ``digest``, without end."""
    number = int.from_bytes(digest)
    while True:
        number, random = divmod(number, 26 * 64 * 10)
        yield random
        number = number or int.from_bytes(digest[::-1]) | 1


def _invalid_value(value: str, random: Iterator[int]) -> str:
    """Replace digits (the first two by 0) and letters of ``value``, other characters by 某."""
    characters, zeros = [], 0
    for char in value:
        if "0" <= char <= "9":
            zeros += 1
            characters.append("0" if zeros <= 2 else str(next(random) % 10))
        elif "a" <= char <= "z":
            characters.append(chr(97 + next(random) % 26))
        elif "A" <= char <= "Z":
            characters.append(chr(65 + next(random) % 26))
        else:
            characters.append(_PLACEHOLDER if char.isalpha() else char)
    return "".join(characters)


def _ip_address(value: str, digest: bytes) -> str:
    """Return an IP address of an unassigned range, of the same version as ``value``."""
    if ":" in value:
        return "2001:db8::" + ":".join(digest.hex()[at : at + 4] for at in (0, 4, 8))
    return ".".join(str(part) for part in (240 + digest[0] % 15, *digest[1:4]))


def _fit_format(text: str, pseudonym: str, value: str = "") -> str:
    """Put the letters and digits of ``pseudonym`` into the punctuation of ``text``.

    A prefix such as +86 and full width stay.  Return ``pseudonym`` unchanged if its characters do
    not fit.  ``138-0013-8000``, ``00741562189 -> 007-4156-2189``
    """
    positions = [at for at, char in enumerate(text) if char.isalnum()]
    signs = [char for char in pseudonym if char.isalnum()]
    written = "".join(_to_halfwidth(text[at]) for at in positions).lower()
    expected = "".join(char for char in value if char.isalnum()).lower()
    if len(signs) > len(positions) or not written.endswith(expected):
        return pseudonym
    chars = list(text)
    for at, sign in zip(positions[len(positions) - len(signs) :], signs, strict=True):
        wide = "\uff01" <= chars[at] <= "\uff5e" and "!" <= sign <= "~"
        chars[at] = chr(ord(sign) + 0xFEE0) if wide else sign
    return "".join(chars)


def _to_halfwidth(char: str) -> str:
    """Return a full-width sign as half width, any other character unchanged."""
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char
