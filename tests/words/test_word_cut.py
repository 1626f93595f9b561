"""Words are jieba's, for any text and any words that a user adds or takes away."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from piiscan.detect.catalog.catalog import load
from piiscan.words.jieba_settings import load_jieba
from piiscan.words.word_cut import cut, spacy_tokens, word_ends
from piiscan.words.word_tree import code_points

SENTENCES = (
    "",
    "长沙的快递",
    "收件人的快递单号，寄往长沙市岳麓区。\r\n请于明日送达 谢谢",
    "他来到了网易杭研大厦",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
    "张晓梅去人民医院做了个B超然后去买了件T恤",
    "C++和c#是什么关系？11+122=133，是吗？PI=3.14159 99.5% v2.0-rc_1.x",
    "AT&T是一件不错的公司，给你发offer了吗？",
    "干脆就把那部蒙人的闲法给废了拉倒！RT @laoshipukong : 27日，全国人大常委会",
    "无" * 50,
    "鿕鿖㐀𠮷\ud800\u3000\x1f\x85\u2028\r\r\n\n",
    "１３８ＡＢ 한국어 ひらがな",
    "a.b.1.5%%.5 1.a 1.5.5 +# -_-",
)
#: Characters that are mixed in random texts: words, names, digits, blanks, others.
PIECES = (
    *"的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面",
    *("长沙市", "岳麓区", "中国科学院", "快递", "人民", "共和国", "北京大学", "程序员", "一五一十"),
    *"王李张刘陈杨赵黄娜伟芳军洋磊静敏强霖曦彧翀犇甪",
    *("13800138000", "1.5%", "3.14", "C++", "T恤", "B超", "a-b_c", "&", "#", "%", ".", "+"),
    *(" ", "  ", "\r\n", "\n", "\r", "\t", "\u3000", "，", "。", "（"),
    *("😀", "é", "龦", "鿕", "鿖", "𠮷"),
)  # fmt: skip


def jieba_words(text: str) -> list[str]:
    return list(load_jieba().cut(text))


def spacys_tokens(text: str) -> tuple[list[str], list[bool]]:
    from spacy.util import get_words_and_spaces

    return get_words_and_spaces(jieba_words(text), text)


def random_texts(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    hanzi = [chr(code) for code in range(0x4E00, 0x9FD6)]
    return [
        "".join(
            rng.choice(hanzi) if rng.random() < share else rng.choice(PIECES)
            for _ in range(rng.randint(0, 60))
        )
        for share in (rng.choice((0, 0, 0.1, 0.5, 1)) for _ in range(count))
    ]


def assert_jiebas(texts: list[str]) -> None:
    assert [text for text in texts if cut(text) != jieba_words(text)] == []


@pytest.fixture
def words() -> Iterator[Any]:
    """jieba, whose dictionary is put back after the test."""
    jieba = load_jieba()
    jieba.initialize()
    source, split = jieba.dt, jieba.finalseg.Force_Split_Words
    kept = dict(source.FREQ), source.total, set(split)
    yield jieba
    source.FREQ, source.total = kept[0], kept[1]
    split.intersection_update(kept[2])


def test_sentences_are_cut_as_jieba_cuts_them() -> None:
    assert_jiebas(list(SENTENCES))


def test_examples_of_the_recognizers_are_cut_as_jieba_cuts_them() -> None:
    assert_jiebas([each.text for rule in load().recognizers for each in rule.examples])


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_random_texts_are_cut_as_jieba_cuts_them(count: int) -> None:
    texts = random_texts(count, seed=count)
    assert_jiebas(texts)
    ends = [word_ends(code_points(text)).tolist() for text in texts]
    assert ends == [list(accumulate(map(len, jieba_words(text)))) for text in texts]


@settings(deadline=None)
@given(st.text(st.one_of(st.sampled_from("的长沙市快递王1.%a+ \r\n\u3000鿕"), st.characters())))
def test_any_text_is_cut_as_jieba_cuts_it(text: str) -> None:
    assert cut(text) == jieba_words(text)
    assert spacy_tokens(text) == spacys_tokens(text)


def test_a_text_longer_than_the_kept_arrays_is_cut_whole() -> None:
    text = "".join(random_texts(400, seed=5))
    assert len(text) > 4096
    assert cut(text) == jieba_words(text)
    assert spacy_tokens(text) == spacys_tokens(text)


def test_threads_cut_at_the_same_time() -> None:
    texts = random_texts(400, seed=7)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(cut, texts * 5)) == [cut(text) for text in texts] * 5


def test_a_long_run_of_hanzi_takes_time_for_its_length_only() -> None:
    assert "".join(cut("无" * 1_000_000)) == "无" * 1_000_000


def test_tokens_are_those_that_spacy_makes_of_jiebas_words() -> None:
    for text in (*SENTENCES, *random_texts(500, seed=2)):
        assert spacy_tokens(text) == spacys_tokens(text)


def test_words_of_the_user_count_from_the_next_text(words: Any) -> None:
    text = "工单编号和王翀犇的快递单号"
    before = cut(text)
    for change in (
        lambda: words.add_word("工单编号"),
        lambda: words.add_word("王翀犇", 10),
        lambda: words.del_word("快递"),
        lambda: words.add_word("快递", 3000),
        lambda: words.del_word("快递"),  # now only a frequency changes
        lambda: words.suggest_freq(("工", "单"), tune=True),
        lambda: words.suggest_freq("单号", tune=True),
        lambda: words.add_word("#编", 5),
        lambda: words.add_word("含 空格", 5),
        lambda: words.del_word("翀犇"),
        words.dt.FREQ.clear,
    ):
        change()
        assert cut(text) == jieba_words(text)
        assert_jiebas(random_texts(50, seed=3))
    assert cut(text) != before


def test_words_that_are_always_split_are_split(words: Any) -> None:
    texts = [text for text in random_texts(300, seed=4) if text]
    unknown = [word for text in texts for word in jieba_words(text) if 1 < len(word) < 4]
    for word in unknown[:40]:
        words.finalseg.add_force_split(word)
    assert_jiebas(texts)


def test_another_dictionary_is_used(words: Any, tmp_path: Any) -> None:
    file = tmp_path / "words.txt"
    file.write_text("长沙的快递 5 n\n快递 9 n\n湖南长沙 1 n\n", "utf-8")
    words.set_dictionary(str(file))
    try:
        assert cut("长沙的快递") == ["长沙的快递"]
        assert_jiebas(random_texts(100, seed=6))
    finally:
        words.dt.dictionary = None
        words.dt.initialized = True


def test_a_dictionary_without_some_prefixes_is_read_as_jieba_reads_it(words: Any) -> None:
    words.dt.FREQ = {"长": 5, "长沙的快递": 7, "的": 0, "快递": 3, "快": 2}
    words.dt.total = 17
    for text in ("长沙的快递", "快递的长沙", "快快递递"):
        assert cut(text) == jieba_words(text)


_CUT = "from piiscan.words.word_cut import cut; assert cut('快递单号') == ['快递', '单', '号']"


@pytest.mark.parametrize(
    "code",
    [
        "assert not jieba.dt.initialized",
        "jieba.add_word('快递单'); assert cut('快递单') == ['快递单']",
    ],
)
def test_no_cache_file_of_jieba_is_read_or_written(tmp_path: Path, code: str) -> None:
    (tmp_path / "jieba.cache").write_bytes(b"anything")
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", f"{_CUT}; import jieba; {code}"],
        env={**os.environ, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]
    assert (tmp_path / "jieba.cache").read_bytes() == b"anything"
