"""Files of a repository as git lists them, staged ones as they are staged, with their places."""

import subprocess
from pathlib import Path

import pytest

import piiscan
from tests.repositories import CODE, MOBILE, OTHER, git, repository, states

pytestmark = pytest.mark.program("git")
__all__ = ["repository"]  # a fixture


def test_tables_are_searched_by_their_columns_and_places_are_lines(repository: Path) -> None:
    rows = f"姓名,客户QQ\n张三,12345678\n李四,{MOBILE}\n"
    (repository / "a.csv").write_text(rows, "utf-8")
    found = piiscan.check().findings
    places = [(each.line, each.column, each.end_column, each.header) for each in found]
    assert places == [(2, 4, 12, "客户QQ"), (3, 4, 15, "客户QQ")]
    assert piiscan.check(names=True).findings[0].entity == "PERSON"
    assert piiscan.find_files("a.csv").findings[1].value == "12345678"
    (repository / "c.sql").write_text(f"\ninsert into t (phone) values\n('{MOBILE}');\n", "utf-8")
    assert [(each.line, each.offset) for each in piiscan.find_files("c.sql").findings] == [(3, 2)]
    mail = f"From: demo <{MOBILE}@139.com>\nTo: a@b.cn\nSubject: demo\n\n{MOBILE}\n"
    (repository / "b.eml").write_text(mail, "utf-8")
    assert {each.line for each in piiscan.find_files("b.eml").findings} <= {None, *range(1, 6)}


@pytest.mark.parametrize("is_repository", [True, False])
def test_what_gitignore_leaves_out_is_not_read_unless_it_is_tracked(
    is_repository: bool, repository: Path, tmp_path: Path
) -> None:
    for name in ("kept.py", "out/a.py", "b.log", "tracked.log"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(CODE, "utf-8")
    (tmp_path / ".gitignore").write_text("out/\n*.log\n", "utf-8")
    if is_repository:
        git("add", "-f", "tracked.log")
    else:
        subprocess.run(["rm", "-r", ".git"], check=True)
    found = ["kept.py", *(["tracked.log"] if is_repository else [])]
    assert [each.file for each in piiscan.check().findings] == found
    assert [each.file for each in piiscan.check(["b.log"]).findings] == ["b.log"]


def test_a_submodule_that_is_not_fetched_is_a_folder(repository: Path) -> None:
    git("update-index", "--add", "--cacheinfo", "160000", "1" * 40, "sub")
    (repository / "sub").mkdir()
    assert piiscan.check().files == 0
    (repository / "sub" / "a.py").write_text(CODE, "utf-8")
    assert [each.file for each in piiscan.check().findings] == ["sub/a.py"]


def test_staged_changes_are_checked_as_they_are_staged(repository: Path) -> None:
    (repository / "sub").mkdir()
    (repository / "sub" / "a b.py").write_text(f'old = "{MOBILE}"\nx = 1\n', "utf-8")
    git("add", ".")
    git("commit", "-qm", "demo")
    (repository / "sub" / "a b.py").write_text(f'old = "{MOBILE}"\nnew = "{OTHER}"\n', "utf-8")
    (repository / "new.csv").write_text(f"手机号\n{MOBILE}\n", "utf-8")
    assert piiscan.check(staged=True).findings == ()
    git("add", ".")
    (repository / "sub" / "a b.py").write_text("", "utf-8")
    assert states(piiscan.check(staged=True)) == [("new.csv", 2, "new"), ("sub/a b.py", 2, "new")]
    assert states(piiscan.check("sub", staged=True)) == [("sub/a b.py", 2, "new")]
