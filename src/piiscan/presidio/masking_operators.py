"""Operators for presidio-anonymizer: Chinese masks, entity names, keyed digests, pseudonyms.

Each operator handles one text, as Presidio requires, and many at once (``operate_all``). Importing
this module adds them to the operators of every new ``AnonymizerEngine`` and ``StructuredEngine``.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType, operators_factory

from piiscan.arrow_strings import replace_surrogates
from piiscan.hashing.blake2 import KEY_BYTES
from piiscan.masking.operators import OPERATORS, replace_distinct, replace_found
from piiscan.masking.pseudonym import Item
from piiscan.presidio.entity_recognizers import default_engine

NAME: Final = "cn_mask"


class _ChineseOperator(Operator):
    """Base class of the operators: it replaces one text as a batch of one."""

    name: ClassVar[str]

    def operate(self, text: Any, params: dict[str, Any] | None = None) -> Any:
        """Return the replacement of ``text``, a value of ``params["entity_type"]``.

        ``params["value"]``: its canonical value, by default its letters and digits. Without an
        entity, as in a ``StructuredEngine``, or with one of Presidio's names, the engine finds it.
        In a cell that is more than one value, each value is replaced and the rest stays; a cell in
        which nothing is found is replaced as a whole. A missing cell (None, NaN) is returned, a
        number becomes a text, and an unpaired surrogate U+FFFD.
        """
        if text is None or text != text:  # NaN is not equal to itself
            return text
        options = params or {}
        text = replace_surrogates(str(text))
        value = options.get("value") or "".join(char for char in text if char.isalnum()) or text
        item = Item(text, options.get("entity_type", ""), options.get("recognizer", ""), value)
        exact = _exact_item(item)
        if text and not exact.entity:
            (found,) = default_engine(datetime.date.today()).engine.find_all([text])
            if found:
                return replace_found(text, found, self.operate_all, options)
        return self.operate_all([exact], options)[0] if text else text

    def operate_all(self, items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
        """Return one replacement text per item."""
        return OPERATORS[self.name](items, params)

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Accept all parameters; subclasses raise InvalidParamError."""

    def operator_name(self) -> str:
        """Return the operator's name for an ``OperatorConfig``."""
        return self.name

    def operator_type(self) -> OperatorType:
        """Return the type of an operator that anonymizes (not one that restores texts)."""
        return OperatorType.Anonymize


def _exact_item(item: Item) -> Item:
    """Return ``item`` with piiscan's entity in place of Presidio's name or none.

    The best finding that is the whole text tells entity and value, if there is any.
    """
    shared = default_engine(datetime.date.today())
    names = shared.catalog.presidio_names
    possible = [entity for entity, name in names.items() if name == item.entity]
    if item.entity and not possible:
        return item
    (found,) = shared.engine.find_all([item.text], min_score=0.0)
    whole = [
        each
        for each in found
        if each.text == item.text and (each.entity in possible or not item.entity)
    ]
    if not whole:
        return item._replace(entity=possible[0]) if possible else item
    best = max(whole, key=lambda each: each.score)
    return Item(item.text, best.entity, best.recognizer, best.value)


class ChineseMask(_ChineseOperator):
    """Mask texts in the usual form of their entity: ``13800138000 -> 138****8000``.

    ``params["as"]``: another entity whose form is used.
    """

    name = NAME

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Raise InvalidParamError if ``params["as"]`` is not a string."""
        other = (params or {}).get("as")
        if other is not None and not isinstance(other, str):
            raise InvalidParamError("cn_mask: 'as' is the name of an entity, such as CN_MOBILE")


class ChineseReplace(_ChineseOperator):
    """Replace texts by their entity's name: ``13800138000 -> [手机号码]``.

    ``params["names"]``: name by entity; the default is the entity itself.
    """

    name = "cn_replace"


class _KeyedOperator(_ChineseOperator):
    """Base class of operators with a key: 32 bytes in ``params["key"]``."""

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Raise InvalidParamError if the key is missing or has another length."""
        key = (params or {}).get("key")
        if not isinstance(key, bytes) or len(key) != KEY_BYTES:
            raise InvalidParamError(f"{self.name}: 'key' is {KEY_BYTES} bytes")


class KeyedHash(_KeyedOperator):
    """Replace texts by the keyed digest of their value.

    It equals the digest in a case with the same key.
    """

    name = "cn_hash"


class Pseudonym(_KeyedOperator):
    """Replace texts by pseudonyms of the same shape that are no real values.

    See :mod:`piiscan.masking.pseudonym`.
    """

    name = "cn_pseudonym"


operators_factory.ANONYMIZERS.extend((ChineseMask, ChineseReplace, KeyedHash, Pseudonym))


def anonymizer() -> Any:
    """Return a Presidio ``AnonymizerEngine`` with cn_mask, cn_replace, cn_hash and cn_pseudonym."""
    return AnonymizerEngine()


def operators(name: str = NAME, **params: Any) -> dict[str, Any]:
    """Return the ``operators=`` argument of ``anonymize``: one operator for every entity.

    ``name``: the operator; ``params``: its parameters, as in ``operators("cn_hash", key=…)``.
    """
    return {"DEFAULT": OperatorConfig(name, params)}


class Anonymizing:
    """Presidio operator with fixed parameters, applied to many items at once."""

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        """Create the operator ``name``. Raise InvalidParamError if ``params`` are invalid."""
        self._operator = anonymizer().operators_factory.create_operator_class(
            name, OperatorType.Anonymize
        )
        self._operator.validate(params)
        self._params = params

    def __call__(self, items: Sequence[Item]) -> list[str]:
        """Return one replacement text per item; equal items are computed once."""
        return replace_distinct(self._operate_all, self._params, items)

    def _operate_all(self, items: Sequence[Item], params: Mapping[str, Any]) -> list[str]:
        """Return one replacement text per item, by piiscan's operator or one of Presidio."""
        if isinstance(self._operator, _ChineseOperator):
            return self._operator.operate_all(items, params)
        return [
            self._operator.operate(item.text, {**params, "entity_type": item.entity})
            for item in items
        ]
