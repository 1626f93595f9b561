"""Value queries: texts and files of values as queries, with a digest for every entity and form."""

from __future__ import annotations

import datetime
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from piiscan.case.lookup.query import (
    NAME_ENTITIES,
    Query,
    parse_ending,
    parse_mask,
    possible_masks,
)
from piiscan.case.store.case import Case
from piiscan.detect.catalog.catalog import Catalog, load
from piiscan.detect.catalog.headers import Label
from piiscan.detect.columns.header_names import count_header_names
from piiscan.detect.engine import Engine
from piiscan.errors import CaseError
from piiscan.hashing.digest import digest_values
from piiscan.hashing.key import default_key_path, open_key
from piiscan.masking.mask import mask_value
from piiscan.sources.archives.read_options import ReadOptions, read_passwords
from piiscan.sources.block import DATA, Trouble
from piiscan.sources.read import open_tables
from piiscan.sources.selection import Selection

#: Most characters of a query that is shown as typed; names among them have a letter (老K).
_MOST_WORD: Final = 4
_LETTER: Final = re.compile(r"[A-Za-z]")
_VALUE: Final = re.compile(r"[0-9]{2}|@")


def case_engine(case: Case) -> Engine:
    """Return the detection engine with the reference day of the case's scan."""
    day = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"])
    return Engine(load(case.recognizers), as_of=day)


def case_reading(case: Case, *, same: bool = False) -> ReadOptions:
    """Return the read options of the case's scan, with the passwords of the case.

    ``same``: raise CaseError if it is not the file that the scan had, whose findings may differ.
    """
    settings, given = case.manifest.content["settings"], read_passwords(case.passwords)
    known = settings.get("passwords", {}).get("sha256", "")
    if same and known and known != given.sha256:
        raise CaseError("passwords.other", sha256=known)
    only, skip = tuple(settings.get("only", ())), tuple(settings.get("skip", ()))
    return ReadOptions(Selection(only, skip, bool(settings.get("raw"))), given)


def case_key(case: Case, key: str | Path | None = None) -> bytes:
    """Return the digest key of the case: from ``key``, its own key file, or the user's.

    Raise CaseError if it is another key.
    """
    given = key or case.key
    path = Path(given) if given else default_key_path(os.environ, Path.home())
    return open_key(path, case=case.path, known=case.manifest.content["settings"]["key"]).secret


def masked_query(number: int, text: str) -> Query | None:
    """Return the query for an ending or masked value; None for a whole value, which needs a key."""
    tail = parse_ending(text)
    if tail is not None:
        return Query(number, "*" + tail, tail=tail)
    mask = parse_mask(text)
    return None if mask is None else Query(number, mask, mask=mask)


def value_queries(
    texts: Sequence[tuple[int, str]], engine: Engine, *, entities: Sequence[str], key: bytes
) -> list[Query]:
    """Return a query per whole value, with digests under each of ``entities``.

    Forms: the text as written, without blanks and signs, and every value the engine extracts under
    any column label. A digest of an entity that the value is not matches nothing.
    """
    if not texts:
        return []
    forms = [_plain_forms(text) for _, text in texts]
    kinds: list[str | None] = [None] * len(texts)
    for index, entity, value, winner in _engine_forms([t for _, t in texts], engine):
        forms[index].setdefault(value)
        if winner and kinds[index] is None:
            kinds[index] = entity
    digests = _digests_by_text(forms, entities, key)
    return [
        Query(
            number,
            _shown(text, kinds[at]),
            digests[at],
            [mask for form in forms[at] for mask in possible_masks(form)],
        )
        for at, (number, text) in enumerate(texts)
    ]


def _shown(text: str, kind: str | None) -> str:
    """Return a query as it may be shown: a short nickname as typed, all others masked.

    ``老K -> 老K``, ``张三 -> 张*``, ``13800138000 -> 138****8000``
    """
    is_word = kind is None or (kind in NAME_ENTITIES and _LETTER.search(text))
    if is_word and len(text) <= _MOST_WORD and not _VALUE.search(text):
        return text
    return mask_value(text, kind or "")


def _plain_forms(text: str) -> dict[str, None]:
    """Return a text and its variants: NFKC, no blanks, upper, lower, no +86."""
    folded = unicodedata.normalize("NFKC", text).strip()
    bare = "".join(c for c in folded if c not in " -\t\u00a0")
    return dict.fromkeys(
        [text.strip(), folded, bare, bare.upper(), bare.lower(), bare.removeprefix("+86")]
    )


def _engine_forms(texts: list[str], engine: Engine) -> Iterable[tuple[int, str, str, bool]]:
    """Yield (text index, entity, canonical value, unlabelled) per value the engine finds."""
    cells = pa.array(texts, pa.string())
    unlabelled = engine.find_table(cells, min_score=0.0)
    all_ids = tuple(r.id for r in engine.catalog.recognizers)
    names = tuple(r.id for r in engine.catalog.recognizers if r.entity == "PERSON")
    labels = [Label("", ids) for ids in (names, all_ids)]  # with all labels a name loses overlaps
    labelled = [engine.find_table(cells, label=each, rejected=True) for each in labels]
    for table, winner in [(unlabelled, True), *((each, False) for each in labelled)]:
        rows: list[dict[str, Any]] = table.select(
            ["index", "start", "end", "entity", "value"]
        ).to_pylist()
        for row in rows:
            is_whole = row["end"] - row["start"] == len(texts[row["index"]].strip())
            if winner or is_whole:
                yield row["index"], row["entity"], row["value"], winner


def _digests_by_text(
    forms: Sequence[Iterable[str]], entities: Sequence[str], key: bytes
) -> list[list[bytes]]:
    """Return for each text the digests of all its forms under all entities."""
    flat = [(at, form) for at, each in enumerate(forms) for form in each if form]
    values = pa.array([form for _, form in flat for _ in entities], pa.string())
    kinds = np.tile(np.arange(len(entities)), len(flat))
    digests = digest_values(values, kinds, entities=list(entities), key=key).to_pylist()
    found: list[list[bytes]] = [[] for _ in forms]
    for number, (at, _) in enumerate(flat):
        found[at] += digests[number * len(entities) : (number + 1) * len(entities)]
    return found


def case_entities(case: Case, catalog: Catalog | None = None) -> list[str]:
    """Return every entity that the case or the catalogue knows, sorted."""
    known = set(case.manifest.content["whose"])
    return sorted(known | set(catalog.entities if catalog else ()))


def read_values(path: Path) -> list[str]:
    """Return every distinct non-empty cell (in plain text every line), in reading order.

    Headings are left out. Raise CaseError if the file cannot be read.
    """
    cells = (cell for _, row in read_rows(path) for cell in row)
    return list(dict.fromkeys(cell.strip() for cell in cells if cell and cell.strip()))


def read_rows(path: Path) -> Iterator[tuple[Sequence[str | None], tuple[str | None, ...]]]:
    """Yield headers (empty without any) and cells of each row of a list.

    Raise CaseError if the file cannot be read.
    """
    if not path.is_file():
        raise CaseError("list.missing", path=path)
    for table in open_tables(path, count_names=partial(count_header_names, load())):
        if isinstance(table, Trouble):
            if table.lost:
                raise CaseError("list.unreadable", path=path, reason=table.reason)
            continue
        for block in table.blocks():
            if isinstance(block, Trouble):
                continue
            is_data = None if block.kinds is None else pa.array(block.kinds == DATA)
            columns = [c if is_data is None else c.filter(is_data) for c in block.columns]
            for row in zip(*(column.to_pylist() for column in columns), strict=True):
                yield table.headers or (), row
