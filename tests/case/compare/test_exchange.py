"""Two offices with different keys compare by digests under a one-off key that opens no case."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from piiscan import Case, CaseError, count, judge
from piiscan.case.compare.exchange import exchange
from piiscan.case.compare.overlap import overlap
from tests.case.compare.test_overlap import CASES, make_case
from tests.keys import random_secret, write_key


def make_offices(home: Path) -> list[Case]:
    """Return two cases of the same people as of one key, each with its own."""
    made = []
    for number, name in enumerate(("one", "two")):
        key = write_key(home / f"{name}.key", random_secret(number))
        made.append(Case.of(make_case(home, name, key=key), key=key))
    return made


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return make_offices(tmp_path_factory.mktemp("offices"))


def figures(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return sizes of one case and of what both have, with the scope of the first."""
    names = ("scope_kind", "one_size", "other_size", "common", "only_these")
    return [tuple(row[name] for name in names) for row in rows if row["scope_kind"] == "case"]


def test_what_offices_share_is_what_cases_of_one_key_share(
    offices: list[Case], tmp_path: Path
) -> None:
    same = overlap([make_case(tmp_path, name) for name in ("one", "two")])
    one_off = tmp_path / "one-off.key"
    file = exchange(offices[1], tmp_path / "theirs.keys", key=one_off)
    rows = overlap(offices[:1], exchanged=[file], key=one_off)
    assert figures(rows) == figures(same)
    assert rows[0]["other_case"] == "theirs.keys"
    back = exchange(offices[0], tmp_path / "ours.keys", key=one_off)
    (mirrored,) = figures(overlap(offices[1:], exchanged=[back], key=one_off))
    assert mirrored[3] == figures(rows)[0][3]
    assert all(case.verify() == [] for case in offices)


def test_an_exchange_file_has_digests_only(offices: list[Case], tmp_path: Path) -> None:
    file = exchange(offices[0], tmp_path / "a.keys", key=tmp_path / "k")
    table = pq.read_table(file)
    assert table.column_names == ["key_kind", "key"]
    assert table.num_rows == len({n for _, people in CASES["one"].values() for n in people})
    assert table.equals(pq.read_table(exchange(offices[0], tmp_path / "b", key=tmp_path / "k")))
    assert file.stat().st_mode & 0o77 == 0
    other = pq.read_table(exchange(offices[0], tmp_path / "c", key=tmp_path / "other"))
    assert not set(table["key"].to_pylist()) & set(other["key"].to_pylist())
    digests = {row["digest"] for row in offices[0].sql("select digest from findings").to_pylist()}
    assert not set(table["key"].to_pylist()) & digests


def test_the_key_of_a_case_and_other_files_are_refused(offices: list[Case], tmp_path: Path) -> None:
    one, two = offices
    assert one.key
    assert two.key
    with pytest.raises(CaseError, match="one-off"):
        exchange(one, tmp_path / "a", key=one.key)
    file = exchange(two, tmp_path / "b", key=tmp_path / "k")
    write_key(tmp_path / "other", random_secret(7))
    with pytest.raises(CaseError, match="another one-off key"):
        overlap([one], exchanged=[file], key=tmp_path / "other")
    (tmp_path / "no").write_bytes(b"PAR1")
    with pytest.raises(CaseError, match="no exchange file"):
        overlap([one], exchanged=[tmp_path / "no"], key=tmp_path / "k")
    with pytest.raises(CaseError, match="inside the case"):
        exchange(one, one.path / "x", key=tmp_path / "k")
    assert not (tmp_path / "a").exists()


def test_evidence_that_changed_and_judgements_are_refused(tmp_path: Path) -> None:
    one, _ = make_offices(tmp_path)
    judge(one, "1:2", verdict="false", reason="测试", author="李检", key=one.key)
    count(one)
    with pytest.raises(CaseError, match="differ when it is read again"):
        exchange(Case.of(one.path, key=one.key), tmp_path / "a", key=tmp_path / "k")
    file = Path(one.manifest.content["sources"][0]["place"])
    file.rename(tmp_path / "away")
    with pytest.raises(CaseError, match="not at hand"):
        exchange(Case.of(one.path, key=one.key), tmp_path / "a", key=tmp_path / "k")
