"""Names in running text stand where no pattern does, and depend on nothing but their text.

The tagger here is a list of words, so that what the engine makes of its spans is told apart from
what the network knows (tests/detect/ner/model).
"""

import datetime
import re
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pytest

import piiscan
from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.engine import Engine
from piiscan.detect.ner import find_names
from piiscan.detect.ner.model.tagger import Spans

WORDS = {"张三": 0, "李四": 0, r"李\*": 0, "先生": 0, "岳麓区示例路1号": 1, "138": 1, "示例公司": 2}


NAMED = {"PERSON", "MASKED", "NICKNAME", "CN_ADDRESS", "ORGANIZATION"}


class WordTagger:
    """Spans of WORDS where nothing of them is taken; notes how many texts it was given."""

    asked = 0

    @classmethod
    def load(cls) -> Self:
        return cls()

    def spans(self, codes: Any, offsets: Any, *, taken: Any) -> Spans:
        found = []
        for first, last in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            WordTagger.asked += 1
            text = "".join(map(chr, codes[first:last].tolist()))
            for word, kind in WORDS.items():
                places = [
                    (first + hit.start(), first + hit.end()) for hit in re.finditer(word, text)
                ]
                found += [(*place, kind, 0.7) for place in places if not taken[slice(*place)].any()]
        found.sort()
        start, end, kind, score = zip(*found, strict=True) if found else ((), (), (), ())
        return Spans(
            np.array(start, np.int64),
            np.array(end, np.int64),
            np.array(kind, np.int8),
            np.array(score, np.float32),
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(find_names, "Tagger", WordTagger)
    WordTagger.asked = 0
    return Engine(load(), as_of=datetime.date(2026, 1, 1))


def rows(engine: Engine, texts: Sequence[str], **asked: Any) -> list[dict[str, Any]]:
    array = pa.array([each.encode("utf-8", "surrogatepass") for each in texts], pa.binary())
    return engine.find_table(array.cast(pa.string(), safe=False), **asked).to_pylist()  # type: ignore[no-any-return]


def told(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["index"], row["entity"], row["text"], row["score"]) for row in found]


def test_names_stand_beside_what_patterns_found(engine: Engine) -> None:
    text = "收件人：张三，电话13800138000，岳麓区示例路1号，示例公司"
    found = rows(engine, [text])
    assert told(found) == [
        (0, "PERSON", "张三", 0.85),  # right behind a word of its own
        (0, "CN_MOBILE", "13800138000", 0.85),
        (0, "CN_ADDRESS", "岳麓区示例路1号", 0.7),
        (0, "ORGANIZATION", "示例公司", 0.7),
    ]
    assert [row["role"] for row in found] == ["recipient"] * 4
    for row in found:
        assert row["text"] == text[row["start"] : row["end"]]


def test_equal_texts_are_read_once_and_answer_alike(engine: Engine) -> None:
    found = rows(engine, ["张三", "李\u200b四", "张三", "abc", "", "李\u200b四", "李四"])
    assert WordTagger.asked == 3
    assert [(row["index"], row["start"], row["end"], row["value"]) for row in found] == [
        (0, 0, 2, "张三"),
        (1, 0, 3, "李四"),
        (2, 0, 2, "张三"),
        (5, 0, 3, "李四"),
        (6, 0, 2, "李四"),
    ]


def test_a_text_gives_the_same_in_whatever_chunk_it_stands(engine: Engine) -> None:
    texts = ["张三13800138000", "x" * 30, "李四和张三", "先生张三", "示例公司李四"] * 3
    whole = rows(engine, texts)
    assert rows(engine, texts, chunk=16) == whole
    alone = [
        {**row, "index": number}
        for number, text in enumerate(texts)
        for row in rows(engine, [text])
    ]
    assert alone == whole


def test_no_name_is_read_where_the_column_says_otherwise(engine: Engine) -> None:
    catalog = engine.catalog
    assert rows(engine, ["张三同款外套"], label=label_of(catalog, "商品名称")) == []
    assert rows(engine, ["张三市"], label=label_of(catalog, "城市")) == []
    own = rows(engine, ["（收）张三，本人"], label=label_of(catalog, "收件人"))
    assert told(own) == [(0, "PERSON", "张三", 0.9)]


def test_a_cell_with_a_number_in_it_is_divided(engine: Engine) -> None:
    label = label_of(engine.catalog, "收货地址")
    found = rows(engine, ["岳麓区示例路1号 13800138000", "岳麓区示例路1号"], label=label)
    assert told(found) == [
        (0, "CN_ADDRESS", "岳麓区示例路1号", 0.9),
        (0, "CN_MOBILE", "13800138000", 0.85),
        (1, "CN_ADDRESS", "岳麓区示例路1号", 0.9),
    ]
    assert WordTagger.asked == 1


@pytest.mark.parametrize("text", ["见：李*", "李* 在", "x 李*\t在"])
def test_a_masked_name_is_masked_and_reported(engine: Engine, text: str) -> None:
    (found,) = rows(engine, [text, "张 三"])[:1]
    assert (found["entity"], found["text"], found["score"]) == ("MASKED", "李*", 0.7)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("● 王建国 13800138000", ["王建国/PERSON"]),  # a sign of a list, no mask
        ("○李建国、○王小明", ["李建国/PERSON", "王小明/PERSON"]),
        ("●晓东 13800138000", ["●晓东/MASKED"]),
        ("收 *小明 13800138000", ["*小明/MASKED"]),
        ("微信 13800138000", []),
        ("请联系王", []),
        ("先生们好", []),
        ("张先生电话13800138000", []),
        (
            "河南省南阳市卧龙区长江路247号万和城***",
            ["河南省南阳市卧龙区长江路247号万和城/CN_ADDRESS"],
        ),
    ],
)
def test_names_of_the_shipped_tagger_stand_beside_signs_and_masks(
    text: str, names: list[str]
) -> None:
    found = piiscan.find(text)
    assert [f"{each.text}/{each.entity}" for each in found if each.entity in NAMED] == names
    for each in piiscan.find(text, min_score=0.1):
        assert each.text == text[each.start : each.end]


@pytest.mark.parametrize("word", ["张三", "长沙市岳麓区", "示例公司"])
def test_a_text_without_an_end_is_no_name(word: str) -> None:
    assert all(len(each.text) <= 250 for each in piiscan.find(word * 5000))


def test_names_false_asks_nobody(engine: Engine) -> None:
    assert rows(engine, ["张三"], names=False) == []
    assert WordTagger.asked == 0


def test_a_form_of_address_is_refused_with_its_reason(engine: Engine) -> None:
    assert rows(engine, ["先生您好"]) == []
    refused = rows(engine, ["先生您好"], rejected=True)
    assert [(row["text"], row["reason"], row["score"]) for row in refused] == [
        ("先生", "PLACEHOLDER", 0.0)
    ]


def test_strange_bytes_keep_their_places(engine: Engine) -> None:
    text = "\ud800张三\U00020000\U0001d7ce李四\x00"
    found = rows(engine, [text])
    assert [(row["start"], row["end"]) for row in found] == [(1, 3), (5, 7)]
