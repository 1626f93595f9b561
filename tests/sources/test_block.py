"""Kinds of records have the names by which tables and files call them."""

from piiscan.sources import block


def test_every_kind_is_called_by_its_name() -> None:
    for number, name in enumerate(block.KINDS):
        assert getattr(block, name) == number
