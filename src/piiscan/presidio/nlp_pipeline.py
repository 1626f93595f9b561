"""spaCy's blank Chinese pipeline with jieba as segmenter, for Presidio; nothing is downloaded.

Presidio wants an NLP engine for every language, though piiscan's recognizers look at the raw text
only.  A blank pipeline cuts words and knows no entities, which is all that is needed.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import spacy
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from piiscan.presidio.entities_component import COMPONENT
from piiscan.presidio.shared_engine import SharedEngine

#: spaCy refuses longer texts (E088, 1,000,000 characters) to spare parsers that a blank pipeline
#: does not have; token offsets are signed 32-bit numbers, hence this limit.
LONGEST: Final = 2**31 - 1
#: Characters that jieba gets at a time, if possible up to one of the STOPS, where words end anyway.
PIECE: Final = 1024
STOPS: Final = "\n。，；,; "
_CALLBACK: Final = "piiscan.prepare.v1"


def nlp_engine(languages: Sequence[str] = ("zh",), shared: SharedEngine | None = None) -> Any:
    """A loaded ``SpacyNlpEngine`` of blank pipelines: ``zh`` with jieba, others spaCy's own.

    The Chinese one shows names in ``doc.ents``, as ``shared`` finds them.
    """
    engine = SpacyNlpEngine(
        models=[{"lang_code": each, "model_name": f"blank:{each}"} for each in languages]
    )
    engine.nlp = {language: blank(language) for language in languages}
    if "zh" in languages:
        engine.nlp["zh"].get_pipe(COMPONENT).shared = shared
    return engine


def blank(language: str = "zh") -> Any:
    """A blank spaCy pipeline for texts of any length; its saved form sets itself up likewise."""
    settings: dict[str, Any] = {"nlp": {"after_creation": {"@callbacks": _CALLBACK}}}
    if language == "zh":
        _quieten_jieba()
        settings["nlp"]["tokenizer"] = {"segmenter": "jieba"}
    pipeline = spacy.blank(language, config=settings)
    if language == "zh":
        pipeline.add_pipe(COMPONENT)
    return pipeline


@spacy.registry.callbacks(_CALLBACK)
def _prepare() -> Callable[[Any], Any]:
    """What spaCy calls on a pipeline it has made or loaded from a folder."""

    def prepare(pipeline: Any) -> Any:
        if pipeline.lang == "zh":
            pipeline.tokenizer.jieba_seg = Segmenter()
        pipeline.max_length = LONGEST
        return pipeline

    return prepare


class Segmenter:
    """jieba's words, a few thousand characters at a time.

    jieba takes quadratic time on a long run of Hanzi without punctuation that it has no words
    for: a million of them would take hours.
    """

    def __init__(self) -> None:
        _quieten_jieba()

    def cut(self, text: str, cut_all: bool = False) -> Iterator[str]:
        """The words of ``text`` in order; together they are the text.

        >>> list(Segmenter().cut("长沙的快递"))
        ['长沙', '的', '快递']
        """
        import jieba

        start = 0
        while start < len(text):
            end = min(start + PIECE, len(text))
            if end < len(text):
                stop = max(text.rfind(mark, start, end) for mark in STOPS) + 1
                end = stop or end
            yield from jieba.cut(text[start:end], cut_all=cut_all)
            start = end


def _quieten_jieba() -> None:
    """Keep jieba's dictionary in a folder of this user, and its chatter off stderr.

    By default jieba loads ``jieba.cache`` from the shared temporary folder, where any local user
    could have put it.  Without a folder to write it reads its dictionary anew (0.4 s).
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pkg_resources")
        warnings.filterwarnings("ignore", category=SyntaxWarning)
        import jieba

    jieba.setLogLevel(logging.WARNING)
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        jieba.dt.tmp_dir = str(folder)
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        jieba.setLogLevel(logging.CRITICAL)  # it would log that the dictionary cannot be kept
        jieba.dt.tmp_dir = os.devnull


def cache_folder() -> Path:
    """The folder of this user where jieba may keep its dictionary."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home())
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "piiscan" / "jieba"
