"""Tables and archives come back from the standard library as they were put in."""

import csv
import io
import zipfile

import pyarrow as pa
import pytest

from piiscan.errors import PiiscanError
from piiscan.synth import file_encoder
from piiscan.synth.file_encoder import pack_zip
from piiscan.synth.planted_cells import Cells
from piiscan.synth.recipe import FileRecipe

ODD = ['a,"b"', "两\n行", "", "'138", '="1"']


def described(**keys: object) -> FileRecipe:
    return FileRecipe(**{"path": "x.csv", "format": "table", **keys})  # type: ignore[arg-type]


@pytest.mark.parametrize("quote", ["minimal", "all"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_quoted_cells_come_back(quote: str, delimiter: str) -> None:
    file = described(quote=quote, delimiter=delimiter)
    columns = [Cells(pa.array(ODD)), Cells(pa.array([f"x{delimiter}y"] * len(ODD)))]
    text = file_encoder.encode_lines(
        file_encoder.record_lines(columns, file), file, first=0
    ).decode()
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert rows == [[one, f"x{delimiter}y"] for one in ODD]


@pytest.mark.parametrize("name", [name for name in file_encoder.ENCODINGS if name != "mixed"])
def test_lines_are_written_in_the_stated_encoding(name: str) -> None:
    lines = pa.array(["中文,1\n", "第二\n"])
    codec, _ = file_encoder.ENCODINGS[name]
    assert (
        file_encoder.encode_lines(lines, described(encoding=name), first=0).decode(codec)
        == "中文,1\n第二\n"
    )


def test_a_slice_of_lines_is_only_that_slice() -> None:
    lines = pa.array(["a\n", "b\n", "c\n"])[1:2]
    assert file_encoder.encode_lines(lines, described(), first=0) == b"b\n"


def test_mixed_lines_take_turns() -> None:
    data = file_encoder.encode_lines(
        pa.array(["中\n", "中\n"]), described(encoding="mixed"), first=1
    )
    assert data == "中\n".encode("gb18030") + "中\n".encode()


def test_a_character_that_an_encoding_lacks_is_refused_by_its_number() -> None:
    with pytest.raises(PiiscanError, match=r"U\+4E1C"):
        file_encoder.encode_lines(pa.array(["东"]), described(encoding="big5"), first=0)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(PiiscanError, match="encoding must be one of"):
        file_encoder.encode_lines(pa.array(["x"]), described(encoding="ebcdic"), first=0)


def test_headings_are_repeated_but_not_before_the_first_row() -> None:
    file = described(columns=(("甲", "name"),), repeat_header=2)
    lines = pa.array(["1\n", "2\n", "3\n"])
    assert file_encoder.repeat_header(lines, file, first=0).to_pylist() == [
        "1\n",
        "2\n",
        "甲\n",
        "3\n",
    ]
    assert file_encoder.repeat_header(lines, file, first=4).to_pylist() == [
        "甲\n",
        "1\n",
        "2\n",
        "甲\n",
        "3\n",
    ]


MEMBERS = [("名单/一月.txt", "张三".encode("gbk")), ("空", b"")]


@pytest.mark.parametrize("names", ["gbk", "utf-8"])
def test_names_and_bytes_come_back(names: str) -> None:
    with zipfile.ZipFile(
        io.BytesIO(pack_zip(MEMBERS, names=names)), metadata_encoding=names
    ) as box:
        assert box.testzip() is None
        assert [(name, box.read(name)) for name in box.namelist()] == MEMBERS


def test_gbk_names_carry_no_flag_that_says_so() -> None:
    with zipfile.ZipFile(io.BytesIO(pack_zip(MEMBERS, names="gbk"))) as box:
        assert box.infolist()[0].flag_bits == 0


def test_an_encrypted_looking_archive_asks_for_a_password() -> None:
    with (
        zipfile.ZipFile(io.BytesIO(pack_zip(MEMBERS, names="utf-8", encrypted=True))) as box,
        pytest.raises(RuntimeError, match="password"),
    ):
        box.read("空")
