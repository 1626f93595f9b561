"""Operators for presidio-anonymizer: Chinese masks, names of kinds, keyed digests, pseudonyms.

Each works on one text, as Presidio asks, and on many at once (``operate_all``) for whole files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

from piiscan.hashing.blake2 import KEY_BYTES
from piiscan.masking.mask import SECRET, mask_values
from piiscan.masking.pseudonym import SILENT, Item, keyed_digests, pseudonyms

NAME: Final = "cn_mask"


class _ChineseOperator(Operator):
    """What the operators share: one text is a batch of one."""

    name: ClassVar[str]

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        """What is to stand in place of ``text``, a value of ``params["entity_type"]``.

        ``params["value"]`` is its canonical value, by default its letters and digits.
        """
        given = params or {}
        value = given.get("value") or "".join(char for char in text if char.isalnum()) or text
        item = Item(text, given.get("entity_type", ""), given.get("recognizer", ""), value)
        return self.operate_all([item], given)[0]

    def operate_all(self, items: Sequence[Item], params: dict[str, Any]) -> list[str]:
        """What is to stand in place of each item."""
        raise NotImplementedError

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Nothing, or InvalidParamError."""

    def operator_name(self) -> str:
        """The name to use in an ``OperatorConfig``."""
        return self.name

    def operator_type(self) -> OperatorType:
        """An operator that hides, not one that brings back."""
        return OperatorType.Anonymize


class ChineseMask(_ChineseOperator):
    """Masks a text by the habit of its kind; ``params["as"]`` names another entity's habit."""

    name = NAME

    def operate_all(self, items: Sequence[Item], params: dict[str, Any]) -> list[str]:
        """Each text with its middle hidden, as Chinese forms print it; nothing of a credential."""
        borrowed = params.get("as")
        kinds: dict[tuple[str, str], int] = {}
        numbers = []
        for item in items:
            kind = (item.entity, item.recognizer)
            if borrowed and item.entity != SECRET:
                kind = (borrowed, "")
            numbers.append(kinds.setdefault(kind, len(kinds)))
        texts = pa.array([item.text for item in items], pa.string())
        masked: list[str] = mask_values(
            texts, np.array(numbers, np.int64), names=list(kinds)
        ).to_pylist()
        return masked

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Nothing, or InvalidParamError where ``as`` is not the name of an entity."""
        other = (params or {}).get("as")
        if other is not None and not isinstance(other, str):
            raise InvalidParamError("cn_mask: 'as' is the name of an entity, such as CN_MOBILE")


class ChineseReplace(_ChineseOperator):
    """Writes what stood there, ``[手机号码]``; ``params["names"]``: entity to name."""

    name = "cn_replace"

    def operate_all(self, items: Sequence[Item], params: dict[str, Any]) -> list[str]:
        """The name of each item's kind in brackets."""
        names = params.get("names") or {}
        return [f"[{names.get(item.entity, item.entity)}]" for item in items]


class _Keyed(_ChineseOperator):
    """What needs a key: 32 bytes in ``params["key"]``."""

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Nothing, or InvalidParamError without a key."""
        key = (params or {}).get("key")
        if not isinstance(key, bytes) or len(key) != KEY_BYTES:
            raise InvalidParamError(f"{self.name}: 'key' is {KEY_BYTES} bytes")


class KeyedHash(_Keyed):
    """Writes the keyed digest of a value: equal to that of a case with the same key."""

    name = "cn_hash"

    def operate_all(self, items: Sequence[Item], params: dict[str, Any]) -> list[str]:
        """32 hexadecimal digits for each item; of a credential nothing."""
        digests = keyed_digests(items, params["key"])
        return [
            "***" if item.entity in SILENT else digest.hex()
            for item, digest in zip(items, digests, strict=True)
        ]


class Pseudonym(_Keyed):
    """Writes a stand-in of the same shape that is no real value (``evidence.pseudonym``)."""

    name = "cn_pseudonym"

    def operate_all(self, items: Sequence[Item], params: dict[str, Any]) -> list[str]:
        """A stand-in for each item; ``params["passing"]`` tells which would pass for real.

        ``params["drawn"]``: how often another one was asked for.
        """
        return pseudonyms(items, params["key"], params.get("passing"), params.get("drawn"))


OPERATORS: Final = (ChineseMask, ChineseReplace, KeyedHash, Pseudonym)


def anonymizer() -> Any:
    """A Presidio ``AnonymizerEngine`` that knows cn_mask, cn_replace, cn_hash, cn_pseudonym."""
    engine = AnonymizerEngine()
    for operator in OPERATORS:
        engine.add_anonymizer(operator)
    return engine


def operators(name: str = NAME, **params: Any) -> dict[str, Any]:
    """The ``operators=`` of ``anonymize`` for every entity: each masked by its own habit.

    ``name`` is another operator, with its parameters: ``operators("cn_hash", key=…)``.
    """
    return {"DEFAULT": OperatorConfig(name, params)}


class Anonymizing:
    """One operator of Presidio's engine with its parameters, for many values at once."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        self._operator = anonymizer().operators_factory.create_operator_class(
            name, OperatorType.Anonymize
        )
        self._operator.validate(params)
        self._params = params

    def __call__(self, items: Sequence[Item]) -> list[str]:
        """What is to stand in place of each item; equal items are worked out once."""
        distinct = list(dict.fromkeys(items))
        if not distinct:
            return []
        if isinstance(self._operator, _ChineseOperator):
            made = self._operator.operate_all(distinct, self._params)
        else:
            made = [
                self._operator.operate(item.text, {**self._params, "entity_type": item.entity})
                for item in distinct
            ]
        found = dict(zip(distinct, made, strict=True))
        return [found[item] for item in items]
