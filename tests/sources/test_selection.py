"""What is left out is what the words name, by kind, path or last part; containers are opened."""

import pytest

from piiscan.errors import PiiscanError
from piiscan.sources.formats import all_formats
from piiscan.sources.selection import EVERYTHING, Selection


@pytest.mark.parametrize(
    ("selection", "kind", "path", "container", "taken"),
    [
        (EVERYTHING, "text", "a.csv", False, True),
        (Selection(only=("sheet",)), "sheet", "a.xls", False, True),
        (Selection(only=("sheet",)), "text", "a.xls", False, False),
        (Selection(only=("sheet",)), "zip", "a.zip", True, True),
        (Selection(only=("*.csv",)), "text", "甲/a.zip!乙/b.csv", False, True),
        (Selection(only=("甲/*",)), "text", "甲/a.txt", False, True),
        (Selection(only=("甲/*",)), "text", "乙/a.txt", False, False),
        (Selection(only=("b.csv",)), "text", "a.zip!b.csv", False, True),
        (Selection(skip=("zip",)), "zip", "a.zip", True, False),
        (Selection(skip=("*.log",)), "text", "a.log", False, False),
        (Selection(skip=("*.LOG",)), "text", "a.log", False, True),
        (Selection(("*.csv",), ("a*",)), "text", "a.csv", False, False),
        (Selection(("*.csv",), ("a*",)), "text", "b.csv", False, True),
    ],
)
def test_what_is_read(
    selection: Selection, kind: str, path: str, container: bool, taken: bool
) -> None:
    assert selection.takes(kind, path, container=container) is taken


def test_a_word_that_names_nothing_is_told() -> None:
    kinds = [each.name for each in all_formats()]
    Selection(("sheet", "*.csv", "甲/乙"), ("a?", "[ab]*")).check(kinds)
    with pytest.raises(PiiscanError) as told:
        Selection(skip=("sheets",)).check(kinds)
    assert told.value.code == "source.no_kind"
    assert "sheet" in told.value.fields["kinds"]  # type: ignore[operator]
