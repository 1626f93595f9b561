"""A case of three parties: every cell of the count is what plain Python makes of the same rows."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from piiscan import Case, count
from piiscan.case.register.made_corpus import make_with_register
from piiscan.case.store import shard_runs, shards
from piiscan.case.store.count_store import Count
from piiscan.sources.encoding import decoder
from piiscan.synth import MadeCorpus, recipe
from tests.case.dump import scan_dump
from tests.case.naive import Truth
from tests.case.planted import Cell, Row
from tests.case.tiers.naive_tiers import tier_tables

ROWS = 450
TABLES = (
    *("ladder", "ladder_reasons", "units", "elements", "people", "shared", "conflicts"),
    *("statuses", "parties", "months", "money"),
    *("tiers", "tier_scenarios", "tier_money"),
)
RULES = ("tier-cn-2017", "platform-cn-2019")
#: What a table of tiers says of the law, not of the case.
OF_THE_LAW = ("basis", "contested", "note")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeCorpus:
    return make_with_register("three-party", rows=ROWS, seed=3, out=tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def scanned(made: MadeCorpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case as it was scanned. It is not to be counted: a case keeps what it is given."""
    home = tmp_path_factory.mktemp("case")
    return scan_dump([made.folder], home / "case", workers=1).path


@pytest.fixture
def case(scanned: Path, tmp_path: Path) -> Case:
    """A copy of the case, beside its key."""
    shutil.copytree(scanned.parent, tmp_path, dirs_exist_ok=True)
    return Case.open(tmp_path / "case")


def numbered(case: Case, folder: Path) -> dict[str, int]:
    """The number of each source, by its path below the folder."""
    head = f"{folder.as_posix()}/"
    return {
        each["path"].removeprefix(head): each["source"] for each in case.manifest.content["sources"]
    }


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


def same(made: Count, truth: Truth) -> None:
    """Every cell of every table; rows in any order where the order says nothing."""
    tables = made.tables()
    rules = dict.fromkeys(row["policy"] for row in tables["tier_rules"])
    wanted = truth.tables() | tier_tables(truth, *rules)
    for name in TABLES:
        told, right = in_order(_found(tables[name])), in_order(wanted[name])
        if name.startswith("tier"):
            told = in_order([_plain(row) for row in told])
            right = in_order([_plain(row) for row in right])
        wrong = [row for row in told if row not in right], [row for row in right if row not in told]
        assert (name, *wrong) == (name, [], [])
        assert len(told) == len(right)


def _found(rows: list[Cell]) -> list[Cell]:
    """The rows about what was found; totals of transfers are held against sets elsewhere."""
    return [row for row in rows if not str(row.get("unit")).startswith("UF")]


def _plain(row: Cell) -> Cell:
    return {name: row[name] for name in sorted(row.keys() - set(OF_THE_LAW))}


def assert_counted(
    made: MadeCorpus, case: Case, *, truth: Cell | None = None, **asked: Any
) -> None:
    """Count a case under both rules and hold it against its rows, with what ``truth`` says too."""
    assert made.truth_rows is not None
    sources = numbered(case, made.folder)
    same(
        count(case, policies=RULES, **asked), Truth(made.truth_rows, sources=sources, **truth or {})
    )


def test_every_cell_is_what_the_rows_say(case: Case, made: MadeCorpus) -> None:
    assert_counted(made, case)


def test_other_settings_change_what_they_say(case: Case, made: MadeCorpus) -> None:
    order = ("phone", "identity", "account", "name_address")
    assert_counted(made, case, truth={"order": order}, key_by=["phone"])


def test_by_suspect_device_and_item_every_cell_is_what_the_register_says(
    case: Case, made: MadeCorpus
) -> None:
    said = recipe.load_recipe("three-party").register
    assert_counted(made, case, truth={"register": said}, register=made.register)
    told = next(case.count().path.glob("by_suspect.csv")).read_text("utf-8")
    assert "恢复数据 -" in told  # recipients had deleted rows too, which are a term of their own
    assert "同一人的其他类别 -" not in told
    scopes = {row["scope_kind"] for row in case.count().tables()["ladder"]}
    assert scopes == {"total", "suspect", "device", "item", "layer", "source"}


