"""One analyzer for all tests of the Presidio door: making it loads jieba's dictionary."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

import piiscan.presidio
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF

_BETWEEN = (
    " ",
    "，",
    ",",
    "\t",
    "\n",
    "；",
    " / ",
    "",
    "。收件人",
    "电话",
    "身份证号：",
    "(",
    "尾号",
)
_ROUND = ("", "客户", "请于明日送达", "订单 ", "ID=", "😀", "见附件", "\u3000", "null", "x")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load()


@pytest.fixture(scope="session")
def engine(catalog: Catalog) -> Engine:
    return Engine(catalog, as_of=AS_OF)


@pytest.fixture(scope="session")
def analyzer() -> Any:
    return piiscan.presidio.analyzer(as_of=AS_OF)


@pytest.fixture(scope="session")
def made(catalog: Catalog) -> Callable[[int, int], list[str]]:
    """(count, seed) -> texts of one to four examples or counterexamples, glued by this and that."""

    def make(count: int, seed: int) -> list[str]:
        rng = random.Random(seed)
        pieces = [
            example.text
            for rule in catalog.recognizers
            for example in (*rule.examples, *rule.counterexamples)
        ]
        texts = []
        for _ in range(count):
            parts = [rng.choice(_ROUND)]
            for _ in range(rng.randint(1, 4)):
                parts += [rng.choice(pieces), rng.choice(_BETWEEN)]
            texts.append("".join([*parts, rng.choice(_ROUND)]))
        return texts

    return make
