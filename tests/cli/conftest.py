"""Calls of the command line inside this process."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from piiscan.cli import main


@dataclass(frozen=True)
class Called:
    """What one call gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Call = Callable[..., Called]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """call("find", "text", stdin=b"…", lang="en"): a Chinese user unless told otherwise."""

    def run(
        *words: object, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> Called:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = main([str(word) for word in words], environment or {"LANG": "zh_CN.UTF-8"})
        told = capsys.readouterr()
        return Called(code, told.out, told.err)

    return run
