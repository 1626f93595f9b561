"""Whole corpora: the same bytes each time, and a truth that another reader confirms."""

import csv
import hashlib
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from piiscan.synth import MadeCorpus, make, recipe_names, word_lists
from piiscan.synth.file_encoder import ENCODINGS

ROWS = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MadeCorpus]:
    out = tmp_path_factory.mktemp("made")
    return {name: make(name, rows=ROWS, seed=5, out=out) for name in recipe_names()}


def truths(corpus: MadeCorpus) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(corpus.truth.read_text("utf-8"))["files"]
    return found


def content(corpus: MadeCorpus, path: str) -> bytes:
    """The bytes of a file or of a member of an archive."""
    first, *members = path.split("!")
    data = (corpus.folder / first).read_bytes()
    for member in members:
        with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gbk") as box:
            data = box.read(member)
    return data


def digests(corpus: MadeCorpus) -> list[str]:
    paths = [*corpus.files, corpus.truth, *([corpus.truth_lines] if corpus.truth_lines else [])]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


@pytest.mark.parametrize("name", recipe_names())
def test_the_same_seed_gives_the_same_bytes(
    name: str, made: dict[str, MadeCorpus], tmp_path: Path
) -> None:
    assert digests(make(name, rows=ROWS, seed=5, out=tmp_path)) == digests(made[name])


def test_another_seed_gives_other_bytes(made: dict[str, MadeCorpus], tmp_path: Path) -> None:
    other = make("sale-7967", rows=ROWS, seed=6, out=tmp_path)
    assert digests(other) != digests(made["sale-7967"])


@pytest.mark.parametrize("name", recipe_names())
def test_the_truth_lies_outside_the_folder_to_be_scanned(
    name: str, made: dict[str, MadeCorpus]
) -> None:
    inside = {path for path in made[name].folder.rglob("*") if path.is_file()}
    assert inside == set(made[name].files)


def test_the_sold_list_has_as_many_records_as_the_case(tmp_path: Path) -> None:
    corpus = make("sale-7967", out=tmp_path)
    with corpus.files[0].open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == 7967 + 1


@pytest.mark.parametrize("name", recipe_names())
def test_rows_and_headers_are_as_the_truth_says(name: str, made: dict[str, MadeCorpus]) -> None:
    for truth in truths(made[name]):
        if not truth["readable"] or truth["format"] != "table" or truth["encoding"] == "mixed":
            continue
        codec, mark = ENCODINGS[truth["encoding"]]
        text = content(made[name], truth["path"])[len(mark) :].decode(codec)
        if len(truth["delimiter"]) > 1:
            assert text.count("\n") == truth["rows"]
            continue
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=truth["delimiter"]))
        if truth["header"]:
            assert rows[truth["header_row"] - 1] == truth["header"]
            rows = rows[truth["header_row"] :]
        assert len(rows) == truth["rows"]


