"""Speed of masked log lines of 120 characters; a line that is masked counts."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest
from conftest import AS_OF

from piiscan.logging import Filter

LINES = 1_000


def line(draw: random.Random) -> tuple[str, tuple[object, ...]]:
    """Return format and arguments of a line of 120 characters; half of them have a phone."""
    who = f"phone=139{draw.randrange(10**8):08d}" if draw.random() < 0.5 else "phone=withheld..."
    text = f"order {draw.randrange(10**6):06d} of shop 17 paid by card, %s status=ok took %d ms "
    return text.ljust(122 - len(who), "."), (who, draw.randrange(10, 99))


@pytest.mark.parametrize("names", [False, True])
def test_lines_are_masked(names: bool, measure: Any, one_core: None) -> None:
    draw, masking = random.Random(5), Filter(names=names, as_of=AS_OF)
    lines = [line(draw) for _ in range(LINES)]

    def masked() -> int:
        """Return the number of lines that lose something."""
        changed = 0
        for text, args in lines:
            record = logging.LogRecord("shop", logging.INFO, "", 1, text, args, None)
            masking.filter(record)
            changed += record.msg != text % args
        return changed

    door = "names" if names else "no names"
    found = measure(masked, corpus="log lines", door=door, texts=LINES, rounds=4)
    assert found == sum("139" in who for _, (who, _) in lines) > LINES / 3
