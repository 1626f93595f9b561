"""An explanation in words: complete, true, and never a secret in it."""

import datetime
import json
import random
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from piiscan.detect.arithmetic.check_steps import Step
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.explain import Explanation, explain
from piiscan.finding import engine_for
from piiscan.pages.explanation_page import explanation_json, render_explanation
from piiscan.pages.explanation_text import ExplanationText, explanation_text
from piiscan.wording.words import Words, section
from tests.often import long

DAY = datetime.date(2026, 1, 1)
ENGINE = engine_for(DAY)
CATALOG = ENGINE.catalog
ID, WRONG = "430104190506150016", "430104190506150017"
RICH = (
    f"收件人张三，身份证号{ID}，银行卡 6217000000000000004，密码：Demo1234，电话138-0013-8000；"
    f"税号91110000600037341L，错号{WRONG}，车牌湘A12345"
)
HOSTILE = [
    "<script>alert(1)</script> 手机13912345678",
    "手机\u202e13912345678\u2066 \x00\x1b[31m身份证430104190506150016\u2028",
    "电话13912345678，" * 150,
    long("电话13912345678，" * 700),
    "1" * 10_000,
    "\ud800手机13912345678\udfff",
    '"><img src=x onerror=alert(1)> 邮箱a@example.com',
    "{{ 7*7 }} {total} %s 手机13912345678",
    "",
]


@cache
def explained(text: str, label: str | None, min_score: float = 0.5) -> Explanation:
    """What is found in a text, explained; several tests tell of the same texts."""
    return explain(ENGINE, text, label_of(CATALOG, label), min_score=min_score)


def told(
    text: str, label: str | None = None, *, lang: Any = "zh", masked: bool = False
) -> ExplanationText:
    found = explain(ENGINE, text, label_of(CATALOG, label))
    return explanation_text(found, Words(lang, CATALOG.vocabulary), header=label, masked=masked)


def page(text: str, label: str | None = None, *, masked: bool = True, lang: Any = "zh") -> str:
    found = explained(text, label)
    return render_explanation(
        found, CATALOG, header=label, as_of=DAY, version="0", language=lang, masked=masked
    )


def everything(account: ExplanationText) -> str:
    parts = [piece for piece, _ in account.read] + [account.folded, account.aside]
    parts += account.name_changes
    for each in account.told:
        parts += [each.before, each.span, each.after]
        for line in each.lines:
            parts.append(line.text)
            for item in line.items:
                parts += [item.title, item.told, *(c for _, cells in item.rows for c in cells)]
    return "\n".join(parts)


def line(account: ExplanationText, id_: str, name: str) -> str:
    return next(
        line.text for each in account.told if each.id == id_ for line in each.lines
        if line.name == name
    )  # fmt: skip


def test_an_identity_number_is_read_out_step_by_step() -> None:
    account = told(f"身份证号{WRONG}")
    (each,) = [each for each in account.told if each.id == "cn.resident_id"]
    check = next(line for line in each.lines if line.name == "check")
    assert [item.mark for item in check.items] == ["yes", "yes", "no"]
    assert "430104：湖南省长沙市岳麓区" in check.items[0].told
    assert "1905-06-15" in check.items[1].told
    assert check.items[2].told == "加权和 193，除以 11 余 6；应为 6，实为 7"
    assert dict(check.items[2].rows)["权数"][:3] == ("7", "9", "10")
    assert line(account, "cn.resident_id", "context").startswith("「身份证号」紧接在前")
    assert (
        line(account, "cn.resident_id", "score")
        == "单独出现 0.85 → 有上下文词 0.85 → 在自身标签下但校验不符 0.50"
    )


def test_who_won_over_whom_is_told_on_both_sides() -> None:
    account = told("123456789012", "运单号")
    won = [each for each in account.told if each.outcome == "found"]
    lost = [each for each in account.told if each.outcome == "lost"]
    assert won
    for each in lost:
        assert line(account, each.id, "rivals").startswith("让位于 ")


