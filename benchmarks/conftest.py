from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

# Read by the library that multiplies matrices when numpy is first imported: what is kept on one
# core may not have threads that wait for another. Processes that benchmarks start do without it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import dumps

AS_OF = datetime.date(2026, 1, 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    """Notes in a benchmark's result whether its counts were right: a wrong answer has no speed."""
    report = yield
    if report.when == "call" and "benchmark" in item.funcargs:
        item.funcargs["benchmark"].extra_info["right"] = report.passed
    return report


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dumps.Dump]:
    """The measured files by name, each made once."""
    folder = tmp_path_factory.mktemp("dumps")
    known: dict[str, dumps.Dump] = {}

    def get(name: str) -> dumps.Dump:
        if name not in known:
            known[name] = dumps.made(name, folder)
        return known[name]

    return get


@pytest.fixture(scope="session")
def engine() -> Any:
    """The engine with the shipped catalogue."""
    from piiscan.detect.catalog import catalog
    from piiscan.detect.engine import Engine

    return Engine(catalog.load(), as_of=AS_OF)


@pytest.fixture
def one_core() -> Iterator[None]:
    """Keeps what runs here on one processor core."""
    cores, threads = os.sched_getaffinity(0), pa.cpu_count()
    os.sched_setaffinity(0, {min(cores)})
    pa.set_cpu_count(1)
    yield
    os.sched_setaffinity(0, cores)
    pa.set_cpu_count(threads)


@pytest.fixture
def measured(benchmark: Any) -> Callable[..., Any]:
    """Runs a function some times, and notes corpus, way, megabytes and hits beside the times.

    The first rounds also pay for memory that the process has never touched: the results of one
    live on while the next is made.
    """

    def measure(run: Callable[[], Any], *, rounds: int = 9, **facts: Any) -> Any:
        benchmark.extra_info.update(facts)
        benchmark.group = facts.get("corpus")
        return benchmark.pedantic(run, rounds=rounds, iterations=1, warmup_rounds=1)

    return measure
