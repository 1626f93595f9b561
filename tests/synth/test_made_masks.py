"""Masked copies: what was whole is hidden, and what hides is counted under what it hides."""

from __future__ import annotations

import pyarrow as pa
import pytest

from piiscan.synth.planted_cells import blank_cells, mask_cells, plant


@pytest.mark.parametrize(
    ("text", "form", "masked"),
    [
        ("19900001234", "masked_3_4", "199****1234"),
        ("430104190506150016", "masked_6_4", "430104********0016"),
        ("张小明", "masked_star", "张*"),
    ],
)
def test_the_middle_is_hidden(text: str, form: str, masked: str) -> None:
    cells = mask_cells(plant(pa.array([text]), "CN_MOBILE"), form)
    assert cells.text.to_pylist() == [masked]
    (marks,) = cells.planted
    assert (marks.entity, marks.of, marks.form) == ("MASKED", "CN_MOBILE", form)
    assert marks.value.to_pylist() == [text]
    assert marks.end.tolist() == [len(masked)]


def test_a_number_is_masked_as_it_is_meant() -> None:
    cells = plant(pa.array(["+86 199 0000 1234"]), "CN_MOBILE", value=pa.array(["19900001234"]))
    assert mask_cells(cells, "masked_3_4").text.to_pylist() == ["199****1234"]


def test_empty_and_damaged_cells_stay_what_they_are() -> None:
    damaged = plant(pa.array(["1.99E+10", "1.98E+10"]), "DAMAGED", original_entity="CN_MOBILE")
    cells = blank_cells(damaged, pa.array([True, False]).to_numpy(zero_copy_only=False))
    assert mask_cells(cells, "masked_3_4").text.to_pylist() == ["", "1.98E+10"]
