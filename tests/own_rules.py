"""A user's rules beside the shipped ones; all tests write the same files, compiled only once."""

from pathlib import Path
from typing import Final

MEMBER: Final = """\
id: shop.member
entity: ORDER_NO
title: {zh: 会员编号, en: Membership number}
whose: person
bare: H
references: [Shop A, card rules 2024]
shape: ['HY[0-9]{8}']
boundary: word
value: {keep: alnum}
examples: [{text: HY12345678, value: HY12345678}]
counterexamples: [{text: HY1234567, why: too short}]
"""
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
