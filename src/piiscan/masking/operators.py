"""Operators on items: the replacement texts of many values at once, also those of Presidio."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.detect.findings.finding import Finding
from piiscan.masking.mask import SECRET, mask_values
from piiscan.masking.pseudonym import HIDDEN_KINDS, Item, keyed_digests, pseudonyms
from piiscan.masking.splice import apply_changes


def mask_items(items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
    """Return each item's text with its middle masked: ``13800138000 -> 138****8000``.

    A credential is masked completely. ``params["as"]``: another entity whose form is used.
    """
    other_entity = params.get("as")
    kinds: dict[tuple[str, str], int] = {}
    numbers = []
    for item in items:
        kind = (item.entity, item.recognizer)
        if other_entity and item.entity != SECRET:
            kind = (other_entity, "")
        numbers.append(kinds.setdefault(kind, len(kinds)))
    texts = pa.array([item.text for item in items], pa.string())
    masked: list[str] = mask_values(
        texts, np.array(numbers, np.int64), names=list(kinds)
    ).to_pylist()
    return masked


def _name_items(items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
    """Return the name of each item's entity in brackets, by ``params["names"]``."""
    names = params.get("names") or {}
    return [f"[{names.get(item.entity, item.entity) or '***'}]" for item in items]


def _hash_items(items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
    """Return 32 hexadecimal digits per item; ``***`` for a credential."""
    digests = keyed_digests(items, params["key"])
    return [
        "***" if item.entity in HIDDEN_KINDS else digest.hex()
        for item, digest in zip(items, digests, strict=True)
    ]


def _pseudonymize_items(items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
    """Return one pseudonym per item, of its shape and not a real value.

    ``params["passing"]``: function that marks pseudonyms which pass a real check and must be
    drawn again. ``params["drawn"]``: function that returns the number of redraws so far of an
    item.
    """
    return pseudonyms(items, params["key"], params.get("passing"), params.get("drawn"))


#: Function: items, parameters -> one replacement text per item.
ItemOperator = Callable[[Sequence[Item], Mapping[str, Any]], list[str]]
OPERATORS: Final[Mapping[str, ItemOperator]] = {
    "cn_mask": mask_items,
    "cn_replace": _name_items,
    "cn_hash": _hash_items,
    "cn_pseudonym": _pseudonymize_items,
}


def replace_distinct(
    operator: ItemOperator, params: Mapping[str, Any], items: Sequence[Item]
) -> list[str]:
    """Return one replacement text per item by ``operator``; equal items are computed once."""
    distinct = list(dict.fromkeys(items))
    text_of = dict(zip(distinct, operator(distinct, params), strict=True)) if distinct else {}
    return [text_of[item] for item in items]


def replace_found(
    text: str, found: Sequence[Finding], operator: ItemOperator, params: Mapping[str, Any]
) -> str:
    """Return a text with its findings replaced by ``operator``."""
    items = [Item(each.text, each.entity, each.recognizer, each.value) for each in found]
    new = zip(found, operator(items, params), strict=True)
    return apply_changes(text, ((each.start, each.end, one) for each, one in new))
