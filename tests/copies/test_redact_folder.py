"""Copies of folders and archives: apart from the sources, private, told clean or not."""

import io
import json
import re
import stat
import zipfile
from pathlib import Path

import pytest

from piiscan.case.scan.scan import scan
from piiscan.copies.redact_folder import REPORT, redact
from piiscan.copies.replacer import OPERATORS
from piiscan.errors import RedactError
from piiscan.synth import make, recipe_names
from tests.often import often

PHONE, MASKED = "13800138000", "138****8000"
TABLE = (
    "姓名,身份证号,手机号\n张三,430104190506150016,138-0013-8000\n"
    f"李四,430104190506150017,{PHONE}\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "来源"
    (folder / "下级").mkdir(parents=True)
    (folder / "a.csv").write_text(TABLE, "utf-8")
    (folder / "下级" / f"{PHONE}的记录.txt").write_bytes(f"电话{PHONE}\r\n".encode("gbk"))
    return folder


def test_a_copy_is_no_part_of_a_source(source: Path, tmp_path: Path) -> None:
    for out in (source / "copy", source, tmp_path):
        with pytest.raises(RedactError):
            redact(source, out=out)
    with pytest.raises(RedactError, match="not empty"):
        redact(source / "a.csv", out=source / "下级")
    assert sorted(p.name for p in source.iterdir()) == ["a.csv", "下级"]


def test_copies_are_private_and_names_are_masked(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    before = {p: p.read_bytes() for p in source.rglob("*") if p.is_file()}
    done = redact(source, out=out)
    made = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert made == [REPORT, "来源/a.csv", "来源/下级/138＊＊＊＊8000的记录.txt"]
    assert {p: p.read_bytes() for p in source.rglob("*") if p.is_file()} == before
    for path in out.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    told = (out / REPORT).read_text("utf-8")
    assert PHONE not in told
    assert [file["left"] for file in json.loads(told)["files"]] == [0, 0]
    assert (done.remaining, done.incomplete) == (0, 0)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_leaves_nothing(source: Path, tmp_path: Path, operator: str) -> None:
    done = redact(source, out=tmp_path / "copy", operator=operator, key=tmp_path / "key")
    text = (tmp_path / "copy" / "来源" / "a.csv").read_text("utf-8")
    assert done.remaining == 0
    for value in ("张三", "李四", PHONE, "138-0013-8000", "430104190506150016"):
        assert value not in text
    assert text.startswith("姓名,身份证号,手机号\n")
    assert text.count(",") == TABLE.count(",")


def test_a_value_has_one_pseudonym_in_all_files(source: Path, tmp_path: Path) -> None:
    done = redact(source, out=tmp_path / "copy", operator="pseudonym", key=tmp_path / "key")
    table = (tmp_path / "copy" / "来源" / "a.csv").read_text("utf-8")
    dashed, plain = re.findall(r"(?m),(00[0-9-]+)$", table)
    assert re.fullmatch(r"[0-9]{3}-[0-9]{4}-[0-9]{4}", dashed)
    assert dashed.replace("-", "") == plain
    (line,) = (tmp_path / "copy" / "来源" / "下级").iterdir()
    assert line.read_bytes().decode("gbk") == f"电话{plain}\r\n"
    again = redact(source, out=tmp_path / "again", operator="pseudonym", key=tmp_path / "key")
    assert again.copies == done.copies


def test_a_hash_is_the_digest_of_a_case_with_the_same_key(source: Path, tmp_path: Path) -> None:
    redact(source / "a.csv", out=tmp_path / "copy", operator="hash", key=tmp_path / "key")
    case = scan(source / "a.csv", case=tmp_path / "case", key=tmp_path / "key")
    digests = case.sql('select lower(hex(digest)) d from findings order by row, "column"')
    cells = (tmp_path / "copy" / "a.csv").read_text("utf-8").split("\n", 1)[1]
    assert re.split(r"[,\n]", cells.strip()) == digests["d"].to_pylist()


def test_what_cannot_be_masked_is_not_copied_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.rar").write_bytes(b"Rar!\x1a\x07\x01\x00 13800138000")
    (folder / "b.zip").write_bytes(b"PK\x03\x04 broken")
    (folder / "c.txt").write_text("好")
    done = redact(folder, out=tmp_path / "out")
    assert [(c.copy, [t.reason for t in c.problems]) for c in done.copies] == [
        (None, ["NOT_REDACTED"]),
        (None, ["CORRUPT"]),
        ("in/c.txt", []),
    ]
    assert done.incomplete == 2


def test_what_only_looks_like_utf16_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\x00b " + PHONE.encode() + b"\x00\n")
    done = redact(tmp_path / "a.txt", out=tmp_path / "out")
    assert done.copies[0].copy is None
    assert [trouble.reason for trouble in done.copies[0].problems] == ["UNDECODABLE"]


def test_a_source_that_goes_away_costs_no_other_copy(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(f"电话{PHONE}\n", "utf-8")
    done = redact(
        folder,
        out=tmp_path / "out",
        progress=lambda state: [
            (folder / name).unlink(missing_ok=True) for name in ("a.txt", "b.txt") if state.done
        ],
    )
    assert [(c.copy, [t.reason for t in c.problems]) for c in done.copies] == [
        ("in/a.txt", ["SOURCE_CHANGED"]),
        (None, ["READ_ERROR"]),
        ("in/c.txt", []),
    ]
    assert (tmp_path / "out" / "in" / "c.txt").read_text("utf-8") == f"电话{MASKED}\n"


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, (2020, 2, 2, 2, 2, 2)), data)
    return out.getvalue()


def test_an_archive_is_built_again_member_by_member(tmp_path: Path) -> None:
    inner = archive({"x.txt": f"电话{PHONE}".encode()})
    given = archive(
        {
            "名单/a.csv": TABLE.encode("gbk"),
            "b.rar": b"Rar!\x1a\x07\x01\x00",
            "内层.zip": inner,
            f"{PHONE}.txt": b"plain",
        }
    )
    (tmp_path / "a.zip").write_bytes(given)
    done = redact(tmp_path / "a.zip", out=tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "a.zip") as made:
        assert made.namelist() == ["名单/a.csv", "内层.zip", "138＊＊＊＊8000.txt"]
        assert made.getinfo("名单/a.csv").date_time == (2020, 2, 2, 2, 2, 2)
        assert MASKED not in made.read("名单/a.csv").decode("gbk").split("\n")[1]
        assert MASKED in made.read("名单/a.csv").decode("gbk").split("\n")[2]
        with zipfile.ZipFile(io.BytesIO(made.read("内层.zip"))) as nested:
            assert nested.read("x.txt").decode() == f"电话{MASKED}"
    assert [(t.member, t.reason) for t in done.copies[0].problems] == [("b.rar", "NOT_REDACTED")]


def test_names_of_members_keep_their_bytes(tmp_path: Path) -> None:
    data = archive({"mingdan.txt": PHONE.encode()}).replace(b"mingdan", "名单甲x".encode("gbk"))
    (tmp_path / "a.zip").write_bytes(data)
    redact(tmp_path / "a.zip", out=tmp_path / "out")
    made = (tmp_path / "out" / "a.zip").read_bytes()
    assert made.count("名单甲x.txt".encode("gbk")) == 2


def test_what_is_left_is_told_with_its_place(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for switched_off in ("_cell_edits", "_to_byte_edits"):
        monkeypatch.setattr(f"piiscan.copies.text.text_files.{switched_off}", lambda *_: iter(()))
    done = redact(source / "a.csv", out=tmp_path / "out")
    left = done.copies[0].remaining
    assert done.remaining == 6
    assert (left[0].row, left[0].column, left[0].entity) == (2, 1, "PERSON")
    lines = [(hit.part, hit.line, hit.entity) for hit in done.copies[0].standing]
    assert lines.count(("", 2, "PERSON")) == 1
    assert {line for _, line, _ in lines} == {2, 3}


@pytest.mark.parametrize("recipe", often(recipe_names(), ["sms-codes", "mixed-folder"]))
def test_copies_of_every_corpus_scan_clean(tmp_path: Path, recipe: str) -> None:
    make(recipe, rows=60, seed=3, out=tmp_path / "made")
    done = redact(tmp_path / "made", out=tmp_path / "out")
    assert done.remaining == 0
    assert done.counts.total() > 0
    case = scan(tmp_path / "out", case=tmp_path / "case", key=tmp_path / "key")
    kinds = case.sql(
        "select distinct entity from findings where masked not like '%*%' and entity not in"
        " ('MASKED', 'PHONE_TAIL', 'CN_SERVICE_NUMBER')"
    )
    assert kinds["entity"].to_pylist() == []
