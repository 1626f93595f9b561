"""Recognizers carry their proof: every example and counterexample, through every route.

The same code serves ``piiscan recognizers check`` and the project's tests.  A route takes texts
with their labels and gives the FOUND rows of each at min_score 0.3; the routes here run texts
alone, together, cut into tiny chunks and from several threads; doors above add their own.
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
from piiscan.detect.matching.batch import CHUNK

Rows = list[dict[str, Any]]
Route = Callable[[Sequence[Example]], list[Rows]]

#: The day for which the shipped examples are written.
AS_OF = datetime.date(2026, 1, 1)
_LOW, _DEFAULT = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Failure:
    """One example that is not found as it should be, or a counterexample that is."""

    file: str
    recognizer: str
    route: str
    example: Example
    problem: str


def prove(
    catalog: Catalog,
    ids: Sequence[str] | None = None,
    *,
    routes: Mapping[str, Route] | None = None,
    as_of: datetime.date = AS_OF,
) -> list[Failure]:
    """Every failure of the recognizers ``ids`` (all if None) on every route; [] is proof."""
    engine = Engine(catalog, as_of=as_of)
    ways = {**routes_of(engine), **(routes or {})}
    wanted = [r for r in catalog.recognizers if ids is None or r.id in ids]
    cases = [
        (recognizer, example, must)
        for recognizer in wanted
        for examples, must in ((recognizer.examples, True), (recognizer.counterexamples, False))
        for example in examples
    ]
    failures = [
        Failure(r.file, r.id, "", Example(""), "has no example") for r in wanted if not r.examples
    ]
    failures += [failure for rule in wanted for failure in _unmet(engine, rule)]
    for name, route in ways.items():
        answers = route([example for _, example, _ in cases])
        for (recognizer, example, must), rows in zip(cases, answers, strict=True):
            problem = _problem(recognizer, example, rows, must=must)
            if problem:
                failures.append(Failure(recognizer.file, recognizer.id, name, example, problem))
    return failures


def _unmet(engine: Engine, rule: Recognizer) -> list[Failure]:
    """The lines of a watch list that can never be met: no canonical value of what it watches."""
    if rule.watch is None or not rule.watch.values:
        return []
    watched = [engine.catalog.by_id[name] for name in rule.watch.of]
    headers = {None, *(name for other in watched for name in other.columns[:1])}
    texts = pa.array([value for _, value in rule.watch.values], pa.string())
    met: set[int] = set()
    for header in headers:
        found = engine.find_table(texts, label=label_of(engine.catalog, header), min_score=_LOW)
        own = pa.compute.equal(found["recognizer"].cast(pa.string()), rule.id)
        met.update(found["index"].filter(own).to_pylist())
    problem = "is no canonical value of what is watched; find gives it"
    return [
        Failure(rule.file, rule.id, "list", Example(f"{rule.watch.file}:{line}"), problem)
        for number, (line, _) in enumerate(rule.watch.values)
        if number not in met
    ]


def routes_of(engine: Engine) -> dict[str, Route]:
    """The engine's own routes."""

    def together(examples: Sequence[Example], chunk: int = CHUNK) -> list[Rows]:
        answers: list[Rows] = [[] for _ in examples]
        for header in {example.label for example in examples}:
            places = [i for i, example in enumerate(examples) if example.label == header]
            table = engine.find_table(
                pa.array([examples[i].text for i in places], pa.string()),
                label=label_of(engine.catalog, header),
                min_score=_LOW,
                chunk=chunk,
            )
            for row in table.to_pylist():
                answers[places[row["index"]]].append(row)
        return answers

    def threads(examples: Sequence[Example]) -> list[Rows]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda example: together([example])[0], examples))

    return {
        "alone": lambda examples: [together([example])[0] for example in examples],
        "batch": together,
        "chunks": lambda examples: together(examples, 16),
        "threads": threads,
    }


def _problem(recognizer: Recognizer, example: Example, rows: Rows, *, must: bool) -> str:
    """What is wrong with the answer to one example, or nothing."""
    own = [row for row in rows if row["recognizer"] == recognizer.id]
    for row in rows:
        if row["text"] != example.text[row["start"] : row["end"]]:
            return "the text of a finding is not what stands at its place"
    if not must:
        found = any(row["score"] >= _DEFAULT for row in own)
        return "is found, and must not be" if found else ""
    if recognizer.bare == "L" and example.label is None:
        lost = any(
            other["recognizer"] == recognizer.id for row in rows for other in row["alternatives"]
        )
        if not own:
            return "" if lost else "is not found at 0.3, nor among the alternatives"
    elif not any(row["score"] >= _DEFAULT for row in own):
        return "is not found at the default threshold"
    if example.value is not None and all(row["value"] != example.value for row in own):
        return f"gives another value than {example.value!r}"
    return ""
