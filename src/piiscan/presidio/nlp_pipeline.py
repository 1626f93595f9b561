"""NLP pipeline: spaCy's blank Chinese pipeline with jieba's words; nothing is downloaded.

Presidio requires an NLP engine per language, although piiscan's recognizers read the raw text
only. A blank pipeline is enough: it splits words and has no entity model.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

from piiscan.presidio.engine_cache import BATCH_TEXTS, SharedEngine
from piiscan.words.spacy_parts import CALLBACK, LEMMAS, NAMES, SURROGATE, TOKENIZER


def nlp_engine(
    languages: Sequence[str] = ("zh",), shared: SharedEngine | None = None
) -> SpacyNlpEngine:
    """Return a loaded NLP engine of blank pipelines: jieba for ``zh``, spaCy's otherwise.

    The Chinese pipeline sets ``doc.ents`` to the names that ``shared`` finds.
    """
    engine = BlankNlpEngine(
        models=[{"lang_code": each, "model_name": f"blank:{each}"} for each in languages]
    )
    engine.shared = shared
    engine.nlp = {language: blank_pipeline(language) for language in languages}
    if "zh" in languages:
        engine.nlp["zh"].get_pipe(NAMES).shared = shared
    return engine


class BlankNlpEngine(SpacyNlpEngine):
    """NLP engine whose artifacts are computed at first use; piiscan needs none.

    ``shared``: engine to announce batches of texts to.
    """

    shared: SharedEngine | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle languages and engine only; pipelines are built anew."""
        return nlp_engine, (tuple(self.nlp), self.shared)

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the lazy artifacts of ``text``; surrogates become U+FFFD."""
        paired = SURROGATE.sub("\ufffd", text)
        return LazyArtifacts(partial(super().process_text, paired, language))

    def process_batch(
        self,
        texts: Iterable[Any],
        language: str,
        batch_size: int = 1,
        n_process: int = 1,
        as_tuples: bool = False,
    ) -> Iterator[Any]:
        """Yield (text, artifacts), or (text, artifacts, context) with ``as_tuples``.

        The texts are announced to the recognizers' engine, which then reads many in one call.
        ``batch_size`` and ``n_process`` are for pipelines with models, and are ignored.
        """
        del batch_size, n_process
        pending = iter(texts)
        while batch := list(islice(pending, BATCH_TEXTS)):
            pairs = [each if as_tuples else (each,) for each in batch]
            named = [str(text) for text, *_ in pairs]
            if self.shared is not None:
                self.shared.announce(named)
            for text, (_, *context) in zip(named, pairs, strict=True):
                yield text, self.process_text(text, language), *context


class LazyArtifacts(NlpArtifacts):
    """Artifacts of a text (words, lemmas), computed at first use."""

    def __init__(self, make: Callable[[], NlpArtifacts]) -> None:
        """Store the function that computes the artifacts."""
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Compute the artifacts and return their field ``name``."""
        if name.startswith("__") or "_make" not in self.__dict__:
            raise AttributeError(name)
        self._load()
        return getattr(self, name)

    def _load(self) -> None:
        """Compute the artifacts unless that is done."""
        if "_make" in self.__dict__:
            self.__dict__ = vars(self.__dict__["_make"]())

    def to_json(self) -> str:
        """Return the artifacts as JSON, for the decision trace; warn that they are the text."""
        warnings.warn(
            "the decision trace writes the words of each text to the log decision_process;"
            " a handler with piiscan.logging.Filter(names=True) masks them",
            UserWarning,
            stacklevel=3,
        )
        self._load()
        return str(super().to_json())


def blank_pipeline(language: str = "zh") -> Any:
    """Return a blank spaCy pipeline for texts of any length.

    Its settings also apply when it is saved and loaded again.
    """
    settings: dict[str, Any] = {"nlp": {"after_creation": {"@callbacks": CALLBACK}}}
    if language == "zh":
        settings["nlp"]["tokenizer"] = {"@tokenizers": TOKENIZER}
    pipeline = spacy.blank(language, config=settings)
    if language == "zh":
        pipeline.add_pipe(LEMMAS)
        pipeline.add_pipe(NAMES)
    return pipeline
