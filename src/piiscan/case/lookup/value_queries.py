"""Texts -> questions: every kind and form that a value may have in a case, by its digest."""

from __future__ import annotations

import datetime
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from piiscan.case.lookup.query import Question, mask_of, masks_of, tail_of
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.catalog.headers import Label
from piiscan.detect.engine import Engine
from piiscan.hashing.digest import digest_values
from piiscan.hashing.key import default_path, open_key
from piiscan.masking.mask import mask_value


def engine_of(case: Case, *, recognizers: Path | None = None) -> Engine:
    """The engine as the case was scanned with it."""
    day = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"])
    return Engine(load(recognizers), as_of=day)


def secret_of(case: Case, key: str | Path | None) -> bytes:
    """The digest key of the case: the file ``key``, else the user's own; CaseError if another."""
    where = Path(key) if key else default_path(os.environ, Path.home())
    return open_key(where, case=case.path, known=case.manifest.content["settings"]["key"]).secret


def seen_question(number: int, text: str) -> Question | None:
    """The question for an ending or a masked value, which needs no key; None for a whole value."""
    tail = tail_of(text)
    if tail is not None:
        return Question(number, "*" + tail, tail=tail)
    mask = mask_of(text)
    return None if mask is None else Question(number, mask, mask=mask)


def whole_questions(
    texts: Sequence[tuple[int, str]], engine: Engine, *, entities: Sequence[str], key: bytes
) -> list[Question]:
    """The questions for whole values, each asked as every kind of ``entities``.

    Forms: as written, without blanks and signs, and what the engine makes of it under every name a
    column can have.  Digests of kinds it is not are nobody's.
    """
    if not texts:
        return []
    forms = [_plain_forms(text) for _, text in texts]
    kinds: list[str | None] = [None] * len(texts)
    for index, entity, value, winner in _engine_forms([t for _, t in texts], engine):
        forms[index].setdefault(value)
        if winner and kinds[index] is None:
            kinds[index] = entity
    digests = _digests(forms, entities, key)
    return [
        Question(
            number,
            mask_value(text, kinds[at] or ""),
            digests[at],
            [mask for form in forms[at] for mask in masks_of(form)],
        )
        for at, (number, text) in enumerate(texts)
    ]


def _plain_forms(text: str) -> dict[str, None]:
    """A text as written and in the usual plain forms, in order."""
    folded = unicodedata.normalize("NFKC", text).strip()
    bare = "".join(c for c in folded if c not in " -\t\u00a0")
    return dict.fromkeys(
        [text.strip(), folded, bare, bare.upper(), bare.lower(), bare.removeprefix("+86")]
    )


def _engine_forms(texts: list[str], engine: Engine) -> Iterable[tuple[int, str, str, bool]]:
    """What the engine takes the texts for: index, entity, value, whether as a plain finding."""
    cells = pa.array(texts, pa.string())
    plain = engine.find_table(cells, min_score=0.0)
    every = tuple(r.id for r in engine.catalog.recognizers)
    names = tuple(r.id for r in engine.catalog.recognizers if r.entity == "PERSON")
    labels = [Label("", ids) for ids in (names, every)]  # a name would lose to other kinds
    labelled = [engine.find_table(cells, label=each, rejected=True) for each in labels]
    for table, winner in [(plain, True), *((each, False) for each in labelled)]:
        rows: list[dict[str, Any]] = table.select(
            ["index", "start", "end", "entity", "value"]
        ).to_pylist()
        for row in rows:
            whole = row["end"] - row["start"] == len(texts[row["index"]].strip())
            if winner or whole:
                yield row["index"], row["entity"], row["value"], winner


def _digests(
    forms: Sequence[Iterable[str]], entities: Sequence[str], key: bytes
) -> list[list[bytes]]:
    """For each text the digests of all its forms as all kinds."""
    flat = [(at, form) for at, each in enumerate(forms) for form in each if form]
    values = pa.array([form for _, form in flat for _ in entities], pa.string())
    kinds = np.tile(np.arange(len(entities)), len(flat))
    made = digest_values(values, kinds, entities=list(entities), key=key).to_pylist()
    found: list[list[bytes]] = [[] for _ in forms]
    for number, (at, _) in enumerate(flat):
        found[at] += made[number * len(entities) : (number + 1) * len(entities)]
    return found


def entities_of(case: Case, catalog: Catalog | None = None) -> list[str]:
    """Every kind that the case can hold."""
    known = set(case.manifest.content["whose"])
    return sorted(known | set(catalog.entities if catalog else ()))
