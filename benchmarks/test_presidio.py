"""Speed of piiscan's recognizers in a Presidio AnalyzerEngine, one call per line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from conftest import AS_OF
from dumps import SAMPLE, Dump, megabytes

from piiscan.detect.engine import Engine


@pytest.mark.parametrize("name", ["sale-7967", "waybill-300k", "prose-40MB"])
def test_presidio_door(
    name: str, engine: Engine, dump: Callable[..., Dump], measure: Any, one_core: None
) -> None:
    import pyarrow as pa

    from piiscan.presidio import analyzer

    sample, analyzer_engine = dump(name).lines[: SAMPLE // 10], analyzer(as_of=AS_OF)
    results = measure(
        lambda: [analyzer_engine.analyze(text=text, language="zh") for text in sample],
        corpus=name, way="piiscan Presidio door", mb=megabytes(sample), rounds=2,
    )  # fmt: skip
    found = Counter(result.entity_type for text_results in results for result in text_results)
    batch = engine.find_table(pa.array(sample, pa.string()))
    assert found == Counter(batch["entity"].to_pylist())
    assert found["CN_MOBILE"] > 0
