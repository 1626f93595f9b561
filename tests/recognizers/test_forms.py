"""Every example of every recognizer is found however it is written, and in nothing longer."""

import random
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pyarrow as pa
import pytest

from piiscan.detect.catalog.catalog import load
from piiscan.detect.catalog.headers import Label, label_of
from piiscan.detect.catalog.recognizer import Recognizer
from piiscan.detect.engine import Engine
from piiscan.detect.self_test import AS_OF
from tests.often import long
from tests.oracles.forms import CONTEXTS, GAPS, INNER_CHANGES, LONGER_TOKENS, QUOTED

DEFAULT, LOW = 0.5, 0.3


class Specimen(NamedTuple):
    """A value as it is written alone."""

    rule: Recognizer
    text: str
    value: str


@cache
def engine() -> Engine:
    return Engine(load(), as_of=AS_OF)


def found(texts: list[str], label: Label | None = None) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = [[] for _ in texts]
    table = engine().find_table(pa.array(texts, pa.string()), label=label, min_score=LOW)
    for row in table.to_pylist():
        assert texts[row["index"]][row["start"] : row["end"]] == row["text"]
        rows[row["index"]].append(row)
    return rows


@cache
def specimens() -> tuple[Specimen, ...]:
    """The spans that examples are found at, once each."""
    seen: dict[tuple[str, str], Specimen] = {}
    for rule in engine().catalog.recognizers:
        for example in rule.examples:
            for row in found([example.text], label_of(engine().catalog, example.label))[0]:
                if row["recognizer"] == rule.id and row["value"] == example.value:
                    seen.setdefault(
                        (rule.id, row["text"]), Specimen(rule, row["text"], row["value"])
                    )
    return tuple(seen.values())


def is_found(specimen: Specimen, rows: list[dict[str, Any]], least: float) -> bool:
    """As itself, or (where nothing speaks for it) at least among the alternatives."""
    for row in rows:
        if row["entity"] == specimen.rule.entity and row["value"] == specimen.value:
            if row["score"] >= least:
                return True
        elif least < DEFAULT:
            lost = {other["entity"] for other in row["alternatives"]}
            if specimen.rule.entity in lost:
                return True
    return False


def running(rule: Recognizer) -> bool:
    """Whether it is looked for in running text, not only behind words or in cells of its own."""
    return not (rule.anchored or rule.whole_cell or rule.span == "digits")


#: Values that a line end breaks have to be set off by more than others; see their own tests.
BROKEN = {"lines", "quoted"}
#: A masked name takes in the Hanzi beside it, an address of version 6 the colons, a password
#: whatever it is written with.
LOOSE = (
    *("masked.name", "net.ip", "account.", "name.", "cn.record_no", "vehicle.engine_no"),
    "biometric.",
)


def ordinary() -> Iterator[Specimen]:
    for specimen in specimens():
        rule = specimen.rule
        if rule.boundary in BROKEN or rule.span == "digits":
            continue
        if not rule.id.startswith(LOOSE):
            yield specimen


@cache
def found_bare() -> tuple[tuple[Specimen, float], ...]:
    """The specimens that are found alone, each with the score it has at least."""
    wanted = [
        (each, DEFAULT if each.rule.bare != "L" else LOW)
        for each in ordinary()
        if running(each.rule)
    ]
    plain = found([each.text for each, _ in wanted])
    return tuple(
        (each, least)
        for (each, least), rows in zip(wanted, plain, strict=True)
        if is_found(each, rows, least)
    )


@cache
def found_behind_words() -> tuple[tuple[Specimen, str], ...]:
    """The specimens that are found behind their first word and a colon, each with that word.

    Without those for which a sign decides, because their values are nobody's: 订单号：19900000008.
    """
    words = [(each, each.rule.context[0]) for each in ordinary() if each.rule.context]
    colon, blank = (found([f"{word}{gap}{each.text}" for each, word in words]) for gap in "： ")
    return tuple(
        both
        for both, rows, other in zip(words, colon, blank, strict=True)
        if is_found(both[0], rows, DEFAULT)
        and (both[0].rule.whose != "none" or is_found(both[0], other, DEFAULT))
    )


@pytest.mark.parametrize("name", sorted({**QUOTED, **CONTEXTS, **INNER_CHANGES}))
def test_a_bare_value_is_found_in_every_form(name: str) -> None:
    form = {**QUOTED, **CONTEXTS, **INNER_CHANGES}[name]
    wanted = found_bare()
    assert len(wanted) > 300
    lost = [
        form(each.text)
        for (each, least), rows in zip(
            wanted, found([form(e.text) for e, _ in wanted]), strict=True
        )
        if not is_found(each, rows, least)
    ]
    assert lost == []


#: Every form with each third column or value, in turn; with all of them in ``make test-long``.
THIRDS = pytest.mark.parametrize("step", [3, long(1)])
CELL_FORMS = sorted({**QUOTED, **INNER_CHANGES})


@THIRDS
@pytest.mark.parametrize("name", CELL_FORMS)
def test_a_cell_is_found_in_every_form(name: str, step: int) -> None:
    form = {**QUOTED, **INNER_CHANGES}[name]
    lost = []
    headers = sorted({each.rule.columns[0] for each in ordinary() if each.rule.columns})
    for header in headers[CELL_FORMS.index(name) % step :: step]:
        own = [each for each in ordinary() if each.rule.columns[:1] == (header,)]
        label = label_of(engine().catalog, header)
        rows = found([form(each.text) for each in own], label)
        lost += [
            form(e.text) for e, r in zip(own, rows, strict=True) if not is_found(e, r, DEFAULT)
        ]
    assert lost == []


