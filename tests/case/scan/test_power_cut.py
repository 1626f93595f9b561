"""A power cut between two flushes: the same commands finish the case, and nothing differs.

Behind a flush all earlier writes are on the disk. What was written since may be there whole, in
part, or not at all, in any order. SQLite flushes its own files, so these are all old or all new.
"""

import itertools
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import piiscan
from piiscan.case.store import shards
from tests.case.scanned import write_files

STORE, LOG = "ledger.sqlite", "log.jsonl"
#: Names that files were renamed to, in order.
RENAMED: list[str] = []


def work(home: Path) -> None:
    """Scan a folder of three files into a case, and count it."""
    case = piiscan.scan(home / "dump", case=home / "case", key=home / "my.key")
    piiscan.count(case, key=home / "my.key")


@pytest.fixture(scope="module")
def flushed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """Return a home with evidence and key, and copies of the case as it was at each flush."""
    home = tmp_path_factory.mktemp("home")
    for number in range(3):
        rows = "".join(f"张{c},1391234{number}{n:03d}\n" for n, c in enumerate("伟强明华"))
        write_files(home / "dump", {f"{number}.csv": f"姓名,手机号\n{rows}"})
    copies: list[Path] = []
    rename = Path.replace

    def record_rename(path: Path, target: Path) -> Path:
        RENAMED.append(target.name)
        return rename(path, target)

    def flush() -> None:
        copies.append(home / f"flush-{len(copies)}")
        shutil.copytree(home / "case", copies[-1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards.os, "sync", flush)
        patch.setattr(Path, "replace", record_rename)
        work(home)
    shutil.copytree(home / "case", home / "end")
    return home, [*copies, home / "end"]


def contents(folder: Path) -> dict[str, bytes]:
    """Return name -> content of all files below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def cuts(copies: list[Path], draw: random.Random) -> Iterator[dict[str, bytes]]:
    """Yield states in which a power cut may leave the case, as name -> content."""
    for before, after in itertools.pairwise(copies):
        old, new = contents(before), contents(after)
        changed = [name for name in old | new if old.get(name) != new.get(name)]
        store = [name for name in changed if name.startswith(STORE)]
        others = sorted(set(changed) - set(store))
        renamed = sorted(
            (n for n in others if new.get(n) in old.values()),
            key=lambda name: RENAMED.index(name.rpartition("/")[2]),
        )
        moved = {name: target for target in renamed for name in others
                 if name not in new and old[name] == new[target]}  # fmt: skip
        written = [name for name in others if name not in renamed and name not in moved]
        for damaged in [None, *written]:
            state = dict(old)
            kept = {*store, *renamed[: draw.randint(0, len(renamed))]}
            kept |= {damaged, *draw.sample(written, len(written) // 2)} - {None}
            kept |= {name for name, target in moved.items() if target in kept}
            for name in kept if damaged or draw.random() < 0.5 else ():
                state.pop(name, None)
                if name in new:
                    state[name] = new[name]
            if damaged == LOG:  # a line that is torn stays, and is told for ever
                known, lines = old.get(LOG, b""), new[LOG].splitlines(keepends=True)
                state[LOG] = b"".join(lines[: draw.randint(known.count(b"\n"), len(lines))])
            elif damaged in new:
                state[damaged] = new[damaged][: draw.choice([0, len(new[damaged]) // 2])]
            yield state


def finish_again(home: Path, state: dict[str, bytes]) -> None:
    """Put a case into a state, run the same commands, and verify it."""
    shutil.rmtree(home / "case", ignore_errors=True)
    write_files(home / "case", state)
    work(home)
    case = piiscan.Case.open(home / "case")
    count = case.count()
    assert count is not None
    assert count.tables()["units"][0]["U1d"] == 12
    found = piiscan.verify(case, key=home / "my.key").differences
    assert [(each.reason, each.name) for each in found] == []


def test_each_verb_flushes_few_times(flushed: tuple[Path, list[Path]]) -> None:
    assert 2 <= len(flushed[1]) - 1 <= 8


def test_a_cut_costs_no_case(flushed: tuple[Path, list[Path]]) -> None:
    home, copies = flushed
    states = [state for seed in range(3) for state in cuts(copies, random.Random(seed))]
    lost = {
        name: [s for s in states if f'"{event}"'.encode() in s.get(LOG, b"") and name not in s]
        for event, name in {"manifest": "manifest.json", "count": "counts-0001/count.json"}.items()
    }
    for state in (*(each[0] for each in lost.values()), *random.Random(2).sample(states, 6)):
        finish_again(home, state)


@pytest.mark.long
def test_no_cut_costs_a_case(flushed: tuple[Path, list[Path]]) -> None:
    home, copies = flushed
    for seed in range(3):
        for state in cuts(copies, random.Random(seed)):
            finish_again(home, state)
