"""Watch lists, edited rules and rule folders: what a catalogue consists of."""

import datetime
import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import piiscan
from piiscan.detect.catalog import catalog, recognizer
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import parse_recognizer
from piiscan.detect.columns.column_types import infer_column_types
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import run_self_test
from piiscan.errors import CatalogError
from piiscan.finding import engine_for
from piiscan.hashing.digest import digest_values
from piiscan.masking.mask import mask_value
from tests.detect.rules import catalogue
from tests.own_rules import KNOWN, write_watchlist

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
    with pytest.raises(piiscan.MissingPathError, match="no pack of rules"):
        catalog.load(tmp_path / "absent")


def test_a_rule_cannot_name_a_module_outside_checks() -> None:
    rules = catalog.Catalog((parse(GOOD + "check: ../os\n"),), {}, "test:outside")
    with pytest.raises(CatalogError, match="no check named"):
        Engine(rules, as_of=datetime.date(2026, 1, 1))


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
    monkeypatch.setattr("piiscan.cache.cache_folder", lambda: tmp_path)
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
    cached = set(rules.parent.glob("*.tables"))
    assert cached
    assert found() == ["HY12345678"]
    assert set(rules.parent.glob("*.tables")) == cached
    file.write_text(RULE.replace("{8}", "{9}").replace("12345678", "123456789"), "utf-8")
    assert found() == ["HY123456789"]


KEY = bytes(range(32))


def hits(
    rules: Path | catalog.Catalog, texts: list[str], header: str | None = None, **options: Any
) -> list[Any]:
    engine = Engine(catalog.load(rules) if isinstance(rules, Path) else rules, as_of=DAY)
    label = label_of(engine.catalog, header)
    table = engine.find_table(pa.array(texts), label=label, **options)
    kept = ["index", "start", "recognizer", "value", "score"]
    return [tuple(row.values()) for row in table.select(kept).to_pylist()]


def test_a_known_number_is_told_beside_what_it_is(tmp_path: Path) -> None:
    own = write_watchlist(tmp_path, "\ufeff# persons\n\n13800138000\n张三\n")
    texts = ["138-0013-8000 13900139000", "无", "+86 13800138000"]
    assert hits(own, texts) == [
        (0, 0, "case.known", "13800138000", 0.85),
        (0, 0, "cn.mobile", "13800138000", 0.85),
        (0, 14, "cn.mobile", "13900139000", 0.85),
        (2, 0, "case.known", "13800138000", 0.85),
        (2, 0, "cn.mobile", "13800138000", 0.85),
    ]
    assert hits(own, ["张 三", "李四"], "姓名") == [
        (0, 0, "case.known", "张三", 0.9),
        (0, 0, "name.person", "张三", 0.9),
        (1, 0, "name.person", "李四", 0.9),
    ]
    assert hits(own, texts, chunk=8) == hits(own, texts)


def test_a_finding_held_low_is_told_if_it_is_known(tmp_path: Path) -> None:
    own = write_watchlist(tmp_path, "13800138000\n")
    text = "许可证 x13800138000y 13900139000"
    plain = Engine(catalog.load(), as_of=DAY).find_table(pa.array([text]), min_score=0.3)
    low = [row for row in plain.to_pylist() if row["value"] == "13800138000"]
    assert [row["score"] for row in low] == [0.3]
    found = hits(own, [text])
    assert (0, 5, "case.known", "13800138000", 0.85) in found
    assert not any(row[2:4] == ("cn.mobile", "13800138000") for row in found)
    assert not any(row[2] == "case.known" for row in hits(own, [text], min_score=0.9))


def test_digests_are_met_like_values(tmp_path: Path) -> None:
    stored = digest_values(
        pa.array(["13900139000"]), np.zeros(1, int), entities=["PHONE"], key=KEY
    )[0].as_py()
    plain = hashlib.sha256(b"13800138000").hexdigest().upper()
    (tmp_path / "case.key").write_text(KEY.hex() + "\n", "ascii")
    rule = re.sub("persons.txt, of: .*]", "persons.txt, key: case.key, of: [t.phone]", KNOWN)
    own = write_watchlist(tmp_path, f"sha256:{plain}\nblake2b:{stored.hex()}\n", rule=rule)
    known = parse_recognizer(rule.encode(), own / "known.yaml")
    few = (known, *catalogue("phone").recognizers)
    rules = catalog.Catalog(few, catalogue("phone").vocabulary, "test:digests")
    found = hits(rules, ["13800138000", "13900139000", "13700137000", "13800138000"])
    assert [row[0] for row in found if row[2] == "case.known"] == [0, 1, 3]


