"""Values as the matrices that checks take, and judgements as words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from piiscan.detect.checks import REASONS, Strength, Verdict, load_check


def matrix(values: Sequence[str], width: int = 0) -> tuple[Any, Any]:
    """uint8[k, w] and int32[k]; read-only, as a slice of a shared buffer may be."""
    coded = [value.encode("ascii") for value in values]
    width = max(width, *(len(value) for value in coded), 1)
    chars = np.frombuffer(b"".join(value.ljust(width, b"\0") for value in coded), np.uint8)
    return chars.reshape(len(values), width), np.array([len(v) for v in coded], np.int32)


def judge(name: str, values: Sequence[str], *, as_of: int, width: int = 0) -> list[tuple[str, ...]]:
    """(verdict, reason, strength) by name of each value."""
    chars, length = matrix(values, width)
    judged = load_check(name).check(chars, length, as_of=as_of)
    return [
        (Verdict(v).name, REASONS[r], Strength(s).name)
        for v, r, s in zip(judged.verdict, judged.reason, judged.strength, strict=True)
    ]


def canonical(name: str, texts: Sequence[str]) -> list[str]:
    """The value of each text, whose characters beyond ASCII are ``?``."""
    chars, length = matrix([text.encode("ascii", "replace").decode() for text in texts])
    made, sizes = load_check(name).canonical(chars, length)
    return [row[:size].tobytes().decode() for row, size in zip(made, sizes, strict=True)]
