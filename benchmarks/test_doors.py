"""Speed of every door, text by text and in batches, beside stock Presidio with four patterns.

All doors read the same lines, with names; their counts must agree with the batch engine.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import baselines
import pytest
from conftest import AS_OF
from dumps import Dump

import piiscan

#: Lines measured of each kind.
LINES = 1_000
KINDS = ("sale", "waybill", "chat", "log", "prose")
SAID = ("老板在吗，我要买一批数据", "明天下午开会，别迟到了", "快递放门口就行", "这个多少钱一条")
DOORS = (
    *("find_table", "find_all", "find", "find, no names", "analyze", "batch", "structured"),
    *("http", "tokens"),
)


def chat_line(draw: random.Random) -> str:
    """Return a line of a group chat; every fifth has a mobile number."""
    said = draw.choice(SAID)
    number = f"，打我电话1{draw.choice('358')}{draw.randrange(10**9):09d}"
    return said + (number if draw.random() < 0.2 else "。")


def log_line(draw: random.Random) -> str:
    """Return a line of a server's log with an address of the network."""
    return (
        f"2026-01-{draw.randrange(1, 29):02d} 03:04:05 INFO order id={draw.randrange(10**6)} "
        f"ip=10.0.{draw.randrange(255)}.{draw.randrange(255)} status=ok cost={draw.randrange(99)}ms"
    )


@pytest.fixture(scope="session")
def lines(dump: Callable[[str], Dump]) -> Callable[[str], list[str]]:
    """Return a function from a kind of line to its lines."""

    def of_kind(kind: str) -> list[str]:
        """Return LINES lines: of a corpus, or drawn."""
        draw = random.Random(5)
        if kind in ("chat", "log"):
            return [(chat_line if kind == "chat" else log_line)(draw) for _ in range(LINES)]
        corpus = {"sale": "sale-7967", "waybill": "waybill-300k", "prose": "prose-40MB"}[kind]
        return [line for line in dump(corpus).lines if line.strip()][:LINES]

    return of_kind


def through(door: str, texts: Sequence[str]) -> Callable[[], int]:
    """Return a function that reads ``texts`` through ``door`` and counts the findings."""
    import pandas as pd
    from presidio_analyzer import BatchAnalyzerEngine
    from presidio_structured import PandasAnalysisBuilder

    from piiscan import presidio
    from piiscan.presidio.app import create_app

    analyzer = presidio.analyzer(as_of=AS_OF)
    app = create_app(analyzer)
    batch = BatchAnalyzerEngine(analyzer)
    frame = pd.DataFrame({"line": texts})
    builder = PandasAnalysisBuilder(analyzer)
    known: dict[str, Callable[[], int]] = {
        "find_table": lambda: len(piiscan.find_table(texts, as_of=AS_OF)),
        "find_all": lambda: sum(map(len, piiscan.find_all(texts, as_of=AS_OF))),
        "find": lambda: sum(len(piiscan.find(text, as_of=AS_OF)) for text in texts),
        "find, no names": lambda: sum(
            len(piiscan.find(text, names=False, as_of=AS_OF)) for text in texts
        ),
        "analyze": lambda: baselines.count_results(analyzer, texts),
        "batch": lambda: sum(map(len, batch.analyze_iterator(texts, "zh"))),
        "structured": lambda: len(
            builder.generate_analysis(frame, n=len(texts), language="zh").entity_mapping
        ),
        "http": lambda: sum(len(post(app, text)) for text in texts),
        "tokens": lambda: sum(
            len(analyzer.nlp_engine.process_text(text, "zh").tokens) for text in texts
        ),
    }
    return known[door]


def post(app: Any, text: str) -> Any:
    """Return the answer of the server's route ``/analyze`` to one text, without a socket."""
    body = json.dumps({"text": text, "language": "zh"}).encode()
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"REQUEST_METHOD": "POST", "PATH_INFO": "/analyze", "wsgi.input": BytesIO(body)}
    environ |= {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json"}
    return json.loads(b"".join(app(environ, lambda *_: None)))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", KINDS)
def test_door(
    kind: str, door: str, lines: Callable[[str], list[str]], measure: Any, one_core: None
) -> None:
    texts = lines(kind)
    found = measure(through(door, texts), corpus=kind, door=door, texts=len(texts), rounds=4)
    if door == "tokens":
        assert found > len(texts)
        return
    if door == "structured":  # one column, so one entity or none
        entities = piiscan.find_table(texts, as_of=AS_OF)["entity"].to_pylist()
        assert found == bool(entities)
        return
    names = door != "find, no names"
    assert found == len(piiscan.find_table(texts, names=names, as_of=AS_OF))
    assert found > 0 or kind == "prose"


@pytest.mark.parametrize("segmenter", ["char", "jieba"])
@pytest.mark.parametrize("kind", KINDS)
def test_stock_door(
    kind: str, segmenter: str, lines: Callable[[str], list[str]], measure: Any, one_core: None
) -> None:
    texts, analyzer = lines(kind), baselines.stock_analyzer(segmenter)
    found = measure(
        lambda: baselines.count_results(analyzer, texts),
        corpus=kind, door=f"stock Presidio, {segmenter}", texts=len(texts), rounds=4,
    )  # fmt: skip
    pattern = baselines.python_re_pattern()
    assert found == sum(1 for line in texts for _ in pattern.finditer(line))
