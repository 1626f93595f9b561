"""Speed of cutting words: piiscan's cut beside jieba and rjieba, and documents of spaCy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dumps import SAMPLE, Dump, megabytes

CORPUS = "words"


@pytest.fixture(scope="module")
def texts(dump: Callable[..., Dump]) -> list[str]:
    """Lines of prose."""
    return dump("prose-40MB").lines[:SAMPLE]


@pytest.fixture(scope="module")
def expected(texts: list[str]) -> list[list[str]]:
    """Words of each text by jieba."""
    from piiscan.words.jieba_settings import load_jieba

    return [load_jieba().lcut(text) for text in texts]


def test_jieba(texts: list[str], measure: Any, one_core: None) -> None:
    from piiscan.words.jieba_settings import load_jieba

    jieba = load_jieba()
    jieba.initialize()
    words = measure(
        lambda: [jieba.lcut(text) for text in texts],
        corpus=CORPUS, way="jieba", cut_mb=megabytes(texts), rounds=2,
    )  # fmt: skip
    assert ["".join(each) for each in words] == texts


def test_rjieba(texts: list[str], measure: Any, one_core: None) -> None:
    rjieba = pytest.importorskip("rjieba", reason="compared if installed: pip install rjieba")
    words = measure(
        lambda: [rjieba.cut(text) for text in texts],
        corpus=CORPUS, way="rjieba (not always jieba's words)", cut_mb=megabytes(texts),
    )  # fmt: skip
    assert ["".join(each) for each in words] == texts


def test_piiscan(texts: list[str], expected: list[list[str]], measure: Any, one_core: None) -> None:
    from piiscan.words.word_cut import cut

    words = measure(
        lambda: [cut(text) for text in texts],
        corpus=CORPUS, way="piiscan words", cut_mb=megabytes(texts),
    )  # fmt: skip
    assert words == expected


def test_piiscan_offsets(
    texts: list[str], expected: list[list[str]], measure: Any, one_core: None
) -> None:
    from piiscan.words.word_cut import word_ends
    from piiscan.words.word_tree import code_points

    text = "\n".join(texts)
    ends = measure(
        lambda: word_ends(code_points(text)),
        corpus=CORPUS, way="piiscan offsets, one text", cut_mb=megabytes(texts),
    )  # fmt: skip
    assert len(ends) == sum(map(len, expected)) + len(texts) - 1


@pytest.mark.parametrize("segmenter", ["char", "jieba", "piiscan"])
def test_documents(
    segmenter: str, texts: list[str], expected: list[list[str]], measure: Any, one_core: None
) -> None:
    import spacy

    from piiscan.words.spacy_parts import TOKENIZER

    settings = {"segmenter": segmenter} if segmenter != "piiscan" else {"@tokenizers": TOKENIZER}
    tokenizer = spacy.blank("zh", config={"nlp": {"tokenizer": settings}}).tokenizer
    documents = measure(
        lambda: [tokenizer(text) for text in texts],
        corpus=CORPUS, way=f"spaCy documents, {segmenter}", cut_mb=megabytes(texts),
    )  # fmt: skip
    assert [each.text for each in documents] == texts
    if segmenter != "char":
        tokens = [[token.text for token in each if not token.is_space] for each in documents]
        assert tokens == [[word for word in each if not word.isspace()] for each in expected]


def test_dictionary_loaded(measure: Any) -> None:
    from piiscan.words.live_dictionary import LiveDictionary, shipped_tree
    from piiscan.words.unknown_words import word_model

    def load() -> Any:
        """Read dictionary and model as a new process does."""
        shipped_tree.cache_clear()
        word_model.cache_clear()
        word_model()
        return LiveDictionary().tree()

    tree = measure(load, corpus=CORPUS, way="dictionary loaded")
    assert len(tree.scores) > 400_000
