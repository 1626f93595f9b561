"""Display names: file, sheet, member and header texts with the personal data in them masked."""

from __future__ import annotations

from collections.abc import Sequence

from piiscan.arrow_strings import as_array
from piiscan.detect.engine import Engine
from piiscan.masking.mask import mask_value


def mask_texts(engine: Engine, texts: Sequence[str]) -> list[str]:
    """Return each text with the values that patterns find in it masked, else unchanged.

    Names of people stay, because a court finds the file by its name, as do words behind the name of
    a service (``wechat_pay_bill.csv``), which may be an account anywhere else.
    ``名单13800138000.xlsx -> 名单138****8000.xlsx``
    """
    masked = list(texts)
    if not any(map(_may_have_values, texts)):
        return masked
    found = engine.find_table(as_array(texts), names=False)
    columns = ("index", "start", "end", "entity", "recognizer", "value")
    rows = zip(*(found[name].to_pylist() for name in columns), strict=True)
    # from the last to the first, so that earlier offsets remain valid
    for index, start, end, entity, recognizer, value in sorted(rows, reverse=True):
        if not _may_have_values(value):
            continue
        text = masked[index]
        masked[index] = text[:start] + mask_value(value, entity, recognizer) + text[end:]
    return masked


def _may_have_values(text: str) -> bool:
    """Return False for Latin words, which are no values: ``wechat_pay_bill.csv``."""
    return not text.isascii() or "@" in text or any(map(str.isdigit, text))


def masked_names(engine: Engine, names: Sequence[str]) -> dict[str, str]:
    """Return name -> masked name for the names that contain personal data, sorted."""
    distinct = sorted(set(names))
    masked = mask_texts(engine, distinct)
    return {a: b for a, b in zip(distinct, masked, strict=True) if a != b}