#: Ends of sentences are no gap; ``]:`` is itself a word; tags and bare letters are beyond a gap.
BEYOND = {";", "；", "]:", "</th><td>", ""}


WORD_GAPS = sorted(set(GAPS) - BEYOND)


@THIRDS
@pytest.mark.parametrize("gap", WORD_GAPS)
def test_a_value_is_found_behind_its_word(gap: str, step: int) -> None:
    words = found_behind_words()
    assert len(words) > 350
    words = words[WORD_GAPS.index(gap) % step :: step]
    texts = [f"{word}{gap}{each.text}" for each, word in words]
    lost = [
        text
        for (each, _), text, rows in zip(words, texts, found(texts), strict=True)
        if not is_found(each, rows, DEFAULT)
    ]
    assert lost == []


@pytest.mark.parametrize(
    "word",
    [
        "Q\u200bQ：",
        "ＱＱ：",
        "⼿机：",
        "手\u2060机：",
        "\ufeff手机\u200b：",
        "身\u00ad份证：",
        "扣\u200d扣:",
    ],
)
def test_words_are_known_in_their_forms_too(word: str) -> None:
    value = {"Q": "9000000001", "Ｑ": "9000000001", "扣": "9000000001"}.get(word[0])
    (row,) = found([word + (value or ("19900000008" if "机" in word else "430104190506150016"))])[0]
    assert row["context"] is not None
    assert row["score"] >= DEFAULT


@pytest.mark.parametrize("name", sorted(LONGER_TOKENS))
def test_inside_something_longer_there_is_nothing(name: str) -> None:
    whole = [
        each
        for each in ordinary()
        if running(each.rule) and each.text.isdecimal() and each.rule.bare != "L"
    ]
    assert len(whole) > 40
    texts = [LONGER_TOKENS[name](each.text) for each in whole]
    kept = [
        (text, row["recognizer"])
        for each, text, rows in zip(whole, texts, found(texts), strict=True)
        for row in rows
        # a longer number may itself be one: an ICCID of 20 digits, a waybill of 13
        if row["score"] >= DEFAULT and row["value"] == each.value
    ]
    assert kept == []


GROUPED = [
    ("430104190506150016", (6, 14)),
    ("430104190506150016", (6, 10, 14)),
    ("19900000008", (3, 7)),
    ("6217000000000000004", (4, 8, 12, 16)),
]
SEPARATORS = " -–—·.\u00a0\u3000－．‑−\u2009"


@pytest.mark.parametrize(("value", "cuts"), GROUPED)
def test_a_value_is_found_in_every_grouping_and_form(value: str, cuts: tuple[int, ...]) -> None:
    parts = [value[a:b] for a, b in zip((0, *cuts), (*cuts, len(value)), strict=True)]
    forms = {**QUOTED, **CONTEXTS, **INNER_CHANGES}.values()
    texts = [form(mark.join(parts)) for mark in SEPARATORS for form in forms]
    lost = [
        text
        for text, rows in zip(texts, found(texts), strict=True)
        if not any(row["value"] == value and row["score"] >= DEFAULT for row in rows)
    ]
    assert lost == []


PREFIXES = (
    "+86", "86", "0086", "+86 ", "+86-", "86-", "0086-", "0086 ", "(+86)", "（+86）", "(86)",
    "+ 86 ", "0", "+86.", "＋86", "tel:", "tel:+86-", "+86(0)", "(0086)",
)  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_mobile_number_is_found_behind_its_prefix(prefix: str) -> None:
    texts = [prefix + each for each in ("19900000008", "199 0000 0008", "199-0000-0008")]
    for text, rows in zip(texts, found(texts), strict=True):
        assert [(r["entity"], r["value"]) for r in rows] == [("CN_MOBILE", "19900000008")], text


@pytest.mark.parametrize(
    "mark", ["/", ";", "、", "|", " ", "//", ",", "，", "\n", "或", "\t", "&", "（"]
)
def test_two_numbers_in_a_cell_are_two(mark: str) -> None:
    pairs = [
        ("19900000008", "19300000004"),
        ("430104190506150016", "11010519491231002X"),
        ("6217000000000000004", "6228480000000000000"),
        ("0731-80000001", "19900000008"),
    ]
    for pair, rows in zip(pairs, found([mark.join(pair) for pair in pairs]), strict=True):
        assert [row["value"] for row in rows] == list(pair)


@pytest.mark.parametrize("seed", range(3))
def test_numbers_on_lines_of_their_own_are_not_joined(seed: int) -> None:
    rng = random.Random(seed)
    lines = [str(rng.randrange(10**k, 10 ** (k + 1))) for k in rng.choices(range(3, 13), k=3000)]
    rules = {row["recognizer"] for row in found(["\n".join(lines)])[0]}
    assert not {rule for rule in rules if rule.endswith("_broken")}
    valid = ["430104190506150016", "6217000000000000004", "19900000008"] * 5
    rng.shuffle(valid)
    assert [row["value"] for row in found(["\n".join(valid)])[0]] == valid
