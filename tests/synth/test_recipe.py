"""Recipes are strict: what is not understood is refused, with the place."""

from __future__ import annotations

from typing import Any

import pytest

from piiscan.errors import PiiscanError
from piiscan.synth import recipe, recipe_names

SOUND: dict[str, Any] = {
    "title": {"zh": "试", "en": "try"},
    "rows": 10,
    "values": {"phone": {"kind": "mobile"}},
    "files": [{"path": "a.csv", "format": "table", "columns": [{"手机": "phone"}]}],
}


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_of_the_folder_loads(name: str) -> None:
    made = recipe.load_recipe(name)
    assert made.rows > 0
    assert set(made.title) == {"zh", "en"}


def test_the_corpora_of_the_readme_are_there() -> None:
    assert set(recipe_names()) == {
        *("appliance-delivery", "mixed-folder", "prose", "sale-7967"),
        *("sms-codes", "three-party", "waybill", "wechat-4300"),
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown key 'colour'"),
        ({"files": [{"path": "a", "format": "table", "width": 3}]}, "unknown key 'width'"),
        ({"files": [{"path": "a", "format": "pdf"}]}, "needs path and format"),
        ({"files": [{"path": "a", "format": "table", "columns": [{"x": "nothing"}]}]}, "'nothing'"),
        ({"files": [{"path": "a", "format": "lines", "quote": "odd"}]}, "quote is"),
        (
            {
                "files": [
                    {"path": "a", "format": "table", "parts": [{"of": "b", "from": 0, "to": 1}]}
                ]
            },
            "no earlier table",
        ),
        ({"values": {"a": {"kind": "spell"}}}, "no kind 'spell'"),
        ({"values": {"a": {"kind": "mobile", "colour": 1}}}, "colour"),
        ({"values": {"a": {"kind": "mobile", "wrap": {"ribbon": 1}}}}, "no wrap 'ribbon'"),
        ({"values": {"a": {"texts": ["{b}"]}, "b": {"texts": ["{a}"]}}}, "contains itself"),
        ({"values": {"a": {"texts": ["{nothing}"]}}}, "no value 'nothing'"),
        ({"values": {"a": {"kind": "text"}}}, "a text has only"),
    ],
)
def test_what_is_not_understood_is_refused(change: dict[str, Any], message: str) -> None:
    recipe.parse_recipe(SOUND, name="try")
    with pytest.raises(PiiscanError, match=message):
        recipe.parse_recipe(SOUND | change, name="try")


def test_an_unknown_corpus_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PiiscanError, match="sale-7967"):
        recipe.load_recipe("sale-1")
