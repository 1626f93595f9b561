"""A document over the budget has the records that it has within it, whatever the window."""

import json

import pytest

from piiscan.sources.formats.json import long_document
from piiscan.sources.formats.json.json_document import InvalidJson, Record, read_records
from piiscan.sources.formats.json.long_document import read_long_records
from piiscan.sources.limits import Budget
from tests.sources.people import PEOPLE, RECORDS
from tests.sources.tables import cells_of, read_one

DOCUMENTS = {
    "list": RECORDS,
    "navicat": {"RECORDS": RECORDS},
    "beside": {"code": "0", "data": {"page": {"list": RECORDS, "n": "5"}}, "msg": "ok [5] [x"},
    "nested": {"data": [{"id": "1", "users": RECORDS}]},
    "empty": {"RECORDS": []},
}


def short(cells: list[str]) -> int:
    return len({"name", "phone", "idcard", "address"}.intersection(cells))


def people(records: list[Record | InvalidJson]) -> list[tuple[int, list[str]]]:
    """Lines and values of the records with a name."""
    return [
        (each[0], list(each[1].values()))
        for each in records
        if not isinstance(each, InvalidJson) and "name" in str(each[1])
    ]


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("window", [1, 7, 100, 10_000])
def test_records_in_a_window(
    monkeypatch: pytest.MonkeyPatch, name: str, indent: int | None, window: int
) -> None:
    monkeypatch.setattr(long_document, "_WINDOW", window)
    text = json.dumps(DOCUMENTS[name], ensure_ascii=False, indent=indent)
    wanted = list(read_records(text, count_names=short))
    found = list(read_long_records(iter(pieces(text, 3)), short))
    assert people(found) == people(wanted)
    assert not any(isinstance(each, InvalidJson) for each in found)


@pytest.mark.parametrize("separator", ["", "\n", ",\n"])
def test_objects_one_after_the_other(monkeypatch: pytest.MonkeyPatch, separator: str) -> None:
    monkeypatch.setattr(long_document, "_WINDOW", 400)
    text = separator.join(json.dumps(each, ensure_ascii=False, indent=1) for each in RECORDS * 9)
    found = list(read_long_records(iter(pieces(text, 50)), short))
    assert found == list(read_records(text, count_names=short))


@pytest.mark.parametrize("window", [1, 300])
def test_the_rest_behind_an_error_is_text(monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(long_document, "_WINDOW", window)
    text = json.dumps(RECORDS[:2], ensure_ascii=False) + "\nx 13800138000\n" + "a," * 90_000 + "\ny"
    found = list(read_long_records(iter(pieces(text, 1000)), short))
    assert found[2] == InvalidJson(2)
    rest = [each for each in found[3:] if not isinstance(each, InvalidJson)]
    assert rest[0] == (2, {"": "x 13800138000"})
    assert "".join(cells[""] for _, cells in rest[1:]) == "a," * 90_000 + "y"
    assert max(len(cells[""]) for _, cells in rest) <= 64 << 10


def test_five_people_over_the_budget_are_five_rows() -> None:
    text = json.dumps({"RECORDS": RECORDS, "total": 5}, ensure_ascii=False)
    table, blocks, troubles = read_one(text, budget=Budget(json=100))
    assert troubles == []
    assert (table.headers or [])[:4] == list(RECORDS[0])
    assert [row[:4] for row in cells_of(blocks)[:5]] == PEOPLE
