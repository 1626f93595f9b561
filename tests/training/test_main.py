"""Command line of the training: the reliability table reads labelled text and trains nothing."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from training import pipeline
from training.__main__ import main, reliability_table
from training.pipeline import Recipe
from training.rounds import Report

TEXT = "收件人：王建国 13800138000 湖南省长沙市岳麓区麓山南路932号3栋2单元501室"


def test_the_table_counts_spans_by_score(tmp_path: Path) -> None:
    name, place = TEXT.index("王"), TEXT.index("湖南")
    spans = [
        {"start": name, "end": name + 3, "type": "PERSON"},
        {"start": place, "end": len(TEXT), "type": "ADDRESS"},
    ]
    rows = "\n".join(json.dumps({"id": n, "text": TEXT, "spans": spans}) for n in range(5))
    (tmp_path / "gold.jsonl").write_text(rows, "utf-8")
    head, rule, *reported = reliability_table(tmp_path)
    assert head == "| score | share | spans |"
    assert rule == "|---|---|---|"
    assert sum(int(row.split("|")[3]) for row in reported) == 10
    assert all(row.split("|")[2].strip() == "1.00" for row in reported)


def test_measuring_needs_something_to_measure_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["training", "--reliability"])
    with pytest.raises(SystemExit):
        main()
    assert "--measure" in capsys.readouterr().err


def test_other_processes_can_import_what_tells_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reported: list[Report] = []

    def build_weights_file(recipe: Recipe, report: Report) -> bytes:
        assert recipe.work == tmp_path
        reported.append(report)
        return b"weights"

    monkeypatch.setattr(pipeline, "build_weights_file", build_weights_file)
    out = tmp_path / "names.npz"
    monkeypatch.setattr("sys.argv", ["", "--work", str(tmp_path), "--out", str(out)])
    with pytest.warns(RuntimeWarning, match="found in sys.modules"):
        runpy.run_module("training", run_name="__main__")
    assert out.read_bytes() == b"weights"
    assert [report.__module__ for report in reported] == ["training.rounds"]
