"""Value kinds: named values of recipes, texts with slots, and characters around cells."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, create_model

from piiscan.config.document import Document
from piiscan.config.validation import validated
from piiscan.synth import made_addresses, made_identities, made_phones, made_strings
from piiscan.synth.planted_cells import Cells, assign_role, blank_cells, join_cells, merge_cells
from piiscan.synth.sampler import Draw
from piiscan.wording.words import Sentence

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

#: Text that exports put before and after a value: Taobao's formula, Excel's apostrophe, blanks.
Wrap = Literal["plain", "formula", "apostrophe", "tab", "blanks", "brackets"]
WRAPS: Final[dict[str, tuple[str, str]]] = {
    "plain": ("", ""),
    "formula": ('="', '"'),
    "apostrophe": ("'", ""),
    "tab": ("\t", ""),
    "blanks": (" ", " "),
    "brackets": ("[", "]"),
}

#: A value in a text, and the role of whom it belongs to: ``{name}``, ``{name@courier}``.
_SLOT = re.compile(r"\{([a-z0-9_]+)(?:@([a-z_]+))?\}")


@dataclass(frozen=True, slots=True)
class Value:
    """Named value: a kind with its settings, or weighted texts with ``{slots}``.

    ``wrap``: weights of :data:`WRAPS`. ``blank``: share of empty cells. ``pick``: texts of values
    with the same pick are chosen together.
    """

    kind: str
    settings: Mapping[str, Any]
    texts: Mapping[str, float]
    wrap: Mapping[str, float]
    blank: float
    pick: str = ""  # texts with one pick are chosen together per row


Values = Mapping[str, Value]
#: Share from 0 to 1.
Share = Annotated[float, Field(ge=0, le=1)]
#: Keys of every value, with their types and defaults.
_COMMON: Final[Mapping[str, Any]] = {
    "kind": (str, "text"),
    "wrap": (dict[Wrap, float], {}),
    "blank": (Share, 0.0),
}


def parse_value(document: Document) -> Value:
    """Return a value from its mapping in a recipe: ``{kind: mobile, blank: 0.1}``.

    Raise CatalogError if a key, kind or setting is unknown or has another type.
    """
    kind = document.values.get("kind", "text")
    if kind != "text" and kind not in KINDS:
        known = ("text", *KINDS)
        raise document.error(Sentence("rule.unknown_code", {"code": kind, "known": known}), "kind")
    texts = document.values.get("texts")
    weighted = dict.fromkeys(texts, 1.0) if isinstance(texts, list) else texts
    given = document.values | ({} if texts is None else {"texts": weighted})
    made: Any = validated(_model(kind), document._replace(values=given))
    settings = {} if kind == "text" else {k: v for k, v in given.items() if k not in _COMMON}
    pick, texts = (made.pick, made.texts) if kind == "text" else ("", {})
    return Value(kind, settings, texts, made.wrap, made.blank, pick)


@cache
def _model(kind: str) -> type[BaseModel]:
    """Return the model of the keys of a kind: common ones, and the parameters of its function."""
    keys: dict[str, Any] = dict(_COMMON)
    if kind == "text":
        keys["texts"] = (Annotated[dict[str, float], Field(min_length=1)], ...)
        keys["pick"] = (str, "")
    else:
        hints = get_type_hints(KINDS[kind])
        _, *parameters = inspect.signature(KINDS[kind]).parameters.values()
        keys |= {
            each.name: (hints[each.name], ... if each.default is each.empty else each.default)
            for each in parameters
        }
    return create_model(kind, __config__=ConfigDict(strict=True, extra="forbid"), **keys)


def slot_names(text: str) -> list[str]:
    """Return the names of the slots in ``text``.

    >>> slot_names("收：{name}  {phone}")
    ['name', 'phone']
    """
    return [name for name, _ in _SLOT.findall(text)]


def check_slots(values: Values, documents: Mapping[str, Document]) -> None:
    """Raise CatalogError unless every slot names a value and no value contains itself."""

    def visit(name: str, above: tuple[str, ...]) -> None:
        """Check the slots of value ``name``; ``above``: the values that contain it."""
        if name in above:
            raise documents[name].error(Sentence("rule.in_itself"), "texts")
        if name not in values:
            raise documents[above[-1]].error(Sentence("rule.no_value", {"name": name}), "texts")
        for text in values[name].texts:
            for slot in slot_names(text):
                visit(slot, (*above, name))

    for name in values:
        visit(name, ())


def make_cells(name: str, values: Values, draw: Draw) -> Cells:
    """Make the cells of the value kind ``name`` for the rows of ``draw``."""
    value = values[name]
    if value.texts:
        weights = np.array([float(weight) for weight in value.texts.values()])
        chosen = draw.choose_exactly(value.pick, weights) if value.pick else draw.choose(weights)
        parts = []
        for number, text in enumerate(value.texts):
            where = np.flatnonzero(chosen == number)
            if len(where):
                parts.append((where, _fill_slots(text, values, draw.part(where))))
        cells = merge_cells(parts, draw.rows) if parts else Cells(pa.array([], pa.string()))
    else:
        cells = KINDS[value.kind](draw, **value.settings)
    if value.wrap:
        cells = _wrap_cells(cells, value.wrap, draw)
    if value.blank:
        cells = blank_cells(cells, draw.rng.random(draw.rows) < value.blank)
    return cells


def _fill_slots(text: str, values: Values, draw: Draw) -> Cells:
    """Fill the ``{slots}`` of ``text`` for each row; equal slots have equal values."""
    cells_by_slot: dict[str, Cells] = {}
    pieces: list[Cells | str] = []
    at = 0
    for slot in _SLOT.finditer(text):
        name, role = slot.groups()
        if name not in cells_by_slot:
            cells_by_slot[name] = make_cells(name, values, draw)
        cells = cells_by_slot[name]
        pieces += [text[at : slot.start()], assign_role(cells, role) if role else cells]
        at = slot.end()
    return join_cells([*pieces, text[at:]], draw.rows)


def _wrap_cells(cells: Cells, wraps: Mapping[str, float], draw: Draw) -> Cells:
    """Put characters as in exports (quotes, ``=``) around the cells; empty ones stay empty."""
    names = list(wraps)
    chosen = draw.choose(np.array([float(wraps[name]) for name in names]))
    full = pc.not_equal(cells.text, "")
    before = pa.array([WRAPS[name][0] for name in names]).take(pa.array(chosen))
    after = pa.array([WRAPS[name][1] for name in names]).take(pa.array(chosen))
    around = [Cells(pc.if_else(full, side, "")) for side in (before, after)]
    return join_cells([around[0], cells, around[1]], len(cells))
