"""Model ``piiscan.cn`` for spaCy: the blank Chinese pipeline as an installed package.

``spacy.load("piiscan.cn")`` and Presidio's configuration files find it by this name: spaCy
accepts a name that is both an importable module and a distribution (piiscan-cn). Unlike the path
of a saved pipeline, the name is the same on every machine.
"""

from __future__ import annotations

from typing import Any


def load(**overrides: Any) -> Any:
    """Return the pipeline. It finds no names, because the recognizers find them.

    ``overrides``: arguments of ``spacy.load``, which has no other component to leave out.
    """
    from piiscan.presidio.nlp_pipeline import blank_pipeline
    from piiscan.words.spacy_parts import NAMES

    del overrides
    pipeline = blank_pipeline("zh")
    pipeline.remove_pipe(NAMES)
    return pipeline
