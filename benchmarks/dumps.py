"""The files that are measured on, made from recipes, and what is planted in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.synth import make

#: Corpus, rows asked of the recipe, and the file that is measured.
SIZES = {
    "sale-7967": ("sale-7967", 7_967, "客户名单.csv"),
    "sale-1M": ("sale-7967", 1_000_000, "客户名单.csv"),
    "sale-10M": ("sale-7967", 10_000_000, "客户名单.csv"),
    "waybill-300k": ("waybill", 600_000, "收件信息.txt"),
    "prose-40MB": ("prose", 115_000, "文章.txt"),
}
#: Lines that the slow ones are measured on.
SAMPLE = 2_000
#: Ways of writing that are found in running text, without a column name to help.
BARE = {
    "CN_RESIDENT_ID": ("plain", "lower_x", "hmt", "grouped"),
    "CN_MOBILE": ("plain", "plus86", "bare86", "spaced", "hyphenated", "double", "full_width"),
    "CN_WAYBILL": ("plain",),
    "EMAIL_ADDRESS": ("plain",),
}


@dataclass(frozen=True)
class Dump:
    """One file and its truth."""

    name: str
    path: Path
    truth: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        """Its lines, without the header of a table."""
        return self.text.splitlines()[1 if self.truth["header"] else 0 :]

    @cached_property
    def array(self) -> pa.Array:
        """The lines as an Arrow array."""
        return pa.array(self.lines, pa.string())

    def planted(self, entity: str) -> int:
        """How many values of ``entity`` are written so that they are found without a label."""
        forms = self.truth["entities"].get(entity, {}).get("forms", {})
        return sum(count for form, count in forms.items() if form in BARE[entity])

    def reported(self) -> Counter[str]:
        """What a scan of the whole file reports, by entity, names and addresses left out."""
        return Counter(
            {
                entity: row["hits"]
                for entity, row in self.truth["entities"].items()
                if row["hits"] and entity not in {"PERSON", "CN_ADDRESS"}
            }
        )


def megabytes(texts: list[str]) -> float:
    """UTF-8 megabytes of the texts and their line ends."""
    return sum(len(text.encode()) + 1 for text in texts) / 1e6


def made(name: str, folder: Path) -> Dump:
    """The file ``name`` of SIZES, in ``folder``."""
    corpus, rows, path = SIZES[name]
    done = make(corpus, rows=rows, seed=1, out=folder / name)
    for other in done.files:
        if other.name != path:
            other.unlink()
    if done.truth_lines is not None:
        done.truth_lines.unlink()
    truth = json.loads(done.truth.read_text(encoding="utf-8"))
    own = next(one for one in truth["files"] if one["path"] == path)
    return Dump(name, done.folder / path, own)