def test_what_is_excluded_is_in_no_cell(case: Case, made: MadeCorpus, tmp_path: Path) -> None:
    assert made.truth_rows is not None
    plain = Truth(made.truth_rows, sources=numbered(case, made.folder))
    bought = [row for row in plain.rows if row.file == "甲/电脑/上家一.csv"]
    phone = next(v.value for v in bought[30].values if v.entity == "CN_MOBILE")
    lines = [
        "类型,内容,理由,提出人",
        f"值,{phone},本人,甲",
        "路径,*/乙/手机/微信号.csv,自用,甲",
        "路径,*/名单.zip!二月.csv,重复移送,乙",
        "栏目,*/面单.csv#收件人电话,单位总机,乙",
        "栏目,*/台账.csv#手机号,单位总机,乙",
    ]
    listed = tmp_path / "exclude.csv"
    listed.write_text("\n".join(lines) + "\n", "utf-8")

    def excluded(row: Row) -> bool:
        whole = row.file in ("乙/手机/微信号.csv", "丙/硬盘/名单.zip!二月.csv")
        return whole or any(v.value == phone for v in row.values)

    dropped = [("甲/手机/面单.csv", "收件人电话"), ("甲/电脑/台账.csv", "手机号")]
    truth = {"excluded": excluded, "dropped": dropped}
    assert_counted(made, case, truth=truth, exclude=listed, key=tmp_path / "test.key")


def test_of_a_period_only_rows_with_a_day_in_it_count(case: Case, made: MadeCorpus) -> None:
    since, until = date(2022, 4, 1), date(2023, 1, 31)
    truth = {"period": (since.isoformat(), until.isoformat())}
    assert_counted(made, case, truth=truth, since=since, until=until)


def test_workers_and_blocks_change_nothing(
    made: MadeCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = decoder.read_pieces.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "size", 3000)
    monkeypatch.setattr(shards, "ROW_GROUP", 100)
    monkeypatch.setattr(shard_runs, "BLOCK", 1)
    other = scan_dump([made.folder], tmp_path / "case", workers=2)
    assert len(list((other.path / "findings").iterdir())) == len(made.files)
    assert_counted(made, other)


def test_names_of_files_change_nothing_but_the_order_of_sources(
    made: MadeCorpus, tmp_path: Path
) -> None:
    names = {
        path.relative_to(made.folder).as_posix(): f"{99 - n}{path.suffix}"
        for n, path in enumerate(made.files)
    }
    folder = tmp_path / "dump"
    folder.mkdir()
    for path, name in names.items():
        shutil.copy(made.folder / path, folder / name)
    case = scan_dump([folder], tmp_path / "case")
    numbers = numbered(case, folder)
    assert made.truth_rows is not None
    sources = {path: numbers[name] for path, name in names.items()}
    same(count(case, policies=RULES), Truth(made.truth_rows, sources=sources))


def test_the_corpus_has_what_such_a_case_has(made: MadeCorpus) -> None:
    """A fifth of the rows repeats others, a twentieth is invalid; nothing of it by accident."""
    assert made.truth_rows is not None
    sources = {path.relative_to(made.folder).as_posix(): 0 for path in made.files}
    truth = Truth(made.truth_rows, sources=sources)
    bought = [row for row in truth.rows if row.file == "甲/电脑/上家一.csv"]
    again = 1 - len({row.content for row in bought}) / len(bought)
    wrong = sum(value.refuted for row in bought for value in row.values) / len(bought)
    assert 0.1 < again < 0.2
    assert 0.02 < wrong < 0.09
    tables = truth.tables() | tier_tables(truth, *RULES)
    assert all(tables[name] for name in TABLES)
    reasons = {row["reason"] for row in tables["ladder_reasons"]}
    assert reasons >= {"CHECK_FAIL", "DATE_IMPOSSIBLE", "MASKED", "BARE_PHONE", "PREFIX_UNALLOTTED"}
