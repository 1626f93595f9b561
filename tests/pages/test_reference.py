"""Reference pages say everything the rule file says, and are the same whenever they are made."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.recognizer import Example, Recognizer, parse_recognizer
from piiscan.pages.reference import _code_span, area_of, reference_pages, shape_in_words
from piiscan.wording.words import Words, section

CATALOG = load()
PAGES, AGAIN = reference_pages(CATALOG), reference_pages(load())
IDS = [rule.id for rule in CATALOG.recognizers]


@pytest.mark.parametrize("rule", CATALOG.recognizers, ids=IDS)
def test_a_page_holds_every_entry_of_its_rule(rule: Recognizer) -> None:
    page = PAGES[f"{rule.id}.md"]
    lines = page.splitlines()
    assert lines[0].startswith("# ")
    assert lines[2].startswith("*")
    assert re.search("[A-Za-z]", lines[2])
    plain = page.replace("\\", "")
    assert rule.title["zh"].replace("\\", "") in plain
    assert rule.title["en"] in plain
    assert f"`{rule.entity}`" in page
    listed = (*rule.shape, *rule.columns, *rule.ambiguous_columns, *rule.part_columns)
    listed += (*rule.context, *rule.context_reject, *rule.never)
    for each in listed:
        assert _code_span(each) in page
    for example in (*rule.examples, *rule.counterexamples):
        assert _code_span(example.text) in page
        assert example.why.replace("\\", "") in plain
    for reference in rule.references:
        assert reference.replace("\\", "") in plain
    if rule.check:
        assert section("rule_check")[rule.check]["zh"] in page


@pytest.mark.parametrize("rule", CATALOG.recognizers, ids=IDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_shape_can_be_said_in_words(rule: Recognizer, language: str) -> None:
    for shape in rule.shape:
        told = shape_in_words(shape, Words(language))
        assert told
        for sign in ("[0-9]", "(?:", "{", "}"):
            assert sign not in told


def test_shapes_are_told_as_they_are_meant() -> None:
    zh = Words("zh")
    assert shape_in_words("SF[ \\-]?[0-9A-Z][0-9]{12}", zh) == (
        "「SF」，可有空白 - 之一，数字 大写字母 之一，12 个数字"
    )
    assert shape_in_words("(?:AB|CD)\\d{3,5}x+y*\\.", zh) == (
        "（「AB」 或 「CD」），3 至 5 个数字，至少 1 个「x」，任意个「y」，「.」"
    )
    assert shape_in_words("[一-鿿]{2,}[\\]a-]", zh) == "至少 2 个汉字，] a - 之一"
    assert shape_in_words(r"\r\n\t1{2}", zh) == "「\r\n\t」，2 个「1」"


def test_the_index_has_every_page_once_under_its_area() -> None:
    index = PAGES["index.md"]
    for rule in CATALOG.recognizers:
        assert index.count(f"({rule.id}.md)") == 1
    known = section("reference")["area"]
    assert {area_of(rule) for rule in CATALOG.recognizers} <= set(known)


def test_the_vocabulary_names_every_code_in_both_languages() -> None:
    page = PAGES["vocabulary.md"]
    for kind in ("entities", "verdicts", "reasons"):
        for code, entry in CATALOG.vocabulary[kind].items():
            assert f"| `{code}` | {entry['zh']} | {entry['en']} |" in page.replace("\\", "")


def test_the_same_catalogue_gives_the_same_bytes_and_no_place_on_this_machine() -> None:
    assert AGAIN == PAGES
    everything = "".join(PAGES.values())
    assert str(Path(__file__).parents[2]) not in everything


def test_every_check_of_the_catalogue_has_a_sentence() -> None:
    used = {rule.check for rule in CATALOG.recognizers if rule.check}
    assert used == set(section("rule_check"))


def test_what_a_rule_of_ones_own_says_cannot_become_markup() -> None:
    hostile = "<script>alert(1)</script> [x](javascript:1) `a` | \u202e\x00\n# head"
    rule = replace(
        parse_recognizer(
            b"id: own.rule\nentity: ORDER_NO\ntitle: {zh: a, en: b}\nwhose: none\nbare: L\n"
            b"shape: ['AB[0-9]{4}']\n",
            Path("own/rule.yaml"),
        ),
        title={"zh": hostile, "en": hostile},
        references=(hostile,),
        columns=(hostile,),
        examples=(Example(hostile, why=hostile),),
    )  # fmt: skip
    pages = reference_pages(replace(CATALOG, recognizers=(rule,)))
    page = pages["own.rule.md"]
    assert not re.search("[\x00\u202e]", page)
    outside = re.sub("(`+)(?!`).*?(?<!`)\\1(?!`)", "", page)
    assert not re.search(r"(?<!\\)<script", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert page.count("\n# ") == 0

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs) -> None:
            raise AssertionError(tag)

    Tags().feed(outside.replace("\\<", ""))


def test_a_pattern_and_a_watch_list_are_told_as_what_they_are(tmp_path: Path) -> None:
    head = b"entity: ORDER_NO\ntitle: {zh: a, en: b}\nwhose: none\nbare: L\n"
    (tmp_path / "known.txt").write_text("13800138000\n", "utf-8")
    pattern = parse_recognizer(
        b"id: own.pattern\n" + head + b"pattern: ['HY[0-9]{8}']\n", Path("own/p.yaml")
    )
    watch = parse_recognizer(
        b"id: own.watch\n" + head + b"watch: {file: known.txt, of: [cn.mobile]}\n",
        tmp_path / "w.yaml",
    )
    pages = reference_pages(replace(CATALOG, recognizers=(pattern, watch)), language="en")
    assert "regular expressions" in pages["own.pattern.md"]
    assert "`HY[0-9]{8}`" in pages["own.pattern.md"]
    assert "`known.txt`" in pages["own.watch.md"]
    assert "13800138000" not in pages["own.watch.md"]
