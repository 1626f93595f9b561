"""One analyzer for all tests of the Presidio door: making it loads jieba's dictionary."""

from typing import Any

import pytest

import piiscan.presidio
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load()


@pytest.fixture(scope="session")
def engine(catalog: Catalog) -> Engine:
    return Engine(catalog, as_of=AS_OF)


@pytest.fixture(scope="session")
def analyzer() -> Any:
    return piiscan.presidio.analyzer(as_of=AS_OF)
