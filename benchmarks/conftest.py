from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

# OpenBLAS reads this when numpy is first imported. Threads that wait for another core would slow
# down a test on one core. Processes that benchmarks start do not inherit it.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import dumps

#: A script that starts a Spark cluster; see docs/spark.md.
collect_ignore = ["spark_cluster.py"]
AS_OF = datetime.date(2026, 1, 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    """Store in each benchmark's ``extra_info`` if its test passed: ``right``.

    The speed of a wrong answer means nothing.
    """
    report = yield
    if report.when == "call" and "benchmark" in item.funcargs:
        item.funcargs["benchmark"].extra_info["right"] = report.passed
    return report


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dumps.Dump]:
    """Return a function from a dump's name to its file, generated once per session."""
    folder = tmp_path_factory.mktemp("dumps")
    known: dict[str, dumps.Dump] = {}

    def get(name: str) -> dumps.Dump:
        """Return the dump ``name``; generate it on the first call."""
        if name not in known:
            known[name] = dumps.make_dump(name, folder)
        return known[name]

    return get


@pytest.fixture(scope="session")
def engine() -> Any:
    """Return the detection engine with the shipped catalog."""
    from piiscan.detect.catalog import catalog
    from piiscan.detect.engine import Engine

    return Engine(catalog.load(), as_of=AS_OF)


@pytest.fixture
def one_core() -> Iterator[None]:
    """Bind this process and Arrow to one processor core during the test."""
    cores, threads = os.sched_getaffinity(0), pa.cpu_count()
    os.sched_setaffinity(0, {min(cores)})
    pa.set_cpu_count(1)
    yield
    os.sched_setaffinity(0, cores)
    pa.set_cpu_count(threads)


@pytest.fixture
def measure(benchmark: Any) -> Callable[..., Any]:
    """Return a function that times its argument and stores facts (corpus, way) in the result.

    The warm-up round pays for memory that the process uses for the first time.
    """

    def run_rounds(run: Callable[[], Any], *, rounds: int = 9, **facts: Any) -> Any:
        """Time ``run`` in ``rounds`` rounds after a warm-up; return the result of ``run``."""
        benchmark.extra_info.update(facts)
        benchmark.group = facts.get("corpus")
        return benchmark.pedantic(run, rounds=rounds, iterations=1, warmup_rounds=1)

    return run_rounds
