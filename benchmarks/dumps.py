"""Files for the benchmarks, generated from recipes, with the number of values planted in them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.synth import make

#: Corpus, rows of the recipe, and the file that is measured.
SIZES = {
    "sale-7967": ("sale-7967", 7_967, "客户名单.csv"),
    "sale-200k": ("sale-7967", 200_000, "客户名单.csv"),
    "sale-1M": ("sale-7967", 1_000_000, "客户名单.csv"),
    "sale-10M": ("sale-7967", 10_000_000, "客户名单.csv"),
    "waybill-40k": ("waybill", 80_000, "收件信息.txt"),
    "waybill-300k": ("waybill", 600_000, "收件信息.txt"),
    "prose-8MB": ("prose", 23_000, "文章.txt"),
    "prose-40MB": ("prose", 115_000, "文章.txt"),
}
#: Number of lines for the slow baselines.
SAMPLE = 2_000
#: Forms that are found in running text, without a column name.
UNLABELLED_FORMS = {
    "CN_RESIDENT_ID": ("plain", "lower_x", "hmt", "grouped"),
    "CN_MOBILE": ("plain", "plus86", "bare86", "spaced", "hyphenated", "double", "full_width"),
    "CN_WAYBILL": ("plain",),
    "EMAIL_ADDRESS": ("plain",),
}
#: Forms that are found only beside a telephone.
SUPPORTED_FORMS = {"CN_RESIDENT_ID": ("old15",)}


@dataclass(frozen=True)
class Dump:
    """A generated file and its ground truth."""

    name: str
    path: Path
    truth: dict[str, Any]

    @cached_property
    def text(self) -> str:
        """Return the whole file as text."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines of the file without line ends; a table's header is left out."""
        return self.text.splitlines()[1 if self.truth["header"] else 0 :]

    @cached_property
    def array(self) -> pa.Array:
        """Return the lines of the file as an Arrow string array."""
        return pa.array(self.lines, pa.string())

    def planted(self, entity: str) -> range:
        """Return the numbers of values of ``entity`` that may be found without a column name."""
        forms = self.truth["entities"].get(entity, {}).get("forms", {})
        least = sum(forms.get(form, 0) for form in UNLABELLED_FORMS[entity])
        more = sum(forms.get(form, 0) for form in SUPPORTED_FORMS.get(entity, ()))
        return range(least, least + more + 1)

    def reported(self) -> Counter[str]:
        """Return entity -> number of findings of a scan; names and addresses are left out."""
        return Counter(
            {
                entity: row["hits"]
                for entity, row in self.truth["entities"].items()
                if row["hits"] and entity not in {"PERSON", "CN_ADDRESS"}
            }
        )


def megabytes(texts: list[str]) -> float:
    """Return the UTF-8 size of the texts with their line ends, in 10**6 bytes."""
    return sum(len(text.encode()) + 1 for text in texts) / 1e6


def make_dump(name: str, folder: Path) -> Dump:
    """Generate the dump ``name`` of SIZES in ``folder``; delete its corpus's other files."""
    corpus, rows, path = SIZES[name]
    result = make(corpus, rows=rows, seed=1, out=folder / name)
    for other in result.files:
        if other.name != path:
            other.unlink()
    if result.truth_lines is not None:
        result.truth_lines.unlink()
    truth = json.loads(result.truth.read_text(encoding="utf-8"))
    file_truth = next(file for file in truth["files"] if file["path"] == path)
    return Dump(name, result.folder / path, file_truth)
