"""A small catalogue, so that tests of the engine's rules do not hang on shipped files."""

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from piiscan.detect.catalog.catalog import Catalog
from piiscan.detect.catalog.headers import label_of
from piiscan.detect.catalog.recognizer import parse_recognizer
from piiscan.detect.engine import Engine

FILES = {
    "phone": """
id: t.phone
entity: PHONE
title: {zh: 电话, en: phone}
whose: person
bare: H
shape: ['(?:\\+?86[ \\-]?)?1[3-9][0-9]{9}', '1[3-9][0-9] [0-9]{4} [0-9]{4}']
value: {keep: digits, last: 11}
outranks: 25
columns: [手机, 电话]
context: [手机, 电话]
""",
    "card": """
id: t.card
entity: CARD
title: {zh: 卡号, en: card}
whose: person
bare: M
shape: ['[0-9]{16}']
value: {keep: digits}
outranks: 35
columns: [卡号]
ambiguous_columns: [kh]
context: [卡号, 银行卡]
context_reject: [许可证]
""",
    "number": """
id: t.number
entity: NUMBER
title: {zh: 编号, en: number}
whose: none
bare: L
shape: ['[0-9]{8,20}']
value: {keep: digits}
columns: [编号]
context: [编号, 单号]
""",
    "qq": """
id: t.qq
entity: QQ
title: {zh: QQ, en: QQ}
whose: person
bare: L
anchored: true
shape: ['[1-9][0-9]{4,10}']
value: {keep: digits}
columns: [qq]
context: [QQ, 扣扣]
""",
    "name": """
id: t.name
entity: NAME
title: {zh: 姓名, en: name}
whose: person
bare: L
boundary: none
whole_cell: true
shape: ['[一-鿿]{2,4}', '[一-鿿]{2,10}[·．][一-鿿]{2,10}']
value: {keep: text, replace: {'．': '·'}}
columns: [姓名]
never: [先生]
""",
}


def catalogue(*names: str) -> Catalog:
    """The catalogue of ``names`` (all if none are given)."""
    files = [
        parse_recognizer(FILES[name].encode(), Path(f"{name}.yaml")) for name in (names or FILES)
    ]
    vocabulary: dict[str, Any] = {
        "entities": {r.entity: r.title for r in files},
        "other_columns": {"amount": ["金额"]},
        "roles": {"sender": {"zh": "寄件人", "en": "sender", "words": ["寄件"]}},
    }
    ordered = tuple(sorted(files, key=lambda r: r.id))
    return Catalog(ordered, vocabulary, "test:" + ",".join(sorted(names or FILES)))


def found(text: str, *, label: str | None = None, **options: Any) -> list[dict[str, Any]]:
    """Findings of one text as rows."""
    catalog = catalogue()
    engine = Engine(catalog, as_of=datetime.date(2026, 1, 1))
    table = engine.find_table(pa.array([text]), label=label_of(catalog, label), **options)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def brief(text: str, **options: Any) -> list[tuple[str, str, float]]:
    """(entity, value, score) of the findings of one text."""
    return [(row["entity"], row["value"], row["score"]) for row in found(text, **options)]
