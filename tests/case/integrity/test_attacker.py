"""An attacker who has the case and the source code but no key: what goes unseen, and by whom.

Each attack ends with every plain checksum of the case made anew.  The table states what sees it:
verify, verify --key, verify --expect with the head in the minutes, and a seal kept elsewhere.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq
import pytest

from piiscan import Case
from piiscan.case.integrity import anchors
from piiscan.case.integrity.verify import verify_case
from piiscan.case.report.destination import save_report
from piiscan.case.store import audit_log
from tests.case.integrity.made_case import Made, make_case, rehash, seen, write_log

#: Attack -> seen by verify, by verify --key, by --expect or a seal of the state before it.
TABLE: Final = {
    "findings dropped, nothing hashed again": (True, True, False),
    "findings dropped": (False, True, True),
    "a count swapped": (False, True, True),
    "sources replaced": (False, True, True),
    "log rewritten": (False, True, True),
    "last lines of the log dropped": (False, True, True),
    "last lines dropped, log.mac taken away": (True, True, True),
    "manifest put under another key": (False, True, True),
    "keyless lines dropped": (False, False, True),
    "whole case put back to an older state": (False, False, True),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, rules: Path) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: rules)
        home = tmp_path_factory.mktemp("attacked")
        patch.setenv("XDG_DATA_HOME", str(home / "nobody"))
        made = make_case(home)
        shutil.copytree(made.case, home / "older")
        # a verb without the key: its line is protected by none
        save_report(Case.open(made.case), b"late", made.case / "reports" / "late.html")
        shutil.copytree(made.case, home / "before")
        shutil.copytree(home / "dump", home / "dump-before")
        yield made


@pytest.fixture
def made(whole: Made) -> Iterator[Made]:
    yield whole
    for now, before in (("case", "before"), ("dump", "dump-before")):
        shutil.rmtree(whole.home / now)
        shutil.copytree(whole.home / before, whole.home / now)


def drop_findings(case: Path) -> None:
    shard = max(case.glob("findings/*.parquet"), key=lambda path: path.stat().st_size)
    table = pq.read_table(shard)
    pq.write_table(table.slice(0, table.num_rows // 2), shard)


def swap_count(case: Path) -> None:
    for path in [*case.glob("tables*/kinds.json"), *case.glob("counts-*/ladder.json")]:
        content = json.loads(path.read_text("utf-8"))
        for row in content["rows"]:
            row |= {name: 7 for name, value in row.items() if type(value) is int}
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def events(case: Path) -> list[dict[str, Any]]:
    return audit_log.read_events(case / "log.jsonl")


def drop_lines(made: Made, number: int) -> None:
    """Drop the last lines of the log, and the files that only they record."""
    kept, gone = events(made.case)[:-number], events(made.case)[-number:]
    for name in {each["file"] for each in gone} - {each.get("file") for each in kept}:
        (made.case / name).unlink()
    write_log(made.case, kept)


def replace_key(case: Path) -> None:
    for path in case.glob("manifest*.json"):
        content = json.loads(path.read_text())
        content["settings"]["key"] = "00" * 8
        path.write_text(json.dumps(content))
    rehash(case)


def rewrite_log(case: Path) -> None:
    changed = events(case)
    for event in changed:
        event["time"] = "2020-01-01T00:00:00+08:00"
    write_log(case, changed)
    rehash(case)


def roll_back(made: Made) -> None:
    shutil.rmtree(made.case)
    shutil.copytree(made.home / "older", made.case)


def change_sources(made: Made) -> None:
    (made.home / "dump" / "sale.csv").write_text("姓名,手机号\n", "utf-8")
    rehash(made.case)


ATTACKS: Final[dict[str, Callable[[Made], object]]] = {
    "findings dropped, nothing hashed again": lambda made: drop_findings(made.case),
    "findings dropped": lambda made: (drop_findings(made.case), rehash(made.case)),
    "a count swapped": lambda made: (swap_count(made.case), rehash(made.case)),
    "sources replaced": change_sources,
    "log rewritten": lambda made: rewrite_log(made.case),
    "last lines of the log dropped": lambda made: drop_lines(made, 2),
    "last lines dropped, log.mac taken away": lambda made: (
        drop_lines(made, 2),
        (made.case / "log.mac").unlink(),
    ),
    "manifest put under another key": lambda made: replace_key(made.case),
    "keyless lines dropped": lambda made: drop_lines(made, 1),
    "whole case put back to an older state": roll_back,
}


@pytest.mark.parametrize("attack", TABLE)
def test_an_attack_is_seen_by_what_the_table_says(made: Made, attack: str) -> None:
    head = made.head()
    assert seen(made, head) == {"plain": False, "key": False, "head": False}
    lines = len(events(made.case))
    noted_head = made.home / f"{list(TABLE).index(attack)}.head.txt"
    noted_head.write_bytes(anchors.SealHead("case.zip", "0" * 64, lines, head).content())
    ATTACKS[attack](made)
    found = seen(made, head)
    plain, key, noted = TABLE[attack]
    assert found == {"plain": plain, "key": key, "head": noted}, verify_case(made.case)
    assert bool(anchors.check_sealed(noted_head, made.case)) == noted
