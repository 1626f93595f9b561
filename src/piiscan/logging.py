"""Masking of logs: a filter for ``logging`` that is a processor for structlog too.

``logger.info("call %s", "13912345678")`` -> ``call 139****5678``. Names are off unless asked for.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import sys
from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any, Final

from piiscan.detect.catalog.headers import label_of
from piiscan.finding import check_options, engine_for
from piiscan.masking.operators import OPERATORS, replace_found

#: Attributes of a record that no caller of a logger names.
_OWN: Final = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime", "taskName"}
#: Keys of an event that structlog sets itself.
_OF_EVENTS: Final = frozenset({"level", "timestamp", "logger", "logger_name"})
#: Keys of an event with running text.
_TEXTS: Final = frozenset({"event", "exception", "stack"})
_FORMATTER: Final = logging.Formatter()
#: Values beside texts that are masked by their text; those of other classes stay.
_PLAIN: Final = (int, float, bytes, Decimal, PurePath, BaseException)
#: Numbers below this one are no personal numbers.
_LEAST_NUMBER: Final = 10_000
#: Deepest nesting that is masked part by part.
_DEEPEST: Final = 8


class Filter:
    """Filter for handlers of ``logging``, and processor for structlog.

    It drops no record and raises nothing: if a part cannot be masked, a sentence stands in its
    place. Each value is masked under the name of its field. Objects stay as they are, except texts,
    numbers, paths, bytes, exceptions, and those in dictionaries and lists.

    Args:
        names: True masks names and addresses too, which takes longer.
        min_score: lowest score of a value that is masked.
        operator: cn_mask, cn_replace, cn_hash or cn_pseudonym.
        params: parameters of the operator (``key`` of 32 bytes; ``names`` by entity).
        as_of: last possible birth date (default: today).
        recognizers: folder with rules of your own.

    Raises:
        CatalogError: a rule is invalid.
        PiiscanError: ``min_score`` is out of range.

    >>> masking = Filter()
    >>> record = logging.makeLogRecord({"msg": "call %s", "args": ("13912345678",)})
    >>> masking.filter(record), record.getMessage()
    (True, 'call 139****5678')
    >>> masking(None, "info", {"event": "call", "phone": "13912345678"})
    {'event': 'call', 'phone': '139****5678'}
    """

    def __init__(
        self,
        *,
        names: bool = False,
        min_score: float = 0.5,
        operator: str = "cn_mask",
        params: Mapping[str, Any] = MappingProxyType({}),
        as_of: datetime.date | None = None,
        recognizers: str | Path | None = None,
    ) -> None:
        check_options(min_score, names)
        self._engine = engine_for(as_of or datetime.date.today(), recognizers)
        self._names, self._min_score = names, min_score
        self._operator, self._params = OPERATORS[operator], dict(params)

    def mask_text(self, text: str, name: str | None = None) -> str:
        """Return a text with its findings replaced. ``name``: of the field that it is in."""
        label = None if name is None else label_of(self._engine.catalog, name)
        (found,) = self._engine.find_all(
            [text], label=label, min_score=self._min_score, names=self._names
        )
        found = [each for each in found if each.entity != "MASKED"]
        return replace_found(text, found, self._operator, self._params) if found else text

    def mask_value(self, value: Any, name: str | None = None, depth: int = 0) -> Any:
        """Return a value with its texts masked, as those of a field ``name``.

        Numbers and exceptions become texts if something is found in them.
        """
        if isinstance(value, str):
            return self.mask_text(value, name)
        is_nested = isinstance(value, Mapping | list | tuple | set | frozenset)
        if is_nested and depth < _DEEPEST:
            if isinstance(value, Mapping):
                return {
                    self.mask_value(key, None, depth + 1): self.mask_value(
                        each, str(key), depth + 1
                    )
                    for key, each in value.items()
                }
            kind = tuple if isinstance(value, tuple) else list
            return kind(self.mask_value(each, name, depth + 1) for each in value)
        small = isinstance(value, int | float) and abs(value) < _LEAST_NUMBER
        if small or not (is_nested or isinstance(value, _PLAIN)):
            return value
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        masked = self.mask_text(text, name)
        return value if masked == text else masked

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record in place, for all handlers that follow; return True.

        ``msg`` has the arguments in it, and a traceback is only in ``exc_text``.
        """
        fields = record.__dict__
        message: Any = [record.msg, record.args]
        with contextlib.suppress(Exception):  # arguments that do not suit; a handler prints them
            message = record.msg if isinstance(record.msg, Mapping) else record.getMessage()
        fields["msg"], fields["args"] = self._masked(message), None
        if "message" in fields:
            fields["message"] = fields["msg"]
        text = fields["exc_text"] or _traceback(fields["exc_info"])
        fields["exc_info"], fields["exc_text"] = None, self._masked(text)
        fields["stack_info"] = self._masked(fields["stack_info"])
        for name in fields.keys() - _OWN:
            fields[name] = self._masked(fields[name], name)
        return True

    def __call__(
        self, logger: Any, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Return an event of structlog, masked in place; ``exc_info`` becomes ``exception``."""
        del logger, method
        if text := _traceback(event.pop("exc_info", None)):
            event["exception"] = text
        for name in event.keys() - _OF_EVENTS:
            event[name] = self._masked(event[name], None if name in _TEXTS else str(name))
        return event

    def _masked(self, value: Any, name: str | None = None) -> Any:
        """Return a value masked; the class of the error if that fails."""
        try:
            return self.mask_value(value, name)
        except Exception as error:  # noqa: BLE001 - nothing of a log ends an application
            return f"[piiscan: not masked, {type(error).__name__}]"


def _traceback(raised: Any) -> str | None:
    """Return the traceback of ``exc_info`` as text: an exception, a tuple, True; None for none."""
    if isinstance(raised, BaseException):
        raised = type(raised), raised, raised.__traceback__
    elif raised and not isinstance(raised, tuple):
        raised = sys.exc_info()
    return _FORMATTER.formatException(raised) if raised and raised[0] else None
