"""A user's rules beside the shipped ones; all tests write the same files, compiled only once."""

from pathlib import Path
from typing import Final

#: The rule of the example pack.
MEMBER: Final = (Path(__file__).parents[1] / "examples/pack/shop_rules/member.yaml").read_text(
    "utf-8"
)
KNOWN: Final = """\
id: case.known
entity: WATCHLIST
title: {zh: 布控号码, en: known numbers}
whose: none
bare: H
watch: {file: persons.txt, of: [cn.mobile, qq.number, name.person]}
examples:
  - {text: '手机13800138000', value: '13800138000'}
counterexamples:
  - {text: '手机13800138001'}
"""


def write_member(folder: Path) -> Path:
    """Write the rule of a shop's membership numbers, HY and 8 digits; return the folder."""
    (folder / "member.yaml").write_text(MEMBER, "utf-8")
    return folder


def write_watchlist(folder: Path, listed: str, *, rule: str = KNOWN) -> Path:
    """Write a watch list of known values, one a line, with its rule; return the folder."""
    (folder / "known.yaml").write_text(rule, "utf-8")
    (folder / "persons.txt").write_text(listed, "utf-8")
    return folder
