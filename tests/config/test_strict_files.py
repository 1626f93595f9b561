"""Files that people write are read strictly: an error names file, line, field and remedy."""

import re
from pathlib import Path
from typing import Any

import pytest

from piiscan.case.tiers.policy import load_policy
from piiscan.case.tiers.sensitivity import load_sensitivity
from piiscan.config.document import read_toml, read_yaml
from piiscan.detect.catalog import catalog
from piiscan.errors import CatalogError

RULE = """id: my.rule
entity: CN_MOBILE
title: {zh: 我的, en: mine}
whose: person
bare: M
shape: ['X[0-9]{6}']
examples:
  - X123456
"""
POLICY = """format = 1
id = "own"
version = "1"
title = { zh = "规则", en = "rule" }
document = "D"
[sum]
basis = "B"
contested = false
[[line]]
id = "closed"
title = { zh = "一", en = "one" }
threshold = 50
singly = true
basis = "B"
contested = false
[[category]]
id = "track"
title = { zh = "行踪", en = "track" }
line = "closed"
kinds = [["CN_MOBILE"]]
basis = "B"
contested = false
"""
PROFILE = """format = 1
id = "own"
version = "1"
title = { zh = "标准", en = "standard" }
document = "D"
[[class]]
id = "a"
title = { zh = "甲", en = "first" }
kinds = ["CN_MOBILE"]
basis = "B"
contested = false
"""
SOUND = {"rule.yaml": RULE, "policy.toml": POLICY, "profile.toml": PROFILE}
LINE = "line 1 (closed): threshold"
#: File, what to replace, by what, line, field, remedy.
BROKEN = [
    ("rule.yaml", "bare: M", "bare: X", 5, "bare", "one of H, M, L is expected"),
    ("rule.yaml", "bare: M", "bare: 5", 5, "bare", "one of H, M, L is expected"),
    ("rule.yaml", "bare: M", "bare: M\ncolour: red", 6, "colour", "unknown key; known are also"),
    ("rule.yaml", "bare: M", "bare: M\nfile: a", 6, "file", "no such key"),
    ("rule.yaml", "whose: person", "whose: cat", 4, "whose", "one of person, device, organisation"),
    ("rule.yaml", "whose: person\n", "", 1, "whose", "is missing"),
    ("rule.yaml", "en: mine", "en: 5", 3, "title: en", "a text is expected (quote numbers)"),
    ("rule.yaml", "{zh: 我的, en: mine}", "mine", 3, "title", "zh and en are expected"),
    ("rule.yaml", ", en: mine", "", 3, "title", "zh and en are expected"),
    ("rule.yaml", "['X[0-9]{6}']", "X", 6, "shape", "a list of texts is expected"),
    ("rule.yaml", "['X[0-9]{6}']", "\n- X[0-9]\n- 5", 8, "shape 2", "a text is expected"),
    ("rule.yaml", "['X[0-9]{6}']", "[]", 6, "shape", "at least one shape is expected"),
    ("rule.yaml", "shape:", "behind:", 1, "shape", "one of shape, pattern, watch and tagged"),
    ("rule.yaml", "X123456", "5", 8, "examples 1", "each is a text, or {text, label, value, why}"),
    ("rule.yaml", "X123456", "{text: a, val: b}", 8, "examples 1: val", "known are label, text"),
    ("rule.yaml", "X123456", "{text: a, value: 5}", 8, "examples 1: value", "a text is expected"),
    ("rule.yaml", "examples:", "anchored: true\nexamples:", 7, "anchored", "context words"),
    ("rule.yaml", "examples:", "behind: [cn.mobile]\nexamples:", 7, "behind", "only an anchored"),
    ("rule.yaml", "examples:", "joined: [18]\nexamples:", 7, "joined", "needs a compiled check"),
    ("rule.yaml", "X123456", "{label: b}", 8, "examples 1: text", "is missing"),
    ("rule.yaml", "examples:", "anchored: yes please\nexamples:", 7, "anchored", "true or false"),
    ("rule.yaml", "examples:", "outranks: 1.5\nexamples:", 7, "outranks", "a whole number is"),
    ("rule.yaml", "examples:", "outranks: true\nexamples:", 7, "outranks", "a whole number is"),
    ("rule.yaml", "examples:", "joined: [a]\nexamples:", 7, "joined 1", "a whole number is"),
    ("rule.yaml", "examples:", "joined: [0]\nexamples:", 7, "joined", "lengths (1 to 31)"),
    ("rule.yaml", "examples:", "value: {}\nexamples:", 7, "value: keep", "is missing"),
    ("rule.yaml", "examples:", "value: {keep: a}\nexamples:", 7, "value: keep", "one of digits"),
    (
        *("rule.yaml", "examples:", "value:\n  keep: text\n  first: a\nexamples:"),
        *(9, "value: first", "a whole number is expected"),
    ),
    (
        *("rule.yaml", "examples:", "value: {keep: text, replace: {ab: c}}\nexamples:"),
        *(7, "value: replace", "replace maps one character to one character"),
    ),
    (
        *("rule.yaml", "examples:", "value: {keep: text, case: none}\nexamples:"),
        *(7, "value: case", "one of upper, lower, bytes is expected"),
    ),
    ("rule.yaml", "examples:", "watch: {file: a}\nexamples:", 6, "shape", "one of shape, pattern"),
    ("rule.yaml", "shape: ['X[0-9]{6}']", "watch: {file: a}", 6, "watch", "file and of are"),
    ("rule.yaml", "shape: ['X[0-9]{6}']", "pattern: ['(a']", 6, "pattern 1", "no expression of"),
    ("ledger.yaml", "", "columns: {price: [价], cost: [成本]}", 1, "columns: cost", "no such code"),
    ("ledger.yaml", "", "answers:\n  yes: [是]\n  no: [是]", 3, "answers: no 1", "yes and no"),
    ("ledger.yaml", "", "colour: {}", 1, "colour", "known are answers, columns, nothing, status"),
    ("ledger.yaml", "", "columns:\n  price: 3", 2, "columns: price", "a list of texts"),
    ("ledger.yaml", "", "columns: {price: [' ']}", 1, "columns: price 1", "a list of words"),
    ("ledger.yaml", "", "columns: {price: [a], buyer: [a]}", 1, "columns: buyer 1", "stands under"),
    ("ledger.yaml", "", "status: [已售]", 1, "status", "a table is expected"),
    ("ledger.yaml", "", "nothing:\n- '-'\n- 1", 3, "nothing 2", "a text is expected"),
    ("labels.yaml", "", "gaps: [1]", 1, "gaps 1", "a text is expected"),
    ("labels.yaml", "", "gaps: ['-']\nlabels: {微信: ['<无>']}", 2, "labels: 微信 1", "no such"),
    ("labels.yaml", "", "gap: []", 1, "gap", "known are gaps, labels, no_names"),
    ("vocabulary.yaml", "", "entities: none", 1, "entities", "a table is expected"),
    ("policy.toml", "threshold = 50", 'threshold = "50"', 12, LINE, "above 0"),
    ("policy.toml", "threshold = 50", "threshold = true", 12, LINE, "above 0"),
    ("policy.toml", "threshold = 50\n", "", 9, LINE, "is missing"),
    ("policy.toml", "singly = true", "singly = 1", 13, "line 1 (closed): singly", "true or false"),
    ("policy.toml", 'version = "1"', "version = 2020-01-01", 3, "version", "a text is expected"),
    ("policy.toml", "format = 1", "format = 2", 1, "format", "format 1 is expected"),
    ("policy.toml", 'line = "closed"', 'line = "x"', 19, "category 1 (track): line", "no line x"),
    ("policy.toml", '[["CN_MOBILE"]]', '[[""]]', 20, "category 1 (track): kinds 1 1", "a text is"),
    ("policy.toml", "[sum]", "[sum]\nmore = 1", 7, "sum: more", "known are basis, contested, note"),
    ("profile.toml", '["CN_MOBILE"]', "[]", 9, "class 1 (a): kinds", "is missing"),
    ("profile.toml", '["CN_MOBILE"]', '["A", "A"]', 9, "class 1 (a): kinds", "none of them twice"),
    ("profile.toml", 'en = "first"', 'fr = "un"', 8, "class 1 (a): title", "{zh = …, en = …}"),
    ("profile.toml", "[[class]]", "[[group]]", 6, "group", "known are class, document"),
]  # fmt: skip


