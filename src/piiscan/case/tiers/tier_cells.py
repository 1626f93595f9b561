"""Rows of tiers, compositions and sensitivity as cells: their columns, and what codes are called.

Names of lines and categories are the rules' own; a case keeps them, so that its tables can be put
into words without the files of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from piiscan.case.tiers import policy as policies_of
from piiscan.case.tiers import sensitivity as sensitivities_of
from piiscan.case.tiers.policy import NONE, UNMAPPED, Policy
from piiscan.case.tiers.sensitivity import Sensitivity
from piiscan.pages.wording import Words

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "tiers": (
        "policy", "insider", "row_tier", "category", "tier", "count", "threshold", "ratio", "exact",
        "multiple", "basis", "contested", "note",
    ),
    "tier_scenarios": (
        "policy", "insider", "row_tier", "scenario", "category", "tier", "count", "ratio", "exact",
        "multiple", "default_ratio",
    ),
    "tier_money": (
        "policy", "insider", "amount", "unpriced", "threshold", "ratio", "exact", "basis",
        "contested", "note",
    ),
    "tier_rules": (
        "policy", "version", "rule_part", "category", "threshold", "tier", "also", "basis",
        "contested", "note", "sha256",
    ),
    "compositions": ("path", "member", "headers", "category", "without", "reason", "author"),
    "proposals": ("path", "member", "category", "headers"),
    "sensitivity": (
        "policy", "version", "information", "count", "sensitive", "sensitive_class", "basis",
        "contested", "note",
    ),
}  # fmt: skip

#: Columns whose cells :func:`tier_cell` puts into words.
CELLS: Final = frozenset(
    {
        "also", "category", "contested", "headers", "information", "insider", "note", "policy",
        "row_tier", "rule_part", "scenario", "sensitive", "sensitive_class", "tier", "without",
    }
)  # fmt: skip
#: Columns of numbers.
NUMERIC: Final = frozenset(
    {"amount", "count", "default_ratio", "multiple", "ratio", "threshold", "unpriced"}
)


def rule_words(
    policies: Iterable[Policy], profiles: Iterable[Sensitivity] = ()
) -> dict[str, Mapping[str, str]]:
    """Names of all that rows refer to: ``vocabulary["rules"]`` of :class:`Words`."""
    words: dict[str, Mapping[str, str]] = {}
    for policy in policies:
        words |= policies_of.vocabulary(policy)
    for profile in profiles:
        words |= sensitivities_of.vocabulary(profile)
    return words


def with_rules(words: Words, rules: Mapping[str, Mapping[str, str]]) -> Words:
    """The wording with the names of rules added."""
    return Words(words.language, {**words.vocabulary, "rules": rules})


def tier_notes(words: Words) -> list[str]:
    """How the tables are to be read, once for all of them."""
    return [
        words(f"tiers.{key}") for key in ("ratio", "rounding", "row_tier", "scenarios", "money")
    ]


def tier_cell(column: str, row: Mapping[str, Any], words: Words) -> str:
    """One cell of CELLS in words."""
    value = row[column]
    if column == "category" and value is None and row.get("ratio") is not None:
        named = words.name("rules", row["policy"])
        return "" if "scenario" in row else words("tiers.total", policy=named)
    if value is None:
        return ""
    match column:
        case "policy":
            return words.name("rules", value)
        case "row_tier" | "scenario" | "rule_part":
            return words(f"{column}.{value.replace('-', '_')}")
        case "insider" | "contested" | "sensitive":
            return words("answer.true" if value else "answer.false")
        case "headers":
            return "、".join(value)
        case "note" if value == "dropped":
            return words("tiers.dropped")
        case "note":
            return words.name("rules", f"{row['policy']}.{value}.note")
        case "information":
            named = words.name("entities", value)
            return named if named != value else _any_rule(value, words)
    if isinstance(value, list):
        return "、".join(_named(each, row, words) for each in value)
    return _named(value, row, words)


def _named(name: str, row: Mapping[str, Any], words: Words) -> str:
    """What a line or category of the row's policy is called."""
    if name in (NONE, UNMAPPED):
        return words(f"tiers.{name}")
    if "policy" not in row:
        return _any_rule(name, words)
    return words.name("rules", f"{row['policy']}.{name}")


def _any_rule(name: str, words: Words) -> str:
    """A category's name in the first policy that has it, else itself."""
    rules = words.vocabulary.get("rules", {})
    found = next((key for key in sorted(rules) if key.endswith(f".{name}")), None)
    return name if found is None else words.name("rules", found)