def test_a_changed_list_or_key_is_another_catalogue(tmp_path: Path) -> None:
    first = catalog.load(write_watchlist(tmp_path, "13800138000\n"))
    again = catalog.load(write_watchlist(tmp_path, "13800138000\n"))
    other = catalog.load(write_watchlist(tmp_path, "13800138001\n"))
    assert first.digest == again.digest != other.digest
    assert first.watchlist_digests == {"case.known": hashlib.sha256(b"13800138000\n").hexdigest()}
    assert first.watchlist_digests != other.watchlist_digests


@pytest.mark.parametrize(
    ("listed", "change", "why"),
    [
        ("", ("", ""), "lists nothing"),
        ("# 13800138000", ("", ""), "lists nothing"),
        ("13800138000\n13800138000\t张三", ("", ""), "persons.txt:2: one value a line"),
        ("sha256:13800138000", ("", ""), "persons.txt:1: 64 hexadecimal digits"),
        ("blake2b:" + "0" * 32, ("", ""), "need the key"),
        ("13800138000", ("persons.txt,", "../persons.txt,"), "in the same folder"),
        ("13800138000", ("persons.txt,", "absent.txt,"), "absent.txt cannot be read"),
        ("13800138000", ("of: [cn.mobile, qq.number, name.person]", "of: cn.mobile"), "such as"),
        ("13800138000", ("file: persons.txt, ", ""), "file and of are expected"),
        ("13800138000", ("persons.txt,", "persons.txt, key: persons.txt,"), "no key file"),
        (
            "13800138000",
            ("bare: H", "bare: H\nshape: [a]"),
            "one of shape, pattern, watch and tagged",
        ),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_without_showing_it(
    tmp_path: Path, listed: str, change: tuple[str, str], why: str
) -> None:
    own = write_watchlist(tmp_path, listed, rule=KNOWN.replace(*change))
    with pytest.raises(CatalogError, match=why) as caught:
        catalog.load(own)
    assert "known.yaml:" in str(caught.value)
    assert "13800138000" not in str(caught.value)
    assert caught.value.text("zh") != str(caught.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("cn.mobile,", "cn.mobil,"), "no recognizer cn.mobil to watch"),
        (("cn.mobile,", "case.known,"), "no recognizer case.known to watch"),
        (("cn.mobile,", "account.credential,"), "no recognizer account.credential to watch"),
        (("entity: WATCHLIST", "entity: CN_MOBILE"), "begins with it"),
    ],
)
def test_a_list_watches_what_there_is_under_a_name_of_its_own(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    own = catalog.load(write_watchlist(tmp_path, "13800138000", rule=KNOWN.replace(*change)))
    with pytest.raises(CatalogError, match=why) as caught:
        Engine(own, as_of=DAY)
    assert caught.value.text("zh") != str(caught.value)


def test_check_names_lines_that_can_never_be_met(tmp_path: Path) -> None:
    listed = "13800138000\n138 0013 8001\n张三\n123456\n+8613800138002"
    failures = run_self_test(catalog.load(write_watchlist(tmp_path, listed)), ["case.known"])
    assert [(each.route, each.example.text) for each in failures] == [
        ("list", "persons.txt:2"),
        ("list", "persons.txt:5"),
    ]
    met = catalog.load(write_watchlist(tmp_path, "13800138000\n"))
    assert run_self_test(met, ["case.known"]) == []


def test_a_column_of_known_numbers_stays_what_it_is(tmp_path: Path) -> None:
    numbers = [f"1380013{number:04d}" for number in range(30)]
    own = catalog.load(write_watchlist(tmp_path, "\n".join(numbers)))
    (column,) = infer_column_types(Engine(own, as_of=DAY), None, [pa.array(numbers)])
    assert "cn.mobile" in column.recognizers
    assert "case.known" not in column.recognizers


def test_nothing_of_a_list_is_shown(tmp_path: Path) -> None:
    rule = catalog.load(write_watchlist(tmp_path, "13800138000\n张三")).by_id["case.known"]
    assert "persons.txt" in repr(rule.watch)
    assert "13800138000" not in repr(rule.watch)
    assert "张三" not in repr(rule)
    assert mask_value("13800138000", "WATCHLIST", "case.known") == "***"
    assert mask_value("张三", "WATCHLIST_2", "case.other") == "***"