def load(path: Path) -> Any:
    """Read a file by the reader of its kind."""
    readers = {"policy.toml": load_policy, "profile.toml": load_sensitivity}
    if path.name in readers:
        return readers[path.name](str(path))
    return catalog.load(path.parent)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SOUND[name], "utf-8")
    assert load(tmp_path / name) is not None


@pytest.mark.parametrize(
    ("name", "right", "wrong", "line", "field", "remedy"),
    BROKEN,
    ids=[f"{name} {line} {field}: {remedy}" for name, _, _, line, field, remedy in BROKEN],
)
def test_an_error_names_file_line_field_and_remedy(
    name: str, right: str, wrong: str, line: int, field: str, remedy: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    sound = SOUND.get(name, "")
    assert right in sound
    path.write_text(sound.replace(right, wrong, 1) if sound else wrong, "utf-8")
    with pytest.raises(CatalogError) as caught:
        load(path)
    text, chinese = str(caught.value), caught.value.text("zh")
    assert text.startswith(f"{path}:{line}: {field}: ")
    assert remedy in text
    assert chinese.startswith(f"{path}:{line}: {field}：")
    assert re.search("[\u4e00-\u9fff]", chinese.removeprefix(f"{path}:{line}: {field}："))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "f.yaml:2: a is given twice"),
        ("a: &x [1]\nb: *x", "f.yaml:1: aliases are not allowed"),
        ("a: 2020-01-01", "f.yaml:1: timestamp '2020-01-01' must be quoted"),
        ("a: 0x1F", "f.yaml:1: int '0x1F' must be quoted"),
        ("a: .inf", "f.yaml:1: float '.inf' must be quoted"),
        ("a: !!python/name:os.system x", "must be quoted"),
        ("- a", "f.yaml:1: a mapping of keys is expected"),
        ("a: [", "f.yaml:2: not YAML"),
        ("", "a mapping of keys is expected"),
    ],
)
def test_a_yaml_file_has_plain_values(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(message)):
        read_yaml(text.encode(), "f.yaml")


