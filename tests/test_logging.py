"""Log records are masked in place, whatever is in them, and nothing reaches the application."""

import io
import logging
import sys
from typing import Any

import pytest

from piiscan.logging import Filter

PHONE = "13912345678"
MASKED = "139****5678"


@pytest.fixture(scope="module")
def masking() -> Filter:
    return Filter()


@pytest.fixture
def written(masking: Filter) -> tuple[logging.Logger, io.StringIO]:
    """A logger with two handlers that write to one text."""
    logger = logging.Logger("shop")
    out = io.StringIO()
    for _ in range(2):
        handler = logging.StreamHandler(out)
        handler.setFormatter(logging.Formatter("%(message)s"))
        handler.addFilter(masking)
        logger.addHandler(handler)
    return logger, out


def test_message_traceback_and_stack_are_masked_once_for_all_handlers(written: Any) -> None:
    logger, out = written
    logger.info("电话 %(phone)s", {"phone": PHONE})
    assert out.getvalue() == f"电话 {MASKED}\n" * 2
    try:
        raise ValueError(f"no such buyer {PHONE}")
    except ValueError as error:
        error.__cause__ = KeyError("a@example.com")
        logger.exception(error, stack_info=True)
    text = out.getvalue()
    assert "ValueError: no such buyer 139****5678" in text
    assert "Stack (most recent call last)" in text
    assert PHONE not in text
    assert "a@example.com" not in text


@pytest.mark.parametrize(
    ("field", "masked"),
    [
        (PHONE, MASKED),
        (int(PHONE), MASKED),
        (float(PHONE), MASKED),
        (PHONE.encode(), f"b'{MASKED}'"),
        (ValueError(PHONE), MASKED),
        ({"a": [PHONE, 7], PHONE: None}, {"a": [MASKED, 7], MASKED: None}),
        ((PHONE, True), (MASKED, True)),
        (MASKED, MASKED),
        (3.5, 3.5),
        (None, None),
        ("张伟", "张伟"),
    ],
)
def test_fields_of_a_record_and_of_an_event_are_masked(
    masking: Filter, field: Any, masked: Any
) -> None:
    record = logging.makeLogRecord({"msg": "x", "buyer": field})
    assert masking.filter(record)
    assert record.__dict__["buyer"] == masked
    event = masking(None, "info", {"event": f"电话{PHONE}", "level": "info", "buyer": field})
    assert event == {"event": f"电话{MASKED}", "level": "info", "buyer": masked}


def test_a_field_is_read_under_its_name(masking: Filter) -> None:
    event = masking(None, "info", {"event": "510107", "验证码": "510107", "微信": "demo88"})
    assert event["event"] == "510107"
    assert "demo88" not in event.values()


def test_names_are_masked_if_asked_for() -> None:
    text = f"收件人张伟，电话{PHONE}"
    assert Filter().mask_text(text) == f"收件人张伟，电话{MASKED}"
    assert Filter(names=True).mask_text(text) == f"收件人张*，电话{MASKED}"
    assert Filter(operator="cn_replace").mask_text(PHONE) == "[CN_MOBILE]"


class Broken:
    """Value whose text cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError(PHONE)


class BrokenError(Exception):
    def __str__(self) -> str:
        raise RuntimeError(PHONE)


def test_nothing_is_raised_and_nothing_leaks_that_cannot_be_masked(written: Any) -> None:
    logger, out = written
    logger.info("two %s %s", *[PHONE])
    logger.info("one %s", Broken())
    logger.info("none", extra={"error": BrokenError()})
    logger.info(BrokenError())
    loop: list[Any] = [PHONE]
    loop.append(loop)
    logger.info("loop", extra={"loop": loop})
    logger.error("x", exc_info=(None, None, None))
    text = out.getvalue()
    assert PHONE not in text
    assert f"two %s %s', ('{MASKED}',)" in text
    assert "[piiscan: not masked, RuntimeError]" in text


def test_an_exception_of_an_event_becomes_text(masking: Filter) -> None:
    try:
        raise ValueError(PHONE)
    except ValueError as error:
        for given in (True, error, sys.exc_info()):
            event = masking(None, "error", {"event": "x", "exc_info": given})
            assert event["exception"].endswith(f"ValueError: {MASKED}")
            assert "exc_info" not in event
    assert masking(None, "error", {"event": "x", "exc_info": None}) == {"event": "x"}


def test_a_configuration_names_the_filter() -> None:
    from logging.config import dictConfig

    dictConfig(
        {
            "version": 1,
            "filters": {"pii": {"()": "piiscan.logging.Filter", "min_score": 0.6}},
            "handlers": {"memory": {"class": "logging.NullHandler", "filters": ["pii"]}},
            "loggers": {"piiscan.test": {"handlers": ["memory"]}},
        }
    )
    (handler,) = logging.getLogger("piiscan.test").handlers
    assert isinstance(handler.filters[0], Filter)
