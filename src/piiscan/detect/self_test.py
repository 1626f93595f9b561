"""Self-test of the catalogue: run every example and counterexample of its recognizers.

``piiscan recognizers check`` and the project's tests share this code. A route runs all examples
through the engine in one manner and returns the FOUND rows of each, at min_score 0.3. The routes
here run texts one by one, in one batch, in small chunks and in several threads. Callers may add
routes of their own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import Example, Recognizer
from piiscan.detect.engine import Engine
from piiscan.detect.matching.batch import CHUNK_BYTES

Rows = list[dict[str, Any]]
Route = Callable[[Sequence[Example]], list[Rows]]

#: The day for which the shipped examples are written.
AS_OF = datetime.date(2026, 1, 1)
_LOW, _DEFAULT = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """Failed self-test: an example that is not found, or a counterexample that is found."""

    file: str
    recognizer: str
    route: str
    example: Example
    problem: str


def run_self_test(
    catalog: Catalog,
    ids: Sequence[str] | None = None,
    *,
    routes: Mapping[str, Route] | None = None,
    as_of: datetime.date = AS_OF,
) -> list[Failure]:
    """Run all examples of the recognizers ``ids`` on every route and return the failures.

    ``ids=None`` runs every recognizer. ``routes`` are added to the engine's own. ``as_of`` is the
    day for dates of birth. An empty list means success.
    """
    engine = Engine(catalog, as_of=as_of)
    own_routes = engine_routes(engine)
    all_routes = {**own_routes, **(routes or {})}
    selected = [r for r in catalog.recognizers if ids is None or r.id in ids]
    cases = [
        (recognizer, example, must_find)
        for recognizer in selected
        for examples, must_find in (
            (recognizer.examples, True),
            (recognizer.counterexamples, False),
        )
        for example in examples
    ]
    failures = [
        Failure(r.file, r.id, "", Example(""), "has no example") for r in selected if not r.examples
    ]
    failures += [failure for rule in selected for failure in _unmatched_entries(engine, rule)]
    for name, route in all_routes.items():
        rows_by_case = route([example for _, example, _ in cases])
        for (recognizer, example, must_find), rows in zip(cases, rows_by_case, strict=True):
            problem = _example_problem(recognizer, example, rows, must_find=must_find)
            if problem:
                failures.append(Failure(recognizer.file, recognizer.id, name, example, problem))
    return failures


def _unmatched_entries(engine: Engine, recognizer: Recognizer) -> list[Failure]:
    """Return a failure for each watch-list line that matches no canonical value.

    A line such as ``138 0013 8000`` can never match, because the canonical value is
    ``13800138000``. Return [] if the recognizer has no watch list of values.
    """
    if recognizer.watch is None or not recognizer.watch.values:
        return []
    watched = [engine.catalog.by_id[name] for name in recognizer.watch.of]
    headers = {None, *(name for other in watched for name in other.columns[:1])}
    texts = pa.array([value for _, value in recognizer.watch.values], pa.string())
    matched: set[int] = set()
    for header in headers:
        found = engine.find_table(texts, label=label_of(engine.catalog, header), min_score=_LOW)
        is_own = pa.compute.equal(found["recognizer"].cast(pa.string()), recognizer.id)
        matched.update(found["index"].filter(is_own).to_pylist())
    problem = "is no canonical value of what is watched; find gives it"
    return [
        Failure(
            recognizer.file,
            recognizer.id,
            "list",
            Example(f"{recognizer.watch.file}:{line}"),
            problem,
        )
        for number, (line, _) in enumerate(recognizer.watch.values)
        if number not in matched
    ]


def engine_routes(engine: Engine) -> dict[str, Route]:
    """Return route name -> route of ``engine``: alone, batch, chunks (16 bytes), threads."""

    def run_batch(examples: Sequence[Example], chunk: int = CHUNK_BYTES) -> list[Rows]:
        rows_by_example: list[Rows] = [[] for _ in examples]
        for header in {example.label for example in examples}:
            positions = [i for i, example in enumerate(examples) if example.label == header]
            table = engine.find_table(
                pa.array([examples[i].text for i in positions], pa.string()),
                label=label_of(engine.catalog, header),
                min_score=_LOW,
                chunk=chunk,
            )
            for row in table.to_pylist():
                rows_by_example[positions[row["index"]]].append(row)
        return rows_by_example

    def run_threads(examples: Sequence[Example]) -> list[Rows]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda example: run_batch([example])[0], examples))

    return {
        "alone": lambda examples: [run_batch([example])[0] for example in examples],
        "batch": run_batch,
        "chunks": lambda examples: run_batch(examples, 16),
        "threads": run_threads,
    }


def _example_problem(
    recognizer: Recognizer, example: Example, rows: Rows, *, must_find: bool
) -> str:
    """Describe the error in the findings ``rows`` of one example; return "" if they are right.

    ``must_find``: True for an example of the recognizer, False for a counterexample.
    """
    own_rows = [row for row in rows if row["recognizer"] == recognizer.id]
    for row in rows:
        if row["text"] != example.text[row["start"] : row["end"]]:
            return "the text of a finding is not what stands at its place"
    if not must_find:
        found = any(row["score"] >= _DEFAULT for row in own_rows)
        return "is found, and must not be" if found else ""
    if recognizer.bare == "L" and example.label is None:
        among_alternatives = any(
            other["recognizer"] == recognizer.id for row in rows for other in row["alternatives"]
        )
        if not own_rows:
            return "" if among_alternatives else "is not found at 0.3, nor among the alternatives"
    elif not any(row["score"] >= _DEFAULT for row in own_rows):
        return "is not found at the default threshold"
    if example.value is not None and all(row["value"] != example.value for row in own_rows):
        return f"gives another value than {example.value!r}"
    return ""
