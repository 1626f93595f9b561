"""Tier cells: columns of the tier tables, and the words for the codes in them.

The titles of lines and categories come from the rules. A case stores them, so that its tables can
be printed without the rule files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from piiscan.case.tiers import policy as policies_of
from piiscan.case.tiers import sensitivity as sensitivities_of
from piiscan.case.tiers.policy import NO_LINE, UNMAPPED, Policy
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
WORDED_COLUMNS: Final = frozenset(
    {
        "also", "category", "contested", "headers", "information", "insider", "note", "policy",
        "row_tier", "rule_part", "scenario", "sensitive", "sensitive_class", "tier", "without",
    }
)  # fmt: skip
#: Numeric columns.
NUMERIC: Final = frozenset(
    {"amount", "count", "default_ratio", "multiple", "ratio", "threshold", "unpriced"}
)


def rule_words(
    policies: Iterable[Policy], profiles: Iterable[Sensitivity] = ()
) -> dict[str, Mapping[str, str]]:
    """Return rule id (``POLICY.LINE``) -> title by language, for all rules and their parts."""
    words: dict[str, Mapping[str, str]] = {}
    for policy in policies:
        words |= policies_of.policy_names(policy)
    for profile in profiles:
        words |= sensitivities_of.sensitivity_names(profile)
    return words


def add_rule_names(words: Words, rules: Mapping[str, Mapping[str, str]]) -> Words:
    """Return ``words`` with the titles of ``rules`` added."""
    return Words(words.language, {**words.vocabulary, "rules": rules})


def tier_notes(words: Words) -> list[str]:
    """Return the notes on how to read the tier tables."""
    return [
        words(f"tiers.{key}") for key in ("ratio", "rounding", "row_tier", "scenarios", "money")
    ]


def tier_cell(column: str, row: Mapping[str, Any], words: Words) -> str:
    """Return one cell of a column in WORDED_COLUMNS as text in the language of ``words``."""
    value = row[column]
    if column == "category" and value is None and row.get("ratio") is not None:
        name = words.name("rules", row["policy"])
        return "" if "scenario" in row else words("tiers.total", policy=name)
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
            name = words.name("entities", value)
            return name if name != value else _name_in_any_rule(value, words)
    if isinstance(value, list):
        return "、".join(_rule_name(each, row, words) for each in value)
    return _rule_name(value, row, words)


def _rule_name(name: str, row: Mapping[str, Any], words: Words) -> str:
    """Return the title of a line or category in the row's policy."""
    if name in (NO_LINE, UNMAPPED):
        return words(f"tiers.{name}")
    if "policy" not in row:
        return _name_in_any_rule(name, words)
    return words.name("rules", f"{row['policy']}.{name}")


def _name_in_any_rule(name: str, words: Words) -> str:
    """Return the category's title in the first policy that has it, else ``name``."""
    rules = words.vocabulary.get("rules", {})
    found = next((key for key in sorted(rules) if key.endswith(f".{name}")), None)
    return name if found is None else words.name("rules", found)
