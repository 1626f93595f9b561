"""Recognizer files are read strictly; what is wrong is named with file and line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from piiscan.detect.catalog import catalog, recognizer
from piiscan.detect.engine import Engine
from piiscan.errors import CatalogError

GOOD = """id: my.rule
entity: CN_MOBILE
title: {zh: 我的, en: mine}
whose: person
bare: M
shape: ['X[0-9]{6}']
boundary: word
examples:
  - {text: 'X123456', value: 'X123456'}
"""


def parse(text: str) -> recognizer.Recognizer:
    return recognizer.parse_recognizer(text.encode(), Path("rule.yaml"))


def test_a_good_file_is_read() -> None:
    rule = parse(GOOD)
    assert (rule.id, rule.score, rule.shape) == ("my.rule", 0.6, ("X[0-9]{6}",))
    assert rule.examples[0].value == "X123456"


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (("bare: M", "bare: X"), 5, "one of H, M, L"),
        (("bare: M", "bare: M\nbare: H"), 6, "twice"),
        (("bare: M", "bare: M\ncolour: red"), 6, "unknown key"),
        (("shape: ['X[0-9]{6}']", "shape: 'X[0-9]{6}'"), 6, "list of texts"),
        (("shape: ['X[0-9]{6}']", "shape: []"), 6, "at least one shape"),
        (("shape: ['X[0-9]{6}']", "shape: [123]"), 6, "quote numbers"),
        (("value: 'X123456'", "value: 123456"), 9, "examples 1: value: a text is"),
        (("en: mine", "fr: mienne"), 3, "zh and en"),
        (("boundary: word", "boundary: word\nanchored: true"), 8, "context words"),
        (("boundary: word", "boundary: word\nanchored: 'yes'"), 8, "true or false"),
        (("boundary: word", "boundary: word\nbehind: [cn.mobile]"), 8, "only an anchored"),
        (("boundary: word", "boundary: word\noutranks: high"), 8, "whole number"),
        (("boundary: word", "boundary: word\njoined: [18]"), 8, "needs a compiled check"),
        (("boundary: word", "boundary: word\njoined: [32]"), 8, "list of lengths"),
        (("boundary: word", "boundary: word\nvalue: {keep: all}"), 8, "value: keep: one of digits"),
        (
            ("boundary: word", "boundary: word\nvalue: {keep: text, replace: {ab: c}}"),
            8,
            "one char",
        ),
        (("boundary: word", "boundary: word\ncontext: &a [x]\ncolumns: *a"), 8, "aliases"),
        (("boundary: word", "boundary: !!python/name:os.system x"), 7, "quoted"),
        (("boundary: word", "boundary: [word"), 8, "not YAML"),
        (("whose: person\n", ""), 1, "is missing"),
    ],
)
def test_a_broken_file_names_its_line(change: tuple[str, str], line: int, why: str) -> None:
    with pytest.raises(CatalogError) as caught:
        parse(GOOD.replace(*change))
    assert why in str(caught.value)
    assert f"rule.yaml:{line}:" in str(caught.value)


def test_a_rule_folder_adds_and_replaces(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(GOOD, encoding="utf-8")
    shipped, both = catalog.load(), catalog.load(tmp_path)
    assert both.by_id.keys() - shipped.by_id.keys() == {"my.rule"}
    assert both.digest != shipped.digest
    (tmp_path / "mobile.yaml").write_text(GOOD.replace("my.rule", "cn.mobile"), encoding="utf-8")
    assert catalog.load(tmp_path).by_id["cn.mobile"].shape == ("X[0-9]{6}",)
    (tmp_path / "again.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(CatalogError, match="already in"):
        catalog.load(tmp_path)


def test_a_rule_with_an_unknown_entity_check_or_relative_is_refused(tmp_path: Path) -> None:
    rule = tmp_path / "rule.yaml"
    rule.write_text(GOOD.replace("CN_MOBILE", "NO_SUCH"), encoding="utf-8")
    with pytest.raises(CatalogError, match="NO_SUCH has no name"):
        catalog.load(tmp_path)
    rule.write_text(GOOD + "like: [no.such]\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"no recognizer no\.such"):
        catalog.load(tmp_path)
    rule.write_text(GOOD + "anchored: true\nbehind: [no.such]\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=r"behind: no recognizer no\.such"):
        catalog.load(tmp_path)
    with pytest.raises(CatalogError, match="no such folder"):
        catalog.load(tmp_path / "absent")


def test_a_rule_cannot_name_a_module_outside_checks() -> None:
    rules = catalog.Catalog((parse(GOOD + "check: ../os\n"),), {}, "test:outside")
    with pytest.raises(CatalogError, match="no check named"):
        Engine(rules, as_of=datetime.date(2026, 1, 1))
