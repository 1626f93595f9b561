"""Hostile texts, and the invariants of all findings in them."""

import random
from typing import Any

import pyarrow as pa

from piiscan.arrow_strings import as_array
from piiscan.detect.engine import Engine

BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2002\u2003\u2007\u2009\u200a\u2028\u2029\u202f"
BLANKS += "\u205f\u2800\u3000\u3164"
INVISIBLE = "\xad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066"
INVISIBLE += "\u2069\ufe0f\ufeff\U000e0041"
ODD = "\0\x01\x1b\x7f\x80\u0300\u20e3①²Ⅹ\ud800\udfff\ufffd\uffff𠀀𝟗😀\U0010ffff"
PUNCTUATION = "-–—‑−·.．,，、;；:：/\\|()（）[]【】<>\"'“”=@#*×_+%¥￥$元&?!。"
CHARACTERS = (
    BLANKS + INVISIBLE + ODD + PUNCTUATION + "0123456789０９〇一幺八xXеаАA⼿手机号身份证京湘"
)


def pieces(engine: Engine) -> list[str]:
    """Return pieces of texts: examples of every recognizer, context words and odd characters."""
    rules = engine.catalog.recognizers
    examples = [e.text for r in rules for e in (*r.examples, *r.counterexamples)]
    words = [word for r in rules for word in r.context]
    return [*examples, *words, *CHARACTERS * 4, "1" * 40, "1381", "6217000", "----", "{{", "\r\n"]


def random_text(choices: list[str], rng: random.Random) -> str:
    """Return a text of up to a dozen pieces, some of them cut, repeated or damaged."""
    parts = []
    for _ in range(rng.randrange(1, 12)):
        part = rng.choice(choices)
        damage = rng.random()
        if damage < 0.1:
            part = part[rng.randrange(len(part)) :]
        elif damage < 0.2:
            at = rng.randrange(len(part) + 1)
            part = part[:at] + rng.choice(CHARACTERS) + part[at:]
        elif damage < 0.22:
            part *= rng.randrange(2, 30)
        parts.append(part)
    return "".join(parts)


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a FOUND table with its texts as bytes.

    A str cannot be made of lone surrogates.
    """
    plain = {name: table[name] for name in table.column_names if name != "alternatives"}
    for name in ("text", "value"):
        plain[name] = plain[name].cast(pa.binary())
    alternatives = [len(each) for each in table["alternatives"]]
    return [
        {**row, "lost": n} for row, n in zip(pa.table(plain).to_pylist(), alternatives, strict=True)
    ]


def assert_consistent(engine: Engine, texts: list[str]) -> int:
    """Assert that offsets are right and that all routes agree. Return the number of findings."""
    options: dict[str, Any] = {"min_score": 0.3, "rejected": True}
    together = rows_of(engine.find_table(as_array(texts), **options))
    assert together == rows_of(engine.find_table(as_array(texts), chunk=1, **options))
    alone = []
    for number, text in enumerate(texts):
        found = rows_of(engine.find_table(as_array([text]), **options))
        alone += [{**row, "index": number} for row in found]
    assert together == alone
    for row in together:
        text = texts[row["index"]]
        assert 0 <= row["start"] < row["end"] <= len(text)
        surface = text[row["start"] : row["end"]].encode("utf-8", "surrogatepass")
        assert row["text"] == surface
        assert row["byte_start"] == len(text[: row["start"]].encode("utf-8", "surrogatepass"))
        assert 0.0 <= row["score"] <= 1.0
    return len(together)
