"""Named values of recipes: which kinds there are, texts with slots, and how cells are wrapped."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from piiscan.errors import PiiscanError
from piiscan.synth import made_addresses, made_identities, made_phones, made_strings
from piiscan.synth.planted_cells import Cells, blank, glue, mix
from piiscan.synth.sampler import Draw

KINDS: Final[dict[str, Callable[..., Cells]]] = {
    "name": made_identities.name,
    "resident_id": made_identities.resident_id,
    "attribute": made_identities.attribute,
    "mobile": made_phones.mobile,
    "virtual": made_phones.virtual,
    "landline": made_phones.landline,
    "service": made_phones.service,
    "address": made_addresses.address,
    "region": made_addresses.region,
    "goods": made_addresses.goods,
    "pattern": made_strings.pattern,
    "shared_pattern": made_strings.shared_pattern,
    "email": made_strings.email,
    "choice": made_strings.choice,
    "integer": made_strings.integer,
    "price": made_strings.price,
    "time": made_strings.time,
}

#: What exports put around a value: Taobao's formula, Excel's apostrophe, stray blanks, brackets.
WRAPS: Final[dict[str, tuple[str, str]]] = {
    "plain": ("", ""),
    "formula": ('="', '"'),
    "apostrophe": ("'", ""),
    "tab": ("\t", ""),
    "blanks": (" ", " "),
    "brackets": ("[", "]"),
}

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")


@dataclass(frozen=True, slots=True)
class Value:
    """One named value: a kind with its settings, or weighted texts with ``{slots}``."""

    kind: str
    settings: Mapping[str, Any]
    texts: Mapping[str, float]
    wrap: Mapping[str, float]
    blank: float
    pick: str = ""  # texts of one pick are chosen by one number of the row


Values = Mapping[str, Value]


def parse(name: str, spec: Mapping[str, Any], *, where: str) -> Value:
    """The value ``name`` as a recipe describes it; anything unknown is an error."""
    rest = dict(spec)
    kind = rest.pop("kind", "text")
    wrap = dict(rest.pop("wrap", {}))
    empty = float(rest.pop("blank", 0.0))
    texts: dict[str, float] = {}
    pick = ""
    if unknown := wrap.keys() - WRAPS.keys():
        raise PiiscanError(f"{where}: value {name}: no wrap {min(unknown)!r}")
    if kind == "text":
        given, pick = rest.pop("texts", None), str(rest.pop("pick", ""))
        if rest or not given:
            raise PiiscanError(f"{where}: value {name}: a text has only texts, pick, wrap, blank")
        texts = dict(given) if isinstance(given, Mapping) else dict.fromkeys(given, 1.0)
    elif kind not in KINDS:
        raise PiiscanError(f"{where}: value {name}: no kind {kind!r}; see corpora/README.md")
    else:
        try:
            inspect.signature(KINDS[kind]).bind(None, **rest)
        except TypeError as error:
            raise PiiscanError(f"{where}: value {name}: {error}") from None
    return Value(kind, rest, texts, wrap, empty, pick)


def slots(text: str) -> list[str]:
    """The names of the slots in ``text``.

    >>> slots("收：{name}  {phone}")
    ['name', 'phone']
    """
    return _SLOT.findall(text)


def check(values: Values, *, where: str) -> None:
    """Raises unless every slot names a value and no value contains itself."""

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise PiiscanError(f"{where}: value {name} contains itself")
        if name not in values:
            raise PiiscanError(f"{where}: no value {name!r}; define it under values:")
        for text in values[name].texts:
            for slot in slots(text):
                visit(slot, (*above, name))

    for name in values:
        visit(name, ())


def make(name: str, values: Values, draw: Draw) -> Cells:
    """The cells of the value ``name`` for the rows of ``draw``."""
    value = values[name]
    if value.texts:
        cells = _texts(value.texts, value.pick, values, draw)
    else:
        cells = KINDS[value.kind](draw, **value.settings)
    if value.wrap:
        cells = _wrapped(cells, value.wrap, draw)
    if value.blank:
        cells = blank(cells, draw.rng.random(draw.rows) < value.blank)
    return cells


def _texts(texts: Mapping[str, float], pick: str, values: Values, draw: Draw) -> Cells:
    """Weighted texts with their slots filled in."""
    weights = np.array([float(weight) for weight in texts.values()])
    chosen = draw.dealt(pick, weights) if pick else draw.choose(weights)
    parts = []
    for number, text in enumerate(texts):
        where = np.flatnonzero(chosen == number)
        if len(where):
            parts.append((where, _filled(text, values, draw.part(where))))
    return mix(parts, draw.rows) if parts else Cells(pa.array([], pa.string()))


def _filled(text: str, values: Values, draw: Draw) -> Cells:
    """One text with its slots filled in; a slot that comes twice has one value."""
    made: dict[str, Cells] = {}
    pieces: list[Cells | str] = []
    for number, piece in enumerate(_SLOT.split(text)):
        if number % 2 == 0:
            if piece:
                pieces.append(piece)
            continue
        if piece not in made:
            made[piece] = make(piece, values, draw)
        pieces.append(made[piece])
    return glue(pieces, draw.rows)


def _wrapped(cells: Cells, wraps: Mapping[str, float], draw: Draw) -> Cells:
    """The same cells with what exports put around them; empty cells stay empty."""
    names = list(wraps)
    chosen = draw.choose(np.array([float(wraps[name]) for name in names]))
    full = pc.not_equal(cells.text, "")
    before = pa.array([WRAPS[name][0] for name in names]).take(pa.array(chosen))
    after = pa.array([WRAPS[name][1] for name in names]).take(pa.array(chosen))
    around = [Cells(pc.if_else(full, side, "")) for side in (before, after)]
    return glue([around[0], cells, around[1]], len(cells))
