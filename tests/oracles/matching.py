"""Reference implementation of folding and matching: plain strings, ``re``, one start at a time."""

import re
import unicodedata

ZERO_WIDTH = {0xAD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
              *range(0x2060, 0x2065), *range(0xFE00, 0xFE10)}  # fmt: skip


def folded(text: str) -> list[tuple[int, str]]:
    """Return (position, folded character) of each character that is not of zero width."""
    out = []
    for at, raw in enumerate(text):
        char, point = raw, ord(raw)
        if point in ZERO_WIDTH:
            continue
        wide = 0xFF01 <= point < 0xFF5F or 0xFFE0 <= point < 0xFFE7 or 0x2E80 <= point < 0x2FE0
        if wide and len(base := unicodedata.normalize("NFKC", char)) == 1:
            char = base
        elif 0x1D7CE <= point <= 0x1D7FF:
            char = str((point - 0x1D7CE) % 10)
        elif point in (0xA0, 0x1680, 0x202F, 0x205F, 0x3000) or 0x2000 <= point < 0x200B:
            char = " "
        out.append((at, char))
    return out


def longest_matches(text: str, shapes: list[str], boundary: str) -> list[tuple[int, int]]:
    """Return the longest match from each start, [start, end) in code points.

    No match cuts a run of digits or letters in two.
    """
    folded_characters = folded(text)
    plain = "".join(char for _, char in folded_characters)
    pattern = [
        re.compile(shape.replace("\\d", "[0-9]").replace("\\s", "[ \t]")) for shape in shapes
    ]
    found = []
    for start in range(len(plain)):
        before = plain[start - 1] if start else ""
        first = plain[start]
        if _digit(first) and _digit(before):
            continue
        if _letter(first) and (_letter(before) or _digit(before)):
            continue
        for end in range(min(len(plain), start + 80), start, -1):
            after = plain[end] if end < len(plain) else ""
            if not any(each.fullmatch(plain, start, end) for each in pattern):
                continue
            if _digit(plain[end - 1]) and _digit(after):
                continue
            if (
                boundary == "digit"
                and _letter(plain[end - 1])
                and (_digit(after) or _letter(after))
            ):
                continue
            if boundary == "word" and any(_digit(c) or _letter(c) for c in (before, after)):
                continue
            found.append((folded_characters[start][0], folded_characters[end - 1][0] + 1))
            break
    return found


def _digit(char: str) -> bool:
    return char != "" and char in "0123456789"


def _letter(char: str) -> bool:
    return char != "" and char.isascii() and char.isalpha()
