"""Chinese masking habits as an operator for presidio-anonymizer: 138****8000, 张*."""

from __future__ import annotations

from typing import Any, Final

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

from piiscan.evidence.mask import SECRET, mask_value

NAME: Final = "cn_mask"


class ChineseMask(Operator):
    """Masks a text by the habit of its kind; ``params["as"]`` names another entity's habit."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        """``text`` with its middle hidden, as Chinese forms print it; nothing of a credential."""
        given = params or {}
        own = given.get("entity_type", "")
        return mask_value(text, own if own == SECRET else given.get("as") or own)

    def validate(self, params: dict[str, Any] | None = None) -> None:
        """Nothing, or InvalidParamError where ``as`` is not the name of an entity."""
        other = (params or {}).get("as")
        if other is not None and not isinstance(other, str):
            raise InvalidParamError("cn_mask: 'as' is the name of an entity, such as CN_MOBILE")

    def operator_name(self) -> str:
        """The name to use in an ``OperatorConfig``."""
        return NAME

    def operator_type(self) -> OperatorType:
        """An operator that hides, not one that brings back."""
        return OperatorType.Anonymize


def anonymizer() -> Any:
    """A Presidio ``AnonymizerEngine`` that knows the operator ``cn_mask``."""
    engine = AnonymizerEngine()
    engine.add_anonymizer(ChineseMask)
    return engine


def operators() -> dict[str, Any]:
    """The ``operators=`` of ``anonymize`` that mask every entity by its own habit."""
    return {"DEFAULT": OperatorConfig(NAME)}
