"""Names that hold personal data themselves: file, sheet, member and header texts, as shown."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from piiscan.detect.engine import Engine
from piiscan.masking.mask import mask_value


def show_texts(engine: Engine, texts: Sequence[str]) -> list[str]:
    """Each text with the values that patterns find in it masked, the rest as it is.

    Names of people stay: what a file is called is how a court finds it again.
    """
    shown = list(texts)
    found = engine.find_table(pa.array(texts, pa.string()), names=False)
    columns = ("index", "start", "end", "entity", "recognizer", "value")
    rows = zip(*(found[name].to_pylist() for name in columns), strict=True)
    # from the last to the first, so that earlier places stay right
    for index, start, end, entity, recognizer, value in sorted(rows, reverse=True):
        text = shown[index]
        shown[index] = text[:start] + mask_value(value, entity, recognizer) + text[end:]
    return shown


def masked_names(engine: Engine, names: Sequence[str]) -> dict[str, str]:
    """Name -> what is shown of it, only for names that hold personal data, in their order."""
    distinct = sorted(set(names))
    shown = show_texts(engine, distinct)
    return {a: b for a, b in zip(distinct, shown, strict=True) if a != b}
