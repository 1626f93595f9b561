"""Masking of texts in memory: ``电话13800138000 -> 电话138****8000``."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Literal

from piiscan.arguments import checked
from piiscan.copies.replacer import KEYED_OPERATORS, build_replacer
from piiscan.finding import engine_for
from piiscan.hashing.key import default_key_path, load_key
from piiscan.tabular.search import TableSearch

Operator = Literal["mask", "replace", "hash", "pseudonym"]


@checked
def mask(
    text: str,
    *,
    operator: Operator = "mask",
    key: str | Path | None = None,
    min_score: float = 0.5,
    names: bool = True,
    as_of: datetime.date | None = None,
    recognizers: str | Path | None = None,
    language: Literal["zh", "en"] = "zh",
) -> str:
    """Return a text with all personal information in it replaced.

    Args:
        text: the text; equal values get equal pseudonyms under one key.
        operator: mask (138****8000), replace (entity name), hash (keyed), or pseudonym.
        key: file of the key for hash and pseudonym, created if absent; default one per user.
        min_score: lowest score of a value that is replaced.
        names: False leaves names and addresses in running text.
        as_of: last possible birth date; default today.
        recognizers: folder of own recognizers, or the name of an installed pack.
        language: language of the entity names of ``replace``.

    >>> mask('电话13800138000'), mask('QQ 10001', operator='replace')
    ('电话138****8000', 'QQ [QQ号码]')
    """
    engine = engine_for(as_of or datetime.date.today(), recognizers)
    secret = None
    if operator in KEYED_OPERATORS:
        path = default_key_path(os.environ, Path.home()) if key is None else Path(key)
        secret = load_key(path).secret
    replacer = build_replacer(
        TableSearch(engine, min_score, names, reveal=True), operator, key=secret, language=language
    )
    return replacer.redact_text(text)