@pytest.mark.parametrize("depth", [60, 250, 900])
def test_deep_nesting_is_refused(depth: int, tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(f"{RULE}never: {'[' * depth}{']' * depth}", "utf-8")
    with pytest.raises(CatalogError, match=r"rule\.yaml:?9?: (never|is nested too deeply)"):
        load(tmp_path / "rule.yaml")
    (tmp_path / "policy.toml").write_text(f"x = {'[' * depth}{']' * depth}\n{POLICY}", "utf-8")
    with pytest.raises(CatalogError, match=r"policy\.toml:?1?: (x: unknown|is nested too deeply)"):
        load(tmp_path / "policy.toml")


@pytest.mark.parametrize("value", ["nan", "inf", "1e3", "1979-05-27T07:32:00Z", "{a = 1}"])
def test_other_values_of_toml_are_refused(value: str, tmp_path: Path) -> None:
    text = POLICY.replace("threshold = 50", f"threshold = {value}")
    (tmp_path / "policy.toml").write_text(text, "utf-8")
    with pytest.raises(CatalogError, match=r"policy\.toml:12: line 1 \(closed\): threshold: "):
        load(tmp_path / "policy.toml")


def test_lines_are_known_for_each_value() -> None:
    yaml = read_yaml(b"a:\n- b: 1\n- {c: [x,\n    y]}", "f")
    assert [yaml.lines[place] for place in (("a", 0, "b"), ("a", 1, "c"), ("a", 1, "c", 1))] == [
        2,
        3,
        4,
    ]
    toml = read_toml(b'a = 1\n[t]\n"b" = """\nc = 5\n"""\n[[l]]\nx.y = 1\n[[l]]\nx = 2', "f")
    assert {place: line for place, line in toml.lines.items() if len(place) > 1} == {
        ("t", "b"): 3,
        ("t", "c"): 4,
        ("l", 0): 6,
        ("l", 0, "x"): 7,
        ("l", 1): 8,
        ("l", 1, "x"): 9,
    }
