"""Five people in a document of any format are five records, found once, where the findings say."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from piiscan.case.store.case import Case
from tests.case.dump import scan_dump
from tests.case.lookup.places import read_again
from tests.sources.formats.document import planted
from tests.sources.formats.five import HEADERS, PEOPLE
from tests.sources.formats.pdf import made

_ROWS: Final = [list(HEADERS), *map(list, PEOPLE)]
_LABELLED: Final = [list(zip(HEADERS, person, strict=True)) for person in PEOPLE]


def _word(body: str) -> dict[str, str | bytes]:
    return {"word/document.xml": f"<w:document {planted.W}>{body}</w:document>"}


#: Documents with the five people in a table, in a form or a block of lines each.
DOCUMENTS: Final[dict[str, dict[str, str | bytes] | bytes]] = {
    "a.docx": _word(planted.word_table(_ROWS)),
    "lines.docx": _word(
        planted.runs("").join(
            "".join(planted.runs(f"{label}：|{value}") for label, value in person)
            for person in _LABELLED
        )
    ),
    "forms.docx": _word(
        "".join(planted.word_table([list(pair) for pair in person]) for person in _LABELLED)
    ),
    "a.pptx": {
        "ppt/presentation.xml": "<a/>",
        "ppt/slides/slide1.xml": f"<p:sld {planted.P}>{planted.slide_table(_ROWS)}</p:sld>",
    },
    "a.odt": {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"<office:d {planted.ODF}>{planted.odf_table(_ROWS)}</office:d>",
    },
    "a.pdf": made.document(
        [made.ruled(_ROWS[:3], (70, 90, 120, 150)), made.ruled(_ROWS[3:], (70, 90, 120, 150))]
    ),
    "lines.pdf": made.document(
        [made.lined(*(f"{label}：{value}" for label, value in person)) for person in _LABELLED]
    ),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder: Path = tmp_path_factory.mktemp("documents")
    (folder / "in").mkdir()
    for name, parts in DOCUMENTS.items():
        if isinstance(parts, bytes):
            (folder / "in" / name).write_bytes(parts)
        else:
            planted.save(folder / "in" / name, parts)
    return scan_dump([folder / "in"], folder / "case")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_value_is_found_once_and_followed_back(case: Case, name: str) -> None:
    found = read_again(case, name)
    numbers = [((row["member"], row["record"]), value) for row, value in found if value.isascii()]
    assert sorted(v for _, v in numbers) == sorted(v for p in PEOPLE for v in p if v.isascii())
    records = {each: {value for at, value in numbers if at == each} for each, _ in numbers}
    assert sorted(map(sorted, records.values())) == sorted(sorted(p[1:3]) for p in PEOPLE)
