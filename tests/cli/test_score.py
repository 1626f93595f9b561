"""``piiscan score``: against labelled texts, piiscan's own answers or a file's."""

import json
from pathlib import Path
from typing import Any

import pytest

TEXT = "电话13800138000，身份证430104190506150016"
SPANS = [
    {"start": 2, "end": 13, "type": "CN_MOBILE"},
    {"start": 17, "end": 35, "type": "CN_RESIDENT_ID"},
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": 1, "text": TEXT, "spans": SPANS}) + "\n", "utf-8")
    return path


def test_piiscan_scores_itself(gold: Path, call: Any) -> None:
    (scores,) = call("score", gold, "--format", "json").json
    assert scores["strict"]["MICRO"]["f1"] == 1.0
    assert call("score", gold).lacks("CN_MOBILE", "1.0000") == []


def test_a_file_of_predictions_is_scored(gold: Path, call: Any, tmp_path: Path) -> None:
    pred = tmp_path / "pred.jsonl"
    pred.write_text(json.dumps({"id": 1, "spans": SPANS[:1]}) + "\n", "utf-8")
    (scores,) = call("score", gold, "--pred", pred, "--format", "json").json
    assert scores["strict"]["CN_MOBILE"]["f1"] == 1.0
    assert scores["strict"]["CN_RESIDENT_ID"]["fn"] == 1


def test_types_can_be_chosen_and_renamed(gold: Path, call: Any) -> None:
    merge = ("--types", "X", "--merge", "CN_MOBILE=X")
    (scores,) = call("score", gold, *merge, "--format", "json").json
    assert set(scores["strict"]) == {"X", "MICRO"}
    assert scores["strict"]["X"]["tp"] == 1


def test_a_broken_line_is_named_in_chinese(tmp_path: Path, call: Any) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("{\n", "utf-8")
    called = call("score", path)
    assert (called.code, called.lacks("gold.jsonl:1：不是 JSON 对象")) == (2, [])


def test_mistakes_become_a_page(gold: Path, call: Any, tmp_path: Path) -> None:
    pred, page = tmp_path / "pred.jsonl", tmp_path / "errors.html"
    pred.write_text(json.dumps({"id": 1, "spans": SPANS[:1]}) + "\n", "utf-8")
    assert str(page) in call("score", gold, "--pred", pred, "--errors", page).err
    written = page.read_text("utf-8")
    assert '<mark class="gold">430104190506150016</mark>' in written
    assert page.stat().st_mode & 0o077 == 0
