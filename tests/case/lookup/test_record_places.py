"""Five people in a database or document are five records, found once, where the findings say."""

import io
import sqlite3
from typing import Final

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from piiscan import Case
from tests.case.lookup.places import packed, read_again, slide_file, word_file
from tests.case.scanned import scan_files
from tests.sources.formats.document import planted
from tests.sources.formats.five import HEADERS, PEOPLE
from tests.sources.formats.pdf import made
from tests.sources.formats.test_bson import people
from tests.sources.formats.test_dbf import TEXTS, table

RECORDS: Final = [dict(zip(HEADERS, person, strict=True)) for person in PEOPLE]


def _sqlite() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE 客户 ({', '.join(HEADERS)})")
    connection.executemany("INSERT INTO 客户 VALUES (?, ?, ?, ?)", PEOPLE)
    connection.commit()
    with connection:
        data = connection.serialize()
    connection.close()
    return data


def _parquet() -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(RECORDS), out, row_group_size=2)
    return out.getvalue()


def _feather() -> bytes:
    out = io.BytesIO()
    feather.write_feather(pa.Table.from_pylist(RECORDS), out)
    return out.getvalue()


DATABASES: Final[dict[str, bytes]] = {
    "a.db": _sqlite(),
    "a.parquet": _parquet(),
    "a.feather": _feather(),
    "a.dbf": table(TEXTS, [tuple(cell.encode("gbk") for cell in person) for person in PEOPLE]),
    "a.bson": people(),
}
_ROWS: Final = [list(HEADERS), *map(list, PEOPLE)]
_LABELLED: Final = [list(record.items()) for record in RECORDS]


#: Documents with the five people in a table, in a form or a block of lines each.
DOCUMENTS: Final[dict[str, bytes]] = {
    "a.docx": word_file(planted.word_table(_ROWS)),
    "lines.docx": word_file(
        planted.runs("").join(
            "".join(planted.runs(f"{label}：|{value}") for label, value in person)
            for person in _LABELLED
        )
    ),
    "forms.docx": word_file(
        "".join(planted.word_table([list(pair) for pair in person]) for person in _LABELLED)
    ),
    "a.pptx": slide_file(planted.slide_table(_ROWS)),
    "a.odt": packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:d {planted.ODF}>{planted.odf_table(_ROWS)}</office:d>",
        }
    ),
    "a.pdf": made.document(
        [made.ruled(rows, (70, 90, 120, 150)) for rows in (_ROWS[:3], _ROWS[3:])]
    ),
    "lines.pdf": made.document(
        [made.lined(*(f"{label}：{value}" for label, value in person)) for person in _LABELLED]
    ),
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return scan_files(tmp_path_factory.mktemp("five"), {**DATABASES, **DOCUMENTS})


@pytest.mark.parametrize("name", DATABASES)
def test_each_value_of_a_database_is_found_once_and_followed_back(case: Case, name: str) -> None:
    found = [(row["record"], value) for row, value in read_again(case, name)]
    wanted = [(n, value) for n, person in enumerate(PEOPLE, 1) for value in person]
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_value_of_a_document_is_found_once_and_followed_back(case: Case, name: str) -> None:
    found = read_again(case, name)
    numbers = [((row["member"], row["record"]), value) for row, value in found if value.isascii()]
    assert sorted(v for _, v in numbers) == sorted(v for p in PEOPLE for v in p if v.isascii())
    records = {each: {value for at, value in numbers if at == each} for each, _ in numbers}
    assert sorted(map(sorted, records.values())) == sorted(sorted(p[1:3]) for p in PEOPLE)
