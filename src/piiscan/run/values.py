"""Values that a person names, as digests of all that they can be in a case."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from piiscan.detect.catalog import load
from piiscan.detect.engine import Engine
from piiscan.errors import CaseError
from piiscan.evidence.case import Case
from piiscan.evidence.count.exclusion_list import DigestsOf
from piiscan.evidence.digest import digest_values
from piiscan.evidence.key import default_path, load_key


def digests_under(case: Case, key: Path | None) -> DigestsOf:
    """A function from a value to its digests in ``case``; CaseError if the key is not the case's.

    The value counts as written and in every canonical form that the engine reads in it, as each
    kind that findings of the case can be.
    """
    where = key or default_path(os.environ, Path.home())
    if not where.is_file():
        raise CaseError(f"the key {where} is not there; give the case's key (--key FILE)")
    secret = load_key(where, case=case.path)
    if secret.fingerprint != case.manifest.content["settings"]["key"]:
        raise CaseError(f"{where} is not the key of this case; give the one it was made with")
    day = datetime.date.fromisoformat(case.manifest.content["settings"]["as_of"])
    engine = Engine(load(None), as_of=day)
    kinds = sorted(case.manifest.content["vocabulary"]["entities"])

    def digests(value: str) -> Sequence[bytes]:
        found = engine.find_table(pa.array([value]), min_score=0.0)
        pairs = {(kind, value.strip()) for kind in kinds}
        pairs |= set(zip(found["entity"].to_pylist(), found["value"].to_pylist(), strict=True))
        listed = sorted(pair for pair in pairs if pair[1])
        entities = sorted({entity for entity, _ in listed})
        numbers = np.array([entities.index(entity) for entity, _ in listed], np.int64)
        values = pa.array([form for _, form in listed], pa.string())
        made = digest_values(values, numbers, entities=entities, key=secret.secret)
        return [each.as_py() for each in made]

    return digests
