"""A byte changed, a file cut, taken away or put in: verify tells of it, and of which file it was.

One case with everything in it: two generations, a register, counts, a sample given back, reports.
"""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from piiscan import Case, count, import_sample, sample
from piiscan.case.integrity.verify import verify_case
from piiscan.case.register.register import draft_register
from piiscan.case.report.destination import save_report
from piiscan.case.store import audit_log
from piiscan.cli import main
from tests.case.dump import scan_dump, write_dump
from tests.case.integrity.made_case import Made
from tests.filled_sheets import fill_in
from tests.often import long

#: Bytes changed in each file, beside its first and its last.
FLIPS: Final = 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, small_rules: Path) -> Made:
    home = tmp_path_factory.mktemp("tampered")
    dump = write_dump(home / "dump")
    draft_register([dump], home / "register.xlsx")
    case = scan_dump([dump], home / "case", register=home / "register.xlsx", reveal=True)
    count(case)
    (dump / "later.csv").write_text("姓名,手机号\n张三,13600136000\n", "utf-8")
    case = scan_dump([dump], home / "case", reveal=True)
    count(case)
    _verify_sample(case, home / "sample.xlsx")
    for name in ("report.xlsx", "reports/one.html"):
        save_report(case, b"a report " * 20, case.path / name)
    return Made(home)


def _verify_sample(case: Case, sheet: Path) -> None:
    sample(case, sheet, size=5)
    fill_in(sheet, lambda _: {"核实结果": "实"})
    import_sample(case, [sheet])


@pytest.fixture
def restored(made: Made) -> Iterator[Made]:
    """The case, put back afterwards as it was."""
    kept = made.home / "kept"
    for name in ("case", "dump"):
        shutil.copytree(made.home / name, kept / name)
    yield made
    for name in ("case", "dump"):
        shutil.rmtree(made.home / name)
        shutil.move(kept / name, made.home / name)
    kept.rmdir()


def _names(case: Path) -> set[str]:
    """What differences are about: where only two files vouch for each other, it may be either."""
    found = {(each.name, each.detail) for each in verify_case(case)}
    pairs = {("log.jsonl", "NOTED"): "log.head", ("ledger.sqlite", "BESIDE"): "ledger.sha256"}
    return {name for name, _ in found} | {pairs[each] for each in found & pairs.keys()}


def _changed(whole: bytes, draw: random.Random) -> Iterator[bytes]:
    """The bytes with one changed, one less, one more."""
    last = len(whole) - 1
    places = {0, last, *(draw.randint(0, max(last, 0)) for _ in range(FLIPS))}
    for place in sorted(places if whole else ()):
        yield whole[:place] + bytes([whole[place] ^ 1 << draw.randrange(8)]) + whole[place + 1 :]
    if whole:
        yield whole[:-1]
    yield whole + b"\n"


def test_the_case_has_everything_and_verifies(made: Made) -> None:
    kinds = {path.relative_to(made.case).as_posix().partition("/")[0] for path in made.files}
    assert kinds >= {
        "alarms", "clear", "counts-0001", "counts-0002", "findings", "handed", "ledger.sha256",
        "ledger.sqlite", "log.head", "log.jsonl", "manifest-0002.json", "manifest-0002.sha256",
        "manifest.json", "manifest.sha256", "records", "report.html", "report.xlsx", "reports",
        "samples-0001", "tables", "tables-0002",
    } - {"alarms"}  # fmt: skip
    assert verify_case(made.case) == []


def _some(files: list[Path], *, all_files: bool) -> list[Path]:
    """Return two files of each folder and suffix, or all."""
    alike: dict[tuple[Path, str], list[Path]] = {}
    for path in files:
        alike.setdefault((path.parent, path.suffix), []).append(path)
    return files if all_files else sorted({each[n] for each in alike.values() for n in (0, -1)})


@pytest.mark.parametrize(("changes", "all_files"), [(1, False), long(5, True)])
def test_every_byte_changed_in_the_case_is_told_with_its_file(
    restored: Made, changes: int, all_files: bool
) -> None:
    draw, tried = random.Random(6), 0
    for path in _some(restored.files, all_files=all_files):
        name, whole = path.relative_to(restored.case).as_posix(), path.read_bytes()
        made = list(_changed(whole, draw))
        for changed in draw.sample(made, min(changes, len(made))):
            path.write_bytes(changed)
            assert name in _names(restored.case), (name, tried)
            tried += 1
        path.write_bytes(whole)
    assert tried > (140 if all_files else 30) * changes
    assert verify_case(restored.case) == []


def test_every_byte_changed_in_a_source_is_told_with_its_number(restored: Made) -> None:
    draw = random.Random(7)
    sources = Case.open(restored.case).manifest.content["sources"]
    assert len(sources) == 7
    for source in sources:
        path = Path(source["place"])
        whole = path.read_bytes()
        for changed in _changed(whole, draw):
            path.write_bytes(changed)
            assert _names(restored.case) == {f"#{source['source']}"}
        path.unlink()
        assert _names(restored.case) == {f"#{source['source']}"}
        path.write_bytes(whole)


@pytest.mark.parametrize("all_files", [False, long(True)])
def test_every_file_taken_away_is_told(restored: Made, all_files: bool) -> None:
    for path in _some(restored.files, all_files=all_files):
        whole = path.read_bytes()
        path.unlink()
        assert path.relative_to(restored.case).as_posix() in _names(restored.case)
        path.write_bytes(whole)


def test_a_file_put_in_anywhere_is_told(restored: Made) -> None:
    folders = [path for path in restored.case.rglob("*") if path.is_dir() and path.name != "tmp"]
    for folder in (restored.case, *folders):
        extra = folder / "000777.parquet"
        extra.touch()
        assert _names(restored.case) == {extra.relative_to(restored.case).as_posix()}
        extra.unlink()


def test_every_line_of_the_log_swapped_or_left_out_is_told(restored: Made) -> None:
    path = restored.case / "log.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(len(lines)):
        without = lines[:number] + lines[number + 1 :]
        swapped = [*without[: number - 1], *lines[number - 1 : number + 1][::-1]]
        swapped += lines[number + 1 :]
        for changed in (without, lines[:number], swapped if number else without):
            path.write_bytes(b"".join(changed))
            assert "log.jsonl" in _names(restored.case), number


def test_writing_on_does_not_hide_what_was_done_to_the_log(restored: Made) -> None:
    path = restored.case / "log.jsonl"
    for change in (
        lambda lines: lines[:-1],
        lambda lines: [*lines[:-1], lines[-1].replace(b'"report"', b'"retort"')],
    ):
        whole, head = path.read_bytes(), audit_log.head_path(path).read_bytes()
        path.write_bytes(b"".join(change(whole.splitlines(keepends=True))))
        save_report(Case.open(restored.case), b"another", restored.case / "reports" / "one.html")
        assert ("log.jsonl", "DIFFERED") in {(d.name, d.detail) for d in verify_case(restored.case)}
        path.write_bytes(whole)
        audit_log.head_path(path).write_bytes(head)


def test_the_command_line_tells_it_in_words_and_by_its_exit_code(
    restored: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["verify", str(restored.case), "--lang", "zh"]
    assert main(ask, {}) == 0
    capsys.readouterr()
    for path in restored.files[:: len(restored.files) // 12]:
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        assert main(ask, {}) == 3, path.name
        assert path.stem in capsys.readouterr().out
        path.write_bytes(whole)
