"""``piiscan recognizers``: list, show, prove."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from piiscan.detect.catalog.catalog import load, shipped_folder
from tests.often import long

RULE = """id: shop.member
entity: ORDER_NO
title: {{zh: 会员编号, en: Membership number}}
whose: person
bare: H
shape: ['HY[0-9]{{8}}']
boundary: word
examples: ['{example}']
counterexamples: ['HY1234567']
"""


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue of one rule: every example of a catalogue is tried at each check of all."""
    folder = tmp_path_factory.mktemp("few")
    for each in (*shipped_folder().glob("*.yaml"), shipped_folder() / "id/resident_id.yaml"):
        shutil.copy(each, folder)
    return folder


@pytest.fixture(params=[False, long(True)], ids=["few rules", "all rules"])
def shipped(request: pytest.FixtureRequest, few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Own rules stand beside a catalogue of one rule; in ``make test-long`` beside all too."""
    if not request.param:
        monkeypatch.setattr("piiscan.detect.catalog.catalog.shipped_folder", lambda: few)


def test_every_recognizer_is_listed(call: Any) -> None:
    told = call("recognizers", "list").out
    assert [rule.id for rule in load().recognizers if rule.id not in told] == []


def test_one_is_shown_with_shape_and_references(call: Any) -> None:
    told = call("recognizers", "show", "cn.resident_id", "--lang", "en")
    parts = ("Resident identity number", "[0-9]{17}", "GB 11643-1999", "身份证号", "0.85")
    assert told.lacks(*parts) == []


def test_one_shipped_file_can_be_checked(call: Any) -> None:
    called = call(
        "recognizers", "check", shipped_folder() / "id" / "resident_id.yaml", "--lang", "en"
    )
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("1 recognizers: all ")


@pytest.mark.usefixtures("shipped")
def test_a_rule_of_ones_own_is_checked(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "member.yaml"
    path.write_text(RULE.format(example="HY12345678"), "utf-8")
    assert call("recognizers", "check", path).code == 0
    path.write_text(RULE.format(example="HX12345678"), "utf-8")
    called = call("recognizers", "check", path)
    assert (called.code, called.lacks("member.yaml", "HX12345678")) == (2, [])


def test_a_broken_rule_names_file_and_line(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "member.yaml"
    path.write_text(RULE.format(example="HY12345678").replace("bare: H", "bear: H"), "utf-8")
    called = call("recognizers", "check", path)
    assert (called.code, called.lacks("member.yaml")) == (2, [])


def test_docs_writes_a_page_for_every_recognizer(call: Any, tmp_path: Path) -> None:
    called = call("recognizers", "docs", "-o", tmp_path / "pages")
    assert called.code == 0
    pages = {each.name for each in (tmp_path / "pages").iterdir()}
    assert {"index.md", "vocabulary.md", "cn.mobile.md"} <= pages
    page = (tmp_path / "pages" / "cn.mobile.md").read_text("utf-8")
    assert page.startswith("# 手机号码\n\n*")
    call("recognizers", "docs", "-o", tmp_path / "english", "--lang", "en")
    assert "## Column names" in (tmp_path / "english" / "cn.mobile.md").read_text("utf-8")


@pytest.mark.usefixtures("shipped")
def test_a_pattern_and_a_watch_list_are_checked_and_shown(call: Any, tmp_path: Path) -> None:
    source = RULE.format(example="会员HY12345678").replace("shape:", "pattern:")
    (tmp_path / "member.yaml").write_text(source.replace("'HY[0", "'(?:HY)[0"), "utf-8")
    known = source.replace("shop.member", "case.known").replace("ORDER_NO", "WATCHLIST")
    known = known.replace("pattern: ['HY[0-9]{8}']", "watch: {file: a.txt, of: [shop.member]}")
    (tmp_path / "known.yaml").write_text(known, "utf-8")
    (tmp_path / "a.txt").write_text("HY12345678\nHY87654321\n", "utf-8")
    assert call("recognizers", "check", "--recognizers", tmp_path).code == 0
    told = call("recognizers", "show", "shop.member", "--recognizers", tmp_path).out
    assert "(?:HY)[0-9]{8}" in told
    told = call("recognizers", "show", "case.known", "--recognizers", tmp_path).out
    assert "a.txt" in told
    assert "HY87654321" not in told
    (tmp_path / "a.txt").write_text("HY12345678\nHY 87654321\n", "utf-8")
    called = call("recognizers", "check", "--recognizers", tmp_path)
    assert (called.code, called.lacks("a.txt:2")) == (2, [])
    assert "87654321" not in called.err


def test_a_pattern_that_cannot_run_is_refused_in_ones_own_language(
    call: Any, tmp_path: Path
) -> None:
    source = RULE.format(example="HY1").replace("shape: ['HY[0-9]{8}']", "pattern: ['(?=a)b']")
    (tmp_path / "member.yaml").write_text(source, "utf-8")
    called = call("find", "-e", "aaaa", "--recognizers", tmp_path, "--lang", "zh")
    assert (called.code, called.lacks("member.yaml:6", "前瞻")) == (2, [])
