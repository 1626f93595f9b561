"""The tagger: what it finds, in any characters, and that batching changes nothing."""

import random
from dataclasses import replace
from functools import partial
from importlib import resources
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from piiscan import find_table
from piiscan.detect.ner.model import tagger as tagging
from piiscan.detect.ner.model.tagger import Spans, Tagger
from piiscan.detect.ner.model.weights import packaged_weights
from tests.detect.ner.model.hanzi import Truth, districts, drawn, traditional
from tests.detect.ner.spans import LETTERS
from tests.often import long

PROSE = [
    "被告人张伟民伙同李秀兰，以每条五元的价格出售公民个人信息。",
    "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号3栋2单元501室",
    "13800138000欧阳娜娜浙江省杭州市西湖区文三路478号",
    "今天天气很好，我们一起去公园散步，然后回家吃饭。",
    "现居江苏省南京市鼓楼区中山北路88号，是一名教师。",
    "阿卜杜热依木·买买提江",
    "",
    "The quick brown fox jumps over the lazy dog 12345678901",
    "新华社记者赵丽华、陈志强报道",
    "\n",
    "北京字节跳动科技有限公司财务总监刘志远",
]
ALPHABET = (
    "张王李欧阳某伟丽省市区县路号栋室0123456789abcXYZ·•,，。 \t\n\u200b\ud800\x00\ufffe𠮷😀灣灣區"
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


def batch(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.frombuffer(joined, np.uint32), offsets


def shown(text: str, spans: Spans) -> list[str]:
    rows = zip(spans.start.tolist(), spans.end.tolist(), spans.kind.tolist(), strict=True)
    return [f"{text[start:end]}/{LETTERS[kind]}" for start, end, kind in rows]


def found(tagger: Tagger, text: str) -> list[str]:
    return shown(text, tagger.spans(*batch([text])))


def same(one: Spans, other: Spans) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def rows(tagger: Tagger, texts: list[str]) -> Spans:
    """Spans of each text asked by itself, put where a batch has them."""
    points, offsets = batch(texts)
    alone = [
        tagger.spans(points[low:high], np.array([0, high - low]))
        for low, high in pairwise(offsets.tolist())
    ]
    moved = [
        Spans(each.start + low, each.end + low, each.kind, each.score)
        for each, low in zip(alone, offsets[:-1], strict=True)
    ]
    return Spans(*(np.concatenate(part) for part in zip(*moved, strict=True)))


def test_short_texts_have_the_spans_of_long_ones(tagger: Tagger) -> None:
    weights = packaged_weights()
    stepwise = Tagger(weights, scorer=partial(tagging.score_symbols, weights))
    draw = random.Random(30)
    for size in (1, 2, 5, 11):
        for _ in range(20):
            texts = [draw.choice(PROSE) for _ in range(size)]
            texts.append("".join(draw.choices(ALPHABET, k=draw.randrange(60))))
            points, offsets = batch(texts)
            taken = np.array([draw.random() < 0.1 for _ in points], np.bool_)
            assert len(points) <= tagging.MAX_SHORT
            one = tagger.spans(points, offsets, taken=taken)
            assert same(one, stepwise.spans(points, offsets, taken=taken))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (PROSE[0], ["张伟民/p", "李秀兰/p"]),
        (PROSE[1], ["王建国/p", "湖南省长沙市岳麓区麓山南路932号3栋2单元501室/a"]),
        (PROSE[2], ["欧阳娜娜/p", "浙江省杭州市西湖区文三路478号/a"]),
        (PROSE[4], ["江苏省南京市鼓楼区中山北路88号/a"]),
        (PROSE[5], ["阿卜杜热依木·买买提江/p"]),
        (PROSE[8], ["赵丽华/p", "陈志强/p"]),
        ("聯絡人：陳美玲 地址：臺北市大安區和平東路二段106號", ["陳美玲/p"]),
        ("收件人张伟民，上海市", ["张伟民/p"]),
        ("收件人张\u200b伟\u200d民，上海市", ["张\u200b伟\u200d民/p"]),
    ],
)
def test_names_and_addresses_are_found_whole(tagger: Tagger, text: str, names: list[str]) -> None:
    assert set(names) <= set(found(tagger, text))


HOST = "Jul 4 20:54:03 calvisitor-10-105-162-105 kernel[0]: reverse 83-227-067##8661"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("收件人王先生13800138000", ["王/p"]),  # a title is no part of a name
        ("张先生电话13800138000", ["张/p"]),
        *((each, []) for each in (PROSE[3], PROSE[6], PROSE[7], HOST)),
        *((each, []) for each in ("手机", "运单号", "系统启动完成")),
    ],
)
def test_titles_and_ordinary_text_are_in_no_name(
    tagger: Tagger, text: str, names: list[str]
) -> None:
    assert found(tagger, text) == names


def texts_in_company() -> dict[str, list[str]]:
    """Return batches whose texts must be read as each alone."""
    draw, prose = random.Random(11), PROSE * 3
    random.Random(3).shuffle(prose)
    return {
        "prose": prose,
        "random": ["".join(draw.choices(ALPHABET, k=draw.randint(0, 40))) for _ in range(200)],
        # what passes the gate next door opens it for no other text
        "gate": ["6150017款张三430104190506150016男取件", "telephone澳门"],
    }


@pytest.mark.parametrize("name", ["prose", "random", "gate"])
def test_a_batch_gives_what_each_text_gives_alone(tagger: Tagger, name: str) -> None:
    texts = texts_in_company()[name]
    assert same(tagger.spans(*batch(texts)), rows(tagger, texts))


