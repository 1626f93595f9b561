"""NLP pipeline: spaCy's blank Chinese pipeline with jieba as segmenter; nothing is downloaded.

Presidio requires an NLP engine per language, although piiscan's recognizers read the raw text
only. A blank pipeline is enough: it splits words and has no entity model.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import spacy
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine

from piiscan.presidio.engine_cache import BATCH_TEXTS, SharedEngine
from piiscan.presidio.entities_component import COMPONENT

#: Maximum characters of a text. spaCy's default (1,000,000, error E088) protects parsers, which a
#: blank pipeline lacks; this limit is that of token offsets, signed 32-bit numbers.
MAX_LENGTH: Final = 2**31 - 1
#: Maximum characters per call of jieba. A chunk ends after one of CHUNK_ENDS, where a word ends,
#: if it contains one.
CHUNK_LENGTH: Final = 1024
CHUNK_ENDS: Final = "\n。，；,; "
_CALLBACK: Final = "piiscan.prepare.v1"


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
        engine.nlp["zh"].get_pipe(COMPONENT).shared = shared
    return engine


class BlankNlpEngine(SpacyNlpEngine):
    """NLP engine whose artifacts are made when they are read; piiscan's recognizers read none.

    ``shared``: engine to announce batches of texts to.
    """

    shared: SharedEngine | None = None

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return the artifacts of ``text``, to be made on first use."""
        return LazyArtifacts(partial(super().process_text, text, language))

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
    """Artifacts of a text, made on first use: words cost more than piiscan's findings."""

    def __init__(self, make: Callable[[], NlpArtifacts]) -> None:
        """Keep the function that makes the artifacts."""
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Make the artifacts and return the field ``name``."""
        if name.startswith("__") or "_make" not in self.__dict__:
            raise AttributeError(name)
        self._load()
        return getattr(self, name)

    def _load(self) -> None:
        """Make the artifacts, unless they are made."""
        if "_make" in self.__dict__:
            self.__dict__ = vars(self.__dict__["_make"]())

    def to_json(self) -> str:
        """Return the artifacts as JSON."""
        self._load()
        return str(super().to_json())


def blank_pipeline(language: str = "zh") -> Any:
    """Return a blank spaCy pipeline for texts of any length.

    Its settings also apply when it is saved and loaded again.
    """
    settings: dict[str, Any] = {"nlp": {"after_creation": {"@callbacks": _CALLBACK}}}
    if language == "zh":
        _configure_jieba()
        settings["nlp"]["tokenizer"] = {"segmenter": "jieba"}
    pipeline = spacy.blank(language, config=settings)
    if language == "zh":
        pipeline.add_pipe(COMPONENT)
    return pipeline


@spacy.registry.callbacks(_CALLBACK)
def _prepare_pipeline() -> Callable[[Any], Any]:
    """Return a function that sets segmenter and maximum length of a new or loaded pipeline."""

    def prepare(pipeline: Any) -> Any:
        """Set segmenter and maximum length of ``pipeline`` and return it."""
        if pipeline.lang == "zh":
            pipeline.tokenizer.jieba_seg = Segmenter()
        pipeline.max_length = MAX_LENGTH
        return pipeline

    return prepare


class Segmenter:
    """jieba segmenter that cuts a text of any length in chunks.

    jieba's time grows with the square of a run of Hanzi without punctuation and known words. A
    million of them would take hours.
    """

    def __init__(self) -> None:
        """Configure jieba."""
        _configure_jieba()

    def cut(self, text: str, cut_all: bool = False) -> Iterator[str]:
        """Yield the words of ``text`` in order; joined, they are the text.

        >>> list(Segmenter().cut("长沙的快递"))
        ['长沙', '的', '快递']
        """
        import jieba

        start = 0
        while start < len(text):
            end = min(start + CHUNK_LENGTH, len(text))
            if end < len(text):
                boundary = max(text.rfind(mark, start, end) for mark in CHUNK_ENDS) + 1
                end = boundary or end
            yield from jieba.cut(text[start:end], cut_all=cut_all)
            start = end


def _configure_jieba() -> None:
    """Set jieba's dictionary folder to one of this user, and silence its messages on stderr.

    By default jieba loads ``jieba.cache`` from the shared temporary folder, where any local user
    can place a file. If no folder is writable, jieba builds its dictionary in every process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        import jieba

    jieba.setLogLevel(logging.WARNING)
    try:
        folder = jieba_cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        jieba.dt.tmp_dir = str(folder)
    except (OSError, RuntimeError):  # RuntimeError: the user has no home folder
        jieba.setLogLevel(logging.CRITICAL)  # silence its error about the cache file
        jieba.dt.tmp_dir = os.devnull


def jieba_cache_folder() -> Path:
    """Return the cache folder of the current user for jieba's dictionary; it may not exist yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "jieba"