def test_what_rules_changed_of_names_is_told_and_masked_like_all_else() -> None:
    text = "王先生来电，陈大文（Chan Tai Man）也来了"
    assert told(text).name_changes == (
        "「王」（姓名） → 「王先生」（称呼）：姓氏加称谓是称呼，单独的姓氏不是姓名",
        "无 → 「Chan Tai Man」（姓名）：姓名之后的拉丁字母写法",
    )
    assert told(text, lang="en").name_changes[0].startswith("“王” (person) -> “王先生” (form of")
    shown = page(text, masked=True)
    assert "「▢」（姓名） → 「王**」（称呼）" in shown
    assert "Chan" not in shown
    assert "「王」（姓名） → 「王先生」（称呼）" in page(text, masked=False)
    made = explanation_json(explain(ENGINE, text), CATALOG, header=None, as_of=DAY)
    assert made["name_changes"][0] == {
        "rule": "complete_forms_of_address",
        "before": {"start": 0, "end": 1, "kind": "person", "text": "王"},
        "after": {"start": 0, "end": 3, "kind": "nickname", "text": "王先生"},
    }
    assert told("张三 13800138000").name_changes == ()


def test_a_label_is_told_with_what_it_names() -> None:
    assert told(ID, "身份证号").label == "「身份证号」指向 " + ", ".join(
        label_of(CATALOG, "身份证号").recognizers
    )
    assert "不起作用" in str(told(ID, "qwerty").label)
    assert "另一种内容" in str(told(ID, "金额").label)
    assert line(told(ID, "身份证号"), "cn.resident_id", "column") == "「身份证号」指向本规则"


@pytest.mark.parametrize("rule", CATALOG.recognizers, ids=lambda rule: rule.id)
def test_every_example_is_explained_and_its_path_ends_in_its_score(rule: Any) -> None:
    for example in (*rule.examples, *rule.counterexamples):
        found = explained(example.text, example.label, 0.3)
        for each in found.candidates:
            assert each.score_stages[-1].score == pytest.approx(each.score)
            if each.word is not None and each.word.nearness == "direct":
                assert each.word.distance is None or each.word.distance >= 0
        expected = ENGINE.find_table(
            pa.array([example.text]), label=label_of(CATALOG, example.label), min_score=0.3
        ).to_pylist()
        told = [(c.start, c.end, c.recognizer.id) for c in found.candidates if c.outcome == "found"]
        assert told == [(row["start"], row["end"], row["recognizer"]) for row in expected]
        for lang in ("zh", "en"):
            account = explanation_text(
                found, Words(lang, CATALOG.vocabulary), header=example.label, masked=False
            )
            assert len(account.told) <= len(found.candidates)


def secret_texts() -> list[tuple[str, str | None, str]]:
    made = [
        ("密码：Demo1234", None, "Demo1234"),
        ("13900139001", "密码", "13900139001"),
        ("密码：13900139001", None, "13900139001"),
        ("zhangsan@163.com----woaini520", None, "woaini520"),
        ("密码：phone13912345678，电话13800138000", None, "phone13912345678"),
        ("password=Abc430104190506150016", None, "430104190506150016"),
    ]
    for rule in CATALOG.recognizers:
        if rule.entity == "CREDENTIAL":
            made += [
                (each.text, each.label, each.value)
                for each in rule.examples
                if each.value is not None and len(each.value) > 5
            ]
    return made


@pytest.mark.parametrize(("text", "label", "secret"), secret_texts())
def test_a_secret_is_told_nowhere(text: str, label: str | None, secret: str) -> None:
    found = explain(ENGINE, text, label_of(CATALOG, label))
    account = explanation_text(found, Words("zh", CATALOG.vocabulary), header=label, masked=False)
    shown = [
        everything(account),
        page(text, label, masked=False),
        page(text, label, masked=True),
        json.dumps(explanation_json(found, CATALOG, header=label, as_of=DAY), ensure_ascii=False),
    ]
    for each in shown:
        assert secret not in each.replace(CATALOG.digest, "")
        # nor digit by digit, as check steps are written out
        assert secret not in re.sub(r"<[^>]*>|\s", "", each.replace(CATALOG.digest, ""))


