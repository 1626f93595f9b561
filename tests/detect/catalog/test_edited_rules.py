"""Edited rules: a YAML file of a checkout counts as it is, whatever tables were cached before."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest

from piiscan.detect.catalog import catalog
from piiscan.finding import engine_for

DAY = datetime.date(2026, 1, 1)
TEXT = "会员 HY12345678，会员 HY123456789"
RULE = """\
id: shop.member
entity: ORDER_NO
title: {zh: 会员编号, en: Membership number}
whose: person
bare: M
references: [Shop A, card rules 2024, section 2]
shape: ['HY[0-9]{8}']
boundary: word
value: {keep: alnum}
context: [会员]
examples:
  - {text: 'HY12345678', value: 'HY12345678'}
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Few rules, which this process takes for the shipped ones, with a cache of its own."""
    rules = tmp_path / "recognizers"
    rules.mkdir()
    shutil.copy(catalog.shipped_folder() / "vocabulary.yaml", rules)
    monkeypatch.setattr(catalog, "shipped_folder", lambda: rules)
    monkeypatch.setattr("piiscan.cache_files.cache_folder", lambda: tmp_path)
    return rules


def found() -> list[str]:
    """Values found as a new process finds them."""
    engine_for.cache_clear()
    try:
        return [each.value for each in engine_for(DAY).find_all([TEXT], names=False)[0]]
    finally:
        engine_for.cache_clear()


def test_an_edited_rule_is_used_although_tables_were_cached(rules: Path) -> None:
    file = rules / "shop.yaml"
    file.write_text(RULE, "utf-8")
    assert found() == ["HY12345678"]
    cached = set(rules.parent.glob("*.npz"))
    assert cached
    assert found() == ["HY12345678"]
    assert set(rules.parent.glob("*.npz")) == cached
    file.write_text(RULE.replace("{8}", "{9}").replace("12345678", "123456789"), "utf-8")
    assert found() == ["HY123456789"]
