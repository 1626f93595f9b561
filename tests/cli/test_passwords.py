"""With ``--passwords`` every verb that opens evidence gives what it gives for plain files."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from piiscan.case.validation import validate as validation
from piiscan.cli import main
from tests.sources.formats.test_zip_archive import aes, old

SECRET: Final = "密码-Abc123"
ROWS: Final = (
    ("姓名", "手机号", "备注"),
    ("张小明", "13581236749", "好"),
    ("", "", "无人接听"),
    ("王建国", "13900139000", "好"),
    ("张小明", "13581236749", "好"),
)
PASSWORDS: Final = ("--passwords", "passwords.txt")
SCAN: Final = ("scan", "dump", "--case", "case", "--key", "key", "--as-of", "2026-01-01")


def write_files(dump: Path, *, locked: bool) -> None:
    """A workbook, and an archive of lists in both encryptions, or as they are without."""
    dump.mkdir(parents=True)
    book, plain = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(plain)
    text = io.StringIO()
    csv.writer(text).writerows(ROWS)
    data = text.getvalue().encode()
    if not locked:
        (dump / "a.xlsx").write_bytes(plain.getvalue())
        for name in ("b.zip", "c.zip"):
            with zipfile.ZipFile(dump / name, "w") as archive:
                archive.writestr("甲.csv", data)
        return
    with (dump / "a.xlsx").open("wb") as out:
        OOXMLFile(plain).encrypt(SECRET, out)
    (dump / "b.zip").write_bytes(aes({"甲.csv": data}, SECRET.encode()))
    (dump / "c.zip").write_bytes(old({"甲.csv": data}, SECRET.encode("gbk")))


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two scanned and counted folders: one of plain files, one of the same with passwords."""
    made = {}
    for name in ("plain", "locked"):
        home = made[name] = tmp_path_factory.mktemp(name)
        write_files(home / "dump", locked=name == "locked")
        (home / "passwords.txt").write_text(f"{SECRET}\n", "utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(home)
            for words in ((*SCAN, *PASSWORDS), ("count", "case")):
                assert main(words, {"LANG": "zh_CN.UTF-8"}) == 0
    return made


@pytest.fixture
def both(homes: dict[str, Path], call: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """both(words): the calls in both folders, with the passwords; the locked one fails without."""

    def run(*words: str) -> Iterator[tuple[Path, Any]]:
        for home in homes.values():
            monkeypatch.chdir(home)
            called = call(*words, *PASSWORDS)
            assert (called.code, SECRET in called.out + called.err) == (0, False), called.err
            yield home, called

    return run


@pytest.fixture
def without(homes: dict[str, Path], call: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """without(words): the call in the locked folder, without the passwords."""

    def run(*words: str) -> Any:
        monkeypatch.chdir(homes["locked"])
        return call(*words)

    return run


def cells(path: Path) -> list[tuple[Any, ...]]:
    """All cells of a workbook."""
    return [row for sheet in openpyxl.load_workbook(path) for row in sheet.values]


def test_columns(both: Any, without: Any) -> None:
    one, other = (cells(home / "c.xlsx") for home, _ in both("columns", "dump", "-o", "c.xlsx"))
    assert one == other
    assert without("columns", "dump", "-o", "none.xlsx").code == 1


@pytest.mark.parametrize(
    "words", [("--rejects", "R1"), ("--unit", "row"), ("--unit", "row", "--clear", "--key", "key")]
)
def test_export(both: Any, words: tuple[str, ...]) -> None:
    name = f"{'-'.join(words)}.csv"
    done = both("export", "case", "-o", name, *words)
    one, other = ((home / name).read_text("utf-8") for home, _ in done)
    assert one == other
    assert len(one.splitlines()) == 1 + (3 if "R1" in words else 2)


def test_another_file_of_passwords_is_refused(without: Any, homes: dict[str, Path]) -> None:
    (homes["locked"] / "other.txt").write_text(SECRET, "utf-8")
    for words in (
        ("export", "case", "-o", "x.csv", "--clear", "--key", "key"),
        ("replay", "case", "dump", "--key", "key"),
    ):
        for more in ((), ("--passwords", "other.txt")):
            called = without(*words, *more)
            assert called.code == 2
            assert "立卷时用过另一个口令文件" in called.err


@pytest.mark.parametrize("row", ["1:#Sheet:3", "1:#Sheet:5", "2:甲.csv:5"])
def test_explain_count(both: Any, without: Any, row: str) -> None:
    words = ("explain-count", "case", "--row", row)
    one, other = (called.out for _, called in both(*words, "--clear", "--digest-key", "key"))
    assert one == other
    assert without(*words, "--clear", "--digest-key", "key").code != 0


def test_sample(both: Any, without: Any) -> None:
    words = ("sample", "case", "--each", "--clear", "--key", "key", "--frame")
    for frame in ("unfound", "counted"):
        name = f"{frame}.xlsx"
        done = both(*words, frame, "-o", name, "--seed", "1")
        one, other = ([row[2:] for row in cells(home / name)] for home, _ in done)
        assert one == other
        assert len(one) > 2
        assert without(*words, frame, "-o", "none.xlsx").code != 0


def test_disc(both: Any, without: Any) -> None:
    words = ("disc", "case", "--clear", "--key", "key", "-o")
    one, other = (
        {
            path.relative_to(home).as_posix(): cells(path)
            for path in sorted(home.rglob("盘/*人员*/*清单*.xlsx"))
        }
        for home, _ in both(*words, "盘")
    )
    assert one == other
    assert without(*words, "none").code != 0


def test_replay_and_validate(both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "run_self_test", lambda catalog: [])
    monkeypatch.setattr(validation, "recipe_names", lambda: ["prose"])
    for _, called in both("replay", "case", "dump", "--key", "key"):
        assert "重演一致：3 个来源" in called.out
    for _, called in both("validate", "case", "--key", "key", "-o", "v.docx"):
        assert called.out.count("逐字节相同") >= 3


def test_redact(both: Any, without: Any, homes: dict[str, Path]) -> None:
    for home, _ in both("redact", "dump", "-o", "masked"):
        assert cells(home / "masked/dump/a.xlsx")[1] == ("张**", "135****6749", "好")
        for name in ("b.zip", "c.zip"):
            with zipfile.ZipFile(home / "masked/dump" / name) as archive:
                assert archive.read("甲.csv").decode().splitlines()[1] == "张**,135****6749,好"
    assert without("redact", "dump", "-o", "none").code == 1
    assert [path.name for path in (homes["locked"] / "none").rglob("a.xlsx")] == []


def test_lookup(both: Any, without: Any) -> None:
    words = ("lookup", "case", "尾号6749", "--reveal", "--format", "json")
    one, other = (called.json for _, called in both(*words))
    assert one == other
    assert [each["value"] for each in one] == ["13581236749"] * 6
    assert without(*words).code != 0


def test_no_password_is_written(homes: dict[str, Path]) -> None:
    for path in homes["locked"].rglob("*"):
        if path.is_file() and path.name not in ("passwords.txt", "other.txt"):
            data = path.read_bytes()
            assert SECRET.encode() not in data
            assert SECRET.encode("gbk") not in data
