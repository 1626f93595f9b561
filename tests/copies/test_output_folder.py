"""The folder of copies: new, private, apart from every source; no copy takes another's name."""

import json
from pathlib import Path

import pytest

from piiscan.copies.output_folder import (
    WORK_FOLDER,
    display_path,
    free_name,
    make_parents,
    open_output,
    output_parts,
)
from piiscan.errors import RedactError


def enter(out: Path, *sources: Path) -> None:
    with open_output(out, sources) as work:
        assert work == out / WORK_FOLDER
        assert {path.stat().st_mode & 0o777 for path in (out, work)} == {0o700}


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    enter(tmp_path / "a" / "b")


def test_an_empty_folder_becomes_private_and_a_full_one_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o755)
    enter(out, tmp_path / "source")
    (out / "a.csv").touch()
    with pytest.raises(RedactError, match="not empty"):
        enter(out)


def test_files_beside_what_a_killed_run_left_are_not_touched(tmp_path: Path) -> None:
    out = tmp_path / "out"
    enter(out)
    (out / WORK_FOLDER).mkdir(mode=0o700)
    enter(out)  # a run that was killed before it had its lock
    (out / WORK_FOLDER).mkdir(mode=0o700)
    (out / WORK_FOLDER / "lock").touch()
    enter(out)  # a run that was killed later
    (out / WORK_FOLDER).mkdir(mode=0o700)
    (out / WORK_FOLDER / "lock").touch()
    (out / "mine.csv").touch()
    with pytest.raises(RedactError, match="not empty"):
        enter(out)
    assert (out / "mine.csv").exists()


def test_copies_and_sources_are_apart(tmp_path: Path) -> None:
    with pytest.raises(RedactError):
        enter(tmp_path / "s" / "out", tmp_path / "s")
    with pytest.raises(RedactError):
        enter(tmp_path / "s", tmp_path / "s" / "in")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RedactError, match="Not a directory"):
        enter(tmp_path / "file" / "out")


@pytest.mark.parametrize(
    ("given", "path", "parts"),
    [
        ("dumps/a", "dumps/a/b/c.csv", ("a", "b", "c.csv")),
        ("dumps/a.csv", "dumps/a.csv", ("a.csv",)),
        ("/", "/x", ("root", "x")),
    ],
)
def test_a_copy_stands_below_the_name_that_was_given(
    given: str, path: str, parts: tuple[str, ...]
) -> None:
    assert output_parts(Path(given), Path(path)) == parts


def test_here_and_above_have_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert output_parts(Path(), Path("x")) == ("b", "x")
    assert output_parts(Path(".."), Path("../x")) == ("a", "x")


def test_a_name_that_is_taken_is_numbered() -> None:
    parent, used = Path("p"), []
    for name in ["a.csv"] * 3 + [".x", ".x", "b", "b", "c.tar.gz", "c.tar.gz"]:
        used.append(free_name(parent, name, used_paths=used))
    assert [path.name for path in used] == [
        *("a.csv", "a(2).csv", "a(3).csv"),
        *(".x", ".x(2)", "b", "b(2)", "c.tar.gz", "c.tar(2).gz"),
    ]


def test_parents_are_private_and_paths_are_shown_below_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c\udcff.csv"
    make_parents(path, tmp_path)
    make_parents(path, tmp_path)
    assert {each.stat().st_mode & 0o777 for each in (path.parent, path.parent.parent)} == {0o700}
    assert display_path(path, tmp_path) == "a/b/c\ufffd.csv"


@pytest.mark.parametrize("name", ["../mine.csv", "..", "", "a/../../mine.csv"])
def test_nothing_outside_is_deleted_whatever_a_run_seems_to_have_left(
    tmp_path: Path, name: str
) -> None:
    out, mine = tmp_path / "out", tmp_path / "mine.csv"
    mine.touch()
    (out / WORK_FOLDER).mkdir(mode=0o700, parents=True)
    (out / WORK_FOLDER / "lock").touch()
    (out / WORK_FOLDER / "moved.json").write_text(json.dumps([name]), "utf-8")
    with pytest.raises(RedactError, match="not empty"):
        enter(out)
    assert mine.exists()
    assert out.is_dir()