def test_the_size_of_blocks_and_portions_changes_nothing(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*PROSE * 4, "".join(PROSE) * 30]
    whole = tagger.spans(*batch(texts))
    monkeypatch.setattr(tagging, "MAX_BATCH", 900)
    monkeypatch.setattr(tagging, "WINDOW", 500)
    assert same(tagger.spans(*batch(texts)), whole)


def test_the_gate_hides_next_to_no_span(tagger: Tagger) -> None:
    wide = Tagger(replace(packaged_weights(), gate_threshold=np.float32(-(2**24))))
    draw = random.Random(3)
    texts = PROSE + ["".join(draw.choices(ALPHABET, k=60)) + draw.choice(PROSE) for _ in range(300)]
    found = (each.spans(*batch(texts)) for each in (tagger, wide))
    gated, all_spans = (
        set(zip(*(part.tolist() for part in each[:3]), strict=True)) for each in found
    )
    assert len(all_spans) > 300
    assert len(gated & all_spans) > 0.9 * len(all_spans)


def test_spans_are_in_order_inside_their_text_and_apart(tagger: Tagger) -> None:
    draw = random.Random(12)
    texts = ["".join(draw.choices(ALPHABET, k=60)) + draw.choice(PROSE) for _ in range(300)]
    points, offsets = batch(texts)
    spans = tagger.spans(points, offsets)
    text = np.searchsorted(offsets, spans.start, side="right")
    assert len(spans.start)
    assert (spans.start < spans.end).all()
    assert (spans.end <= offsets[text]).all()
    assert (spans.start[1:] >= spans.end[:-1]).all()
    assert ((spans.score >= 0) & (spans.score <= 1)).all()


def test_what_is_taken_is_in_no_span(tagger: Tagger) -> None:
    points, offsets = batch(PROSE)
    taken = np.zeros(len(points), np.bool_)
    taken[::5] = True
    spans = tagger.spans(points, offsets, taken=taken)
    assert not any(taken[a:b].any() for a, b in zip(spans.start, spans.end, strict=True))


def test_taken_digits_keep_an_address_apart_from_them(tagger: Tagger) -> None:
    text = "湖北省武汉市洪山区珞喻路1037号13800138000刘建华"
    points, offsets = batch([text])
    taken = np.zeros(len(points), np.bool_)
    at = text.index("138")
    taken[at : at + 11] = True
    assert shown(text, tagger.spans(points, offsets, taken=taken)) == [
        *("湖北省武汉市洪山区珞喻路1037号/a", "刘建华/p")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ud800" * 3000,
        "\x00" * 3000,
        "张" * 70_000,
        long("张" * 300_000),
        "1" * 300_000,
        " " * 300_000,
        "\U0010ffff王伟",
    ],
    ids=["surrogates", "nul", "one character", "more of it", "digits", "spaces", "planes"],
)
def test_hostile_text_is_read_to_its_end(tagger: Tagger, text: str) -> None:
    spans = tagger.spans(*batch([text, PROSE[8]]))
    assert "赵丽华/p" in shown(text + PROSE[8], spans)


def test_numbers_that_are_no_characters_are_read(tagger: Tagger) -> None:
    points = np.random.default_rng(5).integers(0, 2**32, 50_000, np.uint32)
    spans = tagger.spans(points, np.array([0, 20_000, 50_000]))
    assert (spans.end <= 50_000).all()


def test_no_text_has_no_spans(tagger: Tagger) -> None:
    empty = np.empty(0, np.uint32)
    assert len(tagger.spans(empty, np.zeros(1, np.int64)).start) == 0
    assert len(tagger.spans(empty, np.zeros(4, np.int64)).start) == 0


def test_the_weights_are_small() -> None:
    assert len(resources.files("piiscan.data").joinpath("names.npz").read_bytes()) <= 5_000_000


KINDS = ("PERSON", "CN_ADDRESS")


def exactness(texts: list[str], truths: list[Truth]) -> dict[str, float]:
    """F1 of exact spans by kind."""
    found = find_table(pa.array(texts)).select(["index", "start", "end", "entity"]).to_pylist()
    said = {tuple(row.values()) for row in found if row["entity"] in KINDS}
    true = {(index, *span) for index, truth in enumerate(truths) for span in truth}
    return {
        kind: 2 * sum(span[3] == kind for span in said & true)
        / (sum(span[3] == kind for span in said) + sum(span[3] == kind for span in true))
        for kind in KINDS
    }  # fmt: skip


LINES = {"drawn": drawn(390), "districts": districts(480)}


@pytest.mark.parametrize(
    ("name", "share", "least"),
    [
        *(("drawn", share, {"PERSON": 0.97, "CN_ADDRESS": 0.98}) for share in (0.0, 0.5, 1.0)),
        ("districts", 0.0, {"PERSON": 0.97, "CN_ADDRESS": 0.96}),
    ],
)
def test_names_and_addresses_are_found_whatever_the_share_of_old_characters(
    name: str, share: float, least: dict[str, float]
) -> None:
    texts = [traditional(text, share, seed) for seed, (text, _) in enumerate(LINES[name])]
    reached = exactness(texts, [truth for _, truth in LINES[name]])
    assert all(reached[kind] >= share for kind, share in least.items()), reached


def test_lines_are_really_converted() -> None:
    texts = [text for text, _ in LINES["drawn"]]
    assert all(len(traditional(text, 1.0)) == len(text) for text in texts)
    assert sum(traditional(text, 1.0) != text for text in texts) > 0.9 * len(texts)
    joined = "".join(text for text, _ in LINES["districts"])
    assert "臺北市" not in joined
    assert all(
        place in joined for place in ("台北市", "台中市", "新竹縣", "屏東縣", "九龍", "澳門")
    )
