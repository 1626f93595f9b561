"""Pseudonyms: one value, one stand-in of the same shape, under a key; never a real number.

Nobody can go back without the key and a list of all values.  What makes a stand-in unreal can be
seen: numbers begin with 00, e-mail ends in ``.invalid`` (RFC 2606), IPv4 lies in 240.0.0.0/4 (RFC
1112, never assigned), IPv6 in 2001:db8::/32 (RFC 3849), MAC addresses are locally administered,
names stand in brackets and begin with 某, as places do.  Two values can share a stand-in by
chance: one pair of names in 17 million.

The brackets keep what stands beside a name from being read as part of it: without them one name in
twenty of a newspaper is (周某, 叶青某), and no other draw helps, as it is 某 that is misread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from piiscan.hashing.digest import digest_values

#: Characters of made-up names, in GB 2312 and in Big5.
NAMING: Final = (
    "天地宇宙洪荒日月盈辰宿列寒暑往秋收冬藏成律露霜金生水玉出巨珠夜光"
    "果珍火帝木官人皇始制文字乃服推位有唐民伐罪周坐朝道垂拱平章育首臣"
)[:64]
#: Of these nothing may be told, not even that two are equal.
SILENT: Final = ("CREDENTIAL", "VERIFICATION_CODE")
_SOME: Final = "某"
_SIGNS: Final = 4
_FENCE: Final = "【】"


@dataclass(frozen=True, slots=True)
class Item:
    """A value to stand in for: as it is written, its kind, its canonical value."""

    text: str
    entity: str
    recognizer: str
    value: str


#: Which of some stand-ins, each with its item, would pass for real.
Passing = Callable[[Sequence[tuple[str, Item]]], Sequence[bool]]
#: How often another stand-in was asked for in place of an item's first.
Drawn = Callable[[Item], int]
_TURNS: Final = 40


def pseudonyms(
    items: Sequence[Item],
    key: bytes,
    passing: Passing | None = None,
    drawn: Drawn | None = None,
) -> list[str]:
    """A stand-in for each item; equal values of a kind have equal ones.

    ``passing`` is asked of each; what passes gets another, so that none is real by chance.
    ``drawn`` must be the same for all items of one value.

    >>> phone = Item("138-0013-8000", "CN_MOBILE", "cn.mobile", "13800138000")
    >>> pseudonyms([phone], bytes(32)), pseudonyms([phone], bytes(32), drawn=lambda _: 1)
    (['007-4156-2189'], ['005-2313-2104'])
    """
    made = [""] * len(items)
    first = [0 if drawn is None else _TURNS * drawn(item) for item in items]
    left = list(range(len(items)))
    for turn in range(_TURNS):
        turns = [first[at] + turn for at in left]
        digests = keyed_digests([items[at] for at in left], key, turns)
        for at, digest in zip(left, digests, strict=True):
            made[at] = _stand_in(items[at], digest)
        if passing is None:
            break
        told = passing([(made[at], items[at]) for at in left])
        left = [at for at, passes in zip(left, told, strict=True) if passes]
        if not left:
            break
    return made


def keyed_digests(items: Sequence[Item], key: bytes, turns: Sequence[int] = ()) -> list[bytes]:
    """The digest of each item's value: that of a case with the same key, where its turn is 0."""
    entities = sorted({item.entity for item in items})
    number = {entity: at for at, entity in enumerate(entities)}
    tails = [f"\0{turn}" if turn else "" for turn in turns or [0] * len(items)]
    told = [item.value + tail for item, tail in zip(items, tails, strict=True)]
    values = pa.array(told, pa.string())
    kinds = np.array([number[item.entity] for item in items], np.int64)
    digests: list[bytes] = digest_values(values, kinds, entities=entities, key=key).to_pylist()
    return digests


def _stand_in(item: Item, digest: bytes) -> str:
    drawn = _draw(digest)
    match item.entity:
        case entity if entity in SILENT:
            return "***"
        case "EMAIL_ADDRESS":
            return f"u{digest.hex()[:12]}@example.invalid"
        case "CN_ADDRESS":
            return f"某省某市某区某路{int.from_bytes(digest[:4]) % 10**6:06}号"
        case "IP_ADDRESS":
            return _internet(item.value, digest)
        case "MAC_ADDRESS":
            return _shaped(item.text, "02" + digest.hex()[:10])
    value = item.value
    if not any("0" <= char <= "9" or "a" <= char.lower() <= "z" for char in value):
        signs = "".join(NAMING[next(drawn) % 64] for _ in range(_SIGNS))
        return f"{_FENCE[0]}{_SOME}{signs}{_FENCE[1]}"
    return _shaped(item.text, _unreal(value, drawn), value)


def _draw(digest: bytes) -> Iterator[int]:
    """Numbers that follow from a digest."""
    number = int.from_bytes(digest)
    while True:
        number, drawn = divmod(number, 26 * 64 * 10)
        yield drawn
        number = number or int.from_bytes(digest[::-1]) | 1


def _unreal(value: str, drawn: Iterator[int]) -> str:
    """Digits for digits, the first two 0, letters for letters, 某 for other characters."""
    made, zeros = [], 0
    for char in value:
        if "0" <= char <= "9":
            zeros += 1
            made.append("0" if zeros <= 2 else str(next(drawn) % 10))
        elif "a" <= char <= "z":
            made.append(chr(97 + next(drawn) % 26))
        elif "A" <= char <= "Z":
            made.append(chr(65 + next(drawn) % 26))
        else:
            made.append(_SOME if char.isalpha() else char)
    return "".join(made)


def _internet(value: str, digest: bytes) -> str:
    if ":" in value:
        return "2001:db8::" + ":".join(digest.hex()[at : at + 4] for at in (0, 4, 8))
    return ".".join(str(part) for part in (240 + digest[0] % 15, *digest[1:4]))


def _shaped(text: str, made: str, value: str = "") -> str:
    """``made`` in the places that letters and digits of ``text`` take; itself where none fit.

    What stands before a value in its text (+86) stays, and what is full width stays so.
    """
    places = [at for at, char in enumerate(text) if char.isalnum()]
    signs = [char for char in made if char.isalnum()]
    own = "".join(_narrow(text[at]) for at in places).lower()
    wanted = "".join(char for char in value if char.isalnum()).lower()
    if len(signs) > len(places) or not own.endswith(wanted):
        return made
    chars = list(text)
    for at, sign in zip(places[len(places) - len(signs) :], signs, strict=True):
        wide = "\uff01" <= chars[at] <= "\uff5e" and "!" <= sign <= "~"
        chars[at] = chr(ord(sign) + 0xFEE0) if wide else sign
    return "".join(chars)


def _narrow(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char
