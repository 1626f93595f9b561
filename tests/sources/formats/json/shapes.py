"""The five persons in every shape in which services, exports and scripts have them."""

import json
from typing import Any

from tests.sources.people import HEAD, KEYS, PEOPLE, RECORDS


def text_of(value: Any, indent: int | None = 1) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def hits(records: list[dict[str, str]]) -> dict[str, Any]:
    found = [{"_id": str(at), "_source": record} for at, record in enumerate(records)]
    return {"took": 1, "hits": {"total": 5, "hits": found}}


def entry(record: dict[str, str]) -> dict[str, Any]:
    """A request in an archive of a browser."""
    headers = [{"name": "Host", "value": "a"}, {"name": "X", "value": "b"}]
    params = [{"name": key, "value": value} for key, value in record.items()]
    return {"request": {"headers": headers, "postData": {"params": params}}}


PAGES = [hits(RECORDS[:3]), hits(RECORDS[3:])]
BY_PHONE = {
    record["phone"]: {name: value for name, value in record.items() if name != "phone"}
    for record in RECORDS
}
SHAPES = {
    "page": text_of({"data": {"page": {"list": RECORDS}}}),
    "answer": text_of({"code": 0, "msg": "ok", "data": {"total": 5, "rows": RECORDS}}),
    "rest last": text_of({"data": {"rows": RECORDS, "size": {"a": 1}}, "code": 0}),
    "scroll": text_of(PAGES),
    "scroll lines": "\n".join(text_of(page, None) for page in PAGES),
    "departments": text_of(
        [{"dept": "甲", "staff": RECORDS[:3]}, {"dept": "乙", "staff": RECORDS[3:]}]
    ),
    "HAR": text_of({"log": {"version": "1.2", "entries": list(map(entry, RECORDS))}}),
    "columns": text_of(
        {"data": {"n": 5, "columns": dict(zip(KEYS, zip(*PEOPLE, strict=True), strict=True))}}
    ),
    "columns of pandas": text_of(
        {
            key: dict(enumerate(cells))
            for key, cells in zip(KEYS, zip(*PEOPLE, strict=True), strict=True)
        }
    ),
    "split, with an index": text_of({"columns": KEYS, "index": [1, 2, 3, 4, 5], "data": PEOPLE}),
    "columns and rows": text_of({"columns": KEYS, "rows": PEOPLE}),
    "rows and header": text_of({"code": 0, "data": {"data": PEOPLE, "header": HEAD}}),
    "matrix": text_of([HEAD, *PEOPLE]),
    "matrix without header": text_of(PEOPLE),
    "keys are phones": text_of(BY_PHONE),
    "keys are phones, one line": text_of({"data": BY_PHONE}, None),
    "keys are phones, a line each": "\n".join(text_of({k: v}, None) for k, v in BY_PHONE.items()),
    "keys are names": text_of({"data": {person[0]: person[1:] for person in PEOPLE}}),
    "keys in keys": text_of({p: {n: {"idcard": c, "address": a}} for n, c, p, a in PEOPLE}),
    "names above phones": text_of({"a": {n: {p: f"{c} {a}"} for n, c, p, a in PEOPLE}}),
    "departments of keys": text_of({"甲": {"一科": {p: {n: [c, a]} for n, c, p, a in PEOPLE}}}),
    "names, a line each": "\n".join(text_of({n: f"{p},{c},{a}"}, None) for n, c, p, a in PEOPLE),
    "keys are numbers": text_of({f"u{at}": record for at, record in enumerate(RECORDS)}),
    "variable": f"var x = {text_of(RECORDS)};\nvar y = [];\n",
    "callback": f"/**/jQuery1_2({text_of({'data': RECORDS}, None)});",
    "window": f"window.__DATA__ = {text_of({'list': RECORDS}, None)};",
    "list in a string": text_of({"body": text_of({"data": {"list": RECORDS}}, None), "n": 1}),
    "commas before": "\n,".join(text_of(record, None) for record in RECORDS),
    "commas behind": "\ufeff" + ",\n".join(text_of(record, None) for record in RECORDS),
}
