"""spaCy components: tokenizer, lemmas and names, by the names that saved pipelines use.

spaCy imports this module in every process where piiscan is installed (entry points of the
package): it imports neither the Presidio door nor NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import DummyTokenizer

from piiscan.words.jieba_settings import load_jieba

#: Maximum characters of a text. spaCy's default (1,000,000, error E088) protects parsers, which a
#: blank pipeline lacks; this limit is that of token offsets, signed 32-bit numbers.
MAX_LENGTH: Final = 2**31 - 1
TOKENIZER: Final = "piiscan.words.v1"
CALLBACK: Final = "piiscan.prepare.v1"
LEMMAS: Final = "piiscan_lemmas"
NAMES: Final = "piiscan_names"
SURROGATE: Final = re.compile("[\ud800-\udfff]")


class WordTokenizer(DummyTokenizer):
    """Tokenizer that cuts a text to jieba's words, exactly as spaCy does with jieba."""

    def __init__(self, vocab: Any) -> None:
        """Create the tokenizer for a pipeline with ``vocab``; jieba gets its folder."""
        load_jieba()
        self.vocab = vocab
        self._tokens = import_module("piiscan.words.word_cut").spacy_tokens

    def __call__(self, text: str) -> Doc:
        """Return a document of the words of ``text``; an unpaired surrogate becomes U+FFFD."""
        words, spaces = self._tokens(text)
        try:
            return Doc(self.vocab, words=words, spaces=spaces)
        except UnicodeEncodeError:
            return self(SURROGATE.sub("\ufffd", text))


@spacy.registry.tokenizers(TOKENIZER)
def make_tokenizer_factory() -> Callable[[Any], WordTokenizer]:
    """Return the function that builds the tokenizer of a pipeline."""
    return lambda pipeline: WordTokenizer(pipeline.vocab)


@spacy.registry.callbacks(CALLBACK)
def make_preparation() -> Callable[[Any], Any]:
    """Return a function that sets the maximum length of a new or loaded pipeline."""

    def prepare(pipeline: Any) -> Any:
        """Set the maximum length of ``pipeline`` and return it."""
        pipeline.max_length = MAX_LENGTH
        return pipeline

    return prepare


@Language.factory(LEMMAS)
def make_lemmas(nlp: Any, name: str) -> Callable[[Doc], Doc]:
    """Return a component that sets the lemma of each token that has none.

    Presidio compares lemmas with the context words of recognizers. Chinese words have no other
    form: the lemma is the token's text. A token of spaCy's ``char`` segmenter gets the word that
    it is a part of (编 and 号 get 编号).
    """
    del name
    by_character = getattr(nlp.tokenizer, "segmenter", None) == "char"
    return set_word_lemmas if by_character else set_lemmas


def set_lemmas(doc: Doc) -> Doc:
    """Set the lemma of each token without one to its text, and return ``doc``."""
    lemmas, words = doc.to_array(["LEMMA", "ORTH"]).T
    return doc.from_array("LEMMA", lemmas + words * (lemmas == 0))


def set_word_lemmas(doc: Doc) -> Doc:
    """Set the lemma of each token without one to the word at its start, and return ``doc``."""
    from piiscan.words.word_cut import cut

    words, end = iter(cut(doc.text)), 0
    for token in doc:
        while end <= token.idx:
            word = next(words)
            end += len(word)
        token.lemma_ = token.lemma_ or word
    return doc


@Language.factory(NAMES, default_config={"min_score": None})
def make_names(nlp: Any, name: str, min_score: float | None) -> Any:
    """Create a NameEntities component for spaCy's factory call; only ``min_score`` is used."""
    del nlp, name
    component = import_module("piiscan.presidio.entities_component")  # takes a second
    return component.NameEntities(**({} if min_score is None else {"min_score": min_score}))