def test_sheets_hold_their_title_header_and_rows(made: dict[str, MadeCorpus]) -> None:
    truth = next(t for t in truths(made["mixed-folder"]) if t["path"] == "14_名单.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content(made["mixed-folder"], truth["path"]))).active
    rows = list(sheet.values)
    assert list(rows[truth["header_row"] - 1]) == truth["header"]
    assert len(rows) == truth["header_row"] + truth["rows"]
    assert all(isinstance(row[2], int | float) for row in rows[truth["header_row"] :])


def test_a_dump_is_what_a_database_reads(made: dict[str, MadeCorpus]) -> None:
    truth = next(t for t in truths(made["mixed-folder"]) if t["format"] == "sql")
    script = content(made["mixed-folder"], truth["path"]).decode(truth["encoding"])
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(script)
        rows = base.execute("select * from `16_会员`")
        assert [each[0] for each in rows.description] == truth["header"]
        assert len(rows.fetchall()) == truth["rows"]


def test_counts_are_what_another_reader_counts(made: dict[str, MadeCorpus]) -> None:
    corpus = made["sale-7967"]
    with corpus.files[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    entities = truths(corpus)[0]["entities"]
    assert entities["PERSON"]["hits"] == sum(bool(row["姓名"]) for row in rows)
    ids = [row["身份证号"] for row in rows]
    masked = sum("*" in one for one in ids)
    damaged = sum("E+" in one or (len(one) == 18 and one.endswith("000")) for one in ids)
    assert entities["CN_RESIDENT_ID"]["masked"] == masked
    assert entities["CN_RESIDENT_ID"]["damaged"] == damaged
    assert entities["CN_RESIDENT_ID"]["hits"] == len(ids) - masked - damaged
    whole = [
        one.replace("-", "").upper() for one in ids if not re.search(r"\*|E\+|^.{15}000$", one)
    ]
    assert entities["CN_RESIDENT_ID"]["distinct"] == len(set(whole))
    phones = [row["手机号"] for row in rows]
    double = sum("/" in one for one in phones)
    lost = sum("*" in one or "E+" in one or not one for one in phones)
    assert entities["CN_MOBILE"]["hits"] == len(phones) - lost + double


@pytest.mark.parametrize("name", recipe_names())
def test_spans_of_lines_cut_out_what_they_name(name: str, made: dict[str, MadeCorpus]) -> None:
    lines = made[name].truth_lines
    if lines is None:
        assert (
            not any(t["readable"] and t["format"] == "lines" for t in truths(made[name]))
            or name == "prose"
        )
        return
    shapes = {
        "CN_MOBILE": r"[+()0-9 ０-９-]{11,15}",
        "PERSON": r"[一-鿿]{2,4}|[一-鿿]+·[一-鿿]+",
        "CN_ADDRESS": r"[一-鿿]{4}.*(\d|[一-鿿])",
        "VERIFICATION_CODE": r"\d{4,6}",
        "PHONE_TAIL": r"\d{4}",
        "CN_VIRTUAL_NUMBER": r"18412000\d{3}.{1,3}\d{4}",
        "WECHAT_ID": r"wxid_[a-z0-9]{12,14}|[Mm][A-Za-z0-9_-]{5,19}",
        "MASKED": r".*\*.*",
    }
    checked = 0
    for row in map(json.loads, lines.read_text("utf-8").splitlines()):
        for span in row["spans"]:
            shape = shapes.get(span["type"])
            if shape:
                assert re.fullmatch(shape, row["text"][span["start"] : span["end"]])
                checked += 1
    assert checked or name == "mixed-folder"


@pytest.mark.parametrize("name", recipe_names())
def test_lines_of_the_truth_are_the_lines_of_the_file(
    name: str, made: dict[str, MadeCorpus]
) -> None:
    for truth in truths(made[name]):
        if not truth["readable"] or truth["format"] != "lines" or made[name].truth_lines is None:
            continue
        rows = map(json.loads, made[name].truth_lines.read_text("utf-8").splitlines())
        texts = [row["text"] for row in rows if row["id"].rpartition(":")[0] == truth["path"]]
        codec, _ = ENCODINGS[truth["encoding"]]
        assert "".join(f"{text}\n" for text in texts).encode(codec) == content(
            made[name], truth["path"]
        )


@pytest.mark.parametrize("name", recipe_names())
def test_no_mobile_number_anywhere_can_be_somebodys(name: str, made: dict[str, MadeCorpus]) -> None:
    spans = [(int(a), int(b)) for a, b, _ in word_lists.read_table("segments.tsv")]
    seen = 0
    for truth in truths(made[name]):
        if not truth["readable"] or truth["encoding"] in {None, "mixed"}:
            continue
        text = content(made[name], truth["path"]).decode(ENCODINGS[truth["encoding"]][0])
        for number in re.findall(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])", text):
            seen += 1
            free = any(a <= int(number[:7]) <= b for a, b in spans)
            assert free or number.startswith(("18412000", "154", "160", "163", "169", "179"))
    assert seen or name == "prose"


def test_broken_files_are_named_as_unreadable(made: dict[str, MadeCorpus]) -> None:
    broken = {t["path"] for t in truths(made["mixed-folder"]) if not t["readable"]}
    assert broken == {"损坏/截断.zip", "损坏/加密.zip", "损坏/加密.7z"}


def test_look_alikes_are_no_planted_values(made: dict[str, MadeCorpus]) -> None:
    decoys = next(t for t in truths(made["mixed-folder"]) if t["path"].startswith("干扰/"))
    assert decoys["entities"] == {}
    assert decoys["rows"] > 0
