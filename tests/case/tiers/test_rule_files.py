"""Policies and profiles are files of TOML, read strictly; an error names file, line and key."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piiscan import CatalogError
from piiscan.case.tiers import load_policy, load_profile, load_sensitivity
from piiscan.case.tiers.policy import policy_folder
from piiscan.case.tiers.sensitivity import sensitivity_folder

CN = load_policy("tier-cn-2017")
POLICY = (policy_folder() / "tier-cn-2017.toml").read_text("utf-8")
SENSITIVITY = (sensitivity_folder() / "gbt45574-2025.toml").read_text("utf-8")
PROFILE = """\
format = 1
title = "话单与通讯录"

[[part]]
path = "*话单*.csv"
columns = ["*时长*", "对方号码"]
kinds = ["call_records"]
beside = ["CN_MOBILE"]
reason = "运营商格式"
author = "张检"

[[part]]
path = "手机/*"
member = "*通讯录*"
without = ["account"]
reason = "QQ 只是联系方式"
author = "张检"
"""


def read_profile(path: str) -> Any:
    return load_profile(Path(path), CN.composed | {"account"})


BROKEN_POLICY = [
    ('note = { zh = "是否属交易', '# "', "(waybill): note: what is contested needs a note"),
    ('title = { zh = "征信信息", en', 'title = { fr = "", en', "title: {zh = …, en = …} of texts"),
    ("[multiple]", "[[multiple]]", "multiple: a table is expected"),
    ("[[line]]", "[line]", "not TOML"),
    ("singly = true", "singly = true\nsha256 = 1", "line 1 (closed): sha256: unknown key"),
    ('basis = "法释〔2017〕10号第六条"\n', "", "remark 1 (lawful_business): basis: is missing"),
    ("singly = true", "singly = 1", "line 1 (closed): singly: true or false is expected"),
    ("threshold = 500\n", "threshold = 50\n", "line 2 (safety): threshold: lines go from"),
    ('line = "safety"\ncomposed', 'line = "mid"\ncomposed', "(lodging): line: no line mid; there"),
    ('also = ["none"]\n', "", "(bare_phone): also: what is contested names its other lines"),
    ('share = "1/2"', 'share = "half"', "insider: share: a fraction below 1 is expected"),
    ("times = 10", "times = 10\nmore = 1", "multiple: more: unknown key; known are"),
    ('id = "content"', 'id = "track"', "category 2 (track): id: track is given twice"),
    ('id = "content"', 'id = "closed"', "category 2 (closed): id: closed is given twice"),
    ('id = "content"', 'id = "No way"', "id: small letters, digits and _ are expected"),
    ("format = 1", "format = 2", "format 1 is expected"),
    ("format = 1", "format = ", "not TOML: Invalid value (at line 5"),
    ('  ["征信"],', '  [""],', "(credit): suggested 1 1: a text is expected"),
    (
        'title = { zh = "征信信息", en',
        'title = { zh = "", en',
        "(credit): title: zh: a text is expected",
    ),
    (
        'note = { zh = "是否属交易信息未见定论"',
        'nota = { zh = "x"',
        "nota: unknown key; known are also, basis",
    ),
    ('only = ["CN_LANDLINE", "CN_MOBILE"', 'only = ["CN_MOBILE", "CN_MOBILE"', "none of them"),
    ("[money]\nthreshold = 5000", "[money]\nthreshold = 0", "threshold: a whole number above 0"),
]
BROKEN_PROFILE = [
    ("call_records", "calls", "part 1: kinds: no calls; there are: "),
    ('author = "张检"', "", "part 1: author: is missing"),
    ('reason = "运营商格式"', "reason = 1", "part 1: reason: a text is expected"),
    ("beside =", "next_to =", "part 1: next_to: unknown key"),
    (
        '[[part]]\npath = "手机',
        '[[section]]\npath = "手机',
        "section: unknown key; known are format, part, title",
    ),
    ('kinds = ["call_records"]\n', "", "part 1: kinds: is missing"),
]
BROKEN_SENSITIVITY = [
    ('"property", "payment', '"CREDENTIAL", "payment', "kinds: CREDENTIAL is given twice"),
    ("dropped = [", 'dropped = ["CN_BANK_CARD", ', "dropped: CN_BANK_CARD is given twice"),
    ("[under_14]\ntitle", "[under_14]\nkinds = []\ntitle", "under_14: kinds: unknown key"),
    ("contested = false", "contested = true", "class 1 (financial_account): note: what is"),
]
BROKEN = [
    *((load_policy, POLICY, *each) for each in BROKEN_POLICY),
    *((read_profile, PROFILE, *each) for each in BROKEN_PROFILE),
    *((load_sensitivity, SENSITIVITY, *each) for each in BROKEN_SENSITIVITY),
]


@pytest.mark.parametrize(
    ("load", "text", "right", "wrong", "told"), BROKEN, ids=[each[-1] for each in BROKEN]
)
def test_a_broken_file_is_named_with_line_and_key(
    tmp_path: Path, load: Callable[[str], Any], text: str, right: str, wrong: str, told: str
) -> None:
    assert right in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(CatalogError) as caught:
        load(str(path))
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
    assert caught.value.text("zh") != str(caught.value)


def test_an_error_names_the_line_of_its_key(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(POLICY.replace('id = "content"', 'id = "NO"'), "utf-8")
    line = POLICY[: POLICY.index('id = "content"')].count("\n") + 1
    with pytest.raises(CatalogError, match=rf"own\.toml:{line}: category 2"):
        load_policy(str(path))


def test_an_unknown_name_tells_what_there_is() -> None:
    with pytest.raises(
        CatalogError,
        match=r"one of: face-cn-2025, incident-cn-2025, platform-cn-2019, tier-cn-2017",
    ) as caught:
        load_policy("tier-cn-1999")
    assert caught.value.text("zh").startswith("tier-cn-1999：没有这个规则")


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError, match="not UTF-8"):
        load_policy(str(path))
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(CatalogError, match="larger than a rule file"):
        load_policy(str(path))


def test_what_a_policy_does_not_know_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(PROFILE.replace("account", "no_such"), "utf-8")
    with pytest.raises(CatalogError, match="names no_such, which tier-cn-2017 has not") as caught:
        read_profile(str(path)).check(CN)
    assert caught.value.text("zh").startswith("设定文件写了 no_such")


def test_a_policy_of_ones_own_is_given_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(POLICY.replace('id = "tier-cn-2017"', 'id = "own-1"'), "utf-8")
    policy = load_policy(str(path))
    assert policy.id == "own-1"
    assert policy.categories == CN.categories
    assert policy.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