def test_a_masked_account_shows_what_a_case_may_show_and_no_more() -> None:
    shown = page(RICH, masked=True)
    for clear in (ID, WRONG, "6217000000000000004", "138-0013-8000", "13800138000", "张三",
                  "91110000600037341L", "Demo1234", "岳麓区", "1905-06-15", "加权和"):  # fmt: skip
        assert clear not in shown
    for visible in ("4301***********016", "138****8000", "湖南省", "相符", "身份证号"):
        assert visible in shown
    plain = re.sub("<[^>]*>", "", shown).replace(CATALOG.digest, "")
    assert not re.search(r"\d{7,}", plain)
    clear = page(RICH, masked=False)
    for value in (ID, WRONG, "6217000000000000004", "岳麓区"):
        assert value in clear


def test_masking_hides_every_hidden_character_of_random_identity_numbers() -> None:
    chance = random.Random(3)
    for _ in range(30):
        value = "430104" + "".join(chance.choice("0123456789") for _ in range(12))
        shown = re.sub("<[^>]*>", "", page(f"身份证号{value}", masked=True))
        assert value[4:14] not in shown
        assert value not in shown


class Strict(HTMLParser):
    """Every tag of the page, which must be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, set[str]]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.seen.append((tag, {name for name, _ in attrs}))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("masked", [True, False])
def test_a_hostile_text_stays_text_in_the_page(text: str, masked: bool) -> None:
    made = page(text, text[:50] or None, masked=masked)
    made.encode()
    parser = Strict()
    parser.feed(made)
    assert parser.open == []
    for tag, attributes in parser.seen:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "href", "style", "action"} & attributes
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2028\u2066-\u2069]", made)
    assert "default-src 'none'; style-src 'sha256-" in made


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_cannot_steer_the_terminal(text: str) -> None:
    shown = everything(told(text, "\x1b[31m\u202e"))
    shown.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2066-\u2069]", shown)


def test_pieces_are_the_text_itself() -> None:
    text = f"身份证号{ID}，手机13912345678，无"
    assert "".join(piece for piece, _ in told(text).read) == text


def test_json_keeps_places_and_says_the_same() -> None:
    found = explain(ENGINE, RICH)
    made = explanation_json(found, CATALOG, header=None, as_of=DAY)
    assert len(made["text"]) == len(RICH) == len(made["folded"])
    for each in made["candidates"]:
        if each["text"] is not None:
            assert RICH[each["start"] : each["end"]] == each["text"]
            assert made["text"][each["start"] : each["end"]] == each["text"]
    outcomes = [each["outcome"] for each in made["candidates"]]
    assert outcomes == [each.outcome for each in found.candidates]


def test_every_step_stage_and_part_has_its_sentence() -> None:
    entries = {name: section(name) for name in ("step", "explain")}
    for found in (explained(example.text, example.label, 0.3)
                  for rule in CATALOG.recognizers
                  for example in (*rule.examples, *rule.counterexamples)):  # fmt: skip
        for each in found.candidates:
            assert all(step.name in entries["step"] for step in each.steps)
            assert all(stage.name in entries["explain"]["stage"] for stage in each.score_stages)
            for rival in (*each.won_over, *((each.lost_to,) if each.lost_to else ())):
                assert rival.decided_by in entries["explain"]["decided"]


def test_nothing_shows_a_value_in_its_repr() -> None:
    found = explain(ENGINE, f"身份证号{ID}")
    for each in (found, *found.candidates, told(f"身份证号{ID}"), Step("a", None, {"v": ID})):
        assert ID not in repr(each)
