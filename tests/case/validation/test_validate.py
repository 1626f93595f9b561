"""A validation checks the software that made a case, and says what it could not check."""

import datetime
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from piiscan import Case, CaseError, count
from piiscan.case.validation import validate as module
from piiscan.case.validation.detection_rates import KindCounts, compare_with_truth, rate_rows
from piiscan.case.validation.record import build_record
from piiscan.case.validation.replay import draw_sources
from piiscan.case.validation.toy_cases import conservation_failures
from piiscan.case.validation.validate import Validation, ValidationRequest, validate
from piiscan.hashing.key import open_key
from piiscan.synth import make
from piiscan.wording.words import LANGUAGES, Words
from tests.case.dump import scan_dump
from tests.case.integrity.made_case import rehash
from tests.case.leak import people, write_csv
from tests.case.report.docx.test_statement import lines
from tests.keys import random_secret, write_key

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
HEADERS = ("姓名", "身份证号", "手机号", "住址")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    home = tmp_path_factory.mktemp("validated")
    for name, persons in (("甲/a.csv", people(8)), ("b.csv", people(4))):
        write_csv(home / "dump" / name, HEADERS, [p.cells for p in persons])
    case = scan_dump([home / "dump"], home / "case", case_number="9号")
    count(case)
    return case


@pytest.fixture(autouse=True)
def own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped catalogue; its examples have tests of their own and take long."""
    monkeypatch.setattr(module, "run_self_test", lambda catalog: [])


def run(case: Case, **wanted: Any) -> Validation:
    key = wanted.pop("key", case.key)
    request = ValidationRequest(**{"corpora": (), **wanted})
    return validate(replace(case, key=key), request, clock=lambda: MOMENT)


@pytest.fixture(scope="module")
def whole(case: Case) -> Iterator[Validation]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run_self_test", lambda catalog: [])
        yield run(case, corpora=("sale-7967", "three-party", "unseen-lines"), rows=200)


def copied(case: Case, folder: Path, change: Callable[[dict[str, Any]], object]) -> Case:
    """A copy of the case whose manifest was changed."""
    shutil.copytree(case.path, folder / "case")
    path = folder / "case" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")
    rehash(folder / "case")
    return replace(Case.open(folder / "case"), key=case.key)


def test_every_check_is_right_and_nothing_is_left(case: Case, whole: Validation) -> None:
    checks = {row["check"]: row for row in whole.tables["validation_checks"]}
    names = ("answers", "decoys", "ladder", "transfers", "own_ladder")
    assert {name: row["outcome"] for name, row in checks.items()} == dict.fromkeys(names, "right")
    assert checks["answers"]["cases"] > 500
    assert checks["decoys"]["cases"] > 300
    assert whole.passed
    assert not list((case.path / "tmp").glob("validate-*"))
    assert case.verify() == []


def test_rates_are_those_of_the_corpora_with_bounds(whole: Validation) -> None:
    rows = {row["entity"]: row for row in whole.tables["validation_rates"]}
    phone = rows["CN_MOBILE"]
    assert phone["planted"] == phone["detected"] > 400
    assert phone["detection_rate"] == "100.00"
    lower, upper = map(float, phone["detection_bounds"].split("–"))
    assert 99 < lower < upper == 100


def test_patterns_have_rates_by_kind_of_text_and_of_roles(whole: Validation) -> None:
    rows = {row["text_kind"]: row for row in whole.tables["validation_patterns"]}
    assert {"chat", "court", "form", "label", "log", "report", "sms"} <= rows.keys()
    assert rows["empty"]["planted"] == 0 < rows["empty"]["lines"]
    assert rows["empty"]["false_reports"] == rows["empty"]["reported"] < rows["empty"]["lines"]
    for row in rows.values():
        assert row["reported"] - row["false_reports"] == row["detected"] <= row["planted"]
        assert row["roles"] <= row["planted"]
    assert float(rows["form"]["detection_rate"]) > 90


def test_shares_measured_before_are_listed_by_kind_of_text_and_score(whole: Validation) -> None:
    rows = whole.tables["validation_reliability"]
    assert {"chat", "form", "log", "news", "table"} <= {row["text_kind"] for row in rows}
    assert all(0 <= row["right_reports"] <= row["reported"] for row in rows)
    news = {"text_kind": "news", "value_kind": "name", "least_score": "0.9"}.items()
    (rate,) = (float(row["right_rate"]) for row in rows if news <= row.items())
    assert 90 < rate < 100


def test_a_source_scanned_again_gives_the_same_bytes(case: Case) -> None:
    done = run(case, sources=9)
    assert [row["outcome"] for row in done.tables["validation_reruns"]] == ["same", "same"]


def test_evidence_that_was_moved_is_found_and_missing_one_is_said(case: Case) -> None:
    home = case.path.parent
    away = home / "away"
    (home / "dump").rename(away)
    try:
        assert {r["outcome"] for r in run(case).tables["validation_reruns"]} == {"missing"}
        moved = run(case, evidence=away).tables["validation_reruns"]
        assert {row["outcome"] for row in moved} == {"same"}
        with (away / "b.csv").open("ab") as file:
            file.write(b"\n")
        changed = run(case, evidence=away).tables["validation_reruns"]
        assert {row["outcome"] for row in changed} == {"same", "changed"}
    finally:
        write_csv(away / "b.csv", HEADERS, [p.cells for p in people(4)])
        away.rename(home / "dump")


def test_without_the_key_nothing_is_scanned_again(case: Case, monkeypatch: Any) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(case.path.parent / "nobody"))
    done = run(case, key=None)
    assert {row["outcome"] for row in done.tables["validation_reruns"]} == {"no_key"}
    other = write_key(case.path.parent / "other.key", random_secret(1))
    with pytest.raises(CaseError):
        run(case, key=other)


def test_a_shard_that_differs_fails(case: Case, tmp_path: Path) -> None:
    copy = tmp_path / "case"
    shutil.copytree(case.path, copy)
    shard = max(copy.glob("findings/*.parquet"), key=lambda path: path.stat().st_size)
    pq.write_table(pq.read_table(shard).slice(1), shard)
    rehash(copy)
    done = run(Case.open(copy), key=case.path.parent / "test.key")
    assert "different" in {row["outcome"] for row in done.tables["validation_reruns"]}
    assert not done.passed


@pytest.mark.parametrize(
    ("part", "name", "code"),
    [("tool", "code_sha256", "other_code"), ("settings", "catalogue", "other_rules")],
)
def test_other_software_is_refused(
    case: Case, tmp_path: Path, part: str, name: str, code: str
) -> None:
    other = copied(case, tmp_path, lambda manifest: manifest[part].update({name: "0" * 64}))
    with pytest.raises(CaseError) as refused:
        run(other)
    assert refused.value.code == f"validate.{code}"


def test_the_same_seed_draws_the_same_sources(case: Case) -> None:
    assert draw_sources(case, 1, 7) == draw_sources(case, 1, 7)
    assert len(draw_sources(case, 100, 7)) == 2


def test_a_ladder_that_loses_rows_is_seen(case: Case) -> None:
    counted = case.count()
    assert counted is not None
    tables = counted.tables()
    steps, wrong = conservation_failures(tables)
    assert steps
    assert not wrong
    broken = [dict(row) for row in tables["ladder"]]
    broken[3]["count"] -= 1
    assert conservation_failures({**tables, "ladder": broken})[1] == 2


def test_a_value_missed_and_one_too_many_are_counted(tmp_path: Path) -> None:
    made = make("sale-7967", rows=50, seed=1, out=tmp_path / "c", list_rows=True)
    (file,) = made.files
    kept = file.read_text("utf-8").splitlines()[:-1]
    extra = ",".join("13800138000" if "手机" in name else "" for name in kept[0].split(","))
    file.write_text("\n".join([*kept, extra]) + "\n", "utf-8")
    case = scan_dump([made.folder], tmp_path / "case")
    known = case.manifest.content["settings"]["key"]
    secret = open_key(tmp_path / "test.key", case=case.path, known=known).secret
    counts = compare_with_truth(case, made, key=secret)["CN_MOBILE"]
    assert counts == KindCounts(planted=50, found=50, both=49)
    (row,) = rate_rows({"CN_MOBILE": counts})
    assert (row["detection_rate"], row["false_rate"]) == ("98.00", "2.00")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_has_the_tables_and_lines_for_people(whole: Validation, language: Any) -> None:
    content = build_record(whole, Words(language, whole.case.manifest.content["vocabulary"]))
    told = "\n".join(lines(content))
    assert "{{" not in told
    assert whole.case.manifest.sha256 in told
    assert "piiscan sample" in told
    if language == "zh":
        signed = ("验证人（签名）：＿＿＿＿＿＿", "复核人（签名）：＿＿＿＿＿＿")
        assert all(part in told for part in ("软件功能验证记录", *signed))
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert "word/document.xml" in file.namelist()
